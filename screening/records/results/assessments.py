"""Assessments of a case, kept as they were computed, with all that they were computed from."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import rfc8785
from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from screening.core.answer import Answer
from screening.core.assess import Assessment
from screening.core.doubts import warnings
from screening.core.span import Span, first_of
from screening.errors import ScreeningError
from screening.formats.documents.answers_json import (
    write_answers,
    write_assessment,
    write_explanation,
)
from screening.formats.documents.recorded_assessment import write_trace
from screening.proof.reasons import Explanation
from screening.records.access import Actor
from screening.records.casework.answers import Given, answers_within
from screening.records.casework.case_rows import State, check_readable, load_names, load_row
from screening.records.casework.case_write import Asked, CaseWrite, new_id, write_case
from screening.records.casework.chases import Chase, differing_chases, write_chases
from screening.records.casework.newest import answered_since, find_newest
from screening.records.errors import NoAssessmentError
from screening.records.ledger.events import EventKind
from screening.records.ledger.records import Records
from screening.records.results.content import open_content, seal_content
from screening.records.results.decisions import Review, read_reviews
from screening.records.rules.recorded import (
    keep_ruleset,
    texts_to_keep,
)
from screening.records.sealing.case_keys import load_key
from screening.records.sealing.vault import DataKey
from screening.records.storage.tables import AssessmentRow, ReviewRow, RulesetRow


class OtherAnswersError(ScreeningError):
    """An assessment was computed from other answers than the case has."""

    def __init__(self) -> None:
        """Say what would help."""
        super().__init__("the result was computed from other answers than are stored; assess again")


class LaterAnswerError(ScreeningError):
    """An answer is a day after the screening date. ``link_ids`` names the questions."""

    def __init__(self, link_ids: tuple[str, ...]) -> None:
        """Name the questions, never the answers."""
        self.link_ids = link_ids
        super().__init__(
            f"answers lie after the screening date, which nobody can have known: {link_ids}"
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """A kept assessment.

    ``content`` holds ``answers`` and ``assessment`` as ``jsonio`` writes them, ``trace`` as
    ``recorded`` does, ``explanation``, under ``given`` who gave each answer, when and how, and a
    ``salt`` (see ``tables.AssessmentRow``).
    """

    number: int
    as_of: dt.date
    ruleset_digest: str
    ruleset_id: str
    ruleset_version: str
    content: dict[str, Any]
    at: dt.datetime
    by: str
    by_id: int
    case_version: int
    reviews: tuple[Review, ...]


def later_answers(answers: Mapping[str, Answer], as_of: dt.date) -> tuple[str, ...]:
    """The questions whose answers are days that begin after a screening date.

    Each page checks what is typed on it; what somebody else stored it has not seen.
    """
    days = ((link, each.value) for link, each in answers.items())
    return tuple(
        link for link, day in days if isinstance(day, dt.date | Span) and first_of(day) > as_of
    )


def record_assessment(  # noqa: PLR0913, PLR0917 - the case, the result, and the form's marks
    records: Records,
    actor: Actor,
    case_id: str,
    version: int,
    assessment: Assessment,
    explanation: Explanation,
    texts: Mapping[str, str],
    once: str,
    chases: Mapping[str, Chase | None] | None = None,
) -> int:
    """Keep an assessment of the answers as they are at a version; gives its number, from 1.

    Where the newest one says the same of the same answers, it gives that one's number.

    Args:
        records: where the case is.
        actor: who assesses.
        case_id: the case.
        version: that of the answers.
        assessment: what was computed from them.
        explanation: its reasons.
        texts: the rule files by name, as they were when the ruleset was read. They are kept once.
        once: the key of the form.
        chases: who finds out what is missing, set or dropped with the assessment.

    Raises:
        StaleError: if somebody changed the case since that version.
        OtherAnswersError: if the case has other answers at that version, or another birth year.
        LaterAnswerError: if an answer is after the screening date.
        RulesetTextsError: if the texts are not those of the assessment's ruleset.
        NoCaseError, NotAllowedError, ClosedError, ErasedError: see ``case_write.write_case``.
    """
    if later := later_answers(assessment.answers, assessment.as_of):
        raise LaterAnswerError(later)
    kept = texts_to_keep(records, assessment.ruleset, texts)

    def work(case: CaseWrite) -> str:
        number = _find_same(case, assessment, explanation)
        if number is None:
            case.check_version(version)
        case.check_open()
        # A second press may have read the chases before the first one set them.
        wanted = chases or {} if version == case.row.version else {}
        moved = differing_chases(case, wanted)
        write_chases(case, wanted)
        if number is None:
            keep_ruleset(case.session, records, actor.id, assessment.ruleset, kept)
            number = _record(case, assessment, explanation)
        elif moved:
            case.finish(EventKind.CASE_CHANGED)
        return str(number)

    kind = EventKind.ASSESSMENT_RECORDED
    told = write_answers(assessment.answers, assessment.as_of, assessment.birth_year)
    # Neither the version nor the chases: the second of a double click finds those of the first.
    content = [told, assessment.ruleset.digest]
    asked = Asked(actor=actor, case_id=case_id, once=once, kind=kind, content=content)
    return int(write_case(records, asked, work))


def find_assessment(records: Records, actor: Actor, case_id: str, number: int) -> Stored:
    """One assessment of a case.

    Raises:
        NoCaseError: if the person sees no such case.
        NoAssessmentError: if it has no assessment of that number.
        ErasedError: if the case was erased.
    """
    with records.database.reading() as session:
        key = _key(session, records, actor, case_id)
        query = _selected(case_id).where(AssessmentRow.number == max(0, min(number, 10**6)))
        found = _stored(session, key, query)
    if not found:
        raise NoAssessmentError
    return found[0]


def assessments(records: Records, actor: Actor, case_id: str) -> tuple[Stored, ...]:
    """All assessments of a case, the first first.

    Raises:
        NoCaseError: if the person sees no such case.
        ErasedError: if the case was erased.
    """
    with records.database.reading() as session:
        key = _key(session, records, actor, case_id)
        return _stored(session, key, _selected(case_id))


def _key(session: Session, records: Records, actor: Actor, case_id: str) -> DataKey:
    check_readable(load_row(session, actor, case_id))
    return load_key(session, records.keyring(), case_id)


def _selected(case_id: str) -> "Select[AssessmentRow, str, str]":
    return (
        select(AssessmentRow, RulesetRow.ruleset_id, RulesetRow.ruleset_version)
        .join(RulesetRow, RulesetRow.digest == AssessmentRow.ruleset_digest)
        .where(AssessmentRow.case_id == case_id)
        .order_by(AssessmentRow.number)
    )


def _stored(
    session: Session, key: DataKey, query: "Select[AssessmentRow, str, str]"
) -> tuple[Stored, ...]:
    found = session.execute(query).all()
    reviewers = select(ReviewRow.by).where(ReviewRow.case_id == key.name)
    names = load_names(session, {row.by for row, *_ in found} | set(session.scalars(reviewers)))
    reviews = read_reviews(session, key, names)
    return tuple(
        Stored(
            number=row.number,
            as_of=row.as_of,
            ruleset_digest=row.ruleset_digest,
            ruleset_id=ruleset_id,
            ruleset_version=ruleset_version,
            content=open_content(key, row.sealed, row.id, row.case_version),
            at=row.at,
            by=names.get(row.by, ""),
            by_id=row.by,
            case_version=row.case_version,
            reviews=reviews.get(row.id, ()),
        )
        for row, ruleset_id, ruleset_version in found
    )


def _find_same(case: CaseWrite, assessment: Assessment, explanation: Explanation) -> int | None:
    """The number of the newest assessment, if it says the same and no answer changed since.

    A case that no longer shows its outcome, as once its birth year was changed to and fro, gets a
    new one.
    """
    row = find_newest(case.session, case.row.id)
    if row is None or row.ruleset_digest != assessment.ruleset.digest:
        return None
    if answered_since(case.session, row) or case.summary.outcome_name != _name(assessment):
        return None
    stored = open_content(case.key, row.sealed, row.id, row.case_version)
    computed = _computed(assessment, explanation)
    return row.number if rfc8785.dumps({**stored, **computed}) == rfc8785.dumps(stored) else None


def _record(case: CaseWrite, assessment: Assessment, explanation: Explanation) -> int:
    """Write a new assessment and what the case shows of it; gives its number."""
    given = _told(_given(case, assessment))
    number = _add(case, assessment, {"given": given, **_computed(assessment, explanation)})
    outcome = assessment.outcome
    case.summary = replace(
        case.summary.warned(warnings(assessment), case.day),
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


def _given(case: CaseWrite, assessment: Assessment) -> dict[str, Given]:
    """Who gave the answers that were assessed.

    Raises:
        OtherAnswersError: if one of them is not the case's, or its birth year is another.
    """
    if assessment.birth_year != case.summary.birth_year:
        raise OtherAnswersError
    current = answers_within(case.session, case.key)
    for link_id, answer in assessment.answers.items():
        if link_id not in current or current[link_id].answer != answer:
            raise OtherAnswersError
    return {link_id: current[link_id] for link_id in assessment.answers}


def _told(given: Mapping[str, Given]) -> dict[str, Any]:
    return {
        link_id: {
            "by": each.by,
            "by_id": each.by_id,
            "at": each.at.isoformat(),
            "how": each.how.value,
        }
        for link_id, each in given.items()
    }


def _computed(assessment: Assessment, explanation: Explanation) -> dict[str, Any]:
    """The parts of a content that the same answers and rules always give."""
    return {
        "answers": write_answers(assessment.answers, assessment.as_of, assessment.birth_year),
        "assessment": write_assessment(assessment),
        "trace": write_trace(assessment),
        "explanation": write_explanation(explanation),
    }


def _add(case: CaseWrite, assessment: Assessment, content: Mapping[str, Any]) -> int:
    mine = select(func.count()).where(AssessmentRow.case_id == case.row.id)
    number = (case.session.scalar(mine) or 0) + 1
    row_id, version = new_id(), case.version
    sealed, digest = seal_content(case.key, content, row_id, version)
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
