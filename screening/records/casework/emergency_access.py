"""Emergency access: open a case of another site by reference, with a reason, for a short time.

People can read such cases and not change them. Nothing shows whether there is such a case before
the reason is given. A search that finds no case is kept for the auditors, sealed under a key of its
own. The database counts how many cases one person opens, and how many searches find none, within 24
hours. So the limits hold for all processes together. Administrators can open no case.
"""

import datetime as dt
import json
from collections.abc import Mapping
from dataclasses import astuple, dataclass, replace
from functools import cache, partial
from typing import Any

from sqlalchemy import ColumnElement, Select, bindparam, func, select
from sqlalchemy.orm import Session

from screening.core.values.note import EMERGENCY_NOTE
from screening.errors import ScreeningError
from screening.records.access import Actor, Permission, Role
from screening.records.case import idempotency
from screening.records.case.case_rows import (
    Case,
    case_select,
    check_permission,
    load_names,
    read_listed_case,
)
from screening.records.case.case_write import new_id
from screening.records.case.search_index import site_tokens
from screening.records.case.unreadable import (
    UNREADABLE_NOTE,
    read_note_or_mark,
)
from screening.records.errors import ErasedError, NotAllowedError, UnfitFieldError
from screening.records.ledger import events
from screening.records.ledger.events import EventKind
from screening.records.ledger.records import Records
from screening.records.sealing import padding, vault
from screening.records.sealing.case_keys import find_index_key, load_key
from screening.records.sealing.search_tokens import reference_term
from screening.records.sealing.vault import DataKey, SealError
from screening.records.storage.tables import (
    CaseRow,
    EmergencyCheckRow,
    EmergencyRow,
    EmergencyTryRow,
    SecretRow,
    SiteRow,
    WordRow,
)
from screening.translation import Phrases, gettext

LONGEST_SOUGHT = 200
"""The most characters that are kept of a reference that was not found; no case has more."""
MOST_KEPT = 10
"""So many times its limit, one person's searches are kept within 24 hours; so nobody can fill the
auditors' list, and hide there what was sought before."""
DAY = dt.timedelta(hours=24)
MOST_CASES = 5
"""Cases of one reference that are opened together; which of them it is, only a look can tell."""
PAGE = 200
_BLOCK = 8_192
"""The block to which a search that found no case is padded, so that its length shows nothing."""
_NEWEST = (EmergencyRow.at.desc(), EmergencyRow.id)
REASONS = Phrases(
    {
        "patient-here": "The patient is here and needs care now",
        "site-unreachable": "The patient's own site cannot be reached, and care cannot wait",
        "asked-by-clinician": "A clinician who treats the patient asks for it now",
    }
)
"""A code keeps its meaning for ever."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """The time that a case stays open, and the uses that one person has within 24 hours.

    ``cases`` are different cases that are opened, ``tries`` are searches that find none.
    """

    minutes: int = 60
    cases: int = 5
    tries: int = 10


class TooManyError(ScreeningError):
    """The person reached a limit: cases opened, or searches that found none, within 24 hours."""

    def __init__(self) -> None:
        """Say what would help, and not whether there is such a case."""
        super().__init__(
            "you have reached the limit of emergency access for 24 hours; phone the patient's"
            " site, or ask a colleague"
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessCheck:
    """Somebody at the case's site checked an emergency access."""

    by: str
    at: dt.datetime
    finding: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EmergencyAccess:
    """An opening of a case of another site. The note is empty once the case was erased."""

    id: str
    case_id: str
    by: str
    by_id: int
    reason: str
    note: str
    at: dt.datetime
    expires_at: dt.datetime
    check: AccessCheck | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EmergencyRequest:
    """The statement of a person who opens a case of another site."""

    reference: str
    reason: str
    note: str

    def check(self) -> None:
        """Make sure that everything is stated and can be kept.

        Raises:
            UnfitFieldError: if not.
        """
        for error in self.unfit().values():
            raise error

    def unfit(self) -> dict[str, UnfitFieldError]:
        """The faults of what is missing or cannot be kept, by field, in the order of the form."""
        found = {}
        if self.reason not in REASONS:
            found["reason"] = UnfitFieldError("reason", "choose one that is offered")
        if fault := EMERGENCY_NOTE.fault(self.note):
            found["note"] = UnfitFieldError.of_note("note", self.note, EMERGENCY_NOTE, fault)
        if not self.reference.strip():
            found["reference"] = UnfitFieldError("reference", "it is missing")
        return found


