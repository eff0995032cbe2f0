"""A result is the same in whatever order its answers stand: replays read them in another one."""

import datetime as dt
from functools import cache
from random import Random

import pytest
import rfc8785
from support.rulesets import shipped
from support.rulesets.random_rulesets import Sampler

from screening.core.compiled.model import model_of
from screening.core.results.assess import assess
from screening.core.values.answer import Answer
from screening.formats.documents.answers_json import write_assessment, write_explanation
from screening.formats.documents.recorded_assessment import write_trace
from screening.proof.explanation.reasons import Explainer

BORN = 1951
SETS = 60


@cache
def explainer() -> Explainer:
    return Explainer(model_of(shipped.ruleset()))


def written(answers: dict[str, Answer], as_of: dt.date) -> bytes:
    """All that is recorded of a result."""
    result = assess(shipped.ruleset(), answers, as_of, BORN)
    explanation = explainer().explain(answers, as_of, BORN)
    recorded = (write_assessment(result), write_trace(result), write_explanation(explanation))
    return bytes(rfc8785.dumps(list(recorded)))


@pytest.mark.parametrize("seed", range(SETS))
def test_the_order_of_answers_changes_nothing(seed: int) -> None:
    rng = Random(seed)
    sampler = Sampler(rng, shipped.ruleset(), shipped.as_of())
    drawn = list(sampler.draw(1 if seed % 2 else 0.6).items())
    first = written(dict(drawn), sampler.as_of)
    for _ in range(3):
        rng.shuffle(drawn)
        assert written(dict(drawn), sampler.as_of) == first
    assert written(dict(sorted(drawn)), sampler.as_of) == first
