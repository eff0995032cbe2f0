"""One person under many spellings is found, by old and new cases alike, on both databases."""

from dataclasses import replace
from uuid import uuid4

import pytest
from sqlalchemy import delete, insert, select
from support.storage.databases import People

from screening.core.values.referral import Priority, Referral
from screening.records.access import Actor
from screening.records.case.case_view import open_case
from screening.records.casework.cases import add_case, change_referral
from screening.records.casework.emergency_access import EmergencyRequest, open_emergency_access
from screening.records.ledger.records import Records
from screening.records.operation.erasure import Reason, erase
from screening.records.operation.resealing import upgrade
from screening.records.sealing import vault
from screening.records.sealing.case_keys import INDEX, OLDER_INDEXES
from screening.records.sealing.search_tokens import reference_term, words_of
from screening.records.sealing.vault import DataKey, token
from screening.records.storage import schema
from screening.records.storage.tables import SecretRow, WordRow
from screening.records.verification.verify import verify_ledger
from screening.records.worklist.bulk import find_likenesses
from screening.records.worklist.worklist import Query, find_duplicates, worklist

APOSTROPHES = ["'", "\u2019", "\u2018", "\u02bc", "\u02bb", "`", "\u00b4", "\u2032", "\uff07", ""]
SAME = [
    [*(f"Pat O{mark}Hara" for mark in APOSTROPHES), "PAT O'HARA", "O'Hara, Pat", "pat o hara"],
    ["Jürgen Müller", "Juergen Mueller", "Jurgen Muller", "MÜLLER Jürgen",
     "Mu\u0308ller Ju\u0308rgen"],
    ["Dr Ann Lee", "Ann Lee", "Mrs. Ann Lee", "Prof. Dr. Ann Lee", "Lee, Dr Ann", "Miss ann LEE"],
    ["Anne-Marie Smith-Jones", "Anne Marie Smith Jones", "Annemarie Smithjones",
     "Anne\u2011Marie Smith\u2013Jones", "Smith-Jones, Anne-Marie"],
    ["A. B.", "AB", "a b", "A.-B."],
    ["Søren Åse Grøn", "Soeren Aase Groen", "Soren Ase Gron"],
    ["Groß Weiß", "Gross Weiss"],
    ["Dr", "dr."],
]  # fmt: skip
OTHERS = [
    ("Pat O'Hara", "Pat O'Mara"), ("Müller", "Miller"), ("Ann Lee", "Anna Lee"), ("Dr", "Mr"),
    ("A. B.", "A. C."), ("Ann Lee", "Ann Lee Smith"), ("王小明", "王小红"),
]  # fmt: skip


def referral(person: str, reference: str = "", year: int | None = 1939) -> Referral:
    return Referral(
        reference=reference or uuid4().hex,
        person=person,
        birth_year=year,
        clinic="Hill",
        priority=Priority.SOON,
    )


def add(records: Records, actor: Actor, known: Referral) -> str:
    (site,) = actor.sites
    return add_case(records, actor, site, known, uuid4().hex)


def alike(records: Records, actor: Actor, known: Referral) -> set[str]:
    (site,) = actor.sites
    return {case.id for case in find_duplicates(records, actor, site, known)}


def age_index(records: Records, known: dict[str, Referral], name: str = OLDER_INDEXES[0]) -> None:
    """Leave the index that a version before made: alike at all sites, its key by another name."""
    index = DataKey.make(name)
    key_id, wrapped = vault.wrap(records.keyring(), index)
    terms = {case_id: reference_term(each.reference) for case_id, each in known.items()}
    words = {case_id: {token(index, *term)} for case_id, term in terms.items()}
    for case_id, each in known.items():
        words[case_id] |= {token(index, "word", word) for word in words_of(each.person)}
    with records.database.writing() as session:
        session.execute(delete(WordRow))
        session.execute(delete(SecretRow).where(SecretRow.name == INDEX))
        session.add(SecretRow(name=name, key_id=key_id, wrapped=wrapped))
        for case_id, tokens in words.items():
            rows = [{"token": each, "case_id": case_id} for each in tokens]
            session.execute(insert(WordRow), rows)


def secrets_of(records: Records) -> list[str]:
    with records.database.reading() as session:
        return list(session.scalars(select(SecretRow.name)))


@pytest.mark.parametrize("spellings", SAME, ids=lambda each: each[0])
def test_every_spelling_finds_every_other(
    records: Records, nurse: Actor, spellings: list[str]
) -> None:
    first = add(records, nurse, referral(spellings[0]))
    for each in spellings:
        assert alike(records, nurse, referral(each)) == {first}
        assert alike(records, nurse, referral(each, year=1940)) == set()
        assert alike(records, nurse, referral(each, year=None)) == set()
    (site,) = nurse.sites
    likes = find_likenesses(records, nurse, site, [referral(each) for each in spellings])
    assert [like.earlier for like in likes] == [None, *[0] * (len(spellings) - 1)]
    assert all([case.id for case in like.cases] == [first] for like in likes)


@pytest.mark.parametrize(("one", "other"), OTHERS)
def test_other_names_are_other_people(sqlite_records: Records, one: str, other: str) -> None:
    nurse = People(sqlite_records).actor()
    add(sqlite_records, nurse, referral(one))
    assert alike(sqlite_records, nurse, referral(other)) == set()


