"""Thresholds: where rules draw a line through numbers and days, and what is on each side."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import assert_never

from screening.core.compiled.representatives import last_day_outside
from screening.core.rules.condition import (
    AtLeast,
    Compare,
    Comparison,
    Condition,
    Not,
    OneOf,
    Within,
    add_time,
)
from screening.core.rules.item import Item
from screening.core.rules.ruleset import Criterion, Ruleset
from screening.translation import gettext
from screening.words.shared.days import words_of_day, words_of_length

Line = tuple[str, int] | tuple[str, Within]
"""An item with the first number above a threshold, or with the test of a length of time."""


@dataclass(slots=True, kw_only=True)
class Threshold:
    """A line through the answers to one item, each side in words.

    ``for_lower`` and ``for_upper`` are the criteria towards which an answer on that side counts.
    ``asked_items`` are the items that are asked or not by it. ``example`` gives days for a date.
    """

    item: Item
    lower: str
    upper: str
    example: str = ""
    for_lower: list[Criterion] = field(default_factory=list[Criterion])
    for_upper: list[Criterion] = field(default_factory=list[Criterion])
    asked_items: list[Item] = field(default_factory=list[Item])


def thresholds(ruleset: Ruleset) -> tuple[Threshold, ...]:
    """Every threshold, in the order of the questionnaire; time O(size of the rules).

    Args:
        ruleset: whose examples of days are given for a screening on the day it takes effect.
    """
    found: dict[Line, Threshold] = {}
    for criterion in ruleset.criteria:
        for test, wanted in _tests(criterion.condition):
            threshold = found.setdefault(_line(test), _threshold(ruleset, test))
            side = threshold.for_upper if _upper(test) is wanted else threshold.for_lower
            if criterion not in side:
                side.append(criterion)
    for item in (each for each in ruleset.items.values() if each.ask_if):
        for test, _ in _tests(item.ask_if):
            threshold = found.setdefault(_line(test), _threshold(ruleset, test))
            threshold.asked_items.append(item)
    place = {link_id: index for index, link_id in enumerate(ruleset.items)}
    return tuple(found[line] for line in sorted(found, key=lambda line: _sorted(line, place)))


def _tests(
    condition: Condition | None, *, wanted: bool = True
) -> Iterator[tuple[Compare | Within, bool]]:
    """Each test of a number or a date, and whether its holding counts for the whole."""
    match condition:
        case Not(part=part):
            yield from _tests(part, wanted=not wanted)
        case AtLeast(parts=parts):
            for part in parts:
                yield from _tests(part, wanted=wanted)
        case Compare() | Within():
            yield condition, wanted
        case OneOf() | None:
            return
        case _:
            assert_never(condition)


def _line(test: Compare | Within) -> Line:
    if isinstance(test, Within):
        return test.item, test
    return test.item, test.bound + (test.comparison is Comparison.AT_MOST)


def _upper(test: Compare | Within) -> bool:
    """True if a test holds on the upper side: the greater numbers, the later days."""
    return isinstance(test, Within) or test.comparison is Comparison.AT_LEAST


def _sorted(line: Line, place: dict[str, int]) -> tuple[int, int, int]:
    link_id, at = line
    if isinstance(at, Within):
        start = dt.date(2000, 1, 1)
        return place[link_id], 1, (add_time(start, at.length, at.unit) - start).days
    return place[link_id], 0, at


def _threshold(ruleset: Ruleset, test: Compare | Within) -> Threshold:
    item = ruleset.items[test.item]
    if isinstance(test, Within):
        return _of_days(item, test, ruleset.parts[0].effective_from)
    first = test.bound + (test.comparison is Comparison.AT_MOST)
    lower, upper = _range(item, item.minimum, first - 1), _range(item, first, item.maximum)
    return Threshold(item=item, lower=lower, upper=upper)


def _range(item: Item, least: int, most: int) -> str:
    if least == most:
        return gettext("only {number}", number=least)
    return gettext("{least} to {most} {unit}", least=least, most=most, unit=item.unit).strip()


def _of_days(item: Item, test: Within, as_of: dt.date) -> Threshold:
    length = words_of_length(test.length, test.unit)
    outside = last_day_outside(test, as_of)
    return Threshold(
        item=item,
        lower=gettext("more than {length} before the screening date", length=length),
        upper=gettext(
            "{length} or less before the screening date, that very day included", length=length
        ),
        example=_example(as_of, outside) if outside else "",
    )


def _example(as_of: dt.date, outside: dt.date) -> str:
    return gettext(
        "For a screening on {day} the line is between {outside} and {inside}.",
        day=words_of_day(as_of),
        outside=words_of_day(outside),
        inside=words_of_day(outside + dt.timedelta(days=1)),
    )
