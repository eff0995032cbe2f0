"""Findings in words: answers, conditions, traces, reasons, what is still needed."""

import datetime as dt
from enum import Enum

import pytest
from support.rulesets.builders import (
    AS_OF,
    UNKNOWN,
    at_least_number,
    at_most_number,
    both,
    choice,
    criterion,
    disagreement,
    given,
    item,
    no,
    number,
    one_of,
    question,
    ruleset,
    within,
    yes,
)

from screening.core.results.assess import Severity, assess
from screening.core.results.needs import find_needs
from screening.core.results.result import deciding_criteria, disagreements_touched, doctor_questions
from screening.core.rules.condition import ALWAYS, AtLeast, Condition, Not, Unit, all_of, any_of
from screening.core.rules.finding import evaluate
from screening.core.rules.item import ItemType
from screening.core.rules.ruleset import GRAVE, Strength, Tier
from screening.core.values.answer import AbsentReason, Answer, Value
from screening.core.values.citation import Basis
from screening.core.values.truth import Truth
from screening.core.values.wording import Audience
from screening.words.auditor.trace import trace_lines
from screening.words.nurse.criteria import put_action_first
from screening.words.nurse.needs import EFFECT_WORDS, words_of_needs
from screening.words.nurse.result import NO_ALL_CLEAR, reason_sentence
from screening.words.shared.answers import words_of_answer, words_of_answers
from screening.words.shared.conditions import words_of_condition
from screening.words.shared.labels import (
    ABSENT_WORDS,
    BASIS_WORDS,
    SEVERITY_WORDS,
    STRENGTH_WORDS,
    TIER_WORDS,
    TRUTH_WORDS,
)

NURSE, PATIENT = Audience.NURSE, Audience.PATIENT
ITEMS = {
    each.link_id: each
    for each in (
        item("fever"),
        choice("lungs"),
        choice("scans", kind=ItemType.CHOICES),
        number("count"),
        item("found", ItemType.DATE),
        item("pain", ask_if=yes("fever")),
    )
}
ALL = [
    criterion("fever", Tier.URGENT, yes("fever")),
    criterion("lungs", Tier.CAUTION, one_of("lungs", "c")),
    criterion("recent", Tier.REQUIRED, within("found", 2)),
    criterion("few", Tier.REQUIRED, at_most_number("count", 2)),
    criterion("prepare", Tier.INFO, all_of(yes("fever"), yes("pain"))),
]
RULES = ruleset(
    ITEMS.values(),
    ALL,
    questions=[question("why", ALWAYS), question("how", yes("fever"))],
    disagreements=[
        disagreement("on_fever", "fever"),
        disagreement("on_how", "how"),
        disagreement("on_lungs", "lungs"),
    ],
)
MET = given(fever=False, lungs="a", found=AS_OF, count=1)


@pytest.mark.parametrize(
    ("words", "members"),
    [
        (TRUTH_WORDS, Truth),
        (TIER_WORDS, Tier),
        (EFFECT_WORDS, Tier),
        (STRENGTH_WORDS, Strength),
        (SEVERITY_WORDS, Severity),
        (ABSENT_WORDS, AbsentReason),
        (BASIS_WORDS, Basis),
    ],
)
def test_every_member_has_words_of_its_own(words: dict[Enum, str], members: type[Enum]) -> None:
    assert set(words) == set(members)
    assert len({text.strip() for text in words.values()} - {""}) == len(members)


@pytest.mark.parametrize(
    ("link_id", "value", "nurse", "patient"),
    [
        ("fever", True, "yes", "yes"),
        ("fever", False, "no", "no"),
        ("count", 0, "0 levels", "0 levels"),
        ("found", dt.date(2026, 10, 1), "1 October 2026", "1 October 2026"),
        ("lungs", "b", "choice b (nurse)", "choice b (patient)"),
        (
            "scans",
            frozenset("ca"),
            "choice a (nurse), choice c (nurse)",
            "choice a (patient), choice c (patient)",
        ),
    ],
)
def test_an_answer_reads_as_its_item_says(
    link_id: str, value: Value, nurse: str, patient: str
) -> None:
    answer = Answer(value=value)
    assert words_of_answer(ITEMS[link_id], answer, NURSE) == nurse
    assert words_of_answer(ITEMS[link_id], answer, PATIENT) == patient


def test_a_missing_answer_reads_as_why_it_is_missing() -> None:
    pending = Answer(absent=AbsentReason.TEMP_UNKNOWN)
    assert words_of_answer(ITEMS["fever"], UNKNOWN, NURSE) == "not known"
    assert words_of_answer(ITEMS["fever"], UNKNOWN, PATIENT) == "I do not know"
    assert words_of_answer(ITEMS["fever"], pending, PATIENT) == "result pending"
    assert words_of_answer(ITEMS["fever"], pending, NURSE) == "result pending"
    assert words_of_answer(ITEMS["fever"], None, NURSE) == "not answered"


