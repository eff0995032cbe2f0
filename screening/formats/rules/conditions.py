"""Conditions as rule authors write them."""

import re
from collections.abc import Mapping

from screening.core.rules.condition import (
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
    tests_in,
)
from screening.core.rules.item import Item, ItemType
from screening.formats.answers.text import expected_form
from screening.formats.yaml.cursor import Cursor
from screening.formats.yaml.hints import listing, near

_TESTS = {
    ItemType.YES_NO: ("yes", "no"),
    ItemType.CHOICE: ("is", "is_one_of"),
    ItemType.CHOICES: ("includes", "includes_any"),
    ItemType.NUMBER: ("at_least", "at_most", "above", "below", "is"),
    ItemType.DATE: ("within",),
}
_WORDS = ("all", "any", "not", "at_least")
RESERVED = (*_WORDS, "of", "always")
"""Words of conditions, which no item can be called."""

_MOST_PARTS = 100
_MOST_YEARS = 150
_PER_YEAR = {Unit.DAYS: 365, Unit.WEEKS: 52, Unit.MONTHS: 12, Unit.YEARS: 1}


class Items(dict[str, Item]):
    """The items that a condition may read, by link id.

    ``unreadable`` are those with problems of their own, which are not reported again at every
    condition that reads them.
    """

    def __init__(self, items: Mapping[str, Item] | None = None) -> None:
        """Take the readable items."""
        super().__init__(items or {})
        self.unreadable: set[str] = set()


def read_condition(cursor: Cursor, items: Items) -> Condition | None:
    """Read a condition over known items; None, and problems, if it cannot be read."""
    if cursor.is_text:
        return _read_word(cursor, items)
    entries = cursor.entries()
    if {key.word for key, _ in entries} == {"at_least", "of"}:
        return _read_at_least({key.word: value for key, value in entries}, items)
    if len(entries) != 1:
        if entries or cursor.is_table:
            hint = "join several with `all: […]` or `any: […]`"
            cursor.report("wrong-shape", "a condition has exactly one name before its `:`", hint)
        return None
    ((key, value),) = entries
    if key.word in ("all", "any"):
        parts = _read_parts(value, items)
        return (all_of if key.word == "all" else any_of)(*parts) if parts else None
    if key.word == "not":
        part = read_condition(value, items)
        return Not(part=part) if part else None
    return _read_test(key, value, items)


def size_with_ask_if(condition: Condition, gates: Mapping[str, Condition]) -> int:
    """The number of tests of a condition and its items' gates; cheap to know beforehand."""
    sizes = {link_id: sum(1 for _ in tests_in(gate)) for link_id, gate in gates.items()}
    return sum(1 + sizes.get(test.item, 0) for test in tests_in(condition))


def _read_word(cursor: Cursor, items: Items) -> Condition | None:
    if cursor.word == "always":
        return ALWAYS
    hint = f"write `{{{cursor.word}: …}}`" if cursor.word in items else "write `{item: test}`"
    cursor.report("wrong-shape", f"`{cursor.word}` alone is no condition", hint)
    return None


def _read_parts(cursor: Cursor, items: Items) -> list[Condition] | None:
    """The parts of a condition; None if any of them has a problem."""
    cursors = cursor.parts()
    if not cursors and cursor.is_list:
        cursor.report("empty-condition", "this list is empty", "name at least one condition")
    if len(cursors) > _MOST_PARTS:
        message = f"a condition of {len(cursors):,} parts"
        cursor.report("too-entangled", message, f"at most {_MOST_PARTS} are read")
        return None
    parts = [read_condition(each, items) for each in cursors]
    good = [part for part in parts if part is not None]
    if len(set(good)) < len(good):
        cursor.report("repeated-part", "a condition is here twice", "keep one of them")
    return good if cursors and len(good) == len(parts) else None


