"""The missing answers that can change flags: cautions, and what to prepare."""

from collections.abc import Sequence

from screening.core.compiled.model import Model
from screening.core.rules.ruleset import Criterion, Tier
from screening.proof.explanation.restriction import Function, Restriction

FLAG_TIERS = (Tier.CAUTION, Tier.INFO)
_MOST_KEPT = 10_000


class FlagLevels:
    """For each criterion that only adds a flag, the levels that tell its truths apart.

    A criterion reads few items: what was found for their answers is kept.
    """

    def __init__(self, model: Model) -> None:
        """Take the compiled ruleset."""
        self._model = model
        flags = [each for each in model.ruleset.criteria if each.tier in FLAG_TIERS]
        self._functions = {each.id: self._function(each) for each in flags}
        self._supports = {
            criterion: sorted(set(function.levels) - {function.bottom})
            for criterion, function in self._functions.items()
        }
        self._found: dict[tuple[str, tuple[int, ...]], frozenset[int]] = {}

    def at(self, branches: Sequence[int]) -> dict[int, list[str]]:
        """Level to the criteria of which it can change the flag.

        Args:
            branches: of answers that leave an outcome possible.
        """
        flags: dict[int, list[str]] = {}
        for criterion, support in self._supports.items():
            key = criterion, tuple([branches[level] for level in support])
            found = self._found.get(key)
            if found is None:
                found = self._telling(criterion, branches)
                if len(self._found) >= _MOST_KEPT:
                    self._found.clear()
                self._found[key] = found
            for level in found:
                flags.setdefault(level, []).append(criterion)
        return flags

    def _telling(self, criterion: str, branches: Sequence[int]) -> frozenset[int]:
        function = self._functions[criterion]
        pairs = zip(self._model.variables, branches, strict=True)
        return Restriction(function, [v.cells_of(branch) for v, branch in pairs]).telling

    def _function(self, criterion: Criterion) -> Function:
        """The truth of a criterion, masked only if it reads a date that has its place in an order.

        Another one is not told by such dates: some days of theirs are in order with what is known.
        """
        model, exact = self._model, self._model.exact[criterion.id]
        dates = {model.levels[link_id] for pair in model.pairs for link_id in pair}
        if dates & model.complete.support(exact):
            exact = model.mask(exact)
        return Function(model.complete, exact)
