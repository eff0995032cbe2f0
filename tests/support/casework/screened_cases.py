"""Records with assessments of the shipped examples."""

from dataclasses import dataclass
from functools import cache
from uuid import uuid4

from support.casework.case_writes import nothing
from support.casework.referrals import referral
from support.rulesets import shipped

from screening.core.compiled.model import compile_ruleset
from screening.core.results.assess import assess
from screening.core.results.decision import CHOICES
from screening.files.rule_texts import load_texts
from screening.proof.explanation.reasons import Explainer
from screening.records.access import Actor
from screening.records.case.case_view import open_case
from screening.records.case.history import EntryMethod
from screening.records.casework.answers import Submission, save_answers
from screening.records.casework.cases import add_case, find_case
from screening.records.ledger.records import Records
from screening.records.results.assessments import NewAssessment, record_assessment
from screening.records.results.decisions import NewDecision, record_review

SOME = 5


@dataclass(frozen=True, slots=True)
class Screened:
    """The records, who screened, and the cases by their ids."""

    records: Records
    nurse: Actor
    cases: list[str]


@cache
def explainer() -> Explainer:
    """What explains results of the shipped rules."""
    return Explainer(compile_ruleset(shipped.ruleset()))


@cache
def judged(name: str) -> NewAssessment:
    """The result of a shipped example, which is the same in every test."""
    example = shipped.examples()[name]
    assessment = assess(shipped.ruleset(), example.answers, example.as_of)
    explanation = explainer().explain(example.answers, example.as_of)
    texts = {name: each.data.decode() for name, each in load_texts().items()}
    return NewAssessment(assessment, explanation, texts)


def screen(records: Records, nurse: Actor) -> Screened:
    """Add cases, answer and assess them."""
    (site,) = nurse.sites
    cases = []
    for number, example in enumerate(list(shipped.examples().values())[:SOME]):
        person = referral(reference=f"R-{number}", birth_year=None)
        case_id = add_case(records, nurse, site, person, uuid4().hex)
        saved = save_answers(
            open_case(records, nurse, case_id),
            Submission(
                version=1,
                answers=example.answers,
                how=EntryMethod.FORM,
                idempotency_key=uuid4().hex,
            ),
            find_warnings=nothing,
        )
        record_assessment(
            open_case(records, nurse, case_id), saved.version, judged(example.name), uuid4().hex
        )
        cases.append(case_id)
    return Screened(records, nurse, cases)


def decide(screened: Screened) -> None:
    """Ask for more on the first of them."""
    case_id, choice = screened.cases[0], CHOICES["ask-more:clinician-asked"]
    version = find_case(screened.records, screened.nurse, case_id).version
    decided = NewDecision(choice=choice, note="")
    key = uuid4().hex
    record_review(
        open_case(screened.records, screened.nurse, case_id),
        1,
        version,
        decided,
        shipped.ruleset(),
        key,
    )
