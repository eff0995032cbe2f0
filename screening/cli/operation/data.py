"""``screening upgrade``, ``backup`` and ``restore``: the database as a whole."""

import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from screening.cli.operation.keys import COPY, check_printable, print_keyring, printing
from screening.cli.terminal.counts import words_of_count
from screening.cli.terminal.errors import KEPT_WITH_FAULTS, PROBLEMS, WrongUsageError
from screening.cli.terminal.escapes import inert
from screening.cli.terminal.long_work import long_work
from screening.cli.terminal.records import open_records, read_settings

if TYPE_CHECKING:
    from screening.records.installation.settings import Settings
    from screening.records.ledger.records import Records
    from screening.records.operation.backup import Manifest
    from screening.records.operation.rehearsal import RehearsalReport
    from screening.records.operation.restore import RestoreReport
    from screening.records.verification.verdict import Verdict

UNAUTHENTICATED = (
    "nothing proves who wrote this backup. Before anybody signs in, check every account,"
    " its roles and sites with `screening users list`, and give everybody a new link."
)
WITNESS = (
    "The witness may refuse new heads: it refuses them if it has seen more than the {seen} of this"
    " backup. If it does, run `screening ledger head --after-restore REASON`, and send the printed"
    " line to the person who runs the witness. It starts again with `screening witness restart"
    " --events {events}`."
)
UNLISTED = (
    "no list of erased cases was found beside the keys ({file}). Every case that was erased after"
    " this backup was made is back. If you have a copy of the list, do not start the server: put"
    " the list there, and restore again into an empty database. If the list is lost, erase these"
    " cases again with `screening erase`. If no case was ever erased, all is well."
)
FAULTY = (
    "these records have {faults}, and so has the backup. `screening ledger verify` says where."
    " `screening restore` refuses the backup without --despite-faults. The file is kept; keep your"
    " earlier backups too."
)
PUT_BACK = "Put it back before you start the server, which otherwise makes a new one."
file_argument = click.argument(
    "file", metavar="FILE", type=click.Path(dir_okay=False, path_type=Path)
)


@click.command()
@click.option(
    "--backup",
    "file",
    metavar="FILE",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Where to write the backup; by default beside the database.",
)
@click.option("--no-backup", is_flag=True, help="Make no backup, because you have made one.")
@click.option("--despite-faults", is_flag=True, help="Upgrade even if the ledger has faults.")
@printing
def upgrade(file: Path | None, *, no_backup: bool, despite_faults: bool, printed: bool) -> None:
    """Change the database to what this version needs.

    Stop the server first. The command makes a backup before it changes anything. If the ledger is
    not keyed yet, it is keyed from its next event on. What an earlier version sealed without
    padding is sealed again. The backup still holds it without padding: delete the backup when you
    know that all is well.
    """
    from screening.records.installation.keys import keeper_of, open_keyring  # noqa: PLC0415 - the same
    from screening.records.installation.opening import open_existing_database  # noqa: PLC0415 - the same
    from screening.records.ledger.epochs import check_no_epoch_lost, is_lost  # noqa: PLC0415 - the same
    from screening.records.ledger.records import Records  # noqa: PLC0415 - the same
    from screening.records.operation import resealing  # noqa: PLC0415 - no other command loads it
    from screening.records.storage import schema  # noqa: PLC0415 - no other command loads it
    from screening.records.storage.shape import find_changed_version  # noqa: PLC0415 - the same

    settings = read_settings()
    database = open_existing_database(settings)
    try:
        if changed := find_changed_version(database):
            raise changed
        found, newest = schema.known_revision(database), schema.newest_revision()
        records = Records(database, open_keyring(settings))
        ring = records.keyring()
        if not despite_faults:
            check_no_epoch_lost(database, ring)
        unkeyed = not ring.epochs or is_lost(database, ring)
        if unkeyed and not keeper_of(settings, records.keyring):
            check_printable(wanted=printed)
        if found == newest:
            click.echo(f"The database is up to date already ({newest}).", err=printed)
        else:
            if not no_backup:
                made = _back_up(records, settings, file, newest)
                click.echo(f"Backed up to {inert(str(made))}.", err=printed)
            resealing.upgrade(records, despite_faults=despite_faults)
            database.compact()
            click.echo(f"Upgraded from {found} to {newest}.", err=printed)
        if taken := _cover(records):
            rows = words_of_count(taken, "row")
            words = f"The ledger now covers accounts, sites and keys too ({rows})."
            click.echo(words, err=printed)
        _key_ledger(records, settings, despite_faults=despite_faults)
    finally:
        database.close()


