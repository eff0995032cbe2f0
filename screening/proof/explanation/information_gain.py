"""The information gain of an answer: what it is expected to tell about the outcome (C. Shannon)."""

import datetime as dt
from collections.abc import Sequence
from math import log2
from typing import cast

from screening.core.compiled.diagram import Diagram
from screening.core.compiled.model import Model
from screening.core.compiled.variable import Variable
from screening.core.rules.item import ItemType

_NOTHING = 1e-12
_ANY_DAY = dt.date(2000, 6, 15)


class Spread:
    """The distribution of the outcome below each node, with all answers independent."""

    def __init__(self, model: Model, diagram: Diagram, root: int) -> None:
        """Take the compiled ruleset, and the function of the outcome in a store; time O(size)."""
        self._diagram, self._places = diagram, len(model.decision_list)
        self._weights = [_weights(variable) for variable in model.variables]
        self._below: dict[int, list[float]] = {}
        self._total = self._spread(root)
        self._reach: dict[int, float] = {root: 1.0}
        self._nodes: dict[int, list[int]] = {}
        for node in sorted(self._below, key=self._diagram.level):
            self._pass_on(node)

    def gain(self, level: int) -> float:
        """The expected loss of uncertainty about the outcome once the level is known."""
        through = [0.0] * self._places
        for node in self._nodes[level]:
            _add(through, self._below[node], self._reach[node])
        beside = [total - part for total, part in zip(self._total, through, strict=True)]
        expected = 0.0
        for branch, weight in enumerate(self._weights[level]):
            after = list(beside)
            for node in self._nodes[level]:
                child = self._diagram.children(node)[branch]
                _add(after, self._below[child], self._reach[node])
            expected += weight * _entropy(after)
        return _entropy(self._total) - expected

    def _spread(self, node: int) -> list[float]:
        if node not in self._below:
            found = [0.0] * self._places
            if self._diagram.level(node) == self._diagram.bottom:
                if (place := cast("int | None", self._diagram.value(node))) is not None:
                    found[place] = 1.0
            else:
                weights = self._weights[self._diagram.level(node)]
                for child, weight in zip(self._diagram.children(node), weights, strict=True):
                    _add(found, self._spread(child), weight)
            self._below[node] = found
        return self._below[node]

    def _pass_on(self, node: int) -> None:
        level = self._diagram.level(node)
        if level == self._diagram.bottom:
            return
        self._nodes.setdefault(level, []).append(node)
        for child, weight in zip(self._diagram.children(node), self._weights[level], strict=True):
            self._reach[child] = self._reach.get(child, 0.0) + weight * self._reach[node]


def _weights(variable: Variable) -> list[float]:
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


def _add(sums: list[float], shares: Sequence[float], weight: float) -> None:
    for place, share in enumerate(shares):
        sums[place] += weight * share


def _entropy(shares: Sequence[float]) -> float:
    """The uncertainty of what is somewhere, weighted by how much that is."""
    some = -sum(share * log2(share) for share in shares if share > _NOTHING)
    total = sum(shares)
    return some + total * log2(total) if _NOTHING < total < 1 - _NOTHING else some
