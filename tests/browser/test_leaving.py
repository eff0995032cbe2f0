"""Leaving nothing behind, sharing, and reloading, in a real browser."""

from collections.abc import Callable
from contextlib import suppress

import pytest
from playwright.sync_api import BrowserContext, Error, Page, expect
from support.pages.web_states import State, chosen, patient

Visit = Callable[[State], None]
RESULT = State("/patient/result", chosen(own="Looking after my garden"))
CHECK = State("/patient/question", patient(action="check"))
CLEARED = "Your answers are gone from this page"
ANSWERS = "[name^=q-][value=osteoporosis]"


def leave(page: Page) -> None:
    with page.expect_navigation(url="**/patient/cleared?language=en"):
        page.click("[data-leave]")
    expect(page.locator("h1")).to_have_text(CLEARED)


@pytest.mark.parametrize("state", [RESULT, CHECK], ids=["result", "check"])
def test_back_shows_nothing_after_leaving(page: Page, visit: Visit, state: State) -> None:
    visit(state)
    expect(page.locator(ANSWERS).first).to_be_attached()
    leave(page)
    with suppress(Error):  # the browser shows its own page, which asks to send the form again
        page.go_back()
    assert page.locator(ANSWERS).count() == 0
    assert page.locator("#answers, dl.answers").count() == 0
    page.reload()  # it is sent again, and not shown
    expect(page.locator("h1")).to_have_text(CLEARED)
    assert page.locator(ANSWERS).count() == 0


def test_the_entry_of_the_page_is_replaced(page: Page, visit: Visit) -> None:
    visit(RESULT)
    page.wait_for_function("location.hash === '#page'")
    before = page.evaluate("history.length")
    leave(page)
    assert page.evaluate("history.length") == before


def test_a_page_that_is_sent_again_after_leaving_is_not_shown(page: Page, visit: Visit) -> None:
    visit(RESULT)
    page.evaluate("sessionStorage.setItem('left', '1')")
    page.reload()
    expect(page.locator("h1")).to_have_text(CLEARED)


def test_a_new_visit_after_leaving_is_shown(page: Page, visit: Visit) -> None:
    visit(RESULT)
    leave(page)
    page.click("text=Start again")
    page.click("text=Start now")
    expect(page.locator("[name=at]")).to_be_attached()
    page.reload()
    expect(page.locator("[name=at]")).to_be_attached()


def test_nor_does_back_out_of_the_next_visit_show_the_one_before(page: Page, visit: Visit) -> None:
    """The next person at a shared computer goes back past their own pages."""
    visit(CHECK)
    leave(page)
    page.click("text=Start again")
    page.click("text=Start now")
    expect(page.locator("[name=at]")).to_be_attached()
    for _ in range(page.evaluate("history.length")):
        with suppress(Error):
            page.evaluate("history.go(location.hash ? -2 : -1)")  # past the step within the page
        page.wait_for_timeout(300)
        with suppress(Error):
            page.reload()  # the browser asks first; here it sends again at once
        assert page.locator(ANSWERS).count() == 0


def test_the_browser_keeps_one_number_and_no_answer(page: Page, visit: Visit) -> None:
    visit(RESULT)
    leave(page)
    assert page.evaluate("({...sessionStorage})") == {"left": "1"}
    assert page.evaluate("localStorage.length") == 0


@pytest.mark.parametrize("state", [RESULT, CHECK], ids=["result", "check"])
def test_reload_keeps_the_answers(page: Page, visit: Visit, state: State) -> None:
    visit(state)
    page.wait_for_function("location.hash === '#page'")
    page.reload()
    expect(page.locator(ANSWERS).first).to_be_attached()


@pytest.fixture
def plain(new_context: Callable[..., BrowserContext]) -> Page:
    return new_context(java_script_enabled=False).new_page()


def test_without_scripts_reload_keeps_the_answers_and_leaving_says_what_back_does(
    plain: Page,
) -> None:
    plain.goto("/patient/")
    plain.click("text=Start now")
    plain.check("[name=q-leg_weakness][value=no]")
    plain.get_by_role("button", name="Continue").click()
    expect(plain.locator("[name=q-leg_weakness][value=no]")).to_be_attached()
    plain.reload()
    expect(plain.locator("[name=q-leg_weakness][value=no]")).to_be_attached()
    plain.click("text=Clear and leave")
    expect(plain.locator("h1")).to_have_text(CLEARED)
    expect(plain.locator("main")).to_contain_text("its Back button may still show your answers")


def test_share_is_hidden_where_the_browser_has_no_way(page: Page, visit: Visit) -> None:
    page.add_init_script("Object.defineProperty(navigator, 'share', {value: undefined})")
    visit(RESULT)
    expect(page.locator("[data-copy-sheet]")).to_be_visible()
    expect(page.locator("[data-share-sheet]")).to_be_hidden()


def test_share_gives_the_text_of_the_sheet(page: Page, visit: Visit) -> None:
    page.add_init_script(
        "Object.defineProperty(navigator, 'share',"
        " {value: async (data) => { document.title = data.text; }})"
    )
    visit(RESULT)
    page.click("[data-share-sheet]")
    page.wait_for_function("document.title.includes('Looking after my garden')")


def test_a_share_that_fails_says_what_to_do_and_one_taken_back_says_nothing(
    page: Page, visit: Visit
) -> None:
    page.add_init_script(
        "Object.defineProperty(navigator, 'share', {value: async () => {"
        " throw new DOMException('', document.title === 'x' ? 'AbortError' : 'DataError'); }})"
    )
    visit(RESULT)
    page.click("[data-share-sheet]")
    expect(page.locator("[data-kept]")).to_have_text("Nothing was shared. Copy the sheet as text.")
    page.evaluate("document.title = 'x'")
    page.click("[data-share-sheet]")
    expect(page.locator("[data-kept]")).to_have_text("")


def test_copy_puts_the_text_on_the_clipboard(page: Page, visit: Visit) -> None:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    visit(RESULT)
    page.click("[data-copy-sheet]")
    expect(page.locator("[data-kept]")).to_have_text("Copied.")
    assert "Looking after my garden" in page.evaluate("navigator.clipboard.readText()")


def test_a_saved_file_opens_again_from_the_first_page(page: Page, visit: Visit) -> None:
    visit(RESULT)
    with page.expect_download() as saved:
        page.click("text=Save my answers >> nth=0")
    page.goto("/patient/")
    page.set_input_files("#file", saved.value.path())
    page.click("text=Open my answers")
    expect(page.locator("h1")).to_have_text("Check your answers")
    expect(page.locator("[name=own][value='Looking after my garden']").first).to_be_attached()
