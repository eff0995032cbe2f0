"""``screening ledger``: verify the records, and make signed heads for a witness."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from screening.cli.terminal.counts import words_of_count
from screening.cli.terminal.errors import PROBLEMS, WrongUsageError
from screening.cli.terminal.escapes import inert
from screening.cli.terminal.long_work import long_work
from screening.cli.terminal.options import json_option
from screening.cli.terminal.paper import Paper
from screening.cli.terminal.records import open_records, read_settings

if TYPE_CHECKING:  # no other command pays for loading the database
    from screening.records.installation.settings import Settings
    from screening.records.ledger.records import Records
    from screening.records.ledger.signed_head import Head, Verifier
    from screening.records.operation.head_check import Confirmation
    from screening.records.verification.verdict import Verdict

UNFINISHED = "The verification did not finish, so it says nothing about the ledger. Run it again."
LIMITS = (
    "The database alone cannot show that its newest events were cut off, or that somebody with the"
    " keys rewrote everything. A signed head that somebody else keeps shows both. `screening ledger"
    " head` makes one."
)


@click.group()
def ledger() -> None:
    """Verify the records against their ledger, and sign heads.

    \b
    screening ledger verify --witness heads.jsonl
    screening ledger head >> heads.jsonl
    screening ledger key
    """  # noqa: D301 - click reads \b as "do not wrap"


@ledger.command()
@click.option(
    "--witness",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Signed heads that were kept elsewhere, one a line.",
)
@click.option("--key", metavar="KEY", help="The public key for them, as `ledger key` prints it.")
@json_option
@click.pass_context
def verify(ctx: click.Context, witness: Path | None, key: str | None, *, as_json: bool) -> None:
    """Read every event and every row that the ledger covers.

    This finds what was changed, removed, added or exchanged. It also compares the heads that the
    server signed, and those of the witness at SCREENING_WITNESS. Somebody who reached the keys can
    replace the server's own heads. So give heads that another person keeps, with the public key
    that they noted.
    """
    from screening.records.operation import head_check  # noqa: PLC0415 - see above
    from screening.records.verification.chain import report_unkeyed  # noqa: PLC0415 - the same
    from screening.records.verification.verify import verify_ledger  # noqa: PLC0415 - the same

    settings = read_settings()
    with open_records(settings, any_version=True) as records:
        # heads first: later ones would be of later events
        gathered = head_check.gather_heads(settings, _read_heads(witness))
        verifier = _verifier(settings, key) if gathered.heads else None
        with long_work("Verifying", lambda: UNFINISHED) as progress:
            verdict = verify_ledger(records, gathered.heads, verifier, progress)
        head_check.report_silence(gathered, verdict)
        report_unkeyed(verdict)
        vouched = head_check.confirm(gathered, verdict, verifier)
        if not verdict.faults:  # a silent witness is one
            _record_verified(records)
    restarts = head_check.words_of_restarts(gathered)
    if as_json:
        click.echo(json.dumps(_data(verdict, vouched, restarts), indent=1))
    else:
        _write(verdict, vouched, restarts)
    if verdict.faults:
        ctx.exit(PROBLEMS)


@ledger.command()
@click.option(
    "--after-restore",
    "reason",
    metavar="REASON",
    help="Record that a witness is to start again, and why. Do not name a patient.",
)
def head(reason: str | None) -> None:
    """Print a signed head of the ledger as it is now, on one line.

    Append it to a file that the people who run this database cannot change.

    A witness that has seen events which a restored backup lacks refuses all further heads. Then
    give REASON, and send the printed line to the person who runs the witness. With it, that person
    lets the witness start again: `screening witness restart`.
    """
    from screening.records.installation.secret_files import open_signer  # noqa: PLC0415 - see above
    from screening.records.verification.verify import verify_ledger  # noqa: PLC0415 - the same

    settings = read_settings()
    with open_records(settings) as records:
        if reason is not None:
            _ask_for_restart(records, reason)
        verdict = verify_ledger(records)
        if verdict.faults:
            raise click.ClickException(
                "the ledger has faults, so it is not signed; `screening ledger verify` lists them"
            )
        signed = open_signer(settings).sign(
            size=verdict.events, root=verdict.root, last=verdict.last, at=records.now()
        )
    click.echo(json.dumps(signed.write()))


def _record_verified(records: Records) -> None:
    """Record when the ledger was verified, so that figures can say how long ago that was.

    Records of an earlier version stay as they are. The verification counts even if this fails.
    """
    from screening.errors import ScreeningError  # noqa: PLC0415 - see above
    from screening.records.ledger.events import EventKind, record_event  # noqa: PLC0415 - the same
    from screening.records.storage import schema  # noqa: PLC0415 - the same

    try:
        schema.check(records.database)
        record_event(records, 0, EventKind.LEDGER_VERIFIED)
    except ScreeningError as error:
        click.echo(
            inert(f"The ledger was verified, but the time could not be recorded: {error}."),
            err=True,
        )


def _ask_for_restart(records: Records, reason: str) -> None:
    """Record that the person who runs this command has the witness start again."""
    from screening.records.ledger import events  # noqa: PLC0415 - see above
    from screening.records.operation.restore import was_restored  # noqa: PLC0415 - the same

    if not reason.strip():
        raise WrongUsageError("say in --after-restore why the witness has to start again")
    if not was_restored(records):
        raise WrongUsageError(
            "no backup was restored into this database, so the witness has no reason to start again"
        )
    kind = events.EventKind.WITNESS_RESTART_ASKED
    with records.database.writing() as session:
        events.append(session, records, by=0, kind=kind, change={"reason": reason.strip()})


@ledger.command()
@click.option("--make", "early", is_flag=True, help="Make it even where there are no records yet.")
def key(*, early: bool) -> None:
    """Print the public key that checks signed heads. A witness notes it once.

    If this installation has no signing key yet, the command makes one.
    """
    from screening.records.installation.opening import open_existing_database  # noqa: PLC0415 - as above
    from screening.records.installation.secret_files import SIGNER, open_signer  # noqa: PLC0415 - as above

    settings = read_settings()
    file = settings.folder / SIGNER
    new = not file.exists()
    if new and not early:
        open_existing_database(settings).close()
    verifier = open_signer(settings).verifier
    if new:
        click.echo(inert(f"Made the signing key {file}."), err=True)
    click.echo(verifier.write())


def _verifier(settings: Settings, given: str | None) -> Verifier:
    from screening.records.installation.secret_files import open_signer  # noqa: PLC0415 - see above
    from screening.records.ledger.signed_head import Verifier  # noqa: PLC0415 - the same

    return Verifier.read(given) if given else open_signer(settings, make=False).verifier


def _read_heads(witness: Path | None) -> list[Head]:
    from screening.records.ledger.signed_head import read_heads  # noqa: PLC0415 - see above

    return read_heads(witness.read_text("utf-8", errors="replace"), str(witness)) if witness else []


def _data(verdict: Verdict, vouched: Confirmation, restarts: list[str]) -> dict[str, object]:
    last = vouched.last
    return {
        "events": verdict.events,
        "keyed": verdict.keyed,
        "rows": verdict.rows,
        "heads": verdict.heads,
        "root": verdict.root,
        "last": verdict.last,
        "witness": {
            "outside": vouched.outside,
            "last": {"size": last.size, "at": last.at.isoformat()} if last else None,
            "says": vouched.words,
            "restarts": restarts,
        },
        "faults": [
            {"code": each.code, "place": each.place, "message": each.message}
            for each in verdict.faults
        ],
        "unlisted": [
            {"code": code, "in": where, "faults": more}
            for (code, where), more in verdict.unlisted()
        ],
    }


def _write(verdict: Verdict, vouched: Confirmation, restarts: list[str]) -> None:
    paper = Paper()
    paper.title("The ledger")
    numbers = words_of_count(verdict.events, "event"), words_of_count(verdict.rows, "row")
    paper.text(f"{', '.join(numbers)}, {words_of_count(verdict.heads, 'signed head')}.")
    paper.text(f"Root {verdict.root}")
    for fault in verdict.faults:
        paper.text(f"{fault.place}: {fault.message} [{fault.code}]", 2, "- ", fg="red")
    for (code, where), more in verdict.unlisted():
        paper.text(f"{where}: {more} more of these [{code}]", 2, "- ", fg="red")
    if not verdict.faults:
        paper.text("Every event follows the one before it, and every row is as it was written.")
    paper.gap()
    if verdict.events > verdict.keyed and not verdict.faults:
        paper.text(_unkeyed_words(verdict), bold=True)
    paper.text(vouched.words, bold=not vouched.outside)
    for words in restarts:
        paper.text(words, bold=True)
    paper.text(LIMITS)


def _unkeyed_words(verdict: Verdict) -> str:
    """The meaning of first events without a MAC."""
    first = verdict.events - verdict.keyed
    return f"Events 1 to {first} were written before the ledger was keyed; the keyring pins them."
