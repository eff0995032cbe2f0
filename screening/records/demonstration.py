"""The mark of a demonstration database: everything in it is made up, and must be seen to be."""

from screening.records.store import Records
from screening.records.tables import Marker

NAME = "demo"
WORDS = "every case here is made up"


def mark(records: Records) -> None:
    """Mark a database for good as a demonstration."""
    with records.database.writing() as session:
        session.merge(Marker(name=NAME, value=WORDS))


def is_demonstration(records: Records) -> bool:
    """Whether a database is marked as one."""
    with records.database.reading() as session:
        return session.get(Marker, NAME) is not None
