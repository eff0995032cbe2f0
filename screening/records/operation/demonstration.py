"""The mark of a demonstration database: everything in it is made up, and must be seen to be."""

from sqlalchemy import select

from screening.records.ledger.events import EventKind
from screening.records.ledger.records import Records
from screening.records.storage.tables import CaseRow, EventRow, Marker

NAME = "demo"
WORDS = "every case here is made up"


def mark(records: Records) -> None:
    """Mark a database for good as a demonstration."""
    with records.database.writing() as session:
        session.merge(Marker(name=NAME, value=WORDS))


def is_demonstration(records: Records) -> bool:
    """True if a database is marked as one."""
    with records.database.reading() as session:
        return session.get(Marker, NAME) is not None


def is_unused(records: Records) -> bool:
    """True if nobody ever wrote to a database; every ledger begins with an event of its own."""
    events = select(EventRow.seq).where(EventRow.kind != EventKind.EPOCH_BEGUN.value)
    with records.database.reading() as session:
        rows = (session.scalar(each.limit(1)) for each in (select(CaseRow.id), events))
        return all(row is None for row in rows)
