"""Judges a million rows on Spark: equal to one machine, what it costs, and how it grows with cores.

Usage: PYTHONPATH=tests python tests/bench/bench_spark.py [ROWS [TURNS]]

The rows are all different: realistic and uniform ones, in each of which some answers are those of
others of the same day. Unknown answers, spans and contradictions are among them.

CPU times are those of driver, Java and Python workers together, without their start.
"""

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO, NamedTuple

import numpy as np
import polars as pl
from support.batch.spark import spark_session
from support.batch.tables import patients, write_table
from support.bench.report import Table, agree, spent
from support.rulesets import shipped

from screening.batch.spark.frame import PROBLEM, evaluate_frame
from screening.batch.tables.run import Job, run
from screening.files.rule_texts import load_texts

SIZE, TURNS, DRAWN, OTHERS = 1_000_000, 3, 10_000, 0.1
KEY = "case_no"
ALONE, SPARK, PLAIN = "screening batch", "Spark", "Spark without us"
SETTINGS = {
    "spark_driver_extraJavaOptions": "-XX:+UseSerialGC",  # and compile well, unlike tests
    "spark_sql_execution_arrow_maxRecordsPerBatch": "65536",
    "spark_sql_files_maxPartitionBytes": "1m",
    "spark_sql_files_openCostInBytes": "0",  # small tables are split as well
}
PAPER, CORES, BUSY = 1_000_000_000, 128, 0.8
ASSUMED = (
    "cores as fast as these, which other work shared; rows like these; nothing is shuffled, as each"
    " row is judged by itself; storage that gives and takes that much in the time; partitions of"
    " 50,000 rows or more, beside which starting a task is small; no task runs twice"
)
_TICKS = os.sysconf("SC_CLK_TCK")


class Turn(NamedTuple):
    """The seconds that one run took: by the clock, and of all processors."""

    wall: float
    cpu: float


def mingled(base: pl.DataFrame, size: int) -> pl.DataFrame:
    """So many rows, each one of the base with some answers of others of its screening date."""
    rng = np.random.default_rng(1)
    base = base.sort("as_of")
    days = base["as_of"].to_physical().to_numpy()
    starts, ends = np.searchsorted(days, days, "left"), np.searchsorted(days, days, "right")
    own = rng.integers(base.height, size=size)
    columns = [pl.Series(KEY, np.arange(size)), base["as_of"].gather(own)]
    for name in base.columns:
        if name not in (KEY, "as_of"):
            others = rng.integers(starts[own], ends[own])
            chosen = np.where(rng.random(size) < OTHERS, others, own)
            columns.append(base[name].gather(chosen))
    return pl.DataFrame(columns)


def serve(master: str, folder: Path) -> None:
    """Judge or copy each time that a line asks for it, and print what it took."""
    with spark_session(folder / master, master, **SETTINGS) as spark:
        for line in sys.stdin:
            name, source, out = json.loads(line)
            began, before = time.perf_counter(), processors()
            frame = spark.read.parquet(source)
            if name == SPARK:
                frame = evaluate_frame(
                    frame, "documented", load_texts(), as_of=shipped.as_of(), today=shipped.as_of()
                )
            frame.write.mode("overwrite").parquet(out)
            print(json.dumps([time.perf_counter() - began, processors() - before]), flush=True)


def processors() -> float:
    """The processor seconds so far of this process and of all below it."""
    parents: dict[int, int] = {}
    used: dict[int, float] = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = path.read_text("utf-8").rpartition(")")[2].split()
        except OSError:  # it has ended meanwhile
            continue
        process = int(path.parent.name)
        parents[process] = int(fields[1])
        used[process] = sum(map(int, fields[11:15])) / _TICKS
    found = {os.getpid()}
    while more := {each for each, parent in parents.items() if parent in found} - found:
        found |= more
    return sum(used.get(each, 0.0) for each in found)


class Workers:
    """A Spark in a process of its own."""

    def __init__(self, stdin: IO[str], stdout: IO[str]) -> None:
        self._stdin, self._stdout = stdin, stdout

    def turn(self, name: str, source: Path, out: Path) -> Turn:
        self._stdin.write(json.dumps([name, str(source), str(out)]) + "\n")
        self._stdin.flush()
        return Turn(*json.loads(self._stdout.readline()))


