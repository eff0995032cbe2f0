"""Assessments are kept as they were computed, decisions beside them, rules by their digest."""

import datetime as dt
import json
import re
from dataclasses import replace

import pytest
from sqlalchemy import select
from support.casework.case_writes import UNKNOWN, added, once, saved
from support.casework.recorded_assessments import BORN, answered, judged, recorded, texts
from support.rulesets import shipped
from support.rulesets.shipped import as_of, changed, favourable, held, ruleset
from support.storage.databases import People

from screening.core.results.decision import Choice, Decision
from screening.core.values.answer import Answer
from screening.formats.answers.days import read_days
from screening.formats.documents.answers_json import write_answers, write_assessment
from screening.formats.rules.rule_text import RuleText
from screening.formats.rules.rulebook import read_ruleset
from screening.records.access import Actor, Role
from screening.records.case.case_rows import State
from screening.records.case.case_view import open_case
from screening.records.casework.cases import close_case, find_case
from screening.records.errors import (
    ClosedError,
    NoAssessmentError,
    NoCaseError,
    NotAllowedError,
    StaleError,
    UnfitFieldError,
)
from screening.records.ledger.records import Records
from screening.records.results.assessments import (
    LaterAnswerError,
    NewAssessment,
    OtherAnswersError,
    later_answers,
    record_assessment,
)
from screening.records.results.decisions import (
    DecisionRefusedError,
    NewDecision,
    OutdatedAssessmentError,
    record_review,
)
from screening.records.rules.recorded import RulesetTextsError, load_recorded_ruleset
from screening.records.storage.tables import RulesetRow
from screening.records.verification.verify import verify_ledger


def review(  # noqa: PLR0913, PLR0917 - as many as the write itself takes
    records: Records,
    actor: Actor,
    case_id: str,
    number: int = 1,
    decision: Decision = Decision.REFER,
    reason: str = "requirements-met",
    note: str = "",
) -> int:
    version = find_case(records, actor, case_id).version
    decided = NewDecision(choice=Choice(decision, reason), note=note)
    return record_review(
        open_case(records, actor, case_id), number, version, decided, ruleset(), once()
    )


def test_an_assessment_is_kept_with_all_it_was_computed_from(
    records: Records, nurse: Actor
) -> None:
    case_id = answered(records, nurse)
    assert recorded(records, nurse, case_id) == 1
    stored = open_case(records, nurse, case_id).assessment(1)
    assessment, _ = judged(favourable())
    assert stored.content["assessment"] == json.loads(json.dumps(write_assessment(assessment)))
    assert stored.content["answers"] == write_answers(favourable(), as_of(), BORN)
    assert stored.content["given"].keys() == favourable().keys()
    given = next(iter(stored.content["given"].values()))
    assert (given["by"], given["by_id"], given["how"]) == (nurse.name, nurse.id, "form")
    parts = {"answers", "given", "assessment", "trace", "explanation", "salt"}
    assert stored.content.keys() == parts
    assert (stored.number, stored.as_of, stored.by) == (1, as_of(), nurse.name)
    assert (stored.ruleset_id, stored.ruleset_digest) == (ruleset().id, ruleset().digest)
    assert stored.case_version == 3
    assert stored.reviews == ()


def test_a_case_shows_what_came_of_it(records: Records, nurse: Actor) -> None:
    case_id = answered(records, nurse)
    recorded(records, nurse, case_id)
    case = find_case(records, nurse, case_id)
    outcome = judged(favourable())[0].outcome
    assert outcome
    assert (case.state, case.outcome, case.outcome_name, case.version) == (
        State.ASSESSED,
        outcome.id,
        outcome.name,
        3,
    )
    review(records, nurse, case_id)
    case = find_case(records, nurse, case_id)
    assert (case.state, case.decision, case.version) == (State.DECIDED, "refer", 4)


