"""How long explanations take for the hardest of many answer sets, as ratios to plain code.

Usage: PYTHONPATH=tests python tests/bench/bench_reasons.py [--drawn 12000]

Realistic and uniform sets, and interviews that have come halfway, with unknown answers, spans and
contradictions among them. The hardest are those that take longest in the better of two runs.
"""

import argparse
import gc
import sys
import time
from collections.abc import Iterator, Sequence
from random import Random
from statistics import median, quantiles

from support.bench.answer_rows import AS_OF, AnswerSet, mixed, realistic, settled_rows
from support.bench.plain import plain_judge
from support.bench.report import agree, spent
from support.oracles.slow_reasons import SlowExplainer
from support.rulesets import shipped

from screening.core.compiled.model import model_of
from screening.core.rules.ruleset import GRAVE, Ruleset
from screening.proof.explanation.reasons import Explainer

DRAWN, HARDEST, COMPARED, ROUNDS = 12_000, 1_000, 300, 5
AT_MOST = 250
SHARES = (50, 95, 99)


def interviews(rules: Ruleset, count: int, seed: int = 3) -> Iterator[AnswerSet]:
    """Sets in which the grave signs are answered, and some of the other questions."""
    rng = Random(seed)
    grave = set[str]().union(*map(rules.items_of, GRAVE))
    for answers, birth_year in realistic(rules, count, seed=seed):
        share = rng.random()
        known = {each: a for each, a in answers.items() if each in grave or rng.random() < share}
        yield AnswerSet(known, birth_year)


def draw(rules: Ruleset, count: int) -> list[AnswerSet]:
    third = count // 3
    return [AnswerSet({}, None), *mixed(rules, count - third), *interviews(rules, third)]


class Measurement:
    """Times of explanations of the shipped rules."""

    def __init__(self, rules: Ruleset) -> None:
        self.quick, self.slow = Explainer(model_of(rules)), SlowExplainer(model_of(rules))

    def seconds(self, given: AnswerSet) -> float:
        began = time.process_time()
        self.quick.explain(given.answers, AS_OF, given.birth_year)
        return time.process_time() - began

    def slow_seconds(self, given: AnswerSet) -> float:
        began = time.process_time()
        self.slow.explain(given.answers, AS_OF, given.birth_year)
        return time.process_time() - began

    def compare(self, sets: Sequence[AnswerSet]) -> None:
        """Hold explanations against those found the slow way.

        Raises:
            DisagreementError: if one differs.
        """
        pairs = (
            (
                self.quick.explain(each.answers, AS_OF, each.birth_year),
                self.slow.explain(each.answers, AS_OF, each.birth_year),
            )
            for each in sets
        )
        agree("explanations and those found the slow way", pairs)

    def hardest(self, sets: Sequence[AnswerSet], count: int) -> list[AnswerSet]:
        took = [min(self.seconds(each), self.seconds(each)) for each in sets]
        order = sorted(range(len(sets)), key=took.__getitem__, reverse=True)
        return [sets[place] for place in order[:count]]


def main(drawn: int = DRAWN, hardest: int = HARDEST, compared: int = COMPARED) -> int:
    """Print the table; gives 1 if a goal is missed."""
    rules = shipped.ruleset()
    explained, sets = Measurement(rules), draw(rules, drawn)
    explained.compare(sets[:: max(1, len(sets) // compared)])
    gc.collect()
    gc.freeze()
    hard = explained.hardest(sets, hardest)
    explained.compare(hard[:: max(1, len(hard) // compared)])
    rows, judge = settled_rows(rules, hard), plain_judge(rules)
    plain: list[float] = []
    rounds: list[list[float]] = [[] for _ in hard]
    for _ in range(ROUNDS):
        plain.append(spent(lambda: [judge(row) for row in rows], 10) / 10 / len(rows))
        for took, each in zip(rounds, hard, strict=True):
            took.append(explained.seconds(each))
    slow = [explained.slow_seconds(each) for each in hard[:: max(1, len(hard) // compared)]]
    gc.unfreeze()
    return _show(median(plain), [median(each) for each in rounds], slow)


def _show(plain: float, times: Sequence[float], slow: Sequence[float]) -> int:
    print(f"\nThe {len(times):,} hardest sets; plain code takes {plain * 1e6:.1f} µs.\n")
    print(f"| x plain if/else | {' | '.join(f'p{each}' for each in SHARES)} | goal |")
    print("|---|---:|---:|---:|---|")
    cuts = quantiles(times, n=100)
    high = cuts[94] / plain
    goal = f"p95 ≤ {AT_MOST} {'met' if high <= AT_MOST else '**not met**'}"
    for name, each, said in (
        ("explanation", cuts, goal),
        ("the slow way", quantiles(slow, n=100), ""),
    ):
        print(f"| {name} | {' | '.join(f'{each[p - 1] / plain:,.0f}' for p in SHARES)} | {said} |")
    return int(high > AT_MOST)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--drawn", type=int, default=DRAWN)
    sys.exit(main(parser.parse_args().drawn))
