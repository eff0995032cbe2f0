"""Work that is interrupted: writes through the store, each acknowledged, and what must be left.

Operations have numbers. Every third one adds a case, the two after it change that case's referral.
Each has the key of a form that follows from its number, so that it can be asked for again.
"""

import base64
import contextlib
import os
import pickle
import signal
import subprocess
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Self

from sqlalchemy import event, select
from sqlalchemy.orm import Session

from screening.core.values.referral import Priority, Referral
from screening.records.access import Actor
from screening.records.case.case_view import open_case
from screening.records.casework import cases
from screening.records.errors import StaleError
from screening.records.ledger.records import Records
from screening.records.sealing.vault import Keyring
from screening.records.storage.database import Database, DatabaseUnavailableError, open_database
from screening.records.storage.tables import CaseKeyRow, CaseRow, WordRow
from screening.records.verification.verify import verify_ledger

WRITES_PER_CASE = 3


@dataclass(frozen=True, slots=True)
class Done:
    """An operation that was acknowledged: its number, the case, the version that it made."""

    number: int
    case_id: str
    version: int

    def line(self) -> bytes:
        """As it goes through a pipe or into a file, always of the same length."""
        return f"{self.number:08} {self.case_id:>32} {self.version:04}\n".encode()

    @classmethod
    def read(cls, line: str) -> "Done":
        """Read what ``line`` gave."""
        number, case_id, version = line.split()
        return cls(int(number), case_id, int(version))


@dataclass(frozen=True, slots=True)
class Place:
    """Where to work: all that a process needs, which shares nothing with the one that began it.

    ``weak`` names the protection that is taken away.
    """

    address: str
    keyring: str
    nurse: Actor
    stream: str = "a"
    weak: str = ""


class Piecemeal(Database):
    """A database without transactions: every statement is kept by itself."""

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """A session that keeps each statement at once."""
        with Session(self.engine.execution_options(isolation_level="AUTOCOMMIT")) as session:
            yield session
            session.commit()


def referral(stream: str, number: int) -> Referral:
    """What operation ``number`` writes."""
    first = number - number % WRITES_PER_CASE
    return Referral(
        reference=f"{stream}-{first:08}",
        person=f"Person {number} y" + "x" * (number * 37 % 60),
        birth_year=1950,
        clinic="Spine",
        priority=Priority.SOON,
    )


@contextmanager
def opened(place: Place) -> Iterator[Records]:
    """The records of a place."""
    database = open_database(place.address)
    if place.weak.startswith(("PRAGMA", "SET")):
        event.listen(database.engine, "connect", lambda c, _: _weaken(c, place.weak))
    if place.weak == "piecemeal":
        database = Piecemeal(database.engine)
    ring = Keyring.read(place.keyring)
    try:
        yield Records(database, lambda: ring)
    finally:
        database.close()


def perform(records: Records, place: Place, number: int, last: Done | None, key: str) -> Done:
    """Do one operation."""
    given = referral(place.stream, number)
    (site,) = place.nurse.sites
    if number % WRITES_PER_CASE == 0:
        return Done(number, cases.add_case(records, place.nurse, site, given, key), 1)
    assert last
    before = number % WRITES_PER_CASE
    version = cases.change_referral(
        open_case(records, place.nurse, last.case_id), before, given, key
    )
    return Done(number, last.case_id, version)


def form_key(place: Place, number: int) -> str:
    """The key of an operation's form: the same when it is asked for again."""
    chance = os.urandom(4).hex() if place.weak == "fresh keys" else ""
    return f"{place.stream}-{number:08}{chance}"


def work(place: Place, last: Done | None, to: int, until: int = 10**9) -> None:
    """Go on working, and acknowledge each operation; the last acknowledged is asked for again.

    Args:
        place: where.
        last: what was acknowledged last.
        to: the descriptor that acknowledgements are written to.
        until: the number of the operation to stop before.
    """
    with opened(place) as records:
        number = last.number if last else 0
        while number < until:
            if place.weak == "early" and number % WRITES_PER_CASE and last:
                version = number % WRITES_PER_CASE + 1
                os.write(to, Done(number, last.case_id, version).line())
            try:
                done = perform(records, place, number, last, form_key(place, number))
            except StaleError:  # it was done before, and is not known by its key
                assert place.weak == "fresh keys"
                number += WRITES_PER_CASE - number % WRITES_PER_CASE
                continue
            os.write(to, done.line())
            last, number = done, number + 1


@dataclass(slots=True)
class Losses:
    """What went wrong. All are to be 0."""

    lost: int = 0
    doubled: int = 0
    halved: int = 0
    damaged: int = 0

    def __bool__(self) -> bool:
        return bool(self.lost or self.doubled or self.halved or self.damaged)

    def __iadd__(self, other: "Losses") -> Self:
        self.lost += other.lost
        self.doubled += other.doubled
        self.halved += other.halved
        self.damaged += other.damaged
        return self


