"""Answers of a case. None is ever changed or deleted: what changes is a further row.

Two people who answer at the same time lose nothing. A save says which version its page showed, and
only what differs from that version is its own; where somebody else answered one of these questions
otherwise meanwhile, both answers are told and nothing is written but what must not wait.
"""

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from enum import Enum
from functools import partial
from typing import Any, NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from screening.core.answer import Answer
from screening.core.doubts import Warnings
from screening.errors import ScreeningError
from screening.formats.answers.sealed_fields import (
    MOST_BYTES,
    NO_QUESTION,
    read_how,
    read_kept,
    read_note,
    write_answer,
    write_kept,
    write_note,
)
from screening.records.access import Actor
from screening.records.casework.case_rows import State, check_readable, load_names, load_row
from screening.records.casework.case_write import WROTE, Asked, CaseWrite, new_id, write_case
from screening.records.casework.chases import Chase, check_link, differing_chases, write_chases
from screening.records.casework.newest import answered_since, find_newest
from screening.records.errors import StaleError, UnfitFieldError
from screening.records.ledger.events import EventKind
from screening.records.ledger.records import Records
from screening.records.sealing import padding
from screening.records.sealing.case_keys import load_key
from screening.records.sealing.vault import DataKey, token
from screening.records.storage.tables import AnswerRow

FindWarnings = Callable[[Mapping[str, Answer]], Warnings]
"""From answers to what the worklist warns of."""


SEALED = ""
"""Replaces in a row how its answer came in, which is sealed with the answer."""


class How(Enum):
    """How an answer came in."""

    FORM = "form"
    AUTOSAVE = "autosave"


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """A current answer, with who gave it, when and how, and the version that it made."""

    answer: Answer
    by: str
    by_id: int
    at: dt.datetime
    how: How
    version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One answer that was given, changed, or withdrawn (``after`` is None)."""

    link_id: str
    before: Answer | None
    after: Answer | None
    by: str
    by_id: int
    at: dt.datetime
    how: How
    version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Saved:
    """What a save did: the version by then, what it changed, and what others had changed.

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
    theirs: Given | None
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


def current_answers(records: Records, actor: Actor, case_id: str) -> dict[str, Given]:
    """The answers of a case by link id; withdrawn ones are absent.

    Raises:
        NoCaseError: if the person sees no such case.
        ErasedError: if it was erased.
    """
    return _current(history(records, actor, case_id))


def answers_within(session: Session, key: DataKey) -> dict[str, Given]:
    """The same as ``current_answers``, as a part of a transaction that checked who asks."""
    return _current(_history(session, key))


def answers_at(records: Records, actor: Actor, case_id: str, version: int) -> dict[str, Answer]:
    """The answers that a case had at a version.

    Raises:
        NoCaseError: if the person sees no such case.
        ErasedError: if it was erased.
    """
    return _at(history(records, actor, case_id), version)


def history(records: Records, actor: Actor, case_id: str) -> tuple[Change, ...]:
    """Every change of an answer, the newest first, whether or not its question is still asked.

    Raises:
        NoCaseError: if the person sees no such case.
        ErasedError: if it was erased.
    """
    with records.database.reading() as session:
        check_readable(load_row(session, actor, case_id))
        key = load_key(session, records.keyring(), case_id)
        return _history(session, key)