def test_changed_answers_take_a_case_back_to_screening(records: Records, nurse: Actor) -> None:
    case_id = answered(records, nurse)
    recorded(records, nurse, case_id)
    (link_id, _), *_ = favourable().items()
    saved(records, nurse, case_id, 3, {link_id: UNKNOWN})
    assert find_case(records, nurse, case_id).state is State.SCREENING
    with pytest.raises(OutdatedAssessmentError):
        review(records, nurse, case_id)


def test_another_assessment_keeps_the_first_and_takes_back_the_decision(
    records: Records, nurse: Actor
) -> None:
    case_id = answered(records, nurse)
    recorded(records, nurse, case_id)
    review(records, nurse, case_id)
    assert recorded(records, nurse, case_id, day=as_of() + dt.timedelta(days=1)) == 2
    assert [each.number for each in open_case(records, nurse, case_id).assessments] == [1, 2]
    assert find_case(records, nurse, case_id).decision is None
    with pytest.raises(OutdatedAssessmentError):
        review(records, nurse, case_id, number=1)


def test_the_same_assessment_is_kept_once(records: Records, nurse: Actor, people: People) -> None:
    case_id = answered(records, nurse)
    recorded(records, nurse, case_id)
    review(records, nurse, case_id)
    before = find_case(records, nurse, case_id)
    for actor in (nurse, people.actor()):
        assert recorded(records, actor, case_id) == 1
    assert find_case(records, nurse, case_id) == before
    assert verify_ledger(records).faults == []


def test_of_answers_that_changed_and_changed_back_an_assessment_is_kept(
    records: Records, nurse: Actor
) -> None:
    case_id = answered(records, nurse)
    recorded(records, nurse, case_id)
    (link_id, answer), *_ = favourable().items()
    saved(records, nurse, case_id, 3, {link_id: UNKNOWN})
    saved(records, nurse, case_id, 4, {link_id: answer})
    assert recorded(records, nurse, case_id) == 2


def test_by_other_rules_an_assessment_is_kept(records: Records, nurse: Actor) -> None:
    case_id = answered(records, nurse)
    recorded(records, nurse, case_id)
    later = texts() | {
        "documented": re.sub(r"\nversion: .*", "\nversion: 99.0.0", texts()["documented"])
    }
    rules = read_ruleset(
        "documented", {name: RuleText(name, text.encode()) for name, text in later.items()}
    )
    found = replace(judged(favourable())[0], ruleset=rules), judged(favourable())[1]
    assert (
        record_assessment(
            open_case(records, nurse, case_id), 3, NewAssessment(*found, later), once()
        )
        == 2
    )


def test_an_assessment_that_is_sent_twice_is_kept_once(records: Records, nurse: Actor) -> None:
    case_id, key = answered(records, nurse), once()
    found = judged(favourable())
    for _ in range(2):
        assert (
            record_assessment(
                open_case(records, nurse, case_id), 2, NewAssessment(*found, texts()), key
            )
            == 1
        )
    assert len(open_case(records, nurse, case_id).assessments) == 1


def test_an_assessment_of_an_older_version_is_refused(records: Records, nurse: Actor) -> None:
    case_id = answered(records, nurse)
    with pytest.raises(StaleError):
        record_assessment(
            open_case(records, nurse, case_id),
            1,
            NewAssessment(*judged(favourable()), texts()),
            once(),
        )


def test_an_assessment_of_other_answers_is_refused(records: Records, nurse: Actor) -> None:
    case_id = answered(records, nurse)
    with pytest.raises(OtherAnswersError):
        recorded(
            records, nurse, case_id, changed(favourable(), {next(iter(favourable())): UNKNOWN})
        )
    assert open_case(records, nurse, case_id).assessments == ()


def test_the_rules_can_be_read_again_from_what_was_kept(records: Records, nurse: Actor) -> None:
    for _ in range(2):
        recorded(records, nurse, answered(records, nurse))
    assert held(load_recorded_ruleset(records, ruleset().digest)) == held(ruleset())
    with records.database.reading() as session:
        (row,) = session.scalars(select(RulesetRow))
    assert json.loads(row.texts).keys() == {"documented", "safety", "questions"}
    with pytest.raises(RulesetTextsError):
        load_recorded_ruleset(records, "0" * 64)


