"""The witness as a small web application: it accepts heads and shows them on request.

``/heads/last`` is the newest head. ``/heads/START`` are those from a byte of the file on,
as many as fit into one page; nothing is at its end.
"""

import json
from collections.abc import Callable, Iterable
from http import HTTPStatus
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
        lines = "application/jsonl" if status is HTTPStatus.OK else "text/plain; charset=utf-8"
        headers = [("Content-Type", lines), ("Content-Length", str(len(body)))]
        start(f"{status.value} {status.phrase}", headers)
        return [body]

    return answer


def _answer(
    kept: WitnessLog, environ: dict[str, Any], say: Callable[[str], None]
) -> tuple[HTTPStatus, str]:
    path = environ.get("PATH_INFO", "")
    start = path.removeprefix("/heads/")
    match environ["REQUEST_METHOD"], path:
        case ("GET", "/heads/last"):
            return HTTPStatus.OK, f"{json.dumps(kept.last.write())}\n" if kept.last else ""
        case ("GET", _) if start.isascii() and start.isdecimal() and len(start) < MOST_DIGITS:
            return HTTPStatus.OK, kept.file.page(int(start))
        case ("POST", "/heads"):
            return _take(kept, environ, say)
        case _:
            return HTTPStatus.NOT_FOUND, "ask for /heads/0 or /heads/last\n"


def _take(kept: WitnessLog, environ: dict[str, Any], say: Say) -> tuple[HTTPStatus, str]:
    length = environ.get("CONTENT_LENGTH") or "0"
    if not length.isdecimal() or int(length) > MOST_BYTES:
        return HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "send a head with its proof\n"
    try:
        head, proof = read_offer(environ["wsgi.input"].read(int(length)))
        kept.take(head, proof)
    except HeadError as error:
        return HTTPStatus.BAD_REQUEST, f"{error}\n"
    except RefusedHeadError as error:
        say(str(error))
        return HTTPStatus.CONFLICT, f"{error}\n"
    return HTTPStatus.OK, ""
