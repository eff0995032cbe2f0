"""Judges tables of many rows beside Polars, which reads and writes the same columns without us.

Usage: PYTHONPATH=tests python tests/bench/bench_batch.py [ROWS ...]

Rows are drawn from realistic and uniform ones, with unknown answers, contradictions and birth
years; in Parquet, days are columns of days, and in CSV and lines of JSON also spans. Each run is
compared with the engine on some rows before it is timed. ROWS may go to 10000000.
"""

import json
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from shutil import rmtree

import numpy as np
import polars as pl
from support.batch.tables import Patient, exact, expected, patients, read_results, write_table
from support.bench.report import Table, agree
from support.rulesets import shipped

from screening.batch.columns.kernel import Kernel
from screening.batch.tables.layout import lay_out
from screening.batch.tables.reading import TableReader
from screening.batch.tables.run import ROWS, Job, run
from screening.batch.tables.slices import Slice
from screening.batch.tables.sources import open_source
from screening.core.results.assess import assess

RULES, TODAY = shipped.ruleset(), shipped.as_of()
DRAWN, SIZES = 10_000, (10_000, 100_000, 1_000_000)
SOME = 400
POLARS = "Polars alone"
ALONE, MOST = "kernel: criteria and exact outcomes", 1e-6


def main(sizes: Sequence[int]) -> int:
    """Measure, and give 1 if a goal is missed."""
    drawn = patients(RULES, DRAWN)
    failed = 0
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        base = write_table(folder / "base.parquet", RULES, [exact(each) for each in drawn])
        judge(base, folder / "agreed.parquet")
        check(folder / "agreed.parquet", [exact(each) for each in drawn])
        failed += alone(base)
        for size in sizes:
            failed += from_parquet(folder, base, size)
        memory(folder, base, max(sizes))
        for ending in ("csv", "ndjson"):
            table = write_table(folder / f"text.{ending}", RULES, drawn)
            judge(table, folder / f"out.{ending}")
            check(folder / f"out.{ending}", drawn)
            text(table)
    return int(failed > 0)


def judge(source: Path, out: Path) -> None:
    """Run, over what an earlier run may have left."""
    for path in (out, out.with_name(out.name + ".json")):
        rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)
    run(Job(source=source, out=out, ruleset=RULES, today=TODAY))


