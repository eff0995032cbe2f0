"""A case is assigned to the person who sees it through, or to nobody.

An assignment is a note about work: everybody of the site sees and writes the case as before, and
what is urgent is shown to all of them.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, column, select, table
from sqlalchemy.orm import Session

from screening.errors import ScreeningError
from screening.records.access import GRANTS, Actor, Permission
from screening.records.case.case_rows import check_permission
from screening.records.case.case_view import CaseView
from screening.records.case.case_write import CaseWrite, Write, write_case
from screening.records.case.search_index import visible
from screening.records.errors import StaleError
from screening.records.ledger.events import EventKind
from screening.records.ledger.records import Records
from screening.records.storage.tables import CaseRow, EventRow
from screening.translation import mark

_USERS = table("users", column("id"), column("name"), column("active"))
_ROLES = table("roles", column("id"), column("name"))
_USERS_ROLES = table("roles_users", column("user_id"), column("role_id"))
_USERS_SITES = table("users_sites", column("user_id"), column("site_id"))
_WORKERS = [role.value for role, granted in GRANTS.items() if Permission.SCREEN in granted]
_TO = "assigned_to"


class NotAColleagueError(ScreeningError):
    """A case was to be assigned to somebody who cannot work on it."""

    def __init__(self) -> None:
        """Say what helps."""
        super().__init__(
            mark("this person cannot work on cases at this site; choose somebody else")
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Colleague:
    """A person by the number of the account, and by name."""

    id: int
    name: str


def find_colleagues(view: CaseView) -> tuple[Colleague, ...]:
    """The people who can work on a case, by name: active, and nurses of its site."""
    with view.records.database.reading() as session:
        return _colleagues(session, view.case.site_id)


def find_assignees(records: Records, actor: Actor) -> tuple[Colleague, ...]:
    """The people whom cases that the person sees are assigned to, by name.

    Somebody who has left the site is among them as long as they have a case.

    Raises:
        NotAllowedError: if the person may see no case at all.
    """
    check_permission(actor, Permission.VIEW)
    assigned = select(CaseRow.assigned_to).where(*visible(actor), CaseRow.assigned_to.is_not(None))
    asked = select(_USERS.c.id, _USERS.c.name).where(_USERS.c.id.in_(assigned.distinct()))
    with records.database.reading() as session:
        return _read(session, asked)


def assign_case(view: CaseView, seen: int | None, person: int | None, idempotency_key: str) -> int:
    """Assign a case to a person, or to nobody; gives its version after it.

    Args:
        view: the case, as the person who assigns it sees it.
        seen: the number of the account that it was assigned to as the page showed it.
        person: the number of the account that it is assigned to from now on.
        idempotency_key: that of the form.

    Raises:
        StaleError: if somebody has assigned it to another person since.
        NotAColleagueError: if the person cannot work on it.
        NoCaseError, NotAllowedError, ClosedError, ErasedError: see ``case_write.write_case``.
    """
    kind = EventKind.CASE_ASSIGNED
    write = Write(idempotency_key=idempotency_key, kind=kind, content=[seen, person])
    return int(write_case(view, write, _assign(seen, person)))


def assigned_in(event: EventRow) -> int | None:
    """The person whom a case was assigned to by an event of that kind."""
    change: dict[str, Any] = json.loads(event.change or "{}")
    person: int | None = change.get(_TO)
    return person


def _assign(seen: int | None, person: int | None) -> Callable[[CaseWrite], str]:
    def work(case: CaseWrite) -> str:
        case.check_open()
        if case.row.assigned_to == person:
            return str(case.row.version)
        if case.row.assigned_to != seen:
            raise StaleError(case.row.version)
        if person is not None and not _can_work(case, person):
            raise NotAColleagueError
        case.row.assigned_to = person
        return str(case.finish(EventKind.CASE_ASSIGNED, change={_TO: person}))

    return work


def _can_work(case: CaseWrite, person: int) -> bool:
    return any(each.id == person for each in _colleagues(case.session, case.row.site_id))


def _colleagues(session: Session, site_id: int) -> tuple[Colleague, ...]:
    works = (
        select(_USERS_ROLES.c.user_id)
        .join(_ROLES, _ROLES.c.id == _USERS_ROLES.c.role_id)
        .where(_ROLES.c.name.in_(_WORKERS))
    )
    there = select(_USERS_SITES.c.user_id).where(_USERS_SITES.c.site_id == site_id)
    named = select(_USERS.c.id, _USERS.c.name)
    return _read(
        session,
        named.where(_USERS.c.active, _USERS.c.id.in_(works), _USERS.c.id.in_(there)),
    )


def _read(session: Session, asked: "Select[Any, Any]") -> tuple[Colleague, ...]:
    found = [Colleague(id=row.id, name=row.name) for row in session.execute(asked)]
    return tuple(sorted(found, key=lambda each: (each.name.casefold(), each.id)))
