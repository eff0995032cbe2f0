"""Begins an epoch of the ledger, whose events are keyed with a new secret.

The keyring comes first: the epoch is in its file before the ledger has an event of it. If the
machine stops in between, the next event that is written is the first of the epoch.
"""

from dataclasses import replace

from screening.errors import ScreeningError
from screening.records.ledger import events
from screening.records.ledger.epochs import check_newest_epoch, is_keyed
from screening.records.ledger.records import Records
from screening.records.ledger.tree import LedgerTree
from screening.records.sealing.vault import Keeper, Keyring, store_keyring


class FaultyPastError(ScreeningError):
    """The ledger has faults, and an epoch pins all that is before it as it is."""

    def __init__(self, faults: int) -> None:
        """Say how many, and what can be done."""
        super().__init__(
            f"the ledger has {'1 fault' if faults == 1 else f'{faults} faults'}, so it was not"
            " keyed. Run `screening ledger verify` to see them. To key it despite them, add"
            " --despite-faults"
        )


def begin_epoch(
    records: Records, by: int, keeper: Keeper, *, despite_faults: bool = False
) -> Keyring:
    """Begin an epoch with the next event, whose secret goes to where the keyring is kept first.

    Raises:
        UnkeyedError: if the ledger was cut off before an epoch, which another one would hide.
        LostEpochsError: if the keyring lacks an epoch of the ledger, which another one would hide.
    """
    if not despite_faults:
        check_newest_epoch(records.database, records.keyring())
    tree = read_tree(records)  # most of it is read before anybody has to wait
    with records.database.writing() as session:
        events.lock(session)
        tree.read_on(session)
        ring = _with_epoch(records.keyring(), tree)
        store_keyring(ring, keeper)
        events.append_epoch(session, replace(records, keyring=lambda: ring), by=by)
    return ring


def plan_epoch(records: Records) -> Keyring:
    """The keyring with which the next event would begin an epoch; nothing is changed."""
    return _with_epoch(records.keyring(), read_tree(records))


def needs_epoch(records: Records) -> bool:
    """True if the next event would have no MAC, or one that the keyring does not expect there."""
    with records.database.reading() as session:
        return not is_keyed(records.keyring(), events.size(session))


def read_tree(records: Records) -> LedgerTree:
    """The tree of the whole ledger."""
    tree = LedgerTree()
    with records.database.reading() as session:
        tree.read_on(session)
    return tree


def _with_epoch(ring: Keyring, tree: LedgerTree) -> Keyring:
    return ring.with_epoch(tree.size + 1, tree.peaks.root().hex(), tree.last)
