"""Reviews: what a person decided upon an assessment. The computed outcome stays beside it.

A decision that goes against what was computed is an override, which few may make, with a reason.
"""

import datetime as dt
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import Enum

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from screening.errors import ScreeningError
from screening.records.access import Actor, Permission
from screening.records.caserows import State, check_permission
from screening.records.contents import open_content
from screening.records.ledger import EventKind
from screening.records.newest import answered_since, find_newest
from screening.records.refusals import NoAssessmentError, UnfitFieldError
from screening.records.store import Records
from screening.records.tables import AssessmentRow, ReviewRow
from screening.records.vault import DataKey
from screening.records.writing import Asked, CaseWrite, new_id, write_case

LONGEST_NOTE = 4_000
LASTS = dt.timedelta(days=7)
"""For how long after its day somebody can be referred upon a result."""
OTHER = "other"


class Decision(Enum):
    """What a person can decide."""

    REFER = "refer"
    ASK_MORE = "ask-more"
    DO_NOT_REFER = "do-not-refer"
    OVERRIDE = "override"


REASONS: dict[Decision, dict[str, str]] = {
    Decision.REFER: {
        "requirements-met": "What the documents ask for is met",
        "cautions-weighed": "A clinician weighed the cautions",
        OTHER: "Another reason, in the note",
    },
    Decision.ASK_MORE: {
        "answers-missing": "Answers are missing",
        "report-missing": "The imaging report is missing or too old",
        "answers-contradict": "Answers contradict each other or the referral",
        "clinician-asked": "A clinician is asked first",
        OTHER: "Another reason, in the note",
    },
    Decision.DO_NOT_REFER: {
        "reason-against": "A documented reason against holds",
        "requirement-unmet": "A documented requirement is not met",
        "emergency-care": "Emergency care was arranged instead",
        "other-care-first": "Other care comes first",
        "patient-declined": "The patient does not want it",
        OTHER: "Another reason, in the note",
    },
    Decision.OVERRIDE: {
        "refer-clinician-judged": "Refer: a clinician examined the patient and judges otherwise",
        "refer-newer-knowledge": "Refer: newer knowledge than the documents have",
        "refer-reason-treated": "Refer: what spoke against it was treated",
        "against-clinician-judged": (
            "Do not refer: a clinician examined the patient and judges otherwise"
        ),
        "against-not-asked": "Do not refer: for a reason that the questions do not ask about",
        "against-answers-doubted": "Do not refer: the answers are not to be relied upon",
    },
}
"""By decision, the coded reasons and their words. A code keeps its meaning for ever."""
_IN_FAVOUR = "refer-"
_RULES_SAY = frozenset({"reason-against", "requirement-unmet"})


class ContraryDecisionError(ScreeningError):
    """A decision says otherwise than the computed outcome, and is no override."""

    def __init__(self) -> None:
        """Say what it would be."""
        super().__init__(
            "this decides otherwise than the computed outcome says; that is an override,"
            " with its own reason"
        )


class OutdatedAssessmentError(ScreeningError):
    """Answers changed, or the case was assessed again, since the assessment was made."""

    def __init__(self, what: str = "this assessment is out of date; assess the case again") -> None:
        """Say what would help."""
        super().__init__(f"{what}, then decide")


