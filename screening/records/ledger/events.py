"""The ledger: who did what when, as a chain of hashes. It holds ids and digests, no health data.

Every write of records appends one event for each row that it writes, in the same transaction. An
event's hash covers the event before it, so that none can be changed, left out or put in between
without all later hashes changing too. ``digests`` says how rows and events are hashed. Beside its
hash, an event holds what only the keyring's owner could have made of it: see ``epochs``.
"""

from collections.abc import Mapping, Sequence
from enum import Enum
from functools import cache
from typing import TYPE_CHECKING, Any

import rfc8785
from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import Session

from screening.records.ledger.digests import (
    data_digest,
    newest_version,
    row_data,
    row_digest,
    row_name,
)
from screening.records.ledger.epochs import BEGUN, OF_EPOCH, mac_at
from screening.records.sealing.vault import Keyring
from screening.records.storage.tables import Base, EventRow

if TYPE_CHECKING:
    from screening.records.ledger.records import (
        Records,  # whose writes are watched by way of this module
    )

NO_HASH = "0" * 64
"""The hash before the first event."""
_LOCK = 4_202_611
"""The number of PostgreSQL's advisory lock that one writer of the ledger holds at a time."""
_AT_ONCE = 500
NOBODY = -1
"""The account number of a try to sign in to an account that does not exist."""
_LAST, _KEYRING = "ledger", "ledger-keyring"
_FIRST, _TOLD, _BY = "ledger-first", "ledger-told", "ledger-by"
_CASE, _DEFERRED = "ledger-case", "ledger-deferred"


class EventKind(Enum):
    """The kinds of events."""

    CASE_ADDED = "case-added"
    CASE_VIEWED = "case-viewed"
    CASE_CHANGED = "case-changed"
    CASE_CLOSED = "case-closed"
    CASE_REOPENED = "case-reopened"
    CASE_ASSIGNED = "case-assigned"  # to a person, or to nobody any more
    CASE_ERASED = "case-erased"
    ROW_RESEALED = "row-resealed"  # by an upgrade, see resealing
    CASES_EXPORTED = "cases-exported"
    REFERRAL_CHANGED = "referral-changed"
    ANSWER_GIVEN = "answer-given"  # or changed, or withdrawn: that is sealed
    CHASE_SET = "chase-set"
    CHASE_DROPPED = "chase-dropped"
    RULESET_KEPT = "ruleset-kept"
    ASSESSMENT_RECORDED = "assessment-recorded"
    ASSESSMENT_VIEWED = "assessment-viewed"
    LETTER_MADE = "letter-made"
    REVIEW_RECORDED = "review-recorded"
    NOTE_ADDED = "note-added"  # what it is about is sealed
    SIGNED_IN = "signed-in"
    SIGNED_OUT = "signed-out"
    SIGN_IN_FAILED = "sign-in-failed"
    ACCESS_REFUSED = "access-refused"
    ACCOUNT_ADDED = "account-added"
    ACCOUNT_CHANGED = "account-changed"
    PASSWORD_CHANGED = "password-changed"  # noqa: S105 - the name of an event
    SECOND_FACTOR_CHANGED = "second-factor-changed"
    LINK_MADE = "link-made"
    IDENTITY_LINKED = "identity-linked"  # a provider's, with an account
    IDENTITY_UNLINKED = "identity-unlinked"
    RIGHTS_PROPOSED = "rights-proposed"
    RIGHTS_APPROVED = "rights-approved"
    RIGHTS_REFUSED = "rights-refused"
    RIGHTS_WITHDRAWN = "rights-withdrawn"
    RIGHTS_CHANGED = "rights-changed"  # at once, with no second administrator
    LINK_OPENED = "link-opened"
    RIGHTS_SEEN = "rights-seen"  # somebody confirmed that they saw the changes
    ACCESS_REVIEWED = "access-reviewed"
    SITE_ADDED = "site-added"
    SITE_CHANGED = "site-changed"
    KEYS_ROTATED = "keys-rotated"
    KEY_DESTROYED = "key-destroyed"
    EPOCH_BEGUN = BEGUN  # events are keyed with another secret from here on
    BACKUP_MADE = "backup-made"
    FAULTY_BACKUP_MADE = "faulty-backup-made"  # the records in it have faults
    BACKUP_RESTORED = "backup-restored"
    WITNESS_RESTART_ASKED = "witness-restart-asked"  # after a restore; the witness decides
    LEDGER_READ = "ledger-read"
    LEDGER_VERIFIED = "ledger-verified"  # all of it, and no fault was found
    NUMBERS_READ = "numbers-read"
    RULES_PROPOSED = "rules-proposed"
    RULES_ACTIVATED = "rules-activated"
    EMERGENCY_OPENED = "emergency-opened"  # a case of another site, for a while
    EMERGENCY_IN_VAIN = "emergency-in-vain"  # no such case was found
    EMERGENCY_REFUSED = "emergency-refused"  # the limit of a day was reached
    EMERGENCY_LOOKED_AT = "emergency-looked-at"  # by the lead of the case's site
    EMERGENCY_FORGOTTEN = "emergency-forgotten"  # a search that found no case was erased
    EMERGENCIES_READ = "emergencies-read"
    EVIDENCE_MADE = "evidence-made"
    IMPACT_READ = "impact-read"  # what other rules would change, over all cases of one's sites
    CASE_VIEWS_READ = "case-views-read"  # who saw a case
    RECORD_ADDED = "record-added"
    RECORD_CHANGED = "record-changed"
    RECORD_REMOVED = "record-removed"
    RECORD_SNAPSHOT = "record-snapshot"  # how it was when the ledger began to cover it
    ALTERATION_FOUND = "alteration-found"  # before it was written, it was not as the ledger said


