"""The outcomes that are still possible, by trying every completion of the unknown answers.

Slow and obvious: what the compiled ruleset says is compared with it. Criteria whose truth is
decided stay as they are; the others fall into groups that share no unanswered item, and each group
is completed by itself.
"""

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, product

from screening.core.answer import Answer
from screening.core.condition import Test, tests_in
from screening.core.finding import Answers, Finding, evaluate
from screening.core.item import Item
from screening.core.representatives import representatives
from screening.core.ruleset import Criterion, Outcome, Ruleset, Tier, Trigger
from screening.core.truth import Truth

Fired = frozenset[int]
"""The positions, in the order of outcomes, whose trigger holds."""


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
) -> tuple[str, ...]:
    """The ids of the outcomes that some completion of the unknown answers leads to.

    Args:
        ruleset: whose outcomes are meant.
        findings: every criterion of the ruleset with its finding for these answers.
        answers: link id to answer.
        as_of: the screening date.

    Returns:
        Ids in the order of priority; one id means that the outcome is decided.
    """
    listed = list(findings)
    reached = {_fired(ruleset.outcomes, ((each, found.truth) for each, found in listed))}
    undecided = [(each, found.needs) for each, found in listed if found.truth is Truth.UNKNOWN]
    for group in grouped(undecided):
        completed = set(_completions(ruleset, group, answers, as_of))
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
    items: Mapping[str, Item], link_ids: Sequence[str], tests: Sequence[Test], as_of: dt.date
) -> Iterator[dict[str, Answer]]:
    """Every way to answer the items that the tests can tell apart."""
    values = [
        representatives(items[link_id], [test for test in tests if test.item == link_id], as_of)
        for link_id in link_ids
    ]
    for combination in product(*values):
        given = [Answer(value=value) for value in combination]
        yield dict(zip(link_ids, given, strict=True))


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


def _completions(
    ruleset: Ruleset, group: Group, answers: Answers, as_of: dt.date
) -> Iterator[Fired]:
    tests = [test for criterion in group.criteria for test in tests_in(criterion.condition)]
    for completion in completions(ruleset.items, sorted(group.items), tests, as_of):
        completed = {**answers, **completion}
        truths = ((c, evaluate(c.condition, completed, as_of).truth) for c in group.criteria)
        yield _fired(ruleset.outcomes, truths)
