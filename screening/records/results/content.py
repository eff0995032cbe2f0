"""Every recorded assessment as it is in the database, with the wrapped key of its case."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select, tuple_

from screening.records.case.assessment_content import open_content
from screening.records.case.odd_times import as_text, read_day
from screening.records.ledger.records import Records
from screening.records.sealing.case_keys import open_key
from screening.records.sealing.vault import Keyring, SealError
from screening.records.storage.tables import AssessmentRow, CaseKeyRow

PORTION = 500
_COLUMNS = (
    *(AssessmentRow.id, AssessmentRow.case_id, AssessmentRow.number, AssessmentRow.case_version),
    *(AssessmentRow.ruleset_digest, as_text(AssessmentRow.as_of).label("as_of")),
    AssessmentRow.sealed,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class SealedContent:
    """A recorded assessment as it is in the database, with the wrapped key of its case."""

    id: str
    case_id: str
    number: int
    case_version: int
    ruleset_digest: str
    as_of: dt.date
    sealed: bytes
    key_id: str
    wrapped: bytes | None
    damaged: bool = False
    """True if somebody made its day or its number invalid."""

    @property
    def erased(self) -> bool:
        """True if the key of the case was destroyed."""
        return self.wrapped is None

    def open(self, keyring: Keyring) -> dict[str, Any]:
        """The content.

        Raises:
            ErasedError: if the case was erased.
            SealError: if the keyring has not the key, or the row was changed.
        """
        key = open_key(keyring, self.case_id, self.key_id, self.wrapped)
        if self.damaged:
            raise SealError(f"{AssessmentRow.__tablename__}/{self.id}")
        return open_content(key, self.sealed, self.id, self.case_version)


Place = tuple[str, int]
"""The place of an assessment in their order: its case, and its number there."""
START: Place = ("", 0)


def is_sealed(records: Records, place: Place) -> bool:
    """True if there is an assessment at a place."""
    at = tuple_(AssessmentRow.case_id, AssessmentRow.number) == place
    with records.database.reading() as session:
        return session.scalar(select(AssessmentRow.id).where(at)) is not None


def count_sealed(records: Records, after: Place = START) -> int:
    """The number of kept assessments after one."""
    later = tuple_(AssessmentRow.case_id, AssessmentRow.number) > after
    with records.database.reading() as session:
        return session.scalar(select(func.count()).select_from(AssessmentRow).where(later)) or 0


def sealed_portions(records: Records, after: Place = START) -> Iterator[list[SealedContent]]:
    """Every kept assessment after one, by case and number, in portions of ``PORTION``."""
    query = (
        select(*_COLUMNS, CaseKeyRow.key_id, CaseKeyRow.wrapped)
        .join(CaseKeyRow, CaseKeyRow.case_id == AssessmentRow.case_id)
        .order_by(AssessmentRow.case_id, AssessmentRow.number)
        .limit(PORTION)
    )
    while True:
        later = query.where(tuple_(AssessmentRow.case_id, AssessmentRow.number) > after)
        with records.database.reading() as session:
            portion = [_sealed(found) for found in session.execute(later)]
        if portion:
            yield portion
        if len(portion) < PORTION:
            return
        after = (portion[-1].case_id, portion[-1].number)


def _sealed(row: Any) -> SealedContent:  # noqa: ANN401 - of the columns
    as_of, number = read_day(row.as_of), row.number
    return SealedContent(
        id=row.id,
        case_id=row.case_id,
        number=number,
        case_version=row.case_version,
        ruleset_digest=row.ruleset_digest,
        as_of=as_of or dt.date.min,
        sealed=row.sealed,
        key_id=row.key_id,
        wrapped=row.wrapped,
        damaged=as_of is None or not isinstance(number, int),
    )
