"""Notes on an emergency: who was told about it, or that it was entered in error.

Each is sealed, and none is ever changed. It is kept like an answer, so that nobody can see that a
case has one; if it is too long for that, or a result rests on the answers already, it is a row like
the one that every chase adds which is changed by hand.
"""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from screening.core.values.note import HANDOVER_NAME, NoteRule
from screening.records.case.case_rows import load_names
from screening.records.case.case_view import CaseView
from screening.records.case.case_write import CaseWrite
from screening.records.case.history import notes_within
from screening.records.case.note_rows import add_note_row, note_rows
from screening.records.case.unreadable import is_unreadable
from screening.records.casework import answers
from screening.records.errors import UnfitFieldError
from screening.records.storage.tables import AnswerRow, NoteRow

BEFORE = dt.timedelta(days=1)
"""The time before the answer in which somebody may have been told about a sign."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Handover:
    """The statement of a handover: who was told, when, and by whom."""

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
        check_text("told", self.told, HANDOVER_NAME)
        check_text("told_by", self.told_by, HANDOVER_NAME)
        if self.told_at > now:
            raise UnfitFieldError("told_at", "it is still to come")
        if known_on is not None and self.told_at.date() < known_on - BEFORE:
            raise UnfitFieldError("told_at", "it is before the sign was known")

    def data(self) -> dict[str, Any]:
        """As JSON data."""
        at = self.told_at.astimezone(dt.UTC).isoformat()
        return {"told": self.told.strip(), "told_at": at, "told_by": self.told_by.strip()}


@dataclass(frozen=True, slots=True, kw_only=True)
class HandoverNote:
    """A handover as it was recorded. ``signs`` are the ids of the criteria that it is about."""

    handover: Handover
    signs: tuple[str, ...]
    at: dt.datetime
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MistakeNote:
    """A recorded mistake: why signs that were answered yes were never there."""

    why: str
    signs: tuple[str, ...]
    at: dt.datetime
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class UnreadableNote:
    """A note that cannot be read, and may be about an emergency; of which ``signs`` is unknown."""

    at: dt.datetime
    by: str
    signs: tuple[str, ...] = ()


EmergencyNote = HandoverNote | MistakeNote | UnreadableNote


def check_text(field: str, text: str, rule: NoteRule) -> None:
    """Make sure that a text says something, and can be kept.

    Raises:
        UnfitFieldError: if not.
    """
    if fault := rule.fault(text):
        raise UnfitFieldError.of_note(field, text, rule, fault)


def add_note(case: CaseWrite, data: Mapping[str, Any], signs: Sequence[str]) -> None:
    """Write a note as a part of a write, which must ``finish``."""
    content = {**data, "signs": list(signs)}
    if not answers.add_note(case, content):
        add_note_row(case, content)


def emergency_notes(view: CaseView) -> tuple[EmergencyNote, ...]:
    """The recorded notes on the emergencies of a case, the newest first.

    Raises:
        ErasedError: if it was erased.
    """
    with view.records.database.reading() as session:
        rows = [each for each in note_rows(session, view.key) if is_of_emergency(each[1])]
        kept = notes_within(session, view.key)
        names = load_names(session, {*writers_of(kept), *writers_of(rows)})
    return read_emergency_notes([*kept, *rows], names)


def writers_of(found: Sequence[tuple[NoteRow | AnswerRow, dict[str, Any]]]) -> set[int]:
    """The accounts that wrote some rows."""
    return {row.by for row, _ in found}


def read_emergency_notes(
    found: Iterable[tuple[NoteRow | AnswerRow, dict[str, Any]]], names: Mapping[int, str]
) -> tuple[EmergencyNote, ...]:
    """The notes of opened rows, the newest first, with the names of people by number."""
    newest = sorted(found, key=lambda each: each[0].at, reverse=True)
    return tuple(_read(row, data, names) for row, data in newest)


def is_of_emergency(content: Mapping[str, Any]) -> bool:
    """True if that is or may be what a note is about; others are calls or letters."""
    return "signs" in content or is_unreadable(content)


def _read(
    row: NoteRow | AnswerRow, data: Mapping[str, Any], names: Mapping[int, str]
) -> EmergencyNote:
    by = names.get(row.by, "")
    if is_unreadable(data):
        return UnreadableNote(at=row.at, by=by)
    signs = tuple(data["signs"])
    if "why" in data:
        return MistakeNote(why=data["why"], signs=signs, at=row.at, by=by)
    told_at = dt.datetime.fromisoformat(data["told_at"])
    stated = Handover(told=data["told"], told_at=told_at, told_by=data["told_by"])
    return HandoverNote(handover=stated, signs=signs, at=row.at, by=by)
