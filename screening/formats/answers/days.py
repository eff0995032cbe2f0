"""Days and spans of days as text: FHIR's partial dates, and intervals of ISO 8601.

Source: HL7 FHIR R4, date (``2026``, ``2026-10``, ``2026-10-01``); ISO 8601-1:2019, 5.5
(``2026-10-01/2026-10-20``).
"""

import datetime as dt
import re

from screening.core.values.span import Day, Span, day_between, month_of, year_of

_PARTIAL = re.compile(r"([0-9]{4})(?:-([0-9]{2}))?", re.ASCII)


def read_days(text: str) -> Day:
    """The day, month, year or interval of days that is written in just this form.

    Raises:
        ValueError: if it is written in another, or there is no such day.
    """
    first, slash, last = text.partition("/")
    if slash:
        return day_between(day_of(first), day_of(last))
    partial = _PARTIAL.fullmatch(text)
    if not partial:
        return day_of(text)
    year, month = partial.groups()
    return month_of(int(year), int(month)) if month else year_of(int(year))


def write_days(day: Day) -> str:
    """The shortest text that ``read_days`` reads as the same."""
    if not isinstance(day, Span):
        return day.isoformat()
    first = day.first.isoformat()
    if day == year_of(day.first.year):
        return first[:4]
    if day == month_of(day.first.year, day.first.month):
        return first[:7]
    return f"{first}/{day.last.isoformat()}"


def day_of(text: str) -> dt.date:
    """The day that is written as 2026-10-01, in these ten characters and no other way.

    Raises:
        ValueError: if it is written in another, or there is no such day.
    """
    if not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text, re.ASCII):
        raise ValueError(text)
    return dt.date.fromisoformat(text)
