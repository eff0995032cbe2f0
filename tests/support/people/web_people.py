"""An application with casework, and people who sign in to it by its form."""

from collections.abc import Iterable
from itertools import count
from typing import Any

from argon2 import PasswordHasher
from flask import Flask
from flask.testing import FlaskClient
from support.pages.page_reader import Page
from support.rulesets import shipped

from screening.records.access import Role
from screening.records.ledger.records import Records
from screening.records.people import people, sites
from screening.records.people.administration import COMMAND_LINE
from screening.records.people.people import NewPerson
from screening.web import create_app

PASSWORD = "correct horse battery"  # noqa: S105 - of made-up people
QUICK = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
_QUICK_HASH = QUICK.hash(PASSWORD)
_numbers = count(1)


def casework_app(records: Records, **config: Any) -> Flask:  # noqa: ANN401 - Flask's settings
    """The application as it is served, but with cheap hashes and the day of the shipped cases.

    Forms need their tokens unless ``WTF_CSRF_ENABLED=False`` is given.
    """
    given = {
        "TODAY": shipped.as_of,
        "SECRET_KEY": "k" * 32,
        "TESTING": True,
        "ARGON2": QUICK,
    } | config
    return create_app(shipped.ruleset(), records, **given)


def add_site(records: Records, name: str) -> int:
    """A site of this name; the same one when asked twice."""
    for site in sites.sites(records):
        if site.name == name:
            return site.id
    return sites.add_site(records, COMMAND_LINE, name)


def add_person(
    records: Records,
    *roles: Role,
    sites: Iterable[int] = (),
    name: str = "Ann Miller",
    email: str = "",
) -> tuple[int, str]:
    """An account with the password ``PASSWORD``; gives its number and its address."""
    email = email or f"person{next(_numbers)}@clinic.localhost"
    new = NewPerson(
        name=name,
        email=email,
        roles=frozenset(roles),
        sites=frozenset(sites),
        password_hash=_QUICK_HASH,
    )
    return people.add_person(records, COMMAND_LINE, new), email


def enter(client: FlaskClient, email: str, password: str = PASSWORD) -> None:
    """Sign in by the form.

    Raises:
        AssertionError: if that does not lead into the casework.
    """
    page = Page(client.get("/account/sign-in").text)
    address, data = page.press("Sign in")
    data["email"], data["password"] = email, password
    answer = client.post(address, data=data)
    assert answer.status_code == 302, Page(answer.text).text


def sign_in(
    client: FlaskClient,
    role: Role = Role.NURSE,
    sites: Iterable[int] = (),
    name: str = "Ann Miller",
) -> int:
    """Make a person with a role at sites, and sign in as that person; gives the person's number."""
    records = client.application.extensions["records"]
    number, email = add_person(records, role, sites=sites, name=name)
    enter(client, email)
    return number
