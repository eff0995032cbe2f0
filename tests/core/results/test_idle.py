"""What a result is said not to wait for leaves it as it is, whichever way it turns out."""

from functools import cache

import pytest
from support.rulesets import shipped

from screening.core.compiled.model import compile_ruleset
from screening.core.results.assess import Assessment, assess
from screening.core.rules.consistency import Age, could_contradict
from screening.core.rules.finding import Answers
from screening.core.values.answer import Answer
from screening.proof.explanation.reasons import Explainer, Explanation
from screening.proof.explanation.unanswered import idle_items
from screening.words.nurse.reasons import words_of_idle_answers, words_of_open_questions

STAYS = "These answers cannot change the result: "
CONTRARY = "These can change it only by contradicting another answer: "
CONTRADICTORY = [
    name
    for name, each in shipped.examples().items()
    if assess(shipped.ruleset(), each.answers, each.as_of).contradictions
]


@cache
def explainer() -> Explainer:
    return Explainer(compile_ruleset(shipped.ruleset()))


def screened(answers: Answers) -> tuple[Assessment, Explanation]:
    day = shipped.as_of()
    return assess(shipped.ruleset(), answers, day), explainer().explain(answers, day)


def named(said: str, head: str) -> set[str]:
    """The link ids of the questions that a sentence names."""
    names = said.partition(head)[2].partition(".")[0].split(", ")
    return {link for link, item in shipped.ruleset().items.items() if item.name in names}


def turned_out(answers: Answers, link_id: str) -> list[Assessment]:
    """What every answer to one more question would come to."""
    states = shipped.states_of(shipped.ruleset().items[link_id])
    found = [each for each in states if each is not None and each.known]
    return [
        assess(shipped.ruleset(), {**answers, link_id: each}, shipped.as_of()) for each in found
    ]


@pytest.mark.parametrize("name", shipped.examples())
def test_whichever_way_it_turns_out_the_result_stays(name: str) -> None:
    answers = shipped.examples()[name].answers
    assessment, explanation = screened(answers)
    said = words_of_idle_answers(assessment, explanation)
    for link_id in named(said, STAYS):
        for other in turned_out(answers, link_id):
            assert other.outcome == assessment.outcome, link_id
            assert other.contradictions == assessment.contradictions, link_id
    for link_id in named(said, CONTRARY):
        for other in turned_out(answers, link_id):
            new = set(other.contradictions) - set(assessment.contradictions)
            assert other.outcome == assessment.outcome or new, link_id


@pytest.mark.parametrize("name", CONTRADICTORY)
def test_a_result_waits_for_answers_that_contradict_each_other(name: str) -> None:
    assessment, explanation = screened(shipped.examples()[name].answers)
    doubted = {link_id for each in assessment.contradictions for link_id in each.items}
    said = words_of_idle_answers(assessment, explanation)
    assert not doubted & (named(said, STAYS) | named(said, CONTRARY))
    assert not doubted & set(idle_items(assessment, explanation))


def test_a_date_that_could_contradict_another_is_told_apart() -> None:
    answers = shipped.examples()["recent_onset_settles_the_diagnosis"].answers
    found = screened(answers)
    assert found[0].favourable
    assert named(words_of_idle_answers(*found), CONTRARY) == {"diagnosis_date"}
    assert "open; it can change this result only by contradicting" in words_of_open_questions(
        *found
    )
    changed = [each for each in turned_out(answers, "diagnosis_date") if not each.favourable]
    assert any(each.contradictions for each in changed)


def test_what_decides_an_unfavourable_result_cannot_be_doubted_by_other_answers() -> None:
    found = screened({"leg_weakness": Answer(value=True)})
    said = words_of_idle_answers(*found)
    assert named(said, STAYS) >= {"onset_date", "imaging_date", "disc_herniation", "disc_pain"}
    assert CONTRARY not in said


def test_a_recorded_birth_year_can_contradict_an_age_that_is_not_answered_yet() -> None:
    rules, day = shipped.ruleset(), shipped.as_of()
    ages = [each for each in rules.consistency if isinstance(each.check, Age)]
    assert could_contradict(ages, rules.items, {}, day, 1952) == {"age"}
    assert could_contradict(ages, rules.items, {}, day) == set()
    answered = {"age": Answer(value=74)}
    assert could_contradict(ages, rules.items, answered, day, 1952) == set()
