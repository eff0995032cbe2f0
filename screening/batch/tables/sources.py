"""Tables on disk, a slice of rows at a time: comma-separated values, lines of JSON, Parquet."""

import codecs
import csv
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice, takewhile
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple, NoReturn, Protocol, cast

import numpy as np
import polars as pl
from numpy.typing import NDArray
from polars.selectors import by_name

from screening.batch.tables.coding import Raw
from screening.batch.tables.layout import AS_OF, BIRTH_YEAR, ColumnsError, Layout, doubled
from screening.core.rules.item import ItemType
from screening.core.rules.ruleset import Ruleset
from screening.errors import MissingFileError, WrongCallError
from screening.formats.documents.strict_json import quote_value
from screening.translation import mark

FORMATS = {".csv": "csv", ".ndjson": "ndjson", ".jsonl": "ndjson", ".parquet": "parquet"}
_SEPARATORS = (",", ";", "\t")
_LINE_ENDS = "\r\n"
_MOST_NAMES = 5
_LONGEST_LINE = 1024 * 1024
_NO_TEXT = "the row is not UTF-8 text"
_SWALLOWED = (
    "one cell holds what looks like several rows, which are rejected with this one: look for an"
    " extra quotation mark"
)


class FormatError(WrongCallError):
    """The ending of a file's name is not that of a format that is read or written."""

    def __init__(self, name: str) -> None:
        """Name the file."""
        message = mark("the name “{name}” must end in .csv, .ndjson, .jsonl or .parquet")
        super().__init__(message, name=name)


class Broken(NamedTuple):
    """A row that is no row of the table, by its number, and why."""

    number: int
    problem: str
    ends: bool = False
    """True if no row after it can be told apart from it."""
    several: bool = False
    """True if it holds what looks like several rows."""
    cells: Mapping[str, Any] = MappingProxyType({})
    """Those of its cells whose column is certain."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Slice:
    """Some rows of a table. ``numbers`` are those of its rows; ``broken`` rows are no part of it.

    ``cells`` are the columns that are read, ``kept`` the others, all of one length.
    """

    numbers: NDArray[np.int64]
    cells: Mapping[str, Raw]
    kept: Mapping[str, Raw]
    broken: Sequence[Broken] = ()


class Source(Protocol):
    """A table that is read in slices."""

    names: tuple[str, ...]
    """Of its columns."""
    sparse: bool
    """True if a row may have answers that the first row has not."""
    mark: bytes
    """The byte order mark at the beginning, if there is one."""
    separator: str
    """Between the cells of comma-separated values that are made of this table."""

    def check(self, layout: Layout, ruleset: Ruleset) -> None:
        """Refuse columns of a type that no answer has, before anything is read."""

    def slices(self, layout: Layout, size: int, done: int) -> Iterator[tuple[Slice, float]]:
        """Slices of ``size`` rows after the first ``done`` slices, and the share read with each."""


def open_source(path: Path) -> Source:
    """The table in a file.

    Raises:
        FormatError: if the name of the file tells no format.
        MissingFileError: if it cannot be read.
        ColumnsError: if it has no columns that can be read.
    """
    sources: dict[str, Callable[[Path], Source]] = {
        "csv": CsvSource,
        "ndjson": JsonSource,
        "parquet": ParquetSource,
    }
    try:
        return sources[format_of(path)](path)
    except OSError as error:
        raise MissingFileError(str(path), error.strerror or "it cannot be opened") from None


def format_of(path: Path) -> str:
    """The format that the ending of a name tells."""
    try:
        return FORMATS[path.suffix.lower()]
    except KeyError:
        raise FormatError(path.name) from None


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
        if isinstance(heading, str) or not _is_text("".join(heading)):
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
            cells={name: cell for name, cell in named if _is_text(cell)},
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
    return None if _is_text(text) else _NO_TEXT


def _holds_rows(cell: str, width: int, separator: str) -> bool:
    """True if a cell goes on over lines with as many separators as whole rows have.

    Empty lines are none: a reader of tables passes over them.
    """
    ends = sum(1 for line in cell.split("\n") if line.strip()) - 1
    return 0 < ends * (width - 1) <= cell.count(separator)


class JsonSource:
    """Lines of JSON, each an object whose names are columns; rows are counted as lines."""

    sparse, mark, separator = True, b"", ","

    def __init__(self, path: Path) -> None:
        """Read the first line, and look for a screening date in the others."""
        self._path = path
        with path.open("rb") as file:
            row = _read_line(next((line for line in file if line.strip()), b""))
            if isinstance(row, str):
                raise ColumnsError([f"the first line cannot be read: {row}"])
            dated = AS_OF not in row and any(map(_has_screening_date, file))
        self.names = (*row, AS_OF) if dated else tuple(row)

    def check(self, layout: Layout, ruleset: Ruleset) -> None:
        """The type of each value is looked at where it is read."""

    def slices(self, layout: Layout, size: int, done: int) -> Iterator[tuple[Slice, float]]:
        """See ``Source``."""
        with self._path.open("rb") as file:
            lines, whole = enumerate(file, start=1), max(1, self._path.stat().st_size)
            for _ in islice(lines, done * size):
                pass
            seen = 0
            while chunk := list(islice(lines, size)):
                seen += sum(len(line) for _, line in chunk)
                yield _slice_of_lines(layout, chunk), min(1.0, seen / whole)


def _slice_of_lines(layout: Layout, chunk: list[tuple[int, bytes]]) -> Slice:
    broken: list[Broken] = []
    numbers: list[int] = []
    rows: list[dict[str, Any]] = []
    known = frozenset((*layout.read, *layout.kept))
    for number, line in chunk:
        row = _read_line(line) if line.strip() else None
        if isinstance(row, str):
            broken.append(Broken(number, row))
        elif row is not None and not row.keys() <= known:
            problem = _unknown_names(sorted(row.keys() - known))
            broken.append(Broken(number, problem, cells=row))
        elif row is not None:
            numbers.append(number)
            rows.append(row)
    return Slice(
        numbers=np.array(numbers, dtype=np.int64),
        cells={name: [row.get(name) for row in rows] for name in layout.read},
        kept={name: [row.get(name) for row in rows] for name in layout.kept},
        broken=broken,
    )


def _has_screening_date(line: bytes) -> bool:
    """True if a line has a screening date; most are told by their bytes, which takes no time."""
    row = _read_line(line) if b'"as_of"' in line else None
    return isinstance(row, dict) and AS_OF in row


def _unknown_names(names: list[str]) -> str:
    listed = ", ".join(map(quote_value, names[:_MOST_NAMES]))
    more = f" and {len(names) - _MOST_NAMES} more" if len(names) > _MOST_NAMES else ""
    return f"no question is called {listed}{more}; columns of your own must be in the first line"


def _read_line(line: bytes) -> dict[str, Any] | str:
    """The object in a line, or what is wrong with the line."""
    if len(line) > _LONGEST_LINE:
        return f"the line has more than {_LONGEST_LINE:,} bytes"
    try:
        text = line.removeprefix(codecs.BOM_UTF8).decode("utf-8")
        row = json.loads(text, object_pairs_hook=_unique, parse_constant=_refuse)
    except json.JSONDecodeError as error:
        return f"this is not JSON: {error.msg}, at character {error.colno}"
    except UnicodeDecodeError:
        return _NO_TEXT
    except (ValueError, RecursionError):
        return "a name occurs twice, a number cannot be read, or objects are nested too deeply"
    if not isinstance(row, dict):
        return "an object of columns with their values is expected"
    sound = "\\ud" not in text.lower() or _is_text(json.dumps(row, ensure_ascii=False))
    return row if sound else _NO_TEXT


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError
    return found


def _refuse(constant: str) -> NoReturn:
    raise ValueError(constant)


def _is_text(text: str) -> bool:
    """False for what was no UTF-8, and was read all the same to tell its row."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


