"""Changes of rights that need two administrators: one proposes, another approves.

This holds for every role and site that somebody gains, for an account that becomes active again,
and for every way into an account: a password link, or the removal of second factors or of single
sign-on. A link opens with a code. The proposer sees the link and the approver sees the code, so
neither can use it alone. The command line can approve everything.
"""

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from sqlalchemy import select
from sqlalchemy.orm import Session

from screening.errors import ScreeningError
from screening.records.access import Actor, Role
from screening.records.case.case_rows import load_names
from screening.records.ledger.events import EventKind
from screening.records.ledger.records import Records
from screening.records.people import identities, people
from screening.records.people.administration import admin_transaction, check_administrator
from screening.records.people.link_use import is_link_used
from screening.records.people.people import NewPerson
from screening.records.people.rights_steps import (
    NEW_DAYS,
    ROOT,
    Action,
    Bond,
    Change,
    Rights,
    Step,
    add_step,
    find_bond,
    is_one_person,
    load_steps,
)
from screening.records.storage import account_tables
from screening.records.storage.tables import EventRow, RightsStepRow
from screening.translation import gettext, mark

WAITS = dt.timedelta(days=7)
"""For how long a proposal can be approved."""
LINK_WORKS = dt.timedelta(hours=24)
"""For how long after its approval a link can be opened, until it is used."""
LISTED = 100
LINKS = frozenset({Action.ADD, Action.LINK})
"""The steps that lead to a link."""
_WORKING = frozenset({Step.APPROVED, Step.OPENED})
_ENDS = {Step.APPROVED, Step.REFUSED, Step.WITHDRAWN}


class ProposalError(ScreeningError):
    """A proposal cannot be made, approved, refused or withdrawn as was asked."""

    @classmethod
    def none(cls) -> "ProposalError":
        """There is no such proposal, or it no longer waits."""
        return cls(mark("this proposed change is not waiting for approval any more"))

    @classmethod
    def one_person(cls) -> "ProposalError":
        """The same person, or an account that the other one made, wants to approve."""
        return cls(
            mark(
                "another administrator has to approve this. The administrator who proposed it"
                " cannot, nor can a new account that the same administrator added"
            )
        )

    @classmethod
    def own(cls) -> "ProposalError":
        """Somebody wants to approve what they gain."""
        return cls(mark("you cannot approve a change to your own account"))

    @classmethod
    def changed(cls) -> "ProposalError":
        """The account changed since."""
        return cls(
            mark(
                "this proposal is out of date: the rights of this account have changed since then;"
                " withdraw or refuse it and propose the change again"
            )
        )

    @classmethod
    def twice(cls) -> "ProposalError":
        """The same waits already."""
        return cls(
            mark(
                "another change to this account is waiting for approval; approve or withdraw that"
                " first"
            )
        )

    @classmethod
    def proposer_left(cls) -> "ProposalError":
        """The proposer is no longer an administrator."""
        return cls(
            mark(
                "the person who proposed this is no longer an administrator; propose the change"
                " again"
            )
        )


NEEDS_SITE = mark("a nurse, lead nurse or auditor sees only the cases of their sites")


class NoSiteError(ProposalError):
    """A role that works on cases was proposed without a site, where it would see none."""

    def __init__(self) -> None:
        """Say what would help."""
        super().__init__(mark("{rule}; choose at least one site"), rule=gettext(NEEDS_SITE))


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


def propose_person(records: Records, actor: Actor, new: NewPerson) -> int:
    """Add an account without rights, and propose its rights; gives the account's number.

    Raises:
        NoSiteError: if a role works on cases, but there is no site.
        TakenError: if an account has the address.
    """
    bare = replace(new, roles=frozenset(), sites=frozenset())
    after = Rights(roles=new.roles, sites=new.sites)
    with admin_transaction(records, actor) as session:
        number = people.insert_person(session, records, actor, bare)
        _propose(session, records, actor, Change(action=Action.ADD, user_id=number, after=after))
        return number


def propose_rights(records: Records, actor: Actor, number: int, after: Rights) -> bool:
    """Change rights at once if none are gained, else propose it; says whether it was proposed.

    Raises:
        LastAdministratorError: if no administrator would be left.
        NoSiteError: if rights are gained, and a role works on cases without a site.
        OwnRightsError: if it is the actor's own account.
        ProposalError: if a change of the account is waiting.
    """
    try:
        people.set_rights(records, actor, number, after.roles, after.sites)
    except people.SecondPersonNeededError:
        with admin_transaction(records, actor) as session:
            before = people.rights_of(people.load_row(session, number))
            change = Change(action=Action.RIGHTS, user_id=number, before=before, after=after)
            _propose(session, records, actor, change)
        return True
    return False


