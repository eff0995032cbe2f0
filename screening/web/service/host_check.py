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


def guarded(application: Application, *names: str) -> Application:
    """The application, refusing every request whose Host header is no name of its own.

    Args:
        application: a WSGI application.
        names: where the server listens, and the names that it is known by. One that listens
            everywhere may be called by any name; this machine's own names are always taken.
    """
    everywhere = not _EVERYWHERE.isdisjoint(names)
    allowed = _LOCAL | {f"[{name}]" if ":" in name else name.lower() for name in names}

    def answer(environ: dict[str, Any], start: Start) -> Iterable[bytes]:
        named = _NAME.fullmatch(environ.get("HTTP_HOST", "127.0.0.1"))
        if named and (everywhere or named[1].lower() in allowed):
            return application(environ, start)
        start("400 Bad Request", [("Content-Type", "text/plain; charset=utf-8")])
        return [b"This address is not served here.\n"]

    return answer
