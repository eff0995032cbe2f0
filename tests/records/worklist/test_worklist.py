"""The worklist finds, filters, orders and pages alike on every database."""

import datetime as dt

import pytest
from support.casework.case_writes import added, answers, once, saved, site
from support.casework.referrals import referral
from support.storage.databases import People, clock

from screening.core.rules.item import Finder
from screening.core.values.referral import Priority
from screening.records.access import Actor
from screening.records.case.case_rows import Case, State
from screening.records.case.case_view import open_case
from screening.records.case.chase_rows import Chase
from screening.records.case.search_index import matching
from screening.records.casework.cases import add_cases, change_referral
from screening.records.casework.chases import set_chases
from screening.records.ledger.records import Records
from screening.records.worklist.worklist import Query, worklist

DAY = dt.date(2026, 11, 20)


def found(records: Records, actor: Actor, **query: object) -> list[str]:
    page = worklist(records, actor, Query(**query))  # type: ignore[arg-type]  # by name
    return [case.referral.reference for case in page.cases]


@pytest.mark.parametrize(
    ("person", "text"),
    [
        ("Zoë Müller", "zoe MULLER"),
        ("Zoe Muller", "Zoë Müller"),
        ("José Peña-García", "garcia"),
        ("Anna Straße", "STRASSE"),
        ("Łukasz Øster", "lukasz oster"),
        ("Ali Y\u0131ld\u0131z", "yildiz"),
        ("Margaret Example", "mar"),
        ("Margaret Example", "exam marg"),
        ("O'Brien", "o'brien"),
        ("A. B.", "AB"),
        ("A. B.", "a b"),
        ("AB", "A.B."),
        ("Li", "li"),
        ("Nguyễn Văn An", "nguyen van"),
        ("Ωmega", "ωMEGA"),
        ("李小龙", "李小龙"),
        ("ﬁnch", "finch"),
        ("Ann Example", "1950"),
    ],
)
def test_a_person_is_found_however_the_name_is_typed(
    records: Records, nurse: Actor, person: str, text: str
) -> None:
    added(records, nurse, person=person)
    added(records, nurse, person="Somebody Else", reference="R-2", birth_year=1930)
    assert found(records, nurse, text=text) == ["R-1"]


@pytest.mark.parametrize("text", ["R-1", "r1", " r 1 ", "R\0-1"])
def test_a_reference_is_found_as_a_whole(records: Records, nurse: Actor, text: str) -> None:
    added(records, nurse)
    added(records, nurse, reference="R-12")
    assert found(records, nurse, text=text) == ["R-1"]


@pytest.mark.parametrize(
    "text",
    ["ma", "xample", "R", "\0", "\ud800", "%", "_", "' OR 1=1 --", "x" * 1_000_000, "é" * 99],
)
def test_any_other_text_finds_nothing_and_breaks_nothing(
    records: Records, nurse: Actor, text: str
) -> None:
    added(records, nurse, person="Margaret Example")
    assert found(records, nurse, text=text) == []


def test_a_search_before_the_first_case_finds_nothing(records: Records, nurse: Actor) -> None:
    assert found(records, nurse, text="anybody") == []
    assert worklist(records, nurse, Query()).pages == 1


def test_each_filter_keeps_what_it_says(records: Records, people: People) -> None:
    nurse, other = people.actor(sites=("North", "South")), people.actor()
    north, south = people.site("North"), people.site("South")
    new = [
        referral(reference="urgent", priority=Priority.URGENT),
        referral(reference="plain", clinic="East"),
    ]
    add_cases(records, nurse, north, new, once())
    (far,) = add_cases(records, nurse, south, [referral(reference="far", clinic="West")], once())
    mine = added(records, other, reference="other")
    saved(records, other, mine, 1, answers(q=1))
    late = Chase(link_id="q", owner=Finder.REPORT, due=DAY - dt.timedelta(days=1))
    set_chases(open_case(records, nurse, far), 1, {"q": late}, once())
    everything = ["far", "other", "plain", "urgent"]
    assert sorted(found(records, nurse)) == everything
    assert found(records, nurse, state=State.SCREENING) == ["other"]
    assert found(records, nurse, priority=Priority.URGENT) == ["urgent"]
    assert found(records, nurse, clinic="East") == ["plain"]
    assert found(records, nurse, clinic="East\0") == ["plain"]
    assert found(records, nurse, site=south) == ["far"]
    assert found(records, nurse, site=10**6) == []
    assert found(records, nurse, waits_for=Finder.REPORT) == ["far"]
    assert found(records, nurse, waits_for=Finder.PATIENT) == []
    assert found(records, nurse, overdue=True) == ["far"]
    assert found(records, other, updated_by_me=True) == ["other"]
    assert sorted(found(records, other)) == ["other", "plain", "urgent"]
    assert found(records, other, site=south) == []


