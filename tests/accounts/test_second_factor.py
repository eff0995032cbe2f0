import datetime as dt
import re
from collections.abc import Callable

import pytest
from flask import Flask
from pagereader import Page
from passlib.totp import TOTP
from sqlalchemy import delete
from visitor import Visitor, focused
from webpeople import PASSWORD, casework_app

from screening.records.access import Role
from screening.records.codes import use_code
from screening.records.people import COMMAND_LINE
from screening.records.proposals import approve, proposals
from screening.records.store import Records
from screening.records.tables import OnceRow

EMAIL = "ann@clinic.localhost"


def code_of(key: str) -> str:
    """What an authenticator app shows now."""
    return str(TOTP(key=key.replace("-", "").replace(" ", ""), format="base32").generate().token)


def key_on(page: Page) -> str:
    (key,) = re.findall(r"<code>([A-Z2-7 -]{20,})</code>", page.html)
    return str(key)


def set_up(visitor: Visitor) -> str:
    """Set codes up; gives the key."""
    page = Page(visitor.press(visitor.open("/account/codes"), "Set up codes").text)
    key = key_on(page)
    answer = visitor.press(page, "Set up codes", code=code_of(key))
    assert answer.status_code == 302, Page(answer.text).text
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
        session.execute(delete(OnceRow))


def test_the_picture_is_drawn_in_the_page_and_loads_nothing(visitor: Visitor, ann: int) -> None:
    visitor.enter(EMAIL)
    html = visitor.press(visitor.open("/account/codes"), "Set up codes").text
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
    assert "nobody signs in by a password alone" in page.text
    page = Page(visitor.press(page, "Set up codes").text)
    visitor.press(page, "Set up codes", code=code_of(key_on(page)))
    assert "Ann Miller" in visitor.open("/account/").text
    assert "Switch codes off" not in visitor.open("/account/codes").text


def test_the_environment_can_require_it(
    sqlite_records: Records, ann: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SCREENING_REQUIRE_SECOND_FACTOR", "1")
    visitor = Visitor(casework_app(sqlite_records).test_client())
    assert visitor.enter(EMAIL).location == "/account/codes"


def test_a_recovery_code_opens_the_door_once(app: Flask, visitor: Visitor, with_codes: str) -> None:
    page = visitor.open(visitor.enter(EMAIL).location)
    visitor.press(page, "Continue", code=code_of(with_codes))
    page = Page(
        visitor.press(visitor.open("/account/recovery-codes"), "Make new recovery codes").text
    )
    codes = re.findall(r"<code>([0-9a-f-]{14})</code>", page.html)
    assert len(set(codes)) == 8
    assert codes[0] not in visitor.open("/account/recovery-codes").text
    for is_in in (True, False):
        other = Visitor(app.test_client())
        other.enter(EMAIL)
        other.press(other.open("/account/recovery"), "Continue", code=codes[0])
        assert other.is_in is is_in


def test_neither_key_nor_recovery_codes_lie_readable_in_the_database(
    app: Flask, with_codes: str, sqlite_records: Records
) -> None:
    visitor = Visitor(app.test_client())
    page = visitor.open(visitor.enter(EMAIL).location)
    visitor.press(page, "Continue", code=code_of(with_codes))
    made = visitor.press(visitor.open("/account/recovery-codes"), "Make new recovery codes").text
    codes = re.findall(r"<code>([0-9a-f-]{14})</code>", made)
    assert sqlite_records.database.file
    held = sqlite_records.database.file.read_bytes()
    assert with_codes.replace("-", "").encode() not in held
    assert not [code for code in codes if code.encode() in held]


def test_codes_can_be_switched_off_by_who_is_in(visitor: Visitor, with_codes: str) -> None:
    page = visitor.open(visitor.enter(EMAIL).location)
    visitor.press(page, "Continue", code=code_of(with_codes))
    visitor.press(visitor.open("/account/codes"), "Switch codes off")
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


def test_what_protects_the_account_asks_again_after_a_while(
    app: Flask, visitor: Visitor, ann: int
) -> None:
    visitor.enter(EMAIL)
    app.config["SECURITY_FRESHNESS"] = dt.timedelta(milliseconds=1)
    app.config["SECURITY_FRESHNESS_GRACE_PERIOD"] = dt.timedelta(0)
    page = visitor.open("/account/passkeys")
    assert page.headings == ["Is it still you?"]
    answer = visitor.press(page, "Continue", password="wrong horse battery")  # noqa: S106
    assert Page(answer.text).title.startswith("Error: ")
    answer = visitor.press(page, "Continue", password=PASSWORD)
    assert answer.location == "/account/passkeys"


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
