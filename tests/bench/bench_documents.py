"""How long an assessment takes to be written as JSON, as ratios to plain code.

Usage: PYTHONPATH=tests python tests/bench/bench_documents.py
"""

import json
import sys

import rfc8785
from support.bench.answer_rows import AS_OF, mixed, settled_rows
from support.bench.plain import plain_judge
from support.bench.report import Table, agree
from support.rulesets import shipped

from screening.core.results.assess import assess
from screening.formats.documents.answers_json import write_assessment
from screening.formats.documents.assessment_text import CANONICAL, write_assessment_text

SETS = 200
PLAIN, TEXT = "plain if/else", "text of fragments"
AT_MOST = 40


def main(count: int = SETS) -> int:
    """Print the table; gives 1 if a goal is missed."""
    rules = shipped.ruleset()
    sets = mixed(rules, count)
    results = [assess(rules, each.answers, AS_OF, each.birth_year) for each in sets]
    rows, judge = settled_rows(rules, sets), plain_judge(rules)
    data = [write_assessment(each) for each in results]
    agree(
        "text and json.dumps of the data",
        zip(map(write_assessment_text, results), map(json.dumps, data), strict=True),
    )
    canonical = (write_assessment_text(each, CANONICAL).encode() for each in results)
    agree("canonical text and the library", zip(canonical, map(rfc8785.dumps, data), strict=True))
    table = Table("An assessment as JSON, without explanation")
    table.time(PLAIN, lambda: [judge(row) for row in rows], per=count)
    table.time(TEXT, lambda: [write_assessment_text(each) for each in results], per=count)
    table.time(
        "the same, canonical",
        lambda: [write_assessment_text(each, CANONICAL) for each in results],
        per=count,
    )
    table.time(
        "json.dumps of the data",
        lambda: [json.dumps(write_assessment(each)) for each in results],
        per=count,
    )
    table.time(
        "the library's canonical JSON of the data",
        lambda: [rfc8785.dumps(write_assessment(each)) for each in results],
        per=count,
    )
    return table.show(PLAIN, at_most={TEXT: AT_MOST})


if __name__ == "__main__":
    sys.exit(main())
