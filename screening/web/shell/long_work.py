"""Work of many seconds: its page is sent while it goes on, and says how much is done.

A page that is left stops its work. Nothing is kept of it, so the next one begins again.
"""

import html
import logging
from collections.abc import Callable, Generator, Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import contextmanager
from contextvars import copy_context
from threading import Lock
from typing import Any, Generic, TypeVar

from flask import Response, request, stream_template, stream_with_context

from screening.log_lines import where
from screening.translation import gettext, mark

EVERY = 1.0
"""Seconds between two lines on a page; work that takes less shows none."""

BUSY = mark(
    "The server is busy with another long task, or is stopping one because its page was closed. Try"
    " again in a minute."
)
BROKE_OFF = mark(
    "This page stopped loading because of an error, so it is not complete. Do not rely on it. Tell"
    " the people who run this service."
)
log = logging.getLogger(__name__)
_going_on = Lock()
Watch = Callable[[int, int], None]
"""Is called with how much is done, and with how much there is."""
T = TypeVar("T")
R = TypeVar("R")


class _LeftError(Exception):
    """Nobody waits for the work any more."""


class LongWork(Generic[T, R]):
    """Work that a template waits for with ``steps``.

    Then ``result`` is there, unless it ``failed`` or was not begun, as the process was ``busy``.
    """

    def __init__(self, work: Callable[[Watch], T], show: Callable[[T], R]) -> None:
        """Take the work, which nothing begins before ``steps`` is read.

        Args:
            work: does it, in a thread of its own, and calls what it is given now and then.
            show: makes what the page shows of its outcome.
        """
        self._work = work
        self._show = show
        self._done = (0, 0)
        self._left = False
        self.sends = False
        self.result: R | None = None
        self.failed = self.busy = False

    def steps(self) -> Generator[tuple[int, int]]:
        """Give how much is done and how much there is, at first and once a second until the end."""
        yield self._done
        with one_at_a_time() as free:
            self.busy = not free
            if free:
                yield from self._progress()

    def _progress(self) -> Generator[tuple[int, int]]:
        with ThreadPoolExecutor(max_workers=1) as thread:
            going = thread.submit(copy_context().run, self._work, self._watch)
            try:
                while wait([going], timeout=EVERY).not_done:
                    yield self._done
            finally:
                self._left = True
        try:
            self.result = self._show(going.result())
        except Exception as error:  # noqa: BLE001 - half of the page has been sent
            _log(error)
            self.failed = True

    def send(self) -> str:
        """Let what is made so far be sent; gives nothing to show."""
        self.sends = True
        return ""

    def _watch(self, done: int, total: int) -> None:
        if self._left:
            raise _LeftError
        self._done = (done, total)


@contextmanager
def one_at_a_time() -> Generator[bool]:
    """Give True if no other long work goes on in this process, whose threads serve nurses too."""
    free = _going_on.acquire(blocking=False)
    try:
        yield free
    finally:
        if free:
            _going_on.release()


def is_busy() -> bool:
    """True if long work goes on in this process."""
    return _going_on.locked()


def stream_page(name: str, work: LongWork[Any, Any], **context: object) -> Response:
    """A page that is sent as far as it is made; its template includes shell/parts/long_work.html.

    Args:
        name: the template.
        work: the work that the page waits for.
        context: what else the template needs.
    """
    pieces = stream_template(name, work=work, **context)
    answer = Response(stream_with_context(_parts(pieces, work)), mimetype="text/html")
    answer.headers["X-Accel-Buffering"] = "no"  # some proxies would keep it until it is whole
    return answer


def _parts(pieces: Iterator[str], work: LongWork[Any, Any]) -> Iterator[bytes]:
    """The pieces of a page, put together up to each place where ``work`` lets them be sent.

    What somebody wrote into the database may not even be text: its bytes are shown escaped.
    """
    held: list[str] = []
    try:
        for piece in pieces:
            held.append(piece)
            if work.sends:
                work.sends = False
                yield _bytes(held)
                held.clear()
    except Exception as error:  # noqa: BLE001 - half of the page has been sent
        _log(error)
        said = html.escape(gettext(BROKE_OFF))
        held.append(f'<p class="message message--error" role="alert"><strong>{said}</strong></p>')
    yield _bytes(held)


def _bytes(pieces: list[str]) -> bytes:
    return "".join(pieces).encode("utf-8", "backslashreplace")


def _log(error: Exception) -> None:
    log.error("%s at %s: %s", type(error).__name__, request.endpoint, where(error))
