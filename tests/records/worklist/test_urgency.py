"""What can wait least stands first in the worklist, alike on every database."""

import datetime as dt
import json
from collections.abc import Sequence
from typing import Any

import pytest
from sqlalchemy import update
from support.casework.case_writes import added, answers, once, site
from support.casework.handovers import hand_over
from support.casework.referrals import referral
from support.rulesets import shipped
from support.storage.databases import clock

from screening.core.results.warning_signs import Warnings
from screening.core.rules.item import Finder
from screening.core.values.referral import Priority
from screening.records.access import Actor
from screening.records.case.case_rows import State
from screening.records.case.case_summary import Summary
from screening.records.case.case_view import open_case
from screening.records.case.chase_rows import Chase
from screening.records.case.damaged_rows import read_rows
from screening.records.case.history import EntryMethod
from screening.records.casework.answers import Submission, save_answers
from screening.records.casework.cases import add_cases, change_referral, close_case, find_case
from screening.records.casework.chases import set_chases
from screening.records.ledger.records import Records
from screening.records.storage.tables import CaseKeyRow, CaseRow
from screening.records.worklist import urgency
from screening.records.worklist.pending_handovers import (
    count_pending_handovers,
    find_pending_handovers,
)
from screening.records.worklist.urgency import Group
from screening.records.worklist.worklist import URGENCY, Query, worklist

LATE = Chase(link_id="q", owner=Finder.REPORT, due=dt.date(2026, 11, 1))
SOON, URGENT = Priority.SOON, Priority.URGENT
ORDER = [
    *("emergency-soon", "emergency", "handed-over-urgent"),
    *("new-urgent", "asked", "new"),
    *("clinician-soon", "clinician"),
    *("late", "urgent", "soon-older", "soon-newer", "not-due"),
    *("decided-soon", "decided"),
]
EMERGENCY = Warnings(emergencies=("sign",), urgent=("fever",), open_signs=("other",))
WEAK = Warnings(emergencies=("leg_weakness",))
ASKED = Warnings(urgent=("fever",), open_signs=("sign",))
CLINICIAN = Warnings(urgent=("fever",))
KINDS: dict[str, tuple[Priority, Warnings | None]] = {
    "new": (Priority.ROUTINE, None),
    "urgent": (URGENT, Warnings()),
    "soon-newer": (SOON, Warnings()),
    "decided": (Priority.ROUTINE, Warnings()),
    "asked": (Priority.ROUTINE, ASKED),
    "late": (Priority.ROUTINE, Warnings()),
    "clinician": (Priority.ROUTINE, CLINICIAN),
    "not-due": (Priority.ROUTINE, Warnings()),
    "emergency": (Priority.ROUTINE, EMERGENCY),
    "handed-over-urgent": (URGENT, None),
    "decided-soon": (SOON, EMERGENCY),
    "soon-older": (SOON, Warnings()),
    "new-urgent": (URGENT, None),
    "clinician-soon": (SOON, CLINICIAN),
    "emergency-soon": (SOON, EMERGENCY),
}


@pytest.fixture
def cases(records: Records, nurse: Actor) -> dict[str, str]:
    """Cases by their references, each with one thing that the order looks at; touched in turns."""
    made = {
        name: added(records, nurse, reference=name, priority=priority)
        for name, (priority, _) in KINDS.items()
    }
    for name, (_, found) in KINDS.items():
        if found is not None:
            warn(records, nurse, made[name], found)
    warn(records, nurse, made["handed-over-urgent"], WEAK, leg_weakness=True)
    hand_over(records, nurse, made["handed-over-urgent"])
    version = find_case(records, nurse, made["late"]).version
    set_chases(open_case(records, nurse, made["late"]), version, {"q": LATE}, once())
    for name in ("decided", "decided-soon"):
        decide(records, made[name])
    for name in ("soon-newer", "new", "not-due"):
        clock(records).advance(minutes=1)
        touch(records, nurse, made[name])
    return made


