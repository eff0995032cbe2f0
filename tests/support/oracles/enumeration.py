"""The outcomes that are still possible, by trying every completion of the unknown answers.

Slow and obvious: what the compiled ruleset says is compared with it. Criteria whose truth is
decided stay as they are; the others fall into groups that share no unanswered item, and each group
is completed by itself.
"""

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, product
from typing import cast

from screening.core.compiled.representatives import last_day_outside, representatives
from screening.core.rules.condition import Test, Within, tests_in
from screening.core.rules.consistency import narrow, pairs_of
from screening.core.rules.finding import NO_BOUNDS, Answers, Bounds, Finding, evaluate
from screening.core.rules.item import Item, ItemType
from screening.core.rules.ruleset import Criterion, Outcome, Ruleset, Tier, Trigger
from screening.core.values.answer import EARLIEST_DAY, Answer, Value
from screening.core.values.span import Day, Span, day_between, first_of, last_of
from screening.core.values.truth import Truth

Fired = frozenset[int]
"""The positions, in the order of outcomes, whose trigger holds."""


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of a person: answers, the days that an order leaves to dates, and the day."""

    answers: Answers
    bounds: Mapping[str, Bounds]
    as_of: dt.date

    def days(self, link_id: str) -> Day:
        if link_id in self.bounds:
            return day_between(self.bounds[link_id].first, self.bounds[link_id].last)
        answer = self.answers.get(link_id)
        value = answer.value if answer else None
        return value if isinstance(value, dt.date | Span) else day_between(EARLIEST_DAY, self.as_of)


@dataclass(frozen=True, slots=True)
class Group:
    """Undecided criteria that share unanswered items with each other and with no others."""

    criteria: tuple[Criterion, ...]
    items: frozenset[str]


def possible_outcomes(
    ruleset: Ruleset,
    findings: Iterable[tuple[Criterion, Finding]],
    answers: Answers,
    as_of: dt.date,
    bounds: Mapping[str, Bounds] = NO_BOUNDS,
) -> tuple[str, ...]:
    """The ids of the outcomes that some completion of the unknown answers leads to.

    Args:
        ruleset: whose outcomes are meant.
        findings: every criterion of the ruleset with its finding for these answers.
        answers: link id to answer; they contradict nothing.
        as_of: the screening date.
        bounds: what the order of events leaves to dates.

    Returns:
        Ids in the order of priority; one id means that the outcome is decided.
    """
    listed = list(findings)
    reached = {_fired(ruleset.outcomes, ((each, found.truth) for each, found in listed))}
    undecided = [(each, found.needs) for each, found in listed if found.truth is Truth.UNKNOWN]
    for group in grouped(undecided):
        completed = set(_completions(ruleset, group, Known(answers, bounds, as_of)))
        reached = {one | other for one in reached for other in completed}
    first = {min(fired, default=len(ruleset.outcomes) - 1) for fired in reached}
    return tuple(ruleset.outcomes[position].id for position in sorted(first))


def grouped(undecided: Iterable[tuple[Criterion, frozenset[str]]]) -> list[Group]:
    """Sort undecided criteria, each with its needs, into groups that share no item."""
    groups: list[Group] = []
    for criterion, needs in undecided:
        touching = [group for group in groups if not group.items.isdisjoint(needs)]
        merged = Group(
            (*chain.from_iterable(group.criteria for group in touching), criterion),
            needs.union(*(group.items for group in touching)),
        )
        groups = [*(group for group in groups if group not in touching), merged]
    return groups


def completions(
    ruleset: Ruleset, link_ids: Sequence[str], tests: Sequence[Test], known: Known
) -> Iterator[dict[str, Answer]]:
    """Every way to answer the items that the tests can tell apart, with days in their order."""
    values = [_values(ruleset.items[link_id], tests, known) for link_id in link_ids]
    pairs = pairs_of(ruleset.consistency)
    for combination in product(*values):
        given = dict(zip(link_ids, combination, strict=True))
        if all(_in_order(pair, given, known) for pair in pairs):
            yield {link_id: Answer(value=value) for link_id, value in given.items()}


def _values(item: Item, tests: Sequence[Test], known: Known) -> Sequence[Value]:
    if item.type is not ItemType.DATE:
        own = [test for test in tests if test.item == item.link_id]
        return representatives(item, own, known.as_of)
    days = known.days(item.link_id)
    first, last = first_of(days), min(last_of(days), known.as_of)
    ends = [bound for each in known.bounds.values() for bound in (each.first, each.last)]
    edges = [day for test in tests if isinstance(test, Within) for day in _edges(test, known.as_of)]
    return sorted({day for day in (*ends, *edges, first, last) if first <= day <= last})


def _edges(test: Within, as_of: dt.date) -> Iterator[dt.date]:
    """The last day that is too long ago, and the day after it."""
    if day := last_day_outside(test, as_of):
        yield from (day, day + dt.timedelta(days=1))


def _in_order(pair: tuple[str, str], given: Mapping[str, Value], known: Known) -> bool:
    """Whether two dates keep to their order; one that is not completed may be any of its days."""
    earlier, later = (given.get(each) or known.days(each) for each in pair)
    return first_of(cast("Day", earlier)) <= last_of(cast("Day", later))


def _fired(outcomes: Sequence[Outcome], truths: Iterable[tuple[Criterion, Truth]]) -> Fired:
    listed = list(truths)
    return frozenset(
        position
        for position, outcome in enumerate(outcomes)
        if any(_triggers(outcome, criterion, truth) for criterion, truth in listed)
    )


def _triggers(outcome: Outcome, criterion: Criterion, truth: Truth) -> bool:
    if outcome.trigger is Trigger.REQUIRED_IS_FALSE:
        return criterion.tier is Tier.REQUIRED and truth is Truth.FALSE
    if outcome.trigger is Trigger.DESCRIBED_IS_FALSE:
        return criterion.tier is Tier.DESCRIBED and truth is Truth.FALSE
    return criterion.tier is outcome.tier and truth is Truth.TRUE


def _completions(ruleset: Ruleset, group: Group, known: Known) -> Iterator[Fired]:
    tests = [test for criterion in group.criteria for test in tests_in(criterion.condition)]
    for completion in completions(ruleset, sorted(group.items), tests, known):
        completed = {**known.answers, **completion}
        pairs = pairs_of(ruleset.consistency)
        bounds = narrow(pairs, completed, known.as_of)
        truths = (
            (c, evaluate(c.condition, completed, known.as_of, bounds).truth) for c in group.criteria
        )
        yield _fired(ruleset.outcomes, truths)
