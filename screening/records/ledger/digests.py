"""Digests of rows. Each carries a version, which says which columns of the table it covers.

Version 1 covers the columns that a table had at first; each later version covers the columns that
were added by then too. So a new column faults no row that was recorded before it, and a row that
was recorded with it is compared whole. The ledger holds the digest, and with it the version: a row
is read under the version of its newest event and no other, and the columns that this version does
not cover must be as the migration made them.

To add a column to a table:

1. In ``tables``, map it with ``info=since(VERSION)``, one more than ``newest_version`` of the
   table. If the migration gives the rows that are there another value than NULL, name it as the
   second argument of ``since``; it must be the same for every row.
2. In the migration, use ``op.add_column``, nullable or with that value as ``server_default`` (map
   the same one). Never alter a table in batch on SQLite: that makes the table again, without the
   triggers that guard it.
3. Where rows are written, set the attribute before the event is appended: what the database fills
   in by itself comes too late for the digest.
4. Never rename or drop a column that a version covers, and never change its version.

Source: RFC 8785 (canonical JSON), FIPS 180-4 (SHA-256), RFC 4648 section 5 (base64url).
"""

import base64
import datetime as dt
import hashlib
import re
from collections.abc import Mapping
from typing import Any

import rfc8785
from sqlalchemy import Column, FromClause

from screening.records.storage.tables import DEFAULT, SINCE, UNCOVERED, Base, instant_text

_VERSION = re.compile(r"([0-9]{1,4}):")


def row_name(row: Base) -> str:
    """The table and the primary key of a row."""
    return key_name(type(row).__table__, vars_of(row))


def key_name(table: FromClause, values: Mapping[str, Any]) -> str:
    """The same of a row that was read as values."""
    keys = (str(values[column.key]) for column in table.primary_key)
    return "/".join([table_name(table), *keys])


def table_name(table: FromClause) -> str:
    """The name of a table."""
    return str(getattr(table, "name", ""))


def vars_of(row: Base) -> dict[str, Any]:
    """The values of a row's columns."""
    return {each.key: getattr(row, each.key) for each in covered_columns(type(row).__table__)}


def row_digest(row: Base) -> str:
    """The digest of a row by the newest version of its table."""
    return values_digest(type(row).__table__, vars_of(row))


def values_digest(table: FromClause, values: Mapping[str, Any]) -> str:
    """The same of a row that was read as values."""
    version = newest_version(table)
    return data_digest(values_data(table, values, version), version)


def matches_row(digest: str, row: Base) -> bool:
    """True if a digest that the ledger holds is the digest of this row as it is now."""
    return matches_values(digest, type(row).__table__, vars_of(row))


def matches_values(digest: str, table: FromClause, values: Mapping[str, Any]) -> bool:
    """The same of a row that was read as values."""
    version = version_of(digest)
    told = digest == data_digest(values_data(table, values, version), version)
    return told and are_values_untouched(table, values, version)


def row_data(row: Base, version: int) -> dict[str, Any]:
    """The columns that a version covers, as JSON data: bytes in hex, moments and days as kept."""
    return values_data(type(row).__table__, vars_of(row), version)


def values_data(table: FromClause, values: Mapping[str, Any], version: int) -> dict[str, Any]:
    """The same of a row that was read as values."""
    covered = (each for each in covered_columns(table) if since_of(each) <= version)
    return {each.key: plain(values[each.key]) for each in covered}


def data_digest(data: dict[str, Any], version: int) -> str:
    """The digest of what ``row_data`` gives."""
    return bytes_digest(rfc8785.dumps(data), version)


def bytes_digest(canonical: bytes, version: int) -> str:
    """The digest of the same data as canonical JSON.

    Version 1 is the SHA-256 in hex. Later ones name their version, then the SHA-256 in base64url,
    because both have to fit into the 64 letters that version 1 takes.
    """
    hashed = hashlib.sha256(canonical)
    if version == 1:
        return hashed.hexdigest()
    return f"{version}:{base64.urlsafe_b64encode(hashed.digest()).decode().rstrip('=')}"


def version_of(digest: str) -> int:
    """The version that a digest carries."""
    found = _VERSION.match(digest)
    return int(found[1]) if found else 1


def newest_version(table: type[Base] | FromClause) -> int:
    """The version that covers every column of a table."""
    named = table if isinstance(table, FromClause) else table.__table__
    return max(map(since_of, covered_columns(named)), default=1)


def is_untouched(row: Base, version: int) -> bool:
    """True if the columns that a version does not cover are as their migrations made them."""
    return are_values_untouched(type(row).__table__, vars_of(row), version)


def are_values_untouched(table: FromClause, values: Mapping[str, Any], version: int) -> bool:
    """The same of a row that was read as values."""
    later = (each for each in covered_columns(table) if since_of(each) > version)
    return all(values[each.key] == each.info[DEFAULT] for each in later)


def covered_columns(table: FromClause) -> list[Column[Any]]:
    """The columns that digests of a table cover, by one version or another."""
    columns = (each for each in table.columns if isinstance(each, Column))
    return [each for each in columns if not UNCOVERED.items() <= each.info.items()]


def since_of(column: Column[Any]) -> int:
    """The first version that covers a column."""
    version: int = column.info.get(SINCE, 1)
    return version


def plain(value: object) -> object:
    """A value of a column as JSON has it."""
    match value:
        case bytes():
            return value.hex()
        case dt.datetime() if value.tzinfo is None:  # of a library's table, in UTC
            return value.isoformat()
        case dt.datetime():
            return instant_text(value)
        case dt.date():
            return value.isoformat()
        case list():  # which a library's column type makes of nothing too
            return list(value) or None
        case _:
            return value
