"""Whole journeys: by the keyboard alone, without scripts, and with the browser's own Back."""

import datetime as dt
from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Page, expect
from support.pages.web_states import State, patient, states
from support.people.typed_answers import typed
from support.rulesets import shipped
from support.rulesets.builders import UNKNOWN, given

from screening.core.rules.patient_path import REPORT
from screening.web.shell.templating import warning_signs

Visit = Callable[[State], None]
SHOW = "Show my sheet for the doctor"
MANY = 250
AT = "form:not(nav form) [name=at]"
"""The question of a page, which the form that changes the language may repeat."""


def tab_to(page: Page, selector: str) -> None:
    """Press Tab until an element that matches has the focus."""
    for _ in range(MANY):
        page.keyboard.press("Tab")
        if page.evaluate("s => document.activeElement.matches(s)", selector):
            return
    raise AssertionError(f"Tab does not reach {selector}")


def typed_answer(link_id: str) -> list[tuple[str, list[str]]]:
    """What the favourable case types into a question, with the report of the scan at hand."""
    if link_id == REPORT:
        return [("report", ["yes"])]
    answer = {link_id: shipped.favourable()[link_id]}
    return list(typed(shipped.ruleset(), answer).lists())


def answer_by_keyboard(page: Page, link_id: str) -> None:
    """Answer the question of the page as in the favourable case, by keys alone."""
    for name, values in typed_answer(link_id):
        field = page.locator(f'[name="{name}"]').first
        kind = field.get_attribute("type")
        if kind == "text":
            tab_to(page, f'[name="{name}"]')
            page.keyboard.type(values[0])
        elif kind == "checkbox":
            for value in values:
                tab_to(page, f'[name="{name}"][value="{value}"]')
                page.keyboard.press("Space")
        else:
            tab_to(page, f'[name="{name}"]')
            page.keyboard.press("Space")
            while not page.evaluate("v => document.activeElement.value === v", values[0]):
                page.keyboard.press("ArrowDown")


def test_a_patient_reaches_the_page_for_the_doctor_by_keyboard(page: Page) -> None:
    page.goto("/")
    tab_to(page, 'a.door[href="/patient/"]')
    page.keyboard.press("Enter")
    expect(page).to_have_url("/patient/")
    tab_to(page, "form button")
    press_enter(page)
    while page.locator(AT).count():
        answer_by_keyboard(page, page.locator(AT).input_value())
        press_enter(page)
    tab_to(page, "form button.nhsuk-button")
    press_enter(page)
    expect(page.locator("h1")).to_have_text("What matters most to you?")
    tab_to(page, "form button[value=skip]")
    press_enter(page)
    expect(page.locator("h1")).to_have_text("Your sheet for the doctor")


def press_enter(page: Page) -> None:
    with page.expect_navigation():
        page.keyboard.press("Enter")


def test_a_nurse_reaches_a_result_by_keyboard_with_number_keys(page: Page) -> None:
    page.goto("/nurse/")
    page.wait_for_selector(".intake--keys")
    for link_id in ("leg_weakness", "saddle_numbness"):
        tab_to(page, f'[name="q-{link_id}"]')
        page.keyboard.press("2")
        expect(page.locator(f'[name="q-{link_id}"][value=no]')).to_be_checked()
    page.keyboard.press("0")
    expect(page.locator('[name="q-saddle_numbness"]:checked')).to_have_count(0)
    tab_to(page, '[name="q-age"]')
    page.keyboard.type("74")
    expect(page.locator('[name="q-age"]')).to_have_value("74")
    tab_to(page, "#finish button")
    press_enter(page)
    expect(page.locator("h1")).to_have_text("Screening result")
    expect(page.locator(".outcome__name")).to_have_text("More information needed")


def test_number_keys_can_be_switched_off_and_stay_off(page: Page) -> None:
    page.goto("/nurse/")
    box = page.locator("#number-keys")
    expect(box).to_be_checked()
    box.focus()
    page.keyboard.press("Space")
    page.reload()
    expect(box).not_to_be_checked()
    page.locator('[name="q-leg_weakness"]').first.focus()
    page.keyboard.press("1")
    expect(page.locator('[name="q-leg_weakness"]:checked')).to_have_count(0)
    assert page.evaluate("Object.entries(localStorage)") == [["number-keys", "off"]]


@pytest.fixture
def without_scripts(new_context: Callable[..., BrowserContext]) -> Page:
    return new_context(java_script_enabled=False).new_page()


def test_a_patient_reaches_the_page_for_the_doctor_without_scripts(without_scripts: Page) -> None:
    page = without_scripts
    page.goto("/patient/")
    page.click("form button")
    while page.locator(AT).count():
        fill(page, page.locator(AT).input_value())
        page.click('button[value="continue"]')
        page.wait_for_load_state()
    page.click(f'button:has-text("{SHOW}") >> nth=0')
    page.click('button[value="skip"]')
    expect(page.locator("h1")).to_have_text("Your sheet for the doctor")
    expect(page.locator("[data-print-hint]")).to_be_visible()
    expect(page.locator("[data-print]")).to_be_hidden()


