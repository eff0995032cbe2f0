"""Presses every button of a page in a real browser, and tells of which nothing comes."""

from collections.abc import Callable
from contextlib import suppress

from playwright.sync_api import Error, Locator, Page, Request

Open = Callable[[Page], object]
BUTTONS = "button:visible, input[type=submit]:visible"
ENDS_THE_SESSION = "Sign out"
SCRIPTS_RUN = "body.nhsuk-frontend-supported"
PRINTS = "window.print = () => document.body.append('It prints.')"
OTHER_WORDS = "before => document.body && document.body.innerText !== before"
PATIENCE = 3000
WIDE = {"width": 1280, "height": 800}
PHONE = {"width": 360, "height": 740}


def faulty_buttons(page: Page, go: Open, *, changed: bool = False) -> list[str]:
    """The buttons of a page of which nothing comes, or that a finger cannot press.

    Args:
        page: a page of the browser, with whatever cookies it takes.
        go: opens what has the buttons, each time for one press.
        changed: whether something is typed and picked before a press.
    """
    page.context.add_init_script(PRINTS)
    go(page)
    page.set_viewport_size(PHONE)  # type: ignore[arg-type]
    covered = [each.inner_text() for each in page.locator(BUTTONS).all() if not _reached(each)]
    page.set_viewport_size(WIDE)  # type: ignore[arg-type]
    pressed = range(page.locator(BUTTONS).count())
    assert pressed, "the page has buttons"
    return covered + [dead for each in pressed if (dead := _dead(page, go, each, changed=changed))]


def _reached(button: Locator) -> bool:
    with suppress(Error):
        button.click(trial=True, timeout=PATIENCE)
        return True
    return False


def _dead(page: Page, go: Open, number: int, *, changed: bool) -> str:
    """The words of a button if nothing comes of it."""
    fresh = page.context.new_page()
    go(fresh)
    fresh.wait_for_selector(SCRIPTS_RUN)
    button = fresh.locator(BUTTONS).nth(number)
    words = button.inner_text()
    if changed:
        _change(fresh)
    alive = words == ENDS_THE_SESSION or _does_something(fresh, button)
    fresh.close()
    return "" if alive else words


def _change(page: Page) -> None:
    """Type into the first field of the page that takes text, and pick the first choice."""
    text, choice = page.locator("main input[type=text]:visible"), page.locator("main [type=radio]")
    if text.count():
        text.first.fill("7")
    if choice.count():
        choice.first.check()


def _does_something(page: Page, button: Locator) -> bool:
    """Whether a press sends a form, or changes what is to be read."""
    sent: list[str] = []
    page.on("request", lambda each: sent.extend([each.url] * _of_a_form(each)))
    before = page.evaluate("document.body.innerText")
    button.click(no_wait_after=True)
    with suppress(Error):
        page.wait_for_function(OTHER_WORDS, arg=before, timeout=PATIENCE)
        return True
    return bool(sent)


def _of_a_form(request: Request) -> bool:
    return request.method == "POST" or request.is_navigation_request()
