"""Emergency access: open a case of another site by reference, with a reason, for a short time.

People can read such cases and not change them. Nothing shows whether there is such a case before
the reason is given. A search that finds no case is kept for the auditors, sealed under a key of its
own. The database counts how many cases one person opens, and how many searches find none, within 24
hours. So the limits hold for all processes together. Administrators can open no case.
"""

import datetime as dt
import json
from dataclasses import astuple, dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from screening.core.values.note import EMERGENCY_NOTE
from screening.errors import ScreeningError
from screening.records.access import Actor, Permission, Role
from screening.records.case import idempotency
from screening.records.case.case_rows import (
    check_permission,
)
from screening.records.case.case_write import new_id
from screening.records.case.search_index import site_tokens
from screening.records.casework.emergency_list import still_open
from screening.records.errors import NotAllowedError, UnfitFieldError
from screening.records.ledger import events
from screening.records.ledger.events import EventKind
from screening.records.ledger.records import Records
from screening.records.sealing import padding, vault
from screening.records.sealing.case_keys import find_index_key, load_key
from screening.records.sealing.search_tokens import reference_term
from screening.records.storage.tables import (
    CaseRow,
    EmergencyRow,
    EmergencyTryRow,
    SecretRow,
    SiteRow,
    WordRow,
)
from screening.translation import Phrases

LONGEST_SOUGHT = 200
"""The most characters that are kept of a reference that was not found; no case has more."""
MOST_KEPT = 10
"""So many times its limit, one person's searches are kept within 24 hours; so nobody can fill the
auditors' list, and hide there what was sought before."""
DAY = dt.timedelta(hours=24)
MOST_CASES = 5
"""Cases of one reference that are opened together; which of them it is, only a look can tell."""
_BLOCK = 8_192
"""The block to which a search that found no case is padded, so that its length shows nothing."""
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
    still = still_open(session, records, actor)
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
