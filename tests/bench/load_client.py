"""Browsers that put a load on a server, and servers in processes of their own."""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection
from threading import Thread
from urllib.parse import urlencode

READERS = 8
ENDS_WITHIN = 60.0
IDLE = 15.0
FORM_TYPE = {"Content-Type": "application/x-www-form-urlencoded"}

Request = tuple[str, Sequence[tuple[str, str]] | None]


@dataclass
class Reader:
    """A browser: one connection, and its cookies."""

    port: int
    cookies: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._line = HTTPConnection("127.0.0.1", self.port, timeout=120)
        self._used = time.monotonic()

    def ask(self, address: str, data: Sequence[tuple[str, str]] | None = None) -> tuple[int, bytes]:
        """The status and the body of a page; it is posted to if there are data."""
        body = None if data is None else urlencode(data)
        cookie = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        headers = {"Cookie": cookie} | (FORM_TYPE if body is not None else {})
        if time.monotonic() > self._used + IDLE:  # the server closes what waits for long
            self._line.close()
        self._line.request("POST" if body is not None else "GET", address, body, headers)
        answer = self._line.getresponse()
        for each in answer.headers.get_all("Set-Cookie") or ():
            name, _, value = each.partition(";")[0].partition("=")
            self.cookies[name] = value
        read, self._used = answer.read(), time.monotonic()
        return answer.status, read

    def page(self, address: str) -> str:
        """A page that must be there."""
        status, body = self.ask(address)
        assert status == 200, (address, status)
        return body.decode()

    def close(self) -> None:
        """End the connection."""
        self._line.close()

    def copy(self) -> "Reader":
        """Another connection of the same browser."""
        return Reader(self.port, dict(self.cookies))


@contextmanager
def process(words: Sequence[str], **environ: str) -> Iterator[int]:
    """A server in a process of its own; gives its port once it says where it runs."""
    path = os.pathsep.join(sys.path)
    running = subprocess.Popen(
        [sys.executable, *words],
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONPATH": path} | environ,
    )
    try:
        assert running.stdout is not None
        said = next(iter(running.stdout))
        found = re.search(r"http://127\.0\.0\.1:(\d+)/", said)
        assert found, said
        yield int(found[1])
    finally:
        running.send_signal(signal.SIGTERM)
        running.communicate(timeout=ENDS_WITHIN)


def waits(reader: Reader, request: Request, seconds: float) -> list[float]:
    """Ask for a page by many connections; gives how many milliseconds each answer took.

    Each connection asks at least once, however short the time.
    """
    taken: list[float] = []
    until = time.perf_counter() + seconds

    def read() -> None:
        with closing(reader.copy()) as own:
            began = time.perf_counter()
            while True:
                status, _ = own.ask(*request)
                assert status == 200, (request[0], status)
                taken.append((time.perf_counter() - began) * 1000)
                if (began := time.perf_counter()) >= until:
                    break

    at_once([read] * READERS)
    return taken


def at_once(work: Sequence[Callable[[], None]]) -> None:
    """Do all of it, each part in a thread of its own."""
    running = [Thread(target=each) for each in work]
    for each in running:
        each.start()
    for each in running:
        each.join()


def percentile(taken: Sequence[float], share: float) -> float:
    """The wait that this share of the answers did not exceed."""
    return sorted(taken)[min(len(taken) - 1, int(share * len(taken)))]
