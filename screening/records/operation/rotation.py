"""Rotation: what the keyring's keys wrap is wrapped again under a fresh one; sealed fields stay.

Of the two places, the keyring always knows first: a fresh key is in the file before the database
uses it, and an old one leaves the file only when the database uses it no more. So whatever moment
the machine stops at, everything can be read, and the command can be given again.
"""

import datetime as dt
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from screening.errors import WrongCallError
from screening.records.errors import ErasedError
from screening.records.ledger import events
from screening.records.ledger.digests import row_name
from screening.records.ledger.events import EventKind
from screening.records.ledger.records import Records
from screening.records.sealing import vault
from screening.records.sealing.case_keys import open_key
from screening.records.sealing.key_command import KeyringCommand
from screening.records.sealing.vault import (
    DataKey,
    Keeper,
    Keyring,
    KeyringError,
    SealError,
    store_keyring,
)
from screening.records.storage.tables import CaseKeyRow, EventRow, SecretRow

_Wrapped = CaseKeyRow | SecretRow
Watch = Callable[[int, int], None]
"""Is called with how much is done, and with how much there is."""


class NoKeyError(KeyringError, WrongCallError):
    """The keyring has no key of a name."""

    def __init__(self, name: str) -> None:
        """Name what was asked for."""
        super().__init__(f"the keyring has no key {name}; `screening keys list` shows those it has")


class UsedKeyError(KeyringError, WrongCallError):
    """A key that wraps something was to be destroyed."""

    def __init__(self, name: str, used: int) -> None:
        """Name the key, and say how much would be lost."""
        super().__init__(
            f"the key {name} still opens {used} {'record' if used == 1 else 'records'}, which"
            " nobody could read without it; run `screening keys rotate` first"
        )


@dataclass(frozen=True, slots=True)
class Use:
    """A key of the keyring, and how many keys of cases and of the database it wraps.

    ``backups`` are those that the ledger knows to have been made under it, ``last_backup`` when.
    """

    name: str
    newest: bool
    wraps: int
    backups: int = 0
    last_backup: dt.datetime | None = None


@dataclass(frozen=True, slots=True)
class RewrapReport:
    """The outcome of wrapping again: how many keys, and the names of the rows that were left.

    Those are damaged: no key of the keyring opens them. A backup in which they are whole needs the
    key that they were wrapped by.
    """

    changed: int
    left: tuple[str, ...]


def uses(records: Records) -> list[Use]:
    """The use of each key of the keyring, the newest last."""
    ring = records.keyring()
    with records.database.reading() as session:
        counted = _counted(session)
        listed = [
            Use(name, name == ring.newest, counted[name], *_backups(session, name))
            for name in ring.keys
        ]
    return sorted(listed, key=lambda use: (use.newest, use.name))


def rotate(records: Records, by: int, keeper: Keeper, watch: Watch | None = None) -> RewrapReport:
    """Put a fresh key into the keyring, and wrap everything under it.

    Args:
        records: to be worked on.
        by: the account that acts.
        keeper: where the keyring is kept.
        watch: see ``rewrap_keys``.
    """
    store_keyring(records.keyring().with_fresh_key(), keeper)
    return rewrap_keys(records, by, always_recorded=True, watch=watch)


def rewrap_keys(
    records: Records, by: int, *, always_recorded: bool = False, watch: Watch | None = None
) -> RewrapReport:
    """Wrap everything under the newest key, in one transaction.

    If it is stopped, every key is wrapped as before, and it can be called again. A damaged key is
    left as it is, and keeps no other from being wrapped.

    Args:
        records: to be worked on.
        by: the account that acts.
        always_recorded: whether the ledger says so even if there was nothing to wrap.
        watch: is called with how many keys were wrapped, and with how many there are.
    """
    _settle(records)
    ring = records.keyring()
    with records.database.writing() as session:
        events.lock(session)  # every key that is wrapped has its event
        done = _wrap_all(list(_locked(session, ring.newest)), ring, watch)
        if done.changed or always_recorded:
            session.flush()
            name = f"key/{ring.newest}"
            events.append(session, records, by=by, kind=EventKind.KEYS_ROTATED, row=name)
    return done


def _wrap_all(rows: Sequence[_Wrapped], ring: Keyring, watch: Watch | None) -> RewrapReport:
    left: list[str] = []
    for done, row in enumerate(rows, start=1):
        if not _wrap(row, ring):
            left.append(row_name(row))
        if watch is not None:
            watch(done, len(rows))
    return RewrapReport(len(rows) - len(left), tuple(left))


