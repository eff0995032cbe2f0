"""The urgent answers that a sheet names beside an emergency, whatever leads the advice."""

import pytest
from support.rulesets import shipped

from screening.core.results.needs import urgent_answers
from screening.core.values.answer import Value


def urgent(**answers: Value | None) -> list[str]:
    return [item.link_id for item in urgent_answers(shipped.judged(**answers))]


def test_every_urgent_yes_is_named_beside_an_emergency() -> None:
    found = urgent(gait_change=True, fever_chills=True, canal_fragment=True, iv_drug_use=False)
    assert found == ["fever_chills", "canal_fragment"]


def test_a_yes_that_waits_for_another_answer_counts() -> None:
    assert urgent(cancer_history=True, cause=None) == ["cancer_history"]


@pytest.mark.parametrize(("age", "expected"), [(19, ["age"]), (20, [])])
def test_an_answer_without_a_worse_one_counts_where_it_raises(
    age: int, expected: list[str]
) -> None:
    assert urgent(age=age) == expected


def test_an_answer_that_is_missing_is_none() -> None:
    assert urgent(fever_chills=None) == []
