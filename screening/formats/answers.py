"""Text to answers: the one place where typed words become values."""

import datetime as dt
import re
from collections.abc import Collection

from screening.core.answer import EARLIEST_DAY, Value
from screening.core.item import Item, ItemType
from screening.errors import ScreeningError


class MisfitError(ScreeningError):
    """A value does not fit its item. ``expectation`` says what would."""

    def __init__(self, expectation: str) -> None:
        """Keep what was expected."""
        self.expectation = expectation
        super().__init__(expectation)


def parse_text(item: Item, text: str, as_of: dt.date) -> Value:
    """Read one typed text as an answer.

    Args:
        item: the question; of any type but choices.
        text: ``yes``, a choice's code, a whole number in digits, or a day as 2026-10-01.
        as_of: the screening date; no day may lie after it.

    Raises:
        MisfitError: if the text is no answer to the item.
    """
    typed = text.strip()
    value: Value
    match item.type:
        case ItemType.YES_NO if typed in ("yes", "no"):
            value = typed == "yes"
        case ItemType.NUMBER if re.fullmatch(r"[+-]?[0-9]{1,9}", typed, re.ASCII):
            value = int(typed)
        case ItemType.DATE:
            value = _day(item, typed)
        case ItemType.CHOICE:
            value = typed
        case _:
            raise MisfitError(expected(item))
    check_value(item, value, as_of)
    return value


def parse_codes(item: Item, codes: Collection[str], as_of: dt.date) -> Value:
    """Read the codes that were picked for an item of type choices.

    Raises:
        MisfitError: if none was picked, or one is not a choice of the item.
    """
    value = frozenset(codes)
    check_value(item, value, as_of)
    return value


def check_value(item: Item, value: Value, as_of: dt.date) -> None:
    """Check that a value is an answer to an item.

    Raises:
        MisfitError: if it is of another type, out of bounds, no choice, or after the screening
            date.
    """
    if isinstance(value, dt.date) and value < EARLIEST_DAY:
        raise MisfitError(f"a day from {EARLIEST_DAY.isoformat()} on")
    if isinstance(value, dt.date) and item.type is ItemType.DATE and value > as_of:
        raise MisfitError(f"a day not after the screening date, {as_of.isoformat()}")
    if not _fits(item, value):
        raise MisfitError(expected(item))


def expected(item: Item) -> str:
    """What an answer to an item looks like, in words."""
    match item.type:
        case ItemType.YES_NO:
            return "yes or no"
        case ItemType.CHOICE:
            return "one of: " + ", ".join(item.choices)
        case ItemType.CHOICES:
            return "one or more of: " + ", ".join(item.choices)
        case ItemType.NUMBER:
            return f"a whole number from {item.minimum} to {item.maximum}"
        case ItemType.DATE:
            return "a day that exists, such as 2026-10-01"


def day_of(text: str) -> dt.date:
    """The day that is written as 2026-10-01, in these ten characters and no other way.

    Raises:
        ValueError: if it is written otherwise, or there is no such day.
    """
    if not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text, re.ASCII):
        raise ValueError(text)
    return dt.date.fromisoformat(text)


def _fits(item: Item, value: Value) -> bool:
    match item.type, value:
        case ItemType.CHOICE, str():
            return value in item.choices
        case ItemType.CHOICES, frozenset():
            return bool(value) and value <= item.choices.keys()
        case ItemType.NUMBER, int() if not isinstance(value, bool):
            return item.minimum <= value <= item.maximum
        case (ItemType.YES_NO, bool()) | (ItemType.DATE, dt.date()):
            return True
        case _:
            return False


def _day(item: Item, text: str) -> dt.date:
    try:
        return day_of(text)
    except ValueError:
        raise MisfitError(expected(item)) from None
