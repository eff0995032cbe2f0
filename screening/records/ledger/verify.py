"""Whether the ledger is whole, whether it tells of every row, and whether a witness agrees.

Memory does not grow with the ledger: events and rows are read in portions.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import rfc8785
from sqlalchemy import (
    ColumnElement,
    FromClause,
    Integer,
    Select,
    case,
    cast,
    func,
    literal,
    select,
    text,
    tuple_,
)
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from screening.records.ledger import events as ledger
from screening.records.ledger import merkle, snapshots
from screening.records.ledger.covered import (
    GROUPS,
    LATER,
    Group,
    Subject,
    key_portions,
    read_states,
    single_tables,
    stored_text,
    strays,
)
from screening.records.ledger.digests import (
    bytes_digest,
    row_name,
    table_name,
    tells,
    untouched,
    version_of,
)
from screening.records.ledger.epochs import BEGUN, OF_EPOCH, Mac, check_mac, epochs_in_force
from screening.records.ledger.events import NO_HASH, WENT, EventKind, event_data
from screening.records.ledger.records import Records
from screening.records.ledger.signed_head import Head, Verifier
from screening.records.ledger.spelling import misspelled
from screening.records.sealing.vault import Epoch, Keyring
from screening.records.storage.append_only import unguarded
from screening.records.storage.shape import differences
from screening.records.storage.tables import Base, EventRow

ALTERED = EventKind.ALTERATION_FOUND.value
PORTION = 1_000
MOST_FAULTS = 100
"""The most faults of one kind that are listed; many of one kind hide none of another."""
_UNREADABLE = (ValueError, TypeError, AttributeError, OverflowError, DBAPIError)
"""What comes of a value that the application cannot have written."""
_READ_FAULT = "it holds a value that the application never writes"
Key = tuple[Any, ...]
Found = tuple[str, str, str]
"""A fault that is not reported yet: its code, place and message."""
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


@dataclass(frozen=True, slots=True)
class Unread:
    """What can be read of an event that the application cannot have written."""

    seq: int
    hash: str


@dataclass(slots=True)
class Verdict:
    """What a verification found: how much was read, the state of the ledger, every fault.

    ``keyed`` counts the events that only the keyring's owner can have written; ``newest`` is the
    number of the last event; ``found`` counts the
    faults of each kind: by code, and by table or what else they are in. ``contradicted_by`` are the
    heads with a good signature that do not fit, however many faults are listed.
    """

    events: int = 0
    rows: int = 0
    heads: int = 0
    keyed: int = 0
    newest: int = 0
    root: str = merkle.EMPTY.hex()
    last: str = NO_HASH
    faults: list[Fault] = field(default_factory=list)
    found: Counter[tuple[str, str]] = field(default_factory=Counter)
    contradicted_by: set[Head] = field(default_factory=set)

    def report(self, code: str, place: str, message: str) -> None:
        """Note a fault."""
        kind = code, place.partition("/")[0]
        self.found[kind] += 1
        if self.found[kind] <= MOST_FAULTS:
            self.faults.append(Fault(code=code, place=place, message=message))

    def unlisted(self) -> list[tuple[tuple[str, str], int]]:
        """How many faults of a kind are not in the list, where that is any."""
        more = ((kind, found - MOST_FAULTS) for kind, found in self.found.items())
        return [(kind, count) for kind, count in more if count > 0]


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
    with records.database.reading() as session, _any_text(session):
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
    told = lost & {each.code for each in verdict.faults}
    if verdict.events and not verdict.keyed and not told:
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
    except _UNREADABLE:
        verdict.report("unreadable", place, _READ_FAULT)


@contextmanager
def _any_text(session: Session) -> Iterator[None]:
    """Let a text of SQLite that is no UTF-8 be a fault of its row, not of the whole reading."""
    if session.get_bind().dialect.name != "sqlite":
        yield
        return
    connection: Any = session.connection().connection.dbapi_connection
    connection.text_factory = partial(bytes.decode, encoding="utf-8", errors="surrogateescape")
    try:
        yield
    finally:
        connection.text_factory = str


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
        with _readable(verdict, table.__tablename__):
            _verify_none_is_missing(session, verdict, table.__table__)
    for group in GROUPS if begun else ():
        with _readable(verdict, group.name):
            _verify_group(session, verdict, group)
        with _readable(verdict, group.name):
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
            says = verifier.refusal(head) if verifier else "no key is known to check it by"
            verdict.report("head-signature", f"head/{head.size}", says)
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
    for event in _every_event(session):
        peaks.add(merkle.leaf(_take(verdict, event, ring)))
        verdict.events, verdict.last, verdict.newest = peaks.size, event.hash, event.seq
        _compare_pinned(verdict, begun.pop(peaks.size, None), peaks)
        _compare_heads(verdict, unmet.pop(peaks.size, []), peaks)
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


def _every_event(session: Session) -> Iterator[EventRow | Unread]:
    """The events by their numbers; in place of one that cannot be read what can be read of it."""
    for keys in key_portions(session, EventRow.__table__):
        numbers = [seq for (seq,) in keys if seq > 0]
        found: Iterable[EventRow | Unread]
        try:
            found = _events_of(session, numbers)
        except _UNREADABLE:
            found = (_event_or_unread(session, seq) for seq in numbers)
        yield from found
        session.expunge_all()


def _events_of(session: Session, numbers: Sequence[int]) -> Sequence[EventRow]:
    query = select(EventRow).where(EventRow.seq.between(numbers[0], numbers[-1]))
    return session.scalars(query.order_by(EventRow.seq)).all() if numbers else ()


def _event_or_unread(session: Session, seq: int) -> EventRow | Unread:
    try:
        (event,) = _events_of(session, [seq])
    except _UNREADABLE:
        return Unread(seq, str(session.scalar(select(EventRow.hash).where(EventRow.seq == seq))))
    return event


def _take(verdict: Verdict, event: EventRow | Unread, ring: Keyring) -> bytes:
    """Report what is wrong with an event; gives what stands for it in the Merkle tree."""
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
    except _UNREADABLE:
        pass
    verdict.report("unreadable", place, _READ_FAULT)
    return b""


def _event_faults(last: str, event: EventRow, told: bytes) -> Iterator[Found]:
    place = f"event/{event.seq}"
    if event.previous != last:
        yield "chain-broken", place, "it does not follow the event before it"
    version = version_of(event.hash)
    if event.hash != bytes_digest(told, version) or not untouched(event, version):
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


def _verify_rows(session: Session, verdict: Verdict, table: type[Base]) -> None:
    """Every row of a table is as its last event says."""

    def check(keys: Sequence[Key]) -> list[Found]:
        return list(_row_faults(session, table, keys))

    _verify_keys(session, verdict, table.__table__, check)


def _verify_group(session: Session, verdict: Verdict, group: Group) -> None:
    """Every group of rows is as the last event of it says, and every row has an owner."""

    def check(keys: Sequence[Key]) -> list[Found]:
        return list(_group_faults(session, group, keys))

    _verify_keys(session, verdict, group.table, check)
    for name in strays(session, group):
        verdict.report("row-unknown", name, "no event records this row")


def _verify_keys(
    session: Session,
    verdict: Verdict,
    table: FromClause,
    check: Callable[[Sequence[Key]], list[Found]],
) -> None:
    """Check rows in portions, and one by one where something cannot be read: it hides no other."""
    for keys in key_portions(session, table):
        verdict.rows += len(keys)
        try:
            found = check(keys)
        except _UNREADABLE:
            found = [fault for key in keys for fault in _check_one(table, key, check)]
        for fault in found:
            verdict.report(*fault)
        session.expunge_all()


def _check_one(
    table: FromClause, key: Key, check: Callable[[Sequence[Key]], list[Found]]
) -> list[Found]:
    try:
        return check([key])
    except _UNREADABLE:
        return [("unreadable", Subject(table, key).name, _READ_FAULT)]


def _row_faults(session: Session, table: type[Base], keys: Sequence[Key]) -> Iterator[Found]:
    """The faults of the rows from the first to the last of some keys."""
    named = tuple_(*table.__table__.primary_key)
    first, last = (tuple_(*map(stored_text, key)) for key in (keys[0], keys[-1]))
    rows = session.scalars(select(table).where(named >= first, named <= last)).all()
    told = ledger.told(session, [row_name(row) for row in rows])
    for row in rows:
        name = row_name(row)
        said = told.get(name, "")
        yield from _told_faults(name, said, fits=bool(said) and tells(said, row))


def _group_faults(session: Session, group: Group, keys: Sequence[Key]) -> Iterator[Found]:
    states = read_states(session, [Subject(group.table, key) for key in keys])
    told = ledger.told(session, [each.name for each in states])
    for subject, state in states.items():
        said = told.get(subject.name, "")
        yield from _told_faults(subject.name, said, fits=bool(said) and group.tells(said, state))


def _told_faults(name: str, said: str, *, fits: bool) -> Iterator[Found]:
    if not said:
        yield "row-unknown", name, "no event records this row"
    elif not fits:
        yield "row-changed", name, "it is not as the ledger says"


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
        there = select(literal(1)).where(keys[0] == _as_key(keys[0], rest))
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


def _as_key(key: ColumnElement[Any], named: ColumnElement[str]) -> ColumnElement[Any]:
    """What an event calls a row as a value of its key; of what is none, nothing."""
    if not isinstance(key.type, Integer):
        return cast(named, key.type)
    return case((named.regexp_match("^[0-9]{1,9}$"), cast(named, key.type)), else_=None)
