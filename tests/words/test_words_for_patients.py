"""Patients never read a verdict, a word of the field that has a plain one, or what only frightens.

A language has a list of such words in tests/data/words, and is looked at because the list is there.
"""

import re
from functools import cache
from pathlib import Path

import pytest
from support.rulesets import shipped
from support.words import patient_texts

LISTS = Path(__file__).parents[1] / "data" / "words"
LANGUAGES = sorted(path.stem for path in LISTS.glob("*.txt"))
ALLOWED = {
    ("start.html", "right for you"): "the start page says that it does not say so",
}
"""Words that a place needs, each with the reason."""
FEWEST = 100
"""The texts of a language that has any."""


@cache
def words(language: str) -> list[str]:
    """The expressions of a list."""
    lines = (LISTS / f"{language}.txt").read_text("utf-8").splitlines()
    return [line for line in lines if line and not line.startswith("#")]


def texts(language: str) -> list[tuple[str, str]]:
    """Every text that a patient can read in a language."""
    if language != "en":
        overlay = patient_texts.texts_of_overlay(language)
        return [*overlay, *patient_texts.texts_of_catalogue(language)]
    rules = patient_texts.texts_of_rules(shipped.ruleset())
    return [*rules, *patient_texts.texts_of_pages(), *patient_texts.texts_of_sentences()]


def found(language: str, text: str) -> list[str]:
    """The forbidden words in a text."""
    every = rf"(?<!\w)(?:{'|'.join(words(language))})(?!\w)"
    return [hit[0].lower() for hit in re.finditer(every, text, re.IGNORECASE)]


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_text_has_a_word_that_is_never_shown(language: str) -> None:
    hits = [(place, word) for place, text in texts(language) for word in found(language, text)]
    assert [hit for hit in hits if hit not in ALLOWED] == []
    assert len(texts(language)) > FEWEST
    if language == "en":
        assert ALLOWED.keys() <= set(hits)


@pytest.mark.parametrize(
    "text",
    [
        "You are a good candidate.",
        "Ask your doctor what it means that yours is milder.",
        "Ask what this means for you.",
        "IV drug abuse",
        "It can be dangerous.",
        "You gave no answer.",
    ],
)
def test_the_list_finds_what_once_was_said(text: str) -> None:
    assert found("en", text)


def test_words_of_an_overlay_are_found() -> None:
    said = {text for _, text in patient_texts.texts_of_overlay(".")}
    assert shipped.ruleset().items["age"].ask.patient in said
