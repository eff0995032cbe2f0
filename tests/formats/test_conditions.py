"""Conditions: each form that an author may write, and what a gate does to it."""

import datetime as dt
from collections.abc import Mapping

import pytest

from screening.core.rules.condition import (
    ALWAYS,
    AtLeast,
    Compare,
    Comparison,
    Condition,
    Not,
    OneOf,
    Unit,
    Within,
    add_ask_if,
    add_time,
)
from screening.core.rules.finding import evaluate
from screening.core.rules.item import Item, ItemType
from screening.core.values.answer import Answer, Value
from screening.core.values.truth import Truth
from screening.core.values.wording import Wording
from screening.formats.rules.conditions import Items, read_condition, size_with_ask_if
from screening.formats.yaml.cursor import Cursor
from screening.formats.yaml.reader import read_nodes

AS_OF = dt.date(2026, 11, 20)
SAY = Wording(nurse="x", patient="x")


def item(link_id: str, kind: ItemType, **more: object) -> Item:
    return Item(link_id=link_id, type=kind, section="s", name=link_id, ask=SAY, why=SAY, **more)  # type: ignore[arg-type]


CHOICES = {"a": SAY, "b": SAY, "c": SAY}
ITEMS = Items(
    {
        each.link_id: each
        for each in (
            item("leg", ItemType.YES_NO),
            item("fever", ItemType.YES_NO),
            item("pain", ItemType.CHOICE, choices=CHOICES),
            item("scans", ItemType.CHOICES, choices=CHOICES),
            item("levels", ItemType.NUMBER, minimum=1, maximum=24, unit="levels"),
            item("began", ItemType.DATE),
        )
    }
)
LEG = OneOf(item="leg", values=frozenset({True}))
NO_LEG = OneOf(item="leg", values=frozenset({False}))
FEVER = OneOf(item="fever", values=frozenset({True}))


def read(text: str) -> tuple[Condition | None, list[str]]:
    node, reporter = read_nodes("x.yaml", text.encode())
    assert node is not None
    condition = read_condition(Cursor(node, reporter), ITEMS)
    return condition, [problem.code for problem in reporter.problems]


def codes(*values: str | bool) -> frozenset[str | bool]:
    return frozenset(values)


def at_least(bound: int) -> Compare:
    return Compare(item="levels", comparison=Comparison.AT_LEAST, bound=bound)


def at_most(bound: int) -> Compare:
    return Compare(item="levels", comparison=Comparison.AT_MOST, bound=bound)


