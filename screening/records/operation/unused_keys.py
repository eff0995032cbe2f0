"""Keys of the keyring that open nothing any more, for a timer that destroys them."""

import datetime as dt
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import pairwise

from sqlalchemy import String, func, select, type_coerce
from sqlalchemy.orm import Session

from screening.records.ledger.events import EventKind
from screening.records.ledger.records import Records
from screening.records.operation.rotation import Use, uses
from screening.records.storage.tables import EventRow

USUAL = 7
"""Up to so many days without an event are usual, as when nobody works; more may be no days."""
_DAY = func.substr(type_coerce(EventRow.at, String), 1, 10)
_Rotation = tuple[str, dt.datetime]


@dataclass(frozen=True, slots=True)
class UnusedKey:
    """A key that opens nothing, and the number of days since another one replaced it.

    Of these days, ``silent`` are in long stretches without any event: a clock that is far ahead
    makes such a stretch. The age is doubtful if it is less than was asked for without them.
    """

    use: Use
    age: int
    silent: int
    is_doubtful: bool


def unused_for(records: Records, days: int) -> list[UnusedKey]:
    """The keys that open nothing, and that another one replaced so many days ago or earlier."""
    now = records.now()
    unused = [use for use in uses(records) if not use.newest and not use.wraps]
    with records.database.reading() as session:
        rotations = _rotations(session)
        replaced = [(use, _replaced_at(use.name, rotations)) for use in unused]
        return [
            _unused_key(session, use, at, now, days)
            for use, at in replaced
            if at is not None and at <= now - dt.timedelta(days)
        ]


def _unused_key(
    session: Session, use: Use, at: dt.datetime, now: dt.datetime, days: int
) -> UnusedKey:
    age, silent = (now - at).days, _count_silent(session, at, now)
    return UnusedKey(use, age, silent, is_doubtful=age - silent < days)


def _count_silent(session: Session, since: dt.datetime, now: dt.datetime) -> int:
    """The days in stretches of more than ``USUAL`` days of which the ledger records nothing."""
    seen = sorted({since.date(), now.date(), *_days(session, since, now)})
    stretches = ((later - day).days for day, later in pairwise(seen))
    return sum(each for each in stretches if each > USUAL)


def _days(session: Session, since: dt.datetime, now: dt.datetime) -> Iterator[dt.date]:
    between = EventRow.seq > 0, EventRow.at >= since, EventRow.at <= now
    for day in session.scalars(select(_DAY).where(*between).distinct()):
        with suppress(ValueError):  # somebody changed it; verify names it
            yield dt.date.fromisoformat(day)


def _rotations(session: Session) -> list[_Rotation]:
    rotated = EventRow.kind == EventKind.KEYS_ROTATED.value
    query = select(EventRow.row, EventRow.at).where(rotated).order_by(EventRow.seq)
    return [(row, at) for row, at in session.execute(query)]


def _replaced_at(name: str, rotations: Sequence[_Rotation]) -> dt.datetime | None:
    """The moment of the rotation that followed those to a key."""
    own = [place for place, (row, _) in enumerate(rotations) if row == f"key/{name}"]
    following = rotations[own[-1] + 1 if own else 0 :]
    return following[0][1] if following else None
