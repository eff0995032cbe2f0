"""Refuses requests that name another host: a page of ours must not answer under a foreign name."""

import re
from collections.abc import Callable, Iterable
from typing import Any

Start = Callable[..., Any]
Application = Callable[[dict[str, Any], Start], Iterable[bytes]]

_LOCAL = frozenset({"127.0.0.1", "localhost", "[::1]"})
_EVERYWHERE = frozenset({"0.0.0.0", "::"})  # noqa: S104 - compared, never bound
_LABEL = "[A-Za-z0-9-]{1,63}"
_NAME = re.compile(rf"(\[[0-9A-Fa-f:.]{{2,45}}\]|{_LABEL}(?:\.{_LABEL}){{0,8}})(?::[0-9]{{1,5}})?")


def guarded(application: Application, host: str) -> Application:
    """The application, refusing every request whose Host header does not name where it listens.

    Args:
        application: a WSGI application.
        host: where the server listens. One that listens everywhere may be called by any name; one
            on this machine alone only by this machine's names.
    """
    allowed = _LOCAL | {f"[{host}]" if ":" in host else host}

    def answer(environ: dict[str, Any], start: Start) -> Iterable[bytes]:
        named = _NAME.fullmatch(environ.get("HTTP_HOST", "127.0.0.1"))
        if named and (host in _EVERYWHERE or named[1].lower() in allowed):
            return application(environ, start)
        start("400 Bad Request", [("Content-Type", "text/plain; charset=utf-8")])
        return [b"This address is not served here.\n"]

    return answer
