"""Several words as one, by messages that a language can put in another way."""

from collections.abc import Iterable

from screening.translation import gettext, mark


def join_and(parts: Iterable[str]) -> str:
    """“A and B and C”; nothing for no parts, here as below."""
    return _joined(mark("{one} and {other}"), parts)


def join_or(parts: Iterable[str]) -> str:
    """“A or B or C”."""
    return _joined(mark("{one} or {other}"), parts)


def join_clauses_and(parts: Iterable[str]) -> str:
    """“A, and B, and C”, where the parts are clauses."""
    return _joined(mark("{one}, and {other}"), parts)


def join_clauses_or(parts: Iterable[str]) -> str:
    """“A, or B, or C”, where the parts are clauses."""
    return _joined(mark("{one}, or {other}"), parts)


def join_name(name: str, words: str) -> str:
    """“Lung disease: severe”."""
    return gettext("{name}: {words}", name=name, words=words)


def _joined(message: str, parts: Iterable[str]) -> str:
    left = iter(parts)
    said = next(left, "")
    for each in left:
        said = gettext(message, one=said, other=each)
    return said
