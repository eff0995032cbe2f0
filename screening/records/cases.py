"""Cases: referrals that are screened, each under the version that its last write made.

Whoever calls a function here is checked by it: a case of a site that is not the person's does not
exist for that person.
"""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import delete, insert
from sqlalchemy.orm import Session

from screening.core.referral import Priority, Referral
from screening.formats.referraltext import read_referral, texts_of
from screening.records import ledger
from screening.records import once as forms
from screening.records.access import Actor, Permission
from screening.records.casekeys import add_key, make_index_key
from screening.records.caserows import (
    Case,
    State,
    Summary,
    case_select,
    check_permission,
    check_visible,
    load_row,
    read_case,
    refer,
    referral_of,
    seal_summary,
    today,
)
from screening.records.ledger import EventKind
from screening.records.refusals import NoCaseError, StaleError, UnfitFieldError
from screening.records.store import Records
from screening.records.tables import CaseRow, WordRow
from screening.records.vault import DataKey
from screening.records.wordindex import tokens_of
from screening.records.worklist import Query, WorkPage, clinics, counts, find_duplicates, worklist
from screening.records.writing import Asked, CaseWrite, new_id, write_case

__all__ = [
    "Case",
    "NoCaseError",
    "Priority",
    "Query",
    "Referral",
    "StaleError",
    "State",
    "Summary",
    "WorkPage",
    "add_case",
    "add_cases",
    "change_referral",
    "clinics",
    "close_case",
    "counts",
    "find_case",
    "find_duplicates",
    "reopen_case",
    "view_case",
    "worklist",
]


def add_case(records: Records, actor: Actor, site_id: int, referral: Referral, once: str) -> str:
    """Add a case; gives its id, the same for the same ``once``.

    Raises:
        UnfitFieldError: if a field of the referral is not what it can hold.
        NoCaseError: if the site is none of the person's.
        NotAllowedError: if the person adds no cases.
    """
    (case_id,) = add_cases(records, actor, site_id, [referral], once)
    return case_id


def add_cases(
    records: Records, actor: Actor, site_id: int, referrals: Sequence[Referral], once: str
) -> tuple[str, ...]:
    """Add cases, all of them or none; gives their ids, the same for the same key.

    Raises:
        UnfitFieldError: if a field of a referral is not what it can hold.
        NoCaseError: if the site is none of the person's.
        NotAllowedError: if the person adds no cases.
    """
    check_visible(actor, site_id)
    check_permission(actor, Permission.SCREEN)
    for referral in referrals:
        _check_fit(records, referral)
    kind = EventKind.CASE_ADDED
    with records.database.writing() as session:
        ledger.lock(session)  # of two that send the same, one waits here for what the other did
        result = forms.once(session, once, actor, kind)
        if result is None:
            result = f"{new_id()} {len(referrals)}"
            for case_id, referral in zip(_ids(result), referrals, strict=True):
                _Adding(session, records, actor).add(case_id, site_id, referral)
            forms.done(session, records, key=once, actor=actor, kind=kind, result=result)
        return tuple(_ids(result))


def find_case(records: Records, actor: Actor, case_id: str) -> Case:
    """A case that the person may see.

    Raises:
        NoCaseError: if there is none.
    """
    with records.database.reading() as session:
        load_row(session, actor, case_id)
        found = session.execute(case_select().where(CaseRow.id == case_id)).one()
        return read_case(records.keyring(), found)


def view_case(records: Records, actor: Actor, case_id: str) -> Case:
    """The same for a page that is looked at, which the ledger keeps.

    Raises:
        NoCaseError: if there is none.
    """
    case = find_case(records, actor, case_id)
    row = f"{CaseRow.__tablename__}/{case_id}"
    ledger.record_event(records, actor.id, EventKind.CASE_VIEWED, case_id=case_id, row=row)
    return case


