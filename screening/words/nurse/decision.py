"""Decisions, their reasons, and why one is refused."""

from screening.core.results.decision import OTHER, VALID_FOR, Choice, Decision, Grounds, Refusal
from screening.translation import Phrases, gettext, mark
from screening.words.shared.days import words_of_day

DECISION_WORDS = Phrases(
    {
        Decision.REFER: "Refer",
        Decision.ASK_MORE: "Ask for more information",
        Decision.DO_NOT_REFER: "Do not refer",
        Decision.OVERRIDE: "Override the computed outcome",
    }
)
REASON_WORDS = Phrases(
    {
        "requirements-met": "What the documents ask for is met",
        "cautions-weighed": "A clinician weighed the cautions",
        "answers-missing": "Answers are missing",
        "report-missing": "An imaging report has to be obtained first",
        "answers-contradict": "Answers contradict each other or the referral",
        "clinician-asked": "A clinician is asked first",
        "reason-against": "A documented reason against applies",
        "requirement-unmet": "A documented requirement is not met",
        "not-as-described": "The patient differs from those described",
        "emergency-care": "Emergency care was arranged instead",
        "other-care-first": "Other care comes first",
        "patient-declined": "The patient does not want it",
        OTHER: "Another reason, in the note",
        "refer-clinician-judged": "a clinician examined the patient and judges otherwise",
        "refer-newer-knowledge": "newer knowledge than the documents have",
        "refer-reason-treated": "what spoke against it was treated",
        "against-clinician-judged": "a clinician examined the patient and judges otherwise",
        "against-not-asked": "for a reason that the questions do not ask about",
        "against-answers-doubted": "the answers cannot be relied on",
    }
)
"""By code. A reason for an override says why; that it refers or not is said before it."""
REFUSAL_WORDS = {
    Refusal.NO_SUCH_REASON: mark("choose a reason that belongs to the decision"),
    Refusal.OTHER_RULES: mark(
        "this result was computed by different rules from those in use now. Show the result again"
        " for today"
    ),
    Refusal.OTHER_RESULT: mark(
        "computed again by the same rules, the stored answers give a different result."
        " Show the result again for today"
    ),
    Refusal.CLOCK_BEHIND: mark(
        "the last update of a case at this site is dated in the future, so the server's clock is"
        " wrong, or was. Ask the people who run this service to check the clock. If the clock is"
        " correct now, save a change to that case. To find it, tick “Closed too” on the worklist"
        " and sort by “Last updated”: it comes first"
    ),
    Refusal.TOO_OLD: mark(
        "this result is for {day}, more than {days} days ago. Show the result again for today"
    ),
    Refusal.SIGNS_TOO_OLD: mark(
        "an answer about an emergency sign was given on {asked}, more than {days} days ago. Ask"
        " about the signs again, then show the result again for today"
    ),
    Refusal.SIGNS_AHEAD: mark(
        "an answer about an emergency sign is dated in the future, so the server's clock is wrong,"
        " or was. Ask about the signs again, then show the result again for today"
    ),
    Refusal.OTHER_TODAY: mark(
        "assessed for today, the same answers give a different result. Show the result again for"
        " today"
    ),
    Refusal.CONTRARY: mark(
        "this goes against the computed outcome. That is an override, which needs its own reason"
    ),
    Refusal.NOT_FOUND: mark(
        "the computed result does not support this reason. Choose one that it supports"
    ),
    Refusal.CONTRADICTORY: mark(
        "answers contradict each other or the referral. Correct them, then show the result again"
    ),
    Refusal.NOTHING_OVERRIDDEN: mark(
        "the computed outcome says the same, so nothing is overridden"
    ),
    Refusal.OVERRIDE_NOT_ALLOWED: mark("only a lead nurse can decide against the computed outcome"),
    Refusal.NO_NOTE: mark("say in a few words why"),
    Refusal.NOT_HANDED_OVER: mark(
        "an emergency sign was answered yes, and nobody has recorded who was told about it."
        " Record that first"
    ),
    Refusal.SIGNS_NOT_SEEN: mark(
        "to refer by override, first tick each emergency sign to say that you have seen it"
    ),
}
"""Each as the part of a sentence; the facts in it are those of ``words_of_refusal``."""


def words_of_decision(choice: Choice) -> str:
    """A decision in words; of an override whether it refers."""
    if not choice.overrides:
        return DECISION_WORDS[choice.decision]
    return gettext("Refer (override)") if choice.refers else gettext("Do not refer (override)")


def words_of_choice(choice: Choice) -> str:
    """The reason of a choice in words; of an override with what is decided."""
    reason = REASON_WORDS[choice.reason]
    if not choice.overrides:
        return reason
    if choice.refers_against:
        return gettext("Refer: {reason}", reason=reason)
    return gettext("Do not refer: {reason}", reason=reason)


def words_of_refusal(found: Refusal, grounds: Grounds) -> str:
    """A refusal as the part of a sentence."""
    oldest = grounds.sign_ages.oldest
    asked = words_of_day(oldest) if oldest else ""
    return gettext(
        REFUSAL_WORDS[found], day=words_of_day(grounds.as_of), asked=asked, days=VALID_FOR.days
    )
