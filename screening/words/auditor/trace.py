"""The tree of findings in lines."""

from collections.abc import Mapping
from dataclasses import dataclass

from screening.core.rules.condition import Compare, OneOf, Within
from screening.core.rules.finding import Finding
from screening.core.values.answer import Answer
from screening.core.values.truth import Truth
from screening.core.values.wording import Audience
from screening.words.shared.answers import Items, words_of_answer, words_of_bounds
from screening.words.shared.conditions import words_of_head


@dataclass(frozen=True, slots=True, kw_only=True)
class TraceLine:
    """One condition of a trace: its depth, its words, its truth, and the answer it read."""

    depth: int
    words: str
    truth: Truth
    answer: str


def trace_lines(
    finding: Finding, items: Items, answers: Mapping[str, Answer], depth: int = 0
) -> tuple[TraceLine, ...]:
    """The tree of findings as lines, each part below its whole.

    Args:
        finding: the whole.
        items: those that it reads.
        answers: all of them, to name those that others follow from by the order of events.
        depth: that of the whole.
    """
    condition, answer = finding.condition, ""
    if isinstance(condition, Compare | OneOf | Within):
        own = words_of_answer(items[condition.item], finding.answer, Audience.NURSE)
        narrowed = words_of_bounds(condition.item, finding.bounds, items, answers)
        answer = "; ".join(filter(None, (own, narrowed)))
    line = TraceLine(
        depth=depth, words=words_of_head(condition, items), truth=finding.truth, answer=answer
    )
    below = (trace_lines(part, items, answers, depth + 1) for part in finding.parts)
    return (line, *(each for lines in below for each in lines))
