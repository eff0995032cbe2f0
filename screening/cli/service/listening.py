"""Serve an application on an address of this machine until a signal ends it."""

import errno
import socket
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import click

from screening.cli.terminal.errors import WrongUsageError

if TYPE_CHECKING:  # no other command pays for loading the web
    from flask import Flask

LOCAL = frozenset({"127.0.0.1", "::1", "localhost"})
EVERYWHERE = frozenset({"0.0.0.0", "::"})  # noqa: S104 - compared, never bound

host_option = click.option(
    "--host", default="127.0.0.1", show_default=True, help="The address to listen on."
)
port_option = click.option(
    "--port",
    default=8000,
    show_default=True,
    type=click.IntRange(0, 65535),
    help="The port to listen on; 0 picks a free one.",
)


def listen(host: str, port: int) -> socket.socket:
    """A socket that listens; connections wait there until they are taken.

    Raises:
        WrongUsageError: if this machine cannot listen there.
    """
    try:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        return socket.create_server((host, port), family=family, backlog=1024)
    except (OSError, UnicodeError, TypeError) as error:  # what no host can be named like
        raise WrongUsageError(_refusal(error, host, port)) from None


def address(host: str, listening: socket.socket) -> str:
    """The address to open, with the port that was really taken."""
    shown = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - never bound
    return f"http://{f'[{shown}]' if ':' in shown else shown}:{listening.getsockname()[1]}/"


def serve_until_stopped(
    app: "Flask",
    listening: socket.socket,
    *,
    names: Iterable[str],
    say: Callable[[], None],
    **adjustments: Any,  # noqa: ANN401 - waitress's own
) -> None:
    """Serve until Ctrl-C or SIGTERM; what is under way then is finished.

    Args:
        app: the application.
        listening: where.
        names: the host names and addresses that a browser may call it by.
        say: shows the person where it runs; called once it does.
        adjustments: further settings of the server.
    """
    from screening.web.service.metrics import share_figures  # noqa: PLC0415 - see above
    from screening.web.service.server import Server, stop_on_signals  # noqa: PLC0415 - the same

    app.config["TRUSTED_HOSTS"] = trusted_hosts(names)
    server = Server(app, listening, **adjustments)
    if figures := app.extensions.get("figures"):
        figures.connections.set_function(lambda: len(server.active_channels))
    with (
        share_figures(app),
        suppress(KeyboardInterrupt),
    ):  # it may come before the server waits for it
        stop_on_signals(server)
        say()
        server.run()


class _Address(str):
    """An IPv6 address in brackets, kept whole: Werkzeug cuts trusted names at a colon."""

    __slots__ = ()

    def partition(self, _: str, /) -> tuple[str, str, str]:
        """Cut nothing off."""
        return str(self), "", ""


def trusted_hosts(names: Iterable[str]) -> list[str] | None:
    """The hosts that Flask accepts: these names and this machine's own.

    None accepts all: a server that listens on every address may have any name.
    """
    known = LOCAL.union(names)
    if known & EVERYWHERE:
        return None
    return [_Address(f"[{name}]".lower()) if ":" in name else name.lower() for name in known]


def proxy_settings(count: int, *, secure: bool) -> dict[str, object]:
    """The server's settings behind so many proxies, each of which adds who asked it."""
    scheme: dict[str, object] = {"url_scheme": "https"} if secure else {}
    if not count:
        return scheme | {"clear_untrusted_proxy_headers": False}  # nothing of ours believes them
    return scheme | {
        "trusted_proxy": "*",
        "trusted_proxy_count": count,
        "trusted_proxy_headers": {"x-forwarded-for"},
    }


def say_lines(lines: Sequence[str]) -> None:
    """Print lines, the first of which names the address."""
    for line in lines:
        click.echo(line)


def _refusal(error: Exception, host: str, port: int) -> str:
    if isinstance(error, OSError) and error.errno == errno.EADDRINUSE:
        return f"port {port} is in use; choose another with --port, or any free one with --port 0"
    if isinstance(error, OSError) and error.errno == errno.EACCES:
        return f"port {port} may not be opened by this user; choose one above 1023 with --port"
    return f"cannot listen on {host}; it is no address of this machine"
