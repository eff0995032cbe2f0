"""Grants of rights and sign-ins of each account, as far as they can be read.

Somebody may have changed an event or a step in the database. What cannot be read is said to be so:
it is never taken for something that did not happen.
"""

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from sqlalchemy import Row, case, func, select
from sqlalchemy.orm import Session

from screening.records.case.case_rows import load_names
from screening.records.case.odd_times import as_text, is_whole, read_moment
from screening.records.ledger.events import EventKind
from screening.records.people.rights_steps import Action, Step
from screening.records.storage.tables import EventRow, RightsStepRow

_GIVES = {Action.ADD.value, Action.RIGHTS.value, Action.ACTIVATE.value}
_TAKES = {each.value for each in Action} - _GIVES
"""Actions that give nobody rights."""
_STEPS = {each.value for each in Step}
_Event = Row[str, int, str | None]
_StepRow = Row[int, int, str, str, int, int, str | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """Rights that somebody gave, and when. ``approved_by`` is empty if one person acted alone.

    ``at`` is None if the time cannot be read.
    """

    at: dt.datetime | None
    by: str
    approved_by: str = ""


@dataclass(slots=True, kw_only=True)
class Grants:
    """The grants of accounts, by their numbers.

    ``damaged`` has the accounts of which one cannot be read. ``unnamed`` says that nobody can tell
    whose rights a damaged step changed; ``added`` that nobody can tell who was added.
    """

    found: dict[int, Grant] = field(default_factory=dict[int, Grant])
    damaged: set[int] = field(default_factory=set[int])
    unnamed: bool = False
    added: bool = False

    def is_damaged(self, account: int) -> bool:
        """True if a change of rights that cannot be read is, or may be, of this account."""
        lost = self.added and account not in self.found
        return self.unnamed or lost or account in self.damaged


@dataclass(frozen=True, slots=True, kw_only=True)
class SignIns:
    """The newest sign-in of accounts, by their numbers.

    ``damaged`` has the accounts of which one cannot be read. ``unnamed`` says that nobody can tell
    who it was that signed in.
    """

    newest: Mapping[int, dt.datetime]
    damaged: frozenset[int]
    unnamed: bool

    def is_damaged(self, account: int) -> bool:
        """True if a sign-in that cannot be read is, or may be, of this account."""
        return self.unnamed or account in self.damaged


def read_sign_ins(session: Session) -> SignIns:
    """The newest sign-in of every account."""
    whole = case((is_whole(EventRow.at), as_text(EventRow.at)))
    columns = EventRow.by, func.max(whole), func.count(), func.count(whole)
    signed_in = EventRow.kind == EventKind.SIGNED_IN.value
    newest: dict[int, dt.datetime] = {}
    damaged: set[int] = set()
    unnamed = False
    query = select(*columns).where(signed_in).group_by(EventRow.by)
    for by, at, count, readable in session.execute(query):
        moment = read_moment(at)
        if not _is_number(by):
            unnamed = True
            continue
        if moment is not None:
            newest[by] = moment
        if moment is None or readable < count:
            damaged.add(by)
    return SignIns(newest=newest, damaged=frozenset(damaged), unnamed=unnamed)


def read_grants(session: Session) -> Grants:
    """The time when each account got its rights; of older ones, when it was added."""
    added = EventRow.kind == EventKind.ACCOUNT_ADDED.value
    events = session.execute(
        select(EventRow.row, EventRow.by, as_text(EventRow.at)).where(added)
    ).all()
    row = RightsStepRow
    columns = row.number, row.proposal, row.action, row.step, row.user_id, row.by, as_text(row.at)
    steps = session.execute(select(*columns).order_by(row.number)).all()
    names = load_names(session, {each.by for each in events} | {each.by for each in steps})
    grants = Grants()
    _add_events(grants, events, names)
    _add_steps(grants, steps, names)
    return grants


def _add_events(grants: Grants, events: Iterable[_Event], names: Mapping[int, str]) -> None:
    for name, by, at_text in events:
        _, _, number = name.rpartition("/")
        if not number.isdecimal():
            grants.added = True
            continue
        at = read_moment(at_text)
        grants.found[int(number)] = Grant(at=at, by=names.get(by, ""))
        if at is None or not _is_number(by):
            grants.damaged.add(int(number))


def _add_steps(grants: Grants, steps: Iterable[_StepRow], names: Mapping[int, str]) -> None:
    proposed: dict[int, int] = {}
    for number, proposal, action, step, account, by, at_text in steps:
        if action in _TAKES:
            continue
        if step == Step.PROPOSED.value:
            proposed[number] = by
        at, alone = read_moment(at_text), step != Step.APPROVED.value
        whole = action in _GIVES and step in _STEPS and at is not None and _is_number(by)
        if not _is_number(account):
            grants.unnamed = True
        elif not whole or not (alone or proposal in proposed):
            grants.damaged.add(account)
        elif step in {Step.DONE.value, Step.APPROVED.value}:
            first = by if alone else proposed[proposal]
            approved_by = "" if alone else names.get(by, "")
            grants.found[account] = Grant(at=at, by=names.get(first, ""), approved_by=approved_by)


def _is_number(value: object) -> bool:
    """True of the number of an account; SQLite keeps any value."""
    return isinstance(value, int)