def open_emergency_access(
    records: Records, actor: Actor, request: EmergencyRequest, key: str, limits: Limits = Limits()
) -> tuple[str, ...]:
    """Open the cases of other sites that have a reference; gives their ids, or none.

    Args:
        records: where the cases are.
        actor: who asks.
        request: what is stated.
        key: that of the form; sent twice, it opens nothing twice.
        limits: how long they stay open, and how many one person may open.

    Raises:
        NotAllowedError: if the person sees no cases, or is an administrator.
        UnfitFieldError: if something is not stated.
        IdempotencyKeyError: if the key is malformed.
        TooManyError: if the person did so too often. It counts as a search that found none.
    """
    _check_may_open(actor)
    request.check()
    kind = EventKind.EMERGENCY_OPENED
    try:
        with records.database.writing() as session:
            events.lock(session)  # of two that come at once, the second counts the first
            form = idempotency.PostedForm(actor, key, kind, [*astuple(request), limits.minutes])
            earlier = idempotency.find_result(session, form)
            if earlier is None:
                earlier = " ".join(_open_all(session, records, actor, request, limits))
                idempotency.keep_result(session, records, form, earlier)
    except TooManyError:
        _record_refused(records, actor, request, limits)
        raise
    return tuple(earlier.split())


def with_emergency_access(records: Records, actor: Actor) -> Actor:
    """The person with the cases of other sites that are open to the person at this moment."""
    if not actor.may(Permission.VIEW) or Role.ADMINISTRATOR in actor.roles:
        return actor
    with records.database.reading() as session:
        return replace(actor, emergency_cases=_still_open(session, records, actor))


def open_until(records: Records, actor: Actor, case: Case) -> dt.datetime | None:
    """Until when a case of another site is open to a person; None for one of the person's own."""
    if case.site_id in actor.sites:
        return None
    mine = (EmergencyRow.by == actor.id) & (EmergencyRow.case_id == case.id)
    query = select(EmergencyRow.expires_at).where(mine)
    with records.database.reading() as session:
        return session.scalar(query.order_by(EmergencyRow.expires_at.desc()).limit(1))


def case_accesses(records: Records, actor: Actor, case: Case) -> tuple[EmergencyAccess, ...]:
    """Accesses to a case from other sites, the newest first; for people of the case's own site."""
    if case.site_id not in actor.sites:
        return ()
    with records.database.reading() as session:
        found = newest_accesses(session, records, EmergencyRow.case_id == case.id)
    return tuple(opening for opening, _ in found)


def newest_accesses(
    session: Session, records: Records, condition: ColumnElement[bool]
) -> tuple[tuple[EmergencyAccess, Case], ...]:
    """The newest openings that meet a condition, each with its case and who looked at it."""
    query = case_select().add_columns(EmergencyRow, EmergencyCheckRow)
    query = query.join(EmergencyRow, EmergencyRow.case_id == CaseRow.id)
    query = query.outerjoin(EmergencyCheckRow, EmergencyCheckRow.access_id == EmergencyRow.id)
    found = session.execute(query.where(condition).order_by(*_NEWEST).limit(PAGE)).all()
    people = {row.by for each in found for row in each[-2:] if row is not None}
    names, ring = load_names(session, people), records.keyring()
    keys = _keys(session, records, {each[-2].case_id for each in found})
    return tuple(
        (
            replace(_emergency(row, names, keys), check=_check(check, names)),
            read_listed_case(ring, case),
        )
        for *case, row, check in found
    )


