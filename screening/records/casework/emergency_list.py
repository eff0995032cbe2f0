"""Emergency accesses as people read them: which cases are open to whom, and who opened what.

Somebody may have changed a row in the database. An access of which a time cannot be read is listed
before all others, and opens nothing.
"""

import datetime as dt
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache, partial
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, bindparam, select
from sqlalchemy import case as choose
from sqlalchemy.orm import Session

from screening.records.access import Actor, Permission, Role
from screening.records.case.case_rows import Case, check_permission, load_names, name_or_number
from screening.records.case.damaged_rows import read_listed_cases
from screening.records.case.odd_times import as_text, is_whole, read_moment
from screening.records.case.unreadable import (
    UNREADABLE_NOTE,
    read_note_or_mark,
)
from screening.records.errors import ErasedError
from screening.records.ledger import events
from screening.records.ledger.events import EventKind
from screening.records.ledger.records import Records
from screening.records.sealing.case_keys import load_key
from screening.records.sealing.vault import DataKey, SealError
from screening.records.storage.tables import (
    CaseRow,
    EmergencyCheckRow,
    EmergencyRow,
    Instant,
)
from screening.translation import gettext

PAGE = 200
_UNTIL = as_text(EmergencyRow.expires_at)
_NEWEST = (
    choose((is_whole(EmergencyRow.at), 1), else_=0),
    EmergencyRow.at.desc(),
    EmergencyRow.id,
)
_ACCESS = (
    *(EmergencyRow.id, EmergencyRow.case_id, EmergencyRow.by, EmergencyRow.reason),
    *(EmergencyRow.sealed, as_text(EmergencyRow.at).label("at"), _UNTIL.label("until")),
)
_CHECK = (
    *(EmergencyCheckRow.access_id, EmergencyCheckRow.finding),
    EmergencyCheckRow.by.label("checked_by"),
    as_text(EmergencyCheckRow.at).label("checked_at"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessCheck:
    """Somebody at the case's site checked an emergency access; ``at`` is None if unreadable."""

    by: str
    at: dt.datetime | None
    finding: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EmergencyAccess:
    """An opening of a case of another site. The note is empty once the case was erased.

    A time that cannot be read is None. If either cannot, the access has ended.
    """

    id: str
    case_id: str
    by: str
    by_id: int
    reason: str
    note: str
    at: dt.datetime | None
    expires_at: dt.datetime | None
    check: AccessCheck | None = None


def with_emergency_access(records: Records, actor: Actor) -> Actor:
    """The person with the cases of other sites that are open to the person at this moment."""
    if not actor.may(Permission.VIEW) or Role.ADMINISTRATOR in actor.roles:
        return actor
    with records.database.reading() as session:
        return replace(actor, emergency_cases=still_open(session, records, actor))


def open_until(records: Records, actor: Actor, case: Case) -> dt.datetime | None:
    """Until when a case of another site is open to a person; None for one of the person's own."""
    if case.site_id in actor.sites:
        return None
    mine = (EmergencyRow.by == actor.id) & (EmergencyRow.case_id == case.id)
    query = select(EmergencyRow.case_id, as_text(EmergencyRow.at), _UNTIL).where(mine)
    with records.database.reading() as session:
        return max((until for _, until in _readable(session.execute(query))), default=None)


def case_accesses(records: Records, actor: Actor, case: Case) -> tuple[EmergencyAccess, ...]:
    """Accesses to a case from other sites, the newest first; for people of the case's own site."""
    if case.site_id not in actor.sites:
        return ()
    with records.database.reading() as session:
        return _accesses(session, records, EmergencyRow.case_id == case.id)


def newest_accesses(
    session: Session, records: Records, condition: ColumnElement[bool]
) -> tuple[tuple[EmergencyAccess, Case], ...]:
    """The newest openings that meet a condition, each with its case and who looked at it."""
    found = _accesses(session, records, condition)
    ids = sorted({each.case_id for each in found})
    cases = {case.id: case for case in read_listed_cases(session, records.keyring(), ids)}
    return tuple((each, cases[each.case_id]) for each in found if each.case_id in cases)


def _accesses(
    session: Session, records: Records, condition: ColumnElement[bool]
) -> tuple[EmergencyAccess, ...]:
    query = select(*_ACCESS, *_CHECK).join(CaseRow, CaseRow.id == EmergencyRow.case_id)
    query = query.outerjoin(EmergencyCheckRow, EmergencyCheckRow.access_id == EmergencyRow.id)
    found = session.execute(query.where(condition).order_by(*_NEWEST).limit(PAGE)).all()
    names = load_names(session, {by for row in found for by in (row.by, row.checked_by)})
    keys = _keys(session, records, {row.case_id for row in found})
    return tuple(_emergency(row, names, keys) for row in found)


def emergency_accesses(records: Records, actor: Actor) -> tuple[tuple[EmergencyAccess, Case], ...]:
    """The newest openings of cases of an auditor's sites, each with its case; one event says so.

    Raises:
        NotAllowedError: if the person is no auditor.
    """
    check_permission(actor, Permission.AUDIT)
    events.record_event(records, actor.id, EventKind.EMERGENCIES_READ)
    with records.database.reading() as session:
        return newest_accesses(session, records, CaseRow.site_id.in_(sorted(actor.sites)))


def still_open(session: Session, records: Records, actor: Actor) -> frozenset[str]:
    """The cases of other sites that are open to a person at this moment."""
    found = session.execute(_open_cases(), {"me": actor.id, "now": records.now()})
    return frozenset(case_id for case_id, _ in _readable(found))


def count_open(session: Session, records: Records) -> int:
    """The number of accesses that are open at this moment, of all people."""
    columns = EmergencyRow.case_id, as_text(EmergencyRow.at), _UNTIL
    now = bindparam("now", type_=Instant())
    found = session.execute(select(*columns).where(now < _UNTIL), {"now": records.now()})
    return sum(1 for _ in _readable(found))


@cache
def _open_cases() -> Select[str, str | None, str | None]:
    """The cases that may be open to ``me`` at ``now``. Every page of a case asks."""
    columns = EmergencyRow.case_id, as_text(EmergencyRow.at), _UNTIL
    mine = EmergencyRow.by == bindparam("me")
    return select(*columns).where(mine, bindparam("now", type_=Instant()) < _UNTIL)


def _readable(
    found: Iterable[Row[str, str | None, str | None]],
) -> Iterator[tuple[str, dt.datetime]]:
    """The case and the end of each access whose times can both be read: others open nothing."""
    for case_id, at, until in found:
        end = read_moment(until)
        if end and read_moment(at):
            yield case_id, end


def _keys(session: Session, records: Records, cases: set[str]) -> dict[str, DataKey | None]:
    """The keys of those cases that were not erased; None for one that cannot be opened."""
    found: dict[str, DataKey | None] = {}
    ring = records.keyring()
    for case_id in cases:
        try:
            found[case_id] = load_key(session, ring, case_id)
        except ErasedError:
            continue
        except SealError:
            found[case_id] = None
    return found


def _emergency(
    row: Row[*tuple[Any, ...]], names: Mapping[int, str], keys: Mapping[str, DataKey | None]
) -> EmergencyAccess:
    note = _note(keys[row.case_id], row) if row.case_id in keys else ""
    return EmergencyAccess(
        id=row.id,
        case_id=row.case_id,
        by=name_or_number(names, row.by),
        by_id=row.by,
        reason=row.reason,
        note=note,
        at=read_moment(row.at),
        expires_at=read_moment(row.until),
        check=_check(row, names),
    )


def _note(key: DataKey | None, row: Row[*tuple[Any, ...]]) -> str:
    """The note of an access, or a warning if it cannot be read."""
    found = read_note_or_mark(partial(_open_note, key, row)) if key else {}
    return str(found.get("note", gettext(UNREADABLE_NOTE)))


def _open_note(key: DataKey, row: Row[*tuple[Any, ...]]) -> dict[str, Any]:
    note: dict[str, Any] = json.loads(key.unseal(row.sealed, "emergency_accesses", row.id, 1))
    return note


def _check(row: Row[*tuple[Any, ...]], names: Mapping[int, str]) -> AccessCheck | None:
    if row.access_id is None:
        return None
    by = name_or_number(names, row.checked_by)
    return AccessCheck(by=by, at=read_moment(row.checked_at), finding=row.finding)
