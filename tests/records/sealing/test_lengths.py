"""What is sealed has one length whatever it says, or the length of whole blocks."""

import datetime as dt
from collections.abc import Iterator
from itertools import chain, combinations
from pathlib import Path

import pytest
from sqlalchemy import LargeBinary, select
from support.casework.case_writes import UNKNOWN, added, answers, once, saved
from support.casework.handovers import handover
from support.casework.recorded_assessments import answered, recorded
from support.casework.referrals import referral
from support.people import worklist_people
from support.people.web_people import add_site
from support.rulesets import shipped

from screening.core.results.decision import CHOICES
from screening.core.rules.item import Finder, Item, ItemType
from screening.core.rules.ruleset import Tier
from screening.core.values.answer import AbsentReason, Answer
from screening.core.values.span import Span, month_of, year_of
from screening.formats.answers.sealed_fields import (
    LONGEST_LINK,
    MOST_BYTES,
    longest_answer_size,
    read_sealed_answer,
    write_sealed_answer,
)
from screening.records.access import Actor, Role
from screening.records.case import search_index
from screening.records.case.case_summary import Summary
from screening.records.case.case_view import open_case
from screening.records.casework.cases import change_referral
from screening.records.casework.emergency_access import EmergencyRequest, open_emergency_access
from screening.records.casework.handovers import record_handover
from screening.records.errors import UnfitFieldError
from screening.records.ledger.records import Records
from screening.records.results.decisions import NewDecision, record_review
from screening.records.sealing import padding
from screening.records.sealing.vault import MARK_BYTES, NONCE_BYTES
from screening.records.storage.tables import (
    AnswerRow,
    AssessmentRow,
    Base,
    CaseRow,
    EmergencyRow,
    EmergencyTryRow,
    NoteRow,
    ReviewRow,
    WordRow,
)

DAY = dt.date(2026, 10, 1)
DAYS = (DAY, month_of(2026, 10), year_of(1996), Span(first=dt.date(1900, 1, 1), last=DAY))
ITEMS = shipped.ruleset().items
BLOCKS: dict[type[Base], int] = {
    AnswerRow: MOST_BYTES,
    AssessmentRow: padding.CONTENT,
    CaseRow: padding.CASE,
    EmergencyRow: padding.NOTE,
    EmergencyTryRow: 8_192,
    NoteRow: padding.CASE_NOTE,
    ReviewRow: padding.NOTE,
}
"""The length of what each sealed field says, whatever it says."""


def values(item: Item) -> Iterator[object]:
    match item.type:
        case ItemType.YES_NO:
            yield from (True, False)
        case ItemType.CHOICE:
            yield from item.choices
        case ItemType.CHOICES:
            sizes = (combinations(item.choices, size) for size in range(len(item.choices) + 1))
            yield from map(frozenset, chain.from_iterable(sizes))
        case ItemType.NUMBER:
            yield from range(item.minimum, item.maximum + 1)
        case ItemType.DATE:
            yield from DAYS


def possible(item: Item) -> list[Answer | None]:
    known = [Answer(value=each) for each in values(item)]  # type: ignore[arg-type]  # of its type
    return [None, *(Answer(absent=each) for each in AbsentReason), *known]


def lengths(records: Records, table: type[Base]) -> set[int]:
    with records.database.reading() as session:
        return {len(sealed) for sealed in session.scalars(select(table.__table__.c.sealed))}


def sealed_length(plain: int) -> int:
    return NONCE_BYTES + plain + MARK_BYTES


@pytest.mark.parametrize("link_id", ITEMS)
def test_every_answer_to_every_question_fits_into_one_block(link_id: str) -> None:
    kept = {
        answer: write_sealed_answer(link_id, answer, "autosave")
        for answer in possible(ITEMS[link_id])
    }
    assert {len(padding.pad(plain, MOST_BYTES)) for plain in kept.values()} == {MOST_BYTES}
    assert all(read_sealed_answer(padding.pad(kept[each], 999)) == (link_id, each) for each in kept)
    assert max(map(len, kept.values())) <= longest_answer_size(ITEMS[link_id])


