"""Rows of cases that somebody changed in the database to values without a meaning.

No list fails for one of them: it is read as a case of which nothing is known but its site.
``screening ledger verify`` names the row.
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, String, case, literal_column, select, text
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import InstrumentedAttribute, Session
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

from screening.records.case.case_rows import (
    Case,
    State,
    case_select,
    damaged_case,
    is_put_back,
    read_listed_case,
    unreadable_case,
)
from screening.records.case.unreadable import NO_VALUE, check_no_outage
from screening.records.sealing.vault import Keyring
from screening.records.storage.damaged import DAMAGED_CASE, DAMAGED_CHASE
from screening.records.storage.tables import CaseRow, SiteRow

_STATES = [state.value for state in State]


def read_rows(
    session: Session,
    query: "Select[*tuple[Any, ...]]",
    key: InstrumentedAttribute[str] = CaseRow.id,
) -> tuple[list[Sequence[Any]], list[str]]:
    """The rows of a query that can be read, and the keys of the others: by default ids of cases."""
    try:
        return list(session.execute(query).all()), []
    except NO_VALUE as error:
        check_no_outage(error)
    bare = query.with_only_columns(key, maintain_column_froms=True).order_by(None)
    return _read_parts(session, query, key, list(session.scalars(bare.distinct())))


def _read_parts(
    session: Session,
    query: "Select[*tuple[Any, ...]]",
    key: InstrumentedAttribute[str],
    ids: Sequence[str],
) -> tuple[list[Sequence[Any]], list[str]]:
    """The same for some ids: they are halved until each unreadable row is alone."""
    try:
        return list(session.execute(query.where(key.in_(ids))).all()), []
    except NO_VALUE as error:
        check_no_outage(error)
    if len(ids) == 1:
        return [], list(ids)
    half = len(ids) // 2
    parts = [_read_parts(session, query, key, some) for some in (ids[:half], ids[half:])]
    return [row for rows, _ in parts for row in rows], [each for _, lost in parts for each in lost]


def read_listed_cases(session: Session, ring: Keyring, ids: Sequence[str]) -> tuple[Case, ...]:
    """The cases with some ids in their order; see ``case_rows.read_listed_case``.

    One that was put back, so that it knows nothing of its newest answers, cannot be read either.
    """
    if not ids:
        return ()
    rows, damaged = read_rows(session, case_select().where(CaseRow.id.in_(ids)))
    older = set(session.scalars(select(CaseRow.id).where(CaseRow.id.in_(ids), is_put_back())))
    cases = {
        row[0].id: unreadable_case(row) if row[0].id in older else read_listed_case(ring, row)
        for row in rows
    }
    cases |= {case.id: case for case in damaged_cases(session, damaged)}
    return tuple(cases[each] for each in ids if each in cases)


def damaged_cases(session: Session, ids: Sequence[str]) -> tuple[Case, ...]:
    """Cases whose rows cannot be read, as lists show them."""
    if not ids:
        return ()
    chosen = select(CaseRow.id, CaseRow.site_id, SiteRow.name, known_state())
    chosen = chosen.join(SiteRow, SiteRow.id == CaseRow.site_id).where(CaseRow.id.in_(ids))
    return tuple(damaged_case(*row) for row in session.execute(chosen.order_by(CaseRow.id)))


def known_state() -> ColumnElement[str]:
    """The state of a case; empty if it is none."""
    return case((CaseRow.state.in_(_STATES), CaseRow.state), else_="")


def is_damaged() -> ColumnElement[bool]:
    """Choose the damaged cases that are undecided, as far as that can be read."""
    return CaseRow.id.in_(_ids("cases", "id", _DamagedCase()))


def has_damage() -> ColumnElement[bool]:
    """Choose those cases, and the cases with a damaged row of a chase."""
    chases = _ids("chases", "case_id", _DamagedChase())
    return CaseRow.id.in_(_ids("cases", "id", _DamagedCase()).union_all(chases))


class _DamagedCase(FunctionElement[bool]):
    """A condition in the words of the database, by which it finds its index."""

    inherit_cache = True
    words = DAMAGED_CASE


class _DamagedChase(FunctionElement[bool]):
    """The same of chases."""

    inherit_cache = True
    words = DAMAGED_CHASE


@compiles(_DamagedCase)
@compiles(_DamagedChase)
def _in_words(damaged: _DamagedCase | _DamagedChase, compiler: SQLCompiler, **_: Any) -> str:  # noqa: ANN401 - SQLAlchemy's
    return damaged.words[compiler.dialect.name]


def _ids(table: str, column: str, damaged: ColumnElement[bool]) -> "Select[str]":
    """The values of a column in the damaged rows; no other table is in the query."""
    return select(literal_column(column, String)).select_from(text(table)).where(damaged)
