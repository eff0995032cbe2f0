"""What stands on the screen when a session ends, and what comes back."""

from collections.abc import Callable
from typing import Protocol

import pytest
from playwright.sync_api import Page, expect
from support.people.browser_people import enter
from support.storage import databases

from screening.records.access import Role
from screening.records.ledger.records import Records

Visit = Callable[..., Page]
SECRET = "A. B. Canary"  # noqa: S105 - what is not to be seen


class Service(Protocol):
    """What ``service`` gives."""

    records: Records

    def person(self, *roles: Role, name: str = "Ann Miller") -> str: ...


@pytest.fixture
def at_work(visit: Visit, service: Service) -> Page:
    """A nurse's page with something typed that is not sent yet."""
    page = visit()
    enter(page, service.person(Role.NURSE))
    page.wait_for_url("**/worklist/")
    page.goto("/worklist/new")
    page.locator("[name=person]").fill(SECRET)
    return page


def end_session(service: Service) -> None:
    databases.clock(service.records).advance(minutes=16)


def look(page: Page) -> None:
    """As when somebody comes back to the window."""
    page.evaluate("dispatchEvent(new Event('focus'))")


def test_back_after_sign_out_shows_nothing(visit: Visit, service: Service) -> None:
    page = visit()
    enter(page, service.person(Role.NURSE, name="Canary Nurse"))
    page.wait_for_url("**/worklist/")
    page.goto("/worklist/chase")
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    for _ in range(2):
        page.go_back()
        page.wait_for_load_state()
        expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
        expect(page.get_by_text("Canary Nurse")).to_have_count(0)


def test_a_session_that_ends_hides_the_page_and_gives_it_back(
    at_work: Page, service: Service
) -> None:
    email = at_work.request.get("/account/").text().split("<dd>")[2].split("</dd>")[0]
    end_session(service)
    look(at_work)
    over = at_work.get_by_role("dialog", name="You were signed out")
    expect(over).to_be_visible()
    expect(at_work.locator("[name=person]")).to_be_hidden()
    assert at_work.title() == "You were signed out"
    with at_work.context.expect_page() as opened:
        over.get_by_role("link", name="Sign in again").click()
    tab = opened.value
    enter(tab, email)
    expect(tab.get_by_role("heading", name="You are signed in")).to_be_visible()
    tab.close()
    look(at_work)
    expect(over).to_be_hidden()
    expect(at_work.locator("[name=person]")).to_have_value(SECRET)
    at_work.get_by_role("button", name="Add and screen now").click()
    expect(at_work.get_by_role("heading", name="There is a problem")).to_be_visible()
    expect(at_work.locator("[name=person]")).to_have_value(SECRET)


def test_escape_does_not_open_a_page_that_is_over(at_work: Page, service: Service) -> None:
    end_session(service)
    look(at_work)
    over = at_work.get_by_role("dialog", name="You were signed out")
    expect(over).to_be_visible()
    at_work.keyboard.press("Escape")
    at_work.keyboard.press("Escape")
    expect(at_work.locator("[name=person]")).to_be_hidden()


@pytest.mark.parametrize("scripts", [True, False])
def test_a_form_sent_too_late_is_kept_and_sent_after_sign_in(
    visit: Visit,
    service: Service,
    scripts: bool,  # noqa: FBT001 - a case of the table
) -> None:
    page = visit(java_script_enabled=scripts)
    email = service.person(Role.NURSE)
    enter(page, email)
    page.wait_for_url("**/worklist/")
    page.goto("/worklist/new")
    page.locator("[name=reference]").fill("R-1")
    page.locator("[name=person]").fill(SECRET)
    end_session(service)
    page.get_by_role("button", name="Add and screen now").click()
    expect(page.get_by_role("heading", name="You were signed out")).to_be_visible()
    with page.context.expect_page() as opened:
        page.get_by_role("link", name="Sign in again").click()
    tab = opened.value
    enter(tab, email)
    expect(tab.get_by_role("heading", name="You are signed in")).to_be_visible()
    tab.close()
    page.get_by_role("button", name="Send what I typed").click()
    page.wait_for_load_state()
    assert SECRET in page.content()


def test_a_warning_is_announced_and_staying_takes_it_away(visit: Visit, service: Service) -> None:
    page = visit()
    enter(page, service.person(Role.NURSE))
    page.wait_for_url("**/worklist/")
    databases.clock(service.records).advance(minutes=13, seconds=30)
    look(page)
    announced = page.get_by_role("alert")
    expect(announced.get_by_text("You will be signed out in 2 minutes")).to_be_visible()
    announced.get_by_role("button", name="Stay signed in").click()
    expect(page.get_by_text("You will be signed out in")).to_be_hidden()
    databases.clock(service.records).advance(minutes=10)
    look(page)
    expect(page.get_by_role("dialog")).to_be_hidden()


def test_a_second_window_hides_when_the_first_signs_out(visit: Visit, service: Service) -> None:
    page = visit()
    enter(page, service.person(Role.NURSE))
    page.wait_for_url("**/worklist/")
    other = page.context.new_page()
    other.goto("/worklist/")
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    look(other)
    expect(other.get_by_role("dialog", name="You were signed out")).to_be_visible()


def test_another_person_who_signs_in_sees_nothing_of_it(at_work: Page, service: Service) -> None:
    end_session(service)
    look(at_work)
    tab = at_work.context.new_page()
    tab.goto("/account/sign-in")
    enter(tab, service.person(Role.NURSE, name="Ben Baker"))
    tab.wait_for_url("**/worklist/")
    look(at_work)
    expect(at_work.get_by_text("Ben Baker")).to_be_visible()
    assert SECRET not in at_work.content()