WENT = frozenset(
    {
        EventKind.CHASE_DROPPED.value,
        EventKind.IDENTITY_UNLINKED.value,
        EventKind.EMERGENCY_FORGOTTEN.value,
        EventKind.RECORD_REMOVED.value,
    }
)
"""The digest in the last event of a row that is rightly gone."""


def append(  # noqa: PLR0913 - an event has these parts
    session: Session,
    records: "Records",
    *,
    by: int,
    kind: EventKind,
    case_id: str = "",
    row: str = "",
    digest: str = "",
    change: Mapping[str, Any] | None = None,
) -> EventRow:
    """Append an event, in the transaction of its row.

    Args:
        session: a writing one.
        records: where the clock is.
        by: the number of the account that acts; 0 is the command line, ``NOBODY`` is no account.
        kind: what happened.
        case_id: the case that it concerns.
        row: table and primary key of the row that was written, as ``digests.row_name`` gives them.
        digest: what ``digests.row_digest`` says of that row.
        change: what was before and is after, as JSON data: rights, states and digests of secrets,
            never health data or the name of a patient.

    Returns:
        The event. Its number, moment and hash are set at the end if the transaction ``defer``s.
    """
    event = EventRow(
        by=by,
        kind=kind.value,
        case_id=case_id,
        row=row,
        digest=digest,
        change=None if change is None else rfc8785.dumps(dict(change)).decode(),
    )
    session.info[_BY] = by
    if digest or kind.value in WENT:
        session.info.setdefault(_TOLD, {})[row] = digest
    if is_deferring(session):
        session.info[_DEFERRED].append(event)
    else:
        _place(session, records, event)
    return event


def _place(session: Session, records: "Records", event: EventRow) -> None:
    """Make an event the last one of the chain."""
    seq, previous = last(session)
    event.seq, event.previous, event.at = seq + 1, previous, records.now()
    event.hash = event_hash(event)
    event.mac = mac_at(_keyring(session, records), event.seq, event.hash)
    session.add(event)
    session.info[_LAST] = (event.seq, event.hash)


def defer(session: Session, case_id: str) -> None:
    """Let the events of this transaction get their places at its end, all at once.

    Until then other transactions append theirs, so that nobody waits for the ledger while this one
    works. Nobody else may write the rows of the case meanwhile: the caller has locked its row. What
    else is written takes the ledger's lock by itself, unless it is new.
    """
    session.info[_CASE], session.info[_DEFERRED] = case_id, []


def is_deferring(session: Session) -> bool:
    """True if events of this transaction get their places at its end."""
    return _DEFERRED in session.info


def find_locked_case(session: Session) -> str | None:
    """The case whose rows only this transaction can write, if it defers its events."""
    case_id: str | None = session.info.get(_CASE)
    return case_id


def place_deferred(session: Session, records: "Records") -> None:
    """Give the events that were deferred their places; nobody else can append from now on."""
    deferred: list[EventRow] = session.info.get(_DEFERRED, [])
    for event in deferred:
        _place(session, records, event)
    deferred.clear()


def append_row(  # noqa: PLR0913 - an event has these parts
    session: Session, records: "Records", *, by: int, kind: EventKind, case_id: str, row: Base
) -> None:
    """Append the event of a row that is written now."""
    name, digest = row_name(row), row_digest(row)
    append(session, records, by=by, kind=kind, case_id=case_id, row=name, digest=digest)


