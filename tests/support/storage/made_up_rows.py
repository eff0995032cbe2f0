"""Made-up rows for every table that a database has, whatever its shape."""

import datetime as dt
from collections.abc import Callable
from typing import Any

from sqlalchemy import (
    Boolean,
    Column,
    Connection,
    Date,
    DateTime,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    inspect,
    select,
)

ROWS = 3
DAY = dt.datetime(2026, 11, 20, 12, 0)  # noqa: DTZ001 - columns of accounts hold no time zone


def read_tables(connection: Connection) -> list[Table]:
    """The tables of a database, each after those that it refers to."""
    metadata = MetaData()
    metadata.reflect(connection)
    return [each for each in metadata.sorted_tables if each.name != "alembic_version"]


def fill(connection: Connection) -> None:
    """Put rows into every empty table; the last one leaves out what may be left out."""
    inspect(connection).clear_cache()
    for table in read_tables(connection):
        if connection.execute(select(table).limit(1)).first() is None:
            rows = [{c.name: _value(c, n) for c in table.columns} for n in range(ROWS)]
            connection.execute(table.insert(), rows)


def read_rows(connection: Connection) -> dict[str, list[dict[str, Any]]]:
    """Every row of every table, in an order of their own."""
    return {
        table.name: sorted(map(dict, connection.execute(select(table)).mappings()), key=repr)
        for table in read_tables(connection)
    }


def _value(column: Column[Any], number: int) -> object:
    if column.foreign_keys:
        return _value(next(iter(column.foreign_keys)).column, number)
    if column.nullable and number == ROWS - 1:
        return None
    makers: dict[type, Callable[[], object]] = {
        Boolean: lambda: number % 2 == 0,
        Integer: lambda: number + 1,
        LargeBinary: lambda: bytes([number, 0, 255]),
        DateTime: lambda: DAY + dt.timedelta(days=number),
        Date: lambda: DAY.date() + dt.timedelta(days=number),
        String: lambda: f"{number}é {column.name}"[: getattr(column.type, "length", None)],
    }
    return next(make for kind, make in makers.items() if isinstance(column.type, kind))()
