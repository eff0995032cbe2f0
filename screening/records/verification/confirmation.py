"""Confirmation of single results by the ledger, without reading all of it.

A row is confirmed if its newest event has the row's digest, a hash of its own content, and a MAC
that only somebody with the keyring can make. ``verify`` checks the ledger as a whole.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from screening.records.errors import UnconfirmedError
from screening.records.ledger.digests import matches_row, row_name
from screening.records.ledger.entries import is_genuine
from screening.records.ledger.events import EventKind
from screening.records.ledger.records import Records
from screening.records.sealing.vault import Keyring
from screening.records.storage.tables import AssessmentRow, Base, EventRow, ReviewRow, RulesetRow

RESULT, OTHER_RESULT, DECISION, RULES = "result", "other result", "decision", "rules"
_RESULTS, _REVIEWS = f"{AssessmentRow.__tablename__}/", f"{ReviewRow.__tablename__}/"
_RECORDED = (EventKind.ASSESSMENT_RECORDED.value, EventKind.REVIEW_RECORDED.value)


def unconfirmed_parts(records: Records, ids: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """The parts that the ledger does not confirm: the result, its rules, or what else its case has.

    The decisions of the case are all confirmed, for one may have been moved from another result.
    Of its other results, only one that is missing is told: the newest decides what a letter says.

    Args:
        records: to be read. They are not changed.
        ids: of assessments.

    Returns:
        For each assessment that has any, the parts.
    """
    with records.database.reading() as session:
        return _find_unconfirmed(session, records.keyring(), ids)


def check_confirmed(session: Session, ring: Keyring, row_id: str) -> None:
    """Make sure that the ledger confirms an assessment, as ``unconfirmed_parts`` does.

    Raises:
        UnconfirmedError: if it does not.
    """
    if parts := _find_unconfirmed(session, ring, [row_id]).get(row_id):
        raise UnconfirmedError(parts)


def _find_unconfirmed(
    session: Session, ring: Keyring, ids: Sequence[str]
) -> dict[str, tuple[str, ...]]:
    kept = session.scalars(select(AssessmentRow).where(AssessmentRow.id.in_(ids))).all()
    wrong = _wrong_rows(session, ring, kept)
    found = {row.id: tuple(_parts(row, wrong[row.id])) for row in kept}
    return {row_id: parts for row_id, parts in found.items() if parts}


def _parts(row: AssessmentRow, wrong: set[str]) -> Iterator[str]:
    if row_name(row) in wrong:
        yield RESULT
    if any(name.startswith(_RESULTS) for name in wrong - {row_name(row)}):
        yield OTHER_RESULT
    if any(name.startswith(_REVIEWS) for name in wrong):
        yield DECISION
    if f"{RulesetRow.__tablename__}/{row.ruleset_digest}" in wrong:
        yield RULES


def _wrong_rows(
    session: Session, ring: Keyring, kept: Sequence[AssessmentRow]
) -> Mapping[str, set[str]]:
    """For each assessment the names of the rows that the ledger does not confirm."""
    ids, cases = [row.id for row in kept], {row.case_id for row in kept}
    of_these = ReviewRow.assessment_id.in_(ids) | ReviewRow.case_id.in_(cases)
    reviews = session.scalars(select(ReviewRow).where(of_these)).all()
    used = {row.ruleset_digest for row in kept}
    rules = session.scalars(select(RulesetRow).where(RulesetRow.digest.in_(used))).all()
    bad = _not_vouched(session, ring, [*kept, *reviews, *rules])
    gone = _missing(session, cases)
    found: dict[str, set[str]] = {}
    for row in kept:
        own = {row_name(row), f"{RulesetRow.__tablename__}/{row.ruleset_digest}"}
        own |= {row_name(each) for each in reviews if _concerns(each, row)}
        found[row.id] = own & bad | gone.get(row.case_id, set())
    return found


def _not_vouched(session: Session, ring: Keyring, rows: Sequence[Base]) -> set[str]:
    by_name = {row_name(row): row for row in rows}
    told = {event.row: event for event in _newest_events(session, by_name)}
    return {
        name
        for name, row in by_name.items()
        if name not in told
        or not is_genuine(told[name], ring)
        or not matches_row(told[name].digest, row)
    }


def _newest_events(session: Session, names: Iterable[str]) -> Sequence[EventRow]:
    newest = (
        select(func.max(EventRow.seq))
        .where(EventRow.row.in_(names), EventRow.digest != "", EventRow.seq > 0)
        .group_by(EventRow.row)
    )
    return session.scalars(select(EventRow).where(EventRow.seq.in_(newest))).all()


def _concerns(review: ReviewRow, row: AssessmentRow) -> bool:
    return row.id == review.assessment_id or row.case_id == review.case_id


def _missing(session: Session, cases: set[str]) -> dict[str, set[str]]:
    """The results and decisions of cases that events record, but that are missing."""
    recorded = select(EventRow.case_id, EventRow.row).where(
        EventRow.case_id.in_(cases), EventRow.kind.in_(_RECORDED)
    )
    there = {
        name + row_id
        for name, table in ((_RESULTS, AssessmentRow), (_REVIEWS, ReviewRow))
        for row_id in session.scalars(select(table.id).where(table.case_id.in_(cases)))
    }
    gone: dict[str, set[str]] = {}
    for event in session.execute(recorded):
        if event.row not in there:
            gone.setdefault(event.case_id, set()).add(event.row)
    return gone
