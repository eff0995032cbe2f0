"""Epochs of the ledger: nobody can write an event that counts with the database alone.

Hashes need no secret, so that everybody can verify them, and anybody can compute them. Beside its
hash each event therefore has a MAC of it, keyed with a secret of the keyring. An epoch is a part of
the ledger under one such secret; it pins all events before its first by their Merkle root.

A later epoch that begins no later than an earlier one takes its place, as after a backup from
before the earlier one was restored.

Source: RFC 2104 (HMAC), FIPS 180-4 (SHA-256), RFC 4648 section 5 (base64url).
"""

import base64
import hmac
from enum import Enum

from sqlalchemy import func, inspect, or_, select
from sqlalchemy.orm import Session

from screening.records.sealing.vault import Epoch, Keyring
from screening.records.storage.database import Database, DatabaseError
from screening.records.storage.tables import EventRow

EVENTS, MAC = EventRow.__tablename__, EventRow.mac.key
BEGUN, OF_EPOCH = "epoch-begun", "epoch/"
"""The kind of the event that begins an epoch, and the start of the name that it has for a row."""


class Mac(Enum):
    """The verdict on an event's MAC."""

    GOOD = "good"
    NONE_DUE = "the event is older than the first epoch"
    MISSING = "missing"
    WRONG = "wrong"
    UNKNOWN = "of an epoch that the keyring does not know"


class UnkeyedError(DatabaseError):
    """The ledger is not the one that the keyring's newest epoch was begun for."""

    def __init__(self, first: int) -> None:
        """Name the first event of the epoch, and say what could have happened."""
        super().__init__(
            f"the ledger does not continue at event {first} as the keyring says. It was changed or"
            " cut off, or the keyring belongs to another database. Run `screening ledger verify`."
            " If the server was running when `screening upgrade` printed this keyring, put back the"
            " keyring before it, stop the server, and run `screening upgrade` again"
        )


class LostEpochsError(DatabaseError):
    """The ledger was keyed with an epoch that the keyring lacks: another epoch would hide that."""

    def __init__(self, seq: int) -> None:
        """Name an event of the epoch, and say what to do."""
        super().__init__(
            f"event {seq} says that the ledger was keyed, but the keyring does not have the"
            " secret from that time. This keyring is an old copy, or belongs to another database."
            " Nothing was changed. Put the newest"
            " copy of the keyring back. If there is none, run `screening ledger verify` with the"
            " heads of a witness, then `screening upgrade --despite-faults`, which keys the ledger"
            " again"
        )


def mac_at(ring: Keyring, seq: int, event_hash: str) -> str | None:
    """The MAC of a new event; None where the keyring has no epoch."""
    epoch = epoch_at(ring, seq)
    return mac(epoch, event_hash) if epoch else None


def mac(epoch: Epoch, event_hash: str) -> str:
    """The epoch's id, and the MAC of an event's hash."""
    keyed = hmac.digest(epoch.secret, f"event\0{event_hash}".encode(), "sha256")
    return f"{epoch.id}:{base64.urlsafe_b64encode(keyed).decode().rstrip('=')}"


def epoch_at(ring: Keyring, seq: int) -> Epoch | None:
    """The epoch that an event of a number belongs to."""
    return next((each for each in reversed(ring.epochs) if each.first <= seq), None)


def epochs_in_force(ring: Keyring) -> list[Epoch]:
    """The epochs whose place no later one took, by their first events."""
    kept: list[Epoch] = []
    for epoch in ring.epochs:
        kept = [*(each for each in kept if each.first < epoch.first), epoch]
    return kept


def is_keyed(ring: Keyring, size: int) -> bool:
    """True if a ledger of a size goes on within the keyring's newest epoch."""
    known = epochs_in_force(ring)
    return bool(known) and known[-1].first <= size + 1


def check_mac(ring: Keyring, event: EventRow) -> Mac:
    """True if an event has the MAC that its epoch gives it."""
    epoch = epoch_at(ring, event.seq)
    if event.mac is None:
        return Mac.MISSING if epoch else Mac.NONE_DUE
    if event.mac.partition(":")[0] not in {each.id for each in ring.epochs}:
        return Mac.UNKNOWN
    good = epoch and hmac.compare_digest(event.mac.encode(), mac(epoch, event.hash).encode())
    return Mac.GOOD if good else Mac.WRONG


def check_newest_epoch(database: Database, ring: Keyring) -> None:
    """Make sure that the ledger has not been cut off before the newest epoch, or lost its MACs.

    Raises:
        UnkeyedError: if it has.
        LostEpochsError: if it is keyed, and the keyring does not have its newest epoch.
    """
    check_no_epoch_lost(database, ring)
    known = epochs_in_force(ring)
    if not known:
        return
    with database.reading() as session:
        size = session.scalar(select(func.max(EventRow.seq))) or 0
        event = session.get(EventRow, known[-1].first)
    begun = check_mac(ring, event) is Mac.GOOD if event else size == known[-1].first - 1
    if not begun:
        raise UnkeyedError(known[-1].first)


def check_no_epoch_lost(database: Database, ring: Keyring) -> None:
    """Make sure that no epoch of the ledger is missing from the keyring, as from an older copy.

    A database from before there were MACs has none.

    Raises:
        LostEpochsError: if one is.
    """
    if (seq := _lost(database, ring)) is not None:
        raise LostEpochsError(seq)


def is_lost(database: Database, ring: Keyring) -> bool:
    """True if the keyring lacks the newest epoch of the ledger."""
    return _lost(database, ring) is not None


def _lost(database: Database, ring: Keyring) -> int | None:
    if MAC not in {each["name"] for each in inspect(database.engine).get_columns(EVENTS)}:
        return None
    with database.reading() as session:
        return _newest_unknown(session, ring)


def _newest_unknown(session: Session, ring: Keyring) -> int | None:
    """The newest event that shows an epoch, if the keyring does not have this epoch."""
    shown = or_(EventRow.mac.is_not(None), EventRow.kind == BEGUN)
    newest = select(EventRow.seq, EventRow.mac, EventRow.row).where(EventRow.seq > 0, shown)
    event = session.execute(newest.order_by(EventRow.seq.desc()).limit(1)).first()
    if event is None:
        return None
    name = event.mac.partition(":")[0] if event.mac else event.row.removeprefix(OF_EPOCH)
    return None if name in {each.id for each in ring.epochs} else event.seq
