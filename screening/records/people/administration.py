"""The administrators who may change accounts and sites, and the transaction of such a change."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import select
from sqlalchemy.orm import Session

from screening.errors import ScreeningError
from screening.records.access import Actor, Permission, Role
from screening.records.errors import NotAllowedError
from screening.records.ledger import coverage, events
from screening.records.ledger.events import EventKind
from screening.records.ledger.records import Records
from screening.records.people.rights_steps import ROOT
from screening.records.storage.tables import SiteRow
from screening.records.verification.accounts import check_rights
from screening.translation import mark

COMMAND_LINE = Actor(
    id=ROOT, name="Command line", roles=frozenset({Role.ADMINISTRATOR}), sites=frozenset()
)


def command_line_auditor(records: Records) -> Actor:
    """Somebody at the server itself, as an auditor of every site."""
    with records.database.reading() as session:
        every = frozenset(session.scalars(select(SiteRow.id)))
    return Actor(
        id=COMMAND_LINE.id, name=COMMAND_LINE.name, roles=frozenset({Role.AUDITOR}), sites=every
    )


class TakenError(ScreeningError):
    """A name that must be one of a kind is in use."""

    def __init__(self, name: str) -> None:
        """Repeat the name."""
        super().__init__(mark("“{name}” is already in use; choose another"), name=name)


def check_administrator(actor: Actor) -> None:
    """Make sure that a person may change accounts and sites.

    Raises:
        NotAllowedError: if the person may not.
    """
    if not actor.may(Permission.ADMINISTER):
        raise NotAllowedError(Permission.ADMINISTER)


@contextmanager
def admin_transaction(records: Records, actor: Actor) -> Iterator[Session]:
    """A transaction of an administrator, in which no other changes rights.

    Raises:
        NotAllowedError: if the actor is no administrator.
        AlteredAccountError: if the ledger does not confirm that the actor is.
    """
    check_administrator(actor)
    with records.database.writing() as session:
        events.lock(session)
        if actor.id != ROOT:
            check_rights(session, records.keyring(), actor)
        yield session


def append_event(
    session: Session, records: Records, actor: Actor, kind: EventKind, row: str
) -> None:
    """Append the event of a change of an account or a site."""
    coverage.append_change(session, records, by=actor.id, kind=kind, row=row)
