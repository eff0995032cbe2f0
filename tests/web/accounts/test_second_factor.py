import datetime as dt
import re
from collections.abc import Callable

import pytest
from flask import Flask, session
from flask_login import login_user
from flask_security.proxies import _datastore
from passlib.totp import TOTP
from sqlalchemy import delete
from support.pages.page_reader import Page
from support.people.visitor import Visitor, focused
from support.people.web_people import PASSWORD, casework_app

from screening.records.access import Role
from screening.records.ledger.records import Records
from screening.records.people.administration import COMMAND_LINE
from screening.records.people.totp_replay import use_code
from screening.records.rights.proposal_list import proposals
from screening.records.rights.proposals import approve
from screening.records.storage.tables import IdempotencyKeyRow
from screening.web.accounts.authenticator_setup import pending_key

EMAIL = "ann@clinic.localhost"


def code_of(key: str) -> str:
    """What an authenticator app shows now."""
    return str(TOTP(key=key.replace("-", "").replace(" ", ""), format="base32").generate().token)


def key_on(page: Page) -> str:
    (key,) = re.findall(r"<code>([A-Z2-7 -]{20,})</code>", page.html)
    return str(key)


def set_up(visitor: Visitor) -> str:
    """Set codes up; gives the key."""
    page = Page(visitor.press(visitor.open("/account/codes"), "Set up the app").text)
    key = key_on(page)
    answer = visitor.press(page, "Finish", code=code_of(key))
    assert answer.status_code == 303, Page(answer.text).text
    return key


@pytest.fixture
def with_codes(app: Flask, ann: int, sqlite_records: Records) -> str:
    """Ann has set codes up; gives her key. The code that did it may be used again for sign-in."""
    visitor = Visitor(app.test_client())
    visitor.enter(EMAIL)
    key = set_up(visitor)
    forget_used_codes(sqlite_records)
    return key


def forget_used_codes(records: Records) -> None:
    """As if half a minute had passed."""
    with records.database.writing() as session:
        session.execute(delete(IdempotencyKeyRow))


def wrong_code(key: str) -> str:
    """A code that the app does not show now."""
    return f"{(int(code_of(key)) + 1) % 1_000_000:06}"


def at_the_set_up(visitor: Visitor) -> Page:
    """The page with the key, whichever way it is reached."""
    visitor.enter(EMAIL)
    return Page(visitor.press(visitor.open("/account/codes"), "Set up the app").text)


@pytest.mark.parametrize("required", [False, True])
def test_a_wrong_digit_at_the_set_up_keeps_the_key(
    sqlite_records: Records, ann: int, *, required: bool
) -> None:
    """The app has scanned it already, so another key would never give a right code."""
    app = casework_app(sqlite_records, REQUIRE_SECOND_FACTOR=required)
    visitor = Visitor(app.test_client())
    page = at_the_set_up(visitor)
    key = key_on(page)
    for _ in range(2):
        page = Page(visitor.press(page, "Finish", code=wrong_code(key)).text)
        assert page.title.startswith("Error: ")
        assert key_on(page) == key
        assert page.html.count("The code is not right") == 2  # the summary, and at the field
        assert focused(page) == []
    reloaded = visitor.press(visitor.open("/account/codes"), "Set up the app").text
    assert key_on(Page(reloaded)) == key
    assert visitor.press(page, "Finish", code=code_of(key)).status_code == 303
    assert visitor.is_in


def test_a_key_that_was_set_up_is_not_given_again(visitor: Visitor, ann: int) -> None:
    visitor.enter(EMAIL)
    key = set_up(visitor)
    page = Page(visitor.press(visitor.open("/account/codes"), "Replace the app").text)
    assert key_on(page) != key


def test_a_key_that_was_not_set_up_is_nobody_elses(app: Flask, ann: int) -> None:
    """Somebody who has seen it may have left it in this browser for the next person."""
    with app.test_request_context():
        session.update(tf_state="validating_profile", tf_totp_secret="seen before")  # noqa: S106
        assert pending_key() == "seen before"
        login_user(_datastore.find_user(id=ann))  # as single sign-on and passkeys do
        assert pending_key() is None


