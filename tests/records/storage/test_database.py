"""What is refused at the start, and how a database that cannot be used shows itself."""

import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event, select, text
from sqlalchemy.exc import IntegrityError
from support.setup.postgres import Server
from support.storage import databases

from screening.records.ledger.records import Records
from screening.records.storage import database as module
from screening.records.storage.database import (
    Database,
    DatabaseBusyError,
    DatabaseDamagedError,
    DatabaseError,
    DatabaseReadOnlyError,
    DatabaseUnavailableError,
    UnsafeDatabaseError,
    check_durable,
    open_database,
)
from screening.records.storage.tables import SiteRow


@pytest.fixture
def file(sqlite_pattern: Path, tmp_path: Path) -> Path:
    return Path(databases.sqlite_copy(sqlite_pattern, tmp_path).removeprefix("sqlite:///"))


@pytest.fixture
def database(file: Path) -> Iterator[Database]:
    opened = module.open_file(file)
    yield opened
    opened.close()


def write(database: Database, name: str = "South") -> None:
    with database.writing() as session:
        session.add(SiteRow(name=name))


def write_and_cut(database: Database) -> None:
    """Write, and lose the connection before it is kept."""
    with database.writing() as session:
        session.add(SiteRow(name="South"))
        session.flush()
        session.execute(text("SELECT pg_terminate_backend(pg_backend_pid())"))


def read(database: Database) -> list[str]:
    with database.reading() as session:
        return list(session.scalars(select(SiteRow.name)))


def ask(database: Database, setting: str) -> object:
    with database.engine.connect() as connection:
        return connection.exec_driver_sql(f"PRAGMA {setting}").scalar()


def test_sqlite_runs_with_settings_that_lose_nothing(database: Database) -> None:
    log = sqlite3.sqlite_version_info >= (3, 51, 3)
    assert ask(database, "journal_mode") == ("wal" if log else "delete")
    assert ask(database, "synchronous") == (2 if log else 3)
    assert ask(database, "foreign_keys") == 1
    assert ask(database, "secure_delete") == 1


def test_a_database_in_memory_is_refused() -> None:
    with pytest.raises(DatabaseError, match="memory keeps nothing"):
        open_database("sqlite:///:memory:")


@pytest.mark.parametrize("name", ["journal_mode", "synchronous"])
def test_each_setting_is_looked_at(
    database: Database, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """A SQLite that says yes and does something else."""
    real = module._set  # noqa: SLF001 - the one place where it could be fooled

    def weak(cursor: sqlite3.Cursor, asked: str, value: str, expected: object) -> None:
        real(cursor, asked, "OFF" if asked == name else value, expected)

    monkeypatch.setattr(module, "_set", weak)
    with pytest.raises(UnsafeDatabaseError, match=name):
        read(database)


def test_a_write_that_others_hold_up_for_too_long_is_told_as_busy(
    database: Database, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "BUSY_MS", 50)
    with closing(sqlite3.connect(file, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(DatabaseBusyError, match="too many others are writing"):
            write(database)
        assert read(database) == []
    write(database)


def test_a_file_that_is_no_database_is_told_as_damaged(database: Database, file: Path) -> None:
    file.write_bytes(b"no database at all" * 100)
    with pytest.raises(DatabaseDamagedError, match="restore the newest backup"):
        read(database)


def test_a_database_that_can_only_be_read_is_told_so(database: Database) -> None:
    def read_only(connection: Any, _: object) -> None:  # noqa: ANN401 - a driver's connection
        connection.execute("PRAGMA query_only = ON")

    event.listen(database.engine, "connect", read_only)
    with pytest.raises(DatabaseReadOnlyError, match="it can only be read"):
        write(database)
    assert read(database) == []


def test_a_folder_that_is_gone_is_told_as_out_of_use(tmp_path: Path) -> None:
    gone = open_database(f"sqlite:///{tmp_path / 'gone' / 'x.db'}")
    with pytest.raises(DatabaseUnavailableError, match="cannot be used at the moment"):
        read(gone)


@pytest.mark.parametrize("server", ["nobody", "stopped"])
def test_a_server_that_does_not_answer_is_told_as_out_of_use(tmp_path: Path, server: str) -> None:
    host = {"nobody": str(tmp_path), "stopped": "127.0.0.1&port=1"}[server]
    database = open_database(f"postgresql://me:pass-word@/x?host={host}")
    with pytest.raises(DatabaseUnavailableError) as refused:
        read(database)
    assert "pass-word" not in str(refused.value)


def test_connections_that_were_cut_are_replaced_unseen(postgres: Server) -> None:
    with databases.postgresql_copy(postgres) as address:
        database, other = open_database(address), open_database(address)
        write(database)
        with other.reading() as session:
            cut = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> "
            own = "pg_backend_pid() AND datname = current_database()"
            session.execute(text(cut + own))
        assert read(database) == ["South"]
        database.close()
        other.close()


def test_a_connection_that_is_cut_in_a_write_is_told_and_nothing_is_kept(
    postgres: Server,
) -> None:
    with databases.postgresql_copy(postgres) as address:
        database = open_database(address)
        with pytest.raises(DatabaseUnavailableError):
            write_and_cut(database)
        assert read(database) == []
        database.close()


def test_commits_wait_for_the_disk_whatever_the_server_is_set_to(postgres: Server) -> None:
    with databases.postgresql_copy(postgres) as address:
        database = open_database(address)
        with database.reading() as session:
            assert session.scalar(text("SHOW synchronous_commit")) == "on"
            elsewhere = text("SELECT reset_val FROM pg_settings WHERE name = 'synchronous_commit'")
            assert session.scalar(elsewhere) == "off"
        database.close()


def test_a_server_that_does_not_wait_for_the_disk_is_refused(postgres: Server) -> None:
    with databases.postgresql_copy(postgres) as address:
        database = open_database(address)
        with pytest.raises(UnsafeDatabaseError, match="fsync = off"):
            check_durable(database)
        database.close()


def test_when_every_connection_is_in_use_it_is_told_as_busy(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    pool: Any = database.engine.pool
    monkeypatch.setattr(pool, "_timeout", 0.05)
    held = [database.engine.connect() for _ in range(pool.size() + pool._max_overflow)]  # noqa: SLF001
    with pytest.raises(DatabaseBusyError):
        read(database)
    for each in held:
        each.close()


def test_other_errors_stay_what_they_are(records: Records) -> None:
    write(records.database)
    with pytest.raises(IntegrityError) as refused:
        write(records.database)
    assert not re.search("cannot be used", str(refused.value))
