"""What to doubt before a result is read."""

import datetime as dt

import pytest
from support.rulesets import shipped

from screening.core.results.assess import assess
from screening.core.results.warning_signs import emergency_signs
from screening.core.rules.ruleset import Tier
from screening.core.values.answer import AbsentReason, Answer
from screening.core.values.referral import fits_birth_year
from screening.core.values.truth import Truth
from screening.words.nurse.needs import words_of_signs_not_ruled_out

RULES = shipped.ruleset()
SIGNS = [item.link_id for item in RULES.items.values() if item.section == "emergency"]


@pytest.mark.parametrize("sign", SIGNS)
def test_an_emergency_sign_that_is_not_known_or_not_asked_is_not_ruled_out(sign: str) -> None:
    name = RULES.items[sign].name
    assert words_of_signs_not_ruled_out(shipped.judged(**{sign: None})) == (
        f"An emergency sign is not ruled out: {name} (not answered)."
        " Find out today, before anything else."
    )
    answers = {**shipped.favourable(), sign: Answer(absent=AbsentReason.ASKED_UNKNOWN)}
    said = words_of_signs_not_ruled_out(assess(RULES, answers, shipped.as_of()))
    assert said.startswith(f"An emergency sign is not ruled out: {name} (not known).")


def test_with_every_sign_answered_there_is_nothing_to_say() -> None:
    assert words_of_signs_not_ruled_out(shipped.judged()) == ""
    assert words_of_signs_not_ruled_out(shipped.judged(leg_weakness=True)) == ""
    assert words_of_signs_not_ruled_out(shipped.judged(fever_chills=None)) == ""


def test_several_signs_are_said_together_beside_one_that_is_there_as_well() -> None:
    judged = shipped.judged(leg_weakness=True, gait_change=None, bladder_bowel=None)
    assert words_of_signs_not_ruled_out(judged) == (
        "Emergency signs are not ruled out: New bladder or bowel trouble (not answered),"
        " New gait disturbance (not answered). Find out today, before anything else."
    )


def test_signs_that_are_there_stand_beside_those_that_nobody_ruled_out() -> None:
    assert emergency_signs(shipped.judged()) == {}
    judged = shipped.judged(leg_weakness=True, gait_change=None, fever_chills=True)
    assert emergency_signs(judged) == {"leg_weakness": Truth.TRUE, "gait_change": Truth.UNKNOWN}


def test_the_emergency_signs_are_those_that_an_emergency_criterion_reads() -> None:
    assert RULES.items_of(Tier.EMERGENCY) == frozenset(SIGNS)


@pytest.mark.parametrize(
    ("age", "fits"), [(92, False), (93, True), (94, True), (95, True), (96, True), (97, False)]
)
def test_an_age_fits_a_birth_year_by_a_year_to_either_side(age: int, *, fits: bool) -> None:
    for day in (dt.date(2026, 1, 1), dt.date(2026, 11, 20), dt.date(2026, 12, 31)):
        assert fits_birth_year(age, 1931, day) is fits
