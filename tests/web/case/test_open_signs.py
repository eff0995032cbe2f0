"""An emergency sign that is not known, or was not asked about, is marked wherever it is shown."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page as BrowserPage
from playwright.sync_api import expect
from support.pages.page_reader import Page
from support.people.case_people import Nurse, assessed, form_with
from support.rulesets import shipped

from screening.core.rules.ruleset import Tier
from screening.records.access import Role

MARK = "emergency sign not ruled out"
SAID = "An emergency sign is not ruled out: Saddle numbness"
SIGN_COUNT = r'data-open-signs="emergency" data-counts="[^"]*"'


@pytest.fixture
def unsure(nora: Nurse) -> Nurse:
    """Somebody whose case has a result; one emergency sign is not known."""
    return assessed(nora, saddle_numbness="asked-unknown")


def test_the_list_of_sections_does_not_call_it_done(unsure: Nurse) -> None:
    html = unsure.get().text
    assert "1 emergency sign not ruled out</strong>" in html
    listed = html[html.index('aria-label="Sections"') : html.index('href="#finish"')]
    marked = listed[: listed.index("1 emergency sign not ruled out")]
    assert marked.rsplit("<li>", 1)[1].count(">all answered<") == 0
    assert re.search(SIGN_COUNT + ">", listed)
    unsure.answer(saddle_numbness="no")
    assert re.search(SIGN_COUNT + " hidden>", unsure.get().text)


def test_a_due_date_puts_the_signs_that_nobody_asked_about_on_the_chase_list(nora: Nurse) -> None:
    """Before any result, too: they come first in every call, and are due today."""
    nora.answer(leg_weakness="no")
    form = form_with(nora.page("missing"), "Save")
    form["due-levels"] = "25 Nov 2026"
    assert nora.post("missing", form).status_code == 303
    page = nora.page("missing")
    assert "The emergency signs that nobody has asked about are on the chase list too" in page.text
    assert due_signs(nora) == shipped.ruleset().items_of(Tier.EMERGENCY) - {"leg_weakness"}
    listed = nora.client.get("/worklist/chase").text
    asked = listed[listed.index('id="signs"') : listed.index('aria-label="Who finds out"')]
    assert nora.case_id in asked
    assert nora.post("missing", form_with(page, "Save")).status_code == 303
    assert "are on the chase list too" not in nora.page("missing").text


def test_a_sign_that_is_not_known_brings_those_that_nobody_asked_about(nora: Nurse) -> None:
    """The call about it asks about each, and each is gone once it is answered."""
    signs = shipped.ruleset().items_of(Tier.EMERGENCY)
    nora.answer(leg_weakness="asked-unknown", saddle_numbness="no")
    assert due_signs(nora) == signs - {"saddle_numbness"}
    call = nora.page("call?finder=patient").text
    assert call.count("emergency sign") >= 3
    nora.answer(**dict.fromkeys(signs, "no"))
    assert due_signs(nora) == set()


def test_another_answer_that_is_not_known_brings_them_too(nora: Nurse) -> None:
    nora.answer(levels="asked-unknown")
    assert due_signs(nora) == shipped.ruleset().items_of(Tier.EMERGENCY)


def due_signs(nurse: Nurse) -> set[str]:
    """The emergency signs on the chase list that are due today."""
    form = form_with(nurse.page("missing"), "Save")
    due = {name.removeprefix("due-") for name, day in form.items() if day == "20 November 2026"}
    return due & shipped.ruleset().items_of(Tier.EMERGENCY)


def test_without_a_due_date_nothing_is_put_on_the_chase_list(nora: Nurse) -> None:
    assert nora.post("missing", form_with(nora.page("missing"), "Save")).status_code == 303
    due = [day for name, day in form_with(nora.page("missing"), "Save").items() if "due-" in name]
    assert set(due) == {""}


@pytest.mark.parametrize("way", ["history", "assessments/", "referral", "close"])
def test_every_page_of_the_case_says_it(unsure: Nurse, way: str) -> None:
    assert SAID in unsure.page(way).text
    unsure.answer(saddle_numbness="no")
    assert SAID not in unsure.page(way).text


def test_a_case_where_nothing_was_asked_says_so(nora: Nurse) -> None:
    assert "Nobody has asked about the emergency signs yet" in nora.page("history").text


def test_the_answers_that_others_read_are_marked(hire: Callable[..., Nurse], unsure: Nurse) -> None:
    assert unsure.case_id
    ada = hire("Ada Auditor", Role.AUDITOR)
    text = ada.page().text
    assert text.count(MARK) == 1
    assert f"saved {MARK}" in text


def test_the_history_marks_an_answer_that_leaves_it_open(unsure: Nurse) -> None:
    assert f"Saddle numbness not answered not known {MARK}" in unsure.page("history").text
    unsure.answer(saddle_numbness="no")
    unsure.answer(saddle_numbness="")
    assert f"Saddle numbness no not answered {MARK}" in unsure.page("history").text
    assert unsure.page("history").text.count(MARK) == 2


def test_tasks_are_marked(unsure: Nurse) -> None:
    assert "Saddle numbness emergency sign" in unsure.page("missing").text
    chased = Page(unsure.client.get("/worklist/chase?owner=patient").text).text
    assert "emergency sign" in chased


def test_the_sheet_marks_it_at_the_click(nora: Nurse, look: Callable[..., BrowserPage]) -> None:
    page = look(nora)
    row = page.locator('[data-item="saddle_numbness"]')
    section = page.locator(f'[data-open-signs="{row.get_attribute("data-section")}"]')
    before = section.inner_text()
    expect(row.get_by_text(MARK)).to_be_visible()
    row.locator("[value=no]").check()
    expect(row.get_by_text(MARK)).to_be_hidden()
    expect(section).not_to_have_text(before)
    row.locator("summary").click()
    row.locator('[value="asked-unknown"]').check()
    expect(row.get_by_text(MARK)).to_be_visible()
    expect(section).to_have_text(before)
