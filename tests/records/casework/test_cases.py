"""Cases are added once, found by those who may, changed under the version that was seen."""

from dataclasses import replace

import pytest
from support.casework.case_writes import added, once, site, viewed
from support.casework.referrals import referral
from support.rulesets import shipped
from support.storage.databases import People, clock

from screening.core.values.referral import Priority
from screening.records.access import Actor, Role
from screening.records.case.case_rows import State
from screening.records.case.case_view import open_case
from screening.records.casework.cases import (
    add_case,
    add_cases,
    change_referral,
    close_case,
    find_case,
    reopen_case,
)
from screening.records.errors import (
    ClosedError,
    IdempotencyKeyError,
    NoCaseError,
    NotAllowedError,
    StaleError,
    UnfitFieldError,
)
from screening.records.ledger.records import Records
from screening.records.worklist.worklist import Query, clinics, counts, find_duplicates, worklist


def test_an_added_case_is_found_as_it_was_given(records: Records, nurse: Actor) -> None:
    case_id = added(records, nurse)
    case = find_case(records, nurse, case_id)
    assert (case.id, case.version, case.referral, case.state) == (
        case_id,
        1,
        referral(),
        State.NEW,
    )
    assert (case.site_name, case.created_by, case.touched_by) == (
        "North",
        nurse.name,
        nurse.name,
    )
    assert case.created_at == case.touched_at
    assert case.created_at.tzinfo is not None
    assert not case.erased
    assert case.due is None


def test_a_form_that_is_sent_twice_adds_one_case(records: Records, nurse: Actor) -> None:
    key = once()
    first = add_case(records, nurse, site(nurse), referral(), key)
    assert add_case(records, nurse, site(nurse), referral(), key) == first
    assert worklist(records, nurse, Query()).total == 1


def test_two_persons_with_the_same_key_do_not_meet(records: Records, people: People) -> None:
    key, one, other = once(), people.actor(), people.actor()
    first = add_case(records, one, site(one), referral(), key)
    assert add_case(records, other, site(other), referral(), key) != first


def test_many_cases_are_added_together_or_not_at_all(records: Records, nurse: Actor) -> None:
    key, many = once(), [referral(reference=f"R{n}") for n in range(30)]
    ids = add_cases(records, nurse, site(nurse), many, key)
    assert [find_case(records, nurse, each).referral for each in ids] == many
    assert add_cases(records, nurse, site(nurse), many, key) == ids
    bad = [*many, referral(reference="")]
    with pytest.raises(UnfitFieldError):
        add_cases(records, nurse, site(nurse), bad, once())
    assert worklist(records, nurse, Query()).total == 30


@pytest.mark.parametrize(
    "changes",
    [
        {"reference": ""},
        {"reference": "R" * 41},
        {"reference": "R\0"},
        {"person": "A\ud800"},
        {"person": "x" * 1_000_000},
        {"clinic": "Clinic\0"},
        {"clinic": " Clinic"},
        {"clinic": "cafe\u0301"},
        {"birth_year": 10**30},
        {"birth_year": 2100},
    ],
    ids=lambda changes: str(changes)[:40],
)
def test_what_no_field_holds_is_refused_in_a_sentence(
    records: Records, nurse: Actor, changes: dict[str, object]
) -> None:
    with pytest.raises(UnfitFieldError) as caught:
        added(records, nurse, **changes)
    assert len(str(caught.value)) < 200
    assert worklist(records, nurse, Query()).total == 0


@pytest.mark.parametrize("case_id", ["", "x", "\0", "0" * 32, "0" * 33, "F" * 32, "é" * 32])
def test_an_id_of_no_case_finds_none(records: Records, nurse: Actor, case_id: str) -> None:
    with pytest.raises(NoCaseError):
        find_case(records, nurse, case_id)


def test_a_changed_referral_is_found_by_its_new_words_only(records: Records, nurse: Actor) -> None:
    case_id = added(records, nurse, person="Ann Example", reference="R1")
    clock(records).advance(hours=1)
    new = referral(person="Zoe Sample", reference="R2", clinic="South", priority=Priority.URGENT)
    assert change_referral(open_case(records, nurse, case_id), 1, new, once()) == 2
    case = find_case(records, nurse, case_id)
    assert (case.referral, case.version) == (new, 2)
    assert case.touched_at > case.created_at
    assert worklist(records, nurse, Query(text="zoe")).total == 1
    assert worklist(records, nurse, Query(text="R2")).total == 1
    assert worklist(records, nurse, Query(text="ann")).total == 0
    assert worklist(records, nurse, Query(text="R1")).total == 0


def test_a_referral_that_stays_as_it_is_makes_no_version(records: Records, nurse: Actor) -> None:
    case_id = added(records, nurse)
    assert change_referral(open_case(records, nurse, case_id), 1, referral(), once()) == 1
    assert find_case(records, nurse, case_id).version == 1


def test_the_second_saver_is_told_and_changes_nothing(records: Records, people: People) -> None:
    one, other = people.actor(), people.actor()
    case_id = added(records, one)
    change_referral(open_case(records, one, case_id), 1, referral(clinic="East"), once())
    with pytest.raises(StaleError) as caught:
        change_referral(open_case(records, other, case_id), 1, referral(clinic="West"), once())
    assert caught.value.current == 2
    assert find_case(records, one, case_id).referral.clinic == "East"


