"""Explanations of 300 random small rulesets, each checked against every way to answer."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from itertools import product

import pytest
from support.oracles.answer_table import Known, Table, known_values
from support.rulesets.random_rulesets import Sampler, random_day, random_ruleset
from support.rulesets.seeds import rng_of

from screening.core.compiled.model import Model, compile_ruleset
from screening.core.results.assess import evaluate_ask_if
from screening.core.rules.finding import Answers
from screening.core.values.answer import Answer, Value
from screening.core.values.truth import Truth
from screening.proof.explanation.reasons import Explainer

pytestmark = pytest.mark.long

RULESETS, PER_RULESET = 300, 3


@dataclass(frozen=True)
class Sample:
    """One partial answer set to a small ruleset, with all that brute force knows of it."""

    table: Table
    model: Model
    explainer: Explainer
    answers: Answers
    known: Known

    @property
    def as_of(self) -> dt.date:
        return self.table.as_of


@pytest.fixture(scope="module")
def samples() -> list[Sample]:
    rng = rng_of("brute force")
    found: list[Sample] = []
    while len(found) < RULESETS * PER_RULESET:
        table = Table(random_ruleset(rng), random_day(rng))
        if table.too_big:
            continue
        model = compile_ruleset(table.rules)
        explainer = Explainer(model)
        sampler = Sampler(rng, table.rules, table.as_of)
        for _ in range(PER_RULESET):
            answers = _in_domain(sampler, table)
            found.append(Sample(table, model, explainer, answers, known_values(answers)))
    return found


def _in_domain(sampler: Sampler, table: Table) -> dict[str, Answer]:
    """Answers that the table lists; it leaves out days that are far from every boundary."""
    drawn = sampler.draw()
    return {
        key: each
        for key, each in drawn.items()
        if not each.known or each.value in table.domains[key]
    }


def test_possible_outcomes_are_those_of_some_completion(samples: list[Sample]) -> None:
    for each in samples:
        branches = each.model.locate(each.answers, each.as_of)
        assert each.model.possible_at(branches) == each.table.possible(each.known)


def test_a_reason_suffices_and_nothing_smaller_does(samples: list[Sample]) -> None:
    for each in samples:
        possible = each.table.possible(each.known)
        reason = each.explainer.reason(each.answers, each.as_of)
        kept = _part(each.known, (*reason.deciding, *reason.checked))
        assert each.table.possible(kept) == possible
        fewest = each.table.fewest_that(each.known, partial(_leaves, each.table, possible))
        assert len(kept) == len(reason.deciding) + len(reason.checked) == fewest


def test_the_deciding_part_triggers_the_outcome_and_nothing_smaller_does(
    samples: list[Sample],
) -> None:
    decided = [each for each in samples if len(each.table.possible(each.known)) == 1]
    assert len(decided) > RULESETS
    for each in decided:
        (place,) = each.table.possible(each.known)
        reason = each.explainer.reason(each.answers, each.as_of)
        kept = _part(each.known, (*reason.deciding, *reason.checked))
        assert each.table.triggered(place, _part(each.known, reason.deciding))
        fewest = each.table.fewest_that(kept, partial(each.table.triggered, place))
        assert len(reason.deciding) == fewest


def test_while_several_outcomes_are_possible_all_of_the_reason_decides(
    samples: list[Sample],
) -> None:
    undecided = [each for each in samples if len(each.table.possible(each.known)) > 1]
    assert len(undecided) > RULESETS / 2
    for each in undecided:
        assert each.explainer.reason(each.answers, each.as_of).checked == ()
        assert each.explainer.changes(each.answers, each.as_of) == ()


def test_changes_are_the_fewest_facts_and_lead_where_they_say(samples: list[Sample]) -> None:
    compared = 0
    for each in samples:
        if len(each.table.possible(each.known)) == 1:
            changes = each.explainer.changes(each.answers, each.as_of)
            costs = each.table.fewest_changes(each.known)
            found = {change.outcome: len(change.facts) for change in changes}
            ids = [outcome.id for outcome in each.table.rules.outcomes]
            assert found == {ids[place]: cost for place, cost in costs.items() if cost}
            assert list(found.values()) == sorted(found.values())
            for change in changes:
                for facts in _ways(change.facts):
                    assert all(each.known[link_id] != value for link_id, value in facts.items())
                    after = {**each.known, **facts}
                    assert ids.index(change.outcome) in each.table.possible(after)
                    compared += 1
    assert compared > RULESETS / 2


def test_an_item_matters_if_and_only_if_some_completion_shows_it(samples: list[Sample]) -> None:
    for each in samples:
        found = {
            matter.link_id: (matter.outcome, frozenset(matter.flags))
            for matter in each.explainer.can_matter(each.answers, each.as_of)
        }
        expected = each.table.matters(each.known)
        assert found == expected
        assert list(found) == list(expected)


def test_the_next_item_is_the_safest_and_then_the_most_telling(samples: list[Sample]) -> None:
    count = 0
    for each in samples:
        best = each.table.best_next(each.known, _askable(each))
        chosen = each.explainer.next_item(each.answers, each.as_of)
        assert (chosen in best) if best else (chosen is None)
        count += chosen is not None
    assert count > RULESETS


def _askable(sample: Sample) -> frozenset[str]:
    """What was not asked before, and is called for by the answers so far."""
    answers, items = sample.answers, sample.table.rules.items
    called_for = (
        i for i in items if evaluate_ask_if(items[i], answers, sample.as_of) is Truth.TRUE
    )
    return frozenset(link_id for link_id in called_for if link_id not in answers)


def test_idle_items_could_be_asked_and_never_matter(samples: list[Sample]) -> None:
    for each in samples:
        explanation = each.explainer.explain(each.answers, each.as_of)
        matters = each.table.matters(each.known)
        assert not {*explanation.idle} & {*matters, *each.known}
        assert explanation.next_item is None or explanation.next_item in matters


def _leaves(table: Table, possible: frozenset[int], known: Known) -> bool:
    return table.possible(known) == possible


def _part(known: Known, link_ids: tuple[str, ...]) -> Known:
    return {link_id: known[link_id] for link_id in link_ids}


def _ways(facts: Known | object) -> Iterator[dict[str, Value]]:
    assert isinstance(facts, dict)
    for values in product(*facts.values()):
        yield dict(zip(facts, values, strict=True))
