"""Proposals of changes of rights as administrators read them, each with what came of it."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from sqlalchemy import select
from sqlalchemy.orm import Session

from screening.records.access import Actor, Role
from screening.records.case.case_rows import load_names
from screening.records.ledger.events import EventKind
from screening.records.ledger.records import Records
from screening.records.people import people
from screening.records.people.administration import check_administrator
from screening.records.people.link_use import is_link_used
from screening.records.people.rights_steps import (
    NEW_DAYS,
    Action,
    Bond,
    Change,
    Step,
    find_bond,
    is_one_person,
    load_steps,
)
from screening.records.rights.proposal_errors import ProposalError
from screening.records.storage import account_tables
from screening.records.storage.tables import EventRow, RightsStepRow

WAITS = dt.timedelta(days=7)
"""For how long a proposal can be approved."""
LINK_WORKS = dt.timedelta(hours=24)
"""For how long after its approval a link can be opened, until it is used."""
LISTED = 100
LINKS = frozenset({Action.ADD, Action.LINK})
"""The steps that lead to a link."""
_WORKING = frozenset({Step.APPROVED, Step.OPENED})
ENDS = {Step.APPROVED, Step.REFUSED, Step.WITHDRAWN}


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """A proposal as administrators see it. ``state`` is the newest step that it has come to.

    ``outdated`` says that it waits, but the rights of the account have changed since: nobody can
    approve it, and a new proposal takes its place. ``used`` says of a link that it is used up.
    ``bond`` says why the administrator who looks counts as one person with the proposer, and
    ``maker`` names who added whom.
    """

    number: int
    change: Change
    name: str
    email: str
    by: str
    by_id: int
    at: dt.datetime
    state: Step
    outdated: bool = False
    used: bool = False
    decided_by: str = ""
    decided_by_id: int | None = None
    decided_at: dt.datetime | None = None
    approvers: Mapping[int, str] = field(default_factory=dict[int, str])
    bond: Bond | None = None
    maker: str = ""

    @property
    def until(self) -> dt.datetime:
        """The time when it lapses, or its link does."""
        return self.decided_at + LINK_WORKS if self.decided_at else self.at + WAITS


def find_proposal(records: Records, actor: Actor, number: int, days: int = NEW_DAYS) -> Proposal:
    """A proposal.

    Raises:
        NotAllowedError: if the actor is no administrator.
        ProposalError: if no proposed change has this number.
    """
    check_administrator(actor)
    found = [each for each in proposals(records, actor, days) if each.number == number]
    if not found:
        raise ProposalError.none()
    return found[0]


def proposals(records: Records, actor: Actor, days: int = NEW_DAYS) -> tuple[Proposal, ...]:
    """The waiting proposals, and the newest that were decided, the newest first.

    Raises:
        NotAllowedError: if the actor is no administrator.
    """
    check_administrator(actor)
    with records.database.reading() as session:
        rows, _ = _newest(session)
        later = later_steps(session, [row.number for row in rows])
        ids = {row.by for row in rows} | {row.user_id for row in rows}
        names = load_names(session, ids | {row.by for steps in later.values() for row in steps})
        emails = _emails(session, ids)
        found = (
            proposal_of(session, row, later.get(row.number, []), names, emails) for row in rows
        )
        return tuple(
            _waiting(session, records, each, actor.id, days) if is_waiting(records, each) else each
            for each in found
        )


def damaged_proposals(records: Records, actor: Actor) -> tuple[int, ...]:
    """The numbers of proposals that cannot be read, or whose later steps cannot.

    Raises:
        NotAllowedError: if the actor is no administrator.
    """
    check_administrator(actor)
    with records.database.reading() as session:
        _, damaged = _newest(session)
    return tuple(sorted(damaged, reverse=True))


def _newest(session: Session) -> tuple[list[RightsStepRow], set[int]]:
    """The first steps of the newest proposals, and the numbers of those that cannot be read."""
    proposed = RightsStepRow.step == Step.PROPOSED.value
    newest = select(RightsStepRow).where(proposed).order_by(RightsStepRow.number.desc())
    rows, lost = load_steps(session, newest.limit(LISTED))
    broken = find_broken(session, [row.number for row in rows])
    return [row for row in rows if row.number not in broken], {*lost, *broken}


def find_broken(session: Session, numbers: list[int]) -> set[int]:
    """The proposals with a later step that cannot be read: nobody can tell if they wait."""
    row = RightsStepRow
    later = row.proposal.in_(numbers) & (row.number != row.proposal)
    _, lost = load_steps(session, select(row).where(later))
    if not lost:
        return set()
    return {*session.scalars(select(row.proposal).where(row.number.in_(lost)))}


def changed_sites(records: Records, days: int = NEW_DAYS) -> dict[int, tuple[str, dt.datetime]]:
    """Renamings of sites in the last days, and by whom: a name can be changed to mislead."""
    since = records.now() - dt.timedelta(days=days)
    renamed = (EventRow.kind == EventKind.SITE_CHANGED.value) & (EventRow.at > since)
    with records.database.reading() as session:
        events = session.execute(
            select(EventRow.row, EventRow.by, EventRow.at).where(renamed).order_by(EventRow.seq)
        ).all()
        names = load_names(session, {each.by for each in events})
    return {int(each.row.rpartition("/")[2]): (names.get(each.by, ""), each.at) for each in events}


def is_waiting(records: Records, found: Proposal) -> bool:
    """True if a proposal can still be approved."""
    return found.state is Step.PROPOSED and records.now() < found.until


def link_works(records: Records, found: Proposal) -> bool:
    """True if the link of a proposal can still be opened."""
    approved = found.state in _WORKING and found.change.action in LINKS
    return approved and not found.used and records.now() < found.until


def later_steps(session: Session, numbers: list[int]) -> dict[int, list[RightsStepRow]]:
    """The steps of proposals that came after the first."""
    steps = [each.value for each in (*ENDS, Step.OPENED)]
    query = select(RightsStepRow).where(
        RightsStepRow.proposal.in_(numbers), RightsStepRow.step.in_(steps)
    )
    found: dict[int, list[RightsStepRow]] = {}
    for row in session.scalars(query.order_by(RightsStepRow.number)):
        found.setdefault(row.proposal, []).append(row)
    return found


def proposal_of(
    session: Session,
    row: RightsStepRow,
    later: list[RightsStepRow],
    names: Mapping[int, str],
    emails: Mapping[int, str],
) -> Proposal:
    """The proposal that a first step and those after it make, with names and addresses by id."""
    decided = next((each for each in later if Step(each.step) in ENDS), None)
    change, state = Change.of(row), Step(later[-1].step) if later else Step.PROPOSED
    linked = decided if state in _WORKING and change.action in LINKS else None
    return Proposal(
        number=row.number,
        change=change,
        name=names.get(row.user_id, ""),
        email=emails.get(row.user_id, ""),
        by=names.get(row.by, ""),
        by_id=row.by,
        at=row.at,
        state=state,
        used=linked is not None and is_link_used(session, linked),
        decided_by=names.get(decided.by, "") if decided else "",
        decided_by_id=decided.by if decided else None,
        decided_at=decided.at if decided else None,
    )


def _waiting(session: Session, records: Records, found: Proposal, me: int, days: int) -> Proposal:
    """A proposal that waits, with those who can approve it: nobody if it is out of date."""
    if is_outdated(session, found.change):
        return replace(found, outdated=True)
    bond = find_bond(session, records, found.by_id, me, days)
    maker = load_names(session, {bond.maker}).get(bond.maker, "") if bond and bond.maker else ""
    approvers = _approvers(session, records, found, days)
    return replace(found, approvers=approvers, bond=bond, maker=maker)


def is_outdated(session: Session, change: Change) -> bool:
    """True if the rights of the account are not those that a change was proposed for."""
    return people.rights_of(people.load_row(session, change.user_id)) != change.before


def _approvers(session: Session, records: Records, found: Proposal, days: int) -> dict[int, str]:
    """The administrators who can approve a proposal, by number."""
    return {
        user.id: user.name
        for user in administrators(session)
        if user.id != found.change.user_id
        and not is_one_person(session, records, found.by_id, user.id, days)
    }


def administrators(session: Session) -> list[account_tables.User]:
    """The active administrators, in the order of their names."""
    user = account_tables.User
    held = user.roles.any(account_tables.Role.name == Role.ADMINISTRATOR.value)
    query = select(user).where(user.active, held).order_by(user.name, user.id)
    return list(session.scalars(query).unique())


def is_active(session: Session, number: int) -> bool:
    """True if an account is there and active."""
    user = session.get(account_tables.User, number)
    return user is not None and bool(user.active)


def _emails(session: Session, ids: set[int]) -> dict[int, str]:
    user = account_tables.User
    known = [each for each in ids if isinstance(each, int)]  # as a changed step may hold no number
    found = session.execute(select(user.id, user.email).where(user.id.in_(known)))
    return {row.id: row.email for row in found}
