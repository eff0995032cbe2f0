"""Answers are added and never changed; two who answer at once lose nothing."""

import datetime as dt
from collections.abc import Mapping

import pytest
from support.casework.case_writes import UNKNOWN, added, answers, nothing, once, saved
from support.rulesets import shipped
from support.storage.databases import People, clock

from screening.core.results.warning_signs import Warnings
from screening.core.values.answer import Answer, Value
from screening.core.values.span import Span, month_of, year_of
from screening.records.access import Actor, Role
from screening.records.case.case_rows import State
from screening.records.case.case_view import open_case
from screening.records.case.history import EntryMethod
from screening.records.case.newest import was_answered_since
from screening.records.casework.answers import (
    ConflictError,
    SaveResult,
    Submission,
    save_answers,
)
from screening.records.casework.cases import close_case, find_case
from screening.records.errors import (
    ClosedError,
    NoCaseError,
    NotAllowedError,
    StaleError,
    UnfitFieldError,
)
from screening.records.ledger.records import Records
from screening.records.storage.tables import AnswerRow

DAY = dt.date(2026, 10, 1)
VAGUE = [month_of(2026, 10), year_of(1996), Span(first=dt.date(1900, 1, 1), last=DAY)]


def plain(records: Records, actor: Actor, case_id: str) -> dict[str, Value | None]:
    given = open_case(records, actor, case_id).history.current()
    return {link_id: each.answer.value for link_id, each in given.items()}


def rows(records: Records) -> int:
    with records.database.reading() as session:
        return session.query(AnswerRow).count()


@pytest.mark.parametrize(
    "value",
    [True, False, 0, 17, -3, "code", "é" * 50, DAY, frozenset({"a", "b"}), UNKNOWN, *VAGUE],
    ids=lambda value: "choices" if isinstance(value, frozenset) else str(value),
)
def test_an_answer_comes_back_as_it_was_given(
    records: Records, nurse: Actor, value: Value | Answer
) -> None:
    case_id = added(records, nurse)
    done = saved(records, nurse, case_id, 1, answers(q=value))
    assert (done.version, done.changed, done.merged) == (2, ("q",), ())
    given = open_case(records, nurse, case_id).history.current()["q"]
    assert given.answer == answers(q=value)["q"]
    assert type(given.answer.value) is type(answers(q=value)["q"].value)  # type: ignore[union-attr]  # it is one
    assert (given.by, given.by_id, given.how, given.version) == (
        nurse.name,
        nurse.id,
        EntryMethod.FORM,
        2,
    )
    assert find_case(records, nurse, case_id).state is State.SCREENING


def test_saving_what_is_there_makes_no_version(records: Records, nurse: Actor) -> None:
    case_id = added(records, nurse)
    saved(records, nurse, case_id, 1, answers(q=True))
    done = saved(records, nurse, case_id, 2, answers(q=True, r=None))
    assert (done.version, done.changed) == (2, ())
    assert (rows(records), find_case(records, nurse, case_id).version) == (1, 2)


def test_a_withdrawn_answer_is_absent_and_stays_in_the_history(
    records: Records, nurse: Actor
) -> None:
    case_id = added(records, nurse)
    saved(records, nurse, case_id, 1, answers(q=True, r=3))
    saved(records, nurse, case_id, 2, answers(q=None))
    assert plain(records, nurse, case_id) == {"r": 3}
    newest, *older = open_case(records, nurse, case_id).history.changes
    assert (newest.link_id, newest.before, newest.after) == ("q", Answer(value=True), None)
    assert [(each.link_id, each.version) for each in older] == [("r", 2), ("q", 2)]
    assert rows(records) == 3


def test_the_answers_of_any_version_can_be_told(records: Records, nurse: Actor) -> None:
    case_id = added(records, nurse)
    for version, value in enumerate([1, 2, 3], start=1):
        saved(records, nurse, case_id, version, answers(q=value))
    told = [
        open_case(records, nurse, case_id).history.answers_at(version) for version in range(1, 5)
    ]
    assert told == [{}, *({"q": Answer(value=value)} for value in (1, 2, 3))]


def test_the_history_tells_who_and_when(records: Records, people: People) -> None:
    ann, ben = people.actor(name="Ann"), people.actor(name="Ben")
    case_id = added(records, ann)
    saved(records, ann, case_id, 1, answers(q=1))
    clock(records).advance(days=2)
    saved(records, ben, case_id, 2, answers(q=2))
    newest, first = open_case(records, ann, case_id).history.changes
    assert [newest.by, first.by] == ["Ben", "Ann"]
    assert (newest.before, newest.after) == (Answer(value=1), Answer(value=2))
    assert newest.at - first.at >= dt.timedelta(days=2)


