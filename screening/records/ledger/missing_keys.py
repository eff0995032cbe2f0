"""The keys that the keyring lacks, as far as the ledger confirms the rows that name them.

Somebody who can write to the database can let a row name any key. Then the row is damaged and the
keyring is whole, so nothing but that row may stop. ``verify`` names the row.
"""

from collections.abc import Iterator, Mapping, Sequence

from sqlalchemy import func, select, union
from sqlalchemy.orm import Session

from screening.records.ledger.covered import (
    AT_ONCE,
    State,
    Subject,
    covers_later,
    matches_state,
    named_table,
    read_states,
)
from screening.records.ledger.entries import is_genuine
from screening.records.ledger.events import WENT
from screening.records.sealing.vault import Keyring
from screening.records.storage.tables import CaseKeyRow, EventRow, SecretRow

_UNREADABLE = (ValueError, TypeError, AttributeError, OverflowError)
"""The fault of a value in a row that the application cannot have written."""
_OF_CASES = select(CaseKeyRow.key_id).where(CaseKeyRow.wrapped.is_not(None))
_OF_ALL = union(_OF_CASES, select(SecretRow.key_id))
_Named = tuple[str, Subject]
"""The id of a key, and the row or group of rows that names it."""


def find_missing_keys(session: Session, ring: Keyring) -> tuple[str, ...]:
    """The ids of keys that something in the database is wrapped by, and that the keyring lacks."""
    missing = set(session.scalars(_OF_ALL)) - set(ring.keys)
    if missing and covers_later(session):
        missing = _confirmed(session, ring)
    return tuple(sorted(missing))


def _confirmed(session: Session, ring: Keyring) -> set[str]:
    """Those that a row names which is as the ledger says."""
    named, found = list(_rows(session, ring)), set[str]()
    current = _is_current(session, ring)
    for start in range(0, len(named), AT_ONCE):
        chosen = [each for each in named[start : start + AT_ONCE] if each[0] not in found]
        found |= _confirmed_by(session, ring if current else None, chosen)
    return found


def _rows(session: Session, ring: Keyring) -> Iterator[_Named]:
    """The rows that name a key which the keyring lacks."""
    for of, owner in ((CaseKeyRow, CaseKeyRow.case_id), (SecretRow, SecretRow.name)):
        lacking = select(of.key_id, owner).where(of.key_id.not_in(ring.keys))
        for key, name in session.execute(lacking.where(of.wrapped.is_not(None))):
            yield key, Subject(named_table(of.__tablename__), (name,))


def _is_current(session: Session, ring: Keyring) -> bool:
    """True if the keyring keyed the newest event: then it lacks no secret of the ledger."""
    newest = select(EventRow).where(EventRow.seq > 0).order_by(EventRow.seq.desc()).limit(1)
    try:
        event = session.scalar(newest)
        return event is not None and is_genuine(event, ring)
    except _UNREADABLE:
        return False


def _confirmed_by(session: Session, ring: Keyring | None, named: Sequence[_Named]) -> set[str]:
    """The keys that rows name as the ledger says; a row that cannot be read hides no other."""
    try:
        subjects = [subject for _, subject in named]
        states, told = read_states(session, subjects), _newest_events(session, subjects)
        return {key for key, each in named if _is_as_told(ring, each, states, told)}
    except _UNREADABLE:
        single = [[each] for each in named] if len(named) > 1 else []
        return set[str]().union(*(_confirmed_by(session, ring, each) for each in single))


def _is_as_told(
    ring: Keyring | None,
    subject: Subject,
    states: Mapping[Subject, State],
    told: Mapping[str, EventRow],
) -> bool:
    """True if the newest event of a row confirms it.

    With a current keyring the event must be genuine. One that lacks a secret of the ledger, such as
    an old copy, cannot tell, and is refused rather than used.
    """
    state, event = states.get(subject), told.get(subject.name)
    if state is None or event is None or not matches_state(event.digest, subject, state):
        return False
    return ring is None or is_genuine(event, ring)


def _newest_events(session: Session, subjects: Sequence[Subject]) -> dict[str, EventRow]:
    """The newest event of each row that says what it is, or that it went."""
    names = [each.name for each in subjects]
    written = (EventRow.digest != "") | EventRow.kind.in_(WENT)
    of_rows = (EventRow.row.in_(names), written, EventRow.seq > 0)
    newest = select(func.max(EventRow.seq)).where(*of_rows).group_by(EventRow.row)
    found = select(EventRow).where(EventRow.seq.in_(newest))
    return {event.row: event for event in session.scalars(found)}
