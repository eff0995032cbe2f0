"""People and sites: who may sign in, what each may do, and where. Nothing here is a patient's.

An account is never deleted, because records name it; it is made inactive. A change that is made on
the command line is written down as made by ``COMMAND_LINE``, which is nobody's number.
"""

import secrets
from collections.abc import Iterable
from dataclasses import dataclass

from argon2 import PasswordHasher
from sqlalchemy import select
from sqlalchemy.orm import Session

from screening.errors import ScreeningError
from screening.records import accounts
from screening.records.access import Role
from screening.records.store import Records
from screening.records.tables import SiteRow

COMMAND_LINE = 0
HASHER = PasswordHasher(time_cost=2, memory_cost=47104, parallelism=1)
"""Argon2id; costs twice what OWASP's first recommendation (46 MiB, one round, one lane) does."""


class TakenError(ScreeningError):
    """A name that must be one of a kind is in use."""

    def __init__(self, name: str) -> None:
        """Repeat the name."""
        super().__init__(f"“{name}” is already in use; choose another")


@dataclass(frozen=True, slots=True, kw_only=True)
class NewPerson:
    """What is needed to add a person. Without a hash nobody can sign in until a link is used."""

    name: str
    email: str
    roles: frozenset[Role]
    sites: frozenset[int]
    password_hash: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """A place whose nurses see the same cases."""

    id: int
    name: str


def sites(records: Records) -> tuple[Site, ...]:
    """All sites, by name."""
    with records.database.reading() as session:
        rows = session.scalars(select(SiteRow).order_by(SiteRow.name))
        return tuple(Site(id=row.id, name=row.name) for row in rows)


def normal_email(text: str) -> str:
    """The form in which an address is kept and looked for."""
    return text.strip().casefold()


def add_site(records: Records, by: int, name: str) -> int:  # noqa: ARG001 - for the ledger
    """Add a site; gives its number.

    Raises:
        TakenError: if a site has the name.
    """
    with records.database.writing() as session:
        if session.scalar(select(SiteRow).where(SiteRow.name == name)):
            raise TakenError(name)
        row = SiteRow(name=name)
        session.add(row)
        session.flush()
        return row.id


def add_person(records: Records, by: int, new: NewPerson) -> int:  # noqa: ARG001 - for the ledger
    """Add an account; gives its number.

    Raises:
        TakenError: if an account has the address.
    """
    email = normal_email(new.email)
    with records.database.writing() as session:
        if session.scalar(select(accounts.User).where(accounts.User.email == email)):
            raise TakenError(email)
        person = accounts.User(
            name=new.name,
            email=email,
            password=new.password_hash,
            active=True,
            fs_uniquifier=secrets.token_hex(32),
            fs_webauthn_user_handle=secrets.token_hex(32),
            roles=_role_rows(session, new.roles),
            sites=_site_rows(session, new.sites),
        )
        session.add(person)
        session.flush()
        return person.id


def _role_rows(session: Session, roles: Iterable[Role]) -> list[accounts.Role]:
    """The rows of roles; a role's row is made when it is first given to somebody."""
    rows = []
    for role in sorted(roles, key=lambda each: each.value):
        row = session.scalar(select(accounts.Role).where(accounts.Role.name == role.value))
        rows.append(row or accounts.Role(name=role.value))
    session.add_all(rows)
    return rows


def _site_rows(session: Session, sites: Iterable[int]) -> list[SiteRow]:
    return list(session.scalars(select(SiteRow).where(SiteRow.id.in_(list(sites)))))
