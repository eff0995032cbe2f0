"""A clock that is set back makes nothing good again that was over, and breaks no page."""

import datetime as dt

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from support.casework.recorded_assessments import answered, recorded
from support.pages.form_crawler import Reader
from support.people import worklist_people
from support.people.visitor import Visitor
from support.people.web_people import add_site, casework_app
from support.rulesets import shipped
from support.storage import databases
from support.storage.databases import Clock

from screening.records.access import Actor, Role
from screening.records.casework.cases import add_case
from screening.records.ledger.records import Records
from screening.records.people import first_account
from screening.records.people.totp_replay import use_code
from screening.records.storage.tables import CaseRow
from screening.records.verification.verify import verify_ledger

STEPS = [dt.timedelta(minutes=20), dt.timedelta(hours=9), dt.timedelta(days=400)]


@pytest.fixture
def clock(sqlite_records: Records) -> Clock:
    return databases.clock(sqlite_records)


@pytest.fixture
def nora(sqlite_records: Records) -> Actor:
    site = add_site(sqlite_records, "North")
    roles = (Role.NURSE, Role.LEAD_NURSE, Role.AUDITOR)
    return worklist_people.person(sqlite_records, *roles, sites=[site], name="Nora Nurse")


@pytest.fixture
def app(sqlite_records: Records) -> Flask:
    return casework_app(sqlite_records, TODAY=lambda: sqlite_records.now().date())


@pytest.fixture
def client(app: Flask, nora: Actor) -> FlaskClient:
    return worklist_people.signed_in(app, nora)


def is_in(client: FlaskClient) -> bool:
    return Visitor(client).is_in


@pytest.mark.parametrize("back", STEPS)
def test_a_session_that_was_over_stays_over(
    client: FlaskClient, clock: Clock, back: dt.timedelta
) -> None:
    clock.advance(minutes=16)
    assert not is_in(client)
    clock.moment -= back
    assert not is_in(client)


@pytest.mark.parametrize("back", STEPS[1:])
def test_no_session_of_the_future_is_good(
    client: FlaskClient, clock: Clock, back: dt.timedelta
) -> None:
    clock.moment -= back
    assert not is_in(client)
    clock.moment += back
    assert not is_in(client)


def test_clocks_of_two_servers_may_differ_by_a_little(client: FlaskClient, clock: Clock) -> None:
    clock.moment -= dt.timedelta(minutes=1)
    assert is_in(client)


@pytest.mark.parametrize("back", STEPS)
def test_a_code_that_was_used_stays_used(
    sqlite_records: Records, nora: Actor, clock: Clock, back: dt.timedelta
) -> None:
    assert use_code(sqlite_records, nora.id, "totp-x", 7)
    clock.moment -= back
    assert not use_code(sqlite_records, nora.id, "totp-x", 7)
    assert not use_code(sqlite_records, nora.id, "totp-x", 6)


@pytest.mark.parametrize("back", STEPS)
def test_a_form_that_was_sent_is_not_taken_again(
    sqlite_records: Records, nora: Actor, clock: Clock, back: dt.timedelta
) -> None:
    site = min(nora.sites)
    first = add_case(sqlite_records, nora, site, worklist_people.referral(1), "added-0001")
    clock.moment -= back
    assert add_case(sqlite_records, nora, site, worklist_people.referral(1), "added-0001") == first
    with sqlite_records.database.reading() as session:
        assert len(session.scalars(select(CaseRow)).all()) == 1


def test_the_first_link_stays_closed(sqlite_records: Records, clock: Clock) -> None:
    path = first_account.setup_link(sqlite_records)
    assert path is not None
    token = path.rpartition("/")[2]
    clock.advance(hours=25)
    assert not first_account.is_open(sqlite_records, token)
    first_account.make_first(
        sqlite_records, newer_token(sqlite_records), "Ann", "ann@clinic.example", "x"
    )
    clock.moment -= dt.timedelta(days=2)
    assert not first_account.is_open(sqlite_records, token)


def newer_token(records: Records) -> str:
    return str(first_account.setup_link(records)).rpartition("/")[2]


@pytest.mark.parametrize("back", STEPS)
def test_every_page_opens_and_the_ledger_is_whole(
    sqlite_records: Records, app: Flask, nora: Actor, clock: Clock, back: dt.timedelta
) -> None:
    case_id = answered(sqlite_records, nora)
    clock.moment -= back
    recorded(sqlite_records, nora, case_id, day=shipped.as_of())
    client = worklist_people.signed_in(app, nora)
    ways = ("", "missing", "history", "assessments/", "assessments/1", "assessments/1/letter")
    addresses = [f"/case/{case_id}/{way}" for way in (*ways, "referral", "close")]
    addresses += [
        "/worklist/",
        "/worklist/chase",
        "/worklist/export.csv",
        "/audit/",
        "/audit/ledger",
    ]
    addresses += [f"/audit/{case_id}/1/", f"/audit/{case_id}/views", "/audit/statistics"]
    for address in addresses:
        answer = client.get(address)
        assert answer.status_code == 200, (address, Reader(answer.text).text)
    assert verify_ledger(sqlite_records).faults == []
