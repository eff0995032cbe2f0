"""The steps of a case that no other part of it tells: calls, notes, and what the ledger saw."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select

from screening.records.case.assessment_rows import StoredAssessment
from screening.records.case.case_rows import WRITER, load_names, names_of
from screening.records.case.case_view import CaseView
from screening.records.case.history import notes_within
from screening.records.case.note_rows import note_rows
from screening.records.casework.assignments import assigned_in
from screening.records.casework.calls import Call, is_of_call, read_call
from screening.records.casework.chase_notes import ChaseNote, read_chase_notes
from screening.records.casework.emergency_notes import (
    EmergencyNote,
    is_of_emergency,
    read_emergency_notes,
    writers_of,
)
from screening.records.casework.letters import WrittenLetter, read_letters
from screening.records.ledger.events import EventKind
from screening.records.storage.tables import AssessmentRow, EventRow

STEPS = (
    EventKind.CASE_ADDED,
    EventKind.REFERRAL_CHANGED,
    EventKind.CASE_CLOSED,
    EventKind.CASE_REOPENED,
    EventKind.CASE_ASSIGNED,
    EventKind.LETTER_MADE,
)
_ASSIGNED = EventKind.CASE_ASSIGNED.value


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseStep:
    """A step that the ledger saw.

    ``number`` is that of the assessment that a letter is of; ``to`` is the name of the person whom
    the case was assigned to, and empty for nobody.
    """

    kind: EventKind
    at: dt.datetime
    by: str
    number: int | None
    to: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseNotes:
    """The notes of a case, the newest first: each was opened once."""

    calls: tuple[Call, ...]
    emergencies: tuple[EmergencyNote, ...]
    letters: tuple[WrittenLetter, ...]
    chases: tuple[ChaseNote, ...]


def case_steps(view: CaseView, assessments: Sequence[StoredAssessment]) -> tuple[CaseStep, ...]:
    """The steps of a case, the newest first; of letters of one day, result and person the newest.

    Args:
        view: the case.
        assessments: its results that can be read, of which the letters are.

    Raises:
        NoCaseError: if the person sees no such case.
        ErasedError: if it was erased.
    """
    kinds = [kind.value for kind in STEPS]
    named = select(EventRow, WRITER.c.name).outerjoin(WRITER, WRITER.c.id == EventRow.by)
    mine = named.where(EventRow.case_id == view.id, EventRow.kind.in_(kinds))
    numbers = {f"{AssessmentRow.__tablename__}/{each.id}": each.number for each in assessments}
    with view.records.database.reading() as session:
        rows = session.execute(mine.order_by(EventRow.seq.desc())).all()
        assigned = ((row.seq, assigned_in(row)) for row, _ in rows if row.kind == _ASSIGNED)
        assignees = {seq: person for seq, person in assigned if person is not None}
        people = load_names(session, {*assignees.values()})
    names = names_of((row.by, name) for row, name in rows)
    found: dict[object, CaseStep] = {}
    for row, _ in rows:
        kind, number = EventKind(row.kind), numbers.get(row.row)
        letter = (number, row.by, row.at.date()) if kind is EventKind.LETTER_MADE else row.seq
        to = people.get(assignees[row.seq], "") if row.seq in assignees else ""
        step = CaseStep(kind=kind, at=row.at, by=names.get(row.by, ""), number=number, to=to)
        found.setdefault(letter, step)
    return tuple(found.values())


def case_notes(view: CaseView) -> CaseNotes:
    """The notes of a case.

    Raises:
        ErasedError: if it was erased.
    """
    with view.records.database.reading() as session:
        kept, rows = notes_within(session, view.key), note_rows(session, view.key)
        names = load_names(session, {*writers_of(kept), *writers_of(rows)})
    calls = [read_call(row, content, names) for row, content in rows if is_of_call(content)]
    calls.sort(key=lambda each: each.at, reverse=True)
    about = [each for each in rows if is_of_emergency(each[1])]
    emergencies = read_emergency_notes([*kept, *about], names)
    return CaseNotes(
        calls=tuple(calls),
        emergencies=emergencies,
        letters=read_letters(rows, names),
        chases=read_chase_notes(rows, names),
    )
