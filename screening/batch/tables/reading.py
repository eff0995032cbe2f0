"""Slices of a table to answers: rows that can be read, and rejects with what is wrong in them."""

import datetime as dt
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeVar

import numpy as np
import polars as pl
from numpy.typing import NDArray

from screening.batch.columns.table import Codes, Column, Table
from screening.batch.tables.coding import TRUTHS, CellReader, Marks, Raw, code_truths
from screening.batch.tables.layout import AS_OF, BIRTH_YEAR, Layout
from screening.batch.tables.slices import Slice
from screening.core.rules.item import Item, ItemType
from screening.core.rules.ruleset import Ruleset
from screening.core.values.answer import EARLIEST_DAY, AbsentReason, Value
from screening.core.values.span import Span, first_of
from screening.formats.answers.cells import (
    ABSENT,
    check_screening_date,
    expected_birth_year,
    expected_screening_date,
    read_birth_year,
    read_cell,
    read_screening_date,
)
from screening.formats.answers.text import MisfitError, check_value, expected_form, parse_codes
from screening.formats.documents.answers_json import expected_json, read_value

Cell = TypeVar("Cell")
LAST = dt.date.max
"""Cells are read as on this day; days after the screening date of a row are found for all rows."""


@dataclass(frozen=True, slots=True)
class Reject:
    """A row that could not be read: its number, and its columns with what was expected in them.

    ``patient`` is the cell of the column that names patients, if one was chosen and can be read.
    Other cells are not repeated: they are in the table.
    """

    row: int
    problems: Sequence[tuple[str | None, str]]
    patient: str | int | None = None

    def as_data(self) -> dict[str, Any]:
        """The reject as data; a problem of the row as a whole has no column."""
        listed = [{"column": column, "problem": text} for column, text in self.problems]
        return {"row": self.row, "id": self.patient, "problems": listed}


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows:
    """The rows of a slice that could be read, in order, and those that could not."""

    table: Table
    numbers: NDArray[np.int64]
    kept: Mapping[str, Raw]
    rejects: Sequence[Reject]


