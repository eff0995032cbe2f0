"""The dates of one set of answers as ordinals: their order, and what it leaves to each of them.

It comes to what ``core.rules.consistency`` comes to, without the names of what made it so.
"""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

from screening.core.rules.consistency import (
    BIRTH,
    Order,
    dates_after,
    dates_around,
    days_of_birth,
    pairs_of,
    whole_number,
)
from screening.core.rules.item import ItemType
from screening.core.rules.ruleset import Ruleset
from screening.core.values.answer import Value
from screening.core.values.span import Span

Spans = tuple[list[int], list[int]]
"""The first and the last day of each date, as ordinals. A date that is not answered has all days
up to the screening date, and its first day is 0 until the order of events gives it one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeline:
    """The dates of a ruleset, by place in ``dates``.

    ``pairs`` are neighbours in an order, sorted so that a date is last in one before it is first in
    another; ``before`` are all pairs, step by step; ``linked`` has for each date the others of its
    order. ``ages`` names, for each order that begins with the day of birth, what gives the age.
    """

    dates: tuple[str, ...]
    pairs: tuple[tuple[int, int], ...]
    before: tuple[tuple[int, int], ...]
    linked: tuple[tuple[int, ...], ...]
    ages: tuple[str | None, ...]

    def read(self, get: Callable[[str], Value | None], as_of: dt.date) -> Spans:
        """The days as they were answered; none is after the screening date but a first one."""
        today = as_of.toordinal()
        firsts, lasts = [0] * len(self.dates), [today] * len(self.dates)
        for place, link_id in enumerate(self.dates):
            value = get(link_id)
            if isinstance(value, Span):
                firsts[place] = value.first.toordinal()
                lasts[place] = min(value.last.toordinal(), today)
            elif isinstance(value, dt.date):
                firsts[place] = value.toordinal()
                lasts[place] = min(firsts[place], today)
            elif value is not None:
                message = f"the answer to {link_id} is a {type(value).__name__}, not a day"
                raise TypeError(message)
        return firsts, lasts

    def agrees(
        self,
        spans: Spans,
        get: Callable[[str], Value | None],
        as_of: dt.date,
        birth_year: int | None,
    ) -> bool:
        """True if the days break no order, and none is before the patient's birth."""
        firsts, lasts = spans
        if any(firsts[one] > lasts[other] and firsts[other] for one, other in self.before):
            return False
        for age in self.ages:
            born = _first_day(whole_number(get(age)) if age else None, birth_year, as_of)
            if any(last < born for first, last in zip(firsts, lasts, strict=True) if first):
                return False
        return True

    def narrow(self, spans: Spans) -> Spans:
        """The days that the order of events leaves, if they break none; time O(pairs)."""
        firsts, lasts = list(spans[0]), list(spans[1])
        for one, other in self.pairs:
            firsts[one] = firsts[one] or 1
            firsts[other] = max(firsts[other], firsts[one])
        for one, other in reversed(self.pairs):
            lasts[one] = min(lasts[one], lasts[other])
        return firsts, lasts


def timeline_of(ruleset: Ruleset) -> Timeline:
    """The timeline of a ruleset."""
    dates = tuple(k for k, item in ruleset.items.items() if item.type is ItemType.DATE)
    place = {link_id: i for i, link_id in enumerate(dates)}
    pairs = pairs_of(ruleset.consistency)
    after, linked = dates_after(pairs), dates_around(pairs)
    orders = (rule.check for rule in ruleset.consistency if isinstance(rule.check, Order))
    # What has the most behind it comes first.
    ordered = sorted(pairs, key=lambda pair: -len(after[pair[0]]))
    return Timeline(
        dates=dates,
        pairs=tuple((place[one], place[other]) for one, other in ordered),
        before=tuple((place[one], place[other]) for one in after for other in sorted(after[one])),
        linked=tuple(tuple(place[each] for each in sorted(linked.get(d, ()))) for d in dates),
        ages=tuple(order.age for order in orders if BIRTH in order.dates),
    )


@lru_cache(maxsize=4096)
def _first_day(years: int | None, birth_year: int | None, as_of: dt.date) -> int:
    """The first day on which the patient can have been born; 0 if nothing tells, or all clashes."""
    born = days_of_birth(years, birth_year, as_of)
    return born.first.toordinal() if born else 0