def test_answers_to_different_questions_are_merged(records: Records, people: People) -> None:
    ann, ben = people.actor(name="Ann"), people.actor(name="Ben")
    case_id = added(records, ann)
    saved(records, ann, case_id, 1, answers(q=1, r=1))
    saved(records, ann, case_id, 2, answers(q=2, r=1))
    done = saved(records, ben, case_id, 2, answers(q=1, r=9))
    assert (done.version, done.changed) == (4, ("r",))
    (other,) = done.merged
    assert (other.link_id, other.after, other.by) == ("q", Answer(value=2), "Ann")
    assert plain(records, ann, case_id) == {"q": 2, "r": 9}


def test_a_conflict_tells_both_answers_and_writes_nothing(records: Records, people: People) -> None:
    ann, ben = people.actor(name="Ann"), people.actor(name="Ben")
    case_id = added(records, ann)
    saved(records, ann, case_id, 1, answers(q=1))
    saved(records, ann, case_id, 2, answers(q=2))
    with pytest.raises(ConflictError) as caught:
        saved(records, ben, case_id, 2, answers(q=3, r=True))
    (difference,) = caught.value.differences
    assert caught.value.version == 3
    assert (difference.link_id, difference.base, difference.mine) == (
        "q",
        Answer(value=1),
        Answer(value=3),
    )
    assert difference.theirs
    assert (difference.theirs.answer, difference.theirs.by) == (Answer(value=2), "Ann")
    assert plain(records, ann, case_id) == {"q": 2}
    assert find_case(records, ann, case_id).version == 3


def test_what_is_urgent_is_written_once_while_the_rest_waits(
    records: Records, people: People
) -> None:
    ann, ben = people.actor(name="Ann"), people.actor(name="Ben")
    case_id, key = added(records, ann), once()
    saved(records, ann, case_id, 1, answers(q=1, sign=False))
    posted = answers(q=2, r=1, sign=True)
    for _ in range(2):
        with pytest.raises(ConflictError) as caught:
            save_answers(
                open_case(records, ben, case_id),
                Submission(
                    version=1,
                    answers=posted,
                    how=EntryMethod.FORM,
                    idempotency_key=key,
                    urgent={"sign"},
                ),
                find_warnings=nothing,
            )
        assert [each.link_id for each in caught.value.differences] == ["q"]
        assert (caught.value.version, caught.value.written) == (3, ("sign",))
        assert plain(records, ann, case_id) == {"q": 1, "sign": True}
    assert saved(records, ben, case_id, 3, posted).changed == ("q", "r")


def test_what_is_urgent_goes_over_the_answer_of_somebody_else(
    records: Records, people: People
) -> None:
    ann, ben = people.actor(name="Ann"), people.actor(name="Ben")
    case_id, posted = added(records, ann), answers(q=1, sign=True)
    saved(records, ann, case_id, 1, answers(sign=False))
    key, urgent = once(), {"sign"}
    done = save_answers(
        open_case(records, ben, case_id),
        Submission(
            version=1, answers=posted, how=EntryMethod.FORM, idempotency_key=key, urgent=urgent
        ),
        find_warnings=nothing,
    )
    assert done.changed == ("q", "sign")
    assert [each.link_id for each in done.merged] == ["sign"]


def test_a_question_that_was_changed_twice_is_merged_once(records: Records, people: People) -> None:
    ann, ben = people.actor(name="Ann"), people.actor(name="Ben")
    case_id = added(records, ann)
    saved(records, ann, case_id, 1, answers(q=1))
    saved(records, ann, case_id, 2, answers(q=2))
    (other,) = saved(records, ben, case_id, 1, answers(r=9)).merged
    assert other.after == Answer(value=2)


def test_a_conflict_is_settled_by_saving_over_the_newest_version(
    records: Records, nurse: Actor
) -> None:
    case_id = added(records, nurse)
    saved(records, nurse, case_id, 1, answers(q=1))
    with pytest.raises(ConflictError) as caught:
        saved(records, nurse, case_id, 1, answers(q=2))
    done = saved(records, nurse, case_id, caught.value.version, answers(q=2))
    assert done.changed == ("q",)


def test_a_withdrawal_conflicts_like_any_other_change(records: Records, nurse: Actor) -> None:
    case_id = added(records, nurse)
    saved(records, nurse, case_id, 1, answers(q=1))
    saved(records, nurse, case_id, 2, answers(q=None))
    with pytest.raises(ConflictError) as caught:
        saved(records, nurse, case_id, 2, answers(q=2))
    assert caught.value.differences[0].theirs is None
    saved(records, nurse, case_id, 3, answers(q=5))
    with pytest.raises(ConflictError):
        saved(records, nurse, case_id, 2, answers(q=None))


