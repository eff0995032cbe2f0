"""A known emergency is a task: nobody closes or decides a case before somebody was told."""

import datetime as dt
from collections.abc import Mapping

import pytest
from sqlalchemy import select
from support.casework.case_writes import UNKNOWN, added, answers, nothing, once, saved
from support.casework.handovers import hand_over, handover
from support.casework.recorded_assessments import answered, recorded
from support.rulesets.shipped import changed, favourable, ruleset
from support.storage.databases import People, clock

from screening.core.results.assess import assess
from screening.core.results.decision import CHOICES, Refusal
from screening.core.results.warning_signs import Warnings, collect_warnings
from screening.core.rules.item import Finder
from screening.core.values.answer import Answer
from screening.core.values.note import HANDOVER_NAME, MISTAKE_NOTE
from screening.records.access import Actor, Role
from screening.records.case.case_rows import State
from screening.records.case.case_view import open_case
from screening.records.case.chase_rows import Chase
from screening.records.case.history import EntryMethod
from screening.records.casework.answers import Submission, save_answers
from screening.records.casework.cases import close_case, find_case
from screening.records.casework.chases import set_chases
from screening.records.casework.emergency_notes import (
    HandoverNote,
    MistakeNote,
    emergency_notes,
)
from screening.records.casework.handovers import (
    NoEmergencyError,
    NotHandedOverError,
    NotRuledOutError,
    record_handover,
    record_mistake,
)
from screening.records.errors import (
    ClosedError,
    NoCaseError,
    NotAllowedError,
    StaleError,
    UnfitFieldError,
)
from screening.records.ledger.events import EventKind
from screening.records.ledger.records import Records
from screening.records.results.decisions import DecisionRefusedError, NewDecision, record_review
from screening.records.storage.tables import EventRow, NoteRow
from screening.records.verification.verify import verify_ledger
from screening.records.worklist.pending_handovers import find_pending_handovers

YES, NO = Answer(value=True), Answer(value=False)
DAY = dt.date(2026, 11, 20)


def found(given: Mapping[str, Answer]) -> Warnings:
    return collect_warnings(assess(ruleset(), dict(given), DAY))


def answer(records: Records, nurse: Actor, case_id: str, **given: Answer | None) -> None:
    """Answer as the sheet does."""
    version, posted = find_case(records, nurse, case_id).version, answers(**given)
    saved(records, nurse, case_id, version, posted, find_warnings=found)


@pytest.fixture
def weak(records: Records, nurse: Actor) -> str:
    """A case with an emergency sign, just answered."""
    case_id = added(records, nurse)
    answer(records, nurse, case_id, leg_weakness=YES)
    return case_id


def close(records: Records, nurse: Actor, case_id: str) -> None:
    version = find_case(records, nurse, case_id).version
    close_case(open_case(records, nurse, case_id), version, ruleset(), once())


def tasks(records: Records, nurse: Actor) -> list[str]:
    return [case.id for case in find_pending_handovers(records, nurse).cases]


def test_an_emergency_is_a_task_that_is_due_today(
    records: Records, nurse: Actor, weak: str
) -> None:
    case = find_case(records, nurse, weak)
    assert case.needs_handover
    assert (case.due, case.waits_for) == (DAY, None)
    assert tasks(records, nurse) == [weak]
    clock(records).advance(days=2)
    answer(records, nurse, weak, saddle_numbness=UNKNOWN)
    assert find_case(records, nurse, weak).due == DAY


def test_it_comes_before_what_is_due_later(records: Records, nurse: Actor, weak: str) -> None:
    later = DAY + dt.timedelta(days=3)
    chase = {"age": Chase(link_id="age", owner=Finder.REPORT, due=later)}
    version = set_chases(open_case(records, nurse, weak), 2, chase, once())
    assert find_case(records, nurse, weak).due == DAY
    hand_over(records, nurse, weak)
    case = find_case(records, nurse, weak)
    assert (case.due, case.waits_for) == (later, Finder.REPORT)
    assert case.version == version + 1


def test_once_somebody_was_told_the_task_is_done(records: Records, nurse: Actor, weak: str) -> None:
    hand_over(records, nurse, weak)
    case = find_case(records, nurse, weak)
    assert (case.needs_handover, case.due, case.emergencies) == (False, None, ("leg_weakness",))
    assert tasks(records, nurse) == []
    (told,) = emergency_notes(open_case(records, nurse, weak))
    assert isinstance(told, HandoverNote)
    assert (told.handover.told, told.handover.told_by) == ("Dr Hill, on call", "Nora Nurse")
    assert records.now() - told.handover.told_at < dt.timedelta(minutes=16)
    assert (told.signs, told.by) == (("leg_weakness",), nurse.name)
    close(records, nurse, weak)
    assert find_case(records, nurse, weak).state is State.CLOSED


def test_a_case_is_not_closed_before(records: Records, nurse: Actor, weak: str) -> None:
    with pytest.raises(NotHandedOverError):
        close(records, nurse, weak)
    assert find_case(records, nurse, weak).state is State.SCREENING


