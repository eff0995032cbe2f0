"""A call: all that one finder is asked, a message to copy, and what came of it."""

import datetime as dt
import re
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from flask import Flask
from playwright.sync_api import Page as BrowserPage
from support.pages.page_reader import Page
from support.people.case_people import Nurse, assessed, form_with, row_of
from werkzeug.datastructures import MultiDict
from werkzeug.test import TestResponse

from screening.core.rules.item import Finder
from screening.records.access import Role
from screening.records.case.case_view import open_case
from screening.records.casework.calls import Call, CallOutcome, last_call
from screening.records.ledger.records import Records
from screening.web.case.due_days import within_window
from screening.words.shared.days import words_of_day

WAY = "call?finder=patient"
SIGN = "Saddle numbness"
UNREAD = "Write a full date with the year in four digits"


@pytest.fixture
def asking(nora: Nurse) -> Nurse:
    """Somebody whose case has a result, and needs two answers from the patient."""
    return assessed(nora, fever_chills="asked-unknown", pain_severity="asked-unknown")


@pytest.fixture
def unsure(nora: Nurse) -> Nurse:
    """The same, and one of them is an emergency sign."""
    return assessed(nora, saddle_numbness="asked-unknown", fever_chills="asked-unknown")


def records_of(nurse: Nurse) -> Records:
    found: Records = nurse.client.application.extensions["records"]
    return found


def call_form(nurse: Nurse, button: str = "Asked today", **changes: str) -> MultiDict[str, str]:
    page = nurse.page(WAY)
    name = next(each for form in page.forms for each in form.buttons if each.startswith(button))
    data = form_with(page, name)
    for key, text in changes.items():
        data[key] = text
    return data


def call(nurse: Nurse, button: str = "Asked today", **changes: str) -> TestResponse:
    return nurse.post("call", call_form(nurse, button, **changes))


def dues(nurse: Nurse) -> dict[str, dt.date]:
    view = open_case(records_of(nurse), nurse.actor, nurse.case_id)
    return {link: each.due for link, each in view.chases.items()}


def test_no_message_names_the_hospital_number(asking: Nurse) -> None:
    form = form_with(asking.page("referral"), "Save")
    form["hospital_number"] = "H-4711"
    assert asking.post("referral", form).status_code == 303
    for finder in Finder:
        html = asking.get(f"call?finder={finder.value}").text
        messages = re.findall("<textarea.*?</textarea>", html, re.DOTALL)
        assert "H-4711" not in "".join(messages)
        assert messages or finder is not Finder.PATIENT


def test_a_call_is_one_row_of_the_list_with_its_message(asking: Nurse) -> None:
    row = row_of(asking, "chase")
    for words in (
        "Fever or chills",
        "Severity of the pain",
        "Have you had a fever or shivering chills lately?",
    ):
        assert words in row
    assert "Asked today" in row
    assert "No reply" in row


def test_the_case_leads_to_its_calls(asking: Nurse) -> None:
    page = asking.page("missing")
    assert f"/case/{asking.case_id}/{WAY}" in page.links
    assert "the patient (2 questions)" in page.text
    assert asking.page(WAY).headings[0].startswith("Find out from the patient")


@pytest.mark.parametrize(
    ("button", "outcome"), [("Asked today", CallOutcome.ASKED), ("No reply", CallOutcome.NO_REPLY)]
)
def test_what_came_of_it_is_recorded_with_a_note_and_the_next_day(
    asking: Nurse, button: str, outcome: CallOutcome
) -> None:
    day = records_of(asking).now().date() + dt.timedelta(days=3)
    answer = call(asking, button, note="after three", next_day=day.isoformat())
    assert answer.headers["Location"].endswith(f"/case/{asking.case_id}/missing")
    found = last_call(open_case(records_of(asking), asking.actor, asking.case_id), Finder.PATIENT)
    assert isinstance(found, Call)
    assert (found.outcome, found.note, found.next_day) == (outcome, "after three", day)
    assert set(dues(asking).values()) == {day}
    row = row_of(asking, "chase")
    assert "after three" in row
    assert "due in 3 days" in row


def test_from_the_list_it_leads_back_to_the_list(asking: Nurse) -> None:
    form = call_form(asking)
    form.update({"back": "list", "owner": "patient", "page": "2"})
    location = asking.post("call", form).headers["Location"]
    assert location.endswith("/worklist/chase?owner=patient&page=2")


def test_an_emergency_sign_is_on_top_and_stays_due(unsure: Nurse) -> None:
    today = records_of(unsure).now().date()
    page = Page(unsure.client.get("/worklist/chase").text)
    handovers = "Emergencies to hand over now"  # of other cases, if there are some
    first = next(each for each in page.headings_of("h2") if each != handovers)
    assert first == "Emergency signs to ask about now"
    far = today + dt.timedelta(days=9)
    assert call(unsure, next_day=far.isoformat()).status_code == 303
    assert dues(unsure) == {"saddle_numbness": today, "fever_chills": far}
    text = unsure.client.get("/worklist/chase").text
    assert text.index("Emergency signs to ask about now") < text.index(unsure.case_id)
    assert SIGN in row_of(unsure, "chase")


