"""Verifies the chain of events, their MACs, and the heads and epochs that pin them."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import (
    select,
)
from sqlalchemy.orm import Session

from screening.records.ledger import merkle
from screening.records.ledger.covered import (
    key_portions,
)
from screening.records.ledger.digests import (
    bytes_digest,
    is_untouched,
    version_of,
)
from screening.records.ledger.entries import entry
from screening.records.ledger.epochs import BEGUN, OF_EPOCH, Mac, check_mac, epochs_in_force
from screening.records.ledger.signed_head import Head, Verifier
from screening.records.sealing.vault import Epoch, Keyring
from screening.records.storage.tables import EventRow
from screening.records.verification.verdict import (
    MOST_FAULTS,
    READ_FAULT,
    UNREADABLE,
    Found,
    Verdict,
)

_MAC_FAULTS = {
    Mac.MISSING: "it was written without the keyring: it has no MAC",
    Mac.WRONG: "it was written or changed without the keyring: its MAC is wrong",
    Mac.UNKNOWN: "its MAC belongs to an epoch that is not in the keyring",
}


@dataclass(frozen=True, slots=True)
class PartialEvent:
    """The readable parts of an event that the application cannot have written."""

    seq: int
    hash: str


def report_unkeyed(verdict: Verdict) -> None:
    """A ledger without any MAC is a fault: every hash fits, and anybody can have written it."""
    lost = {"epoch-unknown", *(f"mac-{each.name.lower()}" for each in _MAC_FAULTS)}
    told = lost & {each.code for each in verdict.faults}
    if verdict.events and not verdict.keyed and not told:
        message = (
            "it is NOT KEYED, so somebody who can change the database can rewrite all of it. If it"
            " was keyed before, put the right keyring back; if not, run `screening upgrade`"
        )
        verdict.report("not-keyed", "ledger", message)


def verify_chain(
    session: Session, verdict: Verdict, heads: dict[int, list[Head]], ring: Keyring
) -> None:
    """Every event follows the one before it, and the epochs and heads fit what they pin."""
    _verify_first(session, verdict)
    peaks, unmet = merkle.Peaks(), dict(heads)
    _verify_keyring(session, verdict, ring)
    begun = {epoch.first - 1: epoch for epoch in epochs_in_force(ring)}
    _compare_pinned(verdict, begun.pop(0, None), peaks)
    _compare_heads(verdict, unmet.pop(0, []), peaks)
    for event in _every_event(session):
        peaks.add(merkle.leaf(_take(verdict, event, ring)))
        verdict.events, verdict.last, verdict.newest = peaks.size, event.hash, event.seq
        _compare_pinned(verdict, begun.pop(peaks.size, None), peaks)
        _compare_heads(verdict, unmet.pop(peaks.size, []), peaks)
        verdict.show_progress()
    verdict.root = peaks.root().hex()
    for size, epoch in begun.items():
        message = (
            f"the keyring begins this epoch after {size} events, but only {verdict.events} are left"
        )
        verdict.report("epoch-missing", f"epoch/{epoch.id}", message)
    for size, beyond in unmet.items():
        verdict.contradicted_by.update(beyond)
        message = f"a signed head confirms {size} events, but only {verdict.events} are left"
        verdict.report("ledger-cut", f"head/{size}", message)


def trusted_heads(
    heads: Sequence[Head], verifier: Verifier | None, verdict: Verdict
) -> dict[int, list[Head]]:
    """The heads with a good signature, by the size of the ledger that they name."""
    by_size: dict[int, list[Head]] = {}
    for head in heads:
        if verifier is None or not verifier.accepts(head):
            says = verifier.refusal(head) if verifier else "no key is known to check it by"
            verdict.report("head-signature", f"head/{head.size}", says)
        else:
            verdict.heads += 1
            by_size.setdefault(head.size, []).append(head)
    return by_size


def _verify_keyring(session: Session, verdict: Verdict, ring: Keyring) -> None:
    """A ledger that was keyed once is never one that was not, whatever became of its MACs."""
    known = [f"{OF_EPOCH}{each.id}" for each in ring.epochs]
    begun = select(EventRow.seq).where(EventRow.kind == BEGUN, EventRow.row.not_in(known))
    message = (
        "the ledger was keyed here, but the keyring lacks the epoch: put the right keyring back"
    )
    for seq in session.scalars(begun.order_by(EventRow.seq).limit(MOST_FAULTS)):
        verdict.report("epoch-unknown", f"event/{seq}", message)


def _verify_first(session: Session, verdict: Verdict) -> None:
    """Nothing comes before event 1, where no chain, head or epoch would show it."""
    before = select(EventRow.seq).where(EventRow.seq < 1).order_by(EventRow.seq.desc())
    for seq in session.scalars(before.limit(MOST_FAULTS)):
        message = "the application numbers events from 1: somebody added it to the database"
        verdict.report("event-added", f"event/{seq}", message)


def _every_event(session: Session) -> Iterator[EventRow | PartialEvent]:
    """The events by their numbers; in place of one that cannot be read what can be read of it."""
    for keys in key_portions(session, EventRow.__table__):
        numbers = [seq for (seq,) in keys if seq > 0]
        found: Iterable[EventRow | PartialEvent]
        try:
            found = _events_of(session, numbers)
        except UNREADABLE:
            found = (_event_or_unread(session, seq) for seq in numbers)
        yield from found
        session.expunge_all()


def _events_of(session: Session, numbers: Sequence[int]) -> Sequence[EventRow]:
    query = select(EventRow).where(EventRow.seq.between(numbers[0], numbers[-1]))
    return session.scalars(query.order_by(EventRow.seq)).all() if numbers else ()


def _event_or_unread(session: Session, seq: int) -> EventRow | PartialEvent:
    try:
        (event,) = _events_of(session, [seq])
    except UNREADABLE:
        return PartialEvent(
            seq, str(session.scalar(select(EventRow.hash).where(EventRow.seq == seq)))
        )
    return event


def _take(verdict: Verdict, event: EventRow | PartialEvent, ring: Keyring) -> bytes:
    """Report the faults of an event; gives its leaf in the Merkle tree."""
    place = f"event/{event.seq}"
    if event.seq != verdict.newest + 1:
        message = f"events before it are missing: the last one is number {verdict.newest}"
        verdict.report("event-missing", place, message)
    try:
        if isinstance(event, EventRow):
            told = entry(event)
            found = check_mac(ring, event)
            for fault in [*_event_faults(verdict.last, event, told), *_mac_faults(event, found)]:
                verdict.report(*fault)
            verdict.keyed += found is Mac.GOOD
            return told
    except UNREADABLE:
        pass
    verdict.report("unreadable", place, READ_FAULT)
    return b""


def _event_faults(last: str, event: EventRow, told: bytes) -> Iterator[Found]:
    place = f"event/{event.seq}"
    if event.previous != last:
        yield "chain-broken", place, "it does not follow the event before it"
    version = version_of(event.hash)
    if event.hash != bytes_digest(told, version) or not is_untouched(event, version):
        yield "event-changed", place, "it is not as it was written"


def _mac_faults(event: EventRow, found: Mac) -> Iterator[Found]:
    if found in _MAC_FAULTS:
        yield f"mac-{found.name.lower()}", f"event/{event.seq}", _MAC_FAULTS[found]


def _compare_pinned(verdict: Verdict, epoch: Epoch | None, peaks: merkle.Peaks) -> None:
    if epoch and (epoch.root, epoch.last) != (peaks.root().hex(), verdict.last):
        message = f"the {peaks.size} events before it are not those that the keyring pins"
        verdict.report("epoch-root", f"epoch/{epoch.id}", message)


def _compare_heads(verdict: Verdict, heads: Iterable[Head], peaks: merkle.Peaks) -> None:
    for head in heads:
        if (head.root, head.last) != (peaks.root().hex(), verdict.last):
            message = "the ledger up to here differs from the one that was signed"
            verdict.report("past-rewritten", f"head/{head.size}", message)
            verdict.contradicted_by.add(head)
