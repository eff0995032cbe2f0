"""Nobody keeps a known person out by failing at her account, and guessing is slow all the same."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from flask import Flask
from flask_security.proxies import _datastore
from flask_security.recoverable import generate_reset_password_token
from flask_security.utils import url_for_security
from sqlalchemy import delete, func, select
from support.pages.page_reader import Page
from support.people.visitor import Visitor
from support.people.web_people import PASSWORD, add_person, casework_app
from support.storage.databases import Clock
from web.accounts.test_second_factor import code_of, forget_used_codes, set_up

from screening.records.access import Actor, Role
from screening.records.ledger.records import Records
from screening.records.operation.backup import read_backup, write_backup
from screening.records.people import people
from screening.records.people.administration import COMMAND_LINE
from screening.records.people.known_browsers import BETWEEN, MOST_NAMES, find_known, know_browser
from screening.records.people.link_codes import link_handle
from screening.records.people.rights_steps import Action
from screening.records.people.tries import Limit, count_try
from screening.records.rights.proposal_list import proposals
from screening.records.rights.proposals import approve, propose
from screening.records.storage.tables import EventRow, KnownBrowserRow, TryRow
from screening.web.accounts.rate_limits import (
    FOR_ONE_ACCOUNT,
    FOR_ONE_BROWSER,
    FOR_ONE_LINK,
    FROM_A_FULL_PLACE,
    FROM_ONE_PLACE,
    limit_key,
)

EMAIL = "ann@clinic.localhost"
WRONG = "wrong horse battery"
NEW = "quiet river under stone"
MOST = FOR_ONE_ACCOUNT[0].most
COOKIE = "screening-browser"


def at(app: Flask, place: str) -> Visitor:
    """A browser that was never here, at an address."""
    client = app.test_client()
    client.environ_base["REMOTE_ADDR"] = place
    return Visitor(client)


def known(app: Flask, place: str = "127.0.0.1", email: str = EMAIL) -> Visitor:
    """A browser that somebody has signed in with, and out again."""
    visitor = at(app, place)
    assert visitor.enter(email).status_code == 302
    visitor.press(visitor.open("/account/"), "Sign out")
    return visitor


def attack(app: Flask, addresses: int = MOST, email: str = EMAIL) -> int:
    """Guess from many addresses, at another process; gives how many guesses were judged."""
    other = casework_app(app.extensions["records"], WTF_CSRF_ENABLED=False)
    typed, judged = {"email": email, "password": WRONG}, 0
    for number in range(addresses):
        client = at(other, f"198.51.{number // 200}.{number % 200}").client
        statuses = [client.post("/account/sign-in", data=typed).status_code for _ in range(2)]
        judged += statuses.count(200)
    return judged


def rows(records: Records) -> list[TryRow]:
    with records.database.reading() as session:
        return list(session.scalars(select(TryRow)))


def test_a_known_nurse_signs_in_while_two_hundred_addresses_guess(app: Flask, ann: int) -> None:
    nurse = known(app)
    assert attack(app, 200) == MOST
    assert at(app, "203.0.113.9").enter(EMAIL).status_code == 429
    assert nurse.enter(EMAIL, WRONG).status_code == 200
    assert nurse.enter(EMAIL).status_code == 302
    assert nurse.is_in


def test_who_writes_the_database_lifts_a_limit_and_is_not_in(
    app: Flask, ann: int, sqlite_records: Records
) -> None:
    """No MAC on a row keeps rows from being deleted, and a row of a known browser opens nothing."""
    own, address = add_person(sqlite_records, Role.NURSE)
    thief = known(app, "198.51.100.1", address)
    assert attack(app) == MOST
    assert thief.enter(EMAIL, WRONG).status_code == 429
    with sqlite_records.database.writing() as session:
        mine = session.scalars(select(KnownBrowserRow).where(KnownBrowserRow.user_id == own)).one()
        forged = KnownBrowserRow(id="0" * 32, browser=mine.browser, user_id=ann)
        forged.expires_at = mine.expires_at
        session.add(forged)
    assert thief.enter(EMAIL, WRONG).status_code == 200
    assert not thief.is_in
    assert at(app, "203.0.113.9").enter(EMAIL).status_code == 429
    with sqlite_records.database.writing() as session:
        session.execute(delete(TryRow))
    stranger = at(app, "203.0.113.9")
    assert stranger.enter(EMAIL, WRONG).status_code == 200
    assert not stranger.is_in


def test_an_account_that_is_none_is_refused_like_one(app: Flask, ann: int) -> None:
    assert attack(app, email="nobody@clinic.localhost") == MOST
    assert attack(app, addresses=1, email="another@clinic.localhost") == 2


def test_a_pending_sign_in_of_ones_own_hides_nobody_who_is_guessed(
    app: Flask, ann: int, sqlite_records: Records
) -> None:
    """Who has given the own password, and no code yet, is still counted for whom is guessed."""
    _, own = add_person(sqlite_records, Role.NURSE)
    visitor = at(app, "198.51.100.1")
    visitor.enter(own)
    set_up(visitor)
    statuses = []
    for _ in range(7):
        pending = at(app, "198.51.100.1")
        pending.enter(own)
        statuses.append(pending.enter(EMAIL, WRONG).status_code)
    assert statuses == [200] * 5 + [429] * 2


def test_guessing_codes_keeps_no_known_nurse_out(
    app: Flask, ann: int, sqlite_records: Records
) -> None:
    visitor = at(app, "127.0.0.1")
    visitor.enter(EMAIL)
    key = set_up(visitor)
    visitor.press(visitor.open("/account/"), "Sign out")
    judged = 0
    for number in range(MOST // 5 + 1):
        thief = at(app, f"198.51.100.{number}")
        page = thief.open(thief.enter(EMAIL).location)
        for _ in range(5):
            judged += thief.press(page, "Continue", code="000000").status_code == 200
    assert judged == MOST
    forget_used_codes(sqlite_records)
    page = visitor.open(visitor.enter(EMAIL).location)
    assert visitor.press(page, "Continue", code=code_of(key)).status_code == 302


def test_a_hospital_behind_one_address_works(app: Flask, sqlite_records: Records) -> None:
    """Its nurses come within one minute, every third mistypes twice, and none of them is known."""
    for number in range(60):
        _, email = add_person(sqlite_records, Role.NURSE)
        visitor = at(app, "192.0.2.1")
        for _ in range(2 if number % 3 == 0 else 0):
            assert visitor.enter(email, WRONG).status_code == 200
        assert visitor.enter(email).status_code == 302


def spray(app: Flask, place: str, tries: int = 60) -> None:
    """Wrong tries at as many accounts from one address, which is full afterwards."""
    other = casework_app(app.extensions["records"], WTF_CSRF_ENABLED=False)
    client = at(other, place).client
    for number in range(tries):
        typed = {"email": f"p{number}@x.example", "password": WRONG}
        assert client.post("/account/sign-in", data=typed).status_code == 200


def test_who_sits_at_the_same_address_keeps_nobody_out(
    app: Flask, ann: int, sqlite_records: Records
) -> None:
    """Not those with a known browser, nor those who know password and code in a new one."""
    nurse = known(app, "192.0.2.1")
    _, app_user = add_person(sqlite_records, Role.NURSE)
    visitor = at(app, "203.0.113.9")
    visitor.enter(app_user)
    key = set_up(visitor)
    forget_used_codes(sqlite_records)
    spray(app, "192.0.2.1")
    assert at(app, "192.0.2.1").enter(EMAIL).status_code == 302
    assert nurse.enter(EMAIL).status_code == 302
    new = at(app, "192.0.2.1")
    page = new.open(new.enter(app_user).location)
    assert new.press(page, "Continue", code=code_of(key)).status_code == 302
    assert new.is_in


def test_codes_guessed_at_the_same_address_keep_nobody_out(
    app: Flask, ann: int, sqlite_records: Records
) -> None:
    _, own = add_person(sqlite_records, Role.NURSE)
    keys = {}
    for email in (own, EMAIL):
        visitor = at(app, "203.0.113.9")
        visitor.enter(email)
        keys[email] = set_up(visitor)
    forget_used_codes(sqlite_records)
    fill_place(sqlite_records, app, "code", "192.0.2.1")
    nurse = at(app, "192.0.2.1")
    page = nurse.open(nurse.enter(EMAIL).location)
    assert nurse.press(page, "Continue", code=code_of(keys[EMAIL])).status_code == 302


def fill_place(records: Records, app: Flask, kind: str, place: str) -> None:
    """As if there had been too many wrong tries from an address."""
    with app.app_context():
        limit = Limit(limit_key(kind, place), ())
    for _ in range(FROM_ONE_PLACE[0].most):
        count_try(records, [limit])


@pytest.mark.parametrize("email", [EMAIL, "nobody@clinic.localhost"])
def test_from_a_full_address_a_guesser_learns_nothing_and_is_slow(
    app: Flask, ann: int, sqlite_records: Records, email: str
) -> None:
    fill_place(sqlite_records, app, "password", "192.0.2.1")
    thief = at(app, "192.0.2.1")
    said = []
    for _ in range(FROM_A_FULL_PLACE[0].most + 2):
        answer = thief.enter(email, WRONG)
        said.append((answer.status_code, answer.headers["Retry-After"], Page(answer.text).text))
    assert len({(status, words) for status, _, words in said}) == 1
    assert said[0][0] == 429
    assert "Too many wrong passwords were typed on your network." in said[0][2]
    assert "only 3 tries an hour and 10 a day at your account are judged" in said[0][2]
    assert at(app, "192.0.2.1").enter(EMAIL).status_code == (429 if email == EMAIL else 302)


def test_from_an_address_that_stays_full_each_account_can_be_guessed_ten_times_a_day(
    app: Flask, ann: int, sqlite_records: Records, clock: Clock
) -> None:
    judged = 0
    for _ in range(20):
        fill_place(sqlite_records, app, "password", "192.0.2.1")
        before = len(rows(sqlite_records))
        at(app, "192.0.2.1").enter(EMAIL, WRONG)
        judged += len(rows(sqlite_records)) > before
        clock.advance(minutes=61)
    assert judged == FROM_A_FULL_PLACE[1].most == 10


def test_a_flood_from_a_full_address_fills_neither_ledger_nor_database(
    app: Flask, ann: int, sqlite_records: Records
) -> None:
    fill_place(sqlite_records, app, "password", "192.0.2.1")
    thief = at(app, "192.0.2.1")
    page = thief.open("/account/sign-in")
    before = (len(rows(sqlite_records)), last_event(sqlite_records))
    for number in range(5):
        thief.press(page, "Sign in", email=f"p{number}@x.example", password=WRONG)
    assert (len(rows(sqlite_records)), last_event(sqlite_records)) == before
    thief.press(page, "Sign in", email=EMAIL, password=WRONG)
    assert last_event(sqlite_records) == before[1] + 1


def last_event(records: Records) -> int:
    with records.database.reading() as session:
        return session.scalar(select(func.max(EventRow.seq))) or 0


def test_wrong_tries_in_a_known_browser_are_bounded_and_a_right_one_clears_them(
    app: Flask, ann: int, clock: Clock
) -> None:
    nurse = known(app)
    assert [nurse.enter(EMAIL, WRONG).status_code for _ in range(4)] == [200] * 4
    assert nurse.enter(EMAIL).status_code == 302
    nurse.press(nurse.open("/account/"), "Sign out")
    assert [nurse.enter(EMAIL, WRONG).status_code for _ in range(6)] == [200] * 5 + [429]
    clock.advance(minutes=1)
    assert nurse.enter(EMAIL).status_code == 302


def test_a_right_password_clears_the_tries_of_a_browser_that_keeps_no_cookies(
    app: Flask, ann: int
) -> None:
    for _ in range(3):
        statuses = [at(app, "192.0.2.1").enter(EMAIL, WRONG).status_code for _ in range(4)]
        assert statuses == [200] * 4
        assert at(app, "192.0.2.1").enter(EMAIL).status_code == 302


def test_whoever_guesses_beside_a_known_browser_gains_nothing_when_it_signs_in(
    app: Flask, ann: int
) -> None:
    def judged() -> int:
        return sum(at(app, "127.0.0.1").enter(EMAIL, WRONG).status_code == 200 for _ in range(6))

    nurse = known(app)
    assert judged() == FOR_ONE_BROWSER[0].most
    assert nurse.enter(EMAIL).status_code == 302
    assert judged() == 0


def test_to_be_known_for_oneself_is_no_way_to_guess_for_others(
    app: Flask, ann: int, sqlite_records: Records
) -> None:
    _, own = add_person(sqlite_records, Role.NURSE)
    thief = known(app, "198.51.100.1", own)
    assert attack(app) == MOST
    assert thief.enter(EMAIL, WRONG).status_code == 429


def test_signing_in_again_and_again_gives_no_new_guesses_at_a_colleague(
    app: Flask, ann: int, sqlite_records: Records
) -> None:
    """At a ward's computer, which is known for both."""
    _, own = add_person(sqlite_records, Role.NURSE)
    ward = known(app)
    statuses = []
    for _ in range(7):
        statuses.append(ward.enter(EMAIL, WRONG).status_code)
        ward.enter(own)
        ward.press(ward.open("/account/"), "Sign out")
    assert statuses == [200] * 5 + [429] * 2
    assert at(app, "192.0.2.1").enter(EMAIL).status_code == 302


