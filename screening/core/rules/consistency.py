"""Consistency: which answers cannot be true together, and what follows from the order of events.

The rules read raw answers, whether or not their questions are put: an answer that was set aside can
still show that one of two is a slip.
"""

import datetime as dt
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import pairwise
from typing import assert_never

from screening.core.rules.condition import Condition, items_in
from screening.core.rules.finding import Answers, Bounds, evaluate
from screening.core.rules.item import Item, ItemType
from screening.core.values.answer import Answer, Value
from screening.core.values.referral import fits_birth_year
from screening.core.values.span import Span, first_of, last_of
from screening.core.values.truth import Truth
from screening.core.values.wording import Wording

_MOST_ORDERS = 64
"""The number of lists of dates in order that are remembered."""

BIRTH = "birth"
"""Replaces in an order the day of birth, of which the year, or the age, may be known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Never:
    """Answers that cannot all be true: the condition must not hold."""

    condition: Condition


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """Days of which none comes before the one that is named before it.

    ``dates`` are link ids of dates; the first may be ``BIRTH``, for which ``age`` is the item that
    gives the age in completed years.
    """

    dates: tuple[str, ...]
    age: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Age:
    """The age in completed years, which must agree with the recorded birth year."""

    item: str


Check = Never | Order | Age

Pairs = tuple[tuple[str, str], ...]
"""Neighbours in an order of dates, the earlier first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Consistency:
    """One rule, with words for the person who can put the answers right."""

    id: str
    ruleset: str
    check: Check
    say: Wording

    @property
    def items(self) -> frozenset[str]:
        """The link ids of the items that it reads."""
        match self.check:
            case Never(condition=condition):
                return items_in(condition)
            case Order(dates=dates, age=age):
                return frozenset({*dates, *filter(None, [age])} - {BIRTH})
            case Age(item=item):
                return frozenset({item})
            case _:
                assert_never(self.check)

    @property
    def reads_birth_year(self) -> bool:
        """True if it reads the recorded birth year."""
        check = self.check
        return isinstance(check, Age) or (isinstance(check, Order) and BIRTH in check.dates)


@dataclass(frozen=True, slots=True, kw_only=True)
class Contradiction:
    """A rule that answers break. ``items`` are those whose answers cannot all be true."""

    rule: Consistency
    items: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Resolution:
    """Answers as far as they agree with each other.

    ``answers`` are those given, but for the ones that a contradiction names, which are left out.
    ``bounds`` hold, for each date of an order, the days that are left by the others.
    """

    answers: Answers
    bounds: Mapping[str, Bounds]
    contradictions: tuple[Contradiction, ...]


def resolve(
    rules: Sequence[Consistency], answers: Answers, as_of: dt.date, birth_year: int | None = None
) -> Resolution:
    """Find what contradicts itself, take it for unknown, and draw on the order of the rest.

    Args:
        rules: the rules of a ruleset; orders have no circle.
        answers: link id to answer.
        as_of: the screening date.
        birth_year: as it was recorded, if it was.
    """
    pairs = pairs_of(rules)
    found = tuple(find_contradictions(rules, pairs, answers, as_of, birth_year))
    doubted = {link_id for each in found for link_id in each.items}
    left = {link_id: each for link_id, each in answers.items() if link_id not in doubted}
    return Resolution(answers=left, bounds=narrow(pairs, left, as_of), contradictions=found)


def could_contradict(
    rules: Iterable[Consistency],
    items: Mapping[str, Item],
    answers: Answers,
    as_of: dt.date,
    birth_year: int | None = None,
) -> frozenset[str]:
    """The items without a value whose answers could break one of the rules.

    Args:
        rules: rules of a ruleset.
        items: all its items.
        answers: link id to answer.
        as_of: the screening date.
        birth_year: as it was recorded, if it was.
    """
    found = set[str]()
    for rule in rules:
        match rule.check:
            case Never(condition=condition):
                found |= evaluate(condition, answers, as_of).needs
            case Age(item=item):
                found |= {item} if birth_year is not None else set()
            case Order(dates=dates):
                every = (each.link_id for each in items.values() if each.type is ItemType.DATE)
                found |= rule.items.union(every if BIRTH in dates else ())
            case _:
                assert_never(rule.check)
    return frozenset(each for each in found if each not in answers or not answers[each].known)


