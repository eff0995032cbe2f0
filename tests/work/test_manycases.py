"""Many cases at once, on both databases."""

from dataclasses import replace

import pytest
import workpeople
from databases import People

from screening.records.access import Actor, Role
from screening.records.cases import Query, add_cases, find_duplicates
from screening.records.manycases import (
    export_cases,
    find_added,
    find_likenesses,
    same_reference,
)
from screening.records.refusals import NoCaseError, NotAllowedError
from screening.records.store import Records


def test_likenesses_are_those_that_one_by_one_are_found(
    records: Records, people: People, nurse: Actor
) -> None:
    (site,) = nurse.sites
    known = list(workpeople.referrals(700))
    add_cases(records, nurse, site, known, "known-000001")
    asked = [
        workpeople.referral(900),
        replace(known[3], person="Other"),
        replace(known[4], reference="N-1"),
        workpeople.referral(900, person="Again"),
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
    add_cases(records, nurse, site, [workpeople.referral(1)], "known-000001")
    other = people.actor(sites=("South",))
    (south,) = other.sites
    (like,) = find_likenesses(records, other, south, [workpeople.referral(1)])
    assert like.cases == ()
    with pytest.raises(NoCaseError):
        find_likenesses(records, other, site, [workpeople.referral(1)])


def test_without_any_case_a_list_is_compared_with_itself(records: Records, nurse: Actor) -> None:
    (site,) = nurse.sites
    first, again = workpeople.referral(1), workpeople.referral(1, reference="r 00001")
    likes = find_likenesses(records, nurse, site, [first, again])
    assert [like.earlier for like in likes] == [None, 0]
    assert same_reference(first, again)


def test_what_was_added_is_known_by_its_form_and_person(
    records: Records, people: People, nurse: Actor
) -> None:
    (site,) = nurse.sites
    key, content = "a" * 32, ["a file", ["1"]]
    assert find_added(records, nurse, key, content) is None
    add_cases(records, nurse, site, list(workpeople.referrals(3)), key, content)
    assert find_added(records, nurse, key, content) == 3
    assert find_added(records, nurse, key, ["another file", ["1"]]) is None
    assert find_added(records, people.actor(), key, content) is None


def test_an_export_has_every_page(
    records: Records, people: People, nurse: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    (site,) = nurse.sites
    add_cases(records, nurse, site, list(workpeople.referrals(25)), "known-000001")
    lead = people.actor(Role.LEAD_NURSE)
    monkeypatch.setattr("screening.records.manycases.LARGEST_PAGE", 10)
    found = export_cases(records, lead, Query(page=3, sort="priority"))
    assert sorted(case.referral.reference for case in found) == [
        f"R-{number:05d}" for number in range(1, 26)
    ]
    with pytest.raises(NotAllowedError):
        export_cases(records, nurse, Query())
