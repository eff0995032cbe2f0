"""The question for the scan report: its place, the travels of its answer, what follows from it."""

import re
from collections.abc import Callable, Mapping

import pytest
from flask import Flask
from flask.testing import FlaskClient
from support.pages.page_reader import Page
from support.people.typed_answers import typed
from support.rulesets import shipped
from support.rulesets.builders import UNKNOWN, given

from screening.core.rules.patient_path import REPORT
from screening.core.values.answer import Answer
from screening.web import create_app

Answers = Mapping[str, Answer]
Walk = Callable[..., list[Page]]
Press = Callable[..., Page]
Result = Callable[..., Page]

ASKED = "Do you have the report of your scan, or a letter about it, with you now?"
SHOW = "Show my sheet for the doctor"
TOGETHER = "What a scan report or a doctor can tell"
BREAK, NO_SCAN = Answer(value="shows_fracture"), Answer(value="not_done")
NEEDS_REPORT = ("spine_unstable", "cord_compression", "canal_fragment", "imaging_kind")


def asked(link_id: str) -> str:
    return shipped.ruleset().items[link_id].ask.patient


def at_report(walk: Walk) -> Page:
    return next(p for p in walk(shipped.favourable(), "no") if p.hidden("at") == [REPORT])


def change(press: Press, check: Page, question: str) -> Page:
    return press(check, f"Change your answer: {question}")


def test_it_comes_right_after_the_scan_and_is_a_question_like_others(walk: Walk) -> None:
    pages = walk(shipped.favourable(), "no")
    place = next(n for n, page in enumerate(pages) if page.hidden("at") == [REPORT])
    page = pages[place]
    assert pages[place - 1].hidden("at") == ["imaging_result"]
    assert pages[place + 1].hidden("at") == ["fever_chills"]
    assert page.headings == [ASKED]
    assert "Section 2: Your scan" in page.text
    assert page.names.count("report") == 3
    assert " checked>" not in page.html
    assert "I do not know" in page.text
    assert "Why we ask" in page.text


def test_an_empty_answer_is_asked_for_again(press: Press, walk: Walk) -> None:
    again = press(at_report(walk), "Continue")
    assert again.title.startswith("Error: ")
    assert "#report" in again.links


def test_an_answer_that_is_not_on_the_page_is_refused(client: FlaskClient, walk: Walk) -> None:
    address, data = at_report(walk).press("Continue")
    data["report"] = "perhaps"
    answer = client.post(address, data=data)
    assert answer.status_code == 422
    assert "Choose one of the answers on the page" in answer.text


def test_back_leads_through_it_in_both_directions(press: Press, walk: Walk) -> None:
    after = press(at_report(walk), "Continue", report="no")
    assert after.hidden("at") == ["fever_chills"]
    back = press(after, "Back")
    assert back.hidden("at") == [REPORT]
    assert ("report", "no") in back.form.fields
    before = press(back, "Back")
    assert before.hidden("at") == ["imaging_result"]
    assert before.hidden("report") == ["no"]
    assert press(before, "Continue").hidden("at") == [REPORT]


def test_the_answer_travels_on_every_page_and_beside_an_alarm(walk: Walk, press: Press) -> None:
    weak = {**shipped.favourable(), **given(leg_weakness=True)}
    pages = walk(weak, "no")
    place = next(n for n, page in enumerate(pages) if page.hidden("at") == [REPORT])
    for page in pages[place + 1 :]:
        for form in page.forms:
            assert [value for name, value in form.fields if name == "report"] == ["no"]
    result = press(pages[-1], SHOW)
    assert all(("report", "no") in form.fields for form in result.forms)


@pytest.mark.parametrize("answer", ["no", "asked-unknown"])
def test_without_the_report_its_questions_are_not_put(walk: Walk, answer: str) -> None:
    pages = walk(shipped.favourable(), answer)
    put = {at for page in pages for at in page.hidden("at")}
    assert put.isdisjoint(NEEDS_REPORT)
    with_report = {at for page in walk(shipped.favourable(), "yes") for at in page.hidden("at")}
    assert with_report.issuperset(NEEDS_REPORT)


def test_the_page_to_check_shows_it_with_change_and_says_what_was_not_asked(
    walk: Walk, press: Press
) -> None:
    check = walk(shipped.favourable(), "no")[-1]
    assert f"{ASKED} no Change" in check.text
    left_out = check.text.partition("What we did not ask")[2]
    said = left_out.partition("can no longer change your sheet")[0]
    assert "A scan report or a doctor can answer some of them." in said
    assert all(asked(link_id) in said for link_id in NEEDS_REPORT)
    question = change(press, check, ASKED)
    assert question.hidden("at") == [REPORT]
    assert press(question, "Back to your answers").headings[0] == "Check your answers"


