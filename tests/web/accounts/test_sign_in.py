import statistics
import time
from collections.abc import Callable
from urllib.parse import urljoin

import pytest
from argon2 import PasswordHasher
from flask import Flask
from flask_security.proxies import _datastore
from sqlalchemy import select
from support.pages.page_reader import Page
from support.people.visitor import Visitor, focused
from support.people.web_people import PASSWORD, add_person, casework_app

from screening.records.access import Role
from screening.records.ledger.events import EventKind
from screening.records.ledger.records import Records
from screening.records.people import people
from screening.records.people.administration import COMMAND_LINE
from screening.records.storage.tables import EventRow, SessionRow

WRONG = "is not right, or the account is not active"
EMAIL = "ann@clinic.localhost"


def kinds(records: Records, by: int) -> list[str]:
    with records.database.reading() as session:
        asked = select(EventRow.kind).where(EventRow.by == by).order_by(EventRow.seq)
        return list(session.scalars(asked))


def rows(records: Records) -> list[SessionRow]:
    with records.database.reading() as session:
        return list(session.scalars(select(SessionRow)))


def test_the_first_field_has_the_focus_unless_errors_take_it(visitor: Visitor, ann: int) -> None:
    page = visitor.open("/account/sign-in")
    assert focused(page) == ["email"]
    for typed in ({"email": EMAIL, "password": "wrong horse battery"}, {"email": ""}):
        assert focused(Page(visitor.press(page, "Sign in", **typed).text)) == []


def test_the_foot_of_an_account_page_speaks_of_accounts(visitor: Visitor, ann: int) -> None:
    texts = [visitor.open("/account/sign-in").text]
    visitor.enter(EMAIL)
    texts += [visitor.open(address).text for address in ("/account/", "/account/password")]
    for text in texts:
        assert "This page is for staff accounts." in text
        assert "prepare to talk with a clinician" not in text


@pytest.mark.parametrize("typed", [EMAIL, "  Ann@Clinic.Localhost "])
def test_a_person_signs_in_by_address_however_it_is_written(
    visitor: Visitor, ann: int, typed: str
) -> None:
    answer = visitor.enter(typed)
    assert answer.status_code == 302
    assert answer.location == "/account/start"
    assert "Ann Miller" in visitor.open("/account/").text


@pytest.mark.parametrize(
    ("email", "password"),
    [
        (EMAIL, "wrong horse battery"),
        ("nobody@clinic.localhost", "correct horse battery"),
        ("off@clinic.localhost", "correct horse battery"),
        ("off@clinic.localhost", "wrong horse battery"),
        ("new@clinic.localhost", "correct horse battery"),
    ],
)
def test_whoever_is_refused_reads_the_same(
    visitor: Visitor, ann: int, sqlite_records: Records, email: str, password: str
) -> None:
    off, _ = add_person(sqlite_records, Role.NURSE, email="off@clinic.localhost")
    add_person(sqlite_records, Role.ADMINISTRATOR)
    people.set_active(sqlite_records, COMMAND_LINE, off, active=False)
    new = people.NewPerson(
        name="New", email="new@clinic.localhost", roles=frozenset({Role.NURSE}), sites=frozenset()
    )
    people.add_person(sqlite_records, COMMAND_LINE, new)
    page = Page(visitor.enter(email, password).text)
    (said,) = {line for line in page.text.split("There is a problem ") if WRONG in line} and {WRONG}
    assert said
    assert "does not exist" not in page.text
    assert "Invalid" not in page.text
    assert not visitor.is_in


def test_no_password_stands_on_a_page(visitor: Visitor, ann: int) -> None:
    assert "wrong horse battery" not in visitor.enter(EMAIL, "wrong horse battery").text


