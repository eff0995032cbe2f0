"""Every button of every page behind the sign-in does something, and none is covered on a phone."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page
from support.casework.handovers import hand_over
from support.pages.buttons import faulty_buttons
from support.people.case_people import Nurse, form_with

from screening.records.access import Role

Hire = Callable[..., Nurse]
Look = Callable[..., Page]
CASE = (
    *("", "missing", "history", "assessments/", "assessments/1", "assessments/2"),
    *("assessments/2/letter", "compare?before=1&after=2", "referral", "close", "handover"),
)
WORK = (
    *(
        "/worklist/",
        "/worklist/?closed=1",
        "/worklist/chase",
        "/worklist/new",
        "/worklist/import",
        "/emergency/",
    ),
    *("/audit/statistics", "/rules/versions", "/account/", "/rules", "/nurse/", "/patient/"),
)
AUDIT = ("/audit/", "/audit/{}/2/", "/audit/{}/views", "/audit/ledger", "/audit/impact")
PEOPLE = ("/people/", "/people/add", "/people/1", "/people/sites", "/people/sites/1")


@pytest.fixture
def busy(hire: Hire) -> Nurse:
    """A lead nurse whose case has two results that differ."""
    lead = hire("Lea Lead", Role.LEAD_NURSE)
    lead.answer("assess", leg_weakness="asked-unknown", arthritis="yes")
    lead.answer("assess", leg_weakness="yes", arthritis="no", cause="temp-unknown")
    return lead


@pytest.mark.parametrize("state", ["as it is", "changed"])
@pytest.mark.parametrize("way", CASE)
def test_every_button_of_a_case_does_something(
    busy: Nurse, look: Look, way: str, state: str
) -> None:
    address = f"/case/{busy.case_id}/{way}"
    page, changed = look(busy), state == "changed"
    assert faulty_buttons(page, lambda each: each.goto(address), changed=changed) == []


@pytest.mark.parametrize("way", WORK)
def test_every_button_of_the_days_work_does_something(busy: Nurse, look: Look, way: str) -> None:
    assert faulty_buttons(look(busy), lambda page: page.goto(way)) == []


@pytest.mark.parametrize("way", [*AUDIT, *PEOPLE])
def test_every_button_of_auditors_and_administrators_does_something(
    busy: Nurse, hire: Hire, look: Look, way: str
) -> None:
    role = Role.ADMINISTRATOR if way in PEOPLE else Role.AUDITOR
    page, address = look(hire("Ada Auditor", role)), way.format(busy.case_id)
    assert faulty_buttons(page, lambda each: each.goto(address)) == []


def test_every_button_of_a_closed_case_does_something(busy: Nurse, look: Look) -> None:
    hand_over(busy.client.application.extensions["records"], busy.actor, busy.case_id)
    busy.post("close", form_with(busy.page("close"), "Close the case"))
    address = f"/case/{busy.case_id}/"
    assert faulty_buttons(look(busy), lambda page: page.goto(address)) == []
