"""Rows of cases whose columns somebody changed in the database to what has no meaning there.

No list fails for one of them: it is read as a case of which nothing is known but its site.
``screening ledger verify`` names the row.
"""

import datetime as dt
from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    String,
    and_,
    case,
    func,
    not_,
    or_,
    select,
    type_coerce,
)
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import InstrumentedAttribute, Session
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

from screening.core.rules.item import Finder
from screening.core.values.referral import Priority
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
from screening.records.storage.tables import CaseRow, ChaseRow, SiteRow

_STATES = [state.value for state in State]
_UNDECIDED = [State.NEW.value, State.SCREENING.value, State.ASSESSED.value]
_DONE = [State.DECIDED.value, State.CLOSED.value]
_FINDERS = [finder.value for finder in Finder]
_MOMENT = 27
"""The length of a moment as ``storage.tables.Instant`` keeps it."""


def read_rows(
    session: Session, query: "Select[*tuple[Any, ...]]"
) -> tuple[list[Sequence[Any]], list[str]]:
    """The rows of a query over cases, and the ids of cases with a row that cannot be read."""
    try:
        return list(session.execute(query).all()), []
    except NO_VALUE as error:
        check_no_outage(error)
    bare = query.with_only_columns(CaseRow.id, maintain_column_froms=True).order_by(None)
    return _read_parts(session, query, list(session.scalars(bare.distinct())))


def _read_parts(
    session: Session, query: "Select[*tuple[Any, ...]]", ids: Sequence[str]
) -> tuple[list[Sequence[Any]], list[str]]:
    """The same of some cases, by halves: the one that cannot be read is soon alone."""
    try:
        return list(session.execute(query.where(CaseRow.id.in_(ids))).all()), []
    except NO_VALUE as error:
        check_no_outage(error)
    if len(ids) == 1:
        return [], list(ids)
    half = len(ids) // 2
    parts = [_read_parts(session, query, some) for some in (ids[:half], ids[half:])]
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
    """Choose the cases that nobody decided, as far as one can read, and that were damaged.

    A moment is looked at no closer than in passing, since every list asks for it.
    """
    priorities = [priority.value for priority in Priority]
    return and_(
        CaseRow.state.not_in(_DONE),
        or_(
            CaseRow.state.not_in(_UNDECIDED),
            not_(CaseRow.priority.between(min(priorities), max(priorities))),
            and_(CaseRow.waits_for.is_not(None), CaseRow.waits_for.not_in(_FINDERS)),
            *_bad_day(CaseRow.due),
            *_bad_moments(CaseRow.touched_at, CaseRow.created_at),
        ),
    )


def is_damaged_chase() -> ColumnElement[bool]:
    """Choose the rows of chases that were damaged."""
    return or_(ChaseRow.owner.not_in(_FINDERS), *_bad_day(ChaseRow.due), *_bad_moments(ChaseRow.at))


class _ReadDay(FunctionElement[Any]):
    """A day as the database reads it: another one, or null, where it is none."""

    inherit_cache = True


@compiles(_ReadDay)
def _read_day(day: _ReadDay, compiler: SQLCompiler, **kwargs: Any) -> str:  # noqa: ANN401 - SQLAlchemy's
    """A database with days has some, such as infinity, that Python does not."""
    name = compiler.process(day.clauses, **kwargs)
    return f"CASE WHEN {name} BETWEEN DATE '{dt.date.min}' AND DATE '{dt.date.max}' THEN {name} END"


@compiles(_ReadDay, "sqlite")
def _read_day_text(day: _ReadDay, compiler: SQLCompiler, **kwargs: Any) -> str:  # noqa: ANN401 - SQLAlchemy's
    """SQLite keeps a text, and leaves 30 February as it is unless it has to add to it."""
    return f"date({compiler.process(day.clauses, **kwargs)}, '+0 days')"


def _bad_day(column: InstrumentedAttribute[Any]) -> Iterator[ColumnElement[bool]]:
    yield and_(column.is_not(None), _ReadDay(column).is_distinct_from(column))


def _bad_moments(*columns: InstrumentedAttribute[Any]) -> Iterator[ColumnElement[bool]]:
    for column in columns:
        yield func.length(type_coerce(column, String)) != _MOMENT