def test_an_unknown_address_takes_as_long_as_a_wrong_password(
    sqlite_records: Records, ann: int
) -> None:
    """With hashes that cost enough to be seen: the work is the same, whoever is asked for."""
    dear = PasswordHasher(time_cost=3, memory_cost=16384, parallelism=1)
    app = casework_app(sqlite_records, ARGON2=dear, COUNT_TRIES=False)
    number = people.NewPerson(
        name="Eve",
        email="eve@clinic.localhost",
        roles=frozenset({Role.NURSE}),
        sites=frozenset(),
        password_hash=dear.hash("correct horse battery"),
    )
    people.add_person(sqlite_records, COMMAND_LINE, number)
    visitor = Visitor(app.test_client())

    def seconds(email: str) -> float:
        begin = time.process_time()  # others on this machine take no part
        visitor.enter(email, "wrong horse battery")
        return time.process_time() - begin

    seconds("eve@clinic.localhost")
    known = statistics.median(seconds("eve@clinic.localhost") for _ in range(7))
    unknown = statistics.median(seconds("nobody@clinic.localhost") for _ in range(7))
    assert 0.6 < unknown / known < 1.67


@pytest.mark.parametrize(
    "elsewhere",
    [
        "https://evil.example/",
        "//evil.example/",
        "///evil.example",
        "/\\evil.example",
        "http:evil.example",
        "javascript:alert(1)",
        "http://localhost.evil.example/",
        "\thttps://evil.example",
    ],
)
def test_nobody_is_led_elsewhere_after_sign_in(
    app: Flask, visitor: Visitor, ann: int, elsewhere: str
) -> None:
    page = visitor.open("/account/sign-in")
    typed = {"email": EMAIL, "password": "correct horse battery"}
    on_form = visitor.press(page, "Sign in", next=elsewhere, **typed)
    other = Visitor(app.test_client())
    data = dict(other.open("/account/sign-in").form.fields) | typed
    in_address = other.client.post("/account/sign-in", query_string={"next": elsewhere}, data=data)
    for answer in (on_form, in_address):
        assert urljoin("http://localhost/", answer.location or "").startswith("http://localhost/")


def test_sign_in_leads_back_to_where_one_was_going(
    visitor: Visitor, sqlite_records: Records
) -> None:
    _, email = add_person(sqlite_records, Role.ADMINISTRATOR)
    page = visitor.open("/people/sites?x=1")
    assert page.headings == ["Sign in"]
    answer = visitor.press(page, "Sign in", email=email, password=PASSWORD)
    assert answer.location == "/people/sites?x=1"


def test_after_five_wrong_passwords_one_has_to_wait(visitor: Visitor, ann: int) -> None:
    statuses = [visitor.enter(EMAIL, "wrong horse battery").status_code for _ in range(7)]
    assert statuses == [200] * 5 + [429] * 2
    page = Page(visitor.enter(EMAIL).text)
    assert page.headings == ["That was too often"]
    assert not visitor.is_in


def test_too_many_tries_for_one_account_stop_nobody_else(
    visitor: Visitor, ann: int, sqlite_records: Records
) -> None:
    for _ in range(6):
        visitor.enter(EMAIL, "wrong horse battery")
    _, other = add_person(sqlite_records, Role.NURSE)
    assert visitor.enter(other).status_code == 302


def test_signing_in_often_is_not_limited(app: Flask, ann: int) -> None:
    for _ in range(8):
        assert Visitor(app.test_client()).enter(EMAIL).status_code == 302


def test_the_session_has_another_name_after_sign_in_and_after_sign_out_none(
    visitor: Visitor, ann: int, sqlite_records: Records
) -> None:
    visitor.client.set_cookie("screening-session", "known-to-an-attacker")
    visitor.enter(EMAIL)
    name = visitor.client.get_cookie("screening-session")
    assert name
    assert name.value != "known-to-an-attacker"
    (row,) = rows(sqlite_records)
    assert name.value not in row.id
    visitor.press(visitor.open("/account/"), "Sign out")
    assert not rows(sqlite_records)
    assert not visitor.client.get_cookie("screening-session")
    visitor.client.set_cookie("screening-session", name.value)
    assert not visitor.is_in