def propose(records: Records, actor: Actor, number: int, action: Action) -> None:
    """Propose what opens a way into an account: a link, factors forgotten, and the like.

    Raises:
        NobodyError: if there is no such account.
        OwnRightsError: if it is the actor's own account.
        ProposalError: if the same is waiting.
    """
    with admin_transaction(records, actor) as session:
        people.check_other(actor, number)
        rights = people.rights_of(people.load_row(session, number))
        change = Change(action=action, user_id=number, before=rights, after=rights)
        _propose(session, records, actor, change)


def approve(records: Records, actor: Actor, number: int, days: int = NEW_DAYS) -> Proposal:
    """Approve what another administrator proposed, which makes the change.

    Args:
        records: where the proposal is.
        actor: who approves.
        number: of the proposal.
        days: for how long an account is new.

    Raises:
        LastAdministratorError: if no administrator would be left.
        NoSiteError: if it was proposed by an earlier version, without a site.
        ProposalError: if this person cannot approve it, or nobody can any more.
    """
    with admin_transaction(records, actor) as session:
        first = _waiting_row(session, records, number)
        change = Change.of(first)
        if change.user_id == actor.id:
            raise ProposalError.own()
        if is_one_person(session, records, first.by, actor.id, days):
            raise ProposalError.one_person()
        if first.by != ROOT and not _is_administrator(session, first.by):
            raise ProposalError.proposer_left()
        if _is_outdated(session, change):
            raise ProposalError.changed()
        _check_site(change)
        _MAKE[change.action](session, records, actor, change)
        _end(session, records, actor, first, Step.APPROVED)
    return find_proposal(records, actor, number)


def refuse(records: Records, actor: Actor, number: int) -> None:
    """Refuse what another administrator proposed.

    Raises:
        ProposalError: if it waits for nobody.
    """
    with admin_transaction(records, actor) as session:
        first = _waiting_row(session, records, number)
        _end(session, records, actor, first, Step.REFUSED)


def withdraw(records: Records, actor: Actor, number: int) -> None:
    """Withdraw what one proposed.

    Raises:
        ProposalError: if it waits for nobody, or somebody else proposed it.
    """
    with admin_transaction(records, actor) as session:
        first = _waiting_row(session, records, number)
        if first.by != actor.id:
            raise ProposalError.none()
        _end(session, records, actor, first, Step.WITHDRAWN)


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
    proposed = RightsStepRow.step == Step.PROPOSED.value
    newest = select(RightsStepRow).where(proposed).order_by(RightsStepRow.number.desc())
    with records.database.reading() as session:
        rows, _ = load_steps(session, newest.limit(LISTED))
        broken = _find_broken(session, [row.number for row in rows])
        rows = [row for row in rows if row.number not in broken]
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
    proposed = RightsStepRow.step == Step.PROPOSED.value
    newest = select(RightsStepRow).where(proposed).order_by(RightsStepRow.number.desc())
    with records.database.reading() as session:
        rows, lost = load_steps(session, newest.limit(LISTED))
        broken = _find_broken(session, [row.number for row in rows])
    return tuple(sorted({*lost, *broken}, reverse=True))


def _find_broken(session: Session, numbers: list[int]) -> set[int]:
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


def _check_site(change: Change) -> None:
    if change.before != change.after and change.after.lacks_site:
        raise NoSiteError


def _propose(session: Session, records: Records, actor: Actor, change: Change) -> None:
    _check_site(change)
    mine = (RightsStepRow.user_id == change.user_id) & (RightsStepRow.step == Step.PROPOSED.value)
    rows, _ = load_steps(session, select(RightsStepRow).where(mine))
    broken = _find_broken(session, [row.number for row in rows])
    for row in rows:
        if (
            row.number in broken
            or not _is_waiting(session, records, row)
            or row.action != change.action.value
        ):
            continue
        if not _is_outdated(session, Change.of(row)):
            raise ProposalError.twice()
        _end(session, records, actor, row, Step.WITHDRAWN)
    add_step(session, records, by=actor.id, step=Step.PROPOSED, change=change)


