"""Recorded assessments of a case, and what people decided on each."""

import datetime as dt
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from sqlalchemy import Select, bindparam, select
from sqlalchemy.orm import Session

from screening.core.results.decision import Decision
from screening.records.case.assessment_content import Content
from screening.records.case.case_rows import WRITER, names_of
from screening.records.ledger.digests import row_name
from screening.records.sealing.vault import DataKey, SealError
from screening.records.storage.tables import AssessmentRow, ReviewRow, RulesetRow


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """A recorded decision of a person, with the code of the reason and a note.

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


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredAssessment:
    """A recorded assessment of a case."""

    id: str
    case_id: str
    number: int
    as_of: dt.date
    ruleset_digest: str
    ruleset_id: str
    ruleset_version: str
    at: dt.datetime
    by: str
    by_id: int
    case_version: int
    content_digest: str
    reviews: tuple[Review, ...]
    sealed: Content = field(compare=False, repr=False)

    @property
    def content(self) -> dict[str, Any]:
        """All that is sealed of it.

        That is ``answers`` and ``assessment`` as ``answers_json`` writes them, ``trace`` as
        ``recorded_assessment`` does, ``explanation``, under ``given`` who gave each answer, when
        and how, and a ``salt`` (see ``tables.AssessmentRow``).

        Raises:
            SealError: if the row was changed.
        """
        return self.sealed.data


def read_assessments(
    session: Session, key: DataKey, content_of: Callable[[AssessmentRow], Content]
) -> tuple[StoredAssessment, ...]:
    """All assessments of a case in order, including those whose rules somebody deleted.

    Raises:
        SealError: if the number of one, or what is sealed of a decision, was changed.
        ValueError: if somebody changed another column to a value without a meaning.
    """
    found = session.execute(_recorded(), {"case_id": key.name}).all()
    reviewed = session.execute(_reviews(), {"case_id": key.name}).all()
    written = [(row.by, name) for row, *_, name in found]
    names = names_of([*written, *((row.by, name) for row, name in reviewed)])
    return tuple(
        StoredAssessment(
            id=row.id,
            case_id=row.case_id,
            number=_number(row),
            as_of=row.as_of,
            ruleset_digest=row.ruleset_digest,
            ruleset_id=ruleset_id or "",
            ruleset_version=ruleset_version or "",
            at=row.at,
            by=names.get(row.by, ""),
            by_id=row.by,
            case_version=row.case_version,
            content_digest=row.content_digest,
            reviews=tuple(
                _review(key, each, names) for each, _ in reviewed if each.assessment_id == row.id
            ),
            sealed=content_of(row),
        )
        for row, ruleset_id, ruleset_version, _ in found
    )


def _number(row: AssessmentRow) -> int:
    number: object = row.number  # SQLite keeps any value
    if not isinstance(number, int):
        raise SealError(row_name(row))
    return number


@cache
def _recorded() -> "Select[AssessmentRow, str | None, str | None, str | None]":
    rules = RulesetRow.ruleset_id, RulesetRow.ruleset_version
    return (
        select(AssessmentRow, *rules, WRITER.c.name)
        .outerjoin(RulesetRow, RulesetRow.digest == AssessmentRow.ruleset_digest)
        .outerjoin(WRITER, WRITER.c.id == AssessmentRow.by)
        .where(AssessmentRow.case_id == bindparam("case_id"))
        .order_by(AssessmentRow.number)
    )


@cache
def _reviews() -> "Select[ReviewRow, str | None]":
    mine = ReviewRow.case_id == bindparam("case_id")
    named = select(ReviewRow, WRITER.c.name).outerjoin(WRITER, WRITER.c.id == ReviewRow.by)
    return named.where(mine).order_by(ReviewRow.number)


def open_review(key: DataKey, row: ReviewRow) -> dict[str, Any]:
    """The sealed part of a decision: its reason, its note and the signs that were seen.

    Raises:
        SealError: if the key is another one, or the row was changed.
    """
    content: dict[str, Any] = json.loads(key.unseal(row.sealed, "reviews", row.id, row.number))
    return content


def _review(key: DataKey, row: ReviewRow, names: Mapping[int, str]) -> Review:
    content = open_review(key, row)
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
