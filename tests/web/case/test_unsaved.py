"""The browser asks before typed words are lost: a letter, a decision's note, a call."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Dialog, Page, expect
from support.people.case_people import Nurse, assessed, form_with

Look = Callable[..., Page]
FORMS = [
    ("assessments/1/letter", "#letter-message", "Dear all"),
    ("assessments/1", "#note", "spoke to the ward"),
    ("call?finder=patient", "[name=note]", "after three"),
    ("missing", "[name=due-fever_chills]", "3 May 2027"),
]
"""A page, a field on it, and what is typed there."""


@pytest.fixture
def asking(nora: Nurse) -> Nurse:
    """Somebody whose case has a result, and needs an answer from the patient."""
    return assessed(nora, fever_chills="asked-unknown")


def answer(page: Page, *, leave: bool) -> list[str]:
    """Answer the browser's question like this from now on; gives what it asked."""
    asked: list[str] = []

    def reply(dialog: Dialog) -> None:
        asked.append(dialog.type)
        (dialog.accept if leave else dialog.dismiss)()

    page.on("dialog", reply)
    return asked


def open_at(nurse: Nurse, look: Look, way: str) -> Page:
    page = look(nurse)
    page.goto(f"/case/{nurse.case_id}/{way}")
    page.wait_for_function("document.body.matches('.nhsuk-frontend-supported')")
    return page


def type_in(page: Page, field: str, words: str) -> None:
    page.locator(field).click()
    page.keyboard.press("End")
    page.keyboard.type(words)


@pytest.mark.parametrize(("way", "field", "words"), FORMS)
def test_half_typed_words_are_not_lost_without_a_question(
    asking: Nurse, look: Look, way: str, field: str, words: str
) -> None:
    page = open_at(asking, look, way)
    asked = answer(page, leave=False)
    type_in(page, field, words)
    page.get_by_role("link", name="Worklist").first.click()
    page.wait_for_timeout(0)
    assert asked == ["beforeunload"]
    assert words in page.locator(field).input_value()


@pytest.mark.parametrize(("way", "field", "words"), FORMS)
def test_an_untouched_page_is_left_without_a_question(
    asking: Nurse, look: Look, way: str, field: str, words: str
) -> None:
    page = open_at(asking, look, way)
    asked = answer(page, leave=True)
    type_in(page, field, words)
    for _ in words:
        page.keyboard.press("Backspace")
    page.get_by_role("link", name="Worklist").first.click()
    page.wait_for_url("**/worklist/")
    assert asked == []


def test_what_is_sent_is_not_asked_about_until_it_comes_back(asking: Nurse, look: Look) -> None:
    page = open_at(asking, look, "call?finder=patient")
    asked = answer(page, leave=True)
    type_in(page, "[name=note]", "after three")
    page.locator("[name=next_day]").fill("soon")
    page.get_by_role("button", name="Asked today").click()
    expect(page.locator("#error-summary")).to_be_visible()
    assert asked == []
    page.locator("[name=note]").click()
    page.get_by_role("link", name="Worklist").first.click()
    page.wait_for_url("**/worklist/")
    assert asked == ["beforeunload"]


@pytest.fixture(params=["differs", "closed"])
def refused(
    request: pytest.FixtureRequest, nora: Nurse, hire: Callable[..., Nurse], look: Look
) -> Page:
    """The page that says why an answer is not saved, and carries it."""
    page = open_at(nora, look, "")
    other = hire("Omar Other")
    if request.param == "differs":
        other.answer(weight_loss="no")
    else:
        other.post("close", form_with(other.page("close"), "Close the case"))
    page.locator("[name=q-weight_loss][value=yes]").check()
    with page.expect_navigation():
        page.locator("[data-save]").click()
    page.wait_for_function("document.body.matches('.nhsuk-frontend-supported')")
    return page


def test_an_answer_that_was_refused_is_not_lost_without_a_question(refused: Page) -> None:
    asked = answer(refused, leave=False)
    refused.get_by_role("link", name="Worklist").first.click()
    refused.wait_for_timeout(0)
    assert asked == ["beforeunload"]
    expect(refused.locator("[name=q-weight_loss][value=yes]")).to_be_attached()


def test_a_choice_that_is_sent_is_not_asked_about(
    nora: Nurse, hire: Callable[..., Nurse], look: Look
) -> None:
    page = open_at(nora, look, "")
    hire("Omar Other").answer(weight_loss="no")
    page.locator("[name=q-weight_loss][value=yes]").check()
    with page.expect_navigation():
        page.locator("[data-save]").click()
    expect(page.locator("main")).to_contain_text("Nothing is lost while you stay on this page")
    asked = answer(page, leave=True)
    page.get_by_label("Mine: yes").check()
    page.get_by_role("button", name="Save these choices").click()
    page.wait_for_url("**/?since=*")
    assert asked == []