def test_an_answer_of_several_at_once_is_kept_as_one_of_them(
    records: Records, nurse: Actor
) -> None:
    case_id = added(records, nurse)
    save_answers(
        open_case(records, nurse, case_id),
        Submission(
            version=1,
            answers=answers(q=False, r=False),
            how=EntryMethod.FORM,
            idempotency_key=once(),
            together=frozenset({"q"}),
        ),
        find_warnings=nothing,
    )
    current = open_case(records, nurse, case_id).history.current()
    assert {link: each.how for link, each in current.items()} == {
        "q": EntryMethod.NONE_OF_THESE,
        "r": EntryMethod.FORM,
    }


def asked_again(
    records: Records, actor: Actor, case_id: str, version: int, **given: Value | None
) -> SaveResult:
    """A save of answers to questions that were all asked again."""
    told = answers(**given)
    return save_answers(
        open_case(records, actor, case_id),
        Submission(
            version=version,
            answers=told,
            how=EntryMethod.FORM,
            idempotency_key=once(),
            again=frozenset(told),
        ),
        find_warnings=nothing,
    )


def test_an_answer_to_a_question_asked_again_later_is_as_old_as_the_later_asking(
    records: Records, nurse: Actor
) -> None:
    case_id = added(records, nurse)
    saved(records, nurse, case_id, 1, answers(q=False, r=False))
    clock(records).advance(days=3)
    done = asked_again(records, nurse, case_id, 2, q=False)
    assert (done.version, done.changed, done.merged) == (3, ("q",), ())
    history = open_case(records, nurse, case_id).history
    current = history.current()
    assert (current["q"].at - current["r"].at).days == 3
    assert (current["q"].how, current["r"].how) == (EntryMethod.ASKED_AGAIN, EntryMethod.FORM)
    newest = history.newest()["q"]
    assert newest.before == newest.after == current["q"].answer


def test_a_question_asked_again_on_the_same_day_changes_nothing(
    records: Records, nurse: Actor
) -> None:
    case_id = added(records, nurse)
    saved(records, nurse, case_id, 1, answers(q=False))
    assert (asked_again(records, nurse, case_id, 2, q=False)).version == 2
    clock(records).advance(days=1)
    assert (asked_again(records, nurse, case_id, 2, q=False)).version == 3
    assert (asked_again(records, nurse, case_id, 3, q=False)).version == 3


def test_a_result_is_superseded_by_a_question_asked_again(records: Records, nurse: Actor) -> None:
    case_id = added(records, nurse)
    saved(records, nurse, case_id, 1, answers(q=False))
    clock(records).advance(days=1)
    asked_again(records, nurse, case_id, 2, q=False)
    with records.database.reading() as session:
        assert was_answered_since(session, case_id, 2)


def test_an_answer_asked_again_conflicts_with_another_one_given_meanwhile(
    records: Records, nurse: Actor
) -> None:
    """The page showed the earlier one, so that both have to be seen."""
    case_id = added(records, nurse)
    saved(records, nurse, case_id, 1, answers(q=False, r=False))
    clock(records).advance(days=1)
    saved(records, nurse, case_id, 2, answers(q=True))
    with pytest.raises(ConflictError) as caught:
        asked_again(records, nurse, case_id, 2, q=False, r=False)
    (found,) = caught.value.differences
    assert (found.link_id, found.mine) == ("q", Answer(value=False))
    assert open_case(records, nurse, case_id).history.version == 3


def test_an_answer_asked_again_that_changed_is_a_change(records: Records, nurse: Actor) -> None:
    case_id = added(records, nurse)
    saved(records, nurse, case_id, 1, answers(q=False))
    clock(records).advance(days=1)
    asked_again(records, nurse, case_id, 2, q=True)
    current = open_case(records, nurse, case_id).history.current()["q"]
    assert (current.answer, current.how) == (Answer(value=True), EntryMethod.FORM)


def test_the_same_answer_by_two_is_no_conflict(records: Records, nurse: Actor) -> None:
    case_id = added(records, nurse)
    saved(records, nurse, case_id, 1, answers(q=1, r=None))
    done = saved(records, nurse, case_id, 1, answers(q=1))
    assert (done.version, done.changed) == (2, ())
    assert [each.link_id for each in done.merged] == ["q"]


def test_an_answer_that_came_back_to_what_it_was_is_no_conflict(
    records: Records, nurse: Actor
) -> None:
    case_id = added(records, nurse)
    for version, value in enumerate([1, 2, 1], start=1):
        saved(records, nurse, case_id, version, answers(q=value))
    assert saved(records, nurse, case_id, 2, answers(q=7)).changed == ("q",)


