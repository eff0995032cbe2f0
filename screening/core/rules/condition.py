"""Conditions: logical tests of answers. Five classes, and nothing can ask "is it unknown?"."""

import calendar
import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from enum import Enum
from typing import assert_never


class Comparison(Enum):
    """The comparison of a whole number with a bound."""

    AT_LEAST = "at_least"
    AT_MOST = "at_most"


class Unit(Enum):
    """A unit of calendar time."""

    DAYS = "days"
    WEEKS = "weeks"
    MONTHS = "months"
    YEARS = "years"


@dataclass(frozen=True, slots=True, kw_only=True)
class Compare:
    """Holds if the number is on the named side of the bound, or equals it."""

    item: str
    comparison: Comparison
    bound: int


@dataclass(frozen=True, slots=True, kw_only=True)
class OneOf:
    """Holds if the answer is, or contains, one of the values (codes, or yes and no)."""

    item: str
    values: frozenset[str | bool]


@dataclass(frozen=True, slots=True, kw_only=True)
class Within:
    """Holds if the day plus the length has not passed on the screening date.

    Months and years are calendar ones; the day is clamped to the month's end.
    """

    item: str
    length: int
    unit: Unit


@dataclass(frozen=True, slots=True, kw_only=True)
class Not:
    """Holds if its part does not."""

    part: "Condition"


@dataclass(frozen=True, slots=True, kw_only=True)
class AtLeast:
    """Holds if ``count`` or more of its parts hold: 1 is any, all of them is all."""

    count: int
    parts: tuple["Condition", ...]


Condition = Compare | OneOf | Within | Not | AtLeast
Test = Compare | OneOf | Within

_IN_EVERY_MONTH = 28

ALWAYS = AtLeast(count=0, parts=())


def all_of(*parts: Condition) -> Condition:
    """The condition that every part holds."""
    return parts[0] if len(parts) == 1 else AtLeast(count=len(parts), parts=parts)


def any_of(*parts: Condition) -> Condition:
    """The condition that some part holds."""
    return parts[0] if len(parts) == 1 else AtLeast(count=1, parts=parts)


def tests_in(condition: Condition) -> Iterator[Test]:
    """Every test of an item in a condition, from left to right."""
    match condition:
        case Not(part=part):
            yield from tests_in(part)
        case AtLeast(parts=parts):
            for part in parts:
                yield from tests_in(part)
        case Compare() | OneOf() | Within():
            yield condition
        case _:
            assert_never(condition)


def items_in(condition: Condition) -> frozenset[str]:
    """The link ids of the items that a condition reads."""
    return frozenset(test.item for test in tests_in(condition))


def add_time(day: dt.date, length: int, unit: Unit) -> dt.date:
    """The day at the end of a length of calendar time; never past ``date.max``."""
    try:
        if unit in (Unit.DAYS, Unit.WEEKS):
            return day + dt.timedelta(days=length * (7 if unit is Unit.WEEKS else 1))
        months = day.month - 1 + length * (12 if unit is Unit.YEARS else 1)
        year, month = day.year + months // 12, months % 12 + 1
        if day.day > _IN_EVERY_MONTH:
            return dt.date(year, month, min(day.day, calendar.monthrange(year, month)[1]))
        return day.replace(year, month)
    except (OverflowError, ValueError):
        return dt.date.max


def add_ask_if(
    condition: Condition,
    ask_ifs: Mapping[str, Condition],
    known: frozenset[Condition] = frozenset(),
) -> Condition:
    """The condition with the gate of every gated item conjoined to each test of it.

    A test of an item holds only where the question is put. An answer to a question that is no
    longer put is not used, and a further answer still never overturns a decided finding.

    Args:
        condition: the condition as its author wrote it.
        ask_ifs: link id to the condition under which the item is asked; no cycles.
        known: what is conjoined already by the surrounding conditions, and need not be repeated.
    """
    match condition:
        case Not(part=part):
            return Not(part=add_ask_if(part, ask_ifs, known))
        case AtLeast(count=count, parts=parts) if count == len(parts):
            flat = _conjuncts(condition)
            return _conjoined(add_ask_if(each, ask_ifs, known | (flat - {each})) for each in flat)
        case AtLeast(count=count, parts=parts):
            return AtLeast(
                count=count, parts=tuple(add_ask_if(each, ask_ifs, known) for each in parts)
            )
        case Compare() | OneOf() | Within():
            gate = ask_ifs.get(condition.item, ALWAYS)
            missing = _conjoined(each for each in _conjuncts(gate) if each not in known)
            return _conjoined((add_ask_if(missing, ask_ifs, known), condition))
        case _:
            assert_never(condition)


def _conjuncts(condition: Condition) -> AbstractSet[Condition]:
    """The parts of an "all", inner ones laid flat, in order and each once; else the condition."""
    if isinstance(condition, AtLeast) and condition.count == len(condition.parts):
        return dict.fromkeys(each for part in condition.parts for each in _conjuncts(part)).keys()
    return {condition: None}.keys()


def _conjoined(parts: Iterable[Condition]) -> Condition:
    """All of the parts, laid flat so that traces stay short."""
    flat = dict.fromkeys(each for part in parts for each in _conjuncts(part))
    return all_of(*flat) if flat else ALWAYS
