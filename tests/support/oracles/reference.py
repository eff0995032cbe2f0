"""The meaning of rules, written a second time: two-valued, over complete answers, slow and plain.

Nothing of the core's evaluation is used here. Gates are read as their author means them: a test of
an item holds only where the item's question is put.
"""

import calendar
import datetime as dt
from collections.abc import Mapping
from functools import cache
from itertools import chain, combinations

from screening.core.rules.condition import (
    AtLeast,
    Compare,
    Comparison,
    Condition,
    Not,
    OneOf,
    Unit,
    Within,
)
from screening.core.rules.item import Item, ItemType
from screening.core.rules.ruleset import Outcome, Ruleset, Tier, Trigger
from screening.core.values.answer import Value

DECEMBER = 12

Values = Mapping[str, Value]
Gates = Mapping[str, Condition]


def holds(condition: Condition, values: Values, gates: Gates, as_of: dt.date) -> bool:
    if isinstance(condition, Not):
        return not holds(condition.part, values, gates, as_of)
    if isinstance(condition, AtLeast):
        holding = [part for part in condition.parts if holds(part, values, gates, as_of)]
        return len(holding) >= condition.count
    return put(condition.item, values, gates, as_of) and passes(
        condition, values[condition.item], as_of
    )


def put(link_id: str, values: Values, gates: Gates, as_of: dt.date) -> bool:
    """Whether an item's question is put."""
    return link_id not in gates or holds(gates[link_id], values, gates, as_of)


def passes(test: Compare | OneOf | Within, value: Value, as_of: dt.date) -> bool:
    if isinstance(test, OneOf):
        given = value if isinstance(value, frozenset) else frozenset({value})
        return bool(test.values & given)
    if isinstance(test, Within):
        assert isinstance(value, dt.date)
        return day_after(value, test.length, test.unit) >= as_of
    assert isinstance(value, int)
    return value >= test.bound if test.comparison is Comparison.AT_LEAST else value <= test.bound


def day_after(day: dt.date, length: int, unit: Unit) -> dt.date:
    """Walk day by day, or month by month; a day that a month lacks becomes its last one."""
    if unit is Unit.DAYS:
        return dt.date.fromordinal(day.toordinal() + length)
    if unit is Unit.WEEKS:
        return day_after(day, 7 * length, Unit.DAYS)
    year, month = day.year, day.month
    for _ in range(length * (12 if unit is Unit.YEARS else 1)):
        year, month = (year + 1, 1) if month == DECEMBER else (year, month + 1)
    days = [each for each in calendar.Calendar().itermonthdates(year, month) if each.month == month]
    return min(days[day.day - 1 :], default=days[-1])


def outcome(
    ruleset: Ruleset,
    authored: Mapping[str, Condition],
    values: Values,
    gates: Gates,
    as_of: dt.date,
) -> str:
    """The outcome that complete answers lead to."""
    truths = {name: holds(condition, values, gates, as_of) for name, condition in authored.items()}
    tiers = {each.id: each.tier for each in ruleset.criteria}
    raised = {tier: [t for name, t in truths.items() if tiers[name] is tier] for tier in Tier}
    return next(each.id for each in ruleset.outcomes if _reached(each, raised))


def _reached(outcome: Outcome, raised: Mapping[Tier, list[bool]]) -> bool:
    if outcome.trigger is Trigger.OTHERWISE:
        return True
    if outcome.trigger is Trigger.REQUIRED_IS_FALSE:
        return not all(raised[Tier.REQUIRED])
    if outcome.trigger is Trigger.DESCRIBED_IS_FALSE:
        return not all(raised[Tier.DESCRIBED])
    return outcome.tier is not None and any(raised[outcome.tier])


def domain(item: Item, lengths: set[tuple[int, Unit]], as_of: dt.date) -> list[Value]:
    """Every answer to an item; of dates, every one near a day at which a length runs out."""
    match item.type:
        case ItemType.YES_NO:
            return [True, False]
        case ItemType.CHOICE:
            return list(item.choices)
        case ItemType.CHOICES:
            sizes = range(1, len(item.choices) + 1)
            subsets = chain.from_iterable(combinations(item.choices, size) for size in sizes)
            return [frozenset(subset) for subset in subsets]
        case ItemType.NUMBER:
            return list(range(item.minimum, item.maximum + 1))
        case ItemType.DATE:
            return [*sorted({as_of, *(d for each in lengths for d in _days_near(each, as_of))})]


@cache
def _days_near(length: tuple[int, Unit], as_of: dt.date) -> tuple[dt.date, ...]:
    """The days around the last one that is past a length, found by walking back."""
    day = as_of
    while day_after(day, *length) >= as_of:
        day -= dt.timedelta(days=1)
    near = (day + dt.timedelta(days=shift) for shift in (-1, 0, 1, 2))
    return tuple(each for each in near if each <= as_of)
