"""``screening upgrade``, ``backup`` and ``restore``: the database as a whole."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from screening.cli.keys import COPY, ENVIRONMENT
from screening.cli.opening import opened_records, read_settings
from screening.cli.paper import inert

if TYPE_CHECKING:
    from screening.records.backup import Manifest
    from screening.records.database import Database
    from screening.records.settings import Settings
    from screening.records.store import Records

file_argument = click.argument(
    "file", metavar="FILE", type=click.Path(dir_okay=False, path_type=Path)
)


@click.command()
@click.option(
    "--backup",
    "file",
    metavar="FILE",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Where to write the backup that is made first; by default beside the database.",
)
@click.option("--no-backup", is_flag=True, help="Make no backup, as when you have made one.")
def upgrade(file: Path | None, *, no_backup: bool) -> None:
    """Bring the database to the shape that this version needs.

    Stop the server first. A backup is made before anything is changed. If the ledger is not keyed
    yet, it is from its next event on.
    """
    from screening.records import schema  # noqa: PLC0415 - no other command loads it
    from screening.records.settings import open_filled, open_keyring  # noqa: PLC0415 - the same
    from screening.records.store import Records  # noqa: PLC0415 - the same

    settings = read_settings()
    database = open_filled(settings)
    try:
        found, newest = schema.known_revision(database), schema.newest_revision()
        keyring = open_keyring(settings)
        if found == newest:
            click.echo(f"The database has the newest shape already ({newest}).")
        else:
            _back_up(database, settings, file, newest, unless=no_backup)
            schema.upgrade(database)
            click.echo(f"Upgraded from {found} to {newest}.")
        _key_ledger(Records(database, keyring), settings)
    finally:
        database.close()


def _back_up(
    database: "Database",
    settings: "Settings",
    file: Path | None,
    newest: str | None,
    *,
    unless: bool,
) -> None:
    from screening.records.backup import write_backup  # noqa: PLC0415 - see above
    from screening.records.store import now  # noqa: PLC0415 - the same

    if unless:
        return
    at = now()
    file = file or settings.folder / f"before-{newest}-{at:%Y%m%dT%H%M%SZ}.backup"
    write_backup(database, file, at)
    click.echo(f"Backed up to {inert(str(file))}.")


def _key_ledger(records: "Records", settings: "Settings") -> None:
    """Begin an epoch where the ledger has none; its secret goes where the keyring is."""
    from screening.records import keying  # noqa: PLC0415 - no other command loads it

    if not keying.needs_epoch(records):
        return
    if settings.keyring:
        click.echo(f"{ENVIRONMENT} this before you start the server, which keys the ledger:\n")
        click.echo(keying.plan_epoch(records).write(), nl=False)
        return
    ring = keying.begin_epoch(records, 0, settings.keyring_file)
    click.echo(f"From event {ring.epochs[-1].first} on, the ledger is keyed. {COPY}")


@click.command()
@file_argument
def backup(file: Path) -> None:
    """Write all records into one file, and read it again to be sure.

    The server can go on. The file holds what the database holds: what is known of patients is
    sealed. It does not hold the keyring: keep a copy of that in another place, because without it
    no backup can be read.

    \b
    screening backup monday.backup
    """  # noqa: D301 - click reads \b as "do not wrap"
    from screening.records import ledger  # noqa: PLC0415 - no other command loads it
    from screening.records.backup import write_backup  # noqa: PLC0415 - the same

    with opened_records() as records:
        manifest = write_backup(records.database, file, records.now())
        ledger.record_event(records, 0, ledger.EventKind.BACKUP_MADE)
    click.echo(f"Backed up {_told(manifest)} to {inert(str(file))}, and compared it.")


@click.command()
@file_argument
@click.option("--despite-faults", is_flag=True, help="Restore it even if its ledger shows changes.")
def restore(file: Path, *, despite_faults: bool) -> None:
    """Restore a backup into an empty database.

    SCREENING_DATA or DATABASE_URL name the database. It may be of the other kind than the one that
    the backup was made from. The keyring must be there already. Cases that were erased since the
    backup was made are erased again, by the list that lies beside the keyring.
    """
    from screening.records.restore import restore_backup  # noqa: PLC0415 - no other loads it
    from screening.records.settings import open_unmade  # noqa: PLC0415 - the same

    settings = read_settings()
    records, ring = open_unmade(settings), None if settings.keyring else settings.keyring_file
    try:
        done = restore_backup(records, file, despite_faults=despite_faults, keyring_file=ring)
    finally:
        records.database.close()
    click.echo(f"Restored {_told(done.manifest)}, and compared every table.")
    if done.erased:
        click.echo(f"Erased again: {done.erased}.")
    if done.keyring and not ring:
        click.echo(f"{ENVIRONMENT} this before you start the server:\n")
        click.echo(done.keyring.write(), nl=False)
    elif done.keyring:
        click.echo(f"Its ledger is older than the keyring, which keys it from here on. {COPY}")
    if done.faults:
        click.echo(f"Its ledger has {done.faults} faults; `screening ledger verify` names them.")


def _told(manifest: "Manifest") -> str:
    """What a backup holds, in a few words."""
    held = {name: content.rows for name, content in manifest.contents.items()}
    cases, events, tables = held.get("cases", 0), held.get("events", 0), len(held)
    rows = sum(held.values())
    return f"{cases} cases and {events} events ({rows} rows in {tables} tables)"
