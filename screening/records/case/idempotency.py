"""Writes that are asked for twice, as by a double click, are done once: each has a key of its own.

The key comes from the form, and counts for what was posted with it: the same form sent again with
other answers is another write, which the version of the case then judges. Kept is a hash over both,
which tells nobody what was posted, as the form's key is random and is not kept. It counts for the
person who sent it, so that nobody can learn or block what another one writes.
"""

import datetime as dt
import hashlib
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import ColumnElement, delete, exists, select
from sqlalchemy.orm import Session

from screening.records.access import Actor
from screening.records.errors import IdempotencyKeyError
from screening.records.ledger.events import EventKind
from screening.records.ledger.records import Records
from screening.records.storage.tables import CaseRow, EmergencyRow, IdempotencyKeyRow

_OPENED, _LOOKED_AT = EventKind.EMERGENCY_OPENED.value, EventKind.EMERGENCY_LOOKED_AT.value
_LONGEST = dt.timedelta(minutes=10)
"""The longest that it takes to add the cases of one form."""
_AT_ONCE = 500
_KEY = re.compile(r"[0-9A-Za-z-]{8,64}", re.ASCII)


@dataclass(frozen=True, slots=True)
class PostedForm:
    """A form that was posted: who sent it, its key, what it asks for, and with which content.

    ``content`` is data that JSON can hold.
    """

    actor: Actor
    key: str
    kind: EventKind
    content: object

    def fingerprint(self) -> str:
        """The hash that the write is kept under.

        Raises:
            IdempotencyKeyError: if the key is malformed.
        """
        if not _KEY.fullmatch(self.key):
            raise IdempotencyKeyError
        told = json.dumps([self.key, self.kind.value, self.content], sort_keys=True)
        return hashlib.sha256(told.encode("utf-8", "surrogatepass")).hexdigest()


def find_result(session: Session, form: PostedForm) -> str | None:
    """The result of the write, if it was already done.

    Raises:
        IdempotencyKeyError: if the key is malformed.
    """
    row = session.get(IdempotencyKeyRow, (form.fingerprint(), form.actor.id))
    return row.result if row else None


def keep_result(
    session: Session, records: Records, form: PostedForm, result: str, case_id: str | None = None
) -> None:
    """Keep what came of a write, in its transaction, as long as there is the case."""
    row = IdempotencyKeyRow(
        key=form.fingerprint(),
        by=form.actor.id,
        kind=form.kind.value,
        result=result,
        at=records.now(),
        case_id=case_id,
    )
    session.add(row)


def forget(session: Session, case: CaseRow) -> None:
    """Delete what is kept of the forms of a case, which nobody can write any more.

    A form that added several cases is kept until all of them are erased, or it could add the others
    again. A form that opened several goes with the first: to open a case again takes a new form.
    """
    openings = select(EmergencyRow.id).where(EmergencyRow.case_id == case.id)
    opened = (IdempotencyKeyRow.kind == _OPENED) & IdempotencyKeyRow.result.contains(case.id)
    looked_at = (IdempotencyKeyRow.kind == _LOOKED_AT) & IdempotencyKeyRow.result.in_(openings)
    session.execute(
        delete(IdempotencyKeyRow).where((IdempotencyKeyRow.case_id == case.id) | opened | looked_at)
    )
    for row in session.scalars(select(IdempotencyKeyRow).where(*_added_with(case))):
        ids = list(case_ids(row.result))
        if case.id in ids and not _others_left(session, case, ids):
            session.delete(row)


def case_ids(result: str) -> Iterator[str]:
    """The ids of the cases that a form added: each follows from the first part of its result."""
    batch, _, number = result.partition(" ")
    for index in range(int(number)):
        yield hashlib.sha256(f"{batch}/{index}".encode()).hexdigest()[:32]


def _added_with(case: CaseRow) -> list[ColumnElement[bool]]:
    """The forms that may have added a case: of the same person, at about the same time."""
    latest = case.created_at + _LONGEST
    return [
        IdempotencyKeyRow.kind == EventKind.CASE_ADDED.value,
        IdempotencyKeyRow.by == case.created_by,
        IdempotencyKeyRow.at.between(case.created_at, latest),
    ]


def _others_left(session: Session, case: CaseRow, ids: list[str]) -> bool:
    """True if one of the cases that were added with a case is not erased."""
    others = [each for each in ids if each != case.id]
    parts = (others[at : at + _AT_ONCE] for at in range(0, len(others), _AT_ONCE))
    left = (exists().where(CaseRow.id.in_(some), CaseRow.erased_at.is_(None)) for some in parts)
    return any(session.scalar(select(each)) for each in left)
