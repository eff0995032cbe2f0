"""Every verdict of the prover on random small rulesets, against all answers one by one.

Random rulesets are full of weaknesses of every kind. What the prover reports must be exactly what
enumeration finds, and the patients that show it must be nearest ones.
"""

import datetime as dt
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial as bound
from itertools import combinations, pairwise, permutations, product
from math import prod
from random import Random

import pytest
from support.oracles import reference
from support.oracles.answer_table import Known, Row, Table
from support.rulesets.builders import ASKED_FOR
from support.rulesets.random_rulesets import own_tests, random_day, random_ruleset
from support.rulesets.seeds import rng_of

from screening.core.compiled.model import compile_ruleset
from screening.core.results.assess import Assessment, assess
from screening.core.rules.condition import OneOf, Test, items_in
from screening.core.rules.item import ItemType
from screening.core.rules.ruleset import Criterion, Ruleset, Tier
from screening.core.values.answer import Answer, Value
from screening.core.values.truth import Truth
from screening.proof.checks.edits import edits
from screening.proof.checks.prove import Report, prove
from screening.proof.checks.weakness import Fault, Weakness
from screening.words.auditor.weaknesses import words_of_weakness

pytestmark = pytest.mark.long

RULESETS, MOST_PARTIALS = 200, 260
GRAVE = (Tier.EMERGENCY, Tier.URGENT, Tier.EXCLUSION, *ASKED_FOR)


@dataclass(frozen=True)
class Partial:
    """A partial answer set as the evaluator judges it."""

    known: Known
    result: Assessment
    places: frozenset[int]

    def truth(self, criterion: Criterion) -> Truth:
        return self.result.finding(criterion.id).truth


@dataclass(frozen=True)
class Case:
    """A ruleset with all its answers, complete and partial, and what the prover says."""

    rules: Ruleset
    table: Table
    partials: tuple[Partial, ...]
    report: Report

    def found(self, code: str) -> list[Weakness]:
        return [each for each in self.report.weaknesses if each.code == code]

    def subjects(self, code: str) -> Counter[str]:
        return Counter(each.subject for each in self.found(code))

    def fewest(self, shows: Callable[[Partial], bool]) -> int | None:
        return min((len(each.known) for each in self.partials if shows(each)), default=None)


@pytest.fixture(scope="module")
def cases() -> list[Case]:
    rng = rng_of("verdicts")
    found: list[Case] = []
    while len(found) < RULESETS:
        rules, as_of = _declared(rng, random_ruleset(rng)), random_day(rng)
        table = Table(rules, as_of)
        cells = _cells(table)
        if not table.too_big and prod(len(each) + 1 for each in cells.values()) <= MOST_PARTIALS:
            partials = tuple(_partials(table, cells))
            found.append(Case(rules, table, partials, prove(compile_ruleset(rules), as_of)))
    return found


def _declared(rng: Random, rules: Ruleset) -> Ruleset:
    """The ruleset with implications and limits declared at random, most of them wrongly."""
    criteria = list(rules.criteria)
    for place in range(1, len(criteria)):
        if rng.random() < 0.2:
            other = criteria[place - 1].id
            field = rng.choice(["implies", "limit_of"])
            value = (other,) if field == "implies" else other
            criteria[place] = replace(criteria[place], **{field: value})  # type: ignore[arg-type]  # by name
    return replace(rules, criteria=tuple(criteria))


def _cells(table: Table) -> dict[str, list[Value]]:
    """One value of each sort that no test tells apart, of the items that criteria read."""
    found: dict[str, list[Value]] = {}
    for link_id, domain in table.domains.items():
        tests = own_tests(table.rules, link_id)
        if tests:
            sorts = {_passed(tests, value, table.as_of): value for value in domain}
            found[link_id] = list(sorts.values())
    return found


def _passed(tests: Iterable[Test], value: Value, as_of: dt.date) -> tuple[bool, ...]:
    return tuple(reference.passes(test, value, as_of) for test in tests)