def save_answers(  # noqa: PLR0913, PLR0917 - the case, what is posted, and the form's marks
    records: Records,
    actor: Actor,
    case_id: str,
    base_version: int,
    posted: Mapping[str, Answer | None],
    how: How,
    once: str,
    chases: Mapping[str, Chase | None] | None = None,
    *,
    find_warnings: FindWarnings,
    at_once: AbstractSet[str] = frozenset(),
) -> Saved:
    """Save answers that were typed on a page which showed the case at a version.

    Args:
        records: where the case is.
        actor: who typed them.
        case_id: whose answers they are.
        base_version: the version that the page showed.
        posted: by link id, all of the ruleset's; None withdraws an answer. What is not named stays.
        how: how they came in.
        once: the key of the form.
        chases: who finds out what is missing, set or dropped with the answers.
        find_warnings: what the worklist warns of, by the answers as they are then. An emergency
            that they make known and a later save takes back waits for its handover all the same.
        at_once: the questions whose posted answer is written whoever answered it differently, and
            although the other questions wait for a choice.

    Raises:
        ConflictError: if somebody else answered one of the others differently since that version.
        StaleError: if the case never had that version.
        NoCaseError, NotAllowedError, ClosedError, ErasedError: see ``case_write.write_case``.
    """
    for link_id in posted:
        check_link(link_id)
    page = _Page(base_version, posted, how, at_once)

    def work(case: CaseWrite) -> str:
        case.check_open()
        return _save(case, page, chases or {}, find_warnings)

    kind = EventKind.ANSWER_GIVEN
    content = [base_version, {name: write_answer(each) for name, each in posted.items()}]
    asked = Asked(actor=actor, case_id=case_id, once=once, kind=kind, content=content)
    version, _, wrote = write_case(records, asked, work).partition(" ")
    changes = history(records, actor, case_id)
    if wrote and (conflict := _conflict(changes, page, int(version))).differences:
        raise conflict
    return _saved(changes, base_version, int(version), wrote)


@dataclass(frozen=True, slots=True)
class _Page:
    """What was posted from a page that showed a version."""

    version: int
    posted: Mapping[str, Answer | None]
    how: How
    at_once: AbstractSet[str]


def _save(
    case: CaseWrite,
    page: _Page,
    chases: Mapping[str, Chase | None],
    find_warnings: FindWarnings,
) -> str:
    """Write what is new of a page; gives the version, and what came of the answers.

    Raises:
        ConflictError: if somebody else changed one of them to something else, and none is urgent.
    """
    if not 0 <= page.version <= case.row.version:
        raise StaleError(case.row.version)
    changes = _history(case.session, case.key)
    mine = _mine(changes, page)
    came = WROTE if mine else ""
    if _differing(changes, page):
        mine = {link: answer for link, answer in mine.items() if link in page.at_once}
        if not mine:
            raise _conflict(changes, page, case.row.version)
        chases = {}
    for link_id in sorted(mine, key=partial(answer_token, case.key)):  # no order of questions
        _add(case, link_id, mine[link_id], page.how)
    answers = _at(changes, case.row.version) | mine
    known = {link: answer for link, answer in answers.items() if answer is not None}
    found = {link for link, answer in known.items() if answer.known}
    wanted = {**chases, **dict.fromkeys(found)}
    if not mine and not differing_chases(case, wanted):
        return f"{case.row.version} "
    case.summary = case.summary.warned(find_warnings(known), case.day)
    write_chases(case, wanted)
    if mine:  # what was computed and decided rests on other answers
        case.summary = replace(case.summary, outcome_name=None, settled=None, decision=None)
    state = State.SCREENING if mine else None
    return f"{case.finish(EventKind.CASE_CHANGED, state)} {came}"


def _mine(changes: tuple[Change, ...], page: _Page) -> dict[str, Answer | None]:
    """What the page changed and is not so already."""
    base, current = _at(changes, page.version), _current(changes)
    mine = {link: answer for link, answer in page.posted.items() if answer != base.get(link)}
    return {link: each for link, each in mine.items() if each != _answer(current.get(link))}


def _differing(changes: tuple[Change, ...], page: _Page) -> list[Difference]:
    """What the page and somebody else changed differently; what is urgent waits for no choice."""
    base, current = _at(changes, page.version), _current(changes)
    return [
        Difference(link_id=link, base=base.get(link), theirs=current.get(link), mine=answer)
        for link, answer in _mine(changes, page).items()
        if _answer(current.get(link)) != base.get(link) and link not in page.at_once
    ]


def _conflict(changes: tuple[Change, ...], page: _Page, version: int) -> ConflictError:
    """What a save found at a version, by the history, so that a repeated one finds the same."""
    then = tuple(each for each in changes if each.version <= version)
    base, current = _at(then, page.version), _current(then)
    urgent = {link: page.posted[link] for link in page.posted if link in page.at_once}
    written = [
        link
        for link, answer in urgent.items()
        if _answer(current.get(link)) == answer != base.get(link)
    ]
    return ConflictError(_differing(then, page), version, written)


