"""Answer sets put into columns."""

import datetime as dt
from collections.abc import Hashable, Mapping, Sequence
from typing import Any, NamedTuple, TypeVar

import numpy as np

from screening.batch.columns.kernel import Kernel
from screening.batch.columns.table import Column, Table
from screening.core.compiled.program import CODES
from screening.core.results.assess import assess
from screening.core.rules.finding import Answers
from screening.core.rules.item import Item
from screening.core.rules.ruleset import Ruleset

Cells = TypeVar("Cells", bound=Hashable)


class Person(NamedTuple):
    answers: Answers
    as_of: dt.date
    birth_year: int | None


def column(values: Sequence[Cells]) -> Column[Cells]:
    """A column with each value once."""
    places: dict[Cells, int] = {}
    codes = [places.setdefault(value, len(places)) for value in values]
    return Column(codes=np.array(codes, dtype=np.uint32), values=list(places))


def table(items: Mapping[str, Item], people: Sequence[Person]) -> Table:
    """The answers of people; an item that nobody answers has no column."""
    answered = [link_id for link_id in items if any(link_id in person.answers for person in people)]
    values = {
        link_id: [
            person.answers[link_id].value if link_id in person.answers else None
            for person in people
        ]
        for link_id in answered
    }
    return Table(
        rows=len(people),
        answers={link_id: column(listed) for link_id, listed in values.items()},
        as_of=column([person.as_of for person in people]),
        birth_year=column([person.birth_year for person in people]),
    )


def by_engine(rules: Ruleset, person: Person) -> tuple[Any, ...]:
    """The result of one person as the engine gives it."""
    found = assess(rules, *person)
    return (
        [CODES[each.truth] for each in found.findings],
        found.possible,
        found.outcome.id if found.outcome else None,
        found.favourable,
        found.needs,
        [(each.rule.id, each.items) for each in found.contradictions],
    )


def by_columns(rules: Ruleset, people: list[Person]) -> list[tuple[Any, ...]]:
    """The same results from columns, one for each person."""
    kernel = Kernel(rules)
    found = kernel.evaluate(table(rules.items, people))
    return [
        (
            found.criteria[:, row].tolist(),
            kernel.possible[found.possible[row]],
            kernel.outcomes[found.outcome[row]],
            bool(found.favourable[row]),
            tuple(link_id for link_id in rules.items if found.needs[link_id][row]),
            [(rule.id, items) for rule, rows, items in found.contradictions if rows[row]],
        )
        for row in range(len(people))
    ]