def test_a_number_without_a_unit_reads_as_the_number() -> None:
    bare = number("n", unit="")
    assert words_of_answer(bare, Answer(value=4), NURSE) == "4"
    assert words_of_condition(at_least_number("n", 4), {"n": bare}, NURSE) == ("The n: at least 4")


@pytest.mark.parametrize(
    ("condition", "words"),
    [
        (ALWAYS, "always"),
        (yes("fever"), "The fever: yes"),
        (no("fever"), "The fever: no"),
        (Not(part=yes("fever")), "not (The fever: yes)"),
        (one_of("lungs", "c", "a"), "The lungs: choice a (nurse) or choice c (nurse)"),
        (at_most_number("count", 2), "The count: at most 2 levels"),
        (at_least_number("count", 2), "The count: at least 2 levels"),
        (within("found", 2), "The found: within 2 months before the screening date"),
        (within("found", 1), "The found: within 1 month before the screening date"),
        (within("found", 1, Unit.DAYS), "The found: within 1 day before the screening date"),
        (all_of(yes("fever"), yes("pain")), "The fever: yes, and The pain: yes"),
        (any_of(yes("fever"), yes("pain")), "The fever: yes, or The pain: yes"),
        (
            any_of(all_of(yes("fever"), no("pain")), ALWAYS),
            "(The fever: yes, and The pain: no), or always",
        ),
        (
            AtLeast(count=2, parts=(yes("fever"), yes("pain"), no("fever"))),
            "at least 2 of: The fever: yes; The pain: yes; The fever: no",
        ),
        (AtLeast(count=1, parts=(yes("fever"),)), "The fever: yes"),
    ],
)
def test_a_condition_reads_as_a_sentence(condition: Condition, words: str) -> None:
    assert words_of_condition(condition, ITEMS, NURSE) == words


def test_a_yes_or_no_item_that_admits_both_reads_as_both() -> None:
    either = one_of("fever")
    both_ways = type(either)(item="fever", values=frozenset({True, False}))
    assert words_of_condition(both_ways, ITEMS, NURSE) == "The fever: yes or no"


def test_answers_read_in_one_line() -> None:
    answers = {**given(fever=True, count=3), "lungs": UNKNOWN}
    assert words_of_answers(answers, ITEMS) == (
        "The fever: yes; The count: 3 levels; The lungs: not known"
    )
    nurse = words_of_answers(given(lungs="b"), ITEMS)
    assert nurse == "The lungs: choice b (nurse)"


def test_a_trace_is_in_the_words_of_the_nurse() -> None:
    finding = evaluate(one_of("lungs", "c"), given(lungs="b"), AS_OF)
    (line,) = trace_lines(finding, ITEMS, {})
    assert (line.words, line.answer) == ("The lungs: choice c (nurse)", "choice b (nurse)")


def test_a_trace_has_a_line_for_every_finding_with_its_depth_truth_and_answer() -> None:
    condition = any_of(
        all_of(yes("fever"), Not(part=yes("pain"))),
        AtLeast(count=2, parts=(yes("pain"), no("pain"), at_most_number("count", 2))),
        ALWAYS,
    )
    lines = trace_lines(evaluate(condition, given(fever=True, count=3), AS_OF), ITEMS, {})
    shown = [(line.depth, line.words, line.truth.value, line.answer) for line in lines]
    assert shown == [
        (0, "at least one of these", "true", ""),
        (1, "all of these", "unknown", ""),
        (2, "The fever: yes", "true", "yes"),
        (2, "the line below is not met", "unknown", ""),
        (3, "The pain: yes", "unknown", "not answered"),
        (1, "at least 2 of these", "unknown", ""),
        (2, "The pain: yes", "unknown", "not answered"),
        (2, "The pain: no", "unknown", "not answered"),
        (2, "The count: at most 2 levels", "false", "3 levels"),
        (1, "always", "true", ""),
    ]


def deciding_ids(answers: dict[str, Answer]) -> list[str]:
    return [each.criterion.id for each in deciding_criteria(assess(RULES, answers, AS_OF))]


def test_a_result_is_decided_by_the_criteria_that_trigger_its_outcome() -> None:
    assert deciding_ids(MET | given(fever=True, count=3)) == ["fever"]
    assert deciding_ids(MET | given(count=3, lungs="c")) == ["few"]
    assert deciding_ids(MET | given(lungs="c")) == ["lungs"]


