"""Answers that cannot all be true, and what follows from the order of events."""

import datetime as dt
from dataclasses import replace

import pytest
from support.rulesets.builders import (
    AS_OF,
    both,
    criterion,
    item,
    no,
    number,
    one_of,
    ruleset,
    within,
    yes,
)
from support.rulesets.builders import given as known

from screening.core.results.assess import assess
from screening.core.rules.condition import all_of
from screening.core.rules.consistency import (
    BIRTH,
    Age,
    Check,
    Consistency,
    Never,
    Order,
    narrow,
    narrowing_items,
    resolve,
)
from screening.core.rules.item import ItemType
from screening.core.rules.ruleset import Outcome, Ruleset, Tier, Trigger
from screening.core.values.answer import Answer
from screening.core.values.span import Span
from screening.core.values.truth import Truth

CONTRADICTION = Outcome(
    id="contradiction", name="Contradiction", trigger=Trigger.CONTRADICTION, say=both("look again")
)
DATES = [item(each, ItemType.DATE) for each in ("onset", "diagnosis", "image")]


def day(month: int, number_of_day: int) -> dt.date:
    return dt.date(2026, month, number_of_day)


def rule(name: str, check: Check) -> Consistency:
    return Consistency(id=name, ruleset="toy", check=check, say=both(name))


PARENT = rule("parent", Never(condition=all_of(no("parent"), yes("child"))))
EVENTS = rule("events", Order(dates=(BIRTH, "onset", "diagnosis"), age="age"))
IMAGE = rule("image", Order(dates=("onset", "image")))
YEARS = rule("years", Age(item="age"))
RULES = (PARENT, EVENTS, IMAGE, YEARS)


def broken(answers: dict[str, Answer], birth_year: int | None = None) -> list[tuple[str, set[str]]]:
    found = resolve(RULES, answers, AS_OF, birth_year).contradictions
    return [(each.rule.id, set(each.items)) for each in found]


def test_answers_that_agree_break_no_rule() -> None:
    assert broken({}) == []
    answers = known(parent=True, child=True, onset=day(10, 5), diagnosis=day(10, 5), age=74)
    assert broken(answers, 1952) == []


def test_a_child_without_its_parent_contradicts_it() -> None:
    assert broken(known(parent=False, child=True)) == [("parent", {"parent", "child"})]
    assert broken(known(parent=False)) == []
    assert broken(known(child=True)) == []


@pytest.mark.parametrize(
    ("onset", "diagnosis", "contradicts"),
    [
        (day(10, 6), day(10, 5), True),
        (day(10, 5), day(10, 5), False),
        (Span(first=day(10, 1), last=day(10, 31)), day(10, 5), False),
        (Span(first=day(10, 6), last=day(10, 31)), day(10, 5), True),
        (day(10, 6), Span(first=day(10, 1), last=day(10, 6)), False),
        (day(10, 6), Span(first=day(10, 1), last=day(10, 5)), True),
    ],
)
def test_an_order_is_broken_where_no_days_keep_to_it(
    onset: dt.date | Span,
    diagnosis: dt.date | Span,
    contradicts: bool,  # noqa: FBT001 - a case of the table
) -> None:
    expected = [("events", {"onset", "diagnosis"})] if contradicts else []
    assert broken(known(onset=onset, diagnosis=diagnosis)) == expected


def test_an_order_of_two_rules_is_kept_through_a_date_that_is_not_known() -> None:
    first, second = rule("ab", Order(dates=("a", "b"))), rule("bc", Order(dates=("b", "c")))
    answers = known(a=day(10, 6), c=day(10, 5))
    (found,) = resolve((first, second), answers, AS_OF).contradictions
    assert (found.rule.id, found.items) == ("bc", ("a", "c"))


@pytest.mark.parametrize(
    ("age", "birth_year", "contradicts"),
    [(74, 1952, False), (72, 1952, False), (76, 1952, True), (71, 1952, True), (74, None, False)],
)
def test_an_age_must_agree_with_the_birth_year(
    age: int,
    birth_year: int | None,
    contradicts: bool,  # noqa: FBT001 - a case of the table
) -> None:
    assert broken(known(age=age), birth_year) == ([("years", {"age"})] if contradicts else [])


def test_nothing_happens_before_birth() -> None:
    early = dt.date(1950, 12, 31)
    assert broken(known(onset=early), 1951) == [("events", {"onset"})]
    assert broken(known(onset=early), 1950) == []
    assert broken(known(onset=early, age=74)) == [("events", {"onset", "age"})]
    assert broken(known(onset=dt.date(1953, 1, 1), age=74)) == []


