"""The chase list: the missing answers of all open cases that a person sees, the earliest due first.

An emergency that waits for its handover has a row like the one that its sign would have if nobody
knew the answer: with the same owner and due on the same day.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import ColumnElement, Date, exists, func, select

from screening.core.rules.item import Finder
from screening.records.access import Actor, Permission
from screening.records.casework.case_rows import (
    Case,
    State,
    case_of,
    case_select,
    check_permission,
    clamp_page,
    load_names,
    unseal_case,
)
from screening.records.casework.chase_rows import HANDOVER, Chase, question_of_row, read_chase
from screening.records.errors import ErasedError
from screening.records.ledger.records import Records
from screening.records.ledger.site_days import by_site, site_days
from screening.records.sealing.vault import Keyring
from screening.records.storage.tables import CaseRow, ChaseRow

PAGE = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class ChaseEntry:
    """A line of the chase list. ``days_over`` is negative as long as there is time."""

    chase: Chase
    case: Case
    by: str
    at: dt.datetime
    days_over: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ChasePage:
    """One page of the chase list, the earliest due first."""

    entries: tuple[ChaseEntry, ...]
    total: int
    page: int
    pages: int


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
        page, pages = clamp_page(page, PAGE, total)
        chosen = chosen.where(*conditions).order_by(*order)
        found = session.execute(chosen.limit(PAGE).offset((page - 1) * PAGE)).all()
        names = load_names(session, {each[-1].by for each in found})
    listed = [_chased(ring, case, row, names, days) for *case, row in found]
    return ChasePage(entries=tuple(listed), total=total, page=page, pages=pages)


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


def _chased(
    ring: Keyring,
    found: Sequence[Any],
    row: ChaseRow,
    names: Mapping[int, str],
    days: Mapping[int, dt.date],
) -> ChaseEntry:
    """A line of the list; its case is opened once.

    Raises:
        ErasedError: if the key of the case is gone, though the case was not erased.
    """
    key, summary = unseal_case(ring, found)
    if key is None:
        raise ErasedError
    case = case_of(found, summary)
    return ChaseEntry(
        chase=_listed(read_chase(question_of_row(key, summary.chased, row), row)),
        case=case,
        by=names.get(row.by, ""),
        at=row.at,
        days_over=(days[case.site_id] - row.due).days,
    )


def _listed(chase: Chase) -> Chase:
    """A handover is a clinician's; its row names another so that it looks like any other."""
    return replace(chase, owner=Finder.CLINICIAN) if chase.link_id == HANDOVER else chase