def change_referral(  # noqa: PLR0913, PLR0917 - the case, what it becomes, and the form's marks
    records: Records, actor: Actor, case_id: str, version: int, referral: Referral, once: str
) -> int:
    """Change what a case is known by; gives its new version.

    Raises:
        StaleError: if somebody changed the case since that version.
        UnfitFieldError: if a field of the referral is not what it can hold.
        NoCaseError, NotAllowedError, ClosedError: see ``writing.write_case``.
    """

    def work(case: CaseWrite) -> str:
        case.check_version(version)
        case.check_open()
        _check_fit(records, referral)
        if referral == referral_of(case.summary, case.row):
            return str(version)
        _index(case.session, make_index_key(case.session, records.keyring()), case_id, referral)
        case.row.clinic, case.row.priority = referral.clinic, referral.priority.value
        case.summary = refer(case.summary, referral)
        return str(case.finish(EventKind.REFERRAL_CHANGED))

    asked = Asked(actor=actor, case_id=case_id, once=once, kind=EventKind.REFERRAL_CHANGED)
    return int(write_case(records, asked, work))


def close_case(records: Records, actor: Actor, case_id: str, version: int, once: str) -> int:
    """Close a case: it is read from now on, and no longer worked on. Gives the new version.

    Raises:
        StaleError: if somebody changed the case since that version.
        NoCaseError, NotAllowedError, ClosedError: see ``writing.write_case``.
    """

    def work(case: CaseWrite) -> str:
        case.check_version(version)
        case.check_open()
        case.summary = replace(case.summary, reopens=case.row.state)
        return str(case.finish(EventKind.CASE_CLOSED, State.CLOSED))

    asked = Asked(actor=actor, case_id=case_id, once=once, kind=EventKind.CASE_CLOSED)
    return int(write_case(records, asked, work))


def reopen_case(records: Records, actor: Actor, case_id: str, version: int, once: str) -> int:
    """Open a closed case again, in the state that it had. Gives the new version.

    Raises:
        StaleError: if somebody changed the case since that version, or it is not closed.
        NoCaseError, NotAllowedError: see ``writing.write_case``.
    """

    def work(case: CaseWrite) -> str:
        case.check_version(version)
        if case.row.state != State.CLOSED.value:
            raise StaleError(case.row.version)
        state = State(case.summary.reopens or State.SCREENING)
        case.summary = replace(case.summary, reopens=None)
        return str(case.finish(EventKind.CASE_REOPENED, state))

    asked = Asked(actor=actor, case_id=case_id, once=once, kind=EventKind.CASE_REOPENED)
    return int(write_case(records, asked, work))


@dataclass(frozen=True, slots=True)
class _Adding:
    """The adding of cases in one transaction."""

    session: Session
    records: Records
    actor: Actor

    def add(self, case_id: str, site_id: int, referral: Referral) -> None:
        ring = self.records.keyring()
        row = self._row(case_id, site_id, referral)
        self.session.add(row)
        key = DataKey.make(case_id)
        seal_summary(key, row, Summary.of(referral))
        self.session.flush()  # the rows below refer to it
        add_key(self.session, ring, key)
        _index(self.session, make_index_key(self.session, ring), case_id, referral)
        ledger.append_row(
            self.session,
            self.records,
            by=self.actor.id,
            kind=EventKind.CASE_ADDED,
            case_id=case_id,
            row=row,
        )

    def _row(self, case_id: str, site_id: int, referral: Referral) -> CaseRow:
        at = self.records.now()
        return CaseRow(
            id=case_id,
            site_id=site_id,
            version=1,
            clinic=referral.clinic,
            priority=referral.priority.value,
            state=State.NEW.value,
            waits_for=None,
            due=None,
            created_at=at,
            created_by=self.actor.id,
            touched_at=at,
            touched_by=self.actor.id,
            erased_at=None,
        )


def _ids(result: str) -> Iterator[str]:
    """The ids of the cases that were added together: each follows from the first part."""
    batch, _, number = result.partition(" ")
    for index in range(int(number)):
        yield hashlib.sha256(f"{batch}/{index}".encode()).hexdigest()[:32]


def _index(session: Session, index: DataKey, case_id: str, referral: Referral) -> None:
    """Let a case be found by what it is known by now, and by nothing else."""
    session.execute(delete(WordRow).where(WordRow.case_id == case_id))
    tokens = sorted(tokens_of(index, referral))
    session.execute(insert(WordRow), [{"token": each, "case_id": case_id} for each in tokens])


def _check_fit(records: Records, referral: Referral) -> None:
    """Make sure that a referral is one that could have been typed."""
    read, unfit = read_referral(texts_of(referral), today(records).year)
    for field, error in unfit.items():
        raise UnfitFieldError(field, str(error))
    if read != referral:
        raise UnfitFieldError("referral", "it has characters that are not seen")