def append_epoch(session: Session, records: "Records", *, by: int) -> None:
    """Append the event that the keyring's newest epoch begins: it shows that the ledger is keyed.

    It shows that even if a keyring without epochs is put back, and whatever becomes of the MACs.
    """
    name = f"{OF_EPOCH}{_keyring(session, records).epochs[-1].id}"
    append(session, records, by=by, kind=EventKind.EPOCH_BEGUN, row=name)


def record_event(
    records: "Records", by: int, kind: EventKind, *, case_id: str = "", row: str = ""
) -> None:
    """Append an event that belongs to no other write, as when somebody signs in."""
    with records.database.writing() as session:
        append(session, records, by=by, kind=kind, case_id=case_id, row=row)


def record_view(
    records: "Records", by: int, kind: EventKind, *, case_id: str, row: str = ""
) -> None:
    """Append the event of a look at a record, with those of others who look now.

    It is kept when this returns; within ``group_commit.waiting_at_the_end`` when that ends.
    """

    def work(session: Session) -> None:
        append(session, records, by=by, kind=kind, case_id=case_id, row=row)

    records.views.write(records.database, work)


def last(session: Session) -> tuple[int, str]:
    """Number and hash of the last event; nobody else can append until this transaction ends."""
    if _LAST not in session.info:
        with session.no_autoflush:  # a flush would come here again, and ask for both twice
            lock(session)
            found = session.execute(_newest()).first()
        session.info[_LAST] = (found.seq, found.hash) if found else (0, NO_HASH)
        session.info[_FIRST] = session.info[_LAST][0] + 1
    seq, event = session.info[_LAST]
    return seq, event


@cache
def _newest() -> "Select[int, str]":
    newest = select(EventRow.seq, EventRow.hash).where(EventRow.seq > 0)
    return newest.order_by(EventRow.seq.desc()).limit(1)


def size(session: Session) -> int:
    """The number of events in the ledger."""
    return session.scalar(select(func.max(EventRow.seq))) or 0


def current_digests(session: Session) -> Mapping[str, str]:
    """This transaction's digest of each row so far, empty for one that went."""
    last_digests: dict[str, str] = session.info.get(_TOLD, {})
    return last_digests


def find_acting_account(session: Session) -> int | None:
    """The account that the newest event of this transaction names."""
    by: int | None = session.info.get(_BY)
    return by


def digests_before(session: Session, rows: Sequence[str]) -> dict[str, str]:
    """The last digests when this transaction began, as ``current_digests`` gives them.

    A transaction that has no event in the table yet need not keep others from appending: those
    that defer theirs ask only for rows that nobody else can write.
    """
    if is_deferring(session) and _LAST not in session.info:
        return last_digests(session, rows)
    last(session)
    first: int = session.info[_FIRST]
    return last_digests(session, rows, EventRow.seq < first)


def last_digests(
    session: Session, rows: Sequence[str], *where: ColumnElement[bool]
) -> dict[str, str]:
    """The digest in the last event of each row, empty if it went."""
    written = (EventRow.digest != "") | EventRow.kind.in_(WENT)
    found: dict[str, str] = {}
    for start in range(0, len(rows), _AT_ONCE):
        named = EventRow.row.in_(rows[start : start + _AT_ONCE])
        chosen = (named, written, EventRow.seq > 0, *where)
        newest = select(func.max(EventRow.seq)).where(*chosen).group_by(EventRow.row)
        query = select(EventRow.row, EventRow.digest).where(EventRow.seq.in_(newest))
        found |= {each.row: each.digest for each in session.execute(query)}
    return found


def close_batch(session: Session) -> None:
    """Treat the events of this transaction so far as earlier events."""
    if _LAST in session.info:
        session.info[_FIRST] = session.info[_LAST][0] + 1
        session.info.pop(_TOLD, None)


def forget(session: Session) -> None:
    """Let the next transaction of a session begin without what this one knows."""
    for name in (_LAST, _KEYRING, _FIRST, _TOLD, _BY, _CASE, _DEFERRED):
        session.info.pop(name, None)


def lock(session: Session) -> None:
    """Let no other transaction append until this one ends. A writing session of SQLite is alone."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(select(func.pg_advisory_xact_lock(_LOCK)))


def _keyring(session: Session, records: "Records") -> Keyring:
    """The keyring, looked at once: who begins an epoch holds the ledger's lock, as we do."""
    if _KEYRING not in session.info:
        session.info[_KEYRING] = records.keyring()
    ring: Keyring = session.info[_KEYRING]
    return ring


def event_data(event: EventRow, version: int) -> dict[str, Any]:
    """The content of an event's hash by a version: all but the hash and what keys it."""
    data = row_data(event, version)
    del data["hash"]
    return data


def event_hash(event: EventRow) -> str:
    """The hash that a new event gets."""
    version = newest_version(EventRow)
    return data_digest(event_data(event, version), version)
