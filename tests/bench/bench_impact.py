"""Judges many stored assessments by other rules: against the evaluator alone, and by the minute.

Usage: PYTHONPATH=tests python tests/bench/bench_impact.py [ASSESSMENTS]

The CPU time of all processes that share the work counts.
"""

import sys
import tempfile
from itertools import cycle, islice
from pathlib import Path
from uuid import uuid4

from sqlalchemy import insert
from support.bench.report import Table, spent
from support.casework.referrals import referral
from support.casework.screened_cases import explainer
from support.rulesets import shipped
from support.storage import databases
from support.storage.databases import People, sqlite_copy, sqlite_pattern

from screening.core.results.assess import assess
from screening.files.rule_files import load_examples
from screening.formats.documents.answers_json import (
    write_answers,
    write_assessment,
    write_explanation,
)
from screening.formats.documents.recorded_assessment import write_trace
from screening.records.case.assessment_content import seal_content
from screening.records.casework.cases import add_case
from screening.records.ledger.records import Records
from screening.records.results.impact import reassess_all
from screening.records.sealing.case_keys import load_key
from screening.records.storage.tables import AssessmentRow, RulesetRow

SIZE, PORTION = 100_000, 2_000
ALONE = "the evaluator alone"


def fill(records: Records, size: int) -> None:
    """Keep so many assessments of the shipped examples, in one case."""
    ruleset = shipped.ruleset()
    nurse = People(records).actor()
    (site,) = nurse.sites
    case_id = add_case(records, nurse, site, referral(), uuid4().hex)
    contents = []
    for example in load_examples(ruleset):
        found = assess(ruleset, example.answers, example.as_of)
        content = {
            "answers": write_answers(example.answers, example.as_of),
            "given": {},
            "assessment": write_assessment(found),
            "trace": write_trace(found),
            "explanation": write_explanation(explainer().explain(example.answers, example.as_of)),
        }
        contents.append((example.as_of, content))
    chosen = islice(cycle(contents), size)
    for start in range(0, size, PORTION):
        with records.database.writing() as session:
            key = load_key(session, records.keyring(), case_id)
            if not start:
                row = {"digest": ruleset.digest, "ruleset_id": ruleset.id, "texts": "{}"}
                kept = row | {"ruleset_version": ruleset.version, "at": records.now()}
                session.execute(insert(RulesetRow), [kept])
            rows = []
            for number, (as_of, content) in enumerate(islice(chosen, PORTION), start=start + 1):
                row_id = f"{number:032}"
                sealed, digest = seal_content(key, content, row_id, 1)
                rows.append(
                    {
                        "id": row_id,
                        "case_id": case_id,
                        "number": number,
                        "case_version": 1,
                        "as_of": as_of,
                        "ruleset_digest": ruleset.digest,
                        "content_digest": digest,
                        "sealed": sealed,
                        "at": records.now(),
                        "by": nurse.id,
                    }
                )
            session.execute(insert(AssessmentRow), rows)


def main(size: int = SIZE) -> None:
    """Measure."""
    ruleset = shipped.ruleset()
    examples = load_examples(ruleset)
    table = Table(f"Each of {size:,} recorded results, judged by other rules")
    table.time(
        ALONE,
        lambda: [assess(ruleset, each.answers, each.as_of) for each in examples],
        per=len(examples),
    )
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        with databases.open_records(sqlite_copy(sqlite_pattern(place), place)) as records:
            fill(records, size)
            judged: list[int] = []
            took = spent(lambda: judged.append(sum(1 for _ in reassess_all(records, ruleset))))
    assert judged == [size]
    table.add("opened and judged", [took / size])
    table.show(ALONE)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
