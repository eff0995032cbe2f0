"""An assessment as text is its data written by the encoders, byte by byte."""

import json

import pytest
import rfc8785
from support.bench.answer_rows import AS_OF, mixed
from support.rulesets import shipped

from screening.core.results.assess import Assessment, assess
from screening.core.values.answer import Answer
from screening.formats.documents.answers_json import FORMATS, write_answers, write_assessment
from screening.formats.documents.assessment_text import CANONICAL, write_assessment_text
from screening.formats.documents.recorded_assessment import read_assessment, write_trace

SETS = 150


@pytest.fixture(scope="module")
def assessments() -> list[Assessment]:
    """The shipped examples, and answers with all that makes them hard."""
    rules = shipped.ruleset()
    found = [assess(rules, each.answers, each.as_of) for each in shipped.examples().values()]
    drawn = mixed(rules, SETS)
    return found + [assess(rules, each.answers, AS_OF, each.birth_year) for each in drawn]


def test_it_is_the_text_of_the_data(assessments: list[Assessment]) -> None:
    assert any(each.contradictions for each in assessments)
    for each in assessments:
        assert write_assessment_text(each) == json.dumps(write_assessment(each))


def test_it_is_canonical(assessments: list[Assessment]) -> None:
    for each in assessments:
        text = write_assessment_text(each, CANONICAL).encode()
        assert text == rfc8785.dumps(write_assessment(each))


def test_it_is_that_of_each_format(assessments: list[Assessment]) -> None:
    for form in FORMATS:
        for each in assessments[:20]:
            text = write_assessment_text(each, form=form)
            assert text == json.dumps(write_assessment(each, form))


def test_what_was_read_back_is_written_as_it_was(assessments: list[Assessment]) -> None:
    for each in assessments[:20]:
        given = write_answers(each.answers, each.as_of, each.birth_year)
        data = write_assessment(each)
        again = read_assessment(data, given, write_trace(each), each.ruleset)
        assert write_assessment_text(again) == json.dumps(data)


def test_answers_do_not_linger_from_one_assessment_to_the_next() -> None:
    rules, known = shipped.ruleset(), shipped.favourable()
    for levels in (1, 2, 3, 2, 1):
        result = assess(rules, {**known, "levels": Answer(value=levels)}, shipped.as_of())
        assert write_assessment_text(result) == json.dumps(write_assessment(result))
