"""Cells come to answers, or to a reject with row, column and what was expected there."""

import datetime as dt
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from support.batch.tables import read_results
from support.rulesets import shipped

from screening.batch.tables.layout import ColumnsError
from screening.batch.tables.run import Job, run

RULES = shipped.ruleset()
TODAY = dt.date(2026, 11, 20)
YES_NO, NUMBER = "fever_chills", "age"
CHOICE, CHOICES, DATE = "imaging_result", "imaging_kind", "onset_date"


def judge(source: Path, patient: str | None = None) -> tuple[dict[int, Any], list[dict[str, Any]]]:
    """The results by row, and the rejects, of a table."""
    out = source.with_name("out.ndjson")
    run(Job(source=source, out=out, ruleset=RULES, today=TODAY, patient=patient))
    rejects = out.with_name("out.ndjson.rejects")
    lines = rejects.read_text("utf-8").splitlines() if rejects.exists() else []
    return read_results(out), [json.loads(line) for line in lines]


def csv_of(folder: Path, *lines: str) -> Path:
    path = folder / "in.csv"
    path.write_text("\n".join(lines) + "\n", "utf-8")
    return path


def json_of(folder: Path, *rows: object) -> Path:
    path = folder / "in.ndjson"
    lines = (row if isinstance(row, str) else json.dumps(row) for row in rows)
    path.write_text("\n".join(lines) + "\n", "utf-8")
    return path


@pytest.mark.parametrize(
    ("column", "cell", "wanted"),
    [
        (YES_NO, "maybe", "expected: yes or no"),
        (YES_NO, "truth", "expected: yes or no"),
        (YES_NO, "1", "expected: yes or no"),
        ("birth_year", "1948.5", "expected: a year from 1900 to"),
        (NUMBER, "74.5", "expected: a whole number from"),
        (YES_NO, "n/a", "expected: yes or no; if it is not known, leave it empty or write"),
        (DATE, "2026-10-01 08:30", "expected: a day that exists"),
        (NUMBER, "900", "expected: a whole number from"),
        (CHOICE, "shows", "expected: one of: "),
        (CHOICES, "mri mri", "expected: one or more of: "),
        (CHOICES, "mri film", "expected: one or more of: "),
        (DATE, "2026-02-30", "expected: a day that exists"),
        (DATE, "1899", "expected: a day from 1900-01-01 on"),
        (DATE, "2026-11-21", "expected: a day not after the screening date, 2026-11-20"),
        ("as_of", "2026-11-21", "expected: a screening date from 1900-01-01 to 2026-11-20"),
        ("as_of", "", "expected: a screening date from"),
        ("birth_year", "2027", "expected: a year from 1900 to 2026"),
        ("birth_year", "48", "expected: a year from 1900 to"),
    ],
)
def test_a_bad_cell_rejects_its_row(tmp_path: Path, column: str, cell: str, wanted: str) -> None:
    base = {"as_of": "2026-11-20", YES_NO: "no"}
    good, bad = dict(base), base | {column: cell}
    names = list(dict.fromkeys([*good, column]))
    rows = [[each.get(name, "") for name in names] for each in (good, bad, good)]
    found, rejects = judge(csv_of(tmp_path, ",".join(names), *(",".join(row) for row in rows)))
    assert sorted(found) == [2, 4]  # the heading is row 1
    ((row, problems),) = [(each["row"], each["problems"]) for each in rejects]
    assert (row, [each["column"] for each in problems]) == (3, [column])
    assert problems[0]["problem"].startswith(wanted)


def test_a_day_is_measured_by_the_screening_date_of_its_row(tmp_path: Path) -> None:
    table = csv_of(tmp_path, f"as_of,{DATE}", "2026-11-20,2026-10-02", "2026-10-01,2026-10-02")
    found, rejects = judge(table)
    assert (list(found), [each["row"] for each in rejects]) == ([2], [3])
    assert "2026-10-01" in rejects[0]["problems"][0]["problem"]


