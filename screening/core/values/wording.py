"""Words for each audience."""

from dataclasses import dataclass
from enum import Enum


class Audience(Enum):
    """The readers of a text."""

    NURSE = "nurse"
    PATIENT = "patient"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wording:
    """One text in the words of each audience."""

    nurse: str
    patient: str

    def to(self, audience: Audience) -> str:
        """The text for one audience."""
        return self.nurse if audience is Audience.NURSE else self.patient
