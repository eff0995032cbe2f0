"""The order of the questions on a patient's sheet, and what an unknown answer asks."""

from collections.abc import Mapping

import pytest
from support.rulesets import shipped
from support.rulesets.builders import UNKNOWN, given

from screening.core.results.assess import assess
from screening.core.results.sheet_questions import SheetQuestion, sheet_questions
from screening.core.rules.ruleset import Matter
from screening.core.values.answer import Answer

MET = shipped.favourable()


def raised(answers: Mapping[str, Answer], *matters: Matter) -> tuple[SheetQuestion, ...]:
    return sheet_questions(assess(shipped.ruleset(), answers, shipped.as_of()), matters)


def first_ids(answers: Mapping[str, Answer], *matters: Matter) -> list[str]:
    return [each.question.id for each in raised(answers, *matters)][:3]


def test_what_the_answers_call_for_comes_before_what_everybody_asks() -> None:
    found = raised({**MET, **given(blood_thinners=True)})
    assert found[0].question.id == "thinners"
    general = [each.is_general for each in found]
    assert general == sorted(general)


@pytest.mark.parametrize("imaging", ["not_done", "shows_none"])
def test_without_a_break_on_a_scan_the_scan_comes_first(imaging: str) -> None:
    answers = {**MET, **given(blood_thinners=True, serious_accident=True)}
    assert first_ids({**answers, "imaging_result": Answer(value=imaging)})[0] == "scan_needed"


def test_an_unknown_scan_asks_in_words_of_its_own() -> None:
    first = raised({**MET, "imaging_result": UNKNOWN})[0]
    assert first.question.id == "scan_needed"
    assert first.missing == {"imaging_result"}
    assert first.text == first.question.if_unknown != first.question.say.patient


def test_an_unknown_cause_is_asked_about() -> None:
    assert "What caused the break?" in [each.text for each in raised({**MET, "cause": UNKNOWN})]
    assert "What caused the break?" not in [each.text for each in raised(MET)]


def test_what_nobody_asked_raises_no_question() -> None:
    """An answer gated away is missing too, and says nothing."""
    answers = {**MET, "imaging_result": Answer(value="not_done")}
    del answers["fracture_at_level"]
    assert "level_unclear" not in [each.question.id for each in raised(answers)]


def test_one_question_for_each_thing_that_matters_follows_the_first() -> None:
    answers = {**MET, **given(blood_thinners=True, lung_disease=True)}
    picked = first_ids(answers, Matter.HOW_SOON, Matter.DECIDING)
    assert picked == ["thinners", "aftercare", "decide_together"]
    assert picked == first_ids(answers, Matter.HOW_SOON, Matter.DECIDING)


@pytest.mark.parametrize("matter", Matter)
def test_each_thing_that_matters_has_a_question_that_everybody_can_ask(matter: Matter) -> None:
    found = [each for each in raised(MET, matter) if each.is_general]
    assert matter in {each for one in found for each in one.question.matters}


def test_each_question_of_the_sheet_has_a_rank_of_its_own() -> None:
    ranks = [each.first for each in shipped.ruleset().doctor_questions]
    assert None not in ranks
    assert len(set(ranks)) == len(ranks)
