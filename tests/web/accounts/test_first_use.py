from base64 import urlsafe_b64decode
from concurrent.futures import ThreadPoolExecutor

import pytest
from flask import Flask
from sqlalchemy import select
from support.pages.page_reader import Page
from support.people.visitor import Visitor
from support.people.web_people import add_person
from support.storage import databases

from screening.records.access import Role
from screening.records.ledger.records import Records
from screening.records.people import first_account, people
from screening.records.people.administration import COMMAND_LINE
from screening.records.people.first_account import UsedLinkError, make_first, setup_link
from screening.records.storage.account_tables import User
from screening.records.storage.tables import Marker

TYPED = {
    "name": "Ada Admin",
    "email": "ada@clinic.localhost",
    "password": "quiet river under stone",
    "password_confirm": "quiet river under stone",
}


def opened(records: Records) -> str:
    link = setup_link(records)
    assert link
    return link


def test_the_link_of_the_first_start_makes_an_administrator_once(
    visitor: Visitor, sqlite_records: Records
) -> None:
    link = opened(sqlite_records)
    page = visitor.open(link)
    assert page.headings == ["The first account"]
    answer = visitor.press(page, "Make the account", **TYPED)
    assert answer.location == "/account/sign-in"
    (ada,) = people.people(sqlite_records, COMMAND_LINE)
    assert ada.roles == {Role.ADMINISTRATOR}
    answer = visitor.enter("ada@clinic.localhost", "quiet river under stone")
    assert answer.status_code == 302
    assert visitor.client.get(link).status_code == 404
    assert setup_link(sqlite_records) is None


def test_there_is_no_account_and_no_password_before(
    visitor: Visitor, sqlite_records: Records
) -> None:
    opened(sqlite_records)
    assert people.people(sqlite_records, COMMAND_LINE) == ()
    for email in ("admin", "admin@localhost", "root", ""):
        assert visitor.enter(email, "admin").status_code == 200


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"name": " "}, "Enter your name"),
        ({"name": "A\u202edA"}, "usual signs"),
        ({"email": "ada"}, "Enter an email address"),
        ({"password": "short"}, "at least 12"),
        ({"password_confirm": "another river"}, "same password in both"),
    ],
)
def test_what_is_wrong_is_said_and_the_link_still_works(
    visitor: Visitor, sqlite_records: Records, typed: dict[str, str], said: str
) -> None:
    page = visitor.open(opened(sqlite_records))
    answer = visitor.press(page, "Make the account", **(TYPED | typed))
    assert answer.status_code == 422
    assert said in Page(answer.text).text
    assert visitor.press(page, "Make the account", **TYPED).status_code == 303


def test_a_link_ends_with_the_day_and_with_the_next_start(records: Records) -> None:
    first = opened(records).rpartition("/")[2]
    second = opened(records).rpartition("/")[2]
    assert not first_account.is_open(records, first)
    assert first_account.is_open(records, second)
    databases.clock(records).advance(hours=24, seconds=1)
    assert not first_account.is_open(records, second)
    with pytest.raises(UsedLinkError):
        make_first(records, second, "Ada", "ada@clinic.localhost", "hash")


def test_of_eight_at_once_one_makes_the_account(records: Records) -> None:
    token = opened(records).rpartition("/")[2]

    def race(number: int) -> bool:
        try:
            make_first(records, token, "Ada", f"ada{number}@clinic.localhost", "hash")
        except UsedLinkError:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(race, range(8))) == 1
    with records.database.reading() as session:
        assert len(session.scalars(select(User)).unique().all()) == 1


def test_the_database_never_holds_the_token(sqlite_records: Records) -> None:
    token = opened(sqlite_records).rpartition("/")[2]
    with sqlite_records.database.reading() as session:
        marker = session.get(Marker, "first-use")
    assert marker
    assert token not in marker.value


@pytest.mark.parametrize("forged", ["x", "", "a" * 43, "é"])
def test_a_forged_link_opens_nothing(
    visitor: Visitor, sqlite_records: Records, forged: str
) -> None:
    opened(sqlite_records)
    assert visitor.client.get(f"/account/first/{forged}").status_code == 404


def test_once_there_is_an_account_there_is_no_link(app: Flask, sqlite_records: Records) -> None:
    link = opened(sqlite_records)
    add_person(sqlite_records, Role.NURSE)
    assert app.test_client().get(link).status_code == 404
    assert setup_link(sqlite_records) is None


def test_nobody_can_guess_a_link(visitor: Visitor, sqlite_records: Records) -> None:
    """Each has 256 bits of chance, so that wrong ones need no limit: see ``test_lockout``."""
    links = [opened(sqlite_records) for _ in range(8)]
    chances = {urlsafe_b64decode(link.removeprefix("/account/first/") + "=") for link in links}
    assert [len(each) for each in chances] == [32] * 8
    page = visitor.open("/account/sign-in")
    guesses = [*links[:-1], *(f"/account/first/{number}" for number in range(40))]
    found = {visitor.client.post(each, data=dict(page.form.fields)).status_code for each in guesses}
    assert found == {404}
    assert visitor.open(links[-1]).headings == ["The first account"]
