"""PostgreSQL databases that tests use one after another.

To make a database is to copy some 300 files. Emptying one that a test has used costs a tenth. Only
one whose tables, triggers and functions are untouched, and that nobody is connected to, is used
again; any other is dropped.
"""

from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

from sqlalchemy import Connection, NullPool, create_engine, text

_SPARE: defaultdict[str, list[str]] = defaultdict(list)
_SHAPE = " UNION ALL ".join(
    f"SELECT count(*), max(xmin::text::bigint) FROM {catalog}"  # who changes a row leaves a mark
    for catalog in ("pg_class", "pg_attribute", "pg_trigger", "pg_proc", "pg_constraint")
)
_OTHERS = """SELECT count(*) FROM pg_stat_activity
 WHERE datname = current_database() AND pid <> pg_backend_pid()"""
_EMPTY = """DO $$ DECLARE name text; BEGIN
 SET LOCAL session_replication_role = replica;
 FOR name IN SELECT tablename FROM pg_tables
  WHERE schemaname = 'public' AND tablename <> 'alembic_version'
 LOOP EXECUTE format('DELETE FROM public.%I', name); END LOOP;
 PERFORM setval(format('public.%I', sequencename), start_value, false) FROM pg_sequences
  WHERE schemaname = 'public';
END $$"""

Shape = tuple[tuple[object, ...], ...]


def take(server: str) -> str | None:
    """The name of a database that was emptied, if there is one; nobody else gets it."""
    return _SPARE[server].pop() if _SPARE[server] else None


def give_back(server: str, name: str, address: str, pattern: Shape) -> bool:
    """Empty a database and keep it for the next test; False if it cannot be used again.

    Args:
        server: by what ``take`` finds it.
        name: of the database.
        address: of the database.
        pattern: the shape of the one that it was copied from.
    """
    with _connection(address) as connection:
        if connection.scalar(text(_OTHERS)) or _shape(connection) != pattern:
            return False
        connection.execute(text(_EMPTY))
    _SPARE[server].append(name)
    return True


@cache
def shape_of(address: str) -> Shape:
    """The tables, triggers and functions of a database, and the revision that it names."""
    with _connection(address) as connection:
        return _shape(connection)


def _shape(connection: Connection) -> Shape:
    revision = "SELECT version_num FROM alembic_version"
    rows = [*connection.execute(text(_SHAPE)), *connection.execute(text(revision))]
    return tuple(map(tuple, rows))


@contextmanager
def _connection(address: str) -> Iterator[Connection]:
    driver = address.replace("postgresql:", "postgresql+psycopg:")
    engine = create_engine(driver, isolation_level="AUTOCOMMIT", poolclass=NullPool)
    with engine.connect() as connection:
        yield connection
