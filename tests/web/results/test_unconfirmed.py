"""What was changed in the database by hand: its page warns; no letter, no decision."""

from collections.abc import Callable

import pytest
from sqlalchemy import ColumnElement, delete, func, select, text, update
from sqlalchemy.orm import Session, make_transient
from support.people.case_people import Nurse, assessed, form_with
from support.storage.database_owner import unguarded
from support.storage.forgery import remove_rules

from screening.records.case.assessment_content import open_content, seal_content
from screening.records.ledger.records import Records
from screening.records.sealing.case_keys import load_key
from screening.records.storage.tables import (
    AnswerRow,
    AssessmentRow,
    EventRow,
    ReviewRow,
    RulesetRow,
)
from screening.web.shell import pdf

WARNING = "Somebody may have changed"
DO_NOT_RELY = "Do not rely on it; tell the people who run this service."
LETTERS = [
    "letter",
    pytest.param(
        "letter.pdf",
        marks=pytest.mark.skipif(not pdf.can_write_pdf(), reason="this machine has no Pango"),
    ),
]


def records_of(nurse: Nurse) -> Records:
    found: Records = nurse.client.application.extensions["records"]
    return found


def decided(nurse: Nurse, number: int = 1) -> Nurse:
    data = form_with(nurse.page(f"assessments/{number}"), "Record the decision")
    data["choice"] = "ask-more:clinician-asked"
    assert nurse.post(f"assessments/{number}/review", data).status_code == 303
    return nurse


def turn_decision(session: Session, case_id: str) -> None:
    session.execute(update(ReviewRow).where(ReviewRow.case_id == case_id).values(decision="refer"))


def remove_decision(session: Session, case_id: str) -> None:
    session.execute(delete(ReviewRow).where(ReviewRow.case_id == case_id))


def change_result(session: Session, case_id: str) -> None:
    mine = AssessmentRow.case_id == case_id
    session.execute(update(AssessmentRow).where(mine).values(by=0))


def hide_newer_result(session: Session, case_id: str) -> None:
    """The older one then looks like the newest."""
    newer = AssessmentRow.case_id == case_id, AssessmentRow.number == 2
    session.execute(update(AssessmentRow).where(*newer).values(number=0))


def remove_newer_result(session: Session, case_id: str) -> None:
    newer = AssessmentRow.number == 2
    session.execute(delete(AssessmentRow).where(AssessmentRow.case_id == case_id, newer))


def move_decision(session: Session, case_id: str) -> None:
    newer = AssessmentRow.number == 2
    other = session.query(AssessmentRow).filter(AssessmentRow.case_id == case_id, newer).one()
    mine = ReviewRow.case_id == case_id
    session.execute(update(ReviewRow).where(mine).values(assessment_id=other.id))


Alter = Callable[[Session, str], None]
ALTERED: dict[str, tuple[Alter, str]] = {
    "a decision turned": (turn_decision, "a decision on this case"),
    "a decision removed": (remove_decision, "a decision on this case"),
    "a decision moved to another result": (move_decision, "a decision on this case"),
    "the result changed": (change_result, "this result, another result of this case"),
    "a newer result hidden": (hide_newer_result, "another result of this case"),
    "a newer result removed": (remove_newer_result, "another result of this case"),
}


@pytest.fixture(params=list(ALTERED.values()), ids=list(ALTERED))
def altered(nora: Nurse, request: pytest.FixtureRequest) -> tuple[Nurse, str]:
    """Somebody whose case has two results and a decision, one of which was changed by hand."""
    alter, words = request.param
    decided(assessed(nora))
    assessed(nora, scoliosis="yes")
    change(nora, alter)
    return nora, words


def spoil(column: str, value: str) -> Alter:
    """Write into a column of the decision what no version writes."""

    def alter(session: Session, case_id: str) -> None:
        to = {"value": value, "case": case_id}
        session.execute(text(f"UPDATE reviews SET {column} = :value WHERE case_id = :case"), to)

    return alter


def spoil_seal(table: str) -> Alter:
    def alter(session: Session, case_id: str) -> None:
        to = {"value": b"no seal", "case": case_id}
        session.execute(text(f"UPDATE {table} SET sealed = :value WHERE case_id = :case"), to)

    return alter


def rewrite_rules(texts: str) -> Alter:
    def alter(session: Session, _: str) -> None:
        session.execute(text(f"UPDATE rulesets SET texts = {texts}"))

    return alter


def spoil_text(column: str, table: str = "assessments") -> Alter:
    """Write text that is no UTF-8, which only SQLite takes."""

    def alter(session: Session, case_id: str) -> None:
        spoiled = f"UPDATE {table} SET {column} = CAST(x'80ff' AS TEXT) WHERE case_id = :case"
        session.execute(text(spoiled), {"case": case_id})

    return alter


def copy_decision(session: Session, case_id: str) -> None:
    columns = 'decision, reason, sealed, at, "by"'
    copied = (
        f"INSERT INTO reviews (id, case_id, assessment_id, number, {columns})"
        f" SELECT 'f', case_id, assessment_id, number + 1, {columns} FROM reviews"
        " WHERE case_id = :case"
    )
    session.execute(text(copied), {"case": case_id})


