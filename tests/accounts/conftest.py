"""An application with casework whose forms need their tokens, as it is served, and its people."""

from collections.abc import Callable

import databases
import pytest
from databases import Clock
from flask import Flask
from visitor import Visitor
from webpeople import add_person, add_site, casework_app, enter

from screening.records.access import Role
from screening.records.ledger.records import Records


@pytest.fixture
def app(sqlite_records: Records) -> Flask:
    return casework_app(sqlite_records)


@pytest.fixture
def visitor(app: Flask) -> Visitor:
    return Visitor(app.test_client())


@pytest.fixture
def clock(sqlite_records: Records) -> Clock:
    return databases.clock(sqlite_records)


@pytest.fixture
def north(sqlite_records: Records) -> int:
    return add_site(sqlite_records, "North")


@pytest.fixture
def ann(sqlite_records: Records, north: int) -> int:
    """A nurse, whose address is ann@clinic.localhost."""
    number, _ = add_person(sqlite_records, Role.NURSE, sites=[north], email="ann@clinic.localhost")
    return number


@pytest.fixture
def signed_in(app: Flask, sqlite_records: Records, north: int) -> Callable[[Role], Visitor]:
    """Makes a person of a role, and gives the person's browser."""

    def make(role: Role) -> Visitor:
        made = Visitor(app.test_client())
        _, email = add_person(sqlite_records, role, sites=[north])
        enter(made.client, email)
        return made

    return make
