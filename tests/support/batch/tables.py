"""Tables of answers in each format, and results read back from each, in one plain form."""

import csv
import datetime as dt
import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import polars as pl
from support.bench.answer_rows import mixed
from support.rulesets import shipped

from screening.core.results.assess import assess
from screening.core.rules.ruleset import Ruleset
from screening.core.values.answer import EARLIEST_DAY, Answer, Value
from screening.core.values.span import Span
from screening.formats.answers.days import write_days
from screening.formats.documents.answers_json import write_answer


class Patient(NamedTuple):
    """One row: what is known, and when."""

    answers: Mapping[str, Answer]
    birth_year: int | None
    as_of: dt.date


def patients(rules: Ruleset, count: int) -> list[Patient]:
    """Seeded rows of three screening dates, with all that makes answers hard."""
    drawn = enumerate(mixed(rules, count))
    return [_earlier(Patient(*each, shipped.as_of()), (0, 45, 700)[at % 3]) for at, each in drawn]


def _earlier(patient: Patient, days: int) -> Patient:
    """A patient who was screened some days earlier, with all that happened as much earlier."""
    shift = dt.timedelta(days=days)
    answers = {
        link_id: Answer(value=_shifted(each.value, shift)) if each.value is not None else each
        for link_id, each in patient.answers.items()
    }
    as_of = patient.as_of - shift
    year = patient.birth_year and min(max(patient.birth_year, EARLIEST_DAY.year), as_of.year)
    return Patient(answers, year, as_of)


def _shifted(value: Value, shift: dt.timedelta) -> Value:
    if isinstance(value, Span):
        return Span(first=value.first - shift, last=value.last - shift)
    return value - shift if isinstance(value, dt.date) else value


def exact(patient: Patient) -> Patient:
    """The same patient with the first day of each span, as a column of days can hold it."""
    answers = {
        link_id: Answer(value=each.value.first) if isinstance(each.value, Span) else each
        for link_id, each in patient.answers.items()
    }
    return patient._replace(answers=answers)


def write_table(path: Path, rules: Ruleset, rows: Sequence[Patient]) -> Path:
    """Write patients in the format that the path tells; `case` is a column of no question."""
    if path.suffix == ".parquet":
        _frame(rules, rows).write_parquet(path)
    elif path.suffix == ".csv":
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(["case_no", "as_of", "birth_year", *rules.items])
            writer.writerows(_cells(rules, place, each) for place, each in enumerate(rows))
    else:
        lines = (json.dumps(_object(place, each)) + "\n" for place, each in enumerate(rows))
        path.write_text("".join(lines), "utf-8")
    return path


def _cells(rules: Ruleset, place: int, row: Patient) -> list[str]:
    given = (row.answers.get(link_id) for link_id in rules.items)
    year = "" if row.birth_year is None else str(row.birth_year)
    return [f"C{place}", row.as_of.isoformat(), year, *(_cell(each) for each in given)]


def _cell(answer: Answer | None) -> str:
    match answer and answer.value:
        case None:
            return answer.absent.value if answer and answer.absent else ""
        case bool(truth):
            return "yes" if truth else "no"
        case frozenset() as codes:
            return " ".join(sorted(codes))
        case dt.date() | Span() as day:
            return write_days(day)
        case value:
            return str(value)


def _object(place: int, row: Patient) -> dict[str, object]:
    answers = {link_id: write_answer(each) for link_id, each in row.answers.items()}
    born = {} if row.birth_year is None and place else {"birth_year": row.birth_year}
    return {"case_no": {"no": place}, "as_of": row.as_of.isoformat(), **born, **answers}


def _frame(rules: Ruleset, rows: Sequence[Patient]) -> pl.DataFrame:
    columns = [
        pl.Series("case_no", range(len(rows))),
        pl.Series("as_of", [row.as_of for row in rows]),
        pl.Series("birth_year", [row.birth_year for row in rows], dtype=pl.Int16),
    ]
    for link_id in rules.items:
        values = [each.value if (each := row.answers.get(link_id)) else None for row in rows]
        columns.append(_series(link_id, values))
    return pl.DataFrame(columns)


def _series(link_id: str, values: Sequence[Value | None]) -> pl.Series:
    plain: list[Any] = [sorted(each) if isinstance(each, frozenset) else each for each in values]
    if any(isinstance(each, Span) for each in values):
        plain = [write_days(each) if isinstance(each, dt.date | Span) else None for each in values]
    return pl.Series(link_id, plain)


def expected(rules: Ruleset, row: Patient) -> dict[str, object]:
    """The result of the engine, in plain form."""
    found = assess(rules, row.answers, row.as_of, row.birth_year)
    return {
        "as_of": row.as_of.isoformat(),
        "outcome": found.outcome.id if found.outcome else None,
        "settled": {None: None, True: "favourable", False: "unfavourable"}[found.settled],
        "possible": set(found.possible),
        "criteria": {each.criterion.id: each.truth.value for each in found.findings},
        "flags": {each.criterion.id for each in found.flags},
        "needs": set(found.needs),
        "contradictions": [(each.rule.id, each.items) for each in found.contradictions],
    }


def read_results(path: Path) -> dict[int, dict[str, object]]:
    """Results by row number, in plain form."""
    if path.suffix == ".parquet":
        rows = pl.read_parquet(path).to_dicts()
    elif path.suffix == ".csv":
        with path.open(encoding="utf-8", newline="") as file:
            rows = [_typed(row) for row in csv.DictReader(file)]
    else:
        with path.open("rb") as file:
            return {row["row"]: _plain_object(row) for row in map(json.loads, file)}
    return {row["row"]: _plain_columns(row) for row in rows}


def _typed(row: Mapping[str, str]) -> dict[str, Any]:
    words = {"true": True, "false": False, "": None}
    return {name: words.get(cell, cell) for name, cell in row.items()} | {"row": int(row["row"])}


_TRUTHS = {True: "true", False: "false", None: "unknown"}


def _plain_object(row: Mapping[str, Any]) -> dict[str, object]:
    return {
        **{name: row[name] for name in ("as_of", "outcome", "settled")},
        "possible": set(row["possible"]),
        "criteria": {name: _TRUTHS[truth] for name, truth in row["criteria"].items()},
        "flags": set(row["flags"]),
        "needs": set(row["needs"]),
        "contradictions": [(e["rule"], tuple(e["items"])) for e in row["contradictions"]],
    }


def _plain_columns(row: Mapping[str, Any]) -> dict[str, object]:
    def marked(prefix: str) -> set[str]:
        return {name.removeprefix(prefix) for name in row if name.startswith(prefix) and row[name]}

    criteria = {k.removeprefix("criterion."): v for k, v in row.items() if "criterion." in k}
    return {
        "as_of": str(row["as_of"]),
        **{name: row[name] for name in ("outcome", "settled")},
        "possible": marked("possible."),
        "criteria": {name: _TRUTHS[truth] for name, truth in criteria.items()},
        "flags": marked("flag."),
        "needs": marked("needs."),
        "contradictions": list(_named(row["contradictions"])),
    }


def _named(text: str | None) -> Iterator[tuple[str, tuple[str, ...]]]:
    for each in filter(None, (text or "").split("; ")):
        rule, _, items = each.partition(": ")
        yield rule, tuple(items.split())
