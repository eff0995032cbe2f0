"""Tables with one column more, as a later version of the application would have them."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Column, MetaData, String, text
from sqlalchemy.orm import declarative_base

from screening.records.ledger.digests import newest_version
from screening.records.ledger.records import Records
from screening.records.storage.tables import Base, since


def add_columns(
    records: Records, tables: Iterable[type[Base]], default: str | None
) -> dict[type[Base], type[Any]]:
    """Add the column ``later`` to tables of a database.

    Returns:
        Each table as it is then mapped.
    """
    clause = "" if default is None else f" DEFAULT '{default}'"
    with records.database.writing() as session:
        for table in tables:
            name = table.__tablename__
            session.execute(text(f"ALTER TABLE {name} ADD COLUMN later VARCHAR(40){clause}"))
    return {table: _mapped(table, default) for table in tables}


def _mapped(table: type[Base], default: str | None) -> type[Any]:
    metadata = MetaData()
    for each in Base.metadata.sorted_tables:  # the table refers to others
        each.to_metadata(metadata)
    mapped = metadata.tables[table.__tablename__]
    info = since(newest_version(table) + 1, default)
    mapped.append_column(Column("later", String(40), info=info))
    names = {"__tablename__": mapped.name, "__table__": mapped}
    return type(f"Later{table.__name__}", (declarative_base(metadata=metadata),), names)
