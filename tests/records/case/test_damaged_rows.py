"""A row that somebody changed in the database: lists show its case first."""

import datetime as dt

import pytest
from sqlalchemy import text
from support.casework.case_writes import UNKNOWN, added, once, saved
from support.casework.handovers import answered_yes
from support.storage.database_owner import unguarded

from screening.core.results.warning_signs import Warnings
from screening.core.rules.item import Finder
from screening.core.values.referral import Priority
from screening.records.access import Actor
from screening.records.case.case_rows import State
from screening.records.case.case_view import open_case
from screening.records.case.chase_rows import Chase
from screening.records.casework.chases import set_chases
from screening.records.ledger.records import Records
from screening.records.sealing.vault import SealError
from screening.records.worklist.bulk import find_likenesses
from screening.records.worklist.chase_list import Urgent, chase_list
from screening.records.worklist.pending_handovers import find_pending_handovers
from screening.records.worklist.worklist import URGENCY, Query, counts, find_duplicates, worklist

SIGN = "leg_weakness"
CHANGES = [
    "cases SET state = 'x'",
    "cases SET priority = 99",
    "cases SET waits_for = 'x'",
    "cases SET due = 'infinity'",
    "cases SET touched_at = 'x'",
    "cases SET created_at = ''",
    "chases SET owner = 'x'",
    "chases SET due = 'infinity'",
    "chases SET link_id = 'x'",
    "chases SET at = 'x'",
]


def damage(records: Records, change: str, case_id: str) -> None:
    """Write past the application."""
    name = "id" if change.startswith("cases") else "case_id"
    with records.database.writing() as session:
        session.execute(text(f"UPDATE {change} WHERE {name} = :case"), {"case": case_id})


@pytest.fixture
def cases(records: Records, nurse: Actor) -> tuple[str, str, str]:
    """One to be damaged, an emergency, and one like the first; these two are being chased."""
    made = tuple(added(records, nurse, reference=each) for each in ("R-1", "R-2", "R-3"))
    first, emergency, other = made
    due = records.now().date() + dt.timedelta(days=1)
    for case_id in (first, other):
        chase = Chase(link_id="age", owner=Finder.REPORT, due=due)
        set_chases(open_case(records, nurse, case_id), 1, {"age": chase}, once())
    answered_yes(records, nurse, emergency)
    return first, emergency, other


@pytest.mark.parametrize("change", CHANGES)
def test_it_comes_first_and_hides_no_other(
    records: Records, nurse: Actor, cases: tuple[str, str, str], change: str
) -> None:
    damaged, emergency, other = cases
    damage(records, change, damaged)
    listed = worklist(records, nurse, Query(sort=URGENCY)).cases
    pending = find_pending_handovers(records, nurse)
    calls = chase_list(records, nurse, urgent=Urgent(frozenset(), pending.urgent))
    assert [case.id for case in calls.damaged] == [damaged]
    assert [each.case.id for each in calls.entries] == [other]
    assert counts(records, nurse).states.total() == len(listed)
    if change.startswith("cases"):
        assert [case.id for case in listed] == [damaged, emergency, other]
        assert [case.id for case in pending.cases] == [damaged, emergency]
        assert [case.unreadable and case.damaged for case in listed] == [True, False, False]
        assert listed[0].state is not State.DECIDED
        assert listed[0].referral.priority is Priority.URGENT
        assert find_duplicates(records, nurse, listed[0].site_id, listed[2].referral)


def test_one_that_is_decided_or_closed_goes_by_its_state(
    records: Records, nurse: Actor, cases: tuple[str, str, str]
) -> None:
    damage(records, "cases SET state = 'decided', priority = 99", cases[0])
    listed = worklist(records, nurse, Query(sort=URGENCY)).cases
    assert [case.id for case in listed] == [cases[1], cases[2], cases[0]]
    assert listed[2].damaged
    damage(records, "cases SET state = 'closed'", cases[0])
    assert len(worklist(records, nurse, Query(sort=URGENCY)).cases) == 2


@pytest.mark.parametrize("change", CHANGES)
def test_its_own_page_says_that_it_was_changed(
    records: Records, nurse: Actor, cases: tuple[str, str, str], change: str
) -> None:
    damage(records, change, cases[0])
    with pytest.raises(SealError):
        assert open_case(records, nurse, cases[0]).chases


