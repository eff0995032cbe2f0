"""Slow connections in a process of their own, bounded in number and time, to this machine only.

Usage: python slow.py PORT COUNT SECONDS    prints "ready" when all are open, then how they ended
"""

import asyncio
import collections
import resource
import sys
from collections.abc import AsyncIterator

STEP = 1.0
BODY = b"POST /nurse/result HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 60000\r\n\r\n"
PAGE = b"GET /static/vendor/nhsuk-frontend.min.css HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
KINDS = ("header", "blank lines", "body", "reading", "idle")


async def dripped(kind: str) -> AsyncIterator[bytes]:
    """What a kind of slow client sends, one piece at a time, for ever."""
    match kind:
        case "header":
            yield b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Slow: "
        case "body":
            yield BODY
        case "reading":
            yield PAGE
        case "idle":
            yield b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
    while True:
        await asyncio.sleep(STEP)
        yield {"header": b"a", "body": b"a", "blank lines": b"\r\n"}.get(kind, b"")


async def attack(port: int, kind: str, opened: asyncio.Semaphore) -> str:
    """Hold one slow connection open; says whether the server still held it at the end."""
    try:
        reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=256)
    except OSError:
        return "refused"
    finally:
        opened.release()
    try:
        async for piece in dripped(kind):
            writer.write(piece)
            if writer.is_closing() or (kind != "reading" and reader.at_eof()):
                return "closed"
    finally:
        writer.transport.abort()
    return "held"


async def main(port: int, count: int, seconds: float) -> None:
    """Open the connections, wait, and print how many of each kind ended how."""
    opened = asyncio.Semaphore(0)
    kinds = [KINDS[number % len(KINDS)] for number in range(count)]
    tasks = [asyncio.create_task(attack(port, kind, opened)) for kind in kinds]
    for _ in tasks:
        await opened.acquire()
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    await asyncio.wait(tasks, timeout=seconds)
    ends: collections.Counter[tuple[str, str]] = collections.Counter()
    for kind, task in zip(kinds, tasks, strict=True):
        ends[kind, task.result() if task.done() else "held"] += 1
    sys.stdout.write(f"{dict(ends)}\n")


if __name__ == "__main__":
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    asyncio.run(main(int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3])))
