"""The sheet of a case: filled from what is stored, saved whole or as it goes, nothing lost."""

import re
from collections.abc import Callable
from uuid import uuid4

import pytest
from flask import Flask
from support.casework.case_writes import nothing
from support.pages.page_reader import Page
from support.people.case_people import Nurse, form_with
from support.people.typed_answers import typed
from support.people.visitor import focused
from support.rulesets import shipped

from screening.core.rules.item import Finder
from screening.core.rules.ruleset import Tier
from screening.core.values.answer import AbsentReason, Answer
from screening.records.access import Role
from screening.records.case.case_view import open_case
from screening.records.case.history import EntryMethod
from screening.records.casework.answers import Submission, save_answers
from screening.records.casework.cases import close_case, find_case
from screening.records.ledger.records import Records

Hire = Callable[..., Nurse]
NO, YES = Answer(value=False), Answer(value=True)


def kept(nurse: Nurse) -> dict[str, Answer]:
    """The answers of the case as they are stored."""
    records: Records = nurse.client.application.extensions["records"]
    given = open_case(records, nurse.actor, nurse.case_id).history.current()
    return {link_id: each.answer for link_id, each in given.items()}


def test_every_kind_of_answer_is_stored_and_fills_the_sheet_again(nora: Nurse) -> None:
    data = nora.sheet()
    data.update(typed(shipped.ruleset(), shipped.favourable()))
    assert nora.post("", data).status_code == 303
    assert kept(nora) == dict(shipped.favourable())
    again = nora.sheet()
    assert set(typed(shipped.ruleset(), shipped.favourable()).items(multi=True)) <= set(
        again.items(multi=True)
    )


def test_a_sheet_that_changes_nothing_makes_no_version(nora: Nurse) -> None:
    nora.answer(leg_weakness="no")
    before = nora.sheet()["version"]
    nora.post("", nora.sheet())
    assert nora.sheet()["version"] == before


def test_a_form_that_is_sent_twice_is_written_once(nora: Nurse) -> None:
    data = nora.sheet()
    data["q-leg_weakness"] = "no"
    first, second = nora.post("", data), nora.post("", data)
    assert first.location == second.location
    records = nora.client.application.extensions["records"]
    assert len(open_case(records, nora.actor, nora.case_id).history.changes) == 1


def test_a_blank_answer_withdraws_what_was_there(nora: Nurse) -> None:
    nora.answer(leg_weakness="no")
    nora.answer(leg_weakness="")
    assert kept(nora) == {}
    assert "New or progressive leg weakness no not answered" in nora.page("history").text


def test_the_history_has_one_entry_for_what_was_saved_at_once(hire: Hire) -> None:
    nora, omar = hire(), hire("Omar Other")
    signs = ("leg_weakness", "saddle_numbness", "fever_chills", "age")
    nora.answer(**dict.fromkeys(signs[:3], "no"), age="74")
    omar.answer(leg_weakness="yes", age="75")
    nora.answer(fever_chills="yes")
    page = nora.page("history")
    heads = re.findall(r"<summary>(.*?)</summary>", page.html)
    assert heads == [
        "today 09:00, <bdi>Nora Nurse</bdi>: 1 answer",
        "today 09:00, <bdi>Omar Other</bdi>: 2 answers",
        "today 09:00, <bdi>Nora Nurse</bdi>: 4 answers",
    ]
    opened = re.findall(r'<details class="saved"( open)?>', page.html)
    assert opened == [" open", " open", ""]
    _, last = page.html.rsplit("<details", 1)
    names = [shipped.ruleset().items[sign].name for sign in signs]
    places = [last.index(f'<th scope="row">{name}<') for name in names[:3]]
    assert places == sorted(places)  # as the sheet asks them
    assert "20 November 2026, 09:00, typed and saved" in page.text
    assert f"{names[3]} not answered 74" in page.text
    assert f"{names[3]} 74 years 75 years" in page.text


def test_a_reason_that_the_form_lacks_is_not_taken_for_withdrawn(nora: Nurse) -> None:
    records = nora.client.application.extensions["records"]
    answer = {"leg_weakness": Answer(absent=AbsentReason.NOT_ASKED)}
    save_answers(
        open_case(records, nora.actor, nora.case_id),
        Submission(version=1, answers=answer, how=EntryMethod.FORM, idempotency_key=uuid4().hex),
        find_warnings=nothing,
    )
    nora.answer(fever_chills="no")
    assert kept(nora)["leg_weakness"] == Answer(absent=AbsentReason.NOT_ASKED)


