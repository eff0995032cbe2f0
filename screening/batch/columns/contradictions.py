"""Contradictions in columns: what ``consistency.find_contradictions`` finds, for many rows."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from screening.batch.columns.days import UNKNOWN_AGE, DayColumns, Ordinals, first_birthdays
from screening.batch.columns.steps import Marks, Steps
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

Keys = NDArray[np.uint64]
"""Sets of items, of the shape (words, rows): a bit for each item that a rule can name.

The first bit is set wherever a rule is broken, as a rule that no answers can keep names none."""

_WORD = 64


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
    """A rule with the items that it names in each row; no item where it is not broken.

    ``place`` orders what is found in one row: the place of the rule, and of the clash in it.
    ``named`` has a bit for each item that is named in some row, and the first bit if in some row
    none is: two that share no bit are never the same.
    """

    rule: Consistency
    place: tuple[int, int]
    keys: Keys
    named: int


class Finder:
    """Finds the contradictions of a ruleset's rules of consistency."""

    def __init__(self, program: Program, timeline: Timeline) -> None:
        """Give every item that a rule can name its bit."""
        self._program, self._timeline = program, timeline
        self._rules = program.ruleset.consistency
        named = {link_id for rule in self._rules for link_id in rule.items} | set(timeline.dates)
        self.places = {link_id: place for place, link_id in enumerate(sorted(named), start=1)}
        self._words = 1 + len(named) // _WORD

    def find(self, known: Known) -> list[Found]:
        """The contradictions, in the order in which they are found in each row."""
        found: list[Found] = []
        for place, rule in enumerate(self._rules):
            for clash, keys in enumerate(self._broken(place, rule, known)):
                if not keys.any():
                    continue
                fresh, named = keys, self._named(keys)
                for before in found:
                    if named & before.named:
                        told = (before.keys == keys).all(axis=0)
                        fresh = np.where(told, np.uint64(0), fresh)
                if fresh.any():
                    found.append(Found(rule=rule, place=(place, clash), keys=fresh, named=named))
        return found

    def rows(self, keys: Keys, link_id: str) -> Marks:
        """The rows in which a set has an item."""
        word, bit = divmod(self.places[link_id], _WORD)
        found: Marks = keys[word] & np.uint64(1 << bit) != 0
        return found

    def items(self, key: NDArray[np.uint64]) -> tuple[str, ...]:
        """The items of one set, sorted."""
        words = [int(word) for word in key]
        return tuple(
            link_id
            for link_id, place in self.places.items()
            if words[place // _WORD] >> place % _WORD & 1
        )

    def _broken(self, place: int, rule: Consistency, known: Known) -> Iterator[Keys]:
        match rule.check:
            case Never():
                yield from self._forbidden(self._program.nevers[place], known.steps)
            case Age(item=item):
                years, year = known.numbers[item], known.as_of["year"] - known.births
                wrong = (years > year + SLACK) | (years < year - 1 - SLACK)
                wrong &= (years != UNKNOWN_AGE) & (known.births > 0)
                yield self._keys(wrong, {item: wrong})
            case Order(dates=dates, age=age):
                yield from self._swapped(dates, known.days)
                if BIRTH in dates:
                    yield from self._before_birth(age, known)

    def _swapped(self, dates: Sequence[str], days: DayColumns) -> Iterator[Keys]:
        for one, other in self._timeline.before:
            later = self._timeline.dates[other]
            if later in dates:
                answered = (days.firsts[one] > 0) & (days.firsts[other] > 0)
                wrong = answered & (days.firsts[one] > days.lasts[other])
                yield self._keys(wrong, {self._timeline.dates[one]: wrong, later: wrong})

    def _before_birth(self, age: str | None, known: Known) -> Iterator[Keys]:
        nothing = np.full(len(known.births), UNKNOWN_AGE, dtype=np.int32)
        years = known.numbers[age] if age else nothing
        born = first_birthdays(years, known.births, known.as_of)
        dates, days = self._timeline.dates, known.days
        for link_id in sorted(dates):
            place = dates.index(link_id)
            wrong = (days.firsts[place] > 0) & (days.lasts[place] < born)
            told_by = {age: wrong & (years != UNKNOWN_AGE)} if age else {}
            yield self._keys(wrong, {link_id: wrong, **told_by})

    def _forbidden(self, root: int, steps: Steps) -> Iterator[Keys]:
        """The items of the answers that make a forbidden condition true."""
        broken = steps.truth(root) == TRUE
        if broken.any():
            yield self._keys(broken, self._evidence(root, broken, steps))

    def _evidence(self, root: int, broken: Marks, steps: Steps) -> dict[str, Marks]:
        found: dict[str, Marks] = {}
        marks: dict[int, Marks] = {root: broken}
        while marks:
            place = max(marks)  # no step is a part of an earlier one
            rows, step = marks.pop(place), self._program.steps[place]
            parts: Sequence[int] = ()
            match step:
                case NotStep(part=part):
                    marks[part] = rows | marks.get(part, np.False_)
                case GatherStep(parts=parts):
                    for part in parts:
                        deciding = rows & (steps.truth(part) == steps.truth(place))
                        marks[part] = deciding | marks.get(part, np.False_)
                case TestStep(at=at):
                    link_id = self._program.inputs[at].item.link_id
                    found[link_id] = rows | found.get(link_id, np.False_)
                case RecentStep(days=days):
                    link_id = self._program.days[days].link_id
                    found[link_id] = rows | found.get(link_id, np.False_)
        return found

    @staticmethod
    def _named(keys: Keys) -> int:
        words: list[int] = np.bitwise_or.reduce(keys, axis=1).tolist()
        every = sum(word << (_WORD * place) for place, word in enumerate(words))
        only_the_mark = (keys[0] == 1) & ~keys[1:].any(axis=0)
        return (every & ~1) | bool(only_the_mark.any())

    def _keys(self, broken: Marks, items: Mapping[str, Marks]) -> Keys:
        keys = np.zeros((self._words, len(broken)), dtype=np.uint64)
        keys[0] = broken
        for link_id, marks in items.items():
            word, bit = divmod(self.places[link_id], _WORD)
            keys[word] |= marks.astype(np.uint64) << np.uint64(bit)
        return keys