FORMS = {
    "always": ALWAYS,
    "{leg: yes}": LEG,
    "{leg: no}": NO_LEG,
    "{not: {leg: yes}}": Not(part=LEG),
    "{all: [{leg: yes}, {fever: yes}]}": AtLeast(count=2, parts=(LEG, FEVER)),
    "{any: [{leg: yes}, {fever: yes}]}": AtLeast(count=1, parts=(LEG, FEVER)),
    "{any: [{leg: yes}]}": LEG,
    "{all: [{leg: yes}]}": LEG,
    "{at_least: 2, of: [{leg: yes}, {fever: yes}]}": AtLeast(count=2, parts=(LEG, FEVER)),
    "{of: [{leg: yes}, {fever: yes}], at_least: 1}": AtLeast(count=1, parts=(LEG, FEVER)),
    "{pain: {is: a}}": OneOf(item="pain", values=codes("a")),
    "{pain: {is_one_of: [a, b]}}": OneOf(item="pain", values=codes("a", "b")),
    "{scans: {includes: a}}": OneOf(item="scans", values=codes("a")),
    "{scans: {includes_any: [a, b, c]}}": OneOf(item="scans", values=codes("a", "b", "c")),
    "{levels: {at_least: 2}}": at_least(2),
    "{levels: {above: 2}}": at_least(3),
    "{levels: {at_most: 2}}": at_most(2),
    "{levels: {below: 2}}": at_most(1),
    "{levels: {is: 1}}": at_most(1),
    "{levels: {is: 24}}": at_least(24),
    "{levels: {is: 2}}": AtLeast(count=2, parts=(at_least(2), at_most(2))),
    "{began: {within: 2 months}}": Within(item="began", length=2, unit=Unit.MONTHS),
    "{began: {within: 1 day}}": Within(item="began", length=1, unit=Unit.DAYS),
    "{began: {within: 3 weeks}}": Within(item="began", length=3, unit=Unit.WEEKS),
    "{began: {within: 150 years}}": Within(item="began", length=150, unit=Unit.YEARS),
}
REFUSED = {
    "leg": "wrong-shape",
    "[]": "wrong-shape",
    "[{leg: yes}]": "wrong-shape",
    "{}": "wrong-shape",
    "{leg: yes, fever: yes}": "wrong-shape",
    "{at_least: 2}": "unknown-item",
    "{leg: {}}": "wrong-shape",
    "{leg: {is: yes}}": "wrong-shape",
    "{leg: Yes}": "not-yes-no",
    "{leg: 'true'}": "not-yes-no",
    "{leg: unknown}": "not-yes-no",
    "{leg: [yes]}": "wrong-shape",
    "{leg_: yes}": "unknown-item",
    "{all: {leg: yes}}": "wrong-shape",
    "{all: []}": "empty-condition",
    "{any: [{leg: yes}, {leg: yes}]}": "repeated-part",
    "{not: []}": "wrong-shape",
    "{not: [{leg: yes}]}": "wrong-shape",
    "{at_least: 0, of: [{leg: yes}]}": "cannot-differ",
    "{at_least: 2, of: [{leg: yes}]}": "cannot-differ",
    "{at_least: 1.5, of: [{leg: yes}]}": "not-a-number",
    "{at_least: 1, of: []}": "empty-condition",
    "{pain: a}": "wrong-shape",
    "{pain: {is: d}}": "unknown-choice",
    "{pain: {is: [a]}}": "wrong-shape",
    "{pain: {is: unknown}}": "unknown-choice",
    "{pain: {is_one_of: a}}": "wrong-shape",
    "{pain: {is_one_of: []}}": "empty-condition",
    "{pain: {is_one_of: [a, b, c]}}": "cannot-differ",
    "{pain: {is_one_of: [a, a]}}": "repeated-part",
    "{pain: {includes: a}}": "wrong-test",
    "{pain: {is: a, is_one_of: [a]}}": "wrong-shape",
    "{scans: {is: a}}": "wrong-test",
    "{scans: {includes_any: []}}": "empty-condition",
    "{levels: 2}": "wrong-shape",
    "{levels: {is: two}}": "not-a-number",
    "{levels: {is: '٢'}}": "not-a-number",
    "{levels: {is: 02}}": "not-a-number",
    "{levels: {is: +2}}": "not-a-number",
    "{levels: {is: 1e1}}": "not-a-number",
    "{levels: {is: 25}}": "out-of-bounds",
    "{levels: {at_least: 0}}": "out-of-bounds",
    "{levels: {at_least: 1}}": "cannot-differ",
    "{levels: {at_most: 24}}": "cannot-differ",
    "{levels: {above: 24}}": "cannot-differ",
    "{levels: {below: 1}}": "cannot-differ",
    "{began: {within: 2}}": "not-a-length",
    "{began: {within: 0 days}}": "not-a-length",
    "{began: {within: -2 days}}": "not-a-length",
    "{began: {within: 2 fortnights}}": "not-a-length",
    "{began: {within: 02 months}}": "not-a-length",
    "{began: {within: ٢ months}}": "not-a-length",
    "{began: {within: 151 years}}": "cannot-differ",
    "{began: {within: 9999 weeks}}": "cannot-differ",
    "{began: {is: 2026-01-01}}": "wrong-test",
}


@pytest.mark.parametrize("text", FORMS)
def test_each_form_is_read(text: str) -> None:
    assert read(text) == (FORMS[text], [])


@pytest.mark.parametrize("text", REFUSED)
def test_what_is_no_condition_is_refused_with_a_problem(text: str) -> None:
    condition, said = read(text)
    assert said[:1] == [REFUSED[text]]
    assert condition is None or REFUSED[text] == "repeated-part"


def test_every_mistake_of_a_condition_is_reported() -> None:
    _, said = read("{any: [{leg: maybe}, {pain: {is: z}}, {levels: {is: 99}}, {x: yes}]}")
    assert said == ["not-yes-no", "unknown-choice", "out-of-bounds", "unknown-item"]


def test_an_item_with_a_problem_of_its_own_is_not_reported_again() -> None:
    node, reporter = read_nodes("x.yaml", b"{bad: yes}")
    assert node is not None
    items = Items()
    items.unreadable.add("bad")
    assert read_condition(Cursor(node, reporter), items) is None
    assert reporter.problems == []


