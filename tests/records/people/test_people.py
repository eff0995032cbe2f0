from collections.abc import Callable

import pytest
from sqlalchemy import select
from support.people.web_people import add_person, add_site

from screening.records.access import Actor, Role
from screening.records.errors import NobodyError, NotAllowedError
from screening.records.ledger.events import EventKind
from screening.records.ledger.records import Records
from screening.records.people import people, sites
from screening.records.people.administration import COMMAND_LINE, TakenError
from screening.records.people.people import LastAdministratorError, NewPerson
from screening.records.storage.tables import EventRow

ADMIN = frozenset({Role.ADMINISTRATOR})


def kinds(records: Records) -> list[str]:
    """What was done to sites and accounts; roles come to be when they are first given."""
    chosen = select(EventRow.kind).where(EventRow.row.not_like("roles/%"))
    with records.database.reading() as session:
        return list(session.scalars(chosen.order_by(EventRow.seq)))


def test_every_change_is_an_event_and_one_of_rights_a_step_too(records: Records) -> None:
    north = add_site(records, "North")
    ann, _ = add_person(records, Role.NURSE, sites=[north])
    add_person(records, Role.ADMINISTRATOR)
    sites.change_site(records, COMMAND_LINE, sites.Site(id=north, name="North clinic"))
    people.set_rights(records, COMMAND_LINE, ann, frozenset({Role.AUDITOR}), frozenset())
    people.set_active(records, COMMAND_LINE, ann, active=False)
    people.reset_second_factor(records, COMMAND_LINE, ann)
    assert kinds(records) == [
        kind.value
        for kind in (
            EventKind.SITE_ADDED,
            *(EventKind.ACCOUNT_ADDED, EventKind.RIGHTS_CHANGED),
            *(EventKind.ACCOUNT_ADDED, EventKind.RIGHTS_CHANGED),
            EventKind.SITE_CHANGED,
            *(EventKind.ACCOUNT_CHANGED, EventKind.RIGHTS_CHANGED),
            *(EventKind.ACCOUNT_CHANGED, EventKind.RIGHTS_CHANGED),
            *(EventKind.SECOND_FACTOR_CHANGED, EventKind.RIGHTS_CHANGED),
        )
    ]
    person = people.load_person(records, COMMAND_LINE, ann)
    assert person.roles == {Role.AUDITOR}
    assert not person.sites
    assert not person.active


def test_an_address_is_taken_once_however_it_is_written(records: Records) -> None:
    add_person(records, Role.NURSE, email="ann@clinic.localhost")
    with pytest.raises(TakenError):
        add_person(records, Role.NURSE, email=" ANN@clinic.localhost ")
    assert kinds(records) == ["account-added", "rights-changed"]


def test_the_last_administrator_stays_one(records: Records) -> None:
    ada, _ = add_person(records, Role.ADMINISTRATOR)
    with pytest.raises(LastAdministratorError):
        people.set_active(records, COMMAND_LINE, ada, active=False)
    with pytest.raises(LastAdministratorError):
        people.set_rights(records, COMMAND_LINE, ada, frozenset({Role.NURSE}), frozenset())
    assert people.load_person(records, COMMAND_LINE, ada).roles == ADMIN
    assert kinds(records) == ["account-added", "rights-changed"]


def test_an_inactive_administrator_does_not_count(records: Records) -> None:
    ada, _ = add_person(records, Role.ADMINISTRATOR)
    eve, _ = add_person(records, Role.ADMINISTRATOR)
    people.set_active(records, COMMAND_LINE, eve, active=False)
    with pytest.raises(LastAdministratorError):
        people.set_active(records, COMMAND_LINE, ada, active=False)


NEW = NewPerson(name="Eve", email="eve@clinic.localhost", roles=ADMIN, sites=frozenset())
WRITES: dict[str, Callable[[Records, Actor], object]] = {
    "people": people.people,
    "find": lambda r, a: people.find_person(r, a, "ann@clinic.localhost"),
    "load": lambda r, a: people.load_person(r, a, 1),
    "add": lambda r, a: people.add_person(r, a, NEW),
    "site": lambda r, a: sites.add_site(r, a, "South"),
    "rename": lambda r, a: sites.change_site(r, a, sites.Site(id=1, name="South")),
    "rights": lambda r, a: people.set_rights(r, a, 1, ADMIN, frozenset()),
    "active": lambda r, a: people.set_active(r, a, 1, active=False),
    "factor": lambda r, a: people.reset_second_factor(r, a, 1),
}


@pytest.mark.parametrize("write", WRITES)
@pytest.mark.parametrize("role", [role for role in Role if role is not Role.ADMINISTRATOR])
def test_only_an_administrator_may(sqlite_records: Records, write: str, role: Role) -> None:
    add_site(sqlite_records, "North")
    add_person(sqlite_records, role)
    before = kinds(sqlite_records)
    actor = Actor(id=1, name="Ann", roles=frozenset({role}), sites=frozenset({1}))
    with pytest.raises(NotAllowedError):
        WRITES[write](sqlite_records, actor)
    assert kinds(sqlite_records) == before


def test_whom_there_is_not_cannot_be_changed(sqlite_records: Records) -> None:
    with pytest.raises(NobodyError):
        people.load_person(sqlite_records, COMMAND_LINE, 7)
    with pytest.raises(NobodyError):
        sites.change_site(sqlite_records, COMMAND_LINE, sites.Site(id=7, name="South"))
