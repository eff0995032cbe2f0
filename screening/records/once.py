"""Writes that are asked for twice, as by a double click, are done once: each has a key of its own.

The key comes from the form, and counts for what was posted with it: the same form sent again with
other answers is another write, which the version of the case then judges. Kept is a hash over both,
which tells nobody what was posted, as the form's key is random and is not kept. It counts for the
person who sent it, so that nobody can learn or block what another one writes.
"""

import hashlib
import json
import re
from dataclasses import dataclass

from sqlalchemy import delete
from sqlalchemy.orm import Session

from screening.records.access import Actor
from screening.records.ledger import EventKind
from screening.records.refusals import OnceError
from screening.records.store import Records
from screening.records.tables import OnceRow

_KEY = re.compile(r"[0-9A-Za-z-]{8,64}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Form:
    """A form that was posted: who sent it, its key, what it asks for, and with which content.

    ``content`` is data that JSON can hold.
    """

    actor: Actor
    key: str
    kind: EventKind
    content: object

    def hash(self) -> str:
        """What the write is kept under.

        Raises:
            OnceError: if the key is malformed.
        """
        if not _KEY.fullmatch(self.key):
            raise OnceError
        told = json.dumps([self.key, self.kind.value, self.content], sort_keys=True)
        return hashlib.sha256(told.encode("utf-8", "surrogatepass")).hexdigest()


def once(session: Session, form: Form) -> str | None:
    """What came of the write, if it was already done.

    Raises:
        OnceError: if the key is malformed.
    """
    row = session.get(OnceRow, (form.hash(), form.actor.id))
    return row.result if row else None


def done(
    session: Session, records: Records, form: Form, result: str, case_id: str | None = None
) -> None:
    """Keep what came of a write, in its transaction, as long as there is the case."""
    row = OnceRow(
        key=form.hash(),
        by=form.actor.id,
        kind=form.kind.value,
        result=result,
        at=records.now(),
        case_id=case_id,
    )
    session.add(row)


def forget(session: Session, case_id: str) -> None:
    """Delete what is kept of the forms of a case, which nobody can write any more."""
    session.execute(delete(OnceRow).where(OnceRow.case_id == case_id))
