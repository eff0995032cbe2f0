"""A ruleset compiled: every criterion and the outcome as functions of the answers.

The answers to an item that no test can tell apart form one cell. Functions over *complete* answers
branch over cells; functions over *partial* answers have one branch more, for "unknown". Cut-offs of
one date item use one kind of calendar unit, so that cells do not depend on the screening date.
"""

import datetime as dt
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, lru_cache, reduce
from itertools import combinations
from typing import Any, assert_never, cast

from screening.core.answer import Answer, Value
from screening.core.condition import (
    AtLeast,
    Compare,
    Condition,
    Not,
    OneOf,
    Test,
    Within,
    items_in,
    tests_in,
)
from screening.core.diagram import DEFAULT_BUDGET, Diagram
from screening.core.finding import Answers, evaluate
from screening.core.item import Item, ItemType
from screening.core.representatives import representatives
from screening.core.ruleset import Criterion, Outcome, Ruleset
from screening.core.truth import Truth

Signature = tuple[bool, ...]
"""Which tests of an item an answer passes."""

Possible = frozenset[int]
"""Places of outcomes in the order of priority."""

_ANY_DAY = dt.date(2000, 6, 15)
_MOST_LOCATED = 10_000
_MOST_COMPILED = 16
"""Rulesets that stay compiled: those that pages show beside each other, and some."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Variable:
    """An item with its cells, each known by the tests that it passes."""

    item: Item
    tests: tuple[Test, ...]
    cells: tuple[Signature, ...]

    @property
    def unknown(self) -> int:
        """The branch, over partial answers, of an item that is not answered."""
        return len(self.cells)

    def locate(self, value: Value, as_of: dt.date) -> int:
        """The cell of an answer; time O(tests)."""
        return self.cells.index(_signature(self.tests, self.item, value, as_of))

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


def rising(values: Mapping[int, Sequence[Value]]) -> list[int]:
    """The cells of a number or a date from the least to the greatest."""
    return sorted(values, key=lambda cell: cast("Any", values[cell][0]))


_GROWING = ("higher", "later")


@dataclass(slots=True, kw_only=True)
class Model:
    """A compiled ruleset.

    ``complete`` and ``partial`` are the stores of functions over complete and over partial answers;
    ``exact`` and ``kleene`` hold the truth of each criterion in them. ``outcome`` (over complete
    answers) gives a place in ``ladder``; ``possible`` (over partial answers) gives the set of the
    places that are left over all completions.
    """

    ruleset: Ruleset
    ladder: tuple[Outcome, ...]
    variables: tuple[Variable, ...]
    complete: Diagram
    partial: Diagram
    exact: dict[str, int] = field(default_factory=dict[str, int])
    kleene: dict[str, int] = field(default_factory=dict[str, int])
    levels: Mapping[str, int]
    outcome: int = 0
    possible: int = 0
    _located: dict[tuple[int, Value, dt.date | None], int] = field(
        default_factory=dict[tuple[int, Value, "dt.date | None"], int], repr=False
    )

    @property
    def favourable(self) -> frozenset[int]:
        """The places of the favourable outcomes."""
        listed = enumerate(self.ladder)
        return frozenset(i for i, each in listed if each.id in self.ruleset.favourable)

    def locate(self, answers: Answers, as_of: dt.date) -> tuple[int, ...]:
        """The branches of given answers, over partial answers; time O(items)."""
        return tuple(
            self._locate(level, variable, answers.get(variable.item.link_id), as_of)
            for level, variable in enumerate(self.variables)
        )

    def _locate(self, level: int, variable: Variable, answer: Answer | None, as_of: dt.date) -> int:
        if answer is None or answer.value is None:
            return variable.unknown
        key = (level, answer.value, as_of if isinstance(answer.value, dt.date) else None)
        found = self._located.get(key)
        if found is None:
            if len(self._located) >= _MOST_LOCATED:
                self._located.clear()
            found = self._located[key] = variable.locate(answer.value, as_of)
        return found

    def possible_at(self, branches: Sequence[int]) -> Possible:
        """The places of the outcomes that partial answers leave open; time O(items)."""
        return cast("Possible", self.partial.at(self.possible, branches))

    def answers_at(self, path: Mapping[int, int], as_of: dt.date) -> dict[str, Answer]:
        """One person's answers on a path of cells; levels off the path are left out."""
        found: dict[str, Answer] = {}
        for level, cell in sorted(path.items()):
            variable = self.variables[level]
            if cell != variable.unknown:
                value = variable.values(as_of)[cell][0]
                found[variable.item.link_id] = Answer(value=value)
        return found

    def criterion_in(self, diagram: Diagram, condition: Condition) -> int:
        """The truth of a condition as a function in one of the two stores."""
        return truth_in(diagram, self.variables, self.levels, condition)

    def outcome_with(self, exact: Mapping[str, int]) -> int:
        """The outcome if criteria had the given truths, as functions over complete answers."""
        last = len(self.ladder) - 1
        places = [
            self.complete.map(_placed(place, last, truth), exact[criterion.id])
            for criterion in self.ruleset.criteria
            for place, truth in _rungs(self.ladder, criterion)
        ]
        return joined(self.complete, _first, [self.complete.constant(last), *places])


