"""Small random rulesets with every complete answer set, and edits judged by the core alone."""

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import product
from math import prod
from random import Random

from support.oracles.enumeration import possible_outcomes
from support.rulesets.random_rulesets import own_tests, random_day, random_ruleset, values_near

from screening.core.compiled.model import compile_ruleset
from screening.core.results.assess import Assessment
from screening.core.results.findings import CriterionFinding
from screening.core.rules.condition import Test, tests_in
from screening.core.rules.finding import Answers, evaluate
from screening.core.rules.item import ItemType
from screening.core.rules.ruleset import Ruleset
from screening.core.values.answer import Answer, Value
from screening.proof.examples.cover import Cover, cover
from screening.proof.examples.edit_effects import Visibility
from screening.proof.examples.mutants import Edit

MOST_ANSWERS, MOST_EDITS, FEWEST_POINTS = 160, 200, 8
VISIBLE = (Visibility.OUTCOME, Visibility.FLAG)


def shown(result: Assessment) -> tuple[str, frozenset[str]]:
    """What can be seen of a result: its outcome, and which criteria flag."""
    outcome = result.decided.id if result.decided else "open"
    return outcome, frozenset(flag.criterion.id for flag in result.flags)


def sees(edit: Edit, ruleset: Ruleset, answers: Answers, as_of: dt.date, sight: Visibility) -> bool:
    """Whether answers show an edit at the outcome, or at the flags."""
    before = enumerated(ruleset, answers, as_of)
    after = enumerated(edit.of(ruleset), answers, as_of)
    place = 0 if sight is Visibility.OUTCOME else 1
    return before[place] != after[place]


def enumerated(ruleset: Ruleset, answers: Answers, as_of: dt.date) -> tuple[str, frozenset[str]]:
    """As ``shown``, by trying every completion: an edit may mix units, which no diagram takes."""
    findings = [
        CriterionFinding(criterion=each, finding=evaluate(each.condition, answers, as_of))
        for each in ruleset.criteria
    ]
    judged = [(each.criterion, each.finding) for each in findings]
    possible = possible_outcomes(ruleset, judged, answers, as_of)
    outcome = possible[0] if len(possible) == 1 else "open"
    return outcome, frozenset(each.criterion.id for each in findings if each.raises_flag)


@dataclass(frozen=True)
class Small:
    """A ruleset with few answer sets, and what is generated for it."""

    ruleset: Ruleset
    as_of: dt.date
    cover: Cover

    @cached_property
    def everything(self) -> list[Answers]:
        """Every complete answer set, as far as any edit could tell them apart."""
        return list(_products(self.ruleset, list(self._edited_tests()), self.as_of))

    @cached_property
    def partly(self) -> list[Answers]:
        """Every answer set, complete or not."""
        return list(_products(self.ruleset, list(self._edited_tests()), self.as_of, (None,)))

    @property
    def fit(self) -> bool:
        """Whether there is enough to be seen, in few enough answer sets."""
        points = sum(seen.visibility in VISIBLE for seen in self.cover.obligations)
        few = len(self.cover.edits) <= MOST_EDITS and bool(self.everything)
        return few and points >= FEWEST_POINTS

    def _edited_tests(self) -> Iterator[Test]:
        for seen in (*self.cover.obligations, *self.cover.edits):
            if seen.edit.after:
                yield from tests_in(seen.edit.after.condition)


def small_rulesets(rng: Random, count: int) -> list[Small]:
    found: list[Small] = []
    while len(found) < count:
        ruleset, as_of = random_ruleset(rng, 3, 4), random_day(rng)
        made = Small(ruleset, as_of, cover(compile_ruleset(ruleset), as_of, rounds=6))
        if made.fit:
            found.append(made)
    return found


def values_told_apart(
    ruleset: Ruleset, link_id: str, tests: Sequence[Test], as_of: dt.date
) -> list[Value]:
    """Answers of which every other one passes the same tests as one of them."""
    item = ruleset.items[link_id]
    if item.type is ItemType.NUMBER:
        return list(range(item.minimum, item.maximum + 1))
    own = [each for each in (*own_tests(ruleset, link_id), *tests) if each.item == link_id]
    return list(values_near(item, own, as_of))


def _products(
    ruleset: Ruleset, tests: Sequence[Test], as_of: dt.date, more: tuple[None, ...] = ()
) -> Iterator[Answers]:
    domains = {
        link_id: (*values_told_apart(ruleset, link_id, tests, as_of), *more)
        for link_id in ruleset.items
    }
    if prod(len(values) - len(more) for values in domains.values()) <= MOST_ANSWERS:
        for values in product(*domains.values()):
            pairs = zip(domains, values, strict=True)
            yield {key: Answer(value=value) for key, value in pairs if value is not None}
