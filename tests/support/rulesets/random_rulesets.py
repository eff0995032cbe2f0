"""Random rulesets and answers from a seed: quicker than drawing them, and the same on every run."""

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import chain, combinations
from random import Random

from support.rulesets.builders import LADDER, both, choice, criterion, item, number, ruleset

from screening.core.compiled.representatives import last_day_outside
from screening.core.rules.condition import (
    AtLeast,
    Compare,
    Comparison,
    Condition,
    Not,
    OneOf,
    Test,
    Unit,
    Within,
    add_ask_if,
    tests_in,
)
from screening.core.rules.consistency import BIRTH, Age, Check, Consistency, Never, Order
from screening.core.rules.item import Item, ItemType
from screening.core.rules.ruleset import Ruleset, Tier, Trigger
from screening.core.values.answer import AbsentReason, Answer, Value
from screening.core.values.span import Day, day_between

ONE_DAY = dt.timedelta(days=1)
DAYS = (
    dt.date(2026, 11, 20),
    dt.date(2027, 2, 28),
    dt.date(2028, 2, 29),
    dt.date(2028, 3, 31),
    dt.date(2027, 12, 31),
    dt.date(2028, 4, 30),
)
LONGEST = {Unit.DAYS: 70, Unit.WEEKS: 12, Unit.MONTHS: 26, Unit.YEARS: 5}
WORSE = {
    ItemType.YES_NO: ("yes", "no"),
    ItemType.NUMBER: ("higher", "lower"),
    ItemType.DATE: ("earlier", "later"),
}


def random_ruleset(rng: Random, most_items: int = 4, most_criteria: int = 5) -> Ruleset:
    """A ruleset with gates, several lengths for each date, and bounds at the ends of numbers."""
    maker = _Maker(rng)
    for place in range(rng.randint(2, most_items)):
        maker.add_item(f"item_{place}")
    criteria = [
        criterion(f"criterion_{place}", rng.choice(list(Tier)), maker.gated_condition())
        for place in range(rng.randint(1, most_criteria))
    ]
    made = ruleset(maker.items, criteria, outcomes=_ladder(rng))
    return replace(made, best=_shuffled(rng, made.best))


def with_consistency(rng: Random, rules: Ruleset) -> Ruleset:
    """The ruleset with forbidden conditions, one or two orders of its dates, and an age."""
    maker = _Maker(rng, list(rules.items.values()))
    checks: list[Check] = [Never(condition=maker.condition(2)) for _ in range(rng.randint(0, 2))]
    kinds = {kind: [k for k, i in rules.items.items() if i.type is kind] for kind in ItemType}
    age = rng.choice([None, *kinds[ItemType.NUMBER]])
    dates = kinds[ItemType.DATE]
    for listed in (dates, dates[::2]):  # the second keeps to the first, so that there is no circle
        if listed and rng.random() < 0.8:
            born = rng.random() < 0.5
            events = (BIRTH, *listed) if born else tuple(listed)
            checks.append(Order(dates=events, age=age if born else None))
    if age and rng.random() < 0.5:
        checks.append(Age(item=age))
    made = [
        Consistency(id=f"rule_{place}", ruleset="toy", check=check, say=both(f"rule {place}"))
        for place, check in enumerate(rng.sample(checks, len(checks)))
    ]
    return replace(rules, consistency=tuple(made))


def random_day(rng: Random) -> dt.date:
    """A screening date, often a month's end or a leap day."""
    if rng.random() < 0.5:
        return rng.choice(DAYS)
    return dt.date(1990, 1, 1) + rng.randrange(16_000) * ONE_DAY


class Sampler:
    """Draws partial answers to a ruleset on one day, from values at and beside every boundary."""

    def __init__(self, rng: Random, rules: Ruleset, as_of: dt.date) -> None:
        self._rng = rng
        self.as_of = as_of
        self.values = {
            link_id: values_near(asked, own_tests(rules, link_id), as_of)
            for link_id, asked in rules.items.items()
        }

    def draw(self, share: float | None = None) -> dict[str, Answer]:
        """Answers to about a share of the items; the share itself is random if none is named."""
        known = self._rng.random() if share is None else share
        return {
            link_id: self._answer(values)
            for link_id, values in self.values.items()
            if self._rng.random() < known
        }

    def _answer(self, values: Sequence[Value]) -> Answer:
        """Mostly a value; now and then the person was asked and does not know."""
        if self._rng.random() < 0.1:
            return Answer(absent=self._rng.choice(list(AbsentReason)))
        value = self._rng.choice(values)
        if isinstance(value, dt.date) and self._rng.random() < 0.4:
            value = self._around(value)
        return Answer(value=value)

    def _around(self, day: dt.date) -> Day:
        """A span that a day lies in, of days, weeks or years."""
        before, after = (ONE_DAY * self._rng.choice([0, 1, 10, 40, 400]) for _ in range(2))
        return day_between(day - before, day + after)


