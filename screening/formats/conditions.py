"""Conditions as rule authors write them."""

import re
from collections.abc import Mapping

from screening.core.condition import (
    ALWAYS,
    AtLeast,
    Compare,
    Comparison,
    Condition,
    Not,
    OneOf,
    Unit,
    Within,
    all_of,
    any_of,
)
from screening.core.item import Item, ItemType
from screening.formats.answers import expected
from screening.formats.cursor import Cursor, near

_TESTS = {
    ItemType.YES_NO: ("yes", "no"),
    ItemType.CHOICE: ("is", "is_one_of"),
    ItemType.CHOICES: ("includes", "includes_any"),
    ItemType.NUMBER: ("at_least", "at_most", "above", "below", "is"),
    ItemType.DATE: ("within",),
}
_WORDS = ("all", "any", "not", "at_least")


def read_condition(cursor: Cursor, items: Mapping[str, Item]) -> Condition | None:
    """Read a condition over known items; None, and problems, if it cannot be read."""
    if cursor.is_text:
        return _read_word(cursor, items)
    entries = cursor.entries()
    if {key.word for key, _ in entries} == {"at_least", "of"}:
        return _read_at_least({key.word: value for key, value in entries}, items)
    if len(entries) != 1:
        if entries or cursor.is_table:
            hint = "`all`, `any`, `not`, or one item with a test"
            cursor.report("wrong-shape", "a condition has exactly one name", hint)
        return None
    ((key, value),) = entries
    if key.word in ("all", "any"):
        parts = _read_parts(value, items)
        return (all_of if key.word == "all" else any_of)(*parts) if parts else None
    if key.word == "not":
        part = read_condition(value, items)
        return Not(part=part) if part else None
    return _read_test(key, value, items)


def _read_word(cursor: Cursor, items: Mapping[str, Item]) -> Condition | None:
    if cursor.word == "always":
        return ALWAYS
    hint = f"write `{{{cursor.word}: …}}`" if cursor.word in items else "`always`, or a mapping"
    cursor.report("wrong-shape", f"`{cursor.word}` alone is no condition", hint)
    return None


def _read_parts(cursor: Cursor, items: Mapping[str, Item]) -> list[Condition] | None:
    """The parts of a condition; None if any of them has a problem."""
    cursors = cursor.parts()
    if not cursors:
        cursor.report("empty-condition", "a condition needs parts", "a list of conditions")
        return None
    parts = [read_condition(each, items) for each in cursors]
    good = [part for part in parts if part is not None]
    if len(set(good)) < len(good):
        cursor.report("repeated-part", "the same condition stands here twice", "keep one of them")
    return good if len(good) == len(parts) else None


def _read_at_least(fields: Mapping[str, Cursor], items: Mapping[str, Item]) -> Condition | None:
    count, parts = fields["at_least"].whole_number(), _read_parts(fields["of"], items)
    if count is None or parts is None:
        return None
    if not 1 <= count <= len(parts):
        hint = f"from 1 to {len(parts)}, the number of parts"
        fields["at_least"].report("cannot-differ", f"at least {count} of {len(parts)}", hint)
        return None
    return AtLeast(count=count, parts=tuple(parts))


def _read_test(key: Cursor, value: Cursor, items: Mapping[str, Item]) -> Condition | None:
    item = items.get(key.word)
    if item is None:
        key.report("unknown-item", f"unknown item `{key.word}`", near(key.word, [*_WORDS, *items]))
        return None
    if item.type is ItemType.YES_NO:
        answer = value.yes()
        return None if answer is None else OneOf(item=item.link_id, values=frozenset({answer}))
    entries = value.entries()
    if len(entries) != 1:
        if entries:
            value.report("wrong-shape", "an item is tested in one way at a time", _known(item))
        return None
    ((name, operand),) = entries
    if name.word not in _TESTS[item.type]:
        message = f"`{name.word}` does not fit `{item.link_id}`, which is a {item.type.value}"
        name.report("wrong-test", message, _known(item))
        return None
    return _TEST_READERS[item.type](item, name.word, operand)


def _known(item: Item) -> str:
    return "known here: " + ", ".join(f"`{name}`" for name in _TESTS[item.type])


def _read_codes(item: Item, test: str, operand: Cursor) -> Condition | None:
    several = test in ("is_one_of", "includes_any")
    cursors = operand.parts() if several else [operand]
    for cursor in cursors:
        if cursor.word not in item.choices:
            message = f"`{cursor.word}` is not a choice of `{item.link_id}`"
            cursor.report("unknown-choice", message, near(cursor.word, item.choices))
    codes = frozenset(cursor.word for cursor in cursors)
    if len(codes) < len(cursors):
        operand.report("repeated-part", "the same choice stands here twice", "keep one of them")
    if not codes <= item.choices.keys() or not codes:
        return None
    if item.type is ItemType.CHOICE and len(codes) == len(item.choices):
        operand.report("cannot-differ", "every answer passes this test", "leave a choice out")
    return OneOf(item=item.link_id, values=codes)


def _read_bound(item: Item, test: str, operand: Cursor) -> Condition | None:
    number = operand.whole_number()
    if number is None:
        return None
    if not item.minimum <= number <= item.maximum:
        message = f"{number} is out of bounds for `{item.link_id}`"
        operand.report("out-of-bounds", message, expected(item))
        return None
    low = {"at_least": number, "above": number + 1, "is": number}.get(test, item.minimum)
    high = {"at_most": number, "below": number - 1, "is": number}.get(test, item.maximum)
    if (low, high) == (item.minimum, item.maximum) or low > high:
        operand.report(
            "cannot-differ", "every answer comes out the same in this test", expected(item)
        )
        return None
    bounds = ((Comparison.AT_LEAST, low, item.minimum), (Comparison.AT_MOST, high, item.maximum))
    return all_of(
        *(
            Compare(item=item.link_id, comparison=comparison, bound=bound)
            for comparison, bound, trivial in bounds
            if bound != trivial
        )
    )


def _read_length(item: Item, _test: str, operand: Cursor) -> Condition | None:
    match = re.fullmatch(r"([1-9][0-9]{0,3}) (day|week|month|year)s?", operand.word, re.ASCII)
    if match is None:
        hint = "a number and days, weeks, months or years: `2 months`"
        operand.report("not-a-length", f"`{operand.word}` is not a length of time", hint)
        return None
    return Within(item=item.link_id, length=int(match[1]), unit=Unit(match[2] + "s"))


_TEST_READERS = {
    ItemType.CHOICE: _read_codes,
    ItemType.CHOICES: _read_codes,
    ItemType.NUMBER: _read_bound,
    ItemType.DATE: _read_length,
}
