"""What is stored of an assessment reads back as the very same assessment."""

import json

import pytest
from support.rulesets import shipped
from support.rulesets.builders import UNKNOWN

from screening.core.compiled.model import compile_ruleset
from screening.core.results.assess import Assessment, assess
from screening.formats.documents.answers_json import (
    write_answers,
    write_assessment,
    write_explanation,
)
from screening.formats.documents.recorded_assessment import (
    read_assessment,
    read_explanation,
    write_trace,
)
from screening.proof.explanation.reasons import Explainer

EXPLAINER = Explainer(compile_ruleset(shipped.ruleset()))
CASES = {name: (each.answers, each.as_of) for name, each in shipped.examples().items()} | {
    "nothing": ({}, shipped.as_of()),
    "nothing known": (dict.fromkeys(shipped.ruleset().items, UNKNOWN), shipped.as_of()),
}


def stored(assessment: Assessment) -> Assessment:
    written = (
        write_assessment(assessment),
        write_answers(assessment.answers, assessment.as_of),
        write_trace(assessment),
    )
    told, answers, trace = json.loads(json.dumps(written))
    return read_assessment(told, answers, trace, shipped.ruleset())


@pytest.mark.parametrize("name", CASES)
def test_an_assessment_reads_back_whole(name: str) -> None:
    assessment = assess(shipped.ruleset(), *CASES[name])
    assert stored(assessment) == assessment


@pytest.mark.parametrize("name", CASES)
def test_an_explanation_reads_back_whole(name: str) -> None:
    answers, as_of = CASES[name]
    explanation = EXPLAINER.explain(answers, as_of)
    written = json.loads(json.dumps(write_explanation(explanation)))
    assert read_explanation(written, shipped.ruleset(), as_of) == explanation
