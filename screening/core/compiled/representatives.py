"""Values that stand for all answers to an item: no test tells another value from one of them."""

import datetime as dt
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from itertools import combinations
from typing import assert_never

from screening.core.rules.condition import Compare, Comparison, OneOf, Test, Within, add_time
from screening.core.rules.item import Item, ItemType
from screening.core.values.answer import Value


def representatives(item: Item, tests: Sequence[Test], as_of: dt.date) -> list[Value]:
    """Values of an item such that any other value passes the same tests as one of them."""
    match item.type:
        case ItemType.YES_NO:
            return [True, False]
        case ItemType.CHOICE:
            return list(item.choices)
        case ItemType.CHOICES:
            return list(_subsets(item, tests))
        case ItemType.NUMBER:
            return list(_numbers(item, tests))
        case ItemType.DATE:
            return list(_days(tests, as_of))
        case _:
            assert_never(item.type)


def _subsets(item: Item, tests: Iterable[Test]) -> Iterator[Value]:
    """Every set of the codes that are tested, with one untested code so that none is empty."""
    tested = sorted({str(v) for test in tests if isinstance(test, OneOf) for v in test.values})
    spare = frozenset(code for code in item.choices if code not in tested)
    for size in range(len(tested) + 1):
        for codes in combinations(tested, size):
            if codes or spare:
                yield frozenset(codes) or frozenset([min(spare)])


def _numbers(item: Item, tests: Iterable[Test]) -> Iterator[Value]:
    """The smallest number of each stretch that no bound divides."""
    steps = {item.minimum}
    for test in (each for each in tests if isinstance(each, Compare)):
        steps.add(test.bound + (0 if test.comparison is Comparison.AT_LEAST else 1))
    yield from (step for step in sorted(steps) if item.minimum <= step <= item.maximum)


def _days(tests: Iterable[Test], as_of: dt.date) -> Iterator[Value]:
    """The screening date, and for each length the last day that is too long ago."""
    yield as_of
    for test in tests:
        if isinstance(test, Within) and (day := last_day_outside(test, as_of)):
            yield day


def last_day_outside(test: Within, as_of: dt.date) -> dt.date | None:
    """The latest day that is no longer within a length before the screening date, if any."""
    days = range(dt.date.min.toordinal(), as_of.toordinal() + 1)

    def inside(ordinal: int) -> int:
        return int(add_time(dt.date.fromordinal(ordinal), test.length, test.unit) >= as_of)

    outside = bisect_left(days, 1, key=inside)
    return dt.date.fromordinal(days[outside - 1]) if outside else None
