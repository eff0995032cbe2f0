"""Answers of a case. None is ever changed or deleted: what changes is a further row.

Two people who answer at the same time lose nothing. A save says which version its page showed, and
only what differs from that version is its own; where somebody else answered one of these questions
otherwise meanwhile, both answers are told and nothing is written but what must not wait.
"""

from collections.abc import Callable, Iterable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, NamedTuple

from screening.core.results.warning_signs import Warnings
from screening.core.values.answer import Answer
from screening.errors import ScreeningError
from screening.formats.answers.sealed_fields import (
    MOST_BYTES,
    NO_QUESTION,
    write_answer,
    write_note,
    write_sealed_answer,
)
from screening.records.case.case_rows import State
from screening.records.case.case_view import CaseView
from screening.records.case.case_write import WROTE, CaseWrite, Write, new_id, write_case
from screening.records.case.chase_rows import HANDOVER, Chase
from screening.records.case.history import (
    AnswerEntry,
    Change,
    EntryMethod,
    History,
    answer_token,
)
from screening.records.case.newest import find_newest, was_answered_since
from screening.records.casework.chases import (
    check_link,
    differing_chases,
    dropped_chases,
    leave_idle,
    write_chases,
)
from screening.records.errors import StaleError, UnfitFieldError
from screening.records.ledger.events import EventKind
from screening.records.sealing import padding
from screening.records.storage.tables import AnswerRow

FindWarnings = Callable[[Mapping[str, Answer]], Warnings]
"""From answers to what the worklist warns of."""
FindChases = Callable[
    [Mapping[str, Answer], AbstractSet[str], AbstractSet[str]], Mapping[str, Chase | None]
]
"""From answers, the questions that are chased already, and those that were left alone because they
could not change the result, to chases that are set or dropped."""
SEALED = ""
"""Replaces in a row how its answer came in, which is sealed with the answer."""


