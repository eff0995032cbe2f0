"""The effects of edits of a ruleset: functions over complete answers, exact.

*At the outcome*: with the edit, the outcome is another. *At a flag*: with the edit, other criteria
raise a flag; a criterion does where it holds, a required one where it does not.
"""

import datetime as dt
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from enum import Enum
from functools import cache

from screening.core.compiled.diagram import DEFAULT_BUDGET, Diagram
from screening.core.compiled.model import Model, valid_in
from screening.core.compiled.variable import variable_of
from screening.core.rules.condition import Condition, Test, items_in, tests_in
from screening.core.rules.consistency import Never, linked_dates
from screening.core.rules.ruleset import Criterion, Ruleset, Tier
from screening.core.values.truth import Truth
from screening.proof.examples.mutants import Edit


class Visibility(Enum):
    """The plainest place where an edit can be seen."""

    OUTCOME = "at the outcome"
    FLAG = "at a flag"
    MISSING = "while answers are missing"
    NOWHERE = "nowhere"


@dataclass(frozen=True, slots=True, kw_only=True)
class EditEffect:
    """An edit, the place where it is seen, and the function of the complete answers that show it.

    It is ``Truth.TRUE`` where they do. A place that is less plain than the outcome is a proof: no
    complete answers show the edit at any plainer one.
    """

    edit: Edit
    visibility: Visibility
    witnesses: int


def refine_model(model: Model, tests: Iterable[Test], as_of: dt.date) -> Model:
    """The model in stores of its own, with cells that tell further tests apart.

    The cells belong to one screening date. Time O(cells · tests) and that of compiling.

    Args:
        model: the compiled ruleset; its order of variables is kept, its ``possible`` is not.
        tests: what is to be told apart, of items that the model has.
        as_of: the screening date.
    """
    groups = linked_dates(model.pairs)
    added: dict[str, dict[Test, None]] = {each.item.link_id: {} for each in model.variables}
    for test in tests:
        group = next((each for each in groups if test.item in each), [test.item])
        for link_id in group:
            added[link_id][replace(test, item=link_id)] = None
    variables = tuple(
        variable_of(
            each.item, tuple(dict.fromkeys((*each.tests, *added[each.item.link_id]))), as_of
        )
        for each in model.variables
    )
    fine = replace(
        model,
        variables=variables,
        complete=Diagram([len(each.cells) for each in variables], DEFAULT_BUDGET),
        partial=Diagram([each.width for each in variables], DEFAULT_BUDGET),
        exact={},
        kleene={},
        _located={},
    )
    fine.valid = fine.complete.apply(_together, valid_in(fine), _consistent(fine))
    for each in model.ruleset.criteria:
        fine.exact[each.id] = fine.criterion_in(fine.complete, each.condition)
    fine.outcome = fine.outcome_with(fine.exact)
    return fine


def _consistent(model: Model) -> int:
    """The answers where no two to questions that are always put contradict each other.

    An answer to a question that is not put is mostly left out, and then contradicts nothing.
    """
    known = {test for variable in model.variables for test in variable.tests}
    found = model.complete.constant(value=True)
    for condition in impossible_combinations(model.ruleset):
        if known.issuperset(tests_in(condition)):
            broken = model.criterion_in(model.complete, condition)
            found = model.complete.apply(_together, found, model.complete.map(_is_not, broken))
    return found


def impossible_combinations(ruleset: Ruleset) -> list[Condition]:
    """The conditions that answers to questions that are always put can never meet."""
    checks = (rule.check for rule in ruleset.consistency)
    listed = [check.condition for check in checks if isinstance(check, Never)]
    gated = {link_id for link_id, item in ruleset.items.items() if item.ask_if}
    return [each for each in listed if gated.isdisjoint(items_in(each))]


def _is_not(truth: Truth) -> bool:
    return truth is not Truth.TRUE


def _together(one: object, other: object) -> bool:
    return one is True and other is True


