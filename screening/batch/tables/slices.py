"""Some rows of a table, and what every table on disk can do."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from screening.batch.tables.coding import Raw
from screening.batch.tables.layout import Layout
from screening.core.rules.ruleset import Ruleset

NO_TEXT = "the row is not UTF-8 text"


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


def is_text(text: str) -> bool:
    """False for what was no UTF-8, and was read all the same to tell its row."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
