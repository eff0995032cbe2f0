"""A thief has the database and no key: what names and lengths of rows tell of answers."""

import random
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

import pytest
from sqlalchemy import func, select
from support.casework.case_writes import UNKNOWN, added, once, saved, site
from support.casework.handovers import hand_over
from support.casework.recorded_assessments import answered, recorded
from support.casework.referrals import referral
from support.rulesets import shipped
from support.storage.databases import People

from screening.core.results.assess import assess
from screening.core.results.warning_signs import Warnings, collect_warnings
from screening.core.rules.item import Finder, ItemType
from screening.core.rules.ruleset import Tier
from screening.core.values.answer import Answer
from screening.formats.answers.sealed_fields import read_sealed_answer
from screening.records.access import Actor
from screening.records.case.case_view import open_case
from screening.records.case.chase_rows import HANDOVER, Chase, chase_token
from screening.records.case.newest import find_newest, was_answered_since
from screening.records.casework.answers import ConflictError
from screening.records.casework.cases import add_cases, find_case
from screening.records.casework.chases import set_chases
from screening.records.casework.emergency_access import EmergencyRequest, open_emergency_access
from screening.records.casework.emergency_notes import emergency_notes
from screening.records.casework.handovers import record_mistake
from screening.records.ledger.records import Records
from screening.records.operation.emergency_watch import record_access_check, unchecked_accesses
from screening.records.operation.erasure import Reason, erase, find_reason
from screening.records.sealing.case_keys import load_key
from screening.records.storage.tables import (
    AnswerRow,
    CaseRow,
    ChaseRow,
    EventRow,
    IdempotencyKeyRow,
    NoteRow,
)
from screening.records.verification.verify import verify_ledger

CASES = 12
QUESTIONS = [
    link_id for link_id, item in shipped.ruleset().items.items() if item.type is ItemType.YES_NO
]
SIGNS = sorted(shipped.ruleset().items_of(Tier.EMERGENCY))


@dataclass(frozen=True, slots=True)
class Stolen:
    """What a thief sees of an answer, and what it says."""

    link_id: str
    length: int
    yes: bool

    @property
    def clues(self) -> tuple[tuple[object, ...], ...]:
        """What to go by, the best first."""
        return ((self.link_id, self.length), (self.length,), ())


def screened(records: Records, nurse: Actor) -> list[list[Stolen]]:
    """Cases of patients of whom every answer is as likely yes as no, as a thief sees them."""
    chance = random.Random(20261120)
    found = []
    for number in range(CASES):
        case_id = added(records, nurse, reference=f"R-{number}")
        given = {each: Answer(value=chance.random() < 1 / 2) for each in QUESTIONS}
        saved(records, nurse, case_id, 1, dict(given))
        found.append(list(stolen(records, case_id)))
    return found


def stolen(records: Records, case_id: str) -> Iterator[Stolen]:
    """The rows of a case, each with what only the key of the case can tell."""
    with records.database.reading() as session:
        key = load_key(session, records.keyring(), case_id)
        for row in session.scalars(select(AnswerRow).where(AnswerRow.case_id == case_id)):
            _, answer = read_sealed_answer(key.unseal(row.sealed, "answers", row.id, row.version))
            assert answer
            yield Stolen(row.link_id, len(row.sealed), answer.value is True)


def guessed(known: Iterable[Stolen], found: Stolen) -> bool:
    """What a thief makes of an answer who happens to know those of other patients."""
    votes: dict[tuple[object, ...], Counter[bool]] = {}
    for each in known:
        for clue in each.clues:
            votes.setdefault(clue, Counter())[each.yes] += 1
    best = next(votes[clue] for clue in found.clues if clue in votes)
    return best[True] > best[False]


def test_nothing_but_chance_tells_yes_from_no(records: Records, nurse: Actor) -> None:
    cases = screened(records, nurse)
    half = CASES // 2
    known = [each for case in cases[:half] for each in case]
    sought = [each for case in cases[half:] for each in case]
    right = sum(guessed(known, each) is each.yes for each in sought)
    assert len(sought) > 150
    assert abs(right / len(sought) - 1 / 2) < 0.1