def values_near(asked: Item, tests: Sequence[Test], as_of: dt.date) -> Sequence[Value]:
    """Every answer to an item; of numbers and days those at and beside every boundary."""
    match asked.type:
        case ItemType.YES_NO:
            return [True, False]
        case ItemType.CHOICE:
            return list(asked.choices)
        case ItemType.CHOICES:
            sizes = range(1, len(asked.choices) + 1)
            return [frozenset(each) for n in sizes for each in combinations(asked.choices, n)]
        case ItemType.NUMBER:
            return numbers_near(asked, tests)
        case ItemType.DATE:
            return days_near(tests, as_of)


def numbers_near(asked: Item, tests: Sequence[Test]) -> list[int]:
    """The item's bounds, each bound of a test, and the numbers beside them."""
    bounds = [each.bound for each in tests if isinstance(each, Compare)]
    near = {n + shift for n in (*bounds, asked.minimum, asked.maximum) for shift in (-1, 0, 1)}
    return sorted(n for n in near if asked.minimum <= n <= asked.maximum)


def days_near(tests: Sequence[Test], as_of: dt.date) -> list[dt.date]:
    """Today, month ends, and for each length the day on which it runs out and those beside it."""
    cuts = [last_day_outside(each, as_of) for each in tests if isinstance(each, Within)]
    middles = [as_of, as_of.replace(day=1), *(cut for cut in cuts if cut)]
    near = {day + shift * ONE_DAY for day in middles for shift in (-2, -1, 0, 1, 2)}
    return sorted(day for day in near if day <= as_of)


def own_tests(rules: Ruleset, link_id: str) -> list[Test]:
    tests = chain.from_iterable(tests_in(each.condition) for each in rules.criteria)
    return list(dict.fromkeys(test for test in tests if test.item == link_id))


class _Maker:
    """Makes conditions over the items made so far; a date item keeps to one unit."""

    def __init__(self, rng: Random, items: Sequence[Item] = ()) -> None:
        self.rng, self.items = rng, list(items)
        self._units = {each.link_id: rng.choice(list(Unit)) for each in items}
        self._gates: dict[str, Condition] = {}

    def add_item(self, link_id: str) -> None:
        made = self._item(link_id)
        if self.items and self.rng.random() < 0.3:
            self._gates[link_id] = add_ask_if(self.condition(1), self._gates)
            made = replace(made, ask_if=self._gates[link_id])
        known = WORSE.get(made.type, tuple(made.choices))
        if self.rng.random() < 0.5:
            made = replace(made, worse=self.rng.choice(known))
        self._units[link_id] = self.rng.choice(list(Unit))
        self.items.append(made)

    def gated_condition(self) -> Condition:
        return add_ask_if(self.condition(2), self._gates)

    def condition(self, depth: int) -> Condition:
        shape = self.rng.choice(["test", "not", "all", "any", "count"]) if depth else "test"
        if shape == "test":
            return self._test(self.rng.choice(self.items))
        if shape == "not":
            return Not(part=self.condition(depth - 1))
        parts = tuple(self.condition(depth - 1) for _ in range(self.rng.randint(1, 3)))
        counts = {"all": len(parts), "any": 1, "count": self.rng.randint(0, len(parts) + 1)}
        return AtLeast(count=counts[shape], parts=parts)

    def _item(self, link_id: str) -> Item:
        kind = self.rng.choice(list(ItemType))
        if kind is ItemType.NUMBER:
            return number(link_id, self.rng.randint(-1, 1), self.rng.randint(2, 5))
        if kind in (ItemType.CHOICE, ItemType.CHOICES):
            return choice(link_id, self.rng.choice(["ab", "abc", "abcd"]), kind)
        return item(link_id, kind)

    def _test(self, tested: Item) -> Test:
        link_id = tested.link_id
        if tested.type is ItemType.NUMBER:
            bound = self.rng.randint(tested.minimum - 1, tested.maximum + 1)
            return Compare(item=link_id, comparison=self.rng.choice(list(Comparison)), bound=bound)
        if tested.type is ItemType.DATE:
            unit = self._units[link_id]
            return Within(item=link_id, length=self.rng.randint(1, LONGEST[unit]), unit=unit)
        values: list[str | bool] = list(tested.choices) or [True, False]
        return OneOf(
            item=link_id, values=frozenset(self.rng.sample(values, self.rng.randint(1, 2)))
        )


def _ladder(rng: Random) -> Iterator[tuple[str, Trigger, Tier | None]]:
    """Outcomes, sometimes with a rung missing or two exchanged; the last one is "otherwise"."""
    rungs = list(LADDER[:-1])
    if rng.random() < 0.3:
        rungs.pop(rng.randrange(len(rungs)))
    if rng.random() < 0.3:
        place = rng.randrange(len(rungs) - 1)
        rungs[place], rungs[place + 1] = rungs[place + 1], rungs[place]
    yield from (*rungs, LADDER[-1])


def _shuffled(rng: Random, ids: Sequence[str]) -> tuple[str, ...]:
    return tuple(rng.sample(ids, len(ids))) if rng.random() < 0.2 else tuple(ids)
