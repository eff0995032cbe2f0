"""Whether the ledger is whole, whether it tells of every row, and whether a witness agrees.

Memory does not grow with the ledger: events and rows are read in portions.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import rfc8785
from sqlalchemy import FromClause, Select, cast, func, literal, select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from screening.records import ledger, merkle, snapshots
from screening.records.covered import (
    GROUPS,
    LATER,
    Group,
    later_key,
    portions,
    single_tables,
    strays,
)
from screening.records.digests import (
    bytes_digest,
    row_name,
    table_name,
    tells,
    untouched,
    version_of,
)
from screening.records.epochs import BEGUN, OF_EPOCH, Mac, check_mac, epochs_in_force
from screening.records.guards import unguarded
from screening.records.ledger import NO_HASH, WENT, EventKind, event_data
from screening.records.shape import differences
from screening.records.spelling import misspelled
from screening.records.store import Records
from screening.records.tables import Base, EventRow
from screening.records.vault import Epoch, Keyring
from screening.records.witness import Head, Verifier

ALTERED = EventKind.ALTERATION_FOUND.value
PORTION = 1_000
MOST_FAULTS = 100
"""The most faults of one kind that are listed; many of one kind hide none of another."""
LEDGERED: tuple[type[Base], ...] = single_tables()
"""The tables of whose rows the ledger holds digests, one for each row."""
_MAC_FAULTS = {
    Mac.MISSING: "it was written without the keyring: it has no MAC",
    Mac.WRONG: "it was written or changed without the keyring: its MAC is wrong",
    Mac.UNKNOWN: "its MAC belongs to an epoch that is not in the keyring",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """Something that is not as the ledger says. ``place`` is an event, a row or a head."""

    code: str
    place: str
    message: str


@dataclass(slots=True)
class Verdict:
    """What a verification found: how much was read, the state of the ledger, every fault.

    ``keyed`` counts the events that only the keyring's owner can have written; ``found`` counts the
    faults of each kind.
    """

    events: int = 0
    rows: int = 0
    heads: int = 0
    keyed: int = 0
    root: str = merkle.EMPTY.hex()
    last: str = NO_HASH
    faults: list[Fault] = field(default_factory=list)
    found: Counter[str] = field(default_factory=Counter)

    def report(self, code: str, place: str, message: str) -> None:
        """Note a fault."""
        self.found[code] += 1
        if self.found[code] <= MOST_FAULTS:
            self.faults.append(Fault(code=code, place=place, message=message))


def verify_ledger(
    records: Records, heads: Sequence[Head] = (), verifier: Verifier | None = None
) -> Verdict:
    """Read the whole ledger and every row that it tells of.

    Args:
        records: to be verified. They are not changed.
        heads: signed heads that a witness kept.
        verifier: by whose key the heads must have been signed.
    """
    verdict = Verdict()
    with records.database.reading() as session:
        if records.database.sqlite:
            _verify_file(session, verdict)
        for table in unguarded(session):
            message = "its rows can be changed: the trigger that prevents it is missing or changed"
            verdict.report("guard-missing", table, message)
        trusted = _trusted(heads, verifier, verdict)
        for each in differences(session):
            verdict.report("shape-changed", f"{each.kind}/{each.name}", each.message)
        _verify_spelling(session, verdict)
        with _readable(verdict, "events"):
            _verify_chain(session, verdict, trusted, records.keyring())
        with _readable(verdict, "ledger"):
            _verify_covered(session, verdict)
        _verify_unaltered(session, verdict)
    return verdict


def report_unkeyed(verdict: Verdict) -> None:
    """A ledger without any MAC is a fault: every hash fits, whoever wrote it."""
    lost = {"epoch-unknown", *(f"mac-{each.name.lower()}" for each in _MAC_FAULTS)}
    if verdict.events and not verdict.keyed and not lost & verdict.found.keys():
        message = (
            "it is NOT KEYED, so somebody who can change the database can rewrite all of it. If it"
            " was keyed before, put the right keyring back; if not, run `screening upgrade`"
        )
        verdict.report("not-keyed", "ledger", message)


@contextmanager
def _readable(verdict: Verdict, place: str) -> Iterator[None]:
    """Let what cannot be read be a fault that keeps nothing else from being verified."""
    try:
        yield
    except (ValueError, TypeError, AttributeError, OverflowError, DBAPIError):
        message = "a value in it is none that the application could have written"
        verdict.report("unreadable", place, message)


def _verify_spelling(session: Session, verdict: Verdict) -> None:
    for row, column in misspelled(session, MOST_FAULTS):
        message = f"its {column} is stored in a way that the application never writes"
        verdict.report("misspelled", row, message)


def _verify_covered(session: Session, verdict: Verdict) -> None:
    begun = snapshots.is_begun(session)
    if not begun and snapshots.holds_later(session):
        message = "the ledger does not cover accounts, sites and keys yet; run `screening upgrade`"
        verdict.report("not-covered", "ledger", message)
    for table in (each for each in LEDGERED if begun or each.__tablename__ not in LATER):
        with _readable(verdict, table.__tablename__):
            _verify_rows(session, verdict, table)
        _verify_none_is_missing(session, verdict, table.__table__)
    for group in GROUPS if begun else ():
        with _readable(verdict, group.name):
            _verify_group(session, verdict, group)
        _verify_none_is_missing(session, verdict, group.table)


def _verify_unaltered(session: Session, verdict: Verdict) -> None:
    """What the application found to be altered stays a fault, whatever was written over it."""
    found = select(EventRow.seq, EventRow.row).where(EventRow.kind == ALTERED)
    for event in session.execute(found.order_by(EventRow.seq).limit(MOST_FAULTS)):
        message = f"it was changed behind the application's back before event {event.seq}"
        verdict.report("row-altered", event.row, message)


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
    """What stands in the Merkle tree for an event."""
    return rfc8785.dumps(event_data(event, version_of(event.hash)))


def _trusted(
    heads: Sequence[Head], verifier: Verifier | None, verdict: Verdict
) -> dict[int, list[Head]]:
    """The heads with a good signature, by the size of the ledger that they name."""
    by_size: dict[int, list[Head]] = {}
    for head in heads:
        if verifier is None or not verifier.accepts(head):
            verdict.report("head-signature", f"head/{head.size}", "its signature is wrong")
        else:
            verdict.heads += 1
            by_size.setdefault(head.size, []).append(head)
    return by_size


def _verify_file(session: Session, verdict: Verdict) -> None:
    """An index that differs from its table would show one row to one question, another to the next.

    PostgreSQL keeps checksums of its pages for that (initdb --data-checksums).
    """
    for said in session.scalars(text(f"PRAGMA integrity_check({MOST_FAULTS})")):
        if said != "ok":
            verdict.report("file-damaged", "database", "SQLite reports that its file is damaged")
            return


def _verify_chain(
    session: Session, verdict: Verdict, heads: dict[int, list[Head]], ring: Keyring
) -> None:
    _verify_first(session, verdict)
    peaks, unmet = merkle.Peaks(), dict(heads)
    _verify_keyring(session, verdict, ring)
    begun = {epoch.first - 1: epoch for epoch in epochs_in_force(ring)}
    _compare_pinned(verdict, begun.pop(0, None), peaks)
    _compare_heads(verdict, unmet.pop(0, []), peaks)
    for event in events(session):
        told = entry(event)
        _verify_event(verdict, event, told)
        _verify_mac(verdict, event, ring)
        peaks.add(merkle.leaf(told))
        verdict.events, verdict.last = peaks.size, event.hash
        _compare_pinned(verdict, begun.pop(peaks.size, None), peaks)
        _compare_heads(verdict, unmet.pop(peaks.size, []), peaks)
    verdict.root = peaks.root().hex()
    for size, epoch in begun.items():
        message = (
            f"the keyring begins this epoch after {size} events, but only {verdict.events} are left"
        )
        verdict.report("epoch-missing", f"epoch/{epoch.id}", message)
    for size in unmet:
        message = f"a signed head confirms {size} events, but only {verdict.events} are left"
        verdict.report("ledger-cut", f"head/{size}", message)


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
    """Nothing stands before event 1, where no chain, head or epoch would show it."""
    before = select(EventRow.seq).where(EventRow.seq < 1).order_by(EventRow.seq.desc())
    for seq in session.scalars(before.limit(MOST_FAULTS)):
        message = "the application numbers events from 1: somebody added it to the database"
        verdict.report("event-added", f"event/{seq}", message)


def _verify_event(verdict: Verdict, event: EventRow, told: bytes) -> None:
    place = f"event/{event.seq}"
    if event.seq != verdict.events + 1:
        message = f"events before it are missing: the last one is number {verdict.events}"
        verdict.report("event-missing", place, message)
    if event.previous != verdict.last:
        verdict.report("chain-broken", place, "it does not follow the event before it")
    version = version_of(event.hash)
    if event.hash != bytes_digest(told, version) or not untouched(event, version):
        verdict.report("event-changed", place, "it is not as it was written")


def _verify_mac(verdict: Verdict, event: EventRow, ring: Keyring) -> None:
    found = check_mac(ring, event)
    verdict.keyed += found is Mac.GOOD
    if found in _MAC_FAULTS:
        verdict.report(f"mac-{found.name.lower()}", f"event/{event.seq}", _MAC_FAULTS[found])


def _compare_pinned(verdict: Verdict, epoch: Epoch | None, peaks: merkle.Peaks) -> None:
    if epoch and (epoch.root, epoch.last) != (peaks.root().hex(), verdict.last):
        message = f"the {peaks.size} events before it are not those that the keyring pins"
        verdict.report("epoch-root", f"epoch/{epoch.id}", message)


def _compare_heads(verdict: Verdict, heads: Iterable[Head], peaks: merkle.Peaks) -> None:
    for head in heads:
        if (head.root, head.last) != (peaks.root().hex(), verdict.last):
            message = "the ledger up to here differs from the one that was signed"
            verdict.report("past-rewritten", f"head/{head.size}", message)


def _verify_rows(session: Session, verdict: Verdict, table: type[Base]) -> None:
    """Every row of a table is as its last event says."""
    for portion in _portions(session, table):
        told = ledger.told(session, [row_name(row) for row in portion])
        for row in portion:
            verdict.rows += 1
            name = row_name(row)
            if not told.get(name):
                verdict.report("row-unknown", name, "no event records this row")
            elif not tells(told[name], row):
                verdict.report("row-changed", name, "it is not as the ledger says")


def _portions(session: Session, table: type[Base]) -> Iterator[Sequence[Base]]:
    keys = list(table.__table__.primary_key)
    query = select(table).order_by(*keys).limit(PORTION)
    portion = session.scalars(query).all()
    while portion:
        yield portion
        after = [getattr(portion[-1], key.name) for key in keys]
        session.expunge_all()
        portion = session.scalars(query.where(later_key(keys, after))).all()


def _verify_group(session: Session, verdict: Verdict, group: Group) -> None:
    """Every group of rows is as the last event of it says, and every row has an owner."""
    for portion in portions(session, group.table):
        told = ledger.told(session, [each.name for each in portion])
        for subject, state in portion.items():
            verdict.rows += 1
            said = told.get(subject.name, "")
            if not said:
                verdict.report("row-unknown", subject.name, "no event records this row")
            elif not group.tells(said, state):
                verdict.report("row-changed", subject.name, "it is not as the ledger says")
    for name in strays(session, group):
        verdict.report("row-unknown", name, "no event records this row")


def _verify_none_is_missing(session: Session, verdict: Verdict, table: FromClause) -> None:
    """Every row that the ledger tells of is still there, or the ledger says that it went."""
    for name in session.scalars(_missing(table).limit(MOST_FAULTS)):
        verdict.report("row-missing", name, "the ledger records this row, but it is gone")


def _missing(table: FromClause) -> Select[str]:
    """The rows of a table whose last event does not say that they went, and that are not there."""
    name = table_name(table)
    keys = list(table.primary_key)
    spelled: Any = literal(name)
    for key in keys:
        spelled = spelled.concat("/").concat(key)
    there = select(literal(1)).where(spelled == EventRow.row)
    if len(keys) == 1:  # the key by itself has an index
        rest = func.substr(EventRow.row, len(name) + 2)
        there = select(literal(1)).where(keys[0] == cast(rest, keys[0].type))
    written = (EventRow.digest != "") | EventRow.kind.in_(WENT)
    newest = (
        select(func.max(EventRow.seq))
        .where(EventRow.row.startswith(f"{name}/"), written, EventRow.seq > 0)
        .group_by(EventRow.row)
    )
    return (
        select(EventRow.row)
        .where(EventRow.seq.in_(newest), EventRow.kind.not_in(WENT))
        .where(~there.select_from(table).exists())
        .order_by(EventRow.row)
    )
