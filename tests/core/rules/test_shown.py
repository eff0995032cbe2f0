"""A question is hidden only by answers that rule it out, and hiding it says nothing."""

from dataclasses import replace

import pytest
from support.rulesets import shipped
from support.rulesets.builders import AS_OF, UNKNOWN, choice, item
from support.rulesets.builders import given as known

from screening.core.compiled.model import model_of
from screening.core.results.assess import (
    assess,
    is_called_for,
    is_put_to_patients,
    meets_shown_if,
)
from screening.core.rules.condition import OneOf
from screening.core.rules.finding import Answers
from screening.core.rules.item import Item
from screening.core.values.answer import Answer
from screening.proof.explanation.reasons import Explainer
from screening.web.patient.journey import Journey
from screening.words.nurse.needs import words_of_needed

ONLY_A = OneOf(item="kind", values=frozenset({"a"}))


@pytest.fixture
def asked() -> Item:
    return replace(item("date"), shown_if=ONLY_A)


@pytest.mark.parametrize(
    ("answers", "is_shown"),
    [
        ({}, True),
        ({"kind": UNKNOWN}, True),
        (known(kind="a"), True),
        (known(kind="b"), False),
        (known(kind="b", date=True), True),
        (known(kind="b") | {"date": UNKNOWN}, True),
    ],
)
def test_only_answers_that_rule_it_out_hide_a_question_without_one(
    asked: Item,
    answers: Answers,
    is_shown: bool,  # noqa: FBT001 - what is expected
) -> None:
    assert choice("kind").choices.keys() >= {"a", "b"}
    assert meets_shown_if(asked, answers, AS_OF) is is_shown
    assert is_called_for(asked, answers, AS_OF) is is_shown


def test_a_question_without_a_condition_is_always_shown() -> None:
    assert meets_shown_if(item("date"), known(kind="b"), AS_OF)
    assert is_put_to_patients(item("date"), known(kind="b"), AS_OF)


@pytest.mark.parametrize(
    ("answers", "is_put"),
    [
        ({}, False),
        ({"kind": UNKNOWN}, False),
        (known(kind="a"), True),
        (known(kind="b"), False),
        (known(kind="b", date=True), True),
        (known(kind="b") | {"date": UNKNOWN}, True),
    ],
)
def test_a_question_is_put_to_patients_only_where_its_condition_holds(
    answers: Answers,
    is_put: bool,  # noqa: FBT001 - what is expected
) -> None:
    asked = replace(item("date"), patient_shown_if=ONLY_A)
    assert is_put_to_patients(asked, answers, AS_OF) is is_put
    assert is_called_for(asked, answers, AS_OF), "a nurse sees it all the same"


def test_what_hides_a_question_from_patients_enters_no_condition() -> None:
    """Else an answer that a nurse gives would not count."""
    shown = shipped.ruleset()
    hidden = [each for each in shown.items.values() if each.patient_shown_if is not None]
    assert hidden
    bare = {key: replace(each, patient_shown_if=None) for key, each in shown.items.items()}
    without = replace(shown, items=bare, patient_path=None)
    for example in shipped.examples().values():
        one, other = (assess(rules, example.answers, AS_OF) for rules in (shown, without))
        assert (one.possible, one.needs, one.set_aside) == (
            other.possible,
            other.needs,
            other.set_aside,
        )


def recent() -> dict[str, Answer]:
    """A case whose fracture is recent beyond doubt, so that nobody need ask about its healing."""
    answers = shipped.favourable()
    return {link: each for link, each in answers.items() if link != "fracture_healing"}


@pytest.mark.parametrize(
    ("hidden", "answers"),
    [("fracture_healing", recent()), ("imaging_date", known(imaging_result="shows_none"))],
)
def test_what_is_hidden_is_neither_asked_nor_needed(hidden: str, answers: Answers) -> None:
    ruleset, day = shipped.ruleset(), shipped.as_of()
    assert not meets_shown_if(ruleset.items[hidden], answers, day)
    explanation = Explainer(model_of(ruleset)).explain(answers, day)
    assessment = assess(ruleset, answers, day)
    assert hidden not in {need.item.link_id for need in words_of_needed(assessment, explanation)}
    assert hidden not in explanation.idle
    journey = Journey(ruleset, answers, day)
    assert hidden not in {each.link_id for each in (*journey.path, *journey.left_out)}


def test_what_is_hidden_is_unknown_and_never_no() -> None:
    answers = known(imaging_result="shows_none")
    assessment = assess(shipped.ruleset(), answers, shipped.as_of())
    assert "imaging_date" not in assessment.answers
    assert assessment.answers.keys() == answers.keys()


def test_nothing_that_is_hidden_can_change_a_result_of_the_examples() -> None:
    """Else a case could wait for a question that nobody sees."""
    ruleset, day = shipped.ruleset(), shipped.as_of()
    explainer, seen = Explainer(model_of(ruleset)), 0
    for example in shipped.examples().values():
        for left_out in ([], ["fracture_healing"], ["imaging_date"]):
            answers = {k: v for k, v in example.answers.items() if k not in left_out}
            live = {each.link_id for each in explainer.can_matter(answers, day) if each.outcome}
            hidden = {
                k for k, each in ruleset.items.items() if not meets_shown_if(each, answers, day)
            }
            seen += len(hidden)
            assert not live & hidden, example.name
    assert seen
