"""A database that was recorded at an earlier shape of the tables, as ``tests/data`` holds it."""

import datetime as dt
import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from sqlalchemy import Date, LargeBinary, Table
from support.storage import made_up_rows

from screening.records.storage import schema
from screening.records.storage.database import Database

REVISION = "0002"
FILE = Path(__file__).parents[2] / "data" / f"records-{REVISION}.json"
Rows = dict[str, list[dict[str, Any]]]


def read() -> Rows:
    """Every row by its table: bytes in hex, days in ISO 8601."""
    rows: Rows = json.loads(FILE.read_text("utf-8"))
    return rows


def load(database: Database) -> None:
    """Give an empty database the tables of then, and the rows."""
    schema.upgrade(database, REVISION)
    rows = read()
    with replace(database, begun=None).writing() as session:  # that version wrote their events
        for table in made_up_rows.read_tables(session.connection()):
            if table.name in rows:
                values = [_typed(table, each) for each in rows[table.name]]
                session.execute(table.insert(), values)


def _typed(table: Table, row: Mapping[str, Any]) -> dict[str, object]:
    return {name: _value(table, name, value) for name, value in row.items()}


def _value(table: Table, name: str, value: Any) -> object:  # noqa: ANN401 - as JSON has it
    kind = table.columns[name].type
    if value is not None and isinstance(kind, LargeBinary):
        return bytes.fromhex(value)
    return dt.date.fromisoformat(value) if value is not None and isinstance(kind, Date) else value
