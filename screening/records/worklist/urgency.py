"""The order of the worklist that has first what can wait least.

Undecided cases that cannot be read come first, then emergencies without a handover, then those that
were handed over, then emergency signs that nobody has ruled out, then what needs clinician review,
then the rest; decided cases come last, and closed ones after them. Within each of these, what is
overdue comes first, then it goes by priority, then by the time since the last change.

Warnings are sealed, and no open column shows them, so no database can put cases in order by
them. The sealed parts of the undecided cases that have answers are opened for it instead, of at
most ``MOST``: those that the rest of the order has first.
"""

import datetime as dt
import hashlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from types import MappingProxyType
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, and_, case, or_, select
from sqlalchemy.orm import Session

from screening.records.case.case_rows import Case, State, is_put_back
from screening.records.case.case_summary import Summary, read_summary
from screening.records.case.chase_rows import chase_token
from screening.records.case.damaged_rows import is_damaged, known_state, read_rows
from screening.records.sealing.case_keys import open_key
from screening.records.sealing.vault import Keyring, SealError
from screening.records.storage.tables import CaseKeyRow, CaseRow

MOST = 500
"""More than are being screened at one time; opening one takes about ten microseconds."""
_KEPT = 20 * MOST
_UNDECIDED = (State.SCREENING, State.ASSESSED)  # others go by their state


class Group(IntEnum):
    """The groups of cases, the first first."""

    UNTOLD = 0
    EMERGENCY = 1
    NOT_RULED_OUT = 2
    CLINICIAN = 3
    REST = 4
    DECIDED = 5
    CLOSED = 6


_LAST = {State.DECIDED: Group.DECIDED, State.CLOSED: Group.CLOSED}


class CaseUrgency(NamedTuple):
    """A glance at an opened case: its group, and when its time window ends.

    ``chases_sign`` tells whether somebody finds out an emergency sign. ``chased`` has the link ids
    of what is found out by the tokens that name them in rows of chases, at that ``version`` of the
    case. An ``unreadable`` case may be anything.
    """

    group: Group
    closes: dt.date | None
    chases_sign: bool
    chased: Mapping[str, str] = MappingProxyType({})
    version: int = 0
    unreadable: bool = False


_OPENED: dict[bytes, CaseUrgency] = {}
"""The glance at a case, by a hash of everything that it was read from."""


def group_of(found: Case | Summary, state: State) -> Group:
    """The group of a case that has been read."""
    if state in _LAST:
        return _LAST[state]
    if found.needs_handover:
        return Group.UNTOLD
    if found.emergencies:
        return Group.EMERGENCY
    if found.open_signs is None or found.open_signs:
        return Group.NOT_RULED_OUT
    return Group.CLINICIAN if found.red_flags else Group.REST


@dataclass(frozen=True, slots=True)
class Glances:
    """The glances at cases that one page needs; no case is read again that was ``seen``."""

    session: Session
    ring: Keyring
    seen: dict[str, CaseUrgency] = field(default_factory=dict)

    def look(self, ids: Sequence[str]) -> None:
        """Look at some cases."""
        if new := [each for each in ids if each not in self.seen]:
            self.seen.update(_look(self.session, self.ring, new))


@dataclass(frozen=True, slots=True, kw_only=True)
class UrgencyOrder:
    """The cases that some conditions choose, put in order.

    ``opened`` has the ids of those that were read, by their groups, and ``glances`` what was seen
    of each; ``all_searched``: every undecided case that has answers was.
    """

    conditions: Sequence[ColumnElement[bool]]
    day: ColumnElement[dt.date]
    opened: dict[Group, list[str]]
    glances: Mapping[str, CaseUrgency]
    all_searched: bool

    @classmethod
    def of(
        cls,
        glances: Glances,
        conditions: Sequence[ColumnElement[bool]],
        day: ColumnElement[dt.date],
    ) -> "UrgencyOrder":
        """Read those that may have a warning; ``day`` is the day at each case's site."""
        found, all_searched = sort_by_urgency(glances, conditions, day, _UNDECIDED)
        opened: dict[Group, list[str]] = {}
        for case_id, seen in sorted(found, key=lambda each: not each[1].unreadable):
            opened.setdefault(seen.group, []).append(case_id)
        return cls(
            conditions=conditions,
            day=day,
            opened=opened,
            glances=dict(found),
            all_searched=all_searched,
        )

    def ids(self, session: Session, start: int, size: int, total: int) -> list[str]:
        """The ids of so many cases from one on, of so many in all."""
        size = min(size, total - start)
        if size <= 0:
            return []
        columns = [self._group(), *_columns(self.day)]
        query = select(CaseRow.id).where(*self.conditions).limit(size)
        if start <= total // 2:
            return list(session.scalars(query.order_by(*columns).offset(start)))
        # From the end on, for which the database keeps fewer at hand while it sorts.
        query = query.order_by(*(each.desc() for each in columns))
        return list(session.scalars(query.offset(total - start - size)))[::-1]

    def _group(self) -> ColumnElement[int]:
        def read_as(group: Group) -> ColumnElement[bool]:
            return CaseRow.id.in_(self.opened.get(group, []))

        untold = self.opened.get(Group.UNTOLD, [])
        first = [each for each in untold if self.glances[each].unreadable]
        unread = [(CaseRow.id.in_(first), Group.UNTOLD.value - 1)] if first else []
        # Of most cases the state alone tells: the ids are looked at for the few others.
        return case(
            *unread,
            (CaseRow.state == State.NEW.value, Group.NOT_RULED_OUT.value),
            (CaseRow.state == State.CLOSED.value, Group.CLOSED.value),
            (CaseRow.state == State.DECIDED.value, Group.DECIDED.value),
            (read_as(Group.UNTOLD), Group.UNTOLD.value),
            (read_as(Group.EMERGENCY), Group.EMERGENCY.value),
            (read_as(Group.NOT_RULED_OUT), Group.NOT_RULED_OUT.value),
            (read_as(Group.CLINICIAN), Group.CLINICIAN.value),
            else_=Group.REST.value,
        )


