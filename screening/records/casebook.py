"""The written cases of a ruleset, run and counted."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from screening.core.assess import assess
from screening.core.ruleset import Ruleset
from screening.core.truth import Truth
from screening.formats.casefile import check_example
from screening.records.rulefiles import load_examples


@dataclass(frozen=True, slots=True, kw_only=True)
class Casebook:
    """What the written cases show.

    ``truths`` counts, for each criterion, the cases that give it each truth; ``outcomes`` counts
    those that lead to each outcome, the open one included. ``agreeing`` are the cases whose result
    is what their author expects.
    """

    written: int
    agreeing: int
    truths: Mapping[str, Mapping[Truth, int]]
    outcomes: Mapping[str, int]

    @property
    def covered(self) -> int:
        """The criteria that some case makes true, another false, and another leaves open."""
        return sum(all(counts[truth] for truth in Truth) for counts in self.truths.values())


def read_casebook(ruleset: Ruleset, folder: Path | None = None) -> Casebook:
    """Run the written cases of a ruleset; time O(cases · size of the rules).

    Args:
        ruleset: one with outcomes.
        folder: where its rule file lies; that of the shipped rules if none is named.

    Raises:
        DocumentError: if the case file has problems.
    """
    examples = load_examples(ruleset, folder)
    results = [assess(ruleset, each.answers, each.as_of) for each in examples]
    truths = {each.id: Counter[Truth]() for each in ruleset.criteria}
    for found in (found for result in results for found in result.findings):
        truths[found.criterion.id][found.truth] += 1
    return Casebook(
        written=len(examples),
        agreeing=sum(not check_example(each, ruleset) for each in examples),
        truths=truths,
        outcomes=Counter(result.outcome.id for result in results if result.outcome),
    )
