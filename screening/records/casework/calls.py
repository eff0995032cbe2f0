"""Calls: somebody asked a finder for all that is missing in a case, and what came of it.

A call is kept as a note, whose row shows no more than one of a chase that is changed by hand. Its
chases are due on the next day that it names; an emergency sign is never put off by a call.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from enum import Enum
from typing import Any

from sqlalchemy import select, tuple_
from sqlalchemy.orm import Session

from screening.core.rules.item import Finder
from screening.core.values.note import CALL_NOTE
from screening.errors import ScreeningError
from screening.records.case.case_rows import load_names
from screening.records.case.case_view import CaseView
from screening.records.case.case_write import WROTE, CaseWrite, Write, write_case
from screening.records.case.chase_rows import HANDOVER, Chase, read_chase
from screening.records.case.note_rows import add_note_row, unseal_note
from screening.records.casework.chases import write_chases
from screening.records.errors import UnfitFieldError
from screening.records.ledger.events import EventKind
from screening.records.sealing.vault import DataKey
from screening.records.storage.tables import NoteRow
from screening.translation import mark

FARTHEST = dt.timedelta(days=730)
"""The latest day on which something can be due, from today on."""


class CallOutcome(Enum):
    """The outcome of a call: somebody was asked, or nobody answered."""

    ASKED = "asked"
    NO_REPLY = "no-reply"


class NothingToAskError(ScreeningError):
    """A call was to be recorded to a finder who is asked nothing."""

    def __init__(self) -> None:
        """Say so."""
        super().__init__(mark("nothing is to be found out from them in this case now"))


@dataclass(frozen=True, slots=True, kw_only=True)
class NewCall:
    """A call that is to be recorded; ``next_day`` is when it is due again."""

    finder: Finder
    outcome: CallOutcome
    next_day: dt.date
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A call as it was recorded. ``links`` are the link ids of what was asked."""

    finder: Finder
    outcome: CallOutcome
    next_day: dt.date
    note: str
    links: tuple[str, ...]
    at: dt.datetime
    by: str


@dataclass(frozen=True, slots=True)
class UnreadableCall:
    """A call that was recorded, but whose note was changed or is gone."""


LastCall = Call | UnreadableCall


def record_call(
    view: CaseView,
    version: int,
    call: NewCall,
    signs: AbstractSet[str],
    idempotency_key: str,
) -> int:
    """Record a call, and put its chases off to its next day; gives the case's new version.

    Args:
        view: the case, as the person who records it sees it.
        version: that of the page.
        call: the call.
        signs: the link ids of the emergency signs, which stay due when they are.
        idempotency_key: that of the form.

    Raises:
        StaleError: if somebody changed the case since that version.
        NothingToAskError: if the finder is asked nothing.
        UnfitFieldError: if the next day is past or too far off, or the note cannot be kept.
        NoCaseError, NotAllowedError, ClosedError: see ``case_write.write_case``.
    """

    def work(case: CaseWrite) -> str:
        case.check_version(version)
        case.check_open()
        _check(call, case.day)
        asked = _asked(case, call.finder)
        number = add_note_row(case, _data(call, sorted(asked)))
        case.summary = replace(
            case.summary, calls={**case.summary.calls, call.finder.value: number}
        )
        put_off = {
            link: each if link in signs else replace(each, due=call.next_day)
            for link, each in asked.items()
        }
        write_chases(case, put_off, renewed=_rows_of(case, call.finder))
        return f"{case.finish(EventKind.CASE_CHANGED)} {WROTE}"

    kind = EventKind.ANSWER_GIVEN  # what is kept of the form is that of answers, too
    said = [version, _data(call, ())]
    write = Write(idempotency_key=idempotency_key, kind=kind, content=said)
    return int(write_case(view, write, work).split()[0])


def _check(call: NewCall, today: dt.date) -> None:
    if not today <= call.next_day <= today + FARTHEST:
        raise UnfitFieldError("next_day", "it is past, or too far off")
    if fault := CALL_NOTE.fault(call.note):
        raise UnfitFieldError.of_note("note", call.note, CALL_NOTE, fault)


def _asked(case: CaseWrite, finder: Finder) -> dict[str, Chase]:
    """The chases of a finder; an emergency that waits for its handover is not asked about.

    Raises:
        NothingToAskError: if there are none.
    """
    found = {link: read_chase(link, row) for link, row in case.chases.items() if link != HANDOVER}
    asked = {link: each for link, each in found.items() if each.owner is finder}
    if not asked:
        raise NothingToAskError
    return asked


def _rows_of(case: CaseWrite, finder: Finder) -> frozenset[str]:
    """All that the finder's rows are for: if a handover's were left out, it would show."""
    return frozenset(link for link, row in case.chases.items() if row.owner == finder.value)


def _data(call: NewCall, links: Sequence[str]) -> dict[str, Any]:
    return {
        "call": call.finder.value,
        "outcome": call.outcome.value,
        "next_day": call.next_day.isoformat(),
        "note": call.note.strip(),
        "links": list(links),
    }


def is_of_call(content: Mapping[str, Any]) -> bool:
    """True if that is what a note is about."""
    return "call" in content


def read_call(row: NoteRow, content: Mapping[str, Any], names: Mapping[int, str]) -> Call:
    """The call that a note is about."""
    return Call(
        finder=Finder(content["call"]),
        outcome=CallOutcome(content["outcome"]),
        next_day=dt.date.fromisoformat(content["next_day"]),
        note=content["note"],
        links=tuple(content["links"]),
        at=row.at,
        by=names.get(row.by, ""),
    )


def read_calls(
    session: Session, wanted: Mapping[DataKey, Mapping[str, int]]
) -> dict[tuple[str, Finder], LastCall]:
    """The last calls of some cases, by case and finder; no other note is opened.

    Args:
        session: a reading one.
        wanted: by the key of a case, the numbers of its notes by finder.
    """
    keys = {key.name: key for key in wanted}
    pairs = [(key.name, number) for key, calls in wanted.items() for number in calls.values()]
    if not pairs:
        return {}
    chosen = select(NoteRow).where(tuple_(NoteRow.case_id, NoteRow.number).in_(pairs))
    rows = session.scalars(chosen).all()
    names = load_names(session, {row.by for row in rows})
    opened = {(row.case_id, row.number): (row, unseal_note(keys[row.case_id], row)) for row in rows}
    return {
        (key.name, Finder(finder)): _last_call(opened.get((key.name, number)), finder, names)
        for key, calls in wanted.items()
        for finder, number in calls.items()
    }


def _last_call(
    found: tuple[NoteRow, Mapping[str, Any]] | None, finder: str, names: Mapping[int, str]
) -> LastCall:
    """The call of a note; somebody may have removed it, or put another in its place."""
    if found is None or not is_of_call(found[1]) or found[1]["call"] != finder:
        return UnreadableCall()
    return read_call(*found, names)


def last_call(view: CaseView, finder: Finder) -> LastCall | None:
    """The last call of a case to a finder, if there was one.

    Raises:
        NoCaseError: if the person sees no such case.
        ErasedError: if it was erased.
    """
    number = view.case.calls.get(finder.value)
    if number is None:
        return None
    with view.records.database.reading() as session:
        return read_calls(session, {view.key: {finder.value: number}}).get((view.id, finder))
