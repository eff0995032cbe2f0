"""Chases: who finds out an answer that is missing, and until when.

A chase is dropped when its question gets a value. A case waits for the chase that is due first.

Rows name their questions by tokens only; which questions are chased is sealed with the case. An
emergency that waits for its handover has a row like the one that its sign would have if nobody knew
the answer: with the same owner and due on the same day.
"""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from sqlalchemy import ColumnElement, Date, exists, func, select
from sqlalchemy.orm import Session

from screening.core.item import Finder
from screening.core.referral import Priority
from screening.formats.answers.sealed_fields import LONGEST_LINK
from screening.records.access import Actor, Permission
from screening.records.casework.case_rows import (
    Case,
    State,
    Summary,
    case_of,
    case_select,
    check_permission,
    check_readable,
    load_names,
    load_row,
    open_case,
    place,
    unseal_summary,
)
from screening.records.casework.case_write import WROTE, Asked, CaseWrite, write_case
from screening.records.casework.note_rows import add_note_row
from screening.records.errors import ErasedError, UnfitFieldError
from screening.records.ledger.digests import row_name
from screening.records.ledger.events import EventKind
from screening.records.ledger.records import Records
from screening.records.ledger.site_days import by_site, site_days
from screening.records.sealing.case_keys import load_key
from screening.records.sealing.vault import DataKey, Keyring, SealError, token
from screening.records.storage.tables import CaseRow, ChaseRow