def is_pending(records: Records) -> bool:
    """True if something can be wrapped by the newest key and is not, as when a rotation was cut."""
    ring = records.keyring()
    with records.database.reading() as session:
        return any(_open(row, ring) for row in _others(session, ring.newest))


def newest_since(records: Records) -> dt.datetime:
    """The time when the newest key came into use, or the ledger began."""
    newest = f"key/{records.keyring().newest}"
    rotated = EventRow.kind == EventKind.KEYS_ROTATED.value, EventRow.row == newest
    with records.database.reading() as session:
        found = session.scalar(select(func.max(EventRow.at)).where(*rotated))
        return found or session.scalar(select(func.min(EventRow.at))) or records.now()


def _settle(records: Records) -> None:
    """Let no process go on with an older keyring. A file is looked at each time."""
    if isinstance(records.keyring, KeyringCommand):
        records.keyring.settle()


def destroy(records: Records, by: int, name: str, keeper: Keeper | None) -> Keyring:
    """Take a key out of the keyring, for good, while nobody can begin to use it.

    Args:
        records: whose keyring it is.
        by: the account that acts.
        name: of the key.
        keeper: where the keyring is kept; without it, somebody has to put the result there.

    Raises:
        KeyringError: if it is the newest, or unknown, or still wraps something.
    """
    _settle(records)
    with records.database.writing() as session:
        events.lock(session)  # who adds a case holds it before looking at the keyring
        left = _without(session, records.keyring(), name)
        events.append(session, records, by=by, kind=EventKind.KEY_DESTROYED, row=f"key/{name}")
        session.flush()
        if keeper is not None:
            store_keyring(left, keeper)
    return left


def check_destroyable(records: Records, name: str) -> None:
    """Make sure that a key can be destroyed, before anybody is asked whether they want it.

    Raises:
        KeyringError: if it is the newest, or unknown, or still wraps something.
    """
    with records.database.reading() as session:
        _without(session, records.keyring(), name)


def _without(session: Session, ring: Keyring, name: str) -> Keyring:
    if name not in ring.keys:
        raise NoKeyError(name)
    left = ring.without(name)
    if used := _counted(session)[name]:
        raise UsedKeyError(name, used)
    return left


def _locked(session: Session, newest: str) -> Iterator[_Wrapped]:
    """The rows that another key wraps, once nobody else changes them: erased keys stay so."""
    return _others(session, newest, locked=True)


def _others(session: Session, newest: str, *, locked: bool = False) -> Iterator[_Wrapped]:
    of_cases = select(CaseKeyRow).where(CaseKeyRow.wrapped.is_not(None))
    chosen = of_cases.where(CaseKeyRow.key_id != newest)
    yield from session.scalars(chosen.with_for_update() if locked else chosen)
    yield from session.scalars(select(SecretRow).where(SecretRow.key_id != newest))


def _backups(session: Session, name: str) -> tuple[int, dt.datetime | None]:
    """The number of backups under a key, which nobody can restore without it; and the last."""
    kinds = EventKind.BACKUP_MADE.value, EventKind.FAULTY_BACKUP_MADE.value
    made = EventRow.kind.in_(kinds), EventRow.row == f"key/{name}"
    found = session.execute(select(func.count(), func.max(EventRow.at)).where(*made)).one()
    return found[0], found[1]


def _counted(session: Session) -> Counter[str]:
    of_cases = select(CaseKeyRow.key_id).where(CaseKeyRow.wrapped.is_not(None))
    return Counter(
        [*session.scalars(of_cases), *session.scalars(select(SecretRow.key_id))],
    )


def _wrap(row: _Wrapped, ring: Keyring) -> bool:
    """Wrap a key by the newest; False if it cannot be opened."""
    key = _open(row, ring)
    if key is not None:
        row.key_id, row.wrapped = vault.wrap(ring, key)
    return key is not None


def _open(row: _Wrapped, ring: Keyring) -> DataKey | None:
    """The key in a row, by whatever key opens it: somebody may have changed which one it names."""
    name = row.case_id if isinstance(row, CaseKeyRow) else row.name
    for key_id in (row.key_id, *ring.keys):
        with suppress(SealError, ErasedError):
            return open_key(ring, name, key_id, row.wrapped)
    return None
