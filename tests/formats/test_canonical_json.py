"""Canonical JSON is that of the reference library, whatever the data."""

import math
from typing import Any

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from screening.formats.documents.canonical_json import write_canonical

SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-(2**53) + 1, 2**53 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"]))
)
DATA = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner)
        | st.lists(inner).map(tuple)
        | st.dictionaries(st.text(st.characters(exclude_categories=["Cs"])), inner)
    ),
)


@given(DATA)
def test_it_is_that_of_the_library(data: Any) -> None:  # noqa: ANN401 - JSON data
    assert write_canonical(data) == rfc8785.dumps(data)


@pytest.mark.parametrize(
    "data",
    [
        "".join(map(chr, range(0x100))),
        {"\ue000": 1, "\U00010000": 2},
        {"b": 1, "a": {"B": [], "A": {}}},
        ["é", "\u2028", "\U0001f600", "\x7f"],
        {"fraction": 1e21, "zero": -0.0, "whole": 3.0},
        {"greatest": 2**53 - 1, "least": 1 - 2**53},
    ],
)
def test_it_escapes_and_sorts_as_the_library_does(data: object) -> None:
    assert write_canonical(data) == rfc8785.dumps(data)  # type: ignore[arg-type]  # JSON data


@pytest.mark.parametrize("data", [2**53, [math.nan], {"a": math.inf}, {1: "a"}, {"a": {1}}, b"a"])
def test_what_json_does_not_hold_is_refused(data: object) -> None:
    with pytest.raises(rfc8785.CanonicalizationError):
        write_canonical(data)


def test_half_a_character_is_refused() -> None:
    with pytest.raises(UnicodeEncodeError):
        write_canonical(["\ud800"])
