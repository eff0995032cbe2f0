"""One answer set: plain code, other rule engines and the product, all in one run.

Usage: PYTHONPATH=tests:.venv/peers python tests/bench/bench_one.py [SETS]

All are held against the readable evaluator before any is timed. Plain code, the other engines and
the product's bare run over the criteria get settled rows: nobody charges them for contradictions,
the order of dates, or the exact outcome. `evaluate` and `assess` find all of that by themselves.
"""

import sys
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

from support.bench.answer_rows import (
    AS_OF,
    AnswerSet,
    Row,
    first_key,
    last_key,
    realistic,
    settled_rows,
    uniform,
)
from support.bench.peers import installed_peers
from support.bench.plain import CODES, plain_judge
from support.bench.report import Table, agree
from support.oracles.slow_assessment import Comparable, comparable, slow_assessment
from support.rulesets import shipped

from screening.core.compiled.program import program_of
from screening.core.results.assess import Assessment, assess
from screening.core.results.evaluation import Evaluation, evaluator_of
from screening.core.rules.ruleset import Ruleset
from screening.formats.documents.assessment_text import write_assessment_text

SETS, SOME = 2_000, 200
PLAIN = "plain if/else"
RUN, EVALUATE, WRITE = "run: criteria, compact trace", "evaluate: everything", "assess, as JSON"
GOALS = {RUN: 1.5, EVALUATE: 12.0, WRITE: 40.0}
"""How many times plain code each may take."""
FASTER = 1.8
"""How many times faster than the fastest other engine the run over the criteria has to be."""
KINDS: Mapping[str, Callable[[Ruleset, int], list[AnswerSet]]] = {
    "realistic": realistic,
    "uniform": uniform,
}
RULES = shipped.ruleset()


def main(count: int = SETS) -> int:
    """Compare and measure both kinds of sets; gives 1 if a goal is missed."""
    return max([one_kind(kind, draw(RULES, count)) for kind, draw in KINDS.items()])


def one_kind(kind: str, sets: Sequence[AnswerSet]) -> int:
    print(f"\n{kind.capitalize()} sets:\n")
    wanted = [slow_assessment(RULES, each.answers, AS_OF, each.birth_year) for each in sets]
    truths = [tuple(CODES[truth] for truth in each.truths) for each in wanted]
    rows, table = settled_rows(RULES, sets), Table(f"All criteria of one answer set, {kind}")
    judge = plain_judge(RULES, AS_OF)
    agree(PLAIN, zip(map(judge, rows), truths, strict=True))
    table.time(PLAIN, lambda: list(map(judge, rows)), per=len(rows))
    _add_run(table, rows, truths)
    _add_product(table, sets, wanted)
    peers = _add_peers(table, rows, truths)
    missed = table.show(PLAIN, GOALS)
    if peers:
        fastest = min(peers, key=table.median)
        missed |= table.show(fastest, {RUN: 1 / FASTER}, [fastest, RUN, PLAIN])
    return missed


def _add_run(table: Table, rows: Sequence[Row], truths: Sequence[tuple[int, ...]]) -> None:
    program, run = program_of(RULES), evaluator_of(RULES, AS_OF).run
    keys = [key(each.link_id) for each in program.days for key in (first_key, last_key)]
    given: list[tuple[Any, ...]] = [
        ({link_id: row.get(link_id) for link_id in RULES.items}, *(row[key] for key in keys))
        for row in rows
    ]
    traces = (run(*each)[1] for each in given)
    found = (tuple(trace[step] for step in program.criteria) for trace in traces)
    agree(RUN, zip(found, truths, strict=True))
    table.time(RUN, lambda: [run(*each) for each in given], per=len(given))


def _add_product(table: Table, sets: Sequence[AnswerSet], wanted: Sequence[Comparable]) -> None:
    evaluator, some = evaluator_of(RULES, AS_OF), sets[:SOME]

    def evaluated(given: AnswerSet) -> Evaluation:
        return evaluator.evaluate(given.answers, given.birth_year)

    def assessed(given: AnswerSet) -> Assessment:
        return assess(RULES, given.answers, AS_OF, given.birth_year)

    def written(given: AnswerSet) -> str:
        return write_assessment_text(assessed(given))

    agree(EVALUATE, zip((_parts(evaluated(each)) for each in sets), wanted, strict=True))
    agree("assess", zip((comparable(assessed(each)) for each in sets), wanted, strict=True))
    table.time(EVALUATE, lambda: list(map(evaluated, sets)), per=len(sets))
    table.time("assess", lambda: list(map(assessed, sets)), per=len(sets))
    table.time(WRITE, lambda: list(map(written, some)), per=len(some))
    table.time(
        "the readable evaluator",
        lambda: [slow_assessment(RULES, each.answers, AS_OF, each.birth_year) for each in some],
        per=len(some),
    )


def _parts(found: Evaluation) -> Comparable:
    named = {code: truth for truth, code in CODES.items()}
    return Comparable(
        truths=tuple(named[found.trace[step]] for step in program_of(RULES).criteria),
        possible=found.possible,
        flags=tuple(RULES.criteria[place].id for place in found.flags),
        needs=found.needs,
        set_aside=found.set_aside,
        contradictions=found.contradictions,
    )


def _add_peers(table: Table, rows: Sequence[Row], truths: Sequence[tuple[int, ...]]) -> list[str]:
    """Add the engines that are installed; gives their names."""
    peers = list(installed_peers(RULES, AS_OF))
    for peer in peers:
        given = [peer.encode(row) for row in rows]
        agree(peer.name, zip((peer.read(peer.judge(each)) for each in given), truths, strict=True))
        few = given[: peer.rows]
        table.time(peer.name, partial(_each, peer.judge, few), per=len(few))
    return [peer.name for peer in peers]


def _each(judge: Callable[[object], object], given: Sequence[object]) -> list[object]:
    return list(map(judge, given))


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:])))
