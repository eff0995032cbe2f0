"""Translations as somebody has reviewed them: a later change of one, or of its English, shows."""

import hashlib
import re

DIGEST_LENGTH = 8
OF = "of:"
"""The word before the digest: as a field in overlays, as a comment in catalogues."""
_FACT = re.compile(r"%\(\w+\)s|\{\w*\}")
_WORD = re.compile(r"[^\W\d_]+")


def digest_of_translation(tag: str, key: str, english: str, *said: str) -> str:
    """The digest of a text with its key, so that two that are exchanged do not pass as reviewed.

    Args:
        tag: the language, so that its file does not pass as one of another language.
        key: what the text is called; empty for a message, whose English is its key.
        english: the English that it translates.
        said: the translation, in all its forms.
    """
    parts = (f"{len(part)}:{part}" for part in (tag, key, english, *said))
    return hashlib.sha256("".join(parts).encode()).hexdigest()[:DIGEST_LENGTH]


def is_left_in_english(english: str, said: str) -> bool:
    """True of two words or more that nobody translated; one word may be the same in both."""
    same = " ".join(english.split()).casefold() == " ".join(said.split()).casefold()
    return same and len(_WORD.findall(_FACT.sub("", english))) > 1
