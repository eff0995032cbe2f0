"""kill -9 in the middle of writes, over and over, two processes at a time on one database."""

import random
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
from sqlalchemy import text
from support.faults import fault_work
from support.faults.fault_databases import LONG, prepare
from support.faults.fault_work import Done, Launcher, Losses, Place, Task
from support.storage import databases

from screening.records.storage.database import open_database

RUNS = 1_000 if LONG else 20
ON_ONE_DATABASE = 40
STREAMS = ("a", "b")
KILLED = -9
Fresh = Callable[[], AbstractContextManager[str]]


@pytest.fixture(scope="module")
def launcher() -> Iterator[Launcher]:
    made = Launcher()
    yield made
    made.close()


@pytest.fixture(params=["sqlite", "postgresql"])
def fresh(request: pytest.FixtureRequest, tmp_path: Path) -> Fresh:
    """Gives the address of a fresh database, which is there for a while."""
    if request.param == "postgresql":
        return lambda: databases.postgresql_copy(request.getfixturevalue("postgres"))

    @contextmanager
    def copy() -> Iterator[str]:
        yield databases.sqlite_copy(request.getfixturevalue("sqlite_pattern"), tmp_path)

    return copy


@dataclass(slots=True)
class Series:
    """Runs on one database, each of which goes on where the one before was killed."""

    launcher: Launcher
    place: Place
    folder: Path
    random: random.Random
    acknowledged: dict[str, list[Done]] = field(default_factory=dict[str, list[Done]])

    def run(self) -> None:
        """Let two processes write for a moment, and kill them."""
        tasks = [self._task(stream) for stream in STREAMS]
        workers = self.launcher.start(tasks)
        until = time.monotonic() + 20
        while not any(task.acknowledged.stat().st_size for task in tasks):
            assert time.monotonic() < until, "nothing was written"
            time.sleep(0.001)
        time.sleep(self.random.uniform(0, 0.06))
        ended = self.launcher.kill(workers)
        assert self.place.weak or ended == [KILLED, KILLED], "a worker failed by itself"
        for task in tasks:
            self.acknowledged.setdefault(task.place.stream, []).extend(task.read())

    def inspect(self) -> Losses:
        _wait_for_others(self.place.address)
        return fault_work.inspect(
            self.place, [d for each in self.acknowledged.values() for d in each]
        )

    def _task(self, stream: str) -> Task:
        file = self.folder / f"acknowledged.{stream}"
        file.write_bytes(b"")
        earlier = self.acknowledged.get(stream)
        return Task(replace(self.place, stream=stream), earlier[-1] if earlier else None, file)


def _wait_for_others(address: str) -> None:
    """Wait until a server has noticed that its clients are gone."""
    if address.startswith("sqlite"):
        return
    others = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
    database = open_database(address)
    with database.reading() as session:
        while session.scalar(text(others)) != 1:
            time.sleep(0.01)
    database.close()


def kill_often(  # noqa: PLR0913, PLR0917 - what is tried, and how often
    launcher: Launcher, fresh: Fresh, folder: Path, runs: int, weak: str = "", often: int = 10
) -> tuple[Losses, int]:
    """Kill so many times; gives what was lost, and how many writes were acknowledged."""
    found, written, chance = Losses(), 0, random.Random(4)
    while runs > 0:
        with fresh() as address:
            series = Series(launcher, replace(prepare(address), weak=weak), folder, chance)
            for number in range(min(runs, ON_ONE_DATABASE)):
                series.run()
                if number % often == often - 1:
                    found += series.inspect()
            found += series.inspect()
            runs -= ON_ONE_DATABASE
            written += sum(map(len, series.acknowledged.values()))
    return found, written


def test_no_acknowledged_write_is_lost_doubled_or_halved(
    launcher: Launcher, fresh: Fresh, tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    began = time.monotonic()
    found, written = kill_often(launcher, fresh, tmp_path, RUNS)
    for _ in range(3):
        if written <= RUNS:  # a busy machine kills some before their first write
            more, further = kill_often(launcher, fresh, tmp_path, RUNS)
            found += more
            written += further
    record_property("figures", f"{RUNS} runs, {written} writes, {time.monotonic() - began:.0f} s")
    print(f"{RUNS} runs, {written} writes, {time.monotonic() - began:.0f} s")  # noqa: T201
    assert written > RUNS
    assert not found, found


@pytest.mark.parametrize(
    ("weak", "harm"),
    [("early", "lost"), ("fresh keys", "doubled"), ("piecemeal", "halved")],
)
def test_without_its_protection_the_harm_is_seen(
    launcher: Launcher, fresh: Fresh, tmp_path: Path, weak: str, harm: str
) -> None:
    """Told before it is done, without the form's key, without a transaction."""
    for _ in range(20):
        found, _ = kill_often(launcher, fresh, tmp_path, 5, weak)
        if getattr(found, harm):
            return
    pytest.fail(f"nothing was {harm}")
