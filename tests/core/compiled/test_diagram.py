"""The store of decision diagrams: what it promises its callers, and where it stops."""

from collections.abc import Sequence
from functools import partial
from itertools import product
from math import inf
from operator import eq
from random import Random
from threading import Thread
from typing import cast

import pytest
from support.rulesets.builders import AS_OF, criterion, item, ruleset, yes
from support.rulesets.random_rulesets import Sampler, random_ruleset
from support.rulesets.seeds import rng_of
from support.services.costs import AT_ONCE, cost

from screening.core.compiled.diagram import BudgetError, Diagram
from screening.core.compiled.model import Model, compile_ruleset
from screening.core.rules.condition import all_of, any_of
from screening.core.rules.ruleset import Ruleset, Tier
from screening.files.rule_files import load_ruleset
from screening.proof.explanation.reasons import Explainer


@pytest.fixture(scope="module")
def documented() -> Model:
    return compile_ruleset(load_ruleset())


def test_a_restriction_is_the_function_where_it_is_known() -> None:
    rng = rng_of("restrict")
    for _ in range(30):
        model = compile_ruleset(random_ruleset(rng))
        complete = model.complete
        known = {level: 0 for level in range(len(model.variables)) if rng.random() < 0.4}
        left = complete.restrict(model.outcome, known)
        assert not complete.support(left) & known.keys()
        for _ in range(10):
            path = [rng.randrange(arity) for arity in complete.arities]
            moved = [known.get(level, branch) for level, branch in enumerate(path)]
            assert complete.at(left, path) == complete.at(model.outcome, moved)


@pytest.mark.long
def test_explaining_leaves_the_store_as_it_was(documented: Model) -> None:
    explainer, rng = Explainer(documented), rng_of("store")
    before = len(documented.complete), len(documented.partial)
    sampler = Sampler(rng, documented.ruleset, AS_OF)
    for _ in range(20):
        explainer.explain(sampler.draw(), AS_OF)
    assert (len(documented.complete), len(documented.partial)) == before