def no_chases(*_: object) -> Mapping[str, Chase | None]:
    """Leave the chases as they are."""
    return {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Submission:
    """Answers that were typed on a page which showed the case at a version.

    ``answers`` has those that the page posted by link id, where None withdraws one; what is not
    named stays. ``urgent`` are the questions whose answer is written although somebody answered it
    differently, and although the others wait for a choice. ``together`` are those that were
    answered with one "none of these", and not by themselves. ``again`` are those of ``answers``
    that were asked again and got the answer which is there: it is written again, once a day, so
    that its age is that of the later asking. ``idempotency_key`` is that of the form.
    """

    version: int
    answers: Mapping[str, Answer | None]
    how: EntryMethod
    idempotency_key: str
    urgent: AbstractSet[str] = frozenset()
    together: AbstractSet[str] = frozenset()
    again: AbstractSet[str] = frozenset()

    def way(self, link_id: str) -> EntryMethod:
        """The way in which the answer to a question came in."""
        return EntryMethod.NONE_OF_THESE if link_id in self.together else self.how


@dataclass(frozen=True, slots=True, kw_only=True)
class SaveResult:
    """The result of a save: the version by then, its changes, and what others had changed.

    ``merged`` has the newest change of each question only, which is what a page takes over.
    """

    version: int
    changed: tuple[str, ...]
    merged: tuple[Change, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """A question that two people answered differently. ``theirs`` is None for a withdrawn one."""

    link_id: str
    base: Answer | None
    theirs: AnswerEntry | None
    mine: Answer | None


class ConflictError(ScreeningError):
    """Somebody else answered one of the questions differently meanwhile.

    Nothing was written but the answers to ``written``, which could not wait.
    """

    def __init__(
        self, differences: Iterable[Difference], version: int, written: Iterable[str] = ()
    ) -> None:
        """Keep both answers to each question, and the version of the case by now."""
        self.differences = tuple(differences)
        self.version = version
        self.written = tuple(written)
        super().__init__("somebody else answered one of these questions differently meanwhile")


def save_answers(
    view: CaseView,
    submission: Submission,
    *,
    find_warnings: FindWarnings,
    find_chases: FindChases = no_chases,
) -> SaveResult:
    """Save the answers of a submission.

    Args:
        view: the case, as the person who typed them sees it.
        submission: what was typed.
        find_warnings: what the worklist warns of, by the answers as they are then. An emergency
            that they make known and a later save takes back waits for its handover all the same.
        find_chases: who finds out what is missing, by the answers and the chases as they are then.

    Raises:
        ConflictError: if somebody else answered one of the others differently since that version.
        StaleError: if the case never had that version.
        NoCaseError, NotAllowedError, ClosedError, ErasedError: see ``case_write.write_case``.
    """
    for link_id in submission.answers:
        check_link(link_id)
    told = {link_id: write_answer(answer) for link_id, answer in submission.answers.items()}
    content: list[Any] = [submission.version, told, *sorted(submission.again)]
    kind = EventKind.ANSWER_GIVEN
    write = Write(idempotency_key=submission.idempotency_key, kind=kind, content=content)
    finders = _Finders(find_warnings, find_chases)
    work = partial(_save, submission=submission, find=finders)
    version, _, wrote = write_case(view, write, work).partition(" ")
    then = view.history_until(int(version))
    if wrote and (conflict := _conflict(then, submission)).differences:
        raise conflict
    return _saved(then, submission.version, wrote)


class _Finders(NamedTuple):
    """Functions of answers: warnings, and chases to set."""

    warnings: FindWarnings
    chases: FindChases


def _save(case: CaseWrite, *, submission: Submission, find: _Finders) -> str:
    """Write what is new of a submission; gives the version, and what came of the answers.

    Raises:
        ConflictError: if somebody else changed one of them to something else, and none is urgent.
    """
    case.check_open()
    if not 0 <= submission.version <= case.row.version:
        raise StaleError(case.row.version)
    mine = _mine(case.history, submission)
    if _differing(case.history, submission):
        mine, find = _urgent(case, mine, submission), find._replace(chases=no_chases)
    else:
        mine |= _asked_again(case, submission)
    came, answers = WROTE if mine else "", _by_then(case.history, mine)
    chases = _wanted_chases(case, answers, find.chases)
    if not mine and not differing_chases(case, chases):
        return f"{case.row.version} "
    _add_answers(case, mine, submission.way)
    if _is_yes_again(mine, submission):
        case.summary = replace(case.summary, handed_over=())
    case.summary = case.summary.with_warnings(find.warnings(answers), case.day)
    left = {link for link in dropped_chases(case, chases) if not is_known(answers.get(link))}
    write_chases(case, chases)
    leave_idle(case, left)
    if mine:  # what was computed and decided rests on other answers
        case.summary = replace(case.summary, outcome_name=None, settled=None, decision=None)
    state = State.SCREENING if mine else None
    return f"{case.finish(EventKind.CASE_CHANGED, state)} {came}"


def _is_yes_again(mine: Mapping[str, Answer | None], submission: Submission) -> bool:
    """True if an emergency sign was asked about again and is still there: somebody has to be told.

    The handover of an earlier day was about how the patient was then.
    """
    found = (mine.get(link) for link in submission.again)
    return any(answer is not None and answer.value is True for answer in found)


def _urgent(
    case: CaseWrite, mine: Mapping[str, Answer | None], submission: Submission
) -> dict[str, Answer | None]:
    """The answers that are written although the rest waits for a choice.

    Raises:
        ConflictError: if that is nothing.
    """
    urgent = {link: answer for link, answer in mine.items() if link in submission.urgent}
    if not urgent:
        raise _conflict(case.history, submission)
    return urgent


def is_known(answer: Answer | None) -> bool:
    """True if there is an answer, and it says something."""
    return answer is not None and answer.known


def _by_then(history: History, mine: Mapping[str, Answer | None]) -> dict[str, Answer]:
    """The answers as they are once what is new is written."""
    answers = {**history.answers(), **mine}
    return {link: answer for link, answer in answers.items() if answer is not None}


def _wanted_chases(
    case: CaseWrite, answers: Mapping[str, Answer], find_chases: FindChases
) -> dict[str, Chase | None]:
    """The chases that answers call for; none for what is known."""
    there, idle = case.chases.keys() - {HANDOVER}, frozenset(case.summary.idle)
    known = [link for link, answer in answers.items() if answer.known]
    return {**find_chases(answers, there, idle), **dict.fromkeys(known)}


def _mine(history: History, submission: Submission) -> dict[str, Answer | None]:
    """The changes of a submission that are not there already."""
    base, current, again = (
        history.answers_at(submission.version),
        history.answers(),
        submission.again,
    )
    posted = submission.answers.items()
    changed = {link: each for link, each in posted if each != base.get(link) or link in again}
    return {link: each for link, each in changed.items() if each != current.get(link)}


def _asked_again(case: CaseWrite, submission: Submission) -> dict[str, Answer | None]:
    """The answers given again that are of another day; after a wrong clock, a later one."""
    current, posted = case.history.current(), submission.answers
    return {
        link: posted[link]
        for link in submission.again & posted.keys() & current.keys()
        if posted[link] == current[link].answer and case.day_of(current[link].at) != case.day
    }


def _differing(history: History, submission: Submission) -> list[Difference]:
    """The questions that a submission and somebody else changed differently, without the urgent."""
    base, current = history.answers_at(submission.version), history.current()
    return [
        Difference(link_id=link, base=base.get(link), theirs=current.get(link), mine=answer)
        for link, answer in _mine(history, submission).items()
        if _answer(current.get(link)) != base.get(link) and link not in submission.urgent
    ]


def _answer(given: AnswerEntry | None) -> Answer | None:
    return given.answer if given else None


def _conflict(then: History, submission: Submission) -> ConflictError:
    """The conflict of a save at a version, by the history: a repeated one finds the same."""
    base, current = then.answers_at(submission.version), then.answers()
    posted, at_once = submission.answers.items(), submission.urgent
    urgent = {link: answer for link, answer in posted if link in at_once}
    written = [link for link, each in urgent.items() if current.get(link) == each != base.get(link)]
    return ConflictError(_differing(then, submission), then.version, written)


def _saved(then: History, base: int, wrote: str) -> SaveResult:
    """The result of a save, read from the history, so that a repeated one gives the same."""
    version = then.version
    own = [each.link_id for each in then.changes if wrote and each.version == version]
    others = then.until(version - 1 if wrote else version).since(base).newest().values()
    merged = sorted(others, key=lambda each: each.version, reverse=True)
    return SaveResult(version=version, changed=tuple(sorted(own)), merged=tuple(merged))


def _add_answers(
    case: CaseWrite, mine: Mapping[str, Answer | None], way: Callable[[str], EntryMethod]
) -> None:
    before = case.history.answers()
    ways = {
        link: EntryMethod.ASKED_AGAIN if answer == before.get(link) else way(link)
        for link, answer in mine.items()
    }
    for link_id in sorted(mine, key=partial(answer_token, case.key)):  # no order of questions
        plain = write_sealed_answer(link_id, mine[link_id], ways[link_id].value)
        if len(plain) > MOST_BYTES:
            raise UnfitFieldError("answer", "it is too long")
        _add_sealed(case, link_id, plain)
    case.made += [
        Change(
            link_id=link_id,
            before=before.get(link_id),
            after=mine[link_id],
            by=case.actor.name,
            by_id=case.actor.id,
            at=case.at,
            how=ways[link_id],
            version=case.version,
        )
        for link_id in sorted(mine)
    ]
    count = len(case.history.changes) + len(mine)
    case.summary = replace(case.summary, answer_count=count, answer_version=case.version)


def add_note(case: CaseWrite, data: Mapping[str, object]) -> bool:
    """Keep a note like an answer, so that nobody can see that there is one.

    Returns:
        Whether that was done. It is not if the note is too long, or if a result rests on the
        answers: then another one would stand out.
    """
    plain, newest = write_note(data), find_newest(case.session, case.row.id)
    rests = newest is not None and not was_answered_since(
        case.session, case.row.id, newest.case_version
    )
    if len(plain) > MOST_BYTES or rests:
        return False
    _add_sealed(case, NO_QUESTION, plain)
    return True


def _add_sealed(case: CaseWrite, link_id: str, plain: bytes) -> None:
    row_id = new_id()
    row = AnswerRow(
        id=row_id,
        case_id=case.row.id,
        link_id=answer_token(case.key, link_id),
        version=case.version,
        sealed=case.key.seal(padding.pad(plain, MOST_BYTES), "answers", row_id, case.version),
        how=SEALED,
        at=case.at,
        by=case.actor.id,
    )
    case.add(row, EventKind.ANSWER_GIVEN)  # a withdrawal, too: what an answer says is sealed
