"""Whatever is changed behind the application's back, in whichever table, the ledger finds it."""

import datetime as dt
import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from flask_security import AsaList
from sqlalchemy import Boolean, Column, Date, DateTime, Integer, LargeBinary, String, Table, delete
from sqlalchemy.orm import Session
from support.setup.postgres import Server
from support.storage.databases import open_records, postgresql_copy, sqlite_copy

from screening.records.ledger import events
from screening.records.ledger.covered import EXEMPT
from screening.records.ledger.events import EventKind
from screening.records.ledger.records import Records
from screening.records.storage.account_tables import COUNTERS
from screening.records.storage.database import Database
from screening.records.storage.tables import APPEND_ONLY, UNCOVERED, Base, Instant
from screening.records.verification.verify import verify_ledger

pytestmark = pytest.mark.long

ROWS, NEW = 3, 999
README = Path(__file__).parents[3] / "README.md"
NOT_COVERED = EXEMPT - {"events"}
TABLES = {each.name: each for each in Base.metadata.sorted_tables if each.name not in NOT_COVERED}
MOMENT = dt.datetime(2026, 11, 20, 9, 0, tzinfo=dt.UTC)


@dataclass(frozen=True, slots=True)
class Seen(Database):
    """A database as a transaction sees it that will be undone."""

    session: Session

    @contextmanager
    def reading(self) -> Iterator[Session]:
        self.session.expunge_all()
        yield self.session


def value(column: Column[Any], number: int) -> object:
    """A value that no other row has; of a reference, the row of the same number."""
    if column.foreign_keys:
        return value(next(iter(column.foreign_keys)).column, number)
    makers: dict[type, Callable[[], object]] = {
        Boolean: lambda: number % 2 == 0,
        Integer: lambda: number,
        LargeBinary: lambda: bytes([number % 256]),
        Instant: lambda: MOMENT + dt.timedelta(days=number),
        DateTime: lambda: (MOMENT + dt.timedelta(days=number)).replace(tzinfo=None),
        Date: lambda: MOMENT.date() + dt.timedelta(days=number),
    }
    for kind, make in makers.items():
        if isinstance(column.type, kind):
            return make()
    if column.type.python_type is list:
        return [f"code{number}"]
    most = column.type.length if isinstance(column.type, String) else None
    return f"{column.name}{number}"[-(most or 0) :]


def row_of(table: Table, number: int) -> dict[str, object]:
    return {each.name: value(each, number) for each in table.columns}


def fill(records: Records) -> None:
    """Put some rows into every table, as the application writes them."""
    numbers = range(1, ROWS + 1)
    with records.database.writing() as session:
        kind = EventKind.ACCOUNT_CHANGED
        events.append(session, records, by=1, kind=kind, case_id="1", row="1", change={"a": 1})
        for table in Base.metadata.sorted_tables:
            if table.name != "events":
                session.execute(table.insert(), [row_of(table, number) for number in numbers])
    assert verify_ledger(records).faults == []


@pytest.fixture(scope="module")
def on_sqlite(sqlite_pattern: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Records]:
    with open_records(sqlite_copy(sqlite_pattern, tmp_path_factory.mktemp("filled"))) as records:
        fill(records)
        yield records


@contextmanager
def behind_the_back(records: Records) -> Iterator[Session]:
    """As somebody does who owns the database: no trigger and no foreign key is a hindrance."""
    with replace(records.database, begun=None).writing() as session:
        run = session.connection().exec_driver_sql
        if records.database.sqlite:
            run("PRAGMA defer_foreign_keys = ON")
            for table in APPEND_ONLY:
                run(f"DROP TRIGGER {table}_no_update")
                run(f"DROP TRIGGER {table}_no_delete")
        else:
            run("SET LOCAL session_replication_role = replica")
        yield session
        session.rollback()


def faults(records: Records, session: Session) -> set[tuple[str, str]]:
    seen = Seen(records.database.engine, session)
    found = verify_ledger(replace(records, database=seen)).faults
    return {(fault.code, fault.place) for fault in found}


Attack = Callable[[Session, Table], None]


def _first(table: Table) -> Any:  # noqa: ANN401 - a condition of SQL
    keys = list(table.primary_key)
    held = {each.name: value(each, 1) for each in keys}
    condition = keys[0] == held[keys[0].name]
    for key in keys[1:]:
        condition &= key == held[key.name]
    return condition


def changes(table: Table) -> dict[str, Attack]:
    """Another value, and none, in each column; a row that goes, comes, or takes another's place."""
    uncovered = COUNTERS.get(table.name, ())
    found: dict[str, Attack] = {"delete": _delete, "insert": _insert, "swap": _swap}
    for column in table.columns:
        if column.name not in uncovered:
            other = not value(column, 1) if isinstance(column.type, Boolean) else value(column, NEW)
            found[f"{column.name} changed"] = _change(column.name, other)
            if column.nullable:
                found[f"{column.name} emptied"] = _change(column.name, None)
    return found


