"""A case, the people who work on it, and their browsers."""

from collections.abc import Callable
from uuid import uuid4

import pytest
from casepeople import Nurse
from flask import Flask
from webpeople import add_site, casework_app
from workpeople import person, referral, signed_in

from screening.records.access import Role
from screening.records.cases import add_case
from screening.records.store import Records


@pytest.fixture
def app(sqlite_records: Records) -> Flask:
    return casework_app(sqlite_records, WTF_CSRF_ENABLED=False)


@pytest.fixture
def site(app: Flask) -> int:
    return add_site(app.extensions["records"], "North")


@pytest.fixture
def case_id(app: Flask, site: int) -> str:
    records = app.extensions["records"]
    adder = person(records, Role.NURSE, sites=[site], name="Adder")
    return add_case(records, adder, site, referral(), uuid4().hex)


@pytest.fixture
def hire(app: Flask, site: int, case_id: str) -> Callable[..., Nurse]:
    """Makes a person of a role who is signed in and works on the case."""

    def hired(name: str = "Nora Nurse", role: Role = Role.NURSE) -> Nurse:
        actor = person(app.extensions["records"], role, sites=[site], name=name)
        return Nurse(signed_in(app, actor), actor, case_id)

    return hired


@pytest.fixture
def nora(hire: Callable[..., Nurse]) -> Nurse:
    return hire()
