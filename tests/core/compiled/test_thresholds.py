"""Thresholds: every line that rules draw, with what lies on each side of it."""

from dataclasses import replace

import pytest
from support.rulesets.builders import (
    at_least_number,
    at_most_number,
    criterion,
    item,
    number,
    one_of,
    ruleset,
    within,
    yes,
)
from support.rulesets.builders import choice as chosen

from screening.core.rules.condition import ALWAYS, Condition, Not, Unit, all_of, any_of
from screening.core.rules.item import Item, ItemType
from screening.core.rules.ruleset import Tier
from screening.words.auditor.thresholds import Threshold, thresholds


def found(*conditions: Condition, items: tuple[Item, ...] = ()) -> tuple[Threshold, ...]:
    asked = (number("n", 1, 9), item("d", ItemType.DATE), item("y"), chosen("c"), *items)
    criteria = [criterion(f"k{i}", Tier.CAUTION, each) for i, each in enumerate(conditions)]
    return thresholds(ruleset(asked, criteria))


def ids(criteria: object) -> list[str]:
    assert isinstance(criteria, list)
    return [each.id for each in criteria]


def test_at_least_and_at_most_draw_one_line_between_two_numbers() -> None:
    (line,) = found(at_least_number("n", 4), at_most_number("n", 3))
    assert (line.lower, line.upper) == ("1 to 3 levels", "4 to 9 levels")
    assert ids(line.for_lower) == ["k1"]
    assert ids(line.for_upper) == ["k0"]


def test_a_side_of_one_number_says_only_that() -> None:
    (line,) = found(at_least_number("n", 2))
    assert (line.lower, line.upper) == ("only 1", "2 to 9 levels")


def test_not_turns_the_side_and_twice_not_turns_it_back() -> None:
    negated: Condition = Not(part=all_of(at_least_number("n", 4), yes("y")))
    (line,) = found(negated, Not(part=negated))
    assert ids(line.for_lower) == ["k0"]
    assert ids(line.for_upper) == ["k1"]


def test_lines_stand_in_the_order_of_questions_then_of_numbers() -> None:
    lines = found(within("d", 2), at_least_number("n", 7), at_least_number("n", 3))
    assert [line.upper for line in lines[:2]] == ["3 to 9 levels", "7 to 9 levels"]
    assert lines[2].item.link_id == "d"


def test_a_length_of_time_comes_with_the_days_between_which_it_ends() -> None:
    (line,) = found(within("d", 2))
    assert line.lower == "more than 2 months before the screening date"
    assert line.upper == "2 months or less before the screening date, that very day included"
    assert ids(line.for_upper) == ["k0"]
    first = ruleset([], []).parts[0].effective_from
    assert f"For a screening on {first.day} " in line.example


@pytest.mark.parametrize(("length", "words"), [(1, "1 week "), (3, "3 weeks ")])
def test_one_of_a_unit_is_singular(length: int, words: str) -> None:
    (line,) = found(within("d", length, Unit.WEEKS))
    assert words in line.lower


def test_shorter_times_stand_before_longer_ones_whatever_their_unit() -> None:
    lines = found(
        within("d", 1, Unit.YEARS), within("d", 5, Unit.WEEKS), within("d", 40, Unit.DAYS)
    )
    assert [line.upper.split(" or")[0] for line in lines] == ["5 weeks", "40 days", "1 year"]


def test_a_time_that_reaches_before_the_calendar_has_no_example() -> None:
    (line,) = found(within("d", 9000, Unit.YEARS))
    assert line.example == ""


def test_a_gate_is_told_with_the_questions_that_it_opens() -> None:
    gated = replace(item("g"), ask_if=all_of(at_least_number("n", 5), yes("y")))
    (line,) = found(items=(gated,))
    assert [each.link_id for each in line.asked_items] == ["g"]
    assert not line.for_lower
    assert not line.for_upper


def test_a_criterion_on_both_sides_of_one_line_is_named_once_on_each() -> None:
    both = any_of(
        all_of(at_least_number("n", 4), yes("y")),
        all_of(at_most_number("n", 3), one_of("c", "a")),
        all_of(at_least_number("n", 4), one_of("c", "b")),
    )
    (line,) = found(both, ALWAYS)
    assert ids(line.for_lower) == ids(line.for_upper) == ["k0"]
