import datetime as dt
import hashlib
import json
import re
from collections.abc import Callable

import pytest
from flask import Flask, template_rendered
from sqlalchemy import delete, select
from support.people.visitor import Visitor
from support.people.web_people import add_person, casework_app
from support.storage.database_owner import unguarded
from support.storage.databases import Clock

from screening.records.access import Role
from screening.records.ledger.records import Records
from screening.records.people import people
from screening.records.people.administration import COMMAND_LINE
from screening.records.storage.account_tables import User
from screening.records.storage.tables import SessionRow

EMAIL = "ann@clinic.localhost"
SESSIONS = "/account/sessions"


@pytest.fixture
def ann_in(visitor: Visitor, ann: int) -> Visitor:
    visitor.enter(EMAIL)
    return visitor


def row(records: Records) -> SessionRow:
    with records.database.reading() as session:
        return session.scalars(select(SessionRow)).one()


def test_a_session_ends_after_fifteen_minutes_without_use(ann_in: Visitor, clock: Clock) -> None:
    clock.advance(minutes=14, seconds=59)
    assert ann_in.is_in
    clock.advance(minutes=15, seconds=1)
    assert not ann_in.is_in


def test_use_prolongs_a_session_but_not_beyond_eight_hours(ann_in: Visitor, clock: Clock) -> None:
    for _ in range(8 * 6 - 1):
        clock.advance(minutes=10)
        assert ann_in.is_in
    clock.advance(minutes=9)
    assert ann_in.is_in
    clock.advance(minutes=2)
    assert not ann_in.is_in


def test_the_limits_are_settings(sqlite_records: Records, ann: int, clock: Clock) -> None:
    app = casework_app(sqlite_records, SESSION_IDLE=dt.timedelta(minutes=3))
    visitor = Visitor(app.test_client())
    visitor.enter(EMAIL)
    clock.advance(minutes=4)
    assert not visitor.is_in


def test_asking_how_long_it_lasts_does_not_prolong_it(ann_in: Visitor, clock: Clock) -> None:
    for _ in range(14):
        clock.advance(minutes=1)
        asked = ann_in.client.get("/account/session").json
        assert asked
        assert asked["seconds"] > 0
    clock.advance(minutes=2)
    assert ann_in.client.get("/account/session").json == {"seconds": 0}
    assert not ann_in.is_in


def test_staying_signed_in_prolongs_it(ann_in: Visitor, clock: Clock) -> None:
    clock.advance(minutes=14)
    token = ann_in.client.get("/account/session").json
    assert token
    headers = {"X-CSRFToken": token["token"], "Accept": "application/json"}
    assert ann_in.client.post("/account/session", headers=headers).status_code == 204
    asked = ann_in.client.get("/account/session").json
    assert asked
    assert asked["seconds"] >= 14 * 60


def test_a_page_says_how_long_the_session_lasts_from_now(ann_in: Visitor, clock: Clock) -> None:
    clock.advance(minutes=5)
    assert 'data-seconds="899"' in ann_in.client.get("/account/").text


def test_few_requests_write(ann_in: Visitor, sqlite_records: Records, clock: Clock) -> None:
    before = row(sqlite_records).expires_at
    clock.advance(seconds=30)
    ann_in.open("/account/")
    assert row(sqlite_records).expires_at == before
    clock.advance(seconds=40)
    ann_in.open("/account/")
    assert row(sqlite_records).expires_at > before


def test_the_sessions_of_a_person_made_inactive_end_at_once(
    ann_in: Visitor, ann: int, sqlite_records: Records
) -> None:
    add_person(sqlite_records, Role.ADMINISTRATOR)
    people.set_active(sqlite_records, COMMAND_LINE, ann, active=False)
    assert not ann_in.is_in
    people.set_active(sqlite_records, COMMAND_LINE, ann, active=True)
    assert not ann_in.is_in


def test_a_role_that_is_taken_away_is_gone_with_the_next_page(
    signed_in: Callable[[Role], Visitor], sqlite_records: Records
) -> None:
    visitor = signed_in(Role.ADMINISTRATOR)
    assert visitor.client.get("/people/").status_code == 200
    (person,) = people.people(sqlite_records, COMMAND_LINE)
    add_person(sqlite_records, Role.ADMINISTRATOR)
    people.set_rights(sqlite_records, COMMAND_LINE, person.id, frozenset({Role.NURSE}), frozenset())
    assert visitor.client.get("/people/").status_code == 403


