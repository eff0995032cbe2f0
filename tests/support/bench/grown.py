"""The shipped rules several times over, under other names: real rules of any size."""

from collections.abc import Mapping
from dataclasses import replace

from screening.core.rules.condition import (
    AtLeast,
    Compare,
    Condition,
    Not,
    OneOf,
    Within,
)
from screening.core.rules.consistency import BIRTH, Age, Check, Consistency, Never, Order
from screening.core.rules.ruleset import Criterion, Ruleset
from screening.core.values.answer import Answer


def copies(rules: Ruleset, count: int) -> Ruleset:
    """A ruleset with so many copies of each item, criterion and rule of consistency."""
    marks = [f"_{number}" for number in range(count)]
    return replace(
        rules,
        items={
            f"{link_id}{mark}": replace(
                item,
                link_id=f"{link_id}{mark}",
                ask_if=_renamed(item.ask_if, mark) if item.ask_if else None,
                shown_if=_renamed(item.shown_if, mark) if item.shown_if else None,
                patient_shown_if=None,
            )
            for mark in marks
            for link_id, item in rules.items.items()
        },
        criteria=tuple(_criterion(each, mark) for mark in marks for each in rules.criteria),
        consistency=tuple(_rule(each, mark) for mark in marks for each in rules.consistency),
        doctor_questions=(),
        disagreements=(),
        patient_path=None,
    )


def copied_answers(answers: Mapping[str, Answer], mark: str) -> dict[str, Answer]:
    """Answers to one copy of the items."""
    return {f"{link_id}{mark}": answer for link_id, answer in answers.items()}


def _criterion(criterion: Criterion, mark: str) -> Criterion:
    return replace(
        criterion,
        id=f"{criterion.id}{mark}",
        condition=_renamed(criterion.condition, mark),
        limit_of=None,
        implies=(),
    )


def _rule(rule: Consistency, mark: str) -> Consistency:
    return replace(rule, id=f"{rule.id}{mark}", check=_check(rule.check, mark))


def _check(check: Check, mark: str) -> Check:
    match check:
        case Never(condition=condition):
            return Never(condition=_renamed(condition, mark))
        case Age(item=item):
            return Age(item=f"{item}{mark}")
        case Order(dates=dates, age=age):
            named = tuple(each if each == BIRTH else f"{each}{mark}" for each in dates)
            return Order(dates=named, age=f"{age}{mark}" if age else None)


def _renamed(condition: Condition, mark: str) -> Condition:
    match condition:
        case Not(part=part):
            return Not(part=_renamed(part, mark))
        case AtLeast(count=count, parts=parts):
            return AtLeast(count=count, parts=tuple(_renamed(part, mark) for part in parts))
        case Compare() | OneOf() | Within():
            return replace(condition, item=f"{condition.item}{mark}")
