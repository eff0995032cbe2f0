"""The service on one PostgreSQL: one worker, two workers, and two hosts, under a bounded load.

Usage: python tests/bench/bench_service.py [SECONDS]

Nurses ask over four connections, as fast as they are answered: reads and writes in turn. The unit
of the ratios is the CPU of a bare Flask page on waitress, for writes with one INSERT on the same
server. Two hosts are two network namespaces of this machine, or two of its addresses where those
are not to be had; they share the database and the secrets, and no file. Clients, services and
PostgreSQL share the cores, so that more workers give more only as far as cores are left: compare
the CPU that a request costs with what all cores have. The ledger must be whole afterwards.
"""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO

from bench.bench_writers import high, made_server, middle
from support.casework.referrals import referral
from support.people.typed_answers import typed
from support.people.web_people import add_person, add_site
from support.rulesets import shipped
from support.services import bare_service, load_client
from support.services.cpu_times import family_cpu
from support.services.load_client import BARE_READ, BARE_WRITE, READS, WRITES, Load
from support.services.service import environment, service
from support.setup import postgres
from support.storage import databases

from screening.records.access import Actor, Role
from screening.records.casework.cases import add_case
from screening.records.ledger.records import Records
from screening.records.storage.database import open_database
from screening.records.verification.verify import verify_ledger

SECONDS = 6.0
CONNECTIONS = 4
KINDS = (*READS, *WRITES)
Client = subprocess.Popen[str]
OWN_NETWORK = ("unshare", "--net", "sh", "-c", 'ip link set lo up && exec "$0" "$@"')
HEAD = (
    "| service | what | requests/s | p50 ms | p99 ms"
    " | CPU ms a request: service + database + client | x bare, service + database | errors |"
)


@dataclass(frozen=True, slots=True)
class Host:
    """A running service: its process, its address, and what starts a client that can reach it."""

    pid: int
    address: str
    beside: tuple[str, ...] = ()
    bare: bool = False


@dataclass(frozen=True, slots=True)
class Figures:
    """What came of a load."""

    seconds: float
    took: list[float]
    wrong: int
    service: float
    client: float
    database: float

    def each(self, cpu: float) -> float:
        """The milliseconds that a request had of some CPU seconds."""
        return cpu / max(1, len(self.took)) * 1000


@dataclass(frozen=True, slots=True)
class Office:
    """A database with a nurse and a case for each connection, and what services need to open it."""

    server: postgres.Server
    address: str
    records: Records
    environ: Mapping[str, str]
    emails: list[str]
    cases: list[str]


@contextmanager
def office(server: postgres.Server) -> Iterator[Office]:
    """A fresh one."""
    ring = databases.keyed_ring()
    with databases.postgresql_copy(server) as address, closing(open_database(address)) as opened:
        records = Records(opened, lambda: ring)
        site, emails, cases = add_site(records, "North"), list[str](), list[str]()
        for number in range(CONNECTIONS):
            by, email = add_person(records, Role.NURSE, sites=[site])
            sites = frozenset({site})
            nurse = Actor(id=by, name="Ann Miller", roles=frozenset({Role.NURSE}), sites=sites)
            emails.append(email)
            cases.append(add_case(records, nurse, site, referral(), f"bench-{number:08d}"))
        environ = {
            "DATABASE_URL": address,
            "SCREENING_SECRET_KEY": "s" * 32,
            "SCREENING_KEYS": ring.write(),
        }
        yield Office(server, address, records, environ, emails, cases)
        faults = verify_ledger(records).faults
        assert not faults, faults


def has_networks() -> bool:
    """True if a process can have a network of its own here."""
    try:
        return subprocess.run([*OWN_NETWORK, "true"], check=False).returncode == 0
    except OSError:
        return False


@contextmanager
def one_host(of: Office, workers: int) -> Iterator[list[Host]]:
    """A service with so many workers."""
    with ExitStack() as stack:
        yield [_host(stack, of, "--workers", str(workers))]


@contextmanager
def two_hosts(of: Office) -> Iterator[list[Host]]:
    """Two services, each in a network of its own or at an address of its own."""
    apart = has_networks()
    with ExitStack() as stack:
        yield [
            _host(stack, of, *(() if apart else ("--host", f"127.0.0.{number}")), apart=apart)
            for number in (1, 2)
        ]


def _host(stack: ExitStack, of: Office, *words: str, apart: bool = False) -> Host:
    # A process that ends may write there once more while the folder is being removed.
    kept = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)
    folder = Path(stack.enter_context(kept))
    environ = environment(folder / "data", **of.environ)
    under = OWN_NETWORK if apart else ()
    running = stack.enter_context(service(folder, environ, *words, under=under))
    pid = running.process.pid
    return Host(pid, running.address, ("nsenter", "-t", str(pid), "--net") if apart else ())


