"""Kleene's strong three-valued logic.

Source: S. C. Kleene, Introduction to Metamathematics, 1952, section 64.
"""

from collections.abc import Iterable
from enum import Enum
from typing import NoReturn


class Truth(Enum):
    """A truth value that may be unknown. ``&``, ``|`` and ``~`` are Kleene's strong connectives."""

    FALSE = "false"
    UNKNOWN = "unknown"
    TRUE = "true"

    def __and__(self, other: "Truth") -> "Truth":
        """The weaker of two truths."""
        return at_least(2, (self, other))

    def __or__(self, other: "Truth") -> "Truth":
        """The stronger of two truths."""
        return at_least(1, (self, other))

    def __invert__(self) -> "Truth":
        """True and false change places; unknown stays unknown."""
        return _OPPOSITE[self]

    def __bool__(self) -> NoReturn:
        """Refuse to be read as yes or no.

        Raises:
            TypeError: always, because an ``if truth:`` would turn unknown into "no".
        """
        message = "a truth may be unknown: compare it with Truth.TRUE or Truth.FALSE"
        raise TypeError(message)

    @classmethod
    def of(cls, *, value: bool) -> "Truth":
        """The truth of a known answer."""
        return cls.TRUE if value else cls.FALSE


_OPPOSITE = {
    Truth.FALSE: Truth.TRUE,
    Truth.UNKNOWN: Truth.UNKNOWN,
    Truth.TRUE: Truth.FALSE,
}


def at_least(count: int, truths: Iterable[Truth]) -> Truth:
    """True if at least ``count`` of the truths hold: all is ``len(truths)``, any is 1."""
    listed = tuple(truths)
    if listed.count(Truth.TRUE) >= count:
        return Truth.TRUE
    if len(listed) - listed.count(Truth.FALSE) >= count:
        return Truth.UNKNOWN
    return Truth.FALSE
