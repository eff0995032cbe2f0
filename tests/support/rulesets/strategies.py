"""Random questionnaires, rulesets and answers, for Hypothesis."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import product
from math import prod
from typing import TypeVar

from hypothesis import strategies as st
from hypothesis.vendor.pretty import RepresentationPrinter
from support.oracles.reference import domain
from support.rulesets.builders import both, criterion, disagreement, item, question, ruleset

from screening.core.rules.condition import (
    AtLeast,
    Compare,
    Comparison,
    Condition,
    Not,
    OneOf,
    Unit,
    Within,
    add_ask_if,
    tests_in,
)
from screening.core.rules.item import Item, ItemType
from screening.core.rules.ruleset import Ruleset, Tier
from screening.core.values.answer import AbsentReason, Answer, Value

T = TypeVar("T")

SCREENING_DAYS = (
    dt.date(2026, 11, 20),
    dt.date(2026, 3, 1),
    dt.date(2027, 2, 28),
    dt.date(2028, 2, 29),
    dt.date(2027, 12, 31),
)
LONGEST = {Unit.DAYS: 40, Unit.WEEKS: 8, Unit.MONTHS: 4, Unit.YEARS: 1}
LINK_IDS = ("first", "second", "third", "fourth")
_CALENDAR, _COUNTED = (Unit.MONTHS, Unit.YEARS), (Unit.DAYS, Unit.WEEKS)
UNITS = {"first": _CALENDAR, "second": _COUNTED, "third": _CALENDAR, "fourth": _COUNTED}
"""Lengths of time since one date have one kind of unit, as lint asks."""


@dataclass(frozen=True, repr=False)
class Scenario:
    """A ruleset with partial answers, and a value for every item that could be answered further.

    ``authored`` holds the conditions as they were written, before gates are conjoined.
    """

    ruleset: Ruleset
    authored: Mapping[str, Condition]
    gates: Mapping[str, Condition]
    answers: Mapping[str, Answer]
    further: Mapping[str, Answer]
    as_of: dt.date

    def __repr__(self) -> str:
        """Only what tells scenarios apart, so that a failure can be read."""
        criteria = [(each.id, each.tier.name, each.condition) for each in self.ruleset.criteria]
        lines = (self.as_of, dict(self.answers), dict(self.gates), *criteria, dict(self.further))
        return "Scenario:\n" + "\n".join(f"  {line}" for line in lines)

    def _repr_pretty_(self, printer: RepresentationPrinter, _cycle: object) -> None:
        printer.text(repr(self))

    @cached_property
    def unanswered(self) -> list[str]:
        known = {link_id for link_id, answer in self.answers.items() if answer.known}
        return [link_id for link_id in self.ruleset.items if link_id not in known]

    def domain(self, link_id: str) -> list[Value]:
        """Every answer to an item, as far as any rule could tell them apart."""
        conditions = [each.condition for each in self.ruleset.criteria]
        conditions += [each.ask_if for each in self.ruleset.items.values() if each.ask_if]
        lengths = {
            (test.length, test.unit)
            for condition in conditions
            for test in tests_in(condition)
            if isinstance(test, Within) and test.item == link_id
        }
        return domain(self.ruleset.items[link_id], lengths, self.as_of)

    def completions(self, most: int) -> tuple[Mapping[str, Answer], list[Mapping[str, Value]]]:
        """The answers with every way to complete them, some of them first pinned if too many."""
        answers, domains = dict(self.answers), {each: self.domain(each) for each in self.unanswered}
        while prod(map(len, domains.values())) > most:
            link_id, _ = domains.popitem()
            answers[link_id] = self.further[link_id]
        known = {key: answer.value for key, answer in answers.items() if answer.value is not None}
        ways = [dict(zip(domains, values, strict=True)) for values in product(*domains.values())]
        return answers, [known | way for way in ways]


def _pick(draw: st.DrawFn, options: Sequence[T]) -> T:
    """One of the options; drawn by position, which is quick, and simpler ones come first."""
    return options[draw(st.integers(0, len(options) - 1))]


def _flip(draw: st.DrawFn) -> bool:
    return draw(st.booleans())


def _draw_item(draw: st.DrawFn, link_id: str, gate: Condition | None) -> Item:
    kind = _pick(draw, list(ItemType))
    if kind is ItemType.NUMBER:
        low, high = draw(st.integers(-1, 1)), draw(st.integers(2, 4))
        return item(link_id, kind, minimum=low, maximum=high, unit="levels", ask_if=gate)
    codes = _pick(draw, ["ab", "abc"]) if kind in (ItemType.CHOICE, ItemType.CHOICES) else ""
    worse = "yes" if kind is ItemType.YES_NO else None
    choices = {code: both(code) for code in codes}
    return item(link_id, kind, choices=choices, ask_if=gate, worse=worse)


def _draw_test(draw: st.DrawFn, tested: Item) -> Condition:
    if tested.type is ItemType.NUMBER:
        bound = draw(st.integers(tested.minimum - 1, tested.maximum + 1))
        comparison = _pick(draw, list(Comparison))
        return Compare(item=tested.link_id, comparison=comparison, bound=bound)
    if tested.type is ItemType.DATE:
        unit = _pick(draw, UNITS[tested.link_id])
        return Within(item=tested.link_id, length=draw(st.integers(1, LONGEST[unit])), unit=unit)
    if tested.type is ItemType.YES_NO:
        return OneOf(item=tested.link_id, values=frozenset({_flip(draw)}))
    return OneOf(item=tested.link_id, values=_draw_codes(draw, tested))


def _draw_codes(draw: st.DrawFn, chosen: Item) -> frozenset[str]:
    first = _pick(draw, list(chosen.choices))
    return frozenset({first, *(code for code in chosen.choices if _flip(draw))})


def _draw_condition(draw: st.DrawFn, items: list[Item], depth: int = 2) -> Condition:
    shape = _pick(draw, ["test", "not", "all", "any", "count"] if depth else ["test"])
    if shape == "test":
        return _draw_test(draw, _pick(draw, items))
    if shape == "not":
        return Not(part=_draw_condition(draw, items, depth - 1))
    size = draw(st.integers(1, 3))
    parts = tuple(_draw_condition(draw, items, depth - 1) for _ in range(size))
    count = {"all": size, "any": 1}.get(shape)
    return AtLeast(count=draw(st.integers(0, size + 1)) if count is None else count, parts=parts)


def _draw_answer(draw: st.DrawFn, answered: Item, as_of: dt.date) -> Answer:
    """An answer that has a value."""
    match answered.type:
        case ItemType.YES_NO:
            return Answer(value=_flip(draw))
        case ItemType.NUMBER:
            return Answer(value=draw(st.integers(answered.minimum, answered.maximum)))
        case ItemType.CHOICE:
            return Answer(value=_pick(draw, list(answered.choices)))
        case ItemType.CHOICES:
            return Answer(value=_draw_codes(draw, answered))
        case ItemType.DATE:
            return Answer(value=as_of - dt.timedelta(days=draw(st.integers(0, 430))))


def _draw_answers(draw: st.DrawFn, items: list[Item], as_of: dt.date) -> dict[str, Answer]:
    """Answers to some of the items, with and without a value."""
    answers: dict[str, Answer] = {}
    for each in items:
        state = _pick(draw, ["left out", "absent", "given", "given"])
        if state == "absent":
            answers[each.link_id] = Answer(absent=_pick(draw, list(AbsentReason)))
        elif state == "given":
            answers[each.link_id] = _draw_answer(draw, each, as_of)
    return answers


def _draw_items(draw: st.DrawFn) -> tuple[list[Item], dict[str, Condition]]:
    """Items, some with a gate over earlier ones, and those gates as they were written."""
    items: list[Item] = []
    authored: dict[str, Condition] = {}
    laid: dict[str, Condition] = {}
    for link_id in LINK_IDS[: draw(st.integers(1, len(LINK_IDS)))]:
        if items and _flip(draw):
            authored[link_id] = _draw_condition(draw, items, depth=1)
            laid[link_id] = add_ask_if(authored[link_id], laid)
        items.append(_draw_item(draw, link_id, laid.get(link_id)))
    return items, authored


def _draw_authored(draw: st.DrawFn, items: list[Item], gates: Mapping[str, Condition]) -> Condition:
    """A condition whose author may have written a gate out, too."""
    condition = _draw_condition(draw, items)
    if gates and _flip(draw):
        return AtLeast(count=2, parts=(_pick(draw, list(gates.values())), condition))
    return condition


@st.composite
def scenarios(draw: st.DrawFn) -> Scenario:
    """A random ruleset with random answers."""
    items, gates = _draw_items(draw)
    laid = {each.link_id: each.ask_if for each in items if each.ask_if}
    names = [f"criterion_{position}" for position in range(draw(st.integers(1, 4)))]
    authored = {name: _draw_authored(draw, items, gates) for name in names}
    criteria = [
        criterion(name, _pick(draw, list(Tier)), add_ask_if(condition, laid))
        for name, condition in authored.items()
    ]
    asked = question("asked", add_ask_if(_draw_condition(draw, items, depth=1), laid))
    topics = [disagreement("criteria", "criterion_0"), disagreement("questions", "asked")]
    as_of = _pick(draw, SCREENING_DAYS)
    return Scenario(
        ruleset=ruleset(
            items, criteria, questions=[asked], disagreements=topics, opened=_flip(draw)
        ),
        authored=authored,
        gates=gates,
        answers=_draw_answers(draw, items, as_of),
        further={each.link_id: _draw_answer(draw, each, as_of) for each in items},
        as_of=as_of,
    )
