"""Days as people type them: one meaning is read, two are refused, none is no day."""

import contextlib
import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from screening.formats.answers.day_text import (
    AmbiguousDayError,
    DayTextError,
    NoSuchDayError,
    TypedDay,
    iso_of,
    read_day_parts,
    read_day_text,
    written_day,
)
from screening.words.shared.days import words_of_day


def wide(text: str) -> str:
    """A text in the full-width letters and digits of East Asian keyboards."""
    return "".join(chr(ord(each) + 0xFEE0) if each.isalnum() else each for each in text)


THIRD_OF_MARCH = [
    "2026-03-03", "2026-3-3", "2026/03/03", "2026.03.03", "3/3/2026", "03.03.2026",
    "3 March 2026", "3 march 2026", "03 MAR 2026", " 3 Mar. 2026 ", "3-Mar-2026", "3Mar2026",
    "3rd March 2026", "3rd of March, 2026", "March 3, 2026", "Mar 3rd 2026", "2026 March 3",
    "3rd/3/2026", "2026 3 Mar", "3\u00a0March\u00a02026",
    "3\u20113\u20112026", "3\u20133\u20132026",
    "٣ March ٢٠٢٦", "٣/٣/٢٠٢٦", "۲۰۲۶-۰۳-۰۳", wide("2026-03-03"), wide("3 Mar 2026"),
    "३ March २०२६", "\u200f٣\u200f/\u200f٣/٢٠٢٦",
]  # fmt: skip
AMBIGUOUS = ["3/4/2026", "03.04.2026", "4-3-2026", "12 11 2026", "٣/٤/٢٠٢٦"]
NO_DAY = [
    "", " ", "today", "3", "March", "3 March", "26", "3 March 26", "3/3/26", "0000", "2026-00-10",
    "2026-13-01", "45/3/26", "40/50/2026", "13/2026", "20261001", "2026-274",
    "2026-W40-1", "2026-10-01T00:00", "2026-10-01 12:30", "-2026", "1.0", "ma 2026", "Marz 2026",
    "3 March March 2026", "2026 2026", "3 2026 4", "March 2026 2026", "2026-10-01-02", "3st",
    "x" * 5000, "1" * 5000, "3 3 " * 5000, "🙂", "a1" * 29 + "!",
]  # fmt: skip


@pytest.mark.parametrize("text", THIRD_OF_MARCH)
def test_a_text_with_one_meaning_is_read(text: str) -> None:
    read = read_day_text(text)
    assert read is not None
    assert read.date == dt.date(2026, 3, 3)
    assert iso_of(text) == "2026-03-03"


@pytest.mark.parametrize(
    ("text", "month"),
    [
        ("Jan", 1), ("feb", 2), ("March", 3), ("Apr.", 4), ("may", 5), ("Jun", 6), ("JULY", 7),
        ("Aug", 8), ("Sep", 9), ("Sept", 9), ("Septem", 9), ("oct", 10), ("Nov", 11), ("Dec", 12),
    ],
)  # fmt: skip
def test_names_of_months_may_be_cut_after_three_letters(text: str, month: int) -> None:
    assert read_day_text(f"5 {text} 2026") == TypedDay(2026, month, 5)
    assert read_day_parts("5", text, "2026") == TypedDay(2026, month, 5)


@pytest.mark.parametrize("text", ["27/3/2026", "3/27/2026", "27.03.2026", "03-27-2026"])
def test_numbers_of_which_one_cannot_be_a_month_are_read(text: str) -> None:
    assert iso_of(text) == "2026-03-27"


@pytest.mark.parametrize(
    "text", ["March 2026", "Mar 2026", "2026-03", "3/2026", "2026 Mar", "٣/٢٠٢٦"]
)
def test_a_month_alone_is_read_without_a_day(text: str) -> None:
    assert read_day_text(text) == TypedDay(2026, 3)
    assert iso_of(text) == "2026-03"


@pytest.mark.parametrize("text", ["2026", " 2026 ", wide("2026")])
def test_a_year_alone_is_read_without_a_month(text: str) -> None:
    assert read_day_text(text) == TypedDay(2026)
    assert iso_of(text) == "2026"


@pytest.mark.parametrize("text", AMBIGUOUS)
def test_a_text_with_two_meanings_is_refused_with_both(text: str) -> None:
    with pytest.raises(AmbiguousDayError) as caught:
        read_day_text(text)
    first, second = caught.value.readings
    assert (first.day, first.month) == (second.month, second.day)
    said = f"“{text}” can mean {words_of_day(first)} or {words_of_day(second)}: "
    assert str(caught.value).startswith(said)


