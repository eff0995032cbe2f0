"""The objects that a database may have: the tables, indexes and triggers that migrations made.

A trigger, a view or a rule that somebody added could change or hide what is written, while every
row is still as the ledger says. So each object of the database's shape is compared with a list.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import Column, Dialect, ForeignKeyConstraint, Row, create_engine, text
from sqlalchemy.dialects.postgresql.base import PGDialect
from sqlalchemy.orm import Session

from screening.records.storage import (
    account_tables,  # noqa: F401 - its tables belong to what the application maps
    schema,
)
from screening.records.storage.database import Database, DatabaseError
from screening.records.storage.tables import APPEND_ONLY, Base

SHAPE_OF_SQLITE = text("SELECT type, name, sql FROM sqlite_master")
OWN_OF_SQLITE = frozenset(
    {
        "CREATE TABLE sqlite_sequence(name,seq)",
        "CREATE TABLE sqlite_stat1(tbl,idx,stat)",
        "CREATE TABLE sqlite_stat4(tbl,idx,neq,nlt,ndlt,sample)",
    }
)
"""The tables that SQLite makes when it counts or analyses; a name alone would prove nothing."""
SHAPE_OF_POSTGRESQL = text("""
WITH ours AS (SELECT oid, relname, relkind, relrowsecurity FROM pg_class
 WHERE relnamespace = current_schema()::regnamespace)
SELECT CASE relkind WHEN 'i' THEN 'index' WHEN 'r' THEN 'table' ELSE 'view' END AS type,
 relname AS name FROM ours WHERE relkind NOT IN ('S', 't', 'c')
UNION ALL SELECT 'trigger', relname || '.' || tgname FROM pg_trigger t
 JOIN ours ON ours.oid = tgrelid WHERE NOT tgisinternal
UNION ALL SELECT 'function', proname || '(' || pg_get_function_identity_arguments(oid) || ')'
 FROM pg_proc p WHERE pronamespace = current_schema()::regnamespace AND NOT EXISTS
 (SELECT FROM pg_depend d WHERE d.objid = p.oid AND d.deptype = 'e')
UNION ALL SELECT 'trigger', 'event trigger ' || evtname FROM pg_event_trigger e WHERE NOT EXISTS
 (SELECT FROM pg_depend d WHERE d.objid = e.oid AND d.deptype = 'e')
UNION ALL SELECT 'schema', name::text FROM unnest(current_schemas(true)) name
 WHERE name NOT IN ('pg_catalog', current_schema()) AND name NOT LIKE 'pg\\_temp\\_%'
UNION ALL SELECT 'schema', 'pg_catalog is not searched first'
 WHERE (current_schemas(true))[1] <> 'pg_catalog' AND 'pg_catalog' = ANY (current_schemas(false))
UNION ALL SELECT 'trigger', relname || '.' || tgname FROM pg_trigger t
 JOIN ours ON ours.oid = tgrelid JOIN pg_proc p ON p.oid = tgfoid
 WHERE tgisinternal AND pronamespace <> 'pg_catalog'::regnamespace
UNION ALL SELECT 'rule', rulename FROM pg_rules WHERE schemaname = current_schema()
UNION ALL SELECT 'policy', relname FROM ours WHERE relrowsecurity
UNION ALL SELECT 'policy', policyname FROM pg_policies WHERE schemaname = current_schema()
UNION ALL SELECT 'constraint', conname FROM pg_constraint c JOIN ours ON ours.oid = conrelid
 WHERE contype IN ('c', 'f', 'x') AND convalidated
UNION ALL SELECT 'column', relname || '.' || attname || ' ' || format_type(atttypid, atttypmod)
 || CASE WHEN attnotnull THEN '' ELSE ' null' END
 || CASE attgenerated WHEN '' THEN '' ELSE ' generated' END
 FROM pg_attribute JOIN ours ON ours.oid = attrelid
 WHERE relkind = 'r' AND attnum > 0 AND NOT attisdropped
UNION ALL SELECT 'trigger', 'internal trigger of ' || relname || ' that is off'
 FROM pg_trigger JOIN ours ON ours.oid = tgrelid WHERE tgisinternal AND tgenabled NOT IN ('O', 'A')
""")
DIALECT: Dialect = PGDialect()  # type: ignore[no-untyped-call]  # it declares no types
ACTING = frozenset({"trigger", "view", "rule", "policy", "schema"})
"""The objects that can change or hide rows by themselves."""


@dataclass(frozen=True, slots=True)
class Difference:
    """Something of the database's shape that is not as migrations made it."""

    kind: str
    name: str
    message: str


class AddedError(DatabaseError):
    """Something in the database acts that the application did not put there."""

    def __init__(self, added: Difference) -> None:
        """Name it, and say what to do."""
        super().__init__(
            f"the database has a {added.kind} {added.name}, which the application did not make. It"
            f" can change or hide records, also from a new backup. Drop the {added.kind}, then run"
            " `screening ledger verify` with the heads that a witness keeps. If it reports faults,"
            " restore the last backup from before"
        )


