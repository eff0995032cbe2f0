"""Assessments of a case, kept as they were computed, with all that they were computed from."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import func, select

from screening.core.results.assess import Assessment
from screening.core.results.warning_signs import collect_warnings
from screening.core.values.answer import Answer
from screening.core.values.span import Span, first_of
from screening.errors import ScreeningError
from screening.formats.documents.answers_json import write_answers, write_explanation
from screening.formats.documents.assessment_text import CANONICAL, write_assessment_text
from screening.formats.documents.canonical_json import write_canonical
from screening.formats.documents.recorded_assessment import write_trace
from screening.proof.explanation.reasons import Explanation
from screening.records.case.assessment_content import seal_parts
from screening.records.case.case_rows import State
from screening.records.case.case_view import CaseView
from screening.records.case.case_write import CaseWrite, Write, new_id, write_case
from screening.records.case.chase_rows import Chase
from screening.records.case.history import AnswerEntry
from screening.records.case.newest import find_newest, was_answered_since
from screening.records.casework.chases import (
    differing_chases,
    dropped_chases,
    leave_idle,
    write_chases,
)
from screening.records.ledger.events import EventKind
from screening.records.rules.recorded import keep_ruleset, texts_to_keep
from screening.records.storage.tables import AssessmentRow
from screening.records.verification.confirmation import check_answers_confirmed
from screening.translation import mark


class OtherAnswersError(ScreeningError):
    """An assessment was computed from other answers than the case has."""

    def __init__(self) -> None:
        """Say what would help."""
        message = mark(
            "the result was computed from answers other than those stored; show the result again"
        )
        super().__init__(message)


class LaterAnswerError(ScreeningError):
    """An answer is a day after the screening date. ``link_ids`` names the questions."""

    def __init__(self, link_ids: tuple[str, ...]) -> None:
        """Name the questions, never the answers."""
        self.link_ids = link_ids
        super().__init__(
            f"answers lie after the screening date, which nobody can have known: {link_ids}"
        )


@dataclass(frozen=True, slots=True)
class NewAssessment:
    """An assessment that is to be recorded, with its reasons.

    ``texts`` are the rule files by name, as they were when the ruleset was read.
    """

    assessment: Assessment
    explanation: Explanation
    texts: Mapping[str, str]


def later_answers(answers: Mapping[str, Answer], as_of: dt.date) -> tuple[str, ...]:
    """The questions whose answers are days that begin after a screening date.

    Each page checks what is typed on it; what somebody else stored it has not seen.
    """
    days = ((link, each.value) for link, each in answers.items())
    return tuple(
        link for link, day in days if isinstance(day, dt.date | Span) and first_of(day) > as_of
    )


def record_assessment(
    view: CaseView,
    version: int,
    new: NewAssessment,
    idempotency_key: str,
    chases: Mapping[str, Chase | None] | None = None,
) -> int:
    """Keep an assessment of the answers as they are at a version; gives its number, from 1.

    Where the newest one says the same of the same answers, it gives that one's number.

    Args:
        view: the case, as the person who assesses sees it.
        version: that of the answers.
        new: what was computed from them.
        idempotency_key: that of the form.
        chases: who finds out what is missing, set or dropped with the assessment.

    Raises:
        StaleError: if somebody changed the case since that version.
        OtherAnswersError: if the case has other answers at that version, or another birth year.
        LaterAnswerError: if an answer is after the screening date.
        RulesetTextsError: if the texts are not those of the assessment's ruleset.
        UnconfirmedError: if the ledger does not confirm the answers.
        NoCaseError, NotAllowedError, ClosedError, ErasedError: see ``case_write.write_case``.
    """
    assessment = new.assessment
    if later := later_answers(assessment.answers, assessment.as_of):
        raise LaterAnswerError(later)
    texts = texts_to_keep(view.records, assessment.ruleset, new.texts)

    def work(case: CaseWrite) -> str:
        number = _find_same(case, new)
        if number is None:
            case.check_version(version)
        case.check_open()
        # A second press may have read the chases before the first one set them.
        moved = _set_chases(case, chases or {} if version == case.row.version else {})
        if number is None:
            keep_ruleset(case.session, case.records, case.actor.id, assessment.ruleset, texts)
            number = _record(case, new)
        elif moved:
            case.finish(EventKind.CASE_CHANGED)
        return str(number)

    told = write_answers(assessment.answers, assessment.as_of, assessment.birth_year)
    # Neither the version nor the chases: the second of a double click finds those of the first.
    content = [told, assessment.ruleset.digest]
    write = Write(
        idempotency_key=idempotency_key, kind=EventKind.ASSESSMENT_RECORDED, content=content
    )
    return int(write_case(view, write, work))


def _set_chases(case: CaseWrite, wanted: Mapping[str, Chase | None]) -> bool:
    """Write chases; gives whether one of them is another than before."""
    moved, dropped = differing_chases(case, wanted), dropped_chases(case, wanted)
    write_chases(case, wanted)
    leave_idle(case, dropped)
    return bool(moved)


def _find_same(case: CaseWrite, new: NewAssessment) -> int | None:
    """The number of the newest assessment, if it says the same and no answer changed since.

    A case that no longer shows its outcome, as once its birth year was changed to and fro, gets a
    new one.
    """
    row = find_newest(case.session, case.row.id)
    if row is None or row.ruleset_digest != new.assessment.ruleset.digest:
        return None
    shown = case.summary.outcome_name == _name(new.assessment)
    if not shown or was_answered_since(case.session, case.row.id, row.case_version):
        return None
    stored, computed = case.view.content_of(row).data, _computed(new)
    same = all(
        write_canonical(stored.get(name)).decode() == told for name, told in computed.items()
    )
    return row.number if same else None


def _record(case: CaseWrite, new: NewAssessment) -> int:
    """Write a new assessment and what the case shows of it; gives its number.

    Raises:
        UnconfirmedError: if the ledger does not confirm the answers.
    """
    check_answers_confirmed(case.session, case.records.keyring(), case.row.id)
    assessment = new.assessment
    given = write_canonical(_told(_given(case, assessment))).decode()
    number = _add(case, assessment, {"given": given, **_computed(new)})
    outcome = assessment.outcome
    case.summary = replace(
        case.summary.with_warnings(collect_warnings(assessment), case.day),
        outcome=outcome.id if outcome else None,
        outcome_name=_name(assessment),
        settled=assessment.settled if assessment.decided is None else None,
        decision=None,
    )
    write_chases(case, {})
    case.finish(EventKind.CASE_CHANGED, State.ASSESSED)
    return number


def _name(assessment: Assessment) -> str | None:
    return assessment.outcome.name if assessment.outcome else None


def _given(case: CaseWrite, assessment: Assessment) -> dict[str, AnswerEntry]:
    """The provenance of the answers that were assessed.

    Raises:
        OtherAnswersError: if one of them is not the case's, or its birth year is another.
    """
    if assessment.birth_year != case.summary.birth_year:
        raise OtherAnswersError
    current = case.history.current()
    for link_id, answer in assessment.answers.items():
        if link_id not in current or current[link_id].answer != answer:
            raise OtherAnswersError
    return {link_id: current[link_id] for link_id in assessment.answers}


def _told(given: Mapping[str, AnswerEntry]) -> dict[str, Any]:
    return {
        link_id: {
            "by": each.by,
            "by_id": each.by_id,
            "at": each.at.isoformat(),
            "how": each.how.value,
        }
        for link_id, each in given.items()
    }


def _computed(new: NewAssessment) -> dict[str, str]:
    """The parts of a content that the same answers and rules always give, as canonical JSON."""
    assessment = new.assessment
    given = write_answers(assessment.answers, assessment.as_of, assessment.birth_year)
    return {
        "answers": write_canonical(given).decode(),
        "assessment": write_assessment_text(assessment, CANONICAL),
        "trace": write_canonical(write_trace(assessment)).decode(),
        "explanation": write_canonical(write_explanation(new.explanation)).decode(),
    }


def _add(case: CaseWrite, assessment: Assessment, parts: Mapping[str, str]) -> int:
    mine = select(func.count()).where(AssessmentRow.case_id == case.row.id)
    number = (case.session.scalar(mine) or 0) + 1
    row_id, version = new_id(), case.version
    sealed, digest = seal_parts(case.key, parts, row_id, version)
    row = AssessmentRow(
        id=row_id,
        case_id=case.row.id,
        number=number,
        case_version=version,
        as_of=assessment.as_of,
        ruleset_digest=assessment.ruleset.digest,
        content_digest=digest,
        sealed=sealed,
        at=case.at,
        by=case.actor.id,
    )
    case.add(row, EventKind.ASSESSMENT_RECORDED)
    return number