@pytest.mark.parametrize("text", NO_DAY)
def test_a_text_that_is_no_day_is_left_as_it_is(text: str) -> None:
    assert read_day_text(text) is None
    assert iso_of(text) == text


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("31 November 2026", "31 November 2026 does not exist; November has 30 days"),
        ("2026-11-31", "31 November 2026 does not exist; November has 30 days"),
        ("31/4/2026", "31 April 2026 does not exist; April has 30 days"),
        ("4/31/2026", "31 April 2026 does not exist; April has 30 days"),
        ("32 May 2026", "32 May 2026 does not exist; May has 31 days"),
        ("29 Feb 2027", "29 February 2027 does not exist; February 2027 has 28 days"),
        ("30/2/2028", "30 February 2028 does not exist; February 2028 has 29 days"),
        (wide("2026-02-30"), "30 February 2026 does not exist; February 2026 has 28 days"),
        ("31 Nov", "31 November does not exist; November has 30 days"),
        ("31st of Nov.", "31 November does not exist; November has 30 days"),
        ("June 31", "31 June does not exist; June has 30 days"),
        ("30 Feb", "30 February does not exist; February has 28 or 29 days"),
    ],
)
def test_a_day_that_its_month_does_not_have_is_refused_with_the_reason(
    text: str, said: str
) -> None:
    with pytest.raises(NoSuchDayError) as caught:
        read_day_text(text)
    assert str(caught.value) == said
    assert written_day(text) == text


@pytest.mark.parametrize("text", ["30 Nov", "29 February", "March 31", "Nov 48", "0 Nov", "31 x"])
def test_without_a_year_a_day_that_can_exist_is_none(text: str) -> None:
    """A number above 31 is a year in short, and nobody can say which."""
    assert read_day_text(text) is None


def test_so_it_is_in_three_fields() -> None:
    with pytest.raises(NoSuchDayError, match="31 April 2026 does not exist"):
        read_day_parts("31", "Apr", "2026")
    assert read_day_text("29 February 2028") == TypedDay(2028, 2, 29)


@pytest.mark.parametrize(
    ("parts", "iso"),
    [
        (("3", "4", "2026"), "2026-04-03"),
        (("03", "Sept.", "2026"), "2026-09-03"),
        (("3rd", "March", "2026"), "2026-03-03"),
        (("٣", "٤", "٢٠٢٦"), "2026-04-03"),
        ((" ", "Mar", "2026"), "2026-03"),
        (("", "", "2026"), "2026"),
    ],
)
def test_three_fields_say_which_part_is_which(parts: tuple[str, str, str], iso: str) -> None:
    read = read_day_parts(*parts)
    assert read is not None
    assert read.iso == iso


@pytest.mark.parametrize(
    "parts",
    [
        ("", "", ""), ("3", "", "2026"), ("3", "3", ""), ("3", "x", "2026"),
        ("3", "13", "2026"), ("0", "3", "2026"), ("3", "0", "2026"), ("3", "3", "26"),
        ("Mar", "3", "2026"), ("3 March", "3", "2026"), ("3", "3", "0000"), ("3", "3", "2026.5"),
    ],
)  # fmt: skip
def test_three_fields_that_make_no_day_are_no_day(parts: tuple[str, str, str]) -> None:
    assert read_day_parts(*parts) is None


@pytest.mark.parametrize("digit", ["²", "₂", "②", "⑵", "⒉"])
def test_only_decimal_digits_are_digits(digit: str) -> None:
    assert read_day_parts(digit, "10", "2026") is None
    assert read_day_parts("2", digit, "2026") is None
    assert read_day_parts("2", "10", f"202{digit}") is None
    for text in (f"{digit}/10/2026", f"2026-10-0{digit}", f"{digit} Oct 2026", f"202{digit}"):
        assert read_day_text(text) is None
        assert iso_of(text) == text


@given(st.dates())
def test_a_day_in_words_is_read_as_that_day(day: dt.date) -> None:
    written = f"{day.day} {words_of_day(day).split()[1]} {day.year:04}"
    assert read_day_text(written) == TypedDay(day.year, day.month, day.day)
    assert iso_of(day.isoformat()) == day.isoformat()


@given(st.text(max_size=80))
def test_no_text_is_a_failure(text: str) -> None:
    read = None
    with contextlib.suppress(DayTextError):
        read = read_day_text(text)
    assert read is None or read_day_text(read.iso) == read


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("2026-03-27", "27 March 2026"),
        ("27/3/2026", "27 March 2026"),
        ("3/4/2026", "3/4/2026"),
        ("2026-03", "2026-03"),
        ("soon", "soon"),
        ("", ""),
    ],
)
def test_a_typed_day_is_shown_in_one_pattern_and_what_is_none_as_it_was(
    typed: str, shown: str
) -> None:
    assert written_day(typed) == shown
