"""Parts of the records that cannot be read, because somebody changed them in the database.

A page shows a warning in place of such a note, and goes on working. ``screening ledger verify``
names the row.
"""

from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from typing import Any

from sqlalchemy.exc import DataError, OperationalError

from screening.records.sealing.vault import SealError
from screening.translation import mark

UNREADABLE_NOTE = mark("This note cannot be read: it was changed outside the application.")
UNREADABLE_CALL = mark("The record of the last call was changed or removed. Ask again.")
UNREADABLE_CASE = mark("Unreadable case: emergency signs not known")
UNREADABLE_TASK = mark(
    "This case was changed outside the application, so we cannot tell what has to be done."
)
UNREADABLE_OUTCOME = mark("cannot be read: it was changed outside the application")
_UNREADABLE = "unreadable"


def read_note_or_mark(read: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """The content of a note, or a mark in place of one that cannot be opened.

    Args:
        read: opens the note, and fails with a ``SealError`` if it was changed.
    """
    try:
        return read()
    except SealError:
        return {_UNREADABLE: True}


def is_unreadable(content: Mapping[str, Any]) -> bool:
    """True for the mark of a note that cannot be read, which may have been about anything."""
    return _UNREADABLE in content


NO_VALUE = (ValueError, TypeError, DataError, OperationalError)
"""The faults of a column that holds what has no meaning there; see ``check_no_outage``."""


def check_no_outage(error: Exception) -> None:
    """Go on only if a fault comes of what a row holds: an outage is told as one."""
    if isinstance(error, OperationalError) and "decode" not in str(error.orig):
        raise error


@contextmanager
def sealed_or_changed(name: str) -> Generator[None]:
    """Read a row whose columns somebody may have changed.

    Args:
        name: what is read, for the log.

    Raises:
        SealError: if a column has no meaning.
    """
    try:
        yield
    except NO_VALUE as error:
        check_no_outage(error)
        raise SealError(name) from error
