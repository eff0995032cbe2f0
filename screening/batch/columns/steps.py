"""The steps of a program over columns."""

from collections.abc import Sequence
from typing import assert_never

import numpy as np
from numpy.typing import NDArray

from screening.batch.columns.table import Branches, look_up
from screening.core.compiled.program import (
    FALSE,
    OPPOSITE,
    TRUE,
    UNKNOWN,
    GatherStep,
    NotStep,
    Program,
    RecentStep,
    TestStep,
)

Marks = NDArray[np.bool_]
Ordinals = NDArray[np.int32]


class Steps:
    """The truths of a program's steps for the ``rows`` of one block.

    ``heads`` has for each input the branch of each row; ``firsts`` and ``lasts`` the days of each
    date of the program; ``cuts`` the cut-offs of each row, all as ordinals.
    """

    def __init__(  # noqa: PLR0913 - each kind of column by name
        self,
        program: Program,
        *,
        rows: int,
        heads: Sequence[Branches],
        firsts: Sequence[Ordinals],
        lasts: Sequence[Ordinals],
        cuts: Sequence[Ordinals],
    ) -> None:
        """Take the columns that the steps read."""
        self._program, self.rows = program, rows
        self.heads, self.firsts, self.lasts, self.cuts = heads, firsts, lasts, cuts
        self._truths: dict[int, Branches] = {}
        self._unknown: dict[int, Marks] = {}

    def truth(self, place: int) -> Branches:
        """The truth of a step in each row; each step is evaluated once."""
        found = self._truths.get(place)
        if found is None:
            found = self._truths[place] = self._evaluate(place)
        return found

    def unknown(self, place: int) -> Marks:
        """The rows in which the truth of a step is unknown."""
        found = self._unknown.get(place)
        if found is None:
            found = self._unknown[place] = self.truth(place) == UNKNOWN
        return found

    def _evaluate(self, place: int) -> Branches:
        step = self._program.steps[place]
        match step:
            case TestStep(at=at, truths=truths):
                return look_up(truths, self.heads[at])
            case RecentStep(days=days, cut=cut):
                sure = self.firsts[days] > self.cuts[cut]
                never = self.lasts[days] <= self.cuts[cut]
                # Where a first day is after the cut-off, it does not matter where the last one is.
                return sure * np.uint8(TRUE - UNKNOWN) + (sure | ~never)
            case NotStep(part=part):
                return look_up(OPPOSITE, self.truth(part))
            case GatherStep(count=count, parts=parts):
                return self._gather(count, parts)
            case _:
                assert_never(step)

    def _gather(self, count: int, parts: Sequence[int]) -> Branches:
        if count <= 0 or count > len(parts):
            return np.full(self.rows, TRUE if count <= 0 else FALSE, dtype=np.uint8)
        truths = [self.truth(part) for part in parts]
        if count in (1, len(parts)):
            join = np.bitwise_or if count == 1 else np.bitwise_and
            found = truths[0]
            for each in truths[1:]:
                found = join(found, each)
            return found
        sure = np.add.reduce([each == TRUE for each in truths], dtype=np.uint16)
        open_ = np.add.reduce([each != FALSE for each in truths], dtype=np.uint16)
        return np.where(sure >= count, TRUE, np.where(open_ >= count, UNKNOWN, FALSE)).astype(
            np.uint8
        )
