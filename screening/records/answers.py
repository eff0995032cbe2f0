"""Answers of a case. None is ever changed or deleted: what changes is a further row.

Two people who answer at the same time lose nothing. A save says which version its page showed, and
only what differs from that version is its own; where somebody else answered one of these questions
otherwise meanwhile, nothing is written and both answers are told.
"""

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from enum import Enum

from sqlalchemy import select
from sqlalchemy.orm import Session

from screening.core.answer import Answer
from screening.core.doubts import Warnings
from screening.errors import ScreeningError
from screening.records.access import Actor
from screening.records.casekeys import load_key
from screening.records.caserows import State, check_readable, load_names, load_row
from screening.records.chases import Chase, check_link, wait_for_first, write_chases
from screening.records.ledger import EventKind
from screening.records.refusals import StaleError
from screening.records.sealedanswers import read_sealed, write_sealed
from screening.records.store import Records
from screening.records.tables import AnswerRow
from screening.records.vault import DataKey
from screening.records.writing import Asked, CaseWrite, new_id, write_case

FindWarnings = Callable[[Mapping[str, Answer]], Warnings]
"""From answers to what the worklist warns of."""


class How(Enum):
    """How an answer came in."""

    FORM = "form"
    AUTOSAVE = "autosave"
    IMPORT = "import"


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
    """What a save did: the version by then, what it changed, and what others had changed."""

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
    """Somebody else answered one of the questions otherwise meanwhile; nothing was written."""

    def __init__(self, differences: Iterable[Difference], version: int) -> None:
        """Keep both answers to each question, and the version of the case by now."""
        self.differences = tuple(differences)
        self.version = version
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

    Raises:
        ConflictError: if somebody else answered one of them otherwise since that version.
        StaleError: if the case never had that version.
        NoCaseError, NotAllowedError, ClosedError, ErasedError: see ``writing.write_case``.
    """
    for link_id in posted:
        check_link(link_id)

    def work(case: CaseWrite) -> str:
        case.check_open()
        return _save(case, _Page(base_version, posted, how), chases or {}, find_warnings)

    kind = EventKind.ANSWER_GIVEN
    content = [base_version, {name: write_sealed(each).decode() for name, each in posted.items()}]
    asked = Asked(actor=actor, case_id=case_id, once=once, kind=kind, content=content)
    version, _, wrote = write_case(records, asked, work).partition(" ")
    return _saved(history(records, actor, case_id), base_version, int(version), wrote)


@dataclass(frozen=True, slots=True)
class _Page:
    """What was posted from a page that showed a version."""

    version: int
    posted: Mapping[str, Answer | None]
    how: How


def _save(
    case: CaseWrite,
    page: _Page,
    chases: Mapping[str, Chase | None],
    find_warnings: FindWarnings,
) -> str:
    """Write what is new of a page; gives the version, and whether answers were written."""
    if not 0 <= page.version <= case.row.version:
        raise StaleError(case.row.version)
    changes = _history(case.session, case.key)
    mine = _mine(changes, page, case.row.version)
    for link_id, answer in mine.items():
        _add(case, link_id, answer, page.how)
    answers = _at(changes, case.row.version) | mine
    known = {link: answer for link, answer in answers.items() if answer is not None}
    found = {link for link, answer in known.items() if answer.known}
    moved = write_chases(case, {**chases, **dict.fromkeys(found)})
    if not mine and not moved:
        return f"{case.row.version} "
    case.summary = case.summary.warned(find_warnings(known), case.day)
    wait_for_first(case)
    if mine:  # what was computed and decided was upon other answers
        case.summary = replace(case.summary, outcome_name=None, settled=None, decision=None)
    state = State.SCREENING if mine else None
    return f"{case.finish(EventKind.CASE_CHANGED, state)} {'wrote' if mine else ''}"


def _mine(changes: tuple[Change, ...], page: _Page, version: int) -> dict[str, Answer | None]:
    """What the page changed and is not so already.

    Raises:
        ConflictError: if somebody else changed one of these to something else.
    """
    base, current = _at(changes, page.version), _current(changes)
    mine = {link: answer for link, answer in page.posted.items() if answer != base.get(link)}
    mine = {link: each for link, each in mine.items() if each != _answer(current.get(link))}
    differing = [link for link in mine if _answer(current.get(link)) != base.get(link)]
    if differing:
        told = (
            Difference(link_id=link, base=base.get(link), theirs=current.get(link), mine=mine[link])
            for link in differing
        )
        raise ConflictError(told, version)
    return mine


def _add(case: CaseWrite, link_id: str, answer: Answer | None, how: How) -> None:
    row_id = new_id()
    row = AnswerRow(
        id=row_id,
        case_id=case.row.id,
        link_id=link_id,
        version=case.version,
        sealed=case.key.seal(write_sealed(answer), "answers", row_id, case.version),
        how=how.value,
        at=case.at,
        by=case.actor.id,
    )
    case.add(row, EventKind.ANSWER_WITHDRAWN if answer is None else EventKind.ANSWER_GIVEN)


def _saved(changes: tuple[Change, ...], base: int, version: int, wrote: str) -> Saved:
    """What a save did, told from the history, so that a repeated one tells the same."""
    own = [each.link_id for each in changes if wrote and each.version == version]
    last = version - 1 if wrote else version
    merged = tuple(each for each in changes if base < each.version <= last)
    return Saved(version=version, changed=tuple(sorted(own)), merged=merged)


def _history(session: Session, key: DataKey) -> tuple[Change, ...]:
    rows = session.scalars(
        select(AnswerRow)
        .where(AnswerRow.case_id == key.name)
        .order_by(AnswerRow.version, AnswerRow.link_id)
    ).all()
    names = load_names(session, {row.by for row in rows})
    return tuple(_changes(key, rows, names))[::-1]


def _changes(key: DataKey, rows: Iterable[AnswerRow], names: Mapping[int, str]) -> Iterator[Change]:
    """The changes of rows in the order in which they were written."""
    last: dict[str, Answer | None] = {}
    for row in rows:
        after = read_sealed(key.unseal(row.sealed, "answers", row.id, row.version))
        yield Change(
            link_id=row.link_id,
            before=last.get(row.link_id),
            after=after,
            by=names.get(row.by, ""),
            by_id=row.by,
            at=row.at,
            how=How(row.how),
            version=row.version,
        )
        last[row.link_id] = after


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
