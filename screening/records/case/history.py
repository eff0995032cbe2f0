"""The history of a case's answers: who gave which, when and how, and what it replaced.

Rows of answers are only ever added, each under the version of the case that its write made. So a
history up to a version never changes, and one that was read can be continued by what came since.
"""

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from functools import partial
from typing import Any, NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from screening.core.values.answer import Answer
from screening.formats.answers.sealed_fields import (
    NO_QUESTION,
    read_how,
    read_note,
    read_sealed_answer,
)
from screening.records.case.case_rows import WRITER, names_of
from screening.records.case.unreadable import read_note_or_mark
from screening.records.ledger.digests import row_name
from screening.records.sealing.vault import DataKey, SealError, token
from screening.records.storage.tables import AnswerRow


class EntryMethod(Enum):
    """The way in which an answer came in.

    ``NONE_OF_THESE`` is a "no" that was given to several questions at once. ``ASKED_AGAIN`` is the
    answer that was there already, to a question that was asked again on a later day.
    """

    FORM = "form"
    AUTOSAVE = "autosave"
    NONE_OF_THESE = "none"
    ASKED_AGAIN = "again"
    IMPORT = "import"


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerEntry:
    """A current answer with its provenance (person, time, way), and the version that it made."""

    answer: Answer
    by: str
    by_id: int
    at: dt.datetime
    how: EntryMethod
    version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One answer that was given, changed, given again, or withdrawn (``after`` is None)."""

    link_id: str
    before: Answer | None
    after: Answer | None
    by: str
    by_id: int
    at: dt.datetime
    how: EntryMethod
    version: int


@dataclass(frozen=True, slots=True)
class History:
    """Every change of an answer up to a version of a case, the newest first."""

    version: int = 0
    changes: tuple[Change, ...] = ()

    def until(self, version: int) -> "History":
        """The history as it was at a version."""
        then = tuple(each for each in self.changes if each.version <= version)
        return History(min(version, self.version), then)

    def since(self, version: int) -> "History":
        """The changes after a version."""
        later = tuple(each for each in self.changes if each.version > version)
        return History(self.version, later)

    def followed_by(self, later: Iterable[Change], version: int) -> "History":
        """The same with what was changed since, the oldest first, up to a version."""
        return History(version, (*reversed(list(later)), *self.changes))

    @property
    def newest_version(self) -> int:
        """The version that the newest answer made; 0 without one."""
        return max((each.version for each in self.changes), default=0)

    def check_count(self, expected: int | None) -> None:
        """Make sure that no answer was taken away from the history of a case.

        Args:
            expected: how many the case has; None if they were never counted.

        Raises:
            SealError: if one was.
        """
        if expected is not None and len(self.changes) != expected:
            raise SealError(AnswerRow.__tablename__)

    def newest(self) -> dict[str, Change]:
        """The last change of each question."""
        return {each.link_id: each for each in reversed(self.changes)}

    def current(self) -> dict[str, AnswerEntry]:
        """The current answers by link id; withdrawn ones are absent."""
        return {
            link_id: AnswerEntry(
                answer=each.after,
                by=each.by,
                by_id=each.by_id,
                at=each.at,
                how=each.how,
                version=each.version,
            )
            for link_id, each in self.newest().items()
            if each.after is not None
        }

    def answers(self) -> dict[str, Answer]:
        """The current answers alone."""
        newest = self.newest().items()
        return {link_id: each.after for link_id, each in newest if each.after is not None}

    def answers_at(self, version: int) -> dict[str, Answer]:
        """The answers that the case had at a version."""
        return self.until(version).answers()


def answer_token(key: DataKey, link_id: str) -> str:
    """The token of a question in the rows of answers; the question is sealed with the answer."""
    return token(key, AnswerRow.__tablename__, link_id)


def extend_history(session: Session, key: DataKey, known: History, version: int) -> History:
    """Continue a history up to a later version; nothing that is known is opened again.

    Raises:
        SealError: if a row was changed.
    """
    named = select(AnswerRow, WRITER.c.name).outerjoin(WRITER, WRITER.c.id == AnswerRow.by)
    rows = session.execute(
        named.where(
            AnswerRow.case_id == key.name,
            AnswerRow.link_id != answer_token(key, NO_QUESTION),
            AnswerRow.version > known.version,
            AnswerRow.version <= version,
        )
    ).all()
    names = names_of((row.by, name) for row, name in rows)
    opened = [_opened(key, row) for row, _ in rows]
    opened.sort(key=lambda each: (each.row.version, each.link_id))
    return known.followed_by(_changes(known.answers(), opened, names), version)


def notes_within(session: Session, key: DataKey) -> list[tuple[AnswerRow, dict[str, Any]]]:
    """The notes that are kept like answers, as a part of a transaction that checked who asks."""
    named = AnswerRow.link_id == answer_token(key, NO_QUESTION)
    rows = session.scalars(select(AnswerRow).where(AnswerRow.case_id == key.name, named))
    return [(row, read_note_or_mark(partial(_open_note, key, row))) for row in rows]


def _open_note(key: DataKey, row: AnswerRow) -> dict[str, Any]:
    plain = _unsealed(key, row)
    _check_question(key, row, read_sealed_answer(plain)[0])
    return read_note(plain)


class _UnsealedRow(NamedTuple):
    row: AnswerRow
    link_id: str
    answer: Answer | None
    how: EntryMethod


def _opened(key: DataKey, row: AnswerRow) -> _UnsealedRow:
    plain = _unsealed(key, row)
    link_id, answer = read_sealed_answer(plain)
    _check_question(key, row, link_id)
    return _UnsealedRow(row, link_id, answer, EntryMethod(read_how(plain) or row.how))


def _check_question(key: DataKey, row: AnswerRow, link_id: str) -> None:
    """Make sure that a row is found by the question that is sealed in it.

    Otherwise a note could take the place of an answer, and an answer that of a note.

    Raises:
        SealError: if it is not.
    """
    if row.link_id != answer_token(key, link_id):
        raise SealError(row_name(row))


def _unsealed(key: DataKey, row: AnswerRow) -> bytes:
    return key.unseal(row.sealed, AnswerRow.__tablename__, row.id, row.version)


def _changes(
    before: Mapping[str, Answer], opened: Iterable[_UnsealedRow], names: Mapping[int, str]
) -> Iterator[Change]:
    """The changes of rows in the order of their versions."""
    last: dict[str, Answer | None] = dict(before)
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
