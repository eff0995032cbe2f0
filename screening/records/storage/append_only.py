"""The check that the database still refuses to change append-only rows.

Triggers that migrations made do that. Who owns the database can take them away, change a row, and
leave no other trace in the database's shape: so they are compared with what they have to be.
"""

from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager

from sqlalchemy import text
from sqlalchemy.orm import Session

from screening.records.storage.database import Database, DatabaseError
from screening.records.storage.tables import APPEND_ONLY

_BEFORE_UPDATE_DELETE_TRUNCATE = 2 | 8 | 16 | 32
"""PostgreSQL's ``pg_trigger.tgtype`` of our triggers."""
_ENABLED = ("O", "A")
_SQLITE = "SELECT name, sql FROM sqlite_master WHERE type = 'trigger'"
_POSTGRESQL = (
    "SELECT c.relname, t.tgenabled, t.tgtype, p.prosrc,"
    " t.tgqual IS NULL AND t.tgattr::text = '' AS always FROM pg_trigger t"
    " JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_proc p ON p.oid = t.tgfoid"
    " WHERE t.tgname = c.relname || '_append_only' AND pg_table_is_visible(c.oid)"
)


class UnguardedError(DatabaseError):
    """Rows of append-only tables can be changed, so somebody may have done it."""

    def __init__(self, tables: tuple[str, ...]) -> None:
        """Name the tables and what to do."""
        super().__init__(
            f"the database no longer stops changes to rows of {', '.join(tables)}: somebody removed"
            " or changed its triggers. Run `screening ledger verify` with the heads that a witness"
            " keeps. If it reports nothing but guard-missing, make a backup and restore it into a"
            " new database; if it reports more, restore the last backup from before"
        )


def check_guards(database: Database) -> None:
    """Make sure that no row of an append-only table can be changed.

    Raises:
        UnguardedError: if one can.
    """
    with database.reading() as session:
        if tables := find_unguarded(session):
            raise UnguardedError(tables)


def find_unguarded(session: Session) -> tuple[str, ...]:
    """The append-only tables whose triggers are gone, switched off, or other ones."""
    sqlite = session.get_bind().dialect.name == "sqlite"
    guarded = _on_sqlite(session) if sqlite else _on_postgresql(session)
    return tuple(table for table in APPEND_ONLY if not guarded(table))


@contextmanager
def lift_guards(session: Session, tables: Collection[str]) -> Iterator[None]:
    """Let rows of append-only tables be changed, in this transaction and no other.

    To seal again what an earlier version sealed needs that; nothing else may use it. If anything
    fails, the transaction ends with the guards where they were.
    """
    sqlite = session.get_bind().dialect.name == "sqlite"
    back = _lift_on_sqlite(session, tables) if sqlite else _lift_on_postgresql(session, tables)
    yield
    session.flush()
    for statement in back:
        session.connection().exec_driver_sql(statement)


def _lift_on_sqlite(session: Session, tables: Collection[str]) -> list[str]:
    """Take the triggers away; gives what brings them back."""
    there = session.execute(text(_SQLITE)).all()
    mine = [each for each in there if each.name.rpartition("_no_")[0] in tables]
    for each in mine:
        session.execute(text(f"DROP TRIGGER {each.name}"))
    return [each.sql for each in mine]


def _lift_on_postgresql(session: Session, tables: Collection[str]) -> list[str]:
    for table in tables:
        session.execute(text(f"ALTER TABLE {table} DISABLE TRIGGER {table}_append_only"))
    return [f"ALTER TABLE {table} ENABLE TRIGGER {table}_append_only" for table in tables]


def _on_sqlite(session: Session) -> Callable[[str], bool]:
    there = {row.name: row.sql for row in session.execute(text(_SQLITE))}

    def guarded(table: str) -> bool:
        return all(
            there.get(f"{table}_no_{what.lower()}")
            == f"CREATE TRIGGER {table}_no_{what.lower()} BEFORE {what} ON {table} BEGIN"
            f" SELECT RAISE(ABORT, '{table} is append-only'); END"
            for what in ("UPDATE", "DELETE")
        )

    return guarded


def _on_postgresql(session: Session) -> Callable[[str], bool]:
    there = {row.relname: row for row in session.execute(text(_POSTGRESQL))}

    def guarded(table: str) -> bool:
        found = there.get(table)
        return (
            found is not None
            and found.tgenabled in _ENABLED
            and found.always
            and found.tgtype == _BEFORE_UPDATE_DELETE_TRUNCATE
            and found.prosrc.strip() == f"BEGIN RAISE EXCEPTION '{table} is append-only'; END"
        )

    return guarded
