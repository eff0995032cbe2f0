"""Proofs and explanations keep within their costs, as ratios to plain work of the same run.

The bounds are about three times what was measured; the goals in seconds are the issue's.
"""

from statistics import median

import pytest
from bench.bench_proof import (
    compile_and_prove,
    explanations,
    generated,
    mebibytes,
    plain_work,
    seconds,
)

from screening.core.rules.ruleset import Ruleset

MOST_MEMORY = 40


@pytest.fixture(scope="module")
def plain() -> float:
    return plain_work()


@pytest.mark.parametrize(("questions", "criteria", "most"), [(40, 60, 16), (100, 160, 60)])
def test_proofs_keep_within_their_costs(
    plain: float, questions: int, criteria: int, most: float
) -> None:
    rules = generated(questions, criteria)
    assert seconds(lambda: compile_and_prove(rules), 3) / plain < most
    assert mebibytes(lambda: compile_and_prove(rules)) < MOST_MEMORY


def test_explanations_keep_within_their_costs(plain: float) -> None:
    for name, times in explanations(100).items():
        assert median(times) / plain < 0.1, name


def test_generated_rules_have_the_size_that_they_say() -> None:
    rules: Ruleset = generated(40, 60)
    assert (len(rules.items), len(rules.criteria)) == (40, 60)
    assert len(compile_and_prove(rules).variables) == 40
