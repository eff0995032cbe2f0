"""How soon to act is the same for the nurse as for the patient."""

import re

import pytest
from support.rulesets import shipped

from screening.core.rules.ruleset import Criterion, Tier
from screening.words.nurse.criteria import put_action_first

TIMES = re.compile(r"\b(now|today|this week)\b")
ALLOWED = {Tier.EMERGENCY: ["now"], Tier.URGENT: ["today", "this week"]}
GRAVE = [each for each in shipped.ruleset().criteria if each.tier in ALLOWED]
URGENT = [each for each in GRAVE if each.tier is Tier.URGENT]


@pytest.mark.parametrize("criterion", GRAVE, ids=lambda each: each.id)
def test_the_nurse_is_given_the_same_time_as_the_patient(criterion: Criterion) -> None:
    (nurse,) = set(TIMES.findall(put_action_first(criterion, criterion.say.nurse)))
    (patient,) = set(TIMES.findall(criterion.say.patient))
    assert nurse == patient
    assert nurse in ALLOWED[criterion.tier]


@pytest.mark.parametrize("criterion", URGENT, ids=lambda each: each.id)
def test_the_time_is_in_the_sentence_of_the_reason(criterion: Criterion) -> None:
    assert TIMES.search(criterion.say.nurse.partition(".")[0])


def test_an_outcome_does_not_put_off_a_reason_for_today() -> None:
    (urgent,) = (each for each in shipped.ruleset().outcomes if each.id == "clinician_first")
    assert "If one says today, arrange the review today." in urgent.say.nurse
    assert "Arrange it this week" not in urgent.say.nurse
