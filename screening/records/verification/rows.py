"""Verifies that every row is as the ledger says, and that none is missing."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from sqlalchemy import (
    ColumnElement,
    FromClause,
    Integer,
    Select,
    case,
    cast,
    func,
    literal,
    select,
    tuple_,
)
from sqlalchemy.orm import Session

from screening.records.ledger import events as ledger
from screening.records.ledger import snapshots
from screening.records.ledger.covered import (
    GROUPS,
    LATER,
    Group,
    Subject,
    covers_later,
    key_portions,
    read_states,
    single_tables,
    stored_text,
    strays,
)
from screening.records.ledger.digests import (
    matches_row,
    row_name,
    table_name,
)
from screening.records.ledger.events import WENT
from screening.records.storage.tables import Base, EventRow
from screening.records.verification.verdict import (
    MOST_FAULTS,
    READ_FAULT,
    UNREADABLE,
    Found,
    Verdict,
    report_unreadable,
)

Key = tuple[Any, ...]

LEDGERED: tuple[type[Base], ...] = single_tables()
"""The tables of whose rows the ledger holds digests, one for each row."""


def verify_covered(session: Session, verdict: Verdict) -> None:
    """Everything that the ledger covers is as its events say, and nothing else is there."""
    begun = covers_later(session)
    if not begun and snapshots.holds_later(session):
        message = "the ledger does not cover accounts, sites and keys yet; run `screening upgrade`"
        verdict.report("not-covered", "ledger", message)
    for table in (each for each in LEDGERED if begun or each.__tablename__ not in LATER):
        with report_unreadable(verdict, table.__tablename__):
            _verify_rows(session, verdict, table)
        with report_unreadable(verdict, table.__tablename__):
            _verify_none_is_missing(session, verdict, table.__table__)
    for group in GROUPS if begun else ():
        with report_unreadable(verdict, group.name):
            _verify_group(session, verdict, group)
        with report_unreadable(verdict, group.name):
            _verify_none_is_missing(session, verdict, group.table)


def count_rows(session: Session) -> int:
    """The number of events, and of rows and groups of rows that are verified."""
    tables = [table.__table__ for table in LEDGERED] + [group.table for group in GROUPS]
    counted = (session.scalar(select(func.count()).select_from(table)) for table in tables)
    events = session.scalar(select(func.count()).select_from(EventRow)) or 0
    return events + sum(count or 0 for count in counted)


def _verify_rows(session: Session, verdict: Verdict, table: type[Base]) -> None:
    """Every row of a table is as its last event says."""

    def check(keys: Sequence[Key]) -> list[Found]:
        return list(_row_faults(session, table, keys))

    _verify_keys(session, verdict, table.__table__, check)


def _verify_group(session: Session, verdict: Verdict, group: Group) -> None:
    """Every group of rows is as the last event of it says, and every row has an owner."""

    def check(keys: Sequence[Key]) -> list[Found]:
        return list(_group_faults(session, group, keys))

    _verify_keys(session, verdict, group.table, check)
    for name in strays(session, group):
        verdict.report("row-unknown", name, "no event records this row")


def _verify_keys(
    session: Session,
    verdict: Verdict,
    table: FromClause,
    check: Callable[[Sequence[Key]], list[Found]],
) -> None:
    """Check rows in portions, and one by one where something cannot be read: it hides no other."""
    for keys in key_portions(session, table):
        verdict.rows += len(keys)
        try:
            found = check(keys)
        except UNREADABLE:
            found = [fault for key in keys for fault in _check_one(table, key, check)]
        for fault in found:
            verdict.report(*fault)
        verdict.show_progress()
        session.expunge_all()


def _check_one(
    table: FromClause, key: Key, check: Callable[[Sequence[Key]], list[Found]]
) -> list[Found]:
    try:
        return check([key])
    except UNREADABLE:
        return [("unreadable", Subject(table, key).name, READ_FAULT)]


def _row_faults(session: Session, table: type[Base], keys: Sequence[Key]) -> Iterator[Found]:
    """The faults of the rows from the first to the last of some keys."""
    named = tuple_(*table.__table__.primary_key)
    first, last = (tuple_(*map(stored_text, key)) for key in (keys[0], keys[-1]))
    rows = session.scalars(select(table).where(named >= first, named <= last)).all()
    told = ledger.last_digests(session, [row_name(row) for row in rows])
    for row in rows:
        name = row_name(row)
        said = told.get(name, "")
        yield from _told_faults(name, said, fits=bool(said) and matches_row(said, row))


def _group_faults(session: Session, group: Group, keys: Sequence[Key]) -> Iterator[Found]:
    states = read_states(session, [Subject(group.table, key) for key in keys])
    told = ledger.last_digests(session, [each.name for each in states])
    for subject, state in states.items():
        said = told.get(subject.name, "")
        yield from _told_faults(subject.name, said, fits=bool(said) and group.tells(said, state))


def _told_faults(name: str, said: str, *, fits: bool) -> Iterator[Found]:
    if not said:
        yield "row-unknown", name, "no event records this row"
    elif not fits:
        yield "row-changed", name, "it is not as the ledger says"


def _verify_none_is_missing(session: Session, verdict: Verdict, table: FromClause) -> None:
    """Every row that the ledger covers is still there, or the ledger says that it went."""
    for name in session.scalars(_missing(table).limit(MOST_FAULTS)):
        verdict.report("row-missing", name, "the ledger records this row, but it is gone")


def _missing(table: FromClause) -> Select[str]:
    """The rows of a table whose last event does not say that they went, and that are not there."""
    name = table_name(table)
    keys = list(table.primary_key)
    spelled: Any = literal(name)
    for key in keys:
        spelled = spelled.concat("/").concat(key)
    there = select(literal(1)).where(spelled == EventRow.row)
    if len(keys) == 1:  # the key by itself has an index
        rest = func.substr(EventRow.row, len(name) + 2)
        there = select(literal(1)).where(keys[0] == _as_key(keys[0], rest))
    written = (EventRow.digest != "") | EventRow.kind.in_(WENT)
    newest = (
        select(func.max(EventRow.seq))
        .where(EventRow.row.startswith(f"{name}/"), written, EventRow.seq > 0)
        .group_by(EventRow.row)
    )
    return (
        select(EventRow.row)
        .where(EventRow.seq.in_(newest), EventRow.kind.not_in(WENT))
        .where(~there.select_from(table).exists())
        .order_by(EventRow.row)
    )


def _as_key(key: ColumnElement[Any], named: ColumnElement[str]) -> ColumnElement[Any]:
    """The key of a row in an event, as a value; nothing for what is no key."""
    if not isinstance(key.type, Integer):
        return cast(named, key.type)
    return case((named.regexp_match("^[0-9]{1,9}$"), cast(named, key.type)), else_=None)
