"""Auditors read in words what was changed about accounts and sites, and from what to what."""

from flask.testing import FlaskClient
from pagereader import Page
from webpeople import add_person

from screening.records import people
from screening.records.access import Role
from screening.records.people import COMMAND_LINE
from screening.records.store import Records


def test_a_change_of_rights_is_read_with_before_and_after(
    records: Records, client: FlaskClient, site: int
) -> None:
    add_person(records, Role.ADMINISTRATOR)
    number, _ = add_person(records, Role.NURSE, sites=[site])
    people.set_rights(records, COMMAND_LINE, number, frozenset({Role.AUDITOR}), frozenset())
    people.change_site(records, COMMAND_LINE, site, "South", "Europe/Paris")
    people.set_active(records, COMMAND_LINE, number, active=False)
    text = Page(client.get("/audit/ledger").text).text
    for words in (
        "Roles: Nurse → Auditor",
        "Sites: South → none",
        "Name: North → South",
        "Time zone: none → Europe/Paris",
        "May sign in: yes → no",
        "Password: none → set",
        "account changed",
    ):
        assert words in text
