"""A compiled ruleset as the proofs look at it."""

import datetime as dt
from dataclasses import dataclass, field

from screening.core.compiled.model import Model
from screening.core.rules.condition import Condition
from screening.core.rules.ruleset import Criterion
from screening.core.values.answer import Answer


@dataclass(slots=True)
class ProofContext:
    """A compiled ruleset with what several proofs need of it.

    ``as_of`` is the screening date of the patients that show weaknesses. ``narrowed`` tells, over
    partial answers, where they are such as the order of events leaves them. ``exact`` are the
    criteria over complete answers that keep to that order.
    """

    model: Model
    as_of: dt.date
    narrowed: int = field(init=False)
    exact: dict[str, int] = field(init=False)
    _asking: dict[int, list[int]] = field(init=False)

    def __post_init__(self) -> None:
        """Prepare the functions."""
        self.narrowed = self.model.narrowed()
        self.exact = {each: self.model.mask(f) for each, f in self.model.exact.items()}
        self._asking = {}
        for node in self.model.complete.reach(self.model.outcome):
            self._asking.setdefault(self.model.complete.level(node), []).append(node)

    @property
    def criteria(self) -> tuple[Criterion, ...]:
        """The criteria of the ruleset."""
        return self.model.ruleset.criteria

    def asking(self, level: int) -> list[int]:
        """The nodes at which the outcome, over complete answers, depends on one variable."""
        return self._asking.get(level, [])

    def mask(self, condition: Condition) -> int:
        """A condition over complete answers that keep to the order of events."""
        return self.model.mask(self.model.criterion_in(self.model.complete, condition))

    def patient(self, bad: int) -> dict[str, Answer] | None:
        """The fewest answers for which a function over partial answers is True."""
        partial = self.model.partial
        if True not in partial.values(bad):
            return None
        costs = [
            [float(branch != variable.unknown) for branch in range(variable.width)]
            for variable in self.model.variables
        ]
        kept = partial.apply(both_true, bad, self.narrowed)
        found = partial.cheapest(kept, costs, _is_true)
        return self.model.answers_at(found[1], self.as_of) if found else None


def both_true(one: object, other: object) -> bool:
    """True if two values of functions are True."""
    return one is True and other is True


def _is_true(value: object) -> bool:
    return value is True