@pytest.mark.long
def test_many_threads_may_ask_at_once(documented: Model) -> None:
    explainer, sampler = (
        Explainer(documented),
        Sampler(rng_of("threads"), documented.ruleset, AS_OF),
    )
    asked = [sampler.draw() for _ in range(40)]
    expected = [explainer.explain(answers, AS_OF) for answers in asked]
    found: list[bool] = []

    def ask() -> None:
        found.extend(explainer.explain(a, AS_OF) == e for a, e in zip(asked, expected, strict=True))

    threads = [Thread(target=ask) for _ in range(4)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert found == [True] * (4 * len(asked))


def _functions(diagram: Diagram, rng: Random, count: int) -> list[int]:
    """Functions with the values 0 to 3, each with its children among those before it."""
    made = [[diagram.constant(value) for value in range(4)]]
    for level in reversed(range(diagram.bottom)):
        below = [each for listed in made for each in listed]
        made.append(
            [
                diagram.node(level, [rng.choice(below) for _ in range(diagram.arities[level])])
                for _ in range(count)
            ]
        )
    return made[-1]


def _paths(diagram: Diagram) -> list[tuple[int, ...]]:
    return list(product(*map(range, diagram.arities)))


def _values(diagram: Diagram, one: int, other: int, path: Sequence[int]) -> tuple[int, int]:
    return cast("int", diagram.at(one, path)), cast("int", diagram.at(other, path))


def _least(one: int, other: int) -> int:
    return min(one, other)


def _less(one: int, other: int) -> int:
    return min(one, other)


def test_a_join_that_merges_gives_the_same_functions() -> None:
    diagram, rng = Diagram([2, 3, 2, 4]), rng_of("merging")
    for one, other in product(_functions(diagram, rng, 8), repeat=2):
        merged = diagram.apply(_least, one, other, merges=True)
        assert merged == diagram.apply(_less, one, other)
        for path in _paths(diagram):
            assert diagram.at(merged, path) == min(_values(diagram, one, other, path))


def _exceeds(one: int, other: int) -> bool:
    return one > other + 1


def test_a_relation_is_found_wherever_it_is_and_makes_no_node() -> None:
    diagram, rng = Diagram([2, 3, 2, 4]), rng_of("relation")
    functions = [*_functions(diagram, rng, 8), *map(diagram.constant, range(4))]
    pairs, before = [(f, g) for f in functions for g in functions], len(diagram)
    apart = {
        pair: any(_exceeds(*_values(diagram, *pair, path)) for path in _paths(diagram))
        for pair in pairs
    }
    assert {True, False} == set(apart.values())
    for _ in range(2):  # what was found to be nowhere is remembered
        assert {pair: diagram.is_ever(_exceeds, [pair]) for pair in pairs} == apart
    never = [pair for pair, found in apart.items() if not found]
    assert not diagram.is_ever(_exceeds, never)
    assert diagram.is_ever(_exceeds, [*never, next(pair for pair in pairs if apart[pair])])
    assert len(diagram) == before


def test_values_with_more_known_are_those_of_the_restricted_function() -> None:
    diagram, rng = Diagram([2, 3, 2, 4]), rng_of("known")
    for function in _functions(diagram, rng, 20):
        known = {level: 1 for level in range(diagram.bottom) if rng.random() < 0.5}
        restricted = diagram.restrict(function, known)
        assert diagram.values(function, known) == diagram.values(restricted)


def test_the_cheapest_way_is_the_first_of_those_that_cost_least() -> None:
    diagram, rng = Diagram([2, 3, 2, 4]), rng_of("cheapest")
    ways = list(product(*map(range, diagram.arities)))
    for root in _functions(diagram, rng, 12):
        costs = [[0.0, *(rng.choice([1.0, 2.0, inf]) for _ in range(n - 1))] for n in (2, 3, 2, 4)]
        for wanted in (*diagram.values(root), "none"):
            paid = [
                (sum(costs[level][branch] for level, branch in enumerate(way)), way)
                for way in ways
                if diagram.at(root, way) == wanted
            ]
            least = min(paid, default=(inf, ()))
            found = diagram.cheapest(root, costs, partial(eq, wanted))
            if found is None:
                assert least[0] == inf
            else:
                full = [found[1].get(level, 0) for level in range(4)]
                assert found[0] == least[0]
                assert diagram.at(root, full) == wanted
                assert sum(costs[level][branch] for level, branch in enumerate(full)) == least[0]


def test_a_store_that_is_filled_has_the_same_functions_and_goes_on_from_them() -> None:
    diagram, rng = Diagram([2, 3, 2, 4]), rng_of("filled")
    roots = _functions(diagram, rng, 8)
    filled = Diagram(diagram.arities)
    ends = [node for node in range(len(diagram)) if diagram.level(node) == diagram.bottom]
    filled.fill(
        [diagram.level(node) for node in range(len(diagram))],
        [child for node in range(len(diagram)) for child in diagram.children(node)],
        [diagram.value(end) for end in ends],
    )
    for root in roots:
        for path in _paths(diagram):
            assert filled.at(root, path) == diagram.at(root, path)
        if filled.level(root) < filled.bottom:
            assert filled.node(filled.level(root), filled.children(root)) == root
    assert [filled.constant(diagram.value(end)) for end in ends] == ends
    assert len(filled) == len(diagram)


def test_true_and_one_are_two_constants() -> None:
    diagram = Diagram([2])
    constants = [diagram.constant(value) for value in (1, True, 0, False, 1, True)]
    assert constants == [0, 1, 2, 3, 0, 1]
    assert [type(diagram.value(each)) for each in constants[:4]] == [int, bool, int, bool]


def _entangled(count: int) -> Ruleset:
    """One criterion that compares many questions pairwise with others far away in any order."""
    rng = rng_of("entangled")
    items = [item(f"item_{place}") for place in range(count)]
    names = [each.link_id for each in items]
    pairs = [all_of(yes(rng.choice(names)), yes(rng.choice(names))) for _ in range(4 * count)]
    return ruleset(items, [criterion("tangle", Tier.URGENT, any_of(*pairs))])


@pytest.mark.long
def test_a_budget_that_does_not_suffice_is_named_quickly() -> None:
    def compiled() -> None:
        with pytest.raises(
            BudgetError, match=r"too entangled to be proved with 100,000 nodes: spl"
        ):
            compile_ruleset(_entangled(60), budget=100_000)

    assert cost(compiled, 10 * AT_ONCE) < 10 * AT_ONCE


def test_the_budget_counts_the_nodes_of_each_store() -> None:
    model = compile_ruleset(_entangled(8))
    most = max(len(model.complete), len(model.partial))
    assert len(compile_ruleset(_entangled(8), budget=most).partial) == len(model.partial)
    with pytest.raises(BudgetError, match=f"{most - 1:,} nodes"):
        compile_ruleset(_entangled(8), budget=most - 1)
