"""Rows of cases to values: who may see one, and what its sealed part says."""

import datetime as dt
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import Enum
from functools import cache
from math import ceil
from typing import Any

from sqlalchemy import ColumnElement, Select, String, bindparam, column, select, table
from sqlalchemy.orm import Session

from screening.core.rules.item import Finder
from screening.core.values.referral import Priority, Referral
from screening.records.access import Actor, Permission
from screening.records.case.case_summary import (
    ERASED,
    Summary,
    unreadable_summary,
    unseal_summary,
)
from screening.records.case.unreadable import sealed_or_changed
from screening.records.errors import ErasedError, NoCaseError, NotAllowedError
from screening.records.ledger.digests import row_name
from screening.records.sealing.case_keys import open_key
from screening.records.sealing.vault import DataKey, Keyring, SealError
from screening.records.storage.tables import AnswerRow, CaseKeyRow, CaseRow, SiteRow
from screening.translation import gettext

NAMES = {0: "the command line"}
_USERS = table("users", column("id"), column("name", String))  # the mapped class would load the web
_CREATOR, _TOUCHER = _USERS.alias("creator"), _USERS.alias("toucher")
_ASSIGNEE = _USERS.alias("assignee")
WRITER = _USERS.alias("writer")
"""The person who wrote a row: a query of rows that are shown with names joins it."""
_ID = re.compile("[0-9a-f]{32}", re.ASCII)


class State(Enum):
    """The progress of a case."""

    NEW = "new"
    SCREENING = "screening"
    ASSESSED = "assessed"
    DECIDED = "decided"
    CLOSED = "closed"