def test_what_cannot_be_read_comes_back_as_typed_and_the_rest_is_saved(nora: Nurse) -> None:
    answer = nora.answer(age="seventy", leg_weakness="no")
    page = Page(answer.text)
    assert answer.status_code == 422
    assert ("q-age", "seventy") in form_with(page, "Show result").items(multi=True)
    assert "#q-age" in page.links
    assert kept(nora) == {"leg_weakness": NO}
    data = form_with(page, "Show result")
    data["q-age"] = "74"
    assert nora.post("", data).status_code == 303
    assert kept(nora)["age"] == Answer(value=74)


def test_each_answer_says_who_gave_it_when_and_how(nora: Nurse) -> None:
    nora.answer(leg_weakness="no")
    assert "no: Nora Nurse, today 09:00, typed and saved" in nora.page().text


def test_the_sheet_says_where_to_go_on(nora: Nurse) -> None:
    signs = [
        item.link_id for item in shipped.ruleset().items.values() if item.section == "emergency"
    ]
    nora.answer(**dict.fromkeys(signs, "no"))
    page = nora.page()
    assert "#q-fever_chills" in page.links
    assert "Emergency signs all answered" in page.text


def test_the_values_that_call_for_a_question_have_one_order_in_every_process(nora: Nurse) -> None:
    found = [
        values.split() for values in re.findall(r'data-gate-values="([^"]+)"', nora.page().html)
    ]
    assert max(map(len, found)) > 1
    assert found == [sorted(values) for values in found]


def test_a_red_flag_stands_at_the_top_with_its_reason(nora: Nurse) -> None:
    nora.answer(leg_weakness="yes")
    flag = shipped.ruleset().criterion("leg_weakness").say.nurse
    page = nora.page()
    assert page.text.index(flag) < page.text.index("Emergency signs")
    records = nora.client.application.extensions["records"]
    assert find_case(records, nora.actor, nora.case_id).red_flags == ("leg_weakness",)


def test_an_unknown_answer_gets_who_finds_it_out_and_a_day(nora: Nurse) -> None:
    signs = shipped.ruleset().items_of(Tier.EMERGENCY)
    known = dict.fromkeys(signs, "no") | {"leg_weakness": "asked-unknown"}
    nora.answer(**known, imaging_result="temp-unknown")
    records = nora.client.application.extensions["records"]
    chases = open_case(records, nora.actor, nora.case_id).chases
    assert {link: each.owner for link, each in chases.items()} == {
        "leg_weakness": Finder.PATIENT,
        "imaging_result": Finder.REPORT,
    }
    nora.answer(leg_weakness="no")
    assert open_case(records, nora.actor, nora.case_id).chases.keys() == {"imaging_result"}


def test_an_answer_that_is_set_aside_is_shown_and_kept(nora: Nurse) -> None:
    nora.answer(arthritis="yes", arthritis_pain="yes")
    nora.answer(arthritis="no")
    assert kept(nora) == {"arthritis": NO, "arthritis_pain": YES}
    page = nora.page().html
    assert 'row--aside" data-item="arthritis_pain"' in page
    row = page.partition('data-item="arthritis_pain"')[2].partition('class="given"')[0]
    assert "data-aside-open hidden>" in row
    assert "data-aside-kept>" in row
    assert ("q-arthritis_pain", "yes") in nora.sheet().items(multi=True)


def test_two_people_who_answer_different_questions_keep_both(hire: Hire) -> None:
    nora, omar = hire(), hire("Omar Other")
    one, other = nora.sheet(), omar.sheet()
    one["q-leg_weakness"], other["q-fever_chills"] = "no", "yes"
    nora.post("", one)
    answer = omar.post("", other)
    assert answer.status_code == 303
    assert kept(nora) == {"leg_weakness": NO, "fever_chills": YES}
    told = Page(omar.client.get(answer.location).text).text
    assert "New or progressive leg weakness: Nora Nurse changed it from not answered to no" in told


@pytest.fixture
def conflict(hire: Hire) -> tuple[Nurse, Nurse, Page]:
    """Two people answered one question differently; the second sees the page about it."""
    nora, omar = hire(), hire("Omar Other")
    one, other = nora.sheet(), omar.sheet()
    one["q-weight_loss"], one["q-leg_weakness"] = "no", "no"
    other["q-weight_loss"], other["q-fever_chills"] = "yes", "yes"
    nora.post("", one)
    answer = omar.post("", other)
    assert answer.status_code == 409
    return nora, omar, Page(answer.text)


