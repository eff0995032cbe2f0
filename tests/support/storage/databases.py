"""Fresh databases for tests, copied from one that has all tables, and people who use them."""

import datetime as dt
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from itertools import count
from pathlib import Path

from sqlalchemy import Engine, create_engine, event, select, text
from sqlalchemy.orm import Session
from support.setup.postgres import Server
from support.storage import spare_databases

from screening.records.access import Actor, Role
from screening.records.ledger import merkle
from screening.records.ledger.events import NO_HASH
from screening.records.ledger.records import Records
from screening.records.sealing.vault import Keyring
from screening.records.storage import schema
from screening.records.storage.account_tables import Role as RoleRow
from screening.records.storage.account_tables import User
from screening.records.storage.database import open_database
from screening.records.storage.tables import SiteRow

PATTERN = "pattern"
BEGIN = dt.datetime(2026, 11, 20, 9, 0, tzinfo=dt.UTC)
_numbers = count(1)


@dataclass(slots=True)
class Clock:
    """A clock that tests set. It moves on by a millisecond with every look."""

    moment: dt.datetime = BEGIN

    def __call__(self) -> dt.datetime:
        """The moment."""
        self.moment += dt.timedelta(milliseconds=1)
        return self.moment

    def advance(self, **lengths: float) -> None:
        """Move on by so many days, hours, minutes…"""
        self.moment += dt.timedelta(**lengths)


def make_pattern(address: str) -> None:
    """Give a database all tables."""
    database = open_database(address)
    schema.upgrade(database)
    database.close()


def sqlite_pattern(folder: Path) -> Path:
    """A SQLite database with all tables and nothing in them."""
    path = folder / "pattern.sqlite3"
    make_pattern(f"sqlite:///{path}")
    return path


def sqlite_copy(pattern: Path, folder: Path) -> str:
    """The address of a fresh copy."""
    path = folder / f"test{next(_numbers)}.sqlite3"
    shutil.copyfile(pattern, path)
    return f"sqlite:///{path}"


def postgresql_pattern(server: Server) -> None:
    """The same on a server."""
    _manage(server, f"CREATE DATABASE {PATTERN}")
    make_pattern(server.address(PATTERN))


@contextmanager
def postgresql_copy(server: Server) -> Iterator[str]:
    """The address of a copy with nothing in it, for one test at a time."""
    name = spare_databases.take(server.address(PATTERN)) or _copied(server)
    address = server.address(name)
    yield address
    pattern = spare_databases.shape_of(server.address(PATTERN))
    if not spare_databases.give_back(server.address(PATTERN), name, address, pattern):
        _manage(server, f"DROP DATABASE {name} WITH (FORCE)")


def _copied(server: Server) -> str:
    name = f"test{next(_numbers)}"
    _manage(server, f"CREATE DATABASE {name} TEMPLATE {PATTERN}")
    return name


@contextmanager
def postgresql_empty(server: Server) -> Iterator[str]:
    """The address of a database without a table, which is dropped at the end."""
    name = f"test{next(_numbers)}"
    _manage(server, f"CREATE DATABASE {name}")
    yield server.address(name)
    _manage(server, f"DROP DATABASE {name} WITH (FORCE)")


def _manage(server: Server, statement: str) -> None:
    with _manager(server.address("postgres")).connect() as connection:
        connection.execute(text(statement))


@cache
def _manager(address: str) -> Engine:
    """What makes and drops databases of a server: one connection, renewed after a restart."""
    return create_engine(
        address.replace("postgresql:", "postgresql+psycopg:"),
        isolation_level="AUTOCOMMIT",
        pool_pre_ping=True,
    )


def keyed_ring() -> Keyring:
    """A keyring that keys a ledger from its first event on."""
    return Keyring.make().with_epoch(1, merkle.EMPTY.hex(), NO_HASH)


@contextmanager
def open_records(address: str, *, keyed: bool = True) -> Iterator[Records]:
    """Records in a database, with a keyring of their own and a clock that the test sets.

    A commit does not wait for the disk, as on the tests' PostgreSQL. Tests of what survives a crash
    open databases themselves.
    """
    ring = keyed_ring() if keyed else Keyring.make()
    database = open_database(address)
    if database.sqlite:
        event.listen(database.engine, "connect", _do_not_wait)
    yield Records(database, lambda: ring, Clock())
    database.close()


def _do_not_wait(connection: sqlite3.Connection, _: object) -> None:
    connection.execute("PRAGMA synchronous = OFF")


def clock(records: Records) -> Clock:
    """The clock of records that a fixture made."""
    assert isinstance(records.now, Clock)
    return records.now


@dataclass(slots=True)
class People:
    """Makes sites and people, as they stand in the database."""

    records: Records
    sites: dict[str, int] = field(default_factory=dict[str, int])

    def site(self, name: str = "North") -> int:
        """The number of a site, which is made when it is first named."""
        if name not in self.sites:
            with self.records.database.writing() as session:
                row = SiteRow(name=name)
                session.add(row)
                session.flush()
                self.sites[name] = row.id
        return self.sites[name]

    def actor(
        self, *roles: Role, sites: tuple[str, ...] = ("North",), name: str = "Nora Nurse"
    ) -> Actor:
        """A person with roles, by default a nurse, who sees the cases of some sites."""
        held = frozenset(self.site(each) for each in sites)
        given = frozenset(roles or {Role.NURSE})
        with self.records.database.writing() as session:
            unique = f"person{next(_numbers)}"
            row = User(name=name, email=f"{unique}@example.org", fs_uniquifier=unique, active=True)
            session.add(row)
            row.roles = [role_row(session, each) for each in sorted(given, key=str)]
            row.sites = list(session.scalars(select(SiteRow).where(SiteRow.id.in_(held))))
            session.flush()
            number = row.id
        return Actor(id=number, name=name, roles=given, sites=held)


def role_row(session: Session, role: Role) -> RoleRow:
    """The row of a role, which is made when it is first named."""
    found = session.scalars(select(RoleRow).where(RoleRow.name == role.value)).first()
    return found or RoleRow(name=role.value)
