"""How the patient's pages look: at any width, in any scheme, and before style and script arrive."""

from collections.abc import Callable
from typing import Literal

import pytest
from browser.test_accessible import OPEN_ALL, findings
from playwright.sync_api import BrowserContext, Page, Route, expect
from support.pages.web_states import State, patient, states

Visit = Callable[[State], None]
VisitWith = Callable[[Page, State], None]
PATIENT = sorted(
    name
    for name, state in states().items()
    if (state.address == "/" or state.address.startswith("/patient")) and state.status != 405
)
PAIN = State("/patient/question", patient(at="pain_severity", action="show"))
BREAK = State("/patient/question", patient(at="fracture_at_level", action="show"))
NAMES = ("Vertebra.", "Compression fracture.", "Cement.")
WIDTHS = (320, 360, 1280)
WIDER = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
SMALL = """least => [...document.querySelectorAll(
    "button, summary, .nhsuk-radios__item, .nhsuk-checkboxes__item, .nhsuk-input, .site-name, " +
    ".site-links a, .site-footer a, .door, .call-now a")]
  .filter(each => each.checkVisibility())
  .filter(each => each.getBoundingClientRect().height < least - .5)
  .map(each => each.outerHTML.slice(0, 120))"""
TEXT = """least => [...document.querySelectorAll("main :is(p, li, dt, dd, label, .nhsuk-hint)")]
  .filter(each => each.checkVisibility() && parseFloat(getComputedStyle(each).fontSize) < least)
  .map(each => each.outerHTML.slice(0, 120))"""
QUIET = ".nhsuk-caption-m, .help-strip, .passage, .first__whence"


def wider(page: Page) -> dict[str, int]:
    """By how much the page is wider than its window, at each width and both ways of writing."""
    found = {}
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 800})
        for direction in ("ltr", "rtl"):
            page.evaluate("way => { document.documentElement.dir = way; }", direction)
            found[f"{width} {direction}"] = page.evaluate(WIDER)
    return {name: by for name, by in found.items() if by}


@pytest.mark.parametrize("name", PATIENT)
def test_no_page_is_wider_than_its_window_in_either_direction(
    page: Page, visit: Visit, name: str
) -> None:
    visit(states()[name])
    page.evaluate(OPEN_ALL)
    assert wider(page) == {}


@pytest.fixture
def dark(new_context: Callable[..., BrowserContext]) -> Page:
    """A page in the dark scheme."""
    return new_context(color_scheme="dark").new_page()


@pytest.mark.parametrize("name", PATIENT)
def test_axe_finds_nothing_in_the_dark(dark: Page, visit_with: VisitWith, name: str) -> None:
    visit_with(dark, states()[name])
    ground = dark.evaluate("getComputedStyle(document.body.parentElement).backgroundColor")
    assert max(int(each) for each in ground[4:-1].split(",")) < 64
    dark.evaluate(OPEN_ALL)
    assert findings(dark) == []


@pytest.mark.parametrize("name", ["start", "alarm", "error", "check", "result-flagged"])
def test_a_page_stands_in_forced_colours(page: Page, visit: Visit, name: str) -> None:
    page.emulate_media(forced_colors="active")
    visit(states()[name])
    page.evaluate(OPEN_ALL)
    page.set_viewport_size({"width": 320, "height": 640})  # WCAG 1.4.10: 400% of 1280
    assert findings(page) == []


@pytest.mark.parametrize("name", PATIENT)
def test_targets_are_large_and_text_is_large(page: Page, visit: Visit, name: str) -> None:
    page.set_viewport_size({"width": 360, "height": 740})
    visit(states()[name])
    assert page.evaluate(SMALL, 48) == []
    assert page.evaluate(TEXT, 16.9) == []
    size = page.evaluate("parseFloat(getComputedStyle(document.body).fontSize)")
    assert size >= 19


def test_nothing_moves_for_somebody_who_wants_no_motion(page: Page, visit: Visit) -> None:
    page.emulate_media(reduced_motion="reduce")
    visit(states()["question"])
    moving = page.evaluate(
        """() => [...document.querySelectorAll("*")].filter(each => {
          const style = getComputedStyle(each);
          return parseFloat(style.transitionDuration) > 0 || style.animationName !== "none";
        }).length"""
    )
    assert moving == 0


@pytest.mark.parametrize("forced", ["none", "active"])
def test_a_word_for_worse_pain_has_one_bar_more(
    page: Page, visit: Visit, forced: Literal["active", "none"]
) -> None:
    page.emulate_media(forced_colors=forced)
    visit(PAIN)
    widths = page.locator("label").evaluate_all(
        "all => all.map(each => parseFloat(getComputedStyle(each, '::after').width))"
    )
    mild, between, bad, unknown = widths
    assert (between, bad, unknown) == (2 * mild, 3 * mild, 0)
    assert mild > 0
    expect(page.get_by_role("radio")).to_have_count(4)


