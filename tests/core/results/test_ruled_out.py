"""An emergency sign is ruled out by a no alone."""

import pytest
from support.rulesets import shipped

from screening.core.results.assess import assess
from screening.core.results.warning_signs import ruled_out_emergencies
from screening.core.values.answer import AbsentReason, Answer, Value


@pytest.mark.parametrize(("value", "expected"), [(False, True), (True, False), (None, False)])
def test_a_no_rules_a_sign_out(value: Value | None, *, expected: bool) -> None:
    assert ("leg_weakness" in ruled_out_emergencies(shipped.judged(leg_weakness=value))) is expected


def test_not_known_rules_nothing_out() -> None:
    answers = {"leg_weakness": Answer(absent=AbsentReason.ASKED_UNKNOWN)}
    assert ruled_out_emergencies(assess(shipped.ruleset(), answers, shipped.as_of())) == frozenset()


def test_only_emergency_criteria_are_named() -> None:
    found = ruled_out_emergencies(shipped.judged())
    tiers = {each.id: each.tier.value for each in shipped.ruleset().criteria}
    assert {tiers[each] for each in found} == {"emergency"}
