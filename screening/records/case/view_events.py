"""The people who saw a case: every view of it is an event of the ledger."""

import datetime as dt
from dataclasses import dataclass

from sqlalchemy import select

from screening.records.access import Actor, Permission
from screening.records.case.case_rows import check_permission, load_names, load_row
from screening.records.case.case_view import CaseView
from screening.records.ledger.events import EventKind, record_event, record_view
from screening.records.ledger.records import Records
from screening.records.storage.tables import AssessmentRow, CaseRow, EventRow

VIEW_KINDS = (
    EventKind.CASE_VIEWED,
    EventKind.ASSESSMENT_VIEWED,
    EventKind.LETTER_MADE,
    EventKind.EVIDENCE_MADE,
    EventKind.CASE_VIEWS_READ,
    EventKind.EMERGENCY_OPENED,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ViewEvent:
    """One view of a case, by the number of its event; ``number`` is that of the assessment."""

    seq: int
    at: dt.datetime
    by: str
    by_id: int
    kind: EventKind
    number: int | None


def record_view_of(view: CaseView) -> None:
    """Tell the ledger that a person looks at a page of a case."""
    row = f"{CaseRow.__tablename__}/{view.id}"
    actor = view.actor.id
    record_view(view.records, actor, EventKind.CASE_VIEWED, case_id=view.id, row=row)


def view_events(records: Records, actor: Actor, case_id: str) -> tuple[ViewEvent, ...]:
    """Every view of a case, the newest first; this reading is recorded, and is the first of them.

    Raises:
        NotAllowedError: if the person is no auditor.
        NoCaseError: if the person sees no such case.
    """
    check_permission(actor, Permission.AUDIT)
    with records.database.reading() as session:
        load_row(session, actor, case_id)
    record_event(records, actor.id, EventKind.CASE_VIEWS_READ, case_id=case_id)
    kinds = [kind.value for kind in VIEW_KINDS]
    query = select(EventRow).where(EventRow.case_id == case_id, EventRow.kind.in_(kinds))
    numbers = select(AssessmentRow.id, AssessmentRow.number)
    with records.database.reading() as session:
        mine = session.execute(numbers.where(AssessmentRow.case_id == case_id))
        by_row = {f"{AssessmentRow.__tablename__}/{row_id}": number for row_id, number in mine}
        events = session.scalars(query.order_by(EventRow.seq.desc())).all()
        names = load_names(session, {event.by for event in events})
    return tuple(
        ViewEvent(
            seq=event.seq,
            at=event.at,
            by=names.get(event.by, f"account {event.by}"),
            by_id=event.by,
            kind=EventKind(event.kind),
            number=by_row.get(event.row),
        )
        for event in events
    )
