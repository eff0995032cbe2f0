"""The records: the database, the keys that open it, and the clock that dates them."""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

from screening.records.ledger import coverage
from screening.records.sealing.vault import Keyring
from screening.records.storage.database import Database
from screening.records.storage.group_commit import GroupCommit


def now() -> dt.datetime:
    """The moment by this machine's clock."""
    return dt.datetime.now(dt.UTC)


@dataclass(frozen=True, slots=True)
class Records:
    """Everything that a reading or writing of records needs.

    ``erased`` is the file, beside the keys, in which erased cases are listed. ``zone`` is the time
    zone of sites that have none of their own; None is the one that this machine is set to.
    ``views`` writes the events of looks at records.
    """

    database: Database
    keyring: Callable[[], Keyring]
    now: Callable[[], dt.datetime] = now
    erased: Path | None = None
    zone: dt.tzinfo | None = None
    views: GroupCommit = field(init=False, default_factory=GroupCommit, compare=False, repr=False)

    def __post_init__(self) -> None:
        """Let the ledger cover everything that is written through these records."""
        watched = replace(self.database, begun=lambda session: coverage.watch(session, self))
        object.__setattr__(self, "database", watched)
