"""``screening batch``: from table to table, with rejects, progress, and its statuses."""

import csv
import datetime as dt
import errno
import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

Run = Callable[..., Any]
RULES = Path(__file__).parents[2] / "data" / "cli" / "rules"
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
    assert "If “levels” is meant, rename the column" in refused.output
    assert list(tmp_path.iterdir()) == [table]
    assert run(f"{words} --keep level").exit_code == 0


@pytest.mark.parametrize(
    ("options", "wanted"),
    [
        ("--resume", "without --resume"),
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


def assess_rows(run: Run, folder: Path, text: str) -> tuple[list[dict[str, str]], Any]:
    """The rows of an output, by the shipped rules, and what was said."""
    table, out = folder / "in.csv", folder / "out.csv"
    table.write_text(text, "utf-8")
    result = run(f"batch {table} {out} --as-of 2026-11-20")
    assert result.exit_code == 0, result.output
    with out.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file)), result


def test_a_flag_of_what_is_unknown_is_empty_and_never_false(run: Run, tmp_path: Path) -> None:
    rows, _ = assess_rows(run, tmp_path, "id,leg_weakness,scoliosis\na,,\nb,yes,no\nc,no,yes\n")
    assert [row["flag.leg_weakness"] for row in rows] == ["", "true", "false"]
    assert [row["criterion.leg_weakness"] for row in rows] == ["", "true", "false"]


def test_an_open_result_is_not_called_unfavourable(run: Run, tmp_path: Path) -> None:
    rows, result = assess_rows(run, tmp_path, "id,scoliosis,pregnancy\na,,\nb,,yes\n")
    assert [row["settled"] for row in rows] == ["", "unfavourable"]
    assert "Emergency signs are not ruled out in 2 rows" in result.output
    manifest = json.loads((tmp_path / "out.csv.json").read_text("utf-8"))
    assert manifest["emergency_not_ruled_out"] == 2


def test_cells_as_a_spreadsheet_leaves_them_are_read(run: Run, tmp_path: Path) -> None:
    changed = "id,scoliosis,age,onset_date\na,Yes,74.0,2026-10-01 00:00:00\nb,NO,74,Asked-Unknown\n"
    rows, _ = assess_rows(run, tmp_path, changed)
    plain = "id,scoliosis,age,onset_date\na,yes,74,2026-10-01\nb,no,74,\n"
    (tmp_path / "plain").mkdir()
    assert rows == assess_rows(run, tmp_path / "plain", plain)[0]


def test_the_record_of_a_run_names_no_day_if_each_row_has_its_own(run: Run, tmp_path: Path) -> None:
    table, out = tmp_path / "in.csv", tmp_path / "out.csv"
    table.write_text(TABLE, "utf-8")
    words = f"batch {table} {out} --rules {{rules}} --ruleset tiny"
    assert "has a column as_of" in run(f"{words} --as-of 2026-11-20").output
    assert run(words).exit_code == 0
    assert json.loads((tmp_path / "out.csv.json").read_text("utf-8"))["as_of"] is None


@pytest.mark.parametrize(
    ("out", "wanted"), [("in.csv", "IN and OUT are the same file"), ("no/out.csv", "no folder")]
)
def test_an_output_that_cannot_be_written_is_refused(
    run: Run, tmp_path: Path, out: str, wanted: str
) -> None:
    table = tmp_path / "in.csv"
    table.write_text(TABLE, "utf-8")
    result = run(f"batch {table} {tmp_path / out} --rules {{rules}} --ruleset tiny")
    assert (result.exit_code, wanted in result.output) == (2, True), result.output
    assert table.read_text("utf-8") == TABLE


