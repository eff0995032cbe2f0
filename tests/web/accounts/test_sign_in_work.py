"""Whose account is tried, and whether there is one, cannot be told from how long it takes.

`tests/bench/bench_sign_in.py` measures; here the work itself is counted.
"""

from collections import Counter

import pytest
from argon2 import low_level
from flask import Flask
from itsdangerous import URLSafeTimedSerializer
from sqlalchemy import event as events
from sqlalchemy import select
from support.people.visitor import Visitor
from support.people.web_people import PASSWORD, add_person, casework_app
from web.accounts.test_lockout import fill_place

from screening.records.access import Role
from screening.records.ledger.events import NOBODY, EventKind
from screening.records.ledger.records import Records
from screening.records.people import people
from screening.records.people.administration import COMMAND_LINE
from screening.records.storage.account_tables import User
from screening.records.storage.tables import EventRow
from screening.web.accounts.rate_limits import FROM_A_FULL_PLACE

WRONG = "wrong horse battery"
KNOWN, UNKNOWN = "known@clinic.localhost", "unknown@clinic.localhost"
OFF, NEW = "off@clinic.localhost", "new@clinic.localhost"
TRIES = [
    *((KNOWN, WRONG), (KNOWN, "p" * 9_000), (UNKNOWN, WRONG), (UNKNOWN, PASSWORD)),
    *((UNKNOWN, "p" * 9_000), ("x" * 300, WRONG), (OFF, WRONG), (OFF, PASSWORD), (NEW, WRONG)),
]


@pytest.fixture
def numbers(sqlite_records: Records) -> dict[str, int]:
    """Accounts by address: one in use, an inactive one, and one without a password."""
    add_person(sqlite_records, Role.ADMINISTRATOR)
    made = {each: add_person(sqlite_records, Role.NURSE, email=each)[0] for each in (KNOWN, OFF)}
    people.set_active(sqlite_records, COMMAND_LINE, made[OFF], active=False)
    new = people.NewPerson(
        name="New", email=NEW, roles=frozenset({Role.NURSE}), sites=frozenset(), password_hash=""
    )
    return made | {NEW: people.add_person(sqlite_records, COMMAND_LINE, new)}


@pytest.fixture
def hashed(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """Counts how often a password is hashed or verified."""
    counted: Counter[str] = Counter()

    def count(name: str) -> None:
        real = getattr(low_level, name)

        def counting(*args: object, **kwargs: object) -> object:
            counted["argon2"] += 1
            return real(*args, **kwargs)

        monkeypatch.setattr(low_level, name, counting)

    count("hash_secret")
    count("verify_secret")
    return counted


@pytest.fixture
def app(sqlite_records: Records) -> Flask:
    return casework_app(sqlite_records, COUNT_TRIES=False)


def failed(records: Records) -> list[int]:
    with records.database.reading() as session:
        kind = EventKind.SIGN_IN_FAILED.value
        asked = select(EventRow.by).where(EventRow.kind == kind).order_by(EventRow.seq)
        return list(session.scalars(asked))


@pytest.mark.parametrize(("email", "password"), TRIES)
def test_a_try_in_vain_costs_one_hash_and_one_event(  # noqa: PLR0913, PLR0917 - fixtures
    app: Flask,
    sqlite_records: Records,
    numbers: dict[str, int],
    hashed: Counter[str],
    email: str,
    password: str,
) -> None:
    visitor = Visitor(app.test_client())
    page = visitor.open("/account/sign-in")
    hashed.clear()
    visitor.press(page, "Sign in", email=email, password=password)
    assert hashed["argon2"] == 1
    assert failed(sqlite_records) == [numbers.get(email, NOBODY)]


def test_a_try_in_vain_writes_as_often_whosever_it_is(
    app: Flask, sqlite_records: Records, numbers: dict[str, int]
) -> None:
    written: Counter[str] = Counter()
    begun: list[str] = []
    events.listen(sqlite_records.database.engine, "commit", lambda _: begun.append("commit"))
    for email, password in TRIES:
        visitor = Visitor(app.test_client())
        page = visitor.open("/account/sign-in")
        begun.clear()
        visitor.press(page, "Sign in", email=email, password=password)
        written[email + password[:5]] = len(begun)
    assert len(set(written.values())) == 1, written
    assert begun


def test_from_a_full_address_a_wrong_try_costs_the_same_judged_or_not(
    sqlite_records: Records, numbers: dict[str, int], hashed: Counter[str]
) -> None:
    """The last at the known account are not judged any more."""
    app = casework_app(sqlite_records)
    fill_place(sqlite_records, app, "password", "127.0.0.1")
    begun: list[str] = []
    events.listen(sqlite_records.database.engine, "commit", lambda _: begun.append("commit"))
    costs = []
    for email in (*[KNOWN] * (FROM_A_FULL_PLACE[0].most + 2), UNKNOWN, OFF, NEW):
        visitor = Visitor(app.test_client())
        page = visitor.open("/account/sign-in")
        begun.clear()
        hashed.clear()
        visitor.press(page, "Sign in", email=email, password=WRONG)
        costs.append((len(begun), hashed["argon2"]))
    assert set(costs) == {(costs[0][0], 1)}, costs


def test_who_leaves_a_field_empty_tries_nothing(
    app: Flask, sqlite_records: Records, hashed: Counter[str]
) -> None:
    for typed in ({"email": KNOWN, "password": ""}, {"email": "", "password": PASSWORD}):
        visitor = Visitor(app.test_client())
        page = visitor.open("/account/sign-in")
        hashed.clear()
        visitor.press(page, "Sign in", **typed)
        assert not hashed
    assert failed(sqlite_records) == []


def test_a_forged_link_costs_the_same_whoever_it_names(
    app: Flask, numbers: dict[str, int], hashed: Counter[str], sqlite_records: Records
) -> None:
    """A link counts by its signature, before anybody is looked up by what it says."""
    with sqlite_records.database.reading() as session:
        known = session.get_one(User, numbers[KNOWN]).fs_uniquifier
    asked: list[str] = []
    engine = sqlite_records.database.engine
    events.listen(engine, "before_cursor_execute", lambda *said: asked.append(said[2]))
    hashed.clear()
    answers = []
    for names in (known, "0" * 32):
        forged = URLSafeTimedSerializer("x" * 32, salt="reset-salt").dumps([names, "hash"])
        asked.clear()
        answer = app.test_client().get(f"/account/link/{forged}")
        answers.append((answer.status_code, answer.location, list(asked)))
    assert answers[0] == answers[1]
    assert answers[0][:2] == (302, "/account/link")
    assert not hashed