_STATES = {state.value for state in State}
_PRIORITIES = {priority.value for priority in Priority}
_FINDERS = {finder.value for finder in Finder}
_EPOCH = dt.datetime.fromtimestamp(0, dt.UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A case as lists and pages show it. Of an erased one the patient's part is empty.

    ``assignee`` is the name of the person whom it is assigned to; empty where it is nobody's.
    ``unreadable``: somebody changed what is sealed of it; ``damaged``: its other columns, too, so
    that nothing is known but its site, and the other fields mean nothing.
    """

    id: str
    site_id: int
    site_name: str
    version: int
    referral: Referral
    state: State
    waits_for: Finder | None
    due: dt.date | None
    red_flags: tuple[str, ...]
    emergencies: tuple[str, ...]
    open_signs: tuple[str, ...] | None
    taken_back: tuple[str, ...]
    handed_over: tuple[str, ...] | None
    needs_handover: bool
    noted: bool
    calls: Mapping[str, int]
    outcome: str | None
    outcome_name: str | None
    settled: bool | None
    closes: dt.date | None
    decision: str | None
    created_at: dt.datetime
    created_by: str
    touched_at: dt.datetime
    touched_by: str
    touched_by_id: int
    assigned_to: int | None
    assignee: str
    erased: bool
    unreadable: bool
    damaged: bool


def check_permission(actor: Actor, permission: Permission) -> None:
    """Make sure that one of the person's roles allows something.

    Raises:
        NotAllowedError: if none does.
    """
    if not actor.may(permission):
        raise NotAllowedError(permission)


def check_visible(actor: Actor, site_id: int) -> None:
    """Make sure that the person may see the cases of a site.

    Raises:
        NoCaseError: if not, as if the case did not exist.
    """
    if not actor.may(Permission.VIEW) or site_id not in actor.sites:
        raise NoCaseError


def load_row(session: Session, actor: Actor, case_id: str, *, lock: bool = False) -> CaseRow:
    """The row of a case, kept from others' writes if ``lock``, and then only of the person's sites.

    Raises:
        NoCaseError: if there is none that the person may see.
    """
    _check_id(case_id)
    # Its key never changes: a row that names the case can be added meanwhile, and nobody who holds
    # the ledger waits for a write that still has to get it.
    row = session.get(CaseRow, case_id, with_for_update={"key_share": True} if lock else None)
    if row is None or not actor.may_see(row.id, row.site_id):
        raise NoCaseError
    if lock:  # what was opened in an emergency is read and not written
        check_visible(actor, row.site_id)
    return row


def _check_id(case_id: str) -> None:
    if not _ID.fullmatch(case_id):
        raise NoCaseError


def load_case(session: Session, actor: Actor, case_id: str) -> Sequence[Any]:
    """Load the row of a case as ``case_select`` gives it.

    Raises:
        NoCaseError: if there is none that the person may see.
        SealError: if somebody changed a column of it, or put an older row in its place.
    """
    _check_id(case_id)
    with sealed_or_changed(f"{CaseRow.__tablename__}/{case_id}"):
        found = session.execute(_one_case(), {"case_id": case_id}).one_or_none()
    if found is None or not actor.may_see(case_id, found[0].site_id):
        raise NoCaseError
    if found[-1]:
        raise SealError(row_name(found[0]))
    return found


@cache
def _one_case() -> "Select[*tuple[Any, ...]]":
    return case_select().add_columns(is_put_back()).where(CaseRow.id == bindparam("case_id"))


def case_select() -> "Select[CaseRow, str, bytes, str, str, str, str]":
    """Selects cases with all that ``read_case`` needs, keys and names included, in one query."""
    return (
        select(
            CaseRow,
            CaseKeyRow.key_id,
            CaseKeyRow.wrapped,
            SiteRow.name,
            _CREATOR.c.name,
            _TOUCHER.c.name,
            _ASSIGNEE.c.name,
        )
        .outerjoin(CaseKeyRow, CaseKeyRow.case_id == CaseRow.id)  # a lost key hides no case
        .join(SiteRow, SiteRow.id == CaseRow.site_id)
        .outerjoin(_CREATOR, _CREATOR.c.id == CaseRow.created_by)
        .outerjoin(_TOUCHER, _TOUCHER.c.id == CaseRow.touched_by)
        .outerjoin(_ASSIGNEE, _ASSIGNEE.c.id == CaseRow.assigned_to)
    )


def is_put_back() -> ColumnElement[bool]:
    """Choose the cases that are of an older version than one of their answers."""
    # An index has these columns, so no sealed answer is read.
    later = select(AnswerRow.version).where(
        AnswerRow.case_id == CaseRow.id, AnswerRow.version > CaseRow.version
    )
    return later.exists()


def read_case(ring: Keyring, found: Sequence[Any]) -> Case:
    """A case from a row that ``case_select`` gave."""
    return case_of(found, unseal_case(ring, found)[1])


def read_listed_case(ring: Keyring, found: Sequence[Any]) -> Case:
    """The same for a list: a case that cannot be read has a warning in place of its reference."""
    try:
        return read_case(ring, found)
    except SealError:
        return unreadable_case(found)


def unreadable_case(found: Sequence[Any]) -> Case:
    """A case of which nothing is known but what its columns say, if they say anything."""
    row: CaseRow = found[0]
    if _is_sound(row):
        return replace(case_of(found, unreadable_summary()), unreadable=True)
    return damaged_case(row.id, row.site_id, found[3], row.state)


def damaged_case(case_id: str, site_id: int, site_name: str, state: str) -> Case:
    """A case of which nothing is known but its site; in no known state, it is an undecided one."""
    known = state if state in _STATES else State.SCREENING.value
    row = CaseRow(
        id=case_id,
        site_id=site_id,
        version=0,
        state=known,
        clinic="",
        priority=Priority.URGENT.value,
        created_at=_EPOCH,
        touched_at=_EPOCH,
    )
    bare = case_of((row, "", b"", site_name, "", "", ""), unreadable_summary())
    return replace(bare, unreadable=True, damaged=True)


def _is_sound(row: CaseRow) -> bool:
    """True if every column has a meaning; those that are read as a day or a moment have one."""
    waits_for = row.waits_for is None or row.waits_for in _FINDERS
    known = row.state in _STATES and row.priority in _PRIORITIES
    return known and waits_for and isinstance(row.clinic, str)


def _check_sound(row: CaseRow) -> None:
    if not _is_sound(row):
        raise SealError(row_name(row))


def unseal_case(ring: Keyring, found: Sequence[Any]) -> tuple[DataKey | None, Summary]:
    """The key of a case and what is sealed of it; of an erased one there is neither.

    Raises:
        SealError: if it or a column beside it cannot be read, or its key is gone without an
            erasure.
    """
    row, key_id, wrapped, *_ = found
    _check_sound(row)
    if wrapped is None:
        if row.erased_at is None:  # somebody took the key away, and that is no erasure
            raise SealError(f"{CaseKeyRow.__tablename__}/{row.id}")
        return None, ERASED
    key = open_key(ring, row.id, key_id, wrapped)
    return key, unseal_summary(key, row)


def case_of(found: Sequence[Any], summary: Summary) -> Case:
    """A case from a row that ``case_select`` gave, of which the sealed part was opened."""
    row: CaseRow = found[0]
    _, wrapped, site_name, creator, toucher, assignee = found[1:7]
    return Case(
        id=row.id,
        site_id=row.site_id,
        site_name=site_name,
        version=row.version,
        referral=referral_of(summary, row),
        state=State(row.state),
        waits_for=_waits_for(summary, row),
        due=row.due,
        red_flags=summary.red_flags,
        emergencies=summary.emergencies,
        open_signs=summary.open_signs,
        taken_back=summary.taken_back,
        handed_over=summary.handed_over,
        needs_handover=summary.needs_handover,
        noted=summary.noted or bool(summary.handed_over),
        calls=summary.calls,
        outcome=summary.outcome,
        outcome_name=summary.outcome_name,
        settled=summary.settled,
        closes=dt.date.fromisoformat(summary.closes) if summary.closes else None,
        decision=summary.decision,
        created_at=row.created_at,
        created_by=creator or NAMES.get(row.created_by, ""),
        touched_at=row.touched_at,
        touched_by=toucher or NAMES.get(row.touched_by, ""),
        touched_by_id=row.touched_by,
        assigned_to=row.assigned_to,
        assignee=assignee or "",
        erased=wrapped is None,
        unreadable=False,
        damaged=False,
    )


def _waits_for(summary: Summary, row: CaseRow) -> Finder | None:
    """The finder that a case waits for; nobody if an emergency is to be handed over first."""
    if row.waits_for is None or row.due is None or summary.alarmed_on == row.due.isoformat():
        return None
    return Finder(row.waits_for)


def referral_of(summary: Summary, row: CaseRow) -> Referral:
    """The referral of a case."""
    day = summary.date_received
    return Referral(
        reference=summary.reference,
        person=summary.person,
        birth_year=summary.birth_year,
        clinic=row.clinic,
        priority=Priority(row.priority),
        hospital_number=summary.hospital_number,
        date_received=dt.date.fromisoformat(day) if day else None,
    )


def load_names(session: Session, ids: set[int]) -> Mapping[int, str]:
    """The names of people by number; of the command line too, and nothing for others.

    Where somebody changed the database, one of them may be no number.
    """
    numbers = [each for each in ids if isinstance(each, int)]
    if not numbers:
        return NAMES
    found = session.execute(select(_USERS.c.id, _USERS.c.name).where(_USERS.c.id.in_(numbers)))
    return NAMES | {row.id: row.name for row in found}


def name_or_number(names: Mapping[int, str], by: object) -> str:
    """The name of a person, else the number of the account; words for what is no number."""
    if not isinstance(by, int):
        return gettext("somebody whose name cannot be read")
    return names.get(by, f"account {by}")


def names_of(written: Iterable[tuple[int, str | None]]) -> Mapping[int, str]:
    """The same from rows that were read with the name of their ``WRITER``."""
    return NAMES | {by: name for by, name in written if name is not None}


def check_readable(row: CaseRow) -> None:
    """Make sure that a case can still be read.

    Raises:
        ErasedError: if its key was destroyed.
    """
    if row.erased_at is not None:
        raise ErasedError


def clamp_page(page: int, size: int, total: int) -> tuple[int, int]:
    """The page that exists and is nearest to one, and the number of pages, at least 1."""
    pages = max(1, ceil(total / size))
    return max(1, min(page, pages)), pages
