"""A ruleset compiled: every criterion and the outcome as functions of the answers.

Functions over *complete* answers branch over the cells of ``variable``; functions over *partial*
answers have one branch more, for "unknown", and for a date one for each span of neighbouring cells.
Complete answers whose cells of dates are out of order are no answers of anybody: they are
``NOWHERE``.
"""

import datetime as dt
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, lru_cache
from operator import ge
from typing import Any, cast

from screening.core.compiled.diagram import DEFAULT_BUDGET, Diagram
from screening.core.compiled.functions import (
    both_true,
    join_functions,
    table_of,
    truth_in,
)
from screening.core.compiled.variable import Variable, levels_of, variables_of
from screening.core.rules.condition import (
    Condition,
)
from screening.core.rules.consistency import Consistency, pairs_of
from screening.core.rules.finding import NO_BOUNDS, Answers, Bounds
from screening.core.rules.ruleset import Criterion, Outcome, Ruleset
from screening.core.values.answer import Answer, Value
from screening.core.values.span import Span, day_between
from screening.core.values.truth import Truth

Possible = frozenset[int]
"""Places of outcomes in the order of priority."""

NOWHERE = None
"""The value of what is masked, where cells are out of order."""

_MOST_LOCATED = 10_000
_MOST_COMPILED = 16
"""Rulesets that stay compiled: those that pages show beside each other, and some."""


