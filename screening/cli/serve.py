"""``screening serve``: the questionnaire in a web browser. The web is loaded here and only here."""

import errno
from pathlib import Path

import click

from screening.cli.boundary import WrongUsageError
from screening.cli.options import rules_option, ruleset_option
from screening.records.rulefiles import load_ruleset


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
    r"""Serve the questionnaire to web browsers until Ctrl-C.

    It is reachable from this machine only, unless --host says otherwise. Nothing is stored.

    \b
    screening serve
    screening serve --port 0
    """
    ruleset = load_ruleset(name, folder)
    import waitress  # noqa: PLC0415 - no other command pays for loading the web

    from screening.web import create_app  # noqa: PLC0415 - the same

    app = create_app(ruleset=ruleset)
    try:
        server = waitress.create_server(app, host=host, port=port)
    except (OSError, ValueError) as error:  # waitress says ValueError of a host that is none
        raise WrongUsageError(_refusal(error, host, port)) from None
    click.echo(f"Screening runs at {_address(host, server)} (Ctrl-C ends it)")
    server.run()


def _address(host: str, server: object) -> str:
    """The address, with the port that was really taken."""
    listening = getattr(server, "effective_listen", None)
    port = listening[0][1] if listening else getattr(server, "effective_port", 0)
    shown = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, host)  # noqa: S104 - to be opened
    bracketed = f"[{shown}]" if ":" in shown and not shown.startswith("[") else shown
    return f"http://{bracketed}:{port}/"


def _refusal(error: OSError | ValueError, host: str, port: int) -> str:
    if isinstance(error, OSError) and error.errno == errno.EADDRINUSE:
        return f"port {port} is in use; choose another with --port, or any free one with --port 0"
    if isinstance(error, OSError) and error.errno == errno.EACCES:
        return f"port {port} may not be opened by this user; choose one above 1023 with --port"
    return f"cannot listen on {host}; it is no address of this machine"