def _change(name: str, other: object) -> Attack:
    def attack(session: Session, table: Table) -> None:
        session.connection().execute(table.update().where(_first(table)).values({name: other}))

    return attack


def _delete(session: Session, table: Table) -> None:
    session.connection().execute(delete(table).where(_first(table)))


def _insert(session: Session, table: Table) -> None:
    session.connection().execute(table.insert(), row_of(table, NEW))


def _swap(session: Session, table: Table) -> None:
    """Two rows exchange what they hold: each comes back under the key of the other."""
    keys = {each.name for each in table.primary_key}
    run = session.connection().execute
    rows = [dict(each) for each in run(table.select().order_by(*table.primary_key)).mappings()][:2]
    one, two = ({name: row[name] for name in keys} for row in rows)
    moved = [rows[0] | two, rows[1] | one]
    if len(keys) == len(table.columns):  # nothing but keys: the first one of them alone
        name = next(each.name for each in table.columns)
        moved = [rows[0] | {name: rows[1][name]}, rows[1] | {name: rows[0][name]}]
    for key in (one, two):
        gone = delete(table)
        for name, held in key.items():
            gone = gone.where(table.c[name] == held)
        run(gone)
    run(table.insert(), moved)


def assert_found(records: Records, tried: Iterable[tuple[Table, str, Attack]]) -> None:
    with behind_the_back(records) as session:
        before = faults(records, session)
        run = session.connection().exec_driver_sql
        for table, what, attack in tried:
            run("SAVEPOINT attack")
            attack(session, table)
            assert faults(records, session) - before, (table.name, what)
            run("ROLLBACK TO SAVEPOINT attack")
        assert faults(records, session) == before


@pytest.mark.parametrize("name", TABLES)
def test_every_change_of_every_table_is_found(on_sqlite: Records, name: str) -> None:
    table = TABLES[name]
    assert_found(on_sqlite, ((table, what, attack) for what, attack in changes(table).items()))


def test_a_sample_of_it_is_found_on_a_server(postgres: Server) -> None:
    """Two of each table: the last column changed, and two rows exchanged."""
    with postgresql_copy(postgres) as address, open_records(address) as records:
        fill(records)
        last = [(table, *list(changes(table).items())[-1]) for table in TABLES.values()]
        assert_found(records, [*last, *((table, "swap", _swap) for table in TABLES.values())])


EMPTY: dict[type, tuple[str, ...]] = {
    Boolean: ("false",),
    Integer: ("0",),
    LargeBinary: ("CAST('' AS {bytes})",),
    Instant: ("''",),
    DateTime: (),
    Date: (),
    object: ("''",),
}
"""What is nothing of a type as well, in SQL; a server refuses to keep '' as a moment or day."""


def emptied(column: Column[Any], *, sqlite: bool) -> Iterator[str]:
    if isinstance(
        column.type, AsaList
    ):  # the application writes '' too, and reads both as no entry
        yield from (("0", "x''", "'[]'") if sqlite else ())
        return
    kind = next(each for each in EMPTY if isinstance(column.type, each))
    yield from (each.format(bytes="BLOB" if sqlite else "BYTEA") for each in EMPTY[kind])
    yield from (each for each in ("''", "0", "x''", "'[]'") if sqlite)


def assert_nothing_stays_nothing(records: Records) -> None:
    """NULL in a column is not what else is empty, of whatever type."""
    for table in (each for each in TABLES.values() if each.name != "events"):
        nothing = {each.name: None for each in table.columns if each.nullable}
        with records.database.writing() as session:
            session.execute(table.insert(), [row_of(table, NEW) | nothing])
    with behind_the_back(records) as session:
        before = faults(records, session)
        run = session.connection().exec_driver_sql
        for table in TABLES.values():
            for column in table.columns:
                if not column.nullable or UNCOVERED.items() <= column.info.items():
                    continue
                for empty in emptied(column, sqlite=records.database.sqlite):
                    run("SAVEPOINT attack")
                    run(
                        f'UPDATE "{table.name}" SET "{column.name}" = {empty}'
                        f' WHERE "{column.name}" IS NULL'
                    )
                    assert faults(records, session) - before, (table.name, column.name, empty)
                    run("ROLLBACK TO SAVEPOINT attack")


def test_nothing_is_not_what_is_empty(sqlite_records: Records) -> None:
    assert_nothing_stays_nothing(sqlite_records)


def test_nothing_is_not_what_is_empty_on_a_server(postgres: Server) -> None:
    with postgresql_copy(postgres) as address, open_records(address) as records:
        assert_nothing_stays_nothing(records)


def test_readme_names_what_is_not_covered() -> None:
    named = README.read_text("utf-8").partition("**Not covered** are")[2].partition("\n\n")[0]
    columns = {name for names in COUNTERS.values() for name in names}
    assert set(re.findall(r"`([a-z_]+)`", named)) == NOT_COVERED | columns
