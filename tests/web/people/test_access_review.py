"""Who has which rights, since when and by whom: for administrators and auditors, to sign."""

from collections.abc import Callable

import pytest
from sqlalchemy import select
from support.people.visitor import Visitor
from support.people.web_people import add_person, add_site
from support.storage import databases

from screening.records.access import Actor, Role
from screening.records.errors import NotAllowedError
from screening.records.ledger.records import Records
from screening.records.people import people
from screening.records.people.administration import COMMAND_LINE
from screening.records.people.people import NewPerson
from screening.records.people.rights_steps import Rights
from screening.records.rights import proposal_list, proposals
from screening.records.rights.access_review import last_review, read_access, record_review
from screening.records.storage.tables import EventRow

ADMIN = frozenset({Role.ADMINISTRATOR})


def administrator(records: Records, name: str) -> Actor:
    number, _ = add_person(records, Role.ADMINISTRATOR, name=name)
    return Actor(id=number, name=name, roles=ADMIN, sites=frozenset())


def test_it_says_who_gave_the_rights_and_who_approved_them(records: Records) -> None:
    ada, bea = (administrator(records, name) for name in ("Ada", "Bea"))
    ann, _ = add_person(records, Role.NURSE, name="Ann")
    (given,) = (each.given for each in read_access(records, ada) if each.person.id == ann)
    assert given
    assert (given.by, given.approved_by) == ("the command line", "")
    sites = frozenset({add_site(records, "North")})
    wanted = Rights(roles=frozenset({Role.NURSE, Role.AUDITOR}), sites=sites)
    proposals.propose_rights(records, ada, ann, wanted)
    number = proposal_list.proposals(records, ada)[0].number
    proposals.approve(records, bea, number)
    (given,) = (each.given for each in read_access(records, bea) if each.person.id == ann)
    assert given
    assert (given.by, given.approved_by) == ("Ada", "Bea")


def test_nobody_gave_rights_that_were_refused(
    signed_in: Callable[[Role], Visitor], sqlite_records: Records
) -> None:
    visitor = signed_in(Role.ADMINISTRATOR)
    ada, bea = (administrator(sqlite_records, name) for name in ("Ada", "Bea"))
    north, roles = add_site(sqlite_records, "North"), frozenset({Role.NURSE})
    new = NewPerson(name="Zed", email="z@x.localhost", roles=roles, sites=frozenset({north}))
    number = proposals.propose_person(sqlite_records, ada, new)
    proposals.refuse(sqlite_records, bea, proposal_list.proposals(sqlite_records, ada)[0].number)
    (found,) = (each for each in read_access(sqlite_records, ada) if each.person.id == number)
    assert found.given is None
    assert "none no rights given never" in visitor.open("/people/review").text
    assert "nothing yet: has no rights" in visitor.open("/people/").text
    assert "needs a password link" not in visitor.open("/people/").text


def test_it_says_who_never_signed_in_and_who_has_not_for_long(
    signed_in: Callable[[Role], Visitor], sqlite_records: Records
) -> None:
    signed_in(Role.NURSE)
    add_person(sqlite_records, Role.AUDITOR, Role.ADMINISTRATOR, name="Zoe")
    used, unused = read_access(sqlite_records, COMMAND_LINE)
    assert used.notes == ("no second factor",)
    assert unused.notes == (
        *("never used", "no second factor"),
        "administrator who also sees cases",
    )
    databases.clock(sqlite_records).advance(hours=24 * 91)
    assert read_access(sqlite_records, COMMAND_LINE)[0].notes[0] == "unused for a long time"
    assert read_access(sqlite_records, COMMAND_LINE, 365)[0].notes == ("no second factor",)


@pytest.mark.parametrize("role", [Role.NURSE, Role.LEAD_NURSE])
def test_others_neither_read_nor_sign_it(sqlite_records: Records, role: Role) -> None:
    other = Actor(id=1, name="Ann", roles=frozenset({role}), sites=frozenset())
    with pytest.raises(NotAllowedError):
        read_access(sqlite_records, other)
    with pytest.raises(NotAllowedError):
        record_review(sqlite_records, other)


@pytest.mark.parametrize("role", [Role.ADMINISTRATOR, Role.AUDITOR])
def test_the_page_is_read_signed_and_taken_as_a_file(
    signed_in: Callable[[Role], Visitor], sqlite_records: Records, role: Role
) -> None:
    visitor = signed_in(role)
    add_person(sqlite_records, Role.ADMINISTRATOR)
    number, _ = add_person(sqlite_records, Role.NURSE, name="=Nora")
    people.set_active(sqlite_records, COMMAND_LINE, number, active=False)
    page = visitor.open("/people/review")
    assert "Nobody has reviewed this list yet." in page.text
    visitor.press(page, "I have reviewed this list")
    assert "Last reviewed by Ann Miller" in visitor.open("/people/review").text
    assert last_review(sqlite_records)
    with sqlite_records.database.reading() as session:
        kinds = session.scalars(select(EventRow.kind)).all()
    assert kinds.count("access-reviewed") == 1
    table = visitor.client.get("/people/review/table.csv").text
    assert "'=Nora" in table
    assert table.count("\n") == len(people.people(sqlite_records, COMMAND_LINE)) + 1
