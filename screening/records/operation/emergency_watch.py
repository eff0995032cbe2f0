"""Emergency accesses as sites and auditors see them: checks, and searches that opened no case.

An access is shown to the lead nurses of the case's site until one of them has checked it. If the
site has no lead nurse, it is shown to all its nurses. Searches that opened no case can be erased.
"""

import datetime as dt
import json
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Integer,
    Row,
    Select,
    bindparam,
    exists,
    func,
    select,
)
from sqlalchemy import case as choose
from sqlalchemy.orm import Session

from screening.records.access import Actor, Permission, Role
from screening.records.case import idempotency
from screening.records.case.case_rows import Case, check_permission, load_names, name_or_number
from screening.records.case.case_write import new_id
from screening.records.case.odd_times import as_text, is_whole, read_moment
from screening.records.case.unreadable import (
    UNREADABLE_NOTE,
    is_unreadable,
    read_note_or_mark,
)
from screening.records.casework.emergency_list import PAGE, EmergencyAccess, newest_accesses
from screening.records.errors import UnfitFieldError
from screening.records.ledger import events
from screening.records.ledger.events import EventKind
from screening.records.ledger.records import Records
from screening.records.operation.erasure import forget_secret
from screening.records.sealing import vault
from screening.records.sealing.search_tokens import normal_reference
from screening.records.storage.account_tables import Role as RoleRow
from screening.records.storage.account_tables import User, users_sites
from screening.records.storage.tables import (
    CaseRow,
    EmergencyCheckRow,
    EmergencyRow,
    EmergencyTryRow,
    SecretRow,
)
from screening.translation import Phrases, gettext

