"""The rules of a decision: what a person may decide on a computed outcome, and why not.

Records refuse what ``find_refusal`` does. Pages offer what ``allowed_choices`` leaves, so the two
cannot differ. A decision against the outcome is an override, with reasons of its own.
"""

import datetime as dt
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from enum import Enum, auto
from typing import NamedTuple

from screening.core.results.assess import Assessment, assess, has_missing_answers
from screening.core.results.warning_signs import emergency_signs
from screening.core.rules.ruleset import Outcome, Tier
from screening.core.values.note import DECISION_NOTE, has_letters
from screening.core.values.truth import Truth

VALID_FOR = dt.timedelta(days=7)
"""A result can refer somebody for so long after its day; so can answers about emergency signs."""
OTHER = "other"
_IN_FAVOUR = "refer-"
_CLAIMS: Mapping[str, AbstractSet[Tier]] = {
    "reason-against": {Tier.EXCLUSION},
    "requirement-unmet": {Tier.REQUIRED},
    "not-as-described": {Tier.DESCRIBED},
    "cautions-weighed": {Tier.CAUTION},
    "refer-reason-treated": {
        *(Tier.EMERGENCY, Tier.URGENT, Tier.EXCLUSION, Tier.REQUIRED, Tier.DESCRIBED)
    },
}
"""By reason, the tiers of the criteria that it says raised a flag; one of them has to.

``requirements-met`` is not here: it needs a favourable outcome, which has all of them met.
"""
_CLAIMS_CONTRADICTION = "answers-contradict"
_CLAIMS_MISSING = "answers-missing"


class Decision(Enum):
    """A decision that a person can take."""

    REFER = "refer"
    ASK_MORE = "ask-more"
    DO_NOT_REFER = "do-not-refer"
    OVERRIDE = "override"


REASONS: Mapping[Decision, tuple[str, ...]] = {
    Decision.REFER: ("requirements-met", "cautions-weighed", OTHER),
    Decision.ASK_MORE: (
        *("answers-missing", "report-missing", "answers-contradict", "clinician-asked"),
        OTHER,
    ),
    Decision.DO_NOT_REFER: (
        *("reason-against", "requirement-unmet", "not-as-described", "emergency-care"),
        *("other-care-first", "patient-declined", OTHER),
    ),
    Decision.OVERRIDE: (
        *("refer-clinician-judged", "refer-newer-knowledge", "refer-reason-treated"),
        *("against-clinician-judged", "against-not-asked", "against-answers-doubted"),
    ),
}
"""By decision, the coded reasons. A code keeps its meaning for ever."""


class Refusal(Enum):
    """The reason why a decision is refused."""

    NO_SUCH_REASON = auto()
    OVERRIDE_NOT_ALLOWED = auto()
    CLOCK_BEHIND = auto()
    OTHER_RULES = auto()
    OTHER_RESULT = auto()
    TOO_OLD = auto()
    SIGNS_TOO_OLD = auto()
    SIGNS_AHEAD = auto()
    OTHER_TODAY = auto()
    CONTRARY = auto()
    NOT_FOUND = auto()
    CONTRADICTORY = auto()
    NOTHING_OVERRIDDEN = auto()
    NO_NOTE = auto()
    NOT_HANDED_OVER = auto()
    SIGNS_NOT_SEEN = auto()


@dataclass(frozen=True, slots=True)
class Choice:
    """A decision with one of its reasons, as one thing to choose."""

    decision: Decision
    reason: str

    @property
    def code(self) -> str:
        """The two as one word, for a form."""
        return f"{self.decision.value}:{self.reason}"

    @property
    def overrides(self) -> bool:
        """True if it goes against the computed outcome."""
        return self.decision is Decision.OVERRIDE

    @property
    def refers(self) -> bool:
        """True if somebody is referred, by override or not."""
        return self.decision is Decision.REFER or self.refers_against

    @property
    def refers_against(self) -> bool:
        """True if somebody is referred although the computed outcome is not in favour."""
        return self.overrides and self.reason.startswith(_IN_FAVOUR)

    @property
    def needs_note(self) -> bool:
        """True if the reason says nothing without a note."""
        return self.overrides or self.reason == OTHER


CHOICES = {
    choice.code: choice
    for choice in (Choice(each, reason) for each, reasons in REASONS.items() for reason in reasons)
}
"""Every choice that there is, by its code."""


