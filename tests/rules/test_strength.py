"""The strength shown is the word of the source itself, and only a must is a requirement."""

import re
from functools import cache
from hashlib import sha256

import pytest
from support.rulesets.shipped import EVIDENCE, flags, judged, outcome, ruleset

from screening.core.rules.ruleset import Criterion, Strength, Tier
from screening.core.values.answer import Value
from screening.core.values.citation import Citation
from screening.core.values.truth import Truth
from screening.words.nurse.criteria import words_of_strength, words_of_support
from screening.words.nurse.result import reason_sentence

OWN = {
    Strength.MUST: r"\bmust\b",
    Strength.GOOD_CANDIDATES: r"\bgood candidates\b",
    Strength.USUALLY: r"\busually\b",
    Strength.MORE_LIKELY: r"\bmore likely\b",
    Strength.MAY: r"\bmay\b",
    Strength.NOT_USED: r"\baren.t used\b",
    Strength.USED: r"\bare used\b",
    Strength.CAN: r"\bcan\b",
    Strength.WILL: r"\bwill\b",
    Strength.NEED: r"\bneed to\b",
    Strength.IN_GENERAL: r"\bin general\b",
    Strength.POSSIBLE: r"\bpossible\b",
}
HEADED = {Strength.ABSOLUTE: "Absolute", Strength.RELATIVE: "Relative"}
DESCRIBED: dict[str, tuple[dict[str, Value], str]] = {
    "imaging_confirms": ({"imaging_result": "not_done"}, "3 of 5 sources ask for it"),
    "severe_pain": ({"pain_severity": "mild"}, "1 of 5 sources asks for it"),
    "function_limited": ({"function_limited": False}, "2 of 5 sources ask for it"),
    "conservative_care_failed": ({"care_other": "helping"}, "3 of 5 sources ask for it"),
    "treated_cause": ({"cause": "other"}, "4 of 5 sources ask for it"),
    "pain_not_improving": (
        {"pain_course": "better"},
        "2 of 8 sources in Safety gate ask for it",
    ),
}


def test_a_requirement_is_what_a_document_says_must_be() -> None:
    required = {each.id for each in ruleset().criteria if each.tier is Tier.REQUIRED}
    assert required == {"pain_from_fracture"}
    assert outcome(pain_from_fracture=False) == "requirement_unmet"


@pytest.mark.parametrize(
    ("criterion_id", "changes", "support"), [(k, *v) for k, v in DESCRIBED.items()]
)
def test_what_is_only_described_differs_and_says_how_many_ask_for_it(
    criterion_id: str, changes: dict[str, Value], support: str
) -> None:
    result = judged(**changes)
    assert outcome(**changes) == "differs"
    assert flags(**changes) >= {criterion_id}
    criterion = ruleset().criterion(criterion_id)
    assert criterion.tier is Tier.DESCRIBED
    assert words_of_support(criterion, ruleset()) == support
    assert f"({support})" in reason_sentence(result)


def test_only_what_is_described_says_how_many_ask_for_it() -> None:
    for each in ruleset().criteria:
        assert bool(words_of_support(each, ruleset())) is (each.tier is Tier.DESCRIBED)


def test_a_strength_that_is_a_heading_is_the_heading_of_a_cited_list() -> None:
    for each in ruleset().criteria:
        if word := HEADED.get(each.strength):
            assert any(cited.heading.startswith(word) for cited in each.citations), each.id


@pytest.mark.parametrize("each", ruleset().criteria, ids=lambda c: c.id)
def test_what_stands_in_quotation_marks_stands_in_a_quoted_passage(each: Criterion) -> None:
    quotes = " ".join(cited.quote.lower() for cited in each.citations)
    mark = words_of_strength(each)
    quoted = re.findall("“(.*)”", mark)
    assert all(re.search(rf"\b{words}\b", quotes) for words in quoted), mark
    if each.strength in OWN and not quoted:
        word = mark.removeprefix("strength in the source: ")
        assert word != mark
        assert not re.search(rf"\b{word}\b", quotes)


def test_what_is_stated_or_listed_is_in_no_quotation_marks() -> None:
    said = {each.id: words_of_strength(each) for each in ruleset().criteria}
    assert said["leg_weakness"] == "stated as a fact in the source"
    assert said["clotting_problem"] == "listed as an absolute contraindication in the source"
    assert said["canal_fragment"] == "listed as a relative contraindication in the source"


def test_a_description_is_never_marked_as_the_contraindication_that_its_opposite_is() -> None:
    described = [each for each in ruleset().criteria if each.tier.raises_flag_when is Truth.FALSE]
    listed = [each for each in described if each.strength in HEADED]
    assert [each.id for each in listed] == ["pain_not_improving"]
    assert words_of_strength(listed[0]) == ""


@pytest.mark.skipif(not EVIDENCE.is_dir(), reason="the documents are no part of the product")
@pytest.mark.parametrize(
    "each", [c for c in ruleset().criteria if c.strength in OWN], ids=lambda c: c.id
)
def test_the_strength_stands_in_a_sentence_that_is_cited(each: Criterion) -> None:
    sentences = [sentence(cited) for cited in each.citations]
    assert any(re.search(OWN[each.strength], text) for text in sentences if text), sentences


def sentence(cited: Citation) -> str:
    """The sentence of a held document in which a quotation stands; empty if it is not held."""
    text = documents().get(ruleset().sources[cited.source].sha256 or "", "")
    before, found, after = text.partition(cited.quote)
    return before.rpartition(". ")[2] + found + after.partition(". ")[0] if found else ""


@cache
def documents() -> dict[str, str]:
    """The held documents by their SHA-256, each with single spaces."""
    held = [path.read_bytes() for path in (EVIDENCE / "sources").iterdir()]
    return {sha256(data).hexdigest(): " ".join(data.decode().split()) for data in held}
