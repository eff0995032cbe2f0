"""Guessing references opens few cases, leaves every guess behind, and the case's lead knows."""

import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

import pytest
from click.testing import CliRunner
from flask.testing import FlaskClient
from sqlalchemy import func, select
from support.casework.case_writes import added
from support.casework.referrals import referral
from support.pages.page_reader import Page
from support.storage.databases import People, clock

from screening.cli import main
from screening.records.access import Actor, Role
from screening.records.casework.cases import add_case
from screening.records.casework.emergency_access import (
    MOST_KEPT,
    EmergencyRequest,
    Limits,
    TooManyError,
    open_emergency_access,
)
from screening.records.errors import NotAllowedError, UnfitFieldError
from screening.records.installation import opening
from screening.records.installation.settings import Settings
from screening.records.ledger.entries import events
from screening.records.ledger.events import EventKind
from screening.records.ledger.records import Records
from screening.records.operation.emergency_watch import (
    count_unchecked,
    failed_searches,
    forget_older,
    forget_reference,
    record_access_check,
    unchecked_accesses,
)
from screening.records.operation.erasure import erase_again
from screening.records.sealing import padding
from screening.records.sealing.vault import MARK_BYTES, NONCE_BYTES
from screening.records.storage.tables import EmergencyRow, EmergencyTryRow, SecretRow
from screening.records.verification.verify import verify_ledger

NOTE = "Fell, cannot stand, asked by the ward"
LIMITS = Limits()


def open_up(records: Records, actor: Actor, reference: str, note: str = NOTE) -> tuple[str, ...]:
    wanted = EmergencyRequest(reference=reference, reason="patient-here", note=note)
    return open_emergency_access(records, actor, wanted, uuid4().hex)


@pytest.fixture
def sue(people: People) -> Actor:
    return people.actor(sites=("South",), name="Sue South")


@pytest.fixture
def lead(people: People) -> Actor:
    return people.actor(Role.LEAD_NURSE, name="Lena Lead")


@pytest.fixture
def auditor(people: People) -> Actor:
    return people.actor(Role.AUDITOR, name="Aud Itor")


def guess(records: Records, actor: Actor, references: list[str]) -> int:
    """Guess as somebody does who wants to see cases; gives how many were opened."""
    opened = 0
    for reference in references:
        try:
            opened += len(open_up(records, actor, reference))
        except TooManyError:
            continue
    return opened


def told(records: Records, kind: EventKind) -> int:
    """How many events of a kind the ledger has."""
    with records.database.reading() as session:
        return sum(each.kind == kind.value for each in events(session))


def test_guesses_that_hit_open_no_more_than_the_limit(
    records: Records, nurse: Actor, sue: Actor
) -> None:
    for number in range(15):
        added(records, nurse, reference=f"R-{number}")
    assert guess(records, sue, [f"R-{number}" for number in range(120)]) == LIMITS.cases
    assert told(records, EventKind.EMERGENCY_OPENED) == LIMITS.cases
    assert told(records, EventKind.EMERGENCY_REFUSED) == 120 - LIMITS.cases
    clock(records).advance(hours=23)
    assert guess(records, sue, ["R-14"]) == 0
    clock(records).advance(hours=2)
    assert guess(records, sue, ["R-14"]) == 1


def test_guesses_that_miss_end_the_guessing(records: Records, nurse: Actor, sue: Actor) -> None:
    added(records, nurse, reference="R-50")
    assert guess(records, sue, [f"R-{number}" for number in range(120)]) == 0
    with records.database.reading() as session:
        kept = session.scalar(select(func.count()).select_from(EmergencyTryRow))
    assert kept == MOST_KEPT * LIMITS.tries
    assert told(records, EventKind.EMERGENCY_IN_VAIN) == LIMITS.tries
    assert told(records, EventKind.EMERGENCY_REFUSED) == 120 - LIMITS.tries


