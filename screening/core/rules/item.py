"""Items: the questions of a questionnaire, and the answers that they admit."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import assert_never

from screening.core.rules.condition import Condition
from screening.core.values.answer import Value
from screening.core.values.citation import Citation
from screening.core.values.span import Span
from screening.core.values.wording import Wording


class ItemType(Enum):
    """The kind of answer that an item admits."""

    YES_NO = "yes_no"
    CHOICE = "choice"
    CHOICES = "choices"
    NUMBER = "number"
    DATE = "date"


class Finder(Enum):
    """The people and papers that can tell the answer to an item."""

    PATIENT = "patient"
    REPORT = "report"
    RECORDS = "records"
    CLINICIAN = "clinician"
    OPERATOR = "operator"


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """A group of items that belong together on the page."""

    id: str
    title: Wording


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One question. Every item may also be answered "unknown".

    ``choices`` maps codes to words (choice and choices only). ``minimum`` and ``maximum`` bound a
    number, both included. ``ask_if`` is the gate: the question is put only where it holds.
    ``shown_if`` says when it is worth showing, and enters no condition: not shown is unknown.
    ``patient_shown_if`` says the same for patients alone, who are asked only where it holds.
    ``can_wait`` tells whether it is no warning by itself if a patient does not know the answer.
    ``worse`` is the answer that may never improve an outcome. ``record_only`` says why an item
    that no criterion reads is asked all the same. ``who`` can tell the answer. ``sign`` is what a
    patient says who gave the worse answer, and ``unsure`` who does not know it. ``codes`` stood in
    rule files once and means nothing; digests that were recorded then cover it.
    """

    link_id: str
    type: ItemType
    section: str
    name: str
    ask: Wording
    why: Wording
    help: Wording | None = None
    choices: Mapping[str, Wording] = field(default_factory=dict[str, Wording])
    unit: str = ""
    minimum: int = 0
    maximum: int = 0
    ask_if: Condition | None = None
    shown_if: Condition | None = None
    patient_shown_if: Condition | None = None
    worse: str | None = None
    sensitive: bool = False
    record_only: str | None = None
    who: Finder | None = None
    citations: tuple[Citation, ...] = ()
    can_wait: bool = False
    sign: str = ""
    unsure: str = ""
    codes: Mapping[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])

    def admits(self, value: Value) -> bool:
        """True if a value is of the kind that the item asks for; bounds are not looked at."""
        match self.type:
            case ItemType.YES_NO:
                return isinstance(value, bool)
            case ItemType.CHOICE:
                return value in self.choices
            case ItemType.CHOICES:
                return isinstance(value, frozenset) and value <= self.choices.keys()
            case ItemType.NUMBER:
                return isinstance(value, int) and not isinstance(value, bool)
            case ItemType.DATE:
                return isinstance(value, dt.date | Span)
            case _:
                assert_never(self.type)

    @property
    def usual_finder(self) -> Finder:
        """The usual finder of a missing answer."""
        return self.who or Finder.RECORDS
