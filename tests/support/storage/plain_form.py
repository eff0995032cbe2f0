"""Records as they were sealed before ``resealing.SINCE``, made from records of today.

Sealed fields are as long as what they say, rows name their questions, reasons are plain, and the
ledger says so of every row.
"""

import datetime as dt
import json
import zlib
from collections.abc import Callable
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session
from support.storage.database_owner import unguarded

from screening.formats.answers.sealed_fields import (
    NO_QUESTION,
    read_how,
    read_note,
    read_sealed_answer,
)
from screening.records.case.case_summary import read_summary
from screening.records.case.case_write import new_id
from screening.records.case.chase_rows import HANDOVER, chase_token
from screening.records.ledger import events
from screening.records.ledger.digests import row_name
from screening.records.ledger.events import EventKind
from screening.records.ledger.records import Records
from screening.records.operation.resealing import SINCE
from screening.records.sealing.case_keys import load_key
from screening.records.sealing.vault import DataKey
from screening.records.storage import schema
from screening.records.storage.tables import (
    AnswerRow,
    AssessmentRow,
    Base,
    CaseRow,
    ChaseRow,
    NoteRow,
    ReviewRow,
    WordRow,
)

_KNOWN = schema.known_revisions()
REVISION = _KNOWN[_KNOWN.index(SINCE) - 1]
"""The last shape of then."""


def make_plain(records: Records) -> None:
    """Write every row of every case as it was written then, in the tables of then."""
    write_plain(records)
    schema.downgrade(records.database, REVISION)


def write_plain(records: Records) -> None:
    """Write every row of every case as it was written then; the tables are still those of today."""
    with records.database.writing() as session, unguarded(session):
        for case_id in session.scalars(select(CaseRow.id)).all():
            _Plain(session, records, load_key(session, records.keyring(), case_id)).write()
    with records.database.writing() as session:
        session.execute(delete(WordRow).where(WordRow.token.like("0%")))  # as many as it happens


class _Plain:
    def __init__(self, session: Session, records: Records, key: DataKey) -> None:
        self.session, self.records, self.key = session, records, key

    def write(self) -> None:
        for row in self._rows(AnswerRow):
            plain = self._open(row, row.version)
            link_id, _ = read_sealed_answer(plain)
            if link_id == NO_QUESTION:
                self._write_note(row)
                continue
            row.link_id, row.how = link_id, read_how(plain) or ""
            self._seal(row, row.version, _unnamed)
            self._append(row)
        for row in self._rows(ReviewRow):
            row.reason = json.loads(self._open(row, row.number))["reason"]
            self._seal(row, row.number, lambda data: {k: data[k] for k in ("note", "seen")})
            self._append(row)
        for row in self._rows(AssessmentRow):
            padded, reader = self._open(row, row.case_version), zlib.decompressobj()
            reader.decompress(padded)
            packed = padded[: len(padded) - len(reader.unused_data)]
            row.sealed = self.key.seal(packed, "assessments", row.id, row.case_version)
            self._append(row)
        self._write_case()

    def _write_case(self) -> None:
        case = self.session.get_one(CaseRow, self.key.name)
        summary = read_summary(self.key, case.sealed, case.version)
        named = {chase_token(self.key, each): each for each in summary.chased}
        for row in self._rows(ChaseRow):
            self._write_chase(row, named[row.link_id])
        if summary.alarmed_on:
            case.waits_for, case.due = None, dt.date.fromisoformat(summary.alarmed_on)
        data = json.loads(summary.write())
        del data["chased"]
        case.sealed = self.key.seal(json.dumps(data).encode(), "cases", case.id, case.version)
        self._append(case)

    def _write_note(self, row: AnswerRow) -> None:
        """Notes were rows of their own."""
        said = json.dumps(read_note(self._open(row, row.version))).encode()
        number, note_id = len(self._rows(NoteRow)) + 1, new_id()
        self.session.delete(row)
        self._note(EventKind.CHASE_DROPPED, row)
        note = NoteRow(
            id=note_id,
            case_id=row.case_id,
            number=number,
            sealed=self.key.seal(said, "case_notes", note_id, number),
            at=row.at,
            by=row.by,
        )
        self.session.add(note)
        self._append(note)

    def _write_chase(self, row: ChaseRow, link_id: str) -> None:
        self.session.delete(row)
        self._note(EventKind.CHASE_DROPPED, row)
        if link_id != HANDOVER:
            values = {each.key: getattr(row, each.key) for each in ChaseRow.__table__.columns}
            plain = ChaseRow(**{**values, "link_id": link_id})
            self.session.add(plain)
            self._append(plain)

    def _rows(self, table: type[Any]) -> list[Any]:
        mine = select(table).where(table.case_id == self.key.name)
        return list(self.session.scalars(mine))

    def _open(self, row: Any, version: int) -> bytes:  # noqa: ANN401 - of several tables
        return self.key.unseal(row.sealed, row.__tablename__, row.id, version)

    def _seal(
        self,
        row: Any,  # noqa: ANN401 - of several tables
        version: int,
        change: Callable[[dict[str, Any]], dict[str, Any]],
    ) -> None:
        data = change(json.loads(self._open(row, version)))
        plain = json.dumps(data, separators=(",", ":")).encode()
        row.sealed = self.key.seal(plain, row.__tablename__, row.id, version)

    def _append(self, row: Base) -> None:
        self.session.flush()
        kind = EventKind.CASE_CHANGED
        events.append_row(
            self.session, self.records, by=1, kind=kind, case_id=self.key.name, row=row
        )

    def _note(self, kind: EventKind, row: Base) -> None:
        case_id, name = self.key.name, row_name(row)
        events.append(self.session, self.records, by=1, kind=kind, case_id=case_id, row=name)


def _unnamed(data: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in data.items() if name not in {"of", "how"}}
