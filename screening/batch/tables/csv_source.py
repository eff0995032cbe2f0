"""Tables of comma-separated values, as spreadsheets write them."""

import codecs
import csv
from collections.abc import Iterator
from itertools import islice, takewhile
from pathlib import Path
from typing import Any, cast

import numpy as np

from screening.batch.tables.layout import ColumnsError, Layout, doubled
from screening.batch.tables.slices import NO_TEXT, Broken, Slice, is_text
from screening.core.rules.ruleset import Ruleset

_SEPARATORS = (",", ";", "\t")
_LINE_ENDS = "\r\n"
_SWALLOWED = (
    "one cell holds what looks like several rows, which are rejected with this one: look for an"
    " extra quotation mark"
)


class CsvSource:
    """Comma-separated values in UTF-8; semicolons and tabs separate too, if the heading has them.

    Rows are counted as a spreadsheet counts them: the heading is row 1.
    """

    sparse = False

    def __init__(self, path: Path) -> None:
        """Read the heading."""
        self._path = path
        with path.open("rb") as start:
            self.mark = codecs.BOM_UTF8 if start.read(3) == codecs.BOM_UTF8 else b""
        with path.open(encoding="utf-8-sig", errors="surrogateescape", newline="") as file:
            self.separator = max(_SEPARATORS, key=file.readline().count)
        heading = next(self._rows(), [])
        if isinstance(heading, str) or not is_text("".join(heading)):
            raise ColumnsError(["the heading is not comma-separated text in UTF-8"])
        self._heading, self._skipped = heading, self._empty_places(heading)
        if problems := doubled(heading, self._skipped):
            raise ColumnsError(problems)
        self.names = tuple(name for place, name in enumerate(heading) if place not in self._skipped)

    def _empty_places(self, heading: list[str]) -> frozenset[int]:
        """The places of columns with neither a heading nor a cell, as spreadsheets leave them."""
        empty = {place for place, name in enumerate(heading) if not name.strip()}
        for row in self._rows() if empty else ():
            if len(row) == len(heading) and not isinstance(row, str):
                empty -= {place for place in empty if row[place].strip()}
            if not empty:
                break
        return frozenset(empty)

    def check(self, layout: Layout, ruleset: Ruleset) -> None:
        """Every column is text, which any answer can be."""

    def slices(self, layout: Layout, size: int, done: int) -> Iterator[tuple[Slice, float]]:
        """See ``Source``."""
        rows, whole = enumerate(self._rows(), start=1), max(1, self._path.stat().st_size)
        next(rows, None)
        for _ in islice(rows, done * size):
            pass
        while chunk := list(islice(rows, size)):
            yield self._slice(layout, chunk), min(1.0, self._read / whole)

    def _rows(self) -> Iterator[list[str] | str]:
        """The cells of each row, or what is wrong with it."""
        with self._path.open(encoding="utf-8-sig", errors="surrogateescape", newline="") as file:
            reader = csv.reader(self._counted(file), strict=True, delimiter=self.separator)
            while True:
                try:
                    yield next(reader)
                except StopIteration:
                    return
                except csv.Error as error:
                    yield f"it is not clear where this row ends; nothing after it is read: {error}"
                    return

    def _counted(self, file: Any) -> Iterator[str]:  # noqa: ANN401 - a text stream
        self._read = 0
        for line in file:
            self._read += len(line)
            yield line

    def _slice(self, layout: Layout, chunk: list[tuple[int, list[str] | str]]) -> Slice:
        broken: list[Broken] = []
        numbers: list[int] = []
        rows: list[list[str]] = []
        for number, row in chunk:
            problem = _row_problem(row, len(self._heading), self.separator)
            if problem:
                broken.append(self._broken(number, row, problem))
            elif any(map(str.strip, row)):  # spreadsheets write empty lines, and empty cells
                numbers.append(number)
                rows.append(cast("list[str]", row))
        cells = [
            each for place, each in enumerate(zip(*rows, strict=True)) if place not in self._skipped
        ]
        columns = dict(zip(self.names, cells, strict=True)) if rows else {}
        return Slice(
            numbers=np.array(numbers, dtype=np.int64),
            cells={name: columns.get(name, ()) for name in layout.read},
            kept={name: columns.get(name, ()) for name in layout.kept},
            broken=broken,
        )

    def _broken(self, number: int, row: list[str] | str, problem: str) -> Broken:
        if isinstance(row, str):
            return Broken(number, problem, ends=True)
        cells = _certain_cells(row, len(self._heading))
        named = zip(self._heading, cells, strict=False)
        return Broken(
            number,
            problem,
            several=problem == _SWALLOWED,
            cells={name: cell for name, cell in named if is_text(cell)},
        )


def _certain_cells(row: list[str], width: int) -> list[str]:
    """The cells of a broken row that are certainly in their column, from the left.

    Where a separator is missing, any cell but the first may be in the wrong column, and a cell with
    another separator in it may be many. A cell of several lines may have swallowed rows.
    """
    if len(row) != width:
        return [cell for cell in row[:1] if not {*_SEPARATORS, *_LINE_ENDS} & {*cell}]
    return list(takewhile(lambda cell: not {*_LINE_ENDS} & {*cell}, row))


def _row_problem(row: list[str] | str, width: int, separator: str) -> str | None:
    if isinstance(row, str):
        return row
    if row and len(row) != width:
        return f"the row has {len(row)} cells, and the heading has {width}"
    text = "".join(row)
    if "\n" in text and any(_holds_rows(cell, width, separator) for cell in row):
        return _SWALLOWED
    return None if is_text(text) else NO_TEXT


def _holds_rows(cell: str, width: int, separator: str) -> bool:
    """True if a cell goes on over lines with as many separators as whole rows have.

    Empty lines are none: a reader of tables passes over them.
    """
    ends = sum(1 for line in cell.split("\n") if line.strip()) - 1
    return 0 < ends * (width - 1) <= cell.count(separator)
