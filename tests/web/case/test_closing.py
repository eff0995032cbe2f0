"""A case is closed and opened again on its pages: nothing is deleted, and nobody works on it."""

from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import select
from support.pages.page_reader import Page
from support.people import worklist_people
from support.people.case_people import Nurse, assessed, form_with
from support.people.visitor import focused
from support.people.web_people import add_site
from support.people.worklist_people import person, signed_in
from werkzeug.test import TestResponse

from screening.core.rules.item import Finder
from screening.records.access import Role
from screening.records.case.case_rows import State
from screening.records.case.case_view import open_case
from screening.records.case.chase_rows import Chase
from screening.records.casework.cases import find_case
from screening.records.casework.chases import set_chases
from screening.records.casework.emergency_access import EmergencyRequest, open_emergency_access
from screening.records.ledger.events import EventKind
from screening.records.ledger.records import Records
from screening.records.storage.tables import EventRow

Hire = Callable[..., Nurse]
CLOSE, OPEN_AGAIN, SAVE = "Close the case", "Reopen", "Save what I typed"
BANNER = "This case is closed"


def records_of(nurse: Nurse) -> Records:
    found: Records = nurse.client.application.extensions["records"]
    return found


def state(nurse: Nurse) -> State:
    return find_case(records_of(nurse), nurse.actor, nurse.case_id).state


def press(nurse: Nurse, page: Page, button: str) -> TestResponse:
    """Press a button of a page; gives where that leads."""
    (form,) = (each for each in page.forms if button in each.buttons)
    answer = nurse.client.post(form.action, data=form_with(page, button))
    return nurse.client.get(answer.location) if answer.status_code == 303 else answer


def closed(nurse: Nurse) -> Page:
    """The case after it was closed."""
    return Page(press(nurse, nurse.page("close"), CLOSE).text)


def events(nurse: Nurse, kind: EventKind) -> int:
    query = select(EventRow).where(EventRow.case_id == nurse.case_id, EventRow.kind == kind.value)
    with records_of(nurse).database.reading() as session:
        return len(session.scalars(query).all())


def test_a_case_is_closed_by_a_link_and_a_press(nora: Nurse) -> None:
    assert f"/case/{nora.case_id}/close" in nora.page().links
    assert "Nothing is deleted" in nora.page("close").text
    page = closed(nora)
    assert BANNER in page.text
    assert "Closed today 09:00 by Nora Nurse" in page.text
    assert "Show result" not in page.text
    assert f"/case/{nora.case_id}/close" not in page.links
    assert state(nora) is State.CLOSED
    assert nora.case_id not in nora.client.get("/worklist/").text
    assert nora.case_id in nora.client.get("/worklist/?state=closed").text


def test_every_page_of_a_closed_case_says_so(nora: Nurse) -> None:
    nora.answer("assess", leg_weakness="no")
    closed(nora)
    for way in ("", "missing", "history", "assessments/", "assessments/1"):
        page = nora.page(way)
        assert BANNER in page.headings_of("h2"), way
        assert any(OPEN_AGAIN in form.buttons for form in page.forms), way
    assert nora.get("close").location == f"/case/{nora.case_id}/"


def test_a_closed_case_is_opened_again_as_it_was(nora: Nurse) -> None:
    nora.answer(leg_weakness="no")
    page = Page(press(nora, closed(nora), OPEN_AGAIN).text)
    assert "The case is open again" in page.text
    assert BANNER not in page.text
    assert "Show result" in page.text
    assert state(nora) is State.SCREENING


def test_an_auditor_reads_a_closed_case_and_opens_none(hire: Hire) -> None:
    nora, auditor = hire(), hire("Ada Auditor", Role.AUDITOR)
    assert f"/case/{nora.case_id}/close" not in auditor.page().links
    page = closed(nora)
    form = form_with(page, OPEN_AGAIN)
    seen = auditor.page()
    assert BANNER in seen.text
    assert OPEN_AGAIN not in seen.text
    for way, data in (("reopen", form), ("close", form)):
        assert auditor.post(way, data).status_code == 403
    assert state(nora) is State.CLOSED


def test_who_reads_a_case_of_another_site_in_an_emergency_opens_none_again(
    app: Flask, nora: Nurse
) -> None:
    records = records_of(nora)
    actor = person(records, Role.NURSE, sites=[add_site(records, "South")], name="Sue South")
    sue = Nurse(signed_in(app, actor), actor, nora.case_id)
    reference = worklist_people.referral().reference
    wanted = EmergencyRequest(reference=reference, reason="patient-here", note="She fell at home")
    open_emergency_access(records, actor, wanted, "emergency-0001")
    assert "Close this case" not in sue.page().text
    assert sue.get("close").location == f"/case/{nora.case_id}/"
    form = form_with(closed(nora), OPEN_AGAIN)
    seen = sue.page()
    assert BANNER in seen.text
    assert OPEN_AGAIN not in seen.text
    form["csrf_token"] = dict(seen.forms[0].fields)["csrf_token"]
    for way in ("close", "reopen"):
        assert sue.post(way, form).status_code == 404
    assert state(nora) is State.CLOSED


@pytest.mark.parametrize("own", [False, True])
def test_what_was_changed_meanwhile_is_looked_at_first(hire: Hire, *, own: bool) -> None:
    nora, omar = hire(), hire("Omar Other")
    page = omar.page("close")
    (omar if own else nora).answer(fever_chills="yes")
    answer = press(omar, page, CLOSE)
    assert answer.status_code == 409
    again = Page(answer.text)
    assert "It is not closed yet: the case has changed since you opened this page" in again.text
    assert f"by {'you, in another window' if own else 'Nora Nurse'}" in again.text
    assert "Fever or chills" in again.text  # the red flag that is new
    assert state(omar) is State.SCREENING
    press(omar, again, CLOSE)
    assert state(omar) is State.CLOSED