@pytest.mark.parametrize("required", [False, True])
def test_the_set_up_ends_at_the_recovery_codes_and_leads_on(
    sqlite_records: Records, ann: int, *, required: bool
) -> None:
    app = casework_app(sqlite_records, REQUIRE_SECOND_FACTOR=required)
    visitor = Visitor(app.test_client())
    page = at_the_set_up(visitor)
    onward = visitor.press(page, "Finish", code=code_of(key_on(page))).location
    assert onward.startswith("/account/recovery-codes")
    page = visitor.open(onward)
    assert "The authenticator app is set up" in page.text
    after = "/account/start" if required else "/account/"
    assert after in page.links  # later
    made = Page(visitor.press(page, "Make recovery codes").text)
    assert after in made.links


@pytest.mark.parametrize("elsewhere", ["https://evil.example/", "//evil.example/", "javascript:1"])
def test_the_recovery_codes_lead_to_no_other_site(
    visitor: Visitor, ann: int, elsewhere: str
) -> None:
    visitor.enter(EMAIL)
    page = visitor.open(f"/account/recovery-codes?next={elsewhere}")
    made = Page(visitor.press(page, "Make recovery codes").text)
    assert elsewhere not in page.links + made.links


def test_the_account_page_names_what_makes_the_codes(visitor: Visitor, ann: int) -> None:
    visitor.enter(EMAIL)
    page = visitor.open("/account/")
    assert "Authenticator app Not set up." in page.text
    set_up(visitor)
    assert "Authenticator app Set up." in visitor.open("/account/").text


def test_the_picture_is_drawn_in_the_page_and_loads_nothing(visitor: Visitor, ann: int) -> None:
    visitor.enter(EMAIL)
    html = visitor.press(visitor.open("/account/codes"), "Set up the app").text
    assert '<svg width="' in html
    assert "data:" not in html
    assert " style=" not in html


def test_with_codes_a_password_alone_opens_nothing(visitor: Visitor, with_codes: str) -> None:
    answer = visitor.enter(EMAIL)
    assert answer.location.startswith("/account/code")
    assert not visitor.is_in
    page = visitor.open(answer.location)
    answer = visitor.press(page, "Continue", code="000000")
    assert Page(answer.text).title.startswith("Error: ")
    assert not visitor.is_in
    answer = visitor.press(page, "Continue", code=code_of(with_codes))
    assert answer.location == "/account/start"
    assert visitor.is_in


@pytest.mark.parametrize("way", ["/account/code", "/account/recovery"])
def test_the_field_for_the_code_has_the_focus(visitor: Visitor, with_codes: str, way: str) -> None:
    address = visitor.enter(EMAIL).location
    page = visitor.open(address)
    if way not in address:
        page = visitor.open(next(link for link in page.links if way in link))
    assert focused(page) == ["code"]
    assert focused(Page(visitor.press(page, "Continue", code="000000").text)) == []


def test_a_code_is_good_once(app: Flask, with_codes: str) -> None:
    code = code_of(with_codes)
    first, second = Visitor(app.test_client()), Visitor(app.test_client())
    for visitor, is_in in ((first, True), (second, False)):
        page = visitor.open(visitor.enter(EMAIL).location)
        visitor.press(page, "Continue", code=code)
        assert visitor.is_in is is_in


def test_codes_are_good_once_and_in_order(records: Records) -> None:
    tried = [5, 5, 4, 6, 6]
    assert [use_code(records, 1, "totp-a", each) for each in tried] == [
        True,
        False,
        False,
        True,
        False,
    ]
    assert use_code(records, 2, "totp-a", 5)
    assert use_code(records, 1, "totp-b", 5)


def test_after_five_wrong_codes_one_has_to_wait(visitor: Visitor, with_codes: str) -> None:
    page = visitor.open(visitor.enter(EMAIL).location)
    statuses = [
        visitor.press(page, "Continue", code=f"{number:06}").status_code for number in range(6)
    ]
    assert statuses == [200] * 5 + [429]
    assert visitor.press(page, "Continue", code=code_of(with_codes)).status_code == 429


