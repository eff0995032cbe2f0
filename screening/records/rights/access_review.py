"""The access review: who has which rights, since when and from whom."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import func, select

from screening.records.access import Actor, Permission, Role
from screening.records.case.case_rows import check_permission, load_names
from screening.records.case.odd_times import as_text, read_moment
from screening.records.ledger import events as ledger
from screening.records.ledger.events import EventKind
from screening.records.ledger.records import Records
from screening.records.people.people import Person, person_of
from screening.records.rights.grants import Grant, read_grants, read_sign_ins
from screening.records.storage import account_tables
from screening.records.storage.tables import EventRow
from screening.translation import gettext, mark

UNUSED_DAYS = 90
"""After so many days without a sign-in an account is unused, unless the settings say otherwise."""
UNREADABLE_ROLE = mark("a role cannot be read: it was changed outside the application")
LOST_GRANT = mark("a change of rights cannot be read: it was changed outside the application")
LOST_SIGN_IN = mark("a sign-in cannot be read: it was changed outside the application")
COLUMNS = (
    *("name", "email", "active", "roles", "sites", "since", "given by", "approved by"),
    *("last sign-in", "second factor", "notes"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """One account. ``given`` is None without rights, or if the records do not say.

    ``lost_grant`` and ``lost_sign_in`` say that a later one may be there, but cannot be read.
    """

    person: Person
    given: Grant | None
    last_sign_in: dt.datetime | None
    unused: bool
    lost_grant: bool = False
    lost_sign_in: bool = False

    @property
    def notes(self) -> tuple[str, ...]:
        """Notes for a reviewer to look at, in words."""
        person, said = self.person, []
        if self.lost_sign_in:
            said.append(gettext(LOST_SIGN_IN))
        elif person.active and self.last_sign_in is None:
            said.append(gettext("never used"))
        elif person.active and self.unused:
            said.append(gettext("unused for a long time"))
        if person.active and not (person.has_codes or person.passkeys or person.linked):
            said.append(gettext("no second factor"))
        if Role.ADMINISTRATOR in person.roles and len(person.roles) > 1:
            said.append(gettext("administrator who also sees cases"))
        if person.odd_roles:
            said.append(gettext(UNREADABLE_ROLE))
        elif person.active and not person.roles:
            said.append(gettext("no rights"))
        if self.lost_grant:
            said.append(gettext(LOST_GRANT))
        return tuple(said)


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """A review of the list, and its time; None if that cannot be read."""

    by: str
    at: dt.datetime | None


def read_access(records: Records, actor: Actor, days: int = UNUSED_DAYS) -> tuple[Access, ...]:
    """Every account, by name; the inactive ones last.

    Raises:
        NotAllowedError: if the person is neither administrator nor auditor.
    """
    check_permission(actor, Permission.REVIEW_ACCESS)
    user = account_tables.User
    with records.database.reading() as session:
        asked = select(user).order_by(user.active.desc(), func.lower(user.name), user.id)
        people = [person_of(row) for row in session.scalars(asked).unique()]
        given, signed_in = read_grants(session), read_sign_ins(session)
    before = records.now() - dt.timedelta(days=days)
    return tuple(
        Access(
            person=person,
            given=given.found.get(person.id) if person.roles else None,
            last_sign_in=signed_in.newest.get(person.id),
            unused=signed_in.newest.get(person.id, before) <= before,
            lost_grant=bool(person.roles) and given.is_damaged(person.id),
            lost_sign_in=signed_in.is_damaged(person.id),
        )
        for person in people
    )


def record_review(records: Records, actor: Actor) -> None:
    """Record that the person reviewed the list.

    Raises:
        NotAllowedError: if the person is neither administrator nor auditor.
    """
    check_permission(actor, Permission.REVIEW_ACCESS)
    ledger.record_event(records, actor.id, EventKind.ACCESS_REVIEWED)


def last_review(records: Records) -> Review | None:
    """The person who reviewed the list last."""
    reviewed = EventRow.kind == EventKind.ACCESS_REVIEWED.value
    columns = EventRow.by, as_text(EventRow.at).label("at")
    query = select(*columns).where(reviewed).order_by(EventRow.seq.desc()).limit(1)
    with records.database.reading() as session:
        row = session.execute(query).first()
        if row is None:
            return None
        name = load_names(session, {row.by}).get(row.by, "")
    return Review(by=name, at=read_moment(row.at))


def table(found: Iterable[Access]) -> list[tuple[str, ...]]:
    """The rows of the list, as text, in the order of ``COLUMNS``."""
    return [_line(each) for each in found]


def _line(found: Access) -> tuple[str, ...]:
    person, given = found.person, found.given
    return (
        person.name,
        person.email,
        "yes" if person.active else "no",
        ", ".join(sorted(role.value for role in person.roles)),
        ", ".join(site.name for site in person.sites),
        _day(given.at) if given else "",
        given.by if given else "",
        given.approved_by if given else "",
        _day(found.last_sign_in) if found.last_sign_in or found.lost_sign_in else "never",
        factors(person),
        ", ".join(found.notes),
    )


def _day(at: dt.datetime | None) -> str:
    return at.date().isoformat() if at else gettext("cannot be read")


def factors(person: Person) -> str:
    """The second factors of a person, in words."""
    has = (
        (gettext("codes"), person.has_codes),
        (gettext("passkey"), person.passkeys),
        (gettext("single sign-on"), person.linked),
    )
    return ", ".join(words for words, there in has if there) or gettext("none")
