"""The order of day and month in a column of days, where the column itself shows it.

A hospital's system writes all its days in one order; 03/04/2026 alone does not say in which.
"""

import re
from collections.abc import Iterable

from screening.formats.answers.day_text import AmbiguousDayError, NoSuchDayError, read_day_text
from screening.formats.referrals.spreadsheet import restore_cell
from screening.formats.referrals.text import UnfitError

_NUMBERS = re.compile(r"([0-9]{1,2})[./-]([0-9]{1,2})[./-][0-9]{4}")
_MONTHS, _DAYS = 12, 31


def find_day_first(cells: Iterable[str]) -> bool | None:
    """True if a column has the day before the month, False if after it.

    Returns:
        None if no day of it can be read in one order only, or some in one and some in the other.
    """
    orders = {order for cell in cells if (order := _order(cell)) is not None}
    return orders.pop() if len(orders) == 1 else None


def settle_day(text: str, *, day_first: bool) -> str:
    """A day in ISO 8601 if it can be two, by the order of its column; any other text as it is."""
    try:
        read_day_text(restore_cell("date_received", text))
    except (UnfitError, NoSuchDayError):
        return text
    except AmbiguousDayError as error:
        return error.readings[0 if day_first else 1].isoformat()
    return text


def _order(cell: str) -> bool | None:
    try:
        found = _NUMBERS.fullmatch(restore_cell("date_received", cell))
    except UnfitError:
        return None
    first, second = map(int, found.groups()) if found else (0, 0)
    if first <= _MONTHS < second <= _DAYS:
        return False
    return True if second <= _MONTHS < first <= _DAYS else None
