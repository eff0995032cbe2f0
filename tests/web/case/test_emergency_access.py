"""Cases of other sites in an emergency: for a reason, for a while, and never unseen."""

import re
from collections.abc import Callable
from uuid import uuid4

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select, text
from support.casework.case_writes import added, answers, saved
from support.casework.referrals import referral
from support.pages.page_reader import Page
from support.storage.database_owner import unguarded
from support.storage.databases import People, clock

from screening.records.access import Actor, Role
from screening.records.case.case_view import open_case
from screening.records.casework.cases import add_case, find_case
from screening.records.casework.emergency_access import EmergencyRequest, open_emergency_access
from screening.records.casework.emergency_list import (
    case_accesses,
    emergency_accesses,
    with_emergency_access,
)
from screening.records.errors import NoCaseError, NotAllowedError, UnfitFieldError
from screening.records.ledger.records import Records
from screening.records.storage.tables import EmergencyRow, EventRow
from screening.records.verification.verify import verify_ledger

NOTE = "Fell, cannot stand, asked by the ward"


def wanted(**changes: str) -> EmergencyRequest:
    given = {"reference": "R-1", "reason": "patient-here", "note": NOTE} | changes
    return EmergencyRequest(**given)


def open_up(records: Records, actor: Actor, **changes: str) -> tuple[str, ...]:
    return open_emergency_access(records, actor, wanted(**changes), uuid4().hex)


@pytest.fixture
def other(people: People) -> Actor:
    return people.actor(sites=("South",), name="Sue South")


@pytest.fixture
def case_id(records: Records, nurse: Actor) -> str:
    return added(records, nurse)


def kinds(records: Records) -> list[str]:
    """What happened, without the rows that came to be by it."""
    chosen = select(EventRow.kind).where(EventRow.kind != "record-added")
    with records.database.reading() as session:
        return list(session.scalars(chosen.order_by(EventRow.seq)))


def test_a_case_of_another_site_opens_by_its_reference_and_closes_after_an_hour(
    records: Records, other: Actor, case_id: str
) -> None:
    with pytest.raises(NoCaseError):
        find_case(records, other, case_id)
    assert open_up(records, other, reference="r 1") == (case_id,)
    clock(records).advance(minutes=59)
    assert find_case(records, with_emergency_access(records, other), case_id).referral == referral()
    clock(records).advance(minutes=2)
    with pytest.raises(NoCaseError):
        find_case(records, with_emergency_access(records, other), case_id)


def test_it_is_open_to_nobody_else_and_no_other_case_is(
    records: Records, nurse: Actor, other: Actor, case_id: str, people: People
) -> None:
    another = added(records, nurse, reference="R-2")
    open_up(records, other)
    with pytest.raises(NoCaseError):
        find_case(records, with_emergency_access(records, other), another)
    third = people.actor(sites=("South",), name="Third")
    with pytest.raises(NoCaseError):
        find_case(records, with_emergency_access(records, third), case_id)


def test_it_can_be_read_and_not_written(records: Records, other: Actor, case_id: str) -> None:
    open_up(records, other)
    opened = with_emergency_access(records, other)
    assert open_case(records, opened, case_id).history.current() == {}
    with pytest.raises(NoCaseError):
        saved(records, opened, case_id, 1, answers(age=70))


@pytest.mark.parametrize("field", ["reference", "reason", "note"])
def test_without_a_reason_nothing_is_looked_for(
    records: Records, other: Actor, case_id: str, field: str
) -> None:
    before = kinds(records)
    for reference in ("R-1", "none"):
        with pytest.raises(UnfitFieldError):
            open_up(records, other, **({"reference": reference} | {field: " "}))
    assert kinds(records) == before
    assert case_id not in with_emergency_access(records, other).emergency_cases


def test_every_opening_is_an_event_and_so_is_one_in_vain(
    records: Records, other: Actor, case_id: str
) -> None:
    assert case_id
    before = len(kinds(records))
    open_up(records, other)
    assert open_up(records, other, reference="R-10") == ()
    assert open_up(records, other, reference="R") == ()
    assert kinds(records)[before:] == ["emergency-opened", *["emergency-in-vain"] * 2]
    assert verify_ledger(records).faults == []


def test_the_ledger_finds_a_changed_opening(
    sqlite_records: Records,
) -> None:
    people = People(sqlite_records)
    added(sqlite_records, people.actor())
    open_up(sqlite_records, people.actor(sites=("South",)))
    with sqlite_records.database.writing() as session, unguarded(session):
        session.execute(text("UPDATE emergency_accesses SET reason = 'asked-by-clinician'"))
    assert [fault.code for fault in verify_ledger(sqlite_records).faults] == ["row-changed"]


def test_sent_twice_it_opens_once(records: Records, other: Actor, case_id: str) -> None:
    key = uuid4().hex
    for _ in range(2):
        assert open_emergency_access(records, other, wanted(), key) == (case_id,)
    with records.database.reading() as session:
        assert len(session.scalars(select(EmergencyRow)).all()) == 1


