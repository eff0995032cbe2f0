"""Explained words are found by their forms, whole, in the order of first mention."""

import pytest

from screening.core.rules.term import Term, terms_in

TERMS = {
    "xray": Term(id="xray", forms=("X-ray", "X-rays"), say="A picture of bones."),
    "dye": Term(id="dye", forms=("X-ray dye", "dye"), say="A liquid."),
    "ct": Term(id="ct", forms=("CT",), say="A scan."),
    "spine": Term(id="spine", forms=("العمود الفقري",), say="…"),
}


@pytest.mark.parametrize(
    ("texts", "found"),
    [
        (["A CT or an X-ray.", "Two x-rays."], ["ct", "xray"]),
        (["Is it the X-ray dye?"], ["dye"]),
        (["The dye, then X-rays."], ["dye", "xray"]),
        (["An active doctor dyed it."], []),
        (["في العمود الفقري."], ["spine"]),
        ([], []),
    ],
)
def test_a_term_is_found_by_a_whole_form_and_the_longest(
    texts: list[str], found: list[str]
) -> None:
    assert [term.id for term in terms_in(TERMS, texts)] == found


def test_without_terms_nothing_is_found() -> None:
    assert terms_in({}, ["An X-ray."]) == ()
