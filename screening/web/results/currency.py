"""Reasons that supersede a recorded result: a newer one, changed facts, age, other rules."""

from screening.core.results.assess import Assessment
from screening.core.results.decision import Grounds, find_outdated_refusal
from screening.core.rules.ruleset import Tier
from screening.records.case.assessment_rows import StoredAssessment
from screening.records.case.case_view import CaseView
from screening.records.results import grounds
from screening.records.results.clock import SiteClock, is_clock_behind
from screening.records.results.grounds import Supersession
from screening.translation import Phrases
from screening.web.shell.clock import local_day
from screening.web.shell.context import page_context, records
from screening.words.nurse.decision import words_of_refusal
from screening.words.nurse.result import words_of_cautions, words_of_older_signs

SINCE_WORDS = Phrases(
    {
        Supersession.AGAIN: "the case has been assessed again",
        Supersession.ANSWERS: "there have been new answers",
        Supersession.BIRTH_YEAR: "the birth year has changed",
    }
)
"""The reasons, before "since this result"."""
SUPERSEDED_WORDS = Phrases(
    {
        Supersession.AGAIN: "there is a newer result",
        Supersession.ANSWERS: "new answers",
        Supersession.BIRTH_YEAR: "birth year changed",
    }
)
"""The reasons, after "superseded:"."""
BEFORE_WORDS = Phrases(
    {
        Supersession.AGAIN: "the case was assessed again",
        Supersession.ANSWERS: "new answers were given",
        Supersession.BIRTH_YEAR: "the birth year changed",
    }
)
"""The reasons, after "before"."""


def grounds_of(view: CaseView, stored: StoredAssessment) -> Grounds:
    """A result as a decision on it sees it."""
    clock = _clock()
    with records().database.reading() as session:
        behind = is_clock_behind(session, records().keyring(), view.case.site_id, clock.now)
    return grounds.grounds_of(
        stored.sealed,
        page_context().ruleset,
        clock,
        needs_handover=view.case.needs_handover,
        clock_behind=behind,
    )


def _clock() -> SiteClock:
    return SiteClock(records().now(), page_context().today(), local_day)


def words_of_standing(stored: StoredAssessment, assessment: Assessment) -> tuple[str, ...]:
    """Cautions about a result: the age of its answers about signs, its rules and its day."""
    signs = assessment.ruleset.items_of(Tier.EMERGENCY)
    asked = grounds.find_sign_ages(stored.content, signs, _clock()).oldest
    cautions = words_of_cautions(assessment.ruleset, assessment.as_of, page_context().today())
    return (*words_of_older_signs(asked, assessment.as_of), *cautions)


def words_of_age(view: CaseView, stored: StoredAssessment) -> str:
    """The reason why a result is too old for a referral; empty if it is not."""
    found = find_outdated_refusal(resting := grounds_of(view, stored))
    return words_of_refusal(found, resting) if found else ""
