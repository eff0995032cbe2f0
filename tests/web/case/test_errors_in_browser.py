"""An error on the sheet goes as soon as what it was about is saved: in a real browser."""

import datetime as dt
import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect
from support.people.case_people import Nurse

from screening.core.values.answer import Answer, Value
from screening.records.case.case_view import open_case

Look = Callable[..., Page]
SUMMARY = "#error-summary"
MESSAGES = ".nhsuk-error-message, .nhsuk-form-group--error, .nhsuk-input--error, .row--problem"
FIELDS: list[tuple[str, str, str, str, Value]] = [
    ("onset_date", "day", "45", "3", dt.date(2026, 10, 3)),
    ("imaging_date", "words", "the other day", "3 October 2026", dt.date(2026, 10, 3)),
    ("age", "", "old", "70", 70),
]
NAMES = [field[0] for field in FIELDS]
"""A question, the part of its field that is typed wrongly, both texts, and what is stored then."""


def stored(nurse: Nurse, link_id: str) -> Answer | None:
    records = nurse.client.application.extensions["records"]
    given = open_case(records, nurse.actor, nurse.case_id).history.current()
    return given[link_id].answer if link_id in given else None


def box(page: Page, link_id: str, part: str) -> str:
    """The selector of an input of a question; a day has its month and year by then."""
    name = f"q-{link_id}"
    if part == "day":
        page.locator(f"[name={name}-month]").fill("10")
        page.locator(f"[name={name}-year]").fill("2026")
    return f"[name={name}-{part}]" if part else f"[name={name}]"


def refused(nurse: Nurse, look: Look, link_id: str, part: str, wrong: str) -> tuple[Page, str]:
    """The sheet that came back because of a wrong text, and the selector of that text."""
    page = look(nurse)
    page.wait_for_selector(".intake--keys")
    selector = box(page, link_id, part)
    page.locator(selector).fill(wrong)
    with page.expect_navigation():
        page.locator("[data-save]").click()
    page.wait_for_selector(f".intake--keys {selector}")
    expect(page.locator(SUMMARY)).to_be_visible()
    return page, selector


def leave(page: Page) -> None:
    """Leave the section of the input that has the focus, and wait until it is saved."""
    with page.expect_response("**/section"):
        page.locator("[name=q-leg_weakness]").first.focus()
    expect(page.locator("[data-words]")).to_contain_text("Saved")


@pytest.mark.parametrize(("link_id", "part", "wrong", "right", "value"), FIELDS, ids=NAMES)
def test_a_text_that_was_refused_and_corrected_leaves_no_error(  # noqa: PLR0913, PLR0917
    nora: Nurse, look: Look, link_id: str, part: str, wrong: str, right: str, value: Value
) -> None:
    page, selector = refused(nora, look, link_id, part, wrong)
    page.locator(selector).fill(right)
    leave(page)
    expect(page.locator(".saving--done")).to_be_visible()
    assert stored(nora, link_id) == Answer(value=value)
    expect(page.locator(MESSAGES)).to_have_count(0)
    expect(page.locator(SUMMARY)).to_have_count(0)
    expect(page.locator("[aria-describedby*=-error]")).to_have_count(0)
    assert not page.title().startswith("Error")


@pytest.mark.parametrize(("link_id", "part", "wrong", "right", "value"), FIELDS, ids=NAMES)
def test_reload_shows_what_is_stored(  # noqa: PLR0913, PLR0917
    nora: Nurse, look: Look, link_id: str, part: str, wrong: str, right: str, value: Value
) -> None:
    page, selector = refused(nora, look, link_id, part, wrong)
    page.locator(selector).fill(right)
    leave(page)
    page.reload()
    page.wait_for_selector(".intake--keys")
    expect(page.locator(SUMMARY)).to_have_count(0)
    expect(page.locator(MESSAGES)).to_have_count(0)
    assert value is not None
    shown = [each.input_value() for each in page.locator(f"[name^=q-{link_id}]").all()]
    assert wrong not in shown
    assert {"3", "10", "2026"} <= set(shown) if part else shown[0] == right


