"""Whether a reason says anything: letters that can be seen, and words that are some."""

import pytest

from screening.core.decision import has_letters, has_words


@pytest.mark.parametrize("text", ["She fell today", "fell, fell badly: today", "Ärzte sind dafür"])
def test_different_words_count(text: str) -> None:
    assert has_words(text, 3)


@pytest.mark.parametrize(
    "text", ["", "x", "aaa bbb ccc", "fell Fell FELL", "12 34 56", "a b c", "two words"]
)
def test_what_shows_nothing_is_no_word(text: str) -> None:
    assert not has_words(text, 3)


def test_letters_that_cannot_be_seen_do_not_count() -> None:
    assert has_letters("ab", 2)
    assert not has_letters("a\u3164", 2)
    assert not has_words("\u3164\u115f \u1160\uffa0 ab", 2)