def pairs_of(rules: Iterable[Consistency]) -> Pairs:
    """The neighbouring dates of all orders, the earlier first; births are no dates here."""
    orders = [rule.check for rule in rules if isinstance(rule.check, Order)]
    listed = [tuple(each for each in order.dates if each != BIRTH) for order in orders]
    pairs = (pair for dates in listed for pair in pairwise(dates))
    return tuple(dict.fromkeys(pairs))


def narrow(pairs: Pairs, answers: Answers, as_of: dt.date) -> dict[str, Bounds]:
    """The days that each ordered date can have, given what is known of the others.

    Bounds are moved until nothing changes: for orders, whatever day is left then is one that some
    days of the others agree with. Time O(pairs²).

    Args:
        pairs: an earlier and a later date each; no circle.
        answers: link id to answer; they contradict no pair.
        as_of: the screening date, after which there is nothing.
    """
    around = dates_around(pairs)
    bounds = {each: _own(each, answers.get(each), as_of) for each in around}
    moved = True
    while moved:
        moved = False
        for earlier, after in pairs:
            one, other = bounds[earlier], bounds[after]
            if one.first > other.first:
                bounds[after] = replace(other, first=one.first, first_by=one.first_by)
                moved = True
            if bounds[after].last < one.last:
                last = bounds[after]
                bounds[earlier] = replace(one, last=last.last, last_by=last.last_by)
                moved = True
    vague = {link_id for link_id, each in bounds.items() if each.first != each.last}
    for link_id, each in bounds.items():
        if partners := around[link_id] & vague:
            bounds[link_id] = replace(each, partners=partners)
    return bounds


def narrowing_items(link_id: str, bounds: Bounds) -> frozenset[str]:
    """The other items whose answers leave a date fewer days than its own answer does."""
    return frozenset(filter(None, (bounds.first_by, bounds.last_by))) - {link_id}


def linked_dates(pairs: Iterable[tuple[str, str]]) -> list[frozenset[str]]:
    """The dates of each order together with those of the orders that it shares a date with."""
    groups: list[frozenset[str]] = []
    for pair in pairs:
        touching = [group for group in groups if not group.isdisjoint(pair)]
        groups = [group for group in groups if group.isdisjoint(pair)]
        groups.append(frozenset(pair).union(*touching))
    return groups


@lru_cache(maxsize=_MOST_ORDERS)
def dates_after(pairs: Pairs) -> Mapping[str, frozenset[str]]:
    """For each date those that come after it, step by step."""
    after: dict[str, set[str]] = {each: set() for pair in pairs for each in pair}
    for _ in after:
        for earlier, other in pairs:
            after[earlier] |= {other, *after[other]}
    return {link_id: frozenset(each) for link_id, each in after.items()}


@lru_cache(maxsize=_MOST_ORDERS)
def dates_around(pairs: Pairs) -> Mapping[str, frozenset[str]]:
    """For each date the others that lie before or after it, step by step."""
    after = dates_after(pairs)
    return {
        link_id: frozenset({*after[link_id], *(k for k in after if link_id in after[k])})
        for link_id in after
    }


def _own(link_id: str, answer: Answer | None, as_of: dt.date) -> Bounds:
    value = answer.value if answer else None
    if not isinstance(value, dt.date | Span):
        return Bounds(first=dt.date.min, last=as_of)  # of what is unknown, nothing is presumed
    last = last_of(value)
    return Bounds(
        first=first_of(value),
        last=min(last, as_of),
        first_by=link_id,
        last_by=link_id if last <= as_of else None,
    )