def test_whatever_an_answer_says_it_is_sealed_to_one_length(
    sqlite_records: Records, sqlite_nurse: Actor
) -> None:
    case_id = added(sqlite_records, sqlite_nurse)
    longest_link = "q" * LONGEST_LINK
    said = answers(a=True, b=False, c=UNKNOWN, d=frozenset({"mri", "ct"}), e=DAYS[-1], f=10)
    saved(sqlite_records, sqlite_nurse, case_id, 1, {**said, longest_link: UNKNOWN})
    saved(sqlite_records, sqlite_nurse, case_id, 2, answers(a=None))
    assert lengths(sqlite_records, AnswerRow) == {sealed_length(MOST_BYTES)}


def test_an_answer_that_does_not_fit_is_refused_and_never_cut(
    sqlite_records: Records, sqlite_nurse: Actor
) -> None:
    case_id = added(sqlite_records, sqlite_nurse)
    with pytest.raises(UnfitFieldError):
        saved(sqlite_records, sqlite_nurse, case_id, 1, answers(q="x" * MOST_BYTES))
    assert lengths(sqlite_records, AnswerRow) == set()


def test_everything_that_is_sealed_is_whole_blocks(
    sqlite_records: Records, sqlite_nurse: Actor
) -> None:
    records, nurse = sqlite_records, sqlite_nurse
    case_id = answered(records, nurse)
    recorded(records, nurse, case_id)
    decided = NewDecision(choice=CHOICES["refer:requirements-met"], note="A word.")
    record_review(open_case(records, nurse, case_id), 1, 3, decided, shipped.ruleset(), once())
    weak = answered(records, nurse, {"leg_weakness": Answer(value=True)})
    for told in ("Dr", "D" * 200, "\N{DESERET CAPITAL LETTER LONG I}" * 200):
        stated, seen = handover(records, told=told, told_by=told), frozenset({"leg_weakness"})
        record_handover(open_case(records, nurse, weak), seen, stated, shipped.ruleset(), once())
    new = referral(person="Ö" * 80, reference="Ö" * 40, hospital_number="Ö" * 40, date_received=DAY)
    change_referral(open_case(records, nurse, weak), 5, new, once())
    other = worklist_people.person(
        records, Role.NURSE, sites=[add_site(records, "South")], name="S"
    )
    for reference in (new.reference, "none"):
        wanted = EmergencyRequest(
            reference=reference, reason="patient-here", note="she is here now"
        )
        open_emergency_access(records, other, wanted, once())
    for table, block in BLOCKS.items():
        assert lengths(records, table) == {sealed_length(block)}, table


def test_a_case_with_every_sign_and_every_chase_fits_into_one_block() -> None:
    criteria = shipped.ruleset().criteria
    signs = tuple(each.id for each in criteria if each.tier is Tier.EMERGENCY)
    flags = tuple(each.id for each in criteria if each.tier is Tier.URGENT)
    summary = Summary(
        reference="Ö" * 40,
        person="Ö" * 80,
        birth_year=1950,
        hospital_number="Ö" * 40,
        date_received=DAY.isoformat(),
        red_flags=signs + flags,
        emergencies=signs,
        open_signs=signs,
        handed_over=signs,
        taken_back=signs,
        alarmed_on=DAY.isoformat(),
        noted=True,
        chased=tuple(ITEMS)[1:],  # what is idle is not chased
        idle=tuple(ITEMS)[:1],
        calls=dict.fromkeys((each.value for each in Finder), 999),
        outcome="requirement_unmet",
        outcome_name="A requirement is not met",
        settled=False,
        closes=DAY.isoformat(),
        decision="ask-more",
        reopens="screening",
    )
    assert len(padding.pad(summary.write(), padding.CASE)) == padding.CASE


def test_results_of_the_shipped_examples_take_one_block(
    sqlite_records: Records, sqlite_nurse: Actor
) -> None:
    for example in list(shipped.examples().values())[::20]:
        case_id = answered(sqlite_records, sqlite_nurse, example.answers)
        recorded(sqlite_records, sqlite_nurse, case_id, example.answers, example.as_of)
    assert lengths(sqlite_records, AssessmentRow) == {sealed_length(padding.CONTENT)}


@pytest.mark.parametrize("person", ["Li", "A. B.", "Beeblebrox, Zaphod", "Smith-Jones, Ann Mary"])
def test_a_case_has_as_many_tokens_whatever_the_name(
    sqlite_records: Records, sqlite_nurse: Actor, person: str
) -> None:
    case_id = added(sqlite_records, sqlite_nurse, person=person)
    first = tokens(sqlite_records)
    assert len(first) == search_index.WORDS
    new = referral(person=person, clinic="Another clinic")
    change_referral(open_case(sqlite_records, sqlite_nurse, case_id), 1, new, once())
    assert tokens(sqlite_records) == first


