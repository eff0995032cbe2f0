"""Whether a reason says anything: letters that can be seen, and words that are some."""

import pytest

from screening.core.values.note import NoteFault, NoteRule, has_letters, has_words


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


@pytest.mark.parametrize(
    ("note", "fault"),
    [
        ("", NoteFault.TOO_FEW_LETTERS),
        ("fell", NoteFault.TOO_FEW_WORDS),
        ("fell today", None),
        ("fell today" + "!" * 11, NoteFault.TOO_LONG),
        ("fell\0today", NoteFault.NOT_TEXT),
        ("fell today\ud800", NoteFault.NOT_TEXT),
    ],
)
def test_a_rule_says_why_it_refuses_a_note(note: str, fault: NoteFault | None) -> None:
    assert NoteRule(letters=3, words=2, longest=20).fault(note) is fault


def test_what_need_not_say_anything_has_to_be_kept_all_the_same() -> None:
    rule = NoteRule(letters=3, longest=5)
    found = [rule.storage_fault(note) for note in ("", "abcdef", "\0")]
    assert found == [None, NoteFault.TOO_LONG, NoteFault.NOT_TEXT]
