"""Writes that are asked for twice, as by a double click, are done once: each has a key of its own.

The key comes from the form. It counts for the person who sent it, so that nobody can learn or block
what another one writes.
"""

import re

from sqlalchemy.orm import Session

from screening.records.access import Actor
from screening.records.ledger import EventKind
from screening.records.refusals import OnceError
from screening.records.store import Records
from screening.records.tables import OnceRow

_KEY = re.compile(r"[0-9A-Za-z-]{8,64}", re.ASCII)


def once(session: Session, key: str, actor: Actor, kind: EventKind) -> str | None:
    """What came of the write, if it was already done.

    Raises:
        OnceError: if the key is malformed, or was used for a write of another kind.
    """
    if not _KEY.fullmatch(key):
        raise OnceError
    row = session.get(OnceRow, (key, actor.id))
    if row is not None and row.kind != kind.value:
        raise OnceError
    return row.result if row else None


def done(  # noqa: PLR0913 - what is asked, by whom, and what came of it
    session: Session, records: Records, *, key: str, actor: Actor, kind: EventKind, result: str
) -> None:
    """Keep what came of a write, in its transaction."""
    row = OnceRow(key=key, by=actor.id, kind=kind.value, result=result, at=records.now())
    session.add(row)
