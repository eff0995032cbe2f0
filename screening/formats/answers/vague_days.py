"""Days as people remember them: about 3 weeks ago, more than a year ago, between two days.

The result is a span of days that contains the day, fixed by the screening date: the same words
typed a week later mean other days.
"""

import datetime as dt
import re
from dataclasses import dataclass
from enum import Enum

from screening.core.rules.condition import Unit, add_time
from screening.core.values.answer import EARLIEST_DAY
from screening.core.values.span import Day, day_between, first_of, last_of
from screening.formats.answers.day_text import TypedDay, plain_text, read_day_text
from screening.formats.answers.days import read_days, write_days
from screening.words.shared.days import MONTHS


class _How(Enum):
    """The sense of a length of time."""

    ABOUT = r"(?:about|around|roughly|approximately|approx\.?|circa|ca\.?|~) ?"
    OVER = r"(?:more than|over|longer than|at least|>) ?"
    WITHIN = r"(?:less than|under|at most|<|(?:with)?in the (?:last|past)|within) ?"


_NUMBERS = {
    "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8,
    "nine": 9, "ten": 10, "eleven": 11, "twelve": 12, "a": 1, "an": 1,
}  # fmt: skip
_UNITS = {
    "day": Unit.DAYS,
    "week": Unit.WEEKS,
    "wk": Unit.WEEKS,
    "month": Unit.MONTHS,
    "year": Unit.YEARS,
    "yr": Unit.YEARS,
}
_COUPLE = "(?:a )?couple(?: of)?"
_NUMBER = rf"[1-9][0-9]{{0,2}}|(?:{'|'.join(_NUMBERS)}|{_COUPLE})(?= )"
_HOW = rf"(?:chronic )?(?:for )?(?P<how>{'|'.join(how.value for how in _How)})?"
_LENGTH = re.compile(
    rf"{_HOW}(?P<least>{_NUMBER})(?:(?: to | or | ?- ?)(?P<most>{_NUMBER}))?"
    rf" ?(?P<unit>{'|'.join(_UNITS)})s?(?: ago)?"
)
_HALF = re.compile(
    rf"{_HOW}(?:half (?:a )?year|(?P<first>{_NUMBER}) years? and a half"
    rf"|(?:(?P<whole>{_NUMBER}) and a half|(?P<point>[0-9]{{1,3}})\.5) ?(?:year|yr)s?)(?: ago)?"
)
_LAST = re.compile(r"(?:(?:(?:with)?in |during )?the )?(?:last|past) (?P<unit>week|month|year)")
_BETWEEN = re.compile(r"(?:between|from) (?P<first>.{1,60}?) (?:and|to) (?P<last>.{1,60})")
_BEFORE = re.compile(r"(?P<on>on or )?before (?P<day>.+)")
_IN = re.compile(r"(?:in|on|since) (?P<day>.+)")
_BARE_DAY = re.compile(r"[0-9]{1,2}(?:st|nd|rd|th)?")
_A_COUPLE = (2, 3)
_HALF_A_YEAR = 6  # months
_QUARTER = 3  # months
_WEEK = 7  # days
_COUNTED_DAYS = 2 * _WEEK
_ONE_DAY = dt.timedelta(days=1)


def iso_days_of(text: str, as_of: dt.date) -> str:
    """A typed day, month, year or span of days as ``days.read_days`` reads it.

    Args:
        text: a day as ``day_text.read_day_text`` reads it, or as ``read_vague_days`` does.
        as_of: the screening date, from which lengths of time are counted back.

    Returns:
        The days, or the text unchanged if it cannot be read as days.

    Raises:
        DayTextError: if a day in the text can mean two, or does not exist.
    """
    exact = read_day_text(text)
    if exact:
        return exact.iso
    days = read_vague_days(text, as_of)
    return write_days(days) if days else text


def read_vague_days(text: str, as_of: dt.date) -> Day | None:
    """Read days in words, such as “about 3 weeks ago” or “between 3 and 20 October 2026”.

    A number of weeks is as vague as a week on either side, and so for months and years:
    “3 weeks ago” is from 4 to 2 weeks ago. Fewer than 14 days are counted, give or take one. About
    so many days, or 14 and more, are round: as vague as a third of them on either side, 14 and
    more at least a week. A couple is two or three. A year and a half is as vague as half a year:
    from 2 years to a year ago. Half a year is from 9 to 3 months ago. “Last week” can
    mean the week of the calendar or the days up to now, and is read as “a week ago”, which holds
    both; so are “last month” and “last year”. What has no other end begins on ``EARLIEST_DAY``.

    Returns:
        The days of which one is meant; None if the text says none.

    Raises:
        DayTextError: if a day in the text can mean two, or does not exist.
    """
    plain = re.sub(r"[\s,]+", " ", re.sub("[\u2010-\u2015\u2212]", "-", plain_text(text)))
    if plain in ("today", "yesterday"):
        return as_of if plain == "today" else as_of - _ONE_DAY
    return _length_ago(plain, as_of) or _around_days(plain)


