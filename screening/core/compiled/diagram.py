"""Reduced ordered decision diagrams with many-valued variables and arbitrary terminals.

Source: R. E. Bryant, Graph-Based Algorithms for Boolean Function Manipulation, 1986; with more
than two branches: A. Srinivasan et al., Algorithms for Discrete Function Manipulation, 1990.

A function is the number of its root node. Equal functions have equal numbers, so that comparing two
of them costs nothing. Sizes below are numbers of nodes.
"""

import sys
from collections.abc import Callable, Container, Hashable, Iterator, Mapping, Sequence
from math import inf
from typing import Any

from screening.errors import ScreeningError

DEFAULT_BUDGET = 400_000
_EVERY = range(sys.maxsize)


class BudgetError(ScreeningError):
    """A ruleset is too entangled to be proved within the budget of nodes."""

    def __init__(self, budget: int) -> None:
        """Name the budget."""
        super().__init__(
            f"the rules are too entangled to be proved with {budget:,} nodes: split the criteria"
            " that test many items together"
        )


class Diagram:
    """A store of nodes over variables in a fixed order; terminals lie at the level ``bottom``."""

    def __init__(self, arities: Sequence[int], budget: int = DEFAULT_BUDGET) -> None:
        """Take the number of branches of each variable, and the most nodes to be made."""
        self.arities = tuple(arities)
        self.bottom = len(self.arities)
        self._budget = budget
        self._levels: list[int] = []
        self._children: list[tuple[int, ...]] = []
        self._values: list[Hashable] = []
        self._nodes: dict[tuple[int, tuple[int, ...]], int] = {}
        self._terminals: dict[tuple[type, Hashable], int] = {}
        self._memos: dict[Callable[..., Hashable], dict[tuple[int, ...], int]] = {}

    def __len__(self) -> int:
        """The number of nodes made so far."""
        return len(self._levels)

    def level(self, function: int) -> int:
        """The level of the root of a function."""
        return self._levels[function]

    def children(self, function: int) -> tuple[int, ...]:
        """The functions that one becomes under each answer to the variable of its root."""
        return self._children[function]

    def value(self, function: int) -> Hashable:
        """The value of a constant function."""
        return self._values[function]

    def constant(self, value: Hashable) -> int:
        """The function that is always a value; True and 1 are two values here."""
        key = type(value), value
        found = self._terminals.get(key)
        if found is None:
            found = self._terminals[key] = self._add(self.bottom, (), value)
        return found

    def node(self, level: int, children: Sequence[int]) -> int:
        """The function that looks at one variable first; time O(branches)."""
        branches = tuple(children)
        if branches.count(branches[0]) == len(branches):
            return branches[0]
        found = self._nodes.get((level, branches))
        if found is None:
            found = self._nodes[level, branches] = self._add(level, branches, None)
        return found

    def apply(self, join: Callable[[Any, Any], Hashable], one: int, other: int) -> int:
        """The function whose value joins those of two; time and nodes O(size · size).

        Args:
            join: a pure function of two values; results are remembered by its identity.
            one: the first function.
            other: the second function.
        """
        memo = self._memos.setdefault(join, {})

        def joined(f: int, g: int) -> int:
            found = memo.get((f, g))
            if found is None:
                level = min(self._levels[f], self._levels[g])
                if level == self.bottom:
                    found = self.constant(join(self._values[f], self._values[g]))
                else:
                    pairs = zip(self._below(f, level), self._below(g, level), strict=True)
                    found = self.node(level, [joined(a, b) for a, b in pairs])
                memo[f, g] = found
            return found

        return joined(one, other)

    def map(self, change: Callable[[Any], Hashable], function: int) -> int:
        """The function with each value changed; time O(size)."""
        memo = self._memos.setdefault(change, {})

        def mapped(f: int) -> int:
            found = memo.get((f,))
            if found is None:
                if self._levels[f] == self.bottom:
                    found = self.constant(change(self._values[f]))
                else:
                    found = self.node(self._levels[f], [mapped(c) for c in self._children[f]])
                memo[f,] = found
            return found

        return mapped(function)

    def at(self, function: int, branches: Sequence[int]) -> Hashable:
        """The value for one choice of branches, a branch for each level; time O(levels)."""
        while self._levels[function] < self.bottom:
            function = self._children[function][branches[self._levels[function]]]
        return self._values[function]

    def reach(self, *functions: int) -> Iterator[int]:
        """Every node below the roots, each once; time O(size)."""
        seen = set(functions)
        stack = list(seen)
        while stack:
            node = stack.pop()
            yield node
            fresh = set(self._children[node]) - seen
            seen |= fresh
            stack += fresh

    def values(self, function: int) -> frozenset[Hashable]:
        """Every value that a function takes; time O(size)."""
        return frozenset(
            self._values[node] for node in self.reach(function) if self._levels[node] == self.bottom
        )

    def support(self, function: int) -> frozenset[int]:
        """The levels of the variables that a function depends on; time O(size)."""
        found = {self._levels[node] for node in self.reach(function)}
        return frozenset(found - {self.bottom})

    def restrict(
        self,
        function: int,
        branches: Mapping[int, int],
        into: "Diagram | None" = None,
        within: Mapping[int, Container[int]] | None = None,
    ) -> int:
        """The function once more is known of some variables; time O(size).

        Args:
            function: the function to restrict.
            branches: level to branch, for the levels that are known.
            into: the store that gets the result, this one if none is named. What is asked over and
                over, by many threads, belongs in a store that can be thrown away.
            within: level to the branches that are left, for levels of which only that is known.
                The function is None beyond them.
        """
        store = self if into is None else into
        left = within or {}
        memo: dict[int, int] = {}

        def restricted(f: int) -> int:
            if f not in memo:
                level = self._levels[f]
                if level == self.bottom:
                    memo[f] = store.constant(self._values[f])
                elif level in branches:
                    memo[f] = restricted(self._children[f][branches[level]])
                else:
                    memo[f] = store.node(level, list(map(restricted, limited(f))))
            return memo[f]

        def limited(f: int) -> Iterator[int]:
            level = self._levels[f]
            for branch, child in enumerate(self._children[f]):
                yield child if branch in left.get(level, _EVERY) else gone

        gone = self.constant(None) if left else 0
        return restricted(function)

    def cheapest(
        self,
        function: int,
        costs: Sequence[Sequence[float]],
        wanted: Callable[[Hashable], bool],
    ) -> tuple[float, dict[int, int]] | None:
        """The cheapest way to a wanted value: a shortest path; time O(size · branches).

        Args:
            function: where to search.
            costs: for each level, what each of its branches costs; infinite where barred. A level
                that the path does not pass is taken to cost its cheapest branch, which must be 0.
            wanted: which values to reach.

        Returns:
            The cost, and the branch for each level on the path; None if there is no way.
        """
        best: dict[int, tuple[float, int]] = {}

        def cost(f: int) -> float:
            if f in best:
                return best[f][0]
            level = self._levels[f]
            lowest, chosen = inf, 0
            if level == self.bottom:
                lowest = 0.0 if wanted(self._values[f]) else inf
            else:
                for branch, price in enumerate(costs[level]):
                    if price < lowest:
                        total = price + cost(self._children[f][branch])
                        if total < lowest:
                            lowest, chosen = total, branch
            best[f] = lowest, chosen
            return lowest

        total = cost(function)
        if total == inf:
            return None
        path: dict[int, int] = {}
        while self._levels[function] < self.bottom:
            branch = best[function][1]
            path[self._levels[function]] = branch
            function = self._children[function][branch]
        return total, path

    def _below(self, function: int, level: int) -> tuple[int, ...]:
        if self._levels[function] == level:
            return self._children[function]
        return (function,) * self.arities[level]

    def _add(self, level: int, children: tuple[int, ...], value: Hashable) -> int:
        if len(self._levels) >= self._budget:
            raise BudgetError(self._budget)
        self._levels.append(level)
        self._children.append(children)
        self._values.append(value)
        return len(self._levels) - 1