def test_every_order_is_the_same_on_every_database(records: Records, nurse: Actor) -> None:
    clinics = ["beta", "Alpha", "Ärzte", "alpha", "Zeta", "10", "9", "a b", "a-b", "ab"]
    new = [
        referral(reference=f"R{n}", clinic=clinic, priority=Priority(1 + n % 3))
        for n, clinic in enumerate(clinics)
    ]
    ids = add_cases(records, nurse, site(nurse), new, once())
    for n in (3, 5):
        due = Chase(link_id="q", owner=Finder.REPORT, due=DAY + dt.timedelta(days=n))
        set_chases(open_case(records, nurse, ids[n]), 1, {"q": due}, once())
    told = [case.referral.clinic for case in _all(records, nurse, "clinic")]
    assert told == sorted(clinics)
    assert found(records, nurse, sort="due", descending=False)[:2] == ["R3", "R5"]
    assert found(records, nurse, sort="due", descending=True)[:2] == ["R5", "R3"]
    assert found(records, nurse, sort="created", descending=False) == [
        f"R{n}" for n in range(len(new))
    ]
    assert found(records, nurse, sort="touched")[:2] == ["R5", "R3"]
    priorities = [case.referral.priority for case in _all(records, nurse, "priority")]
    assert priorities == sorted(priorities)
    assert found(records, nurse, sort="no such order") == found(records, nurse)


def _all(records: Records, actor: Actor, sort: str) -> tuple[Case, ...]:
    return worklist(records, actor, Query(sort=sort, descending=False)).cases


def test_pages_hold_every_case_once(records: Records, nurse: Actor) -> None:
    new = [referral(reference=f"R{n}") for n in range(60)]
    add_cases(records, nurse, site(nurse), new, once())
    pages = [
        worklist(records, nurse, Query(sort="priority", descending=False, page=n, size=25))
        for n in (1, 2, 3)
    ]
    assert [(each.total, each.page, each.pages) for each in pages] == [
        (60, 1, 3),
        (60, 2, 3),
        (60, 3, 3),
    ]
    listed = [case.referral.reference for each in pages for case in each.cases]
    assert sorted(listed) == sorted(each.reference for each in new)


@pytest.mark.parametrize(
    ("page", "size", "shown"), [(0, 2, 1), (-5, 2, 1), (10**30, 2, 2), (1, 0, 1), (1, 10**30, 1)]
)
def test_a_page_that_does_not_exist_is_the_nearest_one(
    records: Records, nurse: Actor, page: int, size: int, shown: int
) -> None:
    for _ in range(3):
        added(records, nurse)
    assert worklist(records, nurse, Query(page=page, size=size)).page == shown


def test_what_was_touched_last_stands_first(records: Records, nurse: Actor) -> None:
    first = added(records, nurse, reference="first")
    added(records, nurse, reference="second")
    assert found(records, nurse) == ["second", "first"]
    clock(records).advance(minutes=5)
    change_referral(
        open_case(records, nurse, first), 1, referral(reference="first", clinic="East"), once()
    )
    assert found(records, nurse) == ["first", "second"]


@pytest.mark.parametrize(("words", "times"), [("made", 1), ("made up", 3)])
def test_the_ways_of_one_term_are_looked_up_at_once(
    records: Records, nurse: Actor, words: str, times: int
) -> None:
    added(records, nurse)
    with records.database.reading() as session:
        condition = str(matching(session, records.keyring(), nurse, words))
    assert condition.count("SELECT") == times
