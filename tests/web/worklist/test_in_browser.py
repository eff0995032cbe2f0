"""The worklist in a real browser: by the keyboard alone, without scripts, on a small screen."""

import socket
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from flask import Flask
from playwright.sync_api import Browser, Dialog, FilePayload, Page, expect
from support.people import worklist_people
from support.services.answer_times import running

from screening.core.rules.item import Finder
from screening.records.access import Actor
from screening.records.case.case_view import open_case
from screening.records.case.chase_rows import Chase
from screening.records.casework.cases import change_referral
from screening.records.casework.chases import set_chases
from screening.records.ledger.records import Records
from screening.records.worklist.worklist import Query, worklist
from screening.web.service.server import Server

Look = Callable[..., Page]
HEADING = "Reference,Patient,Birth year,Referring clinic,Priority\n"


@pytest.fixture
def served(app: Flask) -> Iterator[str]:
    """The address at which browsers find the application."""
    server = Server(app, socket.create_server(("127.0.0.1", 0)))
    with running(server) as port:
        yield f"http://127.0.0.1:{port}"


@pytest.fixture
def look(browser: Browser, served: str, app: Flask, nurse_actor: Actor) -> Iterator[Look]:
    """Opens pages in Nora's browser; no script may fail there, and nothing may be blocked."""
    said: list[str] = []
    client = worklist_people.signed_in(app, nurse_actor)

    def looked(address: str, **options: Any) -> Page:  # noqa: ANN401 - Playwright's own
        context = browser.new_context(base_url=served, **options)
        for name in ("screening", "screening-session"):
            if cookie := client.get_cookie(name):
                context.add_cookies([{"name": name, "value": cookie.value, "url": served}])
        page = context.new_page()
        page.set_default_timeout(10_000)
        page.on("pageerror", lambda error: said.append(str(error)))
        page.on(
            "console",
            lambda told: said.append(told.text) if "Failed to load" not in told.text else None,
        )
        page.goto(address)
        return page

    yield looked
    for context in browser.contexts:
        context.close()
    assert said == []


@pytest.fixture
def ids(sqlite_records: Records, nurse_actor: Actor, site: int) -> tuple[str, ...]:
    """Thirty cases; the last one waits for somebody."""
    ids = worklist_people.fill(sqlite_records, nurse_actor, site, 30)
    chase = Chase(link_id="levels", owner=Finder.REPORT, due=sqlite_records.now().date())
    set_chases(open_case(sqlite_records, nurse_actor, ids[-1]), 1, {"levels": chase}, "chase-00001")
    return ids


def focused(page: Page) -> str:
    return str(page.evaluate("document.activeElement.innerText || document.activeElement.id"))


def type_a_referral(page: Page, reference: str, person: str) -> None:
    """Fill in the form by keys alone, from its first field on."""
    for words in (reference, person, "1950", "Hill practice"):
        page.keyboard.type(words)
        page.keyboard.press("Tab")
    page.keyboard.press("ArrowDown")  # from urgent to soon
    page.keyboard.press("Enter")


