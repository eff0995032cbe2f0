"""Changes of rights that need two administrators: one proposes, another approves.

This holds for every role and site that somebody gains, for an account that becomes active again,
and for every way into an account: a password link, or the removal of second factors or of single
sign-on. A link opens with a code. The proposer sees the link and the approver sees the code, so
neither can use it alone. The command line can approve everything.
"""

from collections.abc import Callable
from dataclasses import replace

from sqlalchemy import select
from sqlalchemy.orm import Session

from screening.records.access import Actor
from screening.records.ledger.records import Records
from screening.records.people import identities, people
from screening.records.people.administration import admin_transaction
from screening.records.people.people import NewPerson
from screening.records.people.rights_steps import (
    NEW_DAYS,
    ROOT,
    Action,
    Change,
    Rights,
    Step,
    add_step,
    is_one_person,
    load_steps,
)
from screening.records.rights.proposal_errors import NoSiteError, ProposalError
from screening.records.rights.proposal_list import (
    WAITS,
    Proposal,
    administrators,
    find_broken,
    find_proposal,
    is_outdated,
    later_steps,
)
from screening.records.storage.tables import RightsStepRow


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
        if is_outdated(session, change):
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


def _check_site(change: Change) -> None:
    if change.before != change.after and change.after.lacks_site:
        raise NoSiteError


def _propose(session: Session, records: Records, actor: Actor, change: Change) -> None:
    _check_site(change)
    mine = (RightsStepRow.user_id == change.user_id) & (RightsStepRow.step == Step.PROPOSED.value)
    rows, _ = load_steps(session, select(RightsStepRow).where(mine))
    broken = find_broken(session, [row.number for row in rows])
    for row in rows:
        if (
            row.number in broken
            or not _is_waiting(session, records, row)
            or row.action != change.action.value
        ):
            continue
        if not is_outdated(session, Change.of(row)):
            raise ProposalError.twice()
        _end(session, records, actor, row, Step.WITHDRAWN)
    add_step(session, records, by=actor.id, step=Step.PROPOSED, change=change)


def _waiting_row(session: Session, records: Records, number: int) -> RightsStepRow:
    found, _ = load_steps(session, select(RightsStepRow).where(RightsStepRow.number == number))
    if not found or find_broken(session, [number]):
        raise ProposalError.none()
    if not _is_waiting(session, records, found[0]):
        raise ProposalError.none()
    return found[0]


def _is_waiting(session: Session, records: Records, row: RightsStepRow) -> bool:
    if row.step != Step.PROPOSED.value or records.now() >= row.at + WAITS:
        return False
    return not later_steps(session, [row.number])


def _end(
    session: Session, records: Records, actor: Actor, first: RightsStepRow, step: Step
) -> None:
    change, number = Change.of(first), first.number
    add_step(session, records, by=actor.id, step=step, change=change, proposal=number)


def _is_administrator(session: Session, number: int) -> bool:
    return any(user.id == number for user in administrators(session))


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
