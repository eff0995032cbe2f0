"""Confirmation of one account by the ledger: its password, second factors, roles and sites."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from screening.records.access import Actor
from screening.records.errors import AlteredAccountError
from screening.records.ledger.covered import (
    ACCOUNTS,
    State,
    Subject,
    digest_of,
    named_table,
    read_states,
    row_values,
)
from screening.records.ledger.entries import is_genuine
from screening.records.ledger.events import EventKind, append
from screening.records.ledger.records import Records
from screening.records.sealing.vault import Keyring
from screening.records.storage.tables import EventRow


def check_account(records: Records, number: int) -> None:
    """Make sure that an account is as the ledger says.

    Somebody who can write the database could otherwise sign in as this person, with a password and
    a second factor of their own put in for a moment. What is found is recorded: it can be put back,
    but the event stays.

    Args:
        records: to be read, and written if the account was changed.
        number: that of the account.

    Raises:
        AlteredAccountError: if the ledger does not confirm it.
    """
    with records.database.reading() as session:
        state = _state(session, number)
        if _is_confirmed(session, records.keyring(), number, state):
            return
    subject = Subject(ACCOUNTS.table, (number,))
    with records.database.writing() as session:
        found = {"found": digest_of(subject, state) if state else ""}
        kind = EventKind.ALTERATION_FOUND
        append(session, records, by=0, kind=kind, row=subject.name, change=found)
    raise AlteredAccountError


def check_rights(session: Session, ring: Keyring, actor: Actor) -> None:
    """Make sure that the ledger confirms the account of an actor, with the roles and sites used.

    Somebody who can write the database could otherwise lend an account rights for a moment.

    Raises:
        AlteredAccountError: if it does not.
    """
    state = _state(session, actor.id)
    roles = named_table("roles")
    held = _column(state, "roles_users", "role_id")
    names = session.scalars(select(roles.c.name).where(roles.c.id.in_(held)))
    is_same = {each.value for each in actor.roles} <= {*names} and actor.sites <= {
        *_column(state, "users_sites", "site_id")
    }
    if not is_same or not _is_confirmed(session, ring, actor.id, state):
        raise AlteredAccountError


def _state(session: Session, number: int) -> State:
    subject = Subject(ACCOUNTS.table, (number,))
    return read_states(session, [subject]).get(subject, {})


def _is_confirmed(session: Session, ring: Keyring, number: int, state: State) -> bool:
    name = Subject(ACCOUNTS.table, (number,)).name
    covering = EventRow.row == name, EventRow.digest != "", EventRow.seq > 0
    event = session.scalar(select(EventRow).where(*covering).order_by(EventRow.seq.desc()).limit(1))
    try:
        return event is not None and is_genuine(event, ring) and ACCOUNTS.tells(event.digest, state)
    except (TypeError, ValueError):  # a value that nothing of ours could have written
        return False


def _column(state: State, name: str, column: str) -> list[int]:
    table = named_table(name)
    return [row_values(table, row)[column] for row in state.get(name, ())]