def test_nor_where_the_one_who_saved_did_not_look_for_emergencies(
    records: Records, nurse: Actor
) -> None:
    case_id = added(records, nurse)
    save_answers(
        open_case(records, nurse, case_id),
        Submission(
            version=1, answers={"leg_weakness": YES}, how=EntryMethod.FORM, idempotency_key=once()
        ),
        find_warnings=nothing,
    )
    with pytest.raises(NotHandedOverError):
        close(records, nurse, case_id)


def test_a_further_sign_is_a_further_task(records: Records, nurse: Actor, weak: str) -> None:
    hand_over(records, nurse, weak)
    answer(records, nurse, weak, saddle_numbness=YES)
    assert find_case(records, nurse, weak).needs_handover
    with pytest.raises(NotHandedOverError):
        close(records, nurse, weak)
    hand_over(records, nurse, weak)
    newest, first = emergency_notes(open_case(records, nurse, weak))
    assert set(newest.signs) == {"leg_weakness", "saddle_numbness"}
    assert first.signs == ("leg_weakness",)


def test_a_sign_that_comes_back_is_a_task_again(records: Records, nurse: Actor, weak: str) -> None:
    hand_over(records, nurse, weak)
    answer(records, nurse, weak, leg_weakness=NO)
    assert not find_case(records, nurse, weak).needs_handover
    answer(records, nurse, weak, leg_weakness=YES)
    assert find_case(records, nurse, weak).needs_handover


@pytest.mark.parametrize("later", [NO, UNKNOWN, None])
def test_a_sign_that_is_taken_back_is_a_task_until_somebody_was_told(
    records: Records, nurse: Actor, weak: str, later: Answer | None
) -> None:
    clock(records).advance(days=2)
    answer(records, nurse, weak, leg_weakness=later)
    case = find_case(records, nurse, weak)
    assert (case.emergencies, case.taken_back) == ((), ("leg_weakness",))
    assert (case.needs_handover, case.due, tasks(records, nurse)) == (True, DAY, [weak])
    with pytest.raises(NotHandedOverError):
        close(records, nurse, weak)
    hand_over(records, nurse, weak)
    case = find_case(records, nurse, weak)
    assert (case.needs_handover, case.due, case.taken_back, case.noted) == (False, None, (), True)
    (told,) = emergency_notes(open_case(records, nurse, weak))
    assert told.signs == ("leg_weakness",)
    close(records, nurse, weak)


def test_or_until_somebody_says_why_it_was_an_error(
    records: Records, nurse: Actor, weak: str
) -> None:
    answer(records, nurse, weak, leg_weakness=NO)
    call_it_an_error(records, nurse, weak, " The wrong key ")
    assert not find_case(records, nurse, weak).needs_handover
    (note,) = emergency_notes(open_case(records, nurse, weak))
    assert isinstance(note, MistakeNote)
    assert (note.why, note.signs, note.by) == ("The wrong key", ("leg_weakness",), nurse.name)
    assert verify_ledger(records).faults == []
    close(records, nurse, weak)


def test_what_is_there_now_is_no_error(records: Records, nurse: Actor, weak: str) -> None:
    with pytest.raises(NoEmergencyError):
        call_it_an_error(records, nurse, weak)
    answer(records, nurse, weak, leg_weakness=NO, saddle_numbness=YES)
    call_it_an_error(records, nurse, weak)
    case = find_case(records, nurse, weak)
    assert (case.taken_back, case.needs_handover, case.due) == ((), True, DAY)
    with pytest.raises(NotHandedOverError):
        close(records, nurse, weak)


def test_each_sign_that_was_taken_back_needs_a_reason_of_its_own(
    records: Records, nurse: Actor, weak: str
) -> None:
    answer(records, nurse, weak, leg_weakness=NO)
    answer(records, nurse, weak, saddle_numbness=YES)
    answer(records, nurse, weak, saddle_numbness=NO)
    call_it_an_error(records, nurse, weak)
    case = find_case(records, nurse, weak)
    assert (case.taken_back, case.needs_handover, case.due) == (("saddle_numbness",), True, DAY)
    call_it_an_error(records, nurse, weak, sign="saddle_numbness")
    assert not find_case(records, nurse, weak).needs_handover
    assert [each.signs for each in emergency_notes(open_case(records, nurse, weak))] == [
        ("saddle_numbness",),
        ("leg_weakness",),
    ]


@pytest.mark.parametrize("later", [UNKNOWN, None])
def test_what_nobody_has_answered_no_to_is_no_error(
    records: Records, nurse: Actor, weak: str, later: Answer | None
) -> None:
    answer(records, nurse, weak, leg_weakness=later)
    with pytest.raises(NotRuledOutError):
        call_it_an_error(records, nurse, weak)
    assert find_case(records, nurse, weak).needs_handover
    answer(records, nurse, weak, leg_weakness=NO)
    call_it_an_error(records, nurse, weak)
    assert not find_case(records, nurse, weak).needs_handover