def answer_token(key: DataKey, link_id: str) -> str:
    """The token of a question in the rows of answers; the question is sealed with the answer."""
    return token(key, AnswerRow.__tablename__, link_id)


def _add(case: CaseWrite, link_id: str, answer: Answer | None, how: How) -> None:
    plain = write_kept(link_id, answer, how.value)
    if len(plain) > MOST_BYTES:
        raise UnfitFieldError("answer", "it is too long")
    _add_sealed(case, link_id, plain)


def add_note(case: CaseWrite, data: Mapping[str, object]) -> bool:
    """Keep a note like an answer, so that nobody can see that there is one.

    Returns:
        Whether that was done. It is not if the note is too long, or if a result rests on the
        answers: then another one would stand out.
    """
    plain, newest = write_note(data), find_newest(case.session, case.row.id)
    rests = newest is not None and not answered_since(case.session, newest)
    if len(plain) > MOST_BYTES or rests:
        return False
    _add_sealed(case, NO_QUESTION, plain)
    return True


def notes_within(session: Session, key: DataKey) -> list[tuple[AnswerRow, dict[str, Any]]]:
    """The notes that are kept like answers, as a part of a transaction that checked who asks."""
    named = AnswerRow.link_id == answer_token(key, NO_QUESTION)
    rows = session.scalars(select(AnswerRow).where(AnswerRow.case_id == key.name, named))
    return [(row, read_note(_unsealed(key, row))) for row in rows]


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


def _saved(changes: tuple[Change, ...], base: int, version: int, wrote: str) -> Saved:
    """What a save did, told from the history, so that a repeated one tells the same."""
    own = [each.link_id for each in changes if wrote and each.version == version]
    last = version - 1 if wrote else version
    others = {each.link_id: each for each in reversed(changes) if base < each.version <= last}
    merged = sorted(others.values(), key=lambda each: each.version, reverse=True)
    return Saved(version=version, changed=tuple(sorted(own)), merged=tuple(merged))


def _history(session: Session, key: DataKey) -> tuple[Change, ...]:
    rows = session.scalars(select(AnswerRow).where(AnswerRow.case_id == key.name)).all()
    names = load_names(session, {row.by for row in rows})
    opened = [each for row in rows if (each := _opened(key, row)).link_id != NO_QUESTION]
    opened.sort(key=lambda each: (each.row.version, each.link_id))
    return tuple(_changes(opened, names))[::-1]


class _Opened(NamedTuple):
    row: AnswerRow
    link_id: str
    answer: Answer | None
    how: How


def _opened(key: DataKey, row: AnswerRow) -> _Opened:
    plain = _unsealed(key, row)
    link_id, answer = read_kept(plain)
    note = link_id == NO_QUESTION
    return _Opened(row, link_id, answer, How.FORM if note else How(read_how(plain) or row.how))


def _unsealed(key: DataKey, row: AnswerRow) -> bytes:
    return key.unseal(row.sealed, "answers", row.id, row.version)


def _changes(opened: Iterable[_Opened], names: Mapping[int, str]) -> Iterator[Change]:
    """The changes of rows in the order of their versions."""
    last: dict[str, Answer | None] = {}
    for row, link_id, after, how in opened:
        yield Change(
            link_id=link_id,
            before=last.get(link_id),
            after=after,
            by=names.get(row.by, ""),
            by_id=row.by,
            at=row.at,
            how=how,
            version=row.version,
        )
        last[link_id] = after


def _at(changes: tuple[Change, ...], version: int) -> dict[str, Answer]:
    then = {each.link_id: each.after for each in reversed(changes) if each.version <= version}
    return {link_id: answer for link_id, answer in then.items() if answer is not None}


def _current(changes: tuple[Change, ...]) -> dict[str, Given]:
    newest = {each.link_id: each for each in reversed(changes)}
    return {
        link_id: Given(
            answer=each.after,
            by=each.by,
            by_id=each.by_id,
            at=each.at,
            how=each.how,
            version=each.version,
        )
        for link_id, each in newest.items()
        if each.after is not None
    }


def _answer(given: Given | None) -> Answer | None:
    return given.answer if given else None
