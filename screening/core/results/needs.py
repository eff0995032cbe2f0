"""Missing answers, how grave each is, and what a patient does about them first."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import assert_never

from screening.core.results.assess import Assessment, is_called_for
from screening.core.results.findings import CriterionFinding
from screening.core.rules.condition import AtLeast, Compare, Not, OneOf, Within, items_in
from screening.core.rules.finding import Finding
from screening.core.rules.item import Item
from screening.core.rules.ruleset import GRAVE, Criterion, Tier
from screening.core.values.truth import Truth


@dataclass(frozen=True, slots=True, kw_only=True)
class Need:
    """An item whose answer is still missing, and the gravest tier that it could change.

    ``since`` are the items whose answers already make that likely.
    """

    item: Item
    tier: Tier
    since: tuple[str, ...] = ()


def find_needs(assessment: Assessment) -> tuple[Need, ...]:
    """The missing answers that can decide something, the most consequential first.

    Of one tier, what an answer already makes likely comes first.
    """
    rank = list(Tier)
    gravest: dict[str, Tier] = {}
    for found in assessment.findings:
        for link_id in found.finding.needs:
            tiers = (found.criterion.tier, gravest.get(link_id, Tier.INFO))
            gravest[link_id] = min(tiers, key=rank.index)
    needs = [_need(assessment, link_id, gravest[link_id]) for link_id in assessment.needs]
    return tuple(sorted(needs, key=lambda need: (rank.index(need.tier), not need.since)))


def advice_criteria(assessment: Assessment) -> tuple[Criterion, ...]:
    """The criteria that a patient's advice follows from: those of the gravest tier with any.

    An urgent one counts also where an answer speaks for it and only another answer is missing: not
    to know what a scan shows is no better than to have had none.
    """
    for tier in GRAVE:
        if raised := tuple(found.criterion for found in _raised(assessment, tier)):
            return raised
    return ()


def urgent_answers(assessment: Assessment) -> tuple[Item, ...]:
    """The questions whose answers raise an urgent criterion or make one likely, in rule order.

    Where no answer is the worse one, as with an age, every answer that the criterion reads counts.
    """
    ruleset, answers = assessment.ruleset, assessment.answers
    links: set[str] = set()
    for found in _raised(assessment, Tier.URGENT):
        links |= set(_supporting_items(found.finding, ruleset.items)) or items_in(
            found.criterion.condition
        )
    return tuple(
        item
        for link_id, item in ruleset.items.items()
        if link_id in links and link_id in answers and answers[link_id].known
    )


def unsure_items(assessment: Assessment, tier: Tier) -> tuple[Item, ...]:
    """The questions called for whose missing answers may hide something of a grave tier.

    Every emergency sign is one of them. Another question is none if it can wait for the visit, or
    if no answer to it alone could raise anything: it then rests on an answer that is missing, too.
    """
    items = (need.item for need in find_needs(assessment) if need.tier is tier)
    answers, as_of = assessment.answers, assessment.as_of
    called_for = (item for item in items if is_called_for(item, answers, as_of))
    return tuple(
        item
        for item in called_for
        if tier is Tier.EMERGENCY or (not item.can_wait and _could_raise(assessment, tier, item))
    )


def _could_raise(assessment: Assessment, tier: Tier, item: Item) -> bool:
    """True if an answer to a question alone could make an undecided criterion of a tier true."""
    return any(
        found.finding.could_be(Truth.TRUE, item.link_id)
        for found in assessment.findings
        if found.criterion.tier is tier and item.link_id in found.finding.needs
    )


def _raised(assessment: Assessment, tier: Tier) -> list[CriterionFinding]:
    """The findings of a tier that raise a flag, or that an answer makes likely."""
    of_tier = (found for found in assessment.findings if found.criterion.tier is tier)
    return [found for found in of_tier if found.raises_flag or _is_likely(assessment, found)]


def _need(assessment: Assessment, link_id: str, tier: Tier) -> Need:
    since = tuple(_since(assessment, link_id, tier))
    return Need(item=assessment.ruleset.items[link_id], tier=tier, since=since)


def _since(assessment: Assessment, link_id: str, tier: Tier) -> dict[str, None]:
    """The items whose answers make a missing one matter, each once."""
    return dict.fromkeys(
        each
        for found in assessment.findings
        if found.criterion.tier is tier and link_id in found.finding.needs
        if _is_likely(assessment, found)
        for each in _supporting_items(found.finding, assessment.ruleset.items)
    )


def _is_likely(assessment: Assessment, found: CriterionFinding) -> bool:
    """True if an answer speaks for an urgent criterion that another one leaves undecided."""
    undecided = found.criterion.tier is Tier.URGENT and found.truth is Truth.UNKNOWN
    return undecided and any(_supporting_items(found.finding, assessment.ruleset.items))


def _supporting_items(finding: Finding, items: Mapping[str, Item]) -> Iterator[str]:
    """The items whose answers, the worse ones, speak for a condition as it is written."""
    match finding.condition:
        case AtLeast():
            for part in finding.parts:
                yield from _supporting_items(part, items)
        case OneOf(item=link_id, values=values):
            worse = {"yes": True, "no": False}.get(items[link_id].worse or "", items[link_id].worse)
            if finding.truth is Truth.TRUE and worse in values:
                yield link_id
        case Not() | Compare() | Within():
            return
        case _:
            assert_never(finding.condition)
