"""Days and moments that somebody may have changed in the database to what is none.

A query reads them as text, so that one that cannot be read takes no other row with it.
"""

import datetime as dt
from typing import Any

from sqlalchemy import ColumnElement, String, cast, func
from sqlalchemy.orm import InstrumentedAttribute

_MOMENT = 27
"""The length of a moment as ``storage.tables.Instant`` keeps it."""


def as_text(
    column: InstrumentedAttribute[Any] | ColumnElement[Any],
) -> ColumnElement[str | None]:
    """A day or a moment as it is kept."""
    return cast(column, String)


def is_whole(column: InstrumentedAttribute[dt.datetime]) -> ColumnElement[bool]:
    """Choose the moments that are as long as each is kept; few others can be read as one."""
    return func.length(as_text(column)) == _MOMENT


def read_day(text: str | None) -> dt.date | None:
    """The day of such a text; None for one that is none."""
    try:
        return dt.date.fromisoformat(text or "")
    except ValueError:
        return None


def read_moment(text: str | None) -> dt.datetime | None:
    """The moment of such a text; None for one that is none."""
    try:
        return dt.datetime.fromisoformat(text or "") if len(text or "") == _MOMENT else None
    except ValueError:
        return None