def differences(session: Session) -> list[Difference]:
    """Things that are there and should not be, are other than they should be, or are gone."""
    found = [*_differing_objects(session), *_differing_version(session)]
    return sorted(found, key=lambda each: (each.kind, each.name))


def find_changed_version(database: Database) -> schema.ChangedVersionError | None:
    """The faults of a database that has the newest shape, and does not name it alone.

    Nothing is, if it names one that is newer or has the same tables.
    """
    with database.reading() as session:
        named = schema.revisions_within(session)
        if _may_be(named) or any(_differing_objects(session)):
            return None
        return schema.ChangedVersionError(named)


def _may_be(named: Sequence[str]) -> bool:
    """True if a database with the newest shape may name these revisions."""
    if len(named) != 1:
        return False
    known = named[0] in schema.known_revisions()
    return not known or _known_on_sqlite(named[0]) == _known_on_sqlite()


def _differing_objects(session: Session) -> Iterator[Difference]:
    sqlite = session.get_bind().dialect.name == "sqlite"
    there = _there(session, sqlite=sqlite)
    return _compare(there, _known_on_sqlite() if sqlite else _known_on_postgresql())


def _differing_version(session: Session) -> Iterator[Difference]:
    """The revisions that the database names beside its shape, or in place of it."""
    named, newest = set(schema.revisions_within(session)), schema.newest_revision()
    for each in sorted(named - {newest}):
        yield Difference("row", f"alembic_version/{each}", _ADDED)
    if newest not in named:
        yield Difference("row", f"alembic_version/{newest}", _GONE)


def check_shape(database: Database) -> None:
    """Make sure that nobody added what can change or hide rows.

    Raises:
        AddedError: if somebody did.
    """
    with database.reading() as session:
        there = _there(session, sqlite=database.sqlite)
        guards = {("trigger", name) for name in _guard_names()}
        acting = {key for key in there if key[0] in ACTING} - guards
        found = differences(session) if acting else []  # what migrations make is slow to find out
    if added := [each for each in found if each.kind in ACTING and each.message == _ADDED]:
        raise AddedError(added[0])


_OF_MIGRATIONS = (
    ("table", "alembic_version"),
    ("index", "alembic_version_pkc"),
    ("column", "alembic_version.version_num character varying(32)"),
)
_ADDED = "the application did not make it; somebody added it to the database"
_CHANGED = "it is not as the application made it"
_GONE = "it is gone"
_Shape = dict[tuple[str, str], str]


def _compare(there: _Shape, known: _Shape) -> Iterator[Difference]:
    for kind, name in there.keys() - known.keys():
        yield Difference(kind, name, _ADDED)
    guards = {
        ("trigger", name) for name in _guard_names()
    }  # ``append_only`` compares what these do
    for key in known.keys() - guards:
        if key not in there:
            yield Difference(*key, _GONE)
        elif there[key] != known[key]:
            yield Difference(*key, _CHANGED)


def _there(session: Session, *, sqlite: bool) -> _Shape:
    found = session.connection().execute(SHAPE_OF_SQLITE if sqlite else SHAPE_OF_POSTGRESQL)
    return _shape(found, sqlite=sqlite)


def _shape(rows: Iterable[Row[tuple[str, ...]]], *, sqlite: bool) -> _Shape:
    made = ((row.type, row.name, _normal(row.sql or "") if sqlite else "") for row in rows)
    return {(kind, name): sql for kind, name, sql in made if sql not in OWN_OF_SQLITE}


def _normal(sql: str) -> str:
    """The statement that made something, however its lines are broken."""
    return re.sub(r"\s+", " ", sql).strip()


def _spelled(column: Column[Any]) -> str:
    """A column as PostgreSQL spells it."""
    kind = column.type.compile(dialect=DIALECT).partition(" COLLATE")[0].lower()
    null = " null" if column.nullable else ""
    return f"{column.name} {kind.replace('varchar', 'character varying')}{null}"


def _guard_names() -> set[str]:
    of_sqlite = {f"{table}_no_{what}" for table in APPEND_ONLY for what in ("update", "delete")}
    return of_sqlite | {f"{table}.{table}_append_only" for table in APPEND_ONLY}


@cache
def _known_on_sqlite(revision: str = "head") -> _Shape:
    """The shape that all migrations up to one give an empty database."""
    engine = create_engine("sqlite://")
    with Session(engine) as session:
        schema.upgrade_within(session, revision)
        return _there(session, sqlite=True)


@cache
def _known_on_postgresql() -> _Shape:
    """The shape that the application maps, with the triggers that guard it."""
    named = [*_OF_MIGRATIONS]
    for table in Base.metadata.sorted_tables:
        named += [("table", table.name), *(("index", str(each.name)) for each in table.indexes)]
        for each in table.constraints:
            foreign = isinstance(each, ForeignKeyConstraint)
            named.append(("constraint" if foreign else "index", str(each.name)))
        named += [("column", f"{table.name}.{_spelled(column)}") for column in table.columns]
    for name in APPEND_ONLY:
        named += [
            ("trigger", f"{name}.{name}_append_only"),
            ("function", f"{name}_is_append_only()"),
        ]
    return dict.fromkeys(named, "")
