"""Every page about accounts and people: what machines say of it, and a passkey from end to end."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Protocol

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect
from sqlalchemy import text
from support.people.browser_people import enter

from screening.records.access import Role
from screening.records.ledger.records import Records
from screening.records.people import first_account
from screening.records.people.administration import COMMAND_LINE
from screening.records.rights.proposal_list import proposals
from screening.records.rights.proposals import approve

Visit = Callable[..., Page]
PICTURES = os.environ.get("SCREENSHOTS")


class Service(Protocol):
    """What ``service`` gives."""

    address: str
    records: Records

    def person(self, *roles: Role, name: str = "Ann Miller") -> str: ...


def findings(page: Page) -> list[str]:
    found: list[dict[str, Any]] = Axe().run(page).response["violations"]
    return [f"{each['id']}: {node['html'][:200]}" for each in found for node in each["nodes"]]


def judge(page: Page, name: str) -> list[str]:
    """What is wrong with a page, wide and narrow; for people's eyes a picture, if asked for."""
    wrong = []
    for width in (1280, 360):
        page.set_viewport_size({"width": width, "height": 800})
        wrong += [f"{name} {width}: {each}" for each in findings(page)]
        if page.evaluate("document.documentElement.scrollWidth") > width:
            wrong.append(f"{name} {width}: too wide")
        if PICTURES:
            page.screenshot(path=Path(PICTURES) / f"{name}-{width}.png", full_page=True)
    page.set_viewport_size({"width": 1280, "height": 800})
    return wrong


def test_pages_at_the_door(visit: Visit, service: Service) -> None:
    link = first_account.setup_link(service.records)
    page = visit(link)
    wrong = judge(page, "first")
    page.get_by_role("button", name="Make the account").click()
    expect(page.get_by_role("heading", name="There is a problem")).to_be_visible()
    wrong += judge(page, "first-error")
    page.goto("/account/first/used")
    wrong += judge(page, "first-closed")
    page.goto("/account/sign-in")
    expect(page.get_by_label("Email address")).to_be_focused()
    wrong += judge(page, "sign-in")
    enter(page, "ann@clinic.localhost", "wrong horse battery")
    expect(page.get_by_role("heading", name="There is a problem")).to_be_visible()
    expect(page.locator(".nhsuk-error-summary")).to_be_focused()
    wrong += judge(page, "sign-in-error")
    page.goto("/account/passkey")
    wrong += judge(page, "passkey")
    assert wrong == []


def test_pages_of_ones_own_account(visit: Visit, service: Service) -> None:
    page = visit()
    enter(page, service.person(Role.NURSE))
    page.wait_for_url("**/worklist/")
    wrong = []
    for name in (
        "",
        "password",
        "codes",
        "recovery-codes",
        "passkeys",
        "sessions",
        "back",
        "again",
    ):
        page.goto(f"/account/{name}")
        wrong += judge(page, f"own-{name}")
    page.goto("/account/codes")
    page.get_by_role("button", name="Set up the app").click()
    expect(page.get_by_role("img", name="QR code for the authenticator app")).to_be_visible()
    wrong += judge(page, "own-qr")
    page.get_by_role("textbox", name="Code").fill("000000")
    page.get_by_role("button", name="Finish").click()
    expect(page.locator(".nhsuk-error-summary")).to_be_focused()
    expect(page.get_by_role("img", name="QR code for the authenticator app")).to_be_visible()
    wrong += judge(page, "own-qr-error")
    page.goto("/account/recovery-codes")
    page.get_by_role("button", name="Make recovery codes").click()
    wrong += judge(page, "own-recovery-made")
    page.goto("/account/")
    page.evaluate("document.querySelector('.session__warning').hidden = false")
    wrong += judge(page, "warning")
    assert wrong == []


def cut_off(page: Page) -> list[str]:
    """The cells that name no column, or reach beyond a narrow page or have to be scrolled to."""
    page.set_viewport_size({"width": 360, "height": 800})
    found: list[str] = page.evaluate(
        """[...document.querySelectorAll("tbody td")].filter((each) => each.textContent.trim()
            && (!each.dataset.head || each.getBoundingClientRect().right > 360
                || each.scrollWidth > each.clientWidth)).map((each) => each.outerHTML)"""
    )
    return found


