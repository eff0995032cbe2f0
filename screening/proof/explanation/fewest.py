"""Shortest paths: the fewest answers that suffice, and the fewest that would have to be others."""

from collections.abc import Callable, Iterator, Sequence
from math import inf
from typing import NamedTuple

from screening.core.compiled.diagram import Diagram
from screening.proof.explanation.restriction import Function


class Way(NamedTuple):
    """A way to a value: how many answers on it are not those known, and its branches by level."""

    cost: int
    branches: dict[int, int]


def fewest_answers(
    diagram: Diagram,
    function: int,
    branches: Sequence[int],
    unknown: Sequence[int],
    wanted: object,
) -> list[int]:
    """The levels of the fewest answers that suffice for a value; time O(size).

    Args:
        diagram: a store over partial answers.
        function: a function that takes no other value with less known than with more, but for those
            that say less.
        branches: for each level the branch of its answer, or that for "unknown".
        unknown: for each level its branch for "unknown".
        wanted: the value.

    Returns:
        The levels from the upper to the lower; none if not even all answers suffice.
    """
    levels, children, _ = diagram.nodes
    bottom = diagram.bottom
    suffices = _suffices(diagram, branches, wanted)
    costs: dict[int, float] = {}
    keeps: dict[int, bool] = {}

    def cost(node: int) -> float:
        """The fewest answers that suffice below a node for which all of them do."""
        level = levels[node]
        while level < bottom and branches[level] == unknown[level]:
            node = children[node][unknown[level]]
            level = levels[node]
        if level == bottom:
            return 0
        if node in costs:
            return costs[node]
        below, branch, none = children[node], branches[level], unknown[level]
        least, keep = inf, True
        if suffices(below[none]):
            least, keep = cost(below[none]), False
        if least and (kept := cost(below[branch]) + 1) < least + (branch < none):
            least, keep = kept, True
        costs[node], keeps[node] = least, keep
        return least

    found: list[int] = []
    if suffices(function):
        cost(function)
        while levels[function] < bottom:
            level = levels[function]
            keep = keeps.get(function, False)
            found += [level] * keep
            function = children[function][(branches if keep else unknown)[level]]
    return found


def _suffices(diagram: Diagram, branches: Sequence[int], wanted: object) -> Callable[[int], bool]:
    """A test: do all answers together lead from a node to the value?"""
    levels, children, values = diagram.nodes
    bottom = diagram.bottom
    ends: dict[int, bool] = {}

    def suffices(node: int) -> bool:
        passed: list[int] = []
        while node not in ends:
            level = levels[node]
            if level == bottom:
                ends[node] = values[node] == wanted
            else:
                passed.append(node)
                node = children[node][branches[level]]
        for each in passed:
            ends[each] = ends[node]
        return ends[node]

    return suffices


class CheapestPaths:
    """The cheapest ways to every value of a function over complete answers."""

    def __init__(self, function: Function, free: Sequence[range]) -> None:
        """Find them all in two passes; time O(size · branches).

        Args:
            function: where to search.
            free: for each level the cells that cost nothing; each other one costs 1.
        """
        self._function, self._free = function, free
        self._costs: list[float] = [inf] * function.root + [0]
        self._leading = [1 << place for place in range(len(function.values))]
        self._find_costs()
        self._find_leading()

    def to(self, value: object) -> Way | None:
        """The cheapest way to a value, of several the one with the lower branches."""
        function, costs, leading = self._function, self._costs, self._leading
        place = function.root
        goal = function.values.index(value) if value in function.values else 0
        if not goal:
            return None
        path: dict[int, int] = {}
        while place != goal:
            level, here = function.levels[place], costs[place]
            free = self._free[level]
            for branch, child in enumerate(function.children[place]):
                if leading[child] >> goal & 1 and costs[child] == here + (branch not in free):
                    path[level], place = branch, child
                    break
        return Way(int(costs[goal]), path)

    def _find_costs(self) -> None:
        """The least cost of reaching each place from the root."""
        costs, children = self._costs, self._function.children
        for places, free, dear in self._layers(downwards=True):
            for place in places:
                here, below = costs[place], children[place]
                for child in below[free]:
                    if here < costs[child]:  # noqa: PLR1730 - calling min takes twice as long
                        costs[child] = here
                if dear:
                    here += 1
                    for child in below:
                        if here < costs[child]:  # noqa: PLR1730 - as above
                            costs[child] = here

    def _find_leading(self) -> None:
        """For each place the constants to which a cheapest way leads through it, as bits."""
        costs, leading, children = self._costs, self._leading, self._function.children
        for places, free, dear in self._layers(downwards=False):
            for place in places:
                here, below, bits = costs[place], children[place], 0
                for child in below[free]:
                    if costs[child] == here:
                        bits |= leading[child]
                if dear:
                    here += 1
                    for child in below:
                        if costs[child] == here:
                            bits |= leading[child]
                leading.append(bits)

    def _layers(self, *, downwards: bool) -> Iterator[tuple[list[int], slice, bool]]:
        """The places of each level, its free cells, and whether it has others."""
        layers, arities = self._function.layers, self._function.arities
        for level, places in reversed(layers) if downwards else layers:
            free = self._free[level]
            yield places, slice(free[0], free[-1] + 1), len(free) < arities[level]
