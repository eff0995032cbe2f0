"""Answers in the cells of a table, as text."""

import datetime as dt
import re

from screening.core.rules.item import Item, ItemType
from screening.core.values.answer import EARLIEST_DAY, AbsentReason, Value
from screening.formats.answers.days import day_of
from screening.formats.answers.text import MisfitError, expected_form, parse_codes, parse_text

ABSENT = frozenset(reason.value for reason in AbsentReason)
_BETWEEN_CODES = re.compile(r"[\s;,]+")
_NO_FRACTION = re.compile(r"(?<=[0-9])\.0+$", re.ASCII)
_MIDNIGHT = re.compile(r"(?<=[0-9])[T ]00:00(:00(\.0+)?)?$", re.ASCII)
_TRUTHS = {"true": "yes", "false": "no"}
_YEAR = re.compile(r"[0-9]{4}", re.ASCII)


def read_cell(item: Item, text: str, as_of: dt.date) -> Value | None:
    """The answer in a cell; None if the cell is empty or holds an absent reason.

    Codes of several choices stand beside each other with a space, comma or semicolon between them.

    Raises:
        MisfitError: if the text is no answer to the item.
    """
    typed = _as_usual(item, text.strip())
    if not typed or (typed.lower() in ABSENT and typed not in item.choices):
        return None
    if item.type is not ItemType.CHOICES:
        return parse_text(item, typed, as_of)
    codes = _BETWEEN_CODES.split(typed)
    if len(set(codes)) < len(codes):
        raise MisfitError(expected_form(item))
    return parse_codes(item, codes, as_of)


def _as_usual(item: Item, typed: str) -> str:
    """A cell as a spreadsheet may have changed it: YES or TRUE, 74.0, a day with midnight."""
    match item.type:
        case ItemType.YES_NO:
            return _TRUTHS.get(typed.lower(), typed.lower())
        case ItemType.NUMBER:
            return _NO_FRACTION.sub("", typed)
        case ItemType.DATE:
            return _MIDNIGHT.sub("", typed)
        case _:
            return typed


def read_screening_date(text: str, today: dt.date) -> dt.date:
    """The screening date in a cell.

    Raises:
        MisfitError: if it is no day, or not one from ``EARLIEST_DAY`` to today.
    """
    try:
        day = day_of(_MIDNIGHT.sub("", text.strip()))
    except ValueError:
        raise MisfitError(expected_screening_date(today)) from None
    return check_screening_date(day, today)


def check_screening_date(day: dt.date, today: dt.date) -> dt.date:
    """The screening date itself.

    Raises:
        MisfitError: if it is not from ``EARLIEST_DAY`` to today.
    """
    if not EARLIEST_DAY <= day <= today:
        raise MisfitError(expected_screening_date(today))
    return day


def expected_screening_date(today: dt.date) -> str:
    """The form of a screening date, in words."""
    return f"a screening date from {EARLIEST_DAY.isoformat()} to {today.isoformat()}"


def read_birth_year(text: str) -> int | None:
    """The birth year in a cell; None if the cell is empty.

    Raises:
        MisfitError: if it is no year.
    """
    typed = _NO_FRACTION.sub("", text.strip())
    if not typed:
        return None
    if not _YEAR.fullmatch(typed):
        raise MisfitError(expected_birth_year(dt.date.max))
    return int(typed)


def expected_birth_year(as_of: dt.date) -> str:
    """The form of a birth year on a screening date, in words."""
    return f"a year from {EARLIEST_DAY.year} to {as_of.year}, such as 1948"
