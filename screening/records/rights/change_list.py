"""Changes of accounts, sites and keys in the ledger, with before and after."""

import datetime as dt
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session, load_only

from screening.records.access import Actor, Permission, Role, known_roles
from screening.records.case.case_rows import check_permission, load_names
from screening.records.ledger.events import EventKind
from screening.records.ledger.records import Records
from screening.records.people.link_use import has_way_in_since
from screening.records.people.rights_steps import ROOT, Action, Step
from screening.records.storage import account_tables
from screening.records.storage.tables import EventRow, RightsStepRow

_SIDES = {"before", "after"}
_WAYS_IN = (
    EventKind.LINK_MADE,
    EventKind.LINK_OPENED,
    EventKind.RIGHTS_PROPOSED,
    EventKind.RIGHTS_APPROVED,
    EventKind.RIGHTS_REFUSED,
    EventKind.RIGHTS_WITHDRAWN,
)
"""Kinds that are shown even if no rights change: they open ways into an account."""
_ACTIONS = {each.value: each for each in Action}
_LINKS = {Action.ADD.value, Action.LINK.value}


@dataclass(frozen=True, slots=True)
class AffectedPerson:
    """The person whom a change concerns, with the roles that the person has now."""

    name: str
    roles: frozenset[Role]


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeEvent:
    """An event with what was before and after, by the name of each part.

    ``action`` is what a step of a change of rights does. ``opened`` says of a link that was made
    or approved whether it was used; it is None of everything else.
    """

    seq: int
    at: dt.datetime
    by: str
    kind: str
    row: str
    parts: Mapping[str, tuple[Any, Any]]
    concerns: AffectedPerson | None = None
    action: Action | None = None
    opened: bool | None = None


def newest_changes(records: Records, actor: Actor, most: int) -> list[ChangeEvent]:
    """The newest changes of accounts, sites and keys, the newest first.

    Raises:
        NotAllowedError: if the person is no auditor.
    """
    check_permission(actor, Permission.AUDIT)
    way_in = EventRow.kind.in_([each.value for each in _WAYS_IN])
    listed = and_(or_(EventRow.change.is_not(None), way_in), EventRow.case_id == "")
    told = select(EventRow).where(listed)
    with records.database.reading() as session:
        events = session.scalars(told.order_by(EventRow.seq.desc()).limit(most)).all()
        steps = _steps(session, events)
        numbers = {each.seq: _number(each, steps) for each in events}
        people = _concerned(session, set(numbers.values()))
        used = {each.seq: _used(session, each, steps) for each in events}
        names = load_names(session, {each.by for each in events})
    return [
        ChangeEvent(
            seq=each.seq,
            at=each.at,
            by=names.get(each.by, f"account {each.by}"),
            kind=each.kind,
            row=each.row,
            parts=_part_differences(json.loads(each.change or "{}")),
            concerns=people.get(numbers[each.seq]),
            action=_ACTIONS.get(steps[each.row].action) if each.row in steps else None,
            opened=used[each.seq],
        )
        for each in events
    ]


def _steps(session: Session, events: Sequence[EventRow]) -> dict[str, RightsStepRow]:
    """The steps of changes of rights in events, by the name of the row."""
    table = RightsStepRow.__tablename__
    named = [each.row.split("/") for each in events if each.row.startswith(f"{table}/")]
    row = RightsStepRow
    query = select(row).where(row.number.in_([int(key) for _, key in named]))
    query = query.options(load_only(row.step, row.action, row.user_id))
    return {f"{table}/{row.number}": row for row in session.scalars(query)}


def _number(event: EventRow, steps: Mapping[str, RightsStepRow]) -> int:
    """The number of the account that an event concerns; that of the command line if none."""
    if step := steps.get(event.row):
        return step.user_id
    table, _, key = event.row.partition("/")
    return int(key) if table == account_tables.User.__tablename__ and key.isdecimal() else ROOT


def _concerned(session: Session, numbers: set[int]) -> dict[int, AffectedPerson]:
    known = [each for each in numbers if isinstance(each, int)]  # a changed step may hold no number
    users = session.scalars(
        select(account_tables.User).where(account_tables.User.id.in_(known))
    ).unique()
    return {
        user.id: AffectedPerson(user.name, known_roles(role.name for role in user.roles))
        for user in users
    }


def _used(session: Session, event: EventRow, steps: Mapping[str, RightsStepRow]) -> bool | None:
    """True if a link was used: the person has a way in since. None of what leads to no link."""
    step = steps.get(event.row)
    approved = step and step.step == Step.APPROVED.value and step.action in _LINKS
    if approved or event.kind == EventKind.LINK_MADE.value:
        return has_way_in_since(session, _number(event, steps), event.seq)
    return None


def _part_differences(change: Mapping[str, Any]) -> dict[str, tuple[Any, Any]]:
    """The differences, part by part. Some events hold all values before, then all values after."""
    if change.keys() == _SIDES:
        old, new = change["before"], change["after"]
        names = [each for each in {**old, **new} if old.get(each) != new.get(each)]
        return {name: (old.get(name), new.get(name)) for name in names}
    return {
        name: (part["before"], part["after"])
        for name, part in change.items()
        if isinstance(part, Mapping) and part.keys() == _SIDES
    }
