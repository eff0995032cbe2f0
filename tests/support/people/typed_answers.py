"""Answers as a person types or ticks them on a form."""

import datetime as dt
from collections.abc import Mapping

from werkzeug.datastructures import MultiDict

from screening.core.rules.item import Item, ItemType
from screening.core.rules.ruleset import Ruleset
from screening.core.values.answer import Answer
from screening.core.values.span import Span
from screening.words.shared.days import words_of_days


def typed(ruleset: Ruleset, answers: Mapping[str, Answer]) -> MultiDict[str, str]:
    """The form fields that hold these answers."""
    fields: MultiDict[str, str] = MultiDict()
    for link_id, answer in answers.items():
        fields.update(_fields(ruleset.items[link_id], answer))
    return fields


def typed_day(day: dt.date, name: str = "as_of") -> dict[str, list[str]]:
    """The three form fields that hold a day."""
    parts = {"day": day.day, "month": day.month, "year": day.year}
    return {f"{name}-{part}": [str(number)] for part, number in parts.items()}


def _fields(item: Item, answer: Answer) -> dict[str, list[str]]:
    name = f"q-{item.link_id}"
    if answer.absent is not None:
        apart = item.type in {ItemType.NUMBER, ItemType.DATE}
        return {f"{name}-absent" if apart else name: [answer.absent.value]}
    match answer.value:
        case bool():
            return {name: ["yes" if answer.value else "no"]}
        case dt.date() as day:
            return typed_day(day, name)
        case Span() as days:
            return {f"{name}-words": [words_of_days(days)]}
        case frozenset() as codes:
            return {name: sorted(codes)}
        case value:
            return {name: [str(value)]}
