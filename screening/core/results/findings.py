"""The findings of criteria, remembered by the answers that each criterion reads.

They are those of the readable evaluator. A criterion reads few items, most have few answers, and a
finding never changes: the same answers share one. Where a criterion reads a date, the finding rests
on the screening date and on the order of events, too, and is made each time.
"""

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import count
from operator import itemgetter

from screening.core.rules.condition import Within, items_in, tests_in
from screening.core.rules.consistency import pairs_of
from screening.core.rules.finding import Answers, Bounds, Finding, evaluate
from screening.core.rules.ruleset import Criterion, Ruleset
from screening.core.values.answer import Answer
from screening.core.values.truth import Truth

_MOST_RULESETS = 16
_MOST_FINDINGS = 1_000
"""Of one criterion."""
_MOST_ANSWERS = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class CriterionFinding:
    """A criterion with the finding of its condition."""

    criterion: Criterion
    finding: Finding

    @property
    def truth(self) -> Truth:
        """True if the criterion holds."""
        return self.finding.truth

    @property
    def raises_flag(self) -> bool:
        """True if it raises a flag: it holds, or it is asked for and does not."""
        return self.truth is self.criterion.tier.raises_flag_when


class Findings:
    """The findings of one ruleset.

    ``pairs`` are its neighbouring dates (``consistency.pairs_of``), ``dated`` the places of the
    criteria that read a date.
    """

    def __init__(self, ruleset: Ruleset) -> None:
        """Remember nothing yet."""
        self.pairs = pairs_of(ruleset.consistency)
        self.dated = [place for place, each in enumerate(ruleset.criteria) if _reads_a_date(each)]
        self._criteria = ruleset.criteria
        self._known = [(_picker(each), dict[object, CriterionFinding]()) for each in self._criteria]
        self._unanswered: dict[str, int] = dict.fromkeys(ruleset.items, 0)
        self._numbers: dict[object, int] = {}
        self._fresh = count(1)  # no number is given twice, however many threads ask

    def find(
        self, answers: Answers, as_of: dt.date, bounds: Mapping[str, Bounds]
    ) -> tuple[CriterionFinding, ...]:
        """The finding of each criterion; the arguments are those of ``finding.evaluate``."""
        numbers = self._unanswered | {k: self._number(each) for k, each in answers.items()}

        def make(place: int, key: object) -> CriterionFinding:
            criterion = self._criteria[place]
            finding = evaluate(criterion.condition, answers, as_of, bounds)
            made = CriterionFinding(criterion=criterion, finding=finding)
            if place not in self.dated:
                self._keep(place, key, made)
            return made

        return tuple(
            [
                known.get(key := pick(numbers)) or make(place, key)
                for place, (pick, known) in enumerate(self._known)
            ]
        )

    def _number(self, answer: Answer) -> int:
        """A number for an answer, the same for the same one; 1 and True are two answers."""
        value = answer.value
        told = answer.absent if value is None else (type(value), value)
        found = self._numbers.get(told)
        if found is None:
            if len(self._numbers) >= _MOST_ANSWERS:
                self._numbers.clear()
            found = self._numbers.setdefault(told, next(self._fresh))
        return found

    def _keep(self, place: int, key: object, finding: CriterionFinding) -> None:
        known = self._known[place][1]
        if len(known) >= _MOST_FINDINGS:
            known.clear()
        known[key] = finding


@lru_cache(maxsize=_MOST_RULESETS)
def findings_of(ruleset: Ruleset) -> Findings:
    """The remembered findings of a ruleset, for as long as it is in use."""
    return Findings(ruleset)


def _reads_a_date(criterion: Criterion) -> bool:
    return any(isinstance(test, Within) for test in tests_in(criterion.condition))


def _picker(criterion: Criterion) -> Callable[[Mapping[str, int]], object]:
    """Gives the numbers of the answers that a criterion reads."""
    items = sorted(items_in(criterion.condition))
    return itemgetter(*items) if items else lambda _: ()
