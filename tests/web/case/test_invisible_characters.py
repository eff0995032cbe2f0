"""Notes keep what people see: invisible characters and imitated letters are left out."""

from support.people.case_people import Nurse, assessed, form_with

from screening.records.case.case_view import open_case
from screening.records.casework.emergency_notes import (
    HandoverNote,
    MistakeNote,
    emergency_notes,
)
from screening.records.ledger.records import Records

HIDDEN = "\u202e\u200bleft\ufeff \u2066side\u2069 hurts\u0007 \uffffmo\ufdd0st\U0010fffe"
SEEN = "left side hurts most"


def records_of(nurse: Nurse) -> Records:
    found: Records = nurse.client.application.extensions["records"]
    return found


def test_the_note_of_a_decision_is_clean(nora: Nurse) -> None:
    assessed(nora, pain_severity="asked-unknown")
    decided = form_with(nora.page("assessments/1"), "Record the decision")
    decided["choice"], decided["note"] = "ask-more:answers-missing", HIDDEN
    assert nora.post("assessments/1/review", decided).status_code == 303
    view = open_case(records_of(nora), nora.actor, nora.case_id)
    assert view.assessments[0].reviews[0].note == SEEN


def test_notes_on_an_emergency_are_clean(nora: Nurse) -> None:
    nora.answer("assess", leg_weakness="yes")
    told = form_with(nora.page("handover"), "Record who was told")
    told["told"], told["told_by"] = HIDDEN, HIDDEN
    assert nora.post("handover", told).status_code == 303
    view = open_case(records_of(nora), nora.actor, nora.case_id)
    (note,) = emergency_notes(view)
    assert isinstance(note, HandoverNote)
    assert (note.handover.told, note.handover.told_by) == (SEEN, SEEN)


def test_why_an_answer_was_a_mistake_is_clean(nora: Nurse) -> None:
    nora.answer("assess", leg_weakness="yes")
    nora.answer("", leg_weakness="no")
    form = next(each for each in nora.page("handover").forms if "why" in dict(each.fields))
    data = dict(form.fields) | {"why": HIDDEN, "sign": dict(form.fields)["sign"]}
    assert nora.post("handover/entered-in-error", data).status_code == 303
    view = open_case(records_of(nora), nora.actor, nora.case_id)
    (note,) = emergency_notes(view)
    assert isinstance(note, MistakeNote)
    assert note.why == SEEN
