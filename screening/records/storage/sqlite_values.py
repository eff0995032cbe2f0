"""Values of SQLite, which keeps any value in any column: an odd one leaves its row readable.

A text that is not UTF-8, and bytes in a column of texts, are read as a text with ``�`` in it. The
time of a sign-in is read as missing if it is invalid, and a yes-or-no that is neither as no: nobody
gains an account by that. ``screening ledger verify`` names the row: its digest, or its spelling, is
not what the application wrote.
"""

import datetime as dt
import sqlite3
from collections.abc import Callable, Mapping
from operator import methodcaller
from typing import Any

from sqlalchemy import Boolean, DateTime, String
from sqlalchemy.dialects import sqlite
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeEngine

NO_TEXT = "\N{REPLACEMENT CHARACTER}"


class _AnyText(String):
    """A column of texts, whatever is in it."""

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[Any], str | None]:  # noqa: ARG002
        """Read bytes as ``NO_TEXT``."""
        return _read


class _AnyMoment(sqlite.DATETIME):
    """A column of moments as libraries keep them, whatever is in it; ours are ``Instant``."""

    def result_processor(
        self, dialect: Dialect, coltype: object
    ) -> Callable[[Any], dt.datetime | None]:
        """Read what is no moment as None."""
        known: Any = super().result_processor(dialect, coltype)

        def read(value: object) -> dt.datetime | None:
            try:
                moment: dt.datetime | None = known(value)
            except (TypeError, ValueError):
                return None
            return moment

        return read


class _AnyBoolean(Boolean):
    """A column of yes and no, whatever is in it."""

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[Any], bool | None]:  # noqa: ARG002
        """Read what is neither 1 nor 0 as no."""
        return _read_boolean


def _read_boolean(value: object) -> bool | None:
    return value if value is None else isinstance(value, int) and value == 1


def _read(value: object) -> str | None:
    return value if value is None or isinstance(value, str) else NO_TEXT


def read_any_text(connection: sqlite3.Connection) -> None:
    """Let a connection read a text that is not UTF-8."""
    connection.text_factory = methodcaller("decode", "utf-8", "replace")


def with_any_value(
    known: Mapping[type[TypeEngine[Any]], type[TypeEngine[Any]]],
) -> dict[type[TypeEngine[Any]], type[TypeEngine[Any]]]:
    """The types of a dialect by the types of columns, with ours for texts, moments and booleans."""
    return {**known, String: _AnyText, DateTime: _AnyMoment, Boolean: _AnyBoolean}