def test_all_problems_of_a_row_are_named_and_no_cell_is_repeated(tmp_path: Path) -> None:
    table = csv_of(tmp_path, f"name,{YES_NO},{NUMBER}", "Ada Secret,nope,old")
    _, (reject,) = judge(table)
    assert {each["column"] for each in reject["problems"]} == {YES_NO, NUMBER}
    said = json.dumps(reject)
    assert not any(word in said for word in ("Ada", "nope", "old"))


@pytest.mark.parametrize(
    "row",
    [
        "a,b,c",
        'say "no",no',
        "\udce9,no",
    ],
)
def test_a_row_that_is_none_is_rejected_alone(tmp_path: Path, row: str) -> None:
    path = tmp_path / "in.csv"
    text = f"name,{YES_NO}\nfirst,no\n{row}\n\nlast,no\n"
    path.write_bytes(text.encode("utf-8", "surrogateescape"))
    found, rejects = judge(path)
    good = [number for number in found if number != 3]
    assert good == [2, 5]  # an empty line is no row, and counts
    assert len(rejects) + len(found) == 3


@pytest.mark.parametrize("row", ['"a"b,no', '"say \\"a\\"\nEVIL,no', '"never closed,no'])
def test_nothing_is_read_after_a_row_that_has_no_end(tmp_path: Path, row: str) -> None:
    path = tmp_path / "in.csv"
    path.write_text(f"name,{YES_NO}\nfirst,no\n{row}\nEVIL,no\n", "utf-8")
    found, (reject,) = judge(path)
    assert list(found) == [2]
    assert "nothing after it is read" in reject["problems"][0]["problem"]
    manifest = json.loads((tmp_path / "out.ndjson.json").read_text("utf-8"))
    assert manifest["ended_at"] == reject["row"] == 3


def test_a_name_is_that_of_a_file_and_no_pattern(tmp_path: Path) -> None:
    for name, curved in (("answers[1].parquet", True), ("answers1.parquet", False)):
        table = pl.DataFrame({"*": [1], "^.*$": [2], "scoliosis": [curved]})
        table.write_parquet(tmp_path / name)
    (row,) = judge(tmp_path / "answers[1].parquet")[0].values()
    assert row["criteria"]["scoliosis"] == "true"


@pytest.mark.parametrize(
    ("column", "numbers", "kinds"),
    [
        (DATE, [2**21, 2**22], (pl.Int32, pl.Date)),
        (NUMBER, [2**63 + 1, 2**63 + 2], (pl.UInt64,)),
        ("birth_year", [2**40, 99_999], (pl.Int64,)),
    ],
)
def test_what_no_calendar_and_no_number_holds_is_rejected(
    tmp_path: Path, column: str, numbers: list[int], kinds: Sequence[type[pl.DataType]]
) -> None:
    path = tmp_path / "in.parquet"
    cells = pl.Series(column, numbers, dtype=kinds[0]).cast(kinds[-1])
    pl.DataFrame([cells, pl.Series(YES_NO, [True, False])]).write_parquet(path)
    found, rejects = judge(path)
    assert found == {}
    assert [reject["row"] for reject in rejects] == [1, 2]


@pytest.mark.parametrize("cell", ["", "  ", "asked-unknown", "temp-unknown"])
def test_blanks_and_absent_reasons_are_unknown(tmp_path: Path, cell: str) -> None:
    found, rejects = judge(csv_of(tmp_path, f"id,{YES_NO}", f"1,{cell}"))
    assert (YES_NO in found[2]["needs"], rejects) == (True, [])


def test_semicolons_and_a_mark_at_the_beginning_are_read(tmp_path: Path) -> None:
    table = csv_of(tmp_path, f"\ufeffid;{YES_NO};{CHOICES}", "1;no;ct, mri")
    found, rejects = judge(table)
    assert (len(found), rejects) == (1, [])


