"""The program of a ruleset over columns: criteria, outcomes, needs and contradictions of many rows.

It comes to what ``core.results.evaluation`` comes to for each row, without a step in Python for any
of them. Arrays have one element a row; truths are those of ``core.compiled.program``.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import reduce

import numpy as np
from numpy.typing import NDArray

from screening.batch.columns.contradictions import Finder, Found, Keys
from screening.batch.columns.days import DayColumns
from screening.batch.columns.inputs import Columns, Inputs
from screening.batch.columns.steps import Marks, Steps
from screening.batch.columns.table import Branches, Table, look_up
from screening.batch.columns.walk import walk_of
from screening.core.compiled.program import (
    UNKNOWN,
    GatherStep,
    InputLevel,
    NotStep,
    RecentStep,
    TestStep,
)
from screening.core.results.assess import settle_outcome
from screening.core.results.evaluation import judge_of
from screening.core.rules.consistency import Consistency
from screening.core.rules.ruleset import Ruleset

BLOCK = 16_384
"""Rows at a time: their columns fit in a processor's cache."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Findings:
    """The results of the rows of a table.

    ``criteria`` has the shape (criteria, rows). ``possible`` and ``outcome`` are places in the
    kernel's lists of the same names. ``contradictions`` are rules with the rows that break them and
    the items that they name; of one row they are in the order of the engine.
    """

    criteria: NDArray[np.uint8]
    possible: NDArray[np.uint32]
    outcome: NDArray[np.uint32]
    favourable: Marks
    needs: Mapping[str, Marks]
    contradictions: tuple[tuple[Consistency, Marks, tuple[str, ...]], ...]


