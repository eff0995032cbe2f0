"""Conditions in words: whole, and by their heads alone for a trace."""

from collections.abc import Iterable
from typing import assert_never

from screening.core.rules.condition import (
    ALWAYS,
    AtLeast,
    Compare,
    Comparison,
    Condition,
    Not,
    OneOf,
    Within,
)
from screening.core.rules.item import Item
from screening.core.values.wording import Audience
from screening.translation import gettext
from screening.words.shared.answers import Items, yes_or_no
from screening.words.shared.days import words_of_length
from screening.words.shared.lists import join_clauses_and, join_clauses_or, join_name, join_or


def words_of_condition(condition: Condition, items: Items, audience: Audience) -> str:
    """A condition in words, such as “Lung disease: severe, and Levels: at most 2 levels”."""
    match condition:
        case AtLeast(parts=()):
            return gettext("always")
        case AtLeast(count=count, parts=parts):
            return _joined(count, [_bracketed(part, items, audience) for part in parts])
        case Not(part=part):
            inner = words_of_condition(part, items, audience)
            return gettext("not ({condition})", condition=inner)
        case Compare() | OneOf() | Within():
            return join_name(items[condition.item].name, _tested(condition, items, audience))
        case _:
            assert_never(condition)


def words_of_head(condition: Condition, items: Items) -> str:
    """The words of a condition without those of its parts, for the lines of a trace."""
    match condition:
        case AtLeast(parts=()):
            return gettext("always")
        case AtLeast(count=count, parts=parts):
            if count == len(parts):
                return gettext("all of these")
            if count == 1:
                return gettext("at least one of these")
            return gettext("at least {count} of these", count=count)
        case Not():
            return gettext("the line below is not met")
        case Compare() | OneOf() | Within():
            return words_of_condition(condition, items, Audience.NURSE)
        case _:
            assert_never(condition)


def _joined(count: int, parts: list[str]) -> str:
    if count == len(parts):
        return join_clauses_and(parts)
    if count == 1:
        return join_clauses_or(parts)
    return gettext("at least {count} of: {parts}", count=count, parts="; ".join(parts))


def _bracketed(condition: Condition, items: Items, audience: Audience) -> str:
    words = words_of_condition(condition, items, audience)
    return f"({words})" if isinstance(condition, AtLeast) and condition != ALWAYS else words


def _tested(test: Compare | OneOf | Within, items: Items, audience: Audience) -> str:
    item = items[test.item]
    match test:
        case Compare(comparison=comparison, bound=bound):
            number = f"{bound} {item.unit}".strip()
            if comparison is Comparison.AT_LEAST:
                return gettext("at least {number}", number=number)
            return gettext("at most {number}", number=number)
        case Within(length=length, unit=unit):
            words = words_of_length(length, unit)
            return gettext("within {length} before the screening date", length=words)
        case OneOf(values=values):
            return join_or(_value_words(item, values, audience))
        case _:
            assert_never(test)


def _value_words(item: Item, values: frozenset[str | bool], audience: Audience) -> Iterable[str]:
    if not item.choices:
        return [yes_or_no(value=bool(value)) for value in sorted(values, reverse=True)]
    return [words.to(audience) for code, words in item.choices.items() if code in values]