def _length_ago(plain: str, as_of: dt.date) -> Day | None:
    if found := _LENGTH.fullmatch(plain):
        return _ago(found, as_of)
    if found := _HALF.fullmatch(plain):
        return _halves_ago(found, as_of)
    found = _LAST.fullmatch(plain)
    length = _Length(1, 1, _UNITS[found["unit"]]) if found else None
    return _counted_back(_How.ABOUT, length, as_of) if length else None


def _around_days(plain: str) -> Day | None:
    """The days between two days, before a day, or in a month or year."""
    if found := _BETWEEN.fullmatch(plain):
        return _between(found["first"], found["last"])
    if found := _BEFORE.fullmatch(plain):
        return _before(found["day"], on_it=bool(found["on"]))
    found = _IN.fullmatch(plain)
    typed = read_day_text(found["day"]) if found else None
    return _days(typed) if typed else None


@dataclass(frozen=True, slots=True)
class _Length:
    """A length of time from the least to the most that is meant, each with how vague it is."""

    least: int
    most: int
    unit: Unit
    least_slack: int = 1
    most_slack: int = 1


def _ago(found: re.Match[str], as_of: dt.date) -> Day | None:
    (least, couple), how = _count(found["least"]), _how(found["how"])
    most = _count(found["most"])[1] if found["most"] else couple
    if most < least or (found["most"] and how is not _How.ABOUT):
        return None
    unit, about = _UNITS[found["unit"]], bool(found["how"])
    slacks = (_slack(count, unit, about=about) for count in (least, most))
    return _counted_back(how, _Length(least, most, unit, *slacks), as_of)


def _slack(count: int, unit: Unit, *, about: bool) -> int:
    """The vagueness of a number: nobody who says 60 days has counted them."""
    if unit is not Unit.DAYS or (count < _COUNTED_DAYS and not about):
        return 1
    third = -(-count // 3)
    return third if count < _COUNTED_DAYS else max(third, _WEEK)


def _halves_ago(found: re.Match[str], as_of: dt.date) -> Day | None:
    """Years and a half, in months."""
    years = found["first"] or found["whole"] or found["point"]
    least, most = _count(years) if years else (0, 0)
    least, most = (12 * count + _HALF_A_YEAR for count in (least, most))
    slack = _QUARTER if most == _HALF_A_YEAR else _HALF_A_YEAR
    length = _Length(least, most, Unit.MONTHS, slack, slack)
    return _counted_back(_how(found["how"]), length, as_of)


def _counted_back(how: _How, length: _Length, as_of: dt.date) -> Day | None:
    least, most, unit = length.least, length.most, length.unit
    match how:
        case _How.ABOUT:
            first = add_time(as_of, -most - length.most_slack, unit)
            return _spanned(first, add_time(as_of, length.least_slack - least, unit))
        case _How.OVER:
            return _spanned(EARLIEST_DAY, _past(as_of, least, unit))
        case _How.WITHIN:
            return _spanned(add_time(as_of, -most, unit), as_of)


def _past(as_of: dt.date, length: int, unit: Unit) -> dt.date:
    """The last day since which a length of time has passed; months are not equally long."""
    day = add_time(as_of, -length, unit)
    while add_time(day + _ONE_DAY, length, unit) <= as_of:
        day += _ONE_DAY
    return day


def _between(first: str, last: str) -> Day | None:
    """The days from one day to another; the first may leave its month and year to the last."""
    end = read_day_text(last)
    begin = _begin(first, end) if end else None
    return _spanned(first_of(_days(begin)), last_of(_days(end))) if begin and end else None


def _begin(text: str, end: TypedDay) -> TypedDay | None:
    if _BARE_DAY.fullmatch(text):
        month = MONTHS[end.month - 1] if end.month and end.day else ""
        return read_day_text(f"{text} {month} {end.year:04}") if month else None
    return read_day_text(text) or read_day_text(f"{text} {end.year:04}")


def _before(text: str, *, on_it: bool) -> Day | None:
    typed = read_day_text(text)
    if not typed:
        return None
    days = _days(typed)
    return _spanned(EARLIEST_DAY, last_of(days) if on_it else first_of(days) - _ONE_DAY)


def _spanned(first: dt.date, last: dt.date) -> Day | None:
    begin = max(first, EARLIEST_DAY)
    return day_between(begin, last) if begin <= last else None


def _days(typed: TypedDay) -> Day:
    return read_days(typed.iso)


def _count(text: str) -> tuple[int, int]:
    """The least and the most that a number can mean."""
    if re.fullmatch(_COUPLE, text):
        return _A_COUPLE
    number = _NUMBERS.get(text) or int(text)
    return number, number


def _how(text: str | None) -> _How:
    return next((how for how in _How if text and re.fullmatch(how.value, text)), _How.ABOUT)
