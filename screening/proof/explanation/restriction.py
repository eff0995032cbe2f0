"""A function of the answers once some of them are known, made for one set of answers.

It is made in one pass over lists of its own: many threads may ask at once, and nothing is added to
the compiled ruleset.
"""

from collections.abc import Iterable, Sequence
from functools import cached_property
from itertools import combinations, groupby, repeat
from typing import cast

from screening.core.compiled.diagram import Diagram
from screening.core.compiled.model import NOWHERE


class Function:
    """A function over complete answers, its nodes in lists: constants first, then upwards by level.

    ``levels`` and ``children`` are by place in the lists, ``values`` holds the constants. The first
    one is ``NOWHERE``; the last place is the root. ``layers`` are the levels of the function, the
    lowest first, each with its places.
    """

    def __init__(self, diagram: Diagram, function: int) -> None:
        """Copy a function from its store; time O(size · log size)."""
        levels, children, values = diagram.nodes
        reached = list(diagram.reach(function))
        inner = sorted(node for node in reached if levels[node] < diagram.bottom)
        inner.sort(key=lambda node: -levels[node])
        constants = [node for node in reached if levels[node] == diagram.bottom]
        constants = [node for node in constants if values[node] is not NOWHERE]
        places = {node: place for place, node in enumerate((*constants, *inner), 1)}
        self.bottom, self.root = diagram.bottom, places.get(function, 0)
        self.arities = diagram.arities
        self.values = [NOWHERE, *(values[node] for node in constants)]
        self.levels = [self.bottom] * len(self.values) + [levels[node] for node in inner]
        below = [tuple([places.get(child, 0) for child in children[node]]) for node in inner]
        self.children = [()] * len(self.values) + below
        places_above = range(len(self.values), self.root + 1)
        grouped = groupby(places_above, key=self.levels.__getitem__)
        self.layers = [(level, list(group)) for level, group in grouped]


class Restriction:
    """The rest of a function; equal functions have equal numbers.

    ``levels`` and ``children`` are by number; constants have those that ``function`` gave them.
    """

    def __init__(self, function: Function, left: Sequence[range]) -> None:
        """Restrict a function; time O(size).

        Args:
            function: what to restrict.
            left: for each level the cells that its answer can be in. With several, but not all of
                them, the function is ``NOWHERE`` beyond them.
        """
        constants = len(function.values)
        self.values = function.values
        self.levels = function.levels[:constants]
        self.children = function.children[:constants]
        self._function, self._left = function, left
        self._masked = {0}
        self.root = self._restrict(self._reached())

    @property
    def constants(self) -> list[int]:
        """The numbers of the constants that are left, by value, without ``NOWHERE``."""
        first = len(self.values)
        left = {child for below in self.children[first:] for child in below if child < first}
        left = (left or {self.root}) - {0}
        return sorted(left, key=lambda constant: cast("int", self.values[constant]))

    @cached_property
    def telling(self) -> frozenset[int]:
        """The levels that tell two values apart; time O(size), and O(size²) where it is masked."""
        inner = range(len(self.values), len(self.levels))
        masked = self._masked
        found = {self.levels[node] for node in inner if node not in masked}
        never: set[tuple[int, int]] = set()
        for node in inner:
            if node in masked and self.levels[node] not in found:
                pairs = combinations(sorted({*self.children[node]}), 2)
                if any(self._differ(pair, never) for pair in pairs):
                    found.add(self.levels[node])
        return frozenset(found)

    def _reached(self) -> bytearray:
        """A mark for each place of the function that can still be reached."""
        function, children = self._function, self._function.children
        reached = bytearray(function.root + 1)
        reached[function.root] = 1
        for level, places in reversed(function.layers):
            left = self._left[level]
            if len(left) == 1:
                (only,) = left
                for place in places:
                    if reached[place]:
                        reached[children[place][only]] = 1
            else:
                cells = slice(left[0], left[-1] + 1)
                for place in places:
                    if reached[place]:
                        for child in children[place][cells]:
                            reached[child] = 1
        return reached

    def _restrict(self, reached: bytearray) -> int:
        function, children = self._function, self._function.children
        numbers = list(range(function.root + 1))
        for level, places in function.layers:
            left, arity = self._left[level], function.arities[level]
            if len(left) == 1:
                (only,) = left
                for place in places:
                    numbers[place] = numbers[children[place][only]]
                continue
            made: dict[tuple[int, ...], int] = {}
            for place in places:
                if reached[place]:
                    below = tuple([numbers[child] for child in children[place]])
                    if len(left) < arity:
                        below = tuple([n if cell in left else 0 for cell, n in enumerate(below)])
                    if below.count(below[0]) == arity:
                        numbers[place] = below[0]
                    elif below in made:
                        numbers[place] = made[below]
                    else:
                        numbers[place] = made[below] = self._add(level, below)
        return numbers[function.root]

    def _add(self, level: int, below: tuple[int, ...]) -> int:
        number = len(self.levels)
        self.levels.append(level)
        self.children.append(below)
        if not self._masked.isdisjoint(below):
            self._masked.add(number)
        return number

    def _differ(self, pair: tuple[int, int], never: set[tuple[int, int]]) -> bool:
        """True if two functions have different values for answers that both know of.

        Args:
            pair: the functions, the smaller number first.
            never: the pairs of which it is known that they have not; it is added to.
        """
        seen: set[tuple[int, int]] = set()
        fresh: Iterable[tuple[int, int]] = (pair,)
        stack: list[tuple[int, int]] = []
        masked = self._masked
        while True:
            for one, other in fresh:
                if one == other or not one or not other:
                    continue
                if one not in masked and other not in masked:
                    return True
                each = (one, other) if one < other else (other, one)
                if each not in seen and each not in never:
                    seen.add(each)
                    stack.append(each)
            if not stack:
                never |= seen
                return False
            fresh = self._below(*stack.pop())

    def _below(self, one: int, other: int) -> Iterable[tuple[int, int]]:
        upper, lower = self.levels[one], self.levels[other]
        ones = self.children[one] if upper <= lower else repeat(one)
        others = self.children[other] if lower <= upper else repeat(other)
        return zip(ones, others, strict=False)
