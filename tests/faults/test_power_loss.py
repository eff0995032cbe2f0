"""The power fails at every moment of a row of writes: what the disk may hold is tried."""

import os
import random
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field, replace
from itertools import pairwise
from pathlib import Path

import pytest
from support.faults import fault_work
from support.faults.fault_databases import LONG, prepare
from support.faults.fault_work import Done, Losses, Place, Task
from support.faults.power_loss import Disk, Step, read_steps
from support.storage import databases

WRITES = 45 if LONG else 9
STATES = 12_000 if LONG else 700
WHOLLY = 40
"""Of so many states one is inspected by the application itself; the others by plain SQL."""
SHARES = (0.0, 0.5, 0.5, 0.8, 0.2, 1.0)


@pytest.fixture(scope="session")
def recorder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The recorder, as a library to be loaded first."""
    compiler = shutil.which("cc") or shutil.which("gcc")
    if not compiler or sys.platform != "linux":
        pytest.skip("needs a C compiler on Linux")
    made = tmp_path_factory.mktemp("recorder") / "recorder.so"
    source = Path(__file__).with_name("recorder.c")
    command = [compiler, "-shared", "-fPIC", "-O1", "-Werror", "-o", str(made), str(source), "-ldl"]
    subprocess.run(command, check=True)
    return made


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder in memory where there is one, because nothing is lost there in truth."""
    memory = Path("/dev/shm")  # noqa: S108 - only a place to look at
    made = Path(tempfile.mkdtemp(dir=memory if os.access(memory, os.W_OK) else None))
    yield made
    shutil.rmtree(made)


@dataclass(slots=True)
class Recording:
    """Writes of the application, step by step, and the database that they began with."""

    place: Place
    folder: Path
    disk: Disk
    steps: list[Step]
    acknowledged: list[Done] = field(default_factory=list[Done])

    def states(self, number: int) -> Iterator[tuple[dict[str, bytes], list[Done]]]:
        """At least so many states of the disk, and what had been acknowledged by then."""
        chance = random.Random(6)
        times = -(-number // len(self.steps))
        wanted = min(1.0, 1.2 * number / len(self.steps))  # chance must not fall short
        for step in self.steps:
            self._do(step)
            if chance.random() < wanted:
                for share in chance.choices(SHARES, k=times):
                    yield self.disk.fail(chance, share), self.acknowledged

    def _do(self, step: Step) -> None:
        if not step.path.endswith("acknowledged"):
            self.disk.do(step)
        elif step.kind == "w":
            self.acknowledged.append(Done.read(step.data.decode()))


def record(recorder: Path, pattern: Path, folder: Path, weak: str) -> Recording:
    """Let a process write, and record what it does to its files."""
    place = replace(prepare(databases.sqlite_copy(pattern, folder)), weak=weak)
    disk = Disk(str(folder))
    disk.put(fault_work.sqlite_file(place))
    (folder / "acknowledged").touch()
    recording = folder.with_suffix(".recording")
    task = Task(place, None, folder / "acknowledged").written()
    environment = os.environ | {
        "LD_PRELOAD": str(recorder),
        "RECORDED_FOLDER": str(folder),
        "RECORDING": str(recording),
    }
    command = [sys.executable, fault_work.__file__, task, str(WRITES)]
    subprocess.run(command, check=True, env=environment)
    steps = [each for each in read_steps(recording) if not each.path.endswith("-shm")]
    recording.unlink()
    return Recording(place, folder, disk, steps)


def glance(file: Path, acknowledged: list[Done]) -> Losses:
    """What plain SQL says of a database."""
    try:
        with closing(sqlite3.connect(file)) as database:
            whole = database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
            kept = dict(database.execute("SELECT id, version FROM cases"))
            keys = database.execute("SELECT count(*) FROM case_keys").fetchone()[0]
            told = database.execute("SELECT previous, hash FROM events ORDER BY seq").fetchall()
    except sqlite3.DatabaseError:
        return Losses(damaged=1)
    broken = sum(one[1] != other[0] for one, other in pairwise(told))
    return Losses(
        lost=sum(kept.get(done.case_id, 0) < done.version for done in acknowledged),
        halved=broken + (keys != len(kept)),
        damaged=not whole,
    )


def try_states(made: Recording, number: int) -> tuple[Losses, int]:
    """Look at so many states; gives what was lost in all of them, and how many they were."""
    found, tried = Losses(), 0
    again = made.folder / "again"
    file = again / fault_work.sqlite_file(made.place).name
    for files, acknowledged in made.states(number):
        shutil.rmtree(again, ignore_errors=True)
        again.mkdir()
        for path, data in files.items():
            (again / Path(path).name).write_bytes(data)
        found += glance(file, acknowledged)
        if tried % WHOLLY == 0 and not found:
            place = replace(made.place, address=f"sqlite:///{file}")
            found += fault_work.inspect(place, acknowledged)
        tried += 1
    return found, tried


def test_a_power_failure_loses_nothing_that_was_acknowledged(
    recorder: Path, sqlite_pattern: Path, folder: Path
) -> None:
    began = time.monotonic()
    made = record(recorder, sqlite_pattern, folder, "")
    found, tried = try_states(made, STATES)
    print(f"{tried} states of {len(made.steps)} steps, {time.monotonic() - began:.0f} s")  # noqa: T201
    assert len(made.acknowledged) == WRITES
    assert tried >= STATES
    assert not found, found


@pytest.mark.parametrize(
    "weak",
    ["PRAGMA synchronous = OFF", "PRAGMA synchronous = FULL", "PRAGMA journal_mode = MEMORY"],
)
def test_weaker_settings_lose_or_damage_something(
    recorder: Path, sqlite_pattern: Path, folder: Path, weak: str
) -> None:
    if weak.endswith("FULL") and sqlite3.sqlite_version_info >= (3, 51, 3):
        weak = "PRAGMA synchronous = NORMAL"  # with a write-ahead log, FULL is strong enough
    made = record(recorder, sqlite_pattern, folder, weak)
    found, _ = try_states(made, max(STATES // 2, 700))
    assert found.lost or found.damaged, "weaker settings do no harm here, so this shows nothing"
