"""While something copies or holds the database, a write waits or says so, and nothing is lost."""

import sqlite3
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from pathlib import Path
from threading import Event, Thread

import pytest
from flask.testing import FlaskClient
from support.casework.case_writes import once
from support.people import worklist_people
from support.people.web_people import add_site, casework_app

from screening.records.access import Actor, Role
from screening.records.casework.cases import add_case
from screening.records.ledger.records import Records
from screening.records.operation.backup import read_backup, write_backup
from screening.records.storage import database as module
from screening.records.verification.verify import verify_ledger

WRITERS, EACH, BACKUPS = 4, 6, 3


@pytest.fixture
def nora(sqlite_records: Records) -> Actor:
    site = add_site(sqlite_records, "North")
    return worklist_people.person(sqlite_records, Role.NURSE, sites=[site], name="Nora Nurse")


@pytest.fixture
def client(sqlite_records: Records, nora: Actor) -> FlaskClient:
    app = casework_app(sqlite_records, WTF_CSRF_ENABLED=False)
    return worklist_people.signed_in(app, nora)


def typed(key: str) -> dict[str, str]:
    return {
        "reference": "R-1", "person": "A. B.", "clinic": "North", "priority": "soon", "once": key,
        "site": "1",
    }  # fmt: skip


def cases(records: Records) -> int:
    with records.database.engine.connect() as connection:
        return int(connection.exec_driver_sql("SELECT count(*) FROM cases").scalar_one())


@contextmanager
def held(records: Records) -> Iterator[sqlite3.Connection]:
    """Another program has the database's lock."""
    with closing(sqlite3.connect(str(records.database.file), isolation_level=None)) as holding:
        holding.execute("BEGIN IMMEDIATE")
        yield holding


def test_a_write_waits_for_who_holds_the_database_for_a_moment(
    sqlite_records: Records, client: FlaskClient
) -> None:
    locked, release = Event(), Event()

    def hold() -> None:
        with held(sqlite_records):
            locked.set()
            release.wait(5)
            time.sleep(0.3)

    holder = Thread(target=hold)
    holder.start()
    locked.wait(5)
    release.set()
    begin = time.monotonic()
    assert client.post("/worklist/new", data=typed(once())).status_code == 303
    assert time.monotonic() - begin > 0.2
    holder.join()
    assert cases(sqlite_records) == 1


def test_a_write_that_waits_too_long_says_so_and_can_be_sent_again(
    sqlite_records: Records, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "BUSY_MS", 50)
    sqlite_records.database.close()  # so that new connections wait as long as that
    form = typed(once())
    with held(sqlite_records):
        refused = client.post("/worklist/new", data=form)
    assert refused.status_code == 503
    assert "R-1" not in str(refused.headers)
    assert cases(sqlite_records) == 0
    assert client.post("/worklist/new", data=form).status_code == 303
    assert client.post("/worklist/new", data=form).status_code == 303
    assert cases(sqlite_records) == 1


def test_what_is_written_during_backups_is_kept_and_every_backup_is_whole(
    sqlite_records: Records, nora: Actor, tmp_path: Path
) -> None:
    (site,), ring = nora.sites, sqlite_records.keyring()

    def write(writer: int) -> list[str]:
        numbers = range(writer * EACH, (writer + 1) * EACH)
        return [
            add_case(sqlite_records, nora, site, worklist_people.referral(number), once())
            for number in numbers
        ]

    with ThreadPoolExecutor(WRITERS + 1) as pool:
        writing = [pool.submit(write, writer) for writer in range(WRITERS)]
        for number in range(BACKUPS):
            path = tmp_path / f"{number}.backup"
            write_backup(sqlite_records.database, path, sqlite_records.now(), ring)
            with read_backup(path, ring):
                pass
        written = {case_id for each in writing for case_id in each.result()}
    assert len(written) == cases(sqlite_records) == WRITERS * EACH
    assert verify_ledger(sqlite_records).faults == []
