"""Restores a backup into an empty database, all of it or nothing, and compares every row.

Cases that were erased after the backup was made are erased again, from the list beside the keys.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from sqlalchemy import Connection, inspect, select
from sqlalchemy.orm import Session

from screening.errors import ScreeningError
from screening.records.installation.erased_list import read_erased
from screening.records.installation.keys import check_keys_within
from screening.records.installation.opening import place_of
from screening.records.ledger import events, keying, snapshots
from screening.records.ledger.events import EventKind
from screening.records.ledger.records import Records
from screening.records.operation import erasure, resealing, table_copy
from screening.records.operation.backup import Backup, Manifest, open_backup_database, read_backup
from screening.records.operation.backup_file import BackupError
from screening.records.sealing.vault import Keeper, Keyring, store_keyring
from screening.records.storage import schema
from screening.records.storage.database import Database, DatabaseError
from screening.records.storage.tables import EventRow
from screening.records.verification.verify import verify_ledger


class NotEmptyError(DatabaseError):
    """A database that holds something was to be restored into."""

    def __init__(self, place: str) -> None:
        """Name the place, and say what would help."""
        super().__init__(
            f"there is a database with records in {place}, and a restore never overwrites one; name"
            " another place with SCREENING_DATA or DATABASE_URL, or move it away"
        )


class FaultyLedgerError(ScreeningError):
    """The ledger of a backup is not whole, so somebody may have changed records."""

    def __init__(self, faults: int) -> None:
        """Say how much is wrong, and what can be done."""
        super().__init__(
            f"the ledger in this backup has {'1 fault' if faults == 1 else f'{faults} faults'}, so"
            " nothing was restored; try an earlier backup, or add --despite-faults"
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class RestoreReport:
    """The result. ``erased`` counts the cases erased again, ``faults`` the faults of the ledger.

    ``listed`` says that there was a list of erased cases. Without one, a case that was erased after
    the backup was made is back.

    ``keyring`` is what the keyring has to be from now on, if that is another than before: a backup
    from before an epoch of the ledger begins one of its own. ``authenticated`` is false for a
    backup that anybody could have written.
    """

    manifest: Manifest
    authenticated: bool
    listed: bool
    erased: int
    faults: int
    keyring: Keyring | None = None


@dataclass(frozen=True, slots=True)
class _Unfinished(Database):
    """A database as a transaction sees it before it ends."""

    session: Session

    @contextmanager
    def reading(self) -> Iterator[Session]:
        yield self.session


def restore_backup(
    records: Records,
    path: Path,
    *,
    despite_faults: bool = False,
    unauthenticated: bool = False,
    keeper: Keeper | None = None,
) -> RestoreReport:
    """Restore a backup.

    Args:
        records: an empty database, and the keyring and list of erased cases that belong to the
            backup.
        path: of the backup.
        despite_faults: whether to restore it even if its ledger is not whole.
        unauthenticated: whether to restore one that anybody could have written.
        keeper: where a keyring is written that has to be another one from now on.

    Raises:
        NotEmptyError: if the database is not empty.
        BackupError: if the backup is damaged, not authentic, or not what the database then holds.
        FaultyLedgerError: if its ledger is not whole.
        LostKeyringError: if the keyring is not the one that opens the records.
    """
    beside = records.database.file.absolute().parent if records.database.file else None
    ring = records.keyring()
    with read_backup(path, ring, unauthenticated=unauthenticated, folder=beside) as backup:
        return _restore(records, backup, keeper, despite_faults=despite_faults)


def was_restored(records: Records) -> bool:
    """True if a backup was restored into this database."""
    with records.database.reading() as session:
        kind = EventKind.BACKUP_RESTORED.value
        return (
            session.scalar(select(EventRow.seq).where(EventRow.kind == kind).limit(1)) is not None
        )


def _restore(
    records: Records, backup: Backup, keeper: Keeper | None, *, despite_faults: bool
) -> RestoreReport:
    manifest = backup.manifest
    with schema.changing(records.database) as session:
        connection = session.connection()
        _make_way(session, place_of(records.database))
        schema.upgrade_within(session, manifest.revision)
        _copy(backup, connection)
        schema.upgrade_within(session)
        snapshots.begin(session, records)
        within = replace(records, database=_Unfinished(records.database.engine, session))
        check_keys_within(session, records.keyring(), "of this installation")
        ring = _following(within)
        within = replace(within, keyring=lambda: ring)
        faults = len(verify_ledger(within).faults)
        if faults and not despite_faults:
            raise FaultyLedgerError(faults)
        other = ring if ring != records.keyring() else None
        if other and keeper:
            store_keyring(other, keeper)
        change = {"authenticated": backup.authenticated, "made_at": manifest.made_at.isoformat()}
        kind = EventKind.BACKUP_RESTORED
        events.append(session, within, by=0, kind=kind, change=change)
        listed = read_erased(records.erased) if records.erased else frozenset[str]()
        has_list = bool(listed) or (records.erased is not None and records.erased.is_file())
        erased = erasure.erase_again(session, records, listed)
        resealing.renew(session, within, manifest.revision, despite_faults=despite_faults)
    return RestoreReport(
        manifest=manifest,
        authenticated=backup.authenticated,
        listed=has_list,
        erased=erased,
        faults=faults,
        keyring=other,
    )


def _make_way(session: Session, place: str) -> None:
    """Take away the tables of a new installation, in which nothing was written yet.

    Raises:
        NotEmptyError: if something was, or if they are tables of another program.
    """
    connection = session.connection()
    if not inspect(connection).get_table_names():
        return
    ours = schema.revision_within(session) in schema.known_revisions()
    if not ours or _holds_records(session):
        raise NotEmptyError(place)
    schema.downgrade_within(session, "base")


def _holds_records(session: Session) -> bool:
    """True if there is any row but the event with which a new ledger begins."""
    held = table_copy.contents(session.connection())
    others = any(held[name].rows for name in held if name != EventRow.__tablename__)
    later = select(EventRow.seq).where(EventRow.kind != EventKind.EPOCH_BEGUN.value)
    return others or session.scalar(later.limit(1)) is not None


def _following(records: Records) -> Keyring:
    """The keyring, with an epoch more if the ledger is from before one that it has begun."""
    ring = records.keyring()
    return keying.plan_epoch(records) if ring.epochs and keying.needs_epoch(records) else ring


def _copy(backup: Backup, target: Connection) -> None:
    with open_backup_database(backup.database) as source:
        read = table_copy.copy(source, target)
    if not read == backup.manifest.contents == table_copy.contents(target):
        says = "was not restored: the new database differs from the backup"
        raise BackupError(backup.path, says)