def _partials(table: Table, cells: Mapping[str, list[Value]]) -> Iterator[Partial]:
    ids = [each.id for each in table.rules.outcomes]
    for values in product(*([None, *each] for each in cells.values())):
        pairs = zip(cells, values, strict=True)
        known = {link_id: value for link_id, value in pairs if value is not None}
        answers = {link_id: Answer(value=value) for link_id, value in known.items()}
        result = assess(table.rules, answers, table.as_of)
        yield Partial(known, result, frozenset(ids.index(each) for each in result.possible))


def _check(
    case: Case, code: str, candidates: Iterable[Criterion], shows: Callable[..., bool]
) -> int:
    """Compare the criteria with a weakness, and the sizes of their patients, with enumeration."""
    found = {each.subject: each for each in case.found(code)}
    for criterion in candidates:
        fewest = case.fewest(bound(shows, criterion=criterion))
        assert (criterion.id in found) is (fewest is not None), (code, criterion)
        if criterion.id in found:
            patient = found.pop(criterion.id).patient
            assert patient is not None
            assert len(patient) == fewest
            shown = _judged(case, patient)
            assert shows(shown, criterion), (code, criterion, patient)
    assert not found
    return len(case.found(code))


def _judged(case: Case, patient: Mapping[str, Answer]) -> Partial:
    known = {link_id: each.value for link_id, each in patient.items() if each.value is not None}
    ids = [each.id for each in case.rules.outcomes]
    result = assess(case.rules, patient, case.table.as_of)
    return Partial(known, result, frozenset(ids.index(each) for each in result.possible))


def test_outcomes_that_are_unsafe_are_those_of_enumeration(cases: list[Case]) -> None:
    seen = Counter[str]()
    for case in cases:
        ids = enumerate(case.rules.outcomes)
        favourable = frozenset(i for i, each in ids if each.id in case.rules.favourable)

        def unsafe(
            partial: Partial, criterion: Criterion, favourable: frozenset[int] = favourable
        ) -> bool:
            calm = Truth.of(value=criterion.tier in ASKED_FOR)
            return partial.truth(criterion) is not calm and partial.places <= favourable

        limits = [each for each in case.rules.criteria if each.limit_of]
        grave = [e for e in case.rules.criteria if e.tier in GRAVE and not e.limit_of]
        seen["unsafe-outcome"] += _check(case, "unsafe-outcome", grave, unsafe)
        seen["broken-limit"] += _check(case, "broken-limit", limits, unsafe)
    assert min(seen.values()) > 3, seen


def test_signs_that_are_hidden_are_those_of_enumeration(cases: list[Case]) -> None:
    seen = 0
    for case in cases:
        tiers = [each.tier for each in case.rules.outcomes]

        def hidden(
            partial: Partial, criterion: Criterion, tiers: list[Tier | None] = tiers
        ) -> bool:
            own = {Tier.EMERGENCY} | {criterion.tier}
            return partial.truth(criterion) is Truth.TRUE and not any(
                tiers[place] in own for place in partial.places
            )

        signs = [e for e in case.rules.criteria if e.tier in (Tier.EMERGENCY, Tier.URGENT)]
        seen += _check(case, "hidden-sign", signs, hidden)
    assert seen > 3


def test_criteria_that_stay_open_are_those_of_enumeration(cases: list[Case]) -> None:
    seen = 0
    for case in cases:

        def gap(partial: Partial, criterion: Criterion, case: Case = case) -> bool:
            if partial.truth(criterion) is not Truth.UNKNOWN:
                return False
            rows = case.table.fitting(partial.known)
            return len({row.truths[criterion.id] for row in rows}) == 1

        seen += _check(case, "not-exact", case.rules.criteria, gap)
    assert seen > 20


def test_worse_answers_that_do_better_are_those_of_enumeration(cases: list[Case]) -> None:
    seen = 0
    for case in cases:
        found = {each.subject: each for each in case.found("worse-is-better")}
        for link_id, item in case.rules.items.items():
            if item.worse is None or not own_tests(case.rules, link_id):
                continue
            shown = [_sorts(case, each) for each in _improving(case, link_id)]
            assert (link_id in found) is bool(shown), (link_id, case.rules)
            if link_id in found:
                patient = _sorts(case, _values(found.pop(link_id)))
                assert patient in shown
                assert len(patient) == min(map(len, shown))
                seen += 1
        assert not found
    assert seen > 20


