"""The database: SQLite by default, PostgreSQL by address, each with settings that lose nothing.

A reading session holds no transaction between its statements, so that a page that is being made
never keeps another person's write waiting. A writing session is one transaction; on SQLite it takes
the write lock at its start, because a transaction that asks for it later can be refused.
"""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Engine, create_engine, event, inspect, text
from sqlalchemy.engine import URL, ExceptionContext, make_url
from sqlalchemy.exc import ArgumentError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.orm import Session

from screening.errors import ScreeningError
from screening.records.storage.sqlite_values import read_any_text, with_any_value

if TYPE_CHECKING:  # where the database is a file, nobody waits for the driver of a server
    import psycopg

BUSY_MS = 10_000
NO_ADDRESS = "the database's address is not sqlite:///… or postgresql://…"
WAL_IS_SAFE = (3, 51, 3)
"""From here on SQLite's write-ahead log is free of the reset bug of 3.7.0 to 3.51.2."""
ON_THIS_MACHINE = frozenset({"", "localhost", "127.0.0.1", "::1"})
_WRITING = "screening_writing"


class DatabaseError(ScreeningError):
    """The database cannot be used as it is."""


class UnsafeDatabaseError(DatabaseError):
    """A setting is off that keeps writes from being lost."""

    @classmethod
    def of_sqlite(cls, setting: str, wanted: object, found: object) -> "UnsafeDatabaseError":
        """Name what SQLite did not take."""
        return cls(
            f"SQLite did not accept {setting} = {wanted} (it says {found}), without which a power"
            " cut could lose what was saved. Is the data folder on a network drive?"
        )

    @classmethod
    def of_postgresql(cls, setting: str) -> "UnsafeDatabaseError":
        """Name what the server is set to."""
        return cls(
            f"PostgreSQL runs with {setting} = off, so that a power cut could lose what was saved;"
            f" set {setting} = on in its configuration, and restart it"
        )


class DatabaseUnavailableError(DatabaseError):
    """The database cannot do now what was asked of it. What it said that it saved, it keeps.

    Whether a write that ends so was saved can be unknown, as when the connection breaks while it is
    answered; to send it again under the same key is safe.
    """

    reason = "it does not answer"

    def __init__(self) -> None:
        """Say why; nothing of what was being written is repeated."""
        super().__init__(f"the database cannot be used at the moment: {self.reason}")


class DatabaseFullError(DatabaseUnavailableError):
    """There is no room left to write to."""

    reason = "its disk is full"


class DatabaseBusyError(DatabaseUnavailableError):
    """Others kept it busy for longer than a write waits."""

    reason = "too many others are writing"


class DatabaseReadOnlyError(DatabaseUnavailableError):
    """It can be read, and not written to."""

    reason = "it can only be read"


class DatabaseDamagedError(DatabaseUnavailableError):
    """It is no longer what it was."""

    reason = "its file is damaged; restore the newest backup"


_SQLITE: dict[int, type[DatabaseUnavailableError]] = {
    sqlite3.SQLITE_BUSY: DatabaseBusyError,
    sqlite3.SQLITE_LOCKED: DatabaseBusyError,
    sqlite3.SQLITE_PROTOCOL: DatabaseBusyError,
    sqlite3.SQLITE_FULL: DatabaseFullError,
    sqlite3.SQLITE_READONLY: DatabaseReadOnlyError,
    sqlite3.SQLITE_CORRUPT: DatabaseDamagedError,
    sqlite3.SQLITE_NOTADB: DatabaseDamagedError,
    sqlite3.SQLITE_IOERR: DatabaseUnavailableError,
    sqlite3.SQLITE_CANTOPEN: DatabaseUnavailableError,
    sqlite3.SQLITE_NOMEM: DatabaseUnavailableError,
}
"""By primary result code. A full disk can also show as one of the last three."""
_POSTGRESQL: dict[str, type[DatabaseUnavailableError]] = {
    "53100": DatabaseFullError,
    "25006": DatabaseReadOnlyError,
    "40001": DatabaseBusyError,  # serialization_failure
    "40P01": DatabaseBusyError,  # deadlock_detected
    "55P03": DatabaseBusyError,  # lock_not_available
    "XX001": DatabaseDamagedError,
    "XX002": DatabaseDamagedError,
}
"""By SQLSTATE; every other operational error means that it cannot be reached."""
_PRIMARY = 0xFF


class WritingSession(Session):
    """A session that may write. What is written through it is watched (see ``coverage``)."""


