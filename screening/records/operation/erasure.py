"""Erasure: a case's own key is destroyed, so that nothing which it sealed can be read again.

Append-only rows stay where they are, unreadable, and the ledger stays whole. What remains is that
there was a case, how many questions were answered when and by whom, and what was decided in one
word. That shows neither the patient nor an answer. The reason is sealed
under a key of all erasures, for the people who hold the keyring. Erased cases are listed
beside the keys (see ``erased_list``), so that a backup from before brings none of them back.
"""

import datetime as dt
import json
from collections.abc import Callable, Collection, Iterable, Sequence
from enum import Enum

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from screening.records.case import idempotency
from screening.records.case.case_rows import State, check_readable
from screening.records.case.case_summary import Summary, unseal_summary
from screening.records.errors import NoCaseError
from screening.records.installation.erased_list import list_erased
from screening.records.ledger import events
from screening.records.ledger.digests import row_digest, row_name
from screening.records.ledger.events import EventKind
from screening.records.ledger.records import Records
from screening.records.sealing import padding
from screening.records.sealing.case_keys import add_secret, find_secret, load_key
from screening.records.sealing.vault import DataKey, SealError
from screening.records.storage.tables import CaseKeyRow, CaseRow, ChaseRow, SecretRow, WordRow
from screening.records.verification.confirmation import find_confirmed_cases

_REASONS = "erasures"
"""The name of the key that seals why cases were erased."""
USUAL = 10
"""Up to so many cases are erased at once without a question, whatever their share of all."""
_USUAL_PART = 0.1
"""Up to this share of all cases, too."""


class Reason(Enum):
    """The reasons for erasing a case. Sealed, one of them replaces the referral's data."""

    REQUEST = "request"
    RETENTION = "retention"
    MISTAKE = "mistake"
    OTHER = "other"


def erase(records: Records, by: int, case_id: str, reason: Reason) -> None:
    """Erase a case of any site for good. To erase it again does nothing.

    No page does this: it is for the people who run the service and hold the keys.

    Raises:
        NoCaseError: if there is no such case.
    """
    with records.database.writing() as session:
        row = _locked(session, case_id)
        if row is None:
            raise NoCaseError
        _erase(session, records, row, by, reason)


def find_reason(records: Records, case_id: str) -> Reason | None:
    """The reason for which a case was erased; None if it was not.

    Raises:
        NoCaseError: if there is no such case.
    """
    with records.database.reading() as session:
        row = session.get(CaseRow, case_id)
        if row is None:
            raise NoCaseError
        if row.erased_at is None:
            return None
        key = find_secret(session, records.keyring(), _REASONS)
        return _read_reason(key, row) if key else None


def seal_reasons(session: Session, records: Records) -> None:
    """Seal why cases were erased by a version that kept it in the clear."""
    plain = [reason.value.encode() for reason in Reason]
    for row in session.scalars(select(CaseRow).where(CaseRow.sealed.in_(plain))).all():
        _seal_reason(session, records, row, Reason(row.sealed.decode()))


def is_readable(records: Records, case_id: str) -> bool:
    """True if what is sealed of a case can be opened.

    Raises:
        NoCaseError: if there is no such case.
        ErasedError: if it was erased before.
    """
    try:
        _read_summary(records, case_id)
    except SealError:
        return False
    return True


def read_reference(records: Records, case_id: str) -> str:
    """The reference of a case of whatever site.

    Raises:
        NoCaseError: if there is no such case.
        ErasedError: if it was erased before.
    """
    return _read_summary(records, case_id).reference


def _read_summary(records: Records, case_id: str) -> Summary:
    with records.database.reading() as session:
        row = session.get(CaseRow, case_id)
        if row is None:
            raise NoCaseError
        check_readable(row)
        key = load_key(session, records.keyring(), case_id)
        return unseal_summary(key, row)


def needs_handover(records: Records, case_id: str) -> bool:
    """True if an emergency sign of a case was answered yes and has no handover.

    A case from before handovers were kept counts as untold.

    Raises:
        NoCaseError: if there is no such case.
        ErasedError: if it was erased before.
    """
    summary = _read_summary(records, case_id)
    return bool(summary.taken_back) or not set(summary.emergencies) <= set(
        summary.handed_over or ()
    )


def find_overdue(records: Records, days: int) -> list[str]:
    """The cases that nobody has written to for more than so many days."""
    before = records.now() - dt.timedelta(days=days)
    overdue = select(CaseRow.id).where(CaseRow.touched_at < before, CaseRow.erased_at.is_(None))
    with records.database.reading() as session:
        return list(session.scalars(overdue.order_by(CaseRow.touched_at)))


def is_unusual(records: Records, count: int) -> bool:
    """True if so many cases are more than one night should erase.

    A wrong clock or a mistyped setting makes all cases old at once.
    """
    kept = select(func.count()).select_from(CaseRow).where(CaseRow.erased_at.is_(None))
    with records.database.reading() as session:
        total = session.scalar(kept) or 0
    return count > USUAL and count > total * _USUAL_PART