def test_the_cookie_tells_nothing_of_the_person_and_is_signed(
    app: Flask, ann: int, sqlite_records: Records
) -> None:
    nurse = known(app)
    cookie = nurse.client.get_cookie(COOKIE)
    assert cookie
    assert cookie.http_only
    assert cookie.same_site == "Lax"
    assert cookie.max_age == 180 * 24 * 3600
    assert "ann" not in cookie.value
    with sqlite_records.database.reading() as session:
        (row,) = session.scalars(select(KnownBrowserRow))
    name = cookie.value.rpartition(".")[0]
    assert name not in row.browser
    attack(app)
    for forged in (name, f"{name}.{'A' * 43}", "", "."):
        nurse.client.set_cookie(COOKIE, forged)
        assert nurse.enter(EMAIL).status_code == 429
    nurse.client.set_cookie(COOKIE, cookie.value)
    assert nurse.enter(EMAIL).status_code == 302


def test_a_copy_of_the_cookie_is_worth_nothing_after_the_next_sign_in(app: Flask, ann: int) -> None:
    nurse = known(app)
    copied = nurse.client.get_cookie(COOKIE)
    assert copied
    nurse.enter(EMAIL)
    attack(app)
    thief = at(app, "198.51.100.1")
    thief.client.set_cookie(COOKIE, copied.value)
    assert thief.enter(EMAIL, WRONG).status_code == 429


