"""The steps of a change of rights, and who counts as a second person.

A change that one administrator can make alone is one step, ``done``. A change that gives somebody
more rights, or a way into an account, is proposed by one administrator and approved by another. A
step is never changed, and each is an event of the ledger.

Two accounts count as one person if one of them added the other, or one administrator added both, as
long as the younger one is new. Otherwise an administrator could add accounts that approve for them.
"""

import datetime as dt
import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from screening.records.access import Role
from screening.records.case.unreadable import NO_VALUE, check_no_outage
from screening.records.ledger import events
from screening.records.ledger.digests import row_digest, row_name
from screening.records.ledger.events import EventKind
from screening.records.ledger.records import Records
from screening.records.storage.tables import EventRow, RightsStepRow

NEW_DAYS = 30
"""The days for which an account is new, unless the settings say otherwise."""
ROOT = 0
"""The account number of the command line."""


class Action(Enum):
    """The effect of a change. A code keeps its meaning for ever."""

    ADD = "add"  # an account, with its first rights and a link
    RIGHTS = "rights"
    ACTIVATE = "activate"
    DEACTIVATE = "deactivate"
    LINK = "link"
    FACTOR = "factor"  # forget codes and passkeys
    UNLINK = "unlink"  # forget how a provider of single sign-on knows the person
    NONE = "none"  # of a step that is about many changes


class Step(Enum):
    """The state of a change."""

    PROPOSED = "proposed"
    APPROVED = "approved"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    DONE = "done"
    OPENED = "opened"  # the link
    SEEN = "seen"  # all steps up to ``proposal``, by ``by``
    SEEN_ONE = "seen-one"  # the step with the number ``proposal``, by ``by``


_KINDS = {
    Step.PROPOSED: EventKind.RIGHTS_PROPOSED,
    Step.APPROVED: EventKind.RIGHTS_APPROVED,
    Step.REFUSED: EventKind.RIGHTS_REFUSED,
    Step.WITHDRAWN: EventKind.RIGHTS_WITHDRAWN,
    Step.DONE: EventKind.RIGHTS_CHANGED,
    Step.OPENED: EventKind.LINK_OPENED,
    Step.SEEN: EventKind.RIGHTS_SEEN,
    Step.SEEN_ONE: EventKind.RIGHTS_SEEN,
}


