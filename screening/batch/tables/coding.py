"""Cells to answers: every distinct cell of a column is read once."""

import datetime as dt
import json
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from typing import Any, Generic

import numpy as np
import polars as pl
from numpy.typing import NDArray

from screening.batch.columns.table import Cells, Codes, Column, distinct_codes, narrow_codes
from screening.formats.answers.text import MisfitError

Marks = NDArray[np.bool_]
Raw = Sequence[Any] | pl.Series
"""The cells of a column: texts, or values of JSON, or a column of Polars."""
MOST_KNOWN = 200_000
"""Distinct cells of a column whose meaning is remembered from slice to slice."""
_WIDEST = 1_000_000
_LARGEST = 2**62
_EPOCH = dt.date(1970, 1, 1)
_MOST_TEXTS = 10_000
_MOST_BITS = 12
_BYTE = 255


class CellReader(Generic[Cells]):
    """Reads the cells of one column, and remembers what they mean.

    ``read`` gives the value of a cell.
    """

    def __init__(self, read: Callable[[Any], Cells], blank: Cells) -> None:
        """Take the function that reads one cell; a bad cell has the value ``blank``."""
        self._read, self._blank = read, blank
        self._known: dict[Hashable, tuple[Cells, str | None]] = {}
        self._texts: list[str] = []

    def code(self, cells: Raw) -> tuple[Column[Cells], list[str | None]]:
        """The column of the values, and for each distinct value what is wrong with it."""
        return self.name(*_distinct(cells, self._texts))

    def name(self, codes: Codes, distinct: list[Any]) -> tuple[Column[Cells], list[str | None]]:
        """The same for cells of which the distinct ones are found already."""
        if len(self._known) > MOST_KNOWN:
            self._known.clear()
        found = [self._value(each) for each in distinct] or [(self._blank, None)]
        column = Column(codes=codes, values=[value for value, _ in found])
        return column, [problem for _, problem in found]

    def _value(self, raw: object) -> tuple[Cells, str | None]:
        key = _key(raw)
        known = self._known.get(key)
        if known is None:
            try:
                known = self._read(raw), None
            except MisfitError as misfit:
                known = self._blank, misfit.expectation
            self._known[key] = known
        return known


TRUTHS = [True, False, None]
"""The distinct cells of a column of truths; so placed, they are branches of their questions."""


def code_truths(cells: Mapping[str, Raw]) -> dict[str, Codes]:
    """The places in ``TRUTHS`` of the cells of all columns of truths, in one go."""
    columns = [each.alias(name) for name, each in cells.items() if isinstance(each, pl.Series)]
    frame = pl.DataFrame(columns).select((~pl.col(pl.Boolean)).cast(pl.UInt8).fill_null(2))
    return {name: frame[name].to_numpy() for name in frame.columns}


def _distinct(cells: Raw, texts: list[str]) -> tuple[Codes, list[Any]]:
    """For each cell the place of its value, and values of which all in the column are some.

    Args:
        cells: of one column.
        texts: that earlier slices of a text column had; it is filled here.
    """
    if not isinstance(cells, pl.Series):
        return _distinct_of_list(cells)
    if cells.dtype == pl.Null:
        return np.zeros(len(cells), dtype=np.uint32), [None]
    if isinstance(cells.dtype, pl.List):
        return _distinct_lists(cells, texts)
    if cells.dtype.is_integer() or cells.dtype == pl.Date:
        return _distinct_numbers(cells)
    return _distinct_texts(cells.cast(pl.String), texts)


class _Places(dict[Hashable, int]):
    """The places of values, in the order in which they are met."""

    def __missing__(self, key: Hashable) -> int:
        self[key] = len(self)
        return self[key]


def _distinct_of_list(cells: Sequence[Any]) -> tuple[Codes, list[Any]]:
    places = _Places()
    keys: Iterable[Hashable] = cells if _are_texts(cells) else map(_key, cells)
    codes = np.fromiter(map(places.__getitem__, keys), dtype=np.uint32, count=len(cells))
    first = np.zeros(len(places), dtype=np.int64)
    first[codes[::-1]] = np.arange(len(cells) - 1, -1, -1)
    return codes, [cells[place] for place in first.tolist()]


def _are_texts(cells: Sequence[Any]) -> bool:
    return all(cell is None or type(cell) is str for cell in cells)


