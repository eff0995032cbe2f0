"""The access review: who has which rights, since when and from whom."""

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from screening.records.access import Actor, Permission, Role
from screening.records.case.case_rows import check_permission, load_names
from screening.records.ledger import events as ledger
from screening.records.ledger.events import EventKind
from screening.records.ledger.records import Records
from screening.records.people.people import Person, person_of
from screening.records.people.rights_steps import Action, Step
from screening.records.storage import account_tables
from screening.records.storage.tables import EventRow, RightsStepRow
from screening.translation import gettext, mark

UNUSED_DAYS = 90
"""After so many days without a sign-in an account is unused, unless the settings say otherwise."""
UNREADABLE_ROLE = mark("a role cannot be read: it was changed outside the application")
COLUMNS = (
    *("name", "email", "active", "roles", "sites", "since", "given by", "approved by"),
    *("last sign-in", "second factor", "notes"),
)
_GIVES = (Action.ADD.value, Action.RIGHTS.value, Action.ACTIVATE.value)


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """Rights that somebody gave, and when. ``approved_by`` is empty if one person acted alone."""

    at: dt.datetime
    by: str
    approved_by: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """One account. ``given`` is None without rights, or if the records do not say."""

    person: Person
    given: Grant | None
    last_sign_in: dt.datetime | None
    unused: bool

    @property
    def notes(self) -> tuple[str, ...]:
        """Notes for a reviewer to look at, in words."""
        person, said = self.person, []
        if person.active and self.last_sign_in is None:
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
        return tuple(said)


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """A review of the list, and its time."""

    by: str
    at: dt.datetime


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
        given, signed_in = _given(session), _signed_in(session)
    before = records.now() - dt.timedelta(days=days)
    return tuple(
        Access(
            person=person,
            given=given.get(person.id) if person.roles else None,
            last_sign_in=signed_in.get(person.id),
            unused=signed_in.get(person.id, before) <= before,
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
    query = select(EventRow.by, EventRow.at).where(reviewed).order_by(EventRow.seq.desc())
    with records.database.reading() as session:
        row = session.execute(query.limit(1)).first()
        return Review(by=load_names(session, {row.by})[row.by], at=row.at) if row else None


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
        given.at.date().isoformat() if given else "",
        given.by if given else "",
        given.approved_by if given else "",
        found.last_sign_in.date().isoformat() if found.last_sign_in else "never",
        factors(person),
        ", ".join(found.notes),
    )


def factors(person: Person) -> str:
    """The second factors of a person, in words."""
    has = (
        (gettext("codes"), person.has_codes),
        (gettext("passkey"), person.passkeys),
        (gettext("single sign-on"), person.linked),
    )
    return ", ".join(words for words, there in has if there) or gettext("none")


def _signed_in(session: Session) -> dict[int, dt.datetime]:
    signed_in = EventRow.kind == EventKind.SIGNED_IN.value
    query = select(EventRow.by, func.max(EventRow.at).label("at")).where(signed_in)
    return {row.by: row.at for row in session.execute(query.group_by(EventRow.by))}


def _given(session: Session) -> dict[int, Grant]:
    """The time when each account got its rights; of older ones, when it was added."""
    added = EventRow.kind == EventKind.ACCOUNT_ADDED.value
    events = session.execute(select(EventRow.row, EventRow.by, EventRow.at).where(added)).all()
    steps = session.scalars(select(RightsStepRow).order_by(RightsStepRow.number)).all()
    names = load_names(session, {each.by for each in events} | {each.by for each in steps})
    found = {
        int(each.row.rpartition("/")[2]): Grant(at=each.at, by=names.get(each.by, ""))
        for each in events
    }
    return found | _by_steps(steps, names)


def _by_steps(steps: Iterable[RightsStepRow], names: Mapping[int, str]) -> dict[int, Grant]:
    found: dict[int, Grant] = {}
    proposed: dict[int, int] = {}
    for row in steps:
        by = names.get(row.by, "")
        if row.step == Step.PROPOSED.value:
            proposed[row.number] = row.by
        elif row.action not in _GIVES:
            continue
        elif row.step == Step.DONE.value:
            found[row.user_id] = Grant(at=row.at, by=by)
        elif row.step == Step.APPROVED.value:
            first = names.get(proposed[row.proposal], "")
            found[row.user_id] = Grant(at=row.at, by=first, approved_by=by)
    return found
