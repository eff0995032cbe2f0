"""Single edits of a ruleset: the mistakes that tests are there to find.

The operators are those of mutation testing: R. A. DeMillo, R. J. Lipton and F. G. Sayward, Hints on
Test Data Selection, 1978. The gate of an item is edited where it has been conjoined.
"""

import datetime as dt
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from enum import Enum
from itertools import pairwise

from screening.core.compiled.representatives import last_day_outside
from screening.core.rules.condition import (
    ALWAYS,
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
from screening.core.rules.ruleset import Criterion, Outcome, Ruleset, Tier, Trigger

NEVER = Not(part=ALWAYS)

Rebuild = Callable[[Condition], Condition]
"""Puts another condition in the place of a part, and returns the whole."""


class Operator(Enum):
    """The effect of an edit on the text of a condition."""

    STUCK_TRUE = "a test taken to be always true"
    STUCK_FALSE = "a test taken to be always false"
    TIGHTER = "a boundary one step tighter"
    LOOSER = "a boundary one step looser"
    NEGATED = "a `not` added"
    UNNEGATED = "a `not` removed"
    DROPPED = "a part dropped"
    DOUBLED = "a part written twice"
    RECOUNTED = "another number of parts asked for"
    THRESHOLD = "a threshold moved"
    TURNED = "at least and at most exchanged"
    UNIT = "another unit of time"
    CODE_ADDED = "a code added"
    CODE_REMOVED = "a code removed"
    CODE_EXCHANGED = "a code exchanged"
    TIER = "a criterion moved to the next tier"
    REMOVED = "a criterion removed"
    SWAPPED = "two outcomes exchanged"


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """One edit: ``after`` takes the place of the criterion ``subject``, None where it is removed.

    Where ``decision_list`` is given, the outcomes take that order instead, and ``subject`` is the
    id of the one that moved up. ``part`` is the part of the condition that was edited.
    """

    operator: Operator
    subject: str
    after: Criterion | None = None
    part: Condition | None = None
    decision_list: tuple[Outcome, ...] = ()

    def of(self, ruleset: Ruleset) -> Ruleset:
        """The ruleset as edited; time O(criteria)."""
        if self.decision_list:
            return replace(ruleset, outcomes=self.decision_list)
        edited = (self.after if each.id == self.subject else each for each in ruleset.criteria)
        return replace(ruleset, criteria=tuple(each for each in edited if each))


def stuck_tests(ruleset: Ruleset) -> Iterator[Edit]:
    """Every occurrence of a test, taken to be always true and always false."""
    for criterion in ruleset.criteria:
        for part, put in sites(criterion.condition):
            if isinstance(part, Compare | OneOf | Within):
                yield _edit(Operator.STUCK_TRUE, criterion, part, put(ALWAYS))
                yield _edit(Operator.STUCK_FALSE, criterion, part, put(NEVER))


def moved_boundaries(ruleset: Ruleset, as_of: dt.date) -> Iterator[Edit]:
    """Every boundary of a number moved by one, and of a date by one day, either way."""
    for criterion in ruleset.criteria:
        for part, put in sites(criterion.condition):
            for operator, moved in _boundaries(part, as_of):
                yield _edit(operator, criterion, part, put(moved))


def single_edits(ruleset: Ruleset) -> Iterator[Edit]:
    """Every edit of the operators, one at a time; those that write the same are given once."""
    for criterion in ruleset.criteria:
        seen = {criterion.condition}
        for part, put in sites(criterion.condition):
            for operator, new in _rewritten(part, ruleset.items):
                condition = put(new)
                if condition not in seen:
                    seen.add(condition)
                    yield _edit(operator, criterion, part, condition)
        yield Edit(operator=Operator.REMOVED, subject=criterion.id)
        for tier in _neighbours(criterion.tier):
            after = replace(criterion, tier=tier)
            yield Edit(operator=Operator.TIER, subject=criterion.id, after=after)
    yield from _swaps(ruleset.outcomes)


def sites(
    condition: Condition, put: Rebuild = lambda new: new
) -> Iterator[tuple[Condition, Rebuild]]:
    """Every part of a condition, the whole first, each with what puts another in its place."""
    yield condition, put
    match condition:
        case Not(part=part):
            yield from sites(part, lambda new: put(Not(part=new)))
        case AtLeast(parts=parts):
            for place, part in enumerate(parts):
                yield from sites(part, _into(condition, place, put))
        case Compare() | OneOf() | Within():
            pass


def _into(whole: AtLeast, place: int, put: Rebuild) -> Rebuild:
    before, behind = whole.parts[:place], whole.parts[place + 1 :]
    return lambda new: put(replace(whole, parts=(*before, new, *behind)))


def _edit(operator: Operator, criterion: Criterion, part: Condition, condition: Condition) -> Edit:
    after = replace(criterion, condition=condition)
    return Edit(operator=operator, subject=criterion.id, part=part, after=after)


def _boundaries(part: Condition, as_of: dt.date) -> Iterator[tuple[Operator, Condition]]:
    match part:
        case Compare(comparison=comparison, bound=bound):
            inward = 1 if comparison is Comparison.AT_LEAST else -1
            yield Operator.TIGHTER, replace(part, bound=bound + inward)
            yield Operator.LOOSER, replace(part, bound=bound - inward)
        case Within(item=link_id):
            if outside := last_day_outside(part, as_of):
                days = (as_of - outside).days  # one less reaches to the last day inside
                for operator, length in ((Operator.TIGHTER, days - 2), (Operator.LOOSER, days)):
                    yield operator, Within(item=link_id, length=length, unit=Unit.DAYS)
        case _:
            pass


def _rewritten(part: Condition, items: Mapping[str, Item]) -> Iterator[tuple[Operator, Condition]]:
    match part:
        case Not(part=inner):
            yield Operator.UNNEGATED, inner
            return
        case AtLeast():
            yield from _regrouped(part)
        case Compare(comparison=comparison, bound=bound):
            for step in (1, -1):
                yield Operator.THRESHOLD, replace(part, bound=bound + step)
            (other,) = (each for each in Comparison if each is not comparison)
            yield Operator.TURNED, replace(part, comparison=other)
        case Within():
            yield from _retimed(part)
        case OneOf():
            yield from _recoded(part, items[part.item])
    yield Operator.NEGATED, Not(part=part)


def _regrouped(group: AtLeast) -> Iterator[tuple[Operator, Condition]]:
    """Parts dropped and doubled, and other counts, "all" and "any" among them."""
    count, parts, size = group.count, group.parts, len(group.parts)
    all_ = count == size
    for place in range(size if size > 1 else 0):
        fewer = (*parts[:place], *parts[place + 1 :])
        yield Operator.DROPPED, AtLeast(count=min(count, len(fewer)), parts=fewer)
    for part in parts:
        yield Operator.DOUBLED, AtLeast(count=count + int(all_), parts=(*parts, part))
    for other in dict.fromkeys((count - 1, count + 1, 1, size)):
        if other != count and 1 <= other <= size:
            yield Operator.RECOUNTED, AtLeast(count=other, parts=parts)


def _retimed(test: Within) -> Iterator[tuple[Operator, Condition]]:
    for step in (1, -1):
        if test.length + step > 0:
            yield Operator.THRESHOLD, replace(test, length=test.length + step)
    for unit in Unit:
        if unit is not test.unit:
            yield Operator.UNIT, replace(test, unit=unit)


def _recoded(test: OneOf, item: Item) -> Iterator[tuple[Operator, Condition]]:
    """Other codes; the other answer to a yes-or-no item is a negation already."""
    if item.type is ItemType.YES_NO:
        return
    spare = [code for code in item.choices if code not in test.values]
    for code in spare:
        yield Operator.CODE_ADDED, replace(test, values=test.values | {code})
    for code in sorted(map(str, test.values)):
        fewer = test.values - {code}
        if fewer:
            yield Operator.CODE_REMOVED, replace(test, values=fewer)
        for other in spare:
            yield Operator.CODE_EXCHANGED, replace(test, values=fewer | {other})


def _neighbours(tier: Tier) -> Iterator[Tier]:
    for one, other in pairwise(Tier):
        if tier in (one, other):
            yield other if tier is one else one


def _swaps(decision_list: tuple[Outcome, ...]) -> Iterator[Edit]:
    """Neighbouring outcomes exchanged, but for the one that holds where nothing else does."""
    for place, (one, other) in enumerate(pairwise(decision_list)):
        if Trigger.OTHERWISE not in (one.trigger, other.trigger):
            swapped = (*decision_list[:place], other, one, *decision_list[place + 2 :])
            yield Edit(operator=Operator.SWAPPED, subject=other.id, decision_list=swapped)
