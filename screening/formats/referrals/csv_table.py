"""Referrals as a table of comma-separated values: bytes to rows and problems.

Rows are counted as a spreadsheet counts them: the heading is row 1, an empty row counts too, a line
break inside quotes does not start a row, and a first line `sep=;` is none.
"""

import csv
import datetime as dt
from collections.abc import Sequence

from screening.errors import Place, Problem
from screening.formats.referrals.csv_text import (
    UnknownSeparatorError,
    decode_file,
    file_place,
    split_rows,
    words_of_fault,
)
from screening.formats.referrals.day_order import find_day_first, settle_day
from screening.formats.referrals.headings import MAX_COLUMNS, named_field, similar_field
from screening.formats.referrals.spreadsheet import HINT, restore_cell
from screening.formats.referrals.table import Edits, Row, Table, UnfitRow
from screening.formats.referrals.text import (
    FIELD_WORDS,
    FIELDS,
    OPTIONAL,
    UnfitError,
    clean_text,
    read_referral,
)
from screening.translation import gettext, mark

MAX_ROWS = 5000
MAX_PROBLEMS = 500
_DAY = "date_received"


def read_referrals(data: bytes, today: dt.date, edits: Edits | None = None) -> Table:
    """Read a file, with every problem by row and column.

    A problem's place has the row as its line (0 for the whole file), the column's number (0 for the
    whole row), and the column's heading as its path. No message repeats the text of a cell.

    Args:
        data: the file; UTF-8 with or without a byte order mark, separated by commas, semicolons or
            tabs.
        today: the latest day, and its year the latest birth year.
        edits: a person's changes to rows of it.
    """
    text = decode_file(data)
    if isinstance(text, Problem):
        return Table(rows=(), problems=(text,), broken=True)
    reader = _Reader(text, today, edits or Edits())
    reader.read()
    return Table(
        rows=tuple(reader.rows),
        problems=tuple(reader.problems),
        unfit_rows=tuple(reader.unfit_rows),
        counted=reader.counted,
        broken=reader.broken,
        day_first=reader.day_first if reader.has_settled else None,
    )


