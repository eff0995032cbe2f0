"""The reading grade of English texts by Flesch and Kincaid, with syllables counted by rule."""

import re

_WORD = re.compile(r"[A-Za-z]+(?:['\u2019][A-Za-z]+)?|\d+")
_SENTENCE = re.compile(r"[.?!:;]+(?=[\s\")\u201d\u2019]|$)")
_VOWELS = re.compile(r"[aeiouy]+")
_PARTED = re.compile(r"(?<![ctgs])i[ao]|iu|ie[tr]|eo(?!p)|ua[tl]|yi|eing")
"""Vowels side by side of which each is said."""
_SILENT = re.compile(
    r"[^aeiouyl]e$|[aeiouy]le$|[^aeiouydt]ed$|[^aeiouscxzgh]es$|[^aeiouy]e(?=ly|ful)"
)
_ODD = {"any": 2, "ago": 2, "area": 3, "idea": 3, "something": 2, "someone": 2, "sometimes": 2}
_SHORT = 3


def count_syllables(word: str) -> int:
    """The syllables of a word: groups of vowels, without a silent e; a number is one."""
    small = re.sub(r"['\u2019]", "", word.casefold())
    if small in _ODD or len(small) <= _SHORT:
        return _ODD.get(small, 1)
    said = len(_VOWELS.findall(small)) + len(_PARTED.findall(small))
    return max(1, said - len(_SILENT.findall(small)))


def words_of(text: str) -> list[str]:
    """The words of a text, without marks."""
    return _WORD.findall(text)


def reading_grade(text: str) -> float:
    """The school year whose pupils can read a text that has a word."""
    words = words_of(text)
    sentences = [each for each in _SENTENCE.split(text) if words_of(each)]
    said = sum(map(count_syllables, words))
    return 0.39 * len(words) / len(sentences) + 11.8 * said / len(words) - 15.59