def test_ctrl_c_says_how_to_go_on(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("screening.batch.tables.run.Kernel", stop)
    table = tmp_path / "in.csv"
    table.write_text(TABLE, "utf-8")
    result = run(f"batch {table} {tmp_path}/out.csv --rules {{rules}} --ruleset tiny")
    assert result.exit_code == 130
    assert "run the same command again with --resume" in result.output
    assert "out.csv.parts holds results of patients" in result.output


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


def test_columns_are_listed_with_their_questions(run: Run, tmp_path: Path) -> None:
    result = run("batch --columns --rules {rules} --ruleset tiny")
    assert result.exit_code == 0, result.output
    rows = {row["column"]: row for row in csv.DictReader(result.output.splitlines())}
    assert list(rows)[:2] == ["as_of", "birth_year"]
    assert rows["weak"]["answer"] == "yes or no"
    assert rows["weak"]["question"].endswith("?")
    assert rows["scans"]["answer"].startswith("one or more of: ")
    assert rows["seen"]["answer"].startswith("a day that exists")
    (tmp_path / "in.csv").write_text(",".join(rows) + "\n", "utf-8")
    out = tmp_path / "out.csv"
    assert run(f"batch {tmp_path}/in.csv {out} --rules {{rules}} --ruleset tiny").exit_code == 0


def test_a_table_needs_both_names(run: Run) -> None:
    result = run("batch --rules {rules} --ruleset tiny")
    assert (result.exit_code, "Missing argument 'IN'" in result.output) == (2, True), result.output


def test_a_reject_names_the_patient_by_the_column_that_was_chosen(run: Run, tmp_path: Path) -> None:
    table, out = tmp_path / "in.csv", tmp_path / "out.csv"
    table.write_text(TABLE + BAD + "too,few\n", "utf-8")
    words = f"batch {table} {out} --rules {{rules}} --ruleset tiny --id"
    assert "“name” is not one" in run(f"{words} name").output
    assert "“weak” is not one" in run(f"{words} weak").output
    assert list(tmp_path.iterdir()) == [table]
    assert run(f"{words} id").exit_code == 1
    lines = (tmp_path / "out.csv.rejects").read_text("utf-8").splitlines()
    assert [json.loads(line)["id"] for line in lines] == ["c", "too"]


FULL = """
import resource, sys
from screening.cli import main
resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))
main()
"""


@pytest.mark.parametrize("ending", ["csv", "ndjson", "parquet"])
def test_a_full_disk_is_named_and_the_run_goes_on(run: Run, tmp_path: Path, ending: str) -> None:
    """A limit of the size of files stands for the end of the disk."""
    table, out = tmp_path / "in.csv", tmp_path / f"out.{ending}"
    rows = (
        f"patient-with-a-number-{at}-{at * at},2026-11-20,no,no,yes,none,mri,1,2026-10-20\n"
        for at in range(400)
    )
    table.write_text(TABLE + "".join(rows), "utf-8")
    words = f"batch {table} {out} --rules {{rules}} --ruleset tiny"
    full = subprocess.run(
        [sys.executable, "-c", FULL, *words.format(rules=RULES).split()],
        check=False,
        capture_output=True,
        text=True,
    )
    assert full.returncode == 74, full.stderr
    said = f"Error: cannot write {out}.parts: File too large. Put this right, then run the same"
    assert said in full.stderr
    assert "--resume" in full.stderr
    assert run(f"{words} --resume").exit_code == 0
    whole = out.read_bytes()
    assert run(words.replace(str(out), f"{tmp_path}/other.{ending}")).exit_code == 0
    assert whole == (tmp_path / f"other.{ending}").read_bytes()


def test_a_folder_that_cannot_be_written_is_named(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(path: Path, **_: object) -> None:
        raise OSError(errno.EROFS, os.strerror(errno.EROFS), str(path))

    table, out = tmp_path / "in.csv", tmp_path / "out.csv"
    table.write_text(TABLE, "utf-8")
    monkeypatch.setattr(Path, "mkdir", refuse)
    result = run(f"batch {table} {out} --rules {{rules}} --ruleset tiny")
    assert result.exit_code == 74, result.output
    said = f"cannot write {out}.parts: Read-only file system. Put this right, or choose another"
    assert said in result.output


def test_a_table_that_cannot_be_read_is_no_fault_of_the_output(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> Iterator[None]:
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    table, out = tmp_path / "in.csv", tmp_path / "out.csv"
    table.write_text(TABLE, "utf-8")
    monkeypatch.setattr("screening.batch.tables.csv_source.CsvSource.slices", fail)
    result = run(f"batch {table} {out} --rules {{rules}} --ruleset tiny")
    assert result.exit_code == 2, result.output
    assert f"cannot read {table}: Input/output error" in result.output


@pytest.mark.parametrize(
    ("column", "option", "wanted"),
    [
        ("", "", "Screening date: 2026-11-21, today: the table has no column as_of."),
        ("", "--as-of 2026-11-20", "Screening date: 2026-11-20, from --as-of."),
        ("as_of,", "", "Screening date: that of each row, from the column as_of."),
    ],
)
def test_the_summary_says_where_the_screening_date_came_from(
    run: Run, tmp_path: Path, column: str, option: str, wanted: str
) -> None:
    table, out = tmp_path / "in.csv", tmp_path / "out.csv"
    table.write_text(f"{column}weak\n{column and '2026-11-20,'}no\n", "utf-8")
    words = f"batch {table} {out} --rules {{rules}} --ruleset tiny {option}"
    assert wanted in run(words).output
    manifest = json.loads((tmp_path / "out.csv.json").read_text("utf-8"))
    found = {"today": "2026-11-21", "option": "2026-11-20", "column": None}
    assert manifest["as_of"] == found[manifest["as_of_from"]]
    assert wanted in run(f"{words} --resume").output


def test_a_run_that_goes_on_later_keeps_its_day(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    table, out = tmp_path / "in.csv", tmp_path / "out.csv"
    table.write_text("weak\nno\n", "utf-8")
    words = f"batch {table} {out} --rules {{rules}} --ruleset tiny"
    assert run(words).exit_code == 0
    later = dt.date(2026, 11, 23)
    monkeypatch.setattr("screening.cli.questionnaire.batch.today", lambda: later)
    said = " ".join(run(f"{words} --resume").output.split())
    assert "Screening date: 2026-11-21, the day on which the run began: the table has" in said


def test_the_summary_lists_the_columns_that_were_only_copied(run: Run, tmp_path: Path) -> None:
    table, out = tmp_path / "in.csv", tmp_path / "out.csv"
    own = ["", "patient", "evil\x1b[31m", *(f"own{at}" for at in range(30))]
    table.write_text(f"weak,{','.join(own)}\nno{',x' * len(own)}\n", "utf-8")
    result = run(f"batch {table} {out} --rules {{rules}} --ruleset tiny")
    said = " ".join(result.output.split())
    assert "Copied, not read: (no heading), patient, evil\\u001b[31m, own0, own1," in said
    assert "own16 and 13 more." in said
    assert json.loads((tmp_path / "out.csv.json").read_text("utf-8"))["copied"] == own


def test_the_text_of_a_question_is_no_name_of_a_column(run: Run, tmp_path: Path) -> None:
    table, out = tmp_path / "in.csv", tmp_path / "out.csv"
    listed = csv.DictReader(
        run("batch --columns --rules {rules} --ruleset tiny").output.split("\n")
    )
    for column, question in [(row["column"], row["question"]) for row in listed]:
        with table.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows([["levels", f" {question.upper()}"], ["1", ""]])
        result = run(f"batch {table} {out} --rules {{rules}} --ruleset tiny")
        assert result.exit_code == 2, question
        assert f"If “{column}” is meant, rename the column" in result.output


def test_a_row_that_swallowed_others_is_told_apart(run: Run, tmp_path: Path) -> None:
    table, out = tmp_path / "in.csv", tmp_path / "out.csv"
    table.write_text('id,weak,name\n1,no,"Al\n2,no,Bo"\n3,no\n4,no,Di\n', "utf-8")
    result = run(f"batch {table} {out} --rules {{rules}} --ruleset tiny")
    said = " ".join(result.output.split())
    assert "2 rows cannot be read: see out.csv.rejects." in said
    assert "In 1 rejected row, an extra quotation mark seems to have swallowed other rows" in said
