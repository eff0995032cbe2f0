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
from typing import Any

import rfc8785
from sqlalchemy import Column, inspect

from screening.records.tables import DEFAULT, SINCE, UNCOVERED, Base, instant_text

_VERSION = re.compile(r"([0-9]{1,4}):")


def row_name(row: Base) -> str:
    """The table and the primary key of a row."""
    keys = (str(column.key) for column in inspect(type(row)).primary_key)
    return "/".join([row.__tablename__, *(str(getattr(row, key)) for key in keys)])


def row_digest(row: Base) -> str:
    """The digest of a row by the newest version of its table."""
    version = newest_version(type(row))
    return data_digest(row_data(row, version), version)


def tells(digest: str, row: Base) -> bool:
    """Whether a digest that the ledger holds is the digest of this row as it is now."""
    version = version_of(digest)
    return digest == data_digest(row_data(row, version), version) and untouched(row, version)


def row_data(row: Base, version: int) -> dict[str, Any]:
    """The columns that a version covers, as JSON data: bytes in hex, moments and days as kept."""
    covered = (each for each in _columns(type(row)) if _since(each) <= version)
    return {each.key: _plain(getattr(row, each.key)) for each in covered}


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


def newest_version(table: type[Base]) -> int:
    """The version that covers every column of a table."""
    return max(_since(each) for each in _columns(table))


def untouched(row: Base, version: int) -> bool:
    """Whether the columns that a version does not cover are as their migrations made them."""
    later = (each for each in _columns(type(row)) if _since(each) > version)
    return all(getattr(row, each.key) == each.info[DEFAULT] for each in later)


def _columns(table: type[Base]) -> list[Column[Any]]:
    listed = [each for each in table.__table__.columns if isinstance(each, Column)]
    return [each for each in listed if not UNCOVERED.items() <= each.info.items()]


def _since(column: Column[Any]) -> int:
    version: int = column.info.get(SINCE, 1)
    return version


def _plain(value: object) -> object:
    match value:
        case bytes():
            return value.hex()
        case dt.datetime():
            return instant_text(value)
        case dt.date():
            return value.isoformat()
        case _:
            return value
