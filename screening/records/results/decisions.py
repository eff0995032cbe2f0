"""Reviews: what a person decided on an assessment. The computed outcome stays beside it.

``core.decision`` has the rules; nothing that they refuse is recorded. Few people may override.
"""

import datetime as dt
import json
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from screening.core.decision import Choice, Decision, Grounds, Refusal, refusal
from screening.core.ruleset import Ruleset
from screening.errors import ScreeningError
from screening.formats.documents.recorded_assessment import read_assessment, speaking_tiers
from screening.records.access import Actor, Permission
from screening.records.casework.case_rows import State, check_permission
from screening.records.casework.case_write import Asked, CaseWrite, new_id, write_case
from screening.records.casework.handovers import is_untold
from screening.records.casework.newest import answered_since, born_otherwise, find_newest
from screening.records.errors import NoAssessmentError, UnfitFieldError
from screening.records.ledger.events import EventKind
from screening.records.ledger.records import Records
from screening.records.results.content import open_content
from screening.records.results.replay import same_result
from screening.records.sealing import padding
from screening.records.sealing.vault import DataKey
from screening.records.storage.tables import AssessmentRow, ReviewRow
from screening.words.nurse.decision import words_of_refusal

LONGEST_NOTE = 4_000
SEALED = ""
"""Stands in the column of the reason, for a reason may state a finding."""


class DecisionRefusedError(ScreeningError):
    """The rules of a decision do not allow it. ``refusal`` tells which of them."""

    def __init__(self, found: Refusal, grounds: Grounds) -> None:
        """Keep why, and say it."""
        self.refusal = found
        super().__init__(words_of_refusal(found, grounds))


