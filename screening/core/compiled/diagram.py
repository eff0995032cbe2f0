"""Reduced ordered decision diagrams with many-valued variables and arbitrary terminals.

Source: R. E. Bryant, Graph-Based Algorithms for Boolean Function Manipulation, 1986; with more
than two branches: A. Srinivasan et al., Algorithms for Discrete Function Manipulation, 1990.

A function is the number of its root node. Equal functions have equal numbers, so that comparing two
of them costs nothing. Sizes below are numbers of nodes.
"""

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from itertools import accumulate, pairwise, repeat
from math import inf
from types import MappingProxyType
from typing import Any

from screening.errors import ScreeningError

DEFAULT_BUDGET = 400_000
ANYTHING: Mapping[int, int] = MappingProxyType({})
"""Nothing is known of any variable."""


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
        self._terminals: dict[tuple[type, Hashable], int] = {}
        self._memos: dict[Callable[..., Hashable], dict[tuple[int, ...], int]] = {}
        self._never: dict[Callable[..., bool | None], set[tuple[int, int]]] = {}

    def __len__(self) -> int:
        """The number of nodes made so far."""
        return len(self._levels)

    @property
    def nodes(self) -> tuple[list[int], list[tuple[int, ...]], list[Hashable]]:
        """The levels, children and values of all nodes, by number, for walks that must be quick.

        They are the store's own lists: nobody may change them. A node comes after its children.
        """
        return self._levels, self._children, self._values

    @cached_property
    def _nodes(self) -> dict[tuple[int, tuple[int, ...]], int]:
        """The nodes by level and children; a store that was filled may never be asked for it."""
        keys = zip(self._levels, self._children, strict=True)
        return {key: place for place, key in enumerate(keys) if key[1]}

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
        key = level, branches
        found = self._nodes.get(key)
        if found is None:
            found = self._nodes[key] = self._add(level, branches, None)
        return found

    def apply(
        self, join: Callable[[Any, Any], Hashable], one: int, other: int, *, merges: bool = False
    ) -> int:
        """The function whose value joins those of two; time and nodes O(size · size).

        Args:
            join: a pure function of two values; results are remembered by its identity.
            one: the first function.
            other: the second function.
            merges: the join of a value with itself is that value, and the order is of no matter,
                as of "and", "or" and the least. What two functions share is then not looked into.
        """
        memo = self._memos.setdefault(join, {})
        levels, values = self._levels, self._values

        def joined(f: int, g: int) -> int:
            if levels[f] == levels[g] == self.bottom:
                found = self.constant(join(values[f], values[g]))
            else:
                below: list[int] = []
                for a, b in self._below(f, g):
                    if merges and a == b:
                        below.append(a)
                        continue
                    pair = (b, a) if merges and b < a else (a, b)
                    known = memo.get(pair)
                    below.append(joined(*pair) if known is None else known)
                found = self.node(min(levels[f], levels[g]), below)
            memo[f, g] = found
            return found

        if merges and one == other:
            return one
        pair = (other, one) if merges and other < one else (one, other)
        return memo[pair] if pair in memo else joined(*pair)

    def is_ever(
        self, relation: Callable[[Any, Any], bool | None], pairs: Iterable[tuple[int, int]]
    ) -> bool:
        """True if the values of any pair of functions are somewhere in a relation; makes no nodes.

        Time O(size · size) a pair; what was found to be nowhere is not looked into again.

        Args:
            relation: pure, and false of each value with itself; remembered by its identity.
            pairs: the functions.
        """
        never = self._never.setdefault(relation, set())
        levels, values = self._levels, self._values
        seen = {pair for pair in pairs if pair[0] != pair[1] and pair not in never}
        stack = list(seen)
        while stack:
            f, g = stack.pop()
            if levels[f] == levels[g] == self.bottom:
                if relation(values[f], values[g]):
                    return True
                continue
            for pair in self._below(f, g):
                if pair not in seen and pair[0] != pair[1] and pair not in never:
                    seen.add(pair)
                    stack.append(pair)
        never |= seen
        return False

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
        levels, children, bottom = self._levels, self._children, self.bottom
        while (level := levels[function]) < bottom:
            function = children[function][branches[level]]
        return self._values[function]

    def reach(self, *functions: int, known: Mapping[int, int] = ANYTHING) -> Iterator[int]:
        """Every node below the roots, each once; time O(size).

        Args:
            functions: the roots.
            known: level to branch, for levels at which no other branch is followed.
        """
        seen = set(functions)
        stack = list(seen)
        levels, children = self._levels, self._children
        while stack:
            node = stack.pop()
            yield node
            below = children[node]
            if known and levels[node] in known:
                below = (below[known[levels[node]]],)
            for each in below:
                if each not in seen:
                    seen.add(each)
                    stack.append(each)

    def values(self, function: int, known: Mapping[int, int] = ANYTHING) -> frozenset[Hashable]:
        """Every value that a function takes once more is known, as in ``reach``; time O(size)."""
        nodes = self.reach(function, known=known)
        return frozenset(self._values[node] for node in nodes if self._levels[node] == self.bottom)

    def support(self, function: int) -> frozenset[int]:
        """The levels of the variables that a function depends on; time O(size)."""
        found = {self._levels[node] for node in self.reach(function)}
        return frozenset(found - {self.bottom})

    def restrict(self, function: int, branches: Mapping[int, int]) -> int:
        """The function once more is known of some variables; time O(size).

        Args:
            function: the function to restrict.
            branches: level to branch, for the levels that are known.
        """
        memo: dict[int, int] = {}
        deepest = max(branches, default=-1)

        def restricted(f: int) -> int:
            if f not in memo:
                level = self._levels[f]
                if level > deepest:
                    memo[f] = f
                elif level in branches:
                    memo[f] = restricted(self._children[f][branches[level]])
                else:
                    memo[f] = self.node(level, list(map(restricted, self._children[f])))
            return memo[f]

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

    def fill(self, levels: Sequence[int], below: Sequence[int], values: Sequence[Hashable]) -> None:
        """Take the nodes of another store into this one, which is empty.

        Args:
            levels: of each node; the children of a node stand before it.
            below: the children of all nodes in a row, by their places here; none of a terminal.
            values: of the terminals, in their order.
        """
        widths = (*self.arities, 0)
        ends = list(accumulate(map(widths.__getitem__, levels), initial=0))
        self._levels, whole = list(levels), tuple(below)
        self._children = [whole[start:end] for start, end in pairwise(ends)]
        given = iter(values)
        self._values = [None if each else next(given) for each in self._children]
        last = [place for place, each in enumerate(self._children) if not each]
        self._terminals = {(type(self._values[end]), self._values[end]): end for end in last}

    def _below(self, one: int, other: int) -> Iterable[tuple[int, int]]:
        """The two functions under each answer to the first variable that either asks."""
        level, below = self._levels[one], self._levels[other]
        if level == below:
            return zip(self._children[one], self._children[other], strict=True)
        if level < below:
            return zip(self._children[one], repeat(other), strict=False)
        return zip(repeat(one), self._children[other], strict=False)

    def _add(self, level: int, children: tuple[int, ...], value: Hashable) -> int:
        if len(self._levels) >= self._budget:
            raise BudgetError(self._budget)
        self._levels.append(level)
        self._children.append(children)
        self._values.append(value)
        return len(self._levels) - 1
