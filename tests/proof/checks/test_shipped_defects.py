"""The shipped rules hold every proof, and lose it where a defect is sown into them."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from support.rulesets.builders import AS_OF, ASKED_FOR
from support.rulesets.defects import becomes, ladder, when, with_criteria, worse
from support.rulesets.seeds import rng_of

from screening.core.compiled.model import compile_ruleset
from screening.core.rules.condition import Not, all_of, any_of, items_in
from screening.core.rules.item import Item, ItemType
from screening.core.rules.ruleset import Criterion, Ruleset, Tier
from screening.files.rule_files import load_ruleset
from screening.proof.checks.prove import prove

pytestmark = pytest.mark.long

EACH = 6
SIGNS = (Tier.EMERGENCY, Tier.URGENT)
OPPOSITE = {"yes": "no", "no": "yes", "higher": "lower", "lower": "higher", "earlier": "later"}


@pytest.fixture(scope="module")
def documented() -> Ruleset:
    return load_ruleset()


def weaknesses(rules: Ruleset) -> set[tuple[str, str]]:
    return {(each.code, each.subject) for each in prove(compile_ruleset(rules), AS_OF).weaknesses}


def test_every_proof_holds_of_the_shipped_rules(documented: Ruleset) -> None:
    assert weaknesses(documented) == set()


def _some(rules: Ruleset, purpose: str, fits: Callable[[Criterion], bool]) -> list[Criterion]:
    fitting = [each for each in rules.criteria if fits(each)]
    return rng_of(purpose).sample(fitting, min(EACH, len(fitting)))


def test_a_sign_that_is_negated_is_found(documented: Ruleset) -> None:
    for each in _some(documented, "negated", lambda c: c.tier in SIGNS and _marked(documented, c)):
        (link_id,) = items_in(each.condition)
        sown = when(each.id, lambda condition: Not(part=condition))(documented)
        assert ("worse-is-better", link_id) in weaknesses(sown), each.id


def _marked(rules: Ruleset, criterion: Criterion) -> bool:
    """Whether it reads one item, whose answer may be the worse one."""
    read = items_in(criterion.condition)
    return len(read) == 1 and all(rules.items[link_id].worse for link_id in read)


def test_a_criterion_that_stands_twice_is_found(documented: Ruleset) -> None:
    for each in _some(documented, "twice", lambda _: True):
        sown = with_criteria(replace(each, id="again", limit_of=None, implies=()))(documented)
        assert ("same-criterion", "again") in weaknesses(sown), each.id


def test_parts_that_contradict_each_other_are_found(documented: Ruleset) -> None:
    for each in _some(documented, "contradictory", lambda _: True):
        sown = becomes(each.id, all_of(each.condition, Not(part=each.condition)))(documented)
        assert ("stuck-criterion", each.id) in weaknesses(sown)


def test_a_rule_that_is_split_into_cases_is_found(documented: Ruleset) -> None:
    for each in _some(documented, "split", lambda c: "age" not in items_in(c.condition)):
        young = documented.criterion("under_20").condition
        cases = (all_of(each.condition, young), all_of(each.condition, Not(part=young)))
        assert ("not-exact", each.id) in weaknesses(becomes(each.id, any_of(*cases))(documented))


def test_a_worse_answer_that_is_reversed_is_found(documented: Ruleset) -> None:
    marked = [each for each in documented.items.values() if _reversible(documented, each)]
    for each in rng_of("reversed").sample(marked, EACH):
        sown = worse(each.link_id, OPPOSITE[each.worse or ""])(documented)
        assert ("worse-is-better", each.link_id) in weaknesses(sown)


def _reversible(rules: Ruleset, item: Item) -> bool:
    grave = (*SIGNS, Tier.EXCLUSION, *ASKED_FOR)
    read = any(reader.tier in grave for reader in rules.readers(item.link_id))
    gates = {i for e in rules.items.values() if e.ask_if for i in items_in(e.ask_if)}
    simple = item.type is not ItemType.CHOICE and item.link_id not in gates
    return bool(item.worse) and read and simple


@pytest.mark.parametrize(
    ("order", "code"),
    [
        ((1, 0, 2, 3, 4, 5, 6), "hidden-sign"),
        ((0, 2, 1, 3, 4, 5, 6), "hidden-sign"),
        ((0, 1, 5, 2, 3, 4, 6), "unsafe-outcome"),
        ((0, 1, 2, 5, 3, 4, 6), "unsafe-outcome"),
        ((0, 1, 2, 3, 5, 4, 6), "unsafe-outcome"),
        ((0, 1, 2, 4, 5, 6), "unsafe-outcome"),
        ((0, 1, 2, 3, 5, 6), "unsafe-outcome"),
        ((0, 1, 3, 4, 5, 6), "broken-limit"),
        ((0, 1, 2, 3, 4, 6, 5), "no-outcome"),
    ],
)
def test_outcomes_in_a_wrong_order_are_found(
    documented: Ruleset, order: tuple[int, ...], code: str
) -> None:
    assert code in {found for found, _ in weaknesses(ladder(*order)(documented))}