@dataclass(slots=True, kw_only=True)
class Model:
    """A compiled ruleset.

    ``complete`` and ``partial`` are the stores of functions over complete and over partial answers;
    ``exact`` and ``kleene`` hold the truth of each criterion in them. ``outcome`` (over complete
    answers) gives a place in ``decision_list``, of which the first that holds wins;
    ``possible`` (over partial answers) gives the places that are left over all completions.

    ``pairs`` are the dates that lie in an order, the earlier first. ``valid`` (over complete
    answers) says whether cells keep to it. ``exact`` is not masked; ``outcome`` is.
    """

    ruleset: Ruleset
    decision_list: tuple[Outcome, ...]
    variables: tuple[Variable, ...]
    complete: Diagram
    partial: Diagram
    exact: dict[str, int] = field(default_factory=dict[str, int])
    kleene: dict[str, int] = field(default_factory=dict[str, int])
    levels: Mapping[str, int]
    pairs: tuple[tuple[str, str], ...] = ()
    valid: int = 0
    outcome: int = 0
    possible: int = 0
    _located: dict[tuple[int, Value, dt.date | None], int] = field(
        default_factory=dict[tuple[int, Value, "dt.date | None"], int], repr=False
    )

    @property
    def favourable(self) -> frozenset[int]:
        """The places of the favourable outcomes."""
        listed = enumerate(self.decision_list)
        return frozenset(i for i, each in listed if each.id in self.ruleset.favourable)

    def locate(
        self, answers: Answers, as_of: dt.date, bounds: Mapping[str, Bounds] = NO_BOUNDS
    ) -> tuple[int, ...]:
        """The branches of given answers, over partial answers; time O(items).

        Args:
            answers: link id to answer; they contradict no order.
            as_of: the screening date.
            bounds: what the order of events leaves to dates. Without it outcomes are the same, but
                criteria may stay open that the order decides.
        """
        branches = list(self.complete.arities)  # beyond the cells is the branch of no answer
        values = {link_id: each.value for link_id, each in answers.items()}
        values |= {link_id: day_between(each.first, each.last) for link_id, each in bounds.items()}
        for link_id, value in values.items():
            level = self.levels.get(link_id)
            if level is not None and value is not None:
                branches[level] = self._locate(level, value, as_of)
        return tuple(branches)

    def _locate(self, level: int, value: Value, as_of: dt.date) -> int:
        key = (level, value, as_of if isinstance(value, dt.date | Span) else None)
        found = self._located.get(key)
        if found is None:
            if len(self._located) >= _MOST_LOCATED:
                self._located.clear()
            found = self._located[key] = self.variables[level].locate(value, as_of)
        return found

    def possible_at(self, branches: Sequence[int]) -> Possible:
        """The places of the outcomes that partial answers leave open; time O(items)."""
        return cast("Possible", self.partial.at(self.possible, branches))

    def answers_at(self, path: Mapping[int, int], as_of: dt.date) -> dict[str, Answer]:
        """One person's answers on a path of branches; levels off the path are left out.

        Of each cell of days it is the newest: those of cells in order are in order.
        """
        found: dict[str, Answer] = {}
        for level, branch in sorted(path.items()):
            variable = self.variables[level]
            if branch < variable.unknown:
                found[variable.item.link_id] = Answer(value=variable.values(as_of)[branch][0])
            elif branch > variable.unknown:
                found[variable.item.link_id] = Answer(value=variable.days(branch, as_of))
        return found

    def mask(self, function: int) -> int:
        """A function over complete answers, ``NOWHERE`` where cells are out of order."""
        if not self.pairs:
            return function
        return self.complete.apply(mask_invalid, function, self.valid)

    def narrowed(self) -> int:
        """The partial answers that are as the order leaves them, as a function.

        A date that others bound is on the branch that they leave, whether it is answered or
        not. ``consistency.narrow`` leaves answers so, and proofs range over no others.
        """
        found = self.partial.constant(value=True)
        for earlier, later in self.pairs:
            found = self.partial.apply(both_true, found, self._within(earlier, later))
        return found

    def _within(self, earlier: str, later: str) -> int:
        """The partial answers with no days of two ordered dates that the other one excludes."""
        one, other = (self.levels[each] for each in (earlier, later))
        spans = [[v.cells_of(b) for b in range(v.width)] for v in self.variables]

        def fits(a: range, b: range) -> bool:
            return a[0] >= b[0] and a[-1] >= b[-1]

        return table_of(self.partial, (one, spans[one]), (other, spans[other]), fits)

    def criterion_in(self, diagram: Diagram, condition: Condition) -> int:
        """The truth of a condition as a function in one of the two stores."""
        return truth_in(diagram, self.variables, self.levels, condition)

    def outcome_with(self, exact: Mapping[str, int]) -> int:
        """The outcome if criteria had the given truths, as functions over complete answers."""
        last = len(self.decision_list) - 1
        places = [
            self.complete.map(_place_if(place, last, truth), exact[criterion.id])
            for criterion in self.ruleset.criteria
            for place, truth in _outcome_rules(self.decision_list, criterion)
        ]
        places.append(self.complete.constant(last))
        return self.mask(join_functions(self.complete, _first, places, merges=True))


@lru_cache(maxsize=_MOST_COMPILED)
def model_of(ruleset: Ruleset) -> Model:
    """The ruleset compiled, once for as long as it is in use; see ``compile_ruleset``."""
    return _RESTORED.pop(ruleset, None) or compile_ruleset(ruleset)


_RESTORED: dict[Ruleset, Model] = {}


def keep_model(model: Model) -> None:
    """Take a model that was compiled before for that of its ruleset."""
    _RESTORED[model.ruleset] = model
    model_of(model.ruleset)


