"""Many cases at once, on both databases."""

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import replace
from html import unescape

import pytest
from flask.testing import FlaskClient
from support.pages.page_reader import Page
from support.people import worklist_people
from support.storage.databases import People

from screening.core.rules.item import Finder
from screening.records.access import Actor, Role
from screening.records.case.case_view import open_case
from screening.records.case.chase_rows import Chase
from screening.records.casework.cases import add_cases
from screening.records.casework.chases import set_chases
from screening.records.errors import NoCaseError, NotAllowedError
from screening.records.ledger.records import Records
from screening.records.worklist.bulk import (
    export_cases,
    find_added,
    find_likenesses,
    same_reference,
)
from screening.records.worklist.worklist import Query, find_duplicates


def test_likenesses_are_those_that_one_by_one_are_found(
    records: Records, people: People, nurse: Actor
) -> None:
    (site,) = nurse.sites
    known = list(worklist_people.referrals(700))
    add_cases(records, nurse, site, known, "known-000001")
    asked = [
        worklist_people.referral(900),
        replace(known[3], person="Other"),
        replace(known[4], reference="N-1"),
        worklist_people.referral(900, person="Again"),
        *(replace(each, clinic="Elsewhere") for each in known[:600]),
    ]
    found = find_likenesses(records, nurse, site, asked)
    for referral, like in zip(asked, found, strict=True):
        singly = find_duplicates(records, nurse, site, referral)
        assert {case.id for case in like.cases} == {case.id for case in singly}
    assert [like.earlier for like in found[:4]] == [None, None, None, 0]
    assert [bool(like) for like in found[:4]] == [False, True, True, True]


def test_nobody_learns_of_other_sites(records: Records, people: People, nurse: Actor) -> None:
    (site,) = nurse.sites
    add_cases(records, nurse, site, [worklist_people.referral(1)], "known-000001")
    other = people.actor(sites=("South",))
    (south,) = other.sites
    (like,) = find_likenesses(records, other, south, [worklist_people.referral(1)])
    assert like.cases == ()
    with pytest.raises(NoCaseError):
        find_likenesses(records, other, site, [worklist_people.referral(1)])


def test_without_any_case_a_list_is_compared_with_itself(records: Records, nurse: Actor) -> None:
    (site,) = nurse.sites
    first, again = worklist_people.referral(1), worklist_people.referral(1, reference="r 00001")
    likes = find_likenesses(records, nurse, site, [first, again])
    assert [like.earlier for like in likes] == [None, 0]
    assert same_reference(first, again)


def test_what_was_added_is_known_by_its_form_and_person(
    records: Records, people: People, nurse: Actor
) -> None:
    (site,) = nurse.sites
    key, content = "a" * 32, ["a file", ["1"]]
    assert find_added(records, nurse, key, content) is None
    add_cases(records, nurse, site, list(worklist_people.referrals(3)), key, content)
    assert find_added(records, nurse, key, content) == 3
    assert find_added(records, nurse, key, ["another file", ["1"]]) is None
    assert find_added(records, people.actor(), key, content) is None


def test_an_export_has_every_page(
    records: Records, people: People, nurse: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    (site,) = nurse.sites
    add_cases(records, nurse, site, list(worklist_people.referrals(25)), "known-000001")
    lead = people.actor(Role.LEAD_NURSE)
    monkeypatch.setattr("screening.records.worklist.bulk.LARGEST_PAGE", 10)
    found = export_cases(records, lead, Query(page=3, sort="priority"))
    assert sorted(case.referral.reference for case in found) == [
        f"R-{number:05d}" for number in range(1, 26)
    ]
    with pytest.raises(NotAllowedError):
        export_cases(records, nurse, Query())


MANY = 130


@pytest.fixture
def many(client: FlaskClient, sqlite_records: Records, nurse_actor: Actor, site: int) -> None:
    """More cases than fit on five pages, half of them with something to find out."""
    ids = worklist_people.fill(sqlite_records, nurse_actor, site, MANY)
    day = sqlite_records.now().date()
    for number, case_id in enumerate(ids[::2]):
        due = day + dt.timedelta(days=number % 9 - 4)
        chase = {"age": Chase(link_id="age", owner=Finder.PATIENT, due=due)}
        set_chases(open_case(sqlite_records, nurse_actor, case_id), 1, chase, f"chase-{case_id}")


def turned(client: FlaskClient, address: str) -> list[Page]:
    """Every page of a list, found by its link to the next one."""
    pages = [Page(client.get(address).text)]
    while following := re.search(r'href="([^"]+)" rel="next"', pages[-1].html):
        pages.append(Page(client.get(unescape(following[1])).text))
    return pages


def listed(pages: list[Page]) -> list[str]:
    """The references on pages, in their order."""
    return [each for page in pages for each in re.findall(r"R-\d{5}(?=</bdi>)", page.html)]


@pytest.mark.usefixtures("many")
@pytest.mark.parametrize(
    ("query", "wanted"),
    [
        ("sort=created&order=up", range(1, MANY + 1)),
        ("sort=created&order=down", range(MANY, 0, -1)),
        ("sort=created&order=up&clinic=Hill+practice", range(1, MANY + 1, 3)),
        ("sort=created&order=up&priority=urgent", range(3, MANY + 1, 3)),
    ],
)
def test_every_page_is_turned_and_holds_what_is_counted(
    client: FlaskClient, query: str, wanted: Sequence[int]
) -> None:
    pages = turned(client, f"/worklist/?{query}")
    assert listed(pages) == [f"R-{number:05d}" for number in wanted]
    assert all(f"{len(wanted)} cases" in page.text for page in pages)


@pytest.mark.usefixtures("many")
def test_the_chase_list_holds_every_answer_once_the_overdue_first(client: FlaskClient) -> None:
    pages = turned(client, "/worklist/chase")
    lines = [link for page in pages for link in page.links if link.endswith("#q-age")]
    assert len(lines) == len(set(lines)) == MANY // 2
    found = list(dict.fromkeys(listed(pages)))
    assert sorted(found) == [f"R-{number:05d}" for number in range(1, MANY + 1, 2)]
    assert all(f"{MANY // 2} calls, earliest due first" in page.text for page in pages)
    late = [(int(each[2:]) - 1) // 2 % 9 for each in found]
    assert late == sorted(late)


@pytest.mark.usefixtures("many")
@pytest.mark.parametrize("number", [1, 77, MANY])
def test_one_of_many_is_found(client: FlaskClient, number: int) -> None:
    answer = client.post("/worklist/find", data={"text": f"r {number:05d}"})
    pages = turned(client, answer.headers["Location"])
    assert listed(pages) == [f"R-{number:05d}"]
