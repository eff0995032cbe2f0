import datetime as dt
from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import select
from support.pages.page_reader import Page
from support.people.visitor import Visitor
from support.people.web_people import PASSWORD, add_person
from support.services.costs import AT_ONCE, cost
from zxcvbn.frequency_lists import FREQUENCY_LISTS  # type: ignore[import-untyped]

from screening.records.access import Role
from screening.records.ledger.records import Records
from screening.records.people.passwords import (
    HASHER,
    LONGEST,
    SHORTEST,
    hash_password,
    password_problem,
)
from screening.records.storage.account_tables import User
from screening.web.accounts.password_links import link_path

EMAIL = "ann.miller@clinic.localhost"
NEW = "quiet river under stone"
EASILY = "harder to guess"
UNFIT = {
    "": "Enter",
    "short pass1": "at least 12",
    "x" * 129: "at most 128",
    "aaaaaaaaaaaaaa": EASILY,
    "x yzx yzx yz": EASILY,
    "password1234": EASILY,
    "P@ssw0rd1234": EASILY,
    "1q2w3e4r5t6y": EASILY,
    "iloveyou1234": EASILY,
    "qwertyuiop12": EASILY,
    "administrator": EASILY,
    "letmeinletmein": EASILY,
    "Sunshine2026!": EASILY,
    "Vertebroplasty2026": EASILY,
    "screening-clinic-1": EASILY,
    "AnnMiller2026": EASILY,
    "miller19870412": EASILY,
    "baseball": "at least 12",
    "my-ann.miller-word": "without “ann.miller” in it. It is part of your email",
    "ANN.MILLER@clinic.localhost": "without your email address",
}


@pytest.fixture
def ann(sqlite_records: Records) -> int:
    number, _ = add_person(sqlite_records, Role.NURSE, email=EMAIL)
    return number


@pytest.mark.parametrize("password", UNFIT)
def test_a_password_that_is_easy_to_guess_is_refused(password: str) -> None:
    problem = password_problem(password, EMAIL, "Ann Miller")
    assert problem
    assert UNFIT[password] in problem


@pytest.mark.parametrize("password", [NEW, "Tk9#vQ2!xL7@", "ünïcödé-wörds-too", "a b c d " * 16])
def test_any_other_of_twelve_to_128_characters_is_taken(password: str) -> None:
    assert password_problem(password, EMAIL, "Ann Miller") is None


def test_words_of_ones_own_in_a_longer_password_are_no_harm() -> None:
    assert password_problem("miller river under spine stone", EMAIL, "Ann Miller") is None


def test_a_common_password_of_breaches_is_refused() -> None:
    common = [each for each in FREQUENCY_LISTS["passwords"] if len(each) >= SHORTEST]
    assert len(FREQUENCY_LISTS["passwords"]) == 30_000
    taken = [each for each in common if password_problem(each, EMAIL) is None]
    assert common
    assert taken == []


@pytest.mark.parametrize("signs", ["4@8({[<369&#1!|0$5+7%2", "!|14769(", "aA1!", "12", "abc "])
def test_any_password_is_judged_at_once(signs: str) -> None:
    """The library alone takes ten seconds for some."""
    password = (signs * LONGEST)[:LONGEST]
    assert cost(lambda: password_problem(password, EMAIL, "Ann Miller")) < AT_ONCE


def test_hashes_are_argon2id_with_what_owasp_asks_for() -> None:
    hashed = hash_password(PASSWORD)
    assert hashed.startswith("$argon2id$v=19$m=47104,t=2,p=1$")
    assert HASHER.verify(hashed, PASSWORD)


def test_the_application_hashes_alike(
    sqlite_records: Records, ann: int, visitor: Visitor, app: Flask
) -> None:
    visitor.enter(EMAIL)
    change(visitor)
    with sqlite_records.database.reading() as session:
        hashed = session.scalars(select(User.password).where(User.id == ann)).one()
    assert hashed
    assert hashed.startswith("$argon2id$v=19$m=8,t=1,p=1$")  # the cheap one of these tests


def change(visitor: Visitor, now: str = PASSWORD, new: str = NEW, again: str = "") -> Page:
    typed = {"password": now, "new_password": new, "new_password_confirm": again or new}
    answer = visitor.press(visitor.open("/account/password"), "Change password", **typed)
    return Page(answer.text)


def test_a_person_changes_the_password_and_is_signed_out_everywhere_else(
    app: Flask, visitor: Visitor, ann: int
) -> None:
    other = Visitor(app.test_client())
    for each in (visitor, other):
        each.enter(EMAIL)
    before = visitor.client.get_cookie("screening-session")
    change(visitor)
    after = visitor.client.get_cookie("screening-session")
    assert before
    assert after
    assert before.value != after.value
    assert visitor.is_in
    assert not other.is_in
    assert other.enter(EMAIL).status_code == 200
    assert other.enter(EMAIL, NEW).status_code == 302


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"now": "wrong horse battery"}, "is not right"),
        ({"new": "short"}, "at least 12"),
        ({"new": "ann.miller-is-me-1"}, "without “ann.miller” in it"),
        ({"new": PASSWORD}, "differs"),
        ({"again": "another river under"}, "same password in both fields"),
    ],
)
def test_a_change_that_is_refused_says_why(
    visitor: Visitor, ann: int, typed: dict[str, str], said: str
) -> None:
    visitor.enter(EMAIL)
    page = change(visitor, **typed)
    assert page.title.startswith("Error: ")
    assert said in page.text
    assert NEW not in page.html


@pytest.fixture
def link(app: Flask, ann: int) -> str:
    """The path of a link that was made for Ann."""
    return link_path(app, ann)


def set_password(visitor: Visitor, link: str, password: str = NEW) -> Page:
    page = visitor.open(link)
    typed = {"password": password, "password_confirm": password}
    return Page(visitor.press(page, "Set password", **typed).text)


def test_a_link_of_an_administrator_sets_a_password_once(
    app: Flask, visitor: Visitor, ann: int, link: str
) -> None:
    inside = Visitor(app.test_client())
    inside.enter(EMAIL)
    set_password(visitor, link)
    assert not inside.is_in
    assert visitor.enter(EMAIL).status_code == 200
    assert visitor.enter(EMAIL, NEW).status_code == 302
    other = Visitor(app.test_client())
    page = other.open(link)
    assert page.headings == ["Sign in"]
    assert "does not work, or was used already" in page.text


def test_a_link_is_too_old_after_a_day(app: Flask, visitor: Visitor, ann: int, link: str) -> None:
    app.config["SECURITY_RESET_PASSWORD_WITHIN"] = dt.timedelta(seconds=-1)
    assert "This link is too old" in visitor.open(link).text


def test_the_password_of_a_link_obeys_the_same_rules(visitor: Visitor, link: str) -> None:
    assert "at least 12" in set_password(visitor, link, "short").text
    assert "without “ann.miller” in it" in set_password(visitor, link, "ann.miller-is-me-1").text


@pytest.mark.parametrize("forged", ["x", "eyJ.x.y", "../people/", "%00"])
def test_a_forged_link_opens_nothing(visitor: Visitor, forged: str) -> None:
    answer = visitor.client.get(f"/account/link/{forged}")
    assert answer.status_code in {302, 404}


def test_a_link_ends_when_the_account_is_made_inactive(
    visitor: Visitor, ann: int, link: str, signed_in: Callable[[Role], Visitor]
) -> None:
    administrator = signed_in(Role.ADMINISTRATOR)
    administrator.press(administrator.open(f"/people/{ann}"), "Make inactive")
    assert visitor.open(link).headings == ["Sign in"]
