"""A write of a case keeps others from the ledger only while its events are appended."""

from collections.abc import Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from itertools import pairwise
from uuid import uuid4

import pytest
from sqlalchemy import event, select, update
from support.casework.case_writes import added, answers, nothing, saved
from support.casework.recorded_assessments import answered, recorded
from support.setup import postgres as postgresql
from support.storage import databases
from support.storage.databases import People

from screening.core.results.warning_signs import Warnings
from screening.core.values.answer import Answer
from screening.records.access import Actor
from screening.records.casework.emergency_access import EmergencyRequest, open_emergency_access
from screening.records.ledger.events import EventKind, record_event
from screening.records.ledger.records import Records
from screening.records.storage.database import WritingSession
from screening.records.storage.tables import CaseRow, EventRow
from screening.records.verification.verify import verify_ledger

PATIENCE = 30
LOCK, NEWEST, EVENTS, COMMIT = "pg_advisory_xact_lock", "SELECT events.seq", "INSERT INTO ev", "end"


class BrokenError(Exception):
    """Stands for a fault in the middle of a write."""


@pytest.fixture
def served(postgres: postgresql.Server) -> Iterator[Records]:
    """Records on PostgreSQL: on SQLite one transaction at a time writes anything at all."""
    with databases.postgresql_copy(postgres) as address, databases.open_records(address) as made:
        yield made


def events_of(records: Records) -> list[EventRow]:
    with records.database.reading() as session:
        return list(session.scalars(select(EventRow).order_by(EventRow.seq)))


def test_an_emergency_is_opened_while_the_case_is_being_written(served: Records) -> None:
    people = People(served)
    nurse = people.actor()
    case_id = added(served, nurse, reference="REF-77")
    other = people.actor(sites=("South",))
    request = EmergencyRequest(
        reference="REF-77", reason="patient-here", note="She is here and cannot be asked"
    )
    opened: list[Future[tuple[str, ...]]] = []

    def open_meanwhile(_: Mapping[str, Answer]) -> Warnings:
        pool = ThreadPoolExecutor(1)
        opened.append(pool.submit(open_emergency_access, served, other, request, uuid4().hex))
        pool.shutdown(wait=False)
        opened[0].result(PATIENCE)  # it needs the ledger and the key of the case
        return nothing({})

    saved(served, nurse, case_id, 1, answers(q=1), find_warnings=open_meanwhile)
    assert opened[0].result(PATIENCE)
    assert verify_ledger(served).faults == []


def test_somebody_else_appends_while_a_case_is_being_written(served: Records) -> None:
    nurse = People(served).actor()
    case_id = added(served, nurse)
    before = len(events_of(served))

    def append_meanwhile(_: Mapping[str, Answer]) -> Warnings:
        other = ThreadPoolExecutor(1)
        sign_in = other.submit(record_event, served, 0, EventKind.SIGNED_IN)
        other.shutdown(wait=False)  # it would wait for ever for somebody who waits for us
        sign_in.result(PATIENCE)
        return nothing({})

    saved(served, nurse, case_id, 1, answers(q=1), find_warnings=append_meanwhile)
    found = [each.kind for each in events_of(served)[before:]]
    assert found == ["signed-in", "answer-given", "case-changed"]
    assert verify_ledger(served).faults == []


@contextmanager
def statements(records: Records) -> Iterator[list[str]]:
    """The statements that are run, and the ends of transactions."""
    run: list[str] = []

    def note(_: object, __: object, statement: str, *___: object) -> None:
        run.append(statement)

    def end(_: object) -> None:
        run.append(COMMIT)

    event.listen(records.database.engine, "after_cursor_execute", note)
    event.listen(WritingSession, "after_commit", end)
    yield run
    event.remove(records.database.engine, "after_cursor_execute", note)
    event.remove(WritingSession, "after_commit", end)


def locked(run: list[str]) -> list[str]:
    """What was run from the first time that the lock was taken."""
    (first, *_) = (at for at, each in enumerate(run) if LOCK in each)
    known = (LOCK, NEWEST, EVENTS, COMMIT)
    return [next((name for name in known if name in each), each) for each in run[first:]]


def test_the_lock_is_held_for_three_statements(served: Records) -> None:
    nurse = People(served).actor()
    case_id = answered(served, nurse)
    recorded(served, nurse, case_id)  # it keeps the rules, which the next one finds
    with statements(served) as run:
        saved(served, nurse, case_id, 3, answers(scoliosis=True))
    assert locked(run)[:4] == [LOCK, NEWEST, EVENTS, COMMIT]
    saved(served, nurse, case_id, 4, answers(scoliosis=False))
    with statements(served) as run:
        recorded(served, nurse, case_id)
    assert locked(run) == [LOCK, NEWEST, EVENTS, COMMIT]


def test_eight_who_write_different_cases_append_one_after_the_other(
    records: Records, people: People
) -> None:
    nurse = people.actor()
    cases = [added(records, nurse) for _ in range(8)]

    def answer(case_id: str) -> None:
        for version in range(1, 6):
            saved(records, nurse, case_id, version, answers(q=version))

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(answer, cases))
    found = events_of(records)
    assert [each.seq for each in found] == list(range(1, len(found) + 1))
    assert all(earlier.at <= later.at for earlier, later in pairwise(found))
    assert verify_ledger(records).faults == []


def test_a_row_that_was_changed_behind_the_back_is_found_as_it_is_written(
    records: Records, nurse: Actor
) -> None:
    case_id = added(records, nurse)
    with records.database.engine.begin() as connection:
        connection.execute(update(CaseRow).values(clinic="Elsewhere"))
    saved(records, nurse, case_id, 1, answers(q=1))
    assert [each.code for each in verify_ledger(records).faults] == ["row-altered"]


def test_a_write_that_fails_leaves_no_event(records: Records, nurse: Actor) -> None:
    case_id = added(records, nurse)
    before = len(events_of(records))

    def fail(_: Mapping[str, Answer]) -> Warnings:
        raise BrokenError

    with pytest.raises(BrokenError):
        saved(records, nurse, case_id, 1, answers(q=1), find_warnings=fail)
    saved(records, nurse, case_id, 1, answers(q=2))
    kinds = [each.kind for each in events_of(records)[before:]]
    assert kinds == ["answer-given", "case-changed"]
    assert verify_ledger(records).faults == []
