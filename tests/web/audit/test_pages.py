"""The pages of an audit: what people typed is inert, the HTML valid, the keyboard enough."""

import re
from collections.abc import Callable, Iterator, Mapping
from threading import Event, Thread
from time import sleep
from typing import Any
from uuid import uuid4

import pytest
import waitress
from axe_playwright_python.sync_playwright import Axe
from flask import Flask
from flask.testing import FlaskClient
from playwright.sync_api import Browser, expect
from playwright.sync_api import Page as BrowserPage
from sqlalchemy import text
from support.casework.handovers import hand_over
from support.casework.screened_cases import Screened, screen
from support.pages.page_reader import Page
from support.people import worklist_people
from support.people.web_people import add_site
from support.rulesets import shipped
from support.rulesets.other_rules import app_by, exclusion_that_holds, without
from support.storage.database_owner import unguarded

from screening.core.results.decision import Choice, Decision
from screening.core.rules.ruleset import Ruleset, Tier
from screening.records.access import Actor, Role
from screening.records.case.case_view import open_case
from screening.records.casework.cases import change_referral, find_case
from screening.records.ledger.records import Records
from screening.records.ledger.signed_head import Signer
from screening.records.results.decisions import NewDecision, record_review
from screening.records.verification.verdict import Verdict
from screening.records.witness.heads import LedgerSigner
from screening.web.shell import long_work

Check = Callable[[Mapping[str, str]], list[str]]
SCRIPT = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>"
TURNED = "\u202eX\u2066Y"
OPEN_ALL = "document.querySelectorAll('details').forEach(each => { each.open = true; })"

LAST_LINE_ON_TOP = """() => {
  const line = [...document.querySelectorAll(".long-work > p")].at(-1);
  line.scrollIntoView({ block: "center" });
  const { x, y } = line.getBoundingClientRect();
  return line.contains(document.elementFromPoint(x + 5, y + 5));
}"""


@pytest.fixture
def records(sqlite_records: Records) -> Records:
    """What is shown does not depend on the database."""
    return sqlite_records


@pytest.fixture
def hostile(records: Records) -> Screened:
    """Results by a lead nurse with a hostile name, at a site with one; overridden with a note."""
    site = add_site(records, f"A{SCRIPT}{TURNED}")
    roles = (Role.NURSE, Role.LEAD_NURSE)
    lead = worklist_people.person(records, *roles, sites=[site], name=f"Lea{SCRIPT}{TURNED}")
    screened = screen(records, lead)
    for case_id in screened.cases:
        poison(records, lead, case_id)
    return screened


def poison(records: Records, lead: Actor, case_id: str) -> None:
    version = find_case(records, lead, case_id).version
    person = worklist_people.referral(
        reference=f"R{SCRIPT[:17]}{case_id[:4]}", person=f"P{SCRIPT}", birth_year=None
    )
    version = change_referral(open_case(records, lead, case_id), version, person, uuid4().hex)
    outcome = open_case(records, lead, case_id).assessment(1).content["assessment"]["outcome"]
    reason = "against-not-asked" if outcome["favourable"] else "refer-newer-knowledge"
    note = f"N{SCRIPT}{TURNED}"
    if find_case(records, lead, case_id).emergencies:
        version = hand_over(records, lead, case_id, told=f"Dr{SCRIPT}{TURNED}")
    seen = shipped.ruleset().items_of(Tier.EMERGENCY)
    decided = NewDecision(choice=Choice(Decision.OVERRIDE, reason), note=note, seen=seen)
    record_review(
        open_case(records, lead, case_id), 1, version, decided, shipped.ruleset(), uuid4().hex
    )


@pytest.fixture
def others(hostile: Screened) -> Ruleset:
    return without(exclusion_that_holds(hostile))


@pytest.fixture
def app(records: Records, others: Ruleset) -> Flask:
    """Screens by other rules than the results were computed by, so that all sections have words."""
    signer = Signer.make()
    return app_by(others, records, SIGNER=lambda: LedgerSigner(records, signer))


@pytest.fixture
def auditor(records: Records, hostile: Screened) -> Actor:
    sites = [*hostile.nurse.sites, add_site(records, f"B{SCRIPT}")]
    return worklist_people.person(records, Role.AUDITOR, sites=sites, name=f"Ada{SCRIPT}{TURNED}")


@pytest.fixture
def client(app: Flask, auditor: Actor) -> FlaskClient:
    return worklist_people.signed_in(app, auditor)


@pytest.fixture
def ways(hostile: Screened, others: Ruleset) -> dict[str, str]:
    case = hostile.cases[0]
    return {
        "list": "/audit/",
        "trace": f"/audit/{case}/1/",
        "views": f"/audit/{case}/views",
        "ledger": "/audit/ledger",
        "impact": f"/audit/impact?rules={others.digest}",
    }


@pytest.fixture
def pages(client: FlaskClient, ways: dict[str, str], records: Records) -> dict[str, str]:
    """Every page of an audit, by name."""
    found = {name: client.get(address).text for name, address in ways.items()}
    searched = client.post("/audit/find", data={"text": SCRIPT}).headers["Location"]
    found["search"] = client.get(searched).text
    found["verified"] = client.get("/audit/ledger/verify").text
    with records.database.writing() as session, unguarded(session):
        session.execute(text("UPDATE answers SET how = 'import'"))
    found["faults"] = client.get("/audit/ledger/verify").text
    return found


