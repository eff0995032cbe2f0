"""The chase list: one line for a case and who finds out, the earliest due first."""

import datetime as dt

import pytest
from support.casework.case_writes import added, answers, once, saved
from support.casework.handovers import answered_yes
from support.rulesets import shipped
from support.storage.databases import People

from screening.core.results.warning_signs import Warnings
from screening.core.rules.item import Finder
from screening.core.rules.ruleset import Tier
from screening.records.access import Actor, Role
from screening.records.case.case_view import open_case
from screening.records.case.chase_rows import Chase
from screening.records.casework.calls import Call, CallOutcome, NewCall, record_call
from screening.records.casework.chases import set_chases
from screening.records.errors import NotAllowedError
from screening.records.ledger.records import Records
from screening.records.worklist.chase_list import CallEntry, Urgent, chase_list
from screening.records.worklist.pending_handovers import find_pending_handovers

SIGNS = shipped.ruleset().items_of(Tier.EMERGENCY)
SIGN = "leg_weakness"


def chase(records: Records, link_id: str, days: int = 7, owner: Finder = Finder.REPORT) -> Chase:
    due = records.now().date() + dt.timedelta(days=days)
    return Chase(link_id=link_id, owner=owner, due=due)


def chasing(records: Records, actor: Actor, *chases: Chase, **changes: object) -> str:
    case_id = added(records, actor, **changes)
    wanted = {each.link_id: each for each in chases}
    set_chases(open_case(records, actor, case_id), 1, wanted, once())
    return case_id


def seen(entries: tuple[CallEntry, ...]) -> list[tuple[str, Finder, tuple[str, ...]]]:
    return [(each.case.id, each.finder, each.questions) for each in entries]


def test_all_that_one_finder_is_asked_in_a_case_is_one_line(records: Records, nurse: Actor) -> None:
    one = chasing(records, nurse, chase(records, "a", 3), chase(records, "b", -2), reference="R1")
    asked = chase(records, "c", 1, Finder.PATIENT), chase(records, "d", 1)
    other = chasing(records, nurse, *asked, reference="R2")
    page = chase_list(records, nurse)
    assert seen(page.entries) == [
        (one, Finder.REPORT, ("b", "a")),
        *sorted([(other, Finder.PATIENT, ("c",)), (other, Finder.REPORT, ("d",))], key=str),
    ]
    assert [each.days_over for each in page.entries] == [2, -1, -1]
    assert (page.total, page.page, page.pages) == (3, 1, 1)
    assert page.entries[0].case.referral.reference == "R1"
    patient = chase_list(records, nurse, owner=Finder.PATIENT)
    assert (seen(patient.entries), patient.total) == ([(other, Finder.PATIENT, ("c",))], 1)
    overdue = chase_list(records, nurse, overdue=True)
    assert (seen(overdue.entries), overdue.total) == (seen(page.entries)[:1], 1)


def test_it_goes_page_by_page_of_calls(records: Records, nurse: Actor) -> None:
    for number in range(30):
        chases = chase(records, "a", number), chase(records, "b", number)
        chasing(records, nurse, *chases, reference=f"R-{number:03}")
    pages = [chase_list(records, nurse, page=number) for number in (1, 2, 10**30)]
    assert [(page.total, page.page, page.pages) for page in pages] == [
        (30, 1, 2),
        (30, 2, 2),
        (30, 2, 2),
    ]
    told = [each.case.referral.reference for page in pages[:2] for each in page.entries]
    assert told == [f"R-{number:03}" for number in range(30)]


def test_calls_of_other_sites_are_not_there(records: Records, people: People) -> None:
    chasing(records, people.actor(), chase(records, "a"))
    assert chase_list(records, people.actor(sites=("South",))).total == 0
    with pytest.raises(NotAllowedError):
        chase_list(records, people.actor(Role.ADMINISTRATOR))


def asked_about_sign(records: Records, nurse: Actor) -> str:
    """A case in which the patient is asked about an emergency sign and something else."""
    case_id = added(records, nurse)
    chases = {each: chase(records, each, 0, Finder.PATIENT) for each in (SIGN, "onset_date")}
    saved(
        records,
        nurse,
        case_id,
        1,
        answers(cause="fall"),
        chases,
        find_warnings=lambda _: Warnings(open_signs=(SIGN,)),
    )
    return case_id


def test_calls_about_an_emergency_sign_are_apart_whatever_is_filtered(
    records: Records, nurse: Actor
) -> None:
    late = chasing(records, nurse, chase(records, "a", -9), reference="R1")
    sign = asked_about_sign(records, nurse)
    pending = find_pending_handovers(records, nurse)
    assert list(pending.urgent) == [sign]
    urgent = Urgent(SIGNS, pending.urgent)
    for owner in (None, Finder.REPORT):
        page = chase_list(records, nurse, owner=owner, urgent=urgent)
        assert seen(page.signs) == [(sign, Finder.PATIENT, (SIGN, "onset_date"))]
        assert (seen(page.entries), page.total) == ([(late, Finder.REPORT, ("a",))], 1)


def test_a_handover_is_no_call_of_its_own(records: Records, nurse: Actor) -> None:
    case_id = added(records, nurse)
    answered_yes(records, nurse, case_id)
    pending = find_pending_handovers(records, nurse)
    assert [each.id for each in pending.cases] == [case_id]
    page = chase_list(records, nurse, urgent=Urgent(SIGNS, pending.urgent))
    assert (page.signs, page.entries, page.total) == ((), (), 0)
    assert chase_list(records, nurse).total == 1  # rather twice than never


def test_the_last_call_is_beside_what_is_still_asked(records: Records, nurse: Actor) -> None:
    case_id = chasing(
        records, nurse, chase(records, "a", 0), chase(records, "b", 1, Finder.PATIENT)
    )
    for version, outcome in enumerate((CallOutcome.NO_REPLY, CallOutcome.ASKED), start=2):
        day = records.now().date() + dt.timedelta(days=version)
        call = NewCall(finder=Finder.REPORT, outcome=outcome, next_day=day, note=f"try {version}")
        record_call(open_case(records, nurse, case_id), version, call, SIGNS, once())
    patient, report = chase_list(records, nurse).entries
    assert patient.last is None
    assert isinstance(report.last, Call)
    assert (report.last.outcome, report.last.note) == (CallOutcome.ASKED, "try 3")
    assert report.due == report.last.next_day == records.now().date() + dt.timedelta(days=3)
