"""Conservative care: what its three measures come to, over every combination of answers."""

from collections.abc import Iterator, Mapping
from itertools import product

import pytest
from support.rulesets.shipped import as_of, flags, judged, outcome, ruleset

from screening.core.results.result import doctor_questions
from screening.core.rules.finding import evaluate
from screening.core.values.answer import Answer, Value
from screening.core.values.truth import Truth

MEASURES = ("care_bracing", "care_medicines", "care_other")
CHOICES = ("failed", "somewhat", "helping", "not_tried", "not_possible")
Given = Mapping[str, Value | None]


def combinations(*states: str | None) -> Iterator[Given]:
    for measures in product(states, repeat=3):
        for failed in (True, False, None):
            yield {**dict(zip(MEASURES, measures, strict=True)), "care_judged": failed}


def truth(criterion_id: str, given: Given) -> Truth:
    answers = {name: Answer(value=value) for name, value in given.items() if value is not None}
    return evaluate(ruleset().criterion(criterion_id).condition, answers, as_of()).truth


def has_failed(given: Given) -> Truth:
    """What the sources come to, written down a second time."""
    measures = [given[name] for name in MEASURES]
    if "helping" in measures or not {"failed", "somewhat"} & set(measures):
        return Truth.FALSE
    if "somewhat" not in measures:
        return Truth.TRUE
    judged_failed = given["care_judged"]
    return Truth.UNKNOWN if judged_failed is None else Truth.of(value=judged_failed is True)


def test_each_measure_can_help_somewhat() -> None:
    for name in MEASURES:
        assert tuple(ruleset().items[name].choices) == CHOICES


def test_care_has_failed_as_its_sources_say_over_all_combinations() -> None:
    for given in combinations(*CHOICES):
        assert truth("conservative_care_failed", given) is has_failed(given), given


def test_care_never_has_failed_without_both_and_not_failed_at_once() -> None:
    seen = set[Truth]()
    for given in combinations(*CHOICES, None):
        failed, not_both = (
            truth(name, given) for name in ("conservative_care_failed", "care_not_both")
        )
        seen.add(not_both)
        assert not_both is not Truth.TRUE or failed is Truth.TRUE, given
        assert failed is not Truth.FALSE or not_both is Truth.FALSE, given
    assert seen == set(Truth)


@pytest.mark.parametrize("measure", MEASURES)
def test_partial_relief_is_open_until_a_clinician_has_judged(measure: str) -> None:
    partial: dict[str, Value | None] = {**dict.fromkeys(MEASURES, "failed"), measure: "somewhat"}
    result = judged(**partial, care_judged=None)
    assert result.finding("conservative_care_failed").truth is Truth.UNKNOWN
    assert "care_judged" in result.needs
    assert not result.favourable
    assert outcome(**partial, care_judged=True) == "met"
    assert "conservative_care_failed" in flags(**partial, care_judged=False)


def test_the_judgement_is_needed_only_where_something_helps_somewhat() -> None:
    assert "care_judged" not in judged(care_judged=None).needs
    assert outcome(care_judged=None) == "met"


def test_a_clinicians_no_is_never_passed_over() -> None:
    """Failed measures of which a clinician says that they have not failed contradict it."""
    for given in combinations(*CHOICES):
        result = judged(**{**given, "care_judged": False})
        measures = {given[name] for name in MEASURES}
        at_odds = "failed" in measures and not {"somewhat", "helping"} & measures
        found = [each.rule.id for each in result.contradictions]
        assert found == (["failed_care_and_its_judgement"] if at_odds else []), given
        assert not result.favourable, given
        assert result.settled is not True, given


def test_a_clinicians_no_is_open_while_a_measure_is_not_known() -> None:
    result = judged(care_bracing=None, care_judged=False)
    assert not result.contradictions
    assert not result.favourable


def test_what_helps_somewhat_puts_the_question_of_going_on_with_it() -> None:
    shown = {each.id for each in doctor_questions(judged(care_bracing="somewhat"))}
    assert "care_helping" in shown
