"""Assessments: outcome, flags, what is needed, what is set aside."""

from dataclasses import replace

import pytest
from support.rulesets.builders import (
    AS_OF,
    UNKNOWN,
    both,
    criterion,
    given,
    item,
    no,
    question,
    ruleset,
    yes,
)

from screening.core.results.assess import Severity, assess, evaluate_ask_if, find_deciding_items
from screening.core.rules.condition import ALWAYS, Not, add_ask_if
from screening.core.rules.ruleset import Tier
from screening.core.values.truth import Truth
from screening.errors import NoOutcomesError

GATE = yes("disc")
ITEMS = [item("disc"), item("pain", ask_if=GATE), item("fever")]
RULES = ruleset(
    ITEMS,
    [
        criterion("fever", Tier.URGENT, yes("fever")),
        criterion("pain_from_disc", Tier.EXCLUSION, add_ask_if(yes("pain"), {"pain": GATE})),
    ],
)


def test_a_decided_outcome_is_the_outcome() -> None:
    result = assess(RULES, given(fever=False, disc=False), AS_OF)
    assert result.decided
    assert result.outcome == result.decided
    assert result.outcome.id == "met"
    assert result.favourable


def test_an_undecided_outcome_is_the_open_one_and_never_favourable() -> None:
    result = assess(RULES, given(disc=False), AS_OF)
    assert result.possible == ("clinician_first", "met")
    assert result.decided is None
    assert result.outcome == RULES.open_outcome
    assert not result.favourable


def test_a_ruleset_may_declare_no_open_outcome() -> None:
    rules = ruleset(ITEMS, RULES.criteria, opened=False)
    assert assess(rules, {}, AS_OF).outcome is None


def test_an_outcome_that_is_decided_and_bad_is_not_favourable() -> None:
    assert not assess(RULES, given(fever=True), AS_OF).favourable


def test_two_favourable_outcomes_that_are_both_possible_are_not_yet_favourable() -> None:
    rules = ruleset([item("a")], [criterion("caution", Tier.CAUTION, yes("a"))])
    result = assess(rules, {}, AS_OF)
    assert result.possible == ("met_with_cautions", "met")
    assert not result.favourable


@pytest.mark.parametrize(
    ("tier", "severity"),
    [
        (Tier.EMERGENCY, Severity.CRITICAL),
        (Tier.URGENT, Severity.CRITICAL),
        (Tier.EXCLUSION, Severity.CRITICAL),
        (Tier.CAUTION, Severity.WARNING),
        (Tier.INFO, Severity.INFO),
    ],
)
def test_a_criterion_that_holds_raises_a_flag(tier: Tier, severity: Severity) -> None:
    found = criterion("named", tier, yes("a"))
    rules = ruleset([item("a")], [found])
    (flag,) = assess(rules, given(a=True), AS_OF).flags
    assert (flag.criterion, flag.severity, flag.text) == (found, severity, found.say)
    assert assess(rules, given(a=False), AS_OF).flags == ()
    assert assess(rules, {}, AS_OF).flags == ()


def test_a_requirement_raises_a_flag_in_its_own_words_where_it_fails() -> None:
    needed = criterion("needed", Tier.REQUIRED, yes("a"))
    rules = ruleset([item("a")], [needed])
    (flag,) = assess(rules, given(a=False), AS_OF).flags
    assert (flag.severity, flag.text) == (Severity.WARNING, needed.unmet)
    assert assess(rules, given(a=True), AS_OF).flags == ()
    assert assess(rules, {}, AS_OF).flags == ()


def test_flags_come_the_gravest_first_and_else_in_the_order_of_the_file() -> None:
    tiers = [Tier.INFO, Tier.CAUTION, Tier.EMERGENCY, Tier.CAUTION, Tier.URGENT]
    criteria = [criterion(f"c{n}", tier, ALWAYS) for n, tier in enumerate(tiers)]
    result = assess(ruleset([item("a")], criteria), {}, AS_OF)
    assert [flag.criterion.id for flag in result.flags] == ["c2", "c4", "c1", "c3", "c0"]


