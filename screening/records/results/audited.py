"""One kept assessment as an auditor or a letter shows it, which is an event of the ledger."""

from dataclasses import dataclass

from sqlalchemy import select

from screening.records.access import Actor, Permission
from screening.records.casework.case_rows import Case, check_permission
from screening.records.casework.cases import find_case
from screening.records.ledger.events import EventKind, record_view
from screening.records.ledger.records import Records
from screening.records.results.assessments import Stored, find_assessment
from screening.records.results.content import SealedContent
from screening.records.storage.tables import AssessmentRow, CaseKeyRow


@dataclass(frozen=True, slots=True, kw_only=True)
class Viewed:
    """An assessment as it was kept, and as it lies in the database."""

    stored: Stored
    sealed: SealedContent
    content_digest: str


def view_assessment(records: Records, actor: Actor, case_id: str, number: int) -> Viewed:
    """An assessment of a case; one event says that it was seen.

    Raises:
        NotAllowedError: if the person is no auditor.
        NoCaseError: if the person sees no such case.
        NoAssessmentError: if it has no assessment of that number.
        ErasedError: if the case was erased.
    """
    check_permission(actor, Permission.AUDIT)
    stored = find_assessment(records, actor, case_id, number)
    viewed = _viewed(records, case_id, stored)
    row = f"{AssessmentRow.__tablename__}/{viewed.sealed.id}"
    record_view(records, actor.id, EventKind.ASSESSMENT_VIEWED, case_id=case_id, row=row)
    return viewed


def view_for_letter(
    records: Records, actor: Actor, case_id: str, number: int
) -> tuple[Case, Stored]:
    """A case and an assessment of it; one event says that a letter was made of them.

    Raises:
        NoCaseError: if the person sees no such case.
        NoAssessmentError: if it has no assessment of that number.
        ErasedError: if the case was erased.
    """
    case = find_case(records, actor, case_id)
    stored = find_assessment(records, actor, case_id, number)
    mine = AssessmentRow.case_id == case_id, AssessmentRow.number == number
    with records.database.reading() as session:
        row_id = session.scalars(select(AssessmentRow.id).where(*mine)).one()
    row = f"{AssessmentRow.__tablename__}/{row_id}"
    record_view(records, actor.id, EventKind.LETTER_MADE, case_id=case_id, row=row)
    return case, stored


def _viewed(records: Records, case_id: str, stored: Stored) -> Viewed:
    query = (
        select(AssessmentRow, CaseKeyRow.key_id, CaseKeyRow.wrapped)
        .join(CaseKeyRow, CaseKeyRow.case_id == AssessmentRow.case_id)
        .where(AssessmentRow.case_id == case_id, AssessmentRow.number == stored.number)
    )
    with records.database.reading() as session:
        row, key_id, wrapped = session.execute(query).one()
    sealed = SealedContent(
        id=row.id,
        case_id=row.case_id,
        number=row.number,
        case_version=row.case_version,
        ruleset_digest=row.ruleset_digest,
        as_of=row.as_of,
        sealed=row.sealed,
        key_id=key_id,
        wrapped=wrapped,
    )
    return Viewed(stored=stored, sealed=sealed, content_digest=row.content_digest)
