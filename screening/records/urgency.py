"""The order of the worklist that has first what can wait least.

Red flags come first, then what is overdue, then by priority; of equals the one that nobody touched
for longest; closed cases come last. Red flags are sealed, and no open column tells of them, so no
database can put cases in order by them. The sealed parts of the cases that are being screened are
opened for it instead, of at most ``MOST``: those that the rest of the order has first.
"""

import datetime as dt
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, and_, case, select
from sqlalchemy.orm import Session

from screening.records.casekeys import open_key
from screening.records.caserows import State, read_summary
from screening.records.tables import CaseKeyRow, CaseRow
from screening.records.vault import Keyring, SealError

MOST = 500
"""More than are being screened at one time; opening one takes about ten microseconds."""
_KEPT = 20 * MOST
_FLAGGED: dict[bytes, bool] = {}
"""Whether there is a red flag, by a hash of everything that it was read from."""
_WITHOUT = (State.NEW.value, State.CLOSED.value)  # a new case has no answer that raises a red flag


@dataclass(frozen=True, slots=True, kw_only=True)
class ByUrgency:
    """The cases that some conditions choose, put in order.

    ``flagged`` are those with a red flag; ``all_searched`` tells whether every case that may have
    one was opened.
    """

    conditions: Sequence[ColumnElement[bool]]
    rank: ColumnElement[int]
    flagged: tuple[str, ...]
    all_searched: bool

    @classmethod
    def of(
        cls,
        session: Session,
        ring: Keyring,
        conditions: Sequence[ColumnElement[bool]],
        day: ColumnElement[dt.date],
    ) -> "ByUrgency":
        """Find those with a red flag; ``day`` is the day at each case's site."""
        rank = _rank(day)
        screened = select(CaseRow.id, rank.label("rank"), CaseRow.touched_at)
        screened = screened.where(*conditions, CaseRow.state.not_in(_WITHOUT))
        chosen = screened.order_by(*_order(rank)).limit(MOST + 1).subquery()
        columns = CaseRow.version, CaseRow.sealed, CaseKeyRow.key_id, CaseKeyRow.wrapped
        sealed = select(CaseRow.id, *columns).join(chosen, chosen.c.id == CaseRow.id)
        sealed = sealed.join(CaseKeyRow, CaseKeyRow.case_id == CaseRow.id)
        sealed = sealed.order_by(chosen.c.rank, chosen.c.touched_at, chosen.c.id)
        rows = session.execute(sealed).all()
        return cls(
            conditions=conditions,
            rank=rank,
            flagged=tuple(row[0] for row in rows if _is_flagged(ring, *row)),
            all_searched=len(rows) <= MOST,
        )

    def ids(self, session: Session, start: int, size: int, total: int) -> list[str]:
        """The ids of so many cases from one on, of so many in all."""
        first = list(self.flagged[start : start + size])
        total, start = total - len(self.flagged), max(0, start - len(self.flagged))
        size = min(size - len(first), total - start)
        if size <= 0:
            return first
        rest = select(CaseRow.id).where(*self.conditions).limit(size)
        if self.flagged:
            rest = rest.where(CaseRow.id.not_in(self.flagged))
        if start <= total // 2:
            return first + list(session.scalars(rest.order_by(*_order(self.rank)).offset(start)))
        # From the end on, for which the database keeps fewer at hand while it sorts.
        rest = rest.order_by(*(each.desc() for each in _columns(self.rank)))
        return first + list(session.scalars(rest.offset(total - start - size)))[::-1]


def _rank(day: ColumnElement[dt.date]) -> ColumnElement[int]:
    """What is lower for what can wait less, but for red flags."""
    overdue = and_(CaseRow.due.is_not(None), CaseRow.due < day)
    waits = case((CaseRow.state == State.CLOSED.value, 100), (overdue, 0), else_=10)
    return waits + CaseRow.priority


def _columns(rank: ColumnElement[int]) -> tuple[ColumnElement[Any], ...]:
    return rank, CaseRow.touched_at.expression, CaseRow.id.expression


def _order(rank: ColumnElement[int]) -> list[ColumnElement[Any]]:
    return [each.asc() for each in _columns(rank)]


def _is_flagged(ring: Keyring, *row: Any) -> bool:  # noqa: ANN401 - the columns of a query
    """Whether a case has a red flag; the same sealed bytes are opened once.

    A destroyed key ends that: without the key of the keyring or the wrapped one, nothing is told.
    """
    case_id, version, sealed, key_id, wrapped = row
    if wrapped is None or key_id not in ring.keys:  # whoever comes to the case itself is told
        return False
    told = hashlib.sha256(sealed + wrapped + f"/{case_id}/{version}/{key_id}".encode()).digest()
    found = _FLAGGED.get(told)
    if found is None:
        try:
            summary = read_summary(open_key(ring, case_id, key_id, wrapped), sealed, version)
        except SealError:
            return False
        found = bool(summary.red_flags)
        if len(_FLAGGED) >= _KEPT:
            _FLAGGED.clear()
        _FLAGGED[told] = found
    return found
