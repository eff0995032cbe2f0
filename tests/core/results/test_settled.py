"""What can be said of a result before it is settled: one way only, contradictions, the last day."""

import datetime as dt

import pytest
from support.rulesets.shipped import as_of, favourable, judged, ruleset

from screening.core.results.assess import assess
from screening.core.results.warning_signs import collect_warnings
from screening.core.results.window import closing_day
from screening.core.values.answer import Answer
from screening.core.values.span import month_of, year_of
from screening.core.values.wording import Audience
from screening.words.auditor.checks import words_of_check
from screening.words.auditor.trace import trace_lines
from screening.words.nurse.result import closing_sentence, reason_sentence, settled_sentence
from screening.words.shared.answers import narrowed_dates, words_of_known
from screening.words.shared.contradictions import words_of_contradictions


def test_a_result_that_cannot_come_out_favourable_says_so_with_the_gravest_reason_first() -> None:
    result = judged(leg_weakness=None, scoliosis=True, pain_severity="mild")
    assert result.outcome
    assert result.outcome.id == "more_information"
    assert result.settled is False
    said = settled_sentence(result)
    assert said.startswith("Cannot come out favourable: Scoliosis")
    assert said.index("Scoliosis") < said.index("pain is not severe")


def test_a_result_that_is_favourable_either_way_says_so() -> None:
    result = judged(blood_thinners=None)
    assert result.settled is True
    assert settled_sentence(result).startswith("Favourable either way.")


def test_nothing_is_said_of_a_result_that_may_come_out_either_way_or_is_decided() -> None:
    assert judged(scoliosis=None).settled is None
    assert settled_sentence(judged(scoliosis=None)) == ""
    assert settled_sentence(judged()) == ""
    assert settled_sentence(judged(scoliosis=True)) == ""


def test_nothing_is_favourable_either_way_while_an_emergency_sign_is_open() -> None:
    assert judged(leg_weakness=None, blood_thinners=None).settled is None


def test_nothing_is_favourable_either_way_over_a_contradiction() -> None:
    answers = favourable()
    result = assess(ruleset(), answers, as_of(), birth_year=1990)
    assert [each.rule.id for each in result.contradictions] == ["age_and_birth_year"]
    assert result.settled is None


def test_a_contradiction_names_the_answers_and_the_recorded_year() -> None:
    result = assess(ruleset(), favourable(), as_of(), birth_year=1990)
    (said,) = words_of_contradictions(result, Audience.NURSE)
    assert said == (
        "The age and the birth year do not agree. Answered: Age: 74 years;"
        " recorded birth year: 1990."
    )
    assert said in reason_sentence(result)
    (told,) = words_of_contradictions(judged(disc_pain=True), Audience.PATIENT)
    assert told.startswith("Pain cannot come from a slipped disc that you do not have. Answered: ")


@pytest.mark.parametrize(
    ("changes", "day"),
    [
        ({}, dt.date(2026, 12, 5)),
        ({"onset_date": dt.date(2026, 10, 12)}, dt.date(2026, 12, 12)),
        ({"onset_date": month_of(2026, 10), "diagnosis_date": None}, dt.date(2026, 12, 1)),
        ({"onset_date": year_of(1996), "fracture_healing": "unhealed"}, dt.date(2026, 12, 12)),
        ({"onset_date": year_of(1996), "fracture_healing": "healed"}, dt.date(2026, 12, 12)),
        ({"fracture_healing": "unhealed"}, dt.date(2026, 12, 12)),
        ({"onset_date": year_of(1996), "diagnosis_date": year_of(1996)}, None),
    ],
)
def test_the_closing_day_is_the_last_on_which_requirements_of_time_hold(
    changes: dict[str, object], day: dt.date | None
) -> None:
    result = judged(**changes)  # type: ignore[arg-type]  # answers of several types
    assert closing_day(result) == day
    if day is not None:
        held = {f.criterion.id for f in result.findings if f.truth.value == "true"}
        answers = {each: Answer(value=a.value) for each, a in result.answers.items() if a.known}
        same = assess(ruleset(), answers, day)
        after = assess(ruleset(), answers, day + dt.timedelta(days=1))
        timed = {"recent_fracture", "fresh_fracture"} & held
        assert timed <= {f.criterion.id for f in same.findings if f.truth.value == "true"}
        assert not timed <= {f.criterion.id for f in after.findings if f.truth.value == "true"}


def test_the_trace_says_what_follows_from_the_order_of_events() -> None:
    result = judged(diagnosis_date=None, onset_date=dt.date(2026, 10, 5))
    said = (
        "not answered; on or after 5 October 2026, because “Onset of the fracture” was answered"
        " “5 October 2026”"
    )
    assert words_of_known(result, "diagnosis_date") == said
    lines = [
        line
        for found in result.findings
        for line in trace_lines(found.finding, result.ruleset.items, result.answers)
    ]
    assert said in {line.answer for line in lines}
    assert f"{result.ruleset.items['diagnosis_date'].name}: {said}" in narrowed_dates(result)


def test_a_date_that_is_known_to_the_day_follows_from_no_other() -> None:
    result = judged()
    assert words_of_known(result, "diagnosis_date") == "12 October 2026"


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("onset_before_imaging", "None before the one named before it: Onset of the fracture; "),
        ("age_and_birth_year", "Agrees with the recorded birth year: Age"),
        ("herniation_and_its_pain", "Never: "),
    ],
)
def test_a_rule_of_consistency_is_put_in_words(name: str, words: str) -> None:
    (rule,) = (each for each in ruleset().consistency if each.id == name)
    assert words_of_check(rule.check, ruleset().items).startswith(words)


@pytest.mark.parametrize(
    ("today", "said"),
    [
        (dt.date(2026, 12, 5), "The time window ends on 5 December 2026; "),
        (dt.date(2026, 12, 6), "The time window ended on 5 December 2026; "),
    ],
)
def test_the_closing_day_is_said_and_that_it_has_passed(today: dt.date, said: str) -> None:
    assert closing_sentence(judged(), today).startswith(said)


def test_no_closing_day_is_said_where_nothing_favourable_can_come_out() -> None:
    assert closing_sentence(judged(scoliosis=True), as_of()) == ""


def test_a_list_of_cases_is_warned_of_signs_and_of_the_closing_day() -> None:
    warned = collect_warnings(judged(leg_weakness=True, fever_chills=True, gait_change=None))
    assert warned.emergencies == ("leg_weakness",)
    assert warned.urgent == ("fever_chills",)
    assert warned.open_signs == ("gait_change",)
    assert warned.closes is None
    assert collect_warnings(judged()).closes == dt.date(2026, 12, 5)
