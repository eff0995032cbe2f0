"""Quoted phrases are looked for in a document's words."""

import pytest

from screening.core.values.citation import Citation
from screening.formats.rules.quotes import count_quote, has_heading, headings_above, occurs_loosely


def quoted(quote: str, prefix: str = "", suffix: str = "") -> Citation:
    return Citation(source="page", heading="Heading", quote=quote, prefix=prefix, suffix=suffix)


@pytest.mark.parametrize(
    ("document", "count"),
    [
        ("a red flag", 1),
        ("a red flag, and a red flag", 2),
        ("nothing of it", 0),
        ("", 0),
        ("a\u00a0red\u00a0flag", 1),
        ("a  red \t flag", 1),
        ("a red\nflag", 1),
        ("a red\r\nflag", 1),
        ("a red\n   flag", 1),
        ("a red\n\nflag", 0),
        ("a red\n \t\nflag", 0),
        ("A red flag", 0),
        ("“a red flag”.", 1),
        ("a red flags", 0),
        ("beta red flag", 0),
        ("a-red flag", 0),
    ],
)
def test_white_space_is_not_compared_but_all_else_is(document: str, count: int) -> None:
    assert count_quote(quoted("a red flag"), document) == count


def test_a_phrase_is_not_found_inside_a_word_that_turns_its_sense() -> None:
    assert count_quote(quoted("active infection"), "an inactive infection") == 0


def test_prefix_and_suffix_tell_passages_apart() -> None:
    document = "one level at a time. Not one level (or two)."
    assert count_quote(quoted("one level"), document) == 2
    assert count_quote(quoted("one level", suffix="at a time"), document) == 1
    assert count_quote(quoted("one level", prefix="Not"), document) == 1
    assert count_quote(quoted("one level", prefix="Not", suffix="at a time"), document) == 0
    assert count_quote(quoted("one level", suffix="(or"), document) == 1


def test_punctuation_may_touch_the_phrase_that_it_tells_apart() -> None:
    assert count_quote(quoted("one level", suffix="."), "one level. Or one level, then") == 1


def test_signs_of_a_phrase_are_no_pattern() -> None:
    assert count_quote(quoted("fracture(s) of 60-90%"), "fracture(s) of 60-90% or more") == 1
    assert count_quote(quoted("a.c"), "abc") == 0


def test_passages_that_overlap_are_counted_each() -> None:
    assert count_quote(quoted("no no"), "no no no") == 2


def test_a_phrase_with_other_capitals_or_punctuation_is_nearly_there() -> None:
    document = "They aren't used, even for Osteoporosis."
    assert occurs_loosely(quoted("they aren\u2019t used"), document)
    assert occurs_loosely(quoted("even for osteoporosis"), document)
    assert not occurs_loosely(quoted("never for osteoporosis"), document)


@pytest.mark.parametrize(
    ("document", "over"),
    [
        ("Risks\n\nIt may leak.\n\nWhen\n\nSoon.", ["Risks"]),
        ("It may leak.\n\nRisks\n\nNone.", [""]),
        (" Risks\u00a0\nIt may\nleak. Risks", ["Risks"]),
        ("Risks\n\nIt may leak.\n\nWhen\nIt may leak.", ["Risks", "When"]),
        ("It may\nRisks\nleak", []),
        ("Further Risks\n\nIt may leak.", [""]),
    ],
)
def test_a_passage_stands_under_the_nearest_heading_above_it(
    document: str, over: list[str]
) -> None:
    assert headings_above(quoted("may leak"), document, {"Risks", "When"}) == over


def test_a_heading_is_a_whole_line() -> None:
    assert has_heading("Possible  fracture", "x\n Possible fracture \ny")
    assert not has_heading("Possible", "Possible fracture")
    assert not has_heading("possible fracture", "Possible fracture")
