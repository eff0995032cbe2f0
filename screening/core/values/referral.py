"""A referral: the little that is known of a patient before the first question."""

import datetime as dt
from dataclasses import dataclass
from enum import IntEnum

SLACK = 1
"""By how many years an age may lie beside a birth year before one of them is taken for wrong."""


class Priority(IntEnum):
    """The time in which a referral is to be looked at, as the referring clinic asks."""

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
    """The data that identify a case. ``person`` is initials or a name; no more is kept.

    ``hospital_number`` is the hospital's own number of the patient (a FHIR ``Identifier`` of type
    ``MR``), and ``date_received`` the day on which the referral arrived; None where nobody said it.
    """

    reference: str
    person: str
    birth_year: int | None
    clinic: str
    priority: Priority
    hospital_number: str | None = None
    date_received: dt.date | None = None


def ages_of(birth_year: int, day: dt.date) -> tuple[int, int]:
    """The two ages, in completed years, of who was born in a year; below zero before it."""
    oldest = day.year - birth_year
    return oldest - 1, oldest


def fits_birth_year(age: int, birth_year: int, day: dt.date) -> bool:
    """True if an age can belong to a birth year, give or take the slack."""
    youngest, oldest = ages_of(birth_year, day)
    return youngest - SLACK <= age <= oldest + SLACK