@pytest.mark.parametrize(
    ("answer", "good"),
    [
        ({YES_NO: False}, True),
        ({YES_NO: None}, True),
        ({YES_NO: {"absent": "asked-declined"}}, True),
        ({YES_NO: "asked-unknown"}, True),
        ({YES_NO: "no"}, False),
        ({YES_NO: 0}, False),
        ({YES_NO: {"absent": "lost"}}, False),
        ({NUMBER: 74}, True),
        ({NUMBER: True}, False),
        ({NUMBER: 74.0}, False),
        ({CHOICES: ["ct"]}, True),
        ({CHOICES: []}, False),
        ({CHOICES: ["ct", "ct"]}, False),
        ({DATE: "2026-10"}, True),
        ({DATE: " 2026-10"}, False),
        ({"scoliosys": True}, False),
        ([], False),
        ("nonsense", False),
        ('{"age": 1, "age": 2}', False),
        ('{"age": NaN}', False),
        ('{"id": "\\ud800"}', False),
    ],
)
def test_lines_of_json_are_read_as_answers_documents(
    tmp_path: Path,
    answer: object,
    good: bool,  # noqa: FBT001 - a case of the table
) -> None:
    found, rejects = judge(json_of(tmp_path, {"id": 1, YES_NO: True}, answer, {NUMBER: 70}))
    assert (list(found), [each["row"] for each in rejects]) == (
        ([1, 2, 3], []) if good else ([1, 3], [2])
    )


def test_true_is_not_taken_for_one(tmp_path: Path) -> None:
    """Though Python takes them for the same key."""
    found, rejects = judge(json_of(tmp_path, {"levels": 1}, {"levels": True}, {"levels": 1}))
    assert (list(found), [each["row"] for each in rejects]) == ([1, 3], [2])


NOON, HALF = dt.datetime(2026, 11, 20, 12), dt.timedelta(hours=12)  # noqa: DTZ001 - as in files
TYPED = [
    (NUMBER, [74, 1000, None], pl.Int64, [1, 3]),
    (NUMBER, [74, 2**60, -(2**60)], pl.Int64, [1]),
    (NUMBER, ["74", "x", ""], pl.String, [1, 3]),
    (NUMBER, [None, None, None], pl.Null, [1, 2, 3]),
    (YES_NO, [True, None, False], pl.Boolean, [1, 2, 3]),
    (CHOICE, ["not_done", "x", None], pl.Categorical, [1, 3]),
    (CHOICES, [["ct", "mri"], ["ct", "ct"], None], pl.List(pl.String), [1, 3]),
    (CHOICES, [["ct"], ["x"], []], pl.List(pl.String), [1]),
    (CHOICES, [["ct"], [None], ["mri", "ct"]], pl.List(pl.String), [1, 3]),
    (DATE, [TODAY, TODAY + dt.timedelta(1), None], pl.Date, [1, 3]),
    (DATE, [NOON, NOON + HALF, NOON - HALF], pl.Datetime("us"), [3]),
    (DATE, [None, NOON + HALF, NOON - HALF], pl.Datetime("ns"), [1, 3]),
    (NUMBER, [74.0, 74.5, None], pl.Float64, [1, 3]),
    (NUMBER, [float("nan"), 74.0, 1e300], pl.Float32, [2]),
    ("birth_year", [1948.0, 1948.5, None], pl.Float64, [1, 3]),
    (DATE, [dt.date(1, 1, 1), dt.date(9999, 1, 1), TODAY], pl.Date, [3]),
]


@pytest.mark.parametrize(("column", "cells", "kind", "good"), TYPED)
def test_columns_of_parquet_are_read_by_their_type(
    tmp_path: Path, column: str, cells: list[object], kind: pl.DataType, good: list[int]
) -> None:
    path = tmp_path / "in.parquet"
    columns = [pl.Series(column, cells, dtype=kind), pl.Series("levels", [1, 1, 1])]
    pl.DataFrame(columns).write_parquet(path)
    found, rejects = judge(path)
    assert list(found) == good
    assert {each["row"] for each in rejects} == {1, 2, 3} - found.keys()


@pytest.mark.parametrize(
    ("column", "cell"),
    [
        (NUMBER, True),
        (YES_NO, 1),
        (YES_NO, 1.0),
        (DATE, dt.datetime(2026, 10, 1, tzinfo=dt.UTC)),
        (DATE, 20260.0),
        (CHOICES, [1]),
        ("as_of", 7),
    ],
)
def test_a_column_of_another_type_is_refused_before_anything_is_read(
    tmp_path: Path, column: str, cell: object
) -> None:
    path = tmp_path / "in.parquet"
    pl.DataFrame({column: [cell], "levels": [1]}).write_parquet(path)
    with pytest.raises(ColumnsError, match=column):
        judge(path)
    assert list(tmp_path.iterdir()) == [path]