def find_altered(records: Records, case_ids: Sequence[str]) -> list[str]:
    """Those of some cases whose row is not as the ledger says, so that nothing in it counts."""
    with records.database.reading() as session:
        confirmed = find_confirmed_cases(session, records.keyring(), case_ids)
    return [each for each in case_ids if each not in confirmed]


def find_without_handover(records: Records, case_ids: Iterable[str]) -> list[str]:
    """Those of some cases whose emergency has no handover, or cannot be read."""
    found: list[str] = []
    for case_id in case_ids:
        try:
            untold = needs_handover(records, case_id)
        except SealError:
            untold = True
        found += [case_id] * untold
    return found


def erase_overdue(
    records: Records, by: int, days: int, watch: Callable[[int, int], None] | None = None
) -> int:
    """Erase those cases, each on its own; gives how many it were.

    A case that somebody wrote to in between is left alone, one that was altered, and one whose
    emergency nobody was told of. ``watch`` is called with how many are done, and of how many.
    """
    before = records.now() - dt.timedelta(days=days)
    erased = 0
    overdue = find_overdue(records, days)
    left = {*find_altered(records, overdue), *find_without_handover(records, overdue)}
    chosen = [each for each in overdue if each not in left]
    for number, case_id in enumerate(chosen, start=1):
        with records.database.writing() as session:
            row = _locked(session, case_id)
            if row is not None and row.touched_at < before:
                _erase(session, records, row, by, Reason.RETENTION)
                erased += 1
        if watch is not None:
            watch(number, len(chosen))
    return erased


def erase_again(session: Session, records: Records, listed: Collection[str]) -> int:
    """Erase what a backup brought back; gives how many cases it were."""
    back = select(CaseRow).where(CaseRow.erased_at.is_(None))
    rows = [row for row in session.scalars(back) if row.id in listed]
    for row in rows:
        _erase(session, records, row, 0, Reason.OTHER)
    for name in session.scalars(select(SecretRow.name).where(SecretRow.name.in_(listed))).all():
        forget_secret(session, records, 0, name)
    return len(rows)


def forget_secret(session: Session, records: Records, by: int, name: str) -> None:
    """Destroy the key of a search that found no case, and list it with the erased cases."""
    session.delete(session.get_one(SecretRow, name))
    kind = EventKind.EMERGENCY_FORGOTTEN
    events.append(session, records, by=by, kind=kind, row=f"secrets/{name}")
    session.flush()
    if records.erased is not None:
        list_erased(session, records.erased, name)


def _locked(session: Session, case_id: str) -> CaseRow | None:
    return session.scalar(
        select(CaseRow).where(CaseRow.id == case_id).with_for_update(key_share=True)
    )


def _erase(session: Session, records: Records, row: CaseRow, by: int, reason: Reason) -> None:
    if row.erased_at is not None:
        return
    session.get_one(CaseKeyRow, row.id).wrapped = None
    for word in session.scalars(select(WordRow).where(WordRow.case_id == row.id)).all():
        session.delete(word)
    for chase in session.scalars(select(ChaseRow).where(ChaseRow.case_id == row.id)).all():
        session.delete(chase)
        _append(session, records, by, EventKind.CHASE_DROPPED, chase)
    idempotency.forget(session, row)
    row.version += 1
    _seal_reason(session, records, row, reason)
    row.state, row.clinic, row.waits_for, row.due = State.CLOSED.value, "", None, None
    row.assigned_to, row.erased_at = None, records.now()
    digest = row_digest(row)
    _append(session, records, by, EventKind.CASE_ERASED, row, digest)
    session.flush()
    if records.erased is not None:  # before the commit: rather listed in vain than brought back
        list_erased(session, records.erased, row.id)


def _seal_reason(session: Session, records: Records, row: CaseRow, reason: Reason) -> None:
    """Seal a reason to the length of what is known of any case."""
    ring = records.keyring()
    key = find_secret(session, ring, _REASONS) or add_secret(session, ring, _REASONS)
    plain = padding.pad(json.dumps(reason.value).encode(), padding.CASE)
    row.sealed = key.seal(plain, CaseRow.__tablename__, row.id, row.version)


def _read_reason(key: DataKey, row: CaseRow) -> Reason:
    plain = key.unseal(row.sealed, CaseRow.__tablename__, row.id, row.version)
    return Reason(json.loads(plain))


def _append(  # noqa: PLR0913, PLR0917 - an event has these parts
    session: Session,
    records: Records,
    by: int,
    kind: EventKind,
    row: CaseRow | ChaseRow,
    digest: str = "",
) -> None:
    case_id = row.id if isinstance(row, CaseRow) else row.case_id
    name = row_name(row)
    events.append(session, records, by=by, kind=kind, case_id=case_id, row=name, digest=digest)
