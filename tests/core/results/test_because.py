"""Why an outcome is what it is, in one sentence: the criterion's words and the fewest answers."""

from functools import cache

import pytest
from support.rulesets import shipped
from support.rulesets.builders import UNMET

from screening.core.compiled.model import compile_ruleset
from screening.core.results.assess import Assessment, assess
from screening.core.results.result import deciding_criteria
from screening.core.rules.finding import evaluate
from screening.core.rules.ruleset import Tier, Trigger
from screening.core.values.answer import AbsentReason, Answer
from screening.proof.explanation.reasons import Explainer, Explanation
from screening.words.nurse import reasons
from screening.words.nurse.criteria import strength_words, words_of_support
from screening.words.shared.answers import words_of_answers

EXAMPLES = shipped.examples()
TOLD_BY_A_CRITERION = (Tier.EXCLUSION, Tier.CAUTION)


@cache
def explainer() -> Explainer:
    return Explainer(compile_ruleset(shipped.ruleset()))


def explained(assessment: Assessment) -> Explanation:
    return explainer().explain(assessment.answers, assessment.as_of)


def because(assessment: Assessment) -> str:
    return reasons.words_of_reason(assessment, explained(assessment))


def still_open(assessment: Assessment) -> str:
    return reasons.words_of_open_questions(assessment, explained(assessment))


def example(name: str) -> Assessment:
    return assess(shipped.ruleset(), EXAMPLES[name].answers, EXAMPLES[name].as_of)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        (
            "diagnosed_two_months_and_a_day",
            (
                "Because: The fracture was diagnosed more than two months ago; one document counts"
                " two months (Date of diagnosis: 19 September 2026; strength in the source: more"
                " likely; 1 of 5 sources asks for it)."
            ),
        ),
        (
            "no_imaging",
            (
                "Because: No imaging shows a vertebral compression fracture at the level to be"
                " treated; three documents describe one, and two also name tumours without asking"
                " for one (Imaging result: Not done; strength in the source: are used;"
                " 3 of 5 sources ask for it)."
            ),
        ),
        (
            "scoliosis_yes",
            (
                "Because: Scoliosis; one document says the procedures are usually not advised"
                " (Scoliosis: yes; strength in the source: usually)."
            ),
        ),
        (
            "age_19",
            "Because Age: 19 years. Nothing of higher priority applies (6 answers checked).",
        ),
    ],
)
def test_a_reason_is_in_the_words_of_its_criterion_with_what_was_answered(
    name: str, said: str
) -> None:
    assert because(example(name)).startswith(said)


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_reason_names_the_proved_fewest_answers_and_a_criterion_that_they_settle(
    name: str,
) -> None:
    assessment = example(name)
    outcome = assessment.decided
    if outcome is None or outcome.trigger is Trigger.OTHERWISE:
        return
    reason = explained(assessment).reason
    answers = {link_id: assessment.answers[link_id] for link_id in reason.deciding}
    said = because(assessment)
    assert words_of_answers(answers, shipped.ruleset().items) in said
    if outcome.tier in TOLD_BY_A_CRITERION or outcome.trigger in UNMET:
        settled = [
            found
            for found in deciding_criteria(assessment)
            if evaluate(found.criterion.condition, answers, assessment.as_of).truth is found.truth
        ]
        criterion = settled[0].criterion
        support = words_of_support(criterion, shipped.ruleset())
        marks = filter(None, [strength_words(criterion), support])
        assert f"{'; '.join(marks)})." in said


@pytest.mark.parametrize(
    ("names", "said"),
    [
        ([], ""),
        (["hunched_posture"], "1 question is open; it cannot change this result."),
        (
            ["hunched_posture", "diagnosis_date"],
            (
                "1 question is open; it cannot change this result."
                " 1 question is open; it can change this result only by contradicting another"
                " answer."
            ),
        ),
    ],
)
def test_a_favourable_result_says_how_many_questions_are_open(names: list[str], said: str) -> None:
    left_out = shipped.judged(**dict.fromkeys(names))
    unknown = dict.fromkeys(names, Answer(absent=AbsentReason.ASKED_UNKNOWN))
    asked = assess(shipped.ruleset(), {**shipped.favourable(), **unknown}, shipped.as_of())
    for assessment in (left_out, asked):
        assert assessment.favourable
        assert still_open(assessment) == said
        assert said in because(assessment)


def test_what_can_still_add_a_caution_is_told_apart() -> None:
    """It stands among what is still needed, so nothing may say that it changes nothing."""
    some = (
        "1 question is open that can still add a caution or something to prepare; it cannot change"
        " which result it is."
    )
    assert still_open(shipped.judged(blood_thinners=True, bleeding_tendency=None)) == some
    both = shipped.judged(blood_thinners=True, bleeding_tendency=None, hunched_posture=None)
    assert still_open(both) == f"{some} 1 question is open; it cannot change this result."


def test_so_does_one_with_cautions() -> None:
    assessment = shipped.judged(blood_thinners=True, hunched_posture=None)
    assert because(assessment).endswith(" 1 question is open; it cannot change this result.")


def test_no_other_result_does() -> None:
    for changes in ({"scoliosis": True}, {"cause": None}, {"leg_weakness": True}):
        assert still_open(shipped.judged(hunched_posture=None, **changes)) == ""


def test_a_question_that_is_not_called_for_is_not_open() -> None:
    assert still_open(shipped.judged(disc_pain=None, arthritis_pain=None)) == ""
