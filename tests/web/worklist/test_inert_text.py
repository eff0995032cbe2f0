"""What people type is shown as they typed it, runs nowhere, and turns no other text around."""

import re
from collections.abc import Callable, Iterator, Mapping

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text
from support.casework.case_writes import once
from support.pages.page_reader import Page
from support.people import worklist_people
from support.people.case_people import form_with
from support.people.web_people import add_site
from support.rulesets import shipped

from screening.core.rules.item import Finder
from screening.core.values.referral import Priority, Referral
from screening.records.access import Actor, Role
from screening.records.case.case_view import open_case
from screening.records.case.chase_rows import Chase
from screening.records.casework.cases import add_case, change_referral, close_case, reopen_case
from screening.records.casework.chases import set_chases
from screening.records.ledger.records import Records

Check = Callable[[Mapping[str, str]], list[str]]
SCRIPT = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>"
POISON = "<script>7{{7*7}}</script>\"'"
TURNED = "\u202eX\u2066Y"
HEADING = "Reference,Patient,Birth year,Referring clinic,Priority\n"


@pytest.fixture
def nora(sqlite_records: Records) -> Actor:
    """A lead nurse with a hostile name at two sites with hostile names."""
    sites = [add_site(sqlite_records, f"{name}{SCRIPT}{TURNED}") for name in ("A", "B")]
    roles = (Role.NURSE, Role.LEAD_NURSE)
    return worklist_people.person(sqlite_records, *roles, sites=sites, name=f"Nora{SCRIPT}{TURNED}")


@pytest.fixture
def pages(app: Flask, sqlite_records: Records, nora: Actor) -> dict[str, str]:
    """Every page of the worklist, by name, where everything that people typed is hostile."""
    site = min(nora.sites)
    referral = Referral(
        reference=f"R{POISON}",
        person=f"P{SCRIPT}",
        birth_year=1950,
        clinic=f"C{SCRIPT}",
        priority=Priority.SOON,
    )
    case_id = add_case(sqlite_records, nora, site, referral, "added-0001")
    due = sqlite_records.now().date()
    chase = {"levels": Chase(link_id="levels", owner=Finder.REPORT, due=due)}
    set_chases(open_case(sqlite_records, nora, case_id), 1, chase, "chase-0001")
    return dict(
        visits(worklist_people.signed_in(app, nora), sqlite_records, nora, case_id, referral)
    )


def visits(
    client: FlaskClient, records: Records, nora: Actor, case_id: str, referral: Referral
) -> Iterator[tuple[str, str]]:
    site = str(min(nora.sites))
    typed = {
        "reference": referral.reference,
        "person": referral.person,
        "clinic": referral.clinic,
        "priority": "soon",
        "site": site,
        "once": once(),
    }
    yield "list", client.get("/worklist/").text
    address = client.post("/worklist/find", data={"text": SCRIPT}).headers["Location"]
    yield "search", client.get(address).text
    yield "filter", client.get("/worklist/", query_string={"clinic": SCRIPT}).text
    yield "chase", client.get("/worklist/chase").text
    yield "new", client.get("/worklist/new").text
    yield "errors", client.post("/worklist/new", data=typed | {"priority": SCRIPT}).text
    yield "duplicates", client.post("/worklist/new", data=typed).text
    edit = f"/case/{case_id}/referral"
    yield "referral", client.get(edit).text
    page = Page(client.get(edit).text)
    (form,) = [form for form in page.forms if form.action == edit]
    theirs = Referral(
        reference=f"S{POISON}",
        person=f"Q{SCRIPT}",
        birth_year=None,
        clinic=f"D{SCRIPT}",
        priority=Priority.SOON,
    )
    name = f"Otto{SCRIPT}{TURNED}"
    otto = worklist_people.person(records, Role.NURSE, sites=nora.sites, name=name)
    close = f"/case/{case_id}/close"
    closing = form_with(Page(client.get(close).text), "Close the case")
    change_referral(open_case(records, otto, case_id), 2, theirs, "theirs-0001")
    yield "newer", client.post(edit, data=dict(form.fields) | {"person": f"Z{SCRIPT}"}).text
    yield "close", client.post(close, data=closing).text
    sheet = form_with(Page(client.get(f"/case/{case_id}/").text), "Show result")
    close_case(open_case(records, otto, case_id), 3, shipped.ruleset(), "theirs-0002")
    yield "closed", client.get(f"/case/{case_id}/").text
    yield "closed-meanwhile", client.post(f"/case/{case_id}/", data=sheet).text
    reopen_case(open_case(records, otto, case_id), 4, "theirs-0003")
    yield "import", client.get("/worklist/import").text
    cell = '"' + SCRIPT.replace('"', '""') + '"'
    good = f"N-1,{cell},,{cell},soon\n<b>,{cell},,{cell},soon\nN-1,{cell},,x,soon\n"
    yield "preview", upload(client, HEADING + good, site)  # "N-1" stands twice
    bad = f"=1,{cell * 9},{cell},{cell},{cell}\n"
    yield "problems", upload(client, HEADING + bad, site)
    yield "heading", upload(client, f"{cell},{TURNED}\n{good}", site)


def upload(client: FlaskClient, data: str, site: str) -> str:
    head = 'Content-Disposition: form-data; name="{}"\r\n\r\n{}\r\n--mark'
    file = head.format('file"; filename="<script>.csv', data)
    body = f"--mark\r\n{file}\r\n{head.format('site', site)}--\r\n".encode()
    kind = "multipart/form-data; boundary=mark"
    return client.post("/worklist/import", data=body, content_type=kind).text


def test_the_pages_are_those_that_they_are_taken_for(pages: dict[str, str]) -> None:
    assert "1 referral may be for a patient" in Page(pages["preview"]).text
    assert "Match the columns" in Page(pages["heading"]).text
    assert "Rows to correct" in Page(pages["problems"]).text
    assert "Somebody else has changed this referral" in pages["newer"]
    assert "It is not closed yet" in pages["close"]
    assert "This case is closed" in pages["closed"]
    assert "Not saved" in pages["closed-meanwhile"]
    assert "Is this patient here already?" in pages["duplicates"]
    assert "1 case" in Page(pages["search"]).text


def test_nothing_that_is_typed_runs(pages: dict[str, str]) -> None:
    for name, html in pages.items():
        page = Page(html)
        assert "<script>alert" not in html, name
        assert "img" not in page.tags, name
        assert "49</script>" not in html, name
        assert html.count("<script") == html.count("<script type="), name
    assert sum("<script>alert(1)</script>" in Page(html).text for html in pages.values()) > 7


def test_what_turns_text_around_stays_within_its_place(
    pages: dict[str, str], sqlite_records: Records
) -> None:
    """In a referral such characters are left out; names of people and sites may have them."""
    with sqlite_records.database.reading() as session:
        assert "\u202e" in str(session.scalar(text("SELECT name FROM users")))
    for name, html in pages.items():
        table = re.sub(r"<(bdi|option|header)\b.*?</\1>", "", html, flags=re.DOTALL)
        assert not re.findall(r"[\u202a-\u202e\u2066-\u2069]", table), name


def test_every_page_is_valid_html(pages: dict[str, str], html_problems: Check) -> None:
    assert html_problems(pages) == []