def test_a_row_of_empty_cells_is_no_patient(tmp_path: Path) -> None:
    found, rejects = judge(csv_of(tmp_path, f"id,{YES_NO}", "1,no", ",", " , ", "2,"))
    assert (list(found), rejects) == ([2, 5], [])


@pytest.mark.parametrize(
    "lines",
    [
        ["1,no,Ann", '2,no,"Bob', '3,no,Cy"', "4,no,Di"],
        ["1,no,Ann", '"2,no,Bob', '3",no,Cy', "4,no,Di"],
        ["1,no,Ann", '"2,no,Bob', "", '3",no,Cy', "", "4,no,Di"],
    ],
)
def test_a_quotation_mark_that_swallows_rows_rejects_them(tmp_path: Path, lines: list[str]) -> None:
    found, (reject,) = judge(csv_of(tmp_path, f"id,{YES_NO},name", *lines))
    assert len(found) == 2
    assert (reject["row"], "quotation mark" in reject["problems"][0]["problem"]) == (3, True)


def test_a_note_of_two_lines_is_kept(tmp_path: Path) -> None:
    found, rejects = judge(csv_of(tmp_path, f"id,{YES_NO},note", '1,no,"calls back,', 'in May"'))
    assert (len(found), rejects) == (1, [])


def test_a_problem_lists_what_says_that_an_answer_is_not_known(tmp_path: Path) -> None:
    _, (reject,) = judge(csv_of(tmp_path, f"{YES_NO},birth_year", "n/a,48"))
    problems = {each["column"]: each["problem"] for each in reject["problems"]}
    assert problems[YES_NO].startswith(
        "expected: yes or no; if it is not known, leave it empty or write"
    )
    assert "asked-unknown" in problems[YES_NO]
    assert problems["birth_year"].endswith("; if it is not known, leave it empty")


def test_a_birth_year_and_a_screening_date_may_come_after_the_first_line(tmp_path: Path) -> None:
    day = {"as_of": "2026-11-19"}
    rows = ({"id": 1, YES_NO: True} | day, {"birth_year": 1948} | day, {"birth_year": "x"} | day)
    found, rejects = judge(json_of(tmp_path, *rows))
    assert (list(found), [each["row"] for each in rejects]) == ([1, 2], [3])


def test_a_line_without_a_screening_date_is_rejected_if_another_has_one(tmp_path: Path) -> None:
    rows = ({YES_NO: True}, {YES_NO: True, "as_of": "2026-11-19"})
    found, (reject,) = judge(json_of(tmp_path, *rows))
    assert (found[2]["as_of"], reject["row"]) == ("2026-11-19", 1)
    assert reject["problems"][0]["problem"].startswith("expected: a screening date from")


def test_words_that_look_like_a_screening_date_are_none(tmp_path: Path) -> None:
    found, _ = judge(json_of(tmp_path, {YES_NO: True, "note": 1}, {"note": {"as_of": "as_of"}}))
    assert [each["as_of"] for each in found.values()] == [TODAY.isoformat()] * 2


def test_each_unknown_name_of_a_line_is_quoted(tmp_path: Path) -> None:
    table = json_of(tmp_path, {"id": 1, YES_NO: True}, {"id": 2, "b": 1, "a, c": 1})
    _, (reject,) = judge(table, "id")
    assert reject["id"] == 2
    assert reject["problems"][0]["problem"] == (
        'no question is called "a, c", "b"; columns of your own must be in the first line'
    )


