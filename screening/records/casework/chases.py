"""Chases: who finds out an answer that is missing, and until when.

A chase is dropped when its question gets a value. A case waits for the chase that is due first.
"""

import datetime as dt
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import replace
from functools import partial

from screening.core.rules.item import Finder
from screening.core.values.referral import Priority
from screening.formats.answers.sealed_fields import LONGEST_LINK
from screening.records.case.case_view import CaseView
from screening.records.case.case_write import WROTE, CaseWrite, Write, write_case
from screening.records.case.chase_rows import (
    HANDOVER,
    Chase,
    chase_token,
    first_due,
    read_chase,
)
from screening.records.case.note_rows import add_note_row
from screening.records.casework.chase_notes import write_chase_note
from screening.records.errors import UnfitFieldError
from screening.records.ledger.events import EventKind
from screening.records.storage.tables import ChaseRow

DAYS = {Priority.URGENT: 2, Priority.SOON: 7, Priority.ROUTINE: 7}
"""The usual time for finding out a missing answer."""


def default_due(priority: Priority, day: dt.date, *, emergency: bool = False) -> dt.date:
    """Until when a chase that begins on a day is due as long as nobody says otherwise.

    What may hide an emergency is due on that day, however long the referral may wait.
    """
    return day if emergency else day + dt.timedelta(days=DAYS[priority])


def set_chases(
    view: CaseView,
    version: int,
    chases: Mapping[str, Chase | None],
    idempotency_key: str,
    content: object = None,
) -> int:
    """Set chases, and drop those that are None; gives the version of the case.

    Args:
        view: the case, as the person who sets them sees it.
        version: that of the page.
        chases: by link id.
        idempotency_key: that of the form.
        content: what the form says, if the chases are worked out from more than that.

    Raises:
        StaleError: if somebody changed the case since that version.
        NoCaseError, NotAllowedError, ClosedError: see ``case_write.write_case``.
    """
    said = content or {name: _told(chase) for name, chase in chases.items()}
    kind = EventKind.ANSWER_GIVEN  # what is kept of the form is that of answers, too
    write = Write(idempotency_key=idempotency_key, kind=kind, content=[version, said])
    work = partial(_set_chases, version=version, chases=chases)
    return int(write_case(view, write, work).split()[0])


def _set_chases(case: CaseWrite, *, version: int, chases: Mapping[str, Chase | None]) -> str:
    case.check_version(version)
    case.check_open()
    changed = differing_chases(case, chases)
    if not changed:
        return f"{version} "
    there = {link: read_chase(link, row) for link, row in case.chases.items()}
    add_note_row(case, write_chase_note(there, {link: chases[link] for link in sorted(changed)}))
    write_chases(case, chases)
    return f"{case.finish(EventKind.CASE_CHANGED)} {WROTE}"


def _told(chase: Chase | None) -> object:
    if chase is None:
        return None
    return [chase.link_id, chase.owner.value, chase.owner_id, chase.due.isoformat()]


def differing_chases(case: CaseWrite, chases: Mapping[str, Chase | None]) -> frozenset[str]:
    """The questions for which a case has another chase than one of these, or has none."""
    there = {link: read_chase(link, row) for link, row in case.chases.items()}
    return frozenset(link for link, each in chases.items() if each != there.get(link))


def write_chases(
    case: CaseWrite,
    chases: Mapping[str, Chase | None],
    renewed: AbstractSet[str] = frozenset(),
) -> None:
    """Write chases as a part of a write, which must ``finish``.

    An emergency is chased from the day it is known until its handover. It is written among the
    others: if it always came last, the ledger would tell which one it is. What is ``renewed`` is
    written even if it stays the same.
    """
    for link_id, chase in chases.items():
        check_link(link_id if chase is None or chase.link_id == link_id else "")
    wanted = {**chases, HANDOVER: _handover(case)}
    changed = differing_chases(case, wanted) | renewed
    for link_id in sorted(changed, key=partial(chase_token, case.key)):  # no order of questions
        _write(case, case.chases.get(link_id), link_id, wanted[link_id])
    case.row.due, case.row.waits_for = first_due(case.chases.values())


def dropped_chases(case: CaseWrite, chases: Mapping[str, Chase | None]) -> frozenset[str]:
    """The questions that a case chases and of which these drop the chase."""
    return frozenset(link for link, each in chases.items() if each is None and link in case.chases)


def leave_idle(case: CaseWrite, links: AbstractSet[str]) -> None:
    """Remember questions that are not chased any more because they cannot change the result.

    They are chased again once they can; see ``answers.FindChases``.
    """
    idle = {*case.summary.idle, *links} - {*case.summary.chased}
    case.summary = replace(case.summary, idle=tuple(sorted(idle)))


def check_link(link_id: str) -> None:
    """Make sure that a link id can be kept; whether it is a question's is the caller's business.

    Raises:
        UnfitFieldError: if it cannot.
    """
    if not 0 < len(link_id) <= LONGEST_LINK or not link_id.isascii() or "\0" in link_id:
        raise UnfitFieldError("link_id", "it is no question's")


def _write(case: CaseWrite, row: ChaseRow | None, link_id: str, chase: Chase | None) -> None:
    if chase is not None:
        _set(case, row, chase)
    elif row is not None:
        _drop(case, row, link_id)


def _set(case: CaseWrite, row: ChaseRow | None, chase: Chase) -> None:
    link_id = chase.link_id
    written = row or ChaseRow(case_id=case.row.id, link_id=chase_token(case.key, link_id))
    written.owner, written.owner_id, written.due = chase.owner.value, chase.owner_id, chase.due
    written.at, written.by = case.at, case.actor.id
    case.add(written, EventKind.CHASE_SET)
    case.chases[link_id] = written
    _name(case, {*case.summary.chased, link_id})


def _drop(case: CaseWrite, row: ChaseRow, link_id: str) -> None:
    case.remove(row, EventKind.CHASE_DROPPED)
    del case.chases[link_id]
    _name(case, {*case.summary.chased} - {link_id})


def _name(case: CaseWrite, chased: AbstractSet[str]) -> None:
    idle = tuple(each for each in case.summary.idle if each not in chased)
    case.summary = replace(case.summary, chased=tuple(sorted(chased)), idle=idle)


def _handover(case: CaseWrite) -> Chase | None:
    """An emergency that waits for its handover; it is due on the day it is known."""
    alarmed = case.summary.alarmed_on
    if alarmed is None:
        return None
    due = dt.date.fromisoformat(alarmed)
    return Chase(link_id=HANDOVER, owner=Finder(case.summary.alarm_owner), due=due)
