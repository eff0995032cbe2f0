"""The upkeep of an installation: what was done last and what is left undone, on both databases."""

import datetime as dt

import pytest
from sqlalchemy import update
from support.casework.case_writes import added, answers, once, saved
from support.casework.handovers import hand_over
from support.storage.databases import BEGIN, clock

from screening.core.results.warning_signs import Warnings
from screening.core.rules.item import Finder
from screening.records.access import Actor
from screening.records.case.case_rows import State
from screening.records.case.case_view import open_case
from screening.records.case.chase_rows import Chase
from screening.records.casework.cases import find_case
from screening.records.casework.chases import set_chases
from screening.records.ledger.events import EventKind, record_event
from screening.records.ledger.records import Records
from screening.records.operation.upkeep import Upkeep, read_upkeep
from screening.records.storage.tables import CaseRow, EmergencyRow

YESTERDAY = BEGIN.date() - dt.timedelta(days=1)
WEAK = Warnings(emergencies=("leg_weakness",))
NOTHING_YET = Upkeep(
    backup_at=None,
    verified_at=None,
    failed_sign_ins=0,
    emergencies_without_handover=0,
    open_emergency_accesses=0,
    overdue_tasks=0,
)


def chase(records: Records, nurse: Actor, case_id: str, due: dt.date) -> None:
    view = open_case(records, nurse, case_id)
    wanted = {"q": Chase(link_id="q", owner=Finder.REPORT, due=due)}
    set_chases(view, find_case(records, nurse, case_id).version, wanted, once())


def test_new_records_have_none_of_it(records: Records) -> None:
    assert read_upkeep(records) == NOTHING_YET


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        (EventKind.BACKUP_MADE, "backup_at"),
        (EventKind.LEDGER_VERIFIED, "verified_at"),
    ],
)
def test_the_last_moment_counts(records: Records, kind: EventKind, name: str) -> None:
    record_event(records, 0, kind)
    first = getattr(read_upkeep(records), name)
    clock(records).advance(hours=5)
    record_event(records, 0, kind)
    assert dt.timedelta(hours=5) <= getattr(read_upkeep(records), name) - first
    record_event(records, 0, EventKind.FAULTY_BACKUP_MADE)
    record_event(records, 0, EventKind.LEDGER_READ)
    assert getattr(read_upkeep(records), name) - first < dt.timedelta(hours=5, seconds=1)


def test_failed_sign_ins_are_counted(records: Records) -> None:
    for kind in (EventKind.SIGN_IN_FAILED, EventKind.SIGNED_IN, EventKind.SIGN_IN_FAILED):
        record_event(records, 0, kind)
    assert read_upkeep(records).failed_sign_ins == 2


def test_an_emergency_counts_until_somebody_is_told(records: Records, nurse: Actor) -> None:
    case_id = added(records, nurse)
    version = find_case(records, nurse, case_id).version
    assert read_upkeep(records).emergencies_without_handover == 0
    saved(
        records,
        nurse,
        case_id,
        version,
        answers(leg_weakness=True),
        find_warnings=lambda _: WEAK,
    )
    assert read_upkeep(records).emergencies_without_handover == 1
    hand_over(records, nurse, case_id)
    assert read_upkeep(records).emergencies_without_handover == 0


def test_a_task_is_overdue_after_its_day_in_an_open_case(records: Records, nurse: Actor) -> None:
    for due in (YESTERDAY, BEGIN.date()):
        chase(records, nurse, added(records, nurse, reference=f"R-{due}"), due)
    assert read_upkeep(records).overdue_tasks == 1
    clock(records).advance(days=1)
    assert read_upkeep(records).overdue_tasks == 2
    with records.database.writing() as session:
        session.execute(update(CaseRow).values(state=State.CLOSED.value))
    assert read_upkeep(records).overdue_tasks == 0


def test_an_emergency_access_counts_while_it_is_open(records: Records, nurse: Actor) -> None:
    now, case_id = records.now(), added(records, nurse)
    with records.database.writing() as session:
        session.add(
            EmergencyRow(
                id="e" * 32,
                case_id=case_id,
                by=nurse.id,
                reason="other",
                sealed=b"",
                at=now,
                expires_at=now + dt.timedelta(hours=1),
            )
        )
    assert read_upkeep(records).open_emergency_accesses == 1
    clock(records).advance(hours=2)
    assert read_upkeep(records).open_emergency_accesses == 0