def test_a_refused_search_counts_and_auditors_read_it(
    records: Records, nurse: Actor, sue: Actor, auditor: Actor
) -> None:
    for number in range(6):
        added(records, nurse, reference=f"R-{number}")
    guess(records, sue, [f"R-{number}" for number in range(6)])
    (refused,) = failed_searches(records, auditor)
    assert (refused.reference, refused.note, refused.refused) == ("R-5", NOTE, True)
    clock(records).advance(hours=23)
    guess(records, sue, ["R-5"] * LIMITS.tries)
    clock(records).advance(hours=2)  # the cases of the day before count no more
    assert guess(records, sue, ["R-5"]) == 0
    with records.database.reading() as session:
        rows = session.scalars(select(EmergencyTryRow)).all()
    assert len({len(row.sealed) for row in rows}) == 1
    assert verify_ledger(records).faults == []


def test_at_the_limit_nothing_tells_whether_there_is_a_case(
    records: Records, nurse: Actor, sue: Actor
) -> None:
    for number in range(6):
        added(records, nurse, reference=f"R-{number}")
    guess(records, sue, [f"R-{number}" for number in range(5)])
    for reference in ("R-5", "none"):
        with pytest.raises(TooManyError):
            open_up(records, sue, reference)


def test_an_opened_case_can_be_opened_again_at_the_limit(
    records: Records, nurse: Actor, sue: Actor
) -> None:
    for number in range(6):
        added(records, nurse, reference=f"R-{number}")
    guess(records, sue, [f"R-{number}" for number in range(6)])
    assert len(open_up(records, sue, "R-0")) == 1


@pytest.mark.parametrize(("alone", "shared"), [(4, 2), (0, 5)])
def test_cases_that_share_a_reference_all_count(
    records: Records, nurse: Actor, sue: Actor, alone: int, shared: int
) -> None:
    """The references are opened one after the other, and the shared one last."""
    for number in range(alone):
        added(records, nurse, reference=f"R-{number}")
    for _ in range(shared):
        added(records, nurse, reference="17")
    wanted = [f"R-{number}" for number in range(alone)] + ["17"]
    fits = alone + shared <= LIMITS.cases
    assert guess(records, sue, wanted) == alone + (shared if fits else 0)


def test_a_limit_below_what_shares_a_reference_still_opens_the_newest(
    records: Records, nurse: Actor, sue: Actor
) -> None:
    for _ in range(3):
        added(records, nurse, reference="17")
    wanted = EmergencyRequest(reference="17", reason="patient-here", note=NOTE)
    for _ in range(2):  # and again those that are open already
        assert len(open_emergency_access(records, sue, wanted, uuid4().hex, Limits(cases=2))) == 2


def test_the_limit_is_one_persons_and_holds_for_all_who_ask_at_once(
    records: Records, nurse: Actor, sue: Actor, people: People
) -> None:
    for number in range(12):
        added(records, nurse, reference=f"R-{number}")
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda n: guess(records, sue, [f"R-{n}"]), range(12)))
    with records.database.reading() as session:
        opened = session.scalars(select(EmergencyRow.case_id)).all()
    assert len(opened) == LIMITS.cases
    assert guess(records, people.actor(sites=("South",), name="Other"), ["R-1"]) == 1


@pytest.mark.parametrize("note", ["x", "aaa", "aaa bbb ccc", "needs care", "1 2 3 4", "he he he"])
def test_a_note_that_tells_nothing_is_refused(sqlite_records: Records, note: str) -> None:
    people = People(sqlite_records)
    added(sqlite_records, people.actor())
    with pytest.raises(UnfitFieldError):
        open_up(sqlite_records, people.actor(sites=("South",)), "R-1", note)


