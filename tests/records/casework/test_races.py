"""Eight at once: what is sent twice is done once, and of those who differ one wins.

``make races`` runs the long form.
"""

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import TypeVar

import pytest
from support.casework.case_writes import added, answers, nothing, once, saved, site, viewed
from support.casework.referrals import referral
from support.storage.databases import People

from screening.core.values.answer import Answer
from screening.core.values.referral import Referral
from screening.records.access import Actor
from screening.records.case.case_view import open_case
from screening.records.case.history import EntryMethod
from screening.records.casework.answers import ConflictError, SaveResult, Submission, save_answers
from screening.records.casework.cases import add_case, change_referral, find_case
from screening.records.errors import StaleError
from screening.records.ledger.records import Records
from screening.records.verification.verify import verify_ledger
from screening.records.worklist.worklist import Query, worklist

pytestmark = pytest.mark.long

AT_ONCE = 8
ROUNDS = 1000 if os.environ.get("LONG") else 12
_T = TypeVar("_T")


def race(work: Callable[[int], _T]) -> list[_T | Exception]:
    """What eight threads get that start the same work together."""
    start = Barrier(AT_ONCE)

    def run(number: int) -> _T | Exception:
        start.wait()
        try:
            return work(number)
        except (StaleError, ConflictError) as refusal:
            return refusal

    with ThreadPoolExecutor(AT_ONCE) as pool:
        return list(pool.map(run, range(AT_ONCE)))


def refused(results: list[_T | Exception]) -> list[Exception]:
    return [each for each in results if isinstance(each, Exception)]


def test_a_form_that_is_sent_eight_times_adds_one_case(records: Records, nurse: Actor) -> None:
    for _ in range(ROUNDS):
        assert len(set(added_at_once(records, nurse, once()))) == 1
    assert worklist(records, nurse, Query()).total == ROUNDS
    assert verify_ledger(records).faults == []


def added_at_once(records: Records, nurse: Actor, key: str) -> list[str | Exception]:
    return race(lambda _: add_case(records, nurse, site(nurse), referral(), key))


def test_answers_that_are_sent_eight_times_are_saved_once(records: Records, nurse: Actor) -> None:
    case_id = added(records, nurse)
    for version in range(1, ROUNDS + 1):
        results = saved_at_once(records, nurse, case_id, version)
        assert results == [SaveResult(version=version + 1, changed=("q",), merged=())] * AT_ONCE
    assert len(open_case(records, nurse, case_id).history.changes) == ROUNDS


def saved_at_once(
    records: Records, nurse: Actor, case_id: str, version: int
) -> list[SaveResult | Exception]:
    key, posted = once(), answers(q=version)
    return race(
        lambda _: save_answers(
            open_case(records, nurse, case_id),
            Submission(version=version, answers=posted, how=EntryMethod.FORM, idempotency_key=key),
            find_warnings=nothing,
        )
    )


def test_of_eight_who_change_a_referral_one_wins(records: Records, people: People) -> None:
    nurses = [people.actor(name=f"Nurse {n}") for n in range(AT_ONCE)]
    case_id = added(records, nurses[0], clinic="before")
    for version in range(1, ROUNDS + 1):
        results = changed_at_once(records, nurses, case_id, version)
        assert len(refused(results)) == AT_ONCE - 1
        (winner,) = (n for n, each in enumerate(results) if each == version + 1)
        assert find_case(records, nurses[0], case_id).referral == from_clinic(winner, version)


def changed_at_once(
    records: Records, nurses: list[Actor], case_id: str, version: int
) -> list[int | Exception]:
    def change(n: int) -> int:
        new = from_clinic(n, version)
        return change_referral(open_case(records, nurses[n], case_id), version, new, once())

    return race(change)


def from_clinic(number: int, version: int) -> Referral:
    return referral(clinic=f"Clinic {number} of {version}")


def test_of_eight_who_answer_one_question_one_wins_and_all_are_told(
    records: Records, people: People
) -> None:
    nurses = [people.actor(name=f"Nurse {n}") for n in range(AT_ONCE)]
    case_id = added(records, nurses[0])
    for version in range(1, ROUNDS + 1):
        results = answered_at_once(records, nurses, case_id, version)
        (winner,) = (n for n, each in enumerate(results) if isinstance(each, SaveResult))
        for refusal in refused(results):
            assert isinstance(refusal, ConflictError)
            (difference,) = refusal.differences
            assert difference.theirs
            assert difference.theirs.answer == Answer(value=100 * version + winner)
    assert len(open_case(records, nurses[0], case_id).history.changes) == ROUNDS


def answered_at_once(
    records: Records, nurses: list[Actor], case_id: str, version: int
) -> list[SaveResult | Exception]:
    return race(lambda n: saved(records, nurses[n], case_id, version, answers(q=100 * version + n)))


def test_of_eight_who_answer_eight_questions_nobody_loses_anything(
    records: Records, people: People
) -> None:
    nurses = [people.actor(name=f"Nurse {n}") for n in range(AT_ONCE)]
    for number in range(ROUNDS):
        case_id = added(records, nurses[0], reference=f"R{number}")
        assert refused(merged_at_once(records, nurses, case_id)) == []
        given = open_case(records, nurses[0], case_id).history.current()
        assert {link: each.answer.value for link, each in given.items()} == {
            f"q{n}": n for n in range(AT_ONCE)
        }
        assert find_case(records, nurses[0], case_id).version == AT_ONCE + 1
    assert verify_ledger(records).faults == []


def merged_at_once(
    records: Records, nurses: list[Actor], case_id: str
) -> list[SaveResult | Exception]:
    return race(lambda n: saved(records, nurses[n], case_id, 1, {f"q{n}": Answer(value=n)}))


def test_views_and_writes_at_once_leave_the_ledger_whole(records: Records, people: People) -> None:
    nurse = people.actor()
    case_id = added(records, nurse)
    for _ in range(ROUNDS):
        race(lambda n: viewed(records, nurse, case_id) if n % 2 else added(records, nurse))
    assert verify_ledger(records).faults == []
