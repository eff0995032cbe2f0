"""People and sites: who may sign in, what each may do, and where. Nothing here is a patient's.

An account is never deleted, because records name it; it is made inactive. Every change is an event
of the ledger, in the same transaction. A person who works on the server itself acts as
``COMMAND_LINE``, and can do everything alone. An administrator alone can take rights away. A second
administrator has to approve what gives rights or a way into an account, see ``proposals``. Nobody
changes their own rights.
"""

import secrets
from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import ColumnElement, delete, func, select
from sqlalchemy.orm import Session

from screening.errors import ScreeningError
from screening.records.access import Actor, Role, known_roles
from screening.records.errors import NobodyError
from screening.records.ledger.events import EventKind
from screening.records.ledger.records import Records
from screening.records.people.administration import (
    COMMAND_LINE,
    TakenError,
    admin_transaction,
    append_event,
    check_administrator,
)
from screening.records.people.known_browsers import forget_browsers
from screening.records.people.rights_steps import Action, Change, Rights, Step, add_step
from screening.records.people.sites import Site, site_of
from screening.records.storage import account_tables
from screening.records.storage.tables import SessionRow, SiteRow
from screening.translation import mark

LONGEST_NAME = 120


class LastAdministratorError(ScreeningError):
    """A change would leave nobody who can change it back."""

    def __init__(self) -> None:
        """Say what would help."""
        super().__init__(
            mark(
                "this is the only active administrator; make another person an administrator first"
            )
        )


class OwnRightsError(ScreeningError):
    """Somebody wants to change their own account as only others may."""

    def __init__(self) -> None:
        """Say who is needed."""
        super().__init__(mark("you cannot change your own rights; ask another administrator"))


