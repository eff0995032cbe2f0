from collections.abc import Callable

import pytest
from flask import Flask
from support.pages.page_reader import Page
from support.people.visitor import Visitor
from support.people.web_people import add_person
from support.storage.databases import Clock
from werkzeug.datastructures import MultiDict

from screening.records.access import Role
from screening.records.ledger.records import Records

LOST = "You were signed out; nothing is lost"
CANARY = "canary-7f3a"


@pytest.fixture
def form(visitor: Visitor, ann: int) -> tuple[str, MultiDict[str, str]]:
    """A form of the casework that Ann filled in."""
    visitor.enter("ann@clinic.localhost")
    page = visitor.open("/worklist/new")
    found = next(each for each in page.forms if each.action.startswith("/worklist/"))
    data = MultiDict(found.fields)
    data["person"] = CANARY
    data.add("several", "one")
    data.add("several", "two ünd <b>")
    return found.action, data


def test_a_session_that_ended_gives_everything_back(
    app: Flask,
    visitor: Visitor,
    clock: Clock,
    form: tuple[str, MultiDict[str, str]],
) -> None:
    address, data = form
    clock.advance(minutes=16)
    answer = visitor.client.post(address, data=data)
    page = Page(answer.text)
    assert answer.status_code == 401
    assert page.headings == [LOST]
    given = {pair for pair in data.items(multi=True) if pair[0] not in {"csrf_token", "unkept"}}
    assert given <= set(page.form.fields)
    address, again = page.press("Send what I typed")
    early = Page(visitor.client.post(address, data=again).text)
    assert "You are not signed in yet" in early.text
    assert given <= set(early.form.fields)
    tab = visitor.enter("ann@clinic.localhost")
    assert tab.status_code == 302
    sent = visitor.client.post(address, data=again)
    assert sent.status_code not in {400, 401}
    assert CANARY in sent.text or sent.status_code == 303


def test_nothing_that_was_typed_is_kept_on_the_server_meanwhile(
    visitor: Visitor,
    clock: Clock,
    form: tuple[str, MultiDict[str, str]],
    sqlite_records: Records,
) -> None:
    clock.advance(minutes=16)
    address, data = form
    answer = visitor.client.post(address, data=data)
    assert CANARY not in str(answer.headers)
    assert sqlite_records.database.file
    assert CANARY.encode() not in sqlite_records.database.file.read_bytes()


def test_another_person_cannot_send_it_under_the_own_name(
    visitor: Visitor,
    clock: Clock,
    form: tuple[str, MultiDict[str, str]],
    sqlite_records: Records,
    north: int,
) -> None:
    clock.advance(minutes=16)
    address, data = form
    page = Page(visitor.client.post(address, data=data).text)
    address, again = page.press("Send what I typed")
    _, other = add_person(sqlite_records, Role.NURSE, sites=[north])
    visitor.enter(other)
    sent = visitor.client.post(address, data=again)
    assert sent.status_code == 409
    assert Page(sent.text).headings == ["Somebody else typed this"]
    assert CANARY not in sent.text


@pytest.mark.parametrize(
    "headers", [{"Sec-Fetch-Site": "cross-site"}, {"Origin": "http://evil.example"}]
)
def test_a_form_of_another_site_is_not_given_back(
    visitor: Visitor,
    clock: Clock,
    form: tuple[str, MultiDict[str, str]],
    headers: dict[str, str],
) -> None:
    clock.advance(minutes=16)
    address, data = form
    answer = visitor.client.post(address, data=data, headers=headers)
    assert answer.status_code == 303
    assert CANARY not in answer.text


def test_a_token_that_is_too_old_gives_everything_back_too(
    visitor: Visitor, form: tuple[str, MultiDict[str, str]]
) -> None:
    address, data = form
    data["csrf_token"] = "from an earlier session"  # noqa: S105 - it is none
    answer = visitor.client.post(address, data=data)
    page = Page(answer.text)
    assert page.headings == ["What you typed is still here"]
    address, again = page.press("Send what I typed")
    assert visitor.client.post(address, data=again).status_code not in {400, 401}


def test_a_script_is_told_in_a_status(
    visitor: Visitor, clock: Clock, form: tuple[str, MultiDict[str, str]]
) -> None:
    clock.advance(minutes=16)
    headers = {"Accept": "application/json"}
    answer = visitor.client.post(form[0], data={"person": CANARY}, headers=headers)
    assert answer.status_code == 401
    assert answer.json == {"signed_in": False}


def test_passwords_are_never_given_back(
    visitor: Visitor, clock: Clock, signed_in: Callable[[Role], Visitor]
) -> None:
    inside = signed_in(Role.NURSE)
    page = inside.open("/account/password")
    clock.advance(minutes=16)
    answer = inside.press(page, "Change password", password=CANARY, new_password=CANARY)
    assert answer.status_code == 303
    assert CANARY not in answer.text