def test_an_error_that_is_still_true_stays_and_says_what_is_wrong_now(
    nora: Nurse, look: Look
) -> None:
    page, age = refused(nora, look, "age", "", "old")
    page.locator("[name=q-onset_date-words]").fill("ages ago")
    leave(page)
    page.locator(age).fill("70")
    leave(page)
    expect(page.locator("[data-item=age]").locator(MESSAGES)).to_have_count(0)
    row = page.locator("[data-item=onset_date]")
    expect(row.locator(".nhsuk-error-message")).to_contain_text("how long ago it was")
    expect(row.locator("fieldset")).to_have_attribute("aria-describedby", ONSET_PARTS)
    assert page.title().startswith("Error: ")
    page.locator("[name=q-onset_date-words]").fill("")
    leave(page)
    expect(page.locator(MESSAGES)).to_have_count(0)
    assert not page.title().startswith("Error")


ONSET_PARTS = re.compile(r"q-onset_date-hint q-onset_date-error$")


def test_the_summary_says_what_is_wrong_with_the_text_that_is_there(
    nora: Nurse, look: Look
) -> None:
    page, _ = refused(nora, look, "onset_date", "words", "ages ago")
    page.locator("[name=q-onset_date-words]").fill("3/4/2026")
    leave(page)
    expect(page.locator(SUMMARY)).to_contain_text("“3/4/2026” can mean")
    expect(page.locator(f"{SUMMARY} li")).to_have_count(1)


def test_save_says_of_a_text_that_is_still_refused_that_it_is_not_saved(
    nora: Nurse, look: Look
) -> None:
    page, age = refused(nora, look, "age", "", "old")
    with page.expect_navigation():
        page.locator("[data-save]").click()
    expect(page.locator(SUMMARY)).to_be_visible()
    expect(page.locator(age)).to_have_value("old")


def test_a_screening_date_that_was_corrected_leaves_no_error(nora: Nurse, look: Look) -> None:
    page = look(nora)
    page.wait_for_selector(".intake--keys")
    page.locator("[name=as_of-day]").fill("45")
    with page.expect_navigation():
        page.locator("[data-show]").click()
    expect(page.locator(SUMMARY)).to_contain_text("Screening date")
    page.locator("[name=as_of-day]").fill("3")
    leave(page)
    expect(page.locator(SUMMARY)).to_have_count(0)
    expect(page.locator(MESSAGES)).to_have_count(0)


def test_an_answer_that_is_taken_back_is_no_longer_said_to_be_given(
    nora: Nurse, look: Look
) -> None:
    nora.answer(age="70")
    page = look(nora)
    page.wait_for_selector(".intake--keys")
    line = page.locator("[data-item=age] [data-given]")
    expect(line).to_contain_text("70")
    page.locator("[name=q-age]").fill("")
    leave(page)
    expect(line).to_have_text("")


@pytest.mark.parametrize("loaded_again", [False, True])
def test_what_cannot_be_read_counts_as_open(nora: Nurse, look: Look, loaded_again: bool) -> None:  # noqa: FBT001
    page = look(nora)
    page.wait_for_selector(".intake--keys")
    count = page.locator("[data-open=fracture]")
    before = count.inner_text()
    for part, text in (("day", "131"), ("month", "11"), ("year", "2026")):
        page.locator(f"[name=q-onset_date-{part}]").fill(text)
    page.locator("[name=q-pain_severity][value=mild]").focus()
    expect(page.locator("[data-item=onset_date] .nhsuk-error-message")).to_be_visible()
    if loaded_again:
        with page.expect_navigation():
            page.locator("[data-save]").click()
        page.wait_for_selector(".intake--keys")
    expect(count).to_have_text(before)
    page.locator("[name=q-onset_date-day]").fill("13")
    page.locator("[name=q-pain_severity][value=mild]").focus()
    expect(count).not_to_have_text(before)
