"""Signed heads at regular times: after so many minutes or events, and on request.

Only one process does this, and no other has the key. It reads the ledger itself and signs what it
read, so nobody can send it another ledger to sign.
"""

import datetime as dt
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from screening.errors import ScreeningError
from screening.records.ledger import events as ledger
from screening.records.ledger.records import Records
from screening.records.ledger.signed_head import Head, Signer, Verifier
from screening.records.ledger.tree import LedgerTree
from screening.records.witness.head_file import HeadFile

log = logging.getLogger("screening.heads")
Target = Callable[[Head, LedgerTree], None]


class HeadSource(Protocol):
    """A source of signed heads."""

    @property
    def verifier(self) -> Verifier:
        """The public key that checks them."""

    def head(self) -> Head:
        """A head of the ledger as it is now."""


@dataclass(slots=True)
class LedgerSigner:
    """Reads the ledger and signs heads of it."""

    records: Records
    signer: Signer = field(repr=False)
    tree: LedgerTree = field(default_factory=LedgerTree)

    @property
    def verifier(self) -> Verifier:
        """The public key that checks its heads."""
        return self.signer.verifier

    def head(self) -> Head:
        """A head of the ledger as it is now. Only events that were added are read.

        Raises:
            BrokenLedgerError: if it is not whole; nothing is signed then.
        """
        with self.records.database.reading() as session:
            self.tree.follow(session, self.records.keyring())
        root = self.tree.peaks.root().hex()
        at = self.records.now()
        return self.signer.sign(size=self.tree.size, root=root, last=self.tree.last, at=at)


@dataclass(slots=True)
class Publisher:
    """Signs heads when they are due, and gives each to all targets.

    ``every`` is the longest time between two heads, ``events`` the largest number of events.
    """

    source: LedgerSigner
    file: HeadFile
    every: dt.timedelta
    events: int
    targets: Sequence[Target] = ()
    published: tuple[int, dt.datetime] | None = None
    failing: str = ""

    def publish_due(self) -> None:
        """Publish a head if one is due."""
        self._guarded(self._publish_due)

    def publish_rest(self) -> None:
        """Publish a head if the ledger has grown since the last one, as at an end."""
        self._guarded(self._publish_rest)

    def _publish_due(self) -> None:
        size, now = self._size(), self.source.records.now()
        seen, at = self.published or (0, now - self.every)
        if size and (size - seen >= self.events or size < seen or now - at >= self.every):
            self._publish()

    def _publish_rest(self) -> None:
        seen = self.published[0] if self.published else 0
        if self._size() != seen:
            self._publish()

    def _publish(self) -> None:
        head = self.source.head()
        self.file.append(head)
        self.file.keep_tree(self.source.tree)
        self.published = head.size, head.at
        for target in self.targets:
            target(head, self.source.tree)

    def _guarded(self, work: Callable[[], None]) -> None:
        """Go on after a failure, which is said once until it is another one."""
        try:
            work()
        except (ScreeningError, OSError) as error:
            if str(error) != self.failing:
                log.error("no head of the ledger was signed or saved: %s", error)  # noqa: TRY400
            self.failing = str(error)
        else:
            self.failing = ""

    def _size(self) -> int:
        with self.source.records.database.reading() as session:
            return ledger.size(session)
