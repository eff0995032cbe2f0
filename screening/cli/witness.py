"""``screening witness``: sign heads at regular times, and keep them on another machine."""

from __future__ import annotations

import datetime as dt
import json
import select
import signal
import socket
from pathlib import Path
from typing import TYPE_CHECKING

import click

from screening.cli.listening import address, host_option, listen
from screening.cli.opening import opened_records, read_settings
from screening.errors import ScreeningError

if TYPE_CHECKING:  # no other command pays for loading the database
    from screening.records.heads import LedgerSigner, Publisher
    from screening.records.headtargets import WitnessSender
    from screening.records.settings import Settings
    from screening.records.store import Records

LOOK_EVERY = 2.0
WITNESS_PORT = 8100


@click.group()
def witness() -> None:
    """Sign heads of this ledger, or keep heads of another one.

    \b
    screening witness run
    screening witness serve --key KEY --file heads.jsonl
    """  # noqa: D301 - click reads \b as "do not wrap"


@witness.command()
@click.option("--log", "log_heads", is_flag=True, help="Write each head to standard error too.")
@click.option("--control", type=int, hidden=True, help="The number of the server's socket.")
def run(*, log_heads: bool, control: int | None) -> None:
    """Sign heads of the ledger until Ctrl-C.

    `screening serve` starts this by itself. No other process reads the signing key.
    """
    from screening.web import logs  # noqa: PLC0415 - see above

    logs.start(requests=False)
    logs.start_heads(shown=log_heads)
    settings = read_settings()
    with opened_records(settings) as records:
        publisher, senders = _publisher(settings, records, log_heads=log_heads)
        _publish_until_stopped(publisher, senders, _control(control))


def _publisher(
    settings: Settings, records: Records, *, log_heads: bool
) -> tuple[Publisher, list[WitnessSender]]:
    from screening.records import headtargets  # noqa: PLC0415 - see above
    from screening.records.headfile import HeadFile  # noqa: PLC0415 - the same
    from screening.records.heads import LedgerSigner, Publisher  # noqa: PLC0415 - the same
    from screening.records.settings import make_folder, open_signer  # noqa: PLC0415 - the same

    signer, file = open_signer(settings), HeadFile(settings.heads_file)
    make_folder(settings.heads_file.parent)
    senders = (
        [headtargets.WitnessSender(records.database, settings.witness)] if settings.witness else []
    )
    syslog = [headtargets.syslog_target(settings.syslog)] if settings.syslog else []
    last = file.last()
    publisher = Publisher(
        source=LedgerSigner(records, signer, file.resume(signer.verifier)),
        file=file,
        every=dt.timedelta(minutes=settings.heads_minutes),
        events=settings.heads_events,
        targets=[*([headtargets.log_head] if log_heads else []), *syslog, *senders],
        published=(last.size, last.at) if last else None,
    )
    return publisher, senders


def _control(number: int | None) -> socket.socket:
    """What the server asks by; without a server, one that a signal closes."""
    if number is not None:
        return socket.socket(fileno=number)
    control, other = socket.socketpair()

    def stop(*_: object) -> None:
        other.close()

    for each in (signal.SIGTERM, signal.SIGINT):
        signal.signal(each, stop)
    return control


def _publish_until_stopped(
    publisher: Publisher, senders: list[WitnessSender], control: socket.socket
) -> None:
    publisher.publish_rest()
    while True:
        publisher.publish_due()
        for sender in senders:
            sender.retry()
        asked, _, _ = select.select([control], [], [], LOOK_EVERY)
        if asked and not _answer(control, publisher.source):
            break
    publisher.publish_rest()


def _answer(control: socket.socket, source: LedgerSigner) -> bool:
    """Answer one question of the server; gives whether it is still there."""
    try:
        asked = control.recv(100).decode().strip()
        if asked:
            control.sendall(json.dumps(_said(asked, source)).encode() + b"\n")
    except OSError:
        return False
    return bool(asked)


def _said(asked: str, source: LedgerSigner) -> dict[str, str]:
    try:
        if asked == "key":
            return {"said": source.verifier.write()}
        return {"said": json.dumps(source.head().write())}
    except ScreeningError as error:
        return {"error": str(error)}


@witness.command()
@host_option
@click.option(
    "--port", default=WITNESS_PORT, show_default=True, type=click.IntRange(0, 65535), help="Port."
)
@click.option("--key", required=True, help="The public key, as `screening ledger key` prints it.")
@click.option(
    "--file",
    required=True,
    type=click.Path(dir_okay=False, path_type=Path),
    help="The file that keeps the heads.",
)
def serve(*, host: str, port: int, key: str, file: Path) -> None:
    """Keep the heads of a ledger that is on another machine, until Ctrl-C.

    The witness refuses a head that does not continue from the last one. Anybody who can reach the
    port can read the heads, which hold nothing about patients. On the server of the ledger, set
    SCREENING_WITNESS to the address of the witness.

    \b
    screening witness serve --host 0.0.0.0 --key KEY --file heads.jsonl
    """  # noqa: D301 - click reads \b as "do not wrap"
    from screening.records.witness import Verifier  # noqa: PLC0415 - see above
    from screening.records.witnesslog import WitnessLog  # noqa: PLC0415 - the same
    from screening.web.server import Server, stop_on_signals  # noqa: PLC0415 - the same
    from screening.web.witness import witness_app  # noqa: PLC0415 - the same

    kept = WitnessLog(file, Verifier.read(key))
    listening = listen(host, port)

    def say(refusal: str) -> None:
        click.echo(f"{dt.datetime.now(dt.UTC):%Y-%m-%dT%H:%M:%SZ} refused: {refusal}", err=True)

    server = Server(witness_app(kept, say), listening)
    stop_on_signals(server)
    click.echo(f"The witness runs at {address(host, listening)} (Ctrl-C ends it)")
    server.run()
