"""How the ledger's one writer at a time fares with 1, 2, 4 and 8 processes that write at once.

Usage: python tests/bench/bench_writers.py [SECONDS]

Processes write straight into the records, without HTTP, on one PostgreSQL of this machine. While a
transaction holds the ledger's lock nobody else appends, so one second over the time that it is held
is the most that one chain can do. A server that does not wait for the disk shows what part of that
is the disk's. The unit of the ratios is one process that inserts a row of an event's size into a
bare table. Processes and PostgreSQL share the cores: from that many processes on, the processor is
a limit too, which the last column shows.
"""

import json
import os
import statistics
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass, replace

import psycopg
from support.casework import case_writes
from support.services import ledger_writers
from support.services.cpu_times import family_cpu
from support.services.ledger_writers import BARE, EVENT, FAR, NEAR, RESULT, SAVE, Order
from support.setup import postgres
from support.storage import databases
from support.storage.databases import People

from screening.records.ledger.records import Records
from screening.records.storage.database import open_database
from screening.records.verification.verify import verify_ledger

WRITERS = (1, 2, 4, 8)
SECONDS = 4.0
KINDS = (NEAR, FAR, EVENT, SAVE, RESULT)


@dataclass(slots=True)
class Figures:
    """What some processes did together: the times of all, and the CPU seconds of both sides."""

    seconds: float
    took: list[float]
    waited: list[float]
    held: list[float]
    clients: float
    server: float

    @property
    def rate(self) -> float:
        """Writes a second."""
        return len(self.took) / self.seconds


@contextmanager
def filled(server: postgres.Server, writers: int) -> Iterator[tuple[Records, list[Order]]]:
    """A fresh database with a nurse and a case for each process, and what each is to do."""
    ring = databases.keyed_ring()
    with (
        databases.postgresql_copy(server) as address,
        closing(open_database(address)) as opened,
    ):
        records, orders = Records(opened, lambda: ring), []
        for number in range(1, writers + 1):
            nurse = People(records).actor(sites=(f"Site {number}",))
            case_id = case_writes.added(records, nurse)
            site = case_writes.site(nurse)
            orders.append(Order(address, ring.write(), "", 0.0, 0, nurse.id, site, case_id))
        yield records, orders


def run(server: postgres.Server, orders: Sequence[Order]) -> Figures:
    """Run a process for each order, all at the same time."""
    environ = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    command = [sys.executable, ledger_writers.__file__]
    running = [
        subprocess.Popen(
            [*command, json.dumps(asdict(order))],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=environ,
        )
        for order in orders
    ]
    for each in running:
        assert each.stdout
        assert each.stdout.readline() == "ready\n"
    assert server.process
    before = family_cpu(server.process.pid)
    for each in running:
        assert each.stdin
        each.stdin.write("go\n")
        each.stdin.flush()
    said = [json.loads(each.communicate()[0]) for each in running]
    spent = family_cpu(server.process.pid) - before
    took, waited, held = ([each for one in said for each in one[at]] for at in range(3))
    clients = sum(one[3] for one in said)
    return Figures(orders[0].seconds, took, waited, held, clients, spent)


def middle(times: list[float]) -> float:
    """The median in milliseconds; 0 of none."""
    return statistics.median(times) * 1000 if times else 0.0


def high(times: list[float]) -> float:
    """The 99th percentile in milliseconds; 0 of none."""
    return sorted(times)[len(times) * 99 // 100] * 1000 if times else 0.0


HEAD = (
    (
        "| writes | processes | a second | ratio | p50 ms | p99 ms | waits p50 ms | holds p50 ms"
        " | 1 s / holds | CPU ms a write: processes + database |"
    ),
    "|---|---|---|---|---|---|---|---|---|---|",
)


def row(kind: str, many: int, found: Figures, base: Figures) -> str:
    """One line of the table."""
    held, done = middle(found.held), max(1, len(found.took))
    most = f"{1000 / held:.0f}" if held else ""
    return (
        f"| {kind} | {many} | {found.rate:.0f} | {found.rate / base.rate:.2f}"
        f" | {middle(found.took):.1f} | {high(found.took):.1f}"
        f" | {middle(found.waited):.1f} | {held:.1f} | {most}"
        f" | {found.clients / done * 1000:.1f} + {found.server / done * 1000:.1f} |"
    )


@contextmanager
def made_server(*, durable: bool) -> Iterator[postgres.Server]:
    """A server that logs no statement, with a database to copy."""
    with postgres.server(durable=durable, log_statement="none") as server:
        databases.postgresql_pattern(server)
        with psycopg.connect(server.address("postgres")) as connection:
            connection.execute("CREATE TABLE bare (told text)")
        yield server


def main(seconds: float = SECONDS, writers: Sequence[int] = WRITERS) -> None:
    """Print a table of Markdown for each kind of disk."""
    for durable in (True, False):
        print(f"\n{'Each commit waits' if durable else 'No commit waits'} for the disk\n")
        print(*HEAD, sep="\n")
        with made_server(durable=durable) as server:
            base = measure(server, BARE, 1, seconds)
            print(row(BARE, 1, base, base))
            for kind in KINDS:
                for many in writers:
                    print(row(kind, many, measure(server, kind, many, seconds), base), flush=True)


def measure(server: postgres.Server, kind: str, writers: int, seconds: float) -> Figures:
    """Let so many processes write into the one chain, which must be whole afterwards."""
    with filled(server, writers) as (records, orders):
        chosen = [replace(each, kind=kind, seconds=seconds) for each in orders]
        if kind == BARE:  # a table of no application
            chosen = [replace(each, address=server.address("postgres")) for each in chosen]
        found = run(server, chosen)
        faults = verify_ledger(records).faults
    assert not faults, faults
    return found


if __name__ == "__main__":
    main(float(sys.argv[1]) if sys.argv[1:] else SECONDS)
