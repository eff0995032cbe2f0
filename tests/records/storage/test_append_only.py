import pytest
from sqlalchemy import inspect, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session
from support.storage import made_up_rows

from screening.records.ledger.records import Records
from screening.records.storage.tables import APPEND_ONLY


def changes(records: Records, table: str) -> list[str]:
    """Every way in which rows can be changed or go."""
    column = inspect(records.database.engine).get_columns(table)[0]["name"]
    ways = [f"UPDATE {table} SET {column} = {column}", f"DELETE FROM {table}"]
    return ways if records.database.sqlite else [*ways, f"TRUNCATE {table} CASCADE"]


def fill(records: Records) -> None:
    with records.database.writing() as session:
        made_up_rows.fill(session.connection())


def remove_triggers(session: Session) -> None:
    """Take the protection away, of all: TRUNCATE empties those too that refer to a table."""
    for table in APPEND_ONLY:
        if session.get_bind().dialect.name == "postgresql":
            session.execute(text(f"ALTER TABLE {table} DISABLE TRIGGER USER"))
        else:
            for what in ("update", "delete"):
                session.execute(text(f"DROP TRIGGER {table}_no_{what}"))


@pytest.mark.parametrize("table", APPEND_ONLY)
def test_no_row_of_an_append_only_table_is_changed_or_deleted(records: Records, table: str) -> None:
    fill(records)
    with records.database.reading() as session:
        before = made_up_rows.read_rows(session.connection())
    for change in changes(records, table):
        with (
            pytest.raises(DBAPIError, match="is append-only"),
            records.database.writing() as session,
        ):
            session.execute(text(change))
    with records.database.reading() as session:
        assert made_up_rows.read_rows(session.connection()) == before


@pytest.mark.parametrize("table", APPEND_ONLY)
def test_it_is_the_trigger_that_refuses(records: Records, table: str) -> None:
    fill(records)
    with records.database.writing() as session:
        remove_triggers(session)
    unchecked = "PRAGMA foreign_keys = OFF"
    if not records.database.sqlite:
        unchecked = "SET session_replication_role = replica"
    for change in changes(records, table):
        with records.database.engine.connect() as connection:
            connection.execute(text(unchecked))
            assert connection.execute(text(change)).rowcount != 0
            connection.rollback()
