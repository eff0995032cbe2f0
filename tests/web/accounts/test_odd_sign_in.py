"""What nobody types is no error of ours: it is wrong like anything else, and counted."""

import pytest
from flask import Flask
from support.people.visitor import Visitor
from support.people.web_people import PASSWORD, add_person, casework_app

from screening.records.access import Role
from screening.records.ledger.records import Records
from screening.records.people import administration, people, sites
from screening.records.people.administration import COMMAND_LINE
from screening.records.people.people import find_person

EMAIL = "ann@clinic.localhost"
ODD = {
    "a null character": "a\0b@clinic.localhost",
    "nothing but one": "\0",
    "no end": "a" * 10_000 + "@clinic.localhost",
    "a noncharacter": "\uffff@clinic.localhost",
}


@pytest.fixture
def app(records: Records) -> Flask:
    return casework_app(records, WTF_CSRF_ENABLED=False)


@pytest.fixture
def visitor(app: Flask, records: Records) -> Visitor:
    add_person(records, Role.ADMINISTRATOR, email=EMAIL)
    return Visitor(app.test_client())


@pytest.mark.parametrize("odd", ODD)
def test_an_odd_address_or_password_is_a_wrong_one(visitor: Visitor, odd: str) -> None:
    for email, password in ((ODD[odd], PASSWORD), (EMAIL, ODD[odd])):
        assert visitor.enter(email, password).status_code == 200
    for _ in range(5):
        answer = visitor.enter(EMAIL, ODD[odd])
    assert answer.status_code == 429
    assert not visitor.is_in


def test_what_cannot_be_seen_in_an_address_makes_no_other_account_of_it(
    visitor: Visitor, records: Records
) -> None:
    hidden = "an\N{ZERO WIDTH SPACE}n@clinic.localhost\0"
    statuses = [visitor.enter(each, "wrong horse") for each in (EMAIL, hidden) * 3]
    assert [each.status_code for each in statuses] == [200] * 5 + [429]
    new = people.NewPerson(name="Ann", email=hidden, roles=frozenset(), sites=frozenset())
    with pytest.raises(administration.TakenError):
        people.add_person(records, COMMAND_LINE, new)


@pytest.mark.parametrize("odd", ODD)
def test_an_endless_password_is_wrong_on_the_other_forms_too(visitor: Visitor, odd: str) -> None:
    visitor.enter(EMAIL)
    new = dict.fromkeys(("new_password", "new_password_confirm"), "quiet river under stone")
    for address, typed in (("again", {}), ("password", new)):
        data = {"password": ODD[odd], **typed}
        assert visitor.client.post(f"/account/{address}", data=data).status_code == 200
    assert Visitor(visitor.client.application.test_client()).enter(EMAIL).status_code == 302


@pytest.mark.parametrize("odd", ODD)
def test_a_person_or_site_with_an_odd_name_is_not_added(
    visitor: Visitor, records: Records, odd: str
) -> None:
    visitor.enter(EMAIL)
    before = len(people.people(records, COMMAND_LINE))
    person = {"name": ODD[odd], "email": "ben@clinic.localhost", "roles": "nurse"}
    assert visitor.client.post("/people/add", data=person).status_code == 422
    assert visitor.client.post("/people/sites", data={"name": ODD[odd]}).status_code == 422
    assert len(people.people(records, COMMAND_LINE)) == before
    assert sites.sites(records) == ()
    named = {"name": "Ben", "email": ODD[odd], "roles": "nurse"}
    assert visitor.client.post("/people/add", data=named).status_code in {303, 422}
    assert find_person(records, COMMAND_LINE, "\0") is None