@pytest.mark.parametrize(
    "wrong",
    [
        {},
        {"documented": "rules: documented\n"},
        texts() | {"safety": texts()["safety"].replace("leg", "arm", 1)},
    ],
    ids=["none", "broken", "changed"],
)
def test_other_rules_than_the_computed_ones_are_not_kept(
    records: Records, nurse: Actor, wrong: dict[str, str]
) -> None:
    case_id = answered(records, nurse)
    with pytest.raises(RulesetTextsError):
        record_assessment(
            open_case(records, nurse, case_id),
            2,
            NewAssessment(*judged(favourable()), wrong),
            once(),
        )
    assert open_case(records, nurse, case_id).assessments == ()


def test_an_answer_after_the_screening_date_is_not_assessed(records: Records, nurse: Actor) -> None:
    """Nobody can have known it, and it would count as recent."""
    case_id = answered(records, nurse)
    assessment, explanation = judged(favourable())
    early = replace(assessment, as_of=dt.date(2020, 1, 1))
    with pytest.raises(LaterAnswerError) as caught:
        record_assessment(
            open_case(records, nurse, case_id),
            2,
            NewAssessment(early, explanation, texts()),
            once(),
        )
    assert "diagnosis_date" in caught.value.link_ids
    assert open_case(records, nurse, case_id).assessments == ()


@pytest.mark.parametrize(("text", "later"), [("2026", False), ("2026-11", False), ("2027", True)])
def test_days_are_after_the_screening_date_if_all_of_them_are(
    text: str,
    later: bool,  # noqa: FBT001 - what is expected
) -> None:
    found = later_answers({"onset_date": Answer(value=read_days(text))}, dt.date(2026, 11, 20))
    assert found == (("onset_date",) if later else ())


def test_a_decision_stands_beside_the_outcome_with_its_reason(
    records: Records, people: People
) -> None:
    nurse, other = people.actor(), people.actor(name="Second Nurse")
    case_id = answered(records, nurse)
    recorded(records, nurse, case_id)
    note = "Zwölf Zeilen\nund ein Wort\N{RIGHT SINGLE QUOTATION MARK}s"
    assert (
        review(records, nurse, case_id, decision=Decision.ASK_MORE, reason="other", note=note) == 1
    )
    assert find_case(records, nurse, case_id).state is State.SCREENING
    assert review(records, other, case_id) == 2
    first, second = open_case(records, nurse, case_id).assessment(1).reviews
    assert (first.decision, first.reason, first.note) == (Decision.ASK_MORE, "other", note)
    assert (second.decision, second.by, second.by_id) == (Decision.REFER, other.name, other.id)
    assert find_case(records, nurse, case_id).state is State.DECIDED


def test_a_decision_against_the_outcome_is_an_override_of_few(
    records: Records, people: People
) -> None:
    nurse, lead = people.actor(), people.actor(Role.LEAD_NURSE)
    case_id = answered(records, nurse, {})
    recorded(records, nurse, case_id, {})
    with pytest.raises(DecisionRefusedError):
        review(records, nurse, case_id)
    with pytest.raises(DecisionRefusedError):
        review(records, lead, case_id)
    decision, reason, note = Decision.OVERRIDE, "against-not-asked", "Dr Hill examined her"
    met = answered(records, nurse)
    recorded(records, nurse, met)
    with pytest.raises(DecisionRefusedError, match="only a lead nurse"):
        review(records, nurse, met, decision=decision, reason=reason, note=note)
    assert review(records, lead, met, decision=decision, reason=reason, note=note) == 1
    assert find_case(records, lead, met).decision == "override"


def test_an_override_that_agrees_with_the_outcome_is_none(records: Records, people: People) -> None:
    lead = people.actor(Role.LEAD_NURSE)
    case_id = answered(records, lead)
    recorded(records, lead, case_id)
    for reason in ("refer-clinician-judged", "refer-newer-knowledge"):
        with pytest.raises(DecisionRefusedError, match="says the same"):
            review(records, lead, case_id, decision=Decision.OVERRIDE, reason=reason, note="really")
    against, note = "against-not-asked", "A pacemaker is to be changed first"
    made = review(records, lead, case_id, decision=Decision.OVERRIDE, reason=against, note=note)
    assert made == 1