class OldAssessmentError(OutdatedAssessmentError):
    """Somebody was to be referred upon an assessment for a day that is long past."""

    def __init__(self) -> None:
        """Say what would help."""
        super().__init__(
            f"this assessment is for a day more than {LASTS.days} days ago;"
            " assess the case again for today"
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """What a person decided, with the code of the reason and a note."""

    number: int
    decision: Decision
    reason: str
    note: str
    at: dt.datetime
    by: str
    by_id: int


def record_review(  # noqa: PLR0913, PLR0917 - the case, the decision, and the form's marks
    records: Records,
    actor: Actor,
    case_id: str,
    number: int,
    version: int,
    decision: Decision,
    reason: str,
    note: str,
    once: str,
) -> int:
    """Record a decision upon the newest assessment of a case; gives the review's number.

    Raises:
        StaleError: if somebody changed the case since that version.
        NoAssessmentError: if the case has no assessment of that number.
        OutdatedAssessmentError: if there is a newer one, or answers changed since.
        OldAssessmentError: if it refers, and the assessment is for a day that is long past.
        ContraryDecisionError: if it goes against the computed outcome and is no override.
        UnfitFieldError: if the reason is none of the decision's, or the note cannot be kept.
        NoCaseError, NotAllowedError, ClosedError, ErasedError: see ``writing.write_case``.
    """
    decided = _Decided(decision, reason, note.strip())

    def work(case: CaseWrite) -> str:
        if decision is Decision.OVERRIDE:
            check_permission(actor, Permission.OVERRIDE)
        case.check_version(version)
        case.check_open()
        decided.check()
        row = _newest(case, number)
        if decided.refers and case.at.astimezone().date() - row.as_of > LASTS:
            raise OldAssessmentError
        _check_contrary(case.key, row, decided)
        made = _add(case, row, decided)
        case.summary = replace(case.summary, decision=decision.value)
        state = State.SCREENING if decision is Decision.ASK_MORE else State.DECIDED
        case.finish(EventKind.CASE_CHANGED, state)
        return str(made)

    asked = Asked(
        actor=actor,
        case_id=case_id,
        once=once,
        kind=EventKind.REVIEW_RECORDED,
        content=[number, version, decision.value, reason, decided.note],
        permission=Permission.REVIEW,
    )
    return int(write_case(records, asked, work))


def read_reviews(
    session: Session, key: DataKey, names: Mapping[int, str]
) -> dict[str, tuple[Review, ...]]:
    """The reviews of a case by the id of the row of their assessment, in order."""
    rows = session.scalars(
        select(ReviewRow).where(ReviewRow.case_id == key.name).order_by(ReviewRow.number)
    )
    found: dict[str, tuple[Review, ...]] = {}
    for row in rows:
        review = _review(key, row, names)
        found[row.assessment_id] = (*found.get(row.assessment_id, ()), review)
    return found


@dataclass(frozen=True, slots=True)
class _Decided:
    decision: Decision
    reason: str
    note: str

    @property
    def refers(self) -> bool:
        """Whether somebody is referred, by override or not."""
        override = self.decision is Decision.OVERRIDE and self.reason.startswith(_IN_FAVOUR)
        return override or self.decision is Decision.REFER

    def check(self) -> None:
        """Make sure that the reason is the decision's, and that the note can be kept.

        Raises:
            UnfitFieldError: if not.
        """
        if self.reason not in REASONS[self.decision]:
            raise UnfitFieldError("reason", "choose one that is offered for the decision")
        if (self.reason == OTHER or self.decision is Decision.OVERRIDE) and not self.note:
            raise UnfitFieldError("note", "this reason needs a few words")
        if len(self.note) > LONGEST_NOTE:
            most = f"at most {LONGEST_NOTE:,} characters; this has {len(self.note):,}"
            raise UnfitFieldError("note", most)
        if any(each == "\0" or "\ud800" <= each <= "\udfff" for each in self.note):
            raise UnfitFieldError("note", "it has characters that are no letters")


def _newest(case: CaseWrite, number: int) -> AssessmentRow:
    """The row of an assessment that nothing has overtaken.

    Raises:
        NoAssessmentError: if there is none of that number.
        OutdatedAssessmentError: if something has.
    """
    row = find_newest(case.session, case.row.id)
    if row is None or not 1 <= number <= row.number:
        raise NoAssessmentError
    if number != row.number or answered_since(case.session, row):
        raise OutdatedAssessmentError
    return row


def _check_contrary(key: DataKey, row: AssessmentRow, decided: _Decided) -> None:
    content = open_content(key, row.sealed, row.id, row.case_version)
    favourable = content["assessment"]["outcome"]["favourable"]
    override = decided.decision is Decision.OVERRIDE
    if override and decided.reason.startswith(_IN_FAVOUR) == favourable:
        raise UnfitFieldError("reason", "the computed outcome says the same; nothing is overridden")
    refers = decided.decision is Decision.REFER and not favourable
    declines = decided.decision is Decision.DO_NOT_REFER and decided.reason in _RULES_SAY
    if refers or (declines and favourable):
        raise ContraryDecisionError


def _add(case: CaseWrite, assessment: AssessmentRow, decided: _Decided) -> int:
    mine = select(func.count()).where(ReviewRow.assessment_id == assessment.id)
    number = (case.session.scalar(mine) or 0) + 1
    row_id = new_id()
    note = json.dumps({"note": decided.note}, ensure_ascii=False).encode()
    row = ReviewRow(
        id=row_id,
        case_id=case.row.id,
        assessment_id=assessment.id,
        number=number,
        decision=decided.decision.value,
        reason=decided.reason,
        sealed=case.key.seal(note, "reviews", row_id, number),
        at=case.at,
        by=case.actor.id,
    )
    case.add(row, EventKind.REVIEW_RECORDED)
    return number


def _review(key: DataKey, row: ReviewRow, names: Mapping[int, str]) -> Review:
    content: dict[str, str] = json.loads(key.unseal(row.sealed, "reviews", row.id, row.number))
    return Review(
        number=row.number,
        decision=Decision(row.decision),
        reason=row.reason,
        note=content["note"],
        at=row.at,
        by=names.get(row.by, ""),
        by_id=row.by,
    )
