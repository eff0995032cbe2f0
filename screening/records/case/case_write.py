"""The writing of a case: one transaction with the rows, their events and the form's key.

The order is the same for every write, so that two can never wait for each other: the case is kept
from others, what was already done is looked up, the version is compared, then rows are written. The
ledger comes last, so that writes of other cases wait for each other only while events are appended.
"""

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from sqlalchemy.orm import Session

from screening.records.access import Actor, Permission
from screening.records.case import idempotency
from screening.records.case.case_rows import State, check_permission, check_readable, load_row
from screening.records.case.case_summary import Summary, seal_summary, unseal_summary
from screening.records.case.case_view import CaseView
from screening.records.case.chase_rows import chase_rows
from screening.records.case.history import Change, History
from screening.records.case.idempotency import PostedForm
from screening.records.errors import ClosedError, StaleError
from screening.records.ledger import events
from screening.records.ledger.digests import row_digest, row_name
from screening.records.ledger.events import EventKind
from screening.records.ledger.records import Records
from screening.records.ledger.site_days import zone_of
from screening.records.sealing.vault import DataKey
from screening.records.storage.tables import Base, CaseRow, ChaseRow, SiteRow

WROTE = "wrote"
"""The kept result of a form that wrote something. It is in the clear, so it is the same word for
answers, chases and handovers, and whether or not something waits for a choice."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Write:
    """A write that is asked for, under the idempotency key of a form.

    ``content`` is what the form says, as data that JSON can hold.
    """

    idempotency_key: str
    kind: EventKind
    content: object
    permission: Permission = Permission.SCREEN


@dataclass(slots=True, kw_only=True)
class CaseWrite:
    """The writing of one case. What is set in ``summary`` and ``state`` is kept by ``finish``.

    ``made`` are the changes of answers that it adds, the oldest first.
    """

    session: Session
    view: CaseView
    row: CaseRow
    key: DataKey
    summary: Summary
    at: dt.datetime
    made: list[Change] = field(default_factory=list[Change])
    _chases: dict[str, ChaseRow] | None = field(default=None, init=False)
    _site: SiteRow | None = field(default=None, init=False)

    @property
    def records(self) -> Records:
        """The records that hold the case."""
        return self.view.records

    @property
    def actor(self) -> Actor:
        """The person who writes it."""
        return self.view.actor

    @property
    def history(self) -> History:
        """Every change of an answer before this write.

        Raises:
            SealError: if one was changed or taken away.
        """
        found = self.view.read_history(self.session, self.row.version)
        found.check_count(self.summary.answer_count)
        return found

    @property
    def chases(self) -> dict[str, ChaseRow]:
        """The rows of its chases by their questions, with what this write did to them.

        Raises:
            SealError: if somebody changed one of them.
        """
        if self._chases is None:
            self._chases = chase_rows(self.session, self.key, self.summary)
        return self._chases

    @property
    def version(self) -> int:
        """The version that this write makes."""
        return self.row.version + 1

    @property
    def day(self) -> dt.date:
        """The day of this write at the case's site."""
        return self.day_of(self.at)

    def day_of(self, moment: dt.datetime) -> dt.date:
        """The day of a moment at the case's site."""
        if self._site is None:
            self._site = self.session.get_one(SiteRow, self.row.site_id)
        return moment.astimezone(zone_of(self.records, self._site)).date()

    def check_version(self, version: int) -> None:
        """Make sure that nobody changed the case since the page was made.

        Raises:
            StaleError: if somebody did.
        """
        if version != self.row.version:
            raise StaleError(self.row.version)

    def check_open(self) -> None:
        """Make sure that the case is not closed.

        Raises:
            ClosedError: if it is.
        """
        if self.row.state == State.CLOSED.value:
            raise ClosedError

    def add(self, row: Base, kind: EventKind) -> None:
        """Write a row and its event."""
        self.session.add(row)
        self.note(row, kind)

    def remove(self, row: Base, kind: EventKind) -> None:
        """Delete a row, and write that down."""
        self.session.delete(row)
        self.append(kind, row_name(row))

    def note(self, row: Base, kind: EventKind) -> None:
        """Append the event of a row."""
        self.append(kind, row_name(row), row_digest(row))

    def append(
        self,
        kind: EventKind,
        row: str = "",
        digest: str = "",
        change: Mapping[str, Any] | None = None,
    ) -> None:
        """Append an event of this case; ``change`` as in ``events.append``."""
        events.append(
            self.session,
            self.records,
            by=self.actor.id,
            kind=kind,
            case_id=self.row.id,
            row=row,
            digest=digest,
            change=change,
        )

    def finish(
        self,
        kind: EventKind,
        state: State | None = None,
        change: Mapping[str, Any] | None = None,
    ) -> int:
        """Write the case itself, as its next version; gives that version."""
        self.row.version += 1
        self.row.touched_at, self.row.touched_by = self.at, self.actor.id
        if state is not None:
            self.row.state = state.value
        seal_summary(self.key, self.row, self.summary)
        self.append(kind, row_name(self.row), row_digest(self.row), change)
        return self.row.version


def write_case(view: CaseView, write: Write, work: Callable[[CaseWrite], str]) -> str:
    """Write a case, or find that it was already done.

    Returns:
        What ``work`` returned, now or when the same was first asked under the same key.

    Raises:
        NoCaseError: if the person may not see the case.
        NotAllowedError: if the person may not write it.
        ErasedError: if the case was erased.
        IdempotencyKeyError: if the key of the form is malformed.
    """
    records = view.records
    try:
        with records.database.writing() as session:
            row = load_row(session, view.actor, view.id, lock=True)
            events.defer(session, row.id)
            check_permission(view.actor, write.permission)
            form = PostedForm(
                view.actor, write.idempotency_key, write.kind, [view.id, write.content]
            )
            earlier = idempotency.find_result(session, form)
            if earlier is not None:
                return earlier
            case = _begin(session, view, row)
            result = work(case)
            idempotency.keep_result(session, records, form, result, view.id)
    finally:
        view.forget()
    if case.made:
        view.continue_history(case.row.version, case.made)
    return result


def _begin(session: Session, view: CaseView, row: CaseRow) -> CaseWrite:
    check_readable(row)
    key, at = view.key, view.records.now()
    summary = unseal_summary(key, row)
    return CaseWrite(session=session, view=view, row=row, key=key, summary=summary, at=at)


def new_id() -> str:
    """A fresh id of a row."""
    return uuid4().hex