def tokens(records: Records) -> set[str]:
    with records.database.reading() as session:
        return set(session.scalars(select(WordRow.token)))


def test_a_reason_that_states_a_finding_is_sealed(
    sqlite_records: Records, sqlite_nurse: Actor
) -> None:
    case_id = answered(sqlite_records, sqlite_nurse)
    recorded(sqlite_records, sqlite_nurse, case_id)
    decided = NewDecision(choice=CHOICES["refer:requirements-met"])
    rules = shipped.ruleset()
    record_review(open_case(sqlite_records, sqlite_nurse, case_id), 1, 3, decided, rules, once())
    with sqlite_records.database.reading() as session:
        (row,) = session.scalars(select(ReviewRow))
    assert (row.decision, row.reason) == ("refer", "")
    stored = open_case(sqlite_records, sqlite_nurse, case_id).assessment(1)
    assert [review.reason for review in stored.reviews] == ["requirements-met"]


IDS = {"id", "case_id", "assessment_id", "access_id", "number", "version", "case_version"}
SEALED_OR_HASHED = {
    "sealed",
    "how",
    "link_id",
    "content_digest",
    "reviews.reason",
    "token",
    "wrapped",
    "key_id",
}
CLEAR = {
    "site_id": "site of a case",
    "clinic": "the clinic",
    "priority": "priority",
    "state": "state",
    "waits_for": "who has to find out a missing answer",
    "owner": "who has to find out a missing answer",
    "owner_id": "who has to find out a missing answer",
    "due": "including due dates",
    "at": "all dates",
    "as_of": "all dates",
    "created_at": "all dates",
    "touched_at": "all dates",
    "erased_at": "all dates",
    "expires_at": "all dates",
    "by": "who made each change",
    "created_by": "who made each change",
    "touched_by": "who made each change",
    "assigned_to": "who each case is assigned to",
    "ruleset_digest": "which rules computed a result",
    "decision": "each decision, in one word",
    "emergency_accesses.reason": "the reason, and the result of the later check",
    "emergency_tries.reason": "the reason, and the result of the later check",
    "finding": "the reason, and the result of the later check",
}
"""What the README calls the columns of cases that anybody with the database can read."""
OF_NO_PATIENT = {
    **dict.fromkeys(("users", "roles", "identities", "passkeys"), "who works here"),
    **dict.fromkeys(("sessions", "tries", "known_browsers"), "who signs in, and who tries to"),
    **dict.fromkeys(("sites", "rights_steps"), "sites, and rights of people who work here"),
    **dict.fromkeys(("rulesets", "activations"), "rules, which are published"),
    **dict.fromkeys(("markers", "processes", "secrets"), "the service itself"),
    "events": "ids and digests, which the tests of the ledger look at",
    "once": "keys of forms, and what came of them: ids alone",
}
"""The tables that hold nothing of a patient, with what they hold."""


def tables_of_patients() -> list[type[Base]]:
    """Every mapped table but those that hold nothing of a patient: a new one is among them."""
    classes = [mapper.class_ for mapper in Base.registry.mappers]
    return [each for each in classes if each.__tablename__ not in OF_NO_PATIENT]


def test_every_exempt_table_is_there() -> None:
    there = {mapper.class_.__tablename__ for mapper in Base.registry.mappers}
    assert OF_NO_PATIENT.keys() < there


def test_every_sealed_field_of_a_patient_has_its_block() -> None:
    binary = {
        f"{each.__tablename__}.{column.key}"
        for each in tables_of_patients()
        for column in each.__table__.columns
        if isinstance(column.type, LargeBinary)
    }
    wrapped = {"case_keys.wrapped"}  # a key, which always has the same length
    assert binary == {f"{each.__tablename__}.sealed" for each in BLOCKS} | wrapped


def test_the_readme_names_every_column_that_is_not_encrypted(root: Path) -> None:
    found = chain.from_iterable(each.__table__.columns for each in tables_of_patients())
    columns = {str(each) if each.key == "reason" else each.key for each in found}
    assert columns == {*IDS, *SEALED_OR_HASHED, *CLEAR}
    readme = " ".join((root / "README.md").read_text("utf-8").split())
    stored = readme[readme.index("Not encrypted are") : readme.index("**Where.**")]
    assert [words for words in CLEAR.values() if words not in stored] == []