def test_questions_that_the_report_opens_are_asked_before_the_page_to_check(
    walk: Walk, press: Press
) -> None:
    check = walk(shipped.favourable(), "no")[-1]
    page = press(change(press, check, ASKED), "Continue", report="yes")
    opened = []
    while "Continue" in page.form.buttons:
        (at,) = page.hidden("at")
        opened.append(at)
        page = press(page, "Continue", {at: UNKNOWN})
    assert set(opened).issuperset(NEEDS_REPORT)
    assert page.headings == ["Check your answers"]
    assert "A scan report or a doctor" not in page.text


def test_a_scan_that_shows_a_break_after_all_opens_its_questions(walk: Walk, press: Press) -> None:
    check = walk({**shipped.favourable(), "imaging_result": NO_SCAN})[-1]
    assert ASKED not in check.text
    only = check.text.partition("no scan has shown a break so far as you know")[2]
    assert asked("onset_date") in only
    page = change(press, check, asked("imaging_result"))
    page = press(page, "Continue", {"imaging_result": BREAK})
    assert page.hidden("at") == [REPORT]
    page = press(page, "Continue", report="no")
    opened = []
    while "Continue" in page.form.buttons:
        (at,) = page.hidden("at")
        opened.append(at)
        page = press(page, "Continue", {at: UNKNOWN})
    assert opened == ["onset_date", "cause", "function_limited", "care_bracing", "blood_thinners"]
    assert page.headings == ["Check your answers"]


def test_a_break_that_is_taken_back_keeps_every_answer_in_sight(walk: Walk, press: Press) -> None:
    check = walk(shipped.favourable(), "yes")[-1]
    page = change(press, check, asked("imaging_result"))
    page = press(page, "Continue", {"imaging_result": NO_SCAN})
    assert page.headings == ["Check your answers"]
    assert asked("onset_date") in page.text.partition("What we did not ask")[0]


def test_the_sheet_comes_only_after_it(client: FlaskClient) -> None:
    data = typed(shipped.ruleset(), shipped.favourable())
    page = Page(client.post("/patient/result", data=data).text)
    assert page.headings == [ASKED]
    assert "One of your answers leads to this question." in page.text


@pytest.mark.parametrize("imaging", [NO_SCAN, UNKNOWN, BREAK], ids=str)
def test_a_warning_sign_that_was_not_asked_is_found_out_together(
    walk: Walk, press: Press, imaging: Answer
) -> None:
    check = walk({**shipped.favourable(), "imaging_result": imaging}, "no")[-1]
    sheet = press(press(check, SHOW), "Skip")
    for reproach in ("not answered", "no answer", "did not know", "still open"):
        if imaging.known or reproach != "did not know":
            assert reproach not in sheet.text
    together = sheet.text.partition(TOGETHER)[2].partition("What my doctor said")[0]
    for link_id in ("spine_unstable", "cord_compression", "canal_fragment"):
        assert sheet.text.count(asked(link_id)) == 1
        assert asked(link_id) in together
    assert "Things to tell a doctor or nurse this week" not in sheet.text


def test_what_somebody_did_not_know_is_told_from_what_was_not_asked(
    patient_result: Result,
) -> None:
    sheet = patient_result({**shipped.favourable(), "canal_fragment": UNKNOWN})
    assert TOGETHER not in sheet.text
    assert "What I am not sure about:" in sheet.text


def test_an_alarm_comes_at_once_and_leads_back_to_the_way(walk: Walk, press: Press) -> None:
    pages = walk({**shipped.favourable(), **given(deficit_found=True)}, "no")
    place = next(n for n, page in enumerate(pages) if page.hidden("at") == ["deficit_found"])
    assert pages[place + 1].headings == ["Get help now"]
    assert pages[place + 2].hidden("at") == ["imaging_result"]


def test_a_form_without_its_token_gives_the_answer_back() -> None:
    client = create_app(shipped.ruleset(), TODAY=shipped.as_of).test_client()
    data = {"q-imaging_result": "shows_fracture", "report": "yes", "at": REPORT}
    page = Page(client.post("/patient/question", data=data).text)
    assert ("report", "yes") in page.form.fields


def test_a_forged_place_is_no_failure(client: FlaskClient, app: Flask) -> None:
    for data in ({"at": REPORT}, {"change": REPORT}, {"at": REPORT, "action": "back"}):
        for report in ("", "yes", "x" * 9000):
            answer = client.post("/patient/question", data={**data, "report": report})
            assert answer.status_code in {200, 422}
    assert not re.search("report=", str(answer.headers))