class SignAges(NamedTuple):
    """The ages of the answers about emergency signs that a result rests on.

    ``oldest`` is the day of the oldest one, None without any. ``ahead`` tells whether one of them
    is dated in the future: the clock was wrong when it was given, or is now.
    """

    oldest: dt.date | None = None
    ahead: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Grounds:
    """A recorded result as a decision of some ``day`` sees it.

    ``in_use`` tells whether its rules are those in use, ``same_result`` whether they still give it
    and ``same_today`` whether they do so on that day. ``needs_handover`` tells whether the case has
    or had an emergency and nobody has recorded who was told about it. ``signs`` are the emergency
    signs that are there or not ruled out, by link id. ``clock_behind`` tells whether the clock was
    set back, so that everything seems younger than it is. ``flagged_tiers`` are those with a
    criterion that raised a flag; ``contradictory`` tells whether answers contradict each other, or
    the referral. ``missing`` tells whether a question that was asked has no answer or an unknown
    one.
    """

    favourable: bool
    as_of: dt.date
    day: dt.date
    in_use: bool
    same_result: bool
    same_today: bool
    needs_handover: bool
    signs: Mapping[str, Truth]
    sign_ages: SignAges
    clock_behind: bool
    flagged_tiers: AbstractSet[Tier]
    contradictory: bool
    missing: bool

    @classmethod
    def of(  # noqa: PLR0913 - each ground by its name
        cls,
        assessment: Assessment,
        *,
        day: dt.date,
        same_result: bool,
        needs_handover: bool,
        sign_ages: SignAges,
        clock_behind: bool,
    ) -> "Grounds":
        """The grounds that an assessment by the rules in use gives."""
        return cls(
            favourable=assessment.favourable,
            as_of=assessment.as_of,
            day=day,
            in_use=True,
            same_result=same_result,
            same_today=_outcome_on(assessment, day) == assessment.outcome,
            needs_handover=needs_handover,
            signs=emergency_signs(assessment),
            sign_ages=sign_ages,
            clock_behind=clock_behind,
            flagged_tiers={flag.criterion.tier for flag in assessment.flags},
            contradictory=bool(assessment.contradictions),
            missing=has_missing_answers(assessment),
        )


def find_refusal(
    grounds: Grounds,
    choice: Choice,
    *,
    may_override: bool = False,
    note: str = "",
    seen: AbstractSet[str] = frozenset(),
) -> Refusal | None:
    """The reason why a decision cannot be recorded; None if it can.

    Args:
        grounds: the result that is decided on.
        choice: what is decided.
        may_override: whether the person who decides may override a result.
        note: the words that go with it.
        seen: the link ids of the emergency signs that were ticked as seen.
    """
    if found := _find_bar(grounds, choice, may_override=may_override):
        return found
    if choice.needs_note and not has_letters(note, DECISION_NOTE.letters):
        return Refusal.NO_NOTE
    if choice.refers_against and not grounds.signs.keys() <= seen:
        return Refusal.SIGNS_NOT_SEEN
    return None


def allowed_choices(grounds: Grounds, *, may_override: bool) -> tuple[Choice, ...]:
    """The possible decisions on a result, once each has its note and its ticks."""
    return tuple(
        each
        for each in CHOICES.values()
        if _find_bar(grounds, each, may_override=may_override) is None
    )


def find_outdated_refusal(grounds: Grounds) -> Refusal | None:
    """The reason why a result refers nobody, by override or not; None if it can."""
    if not grounds.in_use:
        return Refusal.OTHER_RULES
    if not grounds.same_result:
        return Refusal.OTHER_RESULT
    return (
        _find_age_refusal(grounds) or _find_sign_refusal(grounds) or _find_changed_refusal(grounds)
    )


def _find_age_refusal(grounds: Grounds) -> Refusal | None:
    if grounds.clock_behind:
        return Refusal.CLOCK_BEHIND
    if grounds.day - grounds.as_of > VALID_FOR:
        return Refusal.TOO_OLD
    return None


def _find_sign_refusal(grounds: Grounds) -> Refusal | None:
    oldest, ahead = grounds.sign_ages
    if ahead:
        return Refusal.SIGNS_AHEAD
    return Refusal.SIGNS_TOO_OLD if oldest and grounds.day - oldest > VALID_FOR else None


def _find_changed_refusal(grounds: Grounds) -> Refusal | None:
    return None if grounds.same_today else Refusal.OTHER_TODAY


def _outcome_on(assessment: Assessment, day: dt.date) -> Outcome | None:
    """The outcome of the same answers on another day; of a day before them, their own."""
    if day <= assessment.as_of:
        return assessment.outcome
    return assess(assessment.ruleset, assessment.answers, day, assessment.birth_year).outcome


def _find_bar(grounds: Grounds, choice: Choice, *, may_override: bool) -> Refusal | None:
    """The reason why no note and no tick would make a decision possible; None without one."""
    if choice.reason not in REASONS[choice.decision]:
        return Refusal.NO_SUCH_REASON
    if choice.overrides and not may_override:
        return Refusal.OVERRIDE_NOT_ALLOWED
    if grounds.needs_handover and choice.decision is not Decision.ASK_MORE:
        return Refusal.NOT_HANDED_OVER
    if choice.refers and (found := find_outdated_refusal(grounds)):
        return found
    if found := _find_conflict(grounds, choice):
        return found
    return None if _is_supported(grounds, choice) else Refusal.NOT_FOUND


def _find_conflict(grounds: Grounds, choice: Choice) -> Refusal | None:
    """The reason why a decision contradicts the computed outcome, or an override does not."""
    if choice.refers_against and grounds.contradictory:
        return Refusal.CONTRADICTORY
    if choice.overrides:
        agrees = choice.refers_against == grounds.favourable
        return Refusal.NOTHING_OVERRIDDEN if agrees else None
    declines = choice.decision is Decision.DO_NOT_REFER and choice.reason in _CLAIMS
    contrary = declines if grounds.favourable else choice.refers
    return Refusal.CONTRARY if contrary else None


def _is_supported(grounds: Grounds, choice: Choice) -> bool:
    """True if a result has the finding that a reason states; most reasons state none."""
    if choice.reason == _CLAIMS_CONTRADICTION:
        return grounds.contradictory
    if choice.reason == _CLAIMS_MISSING:
        return grounds.missing
    claimed = _CLAIMS.get(choice.reason)
    return claimed is None or bool(claimed & grounds.flagged_tiers)