def test_sign_out_forgets_pages_that_the_browser_keeps(visitor: Visitor, ann: int) -> None:
    visitor.enter(EMAIL)
    answer = visitor.press(visitor.open("/account/"), "Sign out")
    assert answer.headers["Clear-Site-Data"] == '"cache"'


@pytest.mark.parametrize("secure", [False, True])
def test_cookies_are_kept_from_scripts_other_sites_and_plain_connections(
    sqlite_records: Records,
    ann: int,
    secure: bool,  # noqa: FBT001 - a case of the table
) -> None:
    app = casework_app(sqlite_records, SESSION_COOKIE_SECURE=secure, WTF_CSRF_ENABLED=False)
    scheme = "https" if secure else "http"
    data = {"email": EMAIL, "password": "correct horse battery"}
    answer = app.test_client().post("/account/sign-in", data=data, base_url=f"{scheme}://localhost")
    (cookie,) = [c for c in answer.headers.getlist("Set-Cookie") if "screening-session" in c]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "Path=/" in cookie
    assert "Domain" not in cookie
    assert "Expires" not in cookie
    assert ("Secure" in cookie) is secure
    assert cookie.startswith("__Host-") is secure


def test_a_visitor_without_account_leaves_no_row_and_gets_only_the_token(
    visitor: Visitor, sqlite_records: Records
) -> None:
    for address in ("/", "/patient/", "/nurse/", "/account/sign-in", "/rules"):
        visitor.open(address)
    visitor.enter("nobody@clinic.localhost", "x")
    assert rows(sqlite_records) == []
    assert not visitor.client.get_cookie("screening-session")


def test_public_pages_set_no_cookie_that_they_do_not_set_without_records(
    visitor: Visitor,
) -> None:
    for address in ("/", "/rules", "/sources/", "/about"):
        assert not visitor.client.get(address).headers.getlist("Set-Cookie")


def test_what_happens_at_the_door_is_written_down(
    visitor: Visitor, ann: int, sqlite_records: Records
) -> None:
    visitor.enter(EMAIL, "wrong horse battery")
    visitor.enter(EMAIL)
    visitor.press(visitor.open("/account/"), "Sign out")
    told = [EventKind.SIGN_IN_FAILED, EventKind.SIGNED_IN, EventKind.SIGNED_OUT]
    assert kinds(sqlite_records, ann) == [kind.value for kind in told]


def test_nobody_is_let_in_by_a_token_in_a_header_or_an_address(
    app: Flask, visitor: Visitor, ann: int
) -> None:
    with app.test_request_context():
        user = _datastore.find_user(id=ann)
        assert user
        token = str(user.get_auth_token())
    other = app.test_client()
    assert other.get("/account/", headers={"Authentication-Token": token}).status_code == 303
    assert other.get(f"/account/?auth_token={token}").status_code == 303
    assert other.get("/account/", auth=(EMAIL, "correct horse battery")).status_code == 303


def test_there_is_no_registration_and_no_form_for_forgotten_passwords(visitor: Visitor) -> None:
    for path in ("register", "reset", "forgot", "confirm", "us-signin", "change-email", "rescue"):
        assert visitor.client.get(f"/account/{path}").status_code == 404
    answer = visitor.client.get("/account/link")
    assert answer.location == "/account/sign-in"


def test_the_fresh_place_of_work_depends_on_the_role(
    signed_in: Callable[[Role], Visitor],
) -> None:
    assert signed_in(Role.NURSE).client.get("/account/start").location == "/worklist/"
    assert signed_in(Role.ADMINISTRATOR).client.get("/account/start").location == "/people/"


def test_who_signs_in_by_anything_but_a_form_is_not_heard(visitor: Visitor, ann: int) -> None:
    """Beside the form, the limit of tries would not see whose account is tried."""
    typed = {"email": EMAIL, "password": PASSWORD}
    for _ in range(7):
        assert visitor.client.post("/account/sign-in", json=typed).status_code == 415
    assert visitor.client.get("/account/").status_code == 303
    assert visitor.enter(EMAIL).status_code == 302
