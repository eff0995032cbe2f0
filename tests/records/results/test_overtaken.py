"""A result that time or other answers have overtaken refers nobody."""

from collections.abc import Mapping
from dataclasses import replace
from functools import partial

import pytest
from support.casework.case_writes import UNKNOWN, added, once, saved
from support.casework.recorded_assessments import answered, judged, recorded, texts
from support.rulesets.shipped import as_of, favourable, ruleset
from support.storage.databases import People, clock

from screening.core.results.assess import assess
from screening.core.results.decision import Choice, Decision
from screening.core.results.warning_signs import Warnings, collect_warnings
from screening.core.values.answer import Answer
from screening.records.access import Actor, Role
from screening.records.case.case_rows import State
from screening.records.case.case_view import open_case
from screening.records.casework.cases import change_referral, find_case
from screening.records.casework.chases import set_chases
from screening.records.ledger.records import Records
from screening.records.results.assessments import (
    NewAssessment,
    OtherAnswersError,
    record_assessment,
)
from screening.records.results.decisions import (
    DecisionRefusedError,
    NewDecision,
    OutdatedAssessmentError,
    record_review,
)


@pytest.fixture
def case_id(records: Records, nurse: Actor) -> str:
    """A case whose result meets everything."""
    found = answered(records, nurse)
    recorded(records, nurse, found)
    return found


def decide(  # noqa: PLR0913, PLR0917 - what the write itself takes
    records: Records, actor: Actor, case_id: str, decision: Decision, reason: str, note: str = ""
) -> int:
    version = find_case(records, actor, case_id).version
    decided = NewDecision(choice=Choice(decision, reason), note=note)
    return record_review(open_case(records, actor, case_id), 1, version, decided, ruleset(), once())


def refer(records: Records, actor: Actor, case_id: str) -> int:
    return decide(records, actor, case_id, Decision.REFER, "requirements-met")


def test_a_case_no_longer_says_what_was_decided_upon_other_answers(
    records: Records, nurse: Actor, case_id: str
) -> None:
    refer(records, nurse, case_id)
    version = find_case(records, nurse, case_id).version
    saved(records, nurse, case_id, version, {next(iter(favourable())): UNKNOWN})
    case = find_case(records, nurse, case_id)
    assert (case.state, case.decision, case.outcome_name) == (State.SCREENING, None, None)


def test_it_still_says_so_where_no_answer_changed(
    records: Records, nurse: Actor, case_id: str
) -> None:
    refer(records, nurse, case_id)
    version = find_case(records, nurse, case_id).version
    set_chases(
        open_case(records, nurse, case_id),
        version,
        open_case(records, nurse, case_id).chases,
        once(),
    )
    saved(records, nurse, case_id, version, dict(favourable()))
    assert find_case(records, nurse, case_id).decision == "refer"


def test_a_result_refers_for_seven_days(records: Records, nurse: Actor, case_id: str) -> None:
    clock(records).advance(days=7)
    assert refer(records, nurse, case_id) == 1


def test_an_older_one_does_not(records: Records, nurse: Actor, case_id: str) -> None:
    clock(records).advance(days=8)
    with pytest.raises(DecisionRefusedError, match="for today"):
        refer(records, nurse, case_id)
    assert find_case(records, nurse, case_id).state is State.ASSESSED


def test_whatever_else_is_decided_upon_it_can_be(records: Records, people: People) -> None:
    lead = people.actor(Role.LEAD_NURSE)
    case_id = answered(records, lead)
    recorded(records, lead, case_id)
    clock(records).advance(days=100)
    assert decide(records, lead, case_id, Decision.ASK_MORE, "clinician-asked") == 1
    assert decide(records, lead, case_id, Decision.DO_NOT_REFER, "patient-declined") == 2
    reason, note = "against-not-asked", "A pacemaker is changed first"
    assert decide(records, lead, case_id, Decision.OVERRIDE, reason, note) == 3


def warned(birth_year: int | None, answers: Mapping[str, Answer]) -> Warnings:
    return collect_warnings(assess(ruleset(), answers, as_of(), birth_year))


def correct(records: Records, actor: Actor, case_id: str, **changes: object) -> None:
    """Change the referral as the page does."""
    case = find_case(records, actor, case_id)
    new = replace(case.referral, **changes)  # type: ignore[arg-type]
    find = partial(warned, new.birth_year)
    change_referral(open_case(records, actor, case_id), case.version, new, once(), find)


@pytest.mark.parametrize("year", [1949, None])
def test_nothing_is_decided_upon_a_result_by_another_birth_year(
    records: Records, nurse: Actor, case_id: str, year: int | None
) -> None:
    correct(records, nurse, case_id, birth_year=year)
    for decision, reason in [
        (Decision.REFER, "requirements-met"),
        (Decision.ASK_MORE, "clinician-asked"),
        (Decision.DO_NOT_REFER, "patient-declined"),
    ]:
        with pytest.raises(OutdatedAssessmentError):
            decide(records, nurse, case_id, decision, reason)
    assert find_case(records, nurse, case_id).state is State.SCREENING
    assert recorded(records, nurse, case_id) == 2


def test_a_case_no_longer_says_what_was_decided_by_another_birth_year(
    records: Records, nurse: Actor, case_id: str
) -> None:
    refer(records, nurse, case_id)
    correct(records, nurse, case_id, birth_year=1949)
    case = find_case(records, nurse, case_id)
    assert (case.state, case.decision, case.outcome_name) == (State.SCREENING, None, None)


def test_it_still_does_where_something_else_of_the_referral_changed(
    records: Records, nurse: Actor, case_id: str
) -> None:
    refer(records, nurse, case_id)
    correct(records, nurse, case_id, person="Anne Example", clinic="East")
    case = find_case(records, nurse, case_id)
    assert (case.state, case.decision) == (State.DECIDED, "refer")
    assert refer(records, nurse, case_id) == 2


def test_a_birth_year_put_back_leaves_the_result_and_asks_for_it_to_be_shown_again(
    records: Records, nurse: Actor, case_id: str
) -> None:
    born = find_case(records, nurse, case_id).referral.birth_year
    for year in (1949, born):
        correct(records, nurse, case_id, birth_year=year)
    assert recorded(records, nurse, case_id) == 2
    case = find_case(records, nurse, case_id)
    assert (case.state, case.outcome) == (State.ASSESSED, "met")
    assert case.outcome_name


def test_a_new_case_stays_new(records: Records, nurse: Actor) -> None:
    case_id = added(records, nurse)
    correct(records, nurse, case_id, birth_year=1949)
    case = find_case(records, nurse, case_id)
    assert (case.state, case.open_signs) == (State.NEW, None)


def test_the_worklist_warns_by_the_birth_year_as_it_is_now(records: Records, nurse: Actor) -> None:
    """An age that contradicts the birth year is unknown; one that no longer does is counted."""
    answers = {**favourable(), "age": Answer(value=12)}
    case_id = answered(records, nurse, answers)
    recorded(records, nurse, case_id, answers)
    assert find_case(records, nurse, case_id).red_flags == ()
    correct(records, nurse, case_id, birth_year=2014)
    assert find_case(records, nurse, case_id).red_flags == ("under_20",)


def test_a_result_by_another_birth_year_than_the_case_has_is_not_kept(
    records: Records, nurse: Actor
) -> None:
    case_id = answered(records, nurse)
    version = find_case(records, nurse, case_id).version
    other = judged(favourable(), birth_year=1949)
    with pytest.raises(OtherAnswersError):
        record_assessment(
            open_case(records, nurse, case_id), version, NewAssessment(*other, texts()), once()
        )
