"""Statements that are compiled once for all databases of a kind.

Most tests open a database of their own, and SQLAlchemy keeps what it compiled for one engine and
one dialect object. To compile is a third of what such a test costs.
"""

from sqlalchemy import Engine
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
from sqlalchemy.engine import Dialect
from sqlalchemy.util import LRUCache

_compiled: LRUCache[object, object] = LRUCache(2_000)


def share() -> None:
    """From now on engines of a kind find each other's compiled statements."""
    for kind in (SQLiteDialect_pysqlite, PGDialect_psycopg):
        kind.__eq__ = _is_of_same_kind  # type: ignore[method-assign,assignment]
        kind.__hash__ = _hash_of_kind  # type: ignore[assignment,method-assign]
        kind.engine_created = _with_shared_cache  # type: ignore[method-assign]


def _is_of_same_kind(one: Dialect, other: object) -> bool:
    return type(one) is type(other)


def _hash_of_kind(dialect: Dialect) -> int:
    return hash(type(dialect))


def _with_shared_cache(engine: Engine) -> None:
    engine.update_execution_options(compiled_cache=_compiled)
