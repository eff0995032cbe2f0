"""What can wait least stands first in the worklist, alike on every database."""

import datetime as dt

import pytest
from databases import clock
from referrals import referral
from sqlalchemy import update
from writes import added, answers, once, site

from screening.core.item import Finder
from screening.core.referral import Priority
from screening.records import urgency
from screening.records.access import Actor
from screening.records.answers import How, save_answers
from screening.records.cases import (
    URGENCY,
    Query,
    add_cases,
    change_referral,
    close_case,
    find_case,
    worklist,
)
from screening.records.chases import Chase, set_chases
from screening.records.store import Records
from screening.records.tables import CaseKeyRow, CaseRow

LATE = Chase(link_id="q", owner=Finder.REPORT, due=dt.date(2026, 11, 1))
SOON, URGENT = Priority.SOON, Priority.URGENT
ORDER = ["flagged-soon", "flagged", "late", "urgent", "soon-older", "soon-newer", "not-due", "new"]


@pytest.fixture
def cases(records: Records, nurse: Actor) -> dict[str, str]:
    """Cases by their references, each with one thing that the order looks at; touched in turns."""
    kinds = {
        "new": {},
        "urgent": {"priority": URGENT},
        "soon-newer": {"priority": SOON},
        "late": {},
        "not-due": {},
        "flagged": {},
        "soon-older": {"priority": SOON},
        "flagged-soon": {"priority": SOON},
    }
    made = {each: added(records, nurse, reference=each, **kind) for each, kind in kinds.items()}
    set_chases(records, nurse, made["late"], 1, {"q": LATE}, once())
    for name in ("flagged-soon", "flagged", "not-due"):
        raise_flags(records, nurse, made[name], *(["sign"] if name.startswith("flagged") else []))
    for name in ("soon-newer", "new"):
        clock(records).advance(minutes=1)
        touch(records, nurse, made[name])
    return made


def raise_flags(records: Records, nurse: Actor, case_id: str, *flags: str) -> None:
    """Answer a question anew, which raises these."""
    version = find_case(records, nurse, case_id).version
    save_answers(
        *(records, nurse, case_id, version, answers(q=version), How.FORM, once()),
        red_flags=lambda _: flags,
    )


def touch(records: Records, nurse: Actor, case_id: str) -> None:
    case = find_case(records, nurse, case_id)
    other = referral(
        reference=case.referral.reference, priority=case.referral.priority, clinic="Elsewhere"
    )
    change_referral(records, nurse, case_id, case.version, other, once())


def found(records: Records, nurse: Actor, **query: object) -> list[str]:
    asked = Query(sort=URGENCY, **query)  # type: ignore[arg-type]  # by name
    return [case.referral.reference for case in worklist(records, nurse, asked).cases]


def test_flags_then_overdue_then_priority_then_the_longest_untouched(
    records: Records, nurse: Actor, cases: dict[str, str]
) -> None:
    assert found(records, nurse) == ORDER
    assert worklist(records, nurse, Query(sort=URGENCY)).all_searched
    raise_flags(records, nurse, cases["flagged"])
    raise_flags(records, nurse, cases["new"], "sign")
    assert found(records, nurse)[:3] == ["flagged-soon", "new", "late"]


@pytest.mark.parametrize("size", [1, 2, 3, 5, 8])
def test_pages_go_on_where_the_one_before_ends(
    records: Records, nurse: Actor, cases: dict[str, str], size: int
) -> None:
    assert len(cases) == len(ORDER)
    pages = range(1, -(-len(ORDER) // size) + 1)
    listed = [each for page in pages for each in found(records, nurse, size=size, page=page)]
    assert listed == ORDER
    assert found(records, nurse, size=size, page=99) == listed[(len(pages) - 1) * size :]


def test_closed_cases_come_last_and_filters_hold(
    records: Records, nurse: Actor, cases: dict[str, str]
) -> None:
    for name in ("late", "flagged-soon"):
        case = find_case(records, nurse, cases[name])
        close_case(records, nurse, case.id, case.version, once())
    rest = [each for each in ORDER if each not in {"late", "flagged-soon"}]
    assert found(records, nurse) == rest
    assert found(records, nurse, closed=True) == [*rest, "flagged-soon", "late"]
    assert found(records, nurse, priority=SOON) == ["soon-older", "soon-newer"]
    assert found(records, nurse, text="nobody") == []


def test_of_too_many_only_the_first_are_opened_and_it_is_said(
    records: Records, nurse: Actor, cases: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert len(cases) == len(ORDER)
    monkeypatch.setattr(urgency, "MOST", 1)
    page = worklist(records, nurse, Query(sort=URGENCY))
    assert not page.all_searched
    assert page.cases[0].referral.reference == "flagged-soon"
    assert sorted(case.referral.reference for case in page.cases) == sorted(ORDER)


def test_one_that_cannot_be_read_hides_no_other(records: Records, nurse: Actor) -> None:
    add_cases(records, nurse, site(nurse), [referral(priority=URGENT)] * 3, once())
    damaged = added(records, nurse)
    raise_flags(records, nurse, damaged, "sign")
    with records.database.writing() as session:
        session.execute(update(CaseRow).where(CaseRow.id == damaged).values(sealed=b"x" * 40))
    assert len(found(records, nurse, size=3)) == 3


def test_what_was_read_before_its_key_was_destroyed_is_told_no_more(
    records: Records, nurse: Actor, cases: dict[str, str]
) -> None:
    assert found(records, nurse)[0] == "flagged-soon"
    gone = cases["flagged-soon"]
    with records.database.writing() as session:
        key = update(CaseKeyRow).where(CaseKeyRow.case_id == gone)
        session.execute(key.values(wrapped=None))
    ids = [case.id for case in worklist(records, nurse, Query(sort=URGENCY)).cases]
    assert ids[0] == cases["flagged"]
    assert ids.index(gone) > ids.index(cases["urgent"])


def test_the_same_sealed_bytes_are_opened_once(
    records: Records, nurse: Actor, cases: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert found(records, nurse) == ORDER
    opened: list[str] = []
    monkeypatch.setattr(urgency, "open_key", lambda *row: opened.append(row[1]))
    assert found(records, nurse) == ORDER
    assert opened == []
    assert len(cases) == len(ORDER)
