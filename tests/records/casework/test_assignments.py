"""A case is assigned to a colleague, and to nobody who cannot work on it."""

import pytest
from support.casework.case_writes import added, once
from support.people.web_people import add_site
from support.people.worklist_people import person
from support.rulesets import shipped

from screening.core.rules.item import Finder
from screening.records.access import Actor, Role
from screening.records.case.case_view import open_case
from screening.records.case.chase_rows import Chase
from screening.records.casework.assignments import (
    Colleague,
    NotAColleagueError,
    assign_case,
    find_assignees,
    find_colleagues,
)
from screening.records.casework.cases import close_case
from screening.records.casework.chases import set_chases
from screening.records.casework.timeline import case_steps
from screening.records.errors import ClosedError, NotAllowedError, StaleError
from screening.records.ledger.events import EventKind
from screening.records.ledger.records import Records
from screening.records.people.administration import COMMAND_LINE
from screening.records.people.people import set_active
from screening.records.verification.verify import verify_ledger
from screening.records.worklist.chase_list import chase_list
from screening.records.worklist.worklist import UNASSIGNED, Query, counts, worklist


@pytest.fixture
def site(records: Records) -> int:
    person(records, Role.ADMINISTRATOR, sites=[], name="Adam Administrator")
    return add_site(records, "North")


@pytest.fixture
def nora(records: Records, site: int) -> Actor:
    return person(records, Role.NURSE, sites=[site], name="Nora Nurse")


@pytest.fixture
def anna(records: Records, site: int) -> Actor:
    return person(records, Role.LEAD_NURSE, sites=[site], name="Anna Lead")


def assign(
    records: Records, actor: Actor, case_id: str, to: Actor | None, seen: Actor | None = None
) -> int:
    before, after = (None if each is None else each.id for each in (seen, to))
    return assign_case(open_case(records, actor, case_id), before, after, once())


def assigned(records: Records, actor: Actor, case_id: str) -> tuple[int | None, str]:
    case = open_case(records, actor, case_id).case
    return case.assigned_to, case.assignee


def listed(records: Records, actor: Actor, person: int | None) -> list[str]:
    found = worklist(records, actor, Query(assigned_to=person))
    return sorted(each.id for each in found.cases)


def test_a_case_is_nobodys_until_it_is_assigned_and_can_be_again(
    records: Records, nora: Actor, anna: Actor
) -> None:
    case_id = added(records, nora)
    assert assigned(records, nora, case_id) == (None, "")
    assert assign(records, nora, case_id, anna) == 2
    assert assigned(records, nora, case_id) == (anna.id, "Anna Lead")
    assert assign(records, anna, case_id, None, seen=anna) == 3
    assert assigned(records, nora, case_id) == (None, "")
    assert not verify_ledger(records).faults


def test_the_timeline_says_to_whom(records: Records, nora: Actor, anna: Actor) -> None:
    case_id = added(records, nora)
    assign(records, nora, case_id, anna)
    assign(records, anna, case_id, None, seen=anna)
    steps = case_steps(open_case(records, nora, case_id), ())
    assert [(each.kind, each.by, each.to) for each in steps] == [
        (EventKind.CASE_ASSIGNED, "Anna Lead", ""),
        (EventKind.CASE_ASSIGNED, "Nora Nurse", "Anna Lead"),
        (EventKind.CASE_ADDED, "Nora Nurse", ""),
    ]


def test_of_two_who_assign_at_once_the_second_sees_the_first(
    records: Records, nora: Actor, anna: Actor
) -> None:
    case_id = added(records, nora)
    assign(records, nora, case_id, nora)
    with pytest.raises(StaleError):
        assign(records, anna, case_id, anna)
    assert assign(records, anna, case_id, nora) == 2, "it is as they wish already"
    assert assigned(records, nora, case_id) == (nora.id, "Nora Nurse")


def test_only_who_works_at_the_site_is_a_colleague(
    records: Records, site: int, nora: Actor, anna: Actor
) -> None:
    south = add_site(records, "South")
    auditor = person(records, Role.AUDITOR, sites=[site], name="Aude")
    elsewhere = person(records, Role.NURSE, sites=[south], name="Sam")
    gone = person(records, Role.NURSE, sites=[site], name="Gone")
    set_active(records, COMMAND_LINE, gone.id, active=False)
    case_id = added(records, nora)
    found = find_colleagues(open_case(records, nora, case_id))
    assert found == (Colleague(id=anna.id, name="Anna Lead"), Colleague(id=nora.id, name=nora.name))
    for each in (auditor, elsewhere, gone):
        with pytest.raises(NotAColleagueError):
            assign(records, nora, case_id, each)
    assert assigned(records, nora, case_id) == (None, "")
    with pytest.raises(NotAllowedError):
        assign(records, auditor, case_id, nora)


def test_a_closed_case_is_not_assigned(records: Records, nora: Actor) -> None:
    case_id = added(records, nora)
    close_case(open_case(records, nora, case_id), 1, shipped.ruleset(), once())
    with pytest.raises(ClosedError):
        assign(records, nora, case_id, nora)


def test_lists_are_of_one_persons_cases_or_of_nobodys(
    records: Records, nora: Actor, anna: Actor
) -> None:
    one, other, free = (added(records, nora, reference=each) for each in ("R1", "R2", "R3"))
    assign(records, nora, one, nora)
    assign(records, nora, other, anna)
    assert listed(records, nora, nora.id) == [one]
    assert listed(records, nora, anna.id) == [other]
    assert listed(records, nora, UNASSIGNED) == [free]
    assert listed(records, nora, None) == sorted([one, other, free])
    assert [counts(records, each).mine for each in (nora, anna)] == [1, 1]
    close_case(open_case(records, nora, one), 2, shipped.ruleset(), once())
    assert counts(records, nora).mine == 0


def test_somebody_who_left_is_found_by_their_cases(
    records: Records, nora: Actor, anna: Actor
) -> None:
    assign(records, nora, added(records, nora), anna)
    set_active(records, COMMAND_LINE, anna.id, active=False)
    assert find_assignees(records, nora) == (Colleague(id=anna.id, name="Anna Lead"),)


def test_the_chase_list_of_ones_own_cases(records: Records, nora: Actor, anna: Actor) -> None:
    for number, to in enumerate((nora, anna, None)):
        case_id = added(records, nora, reference=f"R{number}")
        wanted = Chase(link_id="a", owner=Finder.REPORT, due=records.now().date())
        set_chases(open_case(records, nora, case_id), 1, {"a": wanted}, once())
        if to is not None:
            assign(records, nora, case_id, to)
    assert chase_list(records, nora).total == 3
    (entry,) = chase_list(records, nora, mine=True).entries
    assert entry.case.assigned_to == nora.id
