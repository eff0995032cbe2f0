"""Answers in columns: for each item the distinct values, and for each row the place of its own."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from screening.core.values.answer import Value

Codes = NDArray[np.uint8] | NDArray[np.uint32]
Branches = NDArray[np.uint8] | NDArray[np.uint16]
"""Small numbers: bytes where they fit."""
Cells = TypeVar("Cells")

_BYTE = 256
_SAME = list(range(_BYTE))


def look_up(table: Sequence[int], column: Branches | Codes) -> Branches:
    """For each element of a column its entry in a table.

    Bytes are several times as quick as ``take``, which makes an index of eight bytes an element.
    """
    if len(table) > _BYTE or max(table) >= _BYTE:
        return np.array(table, dtype=np.uint16).take(column)
    few = column.astype(np.uint8, copy=False)
    if list(table) == _SAME[: len(table)]:
        return few
    entries = bytes(table).ljust(_BYTE, b"\0")
    return np.frombuffer(few.tobytes().translate(entries), dtype=np.uint8)


def distinct_codes(codes: Codes, width: int) -> tuple[list[int], NDArray[np.uint32]]:
    """The different codes, and for each element the place of its own; time O(width + elements).

    Args:
        codes: all less than the width.
        width: their number.
    """
    met = np.bincount(codes, minlength=width) > 0
    places = (np.cumsum(met) - 1).astype(np.uint32)
    return np.flatnonzero(met).tolist(), places.take(codes)


def narrow_codes(codes: NDArray[Any], width: int) -> Codes:
    """Codes as bytes, if there are few enough of them."""
    if width <= _BYTE:
        return codes.astype(np.uint8, copy=False)
    return codes.astype(np.uint32, copy=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Column(Generic[Cells]):
    """One value a row: ``values[codes[row]]``. ``codes`` has the shape (rows,)."""

    codes: Codes
    values: Sequence[Cells]

    def part(self, rows: slice) -> "Column[Cells]":
        """The same column of some of the rows."""
        return Column(codes=self.codes[rows], values=self.values)


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """The answers of many people.

    ``answers`` maps link ids to columns in which None stands for an unknown answer; an item without
    a column is unknown in every row. ``as_of`` are the screening dates, and ``birth_year`` what is
    recorded of births, None where nothing is.
    """

    rows: int
    answers: Mapping[str, Column[Value | None]]
    as_of: Column[dt.date]
    birth_year: Column[int | None]

    def part(self, rows: slice) -> "Table":
        """Some of the rows."""
        return Table(
            rows=len(range(*rows.indices(self.rows))),
            answers={link_id: column.part(rows) for link_id, column in self.answers.items()},
            as_of=self.as_of.part(rows),
            birth_year=self.birth_year.part(rows),
        )
