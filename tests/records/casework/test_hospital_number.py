"""The hospital number and the date received are sealed and may be unknown; the number is found."""

import datetime as dt
import json

import pytest
from sqlalchemy import select
from support.casework.case_writes import once
from support.casework.referrals import referral
from support.people import worklist_people
from support.people.web_people import add_site

from screening.core.values.referral import Referral
from screening.records.access import Actor, Role
from screening.records.case.case_rows import Case
from screening.records.case.case_summary import Summary
from screening.records.case.case_view import open_case
from screening.records.casework.cases import add_case, change_referral, find_case
from screening.records.errors import UnfitFieldError
from screening.records.ledger.records import Records
from screening.records.storage.tables import WordRow
from screening.records.verification.verify import verify_ledger
from screening.records.worklist.bulk import find_likenesses
from screening.records.worklist.worklist import Query, find_duplicates, worklist

DAY = dt.date(2026, 3, 27)
WRITE = Summary.write


@pytest.fixture
def site(nurse: Actor) -> int:
    (number,) = nurse.sites
    return number


def known(number: int, **more: object) -> Referral:
    return worklist_people.referral(number, **more)


def searched(records: Records, actor: Actor, text: str) -> list[str]:
    return [case.id for case in worklist(records, actor, Query(text=text)).cases]


def ids(found: tuple[Case, ...]) -> list[str]:
    return [case.id for case in found]


def test_both_are_kept_and_changed(records: Records, nurse: Actor, site: int) -> None:
    first = referral(hospital_number="00 123-4", date_received=DAY)
    case_id = add_case(records, nurse, site, first, once())
    assert find_case(records, nurse, case_id).referral == first
    second = referral(hospital_number=None, date_received=dt.date(2026, 3, 28))
    change_referral(open_case(records, nurse, case_id), 1, second, once())
    assert find_case(records, nurse, case_id).referral == second


def test_a_case_is_found_by_its_whole_hospital_number_alone(
    records: Records, nurse: Actor, site: int
) -> None:
    case_id = add_case(records, nurse, site, known(1, hospital_number="H 4711-08"), once())
    add_case(records, nurse, site, known(2), once())
    for text in ("H 4711-08", "h471108"):
        assert searched(records, nurse, text) == [case_id]
    for text in ("4711", "H 4711", "08"):
        assert searched(records, nurse, text) == []
    change_referral(open_case(records, nurse, case_id), 1, known(1, hospital_number="H 5"), once())
    assert searched(records, nurse, "H 4711-08") == []
    assert searched(records, nurse, "H-5") == [case_id]


def test_an_equal_number_at_the_site_is_a_likely_duplicate_and_not_at_another(
    records: Records, site: int
) -> None:
    south = add_site(records, "South")
    both = worklist_people.person(records, Role.NURSE, sites=[site, south], name="Bo Both")
    case_id = add_case(records, both, site, known(1, hospital_number="77"), once())
    again = known(2, hospital_number="7-7")
    assert ids(find_duplicates(records, both, site, again)) == [case_id]
    assert find_duplicates(records, both, south, again) == ()
    assert find_duplicates(records, both, site, known(2)) == ()
    (like,) = find_likenesses(records, both, site, [again])
    assert ids(like.cases) == [case_id]
    assert not find_likenesses(records, both, south, [again])[0]
    rows = find_likenesses(records, both, south, [again, known(3), known(4, hospital_number="77")])
    assert [each.earlier for each in rows] == [None, None, 0]


def test_a_reference_does_not_pass_for_a_hospital_number(
    records: Records, nurse: Actor, site: int
) -> None:
    add_case(records, nurse, site, known(1, reference="77"), once())
    assert find_duplicates(records, nurse, site, known(2, hospital_number="77")) == ()


def test_nothing_of_them_is_in_the_clear(sqlite_records: Records, sqlite_nurse: Actor) -> None:
    (sqlite_site,) = sqlite_nurse.sites
    first = referral(hospital_number="CANARY-4711", date_received=DAY)
    add_case(sqlite_records, sqlite_nurse, sqlite_site, first, once())
    with sqlite_records.database.reading() as session:
        connection = session.connection()
        dumped = "\n".join(connection.connection.driver_connection.iterdump())  # type: ignore[union-attr]  # of SQLite
    for text in ("CANARY", "canary4711", DAY.isoformat()):
        assert text not in dumped
        assert text.encode().hex() not in dumped.lower()


def test_a_number_that_nobody_could_type_and_a_day_to_come_are_refused(
    records: Records, nurse: Actor, site: int
) -> None:
    for field, value in (
        ("hospital_number", "=1"),
        ("hospital_number", "x" * 41),
        ("date_received", dt.date(2999, 1, 1)),
        ("date_received", dt.date(1999, 1, 1)),
    ):
        with pytest.raises(UnfitFieldError) as error:
            add_case(records, nurse, site, referral(**{field: value}), once())
        assert error.value.field == field


def test_a_case_of_before_opens_with_both_unknown_and_is_changed(
    records: Records, nurse: Actor, site: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(Summary, "write", written_before)
        case_id = add_case(records, nurse, site, referral(), once())
    words = tokens(records)
    assert find_case(records, nurse, case_id).referral == referral()
    assert verify_ledger(records).faults == []
    new = referral(hospital_number="5", date_received=DAY)
    change_referral(open_case(records, nurse, case_id), 1, new, once())
    assert searched(records, nurse, "5") == [case_id]
    assert len(tokens(records)) == len(words)


def written_before(summary: Summary) -> bytes:
    """A summary as it was kept before there were these fields."""
    known = json.loads(WRITE(summary))
    del known["hospital_number"], known["date_received"]
    return json.dumps(known).encode()


def tokens(records: Records) -> set[str]:
    with records.database.reading() as session:
        return set(session.scalars(select(WordRow.token)))