def test_where_it_is_required_nobody_gets_in_without_setting_it_up(
    sqlite_records: Records, ann: int
) -> None:
    visitor = Visitor(casework_app(sqlite_records, REQUIRE_SECOND_FACTOR=True).test_client())
    answer = visitor.enter(EMAIL)
    assert answer.location == "/account/codes"
    assert not visitor.is_in
    page = visitor.open("/account/codes")
    assert "You need more than a password to sign in here" in page.text
    page = Page(visitor.press(page, "Set up the app").text)
    visitor.press(page, "Finish", code=code_of(key_on(page)))
    assert "Ann Miller" in visitor.open("/account/").text
    assert "Stop using the app" not in visitor.open("/account/codes").text
    assert "Change the app" in visitor.open("/account/").text


def test_the_environment_can_require_it(
    sqlite_records: Records, ann: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SCREENING_REQUIRE_SECOND_FACTOR", "1")
    visitor = Visitor(casework_app(sqlite_records).test_client())
    assert visitor.enter(EMAIL).location == "/account/codes"


def test_a_recovery_code_opens_the_door_once(app: Flask, visitor: Visitor, with_codes: str) -> None:
    page = visitor.open(visitor.enter(EMAIL).location)
    visitor.press(page, "Continue", code=code_of(with_codes))
    page = Page(visitor.press(visitor.open("/account/recovery-codes"), "Make recovery codes").text)
    codes = re.findall(r"<code>([0-9a-f-]{14})</code>", page.html)
    assert len(set(codes)) == 8
    for address in ("/account/recovery-codes", "/account/recovery-codes?show_codes=1"):
        later = visitor.open(address).text
        assert "When you make new codes, your old codes stop working" in later
        assert "You have 8 left" in later
        assert not [code for code in codes if code in later]
    for is_in in (True, False):
        other = Visitor(app.test_client())
        other.enter(EMAIL)
        other.press(other.open("/account/recovery"), "Continue", code=codes[0])
        assert other.is_in is is_in


def recovery_codes(app: Flask, key: str) -> list[str]:
    """Recovery codes that Ann has just made."""
    visitor = Visitor(app.test_client())
    visitor.press(visitor.open(visitor.enter(EMAIL).location), "Continue", code=code_of(key))
    made = visitor.press(visitor.open("/account/recovery-codes"), "Make recovery codes").text
    return re.findall(r"<code>([0-9a-f-]{14})</code>", made)


def test_a_recovery_code_is_taken_in_whatever_way_it_is_typed(app: Flask, with_codes: str) -> None:
    code, *_ = recovery_codes(app, with_codes)
    for is_in in (True, False):
        other = Visitor(app.test_client())
        other.enter(EMAIL)
        typed = f" {code.upper().replace('-', ' ')} "
        other.press(other.open("/account/recovery"), "Continue", code=typed)
        assert other.is_in is is_in


@pytest.mark.parametrize(
    ("way", "said"),
    [("code", "Enter the code from the app"), ("recovery", "Enter a recovery code")],
)
def test_an_empty_code_is_no_try(app: Flask, with_codes: str, way: str, said: str) -> None:
    visitor = Visitor(app.test_client())
    visitor.enter(EMAIL)
    page = visitor.open(f"/account/{way}")
    for _ in range(7):
        assert said in Page(visitor.press(page, "Continue", code=" ").text).text
    tries = [visitor.press(page, "Continue", code="1").status_code for _ in range(6)]
    assert tries == [200] * 5 + [429]
    last = Page(visitor.press(page, "Continue", code="1").text)
    assert 'href="/account/sign-in">Sign in</a></p>' in last.html


def test_recovery_codes_are_offered_once_there_is_an_app(
    app: Flask, ann: int, visitor: Visitor
) -> None:
    """They take the place of its codes, and of nothing else."""
    visitor.enter(EMAIL)
    before = visitor.open("/account/")
    assert "Recovery codes None. Set up the app first." in before.text
    set_up(visitor)
    assert 'href="/account/recovery-codes"' not in before.html
    assert 'href="/account/recovery-codes"' in visitor.open("/account/").html


def test_an_empty_form_hides_no_guess(app: Flask, with_codes: str) -> None:
    """The library would read a code from JSON as well, where nothing counts it."""
    other = casework_app(app.extensions["records"], WTF_CSRF_ENABLED=False)
    visitor = Visitor(other.test_client())
    visitor.enter(EMAIL)
    assert visitor.client.post("/account/recovery", json={"code": "1"}).status_code == 415


def test_neither_key_nor_recovery_codes_lie_readable_in_the_database(
    app: Flask, with_codes: str, sqlite_records: Records
) -> None:
    visitor = Visitor(app.test_client())
    page = visitor.open(visitor.enter(EMAIL).location)
    visitor.press(page, "Continue", code=code_of(with_codes))
    made = visitor.press(visitor.open("/account/recovery-codes"), "Make recovery codes").text
    codes = re.findall(r"<code>([0-9a-f-]{14})</code>", made)
    assert sqlite_records.database.file
    held = sqlite_records.database.file.read_bytes()
    assert with_codes.replace("-", "").encode() not in held
    assert not [code for code in codes if code.encode() in held]


def test_codes_can_be_switched_off_by_who_is_in(visitor: Visitor, with_codes: str) -> None:
    page = visitor.open(visitor.enter(EMAIL).location)
    visitor.press(page, "Continue", code=code_of(with_codes))
    assert "Change or stop using the app" in visitor.open("/account/").text
    visitor.press(visitor.open("/account/codes"), "Stop using the app")
    visitor.press(visitor.open("/account/"), "Sign out")
    assert visitor.enter(EMAIL).location == "/account/start"


def test_two_administrators_let_a_person_in_whose_telephone_is_lost(
    visitor: Visitor,
    with_codes: str,
    ann: int,
    signed_in: Callable[[Role], Visitor],
    sqlite_records: Records,
) -> None:
    page = visitor.open(visitor.enter(EMAIL).location)
    visitor.press(page, "Continue", code=code_of(with_codes))
    administrator = signed_in(Role.ADMINISTRATOR)
    page = administrator.open(f"/people/{ann}")
    administrator.press(page, "Propose to remove app and passkeys")
    assert visitor.client.get("/account/").status_code == 200
    approve(sqlite_records, COMMAND_LINE, proposals(sqlite_records, COMMAND_LINE)[0].number)
    assert not visitor.is_in
    assert visitor.enter(EMAIL).location == "/account/start"


def test_the_second_step_cannot_be_reached_without_the_first(visitor: Visitor, ann: int) -> None:
    for address in ("/account/code", "/account/recovery", "/account/codes"):
        assert visitor.open(address).headings == ["Sign in"]


@pytest.mark.parametrize("address", ["/account/passkeys", "/account/recovery-codes"])
def test_what_protects_the_account_asks_again_after_a_while(
    app: Flask, visitor: Visitor, ann: int, address: str
) -> None:
    visitor.enter(EMAIL)
    app.config["SECURITY_FRESHNESS"] = dt.timedelta(milliseconds=1)
    app.config["SECURITY_FRESHNESS_GRACE_PERIOD"] = dt.timedelta(0)
    page = visitor.open(address)
    assert page.headings == ["Is it still you?"]
    answer = visitor.press(page, "Continue", password="wrong horse battery")  # noqa: S106
    assert Page(answer.text).title.startswith("Error: ")
    answer = visitor.press(page, "Continue", password=PASSWORD)
    assert answer.location == address


def test_a_session_from_before_the_last_step_has_another_name_after_it(
    app: Flask, visitor: Visitor, with_codes: str
) -> None:
    """Who planted the name of a half-open session in another's browser knows nothing afterwards."""
    page = visitor.open(visitor.enter(EMAIL).location)
    before = visitor.client.get_cookie("screening-session")
    visitor.press(page, "Continue", code=code_of(with_codes))
    after = visitor.client.get_cookie("screening-session")
    assert before
    assert after
    assert before.value != after.value
    planted = Visitor(app.test_client())
    planted.client.set_cookie("screening-session", before.value)
    assert not planted.is_in
