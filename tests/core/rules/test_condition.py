"""Conditions: their shorthands, the items they read, gates, and calendar time."""

import datetime as dt
from collections.abc import Iterator

import pytest
from support.oracles.reference import day_after
from support.rulesets.builders import AS_OF, at_least_number, no, within, yes

from screening.core.compiled.representatives import last_day_outside
from screening.core.rules import condition as conditions
from screening.core.rules.condition import (
    ALWAYS,
    AtLeast,
    Not,
    Unit,
    add_ask_if,
    add_time,
    all_of,
    any_of,
    items_in,
)

LENGTHS = [
    *((length, Unit.DAYS) for length in (1, 30, 90)),
    *((length, Unit.WEEKS) for length in (1, 6)),
    *((length, Unit.MONTHS) for length in (1, 2, 11, 13)),
    *((length, Unit.YEARS) for length in (1, 4)),
]


def days(first: int = 2023, years: int = 10) -> Iterator[dt.date]:
    """Every day of some years, three leap days among them."""
    start, end = dt.date(first, 1, 1), dt.date(first + years, 1, 1)
    return (dt.date.fromordinal(n) for n in range(start.toordinal(), end.toordinal()))


def test_all_and_any_of_one_condition_are_that_condition() -> None:
    assert all_of(yes("a")) == any_of(yes("a")) == yes("a")


def test_all_and_any_count_their_parts() -> None:
    parts = (yes("a"), yes("b"), yes("c"))
    assert all_of(*parts) == AtLeast(count=3, parts=parts)
    assert any_of(*parts) == AtLeast(count=1, parts=parts)


def test_tests_are_listed_from_left_to_right() -> None:
    condition = all_of(Not(part=yes("b")), any_of(yes("a"), at_least_number("c", 1)), yes("b"))
    assert list(conditions.tests_in(condition)) == [
        yes("b"),
        yes("a"),
        at_least_number("c", 1),
        yes("b"),
    ]
    assert items_in(condition) == {"a", "b", "c"}


def test_always_reads_no_item() -> None:
    assert items_in(ALWAYS) == frozenset()


def test_a_test_of_a_gated_item_holds_only_where_the_question_is_put() -> None:
    assert add_ask_if(yes("pain"), {"pain": yes("disc")}) == all_of(yes("disc"), yes("pain"))


def test_a_condition_without_gated_items_stays_as_it_is() -> None:
    condition = AtLeast(count=2, parts=(yes("a"), Not(part=no("b")), ALWAYS))
    assert add_ask_if(condition, {"other": yes("a")}) == condition
    assert add_ask_if(ALWAYS, {"a": yes("b")}) == ALWAYS


def test_a_gate_whose_own_item_is_gated_brings_that_gate_along() -> None:
    gates = {"c": yes("b"), "b": yes("a")}
    assert add_ask_if(yes("c"), gates) == all_of(yes("a"), yes("b"), yes("c"))


def test_the_gate_stays_inside_a_not() -> None:
    gates = {"pain": yes("disc")}
    assert add_ask_if(Not(part=yes("pain")), gates) == Not(part=all_of(yes("disc"), yes("pain")))


def test_a_gate_that_the_author_wrote_is_not_repeated() -> None:
    condition = all_of(yes("disc"), any_of(yes("pain"), yes("other")))
    assert add_ask_if(condition, {"pain": yes("disc")}) == condition


def test_alternatives_are_gated_each_by_itself() -> None:
    condition = any_of(yes("pain"), yes("other"))
    assert add_ask_if(condition, {"pain": yes("disc")}) == any_of(
        all_of(yes("disc"), yes("pain")), yes("other")
    )


@pytest.mark.parametrize(
    ("day", "length", "unit", "expected"),
    [
        ("2026-01-31", 1, Unit.MONTHS, "2026-02-28"),
        ("2028-01-31", 1, Unit.MONTHS, "2028-02-29"),
        ("2025-12-31", 2, Unit.MONTHS, "2026-02-28"),
        ("2026-08-31", 1, Unit.MONTHS, "2026-09-30"),
        ("2026-10-15", 3, Unit.MONTHS, "2027-01-15"),
        ("2026-12-15", 12, Unit.MONTHS, "2027-12-15"),
        ("2028-02-29", 1, Unit.YEARS, "2029-02-28"),
        ("2028-02-29", 4, Unit.YEARS, "2032-02-29"),
        ("2026-12-31", 1, Unit.DAYS, "2027-01-01"),
        ("2026-12-31", 2, Unit.WEEKS, "2027-01-14"),
        ("9999-12-31", 1, Unit.DAYS, "9999-12-31"),
        ("9999-12-01", 1, Unit.MONTHS, "9999-12-31"),
        ("9999-11-15", 1, Unit.MONTHS, "9999-12-15"),
        ("2026-01-01", 10**9, Unit.YEARS, "9999-12-31"),
        ("2026-01-01", 10**20, Unit.WEEKS, "9999-12-31"),
    ],
)
def test_a_length_of_time_ends_on_a_day_that_exists(
    day: str, length: int, unit: Unit, expected: str
) -> None:
    assert add_time(dt.date.fromisoformat(day), length, unit).isoformat() == expected


@pytest.mark.parametrize(("length", "unit"), LENGTHS)
def test_time_passes_as_by_walking_on_every_day_of_ten_years(length: int, unit: Unit) -> None:
    before = dt.date.min
    for day in days():
        end = add_time(day, length, unit)
        assert end >= before
        before = end
        if unit in (Unit.DAYS, Unit.WEEKS) or day.day > 27:
            assert end == day_after(day, length, unit)
        else:
            assert (end.day, (end.year - day.year) * 12 + end.month - day.month) == (
                day.day,
                length * (12 if unit is Unit.YEARS else 1),
            )


@pytest.mark.parametrize(("length", "unit"), LENGTHS)
def test_a_length_runs_out_between_one_day_and_the_next(length: int, unit: Unit) -> None:
    test, one_day = within("a", length, unit), dt.timedelta(days=1)
    for as_of in days():
        outside = last_day_outside(test, as_of)
        assert outside is not None
        assert add_time(outside, length, unit) < as_of <= add_time(outside + one_day, length, unit)


def test_no_day_is_too_long_ago_when_time_began_only_just() -> None:
    assert last_day_outside(within("a", 1, Unit.YEARS), dt.date(1, 6, 1)) is None
    assert last_day_outside(within("a", 1, Unit.DAYS), dt.date(1, 1, 3)) == dt.date(1, 1, 1)


def test_a_length_of_nothing_ran_out_the_day_before() -> None:
    assert last_day_outside(within("a", 0, Unit.DAYS), AS_OF) == AS_OF - dt.timedelta(days=1)