def test_a_nurse_reaches_a_result_without_scripts(without_scripts: Page) -> None:
    page = without_scripts
    page.goto("/nurse/")
    for link_id in shipped.ruleset().items:
        if link_id in shipped.favourable():
            fill(page, link_id)
    page.click("#finish button >> nth=0")
    expect(page.locator("h1")).to_have_text("Screening result")
    page.click('button:has-text("Back to the answers")')
    expect(page.locator('[name="q-scoliosis"][value=no]')).to_be_checked()


def fill(page: Page, link_id: str) -> None:
    """Answer a question as in the favourable case."""
    for name, values in typed_answer(link_id):
        for value in values:
            option = page.locator(f'[name="{name}"][value="{value}"]')
            if option.count() and option.get_attribute("type") != "text":
                option.check()
            else:
                page.fill(f'[name="{name}"]', value)


def test_the_browsers_back_leads_to_the_question_before_with_its_answer(page: Page) -> None:
    page.goto("/patient/")
    page.click("form button")
    for _ in range(3):
        page.check("[type=radio][value=no]")
        with page.expect_navigation():
            page.click('button[value="continue"]')
    for link_id in ("bladder_bowel", "saddle_numbness"):
        page.wait_for_selector("body.nhsuk-frontend-supported")
        page.evaluate("history.back()")
        expect(page.locator(AT)).to_have_value(link_id)
        expect(page.locator("[type=radio][value=no]")).to_be_checked()


@pytest.mark.parametrize(("name", "kept"), [("nurse-open", "scoliosis"), ("result", "scoliosis")])
def test_the_browsers_back_from_a_result_loses_nothing(
    page: Page, visit: Visit, name: str, kept: str
) -> None:
    visit(states()[name])
    page.wait_for_selector("body.nhsuk-frontend-supported")
    page.evaluate("history.back()")
    expect(page.locator("h1")).not_to_have_text("Screening result")
    expect(page.locator(f'[name="q-{kept}"]').first).to_be_attached()


def test_a_link_within_the_page_is_no_way_back(page: Page, visit: Visit) -> None:
    visit(states()["error"])
    page.wait_for_selector("body.nhsuk-frontend-supported")
    page.locator("#error-summary a").click()
    expect(page.locator("#error-summary")).to_be_visible()


def test_do_not_know_and_an_answer_exclude_each_other_on_the_page(page: Page, visit: Visit) -> None:
    visit(states()["question-choices"])
    page.locator('label:has-text("I do not know")').click()
    expect(page.locator('[value="xray"]')).not_to_be_checked()


def test_nothing_a_person_enters_is_kept_by_the_browser(page: Page, visit: Visit) -> None:
    visit(states()["result-flagged"])
    stored = page.evaluate("[Object.entries(localStorage), Object.entries(sessionStorage)]")
    assert stored == [[], []]
    assert [cookie["name"] for cookie in page.context.cookies()] == ["screening"]
    assert "q-" not in page.url


@pytest.mark.parametrize("name", ["result", "result-flagged", "result-emergency", "result-unknown"])
def test_the_sheet_prints_on_one_or_two_pages(page: Page, visit: Visit, name: str) -> None:
    visit(states()[name])
    sheet = page.pdf(format="A4", prefer_css_page_size=True)
    assert sheet.count(b"/Type /Page\n") in {1, 2}


def test_a_sheet_with_all_that_can_be_on_it_prints_on_two_pages(page: Page, visit: Visit) -> None:
    signs = dict.fromkeys(("leg_weakness", "fever_chills", "recent_infection"), "yes")
    doubts = dict.fromkeys(("gait_change", "bladder_bowel", "scoliosis"), "asked-unknown")
    visit(State("/patient/result", patient(**signs, **doubts)))
    sheet = page.pdf(format="A4", prefer_css_page_size=True)
    assert sheet.count(b"/Type /Page\n") in {1, 2}


def test_on_paper_stand_the_signs_and_the_reasons_and_nothing_sensitive(
    page: Page, visit: Visit
) -> None:
    visit(State("/patient/result", patient(leg_weakness="yes", iv_drug_use="yes")))
    page.emulate_media(media="print")
    for sign in warning_signs(shipped.ruleset()):
        expect(page.locator(".help-card").get_by_text(sign)).to_be_visible()
    reasons = page.locator(".first")
    rules = shipped.ruleset()
    expect(reasons.get_by_text(rules.criterion("leg_weakness").say.patient)).to_be_visible()
    for each in page.get_by_text(rules.criterion("iv_drug_use").say.patient).all():
        expect(each).to_be_hidden()
    inside = "each => getComputedStyle(each).breakInside"
    assert page.locator(".sheet__columns section").first.evaluate(inside) == "avoid"


def test_a_result_of_the_nurse_prints_on_one_page(page: Page, visit: Visit) -> None:
    visit(states()["nurse-met"])
    assert page.pdf(format="A4", prefer_css_page_size=True).count(b"/Type /Page\n") == 1


