"""The content of a recorded assessment: compressed, sealed, and committed to by a salted digest."""

import hashlib
import json
import secrets
import zlib
from collections.abc import Mapping
from functools import cached_property
from typing import Any

from screening.core.results.assess import Assessment, assess
from screening.core.rules.ruleset import Ruleset
from screening.formats.documents.answers_json import check_format, write_assessment
from screening.formats.documents.assessment_text import CANONICAL
from screening.formats.documents.canonical_json import write_canonical
from screening.formats.documents.recorded_assessment import read_assessment
from screening.records.sealing import padding
from screening.records.sealing.vault import DataKey
from screening.records.storage.tables import AssessmentRow

SALT_BYTES = 32


def seal_content(
    key: DataKey, content: Mapping[str, Any], row_id: str, version: int
) -> tuple[bytes, str]:
    """Seal a content, to which a salt is added; gives the sealed bytes and the digest."""
    parts = {name: write_canonical(part).decode() for name, part in content.items()}
    return seal_parts(key, parts, row_id, version)


def seal_parts(
    key: DataKey, parts: Mapping[str, str], row_id: str, version: int
) -> tuple[bytes, str]:
    """The same of a content whose parts, by name, are canonical JSON already."""
    salt = write_canonical(secrets.token_hex(SALT_BYTES)).decode()
    told = CANONICAL.write_object({**parts, "salt": salt}).encode()
    packed = padding.pad(zlib.compress(told), padding.CONTENT)
    sealed = key.seal(packed, "assessments", row_id, version)
    return sealed, hashlib.sha256(told).hexdigest()


def open_content(key: DataKey, sealed: bytes, row_id: str, version: int) -> dict[str, Any]:
    """Open what ``seal_content`` sealed.

    Raises:
        SealError: if the key is another one, or the row was changed.
        NewerFormatError: if a newer version recorded it in a format of its own.
    """
    packed = key.unseal(sealed, "assessments", row_id, version)
    content: dict[str, Any] = json.loads(zlib.decompressobj().decompress(packed))
    check_format(content["assessment"])
    return content


class Content:
    """A recorded assessment as one request sees it: it is opened once, and replayed once."""

    def __init__(self, key: DataKey, row: AssessmentRow) -> None:
        """Take the key of the case, and what the row says, which never changes."""
        self.id, self.case_id, self.number = row.id, row.case_id, row.number
        self.case_version, self.as_of = row.case_version, row.as_of
        self.ruleset_digest = row.ruleset_digest
        self._key, self._sealed = key, row.sealed
        self._assessment: Assessment | None = None
        self._same: bool | None = None

    @cached_property
    def data(self) -> dict[str, Any]:
        """The content, opened when it is first asked for.

        Raises:
            SealError: if the row was changed.
        """
        return open_content(self._key, self._sealed, self.id, self.case_version)

    def read(self, ruleset: Ruleset) -> Assessment:
        """The assessment as it was computed, told under the ruleset of its digest.

        Raises:
            DocumentError: if the ruleset has no question for an answer.
        """
        if self._assessment is None:
            told, given, trace = (self.data[part] for part in ("assessment", "answers", "trace"))
            self._assessment = read_assessment(told, given, trace, ruleset)
        return self._assessment

    def is_same_by(self, ruleset: Ruleset) -> bool:
        """True if the answers, assessed again by the ruleset of its digest, give what is stored."""
        if self._same is None:
            self._same = same_result(self.read(ruleset), self.data)
        return self._same


def same_result(assessment: Assessment, content: Mapping[str, Any]) -> bool:
    """True if the answers of a recorded assessment, assessed again, give what is stored."""
    again = assess(assessment.ruleset, assessment.answers, assessment.as_of, assessment.birth_year)
    stored = content["assessment"]
    return bool(write_assessment(again, stored["format"]) == stored)