def test_the_pages_are_those_that_they_are_taken_for(pages: dict[str, str]) -> None:
    assert "Overridden" in pages["list"]
    assert "5 results" in Page(pages["search"]).text
    assert "Faults found" in pages["faults"]
    assert "Criteria that change" in pages["impact"]


def test_nothing_that_was_typed_runs(pages: dict[str, str]) -> None:
    for name, html in pages.items():
        assert "<script>alert" not in html, name
        assert "img" not in Page(html).tags, name
        assert html.count("<script") == html.count("<script type="), name
    assert "<script>alert(1)</script>" in Page(pages["trace"]).text


def test_what_turns_text_around_stays_within_its_place(pages: dict[str, str]) -> None:
    for name, html in pages.items():
        rest = re.sub(r"<(bdi|option|header)\b.*?</\1>", "", html, flags=re.DOTALL)
        assert not re.findall(r"[\u202a-\u202e\u2066-\u2069]", rest), name


def test_every_page_is_valid_html(pages: dict[str, str], html_problems: Check) -> None:
    assert html_problems(pages) == []


def findings(page: BrowserPage) -> list[str]:
    found: list[dict[str, Any]] = Axe().run(page).response["violations"]
    return [f"{each['id']}: {node['html'][:200]}" for each in found for node in each["nodes"]]


@pytest.fixture
def browse(
    app: Flask, client: FlaskClient, browser: Browser
) -> Iterator[Callable[[str], BrowserPage]]:
    """Opens an address in a browser of the auditor's own; no script may fail there."""
    server = waitress.create_server(app, host="127.0.0.1", port=0, threads=4)
    Thread(target=server.run, daemon=True).start()
    served = f"http://127.0.0.1:{server.effective_port}"
    said: list[str] = []

    def opened(address: str) -> BrowserPage:
        context = browser.new_context(base_url=served)
        cookies: list[Any] = [
            {"name": name, "value": cookie.value, "url": served}
            for name in ("screening", "screening-session")
            if (cookie := client.get_cookie(name))
        ]
        context.add_cookies(cookies)
        page = context.new_page()
        page.set_default_timeout(10_000)
        page.on("pageerror", lambda error: said.append(str(error)))
        page.goto(address)
        return page

    yield opened
    for context in browser.contexts:
        context.close()
    server.close()
    assert said == []


def test_axe_finds_nothing_and_nothing_is_wider_than_a_phone(
    browse: Callable[[str], BrowserPage], ways: dict[str, str]
) -> None:
    page = browse("/audit/")
    for name, address in ways.items():
        page.set_viewport_size({"width": 1280, "height": 900})
        page.goto(address)
        page.evaluate(OPEN_ALL)
        assert (name, findings(page)) == (name, [])
        page.set_viewport_size({"width": 360, "height": 740})
        assert page.evaluate("document.documentElement.scrollWidth") <= 360, name
        assert (name, findings(page)) == (name, [])


def test_the_keyboard_leads_from_a_search_to_the_evidence(
    browse: Callable[[str], BrowserPage], hostile: Screened
) -> None:
    """No pointer and, but for the browser's own, no script is needed."""
    page = browse("/audit/")
    press_until(page, "document.activeElement.id === 'text'")
    page.keyboard.type(f"R{SCRIPT[:17]}{hostile.cases[1][:4]}")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert page.get_by_text("1 result,").is_visible()
    press_until(page, "document.activeElement.matches('a.work__case')")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert f"/audit/{hostile.cases[1]}/1/" in page.url
    press_until(page, "document.activeElement.matches('summary')")
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.parentElement.open")
    press_until(page, "document.activeElement.href?.endsWith('evidence.json')")
    with page.expect_download() as got:
        page.keyboard.press("Enter")
    assert got.value.suggested_filename == "evidence-1.json"


def press_until(page: BrowserPage, there: str) -> None:
    """Press Tab until the focus is where it should be."""
    for _ in range(80):
        page.keyboard.press("Tab")
        if page.evaluate(there):
            return
    raise AssertionError(there)


def test_a_page_stands_in_forced_colours_and_at_large_text(
    browse: Callable[[str], BrowserPage], ways: dict[str, str]
) -> None:
    page = browse(ways["trace"])
    page.emulate_media(forced_colors="active")
    page.set_viewport_size({"width": 320, "height": 640})  # WCAG 1.4.10: 400% of 1280
    assert findings(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= 320


def test_a_person_sees_the_newest_line_of_progress_before_the_page_is_whole(
    browse: Callable[[str], BrowserPage], monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = Event()

    def work(*given: Any) -> Verdict:  # noqa: ANN401 - as it is called
        for done in (3, 7):
            given[-1](done, 10)
            sleep(0.2)
        seen.wait(20)
        return Verdict()

    monkeypatch.setattr(long_work, "EVERY", 0.1)
    monkeypatch.setattr("screening.web.audit.ledger.verify_ledger", work)
    page = browse("/audit/ledger")
    page.goto("/audit/ledger/verify", wait_until="commit")
    expect(page.get_by_text("Verifying the ledger: 7 of 10").last).to_be_visible()
    assert page.evaluate(LAST_LINE_ON_TOP)
    seen.set()
    expect(page.get_by_role("heading", name="No faults found")).to_be_visible()
    assert page.evaluate(LAST_LINE_ON_TOP)
