"""A case is assigned on its page, and found under Mine."""

import re
from collections.abc import Callable

from support.casework.case_writes import once
from support.pages.page_reader import Page
from support.people.case_people import Nurse, form_with, row_of
from support.rulesets import shipped
from werkzeug.test import TestResponse

from screening.records.case.case_view import open_case
from screening.records.casework.cases import close_case

Hire = Callable[..., Nurse]


def send(nurse: Nurse, page: Page, button: str, **fields: str) -> TestResponse:
    """Press a button of the form with other values; gives where that leads."""
    data = form_with(page, button)
    for name, value in fields.items():
        data.setlist(name, [value])
    answer = nurse.post("assign", data)
    return nurse.client.get(answer.location) if answer.status_code == 303 else answer


def number_of(page: Page, name: str) -> str:
    """The value of a person in the list."""
    (value,) = re.findall(rf'<option value="(\d+)"[^>]*>{name}', page.html)
    return str(value)


def test_a_colleague_gets_a_case_and_finds_it_under_mine(nora: Nurse, hire: Hire) -> None:
    anna = hire("Anna Assigned")
    page = nora.page("assign")
    led_to = send(nora, page, "Save", person=number_of(page, "Anna Assigned"))
    assert "This case is now assigned to Anna Assigned." in led_to.text
    assert "assigned to you" in row_of(anna, "")
    mine = anna.client.get("/worklist/?assigned=me").text
    assert nora.case_id in mine
    assert nora.case_id not in nora.client.get("/worklist/?assigned=me").text
    assert nora.case_id in nora.client.get(f"/worklist/?assigned={anna.actor.id}").text
    assert nora.case_id not in nora.client.get("/worklist/?assigned=nobody").text
    assert "Assigned the case to Anna Assigned" in nora.page("history?show=assignments").text


def test_one_press_takes_a_case_and_another_gives_it_back(nora: Nurse) -> None:
    assert "now assigned to you" in send(nora, nora.page("assign"), "Assign to me").text
    page = nora.page("assign")
    assert "Assign to me" not in page.html
    assert "not assigned to anyone" in send(nora, page, "Save", person="").text
    assert "Removed the assignment" in nora.page("history").text


def test_the_second_of_two_sees_the_first(nora: Nurse, hire: Hire) -> None:
    anna = hire("Anna Assigned")
    page = anna.page("assign")
    send(nora, nora.page("assign"), "Assign to me")
    answer = send(anna, page, "Assign to me")
    assert answer.status_code == 409
    assert "Somebody changed who this case is assigned to" in answer.text
    assert send(anna, Page(answer.text), "Assign to me").status_code == 200


def test_nobody_is_assigned_who_is_not_in_the_list(nora: Nurse) -> None:
    for odd in ("999999", "x", "-1", "\u0661", "9" * 40):
        answer = send(nora, nora.page("assign"), "Save", person=odd)
        assert answer.status_code == 422, odd
        assert "This person cannot work on cases at this site" in answer.text


def test_a_closed_case_leads_to_its_page(nora: Nurse) -> None:
    page, records = nora.page("assign"), nora.client.application.extensions["records"]
    version = open_case(records, nora.actor, nora.case_id).case.version
    close_case(open_case(records, nora.actor, nora.case_id), version, shipped.ruleset(), once())
    assert nora.get("assign").status_code == 303
    answer = send(nora, page, "Assign to me")
    assert "This case is closed" in answer.text
    assert "Not assigned: this case was closed in the meantime." in answer.text


def test_a_choice_outlives_what_somebody_else_did_meanwhile(nora: Nurse, hire: Hire) -> None:
    anna = hire("Anna Chosen")
    page = anna.page("assign")
    send(nora, nora.page("assign"), "Assign to me")
    chosen = number_of(page, "Anna Chosen")
    answer = send(anna, page, "Save", person=chosen)
    assert "It is now <bdi>assigned to Nora Nurse</bdi>" in answer.text
    assert f'<option value="{chosen}" selected>' in answer.text
    assert "now assigned to you" in send(anna, Page(answer.text), "Save", person=chosen).text