def test_on_a_phone_tables_of_rights_and_of_the_ledger_are_cards(
    visit: Visit, service: Service
) -> None:
    page = visit()
    name = "Bartholomew-Alexander van Rensselaer-Cholmondeley"
    enter(page, service.person(Role.AUDITOR, Role.NURSE, name=name))
    page.wait_for_url("**/worklist/")
    page.goto("/emergency/")
    page.locator("#reference").fill("REFERENCE-OF-THIRTY-CHARACTERS")
    page.get_by_role("radio").first.check()
    page.locator("textarea").fill(
        "She fell and cannot wait: Unterschenkelhalsbruchverdachtsabklaerung"
    )
    page.get_by_role("button", name="Open the case").click()
    expect(page.get_by_role("heading", name="There is a problem")).to_be_visible()
    wrong = []
    for at in ("/people/review", "/audit/ledger", "/emergency/list"):
        page.goto(at)
        expect(page.locator("tbody td").first).to_be_visible()
        wrong += judge(page, at.replace("/", "-")) + cut_off(page)
    with service.records.database.engine.begin() as behind:
        behind.execute(text("UPDATE users SET email = 'changed@clinic.localhost'"))
    page.goto("/audit/ledger")
    page.get_by_role("button", name="Verify the ledger").click()
    expect(page.get_by_role("heading", name="Faults found")).to_be_visible()
    wrong += judge(page, "ledger-faults") + cut_off(page)
    caption = page.locator("caption").last.bounding_box()
    assert caption
    assert caption["width"] > 250  # not squeezed into a column of words
    assert wrong == []


def test_pages_about_people(visit: Visit, service: Service) -> None:
    page = visit()
    service.person(Role.NURSE, Role.AUDITOR, name="Ben Baker")
    enter(page, service.person(Role.ADMINISTRATOR, name="Ada Admin"))
    page.wait_for_url("**/people/")
    wrong = judge(page, "people")
    for name in ("add", "sites", "1", "sites/1"):
        page.goto(f"/people/{name}")
        wrong += judge(page, f"people-{name.replace('/', '-')}")
    page.goto("/people/add")
    page.get_by_role("button", name="Add person").click()
    wrong += judge(page, "people-add-error")
    page.goto("/people/1")
    page.get_by_role("button", name="Propose a password link").click()
    wrong += judge(page, "people-proposals")
    page.goto("/people/review")
    wrong += judge(page, "people-review")
    page.goto("/worklist/")
    wrong += judge(page, "refused")
    assert wrong == []


@pytest.fixture
def named(service: Service) -> str:
    """The address by a name, to which passkeys can belong."""
    return service.address.replace("127.0.0.1", "localhost")


@pytest.fixture
def with_authenticator(visit: Visit, named: str) -> Iterator[Page]:
    """A page in a browser that has a device for passkeys, with somebody's finger on it."""
    page = visit("/account/sign-in", base_url=named)
    device = page.context.new_cdp_session(page)
    device.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    device.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    yield page
    device.detach()


def test_a_passkey_is_added_signs_in_alone_and_is_removed(
    with_authenticator: Page, service: Service
) -> None:
    page = with_authenticator
    enter(page, service.person(Role.NURSE))
    page.wait_for_url("**/worklist/")
    page.goto("/account/passkeys")
    page.get_by_label("What do you call it?").fill("telephone")
    page.get_by_role("button", name="Add passkey").click()
    expect(page.get_by_text("The passkey “telephone” is added.")).to_be_visible()
    page.get_by_role("button", name="Sign out").click()
    page.get_by_role("link", name="Sign in with a passkey").click()
    page.get_by_role("button", name="Use my passkey").click()
    page.wait_for_url("**/worklist/")
    page.goto("/account/passkeys")
    page.get_by_role("button", name="Remove telephone").click()
    expect(page.get_by_text("The passkey “telephone” is removed.")).to_be_visible()
    page.get_by_role("button", name="Sign out").click()
    page.goto("/account/passkey")
    page.get_by_role("button", name="Use my passkey").click()
    expect(page.get_by_text("This passkey opens no account here.")).to_be_visible()


def test_where_no_passkey_is_given_one_may_try_again(
    visit: Visit, named: str, service: Service
) -> None:
    page = visit("/account/passkey", base_url=named)
    device = page.context.new_cdp_session(page)
    device.send("WebAuthn.enable")
    options = {"protocol": "ctap2", "transport": "usb"}
    device.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    page.add_init_script(
        "CredentialsContainer.prototype.get ="
        " () => Promise.reject(new DOMException('', 'NotAllowedError'))"
    )
    page.get_by_role("button", name="Use my passkey").click()
    expect(page.get_by_role("alert").get_by_text("No passkey was given")).to_be_visible()
    expect(page.get_by_role("button", name="Try again")).to_be_visible()


def test_a_link_is_copied_by_one_press(visit: Visit, service: Service) -> None:
    page = visit(permissions=["clipboard-read", "clipboard-write"])
    service.person(Role.NURSE, name="Nora Nurse")
    enter(page, service.person(Role.ADMINISTRATOR))
    page.wait_for_url("**/people/")
    page.get_by_role("region", name="People").get_by_role("link", name="Nora Nurse").click()
    page.get_by_role("button", name="Propose a password link").click()
    number = proposals(service.records, COMMAND_LINE)[0].number
    approve(service.records, COMMAND_LINE, number)
    page.reload()
    page.get_by_role("button", name="Copy the link").click()
    expect(page.get_by_role("status").filter(has_text="Copied.")).to_be_visible()
    link = page.locator(f"#link-{number}").text_content()
    assert link
    assert page.evaluate("navigator.clipboard.readText()") == link
