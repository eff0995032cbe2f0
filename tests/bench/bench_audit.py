"""Finds results among many, as the pages of an audit do.

Usage: PYTHONPATH=tests python tests/bench/bench_audit.py [CASES]
"""

import sys
import tempfile
from functools import partial
from itertools import cycle
from pathlib import Path
from typing import Any

from sqlalchemy import insert, select
from support.bench.report import Table
from support.casework.screened_cases import explainer
from support.people import worklist_people
from support.people.web_people import add_site
from support.rulesets import shipped
from support.storage import databases
from support.storage.databases import sqlite_copy, sqlite_pattern

from screening.core.results.assess import assess
from screening.files.rule_files import load_examples
from screening.formats.documents.answers_json import (
    write_answers,
    write_assessment,
    write_explanation,
)
from screening.formats.documents.recorded_assessment import write_trace
from screening.records.access import Actor, Role
from screening.records.case.assessment_content import seal_content
from screening.records.ledger.records import Records
from screening.records.results.search import AuditQuery, audit_list, audit_people
from screening.records.results.site_impact import site_impact
from screening.records.sealing.case_keys import load_key
from screening.records.storage.tables import AssessmentRow, CaseRow, RulesetRow

SIZE, SOME = 10_000, 20
PLAIN = "a plain read of all rows"
RESULTS = 2
"""Of each case, so that the older one has to be opened."""


def contents() -> list[dict[str, Any]]:
    """What is kept of some of the shipped examples."""
    ruleset = shipped.ruleset()
    found = []
    for example in load_examples(ruleset)[:SOME]:
        assessment = assess(ruleset, example.answers, example.as_of)
        explanation = explainer().explain(example.answers, example.as_of)
        found.append(
            {
                "answers": write_answers(example.answers, example.as_of),
                "given": {},
                "assessment": write_assessment(assessment),
                "trace": write_trace(assessment),
                "explanation": write_explanation(explanation),
            }
        )
    return found


def fill(records: Records, nurse: Actor, site: int, size: int) -> None:
    """Add cases with results."""
    ruleset = shipped.ruleset()
    kept = cycle(contents())
    for start in range(0, size, 1000):
        more = [worklist_people.referral(start + number) for number in range(1000)]
        worklist_people.add(records, nurse, site, more)
    with records.database.writing() as session:
        row = {"digest": ruleset.digest, "ruleset_id": ruleset.id, "texts": "{}"}
        row |= {"ruleset_version": ruleset.version}
        session.execute(insert(RulesetRow), [row | {"at": records.now()}])
        for case_id in session.scalars(select(CaseRow.id)).all():
            key = load_key(session, records.keyring(), case_id)
            for number in range(1, RESULTS + 1):
                row_id = f"{case_id[:31]}{number}"
                sealed, digest = seal_content(key, next(kept), row_id, 1)
                result = AssessmentRow(
                    id=row_id,
                    case_id=case_id,
                    number=number,
                    case_version=1,
                    as_of=shipped.as_of(),
                    ruleset_digest=ruleset.digest,
                    content_digest=digest,
                    sealed=sealed,
                    at=records.now(),
                    by=nurse.id,
                )
                session.add(result)


def plain_read(records: Records) -> int:
    """The baseline: read the few words of every result that say which it is."""
    with records.database.reading() as session:
        rows = session.execute(select(AssessmentRow.id, AssessmentRow.case_id, AssessmentRow.at))
        return len(rows.all())


def main(size: int = SIZE) -> None:
    """Measure."""
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        with databases.open_records(sqlite_copy(sqlite_pattern(place), place)) as records:
            site = add_site(records, "North")
            nurse = worklist_people.person(records, Role.NURSE, sites=[site], name="Nora")
            ada = worklist_people.person(records, Role.AUDITOR, sites=[site], name="Ada")
            fill(records, nurse, site, size)
            asked = {
                "all": AuditQuery(),
                "the last page": AuditQuery(page=10**6),
                "not overridden": AuditQuery(override=False),
                "by a person": AuditQuery(by=nurse.id),
                "by a reference": AuditQuery(text="R-00500"),
                "by an outcome": AuditQuery(outcome="met"),
            }
            table = Table(f"Search among the results of {size:,} cases")
            table.time(PLAIN, lambda: plain_read(records))
            for name, query in asked.items():
                table.time(name, partial(audit_list, records, ada, query))
            table.time("people", lambda: audit_people(records, ada))
            table.time("impact", lambda: site_impact(records, ada, shipped.ruleset()))
            table.show(PLAIN)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
