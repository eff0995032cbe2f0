"""One recorded assessment as an auditor or a letter shows it, which is an event of the ledger."""

from screening.records.access import Permission
from screening.records.case.assessment_rows import StoredAssessment
from screening.records.case.case_rows import check_permission
from screening.records.case.case_view import CaseView
from screening.records.ledger.events import EventKind, record_view
from screening.records.storage.tables import AssessmentRow
from screening.records.verification.confirmation import check_confirmed


def view_for_audit(view: CaseView, number: int) -> StoredAssessment:
    """An assessment of a case; one event says that it was seen.

    Raises:
        NotAllowedError: if the person is no auditor.
        NoAssessmentError: if it has no assessment of that number.
        ErasedError: if the case was erased.
    """
    check_permission(view.actor, Permission.AUDIT)
    return _view(view, number, EventKind.ASSESSMENT_VIEWED)


def view_for_letter(view: CaseView, number: int) -> StoredAssessment:
    """An assessment that the ledger confirms; one event says that a letter was made of it.

    Raises:
        UnconfirmedError: if the ledger does not confirm it, its rules or the decisions on its case.
        NoAssessmentError: if it has no assessment of that number.
        ErasedError: if the case was erased.
    """
    row_id = view.assessment(number).id
    with view.records.database.reading() as session:
        check_confirmed(session, view.records.keyring(), row_id)
    return _view(view, number, EventKind.LETTER_MADE)


def _view(view: CaseView, number: int, kind: EventKind) -> StoredAssessment:
    found = view.assessment(number)
    row = f"{AssessmentRow.__tablename__}/{found.id}"
    record_view(view.records, view.actor.id, kind, case_id=view.id, row=row)
    return found