def test_whoever_copies_the_cookie_takes_it_from_nobody_by_signing_in_as_herself(
    app: Flask, ann: int, sqlite_records: Records
) -> None:
    _, own = add_person(sqlite_records, Role.NURSE)
    nurse, thief = known(app), at(app, "198.51.100.1")
    copied = nurse.client.get_cookie(COOKIE)
    assert copied
    thief.client.set_cookie(COOKIE, copied.value)
    assert thief.enter(own).status_code == 302
    thief.press(thief.open("/account/"), "Sign out")
    attack(app)
    assert nurse.enter(EMAIL).status_code == 302
    assert thief.enter(EMAIL, WRONG).status_code == 429


def test_a_browser_of_a_ward_is_known_for_each_who_signs_in_there(
    app: Flask, ann: int, sqlite_records: Records
) -> None:
    _, own = add_person(sqlite_records, Role.NURSE)
    ward = known(app)
    for email in (own, EMAIL, own):
        ward.enter(email)
        ward.press(ward.open("/account/"), "Sign out")
    for email in (EMAIL, own):
        attack(app, email=email)
    for email in (EMAIL, own):
        assert ward.enter(email).status_code == 302
        ward.press(ward.open("/account/"), "Sign out")


def test_the_cookie_of_a_browser_keeps_to_what_a_browser_keeps(
    sqlite_records: Records, ann: int
) -> None:
    numbers = [ann, *(add_person(sqlite_records, Role.NURSE)[0] for _ in range(2))]
    held = BETWEEN.join("x" * 43 for _ in range(200))
    for number in numbers:
        held = know_browser(sqlite_records, held, number)
    assert len(held.split(BETWEEN)) == 3
    assert len(BETWEEN.join(["x" * 43] * MOST_NAMES)) < 2_000
    assert all(find_known(sqlite_records, held, number) for number in numbers)


