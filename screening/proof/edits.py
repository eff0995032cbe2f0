"""Small edits of a condition, to see whether each of its parts makes a difference."""

from collections.abc import Iterable, Iterator

from screening.core.condition import ALWAYS, AtLeast, Compare, Condition, Not, OneOf, Within

NEVER = Not(part=ALWAYS)


def edits(condition: Condition) -> Iterator[tuple[Condition, str]]:
    """The condition with one part, below its root, always true or always false."""
    parts: Iterable[Condition] = ()
    if isinstance(condition, Not):
        parts = (condition.part,)
    elif isinstance(condition, AtLeast):
        parts = condition.parts
    for place, part in enumerate(parts):
        for stuck, words in ((ALWAYS, "always true"), (NEVER, "always false")):
            if isinstance(condition, AtLeast):
                yield _replaced(condition, place, stuck), words
        for edited, words in edits(part):
            yield _replaced(condition, place, edited), words


def _replaced(condition: Condition, place: int, part: Condition) -> Condition:
    match condition:
        case Not():
            return Not(part=part)
        case AtLeast(count=count, parts=parts):
            return AtLeast(count=count, parts=(*parts[:place], part, *parts[place + 1 :]))
        case Compare() | OneOf() | Within():
            raise TypeError(condition)
