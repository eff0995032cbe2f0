"""Addresses: a number is written in one way, and no text holds control characters.

Databases refuse numbers that are too large and texts with a NUL. An address with one is no page.
"""

from collections.abc import Iterable
from http import HTTPStatus
from typing import TYPE_CHECKING

from flask import Flask, abort, request
from werkzeug.routing import BaseConverter, IntegerConverter, Map

if TYPE_CHECKING:  # no module at run time
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment


class NumberConverter(IntegerConverter):
    """A number from 1 on, in ASCII digits, that every database can hold."""

    regex = "[1-9][0-9]{0,8}"


class TextConverter(BaseConverter):
    """A text without control characters."""

    regex = r"[^/\x00-\x1f\x7f]+"


def init_app(app: Flask) -> None:
    """Let addresses of an application hold nothing else. This comes before its routes."""
    # Flask advises to wrap it so; its type is that of a method.
    app.wsgi_app = _small_host(app.wsgi_app)  # type: ignore[method-assign, assignment]
    _convert(app.url_map)
    app.before_request(_refuse_controls)


def _small_host(application: "WSGIApplication") -> "WSGIApplication":
    """Give the application host names in small letters: Werkzeug compares them as they are."""

    def answer(environ: "WSGIEnvironment", start: "StartResponse") -> Iterable[bytes]:
        if "HTTP_HOST" in environ:
            environ["HTTP_HOST"] = environ["HTTP_HOST"].lower()
        return application(environ, start)

    return answer


def _convert(addresses: Map) -> None:
    addresses.converters |= {"int": NumberConverter, "default": TextConverter}


def _refuse_controls() -> None:
    if any("\0" in value for _, value in request.args.items(multi=True)):
        abort(HTTPStatus.NOT_FOUND)
