"""Days as far as they are known: one day, or a closed span of days.

A comparison with a span is true or false only if it is so for every day in it.
"""

import calendar
import datetime as dt
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """A closed span of two or more days, of which one is meant."""

    first: dt.date
    last: dt.date

    def __post_init__(self) -> None:
        """Check the order of the days.

        Raises:
            ValueError: if the last day does not come after the first.
        """
        if self.first >= self.last:
            message = "a span ends after the day that it begins on"
            raise ValueError(message)


Day = dt.date | Span
"""A day, or a span of days."""


def day_between(first: dt.date, last: dt.date) -> Day:
    """The day if there is only one, else the span.

    Raises:
        ValueError: if the last day comes before the first.
    """
    return first if first == last else Span(first=first, last=last)


def first_of(day: Day) -> dt.date:
    """The earliest day that can be meant."""
    return day.first if isinstance(day, Span) else day


def last_of(day: Day) -> dt.date:
    """The latest day that can be meant."""
    return day.last if isinstance(day, Span) else day


def month_of(year: int, month: int) -> Span:
    """A calendar month."""
    last = calendar.monthrange(year, month)[1]
    return Span(first=dt.date(year, month, 1), last=dt.date(year, month, last))


def year_of(year: int) -> Span:
    """A calendar year."""
    return Span(first=dt.date(year, 1, 1), last=dt.date(year, 12, 31))