def test_a_session_that_was_ended_is_not_brought_back_by_a_request_under_way(
    app: Flask, ann_in: Visitor, sqlite_records: Records, clock: Clock
) -> None:
    """The request reads the session, somebody signs out, then the request keeps the session."""
    other = Visitor(app.test_client())
    name = ann_in.client.get_cookie("screening-session")
    assert name
    other.client.set_cookie("screening-session", name.value)
    clock.advance(minutes=5)

    def sign_out(*_: object, **__: object) -> None:
        with sqlite_records.database.writing() as session:
            session.execute(delete(SessionRow))

    with template_rendered.connected_to(sign_out, app):
        assert other.client.get("/account/").status_code == 200
    with sqlite_records.database.reading() as session:
        assert session.scalars(select(SessionRow)).all() == []


def test_two_sessions_of_one_person_are_apart(app: Flask, ann_in: Visitor) -> None:
    other = Visitor(app.test_client())
    other.enter(EMAIL)
    ann_in.press(ann_in.open("/account/"), "Sign out")
    assert other.is_in
    assert not ann_in.is_in


@pytest.mark.parametrize("forged", ["", "x", "é" * 100, "../../etc/passwd", "a" * 5000])
def test_a_forged_name_of_a_session_is_nobodys(visitor: Visitor, forged: str) -> None:
    answer = visitor.client.get("/account/", headers={"Cookie": f"screening-session={forged}"})
    assert answer.status_code == 303


def test_the_database_never_holds_the_name(ann_in: Visitor, sqlite_records: Records) -> None:
    name = ann_in.client.get_cookie("screening-session")
    file = sqlite_records.database.file
    assert name
    assert file
    assert name.value.encode() not in file.read_bytes()


def test_static_files_ask_for_no_session(ann_in: Visitor, clock: Clock) -> None:
    clock.advance(minutes=14)
    with ann_in.client.get("/static/screening.css") as answer:
        assert "Cookie" not in answer.headers.get("Vary", "")
    clock.advance(minutes=2)
    assert not ann_in.is_in


def test_old_sessions_are_cleared_away(
    app: Flask, ann_in: Visitor, sqlite_records: Records, clock: Clock
) -> None:
    clock.advance(days=3)
    Visitor(app.test_client()).enter(EMAIL)
    row(sqlite_records)


def forge(records: Records, name: str, **changed: object) -> None:
    """Put a row beside the one that is there, as whoever can write the database can."""
    real = row(records)
    values: dict[str, object] = {
        "data": real.data,
        "user_id": real.user_id,
        "started_at": real.started_at,
        "expires_at": real.expires_at,
    }
    with records.database.writing() as session:
        session.add(
            SessionRow(id=hashlib.sha256(name.encode()).hexdigest(), **{**values, **changed})
        )


@pytest.mark.parametrize("data", [None, b"{}", b"", b"\0" * 32])
def test_a_row_that_the_server_did_not_write_signs_nobody_in(
    app: Flask, ann_in: Visitor, sqlite_records: Records, data: bytes | None
) -> None:
    """Neither a copy of a real row under another name, nor one that is made up."""
    with sqlite_records.database.reading() as session:
        person = session.scalars(select(User)).one()
    made = json.dumps({"_user_id": person.fs_uniquifier, "_fresh": True}).encode()
    forge(sqlite_records, "A" * 43, **({} if data is None else {"data": data + made}))
    thief = Visitor(app.test_client())
    thief.client.set_cookie("screening-session", "A" * 43)
    assert ann_in.is_in
    assert not thief.is_in


@pytest.mark.parametrize("column", ["user_id", "started_at", "expires_at", "data"])
def test_a_row_that_was_changed_ends_the_session(
    ann_in: Visitor, sqlite_records: Records, column: str
) -> None:
    with sqlite_records.database.writing() as session:
        kept = session.scalars(select(SessionRow)).one()
        changed = {
            "user_id": 99,
            "started_at": kept.started_at + dt.timedelta(seconds=1),
            "expires_at": kept.expires_at + dt.timedelta(hours=1),
            "data": kept.data.replace(b'"_fresh":true', b'"_fresh":fals'),
        }
        assert changed[column] != getattr(kept, column)
        setattr(kept, column, changed[column])
    assert not ann_in.is_in