def remove_results(session: Session, case_id: str) -> None:
    remove_decision(session, case_id)
    session.execute(delete(AssessmentRow).where(AssessmentRow.case_id == case_id))


A_RESULT, A_DECISION = "a result of this case", "a decision on this case"
SPOILED: dict[str, tuple[Alter, str]] = {
    "an unknown decision": (spoil("decision", "maybe"), A_DECISION),
    "a decision that ends in a blank": (spoil("decision", "ask-more "), A_DECISION),
    "a day that is none": (spoil("at", "yesterday"), A_DECISION),
    "a sealed decision": (spoil_seal("reviews"), A_DECISION),
    "a copied decision": (copy_decision, A_DECISION),
    "a sealed result": (spoil_seal("assessments"), A_RESULT),
    "a result that is no UTF-8": (spoil_text("sealed"), A_RESULT),
    "a decision that is no UTF-8": (spoil_text("decision", "reviews"), A_DECISION),
    "all results removed": (remove_results, f"{A_RESULT}, {A_DECISION}"),
}


@pytest.mark.parametrize("way", ["assessments/1", "assessments/"])
def test_rules_that_change_after_they_were_confirmed_are_seen(nora: Nurse, way: str) -> None:
    assert WARNING not in assessed(nora).page(way).text
    change(nora, rewrite_rules("texts || ' '"))
    assert f"{WARNING} the rules of this result" in nora.page(way).text
    change(nora, rewrite_rules("rtrim(texts)"))
    assert WARNING not in nora.page(way).text


@pytest.mark.parametrize(("alter", "words"), SPOILED.values(), ids=list(SPOILED))
def test_a_page_that_cannot_be_made_warns(nora: Nurse, alter: Alter, words: str) -> None:
    decided(assessed(nora))
    with records_of(nora).database.writing() as session, unguarded(session):
        alter(session, nora.case_id)
    for way in ("assessments/", "assessments/1", "assessments/1/letter"):
        answer = nora.get(way)
        assert answer.status_code == 409
        assert DO_NOT_RELY in answer.text
        assert "There is no result yet" not in answer.text
    assert f"Somebody may have changed {words} in the database" in nora.get("assessments/1").text


@pytest.mark.parametrize("way", ["assessments/", "assessments/1", "assessments/1/letter"])
def test_results_whose_rules_were_removed_warn(nora: Nurse, way: str) -> None:
    assessed(nora)
    records = records_of(nora)
    with records.database.reading() as session:
        kept = session.scalars(select(RulesetRow)).all()
        session.expunge_all()
    for each in kept:
        make_transient(each)  # to be put back, for other tests of this folder
    remove_rules(records)
    answer = nora.get(way)
    with records.database.writing() as session:
        session.add_all(kept)
    assert answer.status_code == (409 if way.endswith("letter") else 200)
    assert "Somebody may have changed the rules of this result" in answer.text


def change(nurse: Nurse, alter: Alter) -> None:
    with records_of(nurse).database.writing() as session, unguarded(session):
        alter(session, nurse.case_id)


def recorded(nurse: Nurse, kind: str) -> int:
    made = EventRow.kind == kind, EventRow.case_id == nurse.case_id
    with records_of(nurse).database.reading() as session:
        return session.query(EventRow).filter(*made).count()


@pytest.mark.parametrize("way", LETTERS)
def test_no_letter_is_made_of_it(altered: tuple[Nurse, str], way: str) -> None:
    nurse, words = altered
    answer = nurse.get(f"assessments/1/{way}")
    assert answer.status_code == 409
    assert f"Somebody may have changed {words} in the database" in answer.text
    assert "Computed outcome" not in answer.text
    assert recorded(nurse, "letter-made") == 0


@pytest.mark.parametrize(("alter", "words"), list(ALTERED.values()), ids=list(ALTERED))
def test_no_decision_is_offered_or_recorded_on_it(nora: Nurse, alter: Alter, words: str) -> None:
    decided(assessed(nora))
    assessed(nora, scoliosis="yes")
    data = form_with(nora.page("assessments/2"), "Record the decision")
    data["choice"] = "ask-more:clinician-asked"
    change(nora, alter)
    newest = 1 if alter in {remove_newer_result, hide_newer_result} else 2
    answer = nora.post(f"assessments/{newest}/review", data)
    assert answer.status_code == 409
    refused = f"Somebody may have changed {words} in the database. {DO_NOT_RELY}"
    assert f"{refused} Nothing was recorded." in answer.text
    assert "Record the decision" not in answer.text
    assert recorded(nora, "review-recorded") == 1


@pytest.mark.parametrize("way", ["assessments/1", "assessments/"])
def test_its_page_and_the_list_say_so(altered: tuple[Nurse, str], way: str) -> None:
    nurse, words = altered
    text = nurse.page(way).text
    assert f"Somebody may have changed {words} in the database. {DO_NOT_RELY}" in text