def usual_chase(records: Records, link_id: str) -> Chase:
    """The chase of an emergency sign that nobody has ruled out, as pages set it."""
    owner = shipped.ruleset().items[link_id].usual_finder
    return Chase(link_id=link_id, owner=owner, due=records.now().date())


def shape(records: Records, case_id: str) -> tuple[object, ...]:
    """All that a thief sees of a case, without what is chance, and without when."""
    with records.database.reading() as session:
        case = session.get_one(CaseRow, case_id)
        chases = session.scalars(select(ChaseRow).where(ChaseRow.case_id == case_id)).all()
        answers = session.scalars(select(AnswerRow).where(AnswerRow.case_id == case_id)).all()
        mine = select(EventRow).where(EventRow.case_id == case_id)
        events = session.scalars(mine.order_by(EventRow.seq))
        notes = session.scalars(select(NoteRow).where(NoteRow.case_id == case_id)).all()
        return (
            (case.state, case.waits_for, case.due, len(case.sealed), case.version),
            sorted((row.owner, row.owner_id, row.due, len(row.link_id)) for row in chases),
            sorted((row.version, row.how, row.by, len(row.sealed)) for row in answers),
            sorted((row.number, row.by, len(row.sealed)) for row in notes),
            [(event.kind, event.row.partition("/")[0]) for event in events.all()],
        )


@pytest.mark.parametrize("sign", SIGNS)
def test_an_emergency_looks_like_a_sign_that_is_being_found_out(
    records: Records, nurse: Actor, sign: str
) -> None:
    yes, unknown = added(records, nurse), added(records, nurse)
    saved(records, nurse, yes, 1, {sign: Answer(value=True)}, find_warnings=warned)
    assert find_case(records, nurse, yes).needs_handover
    saved(records, nurse, unknown, 1, {sign: UNKNOWN}, {sign: usual_chase(records, sign)})
    assert shape(records, yes) == shape(records, unknown)


@pytest.mark.parametrize("sign", SIGNS)
def test_its_handover_looks_like_the_answer_that_was_found_out(
    records: Records, nurse: Actor, sign: str
) -> None:
    yes, unknown = added(records, nurse), added(records, nurse)
    saved(records, nurse, yes, 1, {sign: Answer(value=True)}, find_warnings=warned)
    hand_over(records, nurse, yes)
    assert len(emergency_notes(open_case(records, nurse, yes))) == 1
    saved(records, nurse, unknown, 1, {sign: UNKNOWN}, {sign: usual_chase(records, sign)})
    saved(records, nurse, unknown, 2, {sign: Answer(value=False)})
    assert shape(records, yes) == shape(records, unknown)
    assert remembered(records) == {("answer-given", "2 wrote"): 2, ("answer-given", "3 wrote"): 2}


def test_a_handover_after_a_result_looks_like_a_chase_that_was_dropped_by_hand(
    records: Records, nurse: Actor
) -> None:
    sign = "leg_weakness"
    yes, unknown = added(records, nurse), added(records, nurse)
    saved(records, nurse, yes, 1, {sign: Answer(value=True)}, find_warnings=warned)
    recorded(records, nurse, yes, {sign: Answer(value=True)})
    saved(records, nurse, unknown, 1, {sign: UNKNOWN}, {sign: usual_chase(records, sign)})
    recorded(records, nurse, unknown, {sign: UNKNOWN})
    hand_over(records, nurse, yes, told="D" * 200)
    set_chases(open_case(records, nurse, unknown), 3, {sign: None}, once())
    assert shape(records, yes) == shape(records, unknown)
    assert remembered(records)["answer-given", "4 wrote"] == 2
    assert len(emergency_notes(open_case(records, nurse, yes))) == 1
    assert emergency_notes(open_case(records, nurse, unknown)) == ()


