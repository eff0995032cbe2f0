"""The dates of many rows as ordinals: what ``core.compiled.timeline`` does, in columns."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from screening.batch.columns.table import Codes, Column
from screening.core.compiled.timeline import Timeline
from screening.core.values.answer import Value
from screening.core.values.span import Span, first_of, last_of

Ordinals = NDArray[np.int32]
Marks = NDArray[np.bool_]

UNKNOWN_AGE = int(np.iinfo(np.int32).min)
_MONTHS, _SHORTEST = 12, 28
_FIRSTS = (
    np.arange("0001-01", "10001-01", dtype="datetime64[M]").astype("datetime64[D]").astype(np.int32)
    + dt.date(1970, 1, 1).toordinal()
).astype(np.int32)
"""The first days of all months that a calendar has, and of those of the year after."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DayColumns:
    """The first and the last day of each date; 0 and the screening date where it is unknown."""

    firsts: tuple[Ordinals, ...]
    lasts: tuple[Ordinals, ...]

    def without(self, place: int, rows: Marks, today: Ordinals) -> "DayColumns":
        """The same with one date unknown in some rows."""
        firsts, lasts = list(self.firsts), list(self.lasts)
        firsts[place] = np.where(rows, np.int32(0), firsts[place])
        lasts[place] = np.where(rows, today, lasts[place])
        return replace(self, firsts=tuple(firsts), lasts=tuple(lasts))

    def narrow(self, timeline: Timeline) -> "DayColumns":
        """The days that the order of events leaves."""
        firsts, lasts = list(self.firsts), list(self.lasts)
        for one, other in timeline.pairs:
            firsts[one] = np.maximum(firsts[one], np.int32(1))
            firsts[other] = np.maximum(firsts[other], firsts[one])
        for one, other in reversed(timeline.pairs):
            lasts[one] = np.minimum(lasts[one], lasts[other])
        return replace(self, firsts=tuple(firsts), lasts=tuple(lasts))

    def vague(self, place: int) -> Marks:
        """The rows in which a date is not known to the day."""
        return np.not_equal(self.firsts[place], self.lasts[place])


@dataclass(frozen=True, slots=True, kw_only=True)
class DayTables:
    """The first and the last day of each distinct value of a date, None for no column of it."""

    codes: Codes | None
    firsts: Ordinals
    lasts: Ordinals

    def take(self, rows: slice, today: Ordinals) -> tuple[Ordinals, Ordinals]:
        """The days of some rows; none is after the screening date but a first one."""
        if self.codes is None:
            return np.zeros(len(today), dtype=np.int32), today
        codes = self.codes[rows]
        return self.firsts.take(codes), np.minimum(self.lasts.take(codes), today)


def day_tables(link_id: str, column: Column[Value | None] | None) -> DayTables:
    """The days of a column.

    Raises:
        TypeError: if a value is no day.
    """
    firsts, lasts = [], []
    for value in column.values if column else ():
        if value is None:
            firsts.append(0)
            lasts.append(dt.date.max.toordinal())
        elif isinstance(value, dt.date | Span):
            firsts.append(first_of(value).toordinal())
            lasts.append(last_of(value).toordinal())
        else:
            message = f"the answer to {link_id} is a {type(value).__name__}, not a day"
            raise TypeError(message)
    return DayTables(
        codes=column.codes if column else None,
        firsts=np.array(firsts, dtype=np.int32),
        lasts=np.array(lasts, dtype=np.int32),
    )


def first_birthdays(years: Ordinals, births: Ordinals, as_of: Mapping[str, Ordinals]) -> Ordinals:
    """The first day on which each patient can have been born, as ``consistency.days_of_birth``.

    Args:
        years: ages in completed years; ``UNKNOWN_AGE`` where none is known.
        births: birth years; 0 where none is recorded.
        as_of: the screening dates: ``ordinal``, ``year``, ``month`` and ``day``.

    Returns:
        Ordinals; 0 where nothing is known, or where age and birth year exclude every day.
    """
    today, aged, born = as_of["ordinal"], years != UNKNOWN_AGE, births > 0
    years = np.where(aged, years, 0)
    first = np.where(aged, _years_before(as_of, years + 1), np.int32(1))
    last = np.where(aged, _years_before(as_of, years) + 1, today)
    first = np.where(born, np.maximum(first, _first_of_month(births, 1)), first)
    last = np.where(born, np.minimum(last, _first_of_month(births + 1, 1) - 1), last)
    return np.where((first < last) & (aged | born), first, 0).astype(np.int32)


def _years_before(as_of: Mapping[str, Ordinals], years: Ordinals) -> Ordinals:
    year = as_of["year"] - years
    first = _first_of_month(np.clip(year, 1, dt.MAXYEAR), as_of["month"])
    days = np.minimum(as_of["day"], _SHORTEST) - 1
    return np.where(year >= 1, first + days, 1)


def _first_of_month(year: Ordinals, month: Ordinals | int) -> Ordinals:
    return _FIRSTS.take((year - 1) * _MONTHS + (month - 1), mode="clip")


def parts_of(days: Sequence[dt.date]) -> dict[str, Ordinals]:
    """Days as ordinals, years, months and days of the month."""
    return {
        "ordinal": np.array([day.toordinal() for day in days], dtype=np.int32),
        "year": np.array([day.year for day in days], dtype=np.int32),
        "month": np.array([day.month for day in days], dtype=np.int32),
        "day": np.array([day.day for day in days], dtype=np.int32),
    }
