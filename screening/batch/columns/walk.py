"""The outcomes that answers leave open: the diagram of a model as one table for each level."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import cast

import numpy as np
from numpy.typing import NDArray

from screening.batch.columns.table import Branches
from screening.core.compiled.diagram import BudgetError
from screening.core.compiled.model import Model, Possible

MOST_ENTRIES = 20_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Level:
    """One variable of the model: ``table[state * arity + branch]`` is the state after it."""

    arity: int
    table: NDArray[np.uint32]


@dataclass(frozen=True, slots=True, kw_only=True)
class Walk:
    """The levels at which states are told apart, by place of the variable.

    ``possible`` has for each last state the places of the outcomes that are left.
    """

    levels: dict[int, Level]
    possible: tuple[Possible, ...]

    def run(self, branches: Callable[[int], Branches], rows: int) -> NDArray[np.uint32]:
        """The last state of each row.

        Args:
            branches: gives the branch of each row for a variable of the model.
            rows: their number.
        """
        state = np.zeros(rows, dtype=np.uint32)
        for place, level in self.levels.items():
            state = level.table.take(state * np.uint32(level.arity) + branches(place))
        return state


def walk_of(model: Model) -> Walk:
    """The diagram of the possible outcomes as tables; size O(levels · widest level).

    Raises:
        BudgetError: if the tables would have more than ``MOST_ENTRIES`` entries.
    """
    diagram, live = model.partial, [model.possible]
    levels: dict[int, Level] = {}
    entries = 0
    for place, arity in enumerate(diagram.arities):
        if not any(diagram.level(node) == place for node in live):
            continue
        entries += arity * len(live)
        if entries > MOST_ENTRIES:
            raise BudgetError(MOST_ENTRIES)
        states: dict[int, int] = {}
        table = [
            states.setdefault(child, len(states))
            for node in live
            for child in (
                diagram.children(node) if diagram.level(node) == place else (node,) * arity
            )
        ]
        levels[place] = Level(arity=arity, table=np.array(table, dtype=np.uint32))
        live = list(states)
    return Walk(
        levels=levels, possible=tuple(cast("Possible", diagram.value(node)) for node in live)
    )
