"""``screening serve``: the questionnaire in a web browser. The web is loaded here and only here."""

import errno
import socket
from contextlib import suppress
from pathlib import Path

import click

from screening.cli.boundary import WrongUsageError
from screening.cli.options import rules_option, ruleset_option
from screening.errors import NoOutcomesError
from screening.records.rulefiles import load_ruleset
from screening.resources import rules_folder


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen on.")
@click.option(
    "--port",
    default=8000,
    show_default=True,
    type=click.IntRange(0, 65535),
    help="The port to listen on; 0 picks a free one.",
)
@ruleset_option
@rules_option
def serve(host: str, port: int, name: str, folder: Path | None) -> None:
    """Serve the questionnaire to web browsers until Ctrl-C.

    It is reachable from this machine only, unless --host says otherwise. Nothing is stored.

    \b
    screening serve
    screening serve --port 0
    """  # noqa: D301 - click reads \b as "do not wrap"
    ruleset = load_ruleset(name, folder)
    if not ruleset.outcomes:
        raise NoOutcomesError(ruleset.id)
    from screening.web import create_app  # noqa: PLC0415 - no other command pays for loading it
    from screening.web.hosts import guarded  # noqa: PLC0415 - the same
    from screening.web.server import Server, stop_on_signals  # noqa: PLC0415 - the same

    app = create_app(ruleset=ruleset, RULES=folder or rules_folder())
    try:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        listening = socket.create_server((host, port), family=family)
    except (OSError, UnicodeError, TypeError) as error:  # what no host can be named like
        raise WrongUsageError(_refusal(error, host, port)) from None
    server = Server(guarded(app, host), listening)
    with suppress(KeyboardInterrupt):  # it may come before the server waits for it
        stop_on_signals(server)
        click.echo(f"Screening runs at {_address(host, listening)} (Ctrl-C ends it)")
        server.run()


def _address(host: str, listening: socket.socket) -> str:
    """The address to open, with the port that was really taken."""
    shown = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - never bound
    return f"http://{f'[{shown}]' if ':' in shown else shown}:{listening.getsockname()[1]}/"


def _refusal(error: Exception, host: str, port: int) -> str:
    if isinstance(error, OSError) and error.errno == errno.EADDRINUSE:
        return f"port {port} is in use; choose another with --port, or any free one with --port 0"
    if isinstance(error, OSError) and error.errno == errno.EACCES:
        return f"port {port} may not be opened by this user; choose one above 1023 with --port"
    return f"cannot listen on {host}; it is no address of this machine"
