"""Letters: the words that a person writes around a result, and what the reader is asked.

Each is sealed in a note of its case, and none is ever changed: the newest of a result counts.
"""

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from functools import partial
from typing import Any

from screening.core.values.note import NoteRule
from screening.records.case.case_view import CaseView
from screening.records.case.case_write import WROTE, CaseWrite, Write, write_case
from screening.records.case.note_rows import add_note_row, note_rows
from screening.records.errors import StaleError, UnfitFieldError
from screening.records.ledger.events import EventKind
from screening.records.storage.tables import NoteRow
from screening.translation import gettext, mark

MOST_LINES = {"addressee": 8, "salutation": 1, "message": 40, "request": 8}
"""More would push what was decided off the first page."""
SHORT = NoteRule(longest=500)
"""An addressee with an address, a salutation, or what is asked of the reader."""
LONG = NoteRule(longest=2_000)
"""The free text: more would not leave the letter on one page."""
TOO_MANY_LINES = mark("it may have {most} lines; this has {count}")
_NAME = "letter"


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """The words of a letter; any of them may be empty. ``request`` is what the reader is asked."""

    addressee: str
    salutation: str
    message: str
    request: str

    def check(self) -> None:
        """Make sure that all of it can be kept.

        Raises:
            UnfitFieldError: if not.
        """
        for field in fields(self):
            rule, text = LONG if field.name == "message" else SHORT, getattr(self, field.name)
            if fault := rule.storage_fault(text):
                raise UnfitFieldError.of_note(field.name, text, rule, fault)
            most, count = MOST_LINES[field.name], text.count("\n") + 1
            if count > most:
                raise UnfitFieldError(field.name, gettext(TOO_MANY_LINES, most=most, count=count))

    def data(self) -> dict[str, str]:
        """As JSON data."""
        return {field.name: getattr(self, field.name) for field in fields(self)}


@dataclass(frozen=True, slots=True, kw_only=True)
class NewLetter:
    """A letter that is to be saved for the result of a number.

    ``basis`` is a word for all that the words rest on, such as a decision. ``seen`` is how many
    letters the case had when the page was made.
    """

    number: int
    letter: Letter
    basis: str
    seen: int


@dataclass(frozen=True, slots=True, kw_only=True)
class WrittenLetter:
    """A letter as it was saved; ``basis`` as in ``NewLetter``."""

    letter: Letter
    number: int
    basis: str
    at: dt.datetime
    by: str


def write_letter(view: CaseView, new: NewLetter, idempotency_key: str) -> int:
    """Save the words of a letter; gives the case's version after it.

    Saving the words of the newest letter of the result again writes nothing.

    Args:
        view: the case, as the person who writes sees it.
        new: the letter.
        idempotency_key: that of the form.

    Raises:
        NoAssessmentError: if the case has no such result.
        UnfitFieldError: if something cannot be kept.
        StaleError: if somebody has saved another letter since.
        NoCaseError, NotAllowedError, ClosedError, ErasedError: see ``case_write.write_case``.
    """
    view.assessment(new.number)
    new.letter.check()
    content = {"number": new.number, "basis": new.basis, **new.letter.data()}
    kind = EventKind.ANSWER_GIVEN  # what is kept of the form is that of answers, too
    write = Write(idempotency_key=idempotency_key, kind=kind, content=content)
    return int(write_case(view, write, partial(_write, content=content, seen=new.seen)).split()[0])


def read_letters(
    rows: Iterable[tuple[NoteRow, Mapping[str, Any]]], names: Mapping[int, str]
) -> tuple[WrittenLetter, ...]:
    """The letters among notes, the newest first.

    Args:
        rows: the notes of one case with their contents.
        names: those of the people who wrote them, by their accounts.
    """
    found = [(row, content[_NAME]) for row, content in rows if _NAME in content]
    found.sort(key=lambda each: each[0].number, reverse=True)
    return tuple(
        WrittenLetter(
            letter=_letter(data),
            number=data["number"],
            basis=data["basis"],
            at=row.at,
            by=names.get(row.by, ""),
        )
        for row, data in found
    )


def find_letter(letters: Iterable[WrittenLetter], number: int) -> WrittenLetter | None:
    """The newest letter of a result; None if nobody has written one.

    Args:
        letters: those of the case, the newest first.
        number: the number of the result.
    """
    return next((each for each in letters if each.number == number), None)


def _write(case: CaseWrite, *, content: Mapping[str, Any], seen: int) -> str:
    case.check_open()
    letters = read_letters(note_rows(case.session, case.key), {})
    newest = find_letter(letters, content["number"])
    if (
        newest
        and {**newest.letter.data(), "number": newest.number, "basis": newest.basis} == content
    ):
        return f"{case.row.version} "
    if len(letters) != seen:
        raise StaleError(case.row.version)
    add_note_row(case, {_NAME: content})
    return f"{case.finish(EventKind.CASE_CHANGED)} {WROTE}"


def _letter(data: Mapping[str, Any]) -> Letter:
    return Letter(**{field.name: data[field.name] for field in fields(Letter)})
