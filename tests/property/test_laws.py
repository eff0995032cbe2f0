"""The laws of assessment on random rulesets and answers."""

from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from support.oracles.laws import LAWS
from support.rulesets.strategies import Scenario, scenarios

thorough = settings(
    max_examples=200,
    database=None,
    derandomize=False,
    phases=[Phase.explicit, Phase.generate, Phase.shrink],
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


@pytest.mark.parametrize("law", LAWS, ids=lambda law: law.__name__)
def test_a_law_of_assessment_holds(law: Callable[[Scenario], None]) -> None:
    thorough(given(scenarios())(law))()
