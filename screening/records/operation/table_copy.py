"""All rows of a database, of either kind: copied into another, counted, and summed up by digests.

The tables are taken as the database has them and not as the application maps them, so that a
database of an earlier shape can be copied too.
"""

import datetime as dt
import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Integer, MetaData, Table, func, insert, select

FLEETING = frozenset({"sessions", "tries", "known_browsers", "processes"})
"""Tables that are not copied: nobody stays signed in, or known, by way of a backup."""
NOT_OURS = frozenset({"alembic_version", "backup"})
BATCH = 1000


@dataclass(frozen=True, slots=True)
class Content:
    """The number of rows of a table, and a digest that does not depend on their order.

    The digest is the sum of the rows' SHA-256, modulo 2^256. It finds accidents; that nobody
    changed rows on purpose is for the ledger to say.
    """

    rows: int
    digest: str


def tables(connection: Connection) -> list[Table]:
    """The tables that are copied, each after those that it refers to."""
    metadata = MetaData()
    metadata.reflect(connection)
    return [each for each in metadata.sorted_tables if each.name not in FLEETING | NOT_OURS]


def contents(connection: Connection) -> dict[str, Content]:
    """The content of every table."""
    return {each.name: _sum(_rows(connection, each)) for each in tables(connection)}


def copy(source: Connection, target: Connection) -> dict[str, Content]:
    """Copy all rows into empty tables of the same shape.

    Returns:
        What was read, which is to be compared with what the target then holds.
    """
    into = {each.name: each for each in tables(target)}
    return {each.name: _copy(source, each, target, into[each.name]) for each in tables(source)}


def empty_fleeting(connection: Connection) -> None:
    """Delete the rows that do not belong into a backup."""
    metadata = MetaData()
    # Without what they refer to: those rows stay.
    metadata.reflect(connection, only=lambda name, _: name in FLEETING, resolve_fks=False)
    for table in metadata.tables.values():
        connection.execute(table.delete())


def _copy(source: Connection, table: Table, target: Connection, into: Table) -> Content:
    def through() -> Iterator[dict[str, Any]]:
        batch: list[dict[str, Any]] = []
        for row in _rows(source, table):
            batch.append(row)
            if len(batch) == BATCH:
                target.execute(insert(into), batch)
                batch.clear()
            yield row
        if batch:
            target.execute(insert(into), batch)

    content = _sum(through())
    _move_counters(target, into)
    return content


def _rows(connection: Connection, table: Table) -> Iterator[dict[str, Any]]:
    statement = select(table).execution_options(yield_per=BATCH)
    with connection.execute(statement) as result:
        yield from map(dict, result.mappings())


def _sum(rows: Iterable[dict[str, Any]]) -> Content:
    number, total = 0, 0
    for row in rows:
        number += 1
        total += int.from_bytes(hashlib.sha256(_canonical(row)).digest())
    return Content(number, f"{total % 2**256:064x}")


def _canonical(row: dict[str, Any]) -> bytes:
    """The same bytes for the same row in either database."""
    return json.dumps(row, default=_plain, sort_keys=True).encode()


def _plain(value: object) -> object:
    if isinstance(value, bytes):
        return {"bytes": value.hex()}
    if isinstance(value, dt.date):  # a date, or a moment
        return {"at": value.isoformat()}
    raise TypeError(type(value).__name__)


def _move_counters(connection: Connection, table: Table) -> None:
    """Let PostgreSQL number the next rows after those that were copied with their numbers."""
    if connection.dialect.name != "postgresql":
        return
    for column in table.primary_key.columns:
        if isinstance(column.type, Integer):
            sequence = func.pg_get_serial_sequence(table.name, column.name)
            last = select(func.max(column)).scalar_subquery()
            name = connection.scalar(select(sequence))
            if name and connection.scalar(select(last)) is not None:
                connection.execute(select(func.setval(name, last)))
