"""What casts doubt on a result is said before it, and is found out at once."""

import datetime as dt

import pytest
import shipped
from casepeople import Nurse, assessed

from screening.records.chases import case_chases
from screening.web.desk import Desk

SADDLE = "An emergency sign is not ruled out: Saddle numbness"
NOT_KNOWN = "asked-unknown"


def due_of(nurse: Nurse) -> dict[str, dt.date]:
    """The chases of the case, each with its day."""
    records = nurse.client.application.extensions["records"]
    chases = case_chases(records, nurse.actor, nurse.case_id)
    return {link_id: chase.due for link_id, chase in chases.items()}


def today(nurse: Nurse) -> dt.date:
    desk: Desk = nurse.client.application.extensions["desk"]
    return desk.today()


@pytest.mark.parametrize(("answer", "words"), [(NOT_KNOWN, "not known"), ("", "not answered")])
def test_an_open_emergency_sign_is_said_above_the_outcome_and_is_due_today(
    nora: Nurse, answer: str, words: str
) -> None:
    assessed(nora, saddle_numbness=answer, cause=NOT_KNOWN)
    for way in ("assessments/1", "assessments/1/letter"):
        text = nora.page(way).text
        assert text.index(f"{SADDLE} ({words}).") < text.index("More information needed")
        assert text.index("Saddle numbness", text.index("Still ")) < text.index(
            "Cause of the fracture", text.index("Still ")
        )
    dues = due_of(nora)
    assert dues["saddle_numbness"] == today(nora) < dues["cause"]


def test_it_stands_first_on_the_page_of_missing_answers(nora: Nurse) -> None:
    nora.answer(cause=NOT_KNOWN, fever_chills=NOT_KNOWN, both_legs_weak=NOT_KNOWN)
    assert due_of(nora)["both_legs_weak"] == today(nora) < due_of(nora)["fever_chills"]
    text = nora.page("missing").text
    said = text.partition("Could still change the result")[2]
    names = ["Weakness of both legs", "Fever or chills", "Cause of the fracture"]
    assert sorted(names, key=said.index) == names
    assert "Weakness of both legs (not known)" in text.partition("Could still")[0]


def test_a_sign_beside_one_that_is_there_is_said_too(nora: Nurse) -> None:
    text = assessed(nora, leg_weakness="yes", saddle_numbness=NOT_KNOWN).page("assessments/1").text
    assert text.index("Red flag") < text.index(SADDLE) < text.index("Emergency assessment now")


def test_nothing_is_said_once_every_sign_is_answered(nora: Nurse) -> None:
    assessed(nora, cause="")
    for way in ("assessments/1", "assessments/1/letter", "missing"):
        assert "not ruled out" not in nora.page(way).text
    assert shipped.ruleset().items["cause"].name in nora.page("missing").text
