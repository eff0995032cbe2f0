"""Generated examples of small random rulesets, against the core over every complete answer set."""

from itertools import combinations

import pytest
from support.oracles.brute_force import VISIBLE, Small, sees, shown, small_rulesets
from support.rulesets.seeds import rng_of

from screening.core.compiled.model import compile_ruleset
from screening.core.results.assess import assess
from screening.core.rules.condition import tests_in as leaves
from screening.core.rules.finding import Answers
from screening.core.rules.item import ItemType
from screening.proof.examples.cover import cover
from screening.proof.examples.edit_effects import EditEffect, Visibility
from screening.proof.examples.mutants import Operator

pytestmark = pytest.mark.long

RULESETS = 32


@pytest.fixture(scope="module")
def smalls() -> list[Small]:
    return small_rulesets(rng_of("cover"), RULESETS)


def shows(each: Small, seen: EditEffect, answers: Answers) -> bool:
    return sees(seen.edit, each.ruleset, answers, each.as_of, seen.visibility)


def test_every_sight_is_the_plainest_that_there_is(smalls: list[Small]) -> None:
    rng = rng_of("sights")
    met = dict.fromkeys(Visibility, 0)
    for each in smalls:
        everything = [*each.cover.obligations, *each.cover.edits]
        for seen in rng.sample(everything, min(len(everything), 12)):
            plainest = [
                sight
                for sight in VISIBLE
                if any(
                    sees(seen.edit, each.ruleset, answers, each.as_of, sight)
                    for answers in each.everything
                )
            ]
            assert [seen.visibility][: len(plainest)] == plainest[:1], seen.edit
            met[seen.visibility] += 1
    assert (
        min(met[Visibility.OUTCOME], met[Visibility.FLAG], met[Visibility.NOWHERE]) > RULESETS / 2
    )


def test_what_is_seen_nowhere_is_not_seen_while_answers_are_missing(smalls: list[Small]) -> None:
    rng = rng_of("nowhere")
    met = dict.fromkeys(Visibility, 0)
    for each in smalls:
        everything = [*each.cover.obligations, *each.cover.edits]
        hidden = [seen for seen in everything if seen.visibility not in VISIBLE]
        for seen in rng.sample(hidden, min(len(hidden), 2)):
            partly = rng.sample(each.partly, min(len(each.partly), 200))
            noticed = any(
                sees(seen.edit, each.ruleset, answers, each.as_of, sight)
                for sight in VISIBLE
                for answers in partly
            )
            if seen.visibility is Visibility.NOWHERE:
                assert not noticed, seen.edit
            met[seen.visibility] += 1
    assert min(met[Visibility.NOWHERE], met[Visibility.MISSING]) > 0


def test_the_first_cases_show_every_obligation(smalls: list[Small]) -> None:
    for each in smalls:
        firm = each.cover.examples[: each.cover.needed]
        for seen in each.cover.obligations:
            if seen.visibility in VISIBLE:
                assert any(shows(each, seen, answers) for answers in firm), seen.edit


def test_all_cases_together_show_every_edit(smalls: list[Small]) -> None:
    for each in smalls:
        for seen in each.cover.edits:
            if seen.visibility in VISIBLE:
                assert any(shows(each, seen, answers) for answers in each.cover.examples), seen.edit


def test_no_answers_show_two_of_a_certificate(smalls: list[Small]) -> None:
    pairs = 0
    for each in smalls:
        obliged = each.cover.obligations
        assert all(seen in obliged for seen in each.cover.certificate)
        for certificate in (each.cover.certificate, each.cover.whole_certificate):
            shown = [
                {
                    place
                    for place, answers in enumerate(each.everything)
                    if shows(each, seen, answers)
                }
                for seen in certificate
            ]
            assert all(shown)
            assert not any(one & other for one, other in combinations(shown, 2))
            pairs += len(shown) * (len(shown) - 1)
    assert pairs > RULESETS


def test_no_suite_is_smaller_than_its_bound_and_most_are_as_small(smalls: list[Small]) -> None:
    tight = 0
    for each in smalls:
        found = each.cover
        assert len(found.certificate) <= found.needed <= len(found.examples)
        assert len(found.whole_certificate) <= len(found.examples)
        tight += found.needed == len(found.certificate)
    assert tight > RULESETS * 0.8


def test_the_same_cases_are_found_every_time(smalls: list[Small]) -> None:
    for each in smalls[:8]:
        again = cover(compile_ruleset(each.ruleset), each.as_of, rounds=6)
        assert again.examples == each.cover.examples
        assert [seen.edit for seen in again.certificate] == [
            seen.edit for seen in each.cover.certificate
        ]


def test_the_base_has_the_best_outcome(smalls: list[Small]) -> None:
    for each in smalls:
        best = [
            outcome
            for outcome in each.ruleset.best
            if any(
                shown(assess(each.ruleset, answers, each.as_of))[0] == outcome
                for answers in each.everything
            )
        ]
        assert shown(assess(each.ruleset, each.cover.base, each.as_of))[0] == best[0]


def test_cases_answer_what_is_asked_within_bounds(smalls: list[Small]) -> None:
    for each in smalls:
        for answers in each.cover.examples:
            assert not assess(each.ruleset, answers, each.as_of).needs
            for link_id, answer in answers.items():
                item = each.ruleset.items[link_id]
                assert answer.value is not None
                if item.type is ItemType.NUMBER:
                    assert item.minimum <= int(str(answer.value)) <= item.maximum


def test_each_boundary_has_a_step_either_way(smalls: list[Small]) -> None:
    kinds = {ItemType.NUMBER, ItemType.DATE}
    for each in smalls:
        tests = [t for c in each.ruleset.criteria for t in leaves(c.condition)]
        bounded = [t for t in tests if each.ruleset.items[t.item].type in kinds]
        for operator in (Operator.TIGHTER, Operator.LOOSER):
            found = [seen for seen in each.cover.obligations if seen.edit.operator is operator]
            assert len(found) == len(bounded)


def test_a_suite_without_one_of_its_cases_misses_something(smalls: list[Small]) -> None:
    """Where the bound is met, no example can be spared; the tests above would notice a lost one."""
    for each in smalls[:15]:
        if each.cover.needed != len(each.cover.certificate) or each.cover.needed == 0:
            continue
        fewer = each.cover.examples[1 : each.cover.needed]
        missed = [
            seen
            for seen in each.cover.certificate
            if not any(shows(each, seen, answers) for answers in fewer)
        ]
        assert missed


def test_an_edit_reads_as_another_ruleset(smalls: list[Small]) -> None:
    for each in smalls:
        for seen in each.cover.edits:
            assert seen.edit.of(each.ruleset) != each.ruleset
