"""The chase list: who finds out what until when, across all cases."""

import datetime as dt

import pytest
from flask import Flask
from flask.testing import FlaskClient
from support.pages.page_reader import Page
from support.people import worklist_people

from screening.core.rules.item import Finder
from screening.records.access import Actor, Role
from screening.records.case.case_view import open_case
from screening.records.case.chase_rows import Chase
from screening.records.casework.chases import set_chases
from screening.records.ledger.records import Records


@pytest.fixture
def chased(sqlite_records: Records, nurse_actor: Actor, site: int) -> tuple[str, ...]:
    """Three cases with five answers to find out, two of them overdue."""
    today = sqlite_records.now().date()
    ids = worklist_people.fill(sqlite_records, nurse_actor, site, 3)
    wanted = [
        {"age": (Finder.PATIENT, 3), "levels": (Finder.REPORT, -1)},
        {"onset_date": (Finder.PATIENT, -2), "levels": (Finder.REPORT, 5)},
        {"gone_question": (Finder.OPERATOR, 0)},
    ]
    for case_id, each in zip(ids, wanted, strict=True):
        chases = {
            link: Chase(link_id=link, owner=owner, due=today + dt.timedelta(days=days))
            for link, (owner, days) in each.items()
        }
        set_chases(open_case(sqlite_records, nurse_actor, case_id), 1, chases, f"chase-{case_id}")
    return ids


def test_it_groups_by_who_finds_out_the_overdue_first(
    client: FlaskClient, chased: tuple[str, ...]
) -> None:
    page = Page(client.get("/worklist/chase").text)
    groups = ["The patient", "The imaging report", "The procedure team"]
    assert page.headings_of("h2") == groups
    assert "5 calls" in page.text
    order = ["overdue by 2 days", "due in 3 days", "overdue by 1 day", "due in 5 days", "due today"]
    places = [page.text.index(words) for words in order]
    assert places == sorted(places)


def test_each_line_leads_to_its_question(client: FlaskClient, chased: tuple[str, ...]) -> None:
    page = Page(client.get("/worklist/chase").text)
    first, second, third = chased
    wanted = {
        f"/case/{first}/",
        f"/case/{first}/#q-age",
        f"/case/{second}/#q-onset_date-day",
        f"/case/{second}/#q-levels",
        f"/case/{third}/",  # a question that is no longer asked
    }
    assert wanted <= set(page.links)
    assert "a question that is no longer asked" in page.text
    for link in wanted - {f"/case/{first}/", f"/case/{third}/"}:
        address, _, anchor = link.partition("#")
        assert anchor in Page(client.get(address).text).ids


@pytest.mark.parametrize(
    ("address", "count"),
    [
        ("/worklist/chase?owner=patient", "2 calls"),
        ("/worklist/chase?owner=patient&overdue=1", "1 call,"),
        ("/worklist/chase?overdue=1", "2 calls"),
        ("/worklist/chase?owner=nobody&page=x", "5 calls"),
    ],
)
def test_it_is_filtered(
    client: FlaskClient, chased: tuple[str, ...], address: str, count: str
) -> None:
    page = Page(client.get(address).text)
    assert count in page.text
    if "owner=patient" in address:
        assert page.headings_of("h2") == ["The patient"]
        assert '<a href="/worklist/chase?owner=patient' in page.html
        assert page.html.count('aria-current="true"') == 3


def test_it_says_that_signs_of_other_cases_are_on_the_worklist(client: FlaskClient) -> None:
    page = Page(client.get("/worklist/chase").text)
    assert "The worklist marks every case whose emergency signs are not ruled out." in page.text


def test_nothing_to_chase_is_said(client: FlaskClient) -> None:
    assert "There is nothing to find out" in client.get("/worklist/chase").text
    assert "Nothing matches" in client.get("/worklist/chase?overdue=1").text


def test_what_others_chase_at_other_sites_is_not_there(
    app: Flask, sqlite_records: Records, chased: tuple[str, ...]
) -> None:
    other = worklist_people.person(sqlite_records, Role.NURSE, sites=[], name="Otto Other")
    page = Page(worklist_people.signed_in(app, other).get("/worklist/chase").text)
    assert "R-0000" not in page.text
    assert page.headings_of("h2") == []