def test_a_double_click_closes_once_and_opens_once(nora: Nurse) -> None:
    page = nora.page("close")
    first, second = press(nora, page, CLOSE), press(nora, page, CLOSE)
    assert [Page(each.text).headings_of("h2")[0] for each in (first, second)] == [BANNER] * 2
    assert events(nora, EventKind.CASE_CLOSED) == 1
    page = nora.page()
    data = form_with(page, OPEN_AGAIN)
    for _ in range(2):
        assert nora.post("reopen", data).status_code == 303
    assert nora.page().text.count("The case is open again") == 1
    assert events(nora, EventKind.CASE_REOPENED) == 1
    assert state(nora) is State.NEW


def test_two_people_who_close_and_open_see_how_it_came_out(hire: Hire) -> None:
    nora, omar = hire(), hire("Omar Other")
    page = omar.page("close")
    closed(nora)
    after = press(omar, page, CLOSE)
    assert after.status_code == 200
    assert "Closed today 09:00 by Nora Nurse" in Page(after.text).text
    form = form_with(Page(after.text), OPEN_AGAIN)
    press(nora, nora.page(), OPEN_AGAIN)
    omar.post("reopen", form)
    page = omar.page()
    assert "This case has changed since you opened the page" in page.text
    assert BANNER not in page.text
    assert events(nora, EventKind.CASE_REOPENED) == 1


@pytest.mark.parametrize("broken", [{"version": "x"}, {"version": ""}, {"once": "?"}])
def test_a_form_that_is_broken_closes_nothing(nora: Nurse, broken: dict[str, str]) -> None:
    data = form_with(nora.page("close"), CLOSE)
    ((name, text),) = broken.items()
    data[name] = text
    assert nora.post("close", data).status_code == 400
    assert "Closed today" not in nora.page().text


def test_what_a_closed_case_waits_for_is_chased_by_nobody(nora: Nurse) -> None:
    records = records_of(nora)
    yesterday = records.now().date().replace(day=1)
    chase = Chase(link_id="levels", owner=Finder.REPORT, due=yesterday)
    set_chases(open_case(records, nora.actor, nora.case_id), 1, {"levels": chase}, "chase-0001")
    assert "One answer is still to be found out" in nora.page("close").text
    assert nora.case_id in nora.client.get("/worklist/chase").text
    page = closed(nora)
    assert "waits for" not in page.text
    assert "overdue" not in page.text
    assert nora.case_id not in nora.client.get("/worklist/chase").text
    line = nora.client.get("/worklist/?state=closed").text.partition(nora.case_id)[2]
    assert "overdue by" not in line.partition("</tr>")[0]
    press(nora, nora.page(), OPEN_AGAIN)
    assert nora.case_id in nora.client.get("/worklist/chase").text


def test_the_heading_has_the_focus_where_a_case_changed_or_was_closed_meanwhile(
    nora: Nurse,
) -> None:
    form, sheet = form_with(nora.page("close"), CLOSE), nora.sheet()
    assert focused(nora.page("close")) == []
    nora.answer(weight_loss="no")
    assert focused(Page(nora.post("close", form).text)) == ["heading"]
    referral = form_with(nora.page("referral"), "Save")
    closed(nora)
    sheet["q-weight_loss"] = "yes"
    assert focused(Page(nora.post("", sheet).text)) == ["heading"]
    referral["clinic"] = "Another"
    assert focused(Page(nora.post("referral", referral).text)) == ["heading"]


@pytest.mark.parametrize("way", ["", "assess"])
def test_who_typed_nothing_while_another_closed_it_has_nothing_to_save(
    hire: Hire, way: str
) -> None:
    nora, omar = hire(), hire("Omar Other")
    sheet = omar.sheet()
    closed(nora)
    page = Page(omar.post(way, sheet).text)
    assert "Nothing you typed differs" in page.text
    assert SAVE not in [each for form in page.forms for each in form.buttons]


@pytest.mark.parametrize("way", ["", "assess"])
def test_what_was_typed_while_another_closed_it_is_kept_and_saved(hire: Hire, way: str) -> None:
    nora, omar = hire(), hire("Omar Other")
    sheet = omar.sheet()
    sheet["q-leg_weakness"] = "no"
    closed(nora)
    answer = omar.post(way, sheet)
    assert answer.status_code == 409
    page = Page(answer.text)
    assert "Not saved: Nora Nurse closed this case today 09:00" in page.text
    assert press(omar, page, SAVE).status_code == 409  # it is still closed
    press(omar, page, "Reopen (in a new tab)")
    saved = Page(press(omar, page, SAVE).text)
    assert "New or progressive leg weakness" in omar.page("history").text
    assert (saved.headings[0].startswith("Answers")) == (way == "")


def test_more_that_was_asked_for_is_a_decision_too(nora: Nurse) -> None:
    undecided = "No decision has been recorded"
    asked = assessed(nora, fever_chills="")
    assert undecided in asked.page("close").text
    data = form_with(asked.page("assessments/1"), "Record the decision")
    data["choice"] = "ask-more:answers-missing"
    assert asked.post("assessments/1/review", data).status_code == 303
    assert undecided not in asked.page("close").text
