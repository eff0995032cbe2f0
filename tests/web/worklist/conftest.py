"""An application with casework, and a nurse who is signed in to it."""

import pytest
from flask import Flask
from flask.testing import FlaskClient
from support.people import worklist_people
from support.people.web_people import add_site, casework_app

from screening.records.access import Actor, Role
from screening.records.ledger.records import Records


@pytest.fixture
def site(sqlite_records: Records) -> int:
    """The nurse's only site."""
    return add_site(sqlite_records, "North")


@pytest.fixture
def app(sqlite_records: Records) -> Flask:
    """The application, on the day of its records' clock, without tokens of forms."""
    return casework_app(
        sqlite_records,
        TODAY=lambda: sqlite_records.now().date(),
        WTF_CSRF_ENABLED=False,
    )


@pytest.fixture
def nurse_actor(sqlite_records: Records, site: int) -> Actor:
    """Nora, as records know her; she is the one who is signed in."""
    return worklist_people.person(sqlite_records, Role.NURSE, sites=[site], name="Nora Nurse")


@pytest.fixture
def client(app: Flask, nurse_actor: Actor) -> FlaskClient:
    """Nora's browser."""
    return worklist_people.signed_in(app, nurse_actor)


@pytest.fixture
def lead(app: Flask, sqlite_records: Records, site: int) -> FlaskClient:
    """A lead nurse's browser."""
    actor = worklist_people.person(sqlite_records, Role.LEAD_NURSE, sites=[site], name="Lena Lead")
    return worklist_people.signed_in(app, actor)


@pytest.fixture
def case_id(sqlite_records: Records, nurse_actor: Actor, site: int) -> str:
    """A case that Nora added."""
    (added,) = worklist_people.fill(sqlite_records, nurse_actor, site, 1)
    return added