def _back_up(
    records: "Records", settings: "Settings", file: Path | None, newest: str | None
) -> Path:
    from screening.records.operation.backup import write_backup  # noqa: PLC0415 - see above

    at = records.now()
    file = file or settings.folder / f"before-{newest}-{at:%Y%m%dT%H%M%SZ}.backup"
    write_backup(records.database, file, at, records.keyring())
    return file


def _cover(records: "Records") -> int:
    """Let the ledger cover what an earlier version of it did not cover; gives how many rows."""
    from screening.records.ledger import snapshots  # noqa: PLC0415 - no other command loads it

    with records.database.writing() as session:
        return snapshots.begin(session, records)


def _key_ledger(records: "Records", settings: "Settings", *, despite_faults: bool) -> None:
    """Begin an epoch where the keyring has none; its secret goes where the keyring is."""
    from screening.records.installation.keys import keeper_of  # noqa: PLC0415 - the same
    from screening.records.ledger import keying  # noqa: PLC0415 - no other command loads it
    from screening.records.ledger.epochs import check_newest_epoch, is_lost  # noqa: PLC0415 - the same

    ring = records.keyring()
    if ring.epochs and not is_lost(records.database, ring):
        check_newest_epoch(records.database, ring)  # another one would hide what is wrong
        return
    if not despite_faults:
        _refuse_faulty(records, settings)
    keeper = keeper_of(settings, records.keyring)
    if keeper is None:
        then = "Then start the server. The new keyring keys the ledger."
        print_keyring(settings, keying.plan_epoch(records), then)
        return
    ring = keying.begin_epoch(records, 0, keeper, despite_faults=despite_faults)
    click.echo(f"The ledger is keyed from event {ring.epochs[-1].first} on. {COPY}")


def _refuse_faulty(records: "Records", settings: "Settings") -> None:
    """Pin no past that has faults, or that signed heads contradict.

    Raises:
        FaultyPastError: if it has.
    """
    from screening.records.installation.secret_files import open_signer  # noqa: PLC0415 - the same
    from screening.records.ledger.keying import FaultyPastError  # noqa: PLC0415 - the same
    from screening.records.operation.head_check import gather_heads  # noqa: PLC0415 - see above
    from screening.records.verification.verify import verify_ledger  # noqa: PLC0415 - the same

    heads = gather_heads(settings).heads
    verdict = verify_ledger(records, heads, open_signer(settings).verifier if heads else None)
    if verdict.faults:
        raise FaultyPastError(len(verdict.faults))


@click.command()
@file_argument
@click.option("--encrypt", is_flag=True, help="Encrypt it, so that only the keyring opens it.")
@click.pass_context
def backup(ctx: click.Context, file: Path, *, encrypt: bool) -> None:
    """Write all records into one file, and compare the file.

    The server can keep running. The command reads the file again and compares it with what it
    wrote. The file holds what the database holds: what is known about patients is sealed, and with
    --encrypt so is the rest. It does not hold the keyring. Keep a copy of the keyring in another
    place: without it nobody can restore a backup.

    The command verifies the records that it wrote. If they have faults, it keeps the file, says so,
    and ends with exit status 3.

    \b
    screening backup monday.backup
    """  # noqa: D301 - click reads \b as "do not wrap"
    from screening.records.ledger import events as ledger  # noqa: PLC0415 - no other command loads it
    from screening.records.operation.backup import write_backup  # noqa: PLC0415 - the same
    from screening.records.verification.verify import verify_ledger  # noqa: PLC0415 - the same

    found: list[Verdict] = []
    if not file.absolute().parent.is_dir():
        raise WrongUsageError(
            f"there is no folder {file.absolute().parent}; make it, or name another FILE"
        )
    with (
        end_on_signal(),
        open_records() as records,
        long_work("Verifying", lambda: "No backup was made.") as progress,
    ):
        ring = records.keyring()
        manifest = write_backup(
            records.database,
            file,
            records.now(),
            ring,
            encrypt=encrypt,
            check=lambda copy: found.append(
                verify_ledger(replace(records, database=copy), watch=progress)
            ),
        )
        faults = sum(len(each.faults) for each in found)
        made = ledger.EventKind.FAULTY_BACKUP_MADE if faults else ledger.EventKind.BACKUP_MADE
        ledger.record_event(records, 0, made, row=f"key/{ring.newest}")
    click.echo(f"Backed up {_content_words(manifest)} to {inert(str(file))}, and compared it.")
    if faults:
        words = FAULTY.format(faults=words_of_count(faults, "fault"))
        click.secho(f"WARNING: {words}", bold=True, fg="red", err=True)
        ctx.exit(KEPT_WITH_FAULTS)


