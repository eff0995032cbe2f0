"""What the sheet says and does when a question, or the page, is left: in a real browser."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Dialog, Page, Route, expect
from support.people.case_people import Nurse
from support.rulesets import shipped

from screening.web.forms.fields import NO_SUCH_WORDS

Look = Callable[..., Page]
COVER = ".session__over[open]"


def opened(nurse: Nurse, look: Look, **options: Any) -> Page:  # noqa: ANN401
    page = look(nurse, **options)
    page.wait_for_selector(".intake--keys")
    return page


def test_a_day_that_is_none_is_said_as_soon_as_its_question_is_left(
    nora: Nurse, look: Look
) -> None:
    page = opened(nora, look)
    row = page.locator("[data-item=imaging_date]")
    words = row.locator("[name=q-imaging_date-words]")
    words.fill("the other day")
    expect(row.locator(".nhsuk-error-message")).to_have_count(0)
    words.press("Enter")
    expect(row.locator(".nhsuk-error-message")).to_contain_text(NO_SUCH_WORDS)
    words.fill("3 October 2026")
    words.press("Enter")
    expect(row.locator(".nhsuk-error-message")).to_have_count(0)
    expect(page.locator("[data-saved]")).to_contain_text("Saved")


def test_moving_within_a_day_says_nothing_yet(nora: Nurse, look: Look) -> None:
    page = opened(nora, look)
    page.locator("[name=q-imaging_date-day]").fill("3")
    page.keyboard.press("Tab")
    page.locator("[name=q-imaging_date-month]").fill("10")
    page.keyboard.press("Tab")
    page.locator("[name=q-imaging_date-year]").fill("2026")
    page.keyboard.press("Tab")
    assert page.locator(".nhsuk-error-message").count() == 0


def test_a_link_waits_for_the_saving_so_that_the_sheet_is_not_old(nora: Nurse, look: Look) -> None:
    page = opened(nora, look)
    held: list[Route] = []
    asked: list[str] = []

    def leave(dialog: Dialog) -> None:
        asked.append(dialog.type)
        dialog.accept()

    def hold(route: Route) -> None:
        held.append(route)

    page.on("dialog", leave)
    page.route("**/section", hold)
    page.locator("[name=q-leg_weakness][value=no]").check()
    expect(page.locator("[data-saved]")).to_have_text("Saving…")
    page.get_by_role("link", name="Worklist").first.click()
    assert page.url.endswith(f"/case/{nora.case_id}/")
    for each in held:
        each.continue_()
    page.wait_for_url("**/worklist/")
    assert asked == []
    again = opened(nora, look)
    expect(again.locator("[name=q-leg_weakness][value=no]")).to_be_checked()


@pytest.mark.parametrize(("answer", "said"), [("yes", True), ("no", False)])
def test_the_cover_says_that_a_sign_of_an_emergency_is_not_saved(
    nora: Nurse, look: Look, answer: str, *, said: bool
) -> None:
    page = opened(nora, look)
    cookies: list[Any] = list(page.context.cookies())
    page.context.clear_cookies()
    page.locator(f"[name=q-leg_weakness][value={answer}]").check()
    cover = page.locator(COVER)
    expect(cover).to_be_visible()
    warning = cover.locator("[data-over-sign]")
    if said:
        expect(warning).to_be_visible()
        expect(warning).to_contain_text("tell a clinician who can act on it now")
    else:
        expect(warning).to_be_hidden()
    sign = shipped.ruleset().items["leg_weakness"].name
    assert sign not in cover.inner_text()
    page.context.add_cookies(cookies)  # signed in again, in another tab
    page.evaluate("dispatchEvent(new Event('focus'))")
    expect(cover).to_have_count(0)
    page.locator("[data-retry]").click()
    expect(page.locator("[data-saved]")).to_contain_text("Saved")


def shown_keys(page: Page) -> list[tuple[str, str]]:
    """The digits that stand beside answers, each with the id of its control."""
    found: list[tuple[str, str]] = page.evaluate("""() =>
      [...document.querySelectorAll(".intake [data-key]")]
        .filter((one) => getComputedStyle(one, "::before").content !== "none")
        .map((one) => [one.dataset.key, one.querySelector("input").id])""")
    return found


def test_each_answer_of_the_question_in_focus_shows_the_digit_that_picks_it(
    nora: Nurse, look: Look
) -> None:
    page = opened(nora, look)
    page.route("**/section", lambda route: route.abort())  # a saving hides questions again
    for link_id, item in shipped.ruleset().items.items():
        row = page.locator(f"[data-item={link_id}]")
        row.evaluate("row => { row.hidden = false; row.className = 'row'; }")
        row.locator("details").evaluate("one => { one.open = true; }")
        row.locator("[type=radio], [type=checkbox]").first.focus()
        keys = shown_keys(page)
        options = row.locator("fieldset :is([type=radio], [type=checkbox])")
        assert len(keys) == min(9, options.count())
        assert len(keys) > len(item.choices)
        key, control = keys[-1]
        page.keyboard.press(key)
        expect(page.locator(f"#{control}")).to_be_checked()


def test_the_digits_of_the_reasons_stand_beside_the_word_that_opens_them(
    nora: Nurse, look: Look
) -> None:
    page = opened(nora, look)
    expect(page.locator(".key-list")).to_contain_text("the answer with that number")
    said = "one => getComputedStyle(one, '::after').content"
    for link_id, keys in (("leg_weakness", "3\u20135"), ("pain_severity", "4\u20136")):
        page.locator(f"[name=q-{link_id}]").first.focus()
        summary = page.locator(f"[data-item={link_id}] summary")
        assert keys in summary.evaluate(said)
    page.keyboard.press("3")
    expect(page.locator("[name=q-pain_severity][value=severe]")).to_be_checked()


def test_no_digit_is_shown_where_digits_are_typed_or_keys_are_off(nora: Nurse, look: Look) -> None:
    page = opened(nora, look)
    page.locator("#q-age").focus()
    assert shown_keys(page) == []
    page.locator("[name=q-leg_weakness]").first.focus()
    assert shown_keys(page) != []
    page.locator("#number-keys").uncheck()
    page.locator("[name=q-leg_weakness]").first.focus()
    assert shown_keys(page) == []


def test_what_the_page_has_to_say_stays_in_view_until_an_answer(nora: Nurse, look: Look) -> None:
    page = look(nora, viewport={"width": 1280, "height": 500})
    page.goto(f"/case/{nora.case_id}/assign")
    page.get_by_role("button", name="Assign to me").click()
    page.wait_for_selector(".intake--keys")
    message = page.locator(".message")
    page.keyboard.press("n")
    page.evaluate("scrollTo(0, 900)")
    expect(message).to_be_in_viewport()
    page.keyboard.press("1")
    expect(message).not_to_be_in_viewport()