def _key(raw: object) -> Hashable:
    """A key that tells true from 1 and lists from texts."""
    if isinstance(raw, list | dict):
        return type(raw), json.dumps(raw)
    return type(raw), raw


def _distinct_numbers(cells: pl.Series) -> tuple[Codes, list[Any]]:
    """Numbers and days: by their distance from the least, where they are not too far apart."""
    numbers = cells.cast(pl.Int32) if cells.dtype == pl.Date else cells
    if cells.dtype == pl.Date and not _are_days(numbers):
        return _distinct_of_list(cells.cast(pl.String).to_list())
    least, most = cells.min(), cells.max()
    if least is None or most is None:
        return np.zeros(len(cells), dtype=np.uint32), [None]
    low, high = _whole(numbers.min()), _whole(numbers.max())
    if high - low >= _WIDEST or high > _LARGEST:
        return _distinct_of_list(cells.to_list())
    width = high - low + 1
    far = _codes(numbers.cast(pl.Int64) - low, null=width)
    met, places = distinct_codes(far, width + 1)
    start: Any = least
    days = isinstance(start, dt.date)
    distinct: list[Any] = [
        (start + dt.timedelta(days=each) if days else start + each) if each < width else None
        for each in met
    ]
    return narrow_codes(places, len(distinct)), distinct


def _distinct_texts(cells: pl.Series, texts: list[str]) -> tuple[Codes, list[Any]]:
    """Texts: as an enumeration of those that were met before, unless there are new or many."""
    known = _enumerated(cells, texts)
    if known is None:
        texts[:] = [text for text in cells.unique().to_list() if text is not None]
        if len(texts) > _MOST_TEXTS:
            texts.clear()
            return _distinct_of_list(cells.to_list())
        known = _enumerated(cells, texts)
    if known is None:
        raise AssertionError
    return known, [*texts, None]


def _enumerated(cells: pl.Series, texts: list[str]) -> Codes | None:
    """The place of each cell in the texts, null after the last; None if a cell is not there."""
    found = cells.cast(pl.Enum(texts), strict=False)
    if found.null_count() > cells.null_count():
        return None
    return _codes(found.to_physical(), null=len(texts))


def _distinct_lists(cells: pl.Series, texts: list[str]) -> tuple[Codes, list[Any]]:
    """Lists of few codes: as one bit for each code; what has the same bits has the same meaning."""
    inner = cells.explode(empty_as_null=False, keep_nulls=False)
    codes, distinct = _distinct(inner, texts)
    null = len(distinct) - 1
    if null > _MOST_BITS or inner.has_nulls():
        return _distinct_of_list(cells.to_list())
    lengths = cells.list.len().fill_null(0).to_numpy().astype(np.int64)
    ends = np.cumsum(lengths)
    sums = np.zeros(len(codes) + 1, dtype=np.uint32)
    np.cumsum(np.left_shift(np.uint32(1), codes), dtype=np.uint32, out=sums[1:])
    masks = sums.take(ends) - sums.take(ends - lengths)
    if (np.bitwise_count(masks) != lengths).any():
        return _distinct_of_list(cells.to_list())  # a code stands twice in one of them
    masks[cells.is_null().to_numpy()] = 1 << null
    met, places = distinct_codes(masks, 1 << (null + 1))
    return narrow_codes(places, len(met)), [_listed(each, distinct) for each in met]


def _listed(mask: int, codes: Sequence[Any]) -> list[Any] | None:
    """The codes of a mask; None for that of no list."""
    if mask >> (len(codes) - 1):
        return None
    return [code for place, code in enumerate(codes) if mask >> place & 1]


def _codes(cells: pl.Series, null: int) -> Codes:
    """Small whole numbers, with one of their own for null."""
    wide = cells if null < _BYTE else cells.cast(pl.UInt32)
    return narrow_codes(wide.fill_null(null).to_numpy(), null + 1)


def _are_days(numbers: pl.Series) -> bool:
    """True if all are days of a calendar with years from 1 to 9999, counted from 1970."""
    first, last = ((day - _EPOCH).days for day in (dt.date.min, dt.date.max))
    return first <= _whole(numbers.min()) and _whole(numbers.max()) <= last


def _whole(number: object) -> int:
    return number if isinstance(number, int) else 0