class AccountSession(WritingSession):
    """A session that holds no transaction until it writes, as a library for accounts needs it.

    Nothing is written before it is committed; the writing and its events are one transaction.
    """

    def __init__(self, reading: Engine, writing: Engine) -> None:
        """Use two engines of one database."""
        super().__init__(autoflush=False, expire_on_commit=False)
        self._reading, self._writing = reading, writing

    def get_bind(self, *args: Any, **kwargs: Any) -> Engine:  # noqa: ANN401, ARG002 - as inherited
        """Choose the engine of a statement."""
        return self._writing if self.info.get(_WRITING) else self._reading

    def commit(self) -> None:
        """Write what is to be written, in one transaction, and end it."""
        self.info[_WRITING] = True
        try:
            super().commit()
        finally:
            del self.info[_WRITING]


@dataclass(frozen=True)
class Database:
    """An open database. It calls ``begun`` with every session that may write."""

    engine: Engine
    begun: Callable[[Session], None] | None = field(
        default=None, kw_only=True, compare=False, repr=False
    )

    @property
    def sqlite(self) -> bool:
        """True if it is SQLite."""
        return self.engine.dialect.name == "sqlite"

    @property
    def file(self) -> Path | None:
        """The file of a SQLite database."""
        return Path(self.engine.url.database or "") if self.sqlite else None

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A session that only reads; every statement sees what is committed by then."""
        with _waiting(), Session(self._reading) as session:
            yield session

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """A session that is one transaction: all of it is kept, or with an exception nothing."""
        with (
            _waiting(),
            WritingSession(self._writing, expire_on_commit=False) as session,
            session.begin(),
        ):
            self._watch(session)
            yield session

    def compact(self) -> None:
        """Write every table again, so that nothing is left of rows that were changed or deleted."""
        with self._reading.connect() as connection:
            if self.sqlite:
                connection.exec_driver_sql("VACUUM")
                connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
                return
            for table in inspect(connection).get_table_names():
                connection.exec_driver_sql(f'VACUUM FULL "{table}"')

    def for_accounts(self) -> Session:
        """A session that reads without a transaction and commits in one."""
        session = AccountSession(self._reading, self._writing)
        self._watch(session)
        return session

    @cached_property
    def _reading(self) -> Engine:
        """The engine without transactions; SQLite begins none that it is not told to."""
        if self.sqlite:
            return self.engine
        return self.engine.execution_options(isolation_level="AUTOCOMMIT")

    @cached_property
    def _writing(self) -> Engine:
        return self.engine.execution_options(**{_WRITING: True})

    def _watch(self, session: Session) -> None:
        if self.begun is not None:
            self.begun(session)

    def close(self) -> None:
        """Close every connection."""
        self.engine.dispose()


def open_file(path: Path) -> Database:
    """Open a SQLite database by its file, whatever the letters of its name."""
    return Database(_translating(_sqlite(URL.create("sqlite", database=str(path)))))


def open_database(address: str) -> Database:
    """Open a database; SQLite's settings are set and checked on every connection.

    Args:
        address: ``sqlite:///file`` or ``postgresql://…``.

    Raises:
        DatabaseError: if the address is of no such database, or SQLite refuses a safe setting.
    """
    url = _read_address(address)
    if url.get_backend_name() == "sqlite":
        if url.database in (None, "", ":memory:"):
            raise DatabaseError("the database's address names no file, and memory keeps nothing")
        return Database(_translating(_sqlite(url)))
    if url.get_backend_name() == "postgresql":
        return Database(_translating(_postgresql(url)))
    raise DatabaseError(NO_ADDRESS)


def is_unchecked_elsewhere(address: str) -> bool:
    """True if a PostgreSQL server on another host could be anybody, or heard by anybody.

    Only ``sslmode=verify-full`` is enough. With ``verify-ca``, anybody with a certificate of the
    same authority for any other host could answer. The address itself has to say so, because a
    service file overrides the environment.

    Raises:
        DatabaseError: if it is not the address of a database.
    """
    url = _read_address(address)
    if url.get_backend_name() != "postgresql":
        return False
    from psycopg.pq import Conninfo  # noqa: PLC0415 - the same

    given = {name: str(value) for name, value in _arguments(url).items()}
    asked = {
        option.keyword.decode(): (option.val or b"").decode() for option in Conninfo.get_defaults()
    } | given
    hosts = [*asked["host"].split(","), *asked["hostaddr"].split(",")]
    elsewhere = bool(asked["service"]) or not all(map(_is_on_this_machine, hosts))
    return elsewhere and given.get("sslmode") != "verify-full"


def _is_on_this_machine(host: str) -> bool:
    """True if a host is this one; a socket is named by its folder, or by a name after an @."""
    return host in ON_THIS_MACHINE or host.startswith(("/", "@"))


def _arguments(url: URL) -> dict[str, Any]:
    """The driver's arguments for an address."""
    return dict(url.get_dialect()().create_connect_args(url)[1])


