"""The content of a kept assessment: compressed, sealed, and committed to by a salted digest."""

import datetime as dt
import hashlib
import json
import secrets
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import rfc8785
from sqlalchemy import select, tuple_

from screening.records.ledger.records import Records
from screening.records.sealing import padding
from screening.records.sealing.case_keys import open_key
from screening.records.sealing.vault import DataKey, Keyring
from screening.records.storage.tables import AssessmentRow, CaseKeyRow

PORTION = 500
SALT_BYTES = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class SealedContent:
    """A kept assessment as it lies in the database, with the wrapped key of its case."""

    id: str
    case_id: str
    number: int
    case_version: int
    ruleset_digest: str
    as_of: dt.date
    sealed: bytes
    key_id: str
    wrapped: bytes | None

    @property
    def erased(self) -> bool:
        """Whether the key of the case was destroyed."""
        return self.wrapped is None

    def open(self, keyring: Keyring) -> dict[str, Any]:
        """The content.

        Raises:
            ErasedError: if the case was erased.
            SealError: if the keyring has not the key, or the row was changed.
        """
        key = open_key(keyring, self.case_id, self.key_id, self.wrapped)
        return open_content(key, self.sealed, self.id, self.case_version)


def seal_content(
    key: DataKey, content: Mapping[str, Any], row_id: str, version: int
) -> tuple[bytes, str]:
    """Seal a content, to which a salt is added; gives the sealed bytes and the digest."""
    told = rfc8785.dumps({**content, "salt": secrets.token_hex(SALT_BYTES)})
    packed = padding.pad(zlib.compress(told), padding.CONTENT)
    sealed = key.seal(packed, "assessments", row_id, version)
    return sealed, hashlib.sha256(told).hexdigest()


def open_content(key: DataKey, sealed: bytes, row_id: str, version: int) -> dict[str, Any]:
    """What ``seal_content`` sealed.

    Raises:
        SealError: if the key is another one, or the row was changed.
    """
    packed = key.unseal(sealed, "assessments", row_id, version)
    content: dict[str, Any] = json.loads(zlib.decompressobj().decompress(packed))
    return content


def sealed_portions(records: Records) -> Iterator[list[SealedContent]]:
    """Every kept assessment, by case and number, in portions of ``PORTION``."""
    query = (
        select(AssessmentRow, CaseKeyRow.key_id, CaseKeyRow.wrapped)
        .join(CaseKeyRow, CaseKeyRow.case_id == AssessmentRow.case_id)
        .order_by(AssessmentRow.case_id, AssessmentRow.number)
        .limit(PORTION)
    )
    after = ("", 0)
    while True:
        later = query.where(tuple_(AssessmentRow.case_id, AssessmentRow.number) > after)
        with records.database.reading() as session:
            portion = [_sealed(*found) for found in session.execute(later)]
        if portion:
            yield portion
        if len(portion) < PORTION:
            return
        after = (portion[-1].case_id, portion[-1].number)


def _sealed(row: AssessmentRow, key_id: str, wrapped: bytes | None) -> SealedContent:
    return SealedContent(
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
