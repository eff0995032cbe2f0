"""Columns come to what the engine comes to for each row."""

import datetime as dt
from random import Random

import numpy as np
import pytest
from support.batch.columns import Person, by_columns, by_engine, table
from support.rulesets import shipped
from support.rulesets.builders import (
    AS_OF,
    at_least_number,
    choice,
    criterion,
    given,
    item,
    number,
    one_of,
    ruleset,
    within,
    yes,
)
from support.rulesets.random_rulesets import Sampler, random_day, random_ruleset, with_consistency

from screening.batch.columns import kernel as kernels
from screening.batch.columns import walk
from screening.batch.columns.kernel import Kernel
from screening.core.compiled.diagram import BudgetError
from screening.core.rules.condition import Condition
from screening.core.rules.item import Item, ItemType
from screening.core.rules.ruleset import Ruleset, Tier
from screening.core.values.answer import Answer, Value


def drawn(rng: Random, rules: Ruleset, days: int, sets: int) -> list[Person]:
    samplers = [Sampler(rng, rules, random_day(rng)) for _ in range(days)]
    return [
        Person(
            sampler.draw(),
            sampler.as_of,
            rng.choice([None, sampler.as_of.year - 71, sampler.as_of.year - 3]),
        )
        for sampler in samplers
        for _ in range(sets)
    ]


def test_shipped_rules_give_what_the_engine_gives(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kernels, "BLOCK", 37)
    rules = shipped.ruleset()
    people = drawn(Random(3), rules, 12, 10)
    expected = [by_engine(rules, person) for person in people]
    assert by_columns(rules, people) == expected
    assert sum(bool(each[-1]) for each in expected) > 20


@pytest.mark.parametrize("seed", range(2))
def test_random_rules_give_what_the_engine_gives(seed: int) -> None:
    rng = Random(seed)
    for _ in range(60):
        rules = with_consistency(rng, random_ruleset(rng))
        people = drawn(rng, rules, 3, 6)
        assert by_columns(rules, people) == [by_engine(rules, person) for person in people]


def test_a_table_without_rows_has_no_results() -> None:
    rules = shipped.ruleset()
    found = Kernel(rules).evaluate(table(rules.items, []))
    assert found.criteria.shape == (len(rules.criteria), 0)
    assert len(found.outcome) == len(found.contradictions) == 0


def test_an_item_with_more_cells_than_a_byte_holds() -> None:
    codes = "abcdefghi"
    asked = choice("q", codes + "z", ItemType.CHOICES)
    rules = ruleset(
        [asked],
        [criterion(code, Tier.CAUTION, one_of("q", code)) for code in codes],
    )
    sets = [frozenset("a"), frozenset("bi"), frozenset(codes), frozenset("z"), None]
    people = [
        Person({} if codes is None else {"q": Answer(value=codes)}, AS_OF, None) for codes in sets
    ]
    assert by_columns(rules, people) == [by_engine(rules, person) for person in people]


def test_more_items_than_a_word_has_bits() -> None:
    rng = Random(1)
    dates = [item(f"day_{place:02}", ItemType.DATE) for place in range(70)]
    rules = ruleset(dates, [criterion("c", Tier.CAUTION, within("day_00", 2))])
    rules = with_consistency(rng, rules)
    people = [
        Person(given(day_00=AS_OF, day_69=AS_OF - dt.timedelta(days=day)), AS_OF, None)
        for day in range(3)
    ]
    assert by_columns(rules, people) == [by_engine(rules, person) for person in people]


@pytest.mark.parametrize(
    ("asked", "wrong"),
    [(choice("q"), "z"), (number("q"), True), (item("d", ItemType.DATE), "2026-11-01")],
)
def test_a_value_that_does_not_fit_its_item_is_refused(asked: Item, wrong: Value) -> None:
    conditions: dict[str, Condition] = {
        "choice": one_of("q", "a"),
        "number": at_least_number("q", 2),
        "date": within("d", 2),
    }
    condition = conditions[asked.type.value]
    rules = ruleset([asked], [criterion("c", Tier.CAUTION, condition)])
    people = [Person({asked.link_id: Answer(value=wrong)}, AS_OF, None)]
    with pytest.raises(TypeError, match=f"the answer to {asked.link_id} is"):
        Kernel(rules).evaluate(table(rules.items, people))


def test_tables_that_would_grow_too_large_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(walk, "MOST_ENTRIES", 2)
    rules = ruleset([item("a")], [criterion("c", Tier.CAUTION, yes("a"))])
    with pytest.raises(BudgetError):
        Kernel(rules)


def test_results_are_of_small_numbers() -> None:
    rules = shipped.ruleset()
    found = Kernel(rules).evaluate(table(rules.items, [Person({}, AS_OF, None)]))
    assert found.criteria.dtype == np.uint8
