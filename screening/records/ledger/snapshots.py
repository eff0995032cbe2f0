"""Lets the ledger cover an older database, by one event for each row or group as it is now."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from sqlalchemy.orm import Session

from screening.records.ledger import events
from screening.records.ledger.covered import (
    LATER,
    State,
    Subject,
    covers_later,
    digest_of,
    named_table,
    portions,
)
from screening.records.ledger.events import EventKind
from screening.records.storage import account_tables  # its tables belong to the metadata
from screening.records.storage.tables import EventRow

if TYPE_CHECKING:
    from screening.records.ledger.records import Records

__all__ = ["account_tables", "begin", "holds_later"]


def begin(session: Session, records: "Records") -> int:
    """Let the ledger cover what it did not cover before, as it is now; does so once.

    Returns:
        How many rows and groups were taken in.
    """
    if covers_later(session):
        return 0
    taken = 0
    for portion in _later_portions(session):
        told = events.last_digests(session, [each.name for each in portion])
        fresh = {each: state for each, state in portion.items() if each.name not in told}
        for subject, state in fresh.items():
            _snapshot(session, records, subject, state)
        session.flush()
        _forget_events(session)
        taken += len(fresh)
    return taken


def holds_later(session: Session) -> bool:
    """True if there is anything that the ledger did not cover at first."""
    return next(_later_portions(session), None) is not None


def _later_portions(session: Session) -> Iterator[Mapping[Subject, State]]:
    for name in sorted(LATER):
        yield from portions(session, named_table(name))


def _snapshot(session: Session, records: "Records", subject: Subject, state: State) -> None:
    events.append(
        session,
        records,
        by=0,
        kind=EventKind.RECORD_SNAPSHOT,
        case_id=subject.case_id,
        row=subject.name,
        digest=digest_of(subject, state),
    )


def _forget_events(session: Session) -> None:
    """Free what is written already, so that memory does not grow with the number of rows."""
    for each in [row for row in session if isinstance(row, EventRow)]:
        session.expunge(each)