def test_a_repeated_change_is_not_stale(records: Records, nurse: Actor) -> None:
    case_id, key = added(records, nurse), once()
    for _ in range(2):
        assert (
            change_referral(open_case(records, nurse, case_id), 1, referral(clinic="East"), key)
            == 2
        )


def test_a_form_sent_again_with_another_content_is_another_write(
    records: Records, nurse: Actor
) -> None:
    """As when the first answer was lost, and something else was typed before the next press."""
    key = once()
    one = add_case(records, nurse, site(nurse), referral(reference="A-1"), key)
    other = add_case(records, nurse, site(nurse), referral(reference="B-2"), key)
    assert one != other
    assert find_case(records, nurse, other).referral.reference == "B-2"
    close_case(open_case(records, nurse, one), 1, shipped.ruleset(), key)
    close_case(open_case(records, nurse, other), 1, shipped.ruleset(), key)
    with pytest.raises(StaleError):
        change_referral(open_case(records, nurse, one), 1, referral(clinic="East"), key)


@pytest.mark.parametrize("key", ["", "short", "x" * 65, "a" * 20 + "\0", "ä" * 20, "1' OR 1=1 --"])
def test_a_malformed_key_is_refused(records: Records, nurse: Actor, key: str) -> None:
    with pytest.raises(IdempotencyKeyError):
        add_case(records, nurse, site(nurse), referral(), key)


def test_a_closed_case_is_read_and_not_worked_on(records: Records, nurse: Actor) -> None:
    case_id = added(records, nurse)
    assert close_case(open_case(records, nurse, case_id), 1, shipped.ruleset(), once()) == 2
    assert find_case(records, nurse, case_id).state is State.CLOSED
    assert worklist(records, nurse, Query()).total == 0
    assert worklist(records, nurse, Query(closed=True)).total == 1
    assert worklist(records, nurse, Query(state=State.CLOSED)).total == 1
    with pytest.raises(ClosedError):
        change_referral(open_case(records, nurse, case_id), 2, referral(clinic="East"), once())
    with pytest.raises(ClosedError):
        close_case(open_case(records, nurse, case_id), 2, shipped.ruleset(), once())


def test_a_reopened_case_has_the_state_that_it_had(records: Records, nurse: Actor) -> None:
    case_id = added(records, nurse)
    close_case(open_case(records, nurse, case_id), 1, shipped.ruleset(), once())
    assert reopen_case(open_case(records, nurse, case_id), 2, once()) == 3
    assert find_case(records, nurse, case_id).state is State.NEW
    with pytest.raises(StaleError):
        reopen_case(open_case(records, nurse, case_id), 3, once())


def test_nobody_adds_a_case_to_another_site(records: Records, people: People) -> None:
    with pytest.raises(NoCaseError):
        add_case(records, people.actor(), people.site("South"), referral(), once())


def test_an_auditor_reads_and_does_not_write(records: Records, people: People) -> None:
    case_id = added(records, people.actor())
    auditor = people.actor(Role.AUDITOR)
    assert viewed(records, auditor, case_id).id == case_id
    with pytest.raises(NotAllowedError):
        close_case(open_case(records, auditor, case_id), 1, shipped.ruleset(), once())
    with pytest.raises(NotAllowedError):
        added(records, auditor)


def test_an_administrator_sees_no_case(records: Records, people: People) -> None:
    case_id = added(records, people.actor())
    administrator = people.actor(Role.ADMINISTRATOR)
    with pytest.raises(NoCaseError):
        find_case(records, administrator, case_id)
    for ask in (clinics, counts):
        with pytest.raises(NotAllowedError):
            ask(records, administrator)
    with pytest.raises(NotAllowedError):
        worklist(records, administrator, Query())


def test_a_possible_duplicate_is_found_in_all_sites_of_the_person(
    records: Records, people: People
) -> None:
    both, south = people.actor(sites=("North", "South")), people.actor(sites=("South",))
    north = people.site("North")
    case_id = added(records, south, reference="R-1", person="Zoë Example", birth_year=1950)
    likely = [
        referral(reference="r 1", person="Other"),
        referral(reference="R2", person="example  zoe", birth_year=1950),
    ]
    for each in likely:
        assert [c.id for c in find_duplicates(records, both, north, each)] == [case_id]
        assert find_duplicates(records, people.actor(), north, each) == ()
    others = [
        referral(reference="R2", person="Zoë Example", birth_year=1951),
        referral(reference="R2", person="Zoë Example", birth_year=None),
        referral(reference="R11", person="Other"),
    ]
    for each in others:
        assert find_duplicates(records, both, north, each) == ()


def test_states_and_clinics_are_those_of_the_sites(records: Records, people: People) -> None:
    north, south = people.actor(), people.actor(sites=("South",))
    closed = added(records, north, clinic="beta")
    close_case(open_case(records, north, closed), 1, shipped.ruleset(), once())
    added(records, north, clinic="Alpha")
    added(records, north, clinic="Ärzte")
    added(records, south, clinic="Gamma")
    assert clinics(records, north) == ["Alpha", "beta", "Ärzte"]
    assert counts(records, north).states == {State.NEW: 2, State.CLOSED: 1}


def test_the_result_of_a_repeated_import_is_not_another_cases(
    records: Records, nurse: Actor
) -> None:
    one = replace(referral(), reference="R1")
    assert add_cases(records, nurse, site(nurse), [one], once()) != add_cases(
        records, nurse, site(nurse), [one], once()
    )