def test_rules_that_are_met_are_not_a_reason_against(records: Records, nurse: Actor) -> None:
    case_id = answered(records, nurse)
    recorded(records, nurse, case_id)
    with pytest.raises(DecisionRefusedError):
        review(records, nurse, case_id, decision=Decision.DO_NOT_REFER, reason="reason-against")
    assert review(
        records, nurse, case_id, decision=Decision.DO_NOT_REFER, reason="patient-declined"
    )


@pytest.mark.parametrize(
    ("reason", "note", "field"),
    [
        ("requirements-met", "x" * 4001, "note"),
        ("requirements-met", "a\0b", "note"),
        ("requirements-met", "a\ud800b", "note"),
    ],
)
def test_what_a_review_cannot_hold_is_refused(
    records: Records, nurse: Actor, reason: str, note: str, field: str
) -> None:
    case_id = answered(records, nurse)
    recorded(records, nurse, case_id)
    with pytest.raises(UnfitFieldError) as caught:
        review(records, nurse, case_id, reason=reason, note=note)
    assert caught.value.field == field
    assert open_case(records, nurse, case_id).assessment(1).reviews == ()


@pytest.mark.parametrize("number", [-1, 0, 2, 10**30])
def test_a_number_of_no_assessment_finds_none(records: Records, nurse: Actor, number: int) -> None:
    case_id = answered(records, nurse)
    recorded(records, nurse, case_id)
    with pytest.raises(NoAssessmentError):
        open_case(records, nurse, case_id).assessment(number)
    with pytest.raises(NoAssessmentError):
        review(records, nurse, case_id, number=number)


def test_a_review_under_an_older_version_is_refused(records: Records, nurse: Actor) -> None:
    case_id = answered(records, nurse)
    recorded(records, nurse, case_id)
    decided = NewDecision(choice=Choice(Decision.REFER, "requirements-met"))
    with pytest.raises(StaleError):
        record_review(open_case(records, nurse, case_id), 1, 2, decided, ruleset(), once())


def test_a_closed_case_is_neither_assessed_nor_decided(records: Records, nurse: Actor) -> None:
    case_id = answered(records, nurse)
    recorded(records, nurse, case_id)
    close_case(open_case(records, nurse, case_id), 3, shipped.ruleset(), once())
    with pytest.raises(ClosedError):
        recorded(records, nurse, case_id)
    with pytest.raises(ClosedError):
        review(records, nurse, case_id)


def test_assessments_of_other_sites_do_not_exist(records: Records, people: People) -> None:
    nurse, other, auditor = (
        people.actor(),
        people.actor(sites=("South",)),
        people.actor(Role.AUDITOR),
    )
    case_id = answered(records, nurse)
    recorded(records, nurse, case_id)
    assert open_case(records, auditor, case_id).assessment(1).number == 1
    with pytest.raises(NotAllowedError):
        recorded(records, auditor, case_id)
    with pytest.raises(NotAllowedError):
        review(records, auditor, case_id)
    with pytest.raises(NoCaseError):
        open_case(records, other, case_id)


def test_a_case_is_warned_of_what_was_assessed(records: Records, nurse: Actor) -> None:
    changes = {
        "leg_weakness": Answer(value=True),
        "fever_chills": Answer(value=True),
        "saddle_numbness": UNKNOWN,
    }
    weak = changed(favourable(), changes)
    case_id = answered(records, nurse, weak)
    recorded(records, nurse, case_id, weak)
    case = find_case(records, nurse, case_id)
    assert case.red_flags == ("leg_weakness", "fever_chills")
    assert (case.emergencies, case.open_signs) == (("leg_weakness",), ("saddle_numbness",))


def test_a_case_without_answers_can_be_assessed(records: Records, nurse: Actor) -> None:
    case_id = added(records, nurse)
    assert recorded(records, nurse, case_id, {}) == 1
