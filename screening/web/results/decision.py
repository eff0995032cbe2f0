"""Decisions by people on a computed outcome: apart from it, with a coded reason.

A decision in favour where the rules are not in favour, or against them, is an override; it is
offered to those alone who may make it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import groupby

from screening.core.results.decision import (
    Choice,
    Decision,
    Grounds,
    Refusal,
    allowed_choices,
    find_outdated_refusal,
)
from screening.core.rules.item import Item
from screening.core.values.truth import Truth
from screening.records.access import Actor, Permission
from screening.records.case.assessment_rows import Review, StoredAssessment
from screening.translation import gettext, mark
from screening.web.shell.dates import words_of_instant
from screening.web.shell.words import capital
from screening.words.nurse.decision import (
    DECISION_WORDS,
    REASON_WORDS,
    words_of_decision,
    words_of_refusal,
)

CHOOSE = mark("Choose what you decide, with its reason")
SEEN_WORDS = {
    Truth.TRUE: mark("I have seen the red flag: {sign}"),
    Truth.UNKNOWN: mark("I have seen that this emergency sign is not ruled out: {sign}"),
}
NO_REFERRAL = mark(
    "“Refer” is not offered: no favourable outcome has been computed. To refer all the same is an"
    " override, which a lead nurse can make."
)
NOT_HANDED_OVER = mark(
    "Only “Ask for more information” is offered until somebody records who was told about the"
    " emergency."
)
CONTRADICTORY = mark(
    "“Refer” and overrides are not offered while answers contradict each other. Correct them first."
)
TOO_OLD = mark("“Refer” is not offered: {reason}.")


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewView:
    """A review in words."""

    words: str
    reason_words: str
    note: str
    by: str
    when: str
    override: bool
    asks_more: bool


def offered_choices(actor: Actor, grounds: Grounds) -> dict[str, list[Choice]]:
    """The choices that a person has on a result, by the words of the decision."""
    found = allowed_choices(grounds, may_override=actor.may(Permission.OVERRIDE))
    by_decision = groupby(found, key=lambda each: each.decision)
    return {DECISION_WORDS[decision]: list(listed) for decision, listed in by_decision}


def words_of_withheld(actor: Actor, grounds: Grounds) -> str:
    """The reasons why some choices are not offered; empty if all are."""
    if grounds.needs_handover:
        return gettext(NOT_HANDED_OVER)
    found = find_outdated_refusal(grounds)
    told = [gettext(TOO_OLD, reason=words_of_refusal(found, grounds))] if found else []
    if grounds.contradictory:
        told.append(gettext(CONTRADICTORY))
    elif not actor.may(Permission.OVERRIDE):
        refused = capital(words_of_refusal(Refusal.OVERRIDE_NOT_ALLOWED, grounds))
        told.append(f"{refused}." if grounds.favourable else gettext(NO_REFERRAL))
    return " ".join(told)


def signs_to_see(
    grounds: Grounds, items: Mapping[str, Item], found: Iterable[Choice]
) -> dict[str, str]:
    """The signs to tick before a referral by override, by link id; empty if none is offered."""
    if not any(each.refers_against for each in found):
        return {}
    return {
        link_id: gettext(SEEN_WORDS[truth], sign=items[link_id].name)
        for link_id, truth in grounds.signs.items()
    }


def review_views(stored: StoredAssessment) -> list[ReviewView]:
    """The reviews of a result in words, the first first."""
    return [_review_view(review) for review in stored.reviews]


def _review_view(review: Review) -> ReviewView:
    choice = Choice(review.decision, review.reason)
    return ReviewView(
        words=words_of_decision(choice),
        reason_words=capital(REASON_WORDS.get(review.reason, review.reason)),
        note=review.note,
        by=review.by,
        when=words_of_instant(review.at),
        override=choice.overrides,
        asks_more=choice.decision is Decision.ASK_MORE,
    )
