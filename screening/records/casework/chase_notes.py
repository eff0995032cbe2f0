"""Notes on chases that somebody set, put off or dropped by hand.

Such a note is as long as one of a call, so that its row does not show which of them it is.
"""

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from screening.records.case.chase_rows import Chase
from screening.records.storage.tables import NoteRow

_NAME = "chases"


@dataclass(frozen=True, slots=True, kw_only=True)
class ChaseNote:
    """The due dates that somebody changed, by link id: before and after; None is no chase."""

    changes: Mapping[str, tuple[dt.date | None, dt.date | None]]
    at: dt.datetime
    by: str


def write_chase_note(
    before: Mapping[str, Chase], after: Mapping[str, Chase | None]
) -> dict[str, Any]:
    """The content of the note on a change.

    Args:
        before: the chases as they were, by link id.
        after: those that are set; None drops one.
    """
    changed = {
        link: [_iso(before.get(link)), _iso(each)]
        for link, each in after.items()
        if each != before.get(link)
    }
    return {_NAME: changed}


def read_chase_notes(
    rows: Iterable[tuple[NoteRow, Mapping[str, Any]]], names: Mapping[int, str]
) -> tuple[ChaseNote, ...]:
    """The notes on chases among the notes of a case.

    Args:
        rows: the notes with their contents.
        names: those of the people who wrote them, by their accounts.
    """
    return tuple(
        ChaseNote(
            changes={link: (_day(was), _day(now)) for link, (was, now) in content[_NAME].items()},
            at=row.at,
            by=names.get(row.by, ""),
        )
        for row, content in rows
        if _NAME in content
    )


def _iso(chase: Chase | None) -> str | None:
    return None if chase is None else chase.due.isoformat()


def _day(text: str | None) -> dt.date | None:
    return None if text is None else dt.date.fromisoformat(text)
