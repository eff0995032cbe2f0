"""A "yes" to an emergency sign is stored at once, whatever else two people answered differently."""

from collections.abc import Callable

import pytest
from casepeople import Nurse
from pagereader import Page
from werkzeug.datastructures import MultiDict

from screening.core.answer import Answer
from screening.records.answers import current_answers, history
from screening.records.cases import Case, find_case

Hire = Callable[..., Nurse]
WAYS = ("", "section", "assess")
SIGN = "New or growing leg weakness"
YES, NO = Answer(value=True), Answer(value=False)


def kept(nurse: Nurse) -> dict[str, Answer]:
    records = nurse.client.application.extensions["records"]
    given = current_answers(records, nurse.actor, nurse.case_id)
    return {link_id: each.answer for link_id, each in given.items()}


def case_of(nurse: Nurse) -> Case:
    records = nurse.client.application.extensions["records"]
    return find_case(records, nurse.actor, nurse.case_id)


def sheet_with(nurse: Nurse, **answers: str) -> MultiDict[str, str]:
    data = nurse.sheet()
    for name, text in answers.items():
        data[f"q-{name}"] = text
    return data


@pytest.mark.parametrize("way", WAYS)
def test_it_is_stored_where_somebody_else_answered_no(nora: Nurse, hire: Hire, way: str) -> None:
    data = sheet_with(nora, leg_weakness="yes", weight_loss="no")
    hire("Omar Other").answer(leg_weakness="no")
    assert nora.post(way, data).status_code in {200, 303}
    assert kept(nora) == {"leg_weakness": YES, "weight_loss": NO}
    assert case_of(nora).untold


def test_the_other_answer_is_shown_and_does_not_go_over_it(nora: Nurse, hire: Hire) -> None:
    words = "Omar Other changed it from no answer to no"
    data = sheet_with(nora, leg_weakness="yes")
    hire("Omar Other").answer(leg_weakness="no")
    (merged,) = nora.post("section", data).get_json()["merged"]
    assert (merged["item"], merged["fields"]) == ("leg_weakness", {})
    assert words in merged["words"]
    moved = nora.post("", data)
    assert (
        words.removeprefix("Omar Other changed it") in nora.page(moved.location.split("/")[-1]).text
    )


@pytest.mark.parametrize("way", WAYS)
def test_it_is_stored_while_another_question_waits_for_a_choice(
    nora: Nurse, hire: Hire, way: str
) -> None:
    data = sheet_with(nora, leg_weakness="yes", weight_loss="no", fever="no")
    hire("Omar Other").answer(weight_loss="yes")
    answers = [nora.post(way, data) for _ in range(2)]
    assert [each.status_code for each in answers] == [409, 409]
    assert kept(nora) == {"leg_weakness": YES, "weight_loss": YES}
    assert case_of(nora).untold
    assert (
        len(history(nora.client.application.extensions["records"], nora.actor, nora.case_id)) == 2
    )
    for each in answers:
        words = each.get_json()["words"] if way == "section" else Page(each.text).text
        assert f"“yes” is saved: {SIGN}" in words
    assert answers[0].text.count(f"{SIGN}: answered yes.") == 1