@lru_cache(maxsize=_MOST_COMPILED)
def compiled(ruleset: Ruleset) -> Model:
    """The ruleset compiled, once for as long as it is in use; see ``compile_ruleset``."""
    return compile_ruleset(ruleset)


def compile_ruleset(
    ruleset: Ruleset, also: Sequence[Condition] = (), budget: int = DEFAULT_BUDGET
) -> Model:
    """Compile a ruleset to decision diagrams.

    Args:
        ruleset: one with outcomes.
        also: further conditions whose tests must be told apart, as for comparing two rulesets.
        budget: the most nodes that each store may make.

    Raises:
        BudgetError: if the budget does not suffice.
    """
    conditions = [*(each.condition for each in ruleset.criteria), *also]
    variables = variables_of(ruleset.items, conditions)
    model = Model(
        ruleset=ruleset,
        ladder=ruleset.outcomes,
        variables=variables,
        complete=Diagram([len(each.cells) for each in variables], budget),
        partial=Diagram([len(each.cells) + 1 for each in variables], budget),
        levels=levels_of(variables),
    )
    for criterion in ruleset.criteria:
        model.exact[criterion.id] = model.criterion_in(model.complete, criterion.condition)
        model.kleene[criterion.id] = model.criterion_in(model.partial, criterion.condition)
    model.outcome = model.outcome_with(model.exact)
    model.possible = lift(model, model.complete.map(_only, model.outcome), _union)
    return model


def variables_of(
    items: Mapping[str, Item], conditions: Sequence[Condition]
) -> tuple[Variable, ...]:
    """The items that conditions read, with cells that tell their tests apart, in a good order."""
    return tuple(_variable(items[link_id], conditions) for link_id in _order(conditions))


def truth_in(
    diagram: Diagram,
    variables: Sequence[Variable],
    levels: Mapping[str, int],
    condition: Condition,
) -> int:
    """The truth of a condition as a function.

    Args:
        diagram: a store over the cells of the variables; where it has a branch more than there are
            cells, the last one stands for "unknown".
        variables: what the levels of the store stand for.
        levels: link id to level.
        condition: it tests nothing that the cells do not tell apart.

    Raises:
        BudgetError: if the store's budget does not suffice.
    """
    match condition:
        case Not(part=part):
            return diagram.map(_negated, truth_in(diagram, variables, levels, part))
        case AtLeast(count=count, parts=parts):
            below = [truth_in(diagram, variables, levels, part) for part in parts]
            return _gather(diagram, count, below)
        case Compare() | OneOf() | Within():
            level = levels[condition.item]
            which = variables[level].tests.index(condition)
            truths = [Truth.of(value=cell[which]) for cell in variables[level].cells]
            truths += [Truth.UNKNOWN] * (diagram.arities[level] - len(truths))
            return diagram.node(level, [diagram.constant(truth) for truth in truths])
        case _:
            assert_never(condition)


def levels_of(variables: Sequence[Variable]) -> dict[str, int]:
    """Link id to level."""
    return {each.item.link_id: level for level, each in enumerate(variables)}


