"""The columns of a table: which are answers, and which are kept as they are."""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from screening.core.rules.ruleset import Ruleset
from screening.errors import WrongCallError

AS_OF, BIRTH_YEAR = "as_of", "birth_year"
TEXTS = {AS_OF: "Screening date of the row", BIRTH_YEAR: "Year of birth"}
"""Of the two dates, as the list of columns has them."""
RESULTS = (
    *("row", "outcome", "settled", "possible", "criteria", "flags", "needs", "contradictions"),
)
PREFIXES = ("criterion.", "possible.", "flag.", "needs.")
"""Of the names of result columns; no kept column may have one of them."""


class ColumnsError(WrongCallError):
    """The columns of a table cannot be read; each problem is a sentence."""

    def __init__(self, problems: Sequence[str]) -> None:
        """Keep the sentences."""
        super().__init__("{problems}", problems="\n".join(problems))


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """The columns of a table: link ids, kept columns, and which of the two dates are there."""

    questions: tuple[str, ...]
    kept: tuple[str, ...]
    has_as_of: bool
    has_birth_year: bool

    @property
    def read(self) -> tuple[str, ...]:
        """The columns whose cells are read, and not only kept."""
        dates = [AS_OF] * self.has_as_of + [BIRTH_YEAR] * self.has_birth_year
        return (*self.questions, *dates)


def lay_out(
    names: Sequence[str], ruleset: Ruleset, keep: Collection[str], *, sparse: bool = False
) -> Layout:
    """Tell the columns of a table apart.

    Args:
        names: of the columns, as they are in the table.
        ruleset: whose link ids columns can have.
        keep: names of columns that are kept although they look like a misspelt link id.
        sparse: later rows can have answers that these names lack.

    Raises:
        ColumnsError: with every problem.
    """
    known = (*ruleset.items, AS_OF, BIRTH_YEAR)
    kept = tuple(name for name in names if name not in known)
    questions = tuple(name for name in names if name in ruleset.items)
    problems = doubled(names)
    problems += [f"there is no column “{name}” to keep" for name in keep if name not in names]
    slips = Slips(ruleset)
    problems += [problem for name in kept if (problem := _kept_problem(name, slips, keep))]
    if not questions:
        problems.append(
            "no column has the link id of a question: `screening batch --columns` lists them"
        )
    if problems:
        raise ColumnsError(problems)
    return Layout(
        questions=tuple(ruleset.items) if sparse else questions,
        kept=kept,
        has_as_of=AS_OF in names,
        has_birth_year=sparse or BIRTH_YEAR in names,
    )


def doubled(names: Sequence[str], skipped: Collection[int] = ()) -> list[str]:
    """A problem for each name that several columns have.

    Args:
        names: of all columns.
        skipped: the places, from 0, of columns that are not looked at.
    """
    places: dict[str, list[int]] = {}
    for place, name in enumerate(names):
        if place not in skipped:
            places.setdefault(name, []).append(place + 1)
    return [_doubled(name, each) for name, each in places.items() if len(each) > 1]


def _doubled(name: str, places: Sequence[int]) -> str:
    *most, last = map(str, places)
    listed = f"columns {', '.join(most)} and {last}"
    if not name.strip():
        return f"{listed} have cells but no heading: give each a heading"
    rest = "one of them" if len(most) == 1 else "all but one"
    return f"{listed} have the same name, “{name}”: rename {rest}"


def _kept_problem(name: str, slips: "Slips", keep: Collection[str]) -> str | None:
    if name in RESULTS or name.startswith(PREFIXES):
        return f"the column “{name}” has the name of a column of results; rename it"
    meant = None if name in keep else slips.link_id(name)
    if meant is None:
        return None
    return (
        f"no question is called “{name}”. If “{meant}” is meant, rename the column; if not, add"
        f' --keep "{name}" to copy it'
    )


class Slips:
    """The names that are most likely meant as link ids of a ruleset."""

    def __init__(self, ruleset: Ruleset) -> None:
        """Take the link ids, and the texts of their questions."""
        texts = TEXTS | {link_id: item.ask.nurse for link_id, item in ruleset.items.items()}
        others = [(item.ask.patient, link_id) for link_id, item in ruleset.items.items()]
        self._ids = {_letters(each): each for each in texts}
        self._texts = {_letters(text): link_id for text, link_id in others}
        self._texts |= {_letters(text): link_id for link_id, text in texts.items()}

    def link_id(self, name: str) -> str | None:
        """The link id that a name is a slip of, or of whose question it is the text; or None."""
        plain = _letters(name)
        if plain in self._texts:
            return self._texts[plain]
        close = get_close_matches(plain, self._ids, 1, _ALIKE) if len(name) <= _LONGEST else []
        return self._ids[close[0]] if close else None


def _letters(name: str) -> str:
    return re.sub(r"[\W_]", "", name.casefold())


_ALIKE = 0.8  # less, and plain names of columns such as case_id are like some link id
_LONGEST = 80
