"""Answers: a value, or the reason why there is none."""

import datetime as dt
from dataclasses import dataclass
from enum import Enum

from screening.core.values.span import Span


class AbsentReason(Enum):
    """The reason for a missing value, in codes of HL7's data-absent-reason."""

    ASKED_UNKNOWN = "asked-unknown"
    ASKED_DECLINED = "asked-declined"
    TEMP_UNKNOWN = "temp-unknown"
    NOT_ASKED = "not-asked"
    UNKNOWN = "unknown"


Value = bool | int | str | frozenset[str] | dt.date | Span
"""yes/no, a whole number, a choice's code, a set of codes, a day, or a span of days."""


EARLIEST_DAY = dt.date(1900, 1, 1)
"""No answer and no screening date is before it, so that any length of time fits before them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """The knowledge of one item: a value, or the reason why it is missing."""

    value: Value | None = None
    absent: AbsentReason | None = None

    def __post_init__(self) -> None:
        """Check that there is either a value or a reason.

        Raises:
            ValueError: if both or neither are given.
        """
        if (self.value is None) == (self.absent is None):
            message = "an answer has a value or an absent reason, and never both"
            raise ValueError(message)

    @property
    def known(self) -> bool:
        """True if there is a value."""
        return self.value is not None
