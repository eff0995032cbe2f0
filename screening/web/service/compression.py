"""Sends static files compressed, and the pages that are the same for everybody.

The length of a compressed page tells something about its content, to somebody who sees the traffic
and can put words of their own beside it. So no page is compressed that holds what a person typed,
a person's name, or a word of the request. See docs/decisions/0014-what-is-compressed.md.
"""

from collections.abc import Callable
from functools import lru_cache
from gzip import compress
from http import HTTPStatus
from typing import cast

from flask import Flask, Response, current_app, request

from screening.web.shell.language import FIELD

PAGES = frozenset({"sources", "patient", "nurse", "rulebook"})
"""The blueprints whose pages nobody needs an account for; their answers to a form are left out."""
TEXTS = frozenset({"text/html", "text/css", "text/javascript", "image/svg+xml"})
LEAST = 256
"""Bytes below which compressing saves nothing worth it."""
BEST, FAST = 9, 6


def init_app(app: Flask) -> None:
    """Compress what may be compressed, of an application."""
    app.after_request(_compress)


def _compress(response: Response) -> Response:
    if not _may_compress(response):
        return response
    response.vary.add("Accept-Encoding")
    if request.accept_encodings.quality("gzip") <= 0:
        return response
    response.direct_passthrough = False  # a static file is read into memory; the largest has 280 kB
    content = response.get_data()
    if len(content) >= LEAST:
        is_file = request.endpoint == "static"
        response.set_data(_packed(content) if is_file else compress(content, FAST, mtime=0))
        response.headers["Content-Encoding"] = "gzip"
        response.headers.pop("ETag", None)  # it names the bytes of the file as it is on disk
    return response


def _may_compress(response: Response) -> bool:
    if response.status_code != HTTPStatus.OK or response.mimetype not in TEXTS:
        return False
    return request.endpoint == "static" or _is_same_for_all()


def _is_same_for_all() -> bool:
    """True for a page that repeats nothing of the request, to somebody who is not signed in.

    The language of a page is one of the few that are offered, whatever was asked for.
    """
    is_read = request.method in {"GET", "HEAD"} and request.args.keys() <= {FIELD}
    return is_read and request.blueprint in PAGES and not _signed_in_as()


def _signed_in_as() -> str:
    """The name in the header of a page; empty if nobody is signed in."""
    name = cast("Callable[[], str]", current_app.jinja_env.globals["signed_in_as"])
    return name()


_packed = lru_cache(maxsize=64)(lambda content: compress(content, BEST, mtime=0))
"""The compressed form of a static file, made once in a process, by its content."""
