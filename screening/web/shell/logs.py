"""The log of the service: one JSON line each, with ids only.

Of a request: when, which page by its name and not its address, how it ended, how long it took, and
the number of the account. Of a fault: its kind and its place. Never a text of anybody's, so what
libraries say is logged by place and kind too: their words may repeat what a person typed.
"""

import datetime as dt
import json
import logging
import secrets
import sys
import threading
import time
import traceback
from pathlib import Path
from typing import TextIO

from flask import Flask, Response, g, request

REQUESTS = "screening.requests"
HEADER = "X-Request-Id"
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
PACKAGE = Path(__file__).parents[2]

log = logging.getLogger(REQUESTS)


class Line(logging.Formatter):
    """A record as one line of JSON. Our own modules' words are kept; they hold no person's."""

    def format(self, record: logging.LogRecord) -> str:
        """Write the line."""
        told = getattr(record, "told", None)
        if told is None:
            own = Path(record.pathname).is_relative_to(PACKAGE)
            told = {"said": record.getMessage()} if own else {}
            told |= {"at": f"{record.module}:{record.lineno}", **_fault(record)}
        moment = dt.datetime.fromtimestamp(record.created, dt.UTC).isoformat(
            timespec="milliseconds"
        )
        line = {"time": moment, "level": record.levelname.lower(), "from": record.name, **told}
        return json.dumps(line, ensure_ascii=True)

    def formatException(self, ei: object) -> str:  # noqa: ARG002, N802 - as inherited
        """Nothing: a traceback shows values."""
        return ""


def start(stream: TextIO | None = None, *, requests: bool) -> None:
    """Let everything that this process logs come out as such lines.

    Args:
        stream: where to; standard error if none is given.
        requests: whether each request gets a line.
    """
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(Line())
    logging.basicConfig(handlers=[handler], level=logging.WARNING, force=True)
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)  # it counts each waiting request
    logging.raiseExceptions = False  # else a failure to write prints what was to be written
    log.setLevel(logging.INFO if requests else logging.WARNING)
    logging.captureWarnings(capture=True)
    threading.excepthook = lambda args: _died(args.exc_type)


def start_heads(*, shown: bool) -> None:
    """Let each signed head of the ledger come out as such a line, or errors alone."""
    logging.getLogger("screening.heads").setLevel(logging.INFO if shown else logging.ERROR)


def init_app(app: Flask) -> None:
    """Give every request an id, and a line when it is answered."""
    app.before_request(_begin)
    app.after_request(_end)


def request_id() -> str:
    """The id of the current request, which its answer carries and its line in the log."""
    if "request_id" not in g:
        g.request_id = secrets.token_hex(8)
        g.began = time.perf_counter()
    return str(g.request_id)


def endpoint() -> str:
    """The page that was asked for, by the name that the program gives it."""
    return request.endpoint or "none"


def method() -> str:
    """The method of the request, which a client may have made up."""
    return request.method if request.method in METHODS else "other"


def seconds() -> float:
    """The time that the current request has taken so far."""
    request_id()
    return time.perf_counter() - float(g.began)


def _begin() -> None:
    request_id()


def _end(response: Response) -> Response:
    response.headers[HEADER] = request_id()
    if log.isEnabledFor(logging.INFO):
        told = {
            "method": method(),
            "page": endpoint(),
            "status": response.status_code,
            "ms": round(seconds() * 1000, 1),
            "account": _account(),
            "request": request_id(),
        }
        log.info("request", extra={"told": told})
    return response


def _account() -> int | None:
    """The number of the account that the request was found to come from; nobody is looked up."""
    found = g.get("_login_user")
    return getattr(found, "id", None) if found is not None else None


def where(error: BaseException) -> str:
    """The place of a fault: the innermost one, and those of ours that led there."""
    frames = traceback.extract_tb(error.__traceback__)[::-1]
    own = [frame for frame in frames[1:] if Path(frame.filename).is_relative_to(PACKAGE)]
    return " < ".join(
        f"{frame.name} ({Path(frame.filename).name}:{frame.lineno})"
        for frame in (*frames[:1], *own)
    )


def _fault(record: logging.LogRecord) -> dict[str, str]:
    kind, error = (record.exc_info or (None, None))[:2]
    if kind is None or error is None:
        return {}
    return {"kind": kind.__name__, "where": where(error)}


def _died(kind: type[BaseException]) -> None:
    logging.getLogger("screening.threads").error("a thread ended by %s", kind.__name__)