class TableReader:
    """Reads the slices of one table."""

    def __init__(  # noqa: PLR0913 - the days, and the options of columns
        self,
        ruleset: Ruleset,
        layout: Layout,
        as_of: dt.date,
        today: dt.date,
        *,
        json: bool,
        patient: str | None = None,
    ) -> None:
        """Take what all slices have in common.

        Args:
            ruleset: whose items the answers belong to.
            layout: the columns.
            as_of: the screening date where the table has no column of them.
            today: no screening date may be after it.
            json: the cells are values of JSON; else they are texts, or typed.
            patient: the kept column whose cells name the patients of rejected rows.
        """
        self._patient = patient
        self._layout, self._as_of, self._today = layout, as_of, today
        self._items = {link_id: ruleset.items[link_id] for link_id in layout.questions}
        read = _read_json if json else _read_typed
        self._answers = {
            link_id: CellReader[Value | None](partial(read, item), None)
            for link_id, item in self._items.items()
        }
        self._dates = CellReader[dt.date](partial(_read_screening_date, today), as_of)
        self._years = CellReader[int | None](partial(_read_birth_year, json), None)

    def read(self, rows: Slice) -> Rows:
        """Read a slice; time O(rows) for each column, and more only for distinct cells."""
        count = len(rows.numbers)
        problems = _Problems(count)
        as_of = self._screening_dates(rows, problems)
        years = self._birth_years(rows, as_of, problems)
        truths = code_truths({link_id: rows.cells[link_id] for link_id in self._items})
        answers = {
            link_id: self._truths(link_id, truths[link_id], problems)
            if link_id in truths
            else self._column(link_id, rows.cells[link_id], as_of, problems)
            for link_id in self._items
        }
        table = Table(rows=count, answers=answers, as_of=as_of, birth_year=years)
        rejects = [
            Reject(each.number, [(None, each.problem)], _plain(self._of_patient(each.cells)))
            for each in rows.broken
        ]
        rejects += problems.rejects(rows.numbers, self._of_patient(rows.kept))
        rejects.sort(key=lambda each: each.row)
        if not problems.found:
            return Rows(table=table, numbers=rows.numbers, kept=rows.kept, rejects=rejects)
        good = np.flatnonzero(~problems.bad)
        return Rows(
            table=_choose_rows(table, good),
            numbers=rows.numbers[good],
            kept={name: _choose(cells, good) for name, cells in rows.kept.items()},
            rejects=rejects,
        )

    def _of_patient(self, cells: Mapping[str, Cell]) -> Cell | None:
        """Those of the column that names patients, if one was chosen."""
        return None if self._patient is None else cells.get(self._patient)

    def _screening_dates(self, rows: Slice, problems: "_Problems") -> Column[dt.date]:
        if not self._layout.has_as_of:
            codes = np.zeros(len(rows.numbers), dtype=np.uint32)
            return Column(codes=codes, values=[self._as_of])
        column, wrong = self._dates.code(rows.cells[AS_OF])
        problems.add(AS_OF, column.codes, wrong)
        return column

    def _birth_years(
        self, rows: Slice, as_of: Column[dt.date], problems: "_Problems"
    ) -> Column[int | None]:
        if not self._layout.has_birth_year:
            return Column(codes=np.zeros(len(rows.numbers), dtype=np.uint32), values=[None])
        column, wrong = self._years.code(rows.cells[BIRTH_YEAR])
        problems.add(BIRTH_YEAR, column.codes, wrong)
        years = [each or 0 for each in column.values]
        problems.add_late(
            BIRTH_YEAR, column.codes, years, as_of, lambda day: day.year, _birth_year_problem
        )
        return column

    def _truths(self, link_id: str, codes: Codes, problems: "_Problems") -> Column[Value | None]:
        column, wrong = self._answers[link_id].name(codes, TRUTHS)
        problems.add(link_id, column.codes, wrong)
        return column

    def _column(
        self, link_id: str, cells: Raw, as_of: Column[dt.date], problems: "_Problems"
    ) -> Column[Value | None]:
        column, wrong = self._answers[link_id].code(cells)
        problems.add(link_id, column.codes, wrong)
        item = self._items[link_id]
        if item.type is ItemType.DATE:
            days = [_first_ordinal(value) for value in column.values]
            describe = partial(_date_problem, item, column.values)
            problems.add_late(link_id, column.codes, days, as_of, dt.date.toordinal, describe)
        return column


_BLANK = "; if it is not known, leave it empty"
_UNKNOWN = {AS_OF: "", BIRTH_YEAR: _BLANK}
_UNKNOWN_ANSWER = f"{_BLANK} or write an absent reason, such as {AbsentReason.ASKED_UNKNOWN.value}"


class _Problems:
    """The bad rows of a slice, and what is wrong in each of them."""

    def __init__(self, count: int) -> None:
        self.bad: Marks = np.zeros(count, dtype=np.bool_)
        self.found: dict[int, list[tuple[str, str]]] = {}

    def add(self, column: str, codes: Codes, wrong: Sequence[str | None]) -> None:
        """Mark the rows whose cell could not be read."""
        if not any(wrong):
            return
        for row in np.flatnonzero(np.array([bool(each) for each in wrong]).take(codes)).tolist():
            self._mark(row, column, str(wrong[codes[row]]))

    def add_late(  # noqa: PLR0913, PLR0917 - of a column, and of the screening dates
        self,
        column: str,
        codes: Codes,
        numbers: Sequence[int],
        as_of: Column[dt.date],
        limit_of: Callable[[dt.date], int],
        describe: Callable[[int, dt.date], str],
    ) -> None:
        """Mark the rows in which a number is beyond what the screening date allows.

        Args:
            column: the name of the column.
            codes: of its cells.
            numbers: one for each distinct cell.
            as_of: the screening dates.
            limit_of: the highest number on a screening date.
            describe: what was expected, by the place of the cell and the screening date.
        """
        limits = [limit_of(day) for day in as_of.values]
        if not len(codes) or max(numbers) <= min(limits):
            return
        late = np.array(numbers).take(codes) > np.array(limits).take(as_of.codes)
        for row in np.flatnonzero(late).tolist():
            day = as_of.values[as_of.codes[row]]
            self._mark(row, column, describe(int(codes[row]), day))

    def _mark(self, row: int, column: str, problem: str) -> None:
        self.bad[row] = True
        expected = f"expected: {problem}{_UNKNOWN.get(column, _UNKNOWN_ANSWER)}"
        self.found.setdefault(row, []).append((column, expected))

    def rejects(self, numbers: NDArray[np.int64], patients: Raw | None) -> Iterator[Reject]:
        for row, problems in sorted(self.found.items()):
            patient = None if patients is None else patients[row]
            yield Reject(int(numbers[row]), problems, _plain(patient))


