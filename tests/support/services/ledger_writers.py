"""Processes that write into the ledger as fast as they can, and how long its lock is held.

Usage: python ledger_writers.py ORDER, an ``Order`` as JSON, which ``bench_writers`` gives.
"""

import json
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from itertools import count
from typing import Any

import psycopg
from sqlalchemy import event
from support.casework import case_writes
from support.casework.recorded_assessments import judged, texts
from support.rulesets import shipped
from support.storage import site_chains

from screening.core.values.answer import Answer
from screening.records.access import Actor, Role
from screening.records.case.case_view import open_case
from screening.records.ledger.epochs import mac_at
from screening.records.ledger.events import NO_HASH, EventKind, event_hash, record_event
from screening.records.ledger.records import Records, now
from screening.records.results.assessments import NewAssessment, record_assessment
from screening.records.sealing.vault import Keyring
from screening.records.storage.database import Database, WritingSession, open_database
from screening.records.storage.tables import EventRow, instant_text

BARE = "one bare INSERT"
NEAR, FAR = "an event, by the driver alone", "the same, 2 ms from the database"
EVENT, SAVE, RESULT = "an event", "a saved answer", "an answer and its result"
AWAY = 0.002
"""The seconds that each statement is on its way to a database on another host: slept, not used."""
COLUMNS = tuple(each.key for each in EventRow.__table__.columns)
Step = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class Order:
    """The work of one process; chain 0 is the only one of the product."""

    address: str
    ring: str
    kind: str
    seconds: float
    chain: int
    nurse: int
    site: int
    case_id: str


@dataclass(slots=True)
class Meter:
    """The seconds of each write, of each wait for the ledger's lock, and of each hold of it."""

    took: list[float] = field(default_factory=list[float])
    waited: list[float] = field(default_factory=list[float])
    held: list[float] = field(default_factory=list[float])
    cpu: float = 0.0
    asked: float = 0.0
    since: float | None = None

    def watch(self, database: Database) -> None:
        """Time the lock of those who write through a database."""
        event.listen(database.engine, "before_cursor_execute", self.ask)
        event.listen(database.engine, "after_cursor_execute", self._get)
        event.listen(WritingSession, "after_commit", self.end)

    def ask(self, *_: object) -> None:
        """The lock may be asked for now."""
        self.asked = time.perf_counter()

    def _get(self, _: object, __: object, statement: str, *___: object) -> None:
        if "pg_advisory_xact_lock" in statement and self.since is None:
            self.hold()

    def hold(self) -> None:
        """The lock is held from now on."""
        self.since = time.perf_counter()
        self.waited.append(self.since - self.asked)

    def end(self, *_: object) -> None:
        """The transaction is on the disk."""
        if self.since is not None:
            self.held.append(time.perf_counter() - self.since)
            self.since = None


def work(order: Order) -> None:
    """Get ready, wait for a line, write, and print the meter as JSON."""
    keyring, meter = Keyring.read(order.ring), Meter()
    with closing(open_database(order.address)) as opened, ExitStack() as stack:
        if order.chain:
            stack.enter_context(site_chains.writing_into(order.chain))
        records = Records(opened, lambda: keyring)
        meter.watch(records.database)
        step = _step(order, records, meter)
        step(0)
        _say("ready")
        sys.stdin.readline()
        _repeat(step, order.seconds, meter)
    _say(json.dumps([meter.took, meter.waited, meter.held, meter.cpu]))


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def _repeat(step: Step, seconds: float, meter: Meter) -> None:
    meter.waited.clear()
    meter.held.clear()
    cpu, until = time.process_time(), time.perf_counter() + seconds
    for turn in count(1):
        at = time.perf_counter()
        if at > until:
            break
        step(turn)
        meter.took.append(time.perf_counter() - at)
    meter.cpu = time.process_time() - cpu


def _step(order: Order, records: Records, meter: Meter) -> Step:
    if order.kind == BARE:
        return _inserting(order.address)
    if order.kind in {NEAR, FAR}:
        return _appending(order, records.keyring(), meter)
    if order.kind == EVENT:
        return lambda _: record_event(records, 0, EventKind.SIGNED_IN)
    return _saving(order, records)


def _saving(order: Order, records: Records) -> Step:
    """An answer that changes each time; with a result, what the engine makes of it is at hand."""
    sites = frozenset({order.site})
    nurse = Actor(id=order.nurse, name="Nora Nurse", roles=frozenset({Role.NURSE}), sites=sites)
    known = shipped.favourable() if order.kind == RESULT else {}
    results = [_result({**known, **_answer(turn)}) for turn in (0, 1)] if known else []
    versions = [1]

    def step(turn: int) -> None:
        posted = _answer(turn) if turn else {**known, **_answer(turn)}
        saved = case_writes.saved(records, nurse, order.case_id, versions[-1], posted)
        versions.append(saved.version)
        if results:
            view = open_case(records, nurse, order.case_id)
            record_assessment(view, versions[-1], results[turn % 2], case_writes.once())
            versions.append(saved.version + 1)

    return step


def _answer(turn: int) -> dict[str, Answer]:
    return {"scoliosis": Answer(value=bool(turn % 2))}


def _result(answers: Mapping[str, Answer]) -> NewAssessment:
    return NewAssessment(*judged(answers), texts())


def _inserting(address: str) -> Step:
    """One row of the size of an event into a table that nothing watches, with a commit."""
    connection = psycopg.connect(address)

    def step(_: int) -> None:
        connection.execute("INSERT INTO bare VALUES (%s)", ("e" * 400,))
        connection.commit()

    return step


def _appending(order: Order, keyring: Keyring, meter: Meter) -> Step:
    """The statements of an event, with its hash and MAC, and nothing else of Python's."""
    connection, start = psycopg.connect(order.address), order.chain * site_chains.STRIDE
    newest = b"SELECT seq, hash FROM events WHERE seq BETWEEN %s AND %s ORDER BY seq DESC LIMIT 1"
    names, places = ", ".join(f'"{each}"' for each in COLUMNS), ", ".join(["%s"] * len(COLUMNS))
    insert = f"INSERT INTO events ({names}) VALUES ({places})".encode()

    def send(statement: bytes, values: Sequence[object]) -> psycopg.Cursor[tuple[Any, ...]]:
        time.sleep(AWAY if order.kind == FAR else 0)
        return connection.execute(statement, values)

    def step(_: int) -> None:
        meter.ask()
        send(b"SELECT pg_advisory_xact_lock(%s)", [site_chains.LOCK + order.chain])
        meter.hold()
        found = send(newest, [start + 1, start + site_chains.STRIDE]).fetchone()
        send(insert, _values(keyring, *(found or (start, NO_HASH))))
        send(b"COMMIT", [])
        meter.end()

    return step


def _values(keyring: Keyring, seq: int, previous: str) -> list[Any]:
    made = EventRow(seq=seq + 1, at=now(), by=0, kind=EventKind.SIGNED_IN.value, case_id="")
    made.row, made.digest, made.previous = "", "", previous
    made.hash = event_hash(made)
    made.mac = mac_at(keyring, made.seq, made.hash)
    found = {each: getattr(made, each) for each in COLUMNS}
    return list((found | {"at": instant_text(made.at)}).values())


if __name__ == "__main__":
    work(Order(**json.loads(sys.argv[1])))
