"""Links of proposals: what each is good for, and the record of its opening."""

from enum import Enum

from sqlalchemy import select
from sqlalchemy.orm import Session

from screening.records.ledger import events as ledger
from screening.records.ledger.records import Records
from screening.records.people.rights_steps import Step, add_step, load_steps
from screening.records.rights.proposal_list import (
    Proposal,
    is_active,
    later_steps,
    link_works,
    proposal_of,
)
from screening.records.storage.tables import RightsStepRow


class LinkState(Enum):
    """The use of a link."""

    WORKS = "works"
    USED = "used"
    CLOSED = "closed"  # not approved, too old, or for an account that is inactive


def read_link(records: Records, number: int) -> LinkState:
    """The use of a proposal's link."""
    with records.database.reading() as session:
        found = _load_link(session, number)
        if found is None:
            return LinkState.CLOSED
        if found.used:
            return LinkState.USED
        works = link_works(records, found) and is_active(session, found.change.user_id)
        return LinkState.WORKS if works else LinkState.CLOSED


def open_link(records: Records, number: int) -> int | None:
    """Record that the link of a proposal was opened with its code, if nobody opened it before.

    It can be opened until it is used: see ``link_use``.

    Returns:
        The number of the account that it is for; None if it does not work, or no longer.
    """
    with records.database.writing() as session:
        ledger.lock(session)
        found = _load_link(session, number)
        if found is None or not link_works(records, found):
            return None
        change = found.change
        if not is_active(session, change.user_id):
            return None
        if found.state is not Step.OPENED:
            by = change.user_id
            add_step(session, records, by=by, step=Step.OPENED, change=change, proposal=number)
        return change.user_id


def _load_link(session: Session, number: int) -> Proposal | None:
    steps = select(RightsStepRow).where(RightsStepRow.proposal == number)
    rows, lost = load_steps(session, steps)
    row = next((each for each in rows if each.number == number), None)
    if row is None or lost or row.step != Step.PROPOSED.value:
        return None
    return proposal_of(session, row, later_steps(session, [number]).get(number, []), {}, {})
