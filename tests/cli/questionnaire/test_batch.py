"""``screening batch``: from table to table, with rejects, progress, and its statuses."""

import csv
import json
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Run = Callable[..., Any]
TABLE = """\
id,as_of,weak,fever,shown,curve,scans,levels,seen
a,2026-11-20,no,no,yes,none,mri,1,2026-10-20
b,2026-11-20,yes,no,yes,none,mri,1,2026-10-20
"""
BAD = "c,2026-11-20,perhaps,no,yes,none,mri,1,2026-10-20\n"


def test_a_table_is_assessed(run: Run, tmp_path: Path) -> None:
    table, out = tmp_path / "in.csv", tmp_path / "out.csv"
    table.write_text(TABLE, "utf-8")
    result = run(f"batch {table} {out} --rules {{rules}} --ruleset tiny --progress")
    assert result.exit_code == 0, result.output
    with out.open(encoding="utf-8", newline="") as file:
        found = list(csv.DictReader(file))
    assert [row["id"] for row in found] == ["a", "b"]
    assert found[0]["outcome"] != found[1]["outcome"]
    assert "2 rows assessed by tiny" in result.output
    assert "2 rows, 100%" in result.output


def test_rejected_rows_change_the_status(run: Run, tmp_path: Path) -> None:
    table, out = tmp_path / "in.csv", tmp_path / "out.ndjson"
    table.write_text(TABLE + BAD, "utf-8")
    result = run(f"batch {table} {out} --rules {{rules}} --ruleset tiny")
    assert result.exit_code == 1
    assert "1 row cannot be read: see out.ndjson.rejects" in result.output
    reject = json.loads((tmp_path / "out.ndjson.rejects").read_text("utf-8"))
    assert (reject["row"], reject["problems"][0]["column"]) == (4, "weak")
    assert "perhaps" not in result.output


def test_a_slip_in_a_column_name_ends_before_anything_is_written(run: Run, tmp_path: Path) -> None:
    table, out = tmp_path / "in.csv", tmp_path / "out.csv"
    table.write_text(TABLE.replace("levels", "level"), "utf-8")
    words = f"batch {table} {out} --rules {{rules}} --ruleset tiny"
    refused = run(words)
    assert refused.exit_code == 2
    assert "did you mean “levels”" in refused.output
    assert list(tmp_path.iterdir()) == [table]
    assert run(f"{words} --keep level").exit_code == 0


@pytest.mark.parametrize(
    ("options", "wanted"),
    [
        ("--resume", "call without --resume"),
        ("--as-of 2026-12-24", "the screening date is after today"),
        ("--ruleset nonsense", "there is no ruleset"),
    ],
)
def test_what_cannot_be_is_refused(run: Run, tmp_path: Path, options: str, wanted: str) -> None:
    table = tmp_path / "in.csv"
    table.write_text(TABLE, "utf-8")
    out = tmp_path / "out.csv"
    result = run(f"batch {table} {out} --rules {{rules}} --ruleset tiny {options}")
    assert (result.exit_code, wanted in result.output) == (2, True), result.output


def test_an_unknown_ending_is_refused(run: Run, tmp_path: Path) -> None:
    table = tmp_path / "in.xlsx"
    table.write_text(TABLE, "utf-8")
    result = run(f"batch {table} {tmp_path}/out.csv --rules {{rules}} --ruleset tiny")
    assert (result.exit_code, "must end in .csv" in result.output) == (2, True)


@pytest.mark.parametrize("package", ["polars", "numpy"])
def test_a_missing_extra_is_named_in_one_sentence(tmp_path: Path, package: str) -> None:
    table = tmp_path / "in.csv"
    table.write_text(TABLE, "utf-8")
    without = f"import sys; sys.modules['{package}'] = None; from screening.cli import main; main()"
    words = ["batch", str(table), str(tmp_path / "out.csv")]
    done = subprocess.run(
        [sys.executable, "-c", without, *words], check=False, capture_output=True, text=True
    )
    assert done.returncode == 2
    assert re.search(r"^Error: .*NumPy and Polars.*`make batch`", done.stderr, re.MULTILINE)


def test_no_other_command_loads_what_the_batch_needs() -> None:
    loaded = "import sys, screening.cli; print({'numpy', 'polars'} & sys.modules.keys())"
    done = subprocess.run(
        [sys.executable, "-c", loaded], check=True, capture_output=True, text=True
    )
    assert done.stdout == "set()\n"
