"""A second prover, z3, that reads the same rulesets and shares no code with the first.

An answer is a number, or a truth for each code; a partial answer has a "known" beside it. A
condition is two truths: whether it surely holds and whether it surely fails. `make agree` runs this
file on the shipped and on 200 random rulesets.
"""

import argparse
import datetime as dt
import time
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import combinations, permutations, product
from random import Random
from typing import Any

import z3
from support.oracles import reference
from support.oracles.agreement import shipped_rulesets
from support.rulesets.builders import ASKED_FOR, UNMET
from support.rulesets.random_rulesets import own_tests, random_day, random_ruleset

from screening.core.compiled.model import compile_ruleset
from screening.core.rules.condition import (
    AtLeast,
    Comparison,
    Condition,
    Not,
    OneOf,
    Test,
    Within,
    items_in,
)
from screening.core.rules.item import Item, ItemType
from screening.core.rules.ruleset import Criterion, Outcome, Ruleset, Tier
from screening.proof.checks.edits import edits
from screening.proof.checks.prove import prove

Formula = Any
"""z3 ships no types."""

CODES = (
    "unsafe-outcome",
    "broken-limit",
    "hidden-sign",
    "worse-is-better",
    "not-monotone",
    "not-exact",
    "unreachable",
    "stuck-criterion",
    "idle-item",
    "same-criterion",
    "dead-branch",
)
GRAVE = (Tier.EMERGENCY, Tier.URGENT, Tier.EXCLUSION, *ASKED_FOR)
LONG_AGO = 4_000
Verdict = Counter[tuple[str, str]]


class Person:
    """One unknown set of answers as z3 variables; complete ones know everything."""

    def __init__(self, name: str, rules: Ruleset, as_of: dt.date, *, complete: bool) -> None:
        self._rules, self._as_of = rules, as_of
        read = frozenset[str]().union(*(items_in(each.condition) for each in rules.criteria))
        self.items = [each for each in rules.items.values() if each.link_id in read]
        self.known = {
            each.link_id: True if complete else z3.Bool(f"{name}.{each.link_id}.known")
            for each in self.items
        }
        self.value = {
            each.link_id: _variables(f"{name}.{each.link_id}", each) for each in self.items
        }
        self.domain = z3.And(True, *(self._domain(each) for each in self.items))  # noqa: FBT003 - z3's

    def _domain(self, item: Item) -> Formula:
        listed = list(self.value[item.link_id].values())
        if item.type is ItemType.CHOICES:
            return z3.Or(*listed)
        if item.type in (ItemType.CHOICE, ItemType.YES_NO):
            return z3.PbEq([(each, 1) for each in listed], 1)
        low, high = item.minimum, item.maximum
        if item.type is ItemType.DATE:
            low, high = self._as_of.toordinal() - LONG_AGO, self._as_of.toordinal()
        return z3.And(listed[0] >= low, listed[0] <= high)

    def rails(self, condition: Condition) -> tuple[Formula, Formula]:
        """Whether a condition surely holds, and whether it surely fails."""
        if isinstance(condition, Not):
            holds, fails = self.rails(condition.part)
            return fails, holds
        if isinstance(condition, AtLeast):
            rails = [self.rails(part) for part in condition.parts]
            too_many = len(rails) - condition.count + 1
            return _count([h for h, _ in rails], condition.count), _count(
                [f for _, f in rails], too_many
            )
        known, passed = self.known[condition.item], self.passes(condition)
        return z3.And(known, passed), z3.And(known, z3.Not(passed))

    def passes(self, test: Test) -> Formula:
        listed = self.value[test.item]
        if isinstance(test, OneOf):
            return z3.Or(False, *(listed[_code(value)] for value in test.values))  # noqa: FBT003 - z3's
        if isinstance(test, Within):
            return listed[""] >= _first_day_within(test, self._as_of).toordinal()
        if test.comparison is Comparison.AT_LEAST:
            return listed[""] >= test.bound
        return listed[""] <= test.bound

    def places(self) -> list[Formula]:
        """For each outcome whether complete answers have it: the first that fires, or the last."""
        fired = [self._fired(each) for each in self._rules.outcomes[:-1]]
        first = [z3.And(f, *map(z3.Not, fired[:i])) for i, f in enumerate(fired)]
        return [*first, z3.Not(z3.Or(False, *fired))]  # noqa: FBT003 - z3's

    def _fired(self, outcome: Outcome) -> Formula:
        tier = UNMET.get(outcome.trigger, outcome.tier)
        own = [self.rails(e.condition) for e in self._rules.criteria if e.tier is tier]
        return z3.Or(False, *(fails if tier in ASKED_FOR else holds for holds, fails in own))  # noqa: FBT003 - z3's

    def same_as(self, other: "Person", but: str = "") -> Formula:
        pairs = (
            self.value[link_id][key] == other.value[link_id][key]
            for link_id in self.value
            if link_id != but
            for key in self.value[link_id]
        )
        return z3.And(True, *pairs)  # noqa: FBT003 - z3's


