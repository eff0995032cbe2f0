"""The values that an item admits."""

import datetime as dt

import pytest
from support.rulesets.builders import choice, item, number

from screening.core.rules.item import Item, ItemType
from screening.core.values.answer import Value
from screening.core.values.span import month_of

DAY = dt.date(2026, 11, 20)
SETS = ItemType.CHOICES


@pytest.mark.parametrize(
    ("asked", "value", "admitted"),
    [
        (item("q"), True, True),
        (item("q"), "yes", False),
        (item("q"), 1, False),
        (choice("q"), "a", True),
        (choice("q"), "z", False),
        (choice("q", kind=SETS), frozenset("ab"), True),
        (choice("q", kind=SETS), frozenset("az"), False),
        (choice("q", kind=SETS), "a", False),
        (number("q"), 3, True),
        (number("q"), True, False),
        (number("q"), "3", False),
        (item("q", ItemType.DATE), DAY, True),
        (item("q", ItemType.DATE), month_of(2026, 11), True),
        (item("q", ItemType.DATE), "2026-11-20", False),
    ],
)
def test_an_item_admits_values_of_its_kind(asked: Item, value: Value, *, admitted: bool) -> None:
    assert asked.admits(value) is admitted