def find_contradictions(
    rules: Collection[Consistency],
    pairs: Pairs,
    answers: Answers,
    as_of: dt.date,
    birth_year: int | None = None,
) -> Iterator[Contradiction]:
    """The rules that answers break, each set of answers named by the first that names it.

    Args:
        rules: those that may be broken, in the order of the ruleset.
        pairs: the neighbouring dates of all orders (``pairs_of``).
        answers: link id to answer.
        as_of: the screening date.
        birth_year: as it was recorded, if it was.
    """
    told: set[frozenset[str]] = set()
    known: dict[str, Bounds] = {}
    if any(isinstance(rule.check, Order) for rule in rules):
        known = {
            link_id: _own(link_id, answer, as_of)
            for link_id, answer in answers.items()
            if isinstance(answer.value, dt.date | Span)
        }
    swapped = _swapped(pairs, known)
    for rule in rules:
        for items in _broken(rule, answers, known, swapped, as_of, birth_year):
            if items not in told:
                told.add(items)
                yield Contradiction(rule=rule, items=tuple(sorted(items)))


def _broken(  # noqa: PLR0913, PLR0917 - a rule reads answers, days, and two recorded facts
    rule: Consistency,
    answers: Answers,
    known: Mapping[str, Bounds],
    swapped: Collection[tuple[str, str]],
    as_of: dt.date,
    birth_year: int | None,
) -> Iterator[frozenset[str]]:
    """The sets of answers that break one rule."""
    match rule.check:
        case Never(condition=condition):
            found = evaluate(condition, answers, as_of)
            if found.truth is Truth.TRUE:
                yield found.evidence()
        case Age(item=item):
            years = whole_number(_value(item, answers))
            if years is None or birth_year is None:
                return
            if not fits_birth_year(years, birth_year, as_of):
                yield frozenset({item})
        case Order(dates=dates, age=age):
            yield from (frozenset(pair) for pair in swapped if pair[1] in dates)
            if BIRTH in dates:
                yield from _before_birth(age, answers, known, as_of, birth_year)
        case _:
            assert_never(rule.check)


def _swapped(pairs: Pairs, known: Mapping[str, Bounds]) -> list[tuple[str, str]]:
    """The dates of which the one that must come first comes last."""
    if len(known) < 2:  # noqa: PLR2004 - two dates are needed to be in the wrong order
        return []
    return [
        (earlier, other)
        for earlier, others in dates_after(pairs).items()
        for other in sorted(others)
        if {earlier, other} <= known.keys() and known[earlier].first > known[other].last
    ]


def _before_birth(
    age: str | None,
    answers: Answers,
    known: Mapping[str, Bounds],
    as_of: dt.date,
    birth_year: int | None,
) -> Iterator[frozenset[str]]:
    """The dates that lie before every day on which the patient can have been born."""
    years = whole_number(_value(age, answers)) if age else None
    born = days_of_birth(years, birth_year, as_of)
    told_by = {age} if age and years is not None else set[str]()
    for link_id, days in sorted(known.items()):  # not in the order in which they were given
        if born and days.last < born.first:
            yield frozenset({link_id, *told_by})


def _value(link_id: str, answers: Answers) -> Value | None:
    return answers[link_id].value if link_id in answers else None


def whole_number(value: Value | None) -> int | None:
    """The value of a number; none if it is not known."""
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def days_of_birth(years: int | None, birth_year: int | None, as_of: dt.date) -> Span | None:
    """The days on which somebody of an age, or of a birth year, was born; None if there is none.

    A day more on each side leaves room for those born on 29 February.
    """
    first, last = dt.date.min, as_of
    if years is not None:
        first = max(first, _years_before(as_of, years + 1))
        last = _years_before(as_of, years) + dt.timedelta(days=1)
    if birth_year is not None:
        first = max(first, dt.date(birth_year, 1, 1))
        last = min(last, dt.date(birth_year, 12, 31))
    return Span(first=first, last=last) if first < last else None


def _years_before(day: dt.date, years: int) -> dt.date:
    if years >= day.year:
        return dt.date.min
    return min(day.replace(day=1).replace(year=day.year - years), day) + dt.timedelta(
        days=min(day.day, 28) - 1
    )
