"""Answers as what a form would have posted for them, so that a page can show what is stored."""

import datetime as dt
from collections.abc import Mapping

from werkzeug.datastructures import MultiDict

from screening.core.rules.item import Item, ItemType
from screening.core.rules.ruleset import Ruleset
from screening.core.values.answer import Answer
from screening.core.values.span import Span
from screening.web.forms.fields import DAY_PARTS, DAY_WORDS, PREFIX, texts_of_days

Fields = dict[str, list[str]]


def prefill_form(
    ruleset: Ruleset, answers: Mapping[str, Answer], day: dt.date
) -> MultiDict[str, str]:
    """The nurse's form as these answers and this screening date fill it."""
    fields: MultiDict[str, str] = MultiDict()
    for name, texts in texts_of_days("as_of", day).items():
        fields.setlist(name, texts)
    for link_id, item in ruleset.items.items():
        for name, texts in fields_of(item, answers.get(link_id)).items():
            fields.setlist(name, texts)
    return fields


def fields_of(item: Item, answer: Answer | None) -> Fields:
    """The names and texts that make an answer; without one every name of the item is empty."""
    name = PREFIX + item.link_id
    fields: Fields = {each: [] for each in _names(item, name)}
    if answer is None:
        return fields
    if answer.absent is not None:
        return fields | {list(fields)[-1]: [answer.absent.value]}
    match answer.value:
        case bool():
            return fields | {name: ["yes" if answer.value else "no"]}
        case dt.date() | Span():
            return fields | texts_of_days(name, answer.value)
        case frozenset() as codes:
            return fields | {name: sorted(codes)}
        case value:
            return fields | {name: [str(value)]}


def _names(item: Item, name: str) -> list[str]:
    match item.type:
        case ItemType.DATE:
            return [f"{name}-{part}" for part in (*DAY_PARTS, DAY_WORDS, "absent")]
        case ItemType.NUMBER:
            return [name, f"{name}-absent"]
        case _:
            return [name]
