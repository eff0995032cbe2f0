"""Plain code, with which the benchmarks compare, gives what the readable evaluator gives.

The sets hold everything that makes answers hard: see that they do.
"""

from collections.abc import Callable

import pytest
from bench import bench_one
from support.bench import answer_rows, report
from support.bench.answer_rows import AS_OF, AnswerSet, mixed, realistic, settled, uniform
from support.bench.plain import CODES, plain_judge
from support.oracles.slow_assessment import Comparable, slow_assessment
from support.rulesets import shipped
from support.rulesets.random_rulesets import Sampler, random_day, random_ruleset
from support.rulesets.seeds import rng_of

from screening.core.rules.ruleset import Ruleset
from screening.core.values.span import Span

SETS = 200
Draw = Callable[[Ruleset, int], list[AnswerSet]]


def slow(rules: Ruleset, given: AnswerSet) -> Comparable:
    return slow_assessment(rules, given.answers, AS_OF, given.birth_year)


def truths(found: Comparable) -> tuple[int, ...]:
    return tuple(CODES[each] for each in found.truths)


@pytest.mark.parametrize("draw", [realistic, uniform, mixed])
def test_plain_code_agrees_with_the_evaluator(draw: Draw) -> None:
    rules = shipped.ruleset()
    judge = plain_judge(rules)
    for given in draw(rules, SETS):
        assert judge(settled(rules, given)) == truths(slow(rules, given))


def test_plain_code_agrees_on_random_rulesets() -> None:
    rng = rng_of("plain code")
    for _ in range(40):
        rules, as_of = random_ruleset(rng), random_day(rng)
        judge, sampler = plain_judge(rules, as_of), Sampler(rng, rules, as_of)
        for _ in range(20):
            given = AnswerSet(sampler.draw(), None)
            found = slow_assessment(rules, given.answers, as_of)
            assert judge(settled(rules, given, as_of)) == truths(found)


def test_realistic_sets_hold_all_that_makes_answers_hard() -> None:
    rules = shipped.ruleset()
    sets = realistic(rules, 500)
    results = [slow(rules, each) for each in sets]
    broken = {each.rule.id for result in results for each in result.contradictions}
    assert broken == {each.id for each in rules.consistency}
    assert 50 < sum(bool(each.contradictions) for each in results) < 200
    assert 150 < sum(len(each.possible) > 1 for each in results) < 450
    assert {("met",), ("emergency",)} <= {each.possible for each in results}
    answers = [answer for each in sets for answer in each.answers.values()]
    assert any(isinstance(each.value, Span) for each in answers)
    assert any(not each.known for each in answers)


def test_sets_are_the_same_on_every_run() -> None:
    rules = shipped.ruleset()
    assert mixed(rules, 20) == mixed(rules, 20)
    assert realistic(rules, 20) != realistic(rules, 20, seed=3)


def test_an_unknown_date_has_all_days_up_to_the_screening() -> None:
    row = settled(shipped.ruleset(), AnswerSet({}, None))
    assert row[answer_rows.first_key("imaging_date")] == 1
    assert row[answer_rows.last_key("imaging_date")] == AS_OF.toordinal()


def test_the_benchmark_still_runs(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(report, "ROUNDS", 1)
    monkeypatch.setattr(bench_one, "GOALS", dict.fromkeys(bench_one.GOALS, 1e6))
    assert bench_one.main(60) == 0
    said = capsys.readouterr().out
    for name in (bench_one.PLAIN, *bench_one.GOALS, "assess"):
        assert said.count(f"| {name} |") == len(bench_one.KINDS)
