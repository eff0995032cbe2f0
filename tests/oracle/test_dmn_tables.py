"""Truth agrees with the ternary-logic tables of the DMN standard, which others wrote."""

import json
from itertools import product
from pathlib import Path

import pytest

from screening.core.values.truth import Truth

TABLES = json.loads((Path(__file__).parents[1] / "data" / "dmn_ternary.json").read_text("utf-8"))
TRUTHS = {
    "true": Truth.TRUE,
    "false": Truth.FALSE,
    "otherwise": Truth.UNKNOWN,  # as an operand: every value that is neither true nor false
    "null": Truth.UNKNOWN,  # as a result
}


@pytest.mark.parametrize("row", TABLES["conjunction_and_disjunction"])
def test_and_and_or_are_those_of_dmn(row: dict[str, str]) -> None:
    one, other = TRUTHS[row["a"]], TRUTHS[row["b"]]
    assert one & other is TRUTHS[row["and"]]
    assert one | other is TRUTHS[row["or"]]


@pytest.mark.parametrize("row", TABLES["negation"])
def test_not_is_that_of_dmn(row: dict[str, str]) -> None:
    assert ~TRUTHS[row["a"]] is TRUTHS[row["not"]]


def test_the_tables_are_whole_and_name_their_origin() -> None:
    pairs = {(row["a"], row["b"]) for row in TABLES["conjunction_and_disjunction"]}
    assert pairs == set(product(("true", "false", "otherwise"), repeat=2))
    assert {row["a"] for row in TABLES["negation"]} == {"true", "false", "otherwise"}
    assert "Object Management Group" in TABLES["origin"]
