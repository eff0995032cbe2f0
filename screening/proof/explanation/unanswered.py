"""The unanswered questions: those that can still matter, and those that no longer can."""

from collections.abc import Sequence
from collections.abc import Set as AbstractSet

from screening.core.results.assess import Assessment, is_called_for, meets_shown_if
from screening.core.results.needs import Need, find_needs
from screening.core.rules.consistency import Consistency, Order, could_contradict
from screening.core.rules.ruleset import GRAVE, Tier
from screening.proof.explanation.reasons import Explanation


def relevant_needs(assessment: Assessment, explanation: Explanation) -> tuple[Need, ...]:
    """The missing answers that can still matter, the most consequential first.

    An emergency sign that nobody ruled out always matters, whatever the result is by now.
    """
    answers, as_of = assessment.answers, assessment.as_of
    live = {matter.link_id for matter in explanation.can_matter}
    return tuple(
        need
        for need in find_needs(assessment)
        if need.item.link_id in live or need.tier is Tier.EMERGENCY
        if meets_shown_if(need.item, answers, as_of)
    )


def open_questions(assessment: Assessment) -> frozenset[str]:
    """The items without a value whose questions are called for and shown."""
    answers, as_of = assessment.answers, assessment.as_of
    return frozenset(
        item.link_id
        for item in assessment.ruleset.items.values()
        if not (item.link_id in answers and answers[item.link_id].known)
        and is_called_for(item, answers, as_of)
    )


def idle_items(assessment: Assessment, explanation: Explanation) -> tuple[str, ...]:
    """The unanswered items that can no longer matter.

    Answers that contradict each other are taken for unknown when reasons are sought, but they are
    there, and the result waits until one of them is put right.
    """
    named = {link_id for each in assessment.contradictions for link_id in each.items}
    return tuple(each for each in explanation.idle if each not in named)


def grave_items(assessment: Assessment) -> frozenset[str]:
    """The items that the criteria of a grave tier read."""
    return frozenset[str]().union(*(assessment.ruleset.items_of(tier) for tier in GRAVE))


def contradicting_items(assessment: Assessment, explanation: Explanation) -> frozenset[str]:
    """The unanswered items whose answers could change the result by a contradiction."""
    ruleset, reason = assessment.ruleset, explanation.reason
    rules = ruleset.consistency
    if assessment.decided is not None and not assessment.favourable:
        rules = _touching(rules, {*reason.deciding, *reason.checked})
    known = assessment.answers, assessment.as_of, assessment.birth_year
    return could_contradict(rules, ruleset.items, *known)


def _touching(rules: Sequence[Consistency], link_ids: AbstractSet[str]) -> tuple[Consistency, ...]:
    """The rules by which answers can come into doubt; orders share dates, and count as one."""
    touched = [each for each in rules if each.items & link_ids]
    if any(isinstance(each.check, Order) for each in touched):
        return tuple(each for each in rules if each in touched or isinstance(each.check, Order))
    return tuple(touched)
