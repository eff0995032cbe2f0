"""z3 and the diagrams come to the same verdicts, on the shipped rules and on random ones."""

from collections import Counter

import pytest
from support.oracles.agreement import shipped_rulesets
from support.oracles.second_prover import CODES, Verdict, differences, first_prover
from support.rulesets.builders import AS_OF
from support.rulesets.random_rulesets import random_day, random_ruleset
from support.rulesets.seeds import rng_of

from screening.core.rules.ruleset import Ruleset

pytestmark = pytest.mark.long


@pytest.mark.parametrize("rules", shipped_rulesets(), ids=lambda each: str(each.id))
def test_both_provers_agree_on_a_shipped_ruleset(rules: Ruleset) -> None:
    assert differences(rules, AS_OF) == (Counter(), Counter())


def test_both_provers_agree_on_random_rulesets() -> None:
    rng = rng_of("second prover")
    found: Verdict = Counter()
    for _ in range(40):
        rules, as_of = random_ruleset(rng), random_day(rng)
        assert differences(rules, as_of) == (Counter(), Counter()), rules
        found += first_prover(rules, as_of)
    seen = {code for code, _ in found}
    assert seen >= {*CODES} - {"not-monotone", "broken-limit"}
