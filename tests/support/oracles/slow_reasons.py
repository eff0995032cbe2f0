"""Explanations found the slow way: every part by itself, each from the compiled ruleset anew.

This is how the product found them once. It knows nothing of functions that are copied, passes that
are shared or truths that are kept, and says which of several equally good answers is given: results
that were recorded must come out the same.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from functools import partial
from itertools import combinations
from math import inf, log2
from operator import eq
from typing import cast

from screening.core.compiled.diagram import Diagram
from screening.core.compiled.functions import common_truth, join_functions
from screening.core.compiled.model import NOWHERE, Model, Possible, differ_somewhere, lift
from screening.core.results.assess import evaluate_ask_if, meets_shown_if
from screening.core.rules.condition import items_in
from screening.core.rules.consistency import resolve
from screening.core.rules.finding import Answers
from screening.core.rules.ruleset import Tier, Trigger
from screening.core.values.answer import Value
from screening.core.values.truth import Truth
from screening.proof.explanation.information_gain import weights_of
from screening.proof.explanation.reasons import Change, Explanation, MissingAnswer, Reason

NOTHING = 1e-12


class SlowExplainer:
    """Explains results of one compiled ruleset."""

    def __init__(self, model: Model) -> None:
        self.model = model

    def explain(self, given: Answers, as_of: dt.date, birth_year: int | None = None) -> Explanation:
        rules = self.model.ruleset.consistency
        answers = resolve(rules, given, as_of, birth_year).answers
        matters = self.can_matter(answers, as_of)
        live = {each.link_id for each in matters}
        idle = [
            item.link_id
            for item in (variable.item for variable in self.model.variables)
            if item.link_id not in live
            and not (item.link_id in answers and answers[item.link_id].known)
            and evaluate_ask_if(item, answers, as_of) is not Truth.FALSE
            and meets_shown_if(item, given, as_of)
        ]
        return Explanation(
            reason=self.reason(answers, as_of),
            changes=self.changes(answers, as_of),
            can_matter=matters,
            idle=tuple(idle),
            next_item=self.next_item(given, answers, as_of),
        )

    def reason(self, answers: Answers, as_of: dt.date) -> Reason:
        model = self.model
        branches = model.locate(answers, as_of)
        possible = model.possible_at(branches)
        kept = self._fewest(model.possible, branches, range(len(branches)), possible)
        deciding = kept
        if len(possible) == 1:
            (place,) = possible
            deciding = self._fewest(self._trigger(place), branches, kept, Truth.TRUE)
        checked = [level for level in kept if level not in deciding]
        return Reason(deciding=self._link_ids(deciding), checked=self._link_ids(checked))

    def changes(self, answers: Answers, as_of: dt.date) -> tuple[Change, ...]:
        model = self.model
        branches = model.locate(answers, as_of)
        possible = model.possible_at(branches)
        if len(possible) > 1:
            return ()
        costs = [
            [0.0 if cell in variable.cells_of(known) else 1.0 for cell in range(variable.unknown)]
            for variable, known in zip(model.variables, branches, strict=True)
        ]
        found: list[tuple[float, int, dict[int, int]]] = []
        for place in range(len(model.decision_list)):
            way = model.complete.cheapest(model.outcome, costs, partial(eq, place))
            if way and place not in possible:
                found.append((way[0], place, way[1]))
        return tuple(
            Change(outcome=model.decision_list[place].id, facts=self._facts(path, branches, as_of))
            for _, place, path in sorted(found, key=lambda each: each[:2])
        )

    def can_matter(self, answers: Answers, as_of: dt.date) -> tuple[MissingAnswer, ...]:
        model, branches = self.model, self.model.locate(answers, as_of)
        outcome = telling(*self.restricted(model.outcome, branches))
        flags: dict[int, list[str]] = {}
        if model.possible_at(branches) & model.favourable:
            for criterion in model.ruleset.criteria:
                if criterion.tier in {Tier.CAUTION, Tier.INFO}:
                    masked = model.mask(model.exact[criterion.id])
                    for level in telling(*self.restricted(masked, branches)):
                        flags.setdefault(level, []).append(criterion.id)
        levels = ((link_id, model.levels.get(link_id)) for link_id in model.ruleset.items)
        return tuple(
            MissingAnswer(
                link_id=link_id, outcome=level in outcome, flags=tuple(flags.get(level, ()))
            )
            for link_id, level in levels
            if level is not None and (level in outcome or level in flags)
        )

    def next_item(self, given: Answers, answers: Answers, as_of: dt.date) -> str | None:
        model, items = self.model, self.model.ruleset.items
        matters = [
            matter
            for matter in self.can_matter(answers, as_of)
            if matter.link_id not in given
            and evaluate_ask_if(items[matter.link_id], answers, as_of) is Truth.TRUE
            and meets_shown_if(items[matter.link_id], given, as_of)
        ]
        for tier in (Tier.EMERGENCY, Tier.URGENT):
            read = (items_in(c.condition) for c in model.ruleset.criteria if c.tier is tier)
            grave = frozenset[str]().union(*read)
            for matter in matters:
                if matter.outcome and matter.link_id in grave:
                    return matter.link_id
        told = [each.link_id for each in matters if each.outcome]
        if told:
            spread = SlowSpread(
                model, *self.restricted(model.outcome, model.locate(answers, as_of))
            )
            return max(told, key=lambda link_id: spread.gain(model.levels[link_id]))
        return matters[0].link_id if matters else None

    def restricted(self, function: int, branches: Sequence[int]) -> tuple[Diagram, int]:
        """What is left of a function, in a store of its own."""
        complete, scratch = self.model.complete, Diagram(self.model.complete.arities)
        variables = self.model.variables
        memo: dict[int, int] = {}

        def left(f: int) -> int:
            if f not in memo:
                level = complete.level(f)
                if level == complete.bottom:
                    memo[f] = scratch.constant(complete.value(f))
                elif branches[level] < variables[level].unknown:
                    memo[f] = left(complete.children(f)[branches[level]])
                else:
                    cells = variables[level].cells_of(branches[level])
                    below = enumerate(complete.children(f))
                    gone = scratch.constant(NOWHERE)
                    memo[f] = scratch.node(
                        level, [left(c) if i in cells else gone for i, c in below]
                    )
            return memo[f]

        return scratch, left(function)

    def _fewest(
        self, function: int, branches: Sequence[int], usable: Sequence[int], wanted: object
    ) -> list[int]:
        costs: list[list[float]] = []
        for level, variable in enumerate(self.model.variables):
            cost = [0.0 if branch == variable.unknown else inf for branch in range(variable.width)]
            if branches[level] != variable.unknown and level in usable:
                cost[branches[level]] = 1.0
            costs.append(cost)
        way = self.model.partial.cheapest(function, costs, partial(eq, wanted))
        path = way[1] if way else {}
        variables = self.model.variables
        return [level for level, cell in path.items() if cell != variables[level].unknown]

    def _trigger(self, place: int) -> int:
        model, outcome = self.model, self.model.decision_list[place]
        if outcome.trigger is Trigger.OTHERWISE:
            return model.partial.map(partial(_is_only, place), model.possible)
        tier = outcome.looks_at
        firing = _fails if tier and tier.raises_flag_when is Truth.FALSE else _holds
        exact = (model.exact[each.id] for each in model.ruleset.criteria if each.tier is tier)
        parts = [model.complete.map(firing, function) for function in exact]
        none = model.complete.constant(Truth.FALSE)
        joined = join_functions(model.complete, _either, [none, *parts])
        return lift(model, model.mask(joined), common_truth)

    def _facts(
        self, path: Mapping[int, int], branches: Sequence[int], as_of: dt.date
    ) -> dict[str, tuple[Value, ...]]:
        facts: dict[str, tuple[Value, ...]] = {}
        for level, cell in sorted(path.items()):
            variable = self.model.variables[level]
            link_id = variable.item.link_id
            if cell not in variable.cells_of(branches[level]):
                ordered = any(link_id in pair for pair in self.model.pairs)
                values = [variable.days(cell, as_of)] if ordered else variable.values(as_of)[cell]
                facts[link_id] = tuple(values)
        return facts

    def _link_ids(self, levels: Sequence[int]) -> tuple[str, ...]:
        order = list(self.model.ruleset.items)
        link_ids = (self.model.variables[level].item.link_id for level in levels)
        return tuple(sorted(link_ids, key=order.index))


def telling(diagram: Diagram, function: int) -> frozenset[int]:
    """The levels that tell two values of a function apart, wherever both are somebody's."""
    return frozenset(
        diagram.level(node)
        for node in diagram.reach(function)
        if any(
            differ_somewhere(diagram, one, other)
            for one, other in combinations(dict.fromkeys(diagram.children(node)), 2)
        )
    )