def warn(records: Records, nurse: Actor, case_id: str, found: Warnings, **given: bool) -> None:
    """Answer a question, which makes the list warn of this."""
    version = find_case(records, nurse, case_id).version
    save_answers(
        open_case(records, nurse, case_id),
        Submission(
            version=version,
            answers=answers(r=version, **given),
            how=EntryMethod.FORM,
            idempotency_key=once(),
        ),
        find_warnings=lambda _: found,
    )


def decide(records: Records, case_id: str) -> None:
    with records.database.writing() as session:
        decided = update(CaseRow).where(CaseRow.id == case_id)
        session.execute(decided.values(state=State.DECIDED.value))


def touch(records: Records, nurse: Actor, case_id: str) -> None:
    case = find_case(records, nurse, case_id)
    other = referral(
        reference=case.referral.reference, priority=case.referral.priority, clinic="Elsewhere"
    )
    change_referral(open_case(records, nurse, case_id), case.version, other, once())


def found(records: Records, nurse: Actor, **query: object) -> list[str]:
    asked = Query(sort=URGENCY, **query)  # type: ignore[arg-type]  # by name
    return [case.referral.reference for case in worklist(records, nurse, asked).cases]


def test_what_can_wait_least_comes_first(
    records: Records, nurse: Actor, cases: dict[str, str]
) -> None:
    assert found(records, nurse) == ORDER
    assert worklist(records, nurse, Query(sort=URGENCY)).all_searched
    warn(records, nurse, cases["decided"], EMERGENCY)
    clock(records).advance(minutes=1)
    warn(records, nurse, cases["emergency"], Warnings())  # it was taken back, and nobody was told
    first = ["emergency-soon", "decided", "emergency", "handed-over-urgent", "new-urgent"]
    assert found(records, nurse)[:5] == first


def test_the_page_gives_a_case_the_group_that_the_order_gave_it(
    records: Records, nurse: Actor, cases: dict[str, str]
) -> None:
    listed = worklist(records, nurse, Query(sort=URGENCY)).cases
    groups = [urgency.group_of(case, case.state) for case in listed]
    assert groups == sorted(groups)
    assert set(groups) == set(Group) - {Group.CLOSED}
    assert len(cases) == len(groups)


