"""The words of a letter: sealed, never changed, and the newest of a result counts."""

from dataclasses import replace

import pytest
from sqlalchemy import func, select
from support.casework.case_writes import once
from support.casework.handovers import hand_over
from support.casework.recorded_assessments import answered, recorded
from support.rulesets.shipped import favourable, ruleset
from support.storage.databases import People

from screening.core.values.answer import Answer
from screening.records.access import Actor, Role
from screening.records.case.case_view import CaseView, open_case
from screening.records.casework.cases import close_case
from screening.records.casework.emergency_notes import emergency_notes
from screening.records.casework.letters import (
    Letter,
    NewLetter,
    WrittenLetter,
    find_letter,
    write_letter,
)
from screening.records.casework.timeline import case_notes
from screening.records.errors import (
    ClosedError,
    NoAssessmentError,
    NoCaseError,
    NotAllowedError,
    StaleError,
    UnfitFieldError,
)
from screening.records.ledger.records import Records
from screening.records.storage.tables import NoteRow
from screening.records.verification.verify import verify_ledger

WORDS = Letter(
    addressee="Dr A. Example\nLow Street", salutation="Dear Anna", message="", request="Please call"
)


@pytest.fixture
def case_id(records: Records, nurse: Actor) -> str:
    """A case with one result."""
    case_id = answered(records, nurse)
    recorded(records, nurse, case_id)
    return case_id


def new(letter: Letter, seen: int, number: int = 1) -> NewLetter:
    return NewLetter(number=number, letter=letter, basis="decided", seen=seen)


def view(records: Records, actor: Actor, case_id: str) -> CaseView:
    return open_case(records, actor, case_id)


def written(records: Records, actor: Actor, case_id: str) -> tuple[WrittenLetter, ...]:
    return case_notes(view(records, actor, case_id)).letters


def test_the_newest_letter_of_a_result_counts_and_the_older_stays(
    records: Records, nurse: Actor, case_id: str
) -> None:
    assert find_letter(written(records, nurse, case_id), 1) is None
    later = replace(WORDS, message="We spoke with her daughter.")
    for seen, words in enumerate((WORDS, later)):
        write_letter(view(records, nurse, case_id), new(words, seen), once())
    newest, older = written(records, nurse, case_id)
    assert (newest.letter, newest.number, newest.by) == (later, 1, "Nora Nurse")
    assert older.letter == WORDS
    assert find_letter([newest, older], 1) == newest
    assert not verify_ledger(records).faults


def test_the_same_words_and_the_same_form_write_nothing_more(
    records: Records, nurse: Actor, case_id: str
) -> None:
    key = once()
    version = write_letter(view(records, nurse, case_id), new(WORDS, 0), key)
    for again in (key, once()):
        assert write_letter(view(records, nurse, case_id), new(WORDS, 0), again) == version
    with records.database.reading() as session:
        mine = select(func.count()).where(NoteRow.case_id == case_id)
        assert session.scalar(mine) == 1


def test_of_two_who_write_at_once_the_second_is_told(
    records: Records, nurse: Actor, people: People, case_id: str
) -> None:
    lead = people.actor(Role.LEAD_NURSE)
    mine, theirs = replace(WORDS, message="mine"), replace(WORDS, message="theirs")
    write_letter(view(records, lead, case_id), new(theirs, 0), once())
    with pytest.raises(StaleError):
        write_letter(view(records, nurse, case_id), new(mine, 0), once())
    assert [each.letter for each in written(records, nurse, case_id)] == [theirs]
    write_letter(view(records, nurse, case_id), new(mine, 1), once())
    assert [each.letter for each in written(records, nurse, case_id)] == [mine, theirs]


def test_no_word_of_a_letter_is_in_the_clear(records: Records, nurse: Actor, case_id: str) -> None:
    write_letter(view(records, nurse, case_id), new(WORDS, 0), once())
    with records.database.reading() as session:
        (row,) = session.scalars(select(NoteRow).where(NoteRow.case_id == case_id))
        assert b"Anna" not in bytes(row.sealed)


@pytest.mark.parametrize(
    ("field", "text"),
    [
        ("addressee", "x" * 501),
        ("message", "x" * 2_001),
        ("addressee", "a\n" * 9),
        ("request", "a\0b"),
        ("salutation", "\ud800"),
    ],
)
def test_what_cannot_be_kept_is_refused_by_its_name(
    records: Records, nurse: Actor, case_id: str, field: str, text: str
) -> None:
    unfit = replace(WORDS, **{field: text})
    with pytest.raises(UnfitFieldError) as caught:
        write_letter(view(records, nurse, case_id), new(unfit, 0), once())
    assert caught.value.field == field
    assert written(records, nurse, case_id) == ()


def test_only_nurses_of_its_site_write_and_only_of_an_open_case(
    records: Records, nurse: Actor, people: People, case_id: str
) -> None:
    elsewhere = people.actor(Role.NURSE, sites=("South",))
    auditor = people.actor(Role.AUDITOR)
    with pytest.raises(NoAssessmentError):
        write_letter(view(records, nurse, case_id), new(WORDS, 0, number=2), once())
    with pytest.raises(NoCaseError):
        write_letter(view(records, elsewhere, case_id), new(WORDS, 0), once())
    with pytest.raises(NotAllowedError):
        write_letter(view(records, auditor, case_id), new(WORDS, 0), once())
    close_case(
        view(records, nurse, case_id), view(records, nurse, case_id).case.version, ruleset(), once()
    )
    with pytest.raises(ClosedError):
        write_letter(view(records, nurse, case_id), new(WORDS, 0), once())


def test_a_letter_is_no_note_on_an_emergency(records: Records, nurse: Actor) -> None:
    answers = dict(favourable()) | {"leg_weakness": Answer(value=True)}
    case_id = answered(records, nurse, answers)
    recorded(records, nurse, case_id, answers)
    hand_over(records, nurse, case_id)
    before = emergency_notes(view(records, nurse, case_id))
    write_letter(view(records, nurse, case_id), new(WORDS, 0), once())
    assert emergency_notes(view(records, nurse, case_id)) == before
    assert len(before) == 1
    assert len(written(records, nurse, case_id)) == 1