def test_a_result_that_nothing_triggers_is_decided_by_the_requirements() -> None:
    assert deciding_ids(MET) == ["recent", "few"]


def test_an_open_result_is_kept_open_by_what_is_unknown_and_could_change_it() -> None:
    assert deciding_ids({**MET, "fever": UNKNOWN}) == ["fever"]
    assert deciding_ids(given(fever=False, found=AS_OF)) == ["lungs", "few"]


def reason(answers: dict[str, Answer]) -> str:
    return reason_sentence(assess(RULES, answers, AS_OF))


def test_the_reason_is_said_in_a_sentence() -> None:
    assert reason(MET | given(fever=True)) == "Because: fever holds, says the nurse."
    assert reason(MET | given(count=3)) == "Because: few does not hold, says the nurse."
    assert reason(MET) == (
        "2 documented requirements are met. No answer so far is a reason against. " + NO_ALL_CLEAR
    )


def test_descriptions_are_counted_where_nothing_is_required() -> None:
    rules = ruleset([item("fever")], [criterion("only", Tier.DESCRIBED, yes("fever"))])
    said = reason_sentence(assess(rules, given(fever=True), AS_OF))
    assert said.startswith("1 description is met. No answer so far")


def test_one_requirement_is_spoken_of_as_one() -> None:
    rules = ruleset([item("fever")], [criterion("only", Tier.REQUIRED, yes("fever"))])
    assert reason_sentence(assess(rules, given(fever=True), AS_OF)) == (
        "1 documented requirement is met. No answer so far is a reason against. " + NO_ALL_CLEAR
    )


def test_the_reason_of_an_open_result_counts_the_answers_that_could_matter() -> None:
    assert reason({**MET, "fever": UNKNOWN}) == (
        "2 missing answers could still matter. Still possible: clinician first; met."
    )
    known = {key: answer for key, answer in MET.items() if key != "count"}
    assert reason(known) == (
        "1 missing answer could still matter. Still possible: requirement unmet; met."
    )


def test_a_result_that_holds_either_way_says_so() -> None:
    either = criterion("either", Tier.URGENT, any_of(yes("fever"), no("fever")))
    rules = ruleset([item("fever")], [either])
    assert reason_sentence(assess(rules, {}, AS_OF)) == (
        "Whatever the missing answers are, the result is the same: The fever."
    )


def test_what_is_still_needed_comes_with_the_gravest_thing_it_could_change() -> None:
    result = assess(RULES, {"fever": UNKNOWN}, AS_OF)
    assert [
        (need.item.link_id, need.tier, need.effect, need.missing)
        for need in words_of_needs(result, find_needs(result))
    ] == [
        ("fever", Tier.URGENT, "could mean that clinician review is needed", "not known"),
        ("count", Tier.REQUIRED, "could leave a requirement unmet", "not answered"),
        ("found", Tier.REQUIRED, "could leave a requirement unmet", "not answered"),
        ("lungs", Tier.CAUTION, "could add a caution", "not answered"),
        ("pain", Tier.INFO, "could add a point for preparation", "not answered"),
    ]


def test_questions_for_the_doctor_are_those_that_hold() -> None:
    for answers, shown in (({}, ["why"]), (given(fever=True), ["why", "how"])):
        result = assess(RULES, answers, AS_OF)
        assert [each.id for each in doctor_questions(result)] == shown


def test_a_disagreement_is_shown_where_a_reason_bears_on_it() -> None:
    result = assess(RULES, given(fever=True), AS_OF)
    assert [each.id for each in disagreements_touched(result)] == ["on_fever"]
    assert disagreements_touched(assess(RULES, {}, AS_OF)) == ()


def test_words_are_those_of_the_audience() -> None:
    wording = both("text")
    assert wording.to(NURSE) == wording.nurse
    assert wording.to(PATIENT) == wording.patient


def test_a_choice_that_is_asked_of_a_patient_is_in_the_patients_words() -> None:
    words = words_of_condition(one_of("lungs", "c"), ITEMS, PATIENT)
    assert words == "The lungs: choice c (patient)"


def test_one_of_something_is_said_in_the_singular() -> None:
    levels = number("levels", 1, 9, unit="levels")
    assert words_of_answer(levels, Answer(value=1), Audience.NURSE) == "1 level"
    assert words_of_answer(levels, Answer(value=2), Audience.NURSE) == "2 levels"


def test_a_red_flag_says_first_what_to_do_and_nothing_else_does() -> None:
    for tier in Tier:
        said = put_action_first(criterion("x", tier, ALWAYS), "Why.")
        assert (said != "Why.") is (tier in GRAVE)
        assert said.endswith("Why.")
