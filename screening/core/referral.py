"""A referral: the little that is known of a patient before the first question."""

from dataclasses import dataclass
from enum import IntEnum


class Priority(IntEnum):
    """How soon a referral is to be looked at, as the one who refers asks for it."""

    URGENT = 1
    SOON = 2
    ROUTINE = 3


PRIORITY_WORDS = {
    Priority.URGENT: "urgent",
    Priority.SOON: "soon",
    Priority.ROUTINE: "routine",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Referral:
    """What a case is known by. ``person`` is initials or a name; no more of a patient is kept."""

    reference: str
    person: str
    birth_year: int | None
    clinic: str
    priority: Priority