def end_by_second_factor(records: Records, number: int) -> None:
    people.reset_second_factor(records, COMMAND_LINE, number)


def end_by_deactivation(records: Records, number: int) -> None:
    add_person(records, Role.ADMINISTRATOR)
    for active in (False, True):
        people.set_active(records, COMMAND_LINE, number, active=active)


@pytest.mark.parametrize("end", [end_by_second_factor, end_by_deactivation])
def test_no_browser_is_known_after_what_ends_sessions(
    app: Flask, ann: int, sqlite_records: Records, end: Callable[[Records, int], None]
) -> None:
    nurse = known(app)
    end(sqlite_records, ann)
    attack(app)
    assert nurse.enter(EMAIL).status_code == 429


def test_after_a_new_password_only_the_browser_in_which_it_was_set_is_known(
    app: Flask, ann: int
) -> None:
    thief, nurse = known(app), known(app)
    nurse.enter(EMAIL)
    new = dict.fromkeys(("new_password", "new_password_confirm"), "quiet river under stone")
    page = nurse.open("/account/password")
    assert nurse.press(page, "Change password", password=PASSWORD, **new).status_code == 302
    nurse.press(nurse.open("/account/"), "Sign out")
    attack(app)
    assert thief.enter(EMAIL, "quiet river under stone").status_code == 429
    assert nurse.enter(EMAIL, "quiet river under stone").status_code == 302


