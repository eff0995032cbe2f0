"""The rows of notes: calls, letters, and one for each change of chases by hand.

Notes on an emergency that cannot be kept like an answer are rows here. If there were no others,
each row would show an emergency.
"""

import json
from collections.abc import Mapping
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from screening.records.case.case_write import CaseWrite, new_id
from screening.records.case.unreadable import read_note_or_mark
from screening.records.ledger.events import EventKind
from screening.records.sealing import padding
from screening.records.sealing.vault import DataKey
from screening.records.storage.tables import NoteRow

_TABLE = NoteRow.__tablename__


def add_note_row(case: CaseWrite, content: Mapping[str, Any]) -> int:
    """Write a note as a part of a write, and give its number."""
    mine = select(func.max(NoteRow.number)).where(NoteRow.case_id == case.row.id)
    number, row_id = (case.session.scalar(mine) or 0) + 1, new_id()
    said = json.dumps(content, ensure_ascii=False).encode()
    row = NoteRow(
        id=row_id,
        case_id=case.row.id,
        number=number,
        sealed=case.key.seal(padding.pad(said, padding.CASE_NOTE), _TABLE, row_id, number),
        at=case.at,
        by=case.actor.id,
    )
    case.add(row, EventKind.NOTE_ADDED)
    return number


def note_rows(session: Session, key: DataKey) -> list[tuple[NoteRow, dict[str, Any]]]:
    """The notes of a case that say something, or cannot be read, with what they say."""
    rows = session.scalars(select(NoteRow).where(NoteRow.case_id == key.name))
    opened = ((row, unseal_note(key, row)) for row in rows)
    return [(row, content) for row, content in opened if content]


def unseal_note(key: DataKey, row: NoteRow) -> dict[str, Any]:
    """The content of a note, or a mark if it cannot be read; see ``unreadable``."""
    return read_note_or_mark(lambda: json.loads(key.unseal(row.sealed, _TABLE, row.id, row.number)))
