"""The databases that the tests use are what they are taken for."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from support.setup.postgres import Server
from support.storage.databases import People

from screening.records.ledger.records import Records
from screening.records.storage.database import is_unchecked_elsewhere


def test_each_test_has_a_fresh_database(records: Records, people: People) -> None:
    with records.database.reading() as session:
        assert session.scalar(text("SELECT count(*) FROM sites")) == 0
    people.site("North")


def test_each_other_test_too(records: Records, people: People) -> None:
    with records.database.reading() as session:
        assert session.scalar(text("SELECT count(*) FROM sites")) == 0
    people.site("North")


def test_no_commit_waits_for_the_disk(records: Records) -> None:
    ask = text("PRAGMA synchronous" if records.database.sqlite else "SHOW fsync")
    with records.database.reading() as session:
        assert session.scalar(ask) in {0, "off"}


def test_both_kinds_are_tested(records: Records, database_address: str) -> None:
    assert records.database.engine.dialect.name == database_address.partition(":")[0]


def test_the_server_notes_every_statement_with_its_values(
    records: Records, request: pytest.FixtureRequest
) -> None:
    if records.database.sqlite:
        return
    with records.database.reading() as session:
        session.execute(text("SELECT CAST(:word AS text)"), {"word": "a canary"})
    server = request.getfixturevalue("postgres")
    assert isinstance(server, Server)
    assert "a canary" in server.log.read_text("utf-8")


@pytest.mark.parametrize("what", ["UPDATE rulesets SET texts = ''", "DELETE FROM rulesets"])
def test_append_only_tables_refuse(records: Records, what: str) -> None:
    with records.database.writing() as session:
        session.execute(text("INSERT INTO rulesets VALUES ('d', 'r', '1', '{}', 'now')"))
    with (
        pytest.raises(DBAPIError, match="rulesets is append-only"),
        records.database.writing() as session,
    ):
        session.execute(text(what))


@pytest.mark.parametrize(
    "address",
    [
        "postgresql://u:hush@db.example/screening",
        "postgresql://db.example/screening?sslmode=require",
        "postgresql://db.example/screening?sslmode=verify-ca",
        "postgresql://db.example/screening?sslmode=require&sslmode=verify-full",
        "postgresql+psycopg://127.0.0.2/screening",
        "postgresql:///screening?host=/run/postgresql&host=db.example",
        "postgresql://localhost/screening?hostaddr=192.0.2.7",
        "postgresql:///screening?service=elsewhere",
    ],
)
def test_a_database_elsewhere_needs_its_certificate_checked(address: str) -> None:
    assert is_unchecked_elsewhere(address)


@pytest.mark.parametrize(
    "address",
    [
        "sqlite:////data/screening.sqlite",
        "postgresql:///screening",
        "postgresql:///screening?host=/run/postgresql",
        "postgresql://u:hush@localhost:5433/screening",
        "postgresql://127.0.0.1/screening",
        "postgresql://[::1]/screening",
        "postgresql://db.example/screening?sslmode=verify-full&sslrootcert=system",
    ],
)
def test_a_database_here_does_not(address: str) -> None:
    assert not is_unchecked_elsewhere(address)


def test_the_environment_can_name_a_database_elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PGHOST", "db.example")
    assert is_unchecked_elsewhere("postgresql:///screening")