OF_SITES = frozenset({Role.NURSE, Role.LEAD_NURSE, Role.AUDITOR})
"""Roles that see the cases of a person's sites, and no others."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rights:
    """The rights of an account: roles, and sites."""

    roles: frozenset[Role] = field(default_factory=frozenset[Role])
    sites: frozenset[int] = field(default_factory=frozenset[int])

    def within(self, other: "Rights") -> bool:
        """True if these rights are a part of others."""
        return self.roles <= other.roles and self.sites <= other.sites

    @property
    def lacks_site(self) -> bool:
        """True if a role works on cases, but no site has any for it."""
        return bool(self.roles & OF_SITES) and not self.sites

    def data(self) -> dict[str, Any]:
        """As JSON data."""
        roles = sorted(role.value for role in self.roles)
        return {"roles": roles, "sites": sorted(self.sites)}

    @classmethod
    def of(cls, data: dict[str, Any]) -> "Rights":
        """Read what ``data`` gives."""
        return cls(roles=frozenset(map(Role, data["roles"])), sites=frozenset(data["sites"]))


NO_RIGHTS = Rights()


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """The change of an account; without a change of rights both are the same."""

    action: Action
    user_id: int
    before: Rights = NO_RIGHTS
    after: Rights = NO_RIGHTS

    def data(self) -> dict[str, dict[str, Any]]:
        """The rights before and afterwards, as JSON data."""
        told = {"before": self.before.data(), "after": self.after.data()}
        if self.action in {Action.ACTIVATE, Action.DEACTIVATE}:
            told["before"]["active"] = self.action is Action.DEACTIVATE
            told["after"]["active"] = self.action is Action.ACTIVATE
        return told

    @classmethod
    def of(cls, row: RightsStepRow) -> "Change":
        """The change of a step."""
        told = json.loads(row.content)
        return cls(
            action=Action(row.action),
            user_id=row.user_id,
            before=Rights.of(told["before"]),
            after=Rights.of(told["after"]),
        )


def load_steps(
    session: Session, query: "Select[RightsStepRow]"
) -> tuple[list[RightsStepRow], list[int]]:
    """The steps of a query that can be read, and the numbers of the others."""
    try:
        rows, lost = list(session.scalars(query)), list[int]()
    except NO_VALUE as error:
        check_no_outage(error)
        rows, lost = _load_singly(session, query)
    whole = [row for row in rows if is_whole_step(row)]
    return whole, lost + [row.number for row in rows if row not in whole]


def _load_singly(
    session: Session, query: "Select[RightsStepRow]"
) -> tuple[list[RightsStepRow], list[int]]:
    rows: list[RightsStepRow] = []
    lost: list[int] = []
    for number in session.scalars(query.with_only_columns(RightsStepRow.number)).all():
        try:
            rows.append(session.get_one(RightsStepRow, number))
        except NO_VALUE as error:
            check_no_outage(error)
            lost.append(number)
    return rows, lost


def is_whole_step(row: RightsStepRow) -> bool:
    """True if a step can be read; one that cannot gives no right."""
    try:
        Change.of(row), Step(row.step)
    except (ValueError, TypeError, KeyError):
        return False
    return all(isinstance(each, int) for each in (row.by, row.user_id, row.proposal))


def add_step(  # noqa: PLR0913 - a step has these parts
    session: Session,
    records: Records,
    *,
    by: int,
    step: Step,
    change: Change,
    proposal: int | None = None,
) -> int:
    """Write a step in the transaction of the change itself; gives its number.

    Args:
        session: a writing one.
        records: where the clock is.
        by: the number of the account that acts.
        step: how far the change comes by it.
        change: what changes.
        proposal: the number of the first step; none for a first step.
    """
    events.lock(session)
    number = (session.scalar(select(func.max(RightsStepRow.number))) or 0) + 1
    told = change.data()
    row = RightsStepRow(
        number=number,
        proposal=number if proposal is None else proposal,
        action=change.action.value,
        step=step.value,
        user_id=change.user_id,
        content=json.dumps(told),
        at=records.now(),
        by=by,
    )
    session.add(row)
    session.flush()
    events.append(
        session,
        records,
        by=by,
        kind=_KINDS[step],
        row=row_name(row),
        digest=row_digest(row),
        change=None if told["before"] == told["after"] else told,
    )
    return number


@dataclass(frozen=True, slots=True, kw_only=True)
class Bond:
    """The reason why two accounts count as one person, and its end.

    ``maker`` added one of them or both. There is none if only accounts between them say so.
    """

    maker: int | None
    until: dt.datetime


def is_one_person(
    session: Session, records: Records, one: int, other: int, days: int = NEW_DAYS
) -> bool:
    """True if two accounts count as one person. The command line counts as another than all."""
    if one == other:
        return True
    if ROOT in {one, other}:
        return False
    return _are_bound(session, one, other, records.now() - dt.timedelta(days=days))


def find_bond(
    session: Session, records: Records, one: int, other: int, days: int = NEW_DAYS
) -> Bond | None:
    """The reason why two accounts count as one person for now, if there is one."""
    length = dt.timedelta(days=days)
    since = records.now() - length
    if ROOT in {one, other} or one == other or not _are_bound(session, one, other, since):
        return None
    chain = _counts_as(session, one, since) | _counts_as(session, other, since)
    made = sorted(at for _, at in _makers(session, chain).values())
    ends = (at + length for at in made if not _are_bound(session, one, other, at))
    return Bond(maker=_direct_maker(session, one, other), until=next(ends))


def _direct_maker(session: Session, one: int, other: int) -> int | None:
    made = {each: maker for each, (maker, _) in _makers(session, (one, other)).items()}
    if made.get(one) == other or made.get(one) == made.get(other):
        return made.get(one)
    return one if made.get(other) == one else None


def _are_bound(session: Session, one: int, other: int, since: dt.datetime) -> bool:
    mine, theirs = (_counts_as(session, each, since) for each in (one, other))
    made = {each: maker for each, (maker, _) in _makers(session, (one, other)).items()}
    siblings = made.get(other) in mine - {one} or made.get(one) in theirs - {other}
    return siblings or bool(mine & theirs)


def _counts_as(session: Session, account: int, since: dt.datetime) -> set[int]:
    """An account, with its maker if it is new, and with that one's maker if it is new too."""
    found = {account}
    while made := _makers(session, (account,)):
        account, at = made[account]
        if at <= since or account == ROOT or account in found:
            break
        found.add(account)
    return found


def _makers(session: Session, accounts: Iterable[int]) -> dict[int, tuple[int, dt.datetime]]:
    """The makers of accounts, and the times, as the ledger has them."""
    numbers = {f"users/{each}": each for each in accounts}
    added = EventRow.kind == EventKind.ACCOUNT_ADDED.value
    query = select(EventRow.row, EventRow.by, EventRow.at).where(added, EventRow.row.in_(numbers))
    return {numbers[each.row]: (each.by, each.at) for each in session.execute(query)}