PAGE = 50
HANDOVER = ""
"""Replaces the question of an emergency that waits for its handover."""
DAYS = {Priority.URGENT: 2, Priority.SOON: 7, Priority.ROUTINE: 7}
"""How long a missing answer may take as long as nobody says otherwise."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Chase:
    """A missing answer that somebody finds out. ``owner_id`` is the account of who does, if any."""

    link_id: str
    owner: Finder
    owner_id: int | None = None
    due: dt.date


@dataclass(frozen=True, slots=True, kw_only=True)
class Chased:
    """A line of the chase list. ``days_over`` is negative as long as there is time."""

    chase: Chase
    case: Case
    by: str
    at: dt.datetime
    days_over: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ChasePage:
    """One page of the chase list, the earliest due first."""

    chased: tuple[Chased, ...]
    total: int
    page: int
    pages: int


def default_due(priority: Priority, day: dt.date, *, emergency: bool = False) -> dt.date:
    """Until when a chase that begins on a day is due as long as nobody says otherwise.

    What may hide an emergency is due on that day, however long the referral may wait.
    """
    return day if emergency else day + dt.timedelta(days=DAYS[priority])


def set_chases(  # noqa: PLR0913, PLR0917 - the case, its chases, and the form's marks
    records: Records,
    actor: Actor,
    case_id: str,
    version: int,
    chases: Mapping[str, Chase | None],
    once: str,
    content: object = None,
) -> int:
    """Set chases, and drop those that are None; gives the version of the case.

    Args:
        records: where the case is.
        actor: who sets them.
        case_id: the case.
        version: that of the page.
        chases: by link id.
        once: the key of the form.
        content: what the form says, if the chases are worked out from more than that.

    Raises:
        StaleError: if somebody changed the case since that version.
        NoCaseError, NotAllowedError, ClosedError: see ``case_write.write_case``.
    """

    def work(case: CaseWrite) -> str:
        case.check_version(version)
        case.check_open()
        if not differing_chases(case, chases):
            return f"{version} "
        add_note_row(case, {})
        write_chases(case, chases)
        return f"{case.finish(EventKind.CASE_CHANGED)} {WROTE}"

    kind = EventKind.ANSWER_GIVEN  # what is kept of the form is that of answers, too
    said = content or {name: _told(chase) for name, chase in chases.items()}
    told = [version, said]
    asked = Asked(actor=actor, case_id=case_id, once=once, kind=kind, content=told)
    return int(write_case(records, asked, work).split()[0])


def _told(chase: Chase | None) -> object:
    if chase is None:
        return None
    return [chase.link_id, chase.owner.value, chase.owner_id, chase.due.isoformat()]


def differing_chases(case: CaseWrite, chases: Mapping[str, Chase | None]) -> frozenset[str]:
    """The questions for which a case has another chase than one of these, or has none."""
    rows = _rows(case.session, case.key, case.summary)
    return frozenset(link for link, each in chases.items() if each != _found(link, rows.get(link)))


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
    rows = _rows(case.session, case.key, case.summary)
    wanted = {**chases, HANDOVER: _handover(case)}
    changed = differing_chases(case, wanted) | renewed
    for link_id in sorted(changed, key=partial(chase_token, case.key)):  # no order of questions
        _write(case, rows.get(link_id), link_id, wanted[link_id])
    _wait_for_first(case)


def _wait_for_first(case: CaseWrite) -> None:
    rows = _rows(case.session, case.key, case.summary)
    case.row.due, case.row.waits_for = first_due(rows.values())


def first_due(rows: Iterable[ChaseRow]) -> tuple[dt.date | None, str | None]:
    """When the first of the chases of a case is due, and its owner.

    Of several on one day, the token decides, which tells of no question.
    """
    first = min(((row.due, row.link_id, row.owner) for row in rows), default=None)
    return (first[0], first[2]) if first else (None, None)


def case_chases(records: Records, actor: Actor, case_id: str) -> dict[str, Chase]:
    """The chases of a case by link id, the earliest due first.

    Raises:
        NoCaseError: if the person sees no such case.
    """
    with records.database.reading() as session:
        row = load_row(session, actor, case_id)
        check_readable(row)
        key = load_key(session, records.keyring(), case_id)
        rows = _rows(session, key, unseal_summary(key, row))
    found = (_chase(link_id, each) for link_id, each in rows.items() if link_id != HANDOVER)
    return {each.link_id: each for each in sorted(found, key=lambda each: (each.due, each.link_id))}


def chase_list(
    records: Records,
    actor: Actor,
    *,
    owner: Finder | None = None,
    overdue: bool = False,
    page: int = 1,
) -> ChasePage:
    """The chases of all open cases that the person sees, the earliest due first.

    Raises:
        NotAllowedError: if the person may see no case at all.
    """
    check_permission(actor, Permission.VIEW)
    ring = records.keyring()
    chosen = case_select().add_columns(ChaseRow).join(ChaseRow, ChaseRow.case_id == CaseRow.id)
    order = (ChaseRow.due, CaseRow.priority, CaseRow.id, ChaseRow.link_id)
    with records.database.reading() as session:
        days = site_days(session, records, actor.sites)
        conditions = _conditions(actor, owner, by_site(days, Date()) if overdue else None)
        seen = exists().where(CaseRow.id == ChaseRow.case_id, *conditions)
        total = session.scalar(select(func.count()).select_from(ChaseRow).where(seen)) or 0
        page, pages = place(page, PAGE, total)
        chosen = chosen.where(*conditions).order_by(*order)
        found = session.execute(chosen.limit(PAGE).offset((page - 1) * PAGE)).all()
        names = load_names(session, {each[-1].by for each in found})
    listed = [_chased(ring, case, row, names, days) for *case, row in found]
    return ChasePage(chased=tuple(listed), total=total, page=page, pages=pages)


def chase_token(key: DataKey, link_id: str) -> str:
    """The token of a question in the rows of chases; the rows of answers have another one."""
    return token(key, ChaseRow.__tablename__, link_id)


def check_link(link_id: str) -> None:
    """Make sure that a link id can be kept; whether it is a question's is the caller's business.

    Raises:
        UnfitFieldError: if it cannot.
    """
    if not 0 < len(link_id) <= LONGEST_LINK or not link_id.isascii() or "\0" in link_id:
        raise UnfitFieldError("link_id", "it is no question's")


def _conditions(
    actor: Actor, owner: Finder | None, before: ColumnElement[dt.date] | None
) -> list[ColumnElement[bool]]:
    seen = (CaseRow.site_id + 0).in_(sorted(actor.sites))  # a sum, or SQLite reads every case first
    found = [seen, CaseRow.erased_at.is_(None), CaseRow.state != State.CLOSED.value]
    if owner is not None:
        found.append(ChaseRow.owner == owner.value)
    if before is not None:
        found.append(ChaseRow.due < before)
    return found


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
    _name(case, {*case.summary.chased, link_id})


def _drop(case: CaseWrite, row: ChaseRow, link_id: str) -> None:
    case.remove(row, EventKind.CHASE_DROPPED)
    _name(case, {*case.summary.chased} - {link_id})


def _name(case: CaseWrite, chased: AbstractSet[str]) -> None:
    case.summary = replace(case.summary, chased=tuple(sorted(chased)))


def _handover(case: CaseWrite) -> Chase | None:
    """An emergency that waits for its handover; it is due on the day it is known."""
    alarmed = case.summary.alarmed_on
    if alarmed is None:
        return None
    due = dt.date.fromisoformat(alarmed)
    return Chase(link_id=HANDOVER, owner=Finder(case.summary.alarm_owner), due=due)


def _rows(session: Session, key: DataKey, summary: Summary) -> dict[str, ChaseRow]:
    """The rows of a case by the questions that they stand for."""
    rows = session.scalars(select(ChaseRow).where(ChaseRow.case_id == key.name))
    return {_question(key, summary.chased, row): row for row in rows}


def _chased(
    ring: Keyring,
    found: Sequence[Any],
    row: ChaseRow,
    names: Mapping[int, str],
    days: Mapping[int, dt.date],
) -> Chased:
    """A line of the list; its case is opened once.

    Raises:
        ErasedError: if the key of the case is gone, though the case was not erased.
    """
    key, summary = open_case(ring, found)
    if key is None:
        raise ErasedError
    case = case_of(found, summary)
    return Chased(
        chase=_listed(_chase(_question(key, summary.chased, row), row)),
        case=case,
        by=names.get(row.by, ""),
        at=row.at,
        days_over=(days[case.site_id] - row.due).days,
    )


def _listed(chase: Chase) -> Chase:
    """A handover is a clinician's, whoever its row names so that it looks like any other."""
    return replace(chase, owner=Finder.CLINICIAN) if chase.link_id == HANDOVER else chase


def _question(key: DataKey, chased: Sequence[str], row: ChaseRow) -> str:
    """The question that a row stands for.

    Raises:
        SealError: if the case chases none such, so that somebody changed one of them.
    """
    for link_id in chased:
        if chase_token(key, link_id) == row.link_id:
            return link_id
    raise SealError(row_name(row))


def _chase(link_id: str, row: ChaseRow) -> Chase:
    owner = Finder(row.owner)
    return Chase(link_id=link_id, owner=owner, owner_id=row.owner_id, due=row.due)


def _found(link_id: str, row: ChaseRow | None) -> Chase | None:
    return _chase(link_id, row) if row else None
