"""The case as one request sees it: read once, continued by what is written, never torn."""

import datetime as dt
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import delete, func, select
from support.casework.case_writes import added, answers, nothing, once, saved
from support.casework.recorded_assessments import answered, recorded
from support.storage.database_owner import unguarded
from support.storage.databases import People

from screening.core.results.warning_signs import Warnings
from screening.core.rules.item import Finder
from screening.core.values.answer import Answer
from screening.records.access import Actor
from screening.records.case.case_rows import load_row
from screening.records.case.case_summary import seal_summary, unseal_summary
from screening.records.case.case_view import CaseView, open_case
from screening.records.case.chase_rows import Chase
from screening.records.case.history import EntryMethod
from screening.records.casework.answers import ConflictError, Submission, save_answers
from screening.records.casework.chases import set_chases
from screening.records.errors import NoCaseError, StaleError
from screening.records.ledger.records import Records
from screening.records.sealing.vault import DataKey, SealError
from screening.records.storage.tables import AnswerRow

CHASE = Chase(link_id="q", owner=Finder.PATIENT, due=dt.date(2027, 1, 1))


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> Counter[tuple[object, ...]]:
    """How often each field was opened since the test began."""
    found, unseal = Counter[tuple[object, ...]](), DataKey.unseal

    def opening(key: DataKey, sealed: bytes, *place: object) -> bytes:
        found[place] += 1
        return unseal(key, sealed, *place)

    monkeypatch.setattr(DataKey, "unseal", opening)
    return found


def of_answers(opened: Counter[tuple[object, ...]]) -> list[int]:
    return [count for place, count in opened.items() if place[0] == "answers"]


def save(view: CaseView, version: int, find: Any = nothing, **given: Any) -> int:  # noqa: ANN401
    sheet = Submission(
        version=version, answers=answers(**given), how=EntryMethod.FORM, idempotency_key=once()
    )
    return save_answers(view, sheet, find_warnings=find).version


def test_what_another_saves_is_not_seen_before_the_case_is_read_again(
    records: Records, people: People
) -> None:
    ann, ben = people.actor(name="Ann"), people.actor(name="Ben")
    case_id = added(records, ann)
    view = open_case(records, ann, case_id)
    saved(records, ben, case_id, 1, answers(q=1))
    assert (view.case.version, view.history.changes) == (1, ())
    view.forget()
    assert (view.case.version, view.history.answers()) == (2, answers(q=1))


def test_a_write_continues_the_history_as_everybody_reads_it(
    records: Records, people: People, opened: Counter[tuple[object, ...]]
) -> None:
    ann, ben = people.actor(name="Ann"), people.actor(name="Ben")
    case_id = added(records, ann)
    saved(records, ann, case_id, 1, answers(q=1, r=1))
    view = open_case(records, ann, case_id)
    assert view.history.answers() == answers(q=1, r=1)
    saved(records, ben, case_id, 2, answers(r=2))
    opened.clear()
    assert save(view, 2, q=None, s=True, a=3) == 4
    assert view.history.answers() == answers(r=2, s=True, a=3)
    assert of_answers(opened) == [1]  # Ben's; Ann's own were never sealed for her
    assert view.history == open_case(records, ben, case_id).history


def test_a_write_that_is_not_kept_leaves_no_trace_in_the_history(
    records: Records, nurse: Actor
) -> None:
    def fail(_: Mapping[str, Answer]) -> Warnings:
        raise ZeroDivisionError

    case_id = added(records, nurse)
    view = open_case(records, nurse, case_id)
    with pytest.raises(ZeroDivisionError):
        save(view, 1, fail, q=1)
    assert (view.case.version, view.history.changes) == (1, ())
    assert save(view, 1, q=2) == 2
    assert view.history.answers() == answers(q=2)


def test_after_a_refused_write_the_case_is_as_it_is_now(records: Records, people: People) -> None:
    ann, ben = people.actor(name="Ann"), people.actor(name="Ben")
    case_id = added(records, ann)
    view = open_case(records, ann, case_id)
    saved(records, ben, case_id, 1, answers(q=1))
    with pytest.raises(StaleError):
        set_chases(view, 1, {"q": CHASE}, once())
    assert view.case.version == 2
    with pytest.raises(ConflictError):
        save(view, 1, q=2)
    assert view.history.answers() == answers(q=1)


def test_chases_are_read_with_the_case_that_names_them(records: Records, nurse: Actor) -> None:
    case_id = added(records, nurse)
    view = open_case(records, nurse, case_id)
    set_chases(open_case(records, nurse, case_id), 1, {"q": CHASE}, once())
    assert view.case.version == 1
    assert view.chases == {"q": CHASE}


def test_a_result_is_opened_once_whatever_is_written(
    records: Records, nurse: Actor, opened: Counter[tuple[object, ...]]
) -> None:
    case_id = answered(records, nurse)
    recorded(records, nurse, case_id)
    view, number = open_case(records, nurse, case_id), 1
    opened.clear()
    content = view.assessment(number).content
    set_chases(view, view.case.version, {"q": CHASE}, once())
    assert view.assessment(number).content is content
    assert [count for place, count in opened.items() if place[0] == "assessments"] == [1]


def test_a_case_that_was_opened_in_an_emergency_is_read_and_not_written(
    records: Records, people: People
) -> None:
    case_id = added(records, people.actor())
    elsewhere = replace(people.actor(sites=("South",)), emergency_cases=frozenset({case_id}))
    view = open_case(records, elsewhere, case_id)
    assert view.history.changes == ()
    with pytest.raises(NoCaseError):
        save(view, 1, q=1)
    assert open_case(records, people.actor(), case_id).history.changes == ()


def take_newest_answer(records: Records, case_id: str) -> None:
    """Delete the answers of the newest version, as somebody who writes the database can."""
    with records.database.writing() as session, unguarded(session):
        newest = select(func.max(AnswerRow.version)).where(AnswerRow.case_id == case_id)
        mine = AnswerRow.case_id == case_id, AnswerRow.version == newest.scalar_subquery()
        session.execute(delete(AnswerRow).where(*mine))


def test_an_answer_that_was_taken_away_is_missed(records: Records, nurse: Actor) -> None:
    case_id = added(records, nurse)
    for version, given in enumerate([answers(q=1, r=2), answers(q=3)], start=1):
        saved(records, nurse, case_id, version, given)
    take_newest_answer(records, case_id)
    view = open_case(records, nurse, case_id)
    with pytest.raises(SealError):
        assert view.history
    assert view.answer_version == 3
    with pytest.raises(SealError):
        save(open_case(records, nurse, case_id), 3, q=4)


def test_answers_that_were_kept_before_they_were_counted_are_counted_with_the_next(
    records: Records, nurse: Actor
) -> None:
    case_id = added(records, nurse)
    saved(records, nurse, case_id, 1, answers(q=1, r=2))
    view = open_case(records, nurse, case_id)
    with records.database.writing() as session, unguarded(session):
        row = load_row(session, nurse, case_id)
        summary = replace(unseal_summary(view.key, row), answer_count=None, answer_version=None)
        seal_summary(view.key, row, summary)
    view = open_case(records, nurse, case_id)
    assert (len(view.history.changes), view.answer_version) == (2, 2)
    saved(records, nurse, case_id, 2, answers(q=3))
    assert len(open_case(records, nurse, case_id).history.changes) == 3
    take_newest_answer(records, case_id)
    with pytest.raises(SealError):
        assert open_case(records, nurse, case_id).history
