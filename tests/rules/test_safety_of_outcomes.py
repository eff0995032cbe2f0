"""Nothing unsafe, unconfirmed or unknown passes: over every single and pair change, and more.

What is safe is written down here a second time, item by item, and not read from the rule files.
"""

import random
import secrets
from collections.abc import Callable, Iterator, Mapping
from itertools import combinations, product

import pytest
from support.rulesets.shipped import (
    Answers,
    as_of,
    changed,
    examples,
    favourable,
    ruleset,
    states_of,
)

from screening.core.results.assess import assess
from screening.core.rules.condition import items_in
from screening.core.values.answer import AbsentReason, Answer, Value
from screening.formats.examples.example_file import Example

Changes = Mapping[str, Answer | None]
SIGNS = (
    *("leg_weakness", "saddle_numbness", "bladder_bowel", "gait_change", "both_legs_weak"),
    "deficit_found",
    *("fever_chills", "recent_infection", "iv_drug_use", "weak_immunity", "weight_loss"),
    *("night_pain", "active_infection", "pregnancy", "clotting_problem", "spine_unstable"),
    *("cord_compression", "canal_fragment", "allergy_cement", "allergy_contrast"),
)
TRIPLES = 4000


def _is_no(value: Value) -> bool:
    return value is False


def _is_grown_up(value: Value) -> bool:
    return isinstance(value, int) and value >= 20


def _shows_more_than_a_shadow(value: Value) -> bool:
    return isinstance(value, frozenset) and bool(value & {"ct", "mri", "bone_scan"})


SAFE: dict[str, Callable[[Value], bool]] = {
    **dict.fromkeys(SIGNS, _is_no),
    "age": _is_grown_up,
    "imaging_result": lambda value: value == "shows_fracture",
    "imaging_kind": _shows_more_than_a_shadow,
    "pain_course": lambda value: value in ("worse", "same"),
    "pain_from_fracture": lambda value: value is True,
}
"""Each item without whose safe answer nothing favourable may come out."""

CONDITIONAL = {"cancer_history", "serious_accident", "cause"}
"""Items of the gate whose safe answer depends on others: see `has_open_cancer`. The fracture that
imaging has to show in any case settles what a serious accident points to."""


def has_open_cancer(values: Mapping[str, Value | None]) -> bool:
    """Whether a cancer in the past is known or possible, and not confirmed as the cause."""
    confirmed = values.get("cause") in {"cancer_spread", "myeloma"}
    return values.get("cancer_history") is not False and not confirmed


def unsafe(answers: Answers) -> list[str]:
    """The items whose answer is unsafe, unknown or missing."""
    values = {link_id: answer.value for link_id, answer in answers.items()}
    found = [
        link_id
        for link_id, is_safe in SAFE.items()
        if (value := values.get(link_id)) is None or not is_safe(value)
    ]
    return [*found, "cancer_history"] if has_open_cancer(values) else found


def is_favourable(answers: Answers) -> bool:
    return assess(ruleset(), answers, as_of()).favourable


def single_changes() -> Iterator[Changes]:
    for link_id, item in ruleset().items.items():
        yield from ({link_id: state} for state in states_of(item))


def pair_changes() -> Iterator[Changes]:
    states = {link_id: states_of(item) for link_id, item in ruleset().items.items()}
    for one, other in combinations(states, 2):
        for pair in product(states[one], states[other]):
            yield dict(zip((one, other), pair, strict=True))


def triple_changes(chance: random.Random) -> Iterator[Changes]:
    states = {link_id: states_of(item) for link_id, item in ruleset().items.items()}
    for _ in range(TRIPLES):
        yield {each: chance.choice(states[each]) for each in chance.sample(list(states), 3)}


def passing(changes: Iterator[Changes]) -> Iterator[tuple[Changes, Answers]]:
    """The changes that still end favourably, with all answers."""
    for change in changes:
        answers = changed(favourable(), change)
        if is_favourable(answers):
            yield change, answers


def test_every_item_of_the_safety_gate_is_written_down_here() -> None:
    read = {
        link_id
        for criterion in ruleset().criteria
        if criterion.ruleset == "safety"
        for link_id in items_in(criterion.condition)
    }
    assert read == (set(SAFE) - {"pain_from_fracture"}) | CONDITIONAL
    assert set(SAFE) <= set(ruleset().items)


def test_the_favourable_case_is_favourable_and_answers_every_question_that_is_put() -> None:
    assert is_favourable(favourable())
    assert not unsafe(favourable())
    gated = {link_id for link_id, item in ruleset().items.items() if item.ask_if or item.shown_if}
    assert set(ruleset().items) - set(favourable()) <= gated


def test_no_single_change_lets_anything_unsafe_through() -> None:
    passed = list(passing(single_changes()))
    assert len(passed) > len(ruleset().items), "harmless changes must pass, or this shows nothing"
    assert [change for change, answers in passed if unsafe(answers)] == []


@pytest.mark.long
def test_no_pair_of_changes_lets_anything_unsafe_through() -> None:
    passed = list(passing(pair_changes()))
    assert len(passed) > 1000
    assert [change for change, answers in passed if unsafe(answers)] == []


@pytest.mark.long
def test_no_three_changes_let_anything_unsafe_through() -> None:
    seed = secrets.randbits(32)
    chance = random.Random(seed)
    passed = list(passing(triple_changes(chance)))
    assert passed
    assert [change for change, answers in passed if unsafe(answers)] == [], f"seed {seed}"


@pytest.mark.parametrize("link_id", [*SAFE, "cancer_history"])
@pytest.mark.parametrize("reason", [*AbsentReason, None])
def test_a_safety_answer_that_is_missing_for_any_reason_keeps_the_outcome_open(
    link_id: str, reason: AbsentReason | None
) -> None:
    missing = Answer(absent=reason) if reason else None
    result = assess(ruleset(), changed(favourable(), {link_id: missing}), as_of())
    assert result.outcome
    assert result.outcome.id == "more_information"
    assert "met" in result.possible
    assert link_id in result.needs


def test_nothing_answered_leaves_every_outcome_possible() -> None:
    result = assess(ruleset(), {}, as_of())
    assert result.possible == tuple(each.id for each in ruleset().outcomes)
    assert not result.favourable
    assert result.flags == ()


DECISIVE = [each for name, each in examples().items() if name.startswith("decisive_")]


def test_ten_written_cases_have_a_decisive_fact() -> None:
    assert len(DECISIVE) == 10
    assert all(each.truths for each in DECISIVE), "the fact is named as a criterion's truth"


@pytest.mark.parametrize("case", DECISIVE, ids=lambda case: case.name)
def test_nothing_favourable_is_possible_against_a_decisive_fact(case: Example) -> None:
    result = assess(ruleset(), case.answers, case.as_of)
    assert not ruleset().favourable & set(result.possible)
    assert any(
        ruleset().criterion(name).tier.raises_flag_when is truth
        for name, truth in case.truths.items()
    )
