"""The proofs about dates and contradictions: each fails once what it is about is broken."""

import datetime as dt
from collections.abc import Collection

import pytest
from support.rulesets.shipped import ruleset

from screening.core.compiled.model import compile_ruleset
from screening.core.rules.condition import Unit, add_time
from screening.core.rules.finding import Answers, Finding, evaluate
from screening.core.rules.ruleset import Ruleset
from screening.core.values.span import Span
from screening.core.values.truth import Truth
from screening.proof.checks import dates, safety
from screening.proof.checks import prove as proving

AS_OF = dt.date(2026, 11, 20)


@pytest.fixture(autouse=True)
def loaded() -> None:
    """Rules are proved as they are loaded, so they are before anything is broken."""
    ruleset()


def weak() -> set[tuple[str, str]]:
    report = proving.prove(compile_ruleset(ruleset()), AS_OF)
    return {(each.code, each.subject) for each in report.weaknesses}


def test_of_the_shipped_rules_everything_is_proved() -> None:
    report = proving.prove(compile_ruleset(ruleset()), AS_OF)
    assert report.weaknesses == ()
    counts = {each.code: each.count for each in report.proofs}
    assert counts["contradiction"] == len(ruleset().consistency) > 5
    assert counts["window"] == 1
    assert counts["span"] > 3


def test_a_favourable_outcome_over_a_contradiction_is_found(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def settled(rules: Ruleset, possible: Collection[str], *, contradictory: bool) -> str | None:
        assert contradictory
        return next((each for each in possible if each in rules.favourable), None)

    monkeypatch.setattr(safety, "settle_outcome", settled)
    rules = {("contradiction", rule.id) for rule in ruleset().consistency}
    assert weak() == rules


def test_a_span_that_is_judged_by_one_of_its_days_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    def by_the_first(condition: object, answers: Answers, as_of: dt.date) -> Finding:
        found = evaluate(condition, answers, as_of)  # type: ignore[arg-type]  # passed on
        (answer,) = answers.values()
        if isinstance(answer.value, Span) and found.truth is Truth.UNKNOWN:
            return Finding(condition=found.condition, truth=Truth.FALSE)
        return found

    monkeypatch.setattr(dates, "evaluate", by_the_first)
    assert {code for code, _ in weak()} == {"span"}


def test_a_closing_day_that_is_a_day_late_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    def late(day: dt.date, length: int, unit: Unit) -> dt.date:
        return add_time(day, length, unit) + dt.timedelta(days=1)

    monkeypatch.setattr(dates, "add_time", late)
    assert {code for code, _ in weak()} == {"window"}