class SecondProver:
    """Decides, for one ruleset, what the first prover decides."""

    def __init__(self, rules: Ruleset, as_of: dt.date) -> None:
        self._rules = rules
        self._whole = Person("a", rules, as_of, complete=True)
        self._other = Person("b", rules, as_of, complete=True)
        self._part = Person("p", rules, as_of, complete=False)
        self._more = Person("q", rules, as_of, complete=False)
        people = (self._whole, self._other, self._part, self._more)
        self._solver = z3.Solver()
        self._solver.add(*(each.domain for each in people))
        self._places = self._whole.places()

    def weaknesses(self) -> Verdict:
        return Counter(
            pair
            for check in (
                self._unsafe,
                self._hidden,
                self._worse,
                self._monotone,
                self._gaps,
                self._unreachable,
                self._stuck,
                self._idle,
                self._implied,
                self._dead,
            )
            for pair in check()
        )

    def _possible(self, *formulas: Formula) -> bool:
        answer = self._solver.check(*formulas)
        assert answer in (z3.sat, z3.unsat), "z3 gave up"
        return bool(answer == z3.sat)

    def _some_partial(self, shown: Formula, wanted: Formula, barred: list[Formula]) -> bool:
        """Whether some partial answers show a thing and all of their completions are as wanted.

        Guided by counterexamples: a completion that is not as wanted is boiled down to the answers
        that make it so, and from then on the partial answers have to contradict one of those. What
        is barred holds for everything that is asked with the same wanted.
        """
        while self._possible(shown, *barred):
            part = self._values_of(self._part)
            if not self._possible(z3.Not(wanted), *self._saying(self._whole, part).values()):
                return True
            whole = self._values_of(self._whole)
            core = self._core(wanted, self._saying(self._whole, whole))
            said = self._saying(self._part, {link_id: whole[link_id] for link_id in core})
            known = self._part.known
            barred.append(z3.Or(False, *(z3.And(known[i], z3.Not(f)) for i, f in said.items())))  # noqa: FBT003 - z3's
        return False

    def _values_of(self, person: Person) -> dict[str, list[tuple[Test, bool]]]:
        """Which tests the person's answers pass, in the model that was just found."""
        model = self._solver.model()

        def true(formula: Formula) -> bool:
            return bool(z3.is_true(model.eval(formula, model_completion=True)))

        return {
            link_id: [(test, true(person.passes(test))) for test in own_tests(self._rules, link_id)]
            for link_id in person.value
            if true(z3.And(person.known[link_id]))
        }

    def _saying(
        self, person: Person, values: dict[str, list[tuple[Test, bool]]]
    ) -> dict[str, Formula]:
        return {
            link_id: z3.And(*(person.passes(test) == passed for test, passed in listed))
            for link_id, listed in values.items()
        }

    def _core(self, wanted: Formula, said: dict[str, Formula]) -> list[str]:
        """Some of the answers, which suffice to make a completion other than wanted."""
        assert not self._possible(wanted, *said.values())
        core = {each.get_id() for each in self._solver.unsat_core()}
        return [link_id for link_id, formula in said.items() if formula.get_id() in core]

    def _unsafe(self) -> Iterator[tuple[str, str]]:
        pairs = zip(self._rules.outcomes, self._places, strict=True)
        good = z3.Or(*(formula for each, formula in pairs if each.id in self._rules.favourable))
        barred: list[Formula] = []
        for each in self._rules.criteria:
            if each.tier in GRAVE or each.limit_of:
                holds, fails = self._part.rails(each.condition)
                calm = holds if each.tier in ASKED_FOR else fails
                if self._some_partial(z3.Not(calm), good, barred):
                    yield "broken-limit" if each.limit_of else "unsafe-outcome", each.id

    def _hidden(self) -> Iterator[tuple[str, str]]:
        for each in self._rules.criteria:
            if each.tier in (Tier.EMERGENCY, Tier.URGENT):
                graver = (Tier.EMERGENCY, each.tier)
                pairs = zip(self._rules.outcomes, self._places, strict=True)
                own = [formula for outcome, formula in pairs if outcome.tier in graver]
                holds, _ = self._whole.rails(each.condition)
                if self._possible(holds, z3.Not(z3.Or(False, *own))):  # noqa: FBT003 - z3's
                    yield "hidden-sign", each.id

    def _worse(self) -> Iterator[tuple[str, str]]:
        rank = [self._rules.best.index(each.id) for each in self._rules.outcomes]
        does_better = z3.Or(
            *(
                z3.And(before, after)
                for (i, before), (j, after) in product(
                    enumerate(self._places), enumerate(self._other.places())
                )
                if rank[j] < rank[i]
            )
        )
        for item in self._whole.items:
            if item.worse:
                step = self._step(item)
                same = self._other.same_as(self._whole, but=item.link_id)
                if self._possible(step, same, does_better):
                    yield "worse-is-better", item.link_id

    def _step(self, item: Item) -> Formula:
        """Whether the other person's answer is a worse one."""
        one, other = (each.value[item.link_id] for each in (self._whole, self._other))
        if item.type is ItemType.CHOICES:
            return z3.And(*(other[c] == (True if c == item.worse else one[c]) for c in one))
        if item.worse in ("higher", "later"):
            return other[""] > one[""]
        if item.worse in ("lower", "earlier"):
            return other[""] < one[""]
        return other[str(item.worse)]

    def _monotone(self) -> Iterator[tuple[str, str]]:
        kept = self._more.same_as(self._part)
        grown = [
            z3.Implies(self._part.known[link_id], self._more.known[link_id])
            for link_id in self._part.known
        ]
        for each in self._rules.criteria:
            before, after = self._part.rails(each.condition), self._more.rails(each.condition)
            lost = [z3.And(b, z3.Not(a)) for b, a in zip(before, after, strict=True)]
            if self._possible(kept, *grown, z3.Or(*lost)):
                yield "not-monotone", each.id

    def _gaps(self) -> Iterator[tuple[str, str]]:
        for each in self._rules.criteria:
            holds, fails = self._part.rails(each.condition)
            settled, _ = self._whole.rails(each.condition)
            if any(
                self._some_partial(z3.And(z3.Not(holds), z3.Not(fails)), agreed, [])
                for agreed in (settled, z3.Not(settled))
            ):
                yield "not-exact", each.id

    def _unreachable(self) -> Iterator[tuple[str, str]]:
        for outcome, formula in zip(self._rules.outcomes, self._places, strict=True):
            if not self._possible(formula):
                yield "unreachable", outcome.id

    def _stuck(self) -> Iterator[tuple[str, str]]:
        for each in self._rules.criteria:
            holds, fails = self._part.rails(each.condition)
            for truth in (holds, fails, z3.Not(z3.Or(holds, fails))):
                if not self._possible(truth):
                    yield "stuck-criterion", each.id

    def _idle(self) -> Iterator[tuple[str, str]]:
        for item in self._whole.items:
            if not any(self._depends(each, item.link_id) for each in self._rules.criteria):
                yield "idle-item", item.link_id

    def _depends(self, criterion: Criterion, link_id: str) -> bool:
        one, _ = self._whole.rails(criterion.condition)
        other, _ = self._other.rails(criterion.condition)
        return link_id in items_in(criterion.condition) and self._possible(
            self._other.same_as(self._whole, but=link_id), one != other
        )

    def _implied(self) -> Iterator[tuple[str, str]]:
        read = {
            each.id: {i for i in items_in(each.condition) if self._depends(each, i)}
            for each in self._rules.criteria
        }
        for a, b in combinations(self._rules.criteria, 2):
            if read[a.id] & read[b.id]:
                if not self._escapes(a, b) and not self._escapes(b, a):
                    yield "same-criterion", b.id
                    continue
                for one, other in permutations((a, b)):
                    declared = other.id in (*one.implies, one.limit_of)
                    unknowable = one.ruleset not in (other.ruleset, self._rules.id)
                    if not declared and not unknowable and not self._escapes(one, other):
                        yield "same-criterion", one.id
        for one in self._rules.criteria:
            for name in one.implies:
                if self._escapes(one, self._rules.criterion(name)):
                    yield "same-criterion", one.id

    def _escapes(self, one: Criterion, other: Criterion) -> bool:
        holds, _ = self._whole.rails(one.condition)
        _, fails = self._whole.rails(other.condition)
        return self._possible(holds, fails)

    def _dead(self) -> Iterator[tuple[str, str]]:
        for each in self._rules.criteria:
            whole, _ = self._whole.rails(each.condition)
            for edited, _ in edits(each.condition):
                if not self._possible(whole != self._whole.rails(edited)[0]):
                    yield "dead-branch", each.id


