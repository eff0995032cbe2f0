"""Days and moments that may be invalid, because somebody changed them in the database.

A query reads them as text, so that an invalid one does not make other rows unreadable.
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
    """Choose the texts that are as long as a kept moment; few others can be read as one."""
    return func.length(as_text(column)) == _MOMENT


def read_day(text: str | None) -> dt.date | None:
    """The day that such a text names; None if it is invalid."""
    try:
        return dt.date.fromisoformat(text or "")
    except ValueError:
        return None


def read_moment(text: str | None) -> dt.datetime | None:
    """The moment that such a text names; None if it is invalid."""
    try:
        moment = dt.datetime.fromisoformat(text or "") if len(text or "") == _MOMENT else None
    except ValueError:
        return None
    return moment if moment and _is_everywhere(moment) else None


def _is_everywhere(moment: dt.datetime) -> bool:
    """True for a moment with a time zone that every clock of the world can show."""
    return moment.tzinfo is not None and dt.MINYEAR < moment.year < dt.MAXYEAR