def test_another_secret_ends_every_session(ann_in: Visitor, sqlite_records: Records) -> None:
    other = Visitor(casework_app(sqlite_records, SECRET_KEY="of-another-server" * 2).test_client())
    name = ann_in.client.get_cookie("screening-session")
    assert name
    other.client.set_cookie("screening-session", name.value)
    assert not other.is_in


FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0"


def browser(app: Flask, named: str = FIREFOX, email: str = EMAIL) -> Visitor:
    """A browser with a name, in which somebody has signed in."""
    visitor = Visitor(app.test_client())
    visitor.client.environ_base["HTTP_USER_AGENT"] = named
    visitor.enter(email)
    return visitor


def ids(visitor: Visitor) -> list[str]:
    """The sessions that a person can end, the newest first."""
    return re.findall(r'name="end" value="([0-9a-f]{64})"', visitor.open(SESSIONS).html)


def end_session(visitor: Visitor, named: str) -> None:
    form = next(each for each in visitor.open(SESSIONS).forms if each.action == SESSIONS)
    answer = visitor.client.post(SESSIONS, data=dict(form.fields) | {"end": named})
    assert answer.status_code == 303


def test_a_person_sees_their_sessions_and_ends_one_or_all_others(
    app: Flask, ann: int, clock: Clock
) -> None:
    first = browser(app)
    clock.advance(minutes=1)
    second = browser(app, "curl/8")
    clock.advance(minutes=2)
    third = browser(app)
    clock.advance(minutes=3)
    here = browser(app)
    page = here.open(SESSIONS)
    devices = ["Firefox on Windows", "Firefox on Windows", "Unknown browser", "Firefox on Windows"]
    assert [each for each in page.headings_of("h2") if " on " in each or "Un" in each] == devices
    assert page.text.count("in use now") == 1
    third_id, second_id, first_id = ids(here)
    end_session(here, second_id)
    assert "You have been signed out of an unknown browser." in here.open(SESSIONS).text
    assert [each.is_in for each in (first, second, third, here)] == [True, False, True, True]
    assert ids(here) == [third_id, first_id]
    here.press(here.open(SESSIONS), "Sign out everywhere else")
    assert "You have been signed out everywhere else." in here.open(SESSIONS).text
    assert [each.is_in for each in (first, third, here)] == [False, False, True]
    assert ids(here) == []


def test_nobody_ends_a_session_of_somebody_else(
    app: Flask, ann: int, sqlite_records: Records
) -> None:
    _, other = add_person(sqlite_records, Role.NURSE)
    nurse, thief = browser(app), browser(app, email=other)
    with sqlite_records.database.reading() as session:
        (hers,) = session.scalars(select(SessionRow.id).where(SessionRow.user_id == ann))
    assert ids(thief) == []
    for named in (hers, "others", ""):
        end_session(thief, named)
    assert nurse.is_in
    assert thief.is_in


def test_sessions_are_shown_and_ended_after_authentication_not_long_ago(
    app: Flask, ann: int
) -> None:
    old, here = browser(app), browser(app)
    form = here.open("/account/").forms[0]
    app.config["SECURITY_FRESHNESS"] = dt.timedelta(milliseconds=1)
    app.config["SECURITY_FRESHNESS_GRACE_PERIOD"] = dt.timedelta(0)
    here.client.post(SESSIONS, data=dict(form.fields) | {"end": "others"})
    assert old.is_in
    assert here.open(SESSIONS).headings == ["Is it still you?"]


def test_the_name_of_another_account_makes_no_session_of_it(
    ann_in: Visitor, sqlite_records: Records, ann: int
) -> None:
    other, _ = add_person(sqlite_records, Role.NURSE, name="Ben Nurse")
    assert ann_in.is_in
    with sqlite_records.database.writing() as session, unguarded(session):
        users = {each.id: each for each in session.scalars(select(User))}
        kept = users[ann].fs_uniquifier
        users[ann].fs_uniquifier = "0" * len(kept)
        session.flush()
        users[other].fs_uniquifier = kept
    assert not ann_in.is_in
