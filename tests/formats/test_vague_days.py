"""Days as people remember them are spans, fixed by the screening date."""

import datetime as dt

import pytest

from screening.core.values.span import Day, first_of, last_of
from screening.formats.answers.day_text import AmbiguousDayError, NoSuchDayError
from screening.formats.answers.days import read_days
from screening.formats.answers.vague_days import iso_days_of, read_vague_days
from screening.words.shared.days import words_of_days

AS_OF = dt.date(2026, 11, 20)
FIRST = "1900-01-01"


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("about 3 weeks ago", "2026-10-23/2026-11-06"),
        ("About three weeks ago", "2026-10-23/2026-11-06"),
        ("3 weeks ago", "2026-10-23/2026-11-06"),
        ("approx. 3 wks ago", "2026-10-23/2026-11-06"),
        ("for about 3 weeks", "2026-10-23/2026-11-06"),
        ("٣ weeks ago", "2026-10-23/2026-11-06"),
        ("2 to 3 weeks ago", "2026-10-23/2026-11-13"),
        ("2\u20133 weeks ago", "2026-10-23/2026-11-13"),
        ("a week ago", "2026-11-06/2026-11-20"),
        ("4 days ago", "2026-11-15/2026-11-17"),
        ("a month ago", "2026-09-20/2026-11-20"),
        ("about twelve months ago", "2025-10-20/2025-12-20"),
        ("10 years ago", "2015-11-20/2017-11-20"),
        ("126 years ago", f"{FIRST}/1901-11-20"),
        ("more than a year ago", f"{FIRST}/2025-11-20"),
        ("over 2 years ago", f"{FIRST}/2024-11-20"),
        ("over 2 years", f"{FIRST}/2024-11-20"),
        ("chronic, more than a year", f"{FIRST}/2025-11-20"),
        ("Chronic, for more than 1 year", f"{FIRST}/2025-11-20"),
        ("> 6 months", f"{FIRST}/2026-05-20"),
        ("less than 2 weeks ago", "2026-11-06/2026-11-20"),
        ("within the last 2 weeks", "2026-11-06/2026-11-20"),
        ("in the past two weeks", "2026-11-06/2026-11-20"),
        ("within 2 weeks", "2026-11-06/2026-11-20"),
        ("between 3 and 20 October 2026", "2026-10-03/2026-10-20"),
        ("between 3rd and 20th of October 2026", "2026-10-03/2026-10-20"),
        ("from 28 September to 3 October 2026", "2026-09-28/2026-10-03"),
        ("between 30 December 2025 and 3 January 2026", "2025-12-30/2026-01-03"),
        ("between August and October 2026", "2026-08-01/2026-10-31"),
        ("between 2019 and 2021", "2019-01-01/2021-12-31"),
        ("on or before 20 November 2025", f"{FIRST}/2025-11-20"),
        ("before 2020", f"{FIRST}/2019-12-31"),
        ("since March 2026", "2026-03"),
        ("in 2024", "2024"),
        ("October 2026", "2026-10"),
        ("3 October 2026", "2026-10-03"),
        ("about 4 days ago", "2026-11-14/2026-11-18"),
        ("about a day ago", "2026-11-18/2026-11-20"),
        ("13 days ago", "2026-11-06/2026-11-08"),
        ("14 days ago", "2026-10-30/2026-11-13"),
        ("about 21 days ago", "2026-10-23/2026-11-06"),
        ("21 days ago", "2026-10-23/2026-11-06"),
        ("about 60 days ago", "2026-09-01/2026-10-11"),
        ("around 60 days ago", "2026-09-01/2026-10-11"),
        ("~60 days ago", "2026-09-01/2026-10-11"),
        ("60 days ago", "2026-09-01/2026-10-11"),
        ("20 to 30 days ago", "2026-10-11/2026-11-07"),
        ("more than 60 days ago", f"{FIRST}/2026-09-21"),
        ("within the last 60 days", "2026-09-21/2026-11-20"),
        ("half a year ago", "2026-02-20/2026-08-20"),
        ("for about half a year", "2026-02-20/2026-08-20"),
        ("0.5 years ago", "2026-02-20/2026-08-20"),
        ("more than half a year ago", f"{FIRST}/2026-05-20"),
        ("less than half a year ago", "2026-05-20/2026-11-20"),
        ("a year and a half ago", "2024-11-20/2025-11-20"),
        ("one and a half years ago", "2024-11-20/2025-11-20"),
        ("1.5 years ago", "2024-11-20/2025-11-20"),
        ("about 2 years and a half ago", "2023-11-20/2024-11-20"),
        ("over a year and a half ago", f"{FIRST}/2025-05-20"),
        ("last week", "2026-11-06/2026-11-20"),
        ("Last month", "2026-09-20/2026-11-20"),
        ("last year", "2024-11-20/2026-11-20"),
        ("in the last week", "2026-11-06/2026-11-20"),
        ("within the past year", "2024-11-20/2026-11-20"),
        ("a couple of weeks ago", "2026-10-23/2026-11-13"),
        ("a couple months ago", "2026-07-20/2026-10-20"),
        ("more than a couple of weeks ago", f"{FIRST}/2026-11-06"),
        ("in the last couple of weeks", "2026-10-30/2026-11-20"),
        ("today", "2026-11-20"),
        ("yesterday", "2026-11-19"),
    ],
)
def test_words_are_the_days_that_they_may_mean(text: str, days: str) -> None:
    assert iso_days_of(text, AS_OF) == days


