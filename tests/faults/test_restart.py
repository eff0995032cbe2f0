"""PostgreSQL stops and starts again while four people write."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from signal import Signals
from threading import Event

import pytest
from support.faults import fault_work
from support.faults.fault_databases import LONG, prepare
from support.faults.fault_work import Done, Place
from support.setup import postgres
from support.setup.postgres import Server
from support.storage import databases

from screening.records.errors import NoCaseError, StaleError
from screening.records.storage.database import check_durable, open_database

RESTARTS = 25 if LONG else 1
STREAMS = ("a", "b", "c", "d")
LOAD = 2.5
CRASH, ORDERLY = Signals.SIGQUIT, Signals.SIGINT
ANSWERS_WITHIN = 30


@pytest.fixture(scope="module")
def durable() -> Iterator[Server]:
    """A server that keeps what it acknowledged, and that only these tests stop."""
    with postgres.server(durable=True) as server:
        databases.postgresql_pattern(server)
        yield server


def write_on(place: Place, stop: Event) -> list[Done]:
    """Write until told to stop; whatever is refused is asked for again under its key."""
    done: list[Done] = []
    with fault_work.opened(place) as records:
        while not stop.is_set():
            last = done[-1] if done else None
            try:
                done.append(fault_work.insist(records, place, len(done), last))
            except (NoCaseError, StaleError):  # what was acknowledged last is gone
                assert place.weak
                break
    return done


def restart_under_load(server: Server, place: Place, how: Signals, times: int) -> list[Done]:
    """Restart it so often; gives what was acknowledged."""
    stop = Event()
    with ThreadPoolExecutor(len(STREAMS)) as people:
        writing = [people.submit(write_on, replace(place, stream=s), stop) for s in STREAMS]
        for _ in range(times):
            time.sleep(LOAD)
            server.stop(how)
            server.start()
        time.sleep(LOAD)
        stop.set()
        return [done for each in writing for done in each.result(ANSWERS_WITHIN)]


def test_such_a_server_is_served_on(durable: Server) -> None:
    with databases.postgresql_copy(durable) as address:
        database = open_database(address)
        check_durable(database)
        database.close()


@pytest.mark.parametrize("how", [CRASH, ORDERLY], ids=["crash", "orderly"])
def test_a_restart_loses_nothing_that_was_acknowledged(durable: Server, how: Signals) -> None:
    with databases.postgresql_copy(durable) as address:
        place = prepare(address)
        began = time.monotonic()
        done = restart_under_load(durable, place, how, RESTARTS)
        print(f"{RESTARTS} restarts, {len(done)} writes, {time.monotonic() - began:.0f} s")  # noqa: T201
        assert len(done) > 4 * len(STREAMS)
        found = fault_work.inspect(place, done)
        assert not found, found


def test_commits_that_do_not_wait_for_the_disk_are_lost_in_a_crash(durable: Server) -> None:
    """What records would be without their own setting."""
    for _ in range(10):
        with databases.postgresql_copy(durable) as address:
            place = replace(prepare(address), weak="SET SESSION synchronous_commit = off")
            if fault_work.inspect(place, restart_under_load(durable, place, CRASH, 1)).lost:
                return
    pytest.fail("nothing was lost")
