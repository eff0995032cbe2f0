"""Evaluator and diagrams agree: the short form of `make agree`."""

import datetime as dt
from dataclasses import replace

import pytest
from support.oracles.agreement import disagreements, run
from support.rulesets.builders import criterion, given, item, number, ruleset, within
from support.rulesets.random_rulesets import ONE_DAY, numbers_near

from screening.core.compiled.model import Model, compile_ruleset
from screening.core.rules.condition import Compare, Comparison, Unit, Within, add_time, all_of
from screening.core.rules.item import ItemType
from screening.core.rules.ruleset import Ruleset, Tier
from screening.core.values.truth import Truth

pytestmark = pytest.mark.long

LENGTHS = {
    Unit.DAYS: (1, 28, 30, 31, 60, 365),
    Unit.WEEKS: (1, 4, 8, 52),
    Unit.MONTHS: (1, 2, 6, 12, 13, 48),
    Unit.YEARS: (1, 2, 4, 5),
}
SCREENING_DAYS = (
    dt.date(2028, 2, 29),
    dt.date(2027, 2, 28),
    dt.date(2028, 3, 1),
    dt.date(2028, 3, 31),
    dt.date(2026, 4, 30),
    dt.date(2026, 12, 31),
    dt.date(2027, 1, 1),
    dt.date(2026, 11, 20),
)


def test_evaluator_and_diagrams_agree_on_random_answers() -> None:
    count, wrong = run(seed=20261120, shipped=200, random=2_000)
    assert count >= 2_200
    assert wrong == []


def _dated(unit: Unit) -> Ruleset:
    """Each pair of neighbouring lengths makes a stretch of its own."""
    listed = [within("day", length, unit) for length in LENGTHS[unit]]
    tiers = list(Tier)
    pairs = zip(listed, tiers, strict=False)
    criteria = [criterion(f"within_{test.length}", tier, test) for test, tier in pairs]
    return ruleset([item("day", ItemType.DATE)], criteria)


@pytest.mark.parametrize("unit", list(Unit), ids=lambda unit: str(unit.value))
def test_evaluator_and_diagrams_agree_on_every_day_near_a_cut_off(unit: Unit) -> None:
    model = compile_ruleset(_dated(unit))
    for as_of in SCREENING_DAYS:
        crossed = set[Truth]()
        for days_ago in range(5 * 366 + 3):
            day = as_of - days_ago * ONE_DAY
            if _near_a_cut_off(day, unit, as_of) or days_ago < 2:
                assert disagreements(model, given(day=day), as_of) == [], (as_of, day)
                crossed.add(_first_truth(model, day, as_of))
        assert crossed == {Truth.TRUE, Truth.FALSE}


def _near_a_cut_off(day: dt.date, unit: Unit, as_of: dt.date) -> bool:
    return any(abs((add_time(day, n, unit) - as_of).days) <= 3 for n in LENGTHS[unit])


def _first_truth(model: Model, day: dt.date, as_of: dt.date) -> Truth:
    first = model.ruleset.criteria[0]
    assert isinstance(first.condition, Within)
    found = model.partial.at(model.kleene[first.id], model.locate(given(day=day), as_of))
    assert isinstance(found, Truth)
    return found


@pytest.mark.parametrize("comparison", list(Comparison), ids=lambda each: str(each.value))
def test_evaluator_and_diagrams_agree_beside_every_bound(comparison: Comparison) -> None:
    counted = number("count", -2, 6)
    tests = [Compare(item="count", comparison=comparison, bound=n) for n in range(-4, 9)]
    for one in tests:
        for other in tests:
            criteria = [
                criterion("one", Tier.URGENT, one),
                criterion("both", Tier.CAUTION, all_of(one, other)),
            ]
            model = compile_ruleset(ruleset([counted], criteria))
            for value in numbers_near(counted, tests):
                assert disagreements(model, given(count=value), SCREENING_DAYS[0]) == []


def test_a_diagram_that_differs_is_told() -> None:
    model = compile_ruleset(_dated(Unit.DAYS))
    other = compile_ruleset(_dated(Unit.MONTHS))
    day = SCREENING_DAYS[0] - 20 * ONE_DAY
    assert (
        disagreements(model, given(day=SCREENING_DAYS[0] - 35 * ONE_DAY), SCREENING_DAYS[0]) == []
    )
    wrong = replace(model, ruleset=other.ruleset)
    wrong.kleene = dict(zip(other.kleene, model.kleene.values(), strict=False))
    found = disagreements(wrong, given(day=day), SCREENING_DAYS[0])
    assert "within_1" in found
    assert "possible" in found
