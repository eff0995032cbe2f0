"""How long proofs and explanations take, as ratios to plain work done in the same run.

Usage: PYTHONPATH=tests python tests/bench/bench_proof.py
"""

import json
import tracemalloc
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from random import Random
from statistics import median, quantiles

from bench.simulate_questions import AS_OF, patient
from support.bench.report import Table, spent
from support.rulesets.builders import at_least_number as at_least
from support.rulesets.builders import choice, criterion, item, number, one_of, ruleset, within, yes

from screening.core.compiled.model import Model, compile_ruleset
from screening.core.results.assess import assess
from screening.core.rules.condition import AtLeast, Condition, Not, all_of, any_of
from screening.core.rules.item import Item, ItemType
from screening.core.rules.ruleset import Ruleset, Tier
from screening.core.values.answer import Answer
from screening.files.rule_files import load_ruleset
from screening.formats.documents.answers_json import write_assessment
from screening.proof.checks.prove import prove
from screening.proof.explanation.reasons import Explainer

MIB = 1024 * 1024
KINDS = (ItemType.YES_NO, ItemType.YES_NO, ItemType.CHOICE, ItemType.NUMBER, ItemType.DATE)
TIERS = tuple(Tier)
NEIGHBOURS = 6
PLAIN = "json.dumps of a result, 100 times"


def generated(questions: int, criteria: int, seed: int = 1) -> Ruleset:
    """Rules of a size: a criterion reads one to three questions that stand close to each other."""
    rng = Random(seed)
    items = [_item(place) for place in range(questions)]
    listed = [
        criterion(f"criterion_{place}", TIERS[place % len(TIERS)], _condition(rng, items, place))
        for place in range(criteria)
    ]
    return ruleset(items, listed)


def _item(place: int) -> Item:
    """One question; each has an answer that may never do better, which has to be proved."""
    name, kind = f"item_{place}", KINDS[place % len(KINDS)]
    if kind is ItemType.CHOICE:
        return replace(choice(name, "abcd"), worse="d")
    if kind is ItemType.NUMBER:
        return replace(number(name, 0, 20), worse="higher")
    return item(name, kind, worse="yes" if kind is ItemType.YES_NO else "earlier")


def _condition(rng: Random, items: list[Item], place: int) -> Condition:
    start = place % len(items)
    near = [items[(start + rng.randrange(NEIGHBOURS)) % len(items)] for _ in range(2)]
    tests = [_test(rng, each) for each in (items[start], *near)][: 1 + place % 3]
    whole = rng.choice([all_of, any_of])(*tests)
    if len(tests) == len(TIERS) // 2 and place % 2:
        whole = AtLeast(count=2, parts=tuple(tests))
    return Not(part=whole) if rng.random() < 0.1 else whole


def _test(rng: Random, tested: Item) -> Condition:
    if tested.type is ItemType.CHOICE:
        return one_of(tested.link_id, *rng.sample("abcd", 2))
    if tested.type is ItemType.NUMBER:
        return at_least(tested.link_id, rng.choice([5, 10]))
    if tested.type is ItemType.DATE:
        return within(tested.link_id, rng.choice([2, 6]))
    return yes(tested.link_id)


def seconds(work: Callable[[], object], repeats: int = 5) -> float:
    """The processor's time for one run, the median of some."""
    return median(spent(work) for _ in range(repeats))


def mebibytes(work: Callable[[], object]) -> float:
    """The most memory that a run holds at once."""
    tracemalloc.start()
    work()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak / MIB


def compile_and_prove(rules: Ruleset) -> Model:
    model = compile_ruleset(rules)
    prove(model, AS_OF)
    return model


def write_results() -> Callable[[], object]:
    """What all is compared with: writing a result of the shipped rules as JSON, 100 times."""
    document = write_assessment(assess(load_ruleset(), {}, AS_OF))
    return lambda: [json.dumps(document) for _ in range(100)]


def plain_work() -> float:
    return seconds(write_results())


def explanations(patients: int = 200) -> dict[str, list[float]]:
    """How long each explanation took, for patients who have answered a part of the questions."""
    rng, rules = Random(1), load_ruleset()
    explainer = Explainer(compile_ruleset(rules))
    asking = (explainer.reason, explainer.changes, explainer.can_matter, explainer.next_item)
    times: dict[str, list[float]] = {each.__name__: [] for each in asking}
    for _ in range(patients):
        share = rng.random()
        answers: dict[str, Answer] = {
            key: each for key, each in patient(rng, rules).items() if rng.random() < share
        }
        for each in asking:
            times[each.__name__].append(spent(partial(each, answers, AS_OF)))
    return times


def p95(times: list[float]) -> float:
    return quantiles(times, n=20)[-1]


def main() -> None:
    """Print one table for the proofs, and one for the explanations."""
    table, peaks = Table("Compiling and proving rules"), []
    table.time(PLAIN, write_results())
    for questions, criteria in ((40, 60), (100, 160)):
        name, work = (
            f"{questions} questions, {criteria} criteria",
            partial(compile_and_prove, generated(questions, criteria)),
        )
        table.time(name, work)
        peaks.append(f"- {name}: {mebibytes(work):.1f} MiB")
    table.time("the shipped rules", partial(compile_and_prove, load_ruleset()))
    table.show(PLAIN)
    print("\nThe most memory held at once:", *peaks, sep="\n")
    explained = Table("Explanations of 200 patients, each by itself")
    explained.time(PLAIN, write_results())
    for name, times in explanations().items():
        explained.add(name, times)
        explained.add(f"{name}, p95", [p95(times)])
    explained.show(PLAIN)


if __name__ == "__main__":
    main()
