"""Findings: what a condition comes to for given answers. The tree of findings is the trace."""

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import assert_never

from screening.core.answer import Answer, Value
from screening.core.condition import (
    AtLeast,
    Compare,
    Comparison,
    Condition,
    Not,
    OneOf,
    Test,
    Within,
    later,
)
from screening.core.truth import Truth, at_least

Answers = Mapping[str, Answer]


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """The truth of one condition, with the findings of its parts.

    ``answer`` belongs to tests alone. ``needs`` are the unanswered items that could still decide
    the truth; it is empty once the truth is known.
    """

    condition: Condition
    truth: Truth
    answer: Answer | None = None
    parts: tuple["Finding", ...] = ()
    needs: frozenset[str] = frozenset()

    def evidence(self) -> frozenset[str]:
        """The link ids of the answers that the truth rests on."""
        if isinstance(self.condition, Not | AtLeast):
            return frozenset(each for part in self._deciding() for each in part.evidence())
        known = self.answer is not None and self.answer.known
        return frozenset({self.condition.item}) if known else frozenset()

    def _deciding(self) -> Iterator["Finding"]:
        """The parts that make the truth what it is; all of them while it is unknown."""
        if isinstance(self.condition, Not) or self.truth is Truth.UNKNOWN:
            return iter(self.parts)
        return (part for part in self.parts if part.truth is self.truth)


def evaluate(condition: Condition, answers: Answers, as_of: dt.date) -> Finding:
    """Evaluate a condition, every part of it.

    Args:
        condition: what to test.
        answers: link id to answer; an item that is left out is unknown.
        as_of: the screening date, which dates are compared with.

    Raises:
        TypeError: if an answer's value does not fit the test; read answers with
            ``formats.answers``, which reports that to the person who gave them.
    """
    match condition:
        case Not(part=part):
            inner = evaluate(part, answers, as_of)
            return Finding(
                condition=condition, truth=~inner.truth, parts=(inner,), needs=inner.needs
            )
        case AtLeast(count=count, parts=parts):
            return _gather(condition, count, [evaluate(part, answers, as_of) for part in parts])
        case Compare() | OneOf() | Within():
            return _test(condition, answers.get(condition.item), as_of)
        case _:
            assert_never(condition)


def _gather(condition: AtLeast, count: int, parts: list[Finding]) -> Finding:
    truth = at_least(count, (part.truth for part in parts))
    needs = frozenset[str]()
    if truth is Truth.UNKNOWN:
        needs = needs.union(*(part.needs for part in parts))
    return Finding(condition=condition, truth=truth, parts=tuple(parts), needs=needs)


def _test(test: Test, answer: Answer | None, as_of: dt.date) -> Finding:
    if answer is None or answer.value is None:
        needs = frozenset({test.item})
        return Finding(condition=test, truth=Truth.UNKNOWN, answer=answer, needs=needs)
    truth = Truth.of(value=_holds(test, answer.value, as_of))
    return Finding(condition=test, truth=truth, answer=answer)


def _holds(test: Test, value: Value, as_of: dt.date) -> bool:
    match test, value:
        case OneOf(values=values), frozenset():
            return not values.isdisjoint(value)
        case OneOf(values=values), bool() | str():
            return value in values
        case Compare(comparison=comparison, bound=bound), int() if not isinstance(value, bool):
            return value >= bound if comparison is Comparison.AT_LEAST else value <= bound
        case Within(length=length, unit=unit), dt.date():
            return later(value, length, unit) >= as_of
        case _:
            message = (
                f"the answer to {test.item} is a {type(value).__name__}, which cannot be tested"
            )
            raise TypeError(message)
