"""Each page that follows an answer begins, by keyboard and by ear, where it should."""

from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Page, expect
from support.pages.web_states import State, patient, states

Visit = Callable[[State], None]
ARRIVALS = {
    "question": "h1",
    "alarm": "h1",
    "after-alarm": ".alarm--still",
    "check-alarm": ".alarm--still",
    "doubt": ".doubt",
    "opened": "p[role=status]",
    "check": "h1",
    "matters": "h1",
    "result": "h1",
    "result-emergency": "h1",
    "error": "#error-summary",
    "matters-error": "#error-summary",
}
SHARE = """name => {
  window.shared = [];
  Object.defineProperty(navigator, "share", { value: async (data) => {
    if (!navigator.userActivation.isActive) throw new DOMException("", "NotAllowedError");
    if (!data || !(data.text || data.url || data.title)) throw new TypeError("nothing to share");
    if (name) throw new DOMException("", name);
    window.shared.push(data);
  } });
}"""


@pytest.mark.parametrize(("name", "selector"), ARRIVALS.items())
def test_a_page_begins_with_what_matters_most(
    page: Page, visit: Visit, name: str, selector: str
) -> None:
    visit(states()[name])
    expect(page.locator(f"main {selector}").first).to_be_focused()
    assert page.evaluate("scrollY") < 200 or "error" in name


def test_the_first_page_takes_no_focus(page: Page) -> None:
    page.goto("/patient/")
    page.wait_for_selector("body.nhsuk-frontend-supported")
    expect(page.locator("body")).to_be_focused()


def test_the_answer_is_a_tab_or_a_few_after_the_question(page: Page, visit: Visit) -> None:
    visit(states()["question"])
    page.wait_for_selector("body.nhsuk-frontend-supported")
    page.keyboard.press("Tab")
    expect(page.get_by_role("radio", name="Yes", exact=True)).to_be_focused()


@pytest.mark.parametrize("name", ["after-alarm", "check-alarm"])
def test_an_alarm_above_a_page_is_a_region_with_a_heading(
    page: Page, visit: Visit, name: str
) -> None:
    visit(states()[name])
    region = page.get_by_role("region", name="Get help now")
    expect(region.get_by_role("heading", name="Get help now", level=2)).to_be_visible()
    assert page.title().startswith("Get help now: ")


@pytest.mark.parametrize("tag", ["es", "ar"])
def test_a_switch_of_language_by_keyboard_keeps_the_answer_and_the_question(
    page: Page, visit: Visit, tag: str
) -> None:
    visit(State("/patient/question", patient(at="age", action="show")))
    page.get_by_role("textbox").fill("75")
    page.locator(f".languages [lang={tag}]").focus()
    with page.expect_navigation():
        page.keyboard.press("Enter")
    expect(page.locator("html")).to_have_attribute("lang", tag)
    expect(page.get_by_role("textbox")).to_have_value("75")
    expect(page.locator("h1")).to_be_focused()


@pytest.mark.parametrize(
    ("refusal", "said"),
    [
        ("", ""),
        ("AbortError", ""),
        ("NotAllowedError", "Nothing was shared. Copy the sheet as text."),
        ("DataError", "Nothing was shared. Copy the sheet as text."),
    ],
)
def test_what_became_of_sharing_is_said_in_a_live_region(
    page: Page, visit: Visit, refusal: str, said: str
) -> None:
    page.add_init_script(f"({SHARE})({refusal!r})")
    visit(states()["result"])
    page.get_by_role("button", name="Share", exact=True).press("Enter")
    expect(page.locator("[data-kept][role=status]")).to_have_text(said)
    assert page.evaluate("shared.map(Object.keys)") == ([] if refusal else [["text"]])


def answer_unknown(page: Page) -> None:
    """Answer the question of the page by keyboard alone, and go on."""
    page.wait_for_selector("body.nhsuk-frontend-supported")
    tab_to(page, "#question input")
    if page.evaluate("document.activeElement.type") == "radio":
        page.keyboard.press("ArrowUp")  # from the first round to the last: "I do not know"
    else:
        tab_to(page, "[data-behaviour=exclusive]")
        page.keyboard.press("Space")
    with page.expect_navigation():
        page.keyboard.press("Enter")


def tab_to(page: Page, selector: str) -> None:
    for _ in range(150):
        if page.evaluate("way => document.activeElement.matches(way)", selector):
            return
        page.keyboard.press("Tab")
    raise AssertionError(selector)


@pytest.mark.long
@pytest.mark.parametrize("tag", ["es", "ar"])
def test_the_whole_way_by_keyboard(new_context: Callable[..., BrowserContext], tag: str) -> None:
    context = new_context(forced_colors="active")
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    page = context.new_page()
    page.goto(f"/patient/?language={tag}")
    tab_to(page, "[value=begin]")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    for _ in range(60):
        if page.locator("dl.answers").count():
            break
        answer_unknown(page)
        assert page.locator("html").get_attribute("lang") == tag
    tab_to(page, "[value=result]")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    tab_to(page, "[value=skip]")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    tab_to(page, "[formaction$='pdf'], [formaction*='.pdf']")
    with page.expect_download() as saved:
        page.keyboard.press("Enter")
    assert saved.value.suggested_filename.endswith(".pdf")
    tab_to(page, "[data-copy-sheet]")
    page.keyboard.press("Enter")
    expect(page.locator("[data-kept]")).not_to_be_empty()
    tab_to(page, "[data-leave]")
    with page.expect_navigation(url=f"**/patient/cleared?language={tag}"):
        page.keyboard.press("Enter")