def test_needs_are_in_the_order_of_the_questionnaire() -> None:
    assert assess(RULES, {}, AS_OF).needs == ("disc", "pain", "fever")
    assert assess(RULES, given(disc=False), AS_OF).needs == ("fever",)
    assert assess(RULES, {"fever": UNKNOWN, **given(disc=False)}, AS_OF).needs == ("fever",)


def test_an_answer_to_a_question_that_is_not_put_is_set_aside() -> None:
    result = assess(RULES, given(disc=False, pain=True, fever=False), AS_OF)
    assert result.set_aside == ("pain",)
    assert result.finding("pain_from_disc").truth is Truth.FALSE
    assert result.favourable


def test_nothing_is_set_aside_while_its_gate_is_open_or_without_an_answer() -> None:
    assert assess(RULES, given(pain=True), AS_OF).set_aside == ()
    assert assess(RULES, given(disc=True, pain=True), AS_OF).set_aside == ()
    assert assess(RULES, given(disc=False), AS_OF).set_aside == ()


def test_a_question_without_a_gate_is_always_put() -> None:
    assert evaluate_ask_if(ITEMS[0], {}, AS_OF) is Truth.TRUE
    assert evaluate_ask_if(ITEMS[1], {}, AS_OF) is Truth.UNKNOWN
    assert evaluate_ask_if(ITEMS[1], given(disc=True), AS_OF) is Truth.TRUE
    assert evaluate_ask_if(ITEMS[1], given(disc=False), AS_OF) is Truth.FALSE


def test_an_assessment_keeps_the_answers_that_it_was_made_from() -> None:
    answers = given(fever=True)
    result = assess(RULES, answers, AS_OF)
    answers.clear()
    assert result.answers == given(fever=True)


def test_a_finding_is_found_by_the_name_of_its_criterion() -> None:
    result = assess(RULES, given(fever=True), AS_OF)
    assert result.finding("fever").raises_flag
    assert not result.finding("pain_from_disc").raises_flag
    with pytest.raises(KeyError):
        result.finding("no_such_criterion")


def test_a_part_of_a_ruleset_cannot_be_assessed_by() -> None:
    part = ruleset(ITEMS, RULES.criteria, outcomes=())
    with pytest.raises(NoOutcomesError, match="toy"):
        assess(part, {}, AS_OF)


def test_an_answer_to_an_unknown_item_is_an_error() -> None:
    with pytest.raises(KeyError):
        assess(RULES, given(stranger=True), AS_OF)


def test_a_ruleset_knows_its_criteria_and_who_reads_an_item() -> None:
    assert RULES.criterion("fever").tier is Tier.URGENT
    with pytest.raises(KeyError):
        RULES.criterion("no_such_criterion")
    assert [each.id for each in RULES.readers("disc")] == ["pain_from_disc"]
    rules = ruleset(ITEMS, [criterion("twice", Tier.INFO, Not(part=no("fever")))])
    assert list(rules.readers("disc")) == []


def test_only_a_requirement_that_fails_speaks_in_its_words_for_not_being_met() -> None:
    caution = replace(criterion("c", Tier.CAUTION, ALWAYS), unmet=both("never said"))
    plain = replace(criterion("r", Tier.REQUIRED, Not(part=ALWAYS)), unmet=None)
    texts = [flag.text for flag in assess(ruleset([item("a")], [caution, plain]), {}, AS_OF).flags]
    assert texts == [plain.say, caution.say]


def test_what_only_a_question_for_the_doctor_reads_is_still_worth_asking() -> None:
    rules = ruleset(ITEMS, RULES.criteria, questions=[question("posture", yes("disc"))])
    answers = given(fever=False, pain=False)
    assert assess(rules, answers, AS_OF).needs == ()
    assert find_deciding_items(rules, answers, AS_OF) == {"disc"}
    assert find_deciding_items(rules, answers | given(disc=False), AS_OF) == frozenset()