def test_the_second_of_two_sees_both_answers_and_nothing_is_written(
    conflict: tuple[Nurse, Nurse, Page],
) -> None:
    nora, _, page = conflict
    assert "Before: not answered" in page.text
    assert "Theirs: no Nora Nurse, today 09:00, typed and saved" in page.text
    assert "Mine: yes" in page.text
    assert kept(nora)["weight_loss"] == NO
    assert "fever_chills" not in kept(nora)


def test_the_heading_of_two_answers_has_the_focus_until_a_summary_of_errors_takes_it(
    conflict: tuple[Nurse, Nurse, Page],
) -> None:
    _, omar, page = conflict
    assert focused(page) == ["heading"]
    again = Page(omar.post("", form_with(page, "Save these choices")).text)
    assert again.title.startswith("Error: ")
    assert focused(again) == []
    assert "#choice-weight_loss" in again.links
    assert {"error-summary", "choice-weight_loss"} <= set(again.ids)
    assert "There is a problem" in again.text


@pytest.fixture
def two_windows(nora: Nurse) -> Page:
    """One person answered one question differently in two windows."""
    one, other = nora.sheet(), nora.sheet()
    one["q-weight_loss"], other["q-weight_loss"] = "no", "yes"
    nora.post("", one)
    answer = nora.post("", other)
    assert answer.status_code == 409
    return Page(answer.text)


def test_who_differs_from_oneself_is_told_so(nora: Nurse, two_windows: Page) -> None:
    assert two_windows.headings == ["Changed in two windows"]
    assert "you yourself answered the same question differently" in two_windows.text
    assert "In the other window: no you, today 09:00, typed and saved" in two_windows.text
    assert "Here: yes" in two_windows.text
    assert "somebody else" not in two_windows.text
    data = form_with(two_windows, "Save these choices")
    data["choice-weight_loss"] = "mine"
    assert nora.post("", data).status_code == 303
    assert kept(nora) == {"weight_loss": YES}


def test_who_differs_from_oneself_and_from_another_is_told_both(hire: Hire) -> None:
    nora, omar = hire(), hire("Omar Other")
    nora.answer(weight_loss="no")
    other = nora.sheet()
    nora.answer(fever_chills="no")
    omar.answer(weight_loss="")
    other["q-weight_loss"], other["q-fever_chills"] = "yes", "yes"
    page = Page(nora.post("", other).text)
    assert page.headings == ["Changed by two people"]
    assert "somebody else and you yourself answered the same questions" in page.text
    assert "In the other window: no you, today 09:00" in page.text
    assert "Theirs: not answered withdrawn by Omar Other, today 09:00" in page.text


@pytest.mark.parametrize("own", [False, True])
def test_autosave_says_whose_other_answer_it_was(hire: Hire, *, own: bool) -> None:
    nora, omar = hire(), hire("Omar Other")
    data = omar.sheet()
    (omar if own else nora).answer(weight_loss="no")
    data["q-weight_loss"] = "yes"
    words = omar.post("section", data).get_json()["words"]
    assert ("you answered this differently in another window" in words) == own
    assert ("somebody else answered this differently" in words) != own


@pytest.mark.parametrize(("choice", "stands"), [("theirs", NO), ("mine", YES)])
def test_the_choice_stands_and_everything_else_is_kept(
    conflict: tuple[Nurse, Nurse, Page], choice: str, stands: Answer
) -> None:
    _, omar, page = conflict
    data = form_with(page, "Save these choices")
    data["choice-weight_loss"] = choice
    assert omar.post("", data).status_code == 303
    assert kept(omar) == {"weight_loss": stands, "fever_chills": YES, "leg_weakness": NO}


def test_without_a_choice_it_is_asked_for_again_and_nothing_is_lost(
    conflict: tuple[Nurse, Nurse, Page],
) -> None:
    _, omar, page = conflict
    answer = omar.post("", form_with(page, "Save these choices"))
    again = Page(answer.text)
    assert answer.status_code == 409
    assert "Choose which answer to keep" in again.text
    data = form_with(again, "Save these choices")
    data["choice-weight_loss"] = "mine"
    omar.post("", data)
    assert kept(omar)["weight_loss"] == YES
    assert kept(omar)["fever_chills"] == YES