@pytest.mark.parametrize(
    "text",
    [
        *("", "chronic", "ago", "weeks ago", "0 weeks ago", "-3 weeks ago", "1000 days ago"),
        *("about", "3", "long ago", "in 3 weeks", "more than 2 to 3 weeks ago", "3 to 2 weeks ago"),
        *("200 years ago", "more than 200 years ago", "1.25 years ago", "0.5 days ago"),
        *("half ago", "half a year and a half ago", "the year", "last decade", "last 3 weeks ago"),
        *("² weeks ago", "②\u2013③ weeks ago", "½ years ago", "more than 1² months ago"),
        *("a few weeks ago", "couple", "a couple ago", "200.5 years ago"),
        *("between 3 and 20", "between 20 and 3 October 2026", "between 3 and October 2026"),
        *("between 31 and 20 October 2026x", "before 1900", "before noon", "since", "a3 weeks ago"),
        *("2026-10-03/2026-10-20", "3 fortnights ago", "x" * 5000),
    ],
)
def test_what_says_no_days_is_left_as_it_is(text: str) -> None:
    assert read_vague_days(text, AS_OF) is None
    assert iso_days_of(text, AS_OF) == text


@pytest.mark.parametrize("text", ["between 3/4/2026 and 5 May 2026", "before 3/4/2026"])
def test_a_day_with_two_meanings_is_refused_in_a_span_as_well(text: str) -> None:
    with pytest.raises(AmbiguousDayError):
        iso_days_of(text, AS_OF)


@pytest.mark.parametrize("text", ["between 31 and 3 June 2026", "before 31 June 2026"])
def test_so_is_a_day_that_does_not_exist(text: str) -> None:
    with pytest.raises(NoSuchDayError, match="June has 30 days"):
        iso_days_of(text, AS_OF)


@pytest.mark.parametrize(
    ("text", "as_of", "days"),
    [
        ("about a month ago", dt.date(2026, 3, 31), "2026-01-31/2026-03-31"),
        ("more than a month ago", dt.date(2025, 2, 28), f"{FIRST}/2025-01-31"),
        ("more than a year ago", dt.date(2025, 2, 28), f"{FIRST}/2024-02-29"),
        ("less than a year ago", dt.date(2024, 2, 29), "2023-02-28/2024-02-29"),
    ],
)
def test_months_are_not_equally_long(text: str, as_of: dt.date, days: str) -> None:
    assert iso_days_of(text, as_of) == days


@pytest.mark.parametrize("how", ["", "about ", "around ", "~", "roughly "])
def test_many_days_are_no_more_exact_than_as_many_weeks(how: str) -> None:
    for days in range(14, 200):
        said = read_vague_days(f"{how}{days} days ago", AS_OF)
        weeks = read_vague_days(f"{how}{days // 7} weeks ago", AS_OF)
        assert said
        assert weeks
        assert length(said) >= length(weeks)


def length(days: Day) -> dt.timedelta:
    return last_of(days) - first_of(days)


def test_the_same_words_on_another_day_mean_other_days() -> None:
    later = dt.date(2026, 11, 27)
    assert iso_days_of("about 3 weeks ago", later) == "2026-10-30/2026-11-13"


def test_days_in_words_are_read_back() -> None:
    for text in ("2026-10-03/2026-10-20", f"{FIRST}/2025-11-20", "2026-10", "1996", "2026-10-03"):
        assert iso_days_of(words_of_days(read_days(text)), AS_OF) == text
