"""A double click does once what a click does, and leads where it leads: every form of a case."""

from collections.abc import Callable
from dataclasses import dataclass, field

import pytest
from sqlalchemy import func, select
from support.people.case_people import Nurse, form_with

from screening.records.access import Role
from screening.records.storage.tables import EventRow

Hire = Callable[..., Nurse]
VIEWED = "case-viewed"


@dataclass(frozen=True)
class Press:
    """A button of a page of a case, where its form is sent, and what is typed before."""

    page: str
    button: str
    to: str
    typed: dict[str, str] = field(default_factory=dict)


PRESSES = (
    Press("", "Save", "", {"q-leg_weakness": "no"}),
    Press("", "Show result", "assess", {"q-leg_weakness": "asked-unknown"}),
    Press("", "Show result", "assess"),
    Press("missing", "Save", "missing", {"due-cause": "2026-12-01", "due-levels": ""}),
    Press("missing", "Save", "missing", {"owner-cause": "patient"}),
    Press(
        "assessments/1",
        "Record the decision",
        "assessments/1/review",
        {"choice": "ask-more:answers-missing"},
    ),
    Press("referral", "Save", "referral", {"clinic": "Another clinic"}),
    Press("close", "Close the case", "close"),
)


@pytest.mark.parametrize(
    "press", PRESSES, ids=lambda each: f"{each.page}-{each.button}-{len(each.typed)}"
)
def test_a_second_press_writes_nothing_and_leads_where_the_first_did(
    hire: Hire, press: Press
) -> None:
    lead = hire("Lea Lead", Role.LEAD_NURSE)
    lead.answer("assess", leg_weakness="no", scoliosis="asked-unknown")
    data = form_with(lead.page(press.page), press.button)
    for name, text in press.typed.items():
        data[name] = text
    once, before = lead.post(press.to, data), writes(lead)
    again = lead.post(press.to, data)
    assert once.status_code == 303
    assert (again.status_code, again.location) == (303, once.location)
    assert writes(lead) == before


def writes(nurse: Nurse) -> int:
    """How many events the case has, but for looks at it."""
    chosen = EventRow.case_id == nurse.case_id, EventRow.kind != VIEWED
    with nurse.client.application.extensions["records"].database.reading() as session:
        return session.scalar(select(func.count()).select_from(EventRow).where(*chosen)) or 0