@click.command()
@file_argument
@click.option("--despite-faults", is_flag=True, help="Restore it even if its ledger has faults.")
@click.option(
    "--unauthenticated",
    is_flag=True,
    help="Restore a backup of an earlier version, which anybody can forge.",
)
@printing
def restore(file: Path, *, despite_faults: bool, unauthenticated: bool, printed: bool) -> None:
    """Restore a backup into a database that has no records.

    SCREENING_DATA or DATABASE_URL names the database. You can restore a backup of SQLite into
    PostgreSQL, and the other way round. Put the keyring in place first. The command refuses a
    backup that was made with another keyring or was changed. Cases that were erased after the
    backup was made are erased again, from the list that is kept beside the keyring.
    """
    from screening.records.installation.keys import keeper_of  # noqa: PLC0415 - the same
    from screening.records.installation.opening import open_any_shape  # noqa: PLC0415 - the same
    from screening.records.installation.secret_files import missing_secrets  # noqa: PLC0415 - the same
    from screening.records.ledger.records import now  # noqa: PLC0415 - the same
    from screening.records.operation.restore import restore_backup  # noqa: PLC0415 - the same
    from screening.records.witness.head_file import HeadFile  # noqa: PLC0415 - no other command loads it

    settings = read_settings()
    with (
        end_on_signal(),
        long_work("Restoring", lambda: "Nothing was restored."),
        open_any_shape(settings) as records,
    ):
        keeper = keeper_of(settings, records.keyring)
        done = restore_backup(
            records,
            file,
            despite_faults=despite_faults,
            unauthenticated=unauthenticated,
            keeper=keeper or (lambda _: check_printable(wanted=printed)),
        )
    aside = HeadFile(settings.heads_file).set_aside(now())
    for line in _restore_lines(done, aside):
        click.echo(line, err=printed)
    if settings.witness:
        events = done.manifest.contents["events"].rows
        click.secho(
            WITNESS.format(seen=words_of_count(events, "event"), events=events), bold=True, err=True
        )
    for each in _restore_warnings(done, settings, missing_secrets(settings)):
        click.secho(f"WARNING: {each}", bold=True, fg="red", err=True)
    if done.keyring and not keeper:
        print_keyring(settings, done.keyring, "Then start the server.")
    elif done.keyring:
        words = f"Its ledger is older than the keyring, and is keyed again from here on. {COPY}"
        click.echo(words, err=printed)


def _restore_lines(done: "RestoreReport", aside: Path | None) -> Iterator[str]:
    """The outcome of a restore, in lines."""
    yield f"Restored {_content_words(done.manifest)}, and compared every table."
    yield f"The backup was made on {done.manifest.made_at:%Y-%m-%d at %H:%M} UTC."
    if aside:
        yield f"The signed heads of the ledger before are now in {inert(str(aside))}."
    if done.erased:
        yield f"Erased {words_of_count(done.erased, 'case')} again."
    if done.faults:
        faults = words_of_count(done.faults, "fault")
        yield f"Its ledger has {faults}. `screening ledger verify` says where."


def _restore_warnings(
    done: "RestoreReport", settings: "Settings", missing: tuple[str, ...]
) -> Iterator[str]:
    if not done.authenticated:
        yield UNAUTHENTICATED
    if not done.listed:
        yield UNLISTED.format(file=inert(str(settings.erased_file)))
    yield from (f"missing here: {each}. {PUT_BACK}" for each in missing)