class OutdatedAssessmentError(ScreeningError):
    """Answers or the birth year changed, or the case was assessed again, since it was made."""

    def __init__(self) -> None:
        """Say what would help."""
        super().__init__("this assessment is out of date; assess the case again, then decide")


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided:
    """A decision as somebody takes it.

    ``seen`` holds the link ids of the emergency signs that were ticked as seen.
    """

    choice: Choice
    note: str = ""
    seen: AbstractSet[str] = frozenset()

    def data(self) -> dict[str, Any]:
        """What is sealed of it: all but the decision in one word."""
        note = self.note.strip()
        return {"reason": self.choice.reason, "note": note, "seen": sorted(self.seen)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """What a person decided, with the code of the reason and a note.

    ``seen`` holds the link ids of the emergency signs that were ticked as seen.
    """

    number: int
    decision: Decision
    reason: str
    note: str
    seen: tuple[str, ...]
    at: dt.datetime
    by: str
    by_id: int


def record_review(  # noqa: PLR0913, PLR0917 - the case, the decision, and the form's marks
    records: Records,
    actor: Actor,
    case_id: str,
    number: int,
    version: int,
    decided: Decided,
    rules: Ruleset,
    once: str,
) -> int:
    """Record a decision on the newest assessment of a case; gives the review's number.

    Args:
        records: where the case is.
        actor: who decides.
        case_id: the case.
        number: that of the assessment.
        version: that of the case as the person saw it.
        decided: what is decided.
        rules: the rules in use. A result by other rules refers nobody.
        once: the key of the form.

    Raises:
        StaleError: if somebody changed the case since that version.
        NoAssessmentError: if the case has no assessment of that number.
        OutdatedAssessmentError: if there is a newer one, or answers or the birth year changed.
        DecisionRefusedError: if the rules of a decision do not allow it, see ``core.decision``.
        UnfitFieldError: if the note cannot be kept.
        NoCaseError, NotAllowedError, ClosedError, ErasedError: see ``case_write.write_case``.
    """
    choice, data = decided.choice, decided.data()

    def work(case: CaseWrite) -> str:
        if choice.overrides:
            check_permission(actor, Permission.OVERRIDE)
        case.check_version(version)
        case.check_open()
        _check_note(data["note"])
        row = _newest(case, number)
        content = open_content(case.key, row.sealed, row.id, row.case_version)
        if born_otherwise(content, case.summary.birth_year):
            raise OutdatedAssessmentError
        _check_allowed(_grounds(case, row, content, rules), decided)
        made = _add(case, row, choice, data)
        case.summary = replace(case.summary, decision=choice.decision.value)
        state = State.SCREENING if choice.decision is Decision.ASK_MORE else State.DECIDED
        case.finish(EventKind.CASE_CHANGED, state)
        return str(made)

    asked = Asked(
        actor=actor,
        case_id=case_id,
        once=once,
        kind=EventKind.REVIEW_RECORDED,
        content=[number, version, choice.code, data],
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


def _check_note(note: str) -> None:
    """Make sure that a note can be kept.

    Raises:
        UnfitFieldError: if not.
    """
    if len(note) > LONGEST_NOTE:
        most = f"at most {LONGEST_NOTE:,} characters; this has {len(note):,}"
        raise UnfitFieldError("note", most)
    if any(each == "\0" or "\ud800" <= each <= "\udfff" for each in note):
        raise UnfitFieldError("note", "it has characters that are not text")


def _check_allowed(grounds: Grounds, decided: Decided) -> None:
    """Make sure that the rules of a decision allow it.

    Raises:
        DecisionRefusedError: if they do not.
    """
    found = refusal(grounds, decided.choice, note=decided.note, seen=decided.seen)
    if found is not None:
        raise DecisionRefusedError(found, grounds)


def _grounds(
    case: CaseWrite, row: AssessmentRow, content: Mapping[str, Any], rules: Ruleset
) -> Grounds:
    """What a decision on a kept assessment rests on, by the rules in use."""
    result, day = content["assessment"], case.day
    untold = is_untold(case, rules)
    if row.ruleset_digest != rules.digest:  # a result by other rules refers nobody, signs or not
        return Grounds(
            favourable=result["outcome"]["favourable"],
            as_of=row.as_of,
            day=day,
            in_use=False,
            same=True,
            same_today=True,
            untold=untold,
            signs={},
            speaks=speaking_tiers(result),
            contradictory=bool(result.get("contradictions")),  # format 1 knows of none
        )
    assessment = read_assessment(result, content["answers"], content["trace"], rules)
    same = same_result(assessment, content)
    return Grounds.of(assessment, day=day, in_use=True, same=same, untold=untold)


def _newest(case: CaseWrite, number: int) -> AssessmentRow:
    """The row of an assessment that neither another one nor other answers have overtaken.

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


def _add(
    case: CaseWrite, assessment: AssessmentRow, choice: Choice, data: Mapping[str, Any]
) -> int:
    mine = select(func.count()).where(ReviewRow.assessment_id == assessment.id)
    number = (case.session.scalar(mine) or 0) + 1
    row_id = new_id()
    plain = padding.pad(json.dumps(data, ensure_ascii=False).encode(), padding.NOTE)
    row = ReviewRow(
        id=row_id,
        case_id=case.row.id,
        assessment_id=assessment.id,
        number=number,
        decision=choice.decision.value,
        reason=SEALED,
        sealed=case.key.seal(plain, "reviews", row_id, number),
        at=case.at,
        by=case.actor.id,
    )
    case.add(row, EventKind.REVIEW_RECORDED)
    return number


def read_reason(key: DataKey, row: ReviewRow) -> str:
    """The code of the reason of a decision.

    Raises:
        SealError: if the key is another one, or the row was changed.
    """
    reason: str = _open(key, row)["reason"]
    return reason


def _open(key: DataKey, row: ReviewRow) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(key.unseal(row.sealed, "reviews", row.id, row.number))
    return content


def _review(key: DataKey, row: ReviewRow, names: Mapping[int, str]) -> Review:
    content = _open(key, row)
    return Review(
        number=row.number,
        decision=Decision(row.decision),
        reason=content["reason"],
        note=content["note"],
        seen=tuple(content.get("seen", ())),  # before 2026-12 the ticks were not kept
        at=row.at,
        by=names.get(row.by, ""),
        by_id=row.by,
    )
