"""The shipped rules, as ratios to plain work of the same run.

Usage: PYTHONPATH=tests python tests/bench/bench_core.py
"""

import json

import yaml
from support.bench.report import Table
from support.rulesets import shipped

from screening.core.results.assess import Assessment, assess
from screening.core.values.answer import AbsentReason, Answer
from screening.files.rule_files import load_ruleset, load_texts
from screening.formats.documents.answers_json import write_assessment

DUMP, PARSE = "json.dumps of the result", "yaml.parse of the rule files"


def main() -> None:
    """Measure assessments against writing one, and loading against parsing."""
    ruleset, complete, as_of = shipped.ruleset(), shipped.favourable(), shipped.as_of()
    unknown = Answer(absent=AbsentReason.ASKED_UNKNOWN)
    few = {**complete, **dict.fromkeys(("cause", "levels", "care_bracing"), unknown)}
    document = write_assessment(assess(ruleset, complete, as_of))
    table = Table("Assessments of the shipped rules")
    table.time(DUMP, lambda: json.dumps(document))
    table.time("assess, everything known", lambda: assess(ruleset, complete, as_of))
    table.time("assess, three answers unknown", lambda: assess(ruleset, few, as_of))
    table.time("assess, nothing answered", lambda: assess(ruleset, {}, as_of))
    table.time("assess and write as JSON", lambda: _written(assess(ruleset, few, as_of)))
    table.show(DUMP)
    texts = [text.data for text in load_texts().values()]
    loading = Table("Loading the shipped rules")
    loading.time(PARSE, lambda: _events(texts))
    loading.time("load, check and prove", load_ruleset)
    loading.show(PARSE)


def _written(result: Assessment) -> str:
    return json.dumps(write_assessment(result))


def _events(texts: list[bytes]) -> int:
    return sum(1 for text in texts for _ in yaml.parse(text, Loader=yaml.SafeLoader))


if __name__ == "__main__":
    main()
