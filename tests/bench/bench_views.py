"""What looks at cases wait for the ledger, with eight readers and two writers in each process.

Usage: PYTHONPATH=tests python tests/bench/bench_views.py

Processes share one database, SQLite and PostgreSQL in turn. Each reader opens the answers of a
case, each writer answers a question of one. A reader's time is compared with the part of it that it
waits for its event; the same is measured with every event written by itself. If more than
``AT_MOST`` of the time is waiting, the run fails.
"""

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from threading import Thread
from unittest import mock

from flask import Flask
from support.people import case_people, worklist_people
from support.people.web_people import add_person, add_site, casework_app, enter
from support.setup import postgres
from support.storage import databases

from screening.records.access import Actor, Role
from screening.records.casework.cases import add_case
from screening.records.ledger.records import Records
from screening.records.sealing.case_keys import add_index_key
from screening.records.sealing.vault import Keyring
from screening.records.storage.database import Database, open_database
from screening.records.storage.group_commit import GroupCommit, Pending, Work
from screening.web.service.server import THREADS

READERS, WRITERS = 8, 2
PROCESSES = 2
SECONDS = 10.0
AT_MOST = 0.1
BEFORE = 8
"""Threads of the server when each look was written by itself."""
ALONE, TOGETHER = "each look by itself", "looks together"


class Waits:
    """How long each thread's requests took, and how long of that they waited for an event."""

    def __init__(self, threads: int) -> None:
        """Begin with none, for a server that answers so many at once."""
        self.waited, self.took, self.saves = [0.0], list[float](), 0
        self.server = ThreadPoolExecutor(threads)

    def during(self, work: Callable[..., object]) -> Callable[..., None]:
        """The same work, whose time is counted as waiting."""

        def timed(*args: object) -> None:
            began = time.perf_counter()
            work(*args)
            self.waited[0] += time.perf_counter() - began

        return timed


def _alone(_: GroupCommit, database: Database, work: Work) -> None:
    """As if there were no group: one transaction for each look, in the request."""
    with database.writing() as session:
        work(session)


@contextmanager
def measured(how: str, waits: Waits) -> Iterator[None]:
    """Let looks be written in one of the two ways, and time them."""
    with ExitStack() as stack:
        if how == ALONE:
            stack.enter_context(mock.patch.object(GroupCommit, "write", waits.during(_alone)))
        else:
            end = waits.during(Pending.wait)
            stack.enter_context(mock.patch.object(Pending, "wait", end))
        yield


def nurses(app: Flask, records: Records, many: int) -> list[case_people.Nurse]:
    """People with a case each."""
    site = add_site(records, f"Site {os.getpid()}")
    made = []
    for number in range(many):
        name, client = f"nurse{os.getpid()}-{number}", app.test_client()
        email = f"{name}@clinic.localhost"
        by, _ = add_person(records, Role.NURSE, sites=[site], name=name, email=email)
        enter(client, email)
        roles, sites = frozenset({Role.NURSE}), frozenset({site})
        actor = Actor(id=by, name=name, roles=roles, sites=sites)
        case = add_case(
            records, actor, site, worklist_people.referral(number), f"bench-{number:08d}"
        )
        made.append(case_people.Nurse(client, actor, case))
    return made


def read(nurse: case_people.Nurse, until: float, waits: Waits) -> None:
    """Open a case again and again."""
    while (began := time.perf_counter()) < until:
        assert waits.server.submit(nurse.get).result().status_code == 200
        waits.took.append(time.perf_counter() - began)


def save(nurse: case_people.Nurse, until: float, waits: Waits) -> None:
    """Answer a question again and again."""
    sheet, number = nurse.sheet(), 0
    while time.perf_counter() < until:
        number += 1
        sheet["q-scoliosis"] = ("yes", "no")[number % 2]
        assert waits.server.submit(nurse.post, "", sheet).result().status_code == 303
        sheet = waits.server.submit(nurse.sheet).result()
        waits.saves += 1


def work(address: str, ring: str, how: str, threads: int, seconds: float) -> None:
    """One process: prints its figures as JSON."""
    keyring, waits = Keyring.read(ring), Waits(threads)
    records = Records(open_database(address), lambda: keyring)
    app = casework_app(records, WTF_CSRF_ENABLED=False)
    app.logger.disabled = True
    people = nurses(app, records, READERS + WRITERS)
    people[0].get()
    until = time.perf_counter() + seconds
    roles = [read] * READERS + [save] * WRITERS
    with measured(how, waits):
        running = [
            Thread(target=role, args=(nurse, until, waits))
            for role, nurse in zip(roles, people, strict=True)
        ]
        for each in running:
            each.start()
        for each in running:
            each.join()
    print(json.dumps({"took": waits.took, "waited": waits.waited[0], "saves": waits.saves}))


def measure(address: str, how: str, seconds: float) -> float:
    """Run the processes; prints their figures and gives the share of waiting."""
    ring = Keyring.make()
    with closing(open_database(address)) as opened:  # what two processes would make twice
        with opened.writing() as session:
            add_index_key(session, ring)
        add_person(Records(opened, lambda: ring), Role.NURSE)
    command = [sys.executable, __file__, "--work", address, ring.write(), how]
    environ = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    threads = BEFORE if how == ALONE else THREADS
    command += [str(threads), str(seconds)]
    running = [
        subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environ)
        for _ in range(PROCESSES)
    ]
    said = [json.loads(each.communicate()[0]) for each in running]
    took = [each for figures in said for each in figures["took"]]
    share = float(sum(each["waited"] for each in said) / sum(took))
    print(
        f"| {how} | {len(took) / seconds:.1f} | {statistics.median(took) * 1000:.0f} ms"
        f" | {sum(each['saves'] for each in said) / seconds:.1f} | {share:.1%} |"
    )
    return share


@contextmanager
def database(kind: str) -> Iterator[str]:
    """The address of a fresh database of a kind."""
    if kind == "sqlite":
        with tempfile.TemporaryDirectory() as folder:
            yield databases.sqlite_copy(databases.sqlite_pattern(Path(folder)), Path(folder))
        return
    with postgres.server(durable=True) as server:
        databases.postgresql_pattern(server)
        with databases.postgresql_copy(server) as address:
            yield address


def main(seconds: float = SECONDS, kinds: Sequence[str] = ("sqlite", "postgresql")) -> int:
    """Measure the databases; gives 1 if a look waits for too much of its time."""
    dear = False
    for kind in kinds:
        print(f"\n### Looks and saves on {kind}\n")
        print("| | looks/s | median | saves/s | waiting |\n|---|---:|---:|---:|---:|")
        for how in (ALONE, TOGETHER):
            with database(kind) as address:
                share = measure(address, how, seconds)
            dear |= how == TOGETHER and share > AT_MOST
    return int(dear)


if __name__ == "__main__":
    if "--work" in sys.argv:
        shared, keys, way, at_once, length = sys.argv[2:]
        work(shared, keys, way, int(at_once), float(length))
    else:
        sys.exit(main())