def test_a_case_that_was_kept_before_emergencies_were_told_apart_comes_early(
    records: Records, nurse: Actor, cases: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def as_before(summary: Summary) -> bytes:
        data = json.loads(write(summary))
        for name in ("emergencies", "open_signs", "told", "taken_back", "noted"):
            del data[name]
        return json.dumps(data).encode()

    write = Summary.write
    monkeypatch.setattr(Summary, "write", as_before)
    warn(records, nurse, cases["clinician"], CLINICIAN)
    warn(records, nurse, cases["not-due"], Warnings())
    assert found(records, nurse)[:7] == [
        *("emergency-soon", "emergency", "handed-over-urgent", "clinician"),
        *("new-urgent", "asked", "new"),
    ]
    assert found(records, nurse)[7] == "not-due"  # nobody knows what was asked


@pytest.mark.parametrize("size", [1, 2, 3, 5, 8, 20])
def test_pages_go_on_where_the_one_before_ends(
    records: Records, nurse: Actor, cases: dict[str, str], size: int
) -> None:
    assert len(cases) == len(ORDER)
    pages = range(1, -(-len(ORDER) // size) + 1)
    listed = [each for page in pages for each in found(records, nurse, size=size, page=page)]
    assert listed == ORDER
    assert found(records, nurse, size=size, page=99) == listed[(len(pages) - 1) * size :]


def test_closed_cases_come_last_and_filters_hold(
    records: Records, nurse: Actor, cases: dict[str, str]
) -> None:
    for name in ("late", "clinician-soon"):
        case = find_case(records, nurse, cases[name])
        close_case(open_case(records, nurse, case.id), case.version, shipped.ruleset(), once())
    rest = [each for each in ORDER if each not in {"late", "clinician-soon"}]
    assert found(records, nurse) == rest
    assert found(records, nurse, closed=True) == [*rest, "clinician-soon", "late"]
    urgent = ["handed-over-urgent", "new-urgent", "urgent"]
    assert found(records, nurse, priority=URGENT) == urgent
    assert found(records, nurse, text="nobody") == []


def test_of_too_many_only_the_first_are_opened_and_it_is_said(
    records: Records, nurse: Actor, cases: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The overdue one is opened alone; that of the others one is an emergency is not known."""
    assert len(cases) == len(ORDER)
    monkeypatch.setattr(urgency, "MOST", 2)
    page = worklist(records, nurse, Query(sort=URGENCY))
    assert not page.all_searched
    listed = [case.referral.reference for case in page.cases]
    assert listed[:2] == ["new-urgent", "new"]
    assert listed[2:4] == ["late", "urgent"]
    assert sorted(listed) == sorted(ORDER)


def test_decided_cases_are_not_opened_for_the_order(
    records: Records, nurse: Actor, cases: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of them there are ever more, and the limit is kept for those that wait."""
    assert len(cases) == len(ORDER)
    undecided = [each for each in ORDER if not each.startswith(("decided", "new"))]
    monkeypatch.setattr(urgency, "MOST", len(undecided))
    assert worklist(records, nurse, Query(sort=URGENCY)).all_searched


def test_one_that_cannot_be_read_hides_no_other(records: Records, nurse: Actor) -> None:
    add_cases(records, nurse, site(nurse), [referral(priority=URGENT)] * 3, once())
    damaged = added(records, nurse)
    warn(records, nurse, damaged, EMERGENCY)
    with records.database.writing() as session:
        session.execute(update(CaseRow).where(CaseRow.id == damaged).values(sealed=b"x" * 40))
    assert len(found(records, nurse, size=3)) == 3


def test_a_case_whose_key_was_taken_away_counts_as_an_emergency_nobody_was_told_about(
    records: Records, nurse: Actor, cases: dict[str, str]
) -> None:
    assert found(records, nurse) == ORDER
    gone = cases["clinician"]
    with records.database.writing() as session:
        key = update(CaseKeyRow).where(CaseKeyRow.case_id == gone)
        session.execute(key.values(wrapped=None))
    ids = [case.id for case in worklist(records, nurse, Query(sort=URGENCY)).cases]
    assert ids.index(gone) < ids.index(cases["handed-over-urgent"])
    pending = [case.id for case in find_pending_handovers(records, nurse).cases]
    assert gone in pending
    assert count_pending_handovers(records, nurse) == len(pending) > 1


def test_the_same_sealed_bytes_are_opened_once(
    records: Records, nurse: Actor, cases: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert found(records, nurse) == ORDER
    opened: list[str] = []
    monkeypatch.setattr(urgency, "open_key", lambda *row: opened.append(row[1]))
    assert found(records, nurse) == ORDER
    assert opened == []
    assert len(cases) == len(ORDER)


@pytest.mark.parametrize("asked", [{"overdue": True}, {"page": 2, "size": 3}, {"closing": True}])
def test_a_case_is_read_once_for_the_order_and_for_the_count_of_one_page(
    records: Records,
    nurse: Actor,
    cases: dict[str, str],
    monkeypatch: pytest.MonkeyPatch,
    asked: dict[str, object],
) -> None:
    read: list[str] = []

    def note(*asked: Any) -> tuple[list[Sequence[Any]], list[str]]:  # noqa: ANN401 - as the original
        rows, lost = read_rows(*asked)
        read.extend(row[0] for row in rows)
        return rows, lost

    monkeypatch.setattr(urgency, "read_rows", note)
    page = worklist(records, nurse, Query(sort=URGENCY, **asked))  # type: ignore[arg-type]
    in_list = set(read)
    count = count_pending_handovers(records, nurse, page.glances)
    assert in_list == set(page.glances)
    assert in_list <= set(cases.values())
    assert len(read) == len(set(read)) > 0
    assert count == count_pending_handovers(records, nurse) == 2
