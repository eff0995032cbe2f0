"""Answer sets put into columns."""

import datetime as dt
from collections.abc import Hashable, Mapping, Sequence
from typing import NamedTuple, TypeVar

import numpy as np

from screening.batch.table import Column, Table
from screening.core.rules.finding import Answers
from screening.core.rules.item import Item

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