def test_a_sign_entered_in_error_beside_another_looks_like_a_chase_that_was_changed_by_hand(
    records: Records, nurse: Actor
) -> None:
    yes, unknown = added(records, nurse), added(records, nurse)
    both = {"leg_weakness": Answer(value=True), "gait_change": Answer(value=True)}
    saved(records, nurse, yes, 1, both, find_warnings=warned)
    saved(records, nurse, yes, 2, {"leg_weakness": Answer(value=False)}, find_warnings=warned)
    stated = "leg_weakness", "It was another patient " * 20, shipped.ruleset(), once()
    record_mistake(open_case(records, nurse, yes), *stated)
    usual = usual_chase(records, "leg_weakness")
    asked = {"leg_weakness": UNKNOWN, "gait_change": UNKNOWN}
    saved(records, nurse, unknown, 1, asked, {"leg_weakness": usual})
    saved(records, nurse, unknown, 2, {"gait_change": Answer(value=False)})
    later = replace(usual, owner=Finder.CLINICIAN)
    set_chases(open_case(records, nurse, unknown), 3, {"leg_weakness": later}, once())
    assert [shape(records, each)[-2:] for each in (yes, unknown)] == [shape(records, yes)[-2:]] * 2


def test_no_place_in_the_ledger_tells_an_emergency_from_other_chases(
    records: Records, nurse: Actor
) -> None:
    unknown = [each for each in QUESTIONS if each != "leg_weakness"][:3]
    chases = {each: usual_chase(records, each) for each in unknown}
    places = set()
    for number in range(20):
        case_id = added(records, nurse, reference=f"R-{number}")
        posted = {"leg_weakness": Answer(value=True), **dict.fromkeys(unknown, UNKNOWN)}
        saved(records, nurse, case_id, 1, posted, chases, find_warnings=warned)
        with records.database.reading() as session:
            key = load_key(session, records.keyring(), case_id)
            mine = select(EventRow.row).where(EventRow.case_id == case_id).order_by(EventRow.seq)
            tokens = [row.split("/")[-1] for row in session.scalars(mine) if row[:7] == "chases/"]
        assert tokens == sorted(tokens)
        places.add(tokens.index(chase_token(key, HANDOVER)))
    assert len(places) > 1


def test_what_is_kept_of_a_form_does_not_tell_of_a_sign_that_could_not_wait(
    records: Records, nurse: Actor
) -> None:
    urgent, plain = added(records, nurse), added(records, nurse)
    for case_id in (urgent, plain):
        saved(records, nurse, case_id, 1, {"scoliosis": Answer(value=False)})
    posted = {"scoliosis": Answer(value=True), "leg_weakness": Answer(value=True)}
    with pytest.raises(ConflictError):
        saved(records, nurse, urgent, 1, posted, find_warnings=warned, at_once={"leg_weakness"})
    saved(records, nurse, plain, 2, {"scoliosis": Answer(value=True)})
    assert remembered(records) == {("answer-given", "2 wrote"): 2, ("answer-given", "3 wrote"): 2}


def remembered(records: Records) -> Counter[tuple[str, str]]:
    """What is kept of forms that were posted, and how often."""
    with records.database.reading() as session:
        rows = session.execute(select(IdempotencyKeyRow.kind, IdempotencyKeyRow.result)).all()
    return Counter((kind, result) for kind, result in rows if kind != "case-added")


def test_nothing_is_kept_of_the_forms_of_a_case_that_was_erased(
    records: Records, nurse: Actor
) -> None:
    case_id, other = added(records, nurse), added(records, nurse)
    for each in (case_id, other):
        saved(records, nurse, each, 1, {"scoliosis": Answer(value=False)})
    erase(records, nurse.id, case_id, Reason.REQUEST)
    assert remembered(records) == {("answer-given", "2 wrote"): 1}