def test_no_reply_about_an_emergency_sign_says_to_tell_somebody_now(unsure: Nurse) -> None:
    call(unsure, "No reply")
    text = unsure.page("missing").text
    assert f"{SIGN}. Do not wait. Tell a clinician who can act on it now" in text
    assert "Tell a clinician now" in row_of(unsure, "chase")


def test_a_call_about_signs_alone_has_no_next_day(nora: Nurse) -> None:
    unsure = assessed(nora, saddle_numbness="asked-unknown")
    form = call_form(unsure)
    assert "next_day" not in form
    assert unsure.post("call", form).status_code == 303


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        (
            {"next_day": "2020-01-01"},
            "Enter a due date between today and two years from now, such as 27 March 2026",
        ),
        *(
            ({"next_day": unread}, f"{UNREAD}, such as 27 March 2026")
            for unread in ("soon", "3/12/26", "2027")
        ),
        ({"next_day": "1/12/2026"}, "can mean 1 December 2026 or 12 January 2026"),
        ({"next_day": "31 November 2026"}, "31 November 2026 does not exist; November has 30"),
        ({"next_day": ""}, "Enter a due date between today and two years from now"),
        ({"note": "x" * 301}, "Enter at most 300 characters"),
        ({"outcome": "answered"}, "Choose “Asked today” or “No reply”"),
    ],
)
def test_what_cannot_be_kept_is_said_and_nothing_typed_is_lost(
    asking: Nurse, changes: dict[str, str], words: str
) -> None:
    before = dues(asking)
    answer = call(asking, **({"note": "after three"} | changes))
    assert answer.status_code == 422
    page = Page(answer.text)
    assert words in page.text
    assert changes.get("note", "after three") in answer.text
    assert page.title.startswith("Error: ")
    assert dues(asking) == before


@pytest.fixture
def closing(nora: Nurse) -> tuple[Nurse, dt.date]:
    """Somebody whose case needs an answer before its time window ends, and that last day."""
    asking = assessed(nora, fever_chills="asked-unknown")
    closes = open_case(records_of(asking), asking.actor, asking.case_id).case.closes
    assert closes
    return asking, closes


def test_a_call_is_not_put_off_beyond_the_time_window(closing: tuple[Nurse, dt.date]) -> None:
    asking, last = closing
    before = dues(asking)
    late = call(asking, next_day=(last + dt.timedelta(days=1)).isoformat(), note="after three")
    assert late.status_code == 422
    assert f"The time window ends on {words_of_day(last)}" in Page(late.text).text
    assert "after three" in late.text
    assert dues(asking) == before
    assert call(asking, next_day=last.isoformat()).status_code == 303
    assert dues(asking) == {"fever_chills": last}


def test_the_usual_due_date_is_within_the_time_window(closing: tuple[Nurse, dt.date]) -> None:
    asking, last = closing
    case = open_case(records_of(asking), asking.actor, asking.case_id).case
    week = dt.timedelta(days=7)
    for today, usual in (
        (last - 2 * week, last - week),
        (last - dt.timedelta(days=1), last),
        (last, last),
        (last + dt.timedelta(days=1), last + dt.timedelta(days=8)),
    ):
        assert within_window(case, today + week, today) == usual


@pytest.mark.parametrize("due", ["", "soon", "later"])
def test_an_emergency_sign_is_not_put_off_by_hand(unsure: Nurse, due: str) -> None:
    before = dues(unsure)
    form = form_with(unsure.page("missing"), "Save")
    later = dues(unsure)["saddle_numbness"] + dt.timedelta(days=1)
    form["due-saddle_numbness"] = later.isoformat() if due == "later" else due
    answer = unsure.post("missing", form)
    assert answer.status_code == 422
    assert "and cannot be put off. Enter today's date, " in Page(answer.text).text
    assert dues(unsure) == before
    form = form_with(unsure.page("missing"), "Save")
    form["owner-saddle_numbness"] = "clinician"
    assert unsure.post("missing", form).status_code == 303
    assert dues(unsure) == before


def test_a_day_with_two_meanings_is_asked_about(asking: Nurse) -> None:
    assert "can mean" in Page(call(asking, next_day="3/12/2026").text).text


def test_a_case_that_changed_meanwhile_is_looked_at_first(asking: Nurse) -> None:
    form = call_form(asking, note="after three")
    asking.answer(cause="")
    answer = asking.post("call", form)
    assert answer.status_code == 409
    assert "This case has changed since you opened the page" in answer.text
    assert "after three" in answer.text
    again = form_with(Page(answer.text), next(iter(Page(answer.text).forms[-1].buttons)))
    assert asking.post("call", again).status_code == 303


def test_a_call_with_nothing_left_to_ask_is_not_recorded(asking: Nurse) -> None:
    form = call_form(asking)
    asking.answer(fever_chills="no", pain_severity="severe")
    assert asking.post("call", form).status_code == 303
    assert "There is nothing left to ask" in asking.page("missing").text
    assert asking.get(WAY).status_code == 303


