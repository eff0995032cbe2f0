import madeuprows
import pytest
from sqlalchemy import inspect, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from screening.records.store import Records
from screening.records.tables import APPEND_ONLY

CHANGES = {
    "change": "UPDATE {table} SET {column} = {column}",
    "delete": "DELETE FROM {table}",
    "truncate": "TRUNCATE {table} CASCADE",
}


def statement(records: Records, change: str, table: str) -> str:
    if change == "truncate" and records.database.sqlite:
        pytest.skip("SQLite has no TRUNCATE")
    column = inspect(records.database.engine).get_columns(table)[0]["name"]
    return CHANGES[change].format(table=table, column=column)


def remove_triggers(session: Session, table: str) -> None:
    """Take the protection away."""
    if session.get_bind().dialect.name == "sqlite":
        for what in ("update", "delete"):
            session.execute(text(f"DROP TRIGGER {table}_no_{what}"))
        return
    session.execute(text(f"ALTER TABLE {table} DISABLE TRIGGER USER"))


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("table", APPEND_ONLY)
def test_no_row_of_an_append_only_table_is_changed_or_deleted(
    records: Records, table: str, change: str
) -> None:
    words = statement(records, change, table)
    with records.database.writing() as session:
        madeuprows.fill(session.connection())
    with records.database.reading() as session:
        before = madeuprows.read_rows(session.connection())
    with (
        pytest.raises(DBAPIError, match="is append-only"),
        records.database.writing() as session,
    ):
        session.execute(text(words))
    with records.database.reading() as session:
        assert madeuprows.read_rows(session.connection()) == before


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("table", APPEND_ONLY)
def test_it_is_the_trigger_that_refuses(records: Records, table: str, change: str) -> None:
    words = statement(records, change, table)
    with records.database.writing() as session:
        madeuprows.fill(session.connection())
        for each in APPEND_ONLY:  # TRUNCATE empties those that refer to the table too
            remove_triggers(session, each)
    with records.database.engine.connect() as connection:
        transaction = connection.begin()
        if not records.database.sqlite:
            connection.execute(text("SET session_replication_role = replica"))
        else:
            connection.execute(text("PRAGMA foreign_keys = OFF"))
        assert connection.execute(text(words)).rowcount != 0
        transaction.rollback()
