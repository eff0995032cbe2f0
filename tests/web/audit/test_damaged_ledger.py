"""The page of the ledger says what is wrong, whatever somebody wrote into the database."""

import pytest
from flask.testing import FlaskClient
from sqlalchemy import text
from support.casework.screened_cases import Screened
from support.storage.database_owner import unguarded

from screening.records.ledger.records import Records


@pytest.fixture
def records(sqlite_records: Records) -> Records:
    """The other database takes none of these values."""
    return sqlite_records


@pytest.mark.parametrize(
    "change",
    [
        "events SET change = '{bad' WHERE change IS NOT NULL",
        "events SET at = 'x' WHERE change IS NOT NULL",
        "answers SET id = CAST(x'FF' AS TEXT) WHERE rowid = (SELECT min(rowid) FROM answers)",
    ],
)
def test_what_somebody_wrote_past_the_application_is_named_on_the_page(
    client: FlaskClient, screened: Screened, records: Records, change: str
) -> None:
    with records.database.writing() as session, unguarded(session):
        session.execute(text(f"UPDATE {change}"))
    answer = client.get("/audit/ledger/verify")
    assert answer.status_code == 200
    assert "</html>" in answer.text
    assert "Faults found" in answer.text
    assert "finished." in answer.text