class SlowSpread:
    """The distribution of the outcome below each node, place by place."""

    def __init__(self, model: Model, diagram: Diagram, root: int) -> None:
        self._diagram, self._places = diagram, range(len(model.decision_list))
        self._weights = [weights_of(variable) for variable in model.variables]
        self._below: dict[int, list[float]] = {}
        self._total = self._spread(root)
        self._reach: dict[int, float] = {root: 1.0}
        self._nodes: dict[int, list[int]] = {}
        for node in sorted(self._below, key=self._diagram.level):
            level = diagram.level(node)
            if level < diagram.bottom:
                self._nodes.setdefault(level, []).append(node)
                for child, weight in zip(diagram.children(node), self._weights[level], strict=True):
                    self._reach[child] = self._reach.get(child, 0.0) + weight * self._reach[node]

    def gain(self, level: int) -> float:
        through = [0.0 for _ in self._places]
        for node in self._nodes[level]:
            self._add(through, node, self._reach[node])
        beside = [self._total[place] - through[place] for place in self._places]
        expected = 0.0
        for branch, weight in enumerate(self._weights[level]):
            after = list(beside)
            for node in self._nodes[level]:
                self._add(after, self._diagram.children(node)[branch], self._reach[node])
            expected += weight * _entropy(after)
        return _entropy(self._total) - expected

    def _spread(self, node: int) -> list[float]:
        if node not in self._below:
            found = [0.0 for _ in self._places]
            level = self._diagram.level(node)
            if level == self._diagram.bottom:
                if (place := self._diagram.value(node)) is not NOWHERE:
                    found[cast("int", place)] = 1.0
            else:
                for child, weight in zip(
                    self._diagram.children(node), self._weights[level], strict=True
                ):
                    self._spread(child)
                    self._add(found, child, weight)
            self._below[node] = found
        return self._below[node]

    def _add(self, sums: list[float], node: int, weight: float) -> None:
        for place in self._places:
            sums[place] += weight * self._below[node][place]


def _entropy(shares: Sequence[float]) -> float:
    some = -sum(share * log2(share) for share in shares if share > NOTHING)
    total = sum(shares)
    return some + total * log2(total) if NOTHING < total < 1 - NOTHING else some


def _is_only(place: int, possible: Possible) -> Truth:
    return Truth.of(value=possible == frozenset({place}))


def _holds(truth: Truth) -> Truth:
    return truth


def _fails(truth: Truth) -> Truth:
    return ~truth


def _either(one: Truth, other: Truth) -> Truth:
    return one | other
