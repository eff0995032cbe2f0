"""The straight code comes to what the readable evaluator comes to, on every answer set."""

import datetime as dt
from dataclasses import replace
from random import Random

import pytest
from support.oracles.slow_assessment import comparable, slow_assessment
from support.rulesets import shipped
from support.rulesets.builders import (
    AS_OF,
    at_least_number,
    both,
    choice,
    criterion,
    given,
    item,
    no,
    number,
    one_of,
    ruleset,
    within,
    yes,
)
from support.rulesets.random_rulesets import Sampler, random_day, random_ruleset, with_consistency

from screening.core.compiled import straight
from screening.core.compiled.program import FALSE, TRUE, UNKNOWN
from screening.core.results import findings
from screening.core.results.assess import assess
from screening.core.results.evaluation import Judge, cut_off, evaluator_of
from screening.core.rules.condition import AtLeast, Condition, Not, Unit, all_of
from screening.core.rules.consistency import Consistency, Never, resolve
from screening.core.rules.finding import Finding
from screening.core.rules.item import Item, ItemType
from screening.core.rules.ruleset import Tier
from screening.core.values.answer import Answer, Value
from screening.core.values.truth import Truth
from screening.errors import EvaluationError

RULESETS, SETS = 150, 8
SHIPPED_DAYS = 12


def births(rng: Random, as_of: dt.date) -> int | None:
    return rng.choice([None, as_of.year - 71, as_of.year - 2])


@pytest.mark.parametrize("seed", range(3))
def test_random_rulesets_come_out_the_same(seed: int) -> None:
    rng = Random(seed)
    contradictory = 0
    for _ in range(RULESETS):
        rules = with_consistency(rng, random_ruleset(rng))
        sampler = Sampler(rng, rules, random_day(rng))
        for _ in range(SETS):
            answers, born = sampler.draw(), births(rng, sampler.as_of)
            found = assess(rules, answers, sampler.as_of, born)
            contradictory += bool(found.contradictions)
            assert comparable(found) == slow_assessment(rules, answers, sampler.as_of, born)
    assert contradictory > RULESETS // 4


def test_the_shipped_rules_come_out_the_same() -> None:
    rng, rules = Random(12), shipped.ruleset()
    contradictory = 0
    for _ in range(SHIPPED_DAYS):
        sampler = Sampler(rng, rules, random_day(rng))
        for _ in range(SETS):
            answers, born = sampler.draw(), births(rng, sampler.as_of)
            found = assess(rules, answers, sampler.as_of, born)
            contradictory += bool(found.contradictions)
            assert comparable(found) == slow_assessment(rules, answers, sampler.as_of, born)
    assert contradictory > SHIPPED_DAYS


def test_a_trace_has_the_truth_of_every_step() -> None:
    rules = ruleset(
        [item("a"), item("b")], [criterion("both", Tier.REQUIRED, all_of(yes("a"), yes("b")))]
    )
    judge = Judge(rules)
    (step,) = judge.program.criteria
    found = evaluator_of(rules, AS_OF).evaluate(given(a=True))
    assert found.trace[step] == UNKNOWN
    assert sorted(found.trace) == [UNKNOWN, UNKNOWN, TRUE]
    assert found.needs == ("b",)


def test_the_criteria_of_settled_answers_are_run_alone() -> None:
    rules = ruleset(
        [item("a"), item("onset", ItemType.DATE)],
        [criterion("both", Tier.REQUIRED, all_of(yes("a"), within("onset", 2)))],
    )
    (step,) = Judge(rules).program.criteria
    evaluator, today = evaluator_of(rules, AS_OF), AS_OF.toordinal()
    found = [
        evaluator.run({"a": True, "onset": None}, first, last)[1][step]
        for first, last in ((today, today), (today - 400, today), (today - 400, today - 300))
    ]
    assert found == [TRUE, UNKNOWN, FALSE]


def test_rules_that_name_the_same_answers_contradict_once() -> None:
    rules = replace(
        ruleset([item("a"), item("b"), item("c")], [criterion("c", Tier.CAUTION, yes("a"))]),
        consistency=tuple(
            Consistency(id=name, ruleset="toy", check=Never(condition=condition), say=both(name))
            for name, condition in (
                ("one", all_of(yes("a"), yes("b"))),
                ("other", all_of(yes("b"), yes("c"))),
                ("again", all_of(yes("b"), Not(part=no("a")))),
            )
        ),
    )
    known = given(a=True, b=True, c=True)
    found = assess(rules, known, AS_OF)
    assert [(each.rule.id, each.items) for each in found.contradictions] == [
        (each.rule.id, each.items)
        for each in resolve(rules.consistency, known, AS_OF).contradictions
    ]
    assert [each.rule.id for each in found.contradictions] == ["one", "other"]


def test_a_ruleset_without_tests_is_evaluated() -> None:
    always = criterion("always", Tier.REQUIRED, AtLeast(count=0, parts=()))
    never = criterion("never", Tier.CAUTION, Not(part=AtLeast(count=0, parts=())))
    assert assess(ruleset([], [always, never]), {}, AS_OF).possible == ("met",)


@pytest.mark.parametrize(
    ("asked", "condition", "wrong"),
    [
        (choice("q"), one_of("q", "a"), "z"),
        (choice("q", kind=ItemType.CHOICES), one_of("q", "a"), frozenset("az")),
        (item("q"), yes("q"), "yes"),
        (number("q"), at_least_number("q", 3), True),
        (item("q", ItemType.DATE), within("q", 2), "2026-11-01"),
    ],
)
def test_a_value_that_does_not_fit_its_item_is_refused(
    asked: Item, condition: Condition, wrong: Value
) -> None:
    rules = ruleset([asked], [criterion("c", Tier.CAUTION, condition)])
    with pytest.raises(TypeError, match="the answer to q is"):
        assess(rules, {"q": Answer(value=wrong)}, AS_OF)


def test_an_answer_to_no_item_is_refused() -> None:
    rules = ruleset([item("a")], [criterion("c", Tier.CAUTION, yes("a"))])
    with pytest.raises(KeyError, match="typo"):
        assess(rules, given(typo=True), AS_OF)


def test_findings_that_differ_from_the_trace_are_no_result(monkeypatch: pytest.MonkeyPatch) -> None:
    rules = ruleset([item("a")], [criterion("of_a", Tier.CAUTION, yes("a"))])
    found = assess(rules, given(a=True), AS_OF)
    monkeypatch.setattr(
        findings, "evaluate", lambda *_: Finding(condition=yes("a"), truth=Truth.FALSE)
    )
    with pytest.raises(EvaluationError, match="of_a"):
        _ = found.findings


def test_needs_that_differ_from_the_findings_are_no_result() -> None:
    rules = ruleset([item("a")], [criterion("of_a", Tier.CAUTION, yes("a"))])
    found = replace(assess(rules, {}, AS_OF), needs=())
    with pytest.raises(EvaluationError):
        _ = found.findings


def test_values_that_were_read_are_remembered_up_to_a_limit(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(straight, "_MOST_REMEMBERED", 2)
    rules = ruleset([number("n")], [criterion("c", Tier.CAUTION, at_least_number("n", 3))])
    for value in (1, 5, 5, 1):
        assert bool(assess(rules, given(n=value), AS_OF).flags) is (value > 3)


def test_a_length_that_reaches_before_all_days_has_no_cut_off() -> None:
    assert cut_off((1, Unit.DAYS), dt.date(1, 1, 1)) == 0