@pytest.mark.parametrize(
    ("row", "patient"),
    [
        ("P1", "P1"),
        ("P1,no,n,n,n", "P1"),
        ('"P1,no,note"', None),
        ("P1;no;note", None),
        ('P1,no,"note', "P1"),
        ('"P1,no,note\nP2",no,note', None),
        ('"P1\nP2",no', None),
        ("P1,no,\udce9", "P1"),
        ("\udce9,no,note", None),
    ],
)
def test_a_broken_row_names_its_patient_if_that_cell_is_certain(
    tmp_path: Path, row: str, patient: str | None
) -> None:
    path = tmp_path / "in.csv"
    text = f'id,{YES_NO},note\n{row}\nP3,no,note\nP4,no,"a note"\n'
    if row.count('"') % 2:
        text = f'id,{YES_NO},note\n{row}\nP3,no,note"\n'
    path.write_bytes(text.encode("utf-8", "surrogateescape"))
    _, (reject, *_) = judge(path, "id")
    assert reject["id"] == patient


def test_only_the_first_cell_of_a_row_of_another_length_is_certain(tmp_path: Path) -> None:
    _, (reject,) = judge(csv_of(tmp_path, f"{YES_NO},id,note", "no,x"), "id")
    assert reject["id"] is None


def test_rejects_that_hold_several_rows_are_counted(tmp_path: Path) -> None:
    judge(csv_of(tmp_path, f"id,{YES_NO},name", '2,no,"Bob', '3,no,Cy"', "4,no", "5,no,Di"))
    manifest = json.loads((tmp_path / "out.ndjson.json").read_text("utf-8"))
    assert (manifest["rejected"], manifest["holding_several_rows"]) == (2, 1)


def test_columns_without_heading_and_cells_are_skipped(tmp_path: Path) -> None:
    found, rejects = judge(csv_of(tmp_path, f"id,,{YES_NO},, ", "1,,no,,", "2,, yes,, "))
    assert (list(found), rejects) == ([2, 3], [])
    assert found[3]["criteria"] != found[2]["criteria"]


def test_one_column_without_heading_is_copied(tmp_path: Path) -> None:
    found, _ = judge(csv_of(tmp_path, f",{YES_NO},", "7,no,"))
    assert list(found) == [2]
    manifest = json.loads((tmp_path / "out.ndjson.json").read_text("utf-8"))
    assert manifest["copied"] == [""]


@pytest.mark.parametrize("row", ["secret,maybe", "secret"])
def test_no_cell_names_a_patient_unless_its_column_was_chosen(tmp_path: Path, row: str) -> None:
    _, (reject,) = judge(csv_of(tmp_path, f",{YES_NO}", row))
    assert reject["id"] is None


@pytest.mark.parametrize(
    ("heading", "wanted"),
    [
        (f",{YES_NO},,", "columns 1 and 3 have cells but no heading: give each a heading"),
        (f",,{YES_NO},{YES_NO}", f"columns 3 and 4 have the same name, “{YES_NO}”: rename one"),
    ],
)
def test_columns_of_one_name_are_refused_with_their_places(
    tmp_path: Path, heading: str, wanted: str
) -> None:
    with pytest.raises(ColumnsError, match=wanted):
        judge(csv_of(tmp_path, heading, "7,no,yes,"))


def test_numbers_and_days_of_other_types_are_read_as_the_same(tmp_path: Path) -> None:
    plain = {YES_NO: [True], NUMBER: [74], "birth_year": [1952], "as_of": [TODAY], DATE: [TODAY]}
    midnight = dt.datetime.combine(TODAY, dt.time())
    loose = {YES_NO: ["TRUE"], NUMBER: [74.0], "birth_year": [1952.0]}
    (tmp_path / "loose").mkdir()
    path = tmp_path / "in.parquet"
    pl.DataFrame(plain).write_parquet(path)
    pl.DataFrame(loose | {"as_of": [midnight], DATE: [midnight]}).write_parquet(
        tmp_path / "loose" / "in.parquet"
    )
    assert judge(path) == judge(tmp_path / "loose" / "in.parquet")


def test_truths_and_numbers_of_spreadsheets_are_read_as_the_same(tmp_path: Path) -> None:
    heading = f"{YES_NO},scoliosis,{NUMBER},birth_year"
    plain = judge(csv_of(tmp_path, heading, "yes,no,74,1952"))
    (tmp_path / "loose").mkdir()
    assert plain == judge(csv_of(tmp_path / "loose", heading, "TRUE,False,74.0,1952.0"))