FOLLOW_UP = "follow-up"
FINDINGS = Phrases(
    {
        "in-order": "The access was justified",
        FOLLOW_UP: "I am following this up",
    }
)
"""A code keeps its meaning for ever."""
_SITE = CaseRow.site_id + 0  # a sum, or SQLite reads every case before the few that were opened
_TRY = (
    *(EmergencyTryRow.id, EmergencyTryRow.by, EmergencyTryRow.reason, EmergencyTryRow.sealed),
    as_text(EmergencyTryRow.at).label("at"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class FailedSearch:
    """A search that opened no case. The reference and the note are None once they are erased.

    ``at`` is None if it cannot be read, because somebody changed it in the database.
    ``refused``: nobody looked for it, since the person had reached a limit; None if that cannot be
    read.
    """

    id: str
    by: str
    at: dt.datetime | None
    reason: str
    reference: str | None
    note: str | None
    refused: bool | None


def count_unchecked(records: Records, actor: Actor) -> int:
    """The number of emergency accesses that this person has to check."""
    if not actor.may(Permission.SCREEN):
        return 0
    with records.database.reading() as session:
        told = {"sites": sorted(_watched_sites(session, actor)), "me": actor.id}
        return session.scalar(_count(), told) or 0


def unchecked_accesses(records: Records, actor: Actor) -> tuple[tuple[EmergencyAccess, Case], ...]:
    """The emergency accesses that this person has to check, newest first; one event records it.

    Raises:
        NotAllowedError: if the person does no casework.
    """
    check_permission(actor, Permission.SCREEN)
    events.record_event(records, actor.id, EventKind.EMERGENCIES_READ)
    with records.database.reading() as session:
        return newest_accesses(session, records, _of_my_sites(session, actor) & _unseen())


def followed_up_accesses(
    records: Records, actor: Actor
) -> tuple[tuple[EmergencyAccess, Case], ...]:
    """The newest emergency accesses of a person's sites that somebody follows up.

    Raises:
        NotAllowedError: if the person does no casework.
    """
    check_permission(actor, Permission.SCREEN)
    with records.database.reading() as session:
        mine = _of_my_sites(session, actor) & (EmergencyCheckRow.finding == FOLLOW_UP)
        return newest_accesses(session, records, mine)


def record_access_check(
    records: Records, actor: Actor, opening: str, finding: str, key: str
) -> None:
    """Record that the person checked an emergency access; the first check of several counts.

    Raises:
        NotAllowedError: if the person does no casework.
        IdempotencyKeyError: if the key of the form is malformed.
        UnfitFieldError: if the finding is none, or no such opening was shown to the person.
    """
    check_permission(actor, Permission.SCREEN)
    if finding not in FINDINGS:
        raise UnfitFieldError("finding", "choose one that is offered")
    with records.database.writing() as session:
        events.lock(session)
        form = idempotency.PostedForm(actor, key, EventKind.EMERGENCY_LOOKED_AT, [opening, finding])
        if idempotency.find_result(session, form) is not None:
            return
        shown = _of_my_sites(session, actor) & (EmergencyRow.id == opening)
        query = select(EmergencyRow.case_id).join(CaseRow, CaseRow.id == EmergencyRow.case_id)
        case_id = session.scalar(query.where(shown))
        if case_id is None:
            raise UnfitFieldError("opening", "there is no such opening")
        mine = select(EmergencyCheckRow.id).where(EmergencyCheckRow.access_id == opening)
        if session.scalar(mine) is None:
            row = EmergencyCheckRow(
                id=new_id(), access_id=opening, finding=finding, at=records.now(), by=actor.id
            )
            session.add(row)
            kind = EventKind.EMERGENCY_LOOKED_AT
            events.append_row(session, records, by=actor.id, kind=kind, case_id=case_id, row=row)
        idempotency.keep_result(session, records, form, opening)


def failed_searches(records: Records, actor: Actor) -> tuple[FailedSearch, ...]:
    """Searches that opened no case, newest first. They belong to no site: every auditor reads them.

    Raises:
        NotAllowedError: if the person is no auditor.
    """
    check_permission(actor, Permission.AUDIT)
    tries = select(*_TRY, SecretRow).outerjoin(SecretRow, SecretRow.name == EmergencyTryRow.id)
    damaged_first = choose((is_whole(EmergencyTryRow.at), 1), else_=0)
    query = tries.order_by(damaged_first, EmergencyTryRow.at.desc(), EmergencyTryRow.id)
    with records.database.reading() as session:
        rows = session.execute(query.limit(PAGE)).all()
        names = load_names(session, {row.by for row in rows})
    return tuple(_sought(records, row, name_or_number(names, row.by)) for row in rows)


def forget_reference(records: Records, by: int, reference: str) -> int:
    """Erase every search for a reference that opened no case, in any spelling; gives how many."""
    with records.database.writing() as session:
        wanted = normal_reference(reference)
        rows = session.execute(
            select(*_TRY, SecretRow).join(SecretRow, SecretRow.name == EmergencyTryRow.id)
        ).all()
        found = (
            row.id
            for row in rows
            if normal_reference(_told(records, row).get("reference", "")) == wanted
        )
        return _forget(session, records, by, list(found))


def forget_older(records: Records, by: int, days: int) -> int:
    """Erase the searches that opened no case and are older than so many days; gives how many."""
    before = records.now() - dt.timedelta(days=days)
    with records.database.writing() as session:
        query = select(EmergencyTryRow.id).join(SecretRow, SecretRow.name == EmergencyTryRow.id)
        return _forget(
            session, records, by, session.scalars(query.where(EmergencyTryRow.at < before)).all()
        )


@cache
def _count() -> Select[int]:
    """The number of openings by others than ``me`` of cases of ``sites`` that nobody looked at.

    Every page asks: it is put together once.
    """
    me: BindParameter[int] = bindparam("me", type_=Integer())
    sites: BindParameter[list[int]] = bindparam("sites", expanding=True)
    others = _SITE.in_(sites) & EmergencyRow.by.is_distinct_from(me)
    return select(func.count()).select_from(EmergencyRow).join(CaseRow).where(others, _unseen())


def _unseen() -> ColumnElement[bool]:
    """The openings that nobody has looked at."""
    return ~exists().where(EmergencyCheckRow.access_id == EmergencyRow.id).correlate(EmergencyRow)


def _of_my_sites(session: Session, actor: Actor) -> ColumnElement[bool]:
    """The openings by others of cases that this person watches over."""
    sites = _watched_sites(session, actor)
    return _SITE.in_(sorted(sites)) & EmergencyRow.by.is_distinct_from(actor.id)


def _watched_sites(session: Session, actor: Actor) -> frozenset[int]:
    """The sites that a person watches over: a lead nurse all of theirs, others those without."""
    if Role.LEAD_NURSE in actor.roles:
        return actor.sites
    return actor.sites - set(session.scalars(_led_sites()))


@cache
def _led_sites() -> Select[int]:
    """The sites that have a lead nurse."""
    leads = User.roles.any(RoleRow.name == Role.LEAD_NURSE.value)
    joined = select(users_sites.c.site_id).join(User, User.id == users_sites.c.user_id)
    return joined.where(User.active, leads)


def _told(records: Records, row: Row[*tuple[Any, ...]]) -> dict[str, Any]:
    """The words of a search, or a mark if they cannot be read."""
    key: SecretRow = row.SecretRow

    def read() -> dict[str, Any]:
        opened = vault.unwrap(records.keyring(), key.name, key.key_id, key.wrapped)
        found: dict[str, Any] = json.loads(opened.unseal(row.sealed, "emergency_tries", row.id, 1))
        return found

    return read_note_or_mark(read)


def _sought(records: Records, row: Row[*tuple[Any, ...]], by: str) -> FailedSearch:
    told = _told(records, row) if row.SecretRow else {}
    if is_unreadable(told):
        told = {"reference": "", "note": gettext(UNREADABLE_NOTE), "refused": None}
    return FailedSearch(
        id=row.id,
        by=by,
        at=read_moment(row.at),
        reason=row.reason,
        reference=told.get("reference"),
        note=told.get("note"),
        refused=told.get("refused", False),
    )


def _forget(session: Session, records: Records, by: int, ids: Iterable[str]) -> int:
    names = list(ids)
    for name in names:
        forget_secret(session, records, by, name)
    return len(names)