class _Reader:
    """Reads rows and collects what is wrong with them."""

    def __init__(self, text: str, today: dt.date, edits: Edits) -> None:
        self._text = text
        self._today = today
        self._edits = edits
        self.rows: list[Row] = []
        self.unfit_rows: list[UnfitRow] = []
        self.problems: list[Problem] = []
        self.counted = 0
        self.broken = False
        self.day_first: bool | None = None
        self.has_settled = False

    def read(self) -> None:
        """Read all rows, until one shows that what follows cannot be told apart."""
        number = 0
        columns: list[str] = []
        try:
            for number, cells in enumerate(split_rows(self._text), start=1):
                if not any(map(clean_text, cells)):
                    continue
                if columns:
                    on = self._row(number, columns, cells)
                else:
                    columns = self._heading(number, cells)
                    on = bool(columns)
                    self.day_first = self._find_day_first(columns)
                if not on:
                    return
        except UnknownSeparatorError as error:
            hint = gettext("Save the file with , ; or tab as separator")
            self._report(file_place(0), "separator", str(error), hint)
        except csv.Error as error:
            self._report(file_place(number + 1), "quotes", words_of_fault(error))
        if not self.counted and not self.problems:
            self._report(file_place(0), "empty", gettext("The file has no referrals in it"))

    def _find_day_first(self, columns: Sequence[str]) -> bool | None:
        if _DAY not in columns:
            return None
        at = columns.index(_DAY)
        try:
            return find_day_first(cells[at] for cells in split_rows(self._text) if at < len(cells))
        except csv.Error:  # reported where its row is read
            return None

    def _heading(self, number: int, cells: list[str]) -> list[str]:
        """The field of each column; empty, and problems, if the heading does not name them."""
        while cells and not clean_text(cells[-1]):
            cells.pop()  # a spreadsheet writes columns that it once had
        if len(cells) > MAX_COLUMNS:
            said = gettext(
                "The file has {count:,} columns; the limit is {most}",
                count=len(cells),
                most=MAX_COLUMNS,
            )
            hint = gettext("Delete the other columns")
            self._report(file_place(number), "too-many-columns", said, hint)
            return []
        matched = list(self._edits.columns)
        if len(matched) != len(cells):
            matched = []
        names = matched or [named_field(cell) for cell in cells]
        for column, name in enumerate(names, start=1):
            if not name and matched:
                continue
            if not name:
                self._report_unknown(file_place(number, column), cells[column - 1])
            elif name in names[: column - 1]:
                said = gettext("The column {name} occurs twice", name=FIELD_WORDS[name])
                self._report(file_place(number, column, name), "column-twice", said)
        for name in FIELDS:
            if name not in names and name not in OPTIONAL:
                said = gettext("The column {name} is missing", name=FIELD_WORDS[name])
                self._report(file_place(number, 0, name), "column-missing", said)
        return [] if self.problems else names

    def _report_unknown(self, at: Place, cell: str) -> None:
        known = ", ".join(FIELD_WORDS.values())
        near = similar_field(clean_text(cell).lower())
        hint = (
            gettext("Did you mean {name}?", name=FIELD_WORDS[near])
            if near
            else gettext("Delete the column")
        )
        unknown = mark("Column not recognised. Use: {columns}")
        message = unknown if clean_text(cell) else mark("The column has no heading. Use: {columns}")
        self._report(at, "column-unknown", gettext(message, columns=known), hint)

    def _row(self, number: int, columns: list[str], cells: list[str]) -> bool:
        """Read one row; whether to read on."""
        self.counted += 1
        if self.counted > MAX_ROWS:
            message = mark("The file has more than {most:,} referrals; no more are read at once")
            said = gettext(message, most=MAX_ROWS)
            self._report(file_place(number), "too-many-rows", said, gettext("Split the file"))
            return False
        if number in self._edits.settled:
            return True
        surplus = any(map(clean_text, cells[len(columns) :]))
        typed = self._edits.texts.get(number, {})
        if any(map(clean_text, typed.values())) or (typed and not surplus):
            kept = tuple(map(clean_text, cells)) if surplus else ()
            named = [name for name in FIELDS if name not in columns]
            whole = [*columns, *named]  # a field that no column has can be typed too
            self._values(number, whole, [typed.get(name, "") for name in whole], kept)
        elif surplus:
            self._surplus(number, columns, cells)
        else:
            self._values(number, columns, self._settled(columns, cells))
        return self._may_go_on(number)

    def _settled(self, columns: list[str], cells: list[str]) -> list[str]:
        """The cells of a row, with its day in the order of the column if that is known."""
        if self.day_first is None or len(cells) <= (at := columns.index(_DAY)):
            return cells
        day = settle_day(cells[at], day_first=self.day_first)
        self.has_settled = self.has_settled or day != cells[at]
        return [*cells[:at], day, *cells[at + 1 :]]

    def _surplus(self, number: int, columns: list[str], cells: list[str]) -> None:
        message = mark("The row has {cells} cells, the heading {columns}")
        said = gettext(message, cells=len(cells), columns=len(columns))
        hint = gettext("Is there a separator inside a cell that has no quotes around it?")
        at = file_place(number, len(columns) + 1)
        self.problems.append(Problem(code="too-many-cells", message=said, place=at, hint=hint))
        kept = tuple(map(clean_text, cells))
        empty: dict[str, str] = dict.fromkeys(FIELDS, "")
        self.unfit_rows.append(UnfitRow(number=number, texts=empty, unfit={}, cells=kept))

    def _values(
        self, number: int, columns: list[str], cells: list[str], kept: tuple[str, ...] = ()
    ) -> None:
        texts, ruined = _restored(columns, cells)
        referral, unfit = read_referral(texts, self._today)
        unfit |= ruined
        if referral is not None and not unfit:
            self.rows.append(Row(number=number, referral=referral))
            return
        for column, name in enumerate(columns, start=1):
            if name in unfit:
                code, at = unfit[name].code, file_place(number, column, name)
                hint = gettext(HINT) if code == "ruined" else ""
                said = str(unfit[name])
                self.problems.append(Problem(code=code, message=said, place=at, hint=hint))
        own = dict(zip(columns, map(clean_text, cells), strict=False))
        shown = {name: texts.get(name, own.get(name, "")) for name in FIELDS}
        self.unfit_rows.append(UnfitRow(number=number, texts=shown, unfit=unfit, cells=kept))

    def _may_go_on(self, number: int) -> bool:
        if len(self.problems) < MAX_PROBLEMS:
            return True
        message = mark("There are {most} problems or more; the rest is not listed")
        said, hint = gettext(message, most=MAX_PROBLEMS), gettext("Correct these first")
        self._report(file_place(number), "too-many-problems", said, hint)
        return False

    def _report(self, at: Place, code: str, message: str, hint: str = "") -> None:
        """A problem of more than one row."""
        self.broken = True
        self.problems.append(Problem(code=code, message=message, place=at, hint=hint))


def _restored(
    columns: Sequence[str], cells: Sequence[str]
) -> tuple[dict[str, str], dict[str, UnfitError]]:
    """The texts of a row by field, and by field what a spreadsheet made of it."""
    texts: dict[str, str] = {}
    ruined: dict[str, UnfitError] = {}
    for name, cell in zip(columns, cells, strict=False):
        if not name:
            continue
        try:
            texts[name] = restore_cell(name, cell)
        except UnfitError as error:
            ruined[name] = error
    return texts, ruined
