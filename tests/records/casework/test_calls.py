"""Calls: somebody asked all that one finder is to find out in a case."""

import datetime as dt
from dataclasses import replace

import pytest
from sqlalchemy import select
from support.casework.case_writes import UNKNOWN, added, once, saved
from support.casework.handovers import answered_yes, hand_over
from support.rulesets import shipped
from support.storage.databases import People

from screening.core.rules.item import Finder
from screening.core.rules.ruleset import Tier
from screening.core.values.answer import Answer
from screening.core.values.note import CALL_NOTE
from screening.records.access import Actor, Role
from screening.records.case.case_view import open_case
from screening.records.case.chase_rows import Chase
from screening.records.casework.calls import (
    Call,
    CallOutcome,
    NewCall,
    NothingToAskError,
    last_call,
    record_call,
)
from screening.records.casework.cases import close_case, find_case
from screening.records.casework.chases import set_chases
from screening.records.casework.emergency_notes import emergency_notes
from screening.records.errors import (
    ClosedError,
    ErasedError,
    NoCaseError,
    NotAllowedError,
    StaleError,
    UnfitFieldError,
)
from screening.records.ledger.records import Records
from screening.records.operation.erasure import Reason, erase
from screening.records.sealing import padding
from screening.records.storage.tables import ChaseRow, EventRow, NoteRow
from screening.records.verification.verify import verify_ledger

SIGNS = shipped.ruleset().items_of(Tier.EMERGENCY)
SIGN = "leg_weakness"


def day(records: Records, days: int) -> dt.date:
    return records.now().date() + dt.timedelta(days=days)


def asking(records: Records, actor: Actor, **due: int) -> str:
    """A case in which the patient is asked these, and the report for the age."""
    case_id = added(records, actor)
    chases = {
        link: Chase(link_id=link, owner=Finder.PATIENT, due=day(records, days))
        for link, days in due.items()
    }
    chases["age"] = Chase(link_id="age", owner=Finder.REPORT, due=day(records, 1))
    set_chases(open_case(records, actor, case_id), 1, chases, once())
    return case_id


def call(records: Records, days: int = 3, **changes: object) -> NewCall:
    values: dict[str, object] = {
        "finder": Finder.PATIENT,
        "outcome": CallOutcome.ASKED,
        "next_day": day(records, days),
        "note": " after three ",
    }
    return NewCall(**(values | changes))  # type: ignore[arg-type]


def test_a_call_moves_its_chases_to_the_next_day_and_no_others(
    records: Records, nurse: Actor
) -> None:
    case_id = asking(records, nurse, cause=0, onset_date=-2)
    assert record_call(open_case(records, nurse, case_id), 2, call(records), SIGNS, once()) == 3
    view = open_case(records, nurse, case_id)
    assert {link: (each.due - day(records, 0)).days for link, each in view.chases.items()} == {
        "age": 1,
        "cause": 3,
        "onset_date": 3,
    }
    assert (view.case.waits_for, view.case.due) == (Finder.REPORT, day(records, 1))
    found = last_call(view, Finder.PATIENT)
    assert isinstance(found, Call)
    assert (found.links, found.note) == (("cause", "onset_date"), "after three")
    assert (found.by, found.next_day) == (nurse.name, day(records, 3))
    assert last_call(view, Finder.REPORT) is None


@pytest.mark.parametrize("outcome", CallOutcome)
@pytest.mark.parametrize("due", [-1, 0, 5])
def test_an_emergency_sign_is_never_put_off(
    records: Records, nurse: Actor, outcome: CallOutcome, due: int
) -> None:
    case_id = asking(records, nurse, **{SIGN: due, "cause": 0})
    new = call(records, 9, outcome=outcome)
    record_call(open_case(records, nurse, case_id), 2, new, SIGNS, once())
    chases = open_case(records, nurse, case_id).chases
    assert chases[SIGN].due == day(records, due)
    assert chases["cause"].due == day(records, 9)


def test_a_call_leaves_the_handover_of_an_emergency_as_it_is(
    records: Records, nurse: Actor
) -> None:
    case_id = added(records, nurse)
    version = answered_yes(records, nurse, case_id)
    with pytest.raises(NothingToAskError):
        record_call(open_case(records, nurse, case_id), version, call(records), SIGNS, once())
    case = find_case(records, nurse, case_id)
    assert (case.needs_handover, case.due) == (True, day(records, 0))
    hand_over(records, nurse, case_id)
    assert len(emergency_notes(open_case(records, nurse, case_id))) == 1


def test_a_call_that_was_sent_twice_is_one(records: Records, nurse: Actor) -> None:
    case_id, key = asking(records, nurse, cause=0), once()
    for _ in range(2):
        assert record_call(open_case(records, nurse, case_id), 2, call(records), SIGNS, key) == 3
    with records.database.reading() as session:
        assert len(session.scalars(select(NoteRow)).all()) == 2  # one of the chases by hand


def test_a_call_is_recorded_under_the_version_that_was_seen(records: Records, nurse: Actor) -> None:
    case_id = asking(records, nurse, cause=0)
    with pytest.raises(StaleError):
        record_call(open_case(records, nurse, case_id), 1, call(records), SIGNS, once())


