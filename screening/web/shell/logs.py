"""The log of requests: a line each.

It says when, which page by its name and not its address, how it ended, how long it took, and the
number of the account. Never a text of anybody's.
"""

import logging
import secrets
import time

from flask import Flask, Response, g, request

from screening.log_lines import REQUESTS

HEADER = "X-Request-Id"
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})

log = logging.getLogger(REQUESTS)


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
