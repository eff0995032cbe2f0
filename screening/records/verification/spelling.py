"""The spelling of cells: each is stored as the application writes it, and in no other way.

Python reads one moment, day or truth from several texts and numbers, and a digest is made of what
was read. SQL compares what is stored: another spelling would sort elsewhere under the same digest.
"""

from collections.abc import Iterable, Iterator
from typing import Any

from sqlalchemy import (
    Boolean,
    Column,
    Date,
    DateTime,
    FromClause,
    Integer,
    LargeBinary,
    String,
    Table,
    inspect,
    text,
)
from sqlalchemy.orm import Session

from screening.records.ledger.covered import EXEMPT
from screening.records.ledger.digests import covered_columns, table_name
from screening.records.storage.tables import Base, EventRow, Instant

LARGEST = 2**53 - 1
"""The largest number that canonical JSON can hold."""
_SECONDS = "[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]T[0-9][0-9]:[0-9][0-9]:[0-9][0-9]"
_MOMENT = f"{_SECONDS}.[0-9][0-9][0-9][0-9][0-9][0-9]Z"
_REAL = "strftime('%Y-%m-%dT%H:%M:%S', substr({0}, 1, 19)) IS substr({0}, 1, 19)"
_DAY = "((0[13578]|1[02])-(0[1-9]|[12][0-9]|3[01])|(0[469]|11)-(0[1-9]|[12][0-9]|30)"
_DAY += "|02-(0[1-9]|[12][0-9]))"
_MOMENT_ON = f"^[0-9]{{4}}-{_DAY}T([01][0-9]|2[0-3])(:[0-5][0-9]){{2}}[.][0-9]{{6}}Z$"
_NUMBER = f"{{0}} BETWEEN -{LARGEST} AND {LARGEST}"
_ON_SQLITE: tuple[tuple[Any, str], ...] = (
    (
        Instant,
        f"typeof({{0}}) = 'text' AND {{0}} GLOB '{_MOMENT}' AND {_REAL}",
    ),
    (Date, "typeof({0}) = 'text' AND date({0}) IS {0}"),
    (DateTime, "typeof({0}) = 'text' AND datetime({0}) IS substr({0}, 1, 19)"),
    (Boolean, "typeof({0}) = 'integer' AND {0} IN (0, 1)"),
    (Integer, f"typeof({{0}}) = 'integer' AND {_NUMBER}"),
    (LargeBinary, "typeof({0}) = 'blob'"),
    (String, "typeof({0}) = 'text'"),
)
_ON_POSTGRESQL: tuple[tuple[Any, str], ...] = (
    (Instant, f"{{0}} ~ '{_MOMENT_ON}'"),
    ((Date, DateTime), "isfinite({0})"),
)
"""By the type of a column, the first that fits: what holds of each cell that is not NULL."""


def find_misspelled(session: Session, most: int) -> Iterator[tuple[str, str]]:
    """The cells that the application did not write so: each one's row and column.

    Args:
        session: for reading.
        most: of each column.
    """
    sqlite = session.get_bind().dialect.name == "sqlite"
    there = set(inspect(session.connection()).get_table_names())
    for table in Base.metadata.sorted_tables:
        if table.name not in there:
            continue  # the shape of the database has that fault already
        for column in _verified(table):
            if wrong := _wrong(column, sqlite=sqlite):
                for row in _rows(session, table, wrong, most):
                    yield row, column.name


def _verified(table: Table) -> Iterable[Column[Any]]:
    if table.name == EventRow.__tablename__:
        return table.columns
    return () if table.name in EXEMPT else covered_columns(table)


def _wrong(column: Column[Any], *, sqlite: bool) -> str:
    """The condition of a cell that the application cannot have written; empty if any can be its."""
    known = _ON_SQLITE if sqlite else _ON_POSTGRESQL
    kind = getattr(column.type, "impl_instance", column.type)
    fits = (right for of, right in known if isinstance(column.type, of) or isinstance(kind, of))
    right, quoted = next(fits, ""), f'"{column.name}"'
    return f"{quoted} IS NOT NULL AND NOT ({right.replace('{0}', quoted)})" if right else ""


def _rows(session: Session, table: FromClause, wrong: str, most: int) -> list[str]:
    name = table_name(table)
    keys = " || '/' || ".join(f'CAST("{each.name}" AS TEXT)' for each in table.primary_key)
    chosen = text(f'SELECT {keys} FROM "{name}" WHERE {wrong} LIMIT {most}'.replace(":", r"\:"))  # noqa: S608 - of our own names
    place = "event" if name == EventRow.__tablename__ else name
    return [f"{place}/{key}" for key in session.scalars(chosen)]
