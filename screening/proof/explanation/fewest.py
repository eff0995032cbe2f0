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


class FewestAnswers:
    """The fewest answers that suffice for a value, of one set of answers.

    An answer without which all others do not suffice is needed in any case, and costs nothing. Then
    the search goes from the root, by the number of other answers that are kept: it ends with the
    first number that suffices, and sees no nodes for which more would be kept.
    """

    def __init__(
        self, diagram: Diagram, branches: Sequence[int], unknown: Sequence[int], wanted: object
    ) -> None:
        """Prepare a search.

        Args:
            diagram: a store over partial answers.
            branches: for each level the branch of its answer, or that for "unknown".
            unknown: for each level its branch for "unknown".
            wanted: the value. Functions that do not have it with all the answers must not have it
                with some of them.
        """
        self._levels, self._children, _ = diagram.nodes
        self._bottom = diagram.bottom
        self._branches, self._unknown = branches, unknown
        self._suffices = _suffices(diagram, branches, wanted)
        self._needed: set[int] = set()
        self._costs: dict[int, int] = {}
        self._parents: dict[int, list[int]] = {}

    def find(self, function: int) -> list[int]:
        """The levels of the fewest answers; none if not even all suffice; time O(size).

        Of equally few answers it takes those at upper levels, but spans rather last.
        """
        if not self._suffices(function):
            return []
        self._needed = set(self._find_needed(function))
        goal = self._search(function)
        leading, stack = {goal}, [goal]
        while stack:
            fresh = [each for each in self._parents.get(stack.pop(), ()) if each not in leading]
            leading.update(fresh)
            stack += fresh
        return list(self._walk(function, leading))

    def _find_needed(self, node: int) -> Iterator[int]:
        """The levels without whose answers all others do not suffice."""
        while (level := self._levels[node]) < self._bottom:
            below = self._children[node]
            if not self._suffices(below[self._unknown[level]]):
                yield level
            node = below[self._branches[level]]

    def _search(self, root: int) -> int:
        """Find the least cost of each node, up to that of the constant, which is given."""
        self._costs[root], goal, cost = 0, -1, 0
        cheap, dear = [root], list[int]()
        while goal < 0:
            while cheap:
                node = cheap.pop()
                level = self._levels[node]
                if level == self._bottom:
                    goal = node
                elif self._costs[node] == cost:
                    below = self._children[node]
                    known, without = below[self._branches[level]], below[self._unknown[level]]
                    if level in self._needed:
                        self._reach(known, node, cost, cheap)
                    else:
                        if self._suffices(without):
                            self._reach(without, node, cost, cheap)
                        if known != without:
                            self._reach(known, node, cost + 1, dear)
            cheap, dear, cost = dear, [], cost + 1
        return goal

    def _reach(self, child: int, node: int, cost: int, nodes: list[int]) -> None:
        """Note that a node is reached from another one at a cost."""
        known = self._costs.get(child)
        if known is None or cost < known:
            self._costs[child], self._parents[child] = cost, [node]
            nodes.append(child)
        elif cost == known:
            self._parents[child].append(node)

    def _walk(self, node: int, leading: set[int]) -> Iterator[int]:
        """The levels whose answers are kept on a cheapest way."""
        while (level := self._levels[node]) < self._bottom:
            below, branch, none = self._children[node], self._branches[level], self._unknown[level]
            price = int(level not in self._needed)
            ways = [(below[none], 0), (below[branch], price)][:: 1 if branch > none else -1]
            child, paid = next(
                (child, paid)
                for child, paid in ways
                if child in leading and self._costs[child] == self._costs[node] + paid
            )
            if level in self._needed or paid:
                yield level
            node = child


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
