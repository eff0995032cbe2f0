"""Findings: what a condition comes to for given answers. The tree of findings is the trace."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import assert_never

from screening.core.rules.condition import (
    AtLeast,
    Compare,
    Comparison,
    Condition,
    Not,
    OneOf,
    Test,
    Within,
    add_time,
)
from screening.core.values.answer import Answer, Value
from screening.core.values.span import Span, first_of, last_of
from screening.core.values.truth import Truth, at_least

Answers = Mapping[str, Answer]


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """The days that a date of an order can have, both bounds included.

    ``first_by`` and ``last_by`` name the items whose answers set the bounds, if any does.
    ``partners`` are the other dates of the order that are not known to the day.
    """

    first: dt.date
    last: dt.date
    first_by: str | None = None
    last_by: str | None = None
    partners: frozenset[str] = frozenset()

    def by(self, truth: Truth) -> frozenset[str]:
        """The items that make the truth of "not too long ago": its first day, or its last."""
        if truth is Truth.UNKNOWN:
            return frozenset(filter(None, (self.first_by, self.last_by)))
        return frozenset(filter(None, [self.first_by if truth is Truth.TRUE else self.last_by]))


NO_BOUNDS: Mapping[str, Bounds] = MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """The truth of one condition, with the findings of its parts.

    ``answer`` belongs to tests alone, ``bounds`` to those of a date that has its place in an
    order. ``needs`` are the items that are not answered, or not to the day, and could still decide
    the truth; it is empty once the truth is known.
    """

    condition: Condition
    truth: Truth
    answer: Answer | None = None
    parts: tuple["Finding", ...] = ()
    needs: frozenset[str] = frozenset()
    bounds: Bounds | None = None

    def could_be(self, truth: Truth, link_id: str) -> bool:
        """True if an answer to one question could make it so, with the other answers as they are.

        Parts are judged apart: never False where one answer could, but True also where no single
        answer suits all of them.
        """
        match self.condition:
            case Not():
                return self.parts[0].could_be(~truth, link_id)
            case AtLeast(count=count, parts=parts):
                enough = count if truth is Truth.TRUE else len(parts) - count + 1
                return sum(part.could_be(truth, link_id) for part in self.parts) >= enough
            case _:
                return self.truth is truth or link_id in self.needs

    def evidence(self) -> frozenset[str]:
        """The link ids of the answers that the truth rests on."""
        found: set[str] = set()
        _add_evidence(self, found)
        return frozenset(found)


def _add_evidence(finding: Finding, found: set[str]) -> None:
    """Add the evidence of the parts that make the truth: of all of them while it is unknown."""
    condition, truth = finding.condition, finding.truth
    if isinstance(condition, AtLeast):
        for part in finding.parts:
            if part.truth is truth or truth is Truth.UNKNOWN:
                _add_evidence(part, found)
    elif isinstance(condition, Not):
        _add_evidence(finding.parts[0], found)
    elif finding.bounds is not None:
        found |= finding.bounds.by(truth)
    elif finding.answer is not None and finding.answer.known:
        found.add(condition.item)


def evaluate(
    condition: Condition,
    answers: Answers,
    as_of: dt.date,
    bounds: Mapping[str, Bounds] = NO_BOUNDS,
) -> Finding:
    """Evaluate a condition, every part of it.

    Args:
        condition: what to test.
        answers: link id to answer; an item that is left out is unknown.
        as_of: the screening date, which dates are compared with.
        bounds: link id to the days that are left by the order of events (``consistency.narrow``).

    Raises:
        TypeError: if an answer's value does not fit the test; read answers with
            ``formats.answers``, which reports that to the person who gave them.
    """
    match condition:
        case Not(part=part):
            inner = evaluate(part, answers, as_of, bounds)
            return Finding(
                condition=condition, truth=~inner.truth, parts=(inner,), needs=inner.needs
            )
        case AtLeast(count=count, parts=parts):
            found = [evaluate(part, answers, as_of, bounds) for part in parts]
            return _gather(condition, count, found)
        case Within(item=item) if item in bounds:
            return _dated(condition, answers.get(item), bounds[item], as_of)
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


def _dated(test: Within, answer: Answer | None, bounds: Bounds, as_of: dt.date) -> Finding:
    truth = _recent(test, bounds.first, bounds.last, as_of)
    needs = bounds.partners | {test.item} if truth is Truth.UNKNOWN else frozenset[str]()
    return Finding(condition=test, truth=truth, answer=answer, needs=needs, bounds=bounds)


def _test(test: Test, answer: Answer | None, as_of: dt.date) -> Finding:
    truth = Truth.UNKNOWN
    if answer is not None and answer.value is not None:
        truth = _truth(test, answer.value, as_of)
    needs = frozenset({test.item} if truth is Truth.UNKNOWN else ())
    return Finding(condition=test, truth=truth, answer=answer, needs=needs)


def _truth(test: Test, value: Value, as_of: dt.date) -> Truth:
    match test, value:
        case OneOf(values=values), frozenset():
            return Truth.of(value=not values.isdisjoint(value))
        case OneOf(values=values), bool() | str():
            return Truth.of(value=value in values)
        case Compare(comparison=comparison, bound=bound), int() if not isinstance(value, bool):
            above = comparison is Comparison.AT_LEAST
            return Truth.of(value=value >= bound if above else value <= bound)
        case Within() as within, dt.date() | Span():
            return _recent(within, first_of(value), last_of(value), as_of)
        case _:
            message = (
                f"the answer to {test.item} is a {type(value).__name__}, which cannot be tested"
            )
            raise TypeError(message)


def _recent(test: Within, first: dt.date, last: dt.date, as_of: dt.date) -> Truth:
    """True if each day from the first to the last is recent: none is less so than the first."""
    if add_time(first, test.length, test.unit) >= as_of:
        return Truth.TRUE
    return Truth.UNKNOWN if add_time(last, test.length, test.unit) >= as_of else Truth.FALSE
