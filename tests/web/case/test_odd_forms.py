"""Sheets that no page of ours sent whole: what they lack is not taken for withdrawn."""

from collections.abc import Callable

import pytest
from support.pages.page_reader import Page
from support.people.case_people import Nurse, form_with
from werkzeug.datastructures import MultiDict

from screening.core.values.answer import Answer
from screening.records.case.case_view import open_case

NO, YES = Answer(value=False), Answer(value=True)
Hire = Callable[..., Nurse]


def kept(nurse: Nurse) -> dict[str, Answer]:
    """The answers of the case as they are stored."""
    records = nurse.client.application.extensions["records"]
    given = open_case(records, nurse.actor, nurse.case_id).history.current()
    return {link_id: each.answer for link_id, each in given.items()}


def without(data: MultiDict[str, str], beginning: str) -> MultiDict[str, str]:
    """A posted form without the fields whose names begin so."""
    pairs = ((name, text) for name, text in data.items(multi=True))
    return MultiDict([(name, text) for name, text in pairs if not name.startswith(beginning)])


def in_order(page: Page, button: str) -> list[tuple[str, str]]:
    """The fields of a form in the order in which a browser sends them."""
    (form,) = (each for each in page.forms if button in each.buttons)
    return form.fields


@pytest.mark.parametrize("way", ["", "assess", "section"])
@pytest.mark.parametrize("only", ["31", "\x00", "no_such_question leg"])
def test_a_sheet_that_speaks_of_no_known_question_is_refused(
    nora: Nurse, way: str, only: str
) -> None:
    data = nora.sheet()
    nora.answer(leg_weakness="no")
    data["q-leg_weakness"] = "yes"
    data.setlist("only", [only])
    assert nora.post(way, data).status_code == 400
    assert kept(nora) == {"leg_weakness": NO}


def test_unknown_questions_beside_known_ones_are_passed_over(hire: Hire) -> None:
    nora, omar = hire(), hire("Omar Other")
    data = omar.sheet()
    nora.answer(weight_loss="no")
    data["q-weight_loss"] = "yes"
    data.setlist("only", ["31 weight_loss", "\x00"])
    answer = omar.post("assess", data)
    assert answer.status_code == 409
    assert form_with(Page(answer.text), "Save these choices")["only"] == "weight_loss"


@pytest.mark.parametrize("way", ["", "assess", "section"])
def test_a_sheet_without_questions_withdraws_nothing(nora: Nurse, way: str) -> None:
    nora.answer(leg_weakness="no", fever_chills="yes")
    data = without(without(nora.sheet(), "q-"), "only")
    assert nora.post(way, data).status_code < 400
    assert kept(nora) == {"leg_weakness": NO, "fever_chills": YES}


def test_without_word_of_what_was_on_the_page_only_what_is_answered_counts(nora: Nurse) -> None:
    nora.answer(leg_weakness="no", fever_chills="yes")
    data = without(without(nora.sheet(), "only"), "q-fever_chills")
    data["q-leg_weakness"] = "yes"
    nora.post("", data)
    assert kept(nora) == {"leg_weakness": YES, "fever_chills": YES}


@pytest.mark.parametrize("share", [0.1, 0.35, 0.6, 0.85])
def test_a_sheet_that_was_cut_off_withdraws_nothing(nora: Nurse, share: float) -> None:
    """The fields come in the order of the page, and a question counts once all of it is there."""
    nora.answer(leg_weakness="no", weight_loss="no", age="74", fever_chills="yes")
    before, fields = kept(nora), in_order(nora.page(), "Show result")
    for end in (int(len(fields) * share) + step for step in range(4)):
        nora.post("", MultiDict(fields[:end]))
        assert kept(nora) == before


def test_what_was_chosen_can_be_chosen_otherwise_as_long_as_one_is_open(hire: Hire) -> None:
    nora, omar = hire(), hire("Omar Other")
    data = omar.sheet()
    nora.answer(leg_weakness="no", fever_chills="no")
    data["q-leg_weakness"], data["q-fever_chills"] = "yes", "yes"
    first = form_with(Page(omar.post("", data).text), "Save these choices")
    assert sorted(first["only"].split()) == ["fever_chills", "leg_weakness"]
    first["choice-leg_weakness"] = "theirs"
    second = form_with(Page(omar.post("", first).text), "Save these choices")
    second["choice-leg_weakness"] = second["choice-fever_chills"] = "mine"
    assert omar.post("", second).status_code == 303
    assert kept(nora) == {"leg_weakness": YES, "fever_chills": YES}


def test_no_title_which_a_browser_remembers_tells_whose_case_it_is(nora: Nurse) -> None:
    nora.answer("assess", leg_weakness="no")
    nora.answer("assess", leg_weakness="yes")
    one = "assessments/1"
    compared = "compare?before=1&after=2"
    ways = ("", "history", "missing", "assessments/", one, f"{one}/letter", compared)
    pages = {way: nora.page(way) for way in ways}
    assert pages[""].title.startswith("Answers ")
    assert pages[one].title.startswith("Result 1 ")
    for page in pages.values():
        assert "R-00001" not in page.title
        assert "R-00001" in page.text


def test_a_page_that_is_not_there_does_not_say_that_nothing_is_kept(nora: Nurse) -> None:
    page = nora.page("no-such-page")
    assert "There is no such page" in page.text
    assert "stored" not in page.text