def _values(weakness: Weakness) -> dict[str, Value]:
    assert weakness.patient is not None
    return {key: each.value for key, each in weakness.patient.items() if each.value is not None}


def _sorts(case: Case, known: Known) -> dict[str, tuple[bool, ...]]:
    """Each answer as the tests that it passes: others that pass the same are as good."""
    return {
        link_id: _passed(own_tests(case.rules, link_id), value, case.table.as_of)
        for link_id, value in known.items()
    }


def _improving(case: Case, link_id: str) -> Iterator[Known]:
    """Patients whose worse answer does better than another, whatever else is answered."""
    rank = [case.rules.best.index(each.id) for each in case.rules.outcomes]
    pairs = list(_worse_pairs(case, link_id))
    for others in (each.known for each in case.partials if link_id not in each.known):
        for better, worse in pairs:
            one = case.table.fitting({**others, link_id: better})
            two = case.table.fitting({**others, link_id: worse})
            if all(rank[b.place] < rank[a.place] for a, b in zip(one, two, strict=True)):
                yield {**others, link_id: worse}


def rank(value: Value) -> int:
    return value.toordinal() if isinstance(value, dt.date) else int(str(value))


def _worse_pairs(case: Case, link_id: str) -> Iterator[tuple[Value, Value]]:
    item, domain = case.rules.items[link_id], case.table.domains[link_id]
    if item.type in (ItemType.NUMBER, ItemType.DATE):
        rising = sorted(domain, key=rank)
        yield from combinations(rising if item.worse in ("higher", "later") else rising[::-1], 2)
    for value in domain:
        if item.type is ItemType.CHOICES and isinstance(value, frozenset):
            yield value, value | {item.worse or ""}
        elif item.type is ItemType.CHOICE:
            yield value, item.worse or ""
        elif item.type is ItemType.YES_NO:
            yield item.worse == "no", item.worse == "yes"


def test_what_is_stuck_idle_or_unreachable_is_that_of_enumeration(cases: list[Case]) -> None:
    seen = Counter[str]()
    for case in cases:
        rows, criteria = case.table.rows, case.rules.criteria
        stuck = Counter[str]()
        for each in criteria:
            truths = {partial.truth(each) for partial in case.partials}
            stuck[each.id] = len(Truth) - len(truths)
        assert case.subjects("stuck-criterion") == +stuck
        reached = {row.place for row in rows}
        missing = [each.id for i, each in enumerate(case.rules.outcomes) if i not in reached]
        assert case.subjects("unreachable") == Counter(missing)
        idle = [link_id for link_id in case.rules.items if _idle(case, link_id)]
        assert case.subjects("idle-item") == Counter(idle)
        seen.update(stuck=stuck.total(), missing=len(missing), idle=len(idle))
    assert min(seen.values()) > 3, seen


def _idle(case: Case, link_id: str) -> bool:
    """Whether criteria read an item and none of them depends on it."""
    read = any(link_id in items_in(each.condition) for each in case.rules.criteria)
    return read and not any(_depends(case, each.id, link_id) for each in case.rules.criteria)


def _depends(case: Case, criterion_id: str, link_id: str) -> bool:
    families = case.table.families(case.table.rows, link_id)
    return any(len({row.truths[criterion_id] for row in each}) > 1 for each in families)


def test_criteria_that_equal_or_imply_others_are_those_of_enumeration(cases: list[Case]) -> None:
    seen = Counter[Fault]()
    for case in cases:
        expected = Counter(_implied(case))
        assert Counter(words_of_weakness(each) for each in case.found("same-criterion")) == expected
        for each in case.found("same-criterion"):
            seen[each.fault] += 1
            assert (each.patient is not None) is (each.fault is Fault.NOT_IMPLIED)
    assert len(seen) >= 3, seen


