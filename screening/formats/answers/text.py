"""Text to answers: the one place where typed words become values."""

import datetime as dt
import re
from collections.abc import Collection

from screening.core.rules.item import Item, ItemType
from screening.core.values.answer import EARLIEST_DAY, Value
from screening.core.values.span import Day, Span, first_of
from screening.errors import ScreeningError
from screening.formats.answers.days import read_days


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
        text: ``yes``, a choice's code, a whole number in digits, or days as ``days.read_days``
            reads them.
        as_of: the screening date; nothing may begin after it.

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
            value = _days(item, typed)
        case ItemType.CHOICE:
            value = typed
        case _:
            raise MisfitError(expected_form(item))
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
    if isinstance(value, dt.date | Span):
        first = first_of(value)
        if first < EARLIEST_DAY:
            raise MisfitError(f"a day from {EARLIEST_DAY.isoformat()} on")
        if item.type is ItemType.DATE and first > as_of:
            raise MisfitError(f"a day not after the screening date, {as_of.isoformat()}")
    if not _fits(item, value):
        raise MisfitError(expected_form(item))


def expected_form(item: Item) -> str:
    """The form of an answer to an item, in words."""
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
            return "a day that exists, such as 2026-10-01, or a month, 2026-10, or a year"


def _fits(item: Item, value: Value) -> bool:
    match item.type, value:
        case ItemType.CHOICE, str():
            return value in item.choices
        case ItemType.CHOICES, frozenset():
            return bool(value) and value <= item.choices.keys()
        case ItemType.NUMBER, int() if not isinstance(value, bool):
            return item.minimum <= value <= item.maximum
        case (ItemType.YES_NO, bool()) | (ItemType.DATE, dt.date() | Span()):
            return True
        case _:
            return False


def _days(item: Item, text: str) -> Day:
    try:
        return read_days(text)
    except ValueError:
        raise MisfitError(expected_form(item)) from None