def test_a_save_that_is_sent_twice_is_done_once_and_told_twice(
    records: Records, people: People
) -> None:
    ann, ben = people.actor(name="Ann"), people.actor(name="Ben")
    case_id, key = added(records, ann), once()
    saved(records, ben, case_id, 1, answers(r=1))
    posted = answers(q=1)
    first = save_answers(
        open_case(records, ann, case_id),
        Submission(version=1, answers=posted, how=EntryMethod.AUTOSAVE, idempotency_key=key),
        find_warnings=nothing,
    )
    saved(records, ben, case_id, 3, answers(q=2))
    assert (
        save_answers(
            open_case(records, ann, case_id),
            Submission(version=1, answers=posted, how=EntryMethod.AUTOSAVE, idempotency_key=key),
            find_warnings=nothing,
        )
        == first
    )
    assert [each.link_id for each in first.merged] == ["r"]
    assert plain(records, ann, case_id) == {"q": 2, "r": 1}


def test_an_empty_save_that_is_sent_twice_takes_nothing_for_its_own(
    records: Records, nurse: Actor
) -> None:
    case_id, key = added(records, nurse), once()
    saved(records, nurse, case_id, 1, answers(q=1))
    for _ in range(2):
        done = save_answers(
            open_case(records, nurse, case_id),
            Submission(version=2, answers=answers(q=1), how=EntryMethod.FORM, idempotency_key=key),
            find_warnings=nothing,
        )
        assert (done.version, done.changed, done.merged) == (2, (), ())


@pytest.mark.parametrize("version", [-1, 2, 10**30])
def test_a_version_that_never_was_is_stale(records: Records, nurse: Actor, version: int) -> None:
    case_id = added(records, nurse)
    with pytest.raises(StaleError):
        saved(records, nurse, case_id, version, answers(q=1))


@pytest.mark.parametrize("link_id", ["", "q" * 81, "q\0", "qü"])
def test_what_is_no_questions_id_is_refused(records: Records, nurse: Actor, link_id: str) -> None:
    case_id = added(records, nurse)
    with pytest.raises(UnfitFieldError):
        saved(records, nurse, case_id, 1, {link_id: Answer(value=True)})


def test_a_closed_case_takes_no_answers(records: Records, nurse: Actor) -> None:
    case_id = added(records, nurse)
    close_case(open_case(records, nurse, case_id), 1, shipped.ruleset(), once())
    with pytest.raises(ClosedError):
        saved(records, nurse, case_id, 2, answers(q=1))


def test_warnings_are_told_from_all_answers_as_they_are_then(
    records: Records, nurse: Actor
) -> None:
    case_id = added(records, nurse)
    saved(records, nurse, case_id, 1, answers(q=1))

    def found(given: Mapping[str, Answer]) -> Warnings:
        return Warnings(emergencies=("q",), urgent=("r",), open_signs=tuple(sorted(given)))

    save_answers(
        open_case(records, nurse, case_id),
        Submission(version=2, answers=answers(r=1), how=EntryMethod.FORM, idempotency_key=once()),
        find_warnings=found,
    )
    case = find_case(records, nurse, case_id)
    assert (case.red_flags, case.emergencies) == (("q", "r"), ("q",))
    assert case.open_signs == ("q", "r")


def test_other_answers_under_the_same_key_are_never_taken_for_the_first(
    records: Records, nurse: Actor
) -> None:
    """Whoever changes an answer after a lost reply is shown both, and nothing is dropped."""
    case_id, key = added(records, nurse), once()
    save_answers(
        open_case(records, nurse, case_id),
        Submission(version=1, answers=answers(q=1), how=EntryMethod.FORM, idempotency_key=key),
        find_warnings=nothing,
    )
    with pytest.raises(ConflictError) as caught:
        save_answers(
            open_case(records, nurse, case_id),
            Submission(version=1, answers=answers(q=2), how=EntryMethod.FORM, idempotency_key=key),
            find_warnings=nothing,
        )
    assert [each.link_id for each in caught.value.differences] == ["q"]
    save_answers(
        open_case(records, nurse, case_id),
        Submission(version=2, answers=answers(q=2), how=EntryMethod.FORM, idempotency_key=key),
        find_warnings=nothing,
    )
    assert plain(records, nurse, case_id) == {"q": 2}


def test_an_auditor_reads_answers_and_gives_none(records: Records, people: People) -> None:
    nurse, auditor = people.actor(), people.actor(Role.AUDITOR)
    case_id = added(records, nurse)
    saved(records, nurse, case_id, 1, answers(q=1))
    assert plain(records, auditor, case_id) == {"q": 1}
    with pytest.raises(NotAllowedError):
        saved(records, auditor, case_id, 2, answers(q=2))


def test_answers_of_another_site_do_not_exist(records: Records, people: People) -> None:
    case_id = added(records, people.actor())
    other = people.actor(sites=("South",))
    with pytest.raises(NoCaseError):
        saved(records, other, case_id, 1, answers(q=1))
    with pytest.raises(NoCaseError):
        open_case(records, other, case_id)
