"""Answers that somebody changed in the database, for good or for a moment: no result keeps them."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session
from support.casework.case_writes import once, saved
from support.casework.handovers import answered_yes, hand_over
from support.casework.recorded_assessments import answered, recorded
from support.casework.referrals import referral
from support.rulesets.shipped import as_of, favourable, ruleset
from support.storage.database_owner import unguarded
from support.storage.databases import clock

from screening.core.results.decision import CHOICES
from screening.core.values.answer import Answer
from screening.formats.answers.sealed_fields import NO_QUESTION
from screening.records.access import Actor
from screening.records.case.case_view import open_case
from screening.records.case.history import answer_token, notes_within
from screening.records.case.unreadable import is_unreadable
from screening.records.casework.cases import add_case, find_case
from screening.records.errors import UnconfirmedError
from screening.records.ledger.records import Records
from screening.records.results import assessments
from screening.records.results.decisions import NewDecision, record_review
from screening.records.sealing.vault import SealError
from screening.records.storage.tables import AnswerRow

REFER = NewDecision(choice=CHOICES["refer:requirements-met"])


def newest(session: Session, case_id: str) -> AnswerRow:
    """The newest answer of a case."""
    mine = select(AnswerRow).where(AnswerRow.case_id == case_id)
    return session.scalars(mine.order_by(AnswerRow.version.desc()).limit(1)).one()


def handed_over(records: Records, actor: Actor) -> str:
    """A case with a note on an emergency, which is kept like an answer, and a later answer."""
    (site,) = actor.sites
    case_id = add_case(records, actor, site, referral(), once())
    answered_yes(records, actor, case_id)
    version = hand_over(records, actor, case_id)
    saved(records, actor, case_id, version, {"active_infection": Answer(value=True)})
    return case_id


def note_token(records: Records, actor: Actor, case_id: str) -> str:
    return answer_token(open_case(records, actor, case_id).key, NO_QUESTION)


def test_a_note_cannot_take_the_place_of_an_answer(records: Records, nurse: Actor) -> None:
    """So that the number of answers stays the same."""
    case_id = handed_over(records, nurse)
    token = note_token(records, nurse, case_id)
    with records.database.writing() as session, unguarded(session):
        session.delete(newest(session, case_id))
        note = session.scalars(select(AnswerRow).where(AnswerRow.link_id == token)).one()
        note.link_id = "ab" * 16
    with pytest.raises(SealError):
        assert open_case(records, nurse, case_id).history


def test_nor_an_answer_that_of_a_note(records: Records, nurse: Actor) -> None:
    case_id = handed_over(records, nurse)
    token = note_token(records, nurse, case_id)
    with records.database.writing() as session, unguarded(session):
        newest(session, case_id).link_id = token
    view = open_case(records, nurse, case_id)
    with pytest.raises(SealError):
        assert view.history
    with records.database.reading() as session:
        notes = [content for _, content in notes_within(session, view.key)]
    assert [is_unreadable(each) for each in notes].count(True) == 1


@contextmanager
def younger(records: Records, case_id: str) -> Iterator[None]:
    """Let the answers of a case look younger for a moment."""
    with records.database.writing() as session, unguarded(session):
        mine = session.scalars(select(AnswerRow).where(AnswerRow.case_id == case_id)).all()
        before = {row.id: row.at for row in mine}
        for row in mine:
            row.at = records.now()
    yield
    with records.database.writing() as session, unguarded(session):
        for row in session.scalars(select(AnswerRow).where(AnswerRow.case_id == case_id)):
            row.at = before[row.id]


def old_case(records: Records, actor: Actor) -> tuple[str, Mapping[str, Answer]]:
    """A case with answers of last week."""
    answers = favourable()
    clock(records).advance(days=-8)
    case_id = answered(records, actor, answers)
    clock(records).advance(days=8)
    return case_id, answers


def test_no_result_rests_on_answers_that_look_younger(records: Records, nurse: Actor) -> None:
    case_id, answers = old_case(records, nurse)
    with younger(records, case_id), pytest.raises(UnconfirmedError):
        recorded(records, nurse, case_id, answers, as_of())
    assert open_case(records, nurse, case_id).assessments == ()


def test_nobody_is_referred_on_a_result_with_other_answers_than_its_case_has(
    records: Records, nurse: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Even if somebody had changed them, with their events, while the result was recorded."""
    case_id, answers = old_case(records, nurse)
    with younger(records, case_id), monkeypatch.context() as before:
        before.setattr(assessments, "check_answers_confirmed", lambda *_: None)
        recorded(records, nurse, case_id, answers, as_of())
    version = find_case(records, nurse, case_id).version
    with pytest.raises(UnconfirmedError):
        record_review(open_case(records, nurse, case_id), 1, version, REFER, ruleset(), once())


def test_nor_on_one_that_lacks_an_answer(
    records: Records, nurse: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    case_id = answered(records, nurse, favourable())
    version = find_case(records, nurse, case_id).version
    saved(records, nurse, case_id, version, {"scoliosis": Answer(value=True)})
    with monkeypatch.context() as before:
        before.setattr(assessments, "_given", lambda *_: {})
        recorded(records, nurse, case_id, favourable(), as_of())
    version = find_case(records, nurse, case_id).version
    with pytest.raises(UnconfirmedError):
        record_review(open_case(records, nurse, case_id), 1, version, REFER, ruleset(), once())
