"""Days and lengths of time in words."""

import datetime as dt
from typing import assert_never

from screening.core.rules.condition import Unit
from screening.core.values.answer import EARLIEST_DAY
from screening.core.values.span import Day, Span, month_of, year_of
from screening.translation import gettext, mark, ngettext, reader_conventions

MONTHS = (
    *(mark("January"), mark("February"), mark("March"), mark("April"), mark("May"), mark("June")),
    *(mark("July"), mark("August"), mark("September"), mark("October"), mark("November")),
    mark("December"),
)
"""The English names, which people also type."""


def words_of_day(day: dt.date) -> str:
    """A day in words, whatever language the machine speaks: 1 October 2026."""
    conventions = reader_conventions()
    if conventions:
        return conventions.day(day)
    month = gettext(MONTHS[day.month - 1])
    return gettext("{day} {month} {year}", day=day.day, month=month, year=day.year)


def words_of_month(day: dt.date) -> str:
    """The month of a day with its year: October 2026."""
    conventions = reader_conventions()
    if conventions:
        return conventions.month(day)
    return gettext("{month} {year}", month=gettext(MONTHS[day.month - 1]), year=day.year)


def words_of_days(day: Day) -> str:
    """A day in words, or the span around it: October 2026, 2026, on or before 1 May 2026."""
    if not isinstance(day, Span):
        return words_of_day(day)
    first, last = day.first, day.last
    if day == year_of(first.year):
        return str(first.year)
    if day == month_of(first.year, first.month):
        return words_of_month(first)
    if first <= EARLIEST_DAY:
        return gettext("on or before {day}", day=words_of_day(last))
    return gettext("between {first} and {last}", first=words_of_day(first), last=words_of_day(last))


def words_of_length(length: int, unit: Unit) -> str:
    """A length of time: 1 week, 6 months."""
    match unit:
        case Unit.DAYS:
            return ngettext("{count} day", "{count} days", length)
        case Unit.WEEKS:
            return ngettext("{count} week", "{count} weeks", length)
        case Unit.MONTHS:
            return ngettext("{count} month", "{count} months", length)
        case Unit.YEARS:
            return ngettext("{count} year", "{count} years", length)
        case _:
            assert_never(unit)