def _read_at_least(fields: Mapping[str, Cursor], items: Items) -> Condition | None:
    count, parts = fields["at_least"].whole_number(), _read_parts(fields["of"], items)
    if count is None or parts is None:
        return None
    if not 1 <= count <= len(parts):
        message = f"at least {count} of {len(parts)} parts always comes out the same"
        hint = f"write a number from 1 to {len(parts)}"
        fields["at_least"].report("cannot-differ", message, hint)
        return None
    return AtLeast(count=count, parts=tuple(parts))


def _read_test(key: Cursor, value: Cursor, items: Items) -> Condition | None:
    item = items.get(key.word)
    if item is None:
        if key.word not in items.unreadable:
            hint = near(key.word, [*_WORDS, *items, *sorted(items.unreadable)])
            key.report("unknown-item", f"unknown item `{key.word}`", hint)
        return None
    if item.type is ItemType.YES_NO:
        answer = value.yes()
        return None if answer is None else OneOf(item=item.link_id, values=frozenset({answer}))
    entries = value.entries() if value.is_table else []
    if len(entries) != 1:
        message = f"one test of `{item.link_id}` is expected here, as `{{{_example(item)}: …}}`"
        value.report("wrong-shape", message, listing(_TESTS[item.type]))
        return None
    ((name, operand),) = entries
    if name.word not in _TESTS[item.type]:
        message = f"`{name.word}` is no test of `{item.link_id}`, whose type is {item.type.value}"
        name.report("wrong-test", message, listing(_TESTS[item.type]))
        return None
    return _TEST_READERS[item.type](item, name.word, operand)


def _example(item: Item) -> str:
    return _TESTS[item.type][0]


def _read_codes(item: Item, test: str, operand: Cursor) -> Condition | None:
    several = test in ("is_one_of", "includes_any")
    cursors = operand.parts() if several else [operand]
    if several and operand.is_list and not cursors:
        operand.report("empty-condition", "this list is empty", "name at least one choice")
    for cursor in cursors:
        if cursor.text() is not None and cursor.word not in item.choices:
            message = f"`{cursor.word}` is not a choice of `{item.link_id}`"
            cursor.report("unknown-choice", message, near(cursor.word, item.choices))
    codes = frozenset(cursor.word for cursor in cursors)
    if len(codes) < len(cursors):
        operand.report("repeated-part", "a choice is here twice", "keep one of them")
    if not codes <= item.choices.keys() or not codes:
        return None
    if item.type is ItemType.CHOICE and len(codes) == len(item.choices):
        operand.report("cannot-differ", "every answer passes this test", "leave a choice out")
        return None
    return OneOf(item=item.link_id, values=codes)


def _read_bound(item: Item, test: str, operand: Cursor) -> Condition | None:
    number = operand.whole_number()
    if number is None:
        return None
    if not item.minimum <= number <= item.maximum:
        message = f"no answer to `{item.link_id}` can be {number}"
        operand.report("out-of-bounds", message, f"it is {expected_form(item)}")
        return None
    low = {"at_least": number, "above": number + 1, "is": number}.get(test, item.minimum)
    high = {"at_most": number, "below": number - 1, "is": number}.get(test, item.maximum)
    if (low, high) == (item.minimum, item.maximum) or low > high:
        message = f"every answer to `{item.link_id}` comes out the same in this test"
        operand.report("cannot-differ", message, f"it is {expected_form(item)}")
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
        hint = "write a number and days, weeks, months or years, as `2 months`"
        operand.report("not-a-length", f"`{operand.word}` is not a length of time", hint)
        return None
    length, unit = int(match[1]), Unit(match[2] + "s")
    if length > _MOST_YEARS * _PER_YEAR[unit]:
        message = "every day that anybody can name passes this test"
        operand.report("cannot-differ", message, f"at most {_MOST_YEARS} years")
        return None
    return Within(item=item.link_id, length=length, unit=unit)


_TEST_READERS = {
    ItemType.CHOICE: _read_codes,
    ItemType.CHOICES: _read_codes,
    ItemType.NUMBER: _read_bound,
    ItemType.DATE: _read_length,
}
