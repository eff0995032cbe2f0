"""Assessments of cases by the shipped rules, for tests."""

import datetime as dt
from collections.abc import Mapping
from functools import cache

from support.casework.case_writes import added, once, saved
from support.casework.referrals import referral
from support.rulesets.shipped import as_of, favourable, ruleset

from screening.core.compiled.model import compile_ruleset
from screening.core.results.assess import Assessment, assess
from screening.core.values.answer import Answer
from screening.files.rule_texts import load_texts
from screening.proof.explanation.reasons import Explainer, Explanation
from screening.records.access import Actor
from screening.records.case.case_view import open_case
from screening.records.casework.cases import find_case
from screening.records.ledger.records import Records
from screening.records.results.assessments import NewAssessment, record_assessment

BORN = referral().birth_year
"""The birth year of the cases that ``writes.added`` adds, if nothing else is said."""


@cache
def texts() -> dict[str, str]:
    """The shipped rule files by name."""
    return {name: text.data.decode() for name, text in load_texts().items()}


@cache
def _explainer() -> Explainer:
    return Explainer(compile_ruleset(ruleset()))


def judged(
    answers: Mapping[str, Answer], day: dt.date | None = None, birth_year: int | None = BORN
) -> tuple[Assessment, Explanation]:
    """What the shipped rules say of answers, and why; by default on the day of their examples."""
    day = day or as_of()
    known = answers, day, birth_year
    return assess(ruleset(), *known), _explainer().explain(*known)


def answered(records: Records, actor: Actor, answers: Mapping[str, Answer] | None = None) -> str:
    """A new case with answers, by default those that meet everything."""
    case_id = added(records, actor)
    saved(records, actor, case_id, 1, dict(favourable() if answers is None else answers))
    return case_id


def recorded(
    records: Records,
    actor: Actor,
    case_id: str,
    answers: Mapping[str, Answer] | None = None,
    day: dt.date | None = None,
) -> int:
    """The number of an assessment of a case, by default of the answers that meet everything."""
    case = find_case(records, actor, case_id)
    known = favourable() if answers is None else answers
    found = judged(known, day, case.referral.birth_year)
    return record_assessment(
        open_case(records, actor, case_id), case.version, NewAssessment(*found, texts()), once()
    )
