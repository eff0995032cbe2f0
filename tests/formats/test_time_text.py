"""Times as people type them."""

import datetime as dt

import pytest

from screening.formats.answers.time_text import AmbiguousTimeError, read_time_text


@pytest.mark.parametrize(
    ("text", "hour", "minute"),
    [
        ("02:30", 2, 30),
        ("14:30", 14, 30),
        ("1430", 14, 30),
        ("14.30", 14, 30),
        (" 14 30 ", 14, 30),
        ("2:30 pm", 14, 30),
        ("2.30pm", 14, 30),
        ("2:30 P.M.", 14, 30),
        ("2:30 am", 2, 30),
        ("12:05", 12, 5),
        ("12:05 am", 0, 5),
        ("12:05 pm", 12, 5),
        ("0:05", 0, 5),
        ("\u0661\u0664:\u0663\u0660", 14, 30),  # Arabic-Indic digits
    ],
)
def test_a_time_with_one_meaning_is_read(text: str, hour: int, minute: int) -> None:
    assert read_time_text(text) == dt.time(hour, minute)


@pytest.mark.parametrize("text", ["2:30", "2.30", "230", "2 30"])
def test_an_hour_of_one_digit_can_be_by_either_clock(text: str) -> None:
    with pytest.raises(AmbiguousTimeError) as caught:
        read_time_text(text)
    assert caught.value.readings == (dt.time(2, 30), dt.time(14, 30))
    assert str(caught.value) == f"“{text}” can mean 02:30 or 14:30: enter the one you mean"


@pytest.mark.parametrize("text", ["", "9", "9 am", "13:10 pm", "0:10 am", "25:00", "8:75", "7:00Z"])
def test_what_is_no_time_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"no time|must be in"):
        read_time_text(text)
