"""Cases whose window of time ends soon are found and put in order, alike on every database."""

import datetime as dt

import pytest
from sqlalchemy import update
from support.casework.case_writes import added, answers, once
from support.rulesets import shipped
from support.storage.databases import clock

from screening.core.results.warning_signs import Warnings
from screening.records.access import Actor
from screening.records.case.case_rows import State
from screening.records.case.case_view import open_case
from screening.records.case.history import EntryMethod
from screening.records.casework.answers import Submission, save_answers
from screening.records.casework.cases import close_case, find_case
from screening.records.ledger.records import Records
from screening.records.storage.tables import CaseRow
from screening.records.worklist import urgency
from screening.records.worklist.worklist import WINDOW, Query, worklist

TODAY = dt.date(2026, 11, 20)
DAYS = {"later": 40, "soon": 14, "decided": 5, "past": -1, "new": None, "without": None, "last": 15}
SOON = ["past", "decided", "soon"]
IN_ORDER = [*SOON, "last", "later"]


@pytest.fixture
def cases(records: Records, nurse: Actor) -> dict[str, str]:
    """Cases by their references; each window ends so many days from today."""
    made = {name: added(records, nurse, reference=name) for name in DAYS}
    for name, days in DAYS.items():
        if name != "new":
            closes = None if days is None else TODAY + dt.timedelta(days=days)
            end_window(records, nurse, made[name], closes)
    with records.database.writing() as session:
        decided = update(CaseRow).where(CaseRow.id == made["decided"])
        session.execute(decided.values(state=State.DECIDED.value))
    return made


def end_window(records: Records, nurse: Actor, case_id: str, closes: dt.date | None) -> None:
    """Answer a question; what is recent is so until this day."""
    clock(records).advance(seconds=1)
    version = find_case(records, nurse, case_id).version
    save_answers(
        open_case(records, nurse, case_id),
        Submission(
            version=version,
            answers=answers(r=version),
            how=EntryMethod.FORM,
            idempotency_key=once(),
        ),
        find_warnings=lambda _: Warnings(closes=closes),
    )


def found(records: Records, nurse: Actor, **query: object) -> list[str]:
    asked = Query(**query)  # type: ignore[arg-type]  # by name
    return [case.referral.reference for case in worklist(records, nurse, asked).cases]


def test_the_window_that_ends_first_stands_first_and_cases_without_one_last(
    records: Records, nurse: Actor, cases: dict[str, str]
) -> None:
    listed = found(records, nurse, sort=WINDOW)
    assert listed[: len(IN_ORDER)] == IN_ORDER
    assert set(listed) == cases.keys()
    pages = [found(records, nurse, sort=WINDOW, size=3, page=page) for page in (1, 2, 3)]
    assert [name for page in pages for name in page] == listed


@pytest.mark.parametrize("sort", [WINDOW, "touched", "urgency"])
def test_windows_that_end_within_a_fortnight_are_filtered(
    records: Records, nurse: Actor, cases: dict[str, str], sort: str
) -> None:
    assert len(cases) == len(DAYS)
    assert set(found(records, nurse, sort=sort, closing=True)) == set(SOON)
    assert found(records, nurse, sort=WINDOW, closing=True) == SOON
    page = worklist(records, nurse, Query(sort=sort, closing=True))
    assert (page.total, page.all_searched) == (len(SOON), True)


def test_closed_cases_have_no_window(records: Records, nurse: Actor, cases: dict[str, str]) -> None:
    version = find_case(records, nurse, cases["soon"]).version
    close_case(open_case(records, nurse, cases["soon"]), version, shipped.ruleset(), once())
    listed = found(records, nurse, sort=WINDOW, closing=True, closed=True)
    assert listed == [each for each in SOON if each != "soon"]


def test_where_not_every_case_was_opened_it_is_said(
    records: Records, nurse: Actor, cases: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert len(cases) == len(DAYS)
    monkeypatch.setattr(urgency, "MOST", 2)
    for asked in (Query(sort=WINDOW), Query(closing=True)):
        assert not worklist(records, nurse, asked).all_searched


def test_where_no_case_has_one_nothing_is_found(records: Records, nurse: Actor) -> None:
    added(records, nurse, reference="alone")
    assert found(records, nurse, sort=WINDOW) == ["alone"]
    assert found(records, nurse, closing=True) == []
