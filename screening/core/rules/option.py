"""Options side by side: what sources say of each, in the same rows, and who wrote the sources."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import cast

from screening.core.values.citation import Citation
from screening.core.values.wording import Wording

OPTION_ROWS = ("about", "like", "said_for", "said_against", "left_out", "ask")
"""The rows of every option, in the order in which they are shown."""

WRITER_ROWS = ("wrote", "sells", "paid")
"""The rows of every writer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """A sentence of a row. Without citations it names a gap, or asks about one."""

    say: Wording
    citations: tuple[Citation, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """One way to go on. In an empty row the sources are silent."""

    id: str
    ruleset: str
    name: Wording
    about: tuple[Statement, ...]
    like: tuple[Statement, ...]
    said_for: tuple[Statement, ...]
    said_against: tuple[Statement, ...]
    left_out: tuple[Statement, ...]
    ask: tuple[Statement, ...]

    def row(self, name: str) -> tuple[Statement, ...]:
        """The statements of one of ``OPTION_ROWS``."""
        return cast("tuple[Statement, ...]", getattr(self, name))


@dataclass(frozen=True, slots=True, kw_only=True)
class Writer:
    """The people behind a source, whose id it has. In an empty row the source is silent."""

    id: str
    name: Wording
    wrote: tuple[Statement, ...]
    sells: tuple[Statement, ...]
    paid: tuple[Statement, ...]

    def row(self, name: str) -> tuple[Statement, ...]:
        """The statements of one of ``WRITER_ROWS``."""
        return cast("tuple[Statement, ...]", getattr(self, name))


def statements(things: Iterable[Option | Writer]) -> Iterator[tuple[str, Statement]]:
    """Every statement of options or writers, each with the id of what it belongs to."""
    for thing in things:
        for name in OPTION_ROWS if isinstance(thing, Option) else WRITER_ROWS:
            for statement in thing.row(name):
                yield thing.id, statement