def test_an_import_finds_likenesses_beside_it(
    records: Records, nurse: Actor, cases: tuple[str, str, str]
) -> None:
    wanted = open_case(records, nurse, cases[0]).case
    other = open_case(records, nurse, cases[2]).case
    damage(records, "cases SET touched_at = 'x'", cases[0])
    found = find_likenesses(records, nurse, wanted.site_id, [wanted.referral, other.referral])
    assert cases[0] in {case.id for case in found[0].cases}
    assert cases[2] in {case.id for case in found[1].cases}


def test_a_case_that_was_put_back_hides_no_later_answer(
    records: Records, nurse: Actor, cases: tuple[str, str, str]
) -> None:
    """Somebody who writes past the application restores the row from before a "yes"."""
    case_id = cases[0]
    version = open_case(records, nurse, case_id).case.version
    saved(records, nurse, case_id, version, {"age": UNKNOWN})
    with records.database.writing() as session:
        before = session.execute(text("SELECT * FROM cases WHERE id = :case"), {"case": case_id})
        row = dict(before.mappings().one())
    answered_yes(records, nurse, case_id)
    with records.database.writing() as session:
        names = ", ".join(f"{name} = :{name}" for name in row)
        session.execute(text(f"UPDATE cases SET {names} WHERE id = :id"), row)
    listed = worklist(records, nurse, Query(sort=URGENCY)).cases
    assert listed[0].id == case_id
    assert [case.unreadable for case in listed] == [True, False, False]
    with pytest.raises(SealError):
        open_case(records, nurse, case_id)


def ask_about_sign(records: Records, nurse: Actor, case_id: str) -> Urgent:
    """Have the patient of a case asked about a sign; gives the glances at such calls."""
    version = open_case(records, nurse, case_id).case.version
    chase = Chase(link_id=SIGN, owner=Finder.PATIENT, due=records.now().date())
    given = (records, nurse, case_id, version, {SIGN: UNKNOWN}, {SIGN: chase})
    saved(*given, find_warnings=lambda _: Warnings(open_signs=(SIGN,)))
    return Urgent(frozenset({SIGN}), find_pending_handovers(records, nurse).urgent)


def test_a_call_about_an_emergency_sign_cannot_be_taken_off_the_list_unseen(
    records: Records, nurse: Actor, cases: tuple[str, str, str]
) -> None:
    case_id, urgent = cases[2], ask_about_sign(records, nurse, cases[2])
    assert [each.case.id for each in chase_list(records, nurse, urgent=urgent).signs] == [case_id]
    with records.database.writing() as session:
        told = {"case": case_id, "owner": "patient"}
        session.execute(text("DELETE FROM chases WHERE case_id = :case AND owner = :owner"), told)
    listed = chase_list(records, nurse, urgent=urgent)
    assert listed.signs == ()
    assert [case.id for case in listed.damaged] == [case_id]


def test_a_call_that_somebody_has_ended_since_the_glance_is_no_damage(
    records: Records, nurse: Actor, cases: tuple[str, str, str]
) -> None:
    case_id, urgent = cases[2], ask_about_sign(records, nurse, cases[2])
    assert case_id in urgent.cases
    view = open_case(records, nurse, case_id)
    set_chases(view, view.case.version, {SIGN: None}, once())
    assert chase_list(records, nurse, urgent=urgent).damaged == ()


@pytest.mark.parametrize("value", ["Mars/X", "../../etc/passwd", "\x01"])
def test_a_site_without_a_possible_time_zone_keeps_its_lists(
    records: Records, nurse: Actor, cases: tuple[str, str, str], value: str
) -> None:
    with records.database.writing() as session:
        session.execute(text("UPDATE sites SET time_zone = :zone"), {"zone": value})
    assert len(worklist(records, nurse, Query(sort=URGENCY)).cases) == 3
    assert chase_list(records, nurse, urgent=Urgent(frozenset(), {})).total


def test_a_damaged_moment_of_an_answer_is_said_to_be_changed(
    records: Records, nurse: Actor, cases: tuple[str, str, str]
) -> None:
    with records.database.writing() as session, unguarded(session):
        session.execute(text("UPDATE answers SET at = 'x'"))
    with pytest.raises(SealError):
        assert open_case(records, nurse, cases[1]).history
