"""The variables of a compiled ruleset: items whose answers are gathered into cells.

The answers to an item that no test can tell apart form one cell. Cut-offs of one date item use one
kind of calendar unit, so that cells do not depend on the screening date; the dates of one order
share all their cut-offs, so that their cells lie in one order, too.
"""

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Any, assert_never, cast

from screening.core.compiled.representatives import representatives
from screening.core.rules.condition import Condition, Test, items_in, tests_in
from screening.core.rules.consistency import linked_dates
from screening.core.rules.finding import evaluate
from screening.core.rules.item import Item, ItemType
from screening.core.values.answer import EARLIEST_DAY, Answer, Value
from screening.core.values.span import Day, Span, day_between
from screening.core.values.truth import Truth

Signature = tuple[bool, ...]
"""Which tests of an item an answer passes."""

_ANY_DAY = dt.date(2000, 6, 15)
_GROWING = ("higher", "later")
_ROUNDS = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Variable:
    """An item with its cells, each known by the tests that it passes; of a date the newest first.

    The branches of functions over partial answers are the cells, "unknown", and then, for a date,
    the ``spans`` of neighbouring cells (newest and oldest of each) that are not all of them.
    """

    item: Item
    tests: tuple[Test, ...]
    cells: tuple[Signature, ...]
    spans: tuple[tuple[int, int], ...] = ()

    @property
    def unknown(self) -> int:
        """The branch, over partial answers, of an item that is not answered."""
        return len(self.cells)

    @property
    def width(self) -> int:
        """The number of branches over partial answers."""
        return len(self.cells) + 1 + len(self.spans)

    def cells_of(self, branch: int) -> range:
        """The cells that a branch over partial answers stands for."""
        if branch < self.unknown:
            return range(branch, branch + 1)
        if branch == self.unknown:
            return range(self.unknown)
        newest, oldest = self.spans[branch - self.unknown - 1]
        return range(newest, oldest + 1)

    def locate(self, value: Value, as_of: dt.date) -> int:
        """The branch of an answer; time O(tests)."""
        if not isinstance(value, Span):
            return self.cells.index(_signature(self.tests, self.item, value, as_of))
        newest, oldest = (self.locate(day, as_of) for day in (value.last, value.first))
        return self.branch_of(newest, oldest)

    def branch_of(self, newest: int, oldest: int) -> int:
        """The branch of a span of cells of a date, both included."""
        if newest == oldest:
            return newest
        if (newest, oldest) == (0, self.unknown - 1):
            return self.unknown
        return self.unknown + 1 + self.spans.index((newest, oldest))

    def days(self, branch: int, as_of: dt.date) -> Day:
        """The days that a branch of a date stands for, on a screening date."""
        newest, oldest = self.cells_of(branch)[0], self.cells_of(branch)[-1]
        values = cast("Mapping[int, list[dt.date]]", self.values(as_of))
        older = values.get(oldest + 1)
        first = older[0] + dt.timedelta(days=1) if older else EARLIEST_DAY
        return day_between(first, values[newest][0])

    def values(self, as_of: dt.date) -> dict[int, list[Value]]:
        """Cell to the answers that stand for it, with a screening date."""
        found: dict[int, list[Value]] = {}
        for value in representatives(self.item, self.tests, as_of):
            found.setdefault(self.locate(value, as_of), []).append(value)
        return found

    def worse_pairs(self, as_of: dt.date) -> Iterator[tuple[int, int]]:
        """Pairs of different cells, the better before the worse; none if the item names no worse.

        Args:
            as_of: a screening date; it changes nothing but the values that are tried.
        """
        item, values = self.item, self.values(as_of)
        match item.type:
            case _ if item.worse is None:
                return
            case ItemType.NUMBER | ItemType.DATE:
                ordered = rising(values)
                yield from combinations(ordered if item.worse in _GROWING else ordered[::-1], 2)
            case ItemType.YES_NO | ItemType.CHOICE:
                worst = item.worse == "yes" if item.type is ItemType.YES_NO else item.worse
                worse = self.locate(worst, as_of)
                yield from ((cell, worse) for cell in values if cell != worse)
            case ItemType.CHOICES:
                sets = [(cell, each) for cell, listed in values.items() for each in listed]
                for cell, codes in sets:
                    worse = self.locate(cast("frozenset[str]", codes) | {item.worse}, as_of)
                    if worse != cell:
                        yield cell, worse
            case _:
                assert_never(item.type)