def test_to_open_it_again_while_it_is_open_makes_no_new_opening(
    sqlite_records: Records,
) -> None:
    people = People(sqlite_records)
    case, sue = added(sqlite_records, people.actor()), people.actor(sites=("South",), name="Sue")
    for minutes in (30, 31, 0):
        assert open_up(sqlite_records, sue) == (case,)
        clock(sqlite_records).advance(minutes=minutes)
    assert kinds(sqlite_records).count("emergency-opened") == 2


def test_an_administrator_opens_nothing(records: Records, people: People, case_id: str) -> None:
    for roles in ([Role.ADMINISTRATOR], [Role.ADMINISTRATOR, Role.NURSE]):
        admin = people.actor(*roles, sites=("South",), name="Ada")
        with pytest.raises(NotAllowedError):
            open_up(records, admin)
    nurse = people.actor(sites=("South",), name="Later")
    open_up(records, nurse)
    promoted = Actor(
        id=nurse.id, name="Later", roles=nurse.roles | {Role.ADMINISTRATOR}, sites=nurse.sites
    )
    with pytest.raises(NoCaseError):
        find_case(records, with_emergency_access(records, promoted), case_id)


def test_the_cases_own_people_and_its_auditors_see_who_opened_it(
    records: Records, nurse: Actor, other: Actor, case_id: str, people: People
) -> None:
    open_up(records, other)
    (seen,) = case_accesses(records, nurse, find_case(records, nurse, case_id))
    assert (seen.by, seen.reason, seen.note) == ("Sue South", "patient-here", NOTE)
    auditor = people.actor(Role.AUDITOR, name="Aud Itor")
    ((listed, case),) = emergency_accesses(records, auditor)
    assert (listed, case.id) == (seen, case_id)
    assert emergency_accesses(records, people.actor(Role.AUDITOR, sites=("South",))) == ()
    with pytest.raises(NotAllowedError):
        emergency_accesses(records, nurse)


def test_the_note_lies_sealed(records: Records, other: Actor, case_id: str) -> None:
    assert open_up(records, other) == (case_id,)
    with records.database.reading() as session:
        (row,) = session.scalars(select(EmergencyRow)).all()
    assert NOTE.encode() not in row.sealed
    assert len(row.sealed) > len(NOTE)


@pytest.fixture
def sue(
    sqlite_records: Records, employ: Callable[..., Actor], enter: Callable[[Actor], FlaskClient]
) -> FlaskClient:
    """A nurse of another site than the case R-1 has."""
    north = employ(Role.NURSE, "North", name="Nora Nurse")
    (site,) = north.sites
    add_case(sqlite_records, north, site, referral(), uuid4().hex)
    return enter(employ(Role.NURSE, "South", name="Sue South"))


def send(client: FlaskClient, **changes: str):  # type: ignore[no-untyped-def]  # noqa: ANN201
    asked = wanted(**changes)
    data = {name: getattr(asked, name) for name in ("reference", "reason", "note")}
    return client.post("/emergency/", data=data | {"once": uuid4().hex})


def test_the_page_leads_to_the_case_under_a_banner_on_every_page(sue: FlaskClient) -> None:
    answer = send(sue)
    assert answer.status_code == 303
    for way in ("", "history", "assessments/", "missing"):
        page = sue.get(f"{answer.location}{way}")
        assert page.status_code == 200
        assert "Emergency access:" in page.text
        assert "Save" not in Page(page.text).text


def test_every_form_of_the_case_answers_as_if_there_were_no_such_case(sue: FlaskClient) -> None:
    """Whatever is wrong with what was typed, the right comes first."""
    case_id = send(sue).location.split("/")[2]
    rules = [
        rule
        for rule in sue.application.url_map.iter_rules()
        if "POST" in (rule.methods or ()) and "case_id" in rule.arguments
    ]
    assert len(rules) > 8
    for rule in rules:
        address = rule.rule.replace("<case_id>", case_id).replace("<int:number>", "1")
        typed = {"version": "1", "once": uuid4().hex, "q-age": "many", "told": "", "sign": ""}
        assert sue.post(address, data=typed).status_code == 404, rule.endpoint


def test_a_page_that_lacks_something_tells_nothing_of_the_case(sue: FlaskClient) -> None:
    texts = []
    for reference in ("R-1", "R-9"):
        answer = send(sue, reference=reference, reason="")
        assert answer.status_code == 422
        texts.append(Page(answer.text).text.replace(reference, ""))
    assert texts[0] == texts[1]


def test_a_search_in_vain_leads_to_the_page(sue: FlaskClient) -> None:
    found = sue.post("/worklist/find", data={"text": "R-1"}, follow_redirects=True)
    assert "/emergency/" in found.text
    assert send(sue, reference="R-9").status_code == 422


def test_the_banner_says_when_it_closes_and_the_form_lists_all_that_is_missing(
    sue: FlaskClient,
) -> None:
    page = Page(sue.get(send(sue).location).text).text
    assert re.search(r"It closes at \d+:\d\d on \d+ \w+ \d{4}\.", page)
    text = Page(send(sue, reference="", reason="", note="two words").text).text
    for words in ("Enter the whole reference", "Choose why you need", "in at least 3 words and"):
        assert text.count(words) == 2, words
    assert "What is happening, in at least 3 words" in text