def test_a_browser_is_known_for_half_a_year(app: Flask, ann: int, clock: Clock) -> None:
    nurse = known(app)
    clock.advance(days=181)
    attack(app)
    assert nurse.enter(EMAIL).status_code == 429


def test_who_is_locked_out_reads_for_how_long_and_what_to_do(app: Flask, ann: int) -> None:
    attack(app)
    answer = at(app, "192.0.2.1").enter(EMAIL)
    said = Page(answer.text).text
    assert "Try again in 60 minutes." in said
    assert "with a passkey, or in a browser that you have signed in with before" in said
    assert "ask an administrator for a link" in said
    assert 3500 < int(answer.headers["Retry-After"]) <= 3600


def test_a_known_browser_that_has_to_wait_is_not_told_to_use_a_known_browser(
    app: Flask, ann: int
) -> None:
    nurse = known(app)
    for _ in range(6):
        answer = nurse.enter(EMAIL, WRONG)
    said = Page(answer.text).text
    assert "Try again in a minute." in said
    assert "before" not in said


def test_a_link_of_an_administrators_lets_in_who_is_locked_out(
    app: Flask, ann: int, sqlite_records: Records
) -> None:
    attack(app)
    nurse = at(app, "192.0.2.1")
    assert set_password(nurse, app, ann) == 302
    assert nurse.enter(EMAIL, NEW).status_code == 302


def set_password(visitor: Visitor, app: Flask, number: int, password: str = NEW) -> int:
    """Try to set a password by a fresh link; gives the status."""
    with app.test_request_context():
        user = _datastore.find_user(id=number)
        link = url_for_security(
            "reset_password",
            token=generate_reset_password_token(user),  # type: ignore[no-untyped-call]
        )
    typed = dict.fromkeys(("password", "password_confirm"), password)
    return visitor.press(visitor.open(link), "Set password", **typed).status_code


