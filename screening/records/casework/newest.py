"""The newest assessment of a case, and whether what it was computed from changed since."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from screening.records.storage.tables import AnswerRow, AssessmentRow


def find_newest(session: Session, case_id: str) -> AssessmentRow | None:
    """The assessment that a case shows first."""
    mine = AssessmentRow.case_id == case_id
    return session.scalar(
        select(AssessmentRow).where(mine).order_by(AssessmentRow.number.desc()).limit(1)
    )


def answered_since(session: Session, row: AssessmentRow) -> bool:
    """Whether an answer of the case was given, changed or withdrawn after an assessment.

    Versions are compared, not answers: a person who changes an answer and changes it back has
    looked at it again.
    """
    changed = select(func.max(AnswerRow.version)).where(AnswerRow.case_id == row.case_id)
    return (session.scalar(changed) or 0) > row.case_version


def born_otherwise(content: Mapping[str, Any], birth_year: int | None) -> bool:
    """Whether an assessment was computed with another birth year than its case has now.

    Args:
        content: what is kept of it. Format 1 is from before results were computed with one.
        birth_year: that of the case.
    """
    if content["assessment"]["format"] == 1:
        return False
    return bool(content["answers"].get("birth_year") != birth_year)