def test_a_day_by_the_keyboard(
    look: Look, ids: tuple[str, ...], sqlite_records: Records, nurse_actor: Actor
) -> None:
    page = look("/worklist/?sort=created&order=up")
    page.keyboard.press("j")
    assert focused(page) == "R-00001"
    page.keyboard.press("j")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("k")
    assert focused(page) == "R-00002"
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/case/{ids[1]}/")
    page.go_back()
    page.keyboard.press("/")
    assert focused(page) == "text"
    page.keyboard.type("nj/ R-00003")  # no key is taken while one types
    expect(page.locator("#text")).to_have_value("nj/ R-00003")
    page.keyboard.press("Control+A")
    page.keyboard.type("r 00003")
    page.keyboard.press("Enter")
    page.wait_for_url("**/worklist/?find=*")
    expect(page.locator("a[data-row]")).to_have_text(["R-00003"])
    assert "00003" not in page.url
    page.reload()
    expect(page.locator("a[data-row]")).to_have_text(["R-00003"])
    page.keyboard.press("n")
    page.wait_for_url("**/worklist/new")
    expect(page.locator("#reference")).to_be_focused()
    type_a_referral(page, "R-00003", "Q. R.")
    page.get_by_role("heading", name="Is this patient here already?").wait_for()
    page.get_by_role("button", name="It is another patient: add it").focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/case/*/")
    assert worklist(sqlite_records, nurse_actor, Query()).total == 31


def test_enter_opens_the_only_case_that_a_search_finds(look: Look, ids: tuple[str, ...]) -> None:
    page = look("/worklist/")
    page.keyboard.press("/")
    page.keyboard.type("no such case")
    page.keyboard.press("Enter")
    expect(page.locator("#text")).to_be_focused()
    page.locator("#text").fill("R-00007")
    page.keyboard.press("Enter")
    expect(page.locator("a[data-row]")).to_be_focused()
    page.keyboard.press("Enter")
    page.wait_for_url("**/case/*/")


def test_single_keys_can_be_switched_off_and_stay_off(look: Look, ids: tuple[str, ...]) -> None:
    page = look("/worklist/")
    box = page.get_by_role("checkbox", name="Shortcut keys")
    expect(box).to_be_checked()
    box.uncheck()
    page.reload()
    expect(box).not_to_be_checked()
    page.locator("h1").click()
    for key in ("n", "j", "/"):
        page.keyboard.press(key)
    assert page.url.endswith("/worklist/")
    assert page.evaluate("document.activeElement.matches('a[data-row], #text')") is False
    page.locator("a[data-row]").first.focus()
    page.keyboard.press("ArrowDown")  # is no character, and moves on from a row all the same
    expect(page.locator("a[data-row]").nth(1)).to_be_focused()


def test_back_from_a_case_leads_to_the_same_search(look: Look, ids: tuple[str, ...]) -> None:
    page = look("/worklist/")
    page.locator("#text").fill("Made")
    page.keyboard.press("Enter")
    page.wait_for_url("**find=*")
    page.get_by_role("link", name="Next page").click()
    page.get_by_text("Page 2 of 2").wait_for()
    page.locator("a[data-row]").first.click()
    page.wait_for_url("**/case/*/")
    page.go_back()
    page.get_by_text("Page 2 of 2").wait_for()
    expect(page.locator("#text")).to_have_value("Made")


def test_everything_works_without_scripts(
    look: Look, ids: tuple[str, ...], sqlite_records: Records, nurse_actor: Actor
) -> None:
    page = look("/worklist/", java_script_enabled=False)
    expect(page.get_by_role("checkbox", name="Shortcut keys")).to_be_hidden()
    page.get_by_label("Priority").select_option("urgent")
    page.get_by_role("button", name="Filter").click()
    expect(page.get_by_text("10 cases")).to_be_visible()
    page.get_by_role("link", name="Referring clinic").click()
    expect(page.get_by_role("columnheader", name="Referring clinic")).to_have_attribute(
        "aria-sort", "ascending"
    )
    page.goto("/worklist/import")
    data = (HEADING + "N-1,New,,Hill,soon\nR-00001,Other,,Hill,soon\n").encode()
    page.get_by_label("File of referrals").set_input_files(
        {"name": "r.csv", "mimeType": "text/csv", "buffer": data}
    )
    page.get_by_role("button", name="Check the file").click()
    page.get_by_label("Add it, row 3").check()
    page.get_by_role("button", name="Add new and ticked referrals").click()
    expect(page.get_by_text("2 referrals were added.")).to_be_visible()
    assert worklist(sqlite_records, nurse_actor, Query()).total == 32


def test_a_double_click_adds_one_referral(
    look: Look, sqlite_records: Records, nurse_actor: Actor
) -> None:
    page = look("/worklist/new")
    for name, words in (("reference", "R-1"), ("person", "A. B."), ("clinic", "Hill")):
        page.locator(f"#{name}").fill(words)
    page.get_by_label("Soon").check()
    page.get_by_role("button", name="Add and screen now").dblclick()
    page.wait_for_url("**/case/*/")
    assert worklist(sqlite_records, nurse_actor, Query()).total == 1


def test_a_table_stays_a_table_where_its_rows_are_cards(look: Look, ids: tuple[str, ...]) -> None:
    wide = look("/worklist/").locator("table.work").aria_snapshot()
    small = look("/worklist/", viewport={"width": 360, "height": 740}).locator("table.work")
    roles = ("- table", "- row ", "- columnheader", "- rowheader", "- cell")
    assert [wide.count(role) for role in roles] == [
        small.aria_snapshot().count(role) for role in roles
    ]
    assert wide.count("- columnheader") == 9


def axe(page: Page, name: str) -> list[str]:
    """What axe finds on a page, wide and small, and whether it is wider than a small screen."""
    found: list[str] = []
    for width in (1280, 360, 320):
        page.set_viewport_size({"width": width, "height": 800})
        said: list[dict[str, Any]] = Axe().run(page).response["violations"]
        found += [f"{name} {width} {s['id']}: {n['html'][:200]}" for s in said for n in s["nodes"]]
        if page.evaluate("document.documentElement.scrollWidth") > width:
            found.append(f"{name} is wider than {width}")
    page.set_viewport_size({"width": 1280, "height": 800})
    return found


def choose(page: Page, rows: str, heading: str = HEADING) -> None:
    """Upload a file of these rows."""
    page.goto("/worklist/import")
    page.get_by_label("File of referrals").set_input_files(
        {"name": "r.csv", "mimeType": "text/csv", "buffer": (heading + rows).encode()}
    )
    page.get_by_role("button", name="Check the file").click()
    page.wait_for_load_state()


def test_axe_finds_nothing_on_any_page(
    look: Look, ids: tuple[str, ...], sqlite_records: Records, nurse_actor: Actor
) -> None:
    page = look("/worklist/?page=2")
    found = axe(page, "list")
    for address in (
        "/worklist/?state=closed",
        "/worklist/chase",
        "/worklist/chase?overdue=1",
        "/worklist/import",
    ):
        page.goto(address)
        found += axe(page, address)
    page.goto("/worklist/new")
    found += axe(page, "new")
    page.get_by_role("button", name="Add and screen now").click()
    page.locator("#error-summary").wait_for()
    found += axe(page, "new with errors")
    for name, words in (("reference", "R-00001"), ("person", "A. B."), ("clinic", "Hill")):
        page.locator(f"#{name}").fill(words)
    page.get_by_label("Soon").check()
    page.get_by_role("button", name="Add and screen now").click()
    page.get_by_role("heading", name="Is this patient here already?").wait_for()
    found += axe(page, "duplicates")
    page.goto(f"/case/{ids[0]}/referral")
    found += axe(page, "referral")
    theirs = worklist_people.referral(1, clinic="Their clinic")
    change_referral(open_case(sqlite_records, nurse_actor, ids[0]), 1, theirs, "theirs-0001")
    page.get_by_role("button", name="Save").click()
    page.get_by_text("This referral has changed since you opened it").wait_for()
    found += axe(page, "edit of a newer one")
    choose(page, "N-1,New,,Hill,soon\nR-00001,Other,,Hill,soon\nN-1,Twice,,Hill,soon\n")
    found += axe(page, "preview")
    choose(page, "=1,,50,Hill,low\nx,y\n")
    found += axe(page, "preview with problems")
    page.get_by_role("button", name="Add corrected referrals").click()
    page.wait_for_load_state()
    found += axe(page, "problems not corrected")
    choose(page, '"N-9,New,,Hill,soon\n')
    found += axe(page, "file not read to its end")
    choose(page, "x,y\n", "Ref no,,Priorty\n")
    found += axe(page, "columns")
    page.get_by_role("button", name="Check the file").click()
    page.locator("#error-summary").wait_for()
    found += axe(page, "columns with errors")
    assert found == []


def test_rows_that_wait_for_correction_are_left_only_after_a_question(look: Look) -> None:
    page, asked = look("/worklist/import"), list[str]()

    def stay(dialog: Dialog) -> None:
        asked.append(dialog.type)
        dialog.dismiss()

    choose(page, "N-1,New,,Hill,soon\nW-1,,,Hill,soon\n")
    page.on("dialog", stay)
    page.get_by_role("button", name="Add new and corrected referrals").click()
    expect(page.get_by_text("1 referral was added.")).to_be_visible()
    assert asked == []
    page.locator("#row-3-person").click()
    page.get_by_role("link", name="Worklist").first.click()
    page.wait_for_timeout(0)
    assert asked == ["beforeunload"]
    page.get_by_label("Leave this row out").check()
    page.get_by_role("button", name="Add corrected referrals").click()
    page.wait_for_url("**/worklist/?sort=created")
    assert asked == ["beforeunload"]


@pytest.mark.parametrize("size", [1_020_000, 3_000_000])
def test_a_file_that_is_too_large_is_answered_by_a_page(look: Look, size: int) -> None:
    page = look("/worklist/import")
    chosen = FilePayload(name="scan.csv", mimeType="text/csv", buffer=b"x" * size)
    page.get_by_label("File of referrals").set_input_files(files=[chosen])
    page.get_by_role("button", name="Check the file").click()
    expect(page.locator("h1")).to_have_text("This file is too large")
    page.get_by_role("link", name="Choose another file").click()
    expect(page.get_by_label("File of referrals")).to_be_visible()
