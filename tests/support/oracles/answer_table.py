"""Brute force: every complete answer set of a small ruleset, judged without the core.

Slow and plain, with the reference's own meaning of conditions. Gates stand in the conditions, so
that no gate is passed on to the reference.
"""

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations, product
from math import log2, prod

from support.oracles import reference
from support.rulesets.builders import ASKED_FOR, UNMET
from support.rulesets.random_rulesets import own_tests

from screening.core.rules.condition import Within, items_in
from screening.core.rules.finding import evaluate
from screening.core.rules.item import ItemType
from screening.core.rules.ruleset import Ruleset, Tier, Trigger
from screening.core.values.answer import Answer, Value
from screening.core.values.truth import Truth

Known = Mapping[str, Value]
MOST_ROWS = 400
_FLAG_TIERS = (Tier.CAUTION, Tier.INFO)
_CLOSE = 1e-9


@dataclass(frozen=True)
class Row:
    """One complete answer set, with the place of its outcome and the truth of each criterion."""

    values: Known
    place: int
    truths: Mapping[str, bool]

    def fits(self, known: Known) -> bool:
        return all(self.values[link_id] == value for link_id, value in known.items())


class Table:
    """All complete answer sets on one day, of numbers every one, of days those near a boundary."""

    def __init__(self, rules: Ruleset, as_of: dt.date) -> None:
        self.rules, self.as_of = rules, as_of
        self.domains = {link_id: self._domain(link_id) for link_id in rules.items}
        self.too_big = prod(map(len, self.domains.values())) > MOST_ROWS
        self.rows = [] if self.too_big else [self._row(values) for values in self._complete()]
        self._conditions = {each.id: each.condition for each in rules.criteria}

    def _complete(self) -> Iterator[Known]:
        for values in product(*self.domains.values()):
            yield dict(zip(self.domains, values, strict=True))

    def _domain(self, link_id: str) -> list[Value]:
        tests = own_tests(self.rules, link_id)
        lengths = {(each.length, each.unit) for each in tests if isinstance(each, Within)}
        return reference.domain(self.rules.items[link_id], lengths, self.as_of)

    def _row(self, values: Known) -> Row:
        truths = {
            each.id: reference.holds(each.condition, values, {}, self.as_of)
            for each in self.rules.criteria
        }
        authored = {each.id: each.condition for each in self.rules.criteria}
        outcome = reference.outcome(self.rules, authored, values, {}, self.as_of)
        return Row(values, [each.id for each in self.rules.outcomes].index(outcome), truths)

    def fitting(self, known: Known) -> list[Row]:
        return [row for row in self.rows if row.fits(known)]

    def possible(self, known: Known) -> frozenset[int]:
        return frozenset(row.place for row in self.fitting(known))

    def triggered(self, place: int, known: Known) -> bool:
        """Whether the trigger of an outcome holds, whatever the other answers."""
        return all(self._fires(place, row) for row in self.fitting(known))

    def _fires(self, place: int, row: Row) -> bool:
        outcome = self.rules.outcomes[place]
        if outcome.trigger is Trigger.OTHERWISE:
            return row.place == place
        tier = UNMET.get(outcome.trigger, outcome.tier)
        own = [row.truths[each.id] for each in self.rules.criteria if each.tier is tier]
        return not all(own) if tier in ASKED_FOR else any(own)

    def fewest_that(self, known: Known, suffices: Callable[[Known], bool]) -> int:
        """The size of the smallest part of what is known that suffices."""
        for size in range(len(known) + 1):
            for kept in combinations(known, size):
                if suffices({link_id: known[link_id] for link_id in kept}):
                    return size
        raise AssertionError(known)

    def fewest_changes(self, known: Known) -> dict[int, int]:
        """Place of each reachable outcome to how many known answers must differ."""
        costs: dict[int, int] = {}
        for row in self.rows:
            cost = sum(row.values[link_id] != value for link_id, value in known.items())
            costs[row.place] = min(cost, costs.get(row.place, cost))
        return costs

    def matters(self, known: Known) -> dict[str, tuple[bool, frozenset[str]]]:
        """Item to whether it can change the outcome, and which flags; others are left out.

        Two answers to an item with the same answers to all others must come out differently. Flags
        count while a favourable outcome is possible.
        """
        rows = self.fitting(known)
        ids = [each.id for each in self.rules.outcomes]
        calm = any(ids[row.place] in self.rules.favourable for row in rows)
        flags = [each.id for each in self.rules.criteria if calm and each.tier in _FLAG_TIERS]
        found: dict[str, tuple[bool, frozenset[str]]] = {}
        for link_id in self.rules.items:
            families = self.families(rows, link_id)
            outcome = any(len({row.place for row in family}) > 1 for family in families)
            moved = frozenset(
                each
                for each in flags
                if any(len({r.truths[each] for r in f}) > 1 for f in families)
            )
            if link_id not in known and (outcome or moved):
                found[link_id] = outcome, moved
        return found

    def families(self, rows: Iterable[Row], link_id: str) -> list[list[Row]]:
        """Rows that differ in one item alone."""
        found: dict[tuple[Value, ...], list[Row]] = {}
        for row in rows:
            others = tuple(value for key, value in row.values.items() if key != link_id)
            found.setdefault(others, []).append(row)
        return list(found.values())

    def best_next(self, known: Known, askable: frozenset[str]) -> frozenset[str]:
        """The askable items that may be next: several only where they tell the same."""
        matters = {key: each for key, each in self.matters(known).items() if key in askable}
        told = [link_id for link_id, (outcome, _) in matters.items() if outcome]
        for tier in (Tier.EMERGENCY, Tier.URGENT):
            conditions = [each.condition for each in self.rules.criteria if each.tier is tier]
            grave = frozenset[str]().union(*map(items_in, conditions))
            for link_id in told:
                if link_id in grave:
                    return frozenset({link_id})
        if not told:
            return frozenset(list(matters)[:1])
        gains = {link_id: self._gain(known, link_id) for link_id in told}
        return frozenset(each for each in told if gains[each] > max(gains.values()) - _CLOSE)

    def _called_for(self, link_id: str, known: Known) -> bool:
        gate = self.rules.items[link_id].ask_if
        if gate is None:
            return True
        answers = {key: Answer(value=value) for key, value in known.items()}
        return evaluate(gate, answers, self.as_of).truth is Truth.TRUE

    def _gain(self, known: Known, link_id: str) -> float:
        """The information that an item gives, every answer to every cell weighted as documented."""
        weights = {each: self._weights(each) for each in self.rules.items if each not in known}
        joint: dict[tuple[object, int], float] = {}
        for row in self.fitting(known):
            share = prod(weights[each][row.values[each]] for each in weights)
            key = self._passed(link_id, row.values[link_id]), row.place
            joint[key] = joint.get(key, 0.0) + share
        cells = {cell: 0.0 for cell, _ in joint}
        places = {place: 0.0 for _, place in joint}
        for (cell, place), share in joint.items():
            cells[cell] += share
            places[place] += share
        return _entropy(cells.values()) + _entropy(places.values()) - _entropy(joint.values())

    def _weights(self, link_id: str) -> dict[Value, float]:
        """Each number, code, yes and no counts the same; of sets and days each cell does."""
        domain = self.domains[link_id]
        cells = [self._passed(link_id, value) for value in domain]
        if self.rules.items[link_id].type in (ItemType.DATE, ItemType.CHOICES, ItemType.YES_NO):
            sizes = [1 / cells.count(cell) / len(set(cells)) for cell in cells]
            return dict(zip(domain, sizes, strict=True))
        return dict.fromkeys(domain, 1 / len(domain))

    def _passed(self, link_id: str, value: Value) -> tuple[bool, ...]:
        tests = own_tests(self.rules, link_id)
        return tuple(reference.passes(test, value, self.as_of) for test in tests)


def known_values(answers: Mapping[str, Answer]) -> dict[str, Value]:
    return {link_id: each.value for link_id, each in answers.items() if each.value is not None}


def _entropy(shares: Iterable[float]) -> float:
    return -sum(share * log2(share) for share in shares if share > 0)
