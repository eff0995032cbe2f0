"""The changes that other rules would make to the results of an auditor's sites."""

from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import func, select

from screening.core.rules.ruleset import Ruleset
from screening.records.access import Actor, Permission
from screening.records.case.case_rows import check_permission
from screening.records.case.search_index import visible
from screening.records.errors import ErasedError
from screening.records.ledger.events import EventKind, record_event
from screening.records.ledger.records import Records
from screening.records.results.content import sealed_portions
from screening.records.results.impact import Reassessment, Reassessor
from screening.records.results.search import visible_cases
from screening.records.sealing.vault import SealError
from screening.records.storage.tables import AssessmentRow, CaseRow

Watch = Callable[[int, int], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteImpact:
    """Every result by other rules; ``unreadable`` counts those that could not be opened.

    ``digests`` are those of the rules that the results were computed by.
    """

    found: tuple[Reassessment, ...]
    unreadable: int
    digests: frozenset[str]


def count_site_assessments(records: Records, actor: Actor) -> int:
    """The number of results at one's sites."""
    check_permission(actor, Permission.AUDIT)
    query = select(func.count()).select_from(AssessmentRow)
    query = query.join(CaseRow, CaseRow.id == AssessmentRow.case_id).where(*visible(actor))
    with records.database.reading() as session:
        return session.scalar(query) or 0


def site_impact(
    records: Records, actor: Actor, ruleset: Ruleset, watch: Watch = lambda _, __: None
) -> SiteImpact:
    """Judge the answers of every result of one's sites by a ruleset; one event says so.

    One process does it: this is for a server, which must not be copied while it works.

    Args:
        records: the records. None of them is changed.
        actor: the auditor.
        ruleset: the rules to judge by.
        watch: is called with how many results were judged, and with how many there are.

    Raises:
        NotAllowedError: if the person is no auditor.
    """
    mine = visible_cases(records, actor)
    row = f"rulesets/{ruleset.digest}"
    record_event(records, actor.id, EventKind.IMPACT_READ, row=row)
    total = count_site_assessments(records, actor)
    judge, keyring = Reassessor(ruleset), records.keyring()
    found: list[Reassessment] = []
    digests: set[str] = set()
    unreadable = 0
    for portion in sealed_portions(records):
        for kept in portion:
            if kept.case_id not in mine:
                continue
            try:
                found.append(judge.reassess(kept, kept.open(keyring)))
                digests.add(kept.ruleset_digest)
            except (ErasedError, SealError):
                unreadable += 1
            watch(len(found) + unreadable, total)
    return SiteImpact(found=tuple(found), unreadable=unreadable, digests=frozenset(digests))
