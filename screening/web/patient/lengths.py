"""The most questions that a patient can be asked, by what is said of the scan."""

import datetime as dt
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from screening.core.rules.condition import items_in
from screening.core.rules.item import Item, ItemType
from screening.core.rules.ruleset import Ruleset
from screening.core.values.answer import AbsentReason, Answer
from screening.web.patient.lane import Lane

_UNKNOWN = Answer(absent=AbsentReason.ASKED_UNKNOWN)


class Lengths(NamedTuple):
    """The most questions while no scan shows a break, without the report, and with it.

    All three are the same where the rules have no way of their own for patients.
    """

    short: int
    without_report: int
    with_report: int


@lru_cache(maxsize=4)
def find_lengths(ruleset: Ruleset, as_of: dt.date) -> Lengths:
    """The bounds, for any answers: no question that they count can be put in another lane."""
    path = ruleset.patient_path
    if path is None:
        return Lengths(*[_count(Lane(ruleset, {}, as_of))] * 3)
    short, without, having = [], [], []
    for answer in _answers_to(ruleset.items[path.first]):
        lanes = [Lane(ruleset, {path.first: answer}, as_of, told) for told in _TOLD]
        if not lanes[0].asks_for_report:
            short.append(_count(lanes[0]))
            continue
        without.append(_count(lanes[0]))
        having.append(_count(lanes[1]))
    return Lengths(*(max(counts, default=0) for counts in (short, without, having)))


_TOLD = (Answer(value=False), Answer(value=True))


def _answers_to(item: Item) -> Iterator[Answer]:
    yield _UNKNOWN
    values = (True, False) if item.type is ItemType.YES_NO else item.choices
    yield from (Answer(value=value) for value in values)


def _count(lane: Lane) -> int:
    conditions = [each.condition for each in lane.ruleset.criteria]
    conditions += [each.condition for each in lane.ruleset.doctor_questions]
    read = {link_id for each in conditions for link_id in items_in(each)}
    read |= {link_id for rule in lane.ruleset.consistency for link_id in rule.items}
    items = (item for item in lane.ruleset.items.values() if item.link_id in read)
    return sum(lane.can_open(item) for item in items) + lane.asks_for_report
