"""Explanations of one result, each exact: shortest paths and restrictions of the diagrams.

Sufficient and contrastive reasons in the sense of A. Darwiche and A. Hirth, On the Reasons Behind
Decisions, 2020; here for answers that may be unknown.
"""

import datetime as dt
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, cached_property

from screening.core.compiled.functions import common_truth, join_functions
from screening.core.compiled.model import Model, Possible, lift
from screening.core.results.assess import evaluate_ask_if, meets_shown_if
from screening.core.results.evaluation import evaluator_of
from screening.core.rules.condition import items_in
from screening.core.rules.finding import Answers
from screening.core.rules.item import Item
from screening.core.rules.ruleset import Tier, Trigger
from screening.core.values.answer import Value
from screening.core.values.truth import Truth
from screening.proof.explanation.fewest import CheapestPaths, FewestAnswers
from screening.proof.explanation.flags import FlagLevels
from screening.proof.explanation.information_gain import Spread, weights_of
from screening.proof.explanation.restriction import Function, Restriction


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
        self._items = [variable.item for variable in model.variables]
        self._unknown = [variable.unknown for variable in model.variables]
        self._cells = [list(map(v.cells_of, range(v.width))) for v in model.variables]
        self._outcome = Function(model.complete, model.outcome)
        self._flags = FlagLevels(model)
        self._triggers = [self._trigger(place) for place in range(len(model.decision_list))]
        self._rank = {link_id: rank for rank, link_id in enumerate(model.ruleset.items)}
        self._favourable = model.favourable
        self._first = [
            frozenset(
                link_id
                for criterion in model.ruleset.criteria
                if criterion.tier is tier
                for link_id in items_in(criterion.condition)
            )
            for tier in (Tier.EMERGENCY, Tier.URGENT)
        ]
        self._values: dict[tuple[int, int, dt.date], tuple[Value, ...]] = {}

    def explain(
        self, answers: Answers, as_of: dt.date, birth_year: int | None = None
    ) -> Explanation:
        """Everything at once, of the answers that no contradiction names."""
        position = self._position(self._consistent(answers, as_of, birth_year), as_of)
        matters = self._matters(position)
        return Explanation(
            reason=self._reason(position),
            changes=self._changes(position),
            can_matter=matters,
            idle=self._idle(position, answers, matters),
            next_item=self._next_item(position, answers, matters),
        )

    def reason(self, answers: Answers, as_of: dt.date) -> Reason:
        """The smallest sufficient reason: forgetting any answer outside it changes nothing."""
        return self._reason(self._position(answers, as_of))

    def changes(self, answers: Answers, as_of: dt.date) -> tuple[Change, ...]:
        """For each other outcome the fewest known answers to be otherwise, the cheapest first.

        Unknown answers may come out in any way. Empty while several outcomes are possible.
        """
        return self._changes(self._position(answers, as_of))

    def can_matter(self, answers: Answers, as_of: dt.date) -> tuple[MissingAnswer, ...]:
        """The items that can still change something, in the order of the questionnaire.

        They are not answered, or not to the day. Cautions and preparation count as long as a
        favourable outcome is possible: they qualify that outcome and no other.
        """
        return self._matters(self._position(answers, as_of))

    def next_item(
        self, answers: Answers, as_of: dt.date, birth_year: int | None = None
    ) -> str | None:
        """The best item to ask next; None if nothing that can be asked matters any more.

        Emergency signs come first, then urgent ones, both in the order of the questionnaire; then
        the item that is expected to tell most about the outcome; then those that only add flags.
        What was asked before, with whatever answer, is not asked again, and nothing is asked that
        the answers so far do not call for.
        """
        position = self._position(self._consistent(answers, as_of, birth_year), as_of)
        return self._next_item(position, answers, self._matters(position))

    def _consistent(self, answers: Answers, as_of: dt.date, birth_year: int | None) -> Answers:
        ruleset = self._model.ruleset
        if not ruleset.consistency:
            return answers
        return evaluator_of(ruleset, as_of).evaluate(answers, birth_year).used

    def _position(self, answers: Answers, as_of: dt.date) -> "_Position":
        branches = self._model.locate(answers, as_of)
        left = [cells[branch] for cells, branch in zip(self._cells, branches, strict=True)]
        return _Position(
            items=self._model.ruleset.items,
            whole=self._outcome,
            answers=answers,
            as_of=as_of,
            branches=branches,
            left=left,
            possible=self._model.possible_at(branches),
        )

    def _reason(self, position: "_Position") -> Reason:
        model, possible = self._model, position.possible
        kept = self._fewest(model.possible, position.branches, possible)
        deciding = kept
        if len(possible) == 1:
            (place,) = possible
            used = list(self._unknown)
            for level in kept:
                used[level] = position.branches[level]
            deciding = self._fewest(self._triggers[place], used, Truth.TRUE)
        return Reason(
            deciding=self._link_ids(deciding),
            checked=self._link_ids(level for level in kept if level not in deciding),
        )

    def _fewest(self, function: int, branches: Sequence[int], wanted: object) -> list[int]:
        partial = self._model.partial
        return FewestAnswers(partial, branches, self._unknown, wanted).find(function)

    def _changes(self, position: "_Position") -> tuple[Change, ...]:
        model, possible = self._model, position.possible
        if len(possible) > 1:
            return ()
        free = position.left
        ways = CheapestPaths(self._outcome, free)
        found = [
            (way.cost, place, way.branches)
            for place in range(len(model.decision_list))
            if place not in possible and (way := ways.to(place))
        ]
        return tuple(
            Change(
                outcome=model.decision_list[place].id,
                facts={
                    model.variables[level].item.link_id: self._values_in(level, cell, position)
                    for level, cell in path.items()
                    if cell not in free[level]
                },
            )
            for _, place, path in sorted(found, key=lambda each: each[:2])
        )

    def _values_in(self, level: int, cell: int, position: "_Position") -> tuple[Value, ...]:
        """The answers in a cell; of an ordered date all its days, since one could be too late."""
        key = level, cell, position.as_of
        found = self._values.get(key)
        if found is None:
            variable, as_of = self._model.variables[level], position.as_of
            ordered = any(variable.item.link_id in pair for pair in self._model.pairs)
            days = (variable.days(cell, as_of),) if ordered else variable.values(as_of)[cell]
            if len(self._values) >= _MOST_VALUES:
                self._values.clear()
            found = self._values[key] = tuple(days)
        return found

    def _matters(self, position: "_Position") -> tuple[MissingAnswer, ...]:
        """The missing answers that can matter."""
        flags: dict[int, list[str]] = {}
        telling = position.telling
        if position.possible & self._favourable:
            flags = self._flags.at(position.branches)
        live = {self._model.variables[level].item.link_id: level for level in {*telling, *flags}}
        return tuple(
            MissingAnswer(
                link_id=link_id,
                outcome=live[link_id] in telling,
                flags=tuple(flags.get(live[link_id], ())),
            )
            for link_id in sorted(live, key=self._rank.__getitem__)
        )

    def _idle(
        self, position: "_Position", given: Answers, matters: Iterable[MissingAnswer]
    ) -> tuple[str, ...]:
        """The items without an answer that are, or could be, asked and do not matter."""
        live = {matter.link_id for matter in matters}
        answers = position.answers
        return tuple(
            item.link_id
            for item in self._items
            if item.link_id not in live
            and not (item.link_id in answers and answers[item.link_id].known)
            and position.asked(item.link_id) is not Truth.FALSE
            and meets_shown_if(item, given, position.as_of)
        )

    def _next_item(
        self, position: "_Position", given: Answers, matters: Iterable[MissingAnswer]
    ) -> str | None:
        items = self._model.ruleset.items
        askable = [
            matter
            for matter in matters
            if matter.link_id not in given
            and position.asked(matter.link_id) is Truth.TRUE
            and meets_shown_if(items[matter.link_id], given, position.as_of)
        ]
        told = [matter.link_id for matter in askable if matter.outcome]
        for grave in self._first:
            for link_id in told:
                if link_id in grave:
                    return link_id
        if told:
            spread, levels = Spread(position.outcome, self._weights), self._model.levels
            return max(told, key=lambda link_id: spread.gain(levels[link_id]))
        return askable[0].link_id if askable else None

    @cached_property
    def _weights(self) -> list[list[float]]:
        return [weights_of(variable) for variable in self._model.variables]

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

    def _link_ids(self, levels: Iterable[int]) -> tuple[str, ...]:
        link_ids = (self._model.variables[level].item.link_id for level in levels)
        return tuple(sorted(link_ids, key=self._rank.__getitem__))