def emergency_accesses(records: Records, actor: Actor) -> tuple[tuple[EmergencyAccess, Case], ...]:
    """The newest openings of cases of an auditor's sites, each with its case; one event says so.

    Raises:
        NotAllowedError: if the person is no auditor.
    """
    check_permission(actor, Permission.AUDIT)
    events.record_event(records, actor.id, EventKind.EMERGENCIES_READ)
    with records.database.reading() as session:
        return newest_accesses(session, records, CaseRow.site_id.in_(sorted(actor.sites)))


def _still_open(session: Session, records: Records, actor: Actor) -> frozenset[str]:
    """The cases of other sites that are open to a person at this moment."""
    return frozenset(session.scalars(_open_cases(), {"me": actor.id, "now": records.now()}))


@cache
def _open_cases() -> Select[str]:
    """The cases that are open to ``me`` at ``now``. Every page of a case asks."""
    mine = EmergencyRow.by == bindparam("me")
    return select(EmergencyRow.case_id).where(mine, EmergencyRow.expires_at > bindparam("now"))


def _check_may_open(actor: Actor) -> None:
    check_permission(actor, Permission.VIEW)
    if Role.ADMINISTRATOR in actor.roles:
        raise NotAllowedError(Permission.VIEW)


def _matching(
    session: Session, records: Records, actor: Actor, reference: str, most: int
) -> list[str]:
    index = find_index_key(session, records.keyring())
    others = session.scalars(select(SiteRow.id).where(SiteRow.id.not_in(sorted(actor.sites))))
    query = (
        select(CaseRow.id)
        .join(WordRow, WordRow.case_id == CaseRow.id)
        .where(WordRow.token.in_(site_tokens(index, others, reference_term(reference))))
        .where(CaseRow.site_id.not_in(sorted(actor.sites)), CaseRow.erased_at.is_(None))
    )
    return list(
        session.scalars(query.order_by(CaseRow.touched_at.desc()).limit(min(MOST_CASES, most)))
    )


def _open_all(
    session: Session, records: Records, actor: Actor, request: EmergencyRequest, limits: Limits
) -> list[str]:
    """Open what there is, and keep what there is not; gives the ids.

    Cases that share a reference are opened all or not at all: some of them might leave out the
    patient who is meant.

    Raises:
        TooManyError: if the person reached a limit, when it is the same whether there is such a
            case, or if all the cases of the reference together would exceed it.
    """
    opened, in_vain = _counted(session, records, actor)
    cases = _matching(session, records, actor, request.reference, limits.cases)
    again = cases and opened.issuperset(cases)
    over = len(opened) >= limits.cases or len(opened.union(cases)) > limits.cases
    if not again and (over or in_vain >= limits.tries):
        raise TooManyError
    still = _still_open(session, records, actor)
    for case_id in [each for each in cases if each not in still]:
        _open(session, records, actor, case_id, request, limits.minutes)
    if not cases:
        _keep_sought(session, records, actor, request, EventKind.EMERGENCY_IN_VAIN)
    return cases


def _counted(session: Session, records: Records, actor: Actor) -> tuple[frozenset[str], int]:
    """The cases that a person opened within the last day, and how often none was found or shown."""
    since = records.now() - DAY
    mine = (EmergencyRow.by == actor.id) & (EmergencyRow.at > since)
    opened = frozenset(session.scalars(select(EmergencyRow.case_id).where(mine)))
    vain = (EmergencyTryRow.by == actor.id) & (EmergencyTryRow.at > since)
    return opened, session.scalar(select(func.count()).where(vain)) or 0


