"""Typed words become answers, or are refused with what was expected; nothing is guessed."""

import datetime as dt

import pytest

from screening.core.rules.item import Item, ItemType
from screening.core.values.answer import Value
from screening.core.values.wording import Wording
from screening.formats.answers.days import day_of
from screening.formats.answers.text import (
    MisfitError,
    check_value,
    expected_form,
    parse_codes,
    parse_text,
)

AS_OF = dt.date(2026, 11, 20)
SAY = Wording(nurse="x", patient="x")


def item(kind: ItemType) -> Item:
    choices = {"disc": SAY, "bone": SAY} if kind in (ItemType.CHOICE, ItemType.CHOICES) else {}
    return Item(
        link_id="i", type=kind, section="s", name="i", ask=SAY, why=SAY, choices=choices,
        minimum=-5, maximum=120, unit="u",
    )  # fmt: skip


YES_NO, CHOICE, CHOICES, NUMBER, DATE = (item(kind) for kind in ItemType)
READ: list[tuple[Item, str, Value]] = [
    (YES_NO, "yes", True),
    (YES_NO, " no\n", False),
    (CHOICE, "disc", "disc"),
    (CHOICE, " disc ", "disc"),
    (NUMBER, "7", 7),
    (NUMBER, " 7 ", 7),
    (NUMBER, "7\n", 7),
    (NUMBER, "+5", 5),
    (NUMBER, "-5", -5),
    (NUMBER, "-0", 0),
    (NUMBER, "010", 10),
    (NUMBER, "120", 120),
    (DATE, "2026-10-01", dt.date(2026, 10, 1)),
    (DATE, "2026-11-20", AS_OF),
    (DATE, " 2024-02-29\n", dt.date(2024, 2, 29)),
    (DATE, "1900-01-01", dt.date(1900, 1, 1)),
]
ODD = ["", " ", "🙂", "null", "NaN", "inf", "unknown", "\0", "x" * 10_000, "٧", "７", "yes no"]  # noqa: RUF001
REFUSED = [
    *((YES_NO, text) for text in (*ODD, "Yes", "YES", "y", "true", "1", "yes.", "ja")),
    *((CHOICE, text) for text in (*ODD, "Disc", "disk", "disc,bone", "[disc]")),
    *((NUMBER, text) for text in (*ODD, "1e3", "1.0", "1,5", "1_0", "0x1", "--5", "+ 5", "1 0")),
    *((NUMBER, text) for text in ("121", "-6", "9" * 9, "9" * 10, "9" * 5000)),
    *((DATE, text) for text in (*ODD, "2026-2-3", "26-02-03", "2026/02/03", "03.02.2026")),
    *((DATE, text) for text in ("0000-01-01", "2026-02-30", "2026-13-01", "2025-02-29")),
    *((DATE, text) for text in ("2026-11-21", "9999-12-31", "10000-01-01", "20261001", "today")),
    *((DATE, text) for text in ("2026-10-01T00:00", "２０２６-10-01", "2026-W40-1", "2026-274")),  # noqa: RUF001
    *((CHOICES, text) for text in ("disc", "", "disc,bone")),
]


@pytest.mark.parametrize(("question", "text", "value"), READ)
def test_what_fits_is_read(question: Item, text: str, value: Value) -> None:
    read = parse_text(question, text, AS_OF)
    assert (read, type(read)) == (value, type(value))


@pytest.mark.parametrize(("question", "text"), REFUSED)
def test_what_does_not_fit_is_refused_with_what_would(question: Item, text: str) -> None:
    with pytest.raises(MisfitError) as caught:
        parse_text(question, text, AS_OF)
    assert caught.value.expectation in (
        expected_form(question),
        "a day not after the screening date, 2026-11-20",
    )


@pytest.mark.parametrize("codes", [["disc"], ["bone", "disc"], ["disc", "disc"]])
def test_codes_are_read_as_a_set(codes: list[str]) -> None:
    assert parse_codes(CHOICES, codes, AS_OF) == frozenset(codes)


@pytest.mark.parametrize("codes", [[], ["disk"], ["disc", "disk"], [""], ["unknown"]])
def test_no_code_or_an_unknown_one_is_refused(codes: list[str]) -> None:
    with pytest.raises(MisfitError):
        parse_codes(CHOICES, codes, AS_OF)


@pytest.mark.parametrize(
    ("question", "value"),
    [
        (YES_NO, 1), (YES_NO, "yes"), (YES_NO, AS_OF),
        (NUMBER, True), (NUMBER, "7"), (NUMBER, -6), (NUMBER, 121), (NUMBER, AS_OF),
        (CHOICE, "disk"), (CHOICE, True), (CHOICE, frozenset({"disc"})),
        (CHOICES, "disc"), (CHOICES, frozenset[str]()), (CHOICES, frozenset({"disc", "disk"})),
        (DATE, "2026-10-01"), (DATE, 3), (DATE, AS_OF + dt.timedelta(days=1)),
    ],
)  # fmt: skip
def test_a_value_of_another_type_or_out_of_bounds_is_refused(question: Item, value: Value) -> None:
    with pytest.raises(MisfitError):
        check_value(question, value, AS_OF)


@pytest.mark.parametrize(
    ("question", "value"),
    [(NUMBER, -5), (NUMBER, 120), (YES_NO, False), (DATE, AS_OF), (CHOICE, "bone")],
)
def test_bounds_are_included(question: Item, value: Value) -> None:
    check_value(question, value, AS_OF)


def test_what_is_expected_is_said_for_every_type() -> None:
    assert {expected_form(item(kind)) for kind in ItemType} == {
        "yes or no",
        "one of: disc, bone",
        "one or more of: disc, bone",
        "a whole number from -5 to 120",
        "a day that exists, such as 2026-10-01, or a month, 2026-10, or a year",
    }


@pytest.mark.parametrize(
    "text", ["2026-1-1", "2026-02-30", " 2026-01-01", "2026-01-01\n", "٢٠٢٦-01-01"]
)
def test_a_day_is_written_in_one_way(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - it says no more than that
        day_of(text)