@contextmanager
def workers(cores: int, folder: Path) -> Iterator[Workers]:
    line = [sys.executable, __file__, "serve", f"local[{cores}]", str(folder)]
    with subprocess.Popen(
        line, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as running:
        assert running.stdin
        assert running.stdout
        yield Workers(running.stdin, running.stdout)
        running.stdin.close()


def on_one_machine(source: Path, out: Path) -> Turn:
    """The same by the command, into another file each time."""
    job = Job(source=source, out=out, ruleset=shipped.ruleset(), today=shipped.as_of())
    began = time.perf_counter()
    cpu = spent(lambda: run(job))
    return Turn(time.perf_counter() - began, cpu)


def same(name: str, left: Path, right: Path) -> None:
    """Compare two outputs, every column of every row."""
    one, other = (pl.read_parquet(_files(each)).sort(KEY) for each in (left, right))
    assert other[PROBLEM].null_count() == other.height
    one = one.drop("row").with_columns(pl.col("outcome").cast(pl.String))
    assert one["contradictions"].count() > one.height / 50
    columns = [name for name in one.columns if name != KEY]
    assert other.columns == [KEY, *columns, PROBLEM]
    equal = pl.DataFrame({name: one[name].eq_missing(other[name]) for name in one.columns})
    agree(f"{name} and one machine", ((each, True) for each in equal.min_horizontal()))


def main(size: int = SIZE, turns: int = TURNS) -> int:
    """Measure."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        base = write_table(
            folder / "base.parquet", shipped.ruleset(), patients(shipped.ruleset(), DRAWN)
        )
        source, first = folder / "in.parquet", folder / "out0.parquet"
        rows, few = mingled(pl.read_parquet(base), size), folder / "few.parquet"
        rows.write_parquet(source, row_group_size=20_000)
        rows.head(20_000).write_parquet(few, row_group_size=1_000)
        took: dict[str, list[Turn]] = {ALONE: [on_one_machine(source, first)]}
        with workers(1, folder) as one, workers(2, folder) as two:
            spark = {"1 core": one, "2 cores": two}
            for cores, each in spark.items():
                each.turn(SPARK, few, folder / f"warm {cores}")
            for turn in range(turns):
                out = folder / f"out{turn + 1}.parquet"
                took[ALONE].append(on_one_machine(source, out))
                for cores, each in spark.items():
                    for work, given in ((SPARK, source), (PLAIN, first)):
                        out = folder / f"{work} {cores}"
                        spent_ = each.turn(work, given, out)
                        took.setdefault(f"{work}, {cores}", []).append(spent_)
        for cores in spark:
            same(f"Spark, {cores}", first, folder / f"{SPARK} {cores}")
        show(took, size)
        paper(took, size, source, folder / f"{SPARK} 2 cores")
    return 0


def show(took: Mapping[str, list[Turn]], size: int) -> None:
    """Print processor times, and rows by the clock."""
    table = Table(f"{size:,} rows from Parquet to Parquet, for each row")
    for name, turns in took.items():
        table.add(name, [each.cpu / size for each in turns])
    table.show(ALONE)
    print("\n| | rows a second, by the clock | cores in use |\n|---|---:|---:|")
    for name, turns in took.items():
        rate = statistics.median(size / each.wall for each in turns)
        busy = statistics.median(each.cpu / each.wall for each in turns)
        print(f"| {name} | {rate:,.0f} | {busy:.2f} |")
    print()
    for work in (SPARK, PLAIN):
        pairs = zip(took[f"{work}, 1 core"], took[f"{work}, 2 cores"], strict=True)
        ratios = sorted(one.wall / two.wall for one, two in pairs)
        print(
            f"- {work}: 2 cores give {statistics.median(ratios):.2f} x the rows a second of 1 core"
            f" ({ratios[0]:.2f} to {ratios[-1]:.2f})"
        )
    print("- only if nothing else ran: the cores in use show it")


def paper(took: Mapping[str, list[Turn]], size: int, source: Path, out: Path) -> None:
    """Print what many rows would take on many cores."""
    cpu = statistics.median(each.cpu for each in took[f"{SPARK}, 2 cores"]) / size
    read, written = (_bytes(each) / size * PAPER / 1e9 for each in (source, out))
    hours = cpu * PAPER / 3600
    print(f"\n### On paper: {PAPER:,} rows\n")
    print(f"- {hours:.1f} hours of one core, at {cpu * 1e6:.1f} µs a row")
    print(f"- {hours * 60 / CORES / BUSY:.0f} minutes on {CORES} cores, each busy {BUSY:.0%}")
    print(f"- {read:.0f} GB of Parquet read, {written:.0f} GB written")
    print(f"\nAssumed: {ASSUMED}.")


def _bytes(path: Path) -> int:
    return sum(each.stat().st_size for each in _files(path))


def _files(path: Path) -> list[Path]:
    """The files of a table, which may be a folder."""
    return sorted(path.glob("*.parquet")) if path.is_dir() else [path]


if __name__ == "__main__":
    if sys.argv[1:2] == ["serve"]:
        serve(sys.argv[2], Path(sys.argv[3]))
    else:
        sys.exit(main(*map(int, sys.argv[1:])))
