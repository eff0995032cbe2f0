"""Conditions as functions in a store of diagrams, and what joins such functions."""

from collections.abc import Callable, Mapping, Sequence
from functools import cache, reduce
from typing import Any, assert_never

from screening.core.compiled.diagram import Diagram
from screening.core.compiled.variable import Variable
from screening.core.rules.condition import AtLeast, Compare, Condition, Not, OneOf, Within
from screening.core.values.truth import Truth


def truth_in(
    diagram: Diagram,
    variables: Sequence[Variable],
    levels: Mapping[str, int],
    condition: Condition,
) -> int:
    """The truth of a condition as a function.

    Args:
        diagram: a store over the cells of the variables, or over their branches for partial
            answers.
        variables: what the levels of the store stand for.
        levels: link id to level.
        condition: it tests nothing that the cells do not tell apart.

    Raises:
        BudgetError: if the store's budget does not suffice.
    """
    match condition:
        case Not(part=part):
            return diagram.map(_negated, truth_in(diagram, variables, levels, part))
        case AtLeast(count=count, parts=parts):
            below = [truth_in(diagram, variables, levels, part) for part in parts]
            return _gather(diagram, count, below)
        case Compare() | OneOf() | Within():
            level = levels[condition.item]
            which = variables[level].tests.index(condition)
            variable = variables[level]
            cells = [Truth.of(value=cell[which]) for cell in variable.cells]
            spans = [
                reduce(common_truth, [cells[cell] for cell in variable.cells_of(branch)])
                for branch in range(variable.unknown + 1, diagram.arities[level])
            ]
            unknown = [Truth.UNKNOWN] if diagram.arities[level] > len(cells) else []
            truths = [*cells, *unknown, *spans]
            return diagram.node(level, [diagram.constant(truth) for truth in truths])
        case _:
            assert_never(condition)


def join_functions(
    diagram: Diagram,
    join: Callable[[Any, Any], Any],
    functions: Sequence[int],
    *,
    merges: bool = False,
) -> int:
    """The functions joined by a pure, associative function of two values.

    ``merges`` is that of ``Diagram.apply``.
    """
    if merges:
        functions = sorted(functions, key=diagram.level, reverse=True)
    return reduce(lambda one, other: diagram.apply(join, one, other, merges=merges), functions)


def common_truth(one: Truth, other: Truth) -> Truth:
    """The truth that two completions share, or unknown."""
    return one if one is other else Truth.UNKNOWN


def both_true(one: object, other: object) -> bool:
    """Join two truths by "and"."""
    return one is True and other is True


def table_of(
    diagram: Diagram,
    one: tuple[int, Sequence[Any]],
    other: tuple[int, Sequence[Any]],
    relation: Callable[[Any, Any], bool],
) -> int:
    """The function of two levels that tells whether what their branches stand for is related."""
    (upper, rows), (lower, columns) = (one, other) if one[0] < other[0] else (other, one)

    def related(row: object, column: object) -> bool:
        return relation(row, column) if one[0] < other[0] else relation(column, row)

    constants = {each: diagram.constant(each) for each in (True, False)}
    return diagram.node(
        upper,
        [
            diagram.node(lower, [constants[related(row, column)] for column in columns])
            for row in rows
        ],
    )


def _negated(truth: Truth) -> Truth:
    return ~truth


def _both(one: Truth, other: Truth) -> Truth:
    return one & other


def _either(one: Truth, other: Truth) -> Truth:
    return one | other


def _gather(diagram: Diagram, count: int, parts: Sequence[int]) -> int:
    if count == len(parts):
        true = diagram.constant(Truth.TRUE)
        return join_functions(diagram, _both, [true, *parts], merges=True)
    if count == 1:
        return join_functions(diagram, _either, parts, merges=True)
    tallies = [diagram.map(_tally, part) for part in parts]
    return diagram.map(_reaching(count), join_functions(diagram, _added, tallies))


def _tally(truth: Truth) -> tuple[int, int]:
    """The number of parts that hold, and of those that hold or are unknown."""
    return int(truth is Truth.TRUE), int(truth is not Truth.FALSE)


def _added(one: tuple[int, int], other: tuple[int, int]) -> tuple[int, int]:
    return one[0] + other[0], one[1] + other[1]


@cache
def _reaching(count: int) -> Callable[[tuple[int, int]], Truth]:
    def reached(tally: tuple[int, int]) -> Truth:
        sure, open_ = tally
        return Truth.TRUE if sure >= count else Truth.UNKNOWN if open_ >= count else Truth.FALSE

    return reached