def joined(diagram: Diagram, join: Callable[[Any, Any], Any], functions: Sequence[int]) -> int:
    """The functions joined by a pure, associative function of two values."""
    return reduce(lambda one, other: diagram.apply(join, one, other), functions)


def lift(model: Model, function: int, join: Callable[[Any, Any], Any]) -> int:
    """Extend a function to partial answers: "unknown" joins the values under all cells.

    This is supervaluation (B. van Fraassen, 1966): exact where Kleene's logic may leave open.
    """
    memo: dict[int, int] = {}
    complete, partial = model.complete, model.partial

    def lifted(f: int) -> int:
        if f not in memo:
            if complete.level(f) == complete.bottom:
                memo[f] = partial.constant(complete.value(f))
            else:
                below = [lifted(child) for child in complete.children(f)]
                unknown = joined(partial, join, below)
                memo[f] = partial.node(complete.level(f), [*below, unknown])
        return memo[f]

    return lifted(function)


def agreed(one: Truth, other: Truth) -> Truth:
    """The truth that two completions share, or unknown."""
    return one if one is other else Truth.UNKNOWN


def _union(one: Possible, other: Possible) -> Possible:
    return one | other


def _only(place: int) -> Possible:
    return frozenset({place})


def _first(one: int, other: int) -> int:
    return min(one, other)


def _negated(truth: Truth) -> Truth:
    return ~truth


def _both(one: Truth, other: Truth) -> Truth:
    return one & other


def _either(one: Truth, other: Truth) -> Truth:
    return one | other


@cache
def _placed(place: int, last: int, firing: Truth) -> Callable[[Truth], int]:
    """A truth to the place of the outcome that it triggers, or else to the last one."""
    return lambda truth: place if truth is firing else last


def _rungs(ladder: Sequence[Outcome], criterion: Criterion) -> Iterator[tuple[int, Truth]]:
    """The places that a criterion can trigger, and the truth that does."""
    for place, outcome in enumerate(ladder):
        if criterion.tier is outcome.looks_at:
            yield place, criterion.tier.speaks_when


def _gather(diagram: Diagram, count: int, parts: Sequence[int]) -> int:
    if count == len(parts):
        return joined(diagram, _both, [diagram.constant(Truth.TRUE), *parts])
    if count == 1:
        return joined(diagram, _either, parts)
    tallies = [diagram.map(_tally, part) for part in parts]
    return diagram.map(_reaching(count), joined(diagram, _added, tallies))


def _tally(truth: Truth) -> tuple[int, int]:
    """How many parts hold, and how many hold or are unknown."""
    return int(truth is Truth.TRUE), int(truth is not Truth.FALSE)


def _added(one: tuple[int, int], other: tuple[int, int]) -> tuple[int, int]:
    return one[0] + other[0], one[1] + other[1]


@cache
def _reaching(count: int) -> Callable[[tuple[int, int]], Truth]:
    def reached(tally: tuple[int, int]) -> Truth:
        sure, open_ = tally
        return Truth.TRUE if sure >= count else Truth.UNKNOWN if open_ >= count else Truth.FALSE

    return reached


def _signature(tests: Sequence[Test], item: Item, value: Value, as_of: dt.date) -> Signature:
    answers = {item.link_id: Answer(value=value)}
    return tuple(evaluate(test, answers, as_of).truth is Truth.TRUE for test in tests)


def _variable(item: Item, conditions: Sequence[Condition]) -> Variable:
    all_tests = (test for condition in conditions for test in tests_in(condition))
    tests = tuple(dict.fromkeys(test for test in all_tests if test.item == item.link_id))
    values = representatives(item, tests, _ANY_DAY)
    cells = dict.fromkeys(_signature(tests, item, value, _ANY_DAY) for value in values)
    return Variable(item=item, tests=tests, cells=tuple(cells))


def _order(conditions: Sequence[Condition]) -> list[str]:
    """Items in an order that keeps those tested together close: the FORCE heuristic.

    Source: F. A. Aloul et al., FORCE: A Fast and Easy-To-Implement Variable-Ordering Heuristic,
    2003. Time O(rounds · total length of conditions).
    """
    edges = [sorted(items_in(condition)) for condition in conditions]
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


_ROUNDS = 20
