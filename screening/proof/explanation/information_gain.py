"""The information gain of an answer: what it is expected to tell about the outcome (C. Shannon)."""

import datetime as dt
from collections.abc import Sequence
from math import log2
from typing import cast

from screening.core.compiled.variable import Variable
from screening.core.rules.item import ItemType
from screening.proof.explanation.restriction import Restriction

_NOTHING = 1e-12
_ANY_DAY = dt.date(2000, 6, 15)


class Spread:
    """The distribution of the outcome below each node, with all answers independent.

    Shares are of the outcomes that are left, in the order of priority. They are always summed in
    the order of one walk down from the root: rounding decides between questions that tell the same,
    and must decide as it did for each recorded result.
    """

    def __init__(self, outcome: Restriction, weights: Sequence[Sequence[float]]) -> None:
        """Take the outcome as far as it is open, and the share of each cell; time O(size)."""
        self._outcome, self._weights = outcome, weights
        constants = outcome.constants
        self._nothing = [0.0] * len(constants)
        self._below = [self._nothing] * len(outcome.values)
        for place, constant in enumerate(constants):
            self._below[constant] = [float(each == place) for each in range(len(constants))]
        for node in range(len(outcome.values), len(outcome.levels)):
            self._below.append(self._spread(outcome.children[node], weights[outcome.levels[node]]))
        self._total = self._below[outcome.root]
        self._uncertain = _entropy(self._total)
        self._nodes = self._walk()
        self._reach = self._reached()

    def gain(self, level: int) -> float:
        """The expected loss of uncertainty about the outcome once the level is known."""
        below, weights = self._below, self._weights[level]
        nodes = [(self._outcome.children[n], self._reach[n], below[n]) for n in self._nodes[level]]
        through = self._nothing
        for _, reach, shares in nodes:
            through = [a + reach * b for a, b in zip(through, shares, strict=True)]
        beside = [a - b for a, b in zip(self._total, through, strict=True)]
        expected = 0.0
        for branch, weight in enumerate(weights):
            after = beside
            for children, reach, _ in nodes:
                shares = below[children[branch]]
                after = [a + reach * b for a, b in zip(after, shares, strict=True)]
            expected += weight * _entropy(after)
        return self._uncertain - expected

    def _spread(self, children: Sequence[int], weights: Sequence[float]) -> list[float]:
        below = self._below
        if len(children) == 2:  # noqa: PLR2004 - most questions are answered with yes or no
            (one, other), (most, rest) = children, weights
            return [most * a + rest * b for a, b in zip(below[one], below[other], strict=True)]
        found = self._nothing
        for child, weight in zip(children, weights, strict=True):
            found = [a + weight * b for a, b in zip(found, below[child], strict=True)]
        return found

    def _walk(self) -> dict[int, list[int]]:
        """The nodes of each level, in the order in which a walk from the root leaves them."""
        outcome, nodes = self._outcome, dict[int, list[int]]()
        seen = {*range(len(outcome.values))}

        def visit(node: int) -> None:
            seen.add(node)
            for child in outcome.children[node]:
                if child not in seen:
                    visit(child)
            nodes.setdefault(outcome.levels[node], []).append(node)

        if outcome.root not in seen:
            visit(outcome.root)
        return nodes

    def _reached(self) -> list[float]:
        """The share of all answers that lead to each node."""
        reach = [0.0] * len(self._below)
        reach[self._outcome.root] = 1.0
        for level in sorted(self._nodes):
            weights = self._weights[level]
            for node in self._nodes[level]:
                here = reach[node]
                for child, weight in zip(self._outcome.children[node], weights, strict=True):
                    reach[child] += weight * here
        return reach


def weights_of(variable: Variable) -> list[float]:
    """The share of an item's answers in each cell; sets of codes and days count by cell."""
    counts = [1.0] * len(variable.cells)
    values = variable.values(_ANY_DAY)
    if variable.item.type is ItemType.CHOICE:
        counts = [float(len(values[cell])) for cell in range(len(counts))]
    if variable.item.type is ItemType.NUMBER:
        starts = sorted((cast("int", v), cell) for cell, listed in values.items() for v in listed)
        ends = [*(start for start, _ in starts[1:]), variable.item.maximum + 1]
        for (start, cell), end in zip(starts, ends, strict=True):
            counts[cell] = float(end - start)
    return [count / sum(counts) for count in counts]


def _entropy(shares: Sequence[float]) -> float:
    """The uncertainty of what is somewhere, weighted by how much that is."""
    some = -sum([share * log2(share) for share in shares if share > _NOTHING])
    total = sum(shares)
    return some + total * log2(total) if _NOTHING < total < 1 - _NOTHING else some
