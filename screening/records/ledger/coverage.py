"""No write without its event: each transaction appends the events of its writes before it ends.

A session of ``Database`` that may write notes what its rows were before it changes them. Before it
commits, each row or group that has no event of its own gets one. So no part of the application can
leave one out. If a row was not as the ledger said when it was written, an event records that too,
so that the next write cannot cover up a change behind the application's back.

If a statement writes many rows, their states are read first. A statement whose rows cannot be known
is refused. SQL as text cannot be checked, and the application has none (see the tests).
"""

from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import TYPE_CHECKING, Any

from sqlalchemy import Delete, Update, UpdateBase, event, select
from sqlalchemy.orm import ORMExecuteState, Session, SessionTransaction

from screening.records.ledger import events
from screening.records.ledger.changes import changes_between, kind_of
from screening.records.ledger.covered import (
    AT_ONCE,
    EXEMPT,
    OF_ACCOUNTS,
    State,
    Subject,
    digest_of,
    is_group,
    key_columns,
    matches_state,
    owner_subject,
    read_states,
    read_subject,
    row_state,
    subject_of,
)
from screening.records.ledger.digests import table_name
from screening.records.ledger.events import EventKind
from screening.records.storage.database import WritingSession
from screening.records.storage.tables import Base

if TYPE_CHECKING:
    from screening.records.ledger.records import Records

_RECORDS, _SEEN = "records", "coverage"


class UncoveredWriteError(RuntimeError):
    """Which rows a statement writes cannot be known."""

    def __init__(self, table: str) -> None:
        """Name the table."""
        super().__init__(f"a statement that writes {table} has to be given its rows one by one")


@dataclass(slots=True)
class _Seen:
    """The writes of a transaction: each subject as it was before, and a row of it."""

    before: dict[Subject, State | None] = field(default_factory=dict[Subject, State | None])
    rows: dict[Subject, Base] = field(default_factory=dict[Subject, Base])


@dataclass(frozen=True, slots=True)
class _Written:
    """A subject before and after; None means that there is none."""

    subject: Subject
    before: State | None
    after: State | None


def watch(session: Session, records: "Records") -> None:
    """Let the ledger of these records cover what a session writes."""
    session.info[_RECORDS] = records


def append_change(
    session: Session, records: "Records", *, by: int, kind: EventKind, row: str
) -> None:
    """Append the event of what was written to a row or group, with what it was before.

    Args:
        session: in which it was written.
        records: where the clock is.
        by: the account that acts.
        kind: what happened.
        row: the name of the row, or of a group by its owner's.
    """
    session.flush()
    subject = read_subject(row)
    after = read_states(session, [subject]).get(subject)
    before = _seen(session).before.get(subject, after)
    _append(session, records, by, kind, _Written(subject, before, after))


def _seen(session: Session) -> _Seen:
    seen: _Seen = session.info.setdefault(_SEEN, _Seen())
    return seen


@event.listens_for(WritingSession, "before_flush")
def _note_rows(session: Session, *_: object) -> None:
    """Note what rows were, before they are changed."""
    if _RECORDS not in session.info:
        return
    changed = [row for row in session.dirty if session.is_modified(row)]
    new = _subjects(session.new)
    written = {**_subjects(chain(changed, session.deleted)), **new}
    if not written and not any(map(_is_unnumbered, session.new)):
        return
    if not all(_is_ours(session, each, new) for each in written):
        events.last(session)  # nobody else writes what is read now
    _note(session, [each for each in written if each not in new or is_group(each)])
    seen = _seen(session)
    for subject, row in written.items():
        seen.before.setdefault(subject, None)
        seen.rows[subject] = row


@event.listens_for(WritingSession, "after_flush")
def _note_numbers(session: Session, *_: object) -> None:
    """Note rows that got their number just now."""
    if _RECORDS not in session.info:
        return
    seen = _seen(session)
    for subject, row in _subjects(session.new).items():
        seen.before.setdefault(subject, None)
        seen.rows[subject] = row


@event.listens_for(WritingSession, "do_orm_execute")
def _note_statement(state: ORMExecuteState) -> None:
    """Note what a statement writes, before it does."""
    if _RECORDS not in state.session.info or not isinstance(state.statement, UpdateBase):
        return
    table = table_name(state.statement.table)
    if table in EXEMPT:
        return
    events.last(state.session)
    _note(state.session, _written_by(state, state.statement))


@event.listens_for(WritingSession, "before_commit")
def append_missing_events(session: Session) -> None:
    """Append an event for everything that was written and has none.

    This happens before each commit. Code that writes very much calls it from time to time, so that
    memory does not grow with what is written.
    """
    if _RECORDS not in session.info:
        return
    session.flush()
    seen, records = _seen(session), session.info[_RECORDS]
    subjects = list(seen.before)
    for start in range(0, len(subjects), AT_ONCE):
        _tell_some(session, records, seen, subjects[start : start + AT_ONCE])
    events.place_deferred(session, records)
    session.flush()
    session.info.pop(_SEEN, None)
    events.close_batch(session)


