"""Notes on an emergency: who was told of it, or that it was entered in error.

Each is sealed, and none is ever changed. It is kept like an answer, so that nobody can see that a
case has one; if it is too long for that, or a result rests on the answers already, it is a row of
its own, which tells that the case has a note and not what it says.
"""

import datetime as dt
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select

from screening.core.decision import has_letters
from screening.records import answers, padding
from screening.records.access import Actor
from screening.records.casekeys import load_key
from screening.records.caserows import check_readable, load_names, load_row
from screening.records.ledger import EventKind
from screening.records.refusals import UnfitFieldError
from screening.records.store import Records
from screening.records.tables import AnswerRow, NoteRow
from screening.records.vault import DataKey
from screening.records.writing import CaseWrite, new_id

LEAST_NAME, LONGEST_NAME = 2, 200
LEAST_WHY, LONGEST_WHY = 8, 500
BEFORE = dt.timedelta(days=1)
"""How long before a sign was answered here somebody may have been told of it."""
_TABLE = NoteRow.__tablename__


@dataclass(frozen=True, slots=True, kw_only=True)
class Handover:
    """Who was told, when, and by whom, as somebody states it."""

    told: str
    told_at: dt.datetime
    told_by: str

    def check(self, now: dt.datetime, known_on: dt.date | None) -> None:
        """Make sure that it says all three, and that it can be kept.

        Args:
            now: the moment of the recording.
            known_on: the day on which an emergency became known that waits to be handed over.

        Raises:
            UnfitFieldError: if not.
        """
        check_text("told", self.told, LEAST_NAME, LONGEST_NAME)
        check_text("told_by", self.told_by, LEAST_NAME, LONGEST_NAME)
        if self.told_at > now:
            raise UnfitFieldError("told_at", "it is still to come")
        if known_on is not None and self.told_at.date() < known_on - BEFORE:
            raise UnfitFieldError("told_at", "it is before the sign was known")

    def data(self) -> dict[str, Any]:
        """As JSON data."""
        at = self.told_at.astimezone(dt.UTC).isoformat()
        return {"told": self.told.strip(), "told_at": at, "told_by": self.told_by.strip()}


@dataclass(frozen=True, slots=True, kw_only=True)
class HandedOver:
    """A handover as it was recorded. ``signs`` are the ids of the criteria that it is about."""

    handover: Handover
    signs: tuple[str, ...]
    at: dt.datetime
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EnteredInError:
    """Why signs that were answered yes were never there, as it was recorded."""

    why: str
    signs: tuple[str, ...]
    at: dt.datetime
    by: str


EmergencyNote = HandedOver | EnteredInError


def check_text(field: str, text: str, least: int, longest: int) -> None:
    """Make sure that a text says something, in so many letters, and can be kept.

    Raises:
        UnfitFieldError: if not.
    """
    if not has_letters(text, least):
        raise UnfitFieldError(field, f"it needs at least {least} letters")
    if len(text) > longest:
        raise UnfitFieldError(field, f"it has more than {longest} characters")
    if any(each == "\0" or "\ud800" <= each <= "\udfff" for each in text):
        raise UnfitFieldError(field, "it has characters that are not text")


def add_note(case: CaseWrite, data: Mapping[str, Any], signs: Sequence[str]) -> None:
    """Write a note as a part of a write, which must ``finish``."""
    content = {**data, "signs": list(signs)}
    if not answers.add_note(case, content):
        _add_row(case, content)


def _add_row(case: CaseWrite, content: Mapping[str, Any]) -> None:
    mine = select(func.count()).where(NoteRow.case_id == case.row.id)
    number, row_id = (case.session.scalar(mine) or 0) + 1, new_id()
    said = json.dumps(content, ensure_ascii=False).encode()
    row = NoteRow(
        id=row_id,
        case_id=case.row.id,
        number=number,
        sealed=case.key.seal(padding.pad(said, padding.NOTE), _TABLE, row_id, number),
        at=case.at,
        by=case.actor.id,
    )
    case.add(row, EventKind.NOTE_ADDED)


def emergency_notes(records: Records, actor: Actor, case_id: str) -> tuple[EmergencyNote, ...]:
    """What was recorded of the emergencies of a case, the newest first.

    Raises:
        NoCaseError: if the person sees no such case.
        ErasedError: if it was erased.
    """
    query = select(NoteRow).where(NoteRow.case_id == case_id)
    with records.database.reading() as session:
        check_readable(load_row(session, actor, case_id))
        key = load_key(session, records.keyring(), case_id)
        found: list[tuple[NoteRow | AnswerRow, dict[str, Any]]]
        found = [*answers.notes_within(session, key)]
        found += [(row, _unsealed(key, row)) for row in session.scalars(query)]
        names = load_names(session, {row.by for row, _ in found})
    found.sort(key=lambda each: each[0].at, reverse=True)
    return tuple(_read(row, data, names) for row, data in found)


def _unsealed(key: DataKey, row: NoteRow) -> dict[str, Any]:
    data: dict[str, Any] = json.loads(key.unseal(row.sealed, _TABLE, row.id, row.number))
    return data


def _read(
    row: NoteRow | AnswerRow, data: Mapping[str, Any], names: Mapping[int, str]
) -> EmergencyNote:
    signs, by = tuple(data["signs"]), names.get(row.by, "")
    if "why" in data:
        return EnteredInError(why=data["why"], signs=signs, at=row.at, by=by)
    told_at = dt.datetime.fromisoformat(data["told_at"])
    stated = Handover(told=data["told"], told_at=told_at, told_by=data["told_by"])
    return HandedOver(handover=stated, signs=signs, at=row.at, by=by)
