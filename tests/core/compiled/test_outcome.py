"""Possible outcomes: exact over every way to complete the answers."""

import datetime as dt

from support.rulesets.builders import (
    AS_OF,
    LADDER,
    UNKNOWN,
    at_least_number,
    at_most_number,
    choice,
    criterion,
    given,
    item,
    no,
    number,
    one_of,
    ruleset,
    within,
    yes,
)

from screening.core.compiled.representatives import representatives
from screening.core.results.assess import assess
from screening.core.rules.condition import ALWAYS, Condition, Not, Unit, all_of, any_of
from screening.core.rules.item import ItemType
from screening.core.rules.ruleset import Ruleset, Tier
from screening.core.values.answer import Answer

YES_NO = [item("a"), item("b"), item("c")]


def possible(rules: Ruleset, answers: dict[str, Answer]) -> list[str]:
    return list(assess(rules, answers, AS_OF).possible)


def of_tiers(**conditions: Condition) -> Ruleset:
    criteria = [criterion(f"is_{tier}", Tier(tier), each) for tier, each in conditions.items()]
    return ruleset(YES_NO, criteria)


def test_without_any_trigger_the_last_outcome_holds() -> None:
    assert possible(of_tiers(info=yes("a")), {}) == ["met"]


def test_a_criterion_that_holds_triggers_the_outcome_of_its_tier() -> None:
    tiers = [(tier, name) for name, _, tier in LADDER if tier]
    for tier, name in tiers:
        assert possible(of_tiers(**{tier.value: ALWAYS}), {}) == [name]


def test_a_requirement_triggers_its_outcome_only_where_it_fails() -> None:
    rules = of_tiers(required=yes("a"))
    assert possible(rules, given(a=False)) == ["requirement_unmet"]
    assert possible(rules, given(a=True)) == ["met"]
    assert possible(rules, {}) == ["requirement_unmet", "met"]


def test_the_first_outcome_that_holds_wins() -> None:
    rules = of_tiers(emergency=yes("a"), urgent=yes("b"), caution=yes("c"))
    assert possible(rules, given(a=True, b=True, c=True)) == ["emergency"]
    assert possible(rules, given(a=False, b=True, c=True)) == ["clinician_first"]
    assert possible(rules, given(a=False, b=True)) == ["clinician_first"]


def test_an_unknown_answer_keeps_open_what_it_could_still_lead_to() -> None:
    rules = of_tiers(emergency=yes("a"), urgent=yes("b"), caution=yes("c"))
    assert possible(rules, given(b=True, c=True)) == ["emergency", "clinician_first"]
    assert possible(rules, {"a": UNKNOWN, **given(b=False, c=False)}) == ["emergency", "met"]
    assert possible(rules, {}) == ["emergency", "clinician_first", "met_with_cautions", "met"]


def test_one_unknown_answer_is_completed_the_same_way_in_every_criterion() -> None:
    rules = of_tiers(exclusion=yes("a"), caution=no("a"))
    assert possible(rules, {}) == ["reason_against", "met_with_cautions"]


def test_a_condition_that_holds_either_way_is_decided_though_its_logic_is_not() -> None:
    result = assess(of_tiers(urgent=any_of(yes("a"), no("a"))), {}, AS_OF)
    assert result.possible == ("clinician_first",)
    assert result.decided
    assert result.needs == ("a",)


def test_groups_of_criteria_are_joined_in_every_combination() -> None:
    rules = of_tiers(
        emergency=all_of(yes("a"), yes("b")), urgent=all_of(yes("a"), no("b")), caution=yes("c")
    )
    assert possible(rules, given(a=True)) == ["emergency", "clinician_first"]
    assert possible(rules, given(b=True)) == ["emergency", "met_with_cautions", "met"]


def test_a_number_is_represented_on_each_side_of_every_bound() -> None:
    tests = [at_least_number("n", 3), at_most_number("n", 5)]
    assert representatives(number("n", 1, 9), tests, AS_OF) == [1, 3, 6]
    assert representatives(number("n", 1, 5), tests, AS_OF) == [1, 3]
    assert representatives(number("n", 3, 9), [], AS_OF) == [3]
    assert representatives(number("n", 3, 9), [at_least_number("n", 9)], AS_OF) == [3, 9]
    assert representatives(number("n", 3, 9), [at_most_number("n", 9)], AS_OF) == [3]


def test_choices_are_represented_by_every_set_of_tested_codes() -> None:
    picked = choice("c", "xyz", ItemType.CHOICES)
    sets = [frozenset(codes) for codes in ("z", "x", "y", "xy")]
    assert representatives(picked, [one_of("c", "x", "y")], AS_OF) == sets
    whole = representatives(picked, [one_of("c", "x", "y", "z")], AS_OF)
    assert frozenset[str]() not in whole
    assert len(whole) == 7


def test_a_choice_is_represented_by_each_code_and_yes_or_no_by_both() -> None:
    assert representatives(choice("c", "xyz"), [], AS_OF) == ["x", "y", "z"]
    assert representatives(item("a"), [], AS_OF) == [True, False]


def test_a_date_is_represented_by_the_day_itself_and_each_day_too_long_ago() -> None:
    tests = [within("d", 2), within("d", 6, Unit.WEEKS)]
    expected = [AS_OF, dt.date(2026, 9, 19), dt.date(2026, 10, 8)]
    assert representatives(item("d", ItemType.DATE), tests, AS_OF) == expected


def test_a_date_before_which_nothing_lies_is_represented_by_the_day_alone() -> None:
    first = dt.date(1, 1, 1)
    assert representatives(item("d", ItemType.DATE), [within("d", 1)], first) == [first]


def test_completions_keep_the_answers_that_are_known() -> None:
    items = [number("levels", 1, 24), choice("lungs", "xyz")]
    severe, few = one_of("lungs", "z"), at_most_number("levels", 2)
    rules = ruleset(
        items,
        [
            criterion("lungs", Tier.CAUTION, severe),
            criterion("limit", Tier.EXCLUSION, all_of(severe, Not(part=few))),
        ],
    )
    assert possible(rules, given(lungs="z")) == ["reason_against", "met_with_cautions"]
    assert possible(rules, given(levels=3)) == ["reason_against", "met"]
    assert possible(rules, given(levels=2)) == ["met_with_cautions", "met"]
    assert possible(rules, given(lungs="x")) == ["met"]


def test_many_signs_in_one_condition_cost_no_enumeration() -> None:
    names = [f"sign_{number}" for number in range(40)]  # 2 to the 40 completions
    any_sign = criterion("signs", Tier.CAUTION, any_of(*map(yes, names)))
    rules = ruleset([item(name) for name in names], [any_sign])
    assert possible(rules, {}) == ["met_with_cautions", "met"]
    assert possible(rules, given(**dict.fromkeys(names[:-1], False))) == [
        "met_with_cautions",
        "met",
    ]
    assert possible(rules, given(**dict.fromkeys(names, False))) == ["met"]
