"""Emergency accesses as people read them: which cases are open to whom, and who opened what."""

import datetime as dt
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache, partial
from typing import Any

from sqlalchemy import ColumnElement, Select, bindparam, select
from sqlalchemy.orm import Session

from screening.records.access import Actor, Permission, Role
from screening.records.case.case_rows import (
    Case,
    case_select,
    check_permission,
    load_names,
    read_listed_case,
)
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
)
from screening.translation import gettext

PAGE = 200
_NEWEST = (EmergencyRow.at.desc(), EmergencyRow.id)


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessCheck:
    """Somebody at the case's site checked an emergency access."""

    by: str
    at: dt.datetime
    finding: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EmergencyAccess:
    """An opening of a case of another site. The note is empty once the case was erased."""

    id: str
    case_id: str
    by: str
    by_id: int
    reason: str
    note: str
    at: dt.datetime
    expires_at: dt.datetime
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
    query = select(EmergencyRow.expires_at).where(mine)
    with records.database.reading() as session:
        return session.scalar(query.order_by(EmergencyRow.expires_at.desc()).limit(1))


def case_accesses(records: Records, actor: Actor, case: Case) -> tuple[EmergencyAccess, ...]:
    """Accesses to a case from other sites, the newest first; for people of the case's own site."""
    if case.site_id not in actor.sites:
        return ()
    with records.database.reading() as session:
        found = newest_accesses(session, records, EmergencyRow.case_id == case.id)
    return tuple(opening for opening, _ in found)


def newest_accesses(
    session: Session, records: Records, condition: ColumnElement[bool]
) -> tuple[tuple[EmergencyAccess, Case], ...]:
    """The newest openings that meet a condition, each with its case and who looked at it."""
    query = case_select().add_columns(EmergencyRow, EmergencyCheckRow)
    query = query.join(EmergencyRow, EmergencyRow.case_id == CaseRow.id)
    query = query.outerjoin(EmergencyCheckRow, EmergencyCheckRow.access_id == EmergencyRow.id)
    found = session.execute(query.where(condition).order_by(*_NEWEST).limit(PAGE)).all()
    people = {row.by for each in found for row in each[-2:] if row is not None}
    names, ring = load_names(session, people), records.keyring()
    keys = _keys(session, records, {each[-2].case_id for each in found})
    return tuple(
        (
            replace(_emergency(row, names, keys), check=_check(check, names)),
            read_listed_case(ring, case),
        )
        for *case, row, check in found
    )


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
    return frozenset(session.scalars(_open_cases(), {"me": actor.id, "now": records.now()}))


@cache
def _open_cases() -> Select[str]:
    """The cases that are open to ``me`` at ``now``. Every page of a case asks."""
    mine = EmergencyRow.by == bindparam("me")
    return select(EmergencyRow.case_id).where(mine, EmergencyRow.expires_at > bindparam("now"))


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
    row: EmergencyRow, names: Mapping[int, str], keys: Mapping[str, DataKey | None]
) -> EmergencyAccess:
    note = _note(keys[row.case_id], row) if row.case_id in keys else ""
    return EmergencyAccess(
        id=row.id,
        case_id=row.case_id,
        by=names.get(row.by, f"account {row.by}"),
        by_id=row.by,
        reason=row.reason,
        note=note,
        at=row.at,
        expires_at=row.expires_at,
    )


def _note(key: DataKey | None, row: EmergencyRow) -> str:
    """The note of an access, or a warning if it cannot be read."""
    found = read_note_or_mark(partial(_open_note, key, row)) if key else {}
    return str(found.get("note", gettext(UNREADABLE_NOTE)))


def _open_note(key: DataKey, row: EmergencyRow) -> dict[str, Any]:
    note: dict[str, Any] = json.loads(key.unseal(row.sealed, "emergency_accesses", row.id, 1))
    return note


def _check(row: EmergencyCheckRow | None, names: Mapping[int, str]) -> AccessCheck | None:
    if row is None:
        return None
    return AccessCheck(by=names.get(row.by, f"account {row.by}"), at=row.at, finding=row.finding)