def first_prover(rules: Ruleset, as_of: dt.date) -> Verdict:
    """What the diagrams say, as far as both provers decide it."""
    report = prove(compile_ruleset(rules), as_of)
    return Counter((each.code, each.subject) for each in report.weaknesses if each.code in CODES)


def differences(rules: Ruleset, as_of: dt.date) -> tuple[Verdict, Verdict]:
    """What the first prover alone finds weak, and what the second alone does."""
    one, other = first_prover(rules, as_of), SecondProver(rules, as_of).weaknesses()
    return one - other, other - one


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--random", type=int, default=200)
    chosen = parser.parse_args()
    rng = Random(chosen.seed)
    began = time.perf_counter()
    listed = [*shipped_rulesets(), *(random_ruleset(rng) for _ in range(chosen.random))]
    wrong = [found for each in listed if any(found := differences(each, random_day(rng)))]
    spent = time.perf_counter() - began
    print(f"{len(listed)} rulesets proved by both in {spent:.0f} s; {len(wrong)} differ")
    print("\n".join(map(str, wrong[:10])))
    raise SystemExit(bool(wrong))


def _variables(name: str, item: Item) -> dict[str, Formula]:
    """A truth for each code, for yes and for no; else one number."""
    if item.type in (ItemType.NUMBER, ItemType.DATE):
        return {"": z3.Int(name)}
    return {code: z3.Bool(f"{name}.{code}") for code in item.choices or ("yes", "no")}


def _code(value: str | bool) -> str:  # noqa: FBT001 - a value of an answer
    return ("no", "yes")[value] if isinstance(value, bool) else value


def _count(formulas: Iterable[Formula], least: int) -> Formula:
    listed = list(formulas)
    if least <= 0:
        return z3.BoolVal(True)  # noqa: FBT003 - z3's
    return z3.AtLeast(*listed, least) if least <= len(listed) else z3.BoolVal(False)  # noqa: FBT003 - z3's


def _first_day_within(test: Within, as_of: dt.date) -> dt.date:
    days = range(as_of.toordinal() - LONG_AGO, as_of.toordinal() + 1)

    def inside(ordinal: int) -> bool:
        day = dt.date.fromordinal(ordinal)
        return reference.day_after(day, test.length, test.unit) >= as_of

    return dt.date.fromordinal(days[bisect_left(days, x=True, key=inside)])


if __name__ == "__main__":
    main()
