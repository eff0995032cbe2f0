"""Whoever says truly how long ago a day is says a span that the day lies in."""

import datetime as dt

from hypothesis import assume, given
from hypothesis import strategies as st
from support.oracles.reference import day_after

from screening.core.rules.condition import Unit
from screening.core.values.answer import EARLIEST_DAY
from screening.core.values.span import Day, day_between, first_of, last_of
from screening.formats.answers.days import read_days, write_days
from screening.formats.answers.vague_days import iso_days_of
from screening.words.shared.days import words_of_days

LONGEST = {Unit.DAYS: 900, Unit.WEEKS: 900, Unit.MONTHS: 900, Unit.YEARS: 120}
SCREENED = st.dates(dt.date(1960, 1, 1), dt.date(2100, 1, 1))
UNITS = st.sampled_from(Unit)
NUMBERS = ["", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"]


def said(text: str, as_of: dt.date) -> Day:
    return read_days(iso_days_of(text, as_of))


def contains(days: Day, day: dt.date) -> bool:
    return first_of(days) <= day <= last_of(days)


def passed(day: dt.date, as_of: dt.date, unit: Unit) -> int:
    """How many whole units have passed since a day, counted up from none."""
    low, high = 0, 40_000 if unit is Unit.DAYS else 2_000
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if day_after(day, middle, unit) <= as_of else (low, middle)
    return low


def number(count: int) -> str:
    return NUMBERS[count] if count < len(NUMBERS) else str(count)


@given(SCREENED, st.integers(0, 20_000), UNITS, st.booleans())
def test_the_day_lies_in_what_was_said_about_it(
    as_of: dt.date,
    age: int,
    unit: Unit,
    up: bool,  # noqa: FBT001 - rounded up or down
) -> None:
    day = as_of - dt.timedelta(days=age)
    whole = passed(day, as_of, unit)
    exact = day_after(day, whole, unit) == as_of
    rounded = whole + (up and not exact)
    assume(day >= EARLIEST_DAY)
    assume(0 < rounded <= LONGEST[unit])
    for text in ("about {} {} ago", "{} {} ago", "for roughly {} {}"):
        assert contains(said(text.format(number(rounded), unit.value), as_of), day)


@given(SCREENED, st.integers(0, 20_000), UNITS, st.integers(1, 120))
def test_more_and_less_than_a_length_are_told_apart_by_the_day(
    as_of: dt.date, age: int, unit: Unit, length: int
) -> None:
    day = as_of - dt.timedelta(days=age)
    assume(day >= EARLIEST_DAY)
    assume(unit is not Unit.YEARS or as_of.year - length > EARLIEST_DAY.year)
    over = contains(said(f"more than {length} {unit.value} ago", as_of), day)
    under = contains(said(f"within the last {length} {unit.value}", as_of), day)
    assert over is (day_after(day, length, unit) <= as_of)
    assert under is (day_after(day, length, unit) >= as_of)


@given(st.dates(EARLIEST_DAY, dt.date(2100, 1, 1)), st.integers(0, 900), SCREENED)
def test_the_words_of_a_span_are_read_as_that_span(
    first: dt.date, length: int, as_of: dt.date
) -> None:
    days = day_between(first, first + dt.timedelta(days=length))
    assert iso_days_of(words_of_days(days), as_of) == write_days(days)


@given(SCREENED, st.integers(0, 6), st.sampled_from(["week", "month", "year"]))
def test_the_last_week_month_or_year_holds_that_of_the_calendar_and_all_days_since(
    as_of: dt.date, first_weekday: int, unit: str
) -> None:
    week = as_of - dt.timedelta(days=(as_of.weekday() - first_weekday) % 7 + 7)
    month = (as_of.replace(day=1) - dt.timedelta(days=1)).replace(day=1)
    began = {"week": week, "month": month, "year": dt.date(as_of.year - 1, 1, 1)}[unit]
    days = said(f"last {unit}", as_of)
    assert first_of(days) <= began
    assert last_of(days) == as_of


@given(SCREENED, st.integers(0, 20_000))
def test_a_day_so_many_years_and_a_half_ago_lies_in_what_was_said(as_of: dt.date, age: int) -> None:
    day = as_of - dt.timedelta(days=age)
    assume(day >= EARLIEST_DAY)
    quarters = passed(day, as_of, Unit.MONTHS) // 3
    assume(quarters % 4 in {1, 2})  # nearer to the half than to a whole year
    years = quarters // 4
    texts = [f"{years} years and a half ago", f"{years}.5 years ago"]
    for text in texts if years else ["half a year ago", "for half a year", "0.5 years ago"]:
        assert contains(said(text, as_of), day)


@given(SCREENED, st.integers(150, 350), UNITS)
def test_two_or_three_lie_in_a_couple(as_of: dt.date, hundredths: int, unit: Unit) -> None:
    shortest = {Unit.DAYS: 1, Unit.WEEKS: 7, Unit.MONTHS: 28, Unit.YEARS: 365}[unit]
    day = as_of - dt.timedelta(days=hundredths * shortest // 100)
    assert contains(said(f"a couple of {unit.value} ago", as_of), day)