def test_a_wrongly_declared_implication_is_shown_by_a_nearest_patient(cases: list[Case]) -> None:
    seen = 0
    for case in cases:
        for weakness in case.found("same-criterion"):
            if weakness.patient is None:
                continue
            one = case.rules.criterion(weakness.subject)
            other = case.rules.criterion(weakness.other)

            def escapes(partial: Partial, a: Criterion = one, b: Criterion = other) -> bool:
                return partial.truth(a) is Truth.TRUE and partial.truth(b) is Truth.FALSE

            assert escapes(_judged(case, weakness.patient))
            assert len(weakness.patient) == case.fewest(escapes)
            seen += 1
    assert seen > 3


def _implied(case: Case) -> Iterator[str]:
    columns = {
        each.id: [row.truths[each.id] for row in case.table.rows] for each in case.rules.criteria
    }
    for a, b in combinations(case.rules.criteria, 2):
        shared = any(_depends(case, a.id, i) and _depends(case, b.id, i) for i in case.rules.items)
        if shared and columns[a.id] == columns[b.id]:
            yield f"`{b.id}` always has the truth of `{a.id}`"
        elif shared:
            for one, other in permutations((a, b)):
                declared = other.id in (*one.implies, one.limit_of)
                if not declared and _follows(columns[one.id], columns[other.id]):
                    said = f"whenever `{one.id}` is true, so is `{other.id}`"
                    yield f"{said}: say `implies: [{other.id}]`"
    for one in case.rules.criteria:
        for name in one.implies:
            if not _follows(columns[one.id], columns[name]):
                yield f"`{name}` does not follow from `{one.id}`"


def _follows(one: list[bool], other: list[bool]) -> bool:
    return all(b for a, b in zip(one, other, strict=True) if a)


def test_dead_branches_are_those_of_enumeration(cases: list[Case]) -> None:
    seen = 0
    for case in cases:
        dead = Counter[str]()
        for each in case.rules.criteria:
            column = [row.truths[each.id] for row in case.table.rows]
            for edited, _ in edits(each.condition):
                dead[each.id] += column == [
                    reference.holds(edited, row.values, {}, case.table.as_of)
                    for row in case.table.rows
                ]
        assert case.subjects("dead-branch") == +dead
        seen += dead.total()
    assert seen > 20


def test_idle_thresholds_are_those_of_enumeration(cases: list[Case]) -> None:
    seen = 0
    for case in cases:
        idle = [
            link_id
            for link_id in case.rules.items
            for test in own_tests(case.rules, link_id)
            if not isinstance(test, OneOf) and not _divides(case, test)
        ]
        assert case.subjects("idle-threshold") == Counter(idle)
        seen += len(idle)
    assert seen > 20


def _divides(case: Case, test: Test) -> bool:
    """Whether a criterion changes between the two neighbouring values that a test divides."""
    rising = sorted(case.table.domains[test.item], key=rank)
    for one, other in pairwise(rising):
        if _passed([test], one, case.table.as_of) != _passed([test], other, case.table.as_of):
            return any(_changes(family, test.item, one, other) for family in _families(case, test))
    return False


def _families(case: Case, test: Test) -> list[list[Row]]:
    return case.table.families(case.table.rows, test.item)


def _changes(family: list[Row], link_id: str, one: Value, other: Value) -> bool:
    truths = {row.values[link_id]: row.truths for row in family}
    return truths[one] != truths[other]


def test_kleene_truth_is_monotone_and_every_answer_set_has_an_outcome(cases: list[Case]) -> None:
    for case in cases:
        assert not case.found("not-monotone")
        assert not case.found("no-outcome")
        assert all(partial.places for partial in case.partials)


def test_what_is_not_weak_is_listed_as_proved(cases: list[Case]) -> None:
    for case in cases:
        weak = {each.code for each in case.report.weaknesses}
        proved = {each.code for each in case.report.proofs}
        assert not weak & proved
        assert len(weak | proved) == 16
