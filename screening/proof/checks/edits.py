"""Small edits of a condition, to see whether each of its parts makes a difference."""

from collections.abc import Iterable, Iterator

from screening.core.rules.condition import ALWAYS, AtLeast, Compare, Condition, Not, OneOf, Within
from screening.proof.checks.weakness import Fault

NEVER = Not(part=ALWAYS)


def edits(condition: Condition) -> Iterator[tuple[Condition, Fault]]:
    """The condition with one part, below its root, always true or always false."""
    parts: Iterable[Condition] = ()
    if isinstance(condition, Not):
        parts = (condition.part,)
    elif isinstance(condition, AtLeast):
        parts = condition.parts
    for place, part in enumerate(parts):
        for stuck, fault in ((ALWAYS, Fault.PART_ALWAYS_TRUE), (NEVER, Fault.PART_ALWAYS_FALSE)):
            if isinstance(condition, AtLeast):
                yield _replaced(condition, place, stuck), fault
        for edited, fault in edits(part):
            yield _replaced(condition, place, edited), fault


def _replaced(condition: Condition, place: int, part: Condition) -> Condition:
    match condition:
        case Not():
            return Not(part=part)
        case AtLeast(count=count, parts=parts):
            return AtLeast(count=count, parts=(*parts[:place], part, *parts[place + 1 :]))
        case Compare() | OneOf() | Within():
            raise TypeError(condition)
