"""Weaknesses: proofs that fail, and the nearest patient who shows it."""

from dataclasses import dataclass
from enum import Enum, auto

from screening.core.values.answer import Answer


class Fault(Enum):
    """The fault of the subject of a weakness."""

    FAVOURABLE_WHILE_UNMET = auto()
    FAVOURABLE_WHILE_TRUE = auto()
    FAVOURABLE_OVER_CONTRADICTION = auto()
    HIDDEN = auto()
    WORSE_IS_BETTER = auto()
    TRUTH_REVERSED = auto()
    OUTCOME_REVERSED = auto()
    OPEN_THOUGH_SETTLED = auto()
    NO_LAST_OUTCOME = auto()
    UNREACHED = auto()
    NEVER_TRUE = auto()
    NEVER_FALSE = auto()
    NEVER_OPEN = auto()
    ITEM_IDLE = auto()
    NOT_IMPLIED = auto()
    SAME_TRUTH = auto()
    IMPLIED_UNSAID = auto()
    PART_ALWAYS_TRUE = auto()
    PART_ALWAYS_FALSE = auto()
    THRESHOLD_IDLE = auto()
    SPAN_MISJUDGED = auto()
    WINDOW_MISJUDGED = auto()


@dataclass(frozen=True, slots=True)
class Weakness:
    """A proof that fails, at one subject, with the fewest answers that show it.

    ``kind`` is ``criterion``, ``item``, ``outcome`` or ``consistency``; ``subject`` its id.
    ``other`` is the id of a second criterion, where there is one.
    """

    code: str
    fault: Fault
    subject: str
    patient: dict[str, Answer] | None = None
    kind: str = "criterion"
    other: str = ""


CheckResult = tuple[int, list[Weakness]]
"""The number of cases that were looked at, and the weaknesses found."""