@dataclass(frozen=True, kw_only=True)
class _Position:
    """The place of one set of answers in the compiled ruleset; each part is found once.

    ``whole`` is the outcome of all answers; ``left`` has for each level the cells that its answer
    can be in.
    """

    items: Mapping[str, Item]
    whole: Function
    answers: Answers
    as_of: dt.date
    branches: Sequence[int]
    left: Sequence[range]
    possible: Possible
    _asked: dict[str, Truth] = field(default_factory=dict[str, Truth])

    @cached_property
    def outcome(self) -> Restriction:
        """The outcome as a function of what is still unknown."""
        return Restriction(self.whole, self.left)

    @property
    def telling(self) -> frozenset[int]:
        """The levels that can change the outcome: none if it is settled."""
        return self.outcome.telling if len(self.possible) > 1 else frozenset()

    def asked(self, link_id: str) -> Truth:
        """True if the answers call for an item's question."""
        found = self._asked.get(link_id)
        if found is None:
            item = self.items[link_id]
            found = self._asked[link_id] = evaluate_ask_if(item, self.answers, self.as_of)
        return found


_MOST_VALUES = 10_000


@cache
def _is_only(place: int) -> Callable[[Possible], Truth]:
    return lambda possible: Truth.of(value=possible == frozenset({place}))


def _holds(truth: Truth) -> Truth:
    return truth


def _fails(truth: Truth) -> Truth:
    return ~truth


def _either(one: Truth, other: Truth) -> Truth:
    return one | other