def test_a_form_without_a_finder_is_not_ours(asking: Nurse) -> None:
    form = call_form(asking)
    form["finder"] = "nobody"
    assert asking.post("call", form).status_code == 404


def test_a_message_holds_nothing_of_another_case_and_no_answer(asking: Nurse) -> None:
    page = asking.get(WAY).text
    message = page[page.index("<textarea") : page.index("</textarea>")]
    referral = open_case(records_of(asking), asking.actor, asking.case_id).case.referral
    assert referral.reference in message
    assert referral.person not in message
    assert str(referral.birth_year) not in message


def test_auditors_see_the_list_and_record_nothing(app: Flask, asking: Nurse, hire: object) -> None:
    auditor = hire("Ada Auditor", Role.AUDITOR)  # type: ignore[operator]
    row = row_of(auditor, "chase")
    assert "Severity of the pain" in row
    assert "Asked today" not in row


def test_what_cannot_change_the_result_any_more_is_on_no_list_until_it_can(nora: Nurse) -> None:
    asking = assessed(nora, pain_severity="asked-unknown", fever_chills="asked-unknown")
    before = set(dues(asking))
    asking.answer(pregnancy="yes")
    assert before == {"pain_severity", "fever_chills"}
    assert set(dues(asking)) == {"fever_chills"}  # a warning sign is asked about all the same
    assert "Severity of the pain" not in row_of(asking, "chase")
    line = asking.get("missing").text
    assert 'name="due-pain_severity"' not in line
    asking.answer(pregnancy="no")
    assert set(dues(asking)) == before


def test_showing_a_result_takes_what_cannot_change_it_off_the_list(nora: Nurse) -> None:
    asking = assessed(nora, pain_severity="asked-unknown")
    asking.answer("assess", pregnancy="yes")
    assert "pain_severity" not in dues(asking)
    asking.answer(pregnancy="no")
    assert "pain_severity" in dues(asking)


@pytest.mark.parametrize("way", [WAY, "../../worklist/chase"])
def test_axe_finds_nothing_and_nothing_is_wider_than_a_phone(
    unsure: Nurse, look: Callable[..., BrowserPage], way: str
) -> None:
    page = look(unsure, way)
    for details in page.locator(".call-details summary").all():
        details.click()
    page.get_by_label("Message to copy").first.wait_for()
    wide = violations(page)
    page.set_viewport_size({"width": 360, "height": 740})
    assert (wide, violations(page)) == ([], [])
    assert page.evaluate("document.documentElement.scrollWidth") <= 360


def violations(page: BrowserPage) -> list[str]:
    found: list[dict[str, Any]] = Axe().run(page).response["violations"]
    return [f"{each['id']}: {node['html'][:200]}" for each in found for node in each["nodes"]]


def test_every_page_is_valid_html(
    unsure: Nurse, html_problems: Callable[[Mapping[str, str]], list[str]]
) -> None:
    pages = {"call": unsure.get(WAY), "list": unsure.client.get("/worklist/chase")}
    pages["error"] = call(unsure, next_day="soon")
    call(unsure, "No reply", note="after three")
    pages["again"], pages["history"] = unsure.get(WAY), unsure.get("history")
    assert html_problems({name: each.text for name, each in pages.items()}) == []


def test_the_message_is_copied_by_its_button(
    unsure: Nurse, look: Callable[..., BrowserPage]
) -> None:
    page = look(unsure, WAY, permissions=["clipboard-read", "clipboard-write"])
    page.get_by_role("button", name="Copy the message").click()
    page.get_by_text("Copied", exact=True).wait_for()
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied == page.get_by_label("Message to copy").input_value()


def test_a_call_is_recorded_by_keyboard_and_without_scripts(
    unsure: Nurse, look: Callable[..., BrowserPage]
) -> None:
    page = look(unsure, "../../worklist/chase", java_script_enabled=False)
    mine = page.locator("tr", has=page.locator(f"a[href*='{unsure.case_id}']")).first
    mine.locator(".call-details summary").focus()
    page.keyboard.press("Enter")
    mine.get_by_label("Note").focus()
    page.keyboard.type("phoned")
    mine.get_by_role("button", name="No reply").focus()
    page.keyboard.press("Enter")
    page.get_by_text("No reply about an emergency sign").wait_for()
    assert "phoned" in row_of(unsure, "chase")


def test_a_due_date_that_cannot_be_read_is_not_called_too_early_or_too_late(asking: Nurse) -> None:
    form = form_with(asking.page("missing"), "Save")
    form["due-fever_chills"] = "3/12/26"
    answer = asking.post("missing", form)
    assert answer.status_code == 422
    assert UNREAD in Page(answer.text).text
    assert "two years from now" not in answer.text
    form["due-fever_chills"] = "3 December 2126"
    assert "two years from now" in asking.post("missing", form).text
