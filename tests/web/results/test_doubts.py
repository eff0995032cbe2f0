"""What casts doubt on a result is said before it, and is found out at once."""

import datetime as dt
from collections.abc import Callable

import pytest
from support.people.case_people import Nurse, assessed
from support.rulesets import shipped

from screening.core.rules.ruleset import Tier
from screening.records.access import Role
from screening.records.case.case_view import open_case
from screening.web.shell.context import PageContext

SADDLE = "An emergency sign is not ruled out: Saddle numbness"
NOT_KNOWN = "asked-unknown"


def due_of(nurse: Nurse) -> dict[str, dt.date]:
    """The chases of the case, each with its day."""
    records = nurse.client.application.extensions["records"]
    chases = open_case(records, nurse.actor, nurse.case_id).chases
    return {link_id: chase.due for link_id, chase in chases.items()}


def today(nurse: Nurse) -> dt.date:
    context: PageContext = nurse.client.application.extensions["page_context"]
    return context.today()


@pytest.mark.parametrize(("answer", "words"), [(NOT_KNOWN, "not known"), ("", "not answered")])
def test_an_open_emergency_sign_is_said_above_the_outcome_and_is_due_today(
    nora: Nurse, answer: str, words: str
) -> None:
    assessed(nora, saddle_numbness=answer, cause=NOT_KNOWN)
    for way in ("assessments/1", "assessments/1/letter"):
        text = nora.page(way).text
        assert text.index(f"{SADDLE} ({words}).") < text.index("More information needed")
        assert text.index("Saddle numbness", text.index("most important first")) < text.index(
            "Cause of the fracture", text.index("most important first")
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


@pytest.mark.parametrize("answer", [NOT_KNOWN, ""])
def test_such_a_sign_is_found_out_today_all_the_same(nora: Nurse, answer: str) -> None:
    """Whatever it turns out to be, the outcome stays an emergency: somebody has to look."""
    assessed(nora, leg_weakness="yes", saddle_numbness=answer)
    assert due_of(nora)["saddle_numbness"] == today(nora)
    text = nora.page("missing").text
    assert "No missing answer can change" not in text
    assert "Saddle numbness" in text.partition("Could still")[2].partition("Not needed")[0]


def test_a_sign_is_chased_from_the_first_saving(nora: Nurse) -> None:
    nora.answer(leg_weakness="yes", saddle_numbness=NOT_KNOWN)
    assert due_of(nora)["saddle_numbness"] == today(nora)


def test_nothing_is_said_once_every_sign_is_answered(nora: Nurse) -> None:
    assessed(nora, cause="")
    for way in ("assessments/1", "assessments/1/letter", "missing"):
        assert "not ruled out" not in nora.page(way).text
    assert shipped.ruleset().items["cause"].name in nora.page("missing").text


def test_nobody_is_asked_for_an_unknown_answer_that_cannot_change_the_result(nora: Nurse) -> None:
    nora.answer(leg_weakness="yes")
    nora.answer(lung_disease=NOT_KNOWN, saddle_numbness=NOT_KNOWN)
    nora.answer("assess", imaging_date=NOT_KNOWN)
    signs = shipped.ruleset().items_of(Tier.EMERGENCY) - {"leg_weakness"}
    assert due_of(nora).keys() == signs
    nora.answer("assess", leg_weakness="no")
    assert due_of(nora).keys() >= {"lung_disease", "saddle_numbness"}
    assert "imaging_date" not in due_of(nora)


def test_a_day_that_the_result_does_not_wait_for_is_not_marked_as_due(nora: Nurse) -> None:
    nora.answer(lung_disease=NOT_KNOWN)
    assert "due in" in nora.page("missing").text.partition("Could still change the result")[2]
    nora.answer(leg_weakness="yes")
    said = nora.page("missing").text.partition("Cannot change this result")[2]
    assert "Lung disease" in said
    assert "due in" not in said


@pytest.mark.parametrize(
    ("answers", "action"),
    [
        ({"leg_weakness": "yes"}, "Arrange emergency assessment now. New or progressive leg"),
        ({"fever_chills": "yes"}, "Ask a clinician to review this first. Recent fever or chills"),
    ],
)
def test_a_red_flag_says_first_what_to_do(
    hire: Callable[..., Nurse], nora: Nurse, answers: dict[str, str], action: str
) -> None:
    assessed(nora, **answers)
    for way in ("", "assessments/1", "assessments/1/letter"):
        assert action in nora.page(way).text
    told = nora.post("section", nora.sheet()).json
    assert told["flags"][0]["text"].startswith(action)  # type: ignore[index]
    assert action in hire("Aude Auditor", Role.AUDITOR).page().text


def test_an_x_ray_alone_says_first_what_to_ask_for(nora: Nurse) -> None:
    text = assessed(nora, imaging_kind="xray").page("assessments/1").text
    assert "Ask a clinician to review this first. Ask this week whether MRI, CT or a bone" in text