def test_nobody_without_the_keyring_can_tell_why_a_case_was_erased(
    records: Records, nurse: Actor
) -> None:
    erased = {added(records, nurse, reference=each.value): each for each in Reason}
    left = added(records, nurse)
    assert find_reason(records, left) is None
    for case_id, reason in erased.items():
        erase(records, nurse.id, case_id, reason)
        assert find_reason(records, case_id) is reason
    with records.database.reading() as session:
        sealed = session.scalars(select(CaseRow.sealed)).all()
        events = session.scalars(select(EventRow).where(EventRow.kind == "case-erased")).all()
    assert len({len(each) for each in sealed}) == 1
    told = [f"{each.row} {each.change}" for each in events]
    assert not [each for each in Reason if each.value in " ".join(told)]
    assert verify_ledger(records).faults == []


def forms_kept(records: Records) -> int:
    with records.database.reading() as session:
        return session.scalar(select(func.count()).select_from(IdempotencyKeyRow)) or 0


def test_nothing_is_kept_of_an_emergency_access_to_a_case_that_was_erased(
    records: Records, people: People
) -> None:
    nurse, other = people.actor(), people.actor(sites=("South",), name="Sue South")
    case_id = added(records, nurse, reference="R-1")
    wanted = EmergencyRequest(reference="R-1", reason="patient-here", note="Fell and cannot stand")
    open_emergency_access(records, other, wanted, once())
    ((opening, _),) = unchecked_accesses(records, nurse)
    record_access_check(records, nurse, opening.id, "in-order", once())
    assert forms_kept(records) == 3
    erase(records, nurse.id, case_id, Reason.REQUEST)
    assert forms_kept(records) == 0


def test_the_form_that_added_cases_goes_with_the_last_of_them(
    records: Records, nurse: Actor
) -> None:
    both = [referral(reference="R-1"), referral(reference="R-2")]
    first, second = add_cases(records, nurse, site(nurse), both, once())
    for case_id, left in ((first, 1), (second, 0)):
        erase(records, nurse.id, case_id, Reason.REQUEST)
        assert forms_kept(records) == left


def test_a_handover_after_a_result_leaves_the_result_as_it_is(
    records: Records, nurse: Actor
) -> None:
    case_id = answered(records, nurse, {"leg_weakness": Answer(value=True)})
    recorded(records, nurse, case_id, {"leg_weakness": Answer(value=True)})
    hand_over(records, nurse, case_id)
    with records.database.reading() as session:
        newest = find_newest(session, case_id)
        assert newest
        assert not was_answered_since(session, case_id, newest.case_version)
    assert len(emergency_notes(open_case(records, nurse, case_id))) == 1


def warned(answers: Mapping[str, Answer]) -> Warnings:
    """What the shipped rules warn of."""
    ruleset = shipped.ruleset()
    return collect_warnings(assess(ruleset, answers, shipped.as_of(), None))


def test_no_row_and_no_event_names_a_question_or_keeps_an_order_of_questions(
    records: Records, nurse: Actor
) -> None:
    chases = {
        each: Chase(link_id=each, owner=Finder.PATIENT, due=records.now().date())
        for each in QUESTIONS
    }
    orders = set()
    for reference in ("R-1", "R-2"):
        case_id = added(records, nurse, reference=reference)
        saved(records, nurse, case_id, 1, dict.fromkeys(QUESTIONS, UNKNOWN), chases)
        with records.database.reading() as session:
            key = load_key(session, records.keyring(), case_id)
            mine = session.scalars(select(EventRow).where(EventRow.case_id == case_id)).all()
            written = [event.row for event in sorted(mine, key=lambda event: event.seq)]
            answers = {row.id: row for row in session.scalars(select(AnswerRow))}
        rows = [answers[name.partition("/")[2]] for name in written if "answers/" in name]
        plain = (key.unseal(row.sealed, "answers", row.id, row.version) for row in rows)
        orders.add(tuple(read_sealed_answer(each)[0] for each in plain))
        told = " ".join([*written, *(row.link_id for row in rows)])
        assert [each for each in QUESTIONS if each in told] == []
        assert len({row.link_id for row in rows} & {name.split("/")[-1] for name in written}) == 0
    assert len(orders) == 2
