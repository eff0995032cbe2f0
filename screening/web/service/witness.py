"""The witness as a small web application: it accepts heads and shows them on request.

``/heads/last`` is the newest head. ``/heads/START`` are those from a byte of the file on,
as many as fit into one page; nothing is at its end.
"""

import json
from collections.abc import Callable, Iterable
from typing import Any

from screening.records.ledger.signed_head import HeadError
from screening.records.witness.log import RefusedHeadError, WitnessLog, read_offer

MOST_BYTES = 64 * 1024
MOST_DIGITS = 16
Start = Callable[[str, list[tuple[str, str]]], Any]
Say = Callable[[str], None]
Application = Callable[[dict[str, Any], Start], Iterable[bytes]]


def witness_app(kept: WitnessLog, say: Say) -> Application:
    """The application.

    Args:
        kept: the heads.
        say: is called with each head that was refused.
    """

    def answer(environ: dict[str, Any], start: Start) -> Iterable[bytes]:
        status, text = _answer(kept, environ, say)
        body = text.encode()
        lines = "application/jsonl" if status.startswith("200") else "text/plain; charset=utf-8"
        start(status, [("Content-Type", lines), ("Content-Length", str(len(body)))])
        return [body]

    return answer


def _answer(
    kept: WitnessLog, environ: dict[str, Any], say: Callable[[str], None]
) -> tuple[str, str]:
    path = environ.get("PATH_INFO", "")
    start = path.removeprefix("/heads/")
    match environ["REQUEST_METHOD"], path:
        case ("GET", "/heads/last"):
            return "200 OK", f"{json.dumps(kept.last.write())}\n" if kept.last else ""
        case ("GET", _) if start.isascii() and start.isdecimal() and len(start) < MOST_DIGITS:
            return "200 OK", kept.file.page(int(start))
        case ("POST", "/heads"):
            return _take(kept, environ, say)
        case _:
            return "404 Not Found", "ask for /heads/0 or /heads/last\n"


def _take(kept: WitnessLog, environ: dict[str, Any], say: Say) -> tuple[str, str]:
    length = environ.get("CONTENT_LENGTH") or "0"
    if not length.isdecimal() or int(length) > MOST_BYTES:
        return "413 Content Too Large", "send a head with its proof\n"
    try:
        head, proof = read_offer(environ["wsgi.input"].read(int(length)))
        kept.take(head, proof)
    except HeadError as error:
        return "400 Bad Request", f"{error}\n"
    except RefusedHeadError as error:
        say(str(error))
        return "409 Conflict", f"{error}\n"
    return "200 OK", ""
