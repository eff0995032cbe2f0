"""Explanations in one pass are those that are found the slow way, to the choice among equals."""

from random import Random

import pytest
from hypothesis import given, settings
from support.bench.answer_rows import AS_OF, mixed
from support.oracles.day_laws import Case, cases
from support.oracles.slow_reasons import SlowExplainer
from support.rulesets import shipped
from support.rulesets.random_rulesets import Sampler, random_day, random_ruleset
from support.rulesets.seeds import rng_of

from screening.core.compiled.model import model_of
from screening.core.rules.finding import Answers
from screening.core.rules.ruleset import GRAVE
from screening.proof.explanation.reasons import Explainer

pytestmark = pytest.mark.long

SETS, RULESETS, PER_RULESET = 150, 150, 6


def test_on_the_shipped_rules() -> None:
    rules = shipped.ruleset()
    quick, slow = Explainer(model_of(rules)), SlowExplainer(model_of(rules))
    asked, rng = set[str | None](), rng_of("one pass")
    for answers, birth_year in mixed(rules, SETS):
        for known in (answers, _without_some(rng, answers)):
            found = quick.explain(known, AS_OF, birth_year)
            assert found == slow.explain(known, AS_OF, birth_year)
            asked.add(found.next_item)
    assert len(asked) > 15


def _without_some(rng: Random, answers: Answers) -> Answers:
    """The grave signs as they are, so that the next question is one that tells most."""
    grave = set[str]().union(*map(shipped.ruleset().items_of, GRAVE))
    return {key: each for key, each in answers.items() if key in grave or rng.random() < 0.4}


def test_on_random_rulesets() -> None:
    rng, changes = rng_of("one pass of random rules"), 0
    for _ in range(RULESETS):
        rules, as_of = random_ruleset(rng, 6, 6), random_day(rng)
        quick, slow = Explainer(model_of(rules)), SlowExplainer(model_of(rules))
        sampler = Sampler(rng, rules, as_of)
        for _ in range(PER_RULESET):
            answers = sampler.draw()
            found = quick.explain(answers, as_of)
            assert found == slow.explain(answers, as_of)
            changes += len(found.changes)
    assert changes > RULESETS


@given(cases())
@settings(max_examples=150)
def test_on_dates_in_an_order(case: Case) -> None:
    model = model_of(case.rules)
    quick, slow = Explainer(model), SlowExplainer(model)
    assert quick.explain(case.answers, AS_OF) == slow.explain(case.answers, AS_OF)
    backwards = dict(zip(case.answers, reversed([*case.answers.values()]), strict=True))
    if all(type(backwards[each].value) is type(case.answers[each].value) for each in backwards):
        assert quick.explain(backwards, AS_OF) == slow.explain(backwards, AS_OF)
