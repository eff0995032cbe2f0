"""The evaluators, straight code, diagrams and columns, compared on random partial answers.

`make agree` runs this file: a million answer sets, half an hour. The criteria and all that follows
from them are compared on all of them, exact outcomes on all of random rulesets and on every
hundredth of a shipped one, where each completion is tried in some tenths of a second.
"""

import argparse
import datetime as dt
import time
from collections.abc import Iterator
from random import Random

from support.batch.columns import Person, by_columns, by_engine
from support.oracles.enumeration import possible_outcomes
from support.oracles.slow_assessment import comparable, slow_assessment
from support.rulesets.random_rulesets import Sampler, random_day, random_ruleset, with_consistency

from screening.core.compiled.model import Model, compile_ruleset
from screening.core.results.assess import assess
from screening.core.rules.finding import Answers
from screening.core.rules.ruleset import Ruleset
from screening.files.rule_files import load_ruleset
from screening.files.rule_texts import ruleset_names

PER_RULESET, PER_DAY, PER_TABLE = 100, 10, 10_000


def shipped_rulesets() -> list[Ruleset]:
    """The shipped rule files that can be assessed by themselves."""
    loaded = [load_ruleset(name) for name in ruleset_names()]
    return [each for each in loaded if each.outcomes]


def disagreements(
    model: Model,
    answers: Answers,
    as_of: dt.date,
    birth_year: int | None = None,
    *,
    exact: bool = True,
) -> list[str]:
    """The criteria on which evaluator and diagram differ, and "possible" if outcomes do.

    Where ``exact``, the outcomes of the diagram are held against those of every completion.
    """
    result = assess(model.ruleset, answers, as_of, birth_year)
    branches = model.locate(result.used_answers, as_of, result.bounds)
    found = [
        each.criterion.id
        for each in result.findings
        if each.truth is not model.partial.at(model.kleene[each.criterion.id], branches)
    ]
    over = ["contradiction"] * bool(result.favourable and result.contradictions)
    if not exact:
        return found + over
    findings = [(each.criterion, each.finding) for each in result.findings]
    tried = possible_outcomes(model.ruleset, findings, result.used_answers, as_of, result.bounds)
    places = [model.decision_list[place].id for place in sorted(model.possible_at(branches))]
    wrong = list(tried) != places or tried != result.possible
    return found + ["possible"] * wrong + over


def compared(rng: Random, model: Model, times: int, every: int = 1) -> Iterator[str]:
    """What is wrong with each of many answer sets; an empty text where all agree.

    The outcomes of one of ``every`` so many are exactly compared. What the straight code and what
    columns come to is compared for all, with the readable evaluator.
    """
    people: list[Person] = []
    for day in range(times // PER_DAY):
        sampler = Sampler(rng, model.ruleset, random_day(rng))
        for number in range(PER_DAY):
            born = rng.choice([None, sampler.as_of.year - rng.randrange(100)])
            person, exact = (
                Person(sampler.draw(), sampler.as_of, born),
                (day * PER_DAY + number) % every == 0,
            )
            found = disagreements(model, *person, exact=exact)
            if comparable(assess(model.ruleset, *person)) != slow_assessment(
                model.ruleset, *person
            ):
                found.append("straight")
            people.append(person)
            yield f"{person} {found}" if found else ""
        if len(people) >= PER_TABLE:
            yield from wrong_columns(model.ruleset, people)
            people = []
    yield from wrong_columns(model.ruleset, people)


def wrong_columns(rules: Ruleset, people: list[Person]) -> list[str]:
    """The answer sets for which columns come to something else than the engine."""
    found = by_columns(rules, people)
    return [
        f"{person} columns"
        for person, row in zip(people, found, strict=True)
        if row != by_engine(rules, person)
    ]


def run(seed: int, shipped: int, random: int, every: int = 1) -> tuple[int, list[str]]:
    """Compare on answer sets to each shipped and to random rulesets: how many, what differs."""
    rng = Random(seed)
    made: list[str] = []
    for rules in shipped_rulesets():
        made += compared(rng, compile_ruleset(rules), shipped, every)
    for _ in range(random // PER_RULESET):
        rules = with_consistency(rng, random_ruleset(rng))
        made += compared(rng, compile_ruleset(rules), PER_RULESET)
    return len(made), [each for each in made if each]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--shipped", type=int, default=200_000)
    parser.add_argument("--random", type=int, default=800_000)
    parser.add_argument("--every", type=int, default=100)
    chosen = parser.parse_args()
    began = time.perf_counter()
    count, wrong = run(chosen.seed, chosen.shipped, chosen.random, chosen.every)
    spent = time.perf_counter() - began
    exact = chosen.random + chosen.shipped * len(shipped_rulesets()) // chosen.every
    print(
        f"{count:,} answer sets compared in {spent:.0f} s, the exact outcomes of {exact:,};"
        f" {len(wrong)} differ"
    )
    print("\n".join(wrong[:10]))
    raise SystemExit(bool(wrong))


if __name__ == "__main__":
    main()