def test_what_was_sought_is_sealed_and_auditors_read_it(
    records: Records, sue: Actor, auditor: Actor, nurse: Actor
) -> None:
    open_up(records, sue, "Mrs Secret 1932")
    open_up(records, sue, "S")
    with records.database.reading() as session:
        rows = session.scalars(select(EmergencyTryRow)).all()
    assert all(b"Secret" not in row.sealed for row in rows)
    assert len({len(row.sealed) for row in rows}) == 1
    newest, first = failed_searches(records, auditor)
    assert (first.by, first.reference, first.note) == ("Sue South", "Mrs Secret 1932", NOTE)
    assert newest.reference == "S"
    with pytest.raises(NotAllowedError):
        failed_searches(records, nurse)
    assert verify_ledger(records).faults == []


def test_what_was_sought_is_erased_by_reference_and_by_age(
    records: Records, sue: Actor, auditor: Actor
) -> None:
    for reference in ("R-9", "r 9", "R-8"):
        open_up(records, sue, reference)
    assert forget_reference(records, 0, "R9") == 2
    assert [each.reference for each in failed_searches(records, auditor)] == ["R-8", None, None]
    clock(records).advance(hours=49)
    assert forget_older(records, 0, 2) == 1
    assert {each.reference for each in failed_searches(records, auditor)} == {None}
    assert verify_ledger(records).faults == []


def test_a_backup_does_not_bring_back_what_was_erased(
    records: Records, sue: Actor, auditor: Actor
) -> None:
    open_up(records, sue, "R-9")
    (sought,) = failed_searches(records, auditor)
    with records.database.writing() as session:
        erase_again(session, records, {sought.id})
    with records.database.reading() as session:
        assert session.get(SecretRow, sought.id) is None


def test_the_lead_of_the_cases_site_is_told_until_somebody_has_looked(
    records: Records, nurse: Actor, sue: Actor, lead: Actor, people: People
) -> None:
    case_id = added(records, nurse)
    assert count_unchecked(records, lead) == 0
    open_up(records, sue, "R-1")
    assert count_unchecked(records, lead) == 1
    elsewhere = people.actor(Role.LEAD_NURSE, sites=("South",), name="South Lead")
    assert count_unchecked(records, elsewhere) == count_unchecked(records, sue) == 0
    ((opening, case),) = unchecked_accesses(records, lead)
    assert (opening.by, opening.note, case.id) == ("Sue South", NOTE, case_id)
    for other in (elsewhere, sue):
        with pytest.raises(UnfitFieldError):
            record_access_check(records, other, opening.id, "in-order", uuid4().hex)
    with pytest.raises(UnfitFieldError):
        record_access_check(records, lead, opening.id, "whatever", uuid4().hex)
    for _ in range(2):
        record_access_check(records, lead, opening.id, "follow-up", uuid4().hex)
    assert count_unchecked(records, lead) == 0
    assert verify_ledger(records).faults == []


def test_nobody_checks_an_access_of_their_own(
    records: Records, nurse: Actor, sue: Actor, lead: Actor
) -> None:
    """Who opened a case becomes the lead of its site afterwards."""
    added(records, nurse)
    open_up(records, sue, "R-1")
    ((opening, _),) = unchecked_accesses(records, lead)
    herself = replace(lead, id=sue.id)
    assert count_unchecked(records, herself) == 0
    with pytest.raises(UnfitFieldError):
        record_access_check(records, herself, opening.id, "in-order", uuid4().hex)
    assert count_unchecked(records, lead) == 1


def test_the_length_of_a_note_shows_nothing(records: Records, nurse: Actor, sue: Actor) -> None:
    for number, note in enumerate((NOTE, "She fell again. " * 20)):
        added(records, nurse, reference=f"R-{number}")
        open_up(records, sue, f"R-{number}", note)
    with records.database.reading() as session:
        (length,) = {len(row.sealed) for row in session.scalars(select(EmergencyRow))}
    assert length == NONCE_BYTES + padding.NOTE + MARK_BYTES