@pytest.mark.parametrize(
    ("person", "text"),
    [
        ("Pat O'Hara", "ohara"), ("Pat OHara", "o'hara"), ("Pat O\u02bcHara", "O\u2019Har"),
        ("Jürgen Müller", "mueller"), ("Juergen Mueller", "müller"), ("Jürgen Müller", "muller"),
        ("Ann Lee", "Dr Lee"), ("Dr Ann Lee", "dr lee"), ("Dr Ann Lee", "Ann"),
    ],
)  # fmt: skip
def test_a_search_finds_other_spellings(sqlite_records: Records, person: str, text: str) -> None:
    nurse = People(sqlite_records).actor()
    add(sqlite_records, nurse, referral(person))
    assert worklist(sqlite_records, nurse, Query(text=text)).total == 1


@pytest.mark.parametrize("typed", ["H 4711", "Ｈ４７１１", "H-٤٧١١", "h ۴۷۱۱", "H/४७११"])  # noqa: RUF001 - digits of other scripts
def test_a_number_is_the_same_in_digits_of_any_script(sqlite_records: Records, typed: str) -> None:
    nurse = People(sqlite_records).actor()
    first = add(sqlite_records, nurse, replace(referral("Ann"), hospital_number="H 4711"))
    second = add(sqlite_records, nurse, referral("Bea", "H 4711", year=None))
    like = replace(referral("Cleo"), hospital_number=typed)
    assert alike(sqlite_records, nurse, like) == {first}
    assert alike(sqlite_records, nurse, referral("Cleo", typed)) == {second}
    (site,) = nurse.sites
    twice = [like, replace(referral("Dora"), hospital_number="H-4711")]
    assert find_likenesses(sqlite_records, nurse, site, twice)[1].earlier == 0
    assert worklist(sqlite_records, nurse, Query(text=typed)).total == 2
    added = add(sqlite_records, nurse, like)
    kept = open_case(sqlite_records, nurse, added).case.referral
    assert kept.hospital_number == typed


@pytest.mark.parametrize("name", OLDER_INDEXES)
def test_cases_of_a_version_before_are_found_and_the_old_index_goes(
    records: Records, nurse: Actor, name: str
) -> None:
    known = {
        add(records, nurse, each): each for each in (referral("Müller"), referral("Pat O'Hara"))
    }
    erased = add(records, nurse, referral("Gone"))
    mueller, ohara = known
    erase(records, nurse.id, erased, Reason.RETENTION)
    age_index(records, known, name)
    schema.downgrade(records.database, "0013")
    upgrade(records)
    assert verify_ledger(records).faults == []
    assert worklist(records, nurse, Query(text="müller")).total == 1
    assert alike(records, nurse, referral("Mueller")) == {mueller}
    assert alike(records, nurse, referral("OHara Pat")) == {ohara}
    assert alike(records, nurse, referral("Gone")) == set()
    assert set(secrets_of(records)) == {INDEX, "erasures"}
    with records.database.reading() as session:
        assert set(session.scalars(select(WordRow.case_id))) == {mueller, ohara}


def test_an_old_index_is_replaced_by_the_next_case_and_by_a_change(
    records: Records, nurse: Actor
) -> None:
    first = add(records, nurse, referral("Müller"))
    age_index(records, {first: referral("Müller")})
    second = add(records, nurse, referral("Mueller"))
    assert secrets_of(records) == [INDEX]
    assert alike(records, nurse, referral("Muller")) == {first, second}
    age_index(records, {first: referral("Müller"), second: referral("Mueller")})
    change_referral(open_case(records, nurse, second), 1, referral("Someone"), uuid4().hex)
    assert alike(records, nurse, referral("Muller")) == {first}
    assert alike(records, nurse, referral("Someone")) == {second}


def tokens_of(records: Records, case_id: str) -> set[str]:
    with records.database.reading() as session:
        return set(session.scalars(select(WordRow.token).where(WordRow.case_id == case_id)))


def test_who_adds_a_made_up_patient_recognises_nobody_at_another_site(
    records: Records, people: People
) -> None:
    victim, thief = people.actor(), people.actor(sites=("South",))
    known = referral("Canary, Ann", reference="R-1")
    mine, theirs = add(records, thief, known), add(records, victim, known)
    assert not tokens_of(records, mine) & tokens_of(records, theirs)


def test_each_person_finds_the_cases_of_all_their_sites(records: Records, people: People) -> None:
    north, south = people.actor(), people.actor(sites=("South",))
    known = referral("Canary, Ann", reference="R-1")
    first, second = add(records, north, known), add(records, south, known)
    both, third = people.actor(sites=("North", "South")), people.actor(sites=("West",))
    for actor, found in ((north, {first}), (south, {second}), (both, {first, second})):
        (site, *_) = sorted(actor.sites)
        cases = find_duplicates(records, actor, site, known)
        likes = find_likenesses(records, actor, site, [known])
        searched = worklist(records, actor, Query(text="canary"))
        assert {case.id for case in cases} == found
        assert {case.id for like in likes for case in like.cases} == found
        assert {case.id for case in searched.cases} == found
    wanted = EmergencyRequest(
        reference="r 1", reason="patient-here", note="She is here unconscious"
    )
    assert set(open_emergency_access(records, third, wanted, uuid4().hex)) == {first, second}


def test_no_name_is_in_the_index(records: Records, nurse: Actor) -> None:
    add(records, nurse, referral("Canary O'Canary", reference="CANARY-1"))
    with records.database.reading() as session:
        stored = " ".join(session.scalars(select(WordRow.token)))
    assert "canary" not in stored.lower()
    assert set(stored) <= set("0123456789abcdef ")