def test_nobody_else_records_a_call(records: Records, people: People) -> None:
    nurse = people.actor()
    case_id = asking(records, nurse, cause=0)
    auditor = people.actor(Role.AUDITOR)
    with pytest.raises(NotAllowedError):
        record_call(open_case(records, auditor, case_id), 2, call(records), SIGNS, once())
    with pytest.raises(NoCaseError):
        open_case(records, people.actor(sites=("South",)), case_id)
    close_case(open_case(records, nurse, case_id), 2, shipped.ruleset(), once())
    with pytest.raises(ClosedError):
        record_call(open_case(records, nurse, case_id), 3, call(records), SIGNS, once())


@pytest.mark.parametrize(
    ("field", "changes"),
    [
        ("next_day", {"days": -1}),
        ("next_day", {"days": 731}),
        ("note", {"note": "x" * (CALL_NOTE.longest + 1)}),
        ("note", {"note": "a\0b"}),
    ],
)
def test_what_cannot_be_kept_is_refused(
    records: Records, nurse: Actor, field: str, changes: dict[str, object]
) -> None:
    case_id = asking(records, nurse, cause=0)
    new = call(records, **changes)  # type: ignore[arg-type]
    with pytest.raises(UnfitFieldError) as raised:
        record_call(open_case(records, nurse, case_id), 2, new, SIGNS, once())
    assert raised.value.field == field
    assert find_case(records, nurse, case_id).version == 2


def shape(records: Records, case_id: str) -> tuple[list[tuple[str, str]], list[int]]:
    """The events and notes of a case, as anybody with the database reads them."""
    with records.database.reading() as session:
        events = session.scalars(
            select(EventRow).where(EventRow.case_id == case_id).order_by(EventRow.seq)
        )
        notes = session.scalars(
            select(NoteRow).where(NoteRow.case_id == case_id).order_by(NoteRow.number)
        )
        return (
            [(each.kind, each.row.partition("/")[0]) for each in events],
            [len(each.sealed) for each in notes],
        )


def test_no_row_tells_a_call_about_a_sign_from_another_one(records: Records, nurse: Actor) -> None:
    note = "€" * CALL_NOTE.longest
    cases = [asking(records, nurse, cause=0), asking(records, nurse, **{SIGN: 0})]
    record_call(open_case(records, nurse, cases[0]), 2, call(records, note=""), SIGNS, once())
    new = call(records, outcome=CallOutcome.NO_REPLY, note=note)
    record_call(open_case(records, nurse, cases[1]), 2, new, SIGNS, once())
    assert shape(records, cases[0]) == shape(records, cases[1])


def due_and_written(records: Records, case_id: str) -> list[tuple[dt.date, dt.datetime]]:
    with records.database.reading() as session:
        rows = session.scalars(select(ChaseRow).where(ChaseRow.case_id == case_id))
        return sorted((each.due, each.at) for each in rows)


def test_no_row_tells_a_call_beside_a_yes_from_one_about_an_open_sign(
    records: Records, nurse: Actor
) -> None:
    found, other = [], Chase(link_id="cause", owner=Finder.PATIENT, due=day(records, 0))
    chases = {SIGN: replace(other, link_id=SIGN), "cause": other}
    for answer in (Answer(value=True), UNKNOWN):
        case_id = added(records, nurse)
        wanted = {link: each for link, each in chases.items() if answer is UNKNOWN or link != SIGN}
        answered_yes(records, nurse, case_id, answer, wanted)
        record_call(open_case(records, nurse, case_id), 2, call(records), SIGNS, once())
        found.append((shape(records, case_id), due_and_written(records, case_id)))
    (yes, written), (unknown, written_unknown) = found
    assert yes == unknown
    assert [due for due, _ in written] == [due for due, _ in written_unknown]
    assert len({at for _, at in written}) == len({at for _, at in written_unknown}) == 1


def test_a_call_about_everything_takes_one_block(records: Records, nurse: Actor) -> None:
    everything = dict.fromkeys(shipped.ruleset().items, 0)
    case_id = asking(records, nurse, **everything)
    new = call(records, note="x" * CALL_NOTE.longest)
    record_call(open_case(records, nurse, case_id), 2, new, SIGNS, once())
    empty, full = shape(records, case_id)[1]
    assert empty == full
    assert full < 2 * padding.CASE_NOTE


def test_calls_are_covered_by_the_ledger_and_erased_with_their_case(
    records: Records, nurse: Actor
) -> None:
    case_id = asking(records, nurse, cause=0)
    record_call(open_case(records, nurse, case_id), 2, call(records), SIGNS, once())
    saved(records, nurse, case_id, 3, {"cause": UNKNOWN})
    assert verify_ledger(records).faults == []
    erase(records, 0, case_id, Reason.OTHER)
    view = open_case(records, nurse, case_id)
    assert last_call(view, Finder.PATIENT) is None
    with pytest.raises(ErasedError):
        _ = view.key
    assert verify_ledger(records).faults == []