def _plain(patient: object) -> str | int | None:
    """The cell that names a patient, as it is in the rejects."""
    return patient if patient is None or isinstance(patient, str | int) else str(patient)


def _read_typed(item: Item, raw: Any) -> Value | None:  # noqa: ANN401 - of any column of Polars
    """A text, or a typed value; None is unknown."""
    if raw is None:
        return None
    if isinstance(raw, str):
        return read_cell(item, raw, LAST)
    if isinstance(raw, list):
        if None in raw or len(set(raw)) < len(raw):
            raise MisfitError(expected_form(item))
        return parse_codes(item, raw, LAST)
    check_value(item, raw, LAST)
    value: Value = raw
    return value


def _read_json(item: Item, raw: Any) -> Value | None:  # noqa: ANN401 - a value of JSON
    """A value as in an answers document; null is unknown, too."""
    if raw is None:
        return None
    if isinstance(raw, str) and raw in ABSENT and raw not in item.choices:
        return None
    if isinstance(raw, dict):
        word = raw.get("absent")
        if len(raw) == 1 and isinstance(word, str) and word in ABSENT:
            return None
        raise MisfitError('{"absent": …} with one of: ' + ", ".join(sorted(ABSENT)))
    try:
        return read_value(item, raw, LAST)
    except MisfitError as misfit:
        general = misfit.expectation == expected_form(item)
        raise MisfitError(expected_json(item)) if general else misfit from None


def _read_screening_date(today: dt.date, raw: Any) -> dt.date:  # noqa: ANN401 - as above
    if isinstance(raw, str):
        return read_screening_date(raw, today)
    if isinstance(raw, dt.date):
        return check_screening_date(raw, today)
    raise MisfitError(expected_screening_date(today))


def _read_birth_year(json: bool, raw: Any) -> int | None:  # noqa: ANN401, FBT001 - as above
    if raw is None:
        return None
    year = read_birth_year(raw) if isinstance(raw, str) and not json else raw
    if year is None:
        return None
    if type(year) is not int or not EARLIEST_DAY.year <= year <= LAST.year:
        raise MisfitError(expected_birth_year(LAST))
    return year


def _birth_year_problem(_: int, as_of: dt.date) -> str:
    return expected_birth_year(as_of)


def _date_problem(item: Item, values: Sequence[Value | None], place: int, as_of: dt.date) -> str:
    value = values[place]
    try:
        check_value(item, value if value is not None else "", as_of)
    except MisfitError as misfit:
        return misfit.expectation
    return expected_form(item)


def _first_ordinal(value: Value | None) -> int:
    return first_of(value).toordinal() if isinstance(value, dt.date | Span) else 0


def _choose_rows(table: Table, rows: NDArray[np.intp]) -> Table:
    return Table(
        rows=len(rows),
        answers={link_id: _choose_cells(each, rows) for link_id, each in table.answers.items()},
        as_of=_choose_cells(table.as_of, rows),
        birth_year=_choose_cells(table.birth_year, rows),
    )


def _choose_cells(column: Column[Any], rows: NDArray[np.intp]) -> Column[Any]:
    return Column(codes=column.codes.take(rows), values=column.values)


def _choose(cells: Raw, rows: NDArray[np.intp]) -> Raw:
    return cells.gather(rows) if isinstance(cells, pl.Series) else [cells[row] for row in rows]
