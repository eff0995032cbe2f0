"""Days, months, years and spans of days in words."""

import datetime as dt

import pytest

from screening.core.values.span import Day, Span, month_of, year_of
from screening.words.shared.days import words_of_days


@pytest.mark.parametrize(
    ("day", "words"),
    [
        (dt.date(2026, 10, 3), "3 October 2026"),
        (month_of(2026, 10), "October 2026"),
        (Span(first=dt.date(2024, 2, 1), last=dt.date(2024, 2, 29)), "February 2024"),
        (year_of(1996), "1996"),
        (
            Span(first=dt.date(2026, 10, 3), last=dt.date(2026, 10, 20)),
            "between 3 October 2026 and 20 October 2026",
        ),
        (
            Span(first=dt.date(1900, 1, 1), last=dt.date(2025, 11, 20)),
            "on or before 20 November 2025",
        ),
    ],
)
def test_days_are_said_as_far_as_they_are_known(day: Day, words: str) -> None:
    assert words_of_days(day) == words
