"""Auditors read in words what was changed about accounts and sites, and from what to what."""

from flask import Flask
from flask.testing import FlaskClient
from support.casework.screened_cases import Screened
from support.pages.page_reader import Page
from support.people import worklist_people
from support.people.web_people import add_person

from screening.records.access import Actor, Role
from screening.records.ledger.records import Records
from screening.records.people import people, sites
from screening.records.people.administration import COMMAND_LINE
from screening.records.people.passwords import hash_password
from screening.records.people.rights_steps import Action
from screening.records.rights import proposal_links, proposal_list, proposals
from screening.records.storage.account_tables import User
from screening.records.storage.tables import Marker
from screening.records.worklist.column_matches import remember_columns
from screening.web.accounts.password_links import link_path


def test_a_change_of_rights_is_read_with_before_and_after(
    records: Records, client: FlaskClient, site: int
) -> None:
    add_person(records, Role.ADMINISTRATOR)
    number, _ = add_person(records, Role.NURSE, sites=[site])
    people.set_rights(records, COMMAND_LINE, number, frozenset({Role.AUDITOR}), frozenset())
    sites.change_site(
        records, COMMAND_LINE, sites.Site(id=site, name="South", time_zone="Europe/Paris")
    )
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


def administrator(records: Records, name: str) -> Actor:
    return worklist_people.person(records, Role.ADMINISTRATOR, sites=[], name=name)


def set_password(records: Records, number: int) -> None:
    """As the page of a link does."""
    with records.database.writing() as session:
        session.get_one(User, number).password = hash_password("quiet river under stone")


def test_ways_into_accounts_are_read_with_who_made_them_and_for_whom(
    records: Records, app: Flask, client: FlaskClient, site: int
) -> None:
    eve, bea = administrator(records, "Eve Proposes"), administrator(records, "Bea Approves")
    number, _ = add_person(records, Role.NURSE, sites=[site], name="Nina New")
    proposals.propose(records, eve, number, Action.LINK)
    proposals.withdraw(records, eve, proposal_list.proposals(records, eve)[0].number)
    proposals.propose(records, eve, number, Action.LINK)
    newest = proposal_list.proposals(records, bea)[0].number
    proposals.approve(records, bea, newest)
    unopened = Page(client.get("/audit/ledger").text).text
    assert "approved: make a password link: Nina New (Nurse) Link used: not yet" in unopened
    proposal_links.open_link(records, newest)
    opened = Page(client.get("/audit/ledger").text).text
    assert "approved: make a password link: Nina New (Nurse) Link used: not yet" in opened
    set_password(records, number)
    link_path(app, number)
    text = Page(client.get("/audit/ledger").text).text
    for words in (
        "Eve Proposes proposed: make a password link: Nina New (Nurse)",
        "Eve Proposes withdrawn: make a password link: Nina New (Nurse)",
        "approved: make a password link: Nina New (Nurse) Link used: yes",
        "password link opened with its code",
        "command line password link made: Nina New (Nurse) Link used: not yet",
    ):
        assert words in text, words


def test_a_match_of_columns_is_named_with_its_site(
    records: Records, client: FlaskClient, site: int, nora: Actor, screened: Screened
) -> None:
    assert screened
    remember_columns(records, nora, site, ("Surname", "Ward"), ("person", "clinic"))
    remember_columns(records, nora, site, ("Surname", "Ward"), ("person", ""))
    add_setting(records)
    text = Page(client.get("/audit/ledger").text).text
    for words in (
        "Nora Nurse record added: how file columns are matched at North Value: none → set",
        "Nora Nurse record changed: how file columns are matched at North Value: set → repl",
        "record added: a setting of the service",
    ):
        assert words in text, words
    assert "Surname" not in text


def add_setting(records: Records) -> None:
    with records.database.writing() as session:
        session.add(Marker(name="another", value="yes"))


def test_a_change_names_the_person_or_the_thing(
    records: Records, client: FlaskClient, site: int
) -> None:
    eve = administrator(records, "Eve Alone")
    number, _ = add_person(records, Role.NURSE, sites=[site], name="Nina New")
    people.set_active(records, eve, number, active=False)
    sites.change_site(
        records, COMMAND_LINE, sites.Site(id=site, name="South", time_zone="Europe/Paris")
    )
    text = Page(client.get("/audit/ledger").text).text
    for words in (
        "Eve Alone account changed: Nina New (Nurse)",
        "changed by one administrator: make the account inactive: Nina New (Nurse)",
        "site changed: South",
    ):
        assert words in text, words
    assert not [each for each in ("users/", "rights_steps/", "sites/", "secrets/") if each in text]
