"""What people decide upon a computed outcome: kept apart from it, with a coded reason.

A decision in favour where the rules are not in favour, or against them, is an override; it is
offered to those alone who may make it.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from screening.core.assess import Assessment
from screening.core.doubts import emergency_signs
from screening.core.truth import Truth
from screening.records.access import Actor, Permission
from screening.records.assessments import REASONS, Decision, Review, Stored
from screening.web.casewords import words_of_instant

DECISION_WORDS = {
    Decision.REFER: "Refer",
    Decision.ASK_MORE: "Ask for more",
    Decision.DO_NOT_REFER: "Do not refer",
    Decision.OVERRIDE: "Override the computed outcome",
}
FOR, AGAINST = "refer-", "against-"
RULES_SAY = frozenset({"reason-against", "requirement-unmet"})
CHOOSE = "Choose what you decide, with its reason"
NEEDS_NOTE = "Say in a few words why"
SEE_FIRST = "Tick each emergency sign that you have seen, before you refer against it"
SEEN_WORDS = {
    Truth.TRUE: "I have seen the red flag: {}",
    Truth.UNKNOWN: "I have seen that this emergency sign is not ruled out: {}",
}
NO_REFERRAL = (
    "“Refer” is not offered: the computed outcome is not in favour. To refer all the same is an"
    " override, which a lead nurse can make."
)
TOO_OLD = "“Refer” is not offered: {}."
NO_OVERRIDE = "Only a lead nurse can decide otherwise than the computed outcome."


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """A decision with one of its reasons, as one thing to choose."""

    decision: Decision
    reason: str
    words: str

    @property
    def value(self) -> str:
        """What is posted for it."""
        return f"{self.decision.value}:{self.reason}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reviewed:
    """A review in words."""

    words: str
    reason_words: str
    note: str
    by: str
    when: str
    override: bool


def choices(actor: Actor, *, favourable: bool, too_old: str = "") -> dict[str, list[Choice]]:
    """What may be decided upon an outcome, by the words of the decision.

    Args:
        actor: who decides.
        favourable: whether the outcome is in favour.
        too_old: why nobody is referred upon it, by override or not.
    """
    offered = {
        DECISION_WORDS[decision]: [
            choice
            for choice in _offered(decision, favourable=favourable)
            if not (too_old and (decision is Decision.REFER or refers_against(choice)))
        ]
        for decision in Decision
        if decision is not Decision.OVERRIDE or actor.may(Permission.OVERRIDE)
    }
    return {words: listed for words, listed in offered.items() if listed}


def withheld(actor: Actor, *, favourable: bool, too_old: str = "") -> str:
    """What is not offered, and why; empty if everything is."""
    told = [TOO_OLD.format(too_old)] if too_old else []
    if not actor.may(Permission.OVERRIDE):
        told.append(NO_OVERRIDE if favourable else NO_REFERRAL)
    return " ".join(told)


def needs_note(choice: Choice) -> bool:
    """Whether the reason says nothing without a note."""
    return choice.decision is Decision.OVERRIDE or choice.reason == "other"


def refers_against(choice: Choice) -> bool:
    """Whether somebody is referred although the computed outcome is not in favour."""
    return choice.decision is Decision.OVERRIDE and choice.reason.startswith(FOR)


def to_see(assessment: Assessment, offered: Iterable[Choice]) -> dict[str, str]:
    """What has to be ticked before a referral by override, by link id; empty if none is offered."""
    if not any(map(refers_against, offered)):
        return {}
    items = assessment.ruleset.items
    return {
        link_id: SEEN_WORDS[truth].format(items[link_id].name)
        for link_id, truth in emergency_signs(assessment).items()
    }


def reviewed(stored: Stored) -> list[Reviewed]:
    """The reviews of a result in words, the first first."""
    return [_reviewed(review) for review in stored.reviews]


def _offered(decision: Decision, *, favourable: bool) -> Iterator[Choice]:
    if decision is Decision.REFER and not favourable:
        return
    for reason, words in REASONS[decision].items():
        contrary = decision is Decision.DO_NOT_REFER and favourable and reason in RULES_SAY
        same = decision is Decision.OVERRIDE and reason.startswith(FOR if favourable else AGAINST)
        if not contrary and not same:
            yield Choice(decision=decision, reason=reason, words=words)


def _reviewed(review: Review) -> Reviewed:
    reason = REASONS[review.decision].get(review.reason, review.reason)
    words, override = DECISION_WORDS[review.decision], review.decision is Decision.OVERRIDE
    if override:
        direction, _, reason = reason.partition(": ")
        words, reason = f"{direction} (override)", reason[:1].upper() + reason[1:]
    return Reviewed(
        words=words,
        reason_words=reason,
        note=review.note,
        by=review.by,
        when=words_of_instant(review.at),
        override=override,
    )
