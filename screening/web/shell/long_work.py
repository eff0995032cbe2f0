"""Work of many seconds: its page is sent while it goes on, and says how much is done.

A page that is left stops its work. Nothing is kept of it, so the next one begins again.
"""

import logging
from collections.abc import Callable, Generator, Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from contextvars import copy_context
from typing import Any, Generic, TypeVar

from flask import Response, request, stream_template

from screening.log_lines import where

EVERY = 1.0
"""Seconds between two lines on a page; work that takes less shows none."""

log = logging.getLogger(__name__)
Watch = Callable[[int, int], None]
"""Is called with how much is done, and with how much there is."""
T = TypeVar("T")
R = TypeVar("R")


class _LeftError(Exception):
    """Nobody waits for the work any more."""


class LongWork(Generic[T, R]):
    """Work that a template waits for with ``steps``; then ``result`` is there, or ``failed``."""

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
        self.failed = False

    def steps(self) -> Generator[tuple[int, int]]:
        """Give how much is done and how much there is, at first and once a second until the end."""
        yield self._done
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
            fault = type(error).__name__
            log.error("%s at %s: %s", fault, request.endpoint, where(error))  # noqa: TRY400 - no texts
            self.failed = True

    def send(self) -> str:
        """Let what is made so far be sent; gives nothing to show."""
        self.sends = True
        return ""

    def _watch(self, done: int, total: int) -> None:
        if self._left:
            raise _LeftError
        self._done = (done, total)


def stream_page(name: str, work: LongWork[Any, Any], **context: object) -> Response:
    """A page that is sent as far as it is made; its template includes shell/parts/long_work.html.

    Args:
        name: the template.
        work: the work that the page waits for.
        context: what else the template needs.
    """
    pieces = stream_template(name, work=work, **context)
    answer = Response(_parts(pieces, work), mimetype="text/html")
    answer.headers["X-Accel-Buffering"] = "no"  # some proxies would keep it until it is whole
    return answer


def _parts(pieces: Iterator[str], work: LongWork[Any, Any]) -> Iterator[str]:
    """The pieces of a page, put together up to each place where ``work`` lets them be sent."""
    held: list[str] = []
    for piece in pieces:
        held.append(piece)
        if work.sends:
            work.sends = False
            yield "".join(held)
            held.clear()
    yield "".join(held)