class EffectFinder:
    """Sees what edits change in one refined model."""

    def __init__(self, model: Model) -> None:
        """Find where each criterion decides the outcome; time O(criteria² · size²)."""
        self._model, self._complete = model, model.complete
        self._none = self._complete.constant(Truth.FALSE)
        self._criteria = {each.id: each for each in model.ruleset.criteria}
        self._decides = {each: self._deciding(each) for each in self._criteria}
        self._outcome = self._named(model)

    def find_effect(self, edit: Edit) -> EditEffect:
        """The effect of an edit; time O(size²), or O(criteria · size²) if tiers change."""
        at_outcome = self._somebody(self._outcome_change(edit))
        if at_outcome != self._none:
            return EditEffect(edit=edit, visibility=Visibility.OUTCOME, witnesses=at_outcome)
        at_flag = self._somebody(self._flag_change(edit))
        if at_flag != self._none:
            return EditEffect(edit=edit, visibility=Visibility.FLAG, witnesses=at_flag)
        visibility = Visibility.NOWHERE if self._same_partly(edit) else Visibility.MISSING
        return EditEffect(edit=edit, visibility=visibility, witnesses=self._none)

    def _somebody(self, change: int) -> int:
        """A change where it can be seen of somebody, whose days are in order."""
        valid = self._complete.map(_certain, self._model.valid)
        return self._complete.apply(both_hold, change, valid)

    def _deciding(self, criterion_id: str) -> int:
        """The answers under which the outcome turns with the truth of the criterion."""
        held, failed = (
            self._model.outcome_with(
                {**self._model.exact, criterion_id: self._complete.constant(truth)}
            )
            for truth in (Truth.TRUE, Truth.FALSE)
        )
        return self._complete.apply(differ, held, failed)

    def _outcome_change(self, edit: Edit) -> int:
        if edit.decision_list or (edit.after and edit.after.tier is not self._tier(edit)):
            decision_list = edit.decision_list or self._model.decision_list
            edited = replace(
                self._model, ruleset=edit.of(self._model.ruleset), decision_list=decision_list
            )
            return self._complete.apply(differ, self._outcome, self._named(edited))
        turned = self._complete.apply(differ, self._model.exact[edit.subject], self._truth(edit))
        return self._complete.apply(both_hold, turned, self._decides[edit.subject])

    def _flag_change(self, edit: Edit) -> int:
        if edit.decision_list:
            return self._none
        before = self._flag(self._model.exact[edit.subject], self._tier(edit))
        tier = edit.after.tier if edit.after else self._tier(edit)
        return self._complete.apply(differ, before, self._flag(self._truth(edit), tier))

    def _same_partly(self, edit: Edit) -> bool:
        """True if partial answers show no edit that complete ones do not show."""
        if edit.after is None:
            return True
        partial, before = self._model.partial, self._criteria[edit.subject].condition
        one, other = (
            self._model.criterion_in(partial, each) for each in (before, edit.after.condition)
        )
        return one == other

    def _truth(self, edit: Edit) -> int:
        """The criterion's truth as edited; a removed one never has a say."""
        if edit.after is None:
            return self._complete.constant(~self._tier(edit).raises_flag_when)
        return self._model.criterion_in(self._complete, edit.after.condition)

    def _tier(self, edit: Edit) -> Tier:
        return self._criteria[edit.subject].tier

    def _flag(self, truth: int, tier: Tier) -> int:
        return (
            self._complete.map(_opposite, truth) if tier.raises_flag_when is Truth.FALSE else truth
        )

    def _named(self, model: Model) -> int:
        """The outcome, by the id instead of the place."""
        places = model.outcome_with(model.exact)
        return self._complete.map(_name(tuple(each.id for each in model.decision_list)), places)


def both_hold(one: Truth, other: Truth) -> Truth:
    """The truth of two functions together."""
    return one & other


def differ(one: object, other: object) -> Truth:
    """True where the values of two functions differ."""
    return Truth.of(value=one != other)


def raises_no_flag(model: Model, criterion: Criterion) -> int:
    """The complete answers under which a criterion raises no flag; time O(size)."""
    truth = model.exact[criterion.id]
    speaks_unmet = criterion.tier.raises_flag_when is Truth.FALSE
    return truth if speaks_unmet else model.complete.map(_opposite, truth)


def _certain(value: object) -> Truth:
    return Truth.of(value=value is True)


def _opposite(truth: Truth) -> Truth:
    return ~truth


@cache
def _name(ids: tuple[str, ...]) -> Callable[[int | None], str | None]:
    return lambda place: None if place is None else ids[place]
