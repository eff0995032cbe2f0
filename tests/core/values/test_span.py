"""Days as far as they are known."""

import datetime as dt

import pytest

from screening.core.values.span import Span, day_between, first_of, last_of

DAY = dt.date(2026, 11, 20)
SEVERAL = Span(first=dt.date(2026, 10, 3), last=dt.date(2026, 10, 20))


def test_a_span_ends_after_it_begins() -> None:
    with pytest.raises(ValueError, match="ends after"):
        Span(first=DAY, last=DAY)
    assert (first_of(SEVERAL), last_of(SEVERAL)) == (SEVERAL.first, SEVERAL.last)
    assert (first_of(DAY), last_of(DAY)) == (DAY, DAY)


def test_what_begins_and_ends_on_one_day_is_that_day() -> None:
    assert day_between(DAY, DAY) == DAY
    assert day_between(SEVERAL.first, SEVERAL.last) == SEVERAL
