"""Conditions: logical tests of answers. Five classes, and nothing can ask "is it unknown?"."""

import calendar
import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum


class Comparison(Enum):
    """How a whole number is compared."""

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
    """Holds if the number lies on the named side of the bound, the bound included."""

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


def items_in(condition: Condition) -> frozenset[str]:
    """The link ids of the items that a condition reads."""
    return frozenset(test.item for test in tests_in(condition))


def later(day: dt.date, length: int, unit: Unit) -> dt.date:
    """The day that lies a length of calendar time after another; never past ``date.max``."""
    try:
        if unit in (Unit.DAYS, Unit.WEEKS):
            return day + dt.timedelta(days=length * (7 if unit is Unit.WEEKS else 1))
        months = day.month - 1 + length * (12 if unit is Unit.YEARS else 1)
        year, month = day.year + months // 12, months % 12 + 1
        return dt.date(year, month, min(day.day, calendar.monthrange(year, month)[1]))
    except (OverflowError, ValueError):
        return dt.date.max


def gated(condition: Condition, gates: Mapping[str, Condition]) -> Condition:
    """The condition with the gate of every gated item conjoined to each test of it.

    A test of an item holds only where the question is put. An answer to a question that is no
    longer put thus takes no part, and a further answer still never overturns a decided finding.

    Args:
        condition: the condition as its author wrote it.
        gates: link id to the condition under which the item is asked; no cycles.
    """
    match condition:
        case Not(part=part):
            return Not(part=gated(part, gates))
        case AtLeast(count=count, parts=parts):
            widened = tuple(gated(part, gates) for part in parts)
            return (
                _flat_all(widened) if count == len(parts) else AtLeast(count=count, parts=widened)
            )
        case Compare() | OneOf() | Within():
            gate = gates.get(condition.item)
            return condition if gate is None else _flat_all((gated(gate, gates), condition))


def _flat_all(parts: tuple[Condition, ...]) -> Condition:
    """All of the parts, each once, with an inner "all" laid flat so that traces stay short."""
    flat: dict[Condition, None] = {}
    for part in parts:
        inner = (
            part.parts if isinstance(part, AtLeast) and part.count == len(part.parts) else (part,)
        )
        flat.update(dict.fromkeys(inner))
    return all_of(*flat) if flat else ALWAYS