class SecondPersonNeededError(ScreeningError):
    """One administrator alone wants to do what needs two."""

    def __init__(self) -> None:
        """Say what would help."""
        super().__init__(
            mark(
                "this needs a second administrator: propose it, then ask another administrator to"
                " approve it"
            )
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class NewPerson:
    """The data of a new person. Without a hash nobody can sign in until a link is used."""

    name: str
    email: str
    roles: frozenset[Role]
    sites: frozenset[int]
    password_hash: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """An account as an administrator sees it; ``linked`` to a provider of single sign-on.

    ``odd_roles`` says that somebody changed one of its roles in the database: it permits nothing.
    """

    id: int
    name: str
    email: str
    roles: frozenset[Role]
    odd_roles: bool
    sites: tuple[Site, ...]
    active: bool
    has_password: bool
    has_codes: bool
    passkeys: int
    linked: bool


def normal_email(text: str) -> str:
    """The form in which an address is kept and looked for, without what cannot be seen."""
    return "".join(each for each in text.strip().casefold() if each.isprintable())


def people(records: Records, actor: Actor) -> tuple[Person, ...]:
    """All accounts, by name; the inactive ones last.

    Raises:
        NotAllowedError: if the actor is no administrator.
    """
    check_administrator(actor)
    user = account_tables.User
    with records.database.reading() as session:
        asked = select(user).order_by(user.active.desc(), func.lower(user.name), user.id)
        return tuple(person_of(row) for row in session.scalars(asked).unique())


def find_person(records: Records, actor: Actor, email: str) -> Person | None:
    """The account with an address.

    Raises:
        NotAllowedError: if the actor is no administrator.
    """
    check_administrator(actor)
    with records.database.reading() as session:
        row = _one(session, account_tables.User.email == normal_email(email))
        return person_of(row) if row else None


def load_person(records: Records, actor: Actor, number: int) -> Person:
    """The account with a number.

    Raises:
        NobodyError: if there is none.
        NotAllowedError: if the actor is no administrator.
    """
    check_administrator(actor)
    with records.database.reading() as session:
        return person_of(load_row(session, number))


def add_person(records: Records, actor: Actor, new: NewPerson) -> int:
    """Add an account with rights; gives its number. An administrator can only propose that.

    Raises:
        SecondPersonNeededError: if the actor is not the command line.
        TakenError: if an account has the address.
    """
    with admin_transaction(records, actor) as session:
        _check_root(actor)
        number = insert_person(session, records, actor, new)
        after = Rights(roles=new.roles, sites=new.sites)
        _note(session, records, actor, Change(action=Action.ADD, user_id=number, after=after))
        return number


def insert_person(session: Session, records: Records, actor: Actor, new: NewPerson) -> int:
    """The same within a transaction."""
    email = normal_email(new.email)
    if _one(session, account_tables.User.email == email):
        raise TakenError(email)
    row = account_tables.User(
        name=new.name,
        email=email,
        password=new.password_hash,
        active=True,
        fs_uniquifier=secrets.token_hex(32),
        fs_webauthn_user_handle=secrets.token_hex(32),
        roles=_role_rows(session, new.roles),
        sites=_site_rows(session, new.sites),
    )
    session.add(row)
    session.flush()
    append_event(session, records, actor, EventKind.ACCOUNT_ADDED, f"users/{row.id}")
    return row.id


def set_rights(
    records: Records, actor: Actor, number: int, roles: frozenset[Role], at: frozenset[int]
) -> None:
    """Give a person these roles at these sites, and no others.

    Raises:
        LastAdministratorError: if no administrator would be left.
        NobodyError: if there is no such account.
        OwnRightsError: if it is the actor's own.
        SecondPersonNeededError: if it gives more than the person has, and the actor is not the
            command line.
    """
    wanted = Rights(roles=roles, sites=at)
    with admin_transaction(records, actor) as session:
        check_other(actor, number)
        before = rights_of(load_row(session, number))
        if not wanted.within(before):
            _check_root(actor)
        if wanted != before:
            change_rights(session, records, actor, number, wanted)
            change = Change(action=Action.RIGHTS, user_id=number, before=before, after=wanted)
            _note(session, records, actor, change)


def change_rights(
    session: Session, records: Records, actor: Actor, number: int, rights: Rights
) -> None:
    """Give rights within a transaction that knows that it may.

    Raises:
        LastAdministratorError: if no administrator would be left.
    """
    row = load_row(session, number)
    row.roles, row.sites = _role_rows(session, rights.roles), _site_rows(session, rights.sites)
    _check_administrators(session)
    append_event(session, records, actor, EventKind.ACCOUNT_CHANGED, f"users/{number}")


def set_active(records: Records, actor: Actor, number: int, *, active: bool) -> None:
    """Let a person sign in, or no longer; all the person's sessions and links end at once.

    Raises:
        LastAdministratorError: if no administrator would be left.
        NobodyError: if there is no such account.
        OwnRightsError: if it is the actor's own.
        SecondPersonNeededError: if it lets somebody in, and the actor is not the command line.
    """
    with admin_transaction(records, actor) as session:
        check_other(actor, number)
        if active:
            _check_root(actor)
        set_active_within(session, records, actor, number, active=active)
        action = Action.ACTIVATE if active else Action.DEACTIVATE
        rights = rights_of(load_row(session, number))
        change = Change(action=action, user_id=number, before=rights, after=rights)
        _note(session, records, actor, change)


def set_active_within(
    session: Session, records: Records, actor: Actor, number: int, *, active: bool
) -> None:
    """Do so within a transaction that knows that it may.

    Raises:
        LastAdministratorError: if no administrator would be left.
    """
    row = load_row(session, number)
    row.active = active
    _check_administrators(session)
    _end_sessions(session, row)
    append_event(session, records, actor, EventKind.ACCOUNT_CHANGED, f"users/{number}")


def reset_second_factor(records: Records, actor: Actor, number: int) -> None:
    """Forget a person's codes, recovery codes and passkeys, as when a phone is lost.

    Raises:
        NobodyError: if there is no such account.
        SecondPersonNeededError: if the actor is not the command line.
    """
    with admin_transaction(records, actor) as session:
        _check_root(actor)
        forget_factors(session, records, actor, number)
        rights = rights_of(load_row(session, number))
        change = Change(action=Action.FACTOR, user_id=number, before=rights, after=rights)
        _note(session, records, actor, change)


def forget_factors(session: Session, records: Records, actor: Actor, number: int) -> None:
    """Do so within a transaction that knows that it may."""
    row = load_row(session, number)
    row.tf_primary_method = row.tf_totp_secret = None
    row.mf_recovery_codes = []
    for passkey in list(row.webauthn):
        session.delete(passkey)
    _end_sessions(session, row)
    append_event(session, records, actor, EventKind.SECOND_FACTOR_CHANGED, f"users/{number}")


def note_link(records: Records, number: int) -> None:
    """Record that the command line made a link for an account."""
    with admin_transaction(records, COMMAND_LINE) as session:
        rights = rights_of(load_row(session, number))
        change = Change(action=Action.LINK, user_id=number, before=rights, after=rights)
        _note(session, records, COMMAND_LINE, change)


def check_other(actor: Actor, number: int) -> None:
    """Make sure that an account is not the actor's own.

    Raises:
        OwnRightsError: if it is.
    """
    if actor.id == number:
        raise OwnRightsError


def rights_of(row: account_tables.User) -> Rights:
    """The rights of an account."""
    roles = known_roles(role.name for role in row.roles)
    return Rights(roles=roles, sites=frozenset(site.id for site in row.sites))


def _check_root(actor: Actor) -> None:
    if actor.id != COMMAND_LINE.id:
        raise SecondPersonNeededError


def _note(session: Session, records: Records, actor: Actor, change: Change) -> None:
    add_step(session, records, by=actor.id, step=Step.DONE, change=change)


def _one(session: Session, condition: ColumnElement[bool]) -> account_tables.User | None:
    return session.scalars(select(account_tables.User).where(condition)).unique().one_or_none()


def load_row(session: Session, number: int) -> account_tables.User:
    """An account within a transaction.

    Raises:
        NobodyError: if there is no such account.
    """
    row = session.get(account_tables.User, number)
    if row is None:
        raise NobodyError(number)
    return row


def person_of(row: account_tables.User) -> Person:
    """An account as an administrator sees it."""
    roles = known_roles(role.name for role in row.roles)
    return Person(
        id=row.id,
        name=row.name,
        email=row.email,
        roles=roles,
        odd_roles=len(roles) < len(row.roles),
        sites=tuple(map(site_of, row.sites)),
        active=row.active,
        has_password=bool(row.password),
        has_codes=bool(row.tf_totp_secret and row.tf_primary_method),
        passkeys=len(row.webauthn),
        linked=bool(row.identities),
    )


def _check_administrators(session: Session) -> None:
    session.flush()
    active = session.scalars(select(account_tables.User).where(account_tables.User.active)).unique()
    held = (role.name for row in active for role in row.roles)
    if Role.ADMINISTRATOR.value not in held:
        raise LastAdministratorError


def _end_sessions(session: Session, row: account_tables.User) -> None:
    """End all sessions of a person, and void every link that was made for the person."""
    row.fs_uniquifier = secrets.token_hex(32)
    session.execute(delete(SessionRow).where(SessionRow.user_id == row.id))
    forget_browsers(session, row.id)


def _role_rows(session: Session, roles: Iterable[Role]) -> list[account_tables.Role]:
    """The rows of roles; a role's row is made when it is first given to somebody."""
    rows = []
    for role in sorted(roles, key=lambda each: each.value):
        row = session.scalar(
            select(account_tables.Role).where(account_tables.Role.name == role.value)
        )
        rows.append(row or account_tables.Role(name=role.value))
    session.add_all(rows)
    return rows


def _site_rows(session: Session, numbers: Iterable[int]) -> list[SiteRow]:
    return list(session.scalars(select(SiteRow).where(SiteRow.id.in_(list(numbers)))))