class ParquetSource:
    """A Parquet file; rows are counted from 1."""

    sparse, mark, separator = False, b"", ","

    def __init__(self, path: Path) -> None:
        """Read the names and types of the columns."""
        self._path = path
        try:
            self.schema = pl.read_parquet_schema(path)
        except pl.exceptions.PolarsError:
            raise MissingFileError(str(path), "it is not a Parquet file") from None
        self.names = tuple(self.schema)

    def check(self, layout: Layout, ruleset: Ruleset) -> None:
        """Refuse columns of types that would need a guess, such as numbers for yes or no."""
        wanted: dict[str, ItemType] = {each: ruleset.items[each].type for each in layout.questions}
        dates = {AS_OF: ItemType.DATE, BIRTH_YEAR: ItemType.NUMBER}
        wanted |= {name: kind for name, kind in dates.items() if name in layout.read}
        problems = [
            f"the column “{name}” has the type {self.schema[name]}; use {_TYPES[kind]} or text"
            for name, kind in wanted.items()
            if not _suits(kind, self.schema[name])
        ]
        if problems:
            raise ColumnsError(problems)

    def slices(self, layout: Layout, size: int, done: int) -> Iterator[tuple[Slice, float]]:
        """See ``Source``."""
        # The path is this file, not a pattern of files; and so are the names of its columns.
        file = pl.scan_parquet(self._path, glob=False, hive_partitioning=False)
        table = file.select(by_name(*layout.read, *layout.kept))
        total = file.select(pl.len()).collect().item()
        for start in range(done * size, total, size):
            frame = table.slice(start, size).collect()
            yield (
                Slice(
                    numbers=np.arange(start + 1, start + 1 + frame.height, dtype=np.int64),
                    cells={name: _as_text(frame[name]) for name in layout.read},
                    kept={name: frame[name] for name in layout.kept},
                ),
                min(1.0, (start + size) / total),
            )


def _as_text(cells: pl.Series) -> pl.Series:
    """Fractions and moments as texts, which are read where they are whole numbers and days."""
    loose = cells.dtype.is_float() or cells.dtype == pl.Datetime
    return cells.cast(pl.String) if loose else cells


_TYPES = {
    ItemType.YES_NO: "Booleans",
    ItemType.CHOICE: "categories",
    ItemType.CHOICES: "lists of text",
    ItemType.NUMBER: "whole numbers",
    ItemType.DATE: "days",
}


def _suits(kind: ItemType, found: pl.DataType) -> bool:
    if found in (pl.String, pl.Null) or isinstance(found, pl.Categorical | pl.Enum):
        return True
    match kind:
        case ItemType.YES_NO:
            return found == pl.Boolean
        case ItemType.NUMBER:
            return found.is_integer() or found.is_float()
        case ItemType.DATE:
            return found == pl.Date or (isinstance(found, pl.Datetime) and not found.time_zone)
        case ItemType.CHOICES:
            return found == pl.List(pl.String)
        case ItemType.CHOICE:
            return False
