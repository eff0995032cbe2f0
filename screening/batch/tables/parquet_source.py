"""Tables in Parquet."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import polars as pl
from polars.selectors import by_name

from screening.batch.tables.layout import AS_OF, BIRTH_YEAR, ColumnsError, Layout
from screening.batch.tables.slices import Slice
from screening.core.rules.item import ItemType
from screening.core.rules.ruleset import Ruleset
from screening.errors import MissingFileError


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
