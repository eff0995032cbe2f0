"""Wrong tries, as at a password, counted in the database for all processes together.

A try is counted before it is judged, and withdrawn if it was right, so that many at once cannot
pass a limit. A limit holds within any span of its length, also across the full hour. The rows hold
hashes that only the secret of the installation can make. They belong to no ledger and no backup,
and are deleted after a day.
"""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import uuid4

from sqlalchemy import delete, func, or_, select
from sqlalchemy.orm import Session

from screening.errors import ScreeningError
from screening.records.ledger.records import Records
from screening.records.storage.tables import TryRow

KEPT = dt.timedelta(days=1)
"""The longest time that a limit can look back."""
_LOCK_DIGITS = 15
"""Of a key, in hex: as many as fit into the number of PostgreSQL's advisory lock."""


@dataclass(frozen=True, slots=True)
class Rate:
    """At most so many tries within a length of time."""

    most: int
    within: dt.timedelta


@dataclass(frozen=True, slots=True)
class Limit:
    """The rates that hold for the tries under one key. The key is a keyed hash of 64 characters."""

    key: str
    rates: Sequence[Rate]


class TooOftenError(ScreeningError):
    """Somebody tried too often; ``wait`` is how long until the next try counts again.

    ``keys`` are those of the limits that were reached.
    """

    def __init__(self, wait: dt.timedelta, keys: frozenset[str]) -> None:
        """Take the time to wait, and the keys."""
        self.wait, self.keys = wait, keys
        super().__init__(f"too many tries; wait {wait} before the next one")


def count_try(records: Records, limits: Sequence[Limit]) -> str:
    """Count a try under every limit; gives its id, by which ``withdraw`` takes it back.

    Raises:
        TooOftenError: if one of the limits is reached; then the try is counted nowhere.
    """
    with records.database.writing() as session:
        now = records.now()
        _wait_for_others(session, limits)
        _sweep(session, now)
        waits = {limit.key: wait for limit in limits if (wait := _wait(session, limit, now))}
        if waits:
            raise TooOftenError(max(waits.values()), frozenset(waits))
        name = uuid4().hex
        session.add_all(TryRow(id=name, key=limit.key, at=now) for limit in limits)
        return name


def withdraw(records: Records, name: str) -> None:
    """Take back a try that was right."""
    with records.database.writing() as session:
        session.execute(delete(TryRow).where(TryRow.id == name))


def forget_tries(records: Records, keys: Iterable[str]) -> None:
    """Forget every try under these keys."""
    with records.database.writing() as session:
        session.execute(delete(TryRow).where(TryRow.key.in_(list(keys))))


def _wait_for_others(session: Session, limits: Sequence[Limit]) -> None:
    """Count one after the other under the same key. A writing session of SQLite is alone."""
    if session.get_bind().dialect.name == "postgresql":
        for key in sorted({limit.key for limit in limits}):
            session.execute(select(func.pg_advisory_xact_lock(int(key[:_LOCK_DIGITS], 16))))


def _sweep(session: Session, now: dt.datetime) -> None:
    """Delete what no limit looks back to, and what a clock that was wrong has put far ahead."""
    old, ahead = TryRow.at < now - KEPT, TryRow.at > now + KEPT
    session.execute(delete(TryRow).where(or_(old, ahead)))


def _wait(session: Session, limit: Limit, now: dt.datetime) -> dt.timedelta:
    """The wait until a limit allows another try; zero if it does now."""
    newest = select(TryRow.at).where(TryRow.key == limit.key).order_by(TryRow.at.desc())
    wait = dt.timedelta(0)
    for rate in limit.rates:
        last = session.scalar(newest.offset(rate.most - 1).limit(1))
        if last is not None:
            wait = max(wait, last + rate.within - now)
    return wait