class Kernel:
    """Evaluates the rows of tables by one ruleset.

    ``possible`` are the sets of outcomes that answers can leave open, as ids in order of priority;
    ``outcomes`` the ids of all results, None if the ruleset declares none for an open one.
    """

    def __init__(self, ruleset: Ruleset) -> None:
        """Compile a ruleset that has outcomes.

        Raises:
            BudgetError: if the ruleset is too entangled to be compiled.
        """
        self._judge = judge_of(ruleset)
        self._ruleset, self._program = ruleset, self._judge.program
        self._timeline = self._judge.timeline
        self._finder = Finder(self._program, self._timeline)
        self._walk = walk_of(self._program.model)
        inputs = enumerate(self._program.inputs)
        self._inputs = {variable.item.link_id: place for place, variable in inputs}
        listed = ruleset.outcomes
        self.possible = [
            tuple(listed[place].id for place in sorted(each)) for each in self._walk.possible
        ]
        self.outcomes: list[str | None] = [*(each.id for each in ruleset.results), None]
        self._settled = np.array(
            [
                [self._settle(each, contradictory=c) for each in self.possible]
                for c in (False, True)
            ],
            dtype=np.uint32,
        )
        self._favourable = np.array([each in ruleset.favourable for each in self.outcomes])

    def evaluate(self, table: Table) -> Findings:
        """Evaluate every row.

        Raises:
            TypeError: if a value does not fit its item.
        """
        columns = Columns(self._judge, table)
        starts = range(0, table.rows, BLOCK) or [0]
        blocks = [self._block(columns, slice(start, start + BLOCK)) for start in starts]
        return Findings(
            criteria=np.concatenate([each.criteria for each in blocks], axis=1),
            possible=np.concatenate([each.possible for each in blocks]),
            outcome=np.concatenate([each.outcome for each in blocks]),
            favourable=np.concatenate([each.favourable for each in blocks]),
            needs={
                link_id: np.concatenate([each.needs[link_id] for each in blocks])
                for link_id in self._ruleset.items
            },
            contradictions=tuple(self._contradictions(blocks)),
        )

    def _settle(self, possible: tuple[str, ...], *, contradictory: bool) -> int:
        ruleset = self._ruleset
        settled = settle_outcome(ruleset, possible, contradictory=contradictory)
        apart = ruleset.contradiction_outcome if contradictory else ruleset.open_outcome
        return self.outcomes.index(settled or (apart.id if apart else None))

    def _block(self, columns: Columns, rows: slice) -> "_Block":
        inputs = columns.inputs(rows)
        found = self._finder.find(columns.known(rows, inputs))
        doubted: Marks = np.zeros(len(inputs.today), dtype=np.bool_)
        if found:
            keys = reduce(np.bitwise_or, [each.keys for each in found])
            doubted = np.logical_or.reduce(keys != 0)
            inputs = self._without(inputs, keys)
        left = inputs.days.narrow(self._timeline)
        steps = inputs.steps(left)
        possible = self._walk.run(lambda place: self._branch(place, steps), steps.rows)
        outcome = self._settled[doubted.astype(np.intp), possible]
        truths = [steps.truth(step) for step in self._program.criteria]
        return _Block(
            criteria=np.array(truths, dtype=np.uint8).reshape(len(truths), steps.rows),
            possible=possible,
            outcome=outcome,
            favourable=self._favourable.take(outcome),
            needs=self._needs(steps, left),
            found=found,
        )

    def _without(self, inputs: Inputs, doubted: Keys) -> Inputs:
        """The columns without the answers that contradictions name."""
        heads, days = list(inputs.heads), inputs.days
        for link_id in self._finder.places:
            rows = self._finder.rows(doubted, link_id)
            if rows.any():
                place = self._inputs.get(link_id)
                if place is not None:
                    unknown = heads[place].dtype.type(self._program.inputs[place].unknown)
                    heads[place] = np.where(rows, unknown, heads[place])
                if link_id in self._timeline.dates:
                    days = days.without(self._timeline.dates.index(link_id), rows, inputs.today)
        return replace(inputs, heads=heads, days=days)

    def _branch(self, place: int, steps: Steps) -> Branches:
        """The branch of each row for a variable of the model."""
        level = self._program.levels[place]
        if isinstance(level, InputLevel):
            same = level.branches == tuple(range(len(level.branches)))
            head = steps.heads[level.at]
            return head if same else look_up(level.branches, head)
        last, first = np.zeros((2, steps.rows), dtype=np.uint8)
        for cut in level.cuts:
            last += steps.lasts[level.days] <= steps.cuts[cut]
            first += steps.firsts[level.days] <= steps.cuts[cut]
        width = len(level.branches)
        return look_up([each for row in level.branches for each in row], last * width + first)

    def _needs(self, steps: Steps, left: DayColumns) -> dict[str, Marks]:
        """The items that are not known well enough, and could still decide a criterion."""
        program, rows = self._program, steps.rows
        marks: dict[int, Marks] = {}
        needs = {link_id: np.zeros(rows, dtype=np.bool_) for link_id in self._ruleset.items}
        for place in program.criteria:
            marks[place] = steps.truth(place) == UNKNOWN
        for place in reversed(range(program.own)):
            if place not in marks:
                continue
            open_, step = marks[place], program.steps[place]
            match step:
                case NotStep(part=part):
                    marks[part] = marks.get(part, np.False_) | open_
                case GatherStep(parts=parts):
                    for part in parts:
                        unknown = open_ & (steps.truth(part) == UNKNOWN)
                        marks[part] = marks.get(part, np.False_) | unknown
                case TestStep(at=at):
                    needs[program.inputs[at].item.link_id] |= open_
                case RecentStep(days=days):
                    self._need_date(days, open_, left, needs)
        return needs

    def _need_date(
        self, days: int, open_: Marks, left: DayColumns, needs: Mapping[str, Marks]
    ) -> None:
        """Mark a date, and the dates of its order that are not known to the day."""
        dates, (place, ordered) = self._timeline.dates, self._judge.days[days]
        needs[dates[place]][:] |= open_
        for other in self._timeline.linked[place] if ordered else ():
            needs[dates[other]][:] |= open_ & left.vague(other)

    def _contradictions(
        self, blocks: Sequence["_Block"]
    ) -> Iterator[tuple[Consistency, Marks, tuple[str, ...]]]:
        """The rules that are broken, by the items that they name."""
        entries: dict[tuple[tuple[int, int], tuple[str, ...]], list[tuple[int, Marks]]] = {}
        rules = self._ruleset.consistency
        for number, block in enumerate(blocks):
            for each in block.found:
                broken = np.flatnonzero(each.keys[0])
                sets, which = _distinct(each.keys[:, broken])
                for number_of_set, key in enumerate(sets):
                    rows: Marks = np.zeros(len(block.possible), dtype=np.bool_)
                    rows[broken[which == number_of_set]] = True
                    entry = (each.place, self._finder.items(key))
                    entries.setdefault(entry, []).append((number, rows))
        for (place, items), found in sorted(entries.items()):
            marks = [np.zeros(len(block.possible), dtype=np.bool_) for block in blocks]
            for number, rows in found:
                marks[number] = rows
            yield rules[place[0]], np.concatenate(marks), items


@dataclass(frozen=True, slots=True, kw_only=True)
class _Block:
    """The results of some rows."""

    criteria: NDArray[np.uint8]
    possible: NDArray[np.uint32]
    outcome: NDArray[np.uint32]
    favourable: Marks
    needs: Mapping[str, Marks]
    found: Sequence[Found]


def _distinct(keys: Keys) -> tuple[NDArray[np.uint64], NDArray[np.intp]]:
    """The different sets, one a row, and for each set that was given the place of its own."""
    which = np.zeros(keys.shape[1], dtype=np.int64)
    for words in keys:  # sorting words is many times as quick as sorting columns
        _, places = np.unique(words, return_inverse=True)
        _, first, which = np.unique(
            which * (places.max() + 1) + places, return_index=True, return_inverse=True
        )
    return keys[:, first].T, which