def test_a_conflict_on_the_way_to_the_result_leads_there_after_the_choice(hire: Hire) -> None:
    nora, omar = hire(), hire("Omar Other")
    other = omar.sheet()
    nora.answer(weight_loss="no")
    other["q-weight_loss"] = "yes"
    page = Page(omar.post("assess", other).text)
    data = form_with(page, "Save these choices")
    data["choice-weight_loss"] = "theirs"
    assert omar.client.post(page.forms[-1].action, data=data).location.endswith("/assessments/1")


def test_autosave_tells_the_page_what_it_has_to_know(nora: Nurse) -> None:
    data = nora.sheet()
    data["q-leg_weakness"], data["q-age"] = "yes", "x"
    told = nora.post("section", data).get_json()
    assert told["version"] == 2
    assert [flag["tier"] for flag in told["flags"]] == ["emergency"]
    assert list(told["errors"]) == ["age"]
    assert told["given"]["leg_weakness"].endswith("typed, saved by itself")


def test_autosave_tells_what_others_changed_meanwhile(hire: Hire) -> None:
    nora, omar = hire(), hire("Omar Other")
    data = omar.sheet()
    nora.answer(leg_weakness="no")
    data["q-fever_chills"] = "no"
    (merged,) = omar.post("section", data).get_json()["merged"]
    assert merged["item"] == "leg_weakness"
    assert merged["fields"] == {"q-leg_weakness": ["no"]}
    assert "Nora Nurse changed it from not answered to no" in merged["words"]


def test_autosave_refuses_a_conflict_in_words(hire: Hire) -> None:
    nora, omar = hire(), hire("Omar Other")
    data = omar.sheet()
    nora.answer(weight_loss="no")
    data["q-weight_loss"] = "yes"
    answer = omar.post("section", data)
    assert answer.status_code == 409
    assert "Unexplained weight loss" in answer.get_json()["words"]


@pytest.mark.parametrize("way", ["", "section", "assess", "missing"])
@pytest.mark.parametrize("broken", [{"version": "x"}, {"version": "9" * 12}, {"version": ""}])
def test_a_form_that_is_none_of_ours_is_refused(
    nora: Nurse, way: str, broken: dict[str, str]
) -> None:
    data = nora.sheet()
    ((name, text),) = broken.items()
    data[name] = text
    assert nora.post(way, data).status_code == 400


def test_an_auditor_reads_the_answers_and_changes_nothing(hire: Hire) -> None:
    hire().answer(leg_weakness="no")
    auditor = hire("Ada Auditor", Role.AUDITOR)
    page = auditor.page()
    assert "New or progressive leg weakness no: Nora Nurse" in page.text
    assert "Save" not in page.text
    assert auditor.post("", {}).status_code == 403


def test_a_closed_case_is_read_only(app: Flask, nora: Nurse) -> None:
    data = nora.sheet()
    close_case(
        open_case(app.extensions["records"], nora.actor, nora.case_id),
        1,
        shipped.ruleset(),
        uuid4().hex,
    )
    assert "Show result" not in nora.page().text
    assert nora.post("", data).status_code == 409


def test_a_case_of_another_site_does_not_exist(app: Flask, nora: Nurse) -> None:
    stranger = Nurse(nora.client, nora.actor, "0" * 32)
    for way in ("", "history", "missing", "assessments/", "assessments/1", "assessments/1/letter"):
        assert stranger.get(way).status_code == 404


def test_no_result_is_made_where_something_cannot_be_read(app: Flask, nora: Nurse) -> None:
    assert nora.answer("assess", age="x").status_code == 422
    assert open_case(app.extensions["records"], nora.actor, nora.case_id).assessments == ()


@pytest.mark.parametrize("text", ["٧٨", "७८", "７８", "\u200f٧٨\u200f"])  # noqa: RUF001 - digits of other scripts
def test_a_number_is_read_in_the_digits_of_any_script(nora: Nurse, text: str) -> None:
    sheet = nora.sheet()
    sheet["q-age"] = text
    assert nora.post("", sheet).status_code == 303
    assert nora.sheet()["q-age"] == "78"


@pytest.mark.parametrize("text", ["7²", "⑦", "½", "七十八", "٧٨٫٥", "٧ ٨"])  # noqa: RUF001 - digits of other scripts
def test_what_is_no_whole_number_in_any_script_is_refused(nora: Nurse, text: str) -> None:
    sheet = nora.sheet()
    sheet["q-age"] = text
    answer = nora.post("", sheet)
    assert answer.status_code == 422
    assert "Enter a whole number" in answer.text