_WHOLE = select(CaseKeyRow.case_id).where(CaseKeyRow.case_id.in_(select(WordRow.case_id)))
"""The cases that have a key, and words to be searched by."""


def inspect(place: Place, acknowledged: list[Done]) -> Losses:
    """Compare what is there with what was acknowledged."""
    losses = Losses()
    with opened(replace(place, weak="")) as records:
        with records.database.reading() as session:
            kept = {row.id: row.version for row in session.scalars(select(CaseRow))}
            whole = set(session.scalars(_WHOLE))
        losses.halved += len(kept.keys() ^ whole)
        if records.database.sqlite:
            losses.damaged += _integrity(records) != "ok"
        losses.lost += sum(kept.get(done.case_id, 0) < done.version for done in acknowledged)
        losses.doubled += _doubled(records, place, kept.keys() & whole)
        losses.halved += len(verify_ledger(records).faults)
    return losses


def _doubled(records: Records, place: Place, ids: set[str]) -> int:
    """Cases that have the reference of another."""
    found = [cases.find_case(records, place.nurse, each).referral.reference for each in ids]
    return len(found) - len(set(found))


def _integrity(records: Records) -> str:
    with records.database.engine.connect() as connection:
        return str(connection.exec_driver_sql("PRAGMA integrity_check").scalar())


def _weaken(connection: Any, setting: str) -> None:  # noqa: ANN401 - a driver's connection
    cursor = connection.cursor()
    cursor.execute(setting)
    connection.commit()


def insist(records: Records, place: Place, number: int, last: Done | None) -> Done:
    """Do an operation under one key until the database takes it."""
    while True:
        try:
            return perform(records, place, number, last, form_key(place, number))
        except DatabaseUnavailableError:
            os.sched_yield()


def sqlite_file(place: Place) -> Path:
    """The file of the database."""
    return Path(place.address.removeprefix("sqlite:///"))


@dataclass(frozen=True, slots=True)
class Task:
    """Work for one process: where, from which acknowledgement on, and where it acknowledges."""

    place: Place
    last: Done | None
    acknowledged: Path

    def run(self, until: int = 10**9) -> None:
        """Do it until the process is killed, or to the number of an operation."""
        work(self.place, self.last, os.open(self.acknowledged, os.O_WRONLY | os.O_APPEND), until)

    def written(self) -> str:
        """As text, to be given to another process."""
        return base64.b64encode(pickle.dumps(self)).decode()

    def read(self) -> list[Done]:
        """What was acknowledged so far."""
        return [Done.read(line) for line in self.acknowledged.read_text("ascii").splitlines()]


class Launcher:
    """A process that has loaded the store and forks workers, which takes them no time to start."""

    def __init__(self) -> None:
        """Start it."""
        self.process = subprocess.Popen(
            [sys.executable, __file__], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def start(self, tasks: list[Task]) -> list[int]:
        """Start a worker for each task; gives their process numbers."""
        return [int(each) for each in self._ask(base64.b64encode(pickle.dumps(tasks)).decode())]

    def kill(self, workers: list[int]) -> list[int]:
        """Kill them with signal 9; gives what each ended with."""
        for each in workers:
            with contextlib.suppress(ProcessLookupError):
                os.kill(each, signal.SIGKILL)
        return [int(each) for each in self._ask("wait")]

    def close(self) -> None:
        """End it."""
        self.process.communicate()

    def _ask(self, line: str) -> list[str]:
        assert self.process.stdin
        assert self.process.stdout
        self.process.stdin.write(f"{line}\n")
        self.process.stdin.flush()
        return self.process.stdout.readline().split()


def launch() -> None:
    """What the launcher does."""
    workers: list[int] = []
    for line in sys.stdin:
        if line.strip() == "wait":
            told = [os.waitstatus_to_exitcode(os.waitpid(each, 0)[1]) for each in workers]
        else:
            tasks = pickle.loads(base64.b64decode(line))  # noqa: S301 - from the test that began it
            told = workers = [_fork(task) for task in tasks]
        sys.stdout.write(" ".join(map(str, told)) + "\n")
        sys.stdout.flush()


def _fork(task: Task) -> int:
    worker = os.fork()
    if worker == 0:
        try:
            task.run()
        except BaseException:  # noqa: BLE001 - a forked process must not go on as its parent
            if not task.place.weak:
                traceback.print_exc()
        os._exit(1)
    return worker


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parents[2]))
    sys.modules["support.faults.fault_work"] = sys.modules[
        "__main__"
    ]  # as tests name what they send
    if sys.argv[1:]:
        given, stop = sys.argv[1:]
        pickle.loads(base64.b64decode(given)).run(int(stop))  # noqa: S301 - the test's own
    else:
        launch()