@pytest.mark.parametrize("way", ["assessments/1", "assessments/", "assessments/1/letter"])
def test_nothing_is_said_of_what_the_ledger_confirms(nora: Nurse, way: str) -> None:
    answer = decided(assessed(nora)).get(way)
    assert answer.status_code == 200
    assert "Somebody may have changed" not in answer.text


@pytest.mark.parametrize("way", ["assessments/1", "assessments/"])
def test_a_result_of_a_newer_version_says_what_to_do(nora: Nurse, way: str) -> None:
    assessed(nora)
    records = records_of(nora)
    with records.database.writing() as session, unguarded(session):
        row = session.query(AssessmentRow).filter_by(case_id=nora.case_id).one()
        key, place_of = (
            load_key(session, records.keyring(), row.case_id),
            (row.id, row.case_version),
        )
        content = open_content(key, row.sealed, *place_of)
        content["assessment"]["format"] += 1
        row.sealed, _ = seal_content(key, content, *place_of)
    answer = nora.get(way)
    assert answer.status_code == 501
    assert "A newer version of this service recorded this result" in answer.text


def _newest_answer(case_id: str) -> list[ColumnElement[bool]]:
    newest = select(func.max(AnswerRow.version)).where(AnswerRow.case_id == case_id)
    return [AnswerRow.case_id == case_id, AnswerRow.version == newest.scalar_subquery()]


def remove_newest_answer(session: Session, case_id: str) -> None:
    session.execute(delete(AnswerRow).where(*_newest_answer(case_id)))


def lower_newest_answer(session: Session, case_id: str) -> None:
    session.execute(update(AnswerRow).where(*_newest_answer(case_id)).values(version=0))


def remove_newest_answer_and_its_event(session: Session, case_id: str) -> None:
    rows = session.scalars(select(AnswerRow.id).where(*_newest_answer(case_id))).all()
    remove_newest_answer(session, case_id)
    session.execute(delete(EventRow).where(EventRow.row.in_([f"answers/{each}" for each in rows])))


HIDDEN = [remove_newest_answer, lower_newest_answer, remove_newest_answer_and_its_event]


@pytest.mark.parametrize("alter", HIDDEN)
def test_no_decision_is_recorded_if_an_answer_was_hidden(nora: Nurse, alter: Alter) -> None:
    assessed(nora)
    data = form_with(nora.page("assessments/1"), "Record the decision")
    data["choice"] = "ask-more:clinician-asked"
    nora.answer(scoliosis="yes")
    data["version"] = str(int(data["version"]) + 1)
    change(nora, alter)
    answer = nora.post("assessments/1/review", data)
    assert answer.status_code == 409
    assert "Somebody may have changed the answers of this case in the database" in answer.text
    assert recorded(nora, "review-recorded") == 0


@pytest.mark.parametrize("way", ["", "missing", "history"])
def test_no_page_hides_that_an_answer_was_taken_away(nora: Nurse, way: str) -> None:
    """Not even with its event, so that nothing in the ledger shows that it was there."""
    assessed(nora)
    nora.answer(scoliosis="yes")
    change(nora, remove_newest_answer_and_its_event)
    answer = nora.get(way)
    assert answer.status_code == 409
    assert "was changed outside" in answer.text


@pytest.mark.parametrize("way", ["assessments/1", "assessments/1/letter"])
def test_a_result_without_an_answer_that_was_taken_away_is_superseded_still(
    nora: Nurse, way: str
) -> None:
    assessed(nora)
    nora.answer(scoliosis="yes")
    change(nora, remove_newest_answer_and_its_event)
    assert "new answers since this result" in nora.page(way).text


def test_no_result_is_recorded_without_an_answer_that_was_taken_away(nora: Nurse) -> None:
    data = assessed(nora).sheet()
    nora.answer(scoliosis="yes")
    change(nora, remove_newest_answer_and_its_event)
    data["version"] = str(int(data["version"]) + 1)
    assert nora.post("assess", data).status_code == 409
    assert recorded(nora, "assessment-recorded") == 1


@pytest.mark.parametrize(
    ("way", "status"),
    [("assessments/1", 200), ("assessments/1/letter", 409), ("assessments/", 409)],
)
def test_a_copy_whose_id_is_no_text_warns(nora: Nurse, way: str, status: int) -> None:
    """SQLite takes it, and any id with it."""
    assessed(nora)
    kept = 'ruleset_digest, case_version, sealed, content_digest, at, "by"'
    with records_of(nora).database.writing() as session, unguarded(session):
        copied = (
            f"INSERT INTO assessments (id, case_id, number, as_of, {kept})"
            f" SELECT CAST(id AS BLOB), case_id, 7, as_of, {kept} FROM assessments"
            " WHERE case_id = :case"
        )
        session.execute(text(copied), {"case": nora.case_id})
    answer = nora.get(way)
    assert answer.status_code == status
    assert DO_NOT_RELY in answer.text
