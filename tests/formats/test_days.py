"""Days, months, years and intervals as text."""

import datetime as dt

import pytest
from support.rulesets.builders import AS_OF, item, within
from support.rulesets.builders import given as known

from screening.core.rules.finding import evaluate
from screening.core.rules.item import ItemType
from screening.core.values.span import Day, Span, month_of, year_of
from screening.core.values.truth import Truth
from screening.formats.answers.days import read_days, write_days
from screening.formats.answers.text import MisfitError, parse_text

SEVERAL = Span(first=dt.date(2026, 10, 3), last=dt.date(2026, 10, 20))


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2026-10-03", dt.date(2026, 10, 3)),
        ("2026-10", month_of(2026, 10)),
        ("2024-02", Span(first=dt.date(2024, 2, 1), last=dt.date(2024, 2, 29))),
        ("1996", year_of(1996)),
        ("2026-10-03/2026-10-20", SEVERAL),
        ("1900-01-01/2025-11-20", Span(first=dt.date(1900, 1, 1), last=dt.date(2025, 11, 20))),
    ],
)
def test_days_are_written_as_they_are_read(text: str, day: Day) -> None:
    assert read_days(text) == day
    assert write_days(day) == text


@pytest.mark.parametrize(
    "text",
    [
        *("", "26", "2026-1", "2026-13", "2026-02-30", "2026-10-3", "2026/10", "2026-10-01/"),
        *("2026-10-20/2026-10-03", "2026-10/2026-11", " 2026", "20 26", "٢٠٢٦", "2026-10-01/x"),
        *("2026-10-01/2026-10-02/2026-10-03", "0000", "0000-01"),
    ],
)
def test_other_texts_are_no_days(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - every way of not being a day
        read_days(text)


def test_an_interval_of_one_day_is_that_day() -> None:
    assert read_days("2026-10-03/2026-10-03") == dt.date(2026, 10, 3)


@pytest.mark.parametrize(
    ("text", "fits"),
    [
        ("2026-11", True),
        ("2026", True),
        ("2026-12", False),
        ("2027", False),
        ("1899", False),
        ("2026-11-20/2027-01-01", True),
        ("2026-11-21/2027-01-01", False),
    ],
)
def test_no_answer_begins_after_the_screening_date(text: str, fits: bool) -> None:  # noqa: FBT001
    asked = item("d", ItemType.DATE)
    if fits:
        assert parse_text(asked, text, AS_OF) == read_days(text)
    else:
        with pytest.raises(MisfitError):
            parse_text(asked, text, AS_OF)


@pytest.mark.parametrize(
    ("text", "truth"),
    [
        ("2026-10", Truth.TRUE),
        ("2026-09-20/2026-10-20", Truth.TRUE),
        ("2026-09-19/2026-10-20", Truth.UNKNOWN),
        ("2026-09", Truth.UNKNOWN),
        ("2026-09-01/2026-09-19", Truth.FALSE),
        ("2026-08", Truth.FALSE),
        ("2026", Truth.UNKNOWN),
        ("1996", Truth.FALSE),
    ],
)
def test_a_test_holds_or_fails_only_if_it_does_on_every_day(text: str, truth: Truth) -> None:
    found = evaluate(within("d", 2), known(d=read_days(text)), AS_OF)
    assert found.truth is truth
    assert found.needs == ({"d"} if truth is Truth.UNKNOWN else set())
    assert found.evidence() == {"d"}
