"""Moments and days as people at work read them."""

import datetime as dt

import pytest

from screening.web.shell.dates import words_of_due, words_of_moment

TODAY = dt.date(2026, 11, 20)


@pytest.mark.parametrize(
    ("days", "words"),
    [(0, "today 09:05"), (1, "yesterday 09:05"), (2, "18 Nov"), (-1, "21 Nov")],
)
def test_a_moment_is_told_by_this_machines_clock(days: int, words: str) -> None:
    local = dt.datetime.combine(TODAY - dt.timedelta(days=days), dt.time(9, 5)).astimezone()
    assert words_of_moment(local.astimezone(dt.UTC), TODAY) == words


@pytest.mark.parametrize(
    ("days", "words"),
    [
        (-3, "overdue by 3 days"),
        (-1, "overdue by 1 day"),
        (0, "due today"),
        (1, "due in 1 day"),
        (9, "due in 9 days"),
    ],
)
def test_a_day_is_told_by_how_far_away_it_is(days: int, words: str) -> None:
    assert words_of_due(TODAY + dt.timedelta(days=days), TODAY) == words
