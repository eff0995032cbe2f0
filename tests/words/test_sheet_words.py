"""The sentences of the patient's sheet."""

from screening.core.rules.ruleset import Matter
from screening.words.patient.matters import MATTER_WORDS
from screening.words.patient.sheet import BRING, words_of_bring, words_of_origin


def test_each_thing_that_may_matter_has_words_of_its_own() -> None:
    assert {*MATTER_WORDS} == {*Matter}
    assert len({*MATTER_WORDS.values()}) == len(Matter)


def test_the_origin_names_publishers_and_rules() -> None:
    said = words_of_origin(["A clinic", "A journal"], "documented", "2.9.0")
    assert said == "It rests on pages by: A clinic; A journal. Rules: documented 2.9.0."


def test_what_to_bring_is_said_in_order() -> None:
    assert tuple(words_of_bring()) == BRING
