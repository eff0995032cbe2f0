"""Every row of a table comes to what the engine comes to, in every format."""

import csv
import json
from pathlib import Path

import polars as pl
import pytest
from support.batch.tables import Patient, exact, expected, patients, read_results, write_table
from support.rulesets import shipped

from screening.batch.tables.run import ChangedInputError, Job, Progress, run

RULES = shipped.ruleset()
TODAY = shipped.as_of()
COUNT = 150


@pytest.fixture(scope="module")
def rows() -> list[Patient]:
    return patients(RULES, COUNT)


def job(source: Path, out: str, *, rows: int = 64) -> Job:
    return Job(source=source, out=source.with_name(out), ruleset=RULES, today=TODAY, rows=rows)


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        ("in.parquet", "out.parquet"),
        ("in.csv", "out.csv"),
        ("in.ndjson", "out.ndjson"),
        ("in.ndjson", "out.parquet"),
        ("in.parquet", "out.ndjson"),
    ],
)
def test_rows_come_to_what_the_engine_comes_to(
    tmp_path: Path, rows: list[Patient], given: str, wanted: str
) -> None:
    manifest = run(job(write_table(tmp_path / given, RULES, rows), wanted))
    found = read_results(tmp_path / wanted)
    assert list(found.values()) == [expected(RULES, row) for row in rows]
    assert (manifest["written"], manifest["rejected"]) == (COUNT, 0)
    assert not (tmp_path / f"{wanted}.rejects").exists()


def test_columns_of_days_are_read(tmp_path: Path, rows: list[Patient]) -> None:
    to_the_day = [exact(row) for row in rows]
    run(job(write_table(tmp_path / "in.parquet", RULES, to_the_day), "out.parquet"))
    found = read_results(tmp_path / "out.parquet")
    assert list(found.values()) == [expected(RULES, row) for row in to_the_day]


def test_the_rows_are_hard_ones(rows: list[Patient]) -> None:
    results = [expected(RULES, row) for row in rows]
    assert {"contradiction", "met", "more_information"} <= {each["outcome"] for each in results}
    assert len({row.as_of for row in rows}) == 3


def test_parts_of_other_sizes_give_the_same(tmp_path: Path, rows: list[Patient]) -> None:
    table = write_table(tmp_path / "in.ndjson", RULES, rows)
    seen: list[Progress] = []
    run(job(table, "small.ndjson", rows=7), seen.append)
    run(job(table, "large.ndjson", rows=1000))
    assert (tmp_path / "small.ndjson").read_bytes() == (tmp_path / "large.ndjson").read_bytes()
    assert (len(seen), seen[-1]) == (22, Progress(rows=COUNT, share=1.0))


def test_other_columns_are_kept_as_they_are(tmp_path: Path, rows: list[Patient]) -> None:
    run(job(write_table(tmp_path / "in.ndjson", RULES, rows[:3]), "out.ndjson"))
    lines = (tmp_path / "out.ndjson").read_text("utf-8").splitlines()
    assert [json.loads(line)["case_no"] for line in lines] == [{"no": 0}, {"no": 1}, {"no": 2}]


def test_the_manifest_names_rules_and_counts(tmp_path: Path, rows: list[Patient]) -> None:
    run(job(write_table(tmp_path / "in.csv", RULES, rows[:5]), "out.csv"))
    manifest = json.loads((tmp_path / "out.csv.json").read_text("utf-8"))
    assert manifest["ruleset"]["digest"] == RULES.digest
    assert (manifest["rows"], sum(manifest["outcomes"].values())) == (5, 5)
    assert not (tmp_path / "out.csv.parts").exists()


@pytest.mark.parametrize("ending", ["csv", "parquet", "ndjson"])
def test_a_table_without_rows_gives_one_without_rows(tmp_path: Path, ending: str) -> None:
    table = write_table(tmp_path / "in.csv", RULES, [])
    assert run(job(table, f"out.{ending}"))["rows"] == 0
    assert read_results(tmp_path / f"out.{ending}") == {}


def test_questions_without_a_column_are_named_and_unknown(tmp_path: Path) -> None:
    table = tmp_path / "in.csv"
    table.write_text("age\n74\n", "utf-8")
    manifest = run(job(table, "out.csv"))
    assert set(manifest["without_column"]) == RULES.items.keys() - {"age"}
    answers = {"age": shipped.favourable()["age"]} if "age" in shipped.favourable() else {}
    (found,) = read_results(tmp_path / "out.csv").values()
    assert found["outcome"] == "more_information", answers


def test_a_table_that_changes_meanwhile_gives_no_output(
    tmp_path: Path, rows: list[Patient]
) -> None:
    table = write_table(tmp_path / "in.csv", RULES, rows[:5])
    with pytest.raises(ChangedInputError):
        run(job(table, "out.csv"), lambda _: table.write_text("age\n7\n", "utf-8"))
    assert not (tmp_path / "out.csv").exists()


def test_numbers_that_json_has_not_are_null(tmp_path: Path) -> None:
    cells = {"age": [74, 75], "weight": [float("nan"), 61.5], "all": [[1.0, float("inf")], []]}
    pl.DataFrame(cells).write_parquet(tmp_path / "in.parquet")
    run(job(tmp_path / "in.parquet", "out.ndjson"))
    lines = (tmp_path / "out.ndjson").read_text("utf-8").splitlines()
    kept = [(row["weight"], row["all"]) for row in map(json.loads, lines)]
    assert kept == [(None, [1.0, None]), (61.5, [])]


@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_a_byte_order_mark_is_kept(tmp_path: Path, mark: str) -> None:
    """A spreadsheet that writes one needs one to show names as they are."""
    table = tmp_path / "in.csv"
    table.write_text(f"{mark}name,age\nZoë,74\n", "utf-8")
    run(job(table, "out.csv"))
    assert (tmp_path / "out.csv").read_text("utf-8").startswith(f"{mark}name,row,")


@pytest.mark.parametrize("separator", [";", "\t", ","])
def test_a_table_of_results_has_the_separator_of_the_table(tmp_path: Path, separator: str) -> None:
    """A spreadsheet that writes semicolons reads no commas."""
    table = tmp_path / "in.csv"
    cells = (["name", "age"], [f'"Zoë{separator} Ann"', "74"], ["Di", "70"])
    table.write_text("".join(separator.join(row) + "\n" for row in cells), "utf-8")
    run(job(table, "out.csv"))
    with (tmp_path / "out.csv").open(encoding="utf-8", newline="") as file:
        found = list(csv.DictReader(file, delimiter=separator))
    assert [(row["name"], row["row"]) for row in found] == [
        (f"Zoë{separator} Ann", "2"),
        ("Di", "3"),
    ]
    run(job(table, "parts.csv", rows=1))
    assert (tmp_path / "parts.csv").read_bytes() == (tmp_path / "out.csv").read_bytes()
