"""The rules of consistency in words."""

from typing import assert_never

from screening.core.rules.consistency import BIRTH, Age, Check, Never, Order
from screening.core.values.wording import Audience
from screening.translation import gettext
from screening.words.shared.answers import Items
from screening.words.shared.conditions import words_of_condition


def words_of_check(check: Check, items: Items) -> str:
    """The demand of a rule of consistency on the answers."""
    match check:
        case Never(condition=condition):
            words = words_of_condition(condition, items, Audience.NURSE)
            return gettext("Never: {condition}", condition=words)
        case Order(dates=dates):
            birth = gettext("Birth")
            names = "; ".join(birth if each == BIRTH else items[each].name for each in dates)
            return gettext("None before the one named before it: {dates}", dates=names)
        case Age(item=item):
            name = items[item].name
            return gettext("Agrees with the recorded birth year: {age}", age=name)
        case _:
            assert_never(check)
