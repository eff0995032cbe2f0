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

from screening import log_lines
from screening.cli.service.listening import address, host_option, listen
from screening.cli.terminal.counts import words_of_count
from screening.cli.terminal.errors import WrongUsageError
from screening.cli.terminal.escapes import inert
from screening.cli.terminal.questions import say_if_unanswered
from screening.cli.terminal.records import open_records, read_settings
from screening.errors import ScreeningError

if TYPE_CHECKING:  # no other command pays for loading the database
    from screening.records.installation.settings import Settings
    from screening.records.ledger.records import Records
    from screening.records.witness.head_targets import WitnessSender
    from screening.records.witness.heads import LedgerSigner, Publisher

LOOK_EVERY = 2.0
WITNESS_PORT = 8100
MOST_NAME, MOST_REASON = 80, 300
"""Characters; a line of heads has to fit into what is read from the end of the file."""


@click.group()
def witness() -> None:
    """Sign heads of this ledger, or keep heads of another one.

    \b
    screening witness run
    screening witness serve --key KEY --file heads.jsonl
    """  # noqa: D301 - click reads \b as "do not wrap"


key_option = click.option(
    "--key", required=True, help="The public key, as `screening ledger key` prints it."
)


@witness.command()
@click.option("--log", "log_heads", is_flag=True, help="Write each head to standard error too.")
@click.option("--control", type=int, hidden=True, help="The number of the server's socket.")
@click.option("--answers-only", is_flag=True, hidden=True, help="Sign when asked, publish nothing.")
def run(*, log_heads: bool, control: int | None, answers_only: bool) -> None:
    """Sign heads of the ledger until Ctrl-C.

    `screening serve` starts this by itself. No other process reads the signing key.
    """
    log_lines.start(requests=False)
    log_lines.start_heads(shown=log_heads)
    settings = read_settings()
    with open_records(settings) as records:
        publisher, senders = _publisher(settings, records, log_heads=log_heads)
        if answers_only:
            _answer_until_stopped(publisher.source, _control(control))
        else:
            _publish_until_stopped(publisher, senders, _control(control))


def _publisher(
    settings: Settings, records: Records, *, log_heads: bool
) -> tuple[Publisher, list[WitnessSender]]:
    from screening.records.installation.private_files import make_folder  # noqa: PLC0415 - the same
    from screening.records.installation.secret_files import open_signer  # noqa: PLC0415 - the same
    from screening.records.witness import head_targets  # noqa: PLC0415 - see above
    from screening.records.witness.head_file import HeadFile  # noqa: PLC0415 - the same
    from screening.records.witness.heads import LedgerSigner, Publisher  # noqa: PLC0415 - the same

    signer, file = open_signer(settings), HeadFile(settings.heads_file)
    make_folder(settings.heads_file.parent)
    senders = (
        [head_targets.WitnessSender(records.database, settings.witness)] if settings.witness else []
    )
    syslog = [head_targets.syslog_target(settings.syslog)] if settings.syslog else []
    last = file.last()
    publisher = Publisher(
        source=LedgerSigner(records, signer, file.resume(signer.verifier)),
        file=file,
        every=dt.timedelta(minutes=settings.heads_minutes),
        events=settings.heads_events,
        targets=[*([head_targets.log_head] if log_heads else []), *syslog, *senders],
        published=(last.size, last.at) if last else None,
    )
    return publisher, senders


def _control(number: int | None) -> socket.socket:
    """The server's connection; without a server, one that a signal closes."""
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


def _answer_until_stopped(source: LedgerSigner, control: socket.socket) -> None:
    """Answer the server; another process beside another worker publishes."""
    while _answer(control, source):
        continue


def _answer(control: socket.socket, source: LedgerSigner) -> bool:
    """Answer one question of the server; gives whether it is still there."""
    try:
        asked = control.recv(100).decode().strip()
        if asked:
            control.sendall(json.dumps(_reply(asked, source)).encode() + b"\n")
    except OSError:
        return False
    return bool(asked)


def _reply(asked: str, source: LedgerSigner) -> dict[str, str]:
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
@key_option
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
    from screening.records.ledger.signed_head import Verifier  # noqa: PLC0415 - see above
    from screening.records.witness.log import WitnessLog  # noqa: PLC0415 - the same
    from screening.web.service.server import Server, stop_on_signals  # noqa: PLC0415 - the same
    from screening.web.service.witness import witness_app  # noqa: PLC0415 - the same

    kept = WitnessLog(file, Verifier.read(key))
    listening = listen(host, port)

    def say(refusal: str) -> None:
        click.echo(f"{dt.datetime.now(dt.UTC):%Y-%m-%dT%H:%M:%SZ} refused: {refusal}", err=True)

    server = Server(witness_app(kept, say), listening)
    stop_on_signals(server)
    click.echo(f"The witness runs at {address(host, listening)} (Ctrl-C ends it)")
    server.run()


@witness.command()
@key_option
@click.option(
    "--file",
    required=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="The file that keeps the heads.",
)
@click.option(
    "--events",
    required=True,
    metavar="N",
    type=click.IntRange(min=1),
    help="How many events the backup held, as `screening restore` said.",
)
@click.option("--by", required=True, help="Your name; it is kept with the head.")
@click.option("--reason", required=True, help="Why; it is kept with the head.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.argument("line", metavar="HEAD")
def restart(  # noqa: PLR0913 - its options
    *, key: str, file: Path, events: int, by: str, reason: str, yes: bool, line: str
) -> None:
    """Let a witness start again after an older backup was restored.

    Run this on the machine of the witness. HEAD is the line that `screening ledger head
    --after-restore REASON` printed on the server. Call the people who look after that server first:
    somebody who cuts off or rewrites events would ask you for the same. The file keeps the heads
    from before, with your name and the reason. `screening ledger verify` shows both from then on.

    \b
    screening witness restart --key KEY --file heads.jsonl --events 118 \\
        --by "Ann Lee" --reason "disk failed, restored monday.backup" HEAD
    """  # noqa: D301 - click reads \b as "do not wrap"
    from screening.records.ledger.signed_head import Restart, Verifier, read_head  # noqa: PLC0415 - see above
    from screening.records.witness.log import RefusedHeadError, WitnessLog  # noqa: PLC0415 - the same

    for option, text, most in (("--by", by, MOST_NAME), ("--reason", reason, MOST_REASON)):
        if not 0 < len(text.strip()) <= most:
            raise WrongUsageError(f"{option} takes 1 to {most} characters")
    kept, head = WitnessLog(file, Verifier.read(key)), read_head(line)
    last = kept.last
    if not yes and last:
        click.echo(
            f"Last head:  {words_of_count(last.size, 'event')}, {last.at:%Y-%m-%d %H:%M} UTC"
        )
        click.echo(
            f"New head:   {words_of_count(head.size, 'event')}, {head.at:%Y-%m-%d %H:%M} UTC"
        )
        gone = f"Accept that events after {events} are gone?"
        with say_if_unanswered("The witness does not start again."):
            click.confirm(f"{gone} The witness will no longer confirm them.", abort=True)
    at = dt.datetime.now(dt.UTC)
    try:
        kept.start_again(head, Restart(kept=events, by=by.strip(), reason=reason.strip(), at=at))
    except RefusedHeadError as error:
        raise WrongUsageError(f"the witness does not start again: {error}") from None
    click.echo(
        inert(
            f"The witness starts again with {words_of_count(head.size, 'event')}. {file} says why."
        )
    )
