"""Looks that are written together: each is kept before anybody sees what was looked at."""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Event

import pytest
from flask import g
from sqlalchemy.orm import Session
from support.casework.case_writes import added, viewed
from support.casework.referrals import referral
from support.people.web_people import add_person, add_site, casework_app, enter

from screening.records.access import Actor, Role
from screening.records.casework.cases import add_case
from screening.records.ledger.entries import events
from screening.records.ledger.events import EventKind
from screening.records.ledger.records import Records
from screening.records.storage.database import Database, DatabaseFullError
from screening.records.storage.group_commit import waiting_at_the_end
from screening.records.verification.verify import verify_ledger
from screening.web.accounts.authorization import public

MANY = 24


def looks(records: Records) -> list[str]:
    """The cases that the ledger says were looked at."""
    with records.database.reading() as session:
        told = events(session)
        return [each.case_id for each in told if each.kind == EventKind.CASE_VIEWED.value]


@dataclass(slots=True)
class HeldUp:
    """Writes that wait until they are set free."""

    free: Event = field(default_factory=Event)
    begun: int = 0


@contextmanager
def held(monkeypatch: pytest.MonkeyPatch, error: Exception | None = None) -> Iterator[HeldUp]:
    """No write goes on before it is set free; with an error, none succeeds."""
    held_up, writing = HeldUp(), Database.writing

    @contextmanager
    def waiting(database: Database) -> Iterator[Session]:
        held_up.begun += 1
        assert held_up.free.wait(30)
        if error:
            raise error
        with writing(database) as session:
            yield session

    with monkeypatch.context() as patch:
        patch.setattr(Database, "writing", waiting)
        yield held_up


def wait_until(come: Callable[[], bool]) -> None:
    """Wait for what another thread does."""
    until = time.monotonic() + 30
    while not come():
        assert time.monotonic() < until
        time.sleep(0.01)


def test_every_look_of_many_at_once_is_in_the_ledger(records: Records, nurse: Actor) -> None:
    case = added(records, nurse)
    with ThreadPoolExecutor(8) as pool:
        seen = list(pool.map(lambda _: viewed(records, nurse, case).id, range(MANY)))
    assert looks(records) == seen == [case] * MANY
    assert verify_ledger(records).faults == []


def test_what_came_while_another_was_written_is_one_transaction(
    records: Records, nurse: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = added(records, nurse)
    with held(monkeypatch) as held_up, ThreadPoolExecutor(8) as pool:
        looking = [pool.submit(viewed, records, nurse, case)]
        wait_until(lambda: held_up.begun == 1)
        looking += [pool.submit(viewed, records, nurse, case) for _ in range(7)]
        wait_until(lambda: len(records.views._queue) == 7)  # noqa: SLF001 - nothing else tells it
        held_up.free.set()
        assert all(each.result().id == case for each in looking)
    assert held_up.begun == 2
    assert looks(records) == [case] * 8


def test_a_look_returns_only_when_it_is_kept(
    records: Records, nurse: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = added(records, nurse)
    with held(monkeypatch) as held_up, ThreadPoolExecutor(1) as pool:
        look = pool.submit(viewed, records, nurse, case)
        with pytest.raises(TimeoutError):
            look.result(0.2)
        held_up.free.set()
        assert look.result().id == case
    assert looks(records) == [case]


def test_at_the_end_everything_that_was_put_off_is_kept(
    records: Records, nurse: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = added(records, nurse)
    with held(monkeypatch) as held_up, waiting_at_the_end():
        assert viewed(records, nurse, case).id == case
        assert viewed(records, nurse, case).id == case
        assert looks(records) == []
        held_up.free.set()
    assert looks(records) == [case, case]


def test_who_looks_is_told_when_it_cannot_be_kept_and_the_next_look_is(
    records: Records, nurse: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = added(records, nurse)
    with held(monkeypatch, DatabaseFullError()) as held_up:
        held_up.free.set()
        with pytest.raises(DatabaseFullError):
            viewed(records, nurse, case)
        with pytest.raises(DatabaseFullError), waiting_at_the_end():
            viewed(records, nurse, case)
    assert looks(records) == []
    assert viewed(records, nurse, case).id == case
    assert looks(records) == [case]


def test_where_no_thread_is_left_a_look_is_written_all_the_same(
    records: Records, nurse: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_: object) -> None:
        raise RuntimeError

    case = added(records, nurse)
    monkeypatch.setattr("threading.Thread.start", refuse)
    assert viewed(records, nurse, case).id == case
    assert looks(records) == [case]


@pytest.mark.parametrize("error", [None, DatabaseFullError()])
def test_no_page_leaves_before_its_look_is_kept(
    records: Records, monkeypatch: pytest.MonkeyPatch, error: Exception | None
) -> None:
    app = casework_app(records, TESTING=False)
    north = add_site(records, "North")
    number, email = add_person(records, Role.NURSE, sites=[north])
    actor = Actor(id=number, name="Ann", roles=frozenset({Role.NURSE}), sites=frozenset({north}))
    case = add_case(records, actor, north, referral(), "looked-at-once")
    client = app.test_client()
    enter(client, email)
    with held(monkeypatch, error) as held_up, ThreadPoolExecutor(1) as pool:
        page = pool.submit(client.get, f"/case/{case}/")
        with pytest.raises(TimeoutError):
            page.result(0.5)
        held_up.free.set()
        answer = page.result()
    assert answer.status_code == (503 if error else 200)
    assert (referral().person in answer.text) is (error is None)
    assert looks(records) == ([] if error else [case])


def test_a_request_that_is_cut_puts_off_no_later_look(
    records: Records, nurse: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    contexts: list[object] = []

    def cut() -> str:
        contexts.append(g.get("looks"))  # as a traceback that somebody keeps
        raise SystemExit

    case, app = added(records, nurse), casework_app(records)
    app.view_functions["sources.about"] = public(cut)
    with pytest.raises(SystemExit):
        app.test_client().get("/about")
    with held(monkeypatch, DatabaseFullError()) as held_up:
        held_up.free.set()
        with pytest.raises(DatabaseFullError):
            viewed(records, nurse, case)
