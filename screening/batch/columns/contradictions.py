"""Contradictions in columns: what ``consistency.find_contradictions`` finds, for many rows."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from screening.batch.columns.days import UNKNOWN_AGE, DayColumns, Ordinals, first_birthdays
from screening.batch.columns.steps import Marks, Steps
from screening.batch.columns.table import Codes, distinct_codes, narrow_codes
from screening.core.compiled.program import (
    TRUE,
    GatherStep,
    NotStep,
    Program,
    RecentStep,
    TestStep,
)
from screening.core.compiled.timeline import Timeline
from screening.core.rules.consistency import BIRTH, Age, Consistency, Never, Order
from screening.core.values.referral import SLACK

_MANY = 4_096

Rows = NDArray[np.intp]
Broken = tuple[Rows, Mapping[str, Marks]]
"""The rows that break a rule, and for each item those of them in which the rule names it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """The columns that rules of consistency read, of one block of rows.

    ``numbers`` are answers to the items that give an age, ``UNKNOWN_AGE`` where there is none;
    ``births`` are birth years, 0 where none is recorded; ``as_of`` are the screening dates, as
    ``days.parts_of`` gives them.
    """

    steps: Steps
    days: DayColumns
    numbers: Mapping[str, Ordinals]
    births: Ordinals
    as_of: Mapping[str, Ordinals]


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A rule that rows break.

    ``place`` orders what is found in one row: the place of the rule, and of the clash in it.
    ``codes`` has for each row the number in ``sets``, from 1 on, of the items that the rule names;
    0 where it is not broken, or where an earlier rule names the same items.
    """

    rule: Consistency
    place: tuple[int, int]
    codes: Codes
    sets: Sequence[tuple[str, ...]]


@dataclass(slots=True)
class Doubts:
    """The contradictions of a block of rows, in the order in which they are found in each row.

    ``rows`` are those that have any; ``items`` has for each item the rows in which one names it.
    """

    rows: Marks
    found: list[Found] = field(default_factory=list[Found])
    items: dict[str, Marks] = field(default_factory=dict[str, Marks])

    def add(self, rule: Consistency, place: tuple[int, int], broken: Broken) -> None:
        """Take what breaks a rule."""
        rows, items = broken
        self.rows[rows] = True
        for link_id, marks in items.items():
            if link_id not in self.items:
                self.items[link_id] = np.zeros(len(self.rows), dtype=np.bool_)
            self.items[link_id][rows if marks.all() else rows[marks]] = True
        codes, sets = _sets_of(items, len(rows))
        for number, named in enumerate(sets, start=1):
            for before in self.found:
                if named in before.sets:
                    told = before.codes[rows] == before.sets.index(named) + 1
                    codes[told & (codes == number)] = 0
        if codes.any():
            dense = np.zeros(len(self.rows), dtype=codes.dtype)
            dense[rows] = codes
            self.found.append(Found(rule=rule, place=place, codes=dense, sets=sets))


class Finder:
    """Finds the contradictions of a ruleset's rules of consistency."""

    def __init__(self, program: Program, timeline: Timeline) -> None:
        """Take the steps of the rules, and the dates that they put in order."""
        self._program, self._timeline = program, timeline
        self._rules = program.ruleset.consistency

    def find(self, known: Known) -> Doubts:
        """The contradictions; beyond a first look at all rows, time O(rows that have any)."""
        doubts = Doubts(np.zeros(len(known.births), dtype=np.bool_))
        for place, rule in enumerate(self._rules):
            for clash, broken in enumerate(self._broken(place, rule, known)):
                if len(broken[0]):
                    doubts.add(rule, (place, clash), broken)
        return doubts

    def _broken(self, place: int, rule: Consistency, known: Known) -> Iterator[Broken]:
        match rule.check:
            case Never():
                yield self._forbidden(self._program.nevers[place], known.steps)
            case Age(item=item):
                years, year = known.numbers[item], known.as_of["year"] - known.births
                wrong = (years > year + SLACK) | (years < year - 1 - SLACK)
                wrong &= (years != UNKNOWN_AGE) & (known.births > 0)
                yield _naming(wrong, item)
            case Order(dates=dates, age=age):
                yield from self._swapped(dates, known.days)
                if BIRTH in dates:
                    yield from self._before_birth(age, known)

    def _swapped(self, dates: Sequence[str], days: DayColumns) -> Iterator[Broken]:
        for one, other in self._timeline.before:
            later = self._timeline.dates[other]
            if later in dates:
                answered = (days.firsts[one] > 0) & (days.firsts[other] > 0)
                wrong = answered & (days.firsts[one] > days.lasts[other])
                yield _naming(wrong, self._timeline.dates[one], later)

    def _before_birth(self, age: str | None, known: Known) -> Iterator[Broken]:
        nothing = np.full(len(known.births), UNKNOWN_AGE, dtype=np.int32)
        years = known.numbers[age] if age else nothing
        born = first_birthdays(years, known.births, known.as_of)
        dates, days = self._timeline.dates, known.days
        for link_id in sorted(dates):
            place = dates.index(link_id)
            rows, items = _naming((days.firsts[place] > 0) & (days.lasts[place] < born), link_id)
            yield rows, {**items, age: years[rows] != UNKNOWN_AGE} if age else items

    def _forbidden(self, root: int, steps: Steps) -> Broken:
        """The items of the answers that make a forbidden condition true."""
        rows = np.flatnonzero(steps.truth(root) == TRUE)
        return rows, self._evidence(root, rows, steps) if len(rows) else {}

    def _evidence(self, root: int, rows: Rows, steps: Steps) -> dict[str, Marks]:
        found: dict[str, Marks] = {}
        marks: dict[int, Marks] = {root: np.ones(len(rows), dtype=np.bool_)}
        while marks:
            place = max(marks)  # no step is a part of an earlier one
            deciding, step = marks.pop(place), self._program.steps[place]
            match step:
                case NotStep(part=part):
                    marks[part] = deciding | marks.get(part, np.False_)
                case GatherStep(parts=parts):
                    truths = steps.truth(place)[rows]
                    for part in parts:
                        same = deciding & (steps.truth(part)[rows] == truths)
                        marks[part] = same | marks.get(part, np.False_)
                case TestStep(at=at):
                    link_id = self._program.inputs[at].item.link_id
                    found[link_id] = deciding | found.get(link_id, np.False_)
                case RecentStep(days=days):
                    link_id = self._program.days[days].link_id
                    found[link_id] = deciding | found.get(link_id, np.False_)
        return found


def _naming(wrong: Marks, *link_ids: str) -> Broken:
    """Some rows, in each of which a rule names all of these items."""
    rows = np.flatnonzero(wrong)
    return rows, dict.fromkeys(link_ids, np.ones(len(rows), dtype=np.bool_))


def _sets_of(items: Mapping[str, Marks], count: int) -> tuple[Codes, list[tuple[str, ...]]]:
    """For each row the number of the set of items named in it, and the sets, numbered from 1."""
    codes = np.zeros(count, dtype=np.uint32)
    sets: list[tuple[str, ...]] = [()]
    for link_id, marks in sorted(items.items()):
        if marks.all():
            sets = [(*each, link_id) for each in sets]
            continue
        codes = codes * np.uint32(2) + marks
        sets = [other for each in sets for other in (each, (*each, link_id))]
        if len(sets) > _MANY:
            met, codes = distinct_codes(codes, len(sets))
            sets = [sets[place] for place in met]
    if len(sets) == 1:
        return np.ones(count, dtype=np.uint8), sets
    met, codes = distinct_codes(codes, len(sets))
    return narrow_codes(codes + np.uint32(1), len(met) + 1), [sets[place] for place in met]
