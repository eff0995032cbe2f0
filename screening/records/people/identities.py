"""Identities at a provider of single sign-on: the issuer, and the subject there.

An email address can be given to another person, and a name can be chosen; a subject is one
person's for good. So an account has at most one subject of an issuer.

Source: OpenID Connect Core 1.0, section 5.7.
"""

import datetime as dt
import secrets
from dataclasses import dataclass

from sqlalchemy import delete, or_, select
from sqlalchemy.orm import Session

from screening.errors import ScreeningError
from screening.records.access import Actor, Permission
from screening.records.case.case_write import new_id
from screening.records.errors import NotAllowedError
from screening.records.ledger import events
from screening.records.ledger.digests import row_name
from screening.records.ledger.events import EventKind
from screening.records.ledger.records import Records
from screening.records.people.known_browsers import forget_browsers
from screening.records.people.rights_steps import ROOT
from screening.records.storage import account_tables
from screening.records.storage.tables import IdentityRow, SessionRow
from screening.translation import mark

LONGEST = 255
"""Of a subject, by OpenID Connect; longer issuers are not linked either."""


@dataclass(frozen=True, slots=True)
class Identity:
    """A person as a provider knows them."""

    issuer: str
    subject: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """An identity that an account has, and since when."""

    identity: Identity
    at: dt.datetime


class LinkedError(ScreeningError):
    """The account, or the identity, is linked to another."""

    def __init__(self) -> None:
        """Say what would help."""
        message = mark("an administrator has to remove the link that is there, or make a new one")
        super().__init__(message)


def find_account(records: Records, identity: Identity) -> int | None:
    """The number of the account that an identity is linked to."""
    with records.database.reading() as session:
        row = _row(session, identity)
        return row.user_id if row else None


def find_links(records: Records, number: int) -> list[Link]:
    """The identities of an account."""
    chosen = select(IdentityRow).where(IdentityRow.user_id == number).order_by(IdentityRow.at)
    with records.database.reading() as session:
        return [
            Link(identity=Identity(row.issuer, row.subject), at=row.at)
            for row in session.scalars(chosen)
        ]


def link_verified(records: Records, identity: Identity, number: int) -> None:
    """Link an account whose verified address the provider named.

    Raises:
        LinkedError: if the account or the identity is linked already.
    """
    with records.database.writing() as session:
        events.lock(session)  # of two that come at once, one waits here
        if _others(session, identity, number):
            raise LinkedError
        _add(session, records, identity, number)


def link_invited(records: Records, identity: Identity, number: int) -> None:
    """Link an account by a one-time link of an administrator, which is void from then on.

    Another subject of the same issuer that the account had goes; all sessions of the person end.

    Raises:
        LinkedError: if the identity is linked to another account.
    """
    with records.database.writing() as session:
        events.lock(session)
        for row in _others(session, identity, number):
            if row.user_id != number:
                raise LinkedError
            _remove(session, records, number, row)
        session.flush()
        _add(session, records, identity, number)
        _end_sessions(session, number)


def unlink(records: Records, actor: Actor, number: int) -> None:
    """Forget every identity of an account; all sessions of the person end.

    Raises:
        NotAllowedError: if the actor is not the command line: two administrators propose and
            approve it, see ``proposals``.
    """
    if actor.id != ROOT:
        raise NotAllowedError(Permission.ADMINISTER)
    with records.database.writing() as session:
        unlink_within(session, records, actor.id, number)


def unlink_within(session: Session, records: Records, by: int, number: int) -> None:
    """The same within a transaction that knows that it may."""
    for row in session.scalars(select(IdentityRow).where(IdentityRow.user_id == number)):
        _remove(session, records, by, row)
    _end_sessions(session, number)


def _row(session: Session, identity: Identity) -> IdentityRow | None:
    return session.scalar(
        select(IdentityRow).where(
            IdentityRow.issuer == identity.issuer, IdentityRow.subject == identity.subject
        )
    )


def _others(session: Session, identity: Identity, number: int) -> list[IdentityRow]:
    """The obstacle to a link."""
    same = or_(IdentityRow.subject == identity.subject, IdentityRow.user_id == number)
    return list(
        session.scalars(select(IdentityRow).where(IdentityRow.issuer == identity.issuer, same))
    )


def _add(session: Session, records: Records, identity: Identity, number: int) -> None:
    row = IdentityRow(
        id=new_id(),
        issuer=identity.issuer,
        subject=identity.subject,
        user_id=number,
        at=records.now(),
        by=number,
    )
    session.add(row)
    session.flush()
    kind = EventKind.IDENTITY_LINKED
    events.append_row(session, records, by=number, kind=kind, case_id="", row=row)


def _remove(session: Session, records: Records, by: int, row: IdentityRow) -> None:
    session.delete(row)
    events.append(session, records, by=by, kind=EventKind.IDENTITY_UNLINKED, row=row_name(row))


def _end_sessions(session: Session, number: int) -> None:
    """End all sessions of a person, and void every link that was made for the person."""
    session.get_one(account_tables.User, number).fs_uniquifier = secrets.token_hex(32)
    session.execute(delete(SessionRow).where(SessionRow.user_id == number))
    forget_browsers(session, number)