def test_what_is_printed_holds_the_questions_and_no_buttons(page: Page, visit: Visit) -> None:
    visit(states()["result-flagged"])
    page.emulate_media(media="print")
    expect(page.get_by_role("heading", name="Questions to ask my doctor")).to_be_visible()
    expect(page.get_by_role("heading", name="My answers")).to_be_visible()
    for button in page.locator("button").all():
        expect(button).to_be_hidden()


@pytest.fixture(params=["scripts", "no scripts"])
def any_page(request: pytest.FixtureRequest, new_context: Callable[..., BrowserContext]) -> Page:
    """A page with scripts, and one without."""
    return new_context(java_script_enabled=request.param == "scripts").new_page()


def reload(page: Page) -> None:
    """Reload, and let the browser send the form again."""
    page.on("dialog", lambda dialog: dialog.accept())
    page.reload()


def reloaded(page: Page) -> Page:
    """The page after Reload, where the browser is allowed to send the form again."""
    page.on("dialog", lambda dialog: dialog.accept())
    page.wait_for_load_state()
    page.reload()
    return page


def answer_no(page: Page) -> None:
    page.check("[type=radio][value=no]")
    with page.expect_navigation():
        page.click('button[value="continue"]')


@pytest.fixture
def third(any_page: Page) -> Page:
    """A patient at the fourth question, with three answers."""
    any_page.goto("/patient/")
    any_page.click("form button")
    for _ in range(3):
        answer_no(any_page)
    return any_page


def test_reload_on_a_question_keeps_the_answers_before_it(third: Page) -> None:
    at = third.locator(AT).input_value()
    for _ in range(2):
        page = reloaded(third)
        expect(page.locator(AT)).to_have_value(at)
        expect(page.locator('input[type=hidden][name^="q-"][value=no]')).to_have_count(3)
    answer_no(page)
    expect(page.locator('input[type=hidden][name^="q-"][value=no]')).to_have_count(4)
    assert "q-" not in page.url


def test_after_reload_the_browsers_back_still_leads_to_the_question_before(page: Page) -> None:
    page.goto("/patient/")
    page.click("form button")
    for _ in range(3):
        answer_no(page)
    reloaded(page).wait_for_selector("body.nhsuk-frontend-supported")
    page.evaluate("history.back()")
    expect(page.locator(AT)).to_have_value("bladder_bowel")
    expect(page.locator("[type=radio][value=no]")).to_be_checked()


def test_reload_keeps_the_answers_beside_an_alarm_and_a_mistake(any_page: Page) -> None:
    page = any_page
    page.goto("/patient/")
    page.click("form button")
    answer_no(page)
    page.click('button[value="continue"]')
    page.wait_for_selector("#error-summary")
    expect(reloaded(page).locator("#error-summary")).to_be_visible()
    page.check("[type=radio][value=yes]")
    page.click('button[value="continue"]')
    alarm = page.locator("h1").inner_text()
    expect(reloaded(page).locator("h1")).to_have_text(alarm)
    expect(page.locator('input[type=hidden][name="q-leg_weakness"]').first).to_have_value("no")


@pytest.mark.parametrize("name", ["check", "result", "nurse-met"])
def test_reload_keeps_the_answers_on_the_pages_at_the_end(
    any_page: Page, visit_with: Callable[[Page, State], None], name: str
) -> None:
    visit_with(any_page, states()[name])
    heading = any_page.locator("h1").inner_text()
    expect(reloaded(any_page).locator("h1")).to_have_text(heading)
    expect(any_page.locator('input[type=hidden][name="q-leg_weakness"]').first).to_have_value("no")


def test_a_patient_looks_again_at_answers_that_do_not_fit_together(page: Page) -> None:
    answers = {**shipped.favourable(), **given(diagnosis_date=dt.date(2026, 9, 12))}
    unknown = dict.fromkeys(shipped.ruleset().items, UNKNOWN)
    fields = typed(shipped.ruleset(), {**unknown, **answers})
    page.goto("/patient/")
    page.evaluate(
        """fields => {
          const form = document.querySelector("main form");
          for (const [name, value] of fields) {
            const input = document.createElement("input");
            Object.assign(input, {type: "hidden", name, value});
            form.append(input);
          }
          form.action = "/patient/question";
        }""",
        [*fields.items(multi=True), ("report", "yes"), ("action", "check")],
    )
    with page.expect_navigation():
        page.evaluate("document.querySelector('main form').submit()")
    asked = shipped.ruleset().items["diagnosis_date"].ask.patient
    again = page.get_by_role("region", name="Please look at these answers again")
    expect(again).to_contain_text("A break cannot be found before it happens.")
    with page.expect_navigation():
        again.get_by_role("button", name=asked).click()
    expect(page.locator(AT)).to_have_value("diagnosis_date")
    page.get_by_label("Month").fill("10")
    with page.expect_navigation():
        page.get_by_role("button", name="Continue").click()
    expect(page.locator("h1")).to_have_text("Check your answers")
    expect(again).to_have_count(0)