def rising(values: Mapping[int, Sequence[Value]]) -> list[int]:
    """The cells of a number or a date from the least to the greatest."""
    return sorted(values, key=lambda cell: cast("Any", values[cell][0]))


def levels_of(variables: Sequence[Variable]) -> dict[str, int]:
    """Link id to level."""
    return {each.item.link_id: level for level, each in enumerate(variables)}


def variables_of(
    items: Mapping[str, Item],
    conditions: Sequence[Condition],
    pairs: Sequence[tuple[str, str]] = (),
) -> tuple[Variable, ...]:
    """The items that conditions read, with cells that tell their tests apart, in a good order.

    Args:
        items: link id to item.
        conditions: what is to be told apart.
        pairs: dates in an order. They share their cut-offs, and all of them are variables if a
            condition reads one.
    """
    read = {link_id for each in conditions for link_id in items_in(each)}
    groups = [group for group in linked_dates(pairs) if group & read]
    tests = list(dict.fromkeys(test for each in conditions for test in tests_in(each)))
    edges = [sorted(items_in(each)) for each in conditions]
    edges += [list(pair) for pair in pairs if any(group >= set(pair) for group in groups)]
    return tuple(
        variable_of(items[link_id], shared_tests(link_id, tests, groups))
        for link_id in _order(edges)
    )


def shared_tests(
    link_id: str, conditions: Sequence[Condition], groups: Sequence[frozenset[str]]
) -> tuple[Test, ...]:
    """The tests that an item's cells tell apart: its own, and as its own those of its order."""
    group = next((each for each in groups if link_id in each), frozenset({link_id}))
    tests = (test for condition in conditions for test in tests_in(condition))
    own = (replace(test, item=link_id) for test in tests if test.item in group)
    return tuple(dict.fromkeys(own))


def _signature(tests: Sequence[Test], item: Item, value: Value, as_of: dt.date) -> Signature:
    answers = {item.link_id: Answer(value=value)}
    return tuple(evaluate(test, answers, as_of).truth is Truth.TRUE for test in tests)


def variable_of(item: Item, tests: tuple[Test, ...], as_of: dt.date = _ANY_DAY) -> Variable:
    """An item with the cells that tests tell apart.

    Args:
        item: the item.
        tests: tests of it.
        as_of: the screening date; any will do if the tests of a date have one kind of unit.
    """
    values = representatives(item, tests, as_of)
    if item.type is not ItemType.DATE:
        cells = dict.fromkeys(_signature(tests, item, value, as_of) for value in values)
        return Variable(item=item, tests=tests, cells=tuple(cells))
    newest_first = sorted(values, key=lambda day: cast("dt.date", day), reverse=True)
    dated = tuple(dict.fromkeys(_signature(tests, item, day, as_of) for day in newest_first))
    spans = tuple(pair for pair in combinations(range(len(dated)), 2))
    whole = (0, len(dated) - 1)
    return Variable(
        item=item, tests=tests, cells=dated, spans=tuple(each for each in spans if each != whole)
    )


def _order(edges: Sequence[Sequence[str]]) -> list[str]:
    """Items in an order that keeps those tested together close: the FORCE heuristic.

    Source: F. A. Aloul et al., FORCE: A Fast and Easy-To-Implement Variable-Ordering Heuristic,
    2003. Time O(rounds · total length of edges).
    """
    place = {link_id: i for i, link_id in enumerate(dict.fromkeys(i for e in edges for i in e))}
    best, best_span = dict(place), _span(edges, place)
    for _ in range(_ROUNDS):
        centres = [sum(place[i] for i in edge) / len(edge) if edge else 0.0 for edge in edges]
        pulls: dict[str, list[float]] = {link_id: [] for link_id in place}
        for edge, centre in zip(edges, centres, strict=True):
            for link_id in edge:
                pulls[link_id].append(centre)
        ranked = sorted(place, key=lambda i: (sum(pulls[i]) / len(pulls[i]), place[i]))
        place = {link_id: rank for rank, link_id in enumerate(ranked)}
        span = _span(edges, place)
        if span < best_span:
            best, best_span = dict(place), span
    return sorted(best, key=best.__getitem__)


def _span(edges: Sequence[Sequence[str]], place: Mapping[str, int]) -> int:
    spans = ([place[link_id] for link_id in edge] for edge in edges if edge)
    return sum(max(places) - min(places) for places in spans)
