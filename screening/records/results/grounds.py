"""The grounds of a decision on a recorded assessment, and what has superseded one."""

import datetime as dt
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from enum import Enum
from typing import Any

from screening.core.results.decision import Grounds, SignAges
from screening.core.rules.ruleset import Ruleset, Tier
from screening.formats.documents.recorded_assessment import flagged_tiers
from screening.records.case.assessment_content import Content
from screening.records.case.case_view import CaseView
from screening.records.results.clock import SiteClock


class Supersession(Enum):
    """The event that superseded a recorded result."""

    AGAIN = "assessed again"
    ANSWERS = "new answers"
    BIRTH_YEAR = "birth year changed"


def find_supersession(view: CaseView, number: int) -> Supersession | None:
    """The event that superseded an assessment of a case, as the request sees the case.

    Raises:
        ErasedError: if it was erased.
    """
    newest, birth_year = view.assessments[-1].sealed, view.case.referral.birth_year
    return supersession_of(number, newest, birth_year, view.answer_version)


def supersession_of(
    number: int, newest: Content, birth_year: int | None, answered: int
) -> Supersession | None:
    """The event that superseded an assessment, so that nobody can decide on it.

    Versions are compared, not answers: a person who changes an answer and changes it back has
    looked at it again, and an answer to a question that the rules no longer have is no change.
    Birth years have no versions, so the years themselves are compared.

    Args:
        number: that of the assessment.
        newest: the newest one of the case.
        birth_year: that of the case.
        answered: the version that the newest answer of the case made.
    """
    if number != newest.number:
        return Supersession.AGAIN
    if answered > newest.case_version:
        return Supersession.ANSWERS
    return Supersession.BIRTH_YEAR if _has_other_birth_year(newest.data, birth_year) else None


def _has_other_birth_year(content: Mapping[str, Any], birth_year: int | None) -> bool:
    """True if an assessment was computed with another birth year than its case has now.

    Format 1 is from before results were computed with one.
    """
    if content["assessment"]["format"] == 1:
        return False
    return bool(content["answers"].get("birth_year") != birth_year)


def find_sign_ages(
    content: Mapping[str, Any], signs: AbstractSet[str], clock: SiteClock
) -> SignAges:
    """The ages of the answers about emergency signs that an assessment rests on.

    Args:
        content: what was recorded.
        signs: the link ids of the questions about emergency signs.
        clock: that of the decision.
    """
    given = content.get("given", {})
    moments = [dt.datetime.fromisoformat(given[each]["at"]) for each in signs & given.keys()]
    if not moments:
        return SignAges()
    return SignAges(clock.day_of(min(moments)), max(moments) > clock.now)


def grounds_of(
    content: Content,
    rules: Ruleset,
    clock: SiteClock,
    *,
    needs_handover: bool,
    clock_behind: bool,
) -> Grounds:
    """The grounds of a decision on a recorded assessment.

    Args:
        content: what was recorded.
        rules: the rules in use.
        clock: that of the decision.
        needs_handover: whether the case has or had an emergency that nobody has handed over.
        clock_behind: whether that clock was set back.
    """
    if content.ruleset_digest == rules.digest:
        same = content.is_same_by(rules)
        return Grounds.of(
            content.read(rules),
            day=clock.day,
            same_result=same,
            needs_handover=needs_handover,
            sign_ages=find_sign_ages(content.data, rules.items_of(Tier.EMERGENCY), clock),
            clock_behind=clock_behind,
        )
    result = content.data["assessment"]
    return Grounds(  # a result by other rules refers nobody, signs or not
        favourable=result["outcome"]["favourable"],
        as_of=content.as_of,
        day=clock.day,
        in_use=False,
        same_result=True,
        same_today=True,
        needs_handover=needs_handover,
        signs={},
        sign_ages=SignAges(),
        clock_behind=clock_behind,
        flagged_tiers=flagged_tiers(result),
        contradictory=bool(result.get("contradictions")),  # format 1 knows of none
        missing=True,  # by rules that asked other questions
    )
