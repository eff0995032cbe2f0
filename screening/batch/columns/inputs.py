"""The columns that a program reads, by block: what each distinct value comes to is found once."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from screening.batch.columns.contradictions import Known
from screening.batch.columns.days import UNKNOWN_AGE, DayColumns, Ordinals, day_tables, parts_of
from screening.batch.columns.steps import Steps
from screening.batch.columns.table import Branches, Codes, Column, Table, look_up
from screening.core.compiled.variable import Variable
from screening.core.results.evaluation import Judge, cut_off
from screening.core.rules.consistency import Age, Order, whole_number
from screening.core.values.answer import EARLIEST_DAY, Value


@dataclass(frozen=True, slots=True, kw_only=True)
class Inputs:
    """The columns of one block of rows.

    ``heads`` has for each input of the program the branch of its answer; ``days`` the dates of the
    timeline; ``today`` the screening dates as ordinals.
    """

    judge: Judge
    heads: Sequence[Branches]
    days: DayColumns
    cuts: Sequence[Ordinals]
    today: Ordinals

    def steps(self, left: DayColumns) -> Steps:
        """The steps of the program.

        Args:
            left: the days that the order of events leaves.
        """
        columns = [(left if ordered else self.days, place) for place, ordered in self.judge.days]
        return Steps(
            self.judge.program,
            rows=len(self.today),
            heads=self.heads,
            firsts=[days.firsts[place] for days, place in columns],
            lasts=[days.lasts[place] for days, place in columns],
            cuts=self.cuts,
        )


class Columns:
    """The columns of a table, each as the program reads it."""

    def __init__(self, judge: Judge, table: Table) -> None:
        """Find what each distinct value comes to.

        Raises:
            TypeError: if a value does not fit its item.
        """
        self._judge, self._table = judge, table
        program, timeline = judge.program, judge.timeline
        days = list(table.as_of.values)
        self._as_of = parts_of(days)
        self._cuts = [
            np.array([cut_off(cut, day) for day in days], dtype=np.int32) for cut in program.cuts
        ]
        self._heads = [
            _heads(each, table.answers.get(each.item.link_id)) for each in program.inputs
        ]
        self._dates = [day_tables(each, table.answers.get(each)) for each in timeline.dates]
        checks = [rule.check for rule in program.ruleset.consistency]
        ages = {check.item for check in checks if isinstance(check, Age)}
        ages |= {check.age for check in checks if isinstance(check, Order) and check.age}
        self._ages = {link_id: _numbers(table.answers.get(link_id)) for link_id in ages}
        births = [year or 0 for year in table.birth_year.values]
        self._births = np.array(births, dtype=np.int32)

    def inputs(self, rows: slice) -> Inputs:
        """The columns of some rows."""
        today = self._as_of["ordinal"].take(self._table.as_of.codes[rows])
        dates = [each.take(rows, today) for each in self._dates]
        return Inputs(
            judge=self._judge,
            heads=[head.take(rows, len(today)) for head in self._heads],
            days=DayColumns(
                firsts=tuple(firsts for firsts, _ in dates),
                lasts=tuple(lasts for _, lasts in dates),
            ),
            cuts=[cut.take(self._table.as_of.codes[rows]) for cut in self._cuts],
            today=today,
        )

    def known(self, rows: slice, inputs: Inputs) -> Known:
        """The columns that rules of consistency read."""
        codes = self._table.as_of.codes[rows]
        return Known(
            steps=inputs.steps(inputs.days),
            days=inputs.days,
            numbers={link_id: each.take(rows, len(codes)) for link_id, each in self._ages.items()},
            births=self._births.take(self._table.birth_year.codes[rows]),
            as_of={name: part.take(codes) for name, part in self._as_of.items()},
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Lookup:
    """For each distinct value of a column what it comes to; one entry if there is no column."""

    codes: Codes | None
    table: NDArray[Any]

    def take(self, rows: slice, count: int) -> NDArray[Any]:
        """The entries of some rows."""
        if self.codes is None:
            return np.full(count, self.table[0])
        return self.table.take(self.codes[rows])


@dataclass(frozen=True, slots=True, kw_only=True)
class Heads:
    """For each distinct answer to an item its branch; one entry if there is no column."""

    codes: Codes | None
    table: list[int]

    def take(self, rows: slice, count: int) -> Branches:
        """The branches of some rows."""
        if self.codes is None:
            return look_up(self.table, np.zeros(count, dtype=np.uint8))
        return look_up(self.table, self.codes[rows])


def _heads(variable: Variable, column: Column[Value | None] | None) -> Heads:
    if column is None:
        return Heads(codes=None, table=[variable.unknown])
    return Heads(codes=column.codes, table=[_branch(variable, value) for value in column.values])


def _branch(variable: Variable, value: Value | None) -> int:
    if value is None:
        return variable.unknown
    if not variable.item.admits(value):
        message = f"the answer to {variable.item.link_id} is none that its question admits"
        raise TypeError(message)
    return variable.locate(value, EARLIEST_DAY)


def _numbers(column: Column[Value | None] | None) -> Lookup:
    """The whole numbers of a column."""
    values = column.values if column else [None]
    found = [UNKNOWN_AGE if (n := whole_number(value)) is None else n for value in values]
    return Lookup(codes=column.codes if column else None, table=np.array(found, dtype=np.int32))