@event.listens_for(WritingSession, "after_transaction_end")
def _forget(session: Session, transaction: SessionTransaction) -> None:
    if transaction.parent is None:
        session.info.pop(_SEEN, None)
        events.forget(session)


def _tell_some(
    session: Session, records: "Records", seen: _Seen, subjects: Sequence[Subject]
) -> None:
    told = events.digests_before(session, [each.name for each in subjects])
    after = _states_after(session, seen, subjects)
    by = events.find_acting_account(session)
    for subject in subjects:
        written = _Written(subject, seen.before[subject], after.get(subject))
        acting = _own(subject) if by is None else by
        here = events.current_digests(session).get(subject.name)
        if written.before == written.after and here is None:
            continue
        known = _agrees(told.get(subject.name), subject, written.before)
        if not known:
            _report(session, records, acting, written)
        if (known and here is None) or (
            here is not None and not _agrees(here, subject, written.after)
        ):
            _append(session, records, acting, _kind(session, written), written)


def _own(subject: Subject) -> int:
    """The actor if nobody is named: people on their own account, the application otherwise."""
    number: int = subject.key[0] if table_name(subject.table) == OF_ACCOUNTS else 0
    return number


def _append(
    session: Session, records: "Records", by: int, kind: EventKind, written: _Written
) -> None:
    subject, after = written.subject, written.after
    change = changes_between(session, subject, written.before, after)
    events.append(
        session,
        records,
        by=by,
        kind=kind,
        case_id=subject.case_id,
        row=subject.name,
        digest="" if after is None else digest_of(subject, after),
        change=change or None,
    )


def _kind(session: Session, written: _Written) -> EventKind:
    """The name of a change that nobody named."""
    if written.before is None:
        return EventKind.RECORD_ADDED
    if written.after is None:
        return EventKind.RECORD_REMOVED
    changes = changes_between(session, written.subject, written.before, written.after)
    return kind_of(changes.keys())


def _report(session: Session, records: "Records", by: int, written: _Written) -> None:
    """Tell that a row was not as the ledger said; that is no word on what it is now."""
    subject, before = written.subject, written.before
    events.append(
        session,
        records,
        by=by,
        kind=EventKind.ALTERATION_FOUND,
        case_id=subject.case_id,
        row=subject.name,
        change={"found": "" if before is None else digest_of(subject, before)},
    )


def _agrees(told: str | None, subject: Subject, state: State | None) -> bool:
    """True if a state is what the ledger said: none, if it never said anything."""
    if state is None:
        return not told
    return told is not None and told != "" and matches_state(told, subject, state)


def _states_after(
    session: Session, seen: _Seen, subjects: Sequence[Subject]
) -> Mapping[Subject, State]:
    """The states now: single rows as they were written, groups and others as they are read."""
    known = {each: seen.rows[each] for each in subjects if each in seen.rows and not is_group(each)}
    there = {each: row_state(row) for each, row in known.items() if row in session}
    return there | read_states(session, [each for each in subjects if each not in there])


def _note(session: Session, subjects: Iterable[Subject]) -> None:
    seen = _seen(session)
    fresh = [each for each in subjects if each not in seen.before]
    found = read_states(session, fresh)
    seen.before |= {each: found.get(each) for each in fresh}


def _written_by(state: ORMExecuteState, statement: UpdateBase) -> list[Subject]:
    """Note the rows that a statement is about to write."""
    keys = key_columns(statement.table)
    if isinstance(statement, Update | Delete):
        chosen = select(*keys).distinct()
        if statement.whereclause is not None:
            chosen = chosen.where(statement.whereclause)
        found: Iterable[Sequence[Any]] = state.session.execute(chosen).all()
    else:
        rows = state.parameters
        if not rows:
            raise UncoveredWriteError(table_name(statement.table))
        many = [rows] if isinstance(rows, Mapping) else rows
        found = {tuple(row[each.key] for each in keys) for row in many}
    return [owner_subject(statement.table, tuple(each)) for each in found]


def _is_ours(session: Session, subject: Subject, new: Container[Subject]) -> bool:
    """True if nobody else can write a subject, although others may append to the ledger."""
    if not events.is_deferring(session) or is_group(subject):
        return False
    return subject in new or subject.case_id == events.find_locked_case(session)


def _is_unnumbered(row: object) -> bool:
    return isinstance(row, Base) and row.__tablename__ not in EXEMPT and subject_of(row) is None


def _subjects(rows: Iterable[object]) -> dict[Subject, Base]:
    """The owners of some rows; of a group one of its rows."""
    found = ((subject_of(row), row) for row in rows if isinstance(row, Base))
    return {subject: row for subject, row in found if subject is not None}
