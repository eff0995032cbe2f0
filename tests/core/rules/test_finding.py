"""Findings: the truth of each kind of test, what is needed, and what a truth rests on."""

import datetime as dt

import pytest
from support.rulesets.builders import (
    AS_OF,
    UNKNOWN,
    at_least_number,
    at_most_number,
    given,
    no,
    one_of,
    within,
    yes,
)

from screening.core.rules.condition import ALWAYS, AtLeast, Condition, Not, Unit, all_of, any_of
from screening.core.rules.finding import evaluate
from screening.core.values.answer import AbsentReason, Answer, Value
from screening.core.values.truth import Truth

F, U, T = Truth.FALSE, Truth.UNKNOWN, Truth.TRUE


def truth_of(condition: Condition, **values: Value) -> Truth:
    return evaluate(condition, given(**values), AS_OF).truth


@pytest.mark.parametrize(
    ("condition", "value", "truth"),
    [
        (yes("a"), True, T),
        (yes("a"), False, F),
        (no("a"), False, T),
        (one_of("a", "x", "y"), "y", T),
        (one_of("a", "x", "y"), "z", F),
        (one_of("a", "x"), frozenset("xz"), T),
        (one_of("a", "x", "y"), frozenset("yz"), T),
        (one_of("a", "x", "y"), frozenset("z"), F),
        (at_least_number("a", 3), 2, F),
        (at_least_number("a", 3), 3, T),
        (at_least_number("a", 3), 4, T),
        (at_most_number("a", 3), 2, T),
        (at_most_number("a", 3), 3, T),
        (at_most_number("a", 3), 4, F),
        (at_most_number("a", 0), 0, T),
        (within("a", 2), dt.date(2026, 9, 20), T),
        (within("a", 2), dt.date(2026, 9, 19), F),
        (within("a", 2), AS_OF, T),
        (within("a", 1, Unit.DAYS), dt.date(2026, 11, 19), T),
        (within("a", 1, Unit.DAYS), dt.date(2026, 11, 18), F),
    ],
)
def test_a_known_answer_passes_a_test_or_fails_it(
    condition: Condition, value: Value, truth: Truth
) -> None:
    assert truth_of(condition, a=value) is truth


TESTS = [yes("a"), one_of("a", "x"), at_least_number("a", 1), within("a", 2)]


@pytest.mark.parametrize("test", TESTS)
def test_an_item_that_is_left_out_is_unknown_and_needed(test: Condition) -> None:
    finding = evaluate(test, {}, AS_OF)
    assert finding.truth is U
    assert finding.needs == {"a"}
    assert finding.answer is None
    assert finding.evidence() == frozenset()


@pytest.mark.parametrize("test", TESTS)
@pytest.mark.parametrize("reason", AbsentReason)
def test_an_answer_without_a_value_is_unknown_and_needed(
    test: Condition, reason: AbsentReason
) -> None:
    answer = Answer(absent=reason)
    finding = evaluate(test, {"a": answer}, AS_OF)
    assert finding.truth is U
    assert finding.needs == {"a"}
    assert finding.answer == answer
    assert finding.evidence() == frozenset()


@pytest.mark.parametrize(
    ("condition", "value"),
    [
        (yes("a"), 1),
        (one_of("a", "x"), AS_OF),
        (at_least_number("a", 1), True),
        (at_most_number("a", 1), "1"),
        (within("a", 2), 20),
        (within("a", 2), "2026-10-01"),
    ],
)
def test_an_answer_of_another_type_is_an_error_and_never_a_no(
    condition: Condition, value: Value
) -> None:
    with pytest.raises(TypeError, match="the answer to a is a"):
        truth_of(condition, a=value)


def test_an_answer_has_a_value_or_a_reason_and_never_both() -> None:
    with pytest.raises(ValueError, match="never both"):
        Answer()
    with pytest.raises(ValueError, match="never both"):
        Answer(value=True, absent=AbsentReason.UNKNOWN)


def test_no_and_nought_are_values_and_known() -> None:
    assert Answer(value=False).known
    assert Answer(value=0).known
    assert not UNKNOWN.known


def test_not_keeps_what_is_needed() -> None:
    finding = evaluate(Not(part=yes("a")), {}, AS_OF)
    assert finding.truth is U
    assert finding.needs == {"a"}
    assert truth_of(Not(part=yes("a")), a=True) is F


def test_always_holds_and_rests_on_nothing() -> None:
    finding = evaluate(ALWAYS, {}, AS_OF)
    assert finding.truth is T
    assert not finding.needs
    assert finding.evidence() == frozenset()


def test_all_needs_what_is_missing_until_one_part_fails() -> None:
    condition = all_of(yes("a"), yes("b"), yes("c"))
    assert evaluate(condition, given(a=True), AS_OF).needs == {"b", "c"}
    failed = evaluate(condition, given(a=False), AS_OF)
    assert failed.truth is F
    assert not failed.needs


def test_a_part_that_is_decided_needs_nothing_more() -> None:
    condition = all_of(any_of(yes("a"), yes("b")), yes("c"))
    assert evaluate(condition, given(a=True), AS_OF).needs == {"c"}


@pytest.mark.parametrize(
    ("answers", "truth"),
    [
        (given(a=True, b=True), T),
        (given(a=True, b=False), U),
        (given(a=False, b=False), F),
        (given(a=True), U),
        ({}, U),
    ],
)
def test_two_of_three_is_decided_as_early_as_it_can_be(
    answers: dict[str, Answer], truth: Truth
) -> None:
    condition = AtLeast(count=2, parts=(yes("a"), yes("b"), yes("c")))
    assert evaluate(condition, answers, AS_OF).truth is truth


def test_every_part_has_a_finding_even_after_the_whole_is_decided() -> None:
    finding = evaluate(any_of(yes("a"), Not(part=yes("b"))), given(a=True), AS_OF)
    assert [part.truth for part in finding.parts] == [T, U]
    assert finding.parts[1].parts[0].condition == yes("b")


def test_the_evidence_of_a_decided_whole_is_what_decides_it() -> None:
    answers = given(a=True, b=False)
    assert evaluate(any_of(yes("a"), yes("b")), answers, AS_OF).evidence() == {"a"}
    assert evaluate(all_of(yes("a"), yes("b")), answers, AS_OF).evidence() == {"b"}
    assert evaluate(Not(part=all_of(yes("a"), yes("b"))), answers, AS_OF).evidence() == {"b"}


def test_the_evidence_of_an_unknown_whole_is_all_that_is_known() -> None:
    finding = evaluate(all_of(yes("a"), yes("b")), given(a=True), AS_OF)
    assert finding.truth is U
    assert finding.evidence() == {"a"}
