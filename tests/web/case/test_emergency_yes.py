"""A "yes" to an emergency sign is stored at once, whatever else two people answered differently."""

from collections.abc import Callable

import pytest
from support.pages.page_reader import Page
from support.people.case_people import Nurse, form_with
from werkzeug.datastructures import MultiDict

from screening.core.values.answer import Answer
from screening.records.case.case_rows import Case
from screening.records.case.case_view import open_case
from screening.records.casework.cases import find_case

Hire = Callable[..., Nurse]
WAYS = ("", "section", "assess")
SIGN = "New or progressive leg weakness"
YES, NO = Answer(value=True), Answer(value=False)


def kept(nurse: Nurse) -> dict[str, Answer]:
    records = nurse.client.application.extensions["records"]
    given = open_case(records, nurse.actor, nurse.case_id).history.current()
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
    assert case_of(nora).needs_handover


def test_the_other_answer_is_shown_and_does_not_go_over_it(nora: Nurse, hire: Hire) -> None:
    words = "Omar Other changed it from not answered to no"
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
    assert case_of(nora).needs_handover
    assert (
        len(
            open_case(
                nora.client.application.extensions["records"], nora.actor, nora.case_id
            ).history.changes
        )
        == 2
    )
    for each in answers:
        words = each.get_json()["words"] if way == "section" else Page(each.text).text
        assert f"“yes” is saved: {SIGN}" in words
    assert answers[0].text.count(f"{SIGN}: answered yes.") == 1


@pytest.fixture
def closed_meanwhile(nora: Nurse, hire: Hire) -> MultiDict[str, str]:
    """A sheet that answers a sign yes, of a case that somebody else closed meanwhile."""
    data = sheet_with(nora, leg_weakness="yes")
    omar = hire("Omar Other")
    form = form_with(omar.page("close"), "Close the case")
    assert omar.post("close", form).status_code == 303
    return data


@pytest.mark.parametrize("way", WAYS)
def test_of_a_closed_case_it_is_said_first_that_it_is_not_stored(
    nora: Nurse, closed_meanwhile: MultiDict[str, str], way: str
) -> None:
    answer = nora.post(way, closed_meanwhile)
    assert answer.status_code == 409
    words = answer.get_json()["words"] if way == "section" else Page(answer.text).text
    assert f"The “yes” is not saved: {SIGN}." in words
    assert "Tell the emergency or spinal team now" in words
    assert words.index("not saved") < words.index("eopen")
    assert kept(nora) == {}


def test_once_it_is_open_again_the_same_page_stores_it(
    nora: Nurse, closed_meanwhile: MultiDict[str, str]
) -> None:
    page = Page(nora.post("", closed_meanwhile).text)
    assert nora.post("reopen", form_with(page, "Reopen (in a new tab)")).status_code == 303
    assert nora.post("", form_with(page, "Save what I typed")).status_code == 303
    assert kept(nora) == {"leg_weakness": YES}
    assert case_of(nora).needs_handover


@pytest.mark.parametrize("way", WAYS)
def test_without_a_new_yes_a_closed_case_says_nothing_of_a_sign(
    nora: Nurse, closed_meanwhile: MultiDict[str, str], way: str
) -> None:
    closed_meanwhile["q-leg_weakness"] = "no"
    answer = nora.post(way, closed_meanwhile)
    assert answer.status_code == 409
    assert "spinal team" not in answer.text
