"""Verifies ledgers of two sizes: time against plain hashing of the same bytes, and memory.

Usage: python bench_ledger.py [EVENTS]
"""

import hashlib
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import rfc8785
from databases import make_pattern
from sqlalchemy import insert

from screening.records.database import open_database
from screening.records.ledger import NO_HASH, EventKind
from screening.records.store import Records, now
from screening.records.tables import EventRow, instant_text
from screening.records.vault import Keyring
from screening.records.verify import verify_ledger

PORTION = 10_000
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
            began = time.perf_counter()
            previous = hashlib.sha256(told).hexdigest()
            hashing += time.perf_counter() - began
            rows.append(data | {"at": at, "hash": previous})
        with database.writing() as session:
            session.execute(insert(EventRow), rows)
    database.close()
    return hashing


def verify(address: str) -> None:
    """Verify one ledger, and print seconds and MiB."""
    ring = Keyring.make()
    began = time.perf_counter()
    verdict = verify_ledger(Records(open_database(address), lambda: ring))
    seconds = time.perf_counter() - began
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(len(verdict.faults), seconds, peak)


def main(size: int) -> None:
    """Measure a ledger of a size and one of a tenth of it."""
    memory = []
    for events in (size // SMALL, size):
        with tempfile.TemporaryDirectory() as folder:
            address = f"sqlite:///{Path(folder) / 'ledger.sqlite3'}"
            make_pattern(address)
            hashing = fill(address, events)
            command = [sys.executable, __file__, "--verify", address]
            said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
            faults, seconds, peak = said.split()
            assert faults == "0"
        memory.append(float(peak))
        ratio = float(seconds) / hashing
        print(
            f"{events:>9} events: {float(seconds):.1f} s, {ratio:.0f} times the plain hashing of"
            f" the same bytes; peak {float(peak):.0f} MiB"
        )
    print(f"memory of ten times the events: {memory[1] / memory[0]:.2f} times")


if __name__ == "__main__":
    if "--verify" in sys.argv:
        verify(sys.argv[2])
    else:
        main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000)