@pytest.mark.parametrize(
    "why",
    [
        " ",
        ".",
        "no idea",
        "\u3164" * 9,
        "x" * (MISTAKE_NOTE.longest + 1),
        "wrong key\0",
        "wrong key\ud800",
    ],
)
def test_an_error_needs_a_reason(records: Records, nurse: Actor, weak: str, why: str) -> None:
    answer(records, nurse, weak, leg_weakness=NO)
    with pytest.raises(UnfitFieldError) as caught:
        call_it_an_error(records, nurse, weak, why)
    assert caught.value.field == "why"
    assert find_case(records, nurse, weak).needs_handover


def test_a_sign_taken_back_lets_nobody_decide(records: Records, nurse: Actor) -> None:
    given = favourable()
    case_id = answered(records, nurse, given)
    for each in (YES, given["leg_weakness"]):
        answer(records, nurse, case_id, leg_weakness=each)
    recorded(records, nurse, case_id, given)
    refer = NewDecision(choice=CHOICES["refer:requirements-met"])
    version = find_case(records, nurse, case_id).version
    with pytest.raises(DecisionRefusedError) as caught:
        record_review(open_case(records, nurse, case_id), 1, version, refer, ruleset(), once())
    assert caught.value.refusal is Refusal.NOT_HANDED_OVER
    call_it_an_error(records, nurse, case_id)
    version = find_case(records, nurse, case_id).version
    assert (
        record_review(open_case(records, nurse, case_id), 1, version, refer, ruleset(), once()) == 1
    )


def call_it_an_error(
    records: Records,
    nurse: Actor,
    case_id: str,
    why: str = "The wrong key",
    sign: str = "leg_weakness",
) -> None:
    record_mistake(open_case(records, nurse, case_id), sign, why, ruleset(), once())


def test_asking_for_more_is_possible_before(records: Records, nurse: Actor) -> None:
    given = changed(favourable(), {"leg_weakness": YES})
    case_id = answered(records, nurse, given)
    recorded(records, nurse, case_id, given)
    assert find_case(records, nurse, case_id).needs_handover
    decided = NewDecision(choice=CHOICES["ask-more:clinician-asked"])
    version = find_case(records, nurse, case_id).version
    assert (
        record_review(open_case(records, nurse, case_id), 1, version, decided, ruleset(), once())
        == 1
    )
    assert tasks(records, nurse) == [case_id]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("told", " "),
        ("told", "x" * (HANDOVER_NAME.longest + 1)),
        ("told", "a\0b"),
        ("told", "-"),
        ("told", "\u200b\u2800\u3164"),
        ("told_by", ""),
        ("told_at", dt.datetime(2026, 11, 18, 23, tzinfo=dt.UTC)),
        ("told_by", "a\ud800"),
        ("told_at", dt.datetime(2026, 11, 21, tzinfo=dt.UTC)),
    ],
)
def test_all_three_have_to_be_said(
    records: Records, nurse: Actor, weak: str, field: str, value: object
) -> None:
    with pytest.raises(UnfitFieldError) as caught:
        hand_over(records, nurse, weak, **{field: value})
    assert caught.value.field == field
    assert emergency_notes(open_case(records, nurse, weak)) == ()


def test_the_same_form_records_once_and_a_stale_one_nothing(
    records: Records, nurse: Actor, weak: str
) -> None:
    stated, key, seen = handover(records), once(), frozenset({"leg_weakness"})
    for _ in range(2):
        assert record_handover(open_case(records, nurse, weak), seen, stated, ruleset(), key) == 3
    answer(records, nurse, weak, saddle_numbness=YES)
    with pytest.raises(StaleError):
        record_handover(open_case(records, nurse, weak), seen, stated, ruleset(), once())
    assert len(emergency_notes(open_case(records, nurse, weak))) == 1


def test_a_closed_case_and_one_of_another_site_take_none(
    records: Records, people: People, nurse: Actor, weak: str
) -> None:
    hand_over(records, nurse, weak)
    with pytest.raises(NoCaseError):
        emergency_notes(open_case(records, people.actor(sites=("South",)), weak))
    close(records, nurse, weak)
    with pytest.raises(ClosedError):
        hand_over(records, nurse, weak)


def test_nobody_without_the_right_records_it(records: Records, people: People) -> None:
    nurse, auditor = people.actor(), people.actor(Role.AUDITOR)
    case_id = added(records, nurse)
    answer(records, nurse, case_id, leg_weakness=YES)
    with pytest.raises(NotAllowedError):
        hand_over(records, auditor, case_id)
    assert emergency_notes(open_case(records, auditor, case_id)) == ()


def test_neither_ledger_nor_columns_tell_of_it(records: Records, nurse: Actor, weak: str) -> None:
    hand_over(records, nurse, weak, told="Dr. Canary")
    hand_over(records, nurse, weak, told="Dr. Canary" * 20)
    assert verify_ledger(records).faults == []
    with records.database.reading() as session:
        (row,) = session.scalars(select(NoteRow))
        events = session.scalars(select(EventRow)).all()
    kinds = [event.kind for event in events if event.row == f"case_notes/{row.id}"]
    assert kinds == [EventKind.NOTE_ADDED.value]
    assert not any("emergenc" in f"{event.kind} {event.row}" for event in events)
    assert b"Canary" not in row.sealed
