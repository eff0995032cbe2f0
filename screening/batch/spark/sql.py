"""The criteria of a ruleset as SQL, whose AND, OR and NOT are Kleene's where NULL is unknown.

The expressions read resolved answers: a column for each item, by link id, and for each date two,
its first and its last day. NULL is unknown. Resolved means that answers that contradict each other
are set aside, and that dates are narrowed by the order of events: ``kernel.Kernel`` does both.
"""

import datetime as dt
from collections.abc import Sequence
from typing import assert_never

from screening.core.compiled.program import FALSE, TRUE, GatherStep, NotStep, Program
from screening.core.compiled.program import RecentStep as Recent
from screening.core.compiled.program import TestStep as Tested
from screening.core.compiled.variable import Variable
from screening.core.results.evaluation import cut_off
from screening.core.rules.condition import Compare, Comparison, OneOf, Test
from screening.core.rules.item import Item, ItemType

_SIGNS = {Comparison.AT_LEAST: ">=", Comparison.AT_MOST: "<="}


def criteria_sql(program: Program, as_of: dt.date) -> list[str]:
    """The truth of each criterion as an expression of Spark's SQL; its size is the condition's.

    Args:
        program: of the ruleset.
        as_of: the screening date of all rows; rows of another one need other expressions.
    """
    writer = _Writer(program, as_of)
    return [writer.step(place) for place in program.criteria]


def first_column(link_id: str) -> str:
    """The column of the first day that a date can be."""
    return f"{link_id}.first"


def last_column(link_id: str) -> str:
    """The column of the last day that a date can be."""
    return f"{link_id}.last"


class _Writer:
    """Writes steps; each is written once, and put wherever it is a part."""

    def __init__(self, program: Program, as_of: dt.date) -> None:
        self._program = program
        self._cuts = [cut_off(cut, as_of) for cut in program.cuts]
        self._written: dict[int, str] = {}

    def step(self, place: int) -> str:
        if place not in self._written:
            self._written[place] = self._write(place)
        return self._written[place]

    def _write(self, place: int) -> str:
        match self._program.steps[place]:
            case Tested(at=at, truths=truths):
                variable = self._program.inputs[at]
                return _test(variable.item, _told_by(variable, truths))
            case Recent(days=days, cut=cut):
                return _recent(self._program.days[days].link_id, self._cuts[cut])
            case NotStep(part=part):
                return f"(NOT {self.step(part)})"
            case GatherStep(count=count, parts=parts):
                return _gather(count, [self.step(part) for part in parts])
            case step:
                assert_never(step)


def _told_by(variable: Variable, truths: Sequence[int]) -> Compare | OneOf:
    """The test with these truths; of several, each is as good as any."""
    for place, test in enumerate(variable.tests):
        passed = [TRUE if cell[place] else FALSE for cell in variable.cells]
        if passed == list(truths[: len(passed)]):
            return _of_a_value(test)
    raise AssertionError


def _of_a_value(test: Test) -> Compare | OneOf:
    if isinstance(test, Compare | OneOf):
        return test
    raise AssertionError


def _test(item: Item, test: Compare | OneOf) -> str:
    column = _name(item.link_id)
    match test:
        case Compare(comparison=comparison, bound=bound):
            return f"({column} {_SIGNS[comparison]} {bound})"
        case OneOf(values=values):
            listed = ", ".join(sorted(_literal(value) for value in values))
            if item.type is ItemType.CHOICES:
                return f"arrays_overlap({column}, array({listed}))"
            return f"({column} IN ({listed}))"


def _recent(link_id: str, cut: int) -> str:
    """The truth that a date is after a cut-off; an ordinal of 0 is before every day."""
    first, last = _name(first_column(link_id)), _name(last_column(link_id))
    if not cut:
        return f"(CASE WHEN {first} IS NOT NULL THEN TRUE END)"
    day = f"DATE'{dt.date.fromordinal(cut).isoformat()}'"
    return f"(CASE WHEN {first} > {day} THEN TRUE WHEN {last} <= {day} THEN FALSE END)"


def _gather(count: int, parts: Sequence[str]) -> str:
    if count <= 0 or count > len(parts):
        return "TRUE" if count <= 0 else "FALSE"
    if count in (1, len(parts)):
        return f"({(' OR ' if count == 1 else ' AND ').join(parts)})"
    sure = " + ".join(f"IF({part}, 1, 0)" for part in parts)
    open_ = " + ".join(f"IF(NOT {part}, 0, 1)" for part in parts)
    return f"(CASE WHEN {sure} >= {count} THEN TRUE WHEN {open_} < {count} THEN FALSE END)"


def _name(column: str) -> str:
    return f"`{column.replace('`', '``')}`"


def _literal(value: str | bool) -> str:  # noqa: FBT001 - a value of an answer
    if isinstance(value, bool):
        return str(value).upper()
    escaped = value.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"
