"""kill -9 between a look at a case and its event: whatever was sent is in the ledger."""

import socket
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from sqlalchemy import select
from support.casework.referrals import referral
from support.people.web_people import PASSWORD, add_person, add_site
from support.services.service import PATIENCE, Browser, Service, environment, service
from support.setup import postgres

from screening.records.access import Actor, Role
from screening.records.casework.cases import add_case
from screening.records.installation.opening import open_records
from screening.records.installation.settings import Settings
from screening.records.ledger import events
from screening.records.ledger.events import EventKind
from screening.records.ledger.records import Records
from screening.records.storage.tables import EventRow
from screening.records.verification.verify import verify_ledger


@dataclass(slots=True)
class Place:
    """Records that a service serves, a nurse of theirs, and a case."""

    folder: Path
    environ: dict[str, str]
    records: Records
    email: str
    case: str

    @contextmanager
    def held(self) -> Iterator[None]:
        """Nobody writes an event meanwhile, as while the disk is slow."""
        with self.records.database.writing() as session:
            session.connection()  # a transaction of SQLite's begins with it
            events.lock(session)
            yield

    def recorded(self) -> Counter[str]:
        """How often the ledger says that each case was looked at."""
        viewed = EventRow.kind == EventKind.CASE_VIEWED.value
        with self.records.database.reading() as session:
            return Counter(session.scalars(select(EventRow.case_id).where(viewed)))


@pytest.fixture(params=["sqlite", "postgresql"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Place]:
    if request.param == "sqlite":
        yield from prepared(tmp_path, environment(tmp_path / "data"))
        return
    with postgres.server(durable=True) as server:
        address = server.address("postgres")
        yield from prepared(tmp_path, environment(tmp_path / "data", DATABASE_URL=address))


def prepared(folder: Path, environ: dict[str, str]) -> Iterator[Place]:
    records = open_records(Settings.read(environ))
    site = add_site(records, "North")
    number, email = add_person(records, Role.NURSE, sites=[site])
    nurse = Actor(id=number, name="Ann", roles=frozenset({Role.NURSE}), sites=frozenset({site}))
    case = add_case(records, nurse, site, referral(), "looked-at-once")
    yield Place(folder, environ, records, email, case)
    records.database.close()


@contextmanager
def served(place: Place) -> Iterator[tuple[Service, str]]:
    """A service, and the cookies of the nurse, who is signed in."""
    with service(place.folder, place.environ) as running:
        with Browser(running.address) as browser:
            assert browser.sign_in(place.email, PASSWORD).url.endswith("/worklist/")
            cookies = browser.session.cookies.get_dict()
        yield running, "; ".join(f"{name}={value}" for name, value in cookies.items())


def test_nothing_of_a_case_is_sent_before_its_look_is_kept(place: Place) -> None:
    with served(place) as (running, cookies):
        began = time.monotonic()
        with ask(running, f"/case/{place.case}/", cookies) as sent:
            assert sent.recv(1)
        usual = time.monotonic() - began
        with place.held(), ask(running, f"/case/{place.case}/", cookies) as sent:
            sent.settimeout(1 + 2 * usual)
            with pytest.raises(TimeoutError):
                sent.recv(1)
            running.process.kill()
            running.process.wait()
            assert received(sent) == b""
        assert place.recorded() == {place.case: 1}
    assert verify_ledger(place.records).faults == []


@contextmanager
def ask(running: Service, path: str, cookies: str) -> Iterator[socket.socket]:
    """Ask for a page; nothing is read of the answer yet."""
    where = urlsplit(running.address)
    assert where.hostname
    assert where.port
    with socket.create_connection((where.hostname, where.port), PATIENCE) as connection:
        lines = (f"GET {path} HTTP/1.1", f"Host: {where.netloc}", f"Cookie: {cookies}", "", "")
        connection.sendall("\r\n".join(lines).encode())
        yield connection


def received(connection: socket.socket) -> bytes:
    """What still comes of an answer."""
    try:
        return connection.recv(1)
    except ConnectionResetError:
        return b""
