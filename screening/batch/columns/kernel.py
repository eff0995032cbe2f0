"""The program of a ruleset over columns: criteria, outcomes, needs and contradictions of many rows.

It comes to what ``core.results.evaluation`` comes to for each row, without a step in Python for any
of them. Arrays have one element a row; truths are those of ``core.compiled.program``.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from screening.batch.columns.contradictions import Finder, Found
from screening.batch.columns.days import DayColumns
from screening.batch.columns.inputs import Columns, Inputs
from screening.batch.columns.steps import Marks, Steps
from screening.batch.columns.table import Branches, Table, look_up
from screening.batch.columns.walk import walk_of
from screening.core.compiled.program import (
    GatherStep,
    InputLevel,
    NotStep,
    Program,
    RecentStep,
    TestStep,
)
from screening.core.results.assess import settle_outcome
from screening.core.results.evaluation import judge_of
from screening.core.rules.consistency import Consistency
from screening.core.rules.ruleset import Ruleset

BLOCK = 32_768
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
            [self._settle(each, contradictory=c) for c in (False, True) for each in self.possible],
            dtype=np.uint32,
        )
        self._apart = np.uint32(len(self.possible))
        self._favourable = np.array([each in ruleset.favourable for each in self.outcomes])

    def evaluate(self, table: Table) -> Findings:
        """Evaluate every row.

        Raises:
            TypeError: if a value does not fit its item.
        """
        columns, found = Columns(self._judge, table), _Results(self._program, table.rows)
        for start in range(0, table.rows, BLOCK) or [0]:
            self._evaluate(columns, slice(start, start + BLOCK), found)
        return Findings(
            criteria=found.criteria,
            possible=found.possible,
            outcome=found.outcome,
            favourable=self._favourable.take(found.outcome),
            needs=found.needs,
            contradictions=tuple(self._contradictions(found)),
        )

    def _settle(self, possible: tuple[str, ...], *, contradictory: bool) -> int:
        ruleset = self._ruleset
        settled = settle_outcome(ruleset, possible, contradictory=contradictory)
        apart = ruleset.contradiction_outcome if contradictory else ruleset.open_outcome
        return self.outcomes.index(settled or (apart.id if apart else None))

    def _evaluate(self, columns: Columns, rows: slice, found: "_Results") -> None:
        """Evaluate one block."""
        inputs = columns.inputs(rows)
        doubts = self._finder.find(columns.known(rows, inputs))
        inputs = self._without(inputs, doubts.items)
        left = inputs.days.narrow(self._timeline)
        steps = inputs.steps(left)
        possible = self._walk.run(lambda place: self._branch(place, steps), steps.rows)
        found.possible[rows] = possible
        found.outcome[rows] = self._settled.take(possible + doubts.rows * self._apart)
        for criterion, step in zip(found.criteria, self._program.criteria, strict=True):
            criterion[rows] = steps.truth(step)
        needs = {link_id: marks[rows] for link_id, marks in found.needs.items()}
        self._find_needs(steps, left, needs)
        found.doubts.append((rows, doubts.found))

    def _without(self, inputs: Inputs, doubted: Mapping[str, Marks]) -> Inputs:
        """The columns without the answers that contradictions name."""
        heads, days = list(inputs.heads), inputs.days
        for link_id, rows in doubted.items():
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

    def _find_needs(self, steps: Steps, left: DayColumns, needs: Mapping[str, Marks]) -> None:
        """Mark the items that are not known well enough, and could still decide a criterion."""
        program = self._program
        marks: dict[int, Marks] = {}
        for place in program.criteria:
            marks[place] = steps.unknown(place)
        for place in reversed(range(program.own)):
            if place not in marks:
                continue
            open_, step = marks.pop(place), program.steps[place]
            match step:
                case NotStep(part=part):
                    marks[part] = open_ | marks[part] if part in marks else open_
                case GatherStep(parts=parts):
                    for part in parts:
                        unknown = open_ & steps.unknown(part)
                        marks[part] = unknown | marks[part] if part in marks else unknown
                case TestStep(at=at):
                    needs[program.inputs[at].item.link_id][:] |= open_
                case RecentStep(days=days):
                    self._need_date(days, open_, left, needs)

    def _need_date(
        self, days: int, open_: Marks, left: DayColumns, needs: Mapping[str, Marks]
    ) -> None:
        """Mark a date, and the dates of its order that are not known to the day."""
        dates, (place, ordered) = self._timeline.dates, self._judge.days[days]
        needs[dates[place]][:] |= open_
        for other in self._timeline.linked[place] if ordered else ():
            needs[dates[other]][:] |= open_ & left.vague(other)

    def _contradictions(
        self, results: "_Results"
    ) -> Iterator[tuple[Consistency, Marks, tuple[str, ...]]]:
        """The rules that are broken, by the items that they name."""
        entries: dict[tuple[tuple[int, int], tuple[str, ...]], Marks] = {}
        for rows, found in results.doubts:
            for each in found:
                for number, items in enumerate(each.sets, start=1):
                    entry = (each.place, items)
                    if entry not in entries:
                        entries[entry] = np.zeros(len(results.possible), dtype=np.bool_)
                    np.equal(each.codes, number, out=entries[entry][rows])
        rules = self._ruleset.consistency
        for (place, items), marks in sorted(entries.items(), key=lambda each: each[0]):
            if marks.any():
                yield rules[place[0]], marks, items


class _Results:
    """The results of a table, which its blocks fill in."""

    def __init__(self, program: Program, rows: int) -> None:
        self.criteria = np.empty((len(program.criteria), rows), dtype=np.uint8)
        self.possible = np.empty(rows, dtype=np.uint32)
        self.outcome = np.empty(rows, dtype=np.uint32)
        items = program.ruleset.items
        self.needs = dict(zip(items, np.zeros((len(items), rows), dtype=np.bool_), strict=True))
        self.doubts: list[tuple[slice, Sequence[Found]]] = []