def test_the_pictures_say_in_words_what_they_show(page: Page, visit: Visit) -> None:
    for state in (states()["start"], BREAK):
        visit(state)
        page.evaluate(OPEN_ALL)
        figures = page.get_by_role("figure").filter(has=page.locator("svg"))
        expect(figures).to_have_count(3)
        for each, word in zip(figures.all(), NAMES, strict=True):
            expect(each).to_contain_text(word)
            box = each.locator("svg").bounding_box()
            assert box
            assert box["width"] > 100
            assert box["height"] > 80
        assert page.locator("figure svg text").count() == 0


@pytest.fixture
def bare(new_context: Callable[..., BrowserContext]) -> Page:
    """A page that gets neither its style nor its script; what is within the page counts as well."""
    context = new_context()
    context.route("**/*", refuse_files)
    context.add_init_script(
        "addEventListener('DOMContentLoaded', () => "
        "document.querySelectorAll('style').forEach(each => each.remove()))"
    )
    return context.new_page()


def refuse_files(route: Route) -> None:
    if route.request.resource_type in {"stylesheet", "script"}:
        route.abort()
    else:
        route.continue_()


def test_the_first_question_is_answered_before_style_and_script_arrive(bare: Page) -> None:
    bare.goto("/patient/")
    bare.get_by_role("button", name="Start now").click()
    asked = bare.locator("h1").inner_text()
    bare.get_by_role("radio", name="No", exact=True).check()
    bare.get_by_role("button", name="Continue").click()
    expect(bare.locator("h1")).not_to_have_text(asked)
    expect(bare.locator('input[type=hidden][name="q-leg_weakness"]')).to_have_value("no")


def test_and_without_scripts_as_well(new_context: Callable[..., BrowserContext]) -> None:
    page = new_context(java_script_enabled=False).new_page()
    page.route("**/*.css*", lambda route: route.abort())
    page.goto("/patient/")
    page.get_by_role("button", name="Start now").click()
    page.get_by_role("radio", name="Yes", exact=True).check()
    page.get_by_role("button", name="Continue").click()
    expect(page.locator("h1")).to_have_text("Get help now")


def test_the_skip_link_leads_to_the_content(page: Page, visit: Visit) -> None:
    visit(states()["start"])  # a question has the focus itself
    page.wait_for_selector("body.nhsuk-frontend-supported")
    page.keyboard.press("Tab")
    link = page.get_by_role("link", name="Skip to main content")
    expect(link).to_be_focused()
    expect(link).to_be_in_viewport()
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()


def test_what_is_chosen_is_seen_by_more_than_its_colour(page: Page, visit: Visit) -> None:
    visit(states()["question"])
    card = page.locator(".nhsuk-radios__item").first
    before = card.evaluate("each => getComputedStyle(each).boxShadow")
    card.click(position={"x": 200, "y": 10})  # the whole card is the target
    expect(page.get_by_role("radio", name="Yes", exact=True)).to_be_checked()
    assert card.evaluate("each => getComputedStyle(each).boxShadow") != before


FORM = "application/x-www-form-urlencoded"


@pytest.mark.parametrize("button", ["Continue", "Back"])
def test_every_answer_is_sent_in_a_form_of_the_same_length(
    page: Page, visit: Visit, button: str
) -> None:
    lengths = set()
    for answer in ("Yes", "No", "I do not know"):
        visit(states()["question"])
        page.wait_for_selector("body.nhsuk-frontend-supported")
        page.get_by_role("radio", name=answer, exact=True).check()
        with page.expect_request(lambda sent: sent.method == "POST") as found:
            page.get_by_role("button", name=button, exact=True).click()
        assert found.value.headers["content-type"] == FORM
        lengths.add(len(found.value.post_data or ""))
    assert lengths == {4096}


def test_the_first_page_fetches_the_style_of_the_pages_after_it(page: Page) -> None:
    with page.expect_response("**/patient.css?v=*") as found:
        page.goto("/patient/")
    assert found.value.status == 200
    assert "max-age=31536000" in found.value.headers["cache-control"]


def test_typing_an_answer_takes_back_that_it_is_not_known(page: Page, visit: Visit) -> None:
    visit(states()["question-number"])
    box = page.get_by_role("checkbox", name="I do not know")
    page.get_by_role("textbox").fill("")
    box.check()
    page.get_by_role("textbox").press_sequentially(" ")
    expect(box).to_be_checked()
    page.get_by_role("textbox").press_sequentially("76")
    expect(box).not_to_be_checked()
