"""Decision 12, simulated: a chain of events for each site, and one tree over the chains' heads.

The product has one chain. Here a process writes with the product's own code into a chain of its
own: the chain with the number N has the event numbers from N * STRIDE + 1 on, and a lock of its
own. Hashes, MACs and rows are the product's.
"""

import hashlib
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from unittest import mock

import rfc8785
from sqlalchemy import select
from sqlalchemy.orm import Session

from screening.records.ledger import events, merkle
from screening.records.ledger.entries import entry, is_genuine
from screening.records.ledger.entries import events as events_after
from screening.records.ledger.records import now
from screening.records.ledger.signed_head import Head, Signer, Verifier
from screening.records.sealing.vault import Keyring
from screening.records.storage.tables import EventRow

STRIDE = 100_000_000
"""More events than a chain has; PostgreSQL's numbers have room for 21 chains."""
LOCK = 5_000_000
"""The number of the advisory lock of chain 0; those of the others follow."""
_LAST, _FIRST = (str(vars(events)[name]) for name in ("_LAST", "_FIRST"))


@contextmanager
def writing_into(chain: int) -> Iterator[None]:
    """Let all events of this process go into a chain, under that chain's lock."""
    first = chain * STRIDE
    newest = select(EventRow.seq, EventRow.hash).order_by(EventRow.seq.desc()).limit(1)
    newest = newest.where(EventRow.seq > first, EventRow.seq <= first + STRIDE)

    def last(session: Session) -> tuple[int, str]:
        if _LAST not in session.info:
            with session.no_autoflush:
                events.lock(session)
                found = session.execute(newest).first()
            session.info[_LAST] = (found.seq, found.hash) if found else (first, events.NO_HASH)
            session.info[_FIRST] = session.info[_LAST][0] + 1
        seq, event = session.info[_LAST]
        return seq, event

    with (
        mock.patch.object(events, "_LOCK", LOCK + chain),
        mock.patch.object(events, "last", last),
    ):
        yield


@dataclass(frozen=True, slots=True)
class ChainHead:
    """The state of one chain: how many events, their tree's root, the last hash."""

    chain: int
    size: int
    root: str
    last: str

    def leaf(self) -> bytes:
        """The chain as a leaf of the tree over all chains."""
        return merkle.leaf(rfc8785.dumps(asdict(self)))


@dataclass(frozen=True, slots=True)
class TreeHead:
    """All chains at one moment. What is signed is the root over them, and the head before."""

    chains: tuple[ChainHead, ...]
    signed: Head

    def digest(self) -> str:
        """The name by which the next head calls this one."""
        return hashlib.sha256(self.signed.signed_bytes()).hexdigest()


def root_of(chains: Sequence[ChainHead]) -> str:
    """The root of the tree whose leaves are the chains, by their numbers."""
    peaks = merkle.Peaks()
    for each in chains:
        peaks.add(each.leaf())
    return peaks.root().hex()


def chain_events(session: Session, chain: int, after: int = 0) -> Iterator[EventRow]:
    """The events of a chain after one of its places."""
    for event in events_after(session, chain * STRIDE + after):
        if event.seq > (chain + 1) * STRIDE:
            return
        yield event


def chains_of(session: Session) -> list[int]:
    """The chains that have an event."""
    found: list[int] = []
    after: int | None = 0
    while after is not None:
        query = select(EventRow.seq).where(EventRow.seq > after).order_by(EventRow.seq).limit(1)
        seq = session.scalar(query)
        found += [] if seq is None else [(seq - 1) // STRIDE]
        after = None if seq is None else (found[-1] + 1) * STRIDE
    return found


@dataclass(slots=True)
class _Growing:
    """A chain as far as it was read."""

    peaks: merkle.Peaks = field(default_factory=merkle.Peaks)
    last: str = events.NO_HASH

    def add(self, event: EventRow) -> None:
        self.peaks.add(merkle.leaf(entry(event)))
        self.last = event.hash

    def head(self, chain: int) -> ChainHead:
        return ChainHead(chain, self.peaks.size, self.peaks.root().hex(), self.last)


@dataclass(slots=True)
class TreeSigner:
    """Signs the tree of all chains; of each chain it reads only what came since the last time.

    It takes no lock: each chain is seen up to some event of its own.
    """

    signer: Signer
    chains: dict[int, _Growing] = field(default_factory=lambda: defaultdict(_Growing))
    heads: list[TreeHead] = field(default_factory=list[TreeHead])

    def sign(self, session: Session) -> TreeHead:
        """Sign the chains as they are now."""
        for chain in chains_of(session):
            growing = self.chains[chain]
            for event in chain_events(session, chain, growing.peaks.size):
                growing.add(event)
        chains = tuple(each.head(chain) for chain, each in sorted(self.chains.items()))
        signed = self.signer.sign(
            size=sum(each.size for each in chains),
            root=root_of(chains),
            last=self.heads[-1].digest() if self.heads else events.NO_HASH,
            at=now(),
        )
        self.heads.append(TreeHead(chains, signed))
        return self.heads[-1]


def find_faults(
    session: Session, ring: Keyring, heads: Sequence[TreeHead], verifier: Verifier
) -> Iterator[tuple[str, str]]:
    """Every fault of the chains and of signed heads, as its code and its place."""
    yield from _head_faults(heads, verifier)
    pinned: dict[int, dict[int, list[ChainHead]]] = defaultdict(lambda: defaultdict(list))
    for head in heads:
        for each in head.chains:
            pinned[each.chain][each.size].append(each)
    for chain in sorted({*chains_of(session), *pinned}):
        yield from _chain_faults(session, ring, chain, pinned[chain])


def _head_faults(heads: Sequence[TreeHead], verifier: Verifier) -> Iterator[tuple[str, str]]:
    before = events.NO_HASH
    for number, head in enumerate(heads):
        fits = head.signed.root == root_of(head.chains) and head.signed.last == before
        if not fits or not verifier.accepts(head.signed):
            yield "head-signature", f"head/{number}"
        before = head.digest()


def _chain_faults(
    session: Session, ring: Keyring, chain: int, pinned: dict[int, list[ChainHead]]
) -> Iterator[tuple[str, str]]:
    growing, seq, unmet = _Growing(), chain * STRIDE, dict(pinned)
    for event in chain_events(session, chain):
        place = f"event/{event.seq}"
        if event.seq != seq + 1:
            yield "event-missing", place
        if event.previous != growing.last:
            yield "chain-broken", place
        if not is_genuine(event, ring):
            yield "event-changed", place
        seq = event.seq
        growing.add(event)
        for head in unmet.pop(growing.peaks.size, []):
            if head != growing.head(chain):
                yield "past-rewritten", f"chain/{chain}"
    if unmet:
        yield "chain-cut", f"chain/{chain}"