def make_link(records: Records, number: int) -> int:
    """Approve a password link for an account; gives the number of the proposal."""
    eve, _ = add_person(records, Role.ADMINISTRATOR)
    roles = frozenset({Role.ADMINISTRATOR})
    propose(records, Actor(id=eve, name="Eve", roles=roles, sites=frozenset()), number, Action.LINK)
    return approve(records, COMMAND_LINE, proposals(records, COMMAND_LINE)[0].number).number


def guess_code(app: Flask, proposal: int, place: str) -> int:
    """Guess the code of a password link; gives the status."""
    link = f"/account/open/{link_handle(str(app.config['SECRET_KEY']), proposal)}"
    visitor = at(app, place)
    return visitor.press(visitor.open(link), "Continue", code="aaaaa-aaaaa").status_code


def test_wrong_tries_at_one_link_keep_nobody_at_the_address_from_theirs(
    app: Flask, ann: int, sqlite_records: Records
) -> None:
    """A whole hospital can have one address, and all of it can set passwords on one day."""
    hospital = "192.0.2.1"
    other, _ = add_person(sqlite_records, Role.NURSE)
    one, two = (make_link(sqlite_records, each) for each in (ann, other))
    tries = [guess_code(app, one, hospital) for _ in range(FOR_ONE_LINK[0].most + 1)]
    assert tries == [422] * FOR_ONE_LINK[0].most + [429]
    assert guess_code(app, one, "203.0.113.9") == 429
    assert guess_code(app, two, hospital) == 422
    nurse = at(app, hospital)
    assert set_password(nurse, app, ann, "password") == 200
    assert set_password(nurse, app, ann) == 302


@pytest.mark.parametrize("link", [f"open/1-{'0' * 40}", "first/none", "link/none"])
def test_a_link_that_nobody_made_is_not_counted(
    app: Flask, sqlite_records: Records, link: str
) -> None:
    """Nobody can guess one, and a flood of guesses must not fill the database."""
    client = casework_app(sqlite_records, WTF_CSRF_ENABLED=False).test_client()
    assert client.post(f"/account/{link}").status_code in {302, 404}
    assert rows(sqlite_records) == []


def test_no_count_keeps_a_passkey_out(app: Flask, ann: int) -> None:
    attack(app)
    other = casework_app(app.extensions["records"], WTF_CSRF_ENABLED=False).test_client()
    for number in range(61):
        other.post("/account/sign-in", data={"email": f"p{number}@x.example", "password": WRONG})
    asked = [other.post("/account/passkey").status_code for _ in range(3)]
    tried = [other.post("/account/passkey/x").status_code for _ in range(61)]
    assert asked == [200] * 3
    assert tried == [302] * 61


def test_a_backup_knows_no_browser_and_no_try(
    app: Flask, ann: int, sqlite_records: Records, tmp_path: Path
) -> None:
    known(app).enter(EMAIL, WRONG)
    ring = sqlite_records.keyring()
    write_backup(sqlite_records.database, tmp_path / "backup", sqlite_records.now(), ring)
    with (
        read_backup(tmp_path / "backup", ring) as backup,
        closing(sqlite3.connect(backup.database)) as file,
    ):
        for table in ("tries", "known_browsers", "sessions"):
            assert file.execute(f"SELECT count(*) FROM {table}").fetchone() == (0,)


def test_neither_addresses_nor_places_are_kept(
    app: Flask, ann: int, sqlite_records: Records, clock: Clock
) -> None:
    at(app, "192.0.2.77").enter(EMAIL, WRONG)
    kept = rows(sqlite_records)
    assert len(kept) == 3
    assert all(len(row.key) == 64 and int(row.key, 16) for row in kept)
    other = casework_app(sqlite_records, SECRET_KEY="o" * 32)
    at(other, "192.0.2.77").enter(EMAIL, WRONG)
    assert len({row.key for row in rows(sqlite_records)}) == 6
    clock.advance(hours=25)
    at(app, "192.0.2.77").enter(EMAIL, WRONG)
    assert len(rows(sqlite_records)) == 3
