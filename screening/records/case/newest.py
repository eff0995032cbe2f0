"""The newest assessment of a case, and whether what it was computed from changed since."""

from functools import cache

from sqlalchemy import Select, bindparam, func, select
from sqlalchemy.orm import Session

from screening.records.storage.tables import AnswerRow, AssessmentRow


def find_newest(session: Session, case_id: str) -> AssessmentRow | None:
    """The assessment that a case shows first."""
    mine = AssessmentRow.case_id == case_id
    return session.scalar(
        select(AssessmentRow).where(mine).order_by(AssessmentRow.number.desc()).limit(1)
    )


def was_answered_since(session: Session, case_id: str, version: int) -> bool:
    """True if an answer of a case was given, changed or withdrawn after a version.

    Versions are compared, not answers: a person who changes an answer and changes it back has
    looked at it again.
    """
    return newest_answer_version(session, case_id) > version


def newest_answer_version(session: Session, case_id: str) -> int:
    """The version of a case that its newest answer made, by the rows of answers; 0 without one."""
    return session.scalar(_last_change(), {"case_id": case_id}) or 0


@cache
def _last_change() -> Select[int]:
    return select(func.max(AnswerRow.version)).where(AnswerRow.case_id == bindparam("case_id"))
