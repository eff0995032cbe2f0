"""What machines can say of the pages of a case: axe, valid HTML, small screens, few Tabs."""

from collections.abc import Callable, Mapping
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect
from support.casework.handovers import hand_over
from support.people.case_people import Nurse, form_with

from screening.records.access import Role

Hire = Callable[..., Nurse]
Look = Callable[..., Page]
WAYS = (
    *("", "missing", "history", "assessments/", "assessments/2", "assessments/2/letter"),
    *("compare?before=1&after=2", "close", "handover"),
)
LONG = "Wolfeschlegelsteinhausenbergerdorff" * 3


def findings(page: Page) -> list[str]:
    found: list[dict[str, Any]] = Axe().run(page).response["violations"]
    return [f"{each['id']}: {node['html'][:200]}" for each in found for node in each["nodes"]]


@pytest.fixture
def busy(hire: Hire) -> Nurse:
    """A case with everything that its pages can show."""
    lead = hire(f"Lea {LONG}", Role.LEAD_NURSE)
    lead.answer("assess", leg_weakness="asked-unknown", arthritis="yes", arthritis_pain="yes")
    lead.answer(
        "assess", leg_weakness="yes", arthritis="no", fever_chills="yes", cause="temp-unknown"
    )
    return lead


@pytest.fixture
def told(busy: Nurse) -> Nurse:
    """The same, once somebody was told about the emergency."""
    hand_over(busy.client.application.extensions["records"], busy.actor, busy.case_id)
    return busy


@pytest.mark.parametrize("way", ["history", "handover"])
def test_axe_finds_nothing_once_somebody_was_told(told: Nurse, look: Look, way: str) -> None:
    page = look(told, way)
    wide = findings(page)
    page.set_viewport_size({"width": 360, "height": 740})
    assert (wide, findings(page)) == ([], [])
    assert page.evaluate("document.documentElement.scrollWidth") <= 360


@pytest.mark.parametrize("way", WAYS)
def test_axe_finds_nothing_and_nothing_is_wider_than_a_phone(
    busy: Nurse, look: Look, way: str
) -> None:
    page = look(busy, way)
    wide = findings(page)
    page.set_viewport_size({"width": 360, "height": 740})
    assert (wide, findings(page)) == ([], [])
    assert page.evaluate("document.documentElement.scrollWidth") <= 360


def test_axe_finds_nothing_at_a_closed_case(told: Nurse, look: Look) -> None:
    page = look(told)
    page.wait_for_selector(".intake--keys")
    told.post("close", form_with(told.page("close"), "Close the case"))
    page.keyboard.press("1")
    with page.expect_navigation():
        page.keyboard.press("s")
    expect(page.locator("h1")).to_contain_text("Closed while you were working on it")
    found = findings(page)
    with page.expect_popup() as popup:
        page.get_by_role("button", name="Reopen").click()
    popup.value.get_by_text("The case is open again").wait_for()
    page.get_by_role("button", name="Save what I typed").click()
    page.get_by_text("Saved.").wait_for()
    # What was typed is a further emergency sign.
    hand_over(told.client.application.extensions["records"], told.actor, told.case_id)
    told.post("close", form_with(told.page("close"), "Close the case"))
    page.goto(f"/case/{told.case_id}/")
    expect(page.get_by_role("heading", name="This case is closed")).to_be_visible()
    found += findings(page)
    page.set_viewport_size({"width": 360, "height": 740})
    assert found + findings(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= 360


def test_axe_finds_nothing_where_two_people_differ(hire: Hire, look: Look) -> None:
    nora, omar = hire(), hire("Omar Other")
    page = look(nora)
    page.wait_for_selector(".intake--keys")
    omar.answer(leg_weakness="yes")
    page.keyboard.press("2")
    with page.expect_navigation():
        page.keyboard.press("s")
    expect(page.locator("h1")).to_contain_text("Changed by two people")
    assert findings(page) == []


def test_every_page_is_valid_html(
    busy: Nurse, hire: Hire, html_problems: Callable[[Mapping[str, str]], list[str]]
) -> None:
    pages = {way.translate(str.maketrans("/?&=", "----")) or "sheet": busy.get(way) for way in WAYS}
    pages["error"] = busy.answer(age="x")
    pages["auditor"] = hire("Ada", Role.AUDITOR).get()
    data = busy.sheet()
    hire("Omar Other").answer(pregnancy="no")
    data["q-pregnancy"] = "yes"
    pages["conflict"] = busy.post("", data)
    assert pages["conflict"].status_code == 409
    data = busy.sheet()
    data["q-pregnancy"] = "yes"
    form = form_with(busy.page("handover"), "Record who was told")
    pages["untold"] = busy.post("handover", form)
    assert pages["untold"].status_code == 422
    form["told"] = "Dr Hill"
    busy.post("handover", form)
    pages["told"] = busy.get("history")
    busy.post("close", form_with(busy.page("close"), "Close the case"))
    pages["closed"] = busy.get()
    pages["closed-meanwhile"] = busy.post("", data)
    data["q-gait_change"] = "yes"
    pages["closed-unsaved-sign"] = busy.post("", data)
    assert "The “yes” is not saved" in pages["closed-unsaved-sign"].text
    assert pages["closed-meanwhile"].status_code == 409
    assert html_problems({name: each.text for name, each in pages.items()}) == []


def test_without_scripts_the_first_open_question_is_a_few_tabs_away(
    nora: Nurse, look: Look
) -> None:
    page = look(nora, java_script_enabled=False)
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")  # past the header
    pressed = 2
    while pressed < 15:
        page.keyboard.press("Tab")
        pressed += 1
        if page.locator("[data-resume] a:focus").count():
            break
    page.keyboard.press("Enter")
    expect(page.locator("[name=q-leg_weakness]:focus")).to_have_count(1)
    assert pressed + 1 <= 10