@contextmanager
def bare(of: Office) -> Iterator[list[Host]]:
    """The bare page."""
    line = [sys.executable, bare_service.__file__, of.server.address("postgres")]
    with subprocess.Popen(line, stdout=subprocess.PIPE, text=True, env=_environ()) as running:
        assert running.stdout
        address = running.stdout.readline().split()[-1]
        try:
            yield [Host(running.pid, address, bare=True)]
        finally:
            running.terminate()


@contextmanager
def clients(of: Office, hosts: Sequence[Host], seconds: float) -> Iterator[list[Client]]:
    """A client beside each host, with its share of the connections."""
    share = CONNECTIONS // len(hosts)
    with ExitStack() as stack:
        started = []
        for number, host in enumerate(hosts):
            mine = slice(number * share, (number + 1) * share)
            answers = (
                {}
                if host.bare
                else typed(shipped.ruleset(), shipped.favourable()).to_dict(flat=False)
            )
            load = Load(host.address, seconds, of.emails[mine], of.cases[mine], answers)
            line = [*host.beside, sys.executable, load_client.__file__, json.dumps(asdict(load))]
            started.append(stack.enter_context(_talking(line)))
        yield started
        for each in started:
            _stdin(each).close()


def measure(
    of: Office, hosts: Sequence[Host], asking: Sequence[Client], kind: str, seconds: float
) -> Figures:
    """Load all hosts with one kind of request at the same time."""
    _tell(asking, kind)
    assert [_hear(each) for each in asking] == ["ready"] * len(asking)
    before = _spent(of, hosts)
    _tell(asking, "go")
    said = [json.loads(_hear(each)) for each in asking]
    served, database = (b - a for a, b in zip(before, _spent(of, hosts), strict=True))
    took = [one for each in said for one in each[0]]
    wrong, client = (sum(each[at] for each in said) for at in (1, 2))
    return Figures(seconds, took, wrong, served, client, database)


def _talking(line: Sequence[str]) -> Client:
    pipe = subprocess.PIPE
    return subprocess.Popen(line, stdin=pipe, stdout=pipe, text=True, env=_environ())


def _tell(asking: Sequence[Client], line: str) -> None:
    for each in asking:
        _stdin(each).write(f"{line}\n")
        _stdin(each).flush()


def _hear(client: Client) -> str:
    assert client.stdout
    return client.stdout.readline().strip()


def _stdin(client: Client) -> IO[str]:
    assert client.stdin
    return client.stdin


def _environ() -> dict[str, str]:
    return os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}


def _spent(of: Office, hosts: Sequence[Host]) -> tuple[float, float]:
    assert of.server.process
    return sum(family_cpu(each.pid) for each in hosts), family_cpu(of.server.process.pid)


SERVICES = {
    "one worker": lambda of: one_host(of, 1),
    "two workers": lambda of: one_host(of, 2),
    "two hosts": two_hosts,
}


def main(seconds: float = SECONDS) -> int:
    """Print a table of Markdown; gives 1 if a request went wrong."""
    cores = os.cpu_count()
    how = "network namespaces" if has_networks() else "addresses of this machine"
    print(f"{cores} cores for all; two hosts are two {how}.\n\n{HEAD}\n|---|---|{'--:|' * 6}")
    wrong = 0
    with made_server(durable=True) as server, office(server) as of:
        with bare(of) as hosts, clients(of, hosts, seconds) as asking:
            kinds = (BARE_READ, BARE_WRITE)
            units = {kind: measure(of, hosts, asking, kind, seconds) for kind in kinds}
        for kind, found in units.items():
            print(row("bare", kind, found, found))
        for name, start in SERVICES.items():
            with start(of) as hosts, clients(of, hosts, seconds) as asking:
                for kind in KINDS:
                    found = measure(of, hosts, asking, kind, seconds)
                    unit = units[BARE_READ if kind in READS else BARE_WRITE]
                    print(row(name, kind, found, unit), flush=True)
                    wrong += found.wrong
    return int(wrong > 0)


def row(name: str, kind: str, found: Figures, unit: Figures) -> str:
    """One line of the table."""
    spent = (found.service, found.database, found.client)
    ratio = found.each(found.service + found.database) / unit.each(unit.service + unit.database)
    return (
        f"| {name} | {kind} | {len(found.took) / found.seconds:.1f}"
        f" | {middle(found.took):.0f} | {high(found.took):.0f}"
        f" | {' + '.join(f'{found.each(each):.1f}' for each in spent)}"
        f" | {ratio:.1f} | {found.wrong} |"
    )


if __name__ == "__main__":
    sys.exit(main(float(sys.argv[1]) if sys.argv[1:] else SECONDS))
