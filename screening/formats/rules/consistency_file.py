"""Rules of consistency as rule authors write them."""

from collections.abc import Mapping

from screening.core.rules.consistency import BIRTH, Age, Check, Never, Order
from screening.core.rules.item import ItemType
from screening.formats.rules.conditions import Items, read_condition
from screening.formats.yaml.cursor import Cursor
from screening.formats.yaml.hints import near

_KINDS = "write `never: {condition}`, `order: [dates, the earlier first]`, or `age: item`"
_FEWEST_DATES = 2


def read_check(rule: Cursor, fields: Mapping[str, Cursor], items: Items) -> Check | None:
    """Read what a rule asks of the answers; None, and problems, if it cannot be read."""
    kinds = [name for name in ("never", "order") if name in fields]
    alone = "age" in fields and not kinds
    if not alone and (len(kinds) != 1 or ("never" in fields and "age" in fields)):
        rule.report("wrong-shape", "a rule of consistency asks for one thing", _KINDS)
        return None
    if "never" in fields:
        condition = read_condition(fields["never"], items)
        return Never(condition=condition) if condition else None
    age = _read_item(fields["age"], ItemType.NUMBER, items) if "age" in fields else None
    if "order" not in fields:
        return Age(item=age) if age else None
    dates = [_read_date(each, items) for each in fields["order"].parts()]
    if len(dates) < _FEWEST_DATES:
        fields["order"].report("empty-condition", "an order is of two or more dates", "name two")
        return None
    read = tuple(each for each in dates if each)
    if len(set(read)) < len(read):
        fields["order"].report("repeated-part", "a date is here twice", "keep one of them")
    if BIRTH in read[1:]:
        message = f"nothing comes before `{BIRTH}`"
        fields["order"].report("not-one-of", message, "name it first")
    return Order(dates=read, age=age) if len(read) == len(dates) else None


def _read_date(cursor: Cursor, items: Items) -> str | None:
    return BIRTH if cursor.word == BIRTH else _read_item(cursor, ItemType.DATE, items)


def _read_item(cursor: Cursor, kind: ItemType, items: Items) -> str | None:
    word = cursor.text()
    if word is None or word in items.unreadable:
        return None
    if word not in items:
        cursor.report("unknown-item", f"unknown item `{word}`", near(word, items))
        return None
    if items[word].type is not kind:
        cursor.report("wrong-test", f"`{word}` is no {kind.value}", f"name a {kind.value}")
        return None
    return word
