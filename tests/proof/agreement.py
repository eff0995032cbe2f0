"""The evaluator and the diagrams, compared on random partial answers.

`make agree` runs this file: a million answer sets, some minutes.
"""

import argparse
import datetime as dt
import time
from collections.abc import Iterator
from random import Random

from enumeration import possible_outcomes
from proof.rulesets import Sampler, random_day, random_ruleset

from screening.core.assess import assess
from screening.core.finding import Answers
from screening.core.model import Model, compile_ruleset
from screening.core.ruleset import Ruleset
from screening.records.rulefiles import load_ruleset, ruleset_names

PER_RULESET, PER_DAY = 100, 10


def shipped_rulesets() -> list[Ruleset]:
    """The shipped rule files that can be assessed by themselves."""
    loaded = [load_ruleset(name) for name in ruleset_names()]
    return [each for each in loaded if each.outcomes]


def disagreements(model: Model, answers: Answers, as_of: dt.date) -> list[str]:
    """The criteria on which evaluator and diagram differ, and "possible" if outcomes do.

    The outcomes of the diagram are held against those of every completion.
    """
    result = assess(model.ruleset, answers, as_of)
    branches = model.locate(result.used, as_of, result.bounds)
    found = [
        each.criterion.id
        for each in result.findings
        if each.truth is not model.partial.at(model.kleene[each.criterion.id], branches)
    ]
    findings = [(each.criterion, each.finding) for each in result.findings]
    tried = possible_outcomes(model.ruleset, findings, result.used, as_of, result.bounds)
    places = [model.ladder[place].id for place in sorted(model.possible_at(branches))]
    wrong = list(tried) != places or tried != result.possible
    over = result.favourable and result.contradictions
    return found + ["possible"] * wrong + ["contradiction"] * bool(over)


def compared(rng: Random, model: Model, times: int) -> Iterator[str]:
    """What is wrong with each of many answer sets; an empty text where all agree."""
    for _ in range(times // PER_DAY):
        sampler = Sampler(rng, model.ruleset, random_day(rng))
        for answers in (sampler.draw() for _ in range(PER_DAY)):
            found = disagreements(model, answers, sampler.as_of)
            yield f"{sampler.as_of} {answers} {found}" if found else ""


def run(seed: int, shipped: int, random: int) -> tuple[int, list[str]]:
    """Compare on answer sets to each shipped and to random rulesets: how many, what differs."""
    rng = Random(seed)
    made: list[str] = []
    for rules in shipped_rulesets():
        made += compared(rng, compile_ruleset(rules), shipped)
    for _ in range(random // PER_RULESET):
        made += compared(rng, compile_ruleset(random_ruleset(rng)), PER_RULESET)
    return len(made), [each for each in made if each]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--shipped", type=int, default=200_000)
    parser.add_argument("--random", type=int, default=800_000)
    chosen = parser.parse_args()
    began = time.perf_counter()
    count, wrong = run(chosen.seed, chosen.shipped, chosen.random)
    spent = time.perf_counter() - began
    print(f"{count:,} answer sets compared in {spent:.0f} s; {len(wrong)} differ")
    print("\n".join(wrong[:10]))
    raise SystemExit(bool(wrong))


if __name__ == "__main__":
    main()