def check(out: Path, rows: Sequence[Patient]) -> None:
    """Compare some rows with the engine."""
    found = read_results(out)
    places = range(0, len(rows), max(1, len(rows) // SOME))
    pairs = [(found[_number(out, at)], expected(RULES, rows[at])) for at in places]
    agree(out.suffix, pairs)


def _number(out: Path, place: int) -> int:
    return place + (2 if out.suffix == ".csv" else 1)


def alone(base: Path) -> int:
    """The kernel on answers that are read already, beside the engine row by row.

    Criteria and exact outcomes have a goal of their own, in time and not beside anything.
    """
    source = open_source(base)
    layout = lay_out(source.names, RULES, ())
    reader = TableReader(RULES, layout, TODAY, TODAY, json=False)
    ((rows, _),) = source.slices(layout, ROWS, 0)
    many = Slice(
        numbers=np.arange(10 * DRAWN),
        cells={name: pl.concat([pl.Series(cells)] * 10) for name, cells in rows.cells.items()},
        kept={},
    )
    read, kernel, bare = reader.read(many), Kernel(RULES), CriteriaAndOutcomes(RULES)
    few = [exact(each) for each in patients(RULES, 200)]
    table = Table(f"One row of {10 * DRAWN:,}, all in memory")
    table.time(
        "assess",
        lambda: [assess(RULES, each.answers, each.as_of, each.birth_year) for each in few],
        per=len(few),
    )
    table.time("cells to answers", lambda: reader.read(many), per=10 * DRAWN)
    table.time(ALONE, lambda: bare.evaluate(read.table), per=10 * DRAWN)
    table.time("kernel: all results", lambda: kernel.evaluate(read.table), per=10 * DRAWN)
    failed = table.show("assess")
    took = table.median(ALONE)
    print(f"\n- {ALONE}: {took * 1e6:.2f} µs a row, ≤ {MOST * 1e6:g} µs", _met(took <= MOST))
    return failed + (took > MOST)


class CriteriaAndOutcomes(Kernel):
    """Finds nothing else, but for the contradictions, without which no outcome is exact."""

    def _find_needs(self, *_: object) -> None:
        return


def _met(goal: bool) -> str:  # noqa: FBT001 - one word for it
    return "met" if goal else "**not met**"


def from_parquet(folder: Path, base: Path, size: int) -> int:
    """From Parquet to Parquet, in processor time for each row."""
    source, out = folder / f"in{size}.parquet", folder / f"out{size}.parquet"
    frame = pl.read_parquet(base)
    pl.concat([frame] * (size // DRAWN)).write_parquet(source)
    judge(source, out)
    columns = pl.read_parquet(out)
    table = Table(f"{size:,} rows from Parquet to Parquet")
    table.time(POLARS, lambda: plain(source, columns, folder / "plain"), per=size)
    table.time("screening batch", lambda: judge(source, out), per=size)
    return table.show(POLARS, at_most={"screening batch": 2.0})


def plain(source: Path, columns: pl.DataFrame, folder: Path) -> None:
    """Read the same columns and write the same results, in parts of the same size."""
    folder.mkdir(exist_ok=True)
    table = pl.scan_parquet(source)
    for place, start in enumerate(range(0, columns.height, ROWS)):
        table.slice(start, ROWS).collect()
        columns.slice(start, ROWS).write_parquet(folder / f"{place}.parquet")


def text(source: Path) -> None:
    """From and to text, beside what reads and writes the same text without us."""
    out = source.with_name(f"out{source.suffix}")
    judge(source, out)
    copy = source.with_name(f"copy{source.suffix}")
    table = Table(f"{DRAWN:,} rows from and to {source.suffix}")
    if source.suffix == ".csv":
        alone = POLARS
        results = pl.read_csv(out, infer_schema=False)
        table.time(alone, lambda: copy_csv(source, results, copy), per=DRAWN)
    else:
        alone = "json alone"
        with out.open("rb") as file:
            objects = [json.loads(line) for line in file]
        table.time(alone, lambda: copy_lines(source, objects, copy), per=DRAWN)
    table.time("screening batch", lambda: judge(source, out), per=DRAWN)
    table.show(alone)


def copy_csv(source: Path, results: pl.DataFrame, copy: Path) -> None:
    """Read a table and write results."""
    pl.read_csv(source, infer_schema=False)
    results.write_csv(copy)


def copy_lines(source: Path, results: Sequence[object], copy: Path) -> None:
    """Read lines of JSON and write others."""
    with source.open("rb") as lines, copy.open("w", encoding="utf-8") as file:
        for line in lines:
            json.loads(line)
        file.writelines(json.dumps(each, ensure_ascii=False) + "\n" for each in results)


PEAK = """
import re, sys
from pathlib import Path
sys.path.insert(0, sys.argv[1])
import bench_batch
bench_batch.judge(Path(sys.argv[2]), Path(sys.argv[3]))
print(int(re.search("VmHWM: *\\t* *([0-9]+)", Path("/proc/self/status").read_text())[1]) // 1024)
"""


def memory(folder: Path, base: Path, size: int) -> None:
    """The most memory that a process takes for the smallest and for the largest table.

    The kernel's own count is asked; that of ``getrusage`` begins with that of the parent.
    """
    print()
    for source in (base, folder / f"in{size}.parquet"):
        words = [str(Path(__file__).parent), str(source), str(folder / "memory.parquet")]
        done = subprocess.run(
            [sys.executable, "-c", PEAK, *words], check=True, capture_output=True, text=True
        )
        rows = pl.scan_parquet(source).select(pl.len()).collect().item()
        print(f"- {rows:,} rows: {done.stdout.strip()} MiB at most")


if __name__ == "__main__":
    sys.exit(main([int(each) for each in sys.argv[1:]] or SIZES))