def _record_refused(
    records: Records, actor: Actor, request: EmergencyRequest, limits: Limits
) -> None:
    """Keep a search that was refused like one that found no case, or else its event alone."""
    kind = EventKind.EMERGENCY_REFUSED
    with records.database.writing() as session:
        events.lock(session)
        _, in_vain = _counted(session, records, actor)
        if in_vain < MOST_KEPT * limits.tries:
            _keep_sought(session, records, actor, request, kind)
        else:
            events.append(session, records, by=actor.id, kind=kind)


def _keep_sought(
    session: Session, records: Records, actor: Actor, request: EmergencyRequest, kind: EventKind
) -> None:
    """Keep a search that opened no case, under a key of its own that can be destroyed."""
    key = vault.DataKey.make(new_id())
    key_id, wrapped = vault.wrap(records.keyring(), key)
    session.add(SecretRow(name=key.name, key_id=key_id, wrapped=wrapped))
    told = {
        "reference": request.reference.strip()[:LONGEST_SOUGHT],
        "note": request.note.strip(),
        "refused": kind is EventKind.EMERGENCY_REFUSED,
    }
    said = json.dumps(told, ensure_ascii=False).encode("utf-8", "replace")
    row = EmergencyTryRow(
        id=key.name,
        by=actor.id,
        reason=request.reason,
        sealed=key.seal(padding.pad(said, _BLOCK), "emergency_tries", key.name, 1),
        at=records.now(),
    )
    session.add(row)
    events.append_row(session, records, by=actor.id, kind=kind, case_id="", row=row)


def _open(  # noqa: PLR0913, PLR0917 - the case, what is stated, and how long
    session: Session,
    records: Records,
    actor: Actor,
    case_id: str,
    request: EmergencyRequest,
    minutes: int,
) -> None:
    key, row_id, now = load_key(session, records.keyring(), case_id), new_id(), records.now()
    said = json.dumps({"note": request.note.strip()}, ensure_ascii=False).encode()
    row = EmergencyRow(
        id=row_id,
        case_id=case_id,
        by=actor.id,
        reason=request.reason,
        sealed=key.seal(padding.pad(said, padding.NOTE), "emergency_accesses", row_id, 1),
        at=now,
        expires_at=now + dt.timedelta(minutes=minutes),
    )
    session.add(row)
    kind = EventKind.EMERGENCY_OPENED
    events.append_row(session, records, by=actor.id, kind=kind, case_id=case_id, row=row)


def _keys(session: Session, records: Records, cases: set[str]) -> dict[str, DataKey | None]:
    """The keys of those cases that were not erased; None for one that cannot be opened."""
    found: dict[str, DataKey | None] = {}
    ring = records.keyring()
    for case_id in cases:
        try:
            found[case_id] = load_key(session, ring, case_id)
        except ErasedError:
            continue
        except SealError:
            found[case_id] = None
    return found


def _emergency(
    row: EmergencyRow, names: Mapping[int, str], keys: Mapping[str, DataKey | None]
) -> EmergencyAccess:
    note = _note(keys[row.case_id], row) if row.case_id in keys else ""
    return EmergencyAccess(
        id=row.id,
        case_id=row.case_id,
        by=names.get(row.by, f"account {row.by}"),
        by_id=row.by,
        reason=row.reason,
        note=note,
        at=row.at,
        expires_at=row.expires_at,
    )


def _note(key: DataKey | None, row: EmergencyRow) -> str:
    """The note of an access, or a warning if it cannot be read."""
    found = read_note_or_mark(partial(_open_note, key, row)) if key else {}
    return str(found.get("note", gettext(UNREADABLE_NOTE)))


def _open_note(key: DataKey, row: EmergencyRow) -> dict[str, Any]:
    note: dict[str, Any] = json.loads(key.unseal(row.sealed, "emergency_accesses", row.id, 1))
    return note


def _check(row: EmergencyCheckRow | None, names: Mapping[int, str]) -> AccessCheck | None:
    if row is None:
        return None
    return AccessCheck(by=names.get(row.by, f"account {row.by}"), at=row.at, finding=row.finding)
