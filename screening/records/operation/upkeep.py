"""The upkeep of an installation: what was done last, and what is left undone.

These are counts and times of the whole installation. None names a site, a case or a person.
"""

import datetime as dt
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Date, func, select
from sqlalchemy.orm import Session

from screening.records.case.case_rows import State
from screening.records.casework.emergency_list import count_open
from screening.records.ledger.events import EventKind
from screening.records.ledger.records import Records
from screening.records.ledger.site_days import by_site, days_of_cases, site_days
from screening.records.storage.tables import CaseRow, ChaseRow, EventRow, SiteRow
from screening.records.worklist.urgency import Glances, Group, UrgencyOrder


@dataclass(frozen=True, slots=True, kw_only=True)
class Upkeep:
    """The state of an installation.

    ``backup_at`` and ``verified_at`` are the moments of the last backup and the last verification
    without faults, None before the first. ``emergencies_without_handover`` are undecided cases; at
    most ``urgency.MOST`` cases are opened to count them.
    """

    backup_at: dt.datetime | None
    verified_at: dt.datetime | None
    failed_sign_ins: int
    emergencies_without_handover: int
    open_emergency_accesses: int
    overdue_tasks: int


def read_upkeep(records: Records) -> Upkeep:
    """The state now.

    Raises:
        DatabaseUnavailableError: if the database cannot be read.
        KeyringError: if there is no keyring.
    """
    ring = records.keyring()
    with records.database.reading() as session:
        sites = frozenset(session.scalars(select(SiteRow.id)))
        day = days_of_cases(session, records, sites)
        cases = [CaseRow.erased_at.is_(None)]
        opened = UrgencyOrder.of(Glances(session, ring), cases, day).opened
        return Upkeep(
            backup_at=_last(session, EventKind.BACKUP_MADE),
            verified_at=_last(session, EventKind.LEDGER_VERIFIED),
            failed_sign_ins=_failed_sign_ins(session),
            emergencies_without_handover=len(opened.get(Group.UNTOLD, [])),
            open_emergency_accesses=count_open(session, records),
            overdue_tasks=_overdue(session, by_site(site_days(session, records, sites), Date())),
        )


def _last(session: Session, kind: EventKind) -> dt.datetime | None:
    newest = select(EventRow.at).where(EventRow.kind == kind.value)
    return session.scalar(newest.order_by(EventRow.seq.desc()).limit(1))


def _failed_sign_ins(session: Session) -> int:
    failed = EventRow.kind == EventKind.SIGN_IN_FAILED.value
    return session.scalar(select(func.count()).select_from(EventRow).where(failed)) or 0


def _overdue(session: Session, day: ColumnElement[dt.date]) -> int:
    """The number of tasks of open cases that are due before the day at the case's site."""
    open_cases = CaseRow.erased_at.is_(None), CaseRow.state != State.CLOSED.value
    tasks = select(func.count()).select_from(ChaseRow).join(CaseRow, CaseRow.id == ChaseRow.case_id)
    return session.scalar(tasks.where(*open_cases, ChaseRow.due < day)) or 0