def _read_address(address: str) -> URL:
    """An address with the one driver for PostgreSQL that we use."""
    try:
        url = make_url(address)
    except ArgumentError:
        raise DatabaseError(NO_ADDRESS) from None
    if url.get_backend_name() == "postgresql":
        return url.set(drivername="postgresql+psycopg")
    return url


def check_durable(database: Database) -> None:
    """Make sure that a PostgreSQL server writes to the disk what it says that it did.

    A connection of ours cannot switch that on; SQLite's settings are checked on every connection.

    Raises:
        UnsafeDatabaseError: if it does not.
    """
    if database.sqlite:
        return
    with database.reading() as session:
        for setting in ("fsync", "full_page_writes"):
            if session.scalar(text(f"SHOW {setting}")) != "on":
                raise UnsafeDatabaseError.of_postgresql(setting)


def _postgresql(url: URL) -> Engine:
    engine = create_engine(
        url,
        pool_pre_ping=True,  # a connection that a restart has cut is replaced before it is used
        pool_size=8,
        max_overflow=8,
        connect_args={"connect_timeout": 5},
        hide_parameters=True,  # an error message never repeats a value
    )
    event.listen(engine, "connect", _synchronise)
    return engine


def _synchronise(connection: "psycopg.Connection", _: object) -> None:
    """Let every commit wait until it is on the disk, whatever the server is set to."""
    connection.execute("SET SESSION synchronous_commit = on")
    connection.commit()


def _sqlite(url: URL) -> Engine:
    engine = create_engine(url, hide_parameters=True)
    engine.dialect.colspecs = with_any_value(engine.dialect.colspecs)
    event.listen(engine, "connect", _prepare)
    event.listen(engine, "begin", _begin)
    return engine


def _translating(engine: Engine) -> Engine:
    """Let what nobody here can help surface as one family of errors."""
    event.listen(engine, "handle_error", _translate)
    return engine


def _translate(context: ExceptionContext) -> DatabaseUnavailableError | None:
    """The error to raise in place of a driver's."""
    found = _unavailable(context.original_exception)
    if found is None or context.is_pre_ping:  # that one replaces the connection and tries again
        return None
    return found()


def _unavailable(error: BaseException) -> type[DatabaseUnavailableError] | None:
    """The meaning of a driver's error, if it is that the database cannot be used."""
    if isinstance(error, sqlite3.Error):
        return _SQLITE.get(getattr(error, "sqlite_errorcode", 0) & _PRIMARY)
    import psycopg  # noqa: PLC0415 - the reason stands above

    if isinstance(error, psycopg.Error) and error.sqlstate in _POSTGRESQL:
        return _POSTGRESQL[error.sqlstate]
    return DatabaseUnavailableError if isinstance(error, psycopg.OperationalError) else None


@contextmanager
def _waiting() -> Iterator[None]:
    try:
        yield
    except PoolTimeoutError:  # every connection is in use
        raise DatabaseBusyError from None


def _prepare(connection: sqlite3.Connection, _: object) -> None:
    connection.isolation_level = None  # transactions begin where we say, not where it guesses
    read_any_text(connection)
    cursor = connection.cursor()
    cursor.execute(f"PRAGMA busy_timeout = {BUSY_MS}")
    cursor.execute("PRAGMA foreign_keys = ON")
    cursor.execute("PRAGMA secure_delete = ON")
    wal = sqlite3.sqlite_version_info >= WAL_IS_SAFE
    journal, synchronous = ("wal", "FULL") if wal else ("delete", "EXTRA")
    numbers = {"FULL": 2, "EXTRA": 3}
    _set(cursor, "journal_mode", journal, journal)
    _set(cursor, "synchronous", synchronous, numbers[synchronous])
    cursor.close()


def _set(cursor: sqlite3.Cursor, name: str, value: str, expected: object) -> None:
    cursor.execute(f"PRAGMA {name} = {value}")
    (found,) = cursor.execute(f"PRAGMA {name}").fetchone()
    if found != expected:
        raise UnsafeDatabaseError.of_sqlite(name, value, found)


def _begin(connection: Connection) -> None:
    options: dict[str, Any] = dict(connection.get_execution_options())
    if options.get(_WRITING):
        connection.exec_driver_sql("BEGIN IMMEDIATE")
