"""The least that a note has to say, and the most that can be kept of it."""

import re
from dataclasses import dataclass
from enum import Enum, auto

_BLANKS = frozenset("\u115f\u1160\u3164\uffa0")
"""Letters, to Unicode, that show nothing."""
_WORD = re.compile(r"[^\W\d_]+")


class NoteFault(Enum):
    """The reason why a note is refused."""

    TOO_FEW_LETTERS = auto()
    TOO_FEW_WORDS = auto()
    TOO_LONG = auto()
    NOT_TEXT = auto()


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteRule:
    """The letters and different words that a note needs, and the characters that it may have."""

    longest: int
    letters: int = 0
    words: int = 0

    def fault(self, note: str) -> NoteFault | None:
        """The reason why a note is refused; None if it is not."""
        if not has_letters(note, self.letters):
            return NoteFault.TOO_FEW_LETTERS
        if not has_words(note, self.words):
            return NoteFault.TOO_FEW_WORDS
        return self.storage_fault(note)

    def storage_fault(self, note: str) -> NoteFault | None:
        """The reason why a note cannot be kept, whatever it says; None if it can."""
        if len(note) > self.longest:
            return NoteFault.TOO_LONG
        return None if is_text(note) else NoteFault.NOT_TEXT


DECISION_NOTE = NoteRule(letters=3, longest=4_000)
"""Of a decision; one that needs no note may have an empty one."""
HANDOVER_NAME = NoteRule(letters=2, longest=200)
"""The person who was told about an emergency, or who told them."""
MISTAKE_NOTE = NoteRule(letters=8, longest=500)
"""Of a mistake: how somebody knows that an emergency sign was never there."""
CALL_NOTE = NoteRule(longest=300)
"""Of a call; it may say nothing."""
EMERGENCY_NOTE = NoteRule(words=3, longest=1_000)
"""Of an emergency access: fewer different words do not say what happened."""


def has_letters(text: str, least: int) -> bool:
    """True if a text has so many letters that can be seen."""
    return sum(each.isalpha() and each not in _BLANKS for each in text) >= least


def has_words(text: str, least: int) -> bool:
    """True if a text has so many different words. One letter, however often, is no word."""
    words = set(_WORD.findall(text.casefold()))
    return sum(len(set(each) - _BLANKS) > 1 for each in words) >= least


def is_text(text: str) -> bool:
    """True if a database can keep a text."""
    return not any(each == "\0" or "\ud800" <= each <= "\udfff" for each in text)