def test_a_site_without_a_lead_nurse_tells_its_nurses(
    sqlite_records: Records, employ: Callable[..., Actor]
) -> None:
    north = employ(Role.NURSE, "North")
    (site,) = north.sites
    add_case(sqlite_records, north, site, referral(), uuid4().hex)
    open_up(sqlite_records, employ(Role.NURSE, "South"), "R-1")
    assert count_unchecked(sqlite_records, north) == 1
    employ(Role.LEAD_NURSE, "North")
    assert count_unchecked(sqlite_records, north) == 0


@pytest.fixture
def opened(
    sqlite_records: Records, employ: Callable[..., Actor], enter: Callable[[Actor], FlaskClient]
) -> tuple[FlaskClient, FlaskClient]:
    """A case was opened; the browsers of the lead of its site and of who opened it."""
    north = employ(Role.LEAD_NURSE, "North", name="Lena Lead")
    (site,) = north.sites
    add_case(sqlite_records, north, site, referral(), uuid4().hex)
    sue = enter(employ(Role.NURSE, "South", name="Sue South"))
    send(sue, "R-1")
    return enter(north), sue


def send(client: FlaskClient, reference: str):  # type: ignore[no-untyped-def]  # noqa: ANN201
    data = {"reference": reference, "reason": "patient-here", "note": NOTE}
    return client.post("/emergency/", data=data | {"once": uuid4().hex})


def test_every_page_of_the_lead_says_so_until_it_is_noted(
    opened: tuple[FlaskClient, FlaskClient],
) -> None:
    lead, sue = opened
    for address in ("/worklist/", "/worklist/chase", "/account/", "/audit/statistics"):
        assert (
            "Emergency access: people from other sites opened a case"
            in Page(lead.get(address).text).text
        )
    assert "Emergency access: people" not in Page(sue.get("/worklist/").text).text
    page = Page(lead.get("/emergency/notices").text)
    form = next(each for each in page.forms if each.action == "/emergency/notices")
    name, value, _ = next(iter(form.buttons.values()))
    answer = lead.post("/emergency/notices", data=dict(form.fields) | {name: value})
    assert answer.status_code == 303
    assert "Emergency access:" not in Page(lead.get("/worklist/").text).text


def test_the_page_says_that_the_limit_is_reached(opened: tuple[FlaskClient, FlaskClient]) -> None:
    _, sue = opened
    statuses = [send(sue, f"R-9{number}").status_code for number in range(11)]
    assert statuses == [422] * 10 + [429]
    text = Page(send(sue, "R-90").text).text
    assert "Telephone the site of the patient" in text
    assert "Cases of your own sites are in the worklist" in text


def test_who_follows_up_is_named(opened: tuple[FlaskClient, FlaskClient]) -> None:
    lead, _ = opened
    page = Page(lead.get("/emergency/notices").text)
    assert "If the site has no lead nurse, all its nurses are told" in page.text
    form = next(each for each in page.forms if each.action == "/emergency/notices")
    lead.post("/emergency/notices", data=dict(form.fields) | {"finding": "follow-up"})
    notices = lead.get("/emergency/notices").text
    address = re.search(r'href="([^"]+/history)"', notices)
    assert address
    for text in (notices, lead.get(address[1]).text):
        assert re.search(r"Lena Lead, .*: I am following this up", Page(text).text)


def test_the_command_forgets_a_reference(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DATABASE_URL", "SCREENING_KEYS", "SCREENING_KEYS_FILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("SCREENING_DATA", str(tmp_path))
    records = opening.open_records(Settings.read())
    open_up(records, People(records).actor(), "R-9")
    records.database.close()
    result = CliRunner().invoke(main, ["emergencies", "forget", "R-9"])
    assert result.exit_code == 0
    erased, stays = result.output.splitlines()
    assert erased == "Erased 1 emergency search for “R-9”."
    assert stays == "The names of the people who searched, and the times, are kept."
