"""The events as they stand in the Merkle tree, read in portions."""

from collections.abc import Iterator

import rfc8785
from sqlalchemy import (
    select,
)
from sqlalchemy.orm import Session

from screening.records.ledger.digests import (
    bytes_digest,
    is_untouched,
    version_of,
)
from screening.records.ledger.epochs import Mac, check_mac
from screening.records.ledger.events import event_data
from screening.records.sealing.vault import Keyring
from screening.records.storage.tables import EventRow

PORTION = 1_000


def events(session: Session, after: int = 0) -> Iterator[EventRow]:
    """The events by their numbers, read in portions."""
    while True:
        query = select(EventRow).where(EventRow.seq > after).order_by(EventRow.seq)
        portion = session.scalars(query.limit(PORTION)).all()
        yield from portion
        if len(portion) < PORTION:
            return
        after = portion[-1].seq
        session.expunge_all()


def entry(event: EventRow) -> bytes:
    """The leaf of an event in the Merkle tree."""
    return rfc8785.dumps(event_data(event, version_of(event.hash)))


def is_genuine(event: EventRow, ring: Keyring) -> bool:
    """True if an event is as somebody with the keyring wrote it."""
    version = version_of(event.hash)
    whole = event.hash == bytes_digest(entry(event), version) and is_untouched(event, version)
    return event.seq > 0 and whole and check_mac(ring, event) in (Mac.GOOD, Mac.NONE_DUE)
