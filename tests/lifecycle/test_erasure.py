from dataclasses import replace
from pathlib import Path

import pytest
from databases import People
from sqlalchemy import select

from screening.records import cases, erasure
from screening.records.access import Actor, Role
from screening.records.casekeys import load_key
from screening.records.erasure import Reason
from screening.records.refusals import ErasedError, NoCaseError, NotAllowedError
from screening.records.settings import KeyringFile
from screening.records.store import Records
from screening.records.tables import CaseKeyRow, CaseRow, EventRow, WordRow
from screening.records.verify import verify_ledger


@pytest.fixture
def lead(people: People) -> Actor:
    return people.actor(Role.LEAD_NURSE)


def test_an_erased_case_cannot_be_read_or_found_by_anybody(
    kept: Records, case_id: str, lead: Actor
) -> None:
    erasure.erase_case(kept, lead, case_id, Reason.REQUEST)
    with kept.database.reading() as session:
        assert session.get_one(CaseKeyRow, case_id).wrapped is None
        assert session.scalars(select(WordRow)).all() == []
        row = session.get_one(CaseRow, case_id)
        assert (row.sealed, row.clinic) == (b"request", "")
        with pytest.raises(ErasedError):
            load_key(session, kept.keyring(), case_id)
    assert cases.worklist(kept, lead, cases.Query(text="zaphod")).total == 0
    case = cases.find_case(kept, lead, case_id)
    assert case.erased
    assert "Zaphod" not in repr(case)


def test_the_ledger_tells_of_the_erasure_and_stays_whole(
    kept: Records, case_id: str, lead: Actor
) -> None:
    erasure.erase_case(kept, lead, case_id, Reason.REQUEST)
    with kept.database.reading() as session:
        newest = session.scalars(select(EventRow).order_by(EventRow.seq.desc())).first()
        assert newest
        assert (newest.kind, newest.by, newest.case_id) == ("case-erased", lead.id, case_id)
    assert verify_ledger(kept).faults == []


def test_to_erase_twice_is_to_erase_once(kept: Records, case_id: str, lead: Actor) -> None:
    for _ in range(2):
        erasure.erase_case(kept, lead, case_id, Reason.REQUEST)
    assert kept.erased
    assert kept.erased.read_text() == f"{case_id}\n"
    assert kept.erased.stat().st_mode & 0o777 == 0o600
    with kept.database.reading() as session:
        erasures = select(EventRow).where(EventRow.kind == "case-erased")
        assert len(session.scalars(erasures).all()) == 1


def test_only_who_may_erase_erases_and_only_at_her_sites(
    kept: Records, case_id: str, nurse: Actor, people: People
) -> None:
    elsewhere = people.actor(Role.LEAD_NURSE, sites=("South",))
    administrator = people.actor(Role.ADMINISTRATOR)
    for actor, refusal in (
        (nurse, NotAllowedError),
        (administrator, NotAllowedError),
        (elsewhere, NoCaseError),
    ):
        with pytest.raises(refusal):
            erasure.erase_case(kept, actor, case_id, Reason.REQUEST)
    assert not cases.find_case(kept, nurse, case_id).erased


def test_an_erasure_that_cannot_be_listed_is_not_done(
    kept: Records, case_id: str, lead: Actor, tmp_path: Path
) -> None:
    blocked = replace(kept, erased=tmp_path / "gone" / "erased")
    with pytest.raises(FileNotFoundError):
        erasure.erase_case(blocked, lead, case_id, Reason.REQUEST)
    assert not cases.find_case(kept, lead, case_id).erased


def test_an_erased_case_is_erased_from_copies_of_the_keyring_too(
    kept: Records, case_id: str, lead: Actor
) -> None:
    """What opens others' keys does not open this one, because there is nothing left to open."""
    assert isinstance(kept.keyring, KeyringFile)
    before = kept.keyring()
    erasure.erase_case(kept, lead, case_id, Reason.MISTAKE)
    with kept.database.reading() as session, pytest.raises(ErasedError):
        load_key(session, before, case_id)
