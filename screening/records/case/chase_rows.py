"""Rows of chases to values: who finds out which missing answer of a case, and until when.

A row names its question by a token. Which question that is, the sealed summary of the case tells.
"""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from screening.core.rules.item import Finder
from screening.records.case.case_summary import Summary
from screening.records.ledger.digests import row_name
from screening.records.sealing.vault import DataKey, SealError, token
from screening.records.storage.tables import ChaseRow

HANDOVER = ""
"""Replaces the question of an emergency that waits for its handover."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Chase:
    """A missing answer that somebody finds out. ``owner_id`` is that person's account."""

    link_id: str
    owner: Finder
    owner_id: int | None = None
    due: dt.date


def chase_token(key: DataKey, link_id: str) -> str:
    """The token of a question in the rows of chases; the rows of answers have another one."""
    return token(key, ChaseRow.__tablename__, link_id)


def chase_rows(session: Session, key: DataKey, summary: Summary) -> dict[str, ChaseRow]:
    """The rows of a case by the questions that they stand for.

    Raises:
        SealError: if somebody changed one of them.
    """
    rows = session.scalars(select(ChaseRow).where(ChaseRow.case_id == key.name))
    return {question_of_row(key, summary.chased, row): row for row in rows}


def chases_of(key: DataKey, summary: Summary, rows: Iterable[ChaseRow]) -> dict[str, Chase]:
    """The chases of a case by link id, the earliest due first, without handovers.

    Raises:
        SealError: if somebody changed one of their rows.
    """
    named = [(question_of_row(key, summary.chased, row), row) for row in rows]
    found = [read_chase(link_id, row) for link_id, row in named if link_id != HANDOVER]
    found.sort(key=lambda each: (each.due, each.link_id))
    return {each.link_id: each for each in found}


def read_chase(link_id: str, row: ChaseRow) -> Chase:
    """The chase of a row whose question is known."""
    owner = Finder(row.owner)
    return Chase(link_id=link_id, owner=owner, owner_id=row.owner_id, due=row.due)


def question_of_row(key: DataKey, chased: Sequence[str], row: ChaseRow) -> str:
    """The question that a row stands for.

    Raises:
        SealError: if the case chases none such, so that somebody changed one of them.
    """
    for link_id in chased:
        if chase_token(key, link_id) == row.link_id:
            return link_id
    raise SealError(row_name(row))


def first_due(rows: Iterable[ChaseRow]) -> tuple[dt.date | None, str | None]:
    """The day on which the first of a case's chases is due, and its owner.

    Of several on one day, the token decides, which shows no question.
    """
    first = min(((row.due, row.link_id, row.owner) for row in rows), default=None)
    return (first[0], first[2]) if first else (None, None)
