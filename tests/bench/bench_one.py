"""One answer set: plain code, other rule engines and the product, all in one run.

Usage: python tests/bench/bench_one.py [SETS]

All give the truth of every criterion, and are compared before any is timed. Plain code and the
other engines get settled rows: nobody charges them for contradictions, the order of dates, or the
exact outcome, which `assess` finds as well.
"""

import sys
from collections.abc import Callable, Mapping

from support.bench.answer_rows import AS_OF, AnswerSet, Row, realistic, settled_rows, uniform
from support.bench.peers import Peer, installed_peers
from support.bench.plain import CODES, plain_judge
from support.bench.report import Table, agree
from support.rulesets import shipped

from screening.core.results.assess import Assessment, assess
from screening.core.rules.finding import evaluate
from screening.core.rules.ruleset import Ruleset

SETS, SOME = 2_000, 200
PLAIN, WHOLE = "plain if/else", "assess"
GOALS = {WHOLE: 12.0}
"""How many times plain code each may take."""
KINDS: Mapping[str, Callable[[Ruleset, int], list[AnswerSet]]] = {
    "realistic": realistic,
    "uniform": uniform,
}
RULES = shipped.ruleset()


def main(count: int = SETS) -> int:
    """Compare and measure both kinds of sets; gives 1 if a goal is missed."""
    return max(one_kind(kind, draw(RULES, count)) for kind, draw in KINDS.items())


def one_kind(kind: str, sets: list[AnswerSet]) -> int:
    rows = settled_rows(RULES, sets)
    judge = plain_judge(RULES, AS_OF)
    truths = [_codes(_assessed(each)) for each in sets]
    print(f"\n{kind} sets:")
    agree(PLAIN, zip(map(judge, rows), truths, strict=True))
    table = Table(f"All criteria of one answer set, {kind}")
    table.time(PLAIN, lambda: list(map(judge, rows)), per=len(rows))
    for peer in installed_peers(RULES, AS_OF):
        _add_peer(table, peer, rows, truths)
    _add_product(table, sets)
    return table.show(PLAIN, GOALS)


def _add_peer(table: Table, peer: Peer, rows: list[Row], truths: list[tuple[int, ...]]) -> None:
    given = [peer.encode(row) for row in rows]
    agree(peer.name, zip((peer.read(peer.judge(each)) for each in given), truths, strict=True))
    few = given[: peer.rows]
    table.time(peer.name, lambda: list(map(peer.judge, few)), per=len(few))


def _add_product(table: Table, sets: list[AnswerSet]) -> None:
    """The product's ways; the compiled one joins them here."""
    some = sets[:SOME]
    conditions = [each.condition for each in RULES.criteria]
    table.time(
        "the readable evaluator, criteria only",
        lambda: [evaluate(each, one.answers, AS_OF) for one in some for each in conditions],
        per=len(some),
    )
    table.time(WHOLE, lambda: list(map(_assessed, some)), per=len(some))


def _assessed(given: AnswerSet) -> Assessment:
    return assess(RULES, given.answers, AS_OF, given.birth_year)


def _codes(assessment: Assessment) -> tuple[int, ...]:
    return tuple(CODES[each.truth] for each in assessment.findings)


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:])))
