"""A file of referrals as it was read: rows, rows to correct, and problems."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from screening.core.values.referral import Referral
from screening.errors import Problem
from screening.formats.referrals.text import UnfitError

UNMATCHED = frozenset({"column-unknown", "column-missing", "column-twice"})
"""The problems of a heading that a person can solve by saying which column is which field."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A referral, and its row."""

    number: int
    referral: Referral


@dataclass(frozen=True, slots=True, kw_only=True)
class UnfitRow:
    """A row that is no referral yet: its texts by field, and what is wrong with them.

    Of a row with too many cells nobody knows which text belongs where: ``texts`` are empty until a
    person has typed them, and ``cells`` are what the file has.
    """

    number: int
    texts: Mapping[str, str]
    unfit: Mapping[str, UnfitError]
    cells: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Edits:
    """A person's changes to a file on the page, by the numbers of rows.

    ``texts`` are read in place of the row's own; a row that is ``settled`` is not read again.
    ``columns`` are the fields of the columns, in the order of the file, with "" for those that are
    not used; without any, the file's headings name them.
    """

    texts: Mapping[int, Mapping[str, str]] = field(default_factory=dict[int, Mapping[str, str]])
    settled: frozenset[int] = frozenset()
    columns: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A column as the file has it: its heading, some values, and the field of that name or "".

    ``heading`` is short enough to be shown, ``whole`` is all of it.
    """

    heading: str
    whole: str
    samples: tuple[str, ...]
    guess: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """The content of a file. ``rows`` and ``unfit_rows`` are all of it unless it is ``broken``."""

    rows: tuple[Row, ...]
    problems: tuple[Problem, ...]
    unfit_rows: tuple[UnfitRow, ...] = ()
    counted: int = 0
    """The rows that are not empty, without the heading."""
    broken: bool = False
    """True if a problem is not one of a single row, so that the file itself has to be corrected."""
    day_first: bool | None = None
    """True if days that can be two were read with the day first; None if there were none."""

    @property
    def is_unmatched(self) -> bool:
        """True if nothing is wrong but that the headings are not those of the fields."""
        return self.broken and all(each.code in UNMATCHED for each in self.problems)
