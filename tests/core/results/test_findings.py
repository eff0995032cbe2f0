"""Remembered findings are those of the readable evaluator, for the answers at hand."""

import pytest
from support.bench.answer_rows import AS_OF, mixed
from support.rulesets import shipped
from support.rulesets.builders import choice, criterion, item, one_of, ruleset, within, yes

from screening.core.results import findings as remembered
from screening.core.results.assess import assess
from screening.core.results.findings import Findings
from screening.core.rules.condition import any_of
from screening.core.rules.consistency import resolve
from screening.core.rules.finding import evaluate
from screening.core.rules.item import ItemType
from screening.core.rules.ruleset import Criterion, Tier
from screening.core.values.answer import AbsentReason, Answer
from screening.core.values.truth import Truth

SETS = 100


def test_they_are_those_of_the_evaluator() -> None:
    rules = shipped.ruleset()
    findings = Findings(rules)
    for given in mixed(rules, SETS):
        left = resolve(rules.consistency, given.answers, AS_OF, given.birth_year)
        for each in findings.find(left.answers, AS_OF, left.bounds):
            again = evaluate(each.criterion.condition, left.answers, AS_OF, left.bounds)
            assert each.finding == again


def test_the_same_answers_share_one_finding_and_others_do_not() -> None:
    rules = ruleset([item("one"), choice("two")], [_criterion()])
    known = {"one": Answer(value=False), "two": Answer(value="a")}
    (found,), (same,) = (assess(rules, dict(known), AS_OF).findings for _ in range(2))
    assert found.finding is same.finding
    for other in (
        Answer(value="b"),
        Answer(absent=AbsentReason.UNKNOWN),
        Answer(absent=AbsentReason.ASKED_UNKNOWN),
    ):
        (changed,) = assess(rules, {**known, "two": other}, AS_OF).findings
        assert changed.finding == evaluate(_criterion().condition, {**known, "two": other}, AS_OF)
        assert changed.finding is not found.finding


def test_a_number_is_not_taken_for_a_yes() -> None:
    rules = ruleset([item("one"), choice("two")], [_criterion()])
    findings = Findings(rules)
    findings.find({"one": Answer(value=True)}, AS_OF, {})
    with pytest.raises(TypeError):
        findings.find({"one": Answer(value=1)}, AS_OF, {})


def test_a_criterion_that_reads_a_date_is_evaluated_each_time() -> None:
    rules = ruleset([item("day", ItemType.DATE)], [criterion("c", Tier.URGENT, within("day", 2))])
    findings, known = Findings(rules), {"day": Answer(value=AS_OF)}
    later = AS_OF.replace(year=AS_OF.year + 1)
    truths = [findings.find(known, day, {})[0].truth.value for day in (AS_OF, later)]
    assert truths == ["true", "false"]


def test_no_more_than_so_many_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(remembered, "_MOST_FINDINGS", 2)
    rules = ruleset([item("one"), choice("two")], [_criterion()])
    findings = Findings(rules)
    kept = {
        code: findings.find({"two": Answer(value=code)}, AS_OF, {})[0] for code in ("a", "b", "c")
    }
    again = {code: findings.find({"two": Answer(value=code)}, AS_OF, {})[0] for code in "ca"}
    assert again["c"] is kept["c"]
    assert again["a"] is not kept["a"]
    assert again["a"] == kept["a"]


def test_no_answer_is_taken_for_one_that_was_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(remembered, "_MOST_ANSWERS", 1)
    rules = ruleset([item("one"), choice("two")], [_criterion()])
    findings = Findings(rules)
    for code in "abcab":
        given = {"two": Answer(value=code)}
        (found,) = findings.find(given, AS_OF, {})
        assert found.finding == evaluate(_criterion().condition, given, AS_OF)


def test_a_criterion_that_reads_nothing_has_its_finding() -> None:
    rules = ruleset([item("one")], [criterion("never", Tier.URGENT, any_of())])
    (found,) = Findings(rules).find({}, AS_OF, {})
    assert found.truth is Truth.FALSE


def _criterion() -> Criterion:
    return criterion("c", Tier.URGENT, any_of(yes("one"), one_of("two", "a")))
