"""Notices of changes of rights: to the person, and to administrators about everybody.

A notice stays until the person confirms it. Nobody gets a notice of what they did themselves.
"""

import datetime as dt
from dataclasses import dataclass
from functools import cache

from sqlalchemy import BindParameter, ColumnElement, Integer, Select, bindparam, func, select
from sqlalchemy.orm import Session, aliased

from screening.records.access import Actor, Permission
from screening.records.case.case_rows import load_names
from screening.records.ledger import events
from screening.records.ledger.records import Records
from screening.records.people.rights_steps import Action, Change, Step, add_step, load_steps
from screening.records.storage.tables import RightsStepRow

TOLD = (Step.APPROVED.value, Step.DONE.value, Step.OPENED.value)
LISTED = 100
_ME: BindParameter[int] = bindparam("me", type_=Integer())


@dataclass(frozen=True, slots=True, kw_only=True)
class RightsNotice:
    """A change that was made. ``proposed_by`` is empty if one person made it alone."""

    number: int
    change: Change
    step: Step
    name: str
    own: bool
    by: str
    proposed_by: str
    at: dt.datetime


def count_new_notices(records: Records, actor: Actor) -> int:
    """The number of changes that a person has not noted yet."""
    with records.database.reading() as session:
        return session.scalar(_count(actor.may(Permission.ADMINISTER)), {"me": actor.id}) or 0


def new_notices(records: Records, actor: Actor) -> tuple[RightsNotice, ...]:
    """The oldest changes that a person has not noted yet, the oldest first."""
    with records.database.reading() as session:
        query = select(RightsStepRow).where(_untold(actor.may(Permission.ADMINISTER)))
        listed = query.order_by(RightsStepRow.number).limit(LISTED)
        rows, _ = load_steps(session, listed.params(me=actor.id))
        firsts = _firsts(session, {row.proposal for row in rows})
        people = {row.by for row in rows} | {row.user_id for row in rows} | set(firsts.values())
        names = load_names(session, people)
    return tuple(
        RightsNotice(
            number=row.number,
            change=Change.of(row),
            step=Step(row.step),
            name=names.get(row.user_id, ""),
            own=row.user_id == actor.id,
            by=names.get(row.by, ""),
            proposed_by=names.get(firsts[row.proposal], "") if row.proposal in firsts else "",
            at=row.at,
        )
        for row in rows
    )


def damaged_notices(records: Records, actor: Actor) -> tuple[int, ...]:
    """The numbers of such changes that cannot be read, as somebody changed them."""
    with records.database.reading() as session:
        query = select(RightsStepRow).where(_untold(actor.may(Permission.ADMINISTER)))
        listed = query.order_by(RightsStepRow.number).limit(LISTED)
        _, lost = load_steps(session, listed.params(me=actor.id))
    return tuple(lost)


def note_seen(records: Records, actor: Actor, number: int) -> None:
    """Record that a person has seen the changes up to a number; to note less does nothing."""
    with records.database.writing() as session:
        events.lock(session)
        newest = session.scalar(select(func.max(RightsStepRow.number))) or 0
        if (session.scalar(_newest_seen(), {"me": actor.id}) or 0) < number <= newest:
            change = Change(action=Action.NONE, user_id=actor.id)
            add_step(session, records, by=actor.id, step=Step.SEEN, change=change, proposal=number)


def note_one_seen(records: Records, actor: Actor, number: int) -> None:
    """Record that a person has seen one change; one that is not for them does nothing."""
    with records.database.writing() as session:
        events.lock(session)
        told = select(RightsStepRow.number).where(_untold(actor.may(Permission.ADMINISTER)))
        mine = told.where(RightsStepRow.number == number)
        if session.scalar(mine, {"me": actor.id}) is not None:
            change = Change(action=Action.NONE, user_id=actor.id)
            step = Step.SEEN_ONE
            add_step(session, records, by=actor.id, step=step, change=change, proposal=number)


@cache
def _count(administers: bool) -> Select[int]:  # noqa: FBT001 - as below
    """The number of them, for the person ``me``. Every page asks: it is put together once."""
    return select(func.count()).select_from(RightsStepRow).where(_untold(administers))


def _untold(administers: bool) -> ColumnElement[bool]:  # noqa: FBT001 - the one question here
    """The changes that the person ``me`` has not noted, of everybody if they administer."""
    seen = _or_none(_newest_seen())
    new = (RightsStepRow.step.in_(TOLD)) & (RightsStepRow.number > seen)
    new &= (RightsStepRow.by != _ME) & RightsStepRow.number.not_in(_seen_alone())
    if not administers:
        return new & (RightsStepRow.user_id == _ME) & (RightsStepRow.action != Action.ADD.value)
    own = aliased(RightsStepRow)
    own_first = select(func.min(own.number)).where(own.user_id == _ME, own.step.in_(TOLD))
    return new & (RightsStepRow.number > _or_none(own_first))


def _or_none(number: Select[int]) -> ColumnElement[int]:
    return func.coalesce(number.scalar_subquery(), 0)


def _newest_seen() -> Select[int]:
    """The step up to which a person has seen everything."""
    mine = aliased(RightsStepRow)
    return select(func.max(mine.proposal)).where(mine.by == _ME, mine.step == Step.SEEN.value)


def _seen_alone() -> Select[int]:
    """The steps that a person has seen one by one."""
    mine = aliased(RightsStepRow)
    return select(mine.proposal).where(mine.by == _ME, mine.step == Step.SEEN_ONE.value)


def _firsts(session: Session, numbers: set[int]) -> dict[int, int]:
    """The proposer of each proposal, by its number."""
    proposed = RightsStepRow.step == Step.PROPOSED.value
    query = select(RightsStepRow.number, RightsStepRow.by)
    found = session.execute(query.where(RightsStepRow.number.in_(numbers), proposed))
    return {row.number: row.by for row in found}