# Gates


def truth(condition: Condition, answers: Mapping[str, Value]) -> Truth:
    given = {name: Answer(value=value) for name, value in answers.items()}
    return evaluate(condition, given, AS_OF).truth


WEAKER = OneOf(item="weaker", values=frozenset({True}))
WORST = OneOf(item="worst", values=frozenset({True}))
GATES: dict[str, Condition] = {"weaker": LEG, "worst": add_ask_if(WEAKER, {"weaker": LEG})}


@pytest.mark.parametrize(
    ("answers", "expected"),
    [
        ({}, Truth.UNKNOWN),
        ({"leg": True}, Truth.UNKNOWN),
        ({"leg": True, "weaker": True}, Truth.TRUE),
        ({"leg": True, "weaker": False}, Truth.FALSE),
        ({"leg": False, "weaker": True}, Truth.FALSE),
        ({"leg": False}, Truth.FALSE),
        ({"weaker": True}, Truth.UNKNOWN),
        ({"weaker": False}, Truth.FALSE),
    ],
)
def test_a_test_of_a_gated_item_holds_only_where_it_is_asked(
    answers: dict[str, Value], expected: Truth
) -> None:
    assert truth(add_ask_if(WEAKER, GATES), answers) is expected
    assert truth(add_ask_if(Not(part=WEAKER), GATES), answers) is ~expected


@pytest.mark.parametrize("count", [1, 2])
def test_a_gate_of_a_gate_must_hold_too(count: int) -> None:
    condition = add_ask_if(AtLeast(count=count, parts=(WORST, FEVER)), GATES)
    stale: dict[str, Value] = {"leg": False, "weaker": True, "worst": True, "fever": False}
    assert truth(condition, stale) is Truth.FALSE
    assert truth(condition, stale | {"leg": True}) is (Truth.TRUE if count == 1 else Truth.FALSE)


def test_a_question_that_is_not_asked_cannot_deny_a_gated_answer() -> None:
    denied = add_ask_if(OneOf(item="weaker", values=frozenset({False})), GATES)
    assert truth(denied, {"leg": False}) is Truth.FALSE
    assert truth(add_ask_if(Not(part=WEAKER), GATES), {"leg": False}) is Truth.TRUE


def test_the_size_of_a_condition_counts_the_gates() -> None:
    assert size_with_ask_if(AtLeast(count=1, parts=(WORST, WEAKER, FEVER)), GATES) == 3 + 2 + 1


# Calendar time


@pytest.mark.parametrize(
    ("day", "length", "unit", "expected"),
    [
        ("2026-01-31", 1, Unit.MONTHS, "2026-02-28"),
        ("2028-01-31", 1, Unit.MONTHS, "2028-02-29"),
        ("2026-08-31", 1, Unit.MONTHS, "2026-09-30"),
        ("2026-12-31", 2, Unit.MONTHS, "2027-02-28"),
        ("2026-11-30", 3, Unit.MONTHS, "2027-02-28"),
        ("2028-02-29", 1, Unit.YEARS, "2029-02-28"),
        ("2028-02-29", 4, Unit.YEARS, "2032-02-29"),
        ("2026-12-15", 1, Unit.MONTHS, "2027-01-15"),
        ("2026-12-15", 12, Unit.MONTHS, "2027-12-15"),
        ("2026-03-01", 2, Unit.WEEKS, "2026-03-15"),
        ("2026-02-28", 1, Unit.DAYS, "2026-03-01"),
        ("9999-12-31", 1, Unit.DAYS, "9999-12-31"),
        ("9999-12-31", 1, Unit.MONTHS, "9999-12-31"),
        ("9000-01-01", 9999, Unit.YEARS, "9999-12-31"),
    ],
)
def test_months_and_years_clamp_the_day(day: str, length: int, unit: Unit, expected: str) -> None:
    result = add_time(dt.date.fromisoformat(day), length, unit)
    assert result == dt.date.fromisoformat(expected)


@pytest.mark.parametrize(
    ("began", "expected"),
    [("2026-09-20", Truth.TRUE), ("2026-09-19", Truth.FALSE), ("2026-11-20", Truth.TRUE)],
)
def test_the_last_day_of_a_length_is_within_it(began: str, expected: Truth) -> None:
    condition, _ = read("{began: {within: 2 months}}")
    assert condition is not None
    assert truth(condition, {"began": dt.date.fromisoformat(began)}) is expected
