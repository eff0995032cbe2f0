"""A server on a free port of this machine, the time that its answers take, and slow clients."""

import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Thread

from screening.web.service.server import Server

SLOW = Path(__file__).with_name("slow.py")
PATIENCE = 5.0
GET = b"GET /page HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n"


@contextmanager
def running(server: Server) -> Iterator[int]:
    """The port of a server that runs in a thread until the end."""
    thread = Thread(target=server.run, daemon=True)
    thread.start()
    try:
        yield int(server.effective_port)
    finally:
        server.stop()
        thread.join(30)
        assert not thread.is_alive()


@contextmanager
def slow_clients(port: int, count: int, seconds: float) -> Iterator[Callable[[], str]]:
    """So many slow connections, of every kind; a function waits for the end and tells of it."""
    command = [sys.executable, str(SLOW), str(port), str(count), str(seconds)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout
            assert process.stdout.readline() == "ready\n"
            yield lambda: process.communicate(timeout=seconds + 10)[0]
        finally:
            process.kill()


def timed(port: int, request: bytes = GET) -> float:
    """The seconds until an ordinary request is answered whole; infinite if it is not."""
    begin = time.perf_counter()
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE) as asking:
            asking.sendall(request)
            answer = b"".join(iter(lambda: asking.recv(65536), b""))
    except OSError:
        return float("inf")
    return time.perf_counter() - begin if answer.startswith(b"HTTP/1.1 200") else float("inf")


def answer_times(port: int, seconds: float) -> list[float]:
    """How long ordinary requests take, one after the other for so many seconds; sorted."""
    until = time.monotonic() + seconds
    found = []
    while time.monotonic() < until:
        found.append(timed(port))
        time.sleep(0.02)
    return sorted(found)
