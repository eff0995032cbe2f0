"""Hints: the words that are known where another one was written."""

from collections.abc import Iterable

_LONGEST_WORD = 60
_MOST_LISTED = 12


def near(word: str, known: Iterable[str]) -> str:
    """A hint that names the nearest known word, or else all of them if they are few."""
    listed = [str(each) for each in known]
    close = _closest(word, listed) if len(word) <= _LONGEST_WORD else []
    if close:
        return did_you_mean(close[0])
    return listing(listed) if len(listed) <= _MOST_LISTED else ""


def _closest(word: str, listed: list[str]) -> list[str]:
    from difflib import get_close_matches  # noqa: PLC0415 - most documents have no mistake

    return get_close_matches(word, listed, 1)


def did_you_mean(word: str) -> str:
    """A hint that names one word."""
    return f"did you mean `{word}`?"


def listing(known: Iterable[str]) -> str:
    """A hint that names all known words."""
    words = ", ".join(f"`{each}`" for each in known)
    return f"known here: {words}" if words else ""
