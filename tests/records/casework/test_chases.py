"""Missing answers are chased: by whom, until when, across cases."""

import datetime as dt
from collections.abc import Mapping
from collections.abc import Set as AbstractSet

import pytest
from support.casework.case_writes import UNKNOWN, added, answers, nothing, once, saved
from support.rulesets import shipped
from support.storage.databases import People

from screening.core.rules.item import Finder
from screening.core.values.answer import Answer
from screening.core.values.referral import Priority
from screening.records.access import Actor, Role
from screening.records.case.case_summary import unseal_summary
from screening.records.case.case_view import open_case
from screening.records.case.chase_rows import Chase
from screening.records.case.history import EntryMethod
from screening.records.casework.answers import FindChases, Submission, save_answers
from screening.records.casework.cases import close_case, find_case
from screening.records.casework.chases import default_due, set_chases
from screening.records.errors import NoCaseError, NotAllowedError, StaleError
from screening.records.ledger.records import Records
from screening.records.storage.tables import CaseRow
from screening.records.worklist.chase_list import chase_list
from screening.records.worklist.worklist import Query, worklist

TODAY = dt.date(2026, 11, 20)


def chase(link_id: str, days: int = 7, owner: Finder = Finder.REPORT) -> Chase:
    return Chase(link_id=link_id, owner=owner, due=TODAY + dt.timedelta(days=days))


def chasing(records: Records, actor: Actor, *chases: Chase, **changes: object) -> str:
    case_id = added(records, actor, **changes)
    set_chases(
        open_case(records, actor, case_id), 1, {each.link_id: each for each in chases}, once()
    )
    return case_id


def test_a_case_waits_for_the_chase_that_is_due_first(records: Records, nurse: Actor) -> None:
    first, later = chase("b", 2, Finder.PATIENT), chase("a", 5)
    case_id = chasing(records, nurse, later, first)
    case = find_case(records, nurse, case_id)
    assert (case.waits_for, case.due, case.version) == (Finder.PATIENT, first.due, 2)
    assert list(open_case(records, nurse, case_id).chases.values()) == [first, later]
    set_chases(open_case(records, nurse, case_id), 2, {"b": None}, once())
    case = find_case(records, nurse, case_id)
    assert (case.waits_for, case.due) == (Finder.REPORT, later.due)
    set_chases(open_case(records, nurse, case_id), 3, {"a": None}, once())
    case = find_case(records, nurse, case_id)
    assert (case.waits_for, case.due) == (None, None)


def test_a_chase_that_is_there_already_makes_no_version(records: Records, nurse: Actor) -> None:
    case_id = chasing(records, nurse, chase("a"))
    assert (
        set_chases(open_case(records, nurse, case_id), 2, {"a": chase("a"), "z": None}, once()) == 2
    )


def test_a_chase_is_set_with_its_unknown_answer_and_dropped_with_a_value(
    records: Records, nurse: Actor
) -> None:
    case_id = added(records, nurse)
    saved(records, nurse, case_id, 1, answers(a=UNKNOWN, b=1), {"a": chase("a"), "b": chase("b")})
    assert list(open_case(records, nurse, case_id).chases) == ["a"]
    saved(records, nurse, case_id, 2, answers(a=3))
    assert open_case(records, nurse, case_id).chases == {}
    assert find_case(records, nurse, case_id).waits_for is None


def test_a_chase_alone_is_a_write(records: Records, nurse: Actor) -> None:
    case_id = added(records, nurse)
    done = saved(records, nurse, case_id, 1, {}, {"a": chase("a")})
    assert (done.version, done.changed) == (2, ())


def test_a_closed_case_is_not_chased(records: Records, nurse: Actor) -> None:
    case_id = chasing(records, nurse, chase("a", -5))
    close_case(open_case(records, nurse, case_id), 2, shipped.ruleset(), once())
    assert chase_list(records, nurse).total == 0
    assert worklist(records, nurse, Query(overdue=True, closed=True)).total == 0


def test_overdue_cases_are_those_whose_day_has_passed(records: Records, nurse: Actor) -> None:
    over = chasing(records, nurse, chase("a", -1))
    chasing(records, nurse, chase("a", 0))
    assert [case.id for case in worklist(records, nurse, Query(overdue=True)).cases] == [over]


def test_chases_are_set_under_the_version_that_was_seen(records: Records, nurse: Actor) -> None:
    case_id = chasing(records, nurse, chase("a"))
    with pytest.raises(StaleError):
        set_chases(open_case(records, nurse, case_id), 1, {"b": chase("b")}, once())


def test_chases_of_other_sites_do_not_exist(records: Records, people: People) -> None:
    case_id = chasing(records, people.actor(), chase("a"))
    other = people.actor(sites=("South",))
    assert chase_list(records, other).total == 0
    with pytest.raises(NoCaseError):
        open_case(records, other, case_id)
    with pytest.raises(NotAllowedError):
        set_chases(open_case(records, people.actor(Role.AUDITOR), case_id), 2, {}, once())
    with pytest.raises(NotAllowedError):
        chase_list(records, people.actor(Role.ADMINISTRATOR))


@pytest.mark.parametrize(("priority", "days"), [(Priority.URGENT, 2), (Priority.ROUTINE, 7)])
def test_an_urgent_case_waits_less_long(priority: Priority, days: int) -> None:
    assert default_due(priority, TODAY) == TODAY + dt.timedelta(days=days)


@pytest.mark.parametrize("priority", Priority)
def test_what_may_hide_an_emergency_waits_for_nothing(priority: Priority) -> None:
    assert default_due(priority, TODAY, emergency=True) == TODAY


def test_a_chase_that_was_dropped_as_idle_is_remembered_until_it_is_set_again(
    records: Records, nurse: Actor
) -> None:
    case_id = chasing(records, nurse, chase("a"), chase("b"))
    seen: list[tuple[set[str], set[str]]] = []

    def finds(found: dict[str, Chase | None]) -> FindChases:
        def find(
            _: Mapping[str, Answer], there: AbstractSet[str], idle: AbstractSet[str]
        ) -> dict[str, Chase | None]:
            seen.append((set(there), set(idle)))
            return found

        return find

    steps: list[dict[str, Chase | None]] = [{"a": None}, {}, {"a": chase("a")}, {}]
    for version, found in enumerate(steps, start=2):
        submission = Submission(
            version=version,
            answers=answers(c=version),
            how=EntryMethod.FORM,
            idempotency_key=once(),
        )
        save_answers(
            open_case(records, nurse, case_id),
            submission,
            find_warnings=nothing,
            find_chases=finds(found),
        )
    assert seen == [
        ({"a", "b"}, set()),
        ({"b"}, {"a"}),
        ({"b"}, {"a"}),
        ({"a", "b"}, set()),
    ]


def test_a_chase_that_somebody_takes_off_the_list_is_not_idle(
    records: Records, nurse: Actor
) -> None:
    case_id = chasing(records, nurse, chase("a"))
    set_chases(open_case(records, nurse, case_id), 2, {"a": None}, once())
    row = case_row(records, case_id)
    assert unseal_summary(open_case(records, nurse, case_id).key, row).idle == ()


def case_row(records: Records, case_id: str) -> CaseRow:
    with records.database.reading() as session:
        return session.get_one(CaseRow, case_id)
