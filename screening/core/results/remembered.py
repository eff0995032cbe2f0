"""The findings of criteria, remembered by the answers that each criterion reads.

They are those of the readable evaluator. A criterion reads few items, most have few answers, and a
finding never changes: the same answers share one. Where a criterion reads a date, the finding rests
on the screening date and on the order of events, too, and is made each time.
"""

import datetime as dt
from collections.abc import Mapping
from functools import lru_cache

from screening.core.rules.condition import Within, items_in, tests_in
from screening.core.rules.finding import Answers, Bounds, Finding, evaluate
from screening.core.rules.ruleset import Criterion, Ruleset
from screening.core.values.answer import AbsentReason, Value

_MOST_RULESETS = 16
_MOST_FINDINGS = 10_000

_Told = tuple[type, Value | None, AbsentReason | None]
"""An answer, with its type: 1 and True are two answers."""


class Findings:
    """The findings of one ruleset."""

    def __init__(self, ruleset: Ruleset) -> None:
        """Remember nothing yet."""
        self._criteria = [(each, _undated_items(each)) for each in ruleset.criteria]
        self._known: dict[tuple[str, tuple[_Told | None, ...]], Finding] = {}

    def find(
        self, answers: Answers, as_of: dt.date, bounds: Mapping[str, Bounds]
    ) -> tuple[tuple[Criterion, Finding], ...]:
        """The finding of each criterion; the arguments are those of ``finding.evaluate``."""
        told: dict[str, _Told] = {
            link_id: (type(each.value), each.value, each.absent)
            for link_id, each in answers.items()
        }
        found: list[tuple[Criterion, Finding]] = []
        for criterion, items in self._criteria:
            finding = None
            key = criterion.id, tuple([told.get(link_id) for link_id in items])
            if items:
                finding = self._known.get(key)
            if finding is None:
                finding = evaluate(criterion.condition, answers, as_of, bounds)
                if items:
                    self._keep(key, finding)
            found.append((criterion, finding))
        return tuple(found)

    def _keep(self, key: tuple[str, tuple[_Told | None, ...]], finding: Finding) -> None:
        if len(self._known) >= _MOST_FINDINGS:
            self._known.clear()
        self._known[key] = finding


@lru_cache(maxsize=_MOST_RULESETS)
def findings_of(ruleset: Ruleset) -> Findings:
    """The remembered findings of a ruleset, for as long as it is in use."""
    return Findings(ruleset)


def _undated_items(criterion: Criterion) -> tuple[str, ...]:
    """The items that a criterion reads; none if a date is one of them."""
    if any(isinstance(test, Within) for test in tests_in(criterion.condition)):
        return ()
    return tuple(sorted(items_in(criterion.condition)))
