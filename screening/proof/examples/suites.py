"""Small test suites: few points that meet many goals, and a proof of how few there can be.

A goal is a function over complete answers that is ``Truth.TRUE`` where a test would meet it. Goals
that some point meets together are merged into one test. Goals of which no point meets two need a
test each: a set of them is a lower bound on the size of every suite (M. R. Garey and D. S. Johnson,
Computers and Intractability, 1979: cliques against clique covers).
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

from screening.core.compiled.diagram import Diagram
from screening.core.values.truth import Truth

ROUNDS = 24


@dataclass(frozen=True, slots=True, kw_only=True)
class Suite:
    """Tests, each the function of the points that would do.

    The first ``needed`` tests meet every goal of the first kind; all of them meet every goal.
    ``certificate`` and ``whole_certificate`` are goals of which no point meets two: among those of
    the first kind, and among all.
    """

    tests: tuple[int, ...]
    needed: int
    certificate: tuple[int, ...]
    whole_certificate: tuple[int, ...]


def smallest_suite(
    diagram: Diagram, first: Sequence[int], then: Sequence[int], rounds: int = ROUNDS
) -> Suite:
    """A small suite for two kinds of goals, the first kind met as early as possible.

    Greedy, with restarts, and the same every time. Time O(goals² · size²) for the pairs, and
    O(rounds · tests · goals · size²) for merging.

    Args:
        diagram: the store of the goals.
        first: goals that the first tests must meet; each can be met.
        then: goals that the other tests must meet, where the first do not; each can be met.
        rounds: how many restarts to make.
    """
    pairs = _Pairs(diagram)
    early = pairs.narrowest(first)
    late = [each for each in pairs.narrowest(then) if not pairs.follows(early, each)]
    search = _Search(diagram, pairs, early, late)
    found = [search.suite(_Dice(number)) for number in range(rounds)]
    tests, needed = min(found, key=lambda each: (each[1], len(each[0])))
    return Suite(
        tests=tuple(tests),
        needed=needed,
        certificate=search.apart(len(early), rounds),
        whole_certificate=search.apart(len(early) + len(late), rounds),
    )


class _Pairs:
    """Tells whether two goals meet, and which imply which; what is found is kept."""

    def __init__(self, diagram: Diagram) -> None:
        self._diagram = diagram
        self._shares: dict[int, float] = {}
        self._found: dict[Truth, dict[tuple[int, int], bool]] = {each: {} for each in _OPPOSITE}
        self._constants = {each: diagram.constant(each) for each in (Truth.TRUE, Truth.FALSE)}

    def overlap(self, one: int, other: int, wanted: Truth = Truth.TRUE) -> bool:
        """True if one goal is met at some point where the other has the wanted value."""
        if one == self._constants[Truth.FALSE] or other == self._constants[_OPPOSITE[wanted]]:
            return False
        if one == self._constants[Truth.TRUE] or other == self._constants[wanted]:
            return True  # what is not constant takes either value
        found, key = self._found[wanted], (one, other)
        if key not in found:
            level = min(self._diagram.level(one), self._diagram.level(other))
            below = zip(self._below(one, level), self._below(other, level), strict=True)
            found[key] = any(self.overlap(a, b, wanted) for a, b in below)
        return found[key]

    def follows(self, goals: Iterable[int], wide: int) -> bool:
        """True if some goal is met only where a wide one is."""
        return any(not self.overlap(goal, wide, Truth.FALSE) for goal in goals)

    def narrowest(self, goals: Iterable[int]) -> list[int]:
        """The goals that meeting the others does not meet anyhow, the rarest first."""
        kept: list[int] = []
        for goal in sorted(dict.fromkeys(goals), key=self.share):
            if not self.follows(kept, goal):
                kept.append(goal)
        return kept

    def share(self, function: int) -> float:
        """The share of the points that meet a goal, all cells being equally likely."""
        if function not in self._shares:
            below = self._diagram.children(function)
            share = float(function == self._constants[Truth.TRUE])
            if below:
                share = sum(map(self.share, below)) / len(below)
            self._shares[function] = share
        return self._shares[function]

    def _below(self, function: int, level: int) -> Sequence[int]:
        if self._diagram.level(function) == level:
            return self._diagram.children(function)
        return (function,) * self._diagram.arities[level]


_OPPOSITE = {Truth.TRUE: Truth.FALSE, Truth.FALSE: Truth.TRUE}


class _Search:
    """Looks for few tests that meet all goals, and for many goals that no two of a test meet."""

    def __init__(
        self, diagram: Diagram, pairs: _Pairs, early: Sequence[int], late: Sequence[int]
    ) -> None:
        self._diagram, self._goals, self._early = diagram, [*early, *late], len(early)
        self._shares = [pairs.share(goal) for goal in self._goals]
        self._none = diagram.constant(Truth.FALSE)
        self._clashes = [0] * len(self._goals)  # bit sets
        for one, other in combinations(range(len(self._goals)), 2):
            if not pairs.overlap(self._goals[one], self._goals[other]):
                self._clashes[one] |= 1 << other
                self._clashes[other] |= 1 << one

    def suite(self, dice: "_Dice") -> tuple[list[int], int]:
        """The tests of one round, and how many of them meet the early goals."""
        left = sorted(range(len(self._goals)), key=self._rank(dice))
        tests: list[int] = []
        needed = 0
        while left:
            needed += left[0] < self._early
            test, left = self._merge(left)
            tests.append(test)
        return tests, needed

    def apart(self, count: int, rounds: int) -> tuple[int, ...]:
        """Many of the first goals, so many of them, of which no point meets two."""
        found = [self._clique((1 << count) - 1, _Dice(number)) for number in range(rounds)]
        return tuple(self._goals[each] for each in max(found, key=len))

    def _rank(self, dice: "_Dice") -> Callable[[int], tuple[bool, float]]:
        """Early goals come first, then rare ones, with some chance after the first round."""
        return lambda goal: (goal >= self._early, self._shares[goal] * dice.throw())

    def _merge(self, left: Sequence[int]) -> tuple[int, list[int]]:
        """One test for the first goal left and all that go with it, and the goals then left."""
        test, members = self._goals[left[0]], 1 << left[0]
        others: list[int] = []
        for goal in left[1:]:
            both = self._none
            if not self._clashes[goal] & members:
                both = self._diagram.apply(_both, test, self._goals[goal])
            if both == self._none:
                others.append(goal)
            else:
                test, members = both, members | 1 << goal
        return test, others

    def _clique(self, candidates: int, dice: "_Dice") -> list[int]:
        chosen: list[int] = []
        while candidates:
            ranked = [
                ((self._clashes[each] & candidates).bit_count() * dice.throw(), each)
                for each in _bits(candidates)
            ]
            chosen.append(max(ranked)[1])
            candidates &= self._clashes[chosen[-1]]
        return chosen


class _Dice:
    """Factors by chance between a third and one; the same for the same number, and 1 for none.

    Source: S. K. Park and K. W. Miller, Random Number Generators: Good Ones Are Hard to Find, 1988.
    """

    def __init__(self, number: int) -> None:
        self._fair, self._state = number == 0, 1 + number * 7919

    def throw(self) -> float:
        if self._fair:
            return 1.0
        self._state = self._state * 48271 % _PRIME
        return 1 / 3 + 2 / 3 * self._state / _PRIME


_PRIME = 2**31 - 1


def _bits(bits: int) -> Iterator[int]:
    while bits:
        lowest = bits & -bits
        yield lowest.bit_length() - 1
        bits ^= lowest


def _both(one: Truth, other: Truth) -> Truth:
    return one & other
