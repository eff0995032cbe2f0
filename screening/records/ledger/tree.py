"""The Merkle tree of the ledger, which reads each event once and continues where it stopped."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from sqlalchemy.orm import Session

from screening.errors import ScreeningError
from screening.records.ledger import merkle
from screening.records.ledger.entries import entry, events, is_genuine
from screening.records.ledger.events import NO_HASH
from screening.records.sealing.vault import Keyring
from screening.records.storage.tables import EventRow


class BrokenLedgerError(ScreeningError):
    """The ledger does not go on as it has to."""

    def __init__(self, seq: int) -> None:
        """Name the event."""
        super().__init__(
            f"the ledger has a fault at event {seq}; `screening ledger verify` lists its faults"
        )


@dataclass(slots=True)
class LedgerTree:
    """The tree of the events that were read, and the hash of the last of them."""

    peaks: merkle.Peaks = field(default_factory=merkle.Peaks)
    last: str = NO_HASH

    @property
    def size(self) -> int:
        """The number of events that were read."""
        return self.peaks.size

    def read_on(self, session: Session) -> None:
        """Take the events that were added since."""
        for event in events(session, self.size):
            self._take(event)

    def follow(self, session: Session, ring: Keyring) -> None:
        """The same, if what was read is still there and each event is as it was written.

        Raises:
            BrokenLedgerError: if not. What came before that event was taken.
        """
        before = session.get(EventRow, self.size) if self.size else None
        if self.size and (before is None or before.hash != self.last):
            raise BrokenLedgerError(self.size)
        for event in events(session, self.size):
            follows = (event.seq, event.previous) == (self.size + 1, self.last)
            if not follows or not is_genuine(event, ring):
                raise BrokenLedgerError(event.seq)
            self._take(event)

    def _take(self, event: EventRow) -> None:
        self.peaks.add(merkle.leaf(entry(event)))
        self.last = event.hash


def leaves(session: Session, after: int, up_to: int) -> Iterator[bytes]:
    """The leaves of the events after a number and up to another."""
    for event in events(session, after):
        if event.seq > up_to:
            return
        yield merkle.leaf(entry(event))
