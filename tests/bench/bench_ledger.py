"""Verifies ledgers of two sizes, then accounts of two numbers: time and memory.

The time of a ledger is compared with plain hashing of the same bytes.

Usage: PYTHONPATH=tests python tests/bench/bench_ledger.py [EVENTS [ACCOUNTS]]
"""

import hashlib
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import rfc8785
from sqlalchemy import insert
from support.bench.report import Table
from support.storage.databases import make_pattern

from screening.records.ledger import snapshots
from screening.records.ledger.events import NO_HASH, EventKind
from screening.records.ledger.records import Records, now
from screening.records.sealing.vault import Keyring
from screening.records.storage.account_tables import User
from screening.records.storage.database import open_database
from screening.records.storage.tables import EventRow, instant_text
from screening.records.verification.verify import verify_ledger

EVENTS, ACCOUNTS, PORTION = 1_000_000, 100_000, 10_000
PLAIN = "plain hashing of the same bytes"
SMALL = 10


def fill(address: str, size: int) -> float:
    """Write a ledger of so many views; gives the seconds that hashing them plainly takes."""
    database = open_database(address)
    previous, at, hashing = NO_HASH, now(), 0.0
    for start in range(1, size + 1, PORTION):
        rows = []
        for seq in range(start, min(start + PORTION, size + 1)):
            data: dict[str, Any] = {
                "seq": seq,
                "at": instant_text(at),
                "by": 1,
                "kind": EventKind.CASE_VIEWED.value,
                "case_id": "0" * 32,
                "row": "",
                "digest": "",
                "previous": previous,
            }
            told = rfc8785.dumps(data)
            began = time.process_time()
            previous = hashlib.sha256(told).hexdigest()
            hashing += time.process_time() - began
            rows.append(data | {"at": at, "hash": previous})
        with database.writing() as session:
            session.execute(insert(EventRow), rows)
    database.close()
    return hashing


def verify(address: str) -> None:
    """Verify one ledger, and print seconds and MiB."""
    ring = Keyring.make()
    began = time.process_time()
    verdict = verify_ledger(Records(open_database(address), lambda: ring))
    seconds = time.process_time() - began
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(len(verdict.faults), seconds, peak)


def fill_accounts(address: str, size: int) -> None:
    """Write so many accounts, each with its event."""
    database, ring = open_database(address), Keyring.make()
    for start in range(1, size + 1, PORTION):
        numbers = range(start, min(start + PORTION, size + 1))
        rows = [
            {"id": each, "name": f"N{each}", "email": f"n{each}@example.org", "active": True}
            | {"fs_uniquifier": f"u{each}"}
            for each in numbers
        ]
        with database.writing() as session:
            session.execute(insert(User), rows)
    records = Records(database, lambda: ring)
    with records.database.writing() as session:
        snapshots.begin(session, records)
    database.close()


def measured(address: str) -> tuple[float, float]:
    """Seconds and MiB of the verification of a database, in a process of its own."""
    command = [sys.executable, __file__, "--verify", address]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    faults, seconds, peak = said.split()
    assert faults == "0"
    return float(seconds), float(peak)


def main(size: int = EVENTS) -> None:
    """Measure a ledger of a size and one of a tenth of it."""
    memory = []
    for events in (size // SMALL, size):
        with made() as address:
            hashing = fill(address, events)
            seconds, peak = measured(address)
        memory.append(peak)
        table = Table(f"The verification of a ledger of {events:,} events")
        table.add(PLAIN, [hashing])
        table.add("verification", [seconds])
        table.show(PLAIN)
    print(
        f"\nPeak {memory[1]:.0f} MiB; {memory[1] / memory[0]:.2f} x that of a tenth of the events"
    )


def main_accounts(size: int = ACCOUNTS) -> None:
    """Measure so many accounts, and a tenth of them."""
    memory, table = [], Table("The verification of accounts")
    few, all_of_them = (f"{accounts:,} accounts" for accounts in (size // SMALL, size))
    for name, accounts in ((few, size // SMALL), (all_of_them, size)):
        with made() as address:
            fill_accounts(address, accounts)
            seconds, peak = measured(address)
        memory.append(peak)
        table.add(name, [seconds])
    table.show(few)
    print(
        f"\nPeak {memory[1]:.0f} MiB; {memory[1] / memory[0]:.2f} x that of a tenth of the accounts"
    )


@contextmanager
def made() -> Iterator[str]:
    """The address of a fresh database."""
    with tempfile.TemporaryDirectory() as folder:
        address = f"sqlite:///{Path(folder) / 'ledger.sqlite3'}"
        make_pattern(address)
        yield address


if __name__ == "__main__":
    if "--verify" in sys.argv:
        verify(sys.argv[2])
    else:
        main(*map(int, sys.argv[1:2]))
        main_accounts(*map(int, sys.argv[2:]))