def compile_ruleset(
    ruleset: Ruleset,
    also: Sequence[Condition] = (),
    orders: Sequence[Consistency] = (),
    budget: int = DEFAULT_BUDGET,
) -> Model:
    """Compile a ruleset to decision diagrams.

    Args:
        ruleset: one with outcomes.
        also: further conditions whose tests must be told apart, as for comparing two rulesets.
        orders: further rules whose dates must share their cut-offs, for the same.
        budget: the most nodes that each store may make.

    Raises:
        BudgetError: if the budget does not suffice.
    """
    conditions = [*(each.condition for each in ruleset.criteria), *also]
    pairs = pairs_of((*ruleset.consistency, *orders))
    variables = variables_of(ruleset.items, conditions, pairs)
    levels = levels_of(variables)
    model = Model(
        ruleset=ruleset,
        decision_list=ruleset.outcomes,
        variables=variables,
        complete=Diagram([len(each.cells) for each in variables], budget),
        partial=Diagram([each.width for each in variables], budget),
        levels=levels,
        pairs=tuple(pair for pair in pairs_of(ruleset.consistency) if set(pair) <= levels.keys()),
    )
    model.valid = valid_in(model)
    for criterion in ruleset.criteria:
        model.exact[criterion.id] = model.criterion_in(model.complete, criterion.condition)
        model.kleene[criterion.id] = model.criterion_in(model.partial, criterion.condition)
    model.outcome = model.outcome_with(model.exact)
    model.possible = lift(model, model.complete.map(_only, model.outcome), _union)
    return model


def differ_somewhere(diagram: Diagram, one: int, other: int) -> bool:
    """True if two masked functions have different values for answers that both know of."""
    return diagram.is_ever(_clash, [(one, other)])


def _clash(one: object, other: object) -> bool:
    return one is not NOWHERE and other is not NOWHERE and one != other


def valid_in(model: Model) -> int:
    """The complete answers whose cells of ordered dates are in order; time O(size)."""
    complete, valid = model.complete, model.complete.constant(value=True)
    for pair in model.pairs:
        one, other = (
            (model.levels[each], range(len(model.variables[model.levels[each]].cells)))
            for each in pair
        )
        valid = complete.apply(both_true, valid, table_of(complete, one, other, ge))
    return valid


def lift(model: Model, function: int, join: Callable[[Any, Any], Any]) -> int:
    """Extend a function to partial answers: a branch joins the values under all its cells.

    This is supervaluation (B. van Fraassen, 1966): exact where Kleene's logic may leave open. Of a
    masked function only what is somewhere is joined. The join is one that ``merges``.
    """
    memo: dict[int, int] = {}
    complete, partial = model.complete, model.partial
    join = _somewhere(join)

    def lifted(f: int) -> int:
        if f not in memo:
            if complete.level(f) == complete.bottom:
                memo[f] = partial.constant(complete.value(f))
            else:
                level = complete.level(f)
                variable = model.variables[level]
                below = [lifted(child) for child in complete.children(f)]
                spans = (
                    [below[cell] for cell in variable.cells_of(branch)]
                    for branch in range(variable.unknown, variable.width)
                )
                wide = [join_functions(partial, join, each, merges=True) for each in spans]
                memo[f] = partial.node(level, [*below, *wide])
        return memo[f]

    return lifted(function)


def _union(one: Possible, other: Possible) -> Possible:
    return one | other


def _only(place: int | None) -> Possible:
    return frozenset() if place is None else frozenset({place})


def mask_invalid(value: object, valid: object) -> object:
    """A value where it is one of somebody, else ``NOWHERE``; to be applied to two functions."""
    return value if valid is True else NOWHERE


@cache
def _somewhere(join: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
    """A function of two values that takes no notice of what is nowhere."""

    def somewhere(one: object, other: object) -> object:
        if one is NOWHERE or other is NOWHERE:
            return other if one is NOWHERE else one
        return join(one, other)

    return somewhere


def _first(one: int, other: int) -> int:
    return min(one, other)


@cache
def _place_if(place: int, last: int, firing: Truth) -> Callable[[Truth], int]:
    """A truth to the place of the outcome that it triggers, or else to the last one."""
    return lambda truth: place if truth is firing else last


def _outcome_rules(
    decision_list: Sequence[Outcome], criterion: Criterion
) -> Iterator[tuple[int, Truth]]:
    """The places that a criterion can trigger, and the truth that does."""
    for place, outcome in enumerate(decision_list):
        if criterion.tier is outcome.looks_at:
            yield place, criterion.tier.raises_flag_when
