"""Every row that is written has its event, and nothing of a patient lies open in the database."""

from collections import Counter
from itertools import pairwise

import pytest
from sqlalchemy import select, update
from support.casework.case_writes import UNKNOWN, added, answers, once, saved, viewed
from support.casework.recorded_assessments import answered, recorded
from support.casework.referrals import referral
from support.rulesets import shipped
from support.storage.database_owner import unguarded
from support.storage.databases import People

from screening.core.results.decision import CHOICES
from screening.core.rules.item import Finder
from screening.records.access import Actor
from screening.records.case.case_view import open_case
from screening.records.case.chase_rows import Chase
from screening.records.casework.cases import change_referral, close_case, find_case
from screening.records.casework.chases import set_chases
from screening.records.errors import StaleError
from screening.records.ledger import events as ledger
from screening.records.ledger.digests import row_digest, row_name
from screening.records.ledger.events import EventKind, record_event
from screening.records.ledger.records import Records
from screening.records.results.decisions import NewDecision, record_review
from screening.records.storage.account_tables import Role
from screening.records.storage.tables import (
    AnswerRow,
    AssessmentRow,
    Base,
    CaseRow,
    ChaseRow,
    EventRow,
    NoteRow,
    ReviewRow,
    RulesetRow,
    SecretRow,
    SiteRow,
)
from screening.records.verification.verify import verify_ledger

CANARY = "Canaryname"
TABLES: tuple[type[Base], ...] = (
    AnswerRow,
    AssessmentRow,
    CaseRow,
    ChaseRow,
    NoteRow,
    ReviewRow,
    Role,
    RulesetRow,
    SecretRow,
    SiteRow,
)


def work(records: Records, actor: Actor, note: str = "") -> str:
    """A case with something of everything."""
    case_id = answered(records, actor)
    recorded(records, actor, case_id)
    decided = NewDecision(choice=CHOICES["refer:requirements-met"], note=note)
    record_review(open_case(records, actor, case_id), 1, 3, decided, shipped.ruleset(), once())
    due = Chase(link_id="bone_density_scan", owner=Finder.REPORT, due=records.now().date())
    set_chases(open_case(records, actor, case_id), 4, {"bone_density_scan": due}, once())
    return case_id


def events(records: Records) -> list[EventRow]:
    with records.database.reading() as session:
        return list(session.scalars(select(EventRow).order_by(EventRow.seq)))


def test_every_row_is_told_by_the_last_event_of_it(records: Records, nurse: Actor) -> None:
    work(records, nurse)
    told = {event.row: event.digest for event in events(records) if event.digest}
    with records.database.reading() as session:
        rows = [row for table in TABLES for row in session.scalars(select(table))]
        groups = {name for name in told if name.partition("/")[0] in {"case_keys", "users"}}
    assert {row_name(row): row_digest(row) for row in rows} == {
        name: digest for name, digest in told.items() if name not in groups
    }
    assert {type(row) for row in rows} == set(TABLES)


def test_a_row_has_as_many_events_as_writes(records: Records, nurse: Actor) -> None:
    case_id = added(records, nurse)
    saved(records, nurse, case_id, 1, answers(a=1, b=2))
    saved(records, nurse, case_id, 2, answers(a=None))
    close_case(open_case(records, nurse, case_id), 3, shipped.ruleset(), once())
    kinds = Counter(event.kind for event in events(records))
    assert kinds == {
        "case-added": 1,
        "answer-given": 3,
        "case-changed": 2,
        "case-closed": 1,
        "record-added": 5,  # the site, the role, the nurse, the keys of the index and the case
    }


def test_a_write_that_is_repeated_or_refused_leaves_no_event(
    records: Records, nurse: Actor
) -> None:
    case_id, key = added(records, nurse), once()
    before = len(events(records))
    for _ in range(3):
        change_referral(open_case(records, nurse, case_id), 1, referral(clinic="East"), key)
    with pytest.raises(StaleError):
        change_referral(open_case(records, nurse, case_id), 1, referral(clinic="West"), once())
    assert Counter(event.kind for event in events(records)[before:]) == {
        "referral-changed": 1,
    }


def test_the_chain_holds(records: Records, people: People) -> None:
    work(records, people.actor())
    record_event(records, 0, EventKind.SIGNED_IN)
    chain = events(records)
    assert [event.seq for event in chain] == list(range(1, len(chain) + 1))
    assert chain[0].previous == ledger.NO_HASH
    assert all(after.previous == before.hash for before, after in pairwise(chain))
    assert all(event.hash == ledger.event_hash(event) for event in chain)
    assert verify_ledger(records).faults == []


def test_an_event_tells_what_was_before_and_is_after(records: Records) -> None:
    change = {"roles": {"before": ["nurse"], "after": []}}
    with records.database.writing() as session:
        ledger.append(session, records, by=1, kind=EventKind.ACCOUNT_CHANGED, change=change)
    (event,) = events(records)
    assert event.change == '{"roles":{"after":[],"before":["nurse"]}}'
    assert verify_ledger(records).faults == []
    with records.database.writing() as session, unguarded(session):
        session.execute(update(EventRow).values(change=None))
    assert [fault.code for fault in verify_ledger(records).faults] == ["event-changed"]


def test_a_view_is_one_event_and_a_look_is_none(records: Records, nurse: Actor) -> None:
    case_id = added(records, nurse)
    before = len(events(records))
    find_case(records, nurse, case_id)
    viewed(records, nurse, case_id)
    (event,) = events(records)[before:]
    assert (event.kind, event.case_id, event.by) == ("case-viewed", case_id, nurse.id)


def test_no_plain_text_of_a_patient_is_in_the_database(
    sqlite_records: Records,
) -> None:
    nurse = People(sqlite_records).actor()
    case_id = work(sqlite_records, nurse, note=f"{CANARY} note")
    new = referral(person=f"{CANARY} person", reference=f"{CANARY} reference", birth_year=1931)
    change_referral(open_case(sqlite_records, nurse, case_id), 5, new, once())
    saved(sqlite_records, nurse, case_id, 6, answers(q=f"{CANARY}-code", r=UNKNOWN))
    file = sqlite_records.database.file
    assert file
    held = b"".join(each.read_bytes() for each in file.parent.glob(f"{file.name}*"))
    assert len(held) > 10_000
    assert CANARY.lower().encode() not in held.lower()
    assert b"asked-unknown" not in held
    # Four digits may stand in sealed bytes by chance, but not as a value of their own.
    with sqlite_records.database.reading() as session:
        tables = Base.metadata.sorted_tables
        rows = [row for table in tables for row in session.execute(select(table))]
    values = {str(value) for row in rows for value in row}
    assert len(values) > 100
    assert "1931" not in values
