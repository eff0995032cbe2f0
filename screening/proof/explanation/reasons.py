"""Explanations of one result, each exact: shortest paths and restrictions of the diagrams.

Sufficient and contrastive reasons in the sense of A. Darwiche and A. Hirth, On the Reasons Behind
Decisions, 2020; here for answers that may be unknown.
"""

import datetime as dt
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import combinations
from math import inf

from screening.core.compiled.diagram import Diagram
from screening.core.compiled.functions import common_truth, join_functions
from screening.core.compiled.model import NOWHERE, Model, Possible, differ_somewhere, lift
from screening.core.compiled.variable import Variable
from screening.core.results.assess import evaluate_ask_if, meets_shown_if
from screening.core.rules.condition import items_in
from screening.core.rules.consistency import resolve
from screening.core.rules.finding import Answers
from screening.core.rules.ruleset import Tier, Trigger
from screening.core.values.answer import Value
from screening.core.values.truth import Truth
from screening.proof.explanation.information_gain import Spread

FLAG_TIERS = (Tier.CAUTION, Tier.INFO)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """The fewest answers that settle the possible outcomes as they are.

    ``deciding`` trigger the outcome; ``checked`` rule out all that has priority over it.
    """

    deciding: tuple[str, ...]
    checked: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """The fewest facts that would have to be otherwise for an outcome to be possible instead.

    ``facts`` maps a link id to the answers of which any one would do.
    """

    outcome: str
    facts: Mapping[str, tuple[Value, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class MissingAnswer:
    """An unanswered item with what it can still change."""

    link_id: str
    outcome: bool
    flags: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """All that can be said of one result.

    ``idle`` are unanswered items that are, or could be, asked and can no longer matter.
    """

    reason: Reason
    changes: tuple[Change, ...]
    can_matter: tuple[MissingAnswer, ...]
    idle: tuple[str, ...]
    next_item: str | None


class Explainer:
    """Explains results of one compiled ruleset.

    Compiled once; every method then takes time linear in the sizes of the diagrams.
    """

    def __init__(self, model: Model) -> None:
        """Prepare the triggers of the outcomes."""
        self._model = model
        self._masked = {each: model.mask(function) for each, function in model.exact.items()}
        self._triggers = [self._trigger(place) for place in range(len(model.decision_list))]
        self._first = [
            frozenset(
                link_id
                for criterion in model.ruleset.criteria
                if criterion.tier is tier
                for link_id in items_in(criterion.condition)
            )
            for tier in (Tier.EMERGENCY, Tier.URGENT)
        ]

    def explain(
        self, answers: Answers, as_of: dt.date, birth_year: int | None = None
    ) -> Explanation:
        """Everything at once, of the answers that no contradiction names."""
        given, answers = answers, self._consistent(answers, as_of, birth_year)
        matters = self.can_matter(answers, as_of)
        live = {matter.link_id for matter in matters}
        return Explanation(
            reason=self.reason(answers, as_of),
            changes=self.changes(answers, as_of),
            can_matter=matters,
            idle=tuple(
                variable.item.link_id
                for variable in self._model.variables
                if variable.item.link_id not in live
                and not _known(answers, variable)
                and evaluate_ask_if(variable.item, answers, as_of) is not Truth.FALSE
                and meets_shown_if(variable.item, given, as_of)
            ),
            next_item=self.next_item(given, as_of, birth_year),
        )

    def reason(self, answers: Answers, as_of: dt.date) -> Reason:
        """The smallest sufficient reason: forgetting any answer outside it changes nothing."""
        model = self._model
        branches = model.locate(answers, as_of)
        possible = model.possible_at(branches)
        kept = self._fewest(model.possible, branches, range(len(branches)), _equals(possible))
        deciding = kept
        if len(possible) == 1:
            (place,) = possible
            deciding = self._fewest(self._triggers[place], branches, kept, _equals(Truth.TRUE))
        return Reason(
            deciding=self._link_ids(deciding),
            checked=self._link_ids(level for level in kept if level not in deciding),
        )

    def changes(self, answers: Answers, as_of: dt.date) -> tuple[Change, ...]:
        """For each other outcome the fewest known answers to be otherwise, the cheapest first.

        Unknown answers may come out in any way. Empty while several outcomes are possible.
        """
        model = self._model
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
            way = model.complete.cheapest(model.outcome, costs, _equals(place))
            if way and place not in possible:
                found.append((way[0], place, way[1]))
        return tuple(
            Change(outcome=model.decision_list[place].id, facts=self._facts(path, branches, as_of))
            for _, place, path in sorted(found, key=lambda each: each[:2])
        )

    def can_matter(self, answers: Answers, as_of: dt.date) -> tuple[MissingAnswer, ...]:
        """The items that can still change something, in the order of the questionnaire.

        They are not answered, or not to the day. Cautions and preparation count as long as a
        favourable outcome is possible: they qualify that outcome and no other.
        """
        branches = self._model.locate(answers, as_of)
        scratch, root = self._restricted(self._model.outcome, branches)
        return self._matters(branches, _telling(scratch, root))

    def next_item(
        self, answers: Answers, as_of: dt.date, birth_year: int | None = None
    ) -> str | None:
        """The best item to ask next; None if nothing that can be asked matters any more.

        Emergency signs come first, then urgent ones, both in the order of the questionnaire; then
        the item that is expected to tell most about the outcome; then those that only add flags.
        What was asked before, with whatever answer, is not asked again, and nothing is asked that
        the answers so far do not call for.
        """
        items, given = self._model.ruleset.items, answers
        answers = self._consistent(answers, as_of, birth_year)
        branches = self._model.locate(answers, as_of)
        scratch, root = self._restricted(self._model.outcome, branches)
        matters = [
            matter
            for matter in self._matters(branches, _telling(scratch, root))
            if matter.link_id not in given
            and evaluate_ask_if(items[matter.link_id], answers, as_of) is Truth.TRUE
            and meets_shown_if(items[matter.link_id], given, as_of)
        ]
        for grave in self._first:
            for matter in matters:
                if matter.outcome and matter.link_id in grave:
                    return matter.link_id
        told = [each.link_id for each in matters if each.outcome]
        if told:
            spread, levels = Spread(self._model, scratch, root), self._model.levels
            return max(told, key=lambda link_id: spread.gain(levels[link_id]))
        return matters[0].link_id if matters else None

    def _consistent(self, answers: Answers, as_of: dt.date, birth_year: int | None) -> Answers:
        rules = self._model.ruleset.consistency
        return resolve(rules, answers, as_of, birth_year).answers

    def _trigger(self, place: int) -> int:
        """The partial answers for which an outcome's own trigger holds, as a function."""
        model, outcome = self._model, self._model.decision_list[place]
        if outcome.trigger is Trigger.OTHERWISE:
            return model.partial.map(_is_only(place), model.possible)
        tier = outcome.looks_at
        firing = _fails if tier and tier.raises_flag_when is Truth.FALSE else _holds
        parts = [
            model.complete.map(firing, model.exact[criterion.id])
            for criterion in model.ruleset.criteria
            if criterion.tier is tier
        ]
        none = model.complete.constant(Truth.FALSE)
        return lift(
            model, model.mask(join_functions(model.complete, _either, [none, *parts])), common_truth
        )

    def _fewest(
        self,
        function: int,
        branches: Sequence[int],
        usable: Sequence[int],
        wanted: Callable[[object], bool],
    ) -> list[int]:
        """The fewest of the usable levels whose answers alone give a wanted value."""
        costs: list[list[float]] = []
        for level, variable in enumerate(self._model.variables):
            cost = [0.0 if branch == variable.unknown else inf for branch in range(variable.width)]
            if branches[level] != variable.unknown and level in usable:
                cost[branches[level]] = 1.0
            costs.append(cost)
        way = self._model.partial.cheapest(function, costs, wanted)
        path = way[1] if way else {}
        variables = self._model.variables
        return [level for level, cell in path.items() if cell != variables[level].unknown]

    def _facts(
        self, path: Mapping[int, int], branches: Sequence[int], as_of: dt.date
    ) -> dict[str, tuple[Value, ...]]:
        facts: dict[str, tuple[Value, ...]] = {}
        for level, cell in sorted(path.items()):
            variable = self._model.variables[level]
            if cell not in variable.cells_of(branches[level]):
                facts[variable.item.link_id] = self._values(variable, cell, as_of)
        return facts

    def _values(self, variable: Variable, cell: int, as_of: dt.date) -> tuple[Value, ...]:
        """The answers in a cell; of an ordered date all its days, since one could be too late."""
        if any(variable.item.link_id in pair for pair in self._model.pairs):
            return (variable.days(cell, as_of),)
        return tuple(variable.values(as_of)[cell])

    def _matters(
        self, branches: Sequence[int], outcome: frozenset[int]
    ) -> tuple[MissingAnswer, ...]:
        """The missing answers that can matter, given the levels that can change the outcome."""
        model = self._model
        flags: dict[int, list[str]] = {}
        if model.possible_at(branches) & model.favourable:
            for criterion in model.ruleset.criteria:
                if criterion.tier in FLAG_TIERS:
                    scratch, root = self._restricted(self._masked[criterion.id], branches)
                    for level in _telling(scratch, root):
                        flags.setdefault(level, []).append(criterion.id)
        levels = ((link_id, model.levels.get(link_id)) for link_id in model.ruleset.items)
        return tuple(
            MissingAnswer(
                link_id=link_id, outcome=level in outcome, flags=tuple(flags.get(level, ()))
            )
            for link_id, level in levels
            if level is not None and (level in outcome or level in flags)
        )

    def _restricted(self, function: int, branches: Sequence[int]) -> tuple[Diagram, int]:
        """A function of what is still unknown, in a store of its own."""
        complete, scratch = self._model.complete, Diagram(self._model.complete.arities)
        variables = list(enumerate(self._model.variables))
        known = {level: branches[level] for level, v in variables if branches[level] < v.unknown}
        within = {
            level: variable.cells_of(branches[level])
            for level, variable in variables
            if branches[level] > variable.unknown
        }
        return scratch, complete.restrict(function, known, into=scratch, within=within)

    def _link_ids(self, levels: Iterable[int]) -> tuple[str, ...]:
        order = list(self._model.ruleset.items)
        link_ids = (self._model.variables[level].item.link_id for level in levels)
        return tuple(sorted(link_ids, key=order.index))


def _known(answers: Answers, variable: Variable) -> bool:
    answer = answers.get(variable.item.link_id)
    return answer is not None and answer.known


def _telling(diagram: Diagram, function: int) -> frozenset[int]:
    """The levels that tell two values of a masked function apart; time O(size²) where masked."""
    levels = diagram.support(function)
    if NOWHERE not in diagram.values(function):
        return levels
    found: set[int] = set()
    for node in diagram.reach(function):
        level = diagram.level(node)
        if level not in found and level != diagram.bottom:
            pairs = combinations(dict.fromkeys(diagram.children(node)), 2)
            if any(differ_somewhere(diagram, one, other) for one, other in pairs):
                found.add(level)
    return frozenset(found)


@cache
def _equals(wanted: object) -> Callable[[object], bool]:
    return lambda value: value == wanted


@cache
def _is_only(place: int) -> Callable[[Possible], Truth]:
    return lambda possible: Truth.of(value=possible == frozenset({place}))


def _holds(truth: Truth) -> Truth:
    return truth


def _fails(truth: Truth) -> Truth:
    return ~truth


def _either(one: Truth, other: Truth) -> Truth:
    return one | other
