"""A compiled ruleset: its cells, and the ways between them."""

import datetime as dt
from dataclasses import replace

import pytest
from support.rulesets.builders import (
    AS_OF,
    at_least_number,
    choice,
    criterion,
    item,
    number,
    one_of,
    within,
    yes,
)
from support.rulesets.builders import given as known
from support.rulesets.builders import ruleset as rules_of

from screening.core.compiled import model as compiling
from screening.core.compiled.model import compile_ruleset, keep_model, model_of
from screening.core.compiled.variable import Variable, variables_of
from screening.core.rules.condition import Condition, any_of
from screening.core.rules.finding import Bounds
from screening.core.rules.item import Item, ItemType
from screening.core.rules.ruleset import Tier
from screening.core.values.answer import Value
from screening.core.values.span import Span


def variable(asked: Item, *conditions: Condition) -> Variable:
    return variables_of({asked.link_id: asked}, conditions)[0]


def steps(of: Variable) -> set[tuple[Value, Value]]:
    """The pairs of a better and a worse cell, by values that stand for them."""
    values = of.values(AS_OF)
    return {(values[better][0], values[worse][0]) for better, worse in of.worse_pairs(AS_OF)}


def test_no_answer_is_worse_where_the_item_names_none() -> None:
    assert steps(variable(item("a"), yes("a"))) == set()


def test_the_named_answer_is_worse_than_every_other() -> None:
    assert steps(variable(item("a", worse="yes"), yes("a"))) == {(False, True)}
    severe = item("c", ItemType.CHOICE, choices=choice("c").choices, worse="c")
    assert steps(variable(severe, one_of("c", "b"), one_of("c", "c"))) == {("a", "c"), ("b", "c")}


def test_numbers_and_days_get_worse_in_the_named_direction() -> None:
    tests = at_least_number("n", 3), at_least_number("n", 5)
    numbers = number("n")
    higher = item("n", ItemType.NUMBER, maximum=9, unit=numbers.unit, worse="higher")
    assert steps(variable(higher, *tests)) == {(0, 3), (0, 5), (3, 5)}
    lower = item("n", ItemType.NUMBER, maximum=9, unit=numbers.unit, worse="lower")
    assert steps(variable(lower, *tests)) == {(5, 3), (5, 0), (3, 0)}
    earlier = item("d", ItemType.DATE, worse="earlier")
    assert steps(variable(earlier, within("d", 2))) == {(AS_OF, dt.date(2026, 9, 19))}


def test_a_set_of_codes_gets_worse_by_the_named_one() -> None:
    codes = choice("s", "xyz").choices
    picked = item("s", ItemType.CHOICES, choices=codes, worse="x")
    expected = {(frozenset("z"), frozenset("x")), (frozenset("y"), frozenset("xy"))}
    assert steps(variable(picked, one_of("s", "x"), one_of("s", "y"))) == expected


def test_answers_are_found_on_a_path_of_cells() -> None:
    rules = rules_of([item("a"), item("b")], [criterion("c", Tier.INFO, any_of(*map(yes, "ab")))])
    model = compile_ruleset(rules)
    answers = known(b=False)
    path = dict(enumerate(model.locate(answers, AS_OF)))
    assert model.answers_at(path, AS_OF) == answers


def test_a_ruleset_is_compiled_once_however_often_it_is_asked() -> None:
    rules = rules_of([item("a")], [criterion("c", Tier.INFO, yes("a"))])
    assert model_of(rules) is model_of(rules)


def test_the_memory_of_located_answers_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compiling, "_MOST_LOCATED", 2)
    test = at_least_number("n", 3)
    rules = rules_of([number("n", 0, 9)], [criterion("c", Tier.INFO, test)])
    model = compile_ruleset(rules)
    cells = [model.locate(known(n=value), AS_OF) for value in (1, 2, 3, 4, 1)]
    assert cells == [cells[0], cells[0], cells[2], cells[2], cells[0]]
    assert len(model._located) <= 2  # noqa: SLF001 - the bound is what is tested


def test_a_span_of_days_is_found_on_a_path_of_branches() -> None:
    tests = [within("d", length) for length in (1, 2, 3)]
    rules = rules_of([item("d", ItemType.DATE)], [criterion("c", Tier.INFO, any_of(*tests))])
    model = compile_ruleset(rules)
    days = Span(first=dt.date(2026, 9, 20), last=AS_OF)
    path = dict(enumerate(model.locate(known(d=days), AS_OF)))
    assert model.answers_at(path, AS_OF) == known(d=days)


def test_what_the_order_of_events_leaves_to_a_date_is_located_like_an_answer() -> None:
    tests = [within("d", length) for length in (1, 2, 3)]
    rules = rules_of([item("d", ItemType.DATE)], [criterion("c", Tier.INFO, any_of(*tests))])
    model = compile_ruleset(rules)
    first = dt.date(2026, 9, 20)
    bounds = {"d": Bounds(first=first, last=AS_OF)}
    located = model.locate(known(), AS_OF, bounds)
    assert located == model.locate(known(d=Span(first=first, last=AS_OF)), AS_OF)
    assert located != model.locate(known(), AS_OF)


def test_a_model_that_was_kept_is_that_of_its_ruleset() -> None:
    rules = rules_of([item("a")], [criterion("c", Tier.URGENT, yes("a"))])
    kept = compile_ruleset(rules)
    keep_model(kept)
    assert model_of(rules) is kept
    assert model_of(replace(rules)) is not kept