@click.command()
@file_argument
@click.option("--cases", default=20, show_default=True, type=click.IntRange(min=1), metavar="N")
@click.option("--unauthenticated", is_flag=True, help="Test a backup of an earlier version.")
@click.pass_context
def rehearse(ctx: click.Context, file: Path, cases: int, *, unauthenticated: bool) -> None:
    """Test a backup by restoring it into a temporary database.

    The command opens some of the cases in that database, then deletes it. Run this on the machine
    that you would restore on, with your copy of the keyring. It says what is missing there. If
    anything is, the exit status is 1.

    \b
    screening rehearse monday.backup
    """  # noqa: D301 - click reads \b as "do not wrap"
    from screening.records.installation.opening import open_tried  # noqa: PLC0415 - the same
    from screening.records.installation.secret_files import missing_secrets  # noqa: PLC0415 - the same
    from screening.records.operation.rehearsal import rehearse as try_backup  # noqa: PLC0415 - see above

    settings = read_settings()
    folder = settings.folder if settings.folder.is_dir() else None
    with (
        end_on_signal(),
        long_work("Rehearsing", lambda: "The temporary database is deleted."),
        open_tried(settings) as records,
    ):
        done = try_backup(
            records, file, sample=cases, unauthenticated=unauthenticated, folder=folder
        )
    missing = (*missing_secrets(settings), *_missing_beside(settings, done))
    for line in _rehearsal_lines(done, missing):
        click.echo(line)
    if missing or not done.good:
        click.secho("With this backup alone you cannot restore everything.", bold=True, fg="red")
        ctx.exit(PROBLEMS)
    click.echo("Nothing is missing. The temporary database is deleted.")


def _missing_beside(settings: "Settings", done: "RehearsalReport") -> Iterator[str]:
    """The needs of a restored service beside its keys: erased cases, signed heads, the witness."""
    from screening.records.witness.head_targets import WitnessError, fetch_heads  # noqa: PLC0415 - see above

    if done.unlisted:
        count = f"{done.unlisted} {'case' if done.unlisted == 1 else 'cases'}"
        words = (
            "the newest list of erased cases; without it, restoring an older backup brings erased"
            " cases back"
        )
        yield f"{words} ({settings.erased_file} does not name {count} of this backup)"
    heads = settings.heads_file
    if heads.parent.is_dir() and not heads.exists():  # a folder that is not there is named before
        words = "the signed heads of the ledger; without them nobody can count what was lost"
        yield f"{words} ({heads})"
    if settings.witness:
        try:
            fetch_heads(settings.witness)
        except WitnessError as error:
            yield f"the witness of SCREENING_WITNESS: {error}"


def _rehearsal_lines(done: "RehearsalReport", missing: tuple[str, ...]) -> Iterator[str]:
    """The findings of a rehearsal, in lines."""
    manifest, faults = done.restored.manifest, done.restored.faults
    yield f"The backup was made on {manifest.made_at:%Y-%m-%d at %H:%M} UTC."
    content = _content_words(manifest)
    yield f"Restored {content} in {done.seconds:.1f} seconds, into a temporary database."
    yield f"The ledger has {faults or 'no'} {'fault' if faults == 1 else 'faults'}."
    tried = words_of_count(done.tried, "case")
    yield f"Opened {done.tried - len(done.unreadable)} of {tried}, chosen at random."
    yield from (
        f"Case {case_id} cannot be opened: {why}" for case_id, why in done.unreadable.items()
    )
    yield from (f"Missing here: {each}." for each in missing)
    if not done.restored.authenticated:
        yield "Nothing proves who wrote this backup: it is of an earlier version."


@contextmanager
def end_on_signal() -> Iterator[None]:
    """Let a signal to end be an exception, so that what is temporary is deleted."""
    before = signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _content_words(manifest: "Manifest") -> str:
    """The content of a backup, in a few words."""
    held = {name: content.rows for name, content in manifest.contents.items()}
    cases, events = (
        words_of_count(held.get("cases", 0), "case"),
        words_of_count(held.get("events", 0), "event"),
    )
    rows, tables = words_of_count(sum(held.values()), "row"), words_of_count(len(held), "table")
    return f"{cases} and {events} ({rows} in {tables})"
