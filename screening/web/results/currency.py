"""Reasons that supersede a recorded result: a newer one, changed facts, age, other rules."""

from screening.core.results.decision import Grounds, find_outdated_refusal
from screening.records.case.assessment_rows import StoredAssessment
from screening.records.case.case_view import CaseView
from screening.records.results import grounds
from screening.records.results.grounds import Supersession
from screening.translation import Phrases
from screening.web.shell.context import page_context
from screening.words.nurse.decision import words_of_refusal

SINCE_WORDS = Phrases(
    {
        Supersession.AGAIN: "the case has been assessed again",
        Supersession.ANSWERS: "answers have changed",
        Supersession.BIRTH_YEAR: "the birth year has changed",
    }
)
"""The reasons, before "since this result"."""
SUPERSEDED_WORDS = Phrases(
    {
        Supersession.AGAIN: "there is a newer result",
        Supersession.ANSWERS: "answers changed",
        Supersession.BIRTH_YEAR: "birth year changed",
    }
)
"""The reasons, after "superseded:"."""
BEFORE_WORDS = Phrases(
    {
        Supersession.AGAIN: "the case was assessed again",
        Supersession.ANSWERS: "answers changed",
        Supersession.BIRTH_YEAR: "the birth year changed",
    }
)
"""The reasons, after "before"."""


def grounds_of(view: CaseView, stored: StoredAssessment) -> Grounds:
    """A result as a decision on it sees it."""
    untold = view.case.needs_handover
    return grounds.grounds_of(
        stored.sealed, page_context().ruleset, day=page_context().today(), needs_handover=untold
    )


def words_of_age(view: CaseView, stored: StoredAssessment) -> str:
    """The reason why a result is too old for a referral; empty if it is not."""
    found = find_outdated_refusal(resting := grounds_of(view, stored))
    return words_of_refusal(found, resting) if found else ""