def sort_by_urgency(
    glances: Glances,
    conditions: Sequence[ColumnElement[bool]],
    day: ColumnElement[dt.date],
    states: Collection[State],
) -> tuple[list[tuple[str, CaseUrgency]], bool]:
    """Open what is sealed of the cases that some conditions choose, of at most ``MOST``.

    Returns:
        What was seen of each, by its id, in the order within a group; and whether these are all.
        One that cannot be read may be an emergency that nobody was told about, and counts as one.
    """
    ids = _screened(glances.session, conditions, day, states)
    glances.look(ids[:MOST])
    seen = glances.seen
    return [(each, seen[each]) for each in ids[:MOST] if each in seen], len(ids) <= MOST


def _screened(
    session: Session,
    conditions: Sequence[ColumnElement[bool]],
    day: ColumnElement[dt.date],
    states: Collection[State],
) -> list[str]:
    """The ids of cases in some states, one more than are opened; damaged ones first."""
    order = _columns(day)
    chosen: list[ColumnElement[bool]] = [CaseRow.state.in_([state.value for state in states])]
    if State.SCREENING in states:
        chosen.append(is_damaged())
        order.insert(0, case((is_damaged(), 0), else_=1))
    query = select(CaseRow.id).where(*conditions, or_(*chosen)).order_by(*order)
    return list(session.scalars(query.limit(MOST + 1)))


def _look(session: Session, ring: Keyring, ids: Sequence[str]) -> dict[str, CaseUrgency]:
    """The glances at some cases, by their ids."""
    columns = CaseRow.version, CaseRow.sealed, CaseKeyRow.key_id, CaseKeyRow.wrapped
    changed = or_(is_damaged(), is_put_back())
    sealed = select(CaseRow.id, known_state(), *columns, changed).where(CaseRow.id.in_(ids))
    sealed = sealed.outerjoin(CaseKeyRow, CaseKeyRow.case_id == CaseRow.id)
    rows, unreadable = read_rows(session, sealed)
    seen = {row[0]: _unreadable(row[1]) if damaged else _read(ring, *row) for *row, damaged in rows}
    return seen | dict.fromkeys(unreadable, _unreadable(""))


def _columns(day: ColumnElement[dt.date]) -> list[ColumnElement[Any]]:
    """The order within a group; a closed case waits for nothing."""
    waits = CaseRow.state != State.CLOSED.value
    overdue = case((and_(CaseRow.due.is_not(None), CaseRow.due < day, waits), 0), else_=1)
    by = CaseRow.priority.expression, CaseRow.touched_at.expression, CaseRow.id.expression
    return [overdue, *by]


def _read(ring: Keyring, *row: Any) -> CaseUrgency:  # noqa: ANN401 - the columns of a query
    """The glance at a case; the same sealed bytes are opened once.

    A destroyed key ends that: without the key of the keyring or the wrapped one, it is unreadable.
    """
    case_id, state, version, sealed, key_id, wrapped = row
    if not isinstance(wrapped, bytes) or not isinstance(sealed, bytes) or key_id not in ring.keys:
        return _unreadable(state)
    place = f"/{case_id}/{state}/{version}/{key_id}"
    told = hashlib.sha256(sealed + wrapped + place.encode()).digest()
    found = _OPENED.get(told)
    if found is None:
        try:
            key = open_key(ring, case_id, key_id, wrapped)
            summary = read_summary(key, sealed, version)
        except SealError:
            return _unreadable(state)
        closes = dt.date.fromisoformat(summary.closes) if summary.closes else None
        chases_sign = not set(summary.chased).isdisjoint(summary.open_signs or ())
        chased = {chase_token(key, link_id): link_id for link_id in summary.chased}
        found = CaseUrgency(group_of(summary, State(state)), closes, chases_sign, chased, version)
        if len(_OPENED) >= _KEPT:
            _OPENED.clear()
        _OPENED[told] = found
    return found


def _unreadable(state: str) -> CaseUrgency:
    group = _LAST.get(State(state), Group.UNTOLD) if state else Group.UNTOLD
    return CaseUrgency(group, None, chases_sign=True, unreadable=True)
