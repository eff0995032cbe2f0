"""Results of two sites, browsers of an auditor of the first, and a key that signs."""

from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from support.casework.screened_cases import Screened, screen
from support.people import worklist_people
from support.people.web_people import add_site, casework_app
from support.rulesets import shipped

from screening.records.access import Actor, Role
from screening.records.ledger.records import Records
from screening.records.ledger.signed_head import Signer
from screening.records.storage.tables import EventRow
from screening.records.witness.heads import LedgerSigner

Kinds = Callable[[], list[str]]


@pytest.fixture
def site(records: Records) -> int:
    return add_site(records, "North")


@pytest.fixture
def nora(records: Records, site: int) -> Actor:
    roles = (Role.NURSE, Role.LEAD_NURSE)
    return worklist_people.person(records, *roles, sites=[site], name="Nora Nurse")


@pytest.fixture
def screened(records: Records, nora: Actor) -> Screened:
    """Five results of the auditor's site."""
    return screen(records, nora)


@pytest.fixture
def elsewhere(records: Records) -> Screened:
    """Five results of another site."""
    south = add_site(records, "South")
    nurse = worklist_people.person(records, Role.NURSE, sites=[south], name="Sam South")
    return screen(records, nurse)


@pytest.fixture
def signer() -> Signer:
    return Signer.make()


@pytest.fixture
def app(records: Records, signer: Signer) -> Flask:
    return casework_app(
        records,
        WTF_CSRF_ENABLED=False,
        SIGNER=lambda: LedgerSigner(records, signer),
        TODAY=shipped.as_of,
    )


@pytest.fixture
def auditor(records: Records, site: int) -> Actor:
    return worklist_people.person(records, Role.AUDITOR, sites=[site], name="Ada Auditor")


@pytest.fixture
def client(app: Flask, auditor: Actor) -> FlaskClient:
    """Ada's browser."""
    return worklist_people.signed_in(app, auditor)


@pytest.fixture
def kinds(records: Records, client: FlaskClient) -> Kinds:
    """Tells the kinds of the events since it was last asked, or since Ada signed in."""
    seen = 0

    def since() -> list[str]:
        nonlocal seen
        query = select(EventRow).where(EventRow.seq > seen).order_by(EventRow.seq)
        with records.database.reading() as session:
            found = session.scalars(query).all()
        seen = found[-1].seq if found else seen
        return [event.kind for event in found]

    assert client
    since()
    return since