def _waiting_row(session: Session, records: Records, number: int) -> RightsStepRow:
    found, _ = load_steps(session, select(RightsStepRow).where(RightsStepRow.number == number))
    if not found or _find_broken(session, [number]):
        raise ProposalError.none()
    if not _is_waiting(session, records, found[0]):
        raise ProposalError.none()
    return found[0]


def _is_waiting(session: Session, records: Records, row: RightsStepRow) -> bool:
    if row.step != Step.PROPOSED.value or records.now() >= row.at + WAITS:
        return False
    return not later_steps(session, [row.number])


def later_steps(session: Session, numbers: list[int]) -> dict[int, list[RightsStepRow]]:
    """The steps of proposals that came after the first."""
    steps = [each.value for each in (*_ENDS, Step.OPENED)]
    query = select(RightsStepRow).where(
        RightsStepRow.proposal.in_(numbers), RightsStepRow.step.in_(steps)
    )
    found: dict[int, list[RightsStepRow]] = {}
    for row in session.scalars(query.order_by(RightsStepRow.number)):
        found.setdefault(row.proposal, []).append(row)
    return found


def _end(
    session: Session, records: Records, actor: Actor, first: RightsStepRow, step: Step
) -> None:
    change, number = Change.of(first), first.number
    add_step(session, records, by=actor.id, step=step, change=change, proposal=number)


def proposal_of(
    session: Session,
    row: RightsStepRow,
    later: list[RightsStepRow],
    names: Mapping[int, str],
    emails: Mapping[int, str],
) -> Proposal:
    """The proposal that a first step and those after it make, with names and addresses by id."""
    decided = next((each for each in later if Step(each.step) in _ENDS), None)
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
    if _is_outdated(session, found.change):
        return replace(found, outdated=True)
    bond = find_bond(session, records, found.by_id, me, days)
    maker = load_names(session, {bond.maker}).get(bond.maker, "") if bond and bond.maker else ""
    approvers = _approvers(session, records, found, days)
    return replace(found, approvers=approvers, bond=bond, maker=maker)


def _is_outdated(session: Session, change: Change) -> bool:
    return people.rights_of(people.load_row(session, change.user_id)) != change.before


def _approvers(session: Session, records: Records, found: Proposal, days: int) -> dict[int, str]:
    """The administrators who can approve a proposal, by number."""
    return {
        user.id: user.name
        for user in _administrators(session)
        if user.id != found.change.user_id
        and not is_one_person(session, records, found.by_id, user.id, days)
    }


def _administrators(session: Session) -> list[account_tables.User]:
    user = account_tables.User
    held = user.roles.any(account_tables.Role.name == Role.ADMINISTRATOR.value)
    query = select(user).where(user.active, held).order_by(user.name, user.id)
    return list(session.scalars(query).unique())


def _is_administrator(session: Session, number: int) -> bool:
    return any(user.id == number for user in _administrators(session))


def is_active(session: Session, number: int) -> bool:
    """True if an account is there and active."""
    user = session.get(account_tables.User, number)
    return user is not None and bool(user.active)


def _emails(session: Session, ids: set[int]) -> dict[int, str]:
    user = account_tables.User
    found = session.execute(select(user.id, user.email).where(user.id.in_(ids)))
    return {row.id: row.email for row in found}


def _give(session: Session, records: Records, actor: Actor, change: Change) -> None:
    people.change_rights(session, records, actor, change.user_id, change.after)


def _activate(session: Session, records: Records, actor: Actor, change: Change) -> None:
    people.set_active_within(session, records, actor, change.user_id, active=True)


def _forget(session: Session, records: Records, actor: Actor, change: Change) -> None:
    people.forget_factors(session, records, actor, change.user_id)


def _unlink(session: Session, records: Records, actor: Actor, change: Change) -> None:
    identities.unlink_within(session, records, actor.id, change.user_id)


def _nothing(session: Session, records: Records, actor: Actor, change: Change) -> None:
    """A link changes nothing until it is opened."""


_MAKE: dict[Action, Callable[[Session, Records, Actor, Change], None]] = {
    Action.ADD: _give,
    Action.RIGHTS: _give,
    Action.ACTIVATE: _activate,
    Action.FACTOR: _forget,
    Action.UNLINK: _unlink,
    Action.LINK: _nothing,
}