def test_the_order_narrows_dates_that_are_not_known() -> None:
    pairs = (("onset", "diagnosis"), ("onset", "image"))
    bounds = narrow(pairs, known(onset=day(10, 5), image=day(10, 20)), AS_OF)
    assert (bounds["diagnosis"].first, bounds["diagnosis"].last) == (day(10, 5), AS_OF)
    assert narrowing_items("diagnosis", bounds["diagnosis"]) == {"onset"}
    assert bounds["onset"].partners == {"diagnosis"}
    late = narrow(pairs, known(image=day(6, 1)), AS_OF)
    assert (late["onset"].first, late["onset"].last) == (dt.date.min, day(6, 1))
    assert narrowing_items("onset", late["onset"]) == {"image"}
    assert narrowing_items("image", late["image"]) == frozenset()


def test_a_span_that_reaches_beyond_the_screening_date_ends_there() -> None:
    november = Span(first=day(11, 1), last=day(11, 30))
    bounds = narrow((("onset", "diagnosis"),), known(onset=november), AS_OF)
    assert bounds["onset"].last == AS_OF


def toy(*rules: Consistency) -> Ruleset:
    items = [item("parent"), item("child"), item("sign"), number("age", 0, 120, "years"), *DATES]
    criteria = [
        criterion("recent", Tier.REQUIRED, within("diagnosis", 2)),
        criterion("child", Tier.EXCLUSION, all_of(yes("parent"), yes("child"))),
        criterion("sign", Tier.EMERGENCY, yes("sign")),
    ]
    made = ruleset(items, criteria)
    return replace(made, consistency=rules, contradiction_outcome=CONTRADICTION)


CLEAR = known(parent=True, child=False, sign=False, diagnosis=day(10, 12))


def test_a_contradiction_is_no_rung_and_never_favourable() -> None:
    clear = assess(toy(*RULES), CLEAR, AS_OF)
    assert clear.favourable
    assert not clear.contradictions
    result = assess(toy(*RULES), {**CLEAR, **known(onset=day(10, 13))}, AS_OF)
    assert result.outcome == CONTRADICTION
    assert not result.favourable
    assert result.decided is None
    assert result.finding("recent").truth is Truth.UNKNOWN
    assert result.answers["onset"].known
    assert {"onset", "diagnosis"}.isdisjoint(result.used_answers)


def test_one_favourable_outcome_left_does_not_stand_over_a_contradiction() -> None:
    answers = {**CLEAR, **known(age=74)}
    result = assess(toy(*RULES), answers, AS_OF, birth_year=1990)
    assert result.possible == ("met",)
    assert result.outcome == CONTRADICTION
    assert not result.favourable
    assert result.settled is None


def test_what_is_decided_and_unfavourable_stands_beside_a_contradiction() -> None:
    answers = {**CLEAR, **known(onset=day(10, 13), sign=True)}
    result = assess(toy(*RULES), answers, AS_OF)
    assert result.outcome
    assert result.outcome.id == "emergency"
    assert [each.rule.id for each in result.contradictions] == ["events"]


def test_a_recent_onset_settles_a_diagnosis_that_is_not_known() -> None:
    answers = known(parent=False, sign=False, onset=day(10, 5))
    found = assess(toy(*RULES), answers, AS_OF).finding("recent")
    assert found.truth is Truth.TRUE
    assert found.finding.evidence() == {"onset"}
    without = assess(toy(PARENT), answers, AS_OF).finding("recent")
    assert without.truth is Truth.UNKNOWN


def test_rules_name_the_items_that_they_read() -> None:
    assert [set(each.items) for each in RULES] == [
        {"parent", "child"},
        {"onset", "diagnosis", "age"},
        {"onset", "image"},
        {"age"},
    ]


def test_the_words_of_one_of_several_codes_are_evidence() -> None:
    chosen = rule("c", Never(condition=all_of(no("parent"), one_of("kind", "a", "b"))))
    answers = known(parent=False, kind="b", child=True)
    (found,) = resolve((chosen,), answers, AS_OF).contradictions
    assert found.items == ("kind", "parent")


def test_answers_that_break_two_rules_are_named_once() -> None:
    again = replace(PARENT, id="again")
    (found,) = resolve((PARENT, again), known(parent=False, child=True), AS_OF).contradictions
    assert found.rule.id == "parent"


def test_an_age_that_nobody_reaches_is_compared_with_no_day() -> None:
    assert broken(known(onset=day(10, 5), age=3000)) == []
