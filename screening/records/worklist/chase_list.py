"""The chase list: the calls to make in all open cases that a person sees, the earliest due first.

A call is a case, a finder, and everything that this finder is asked there. Calls about an emergency
sign are apart from the others, and none of them is left for a later page.

An emergency that waits for its handover has a row like the one that its sign would have if nobody
knew the answer: with the same owner and due on the same day.
"""

import datetime as dt
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from itertools import groupby
from types import MappingProxyType
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Date, Select, false, func, not_, select, tuple_
from sqlalchemy.orm import Session

from screening.core.rules.item import Finder
from screening.records.access import Actor, Permission
from screening.records.case.case_rows import (
    Case,
    State,
    case_of,
    case_select,
    check_permission,
    clamp_page,
    unseal_case,
)
from screening.records.case.chase_rows import HANDOVER, Chase, question_of_row, read_chase
from screening.records.case.damaged_rows import (
    has_damage,
    read_listed_cases,
    read_rows,
)
from screening.records.casework.calls import LastCall, read_calls
from screening.records.errors import ErasedError
from screening.records.ledger.records import Records
from screening.records.ledger.site_days import by_site, site_days
from screening.records.sealing.vault import DataKey, Keyring, SealError
from screening.records.storage.tables import CaseRow, ChaseRow
from screening.records.worklist.urgency import CaseUrgency

PAGE = 25
_PAIR = tuple_(CaseRow.id, ChaseRow.owner)


@dataclass(frozen=True, slots=True, kw_only=True)
class CallEntry:
    """A line of the chase list. ``days_over`` is negative as long as there is time.

    ``chases`` are in the order in which they are due; an emergency that waits for its handover is
    ``HANDOVER`` among them. ``last`` is the newest call to this finder that somebody recorded.
    """

    case: Case
    finder: Finder
    chases: tuple[Chase, ...]
    days_over: int
    last: LastCall | None

    @property
    def pair(self) -> tuple[str, str]:
        """The case and the finder, as rows name them."""
        return self.case.id, self.finder.value

    @property
    def due(self) -> dt.date:
        """The day on which the first of them is due."""
        return self.chases[0].due

    @property
    def questions(self) -> tuple[str, ...]:
        """The link ids of what is asked; a handover is none."""
        return tuple(each.link_id for each in self.chases if each.link_id != HANDOVER)


@dataclass(frozen=True, slots=True, kw_only=True)
class CallPage:
    """One page of the chase list, and all ``signs``: the calls about an emergency sign.

    ``total`` counts the calls of all pages, without those. ``damaged`` are cases with a call that
    cannot be read, because somebody changed its row or that of the case; it may be about anything.
    """

    damaged: tuple[Case, ...]
    signs: tuple[CallEntry, ...]
    entries: tuple[CallEntry, ...]
    total: int
    page: int
    pages: int


class Urgent(NamedTuple):
    """The link ids of the emergency signs, and the cases where one is or may be there, by id."""

    signs: AbstractSet[str] = frozenset()
    cases: Mapping[str, CaseUrgency] = MappingProxyType({})


def chase_list(  # noqa: PLR0913 - a list has these filters
    records: Records,
    actor: Actor,
    *,
    owner: Finder | None = None,
    overdue: bool = False,
    mine: bool = False,
    page: int = 1,
    urgent: Urgent = Urgent(),  # noqa: B008 - a constant
) -> CallPage:
    """The calls of all open cases that the person sees, the earliest due first.

    Args:
        records: the records.
        actor: the person.
        owner: the finder whose calls are listed; those about an emergency sign come all the same.
        overdue: whether only overdue ones are.
        mine: whether only those of cases that are assigned to the person are; see ``owner``.
        page: the page, from 1 on.
        urgent: the emergency signs, and the cases with calls that may be about one.

    Raises:
        NotAllowedError: if the person may see no case at all.
    """
    check_permission(actor, Permission.VIEW)
    with records.database.reading() as session:
        days = site_days(session, records, actor.sites)
        seen = _visible(actor)
        signs, apart, damaged = _find_urgent(records, session, days, seen, urgent)
        damaged |= _find_damaged(session, seen)
        seen += [] if owner is None else [ChaseRow.owner == owner.value]
        seen += [CaseRow.assigned_to == actor.id] if mine else []
        seen += [not_(_among(apart)), CaseRow.id.not_in(damaged)]
        calls = _calls(seen, by_site(days, Date()) if overdue else None)
        total = session.scalar(select(func.count()).select_from(calls.subquery())) or 0
        page, pages = clamp_page(page, PAGE, total)
        order = (func.min(ChaseRow.due), CaseRow.priority, CaseRow.id, ChaseRow.owner)
        shown = session.execute(calls.order_by(*order).limit(PAGE).offset((page - 1) * PAGE)).all()
        entries, lost = _read(
            records, session, days, [_among([(case, finder) for case, finder in shown])]
        )
        cases = read_listed_cases(session, records.keyring(), sorted(damaged | lost))
    return CallPage(
        damaged=cases, signs=signs, entries=entries, total=total, page=page, pages=pages
    )


def _find_urgent(
    records: Records,
    session: Session,
    days: Mapping[int, dt.date],
    seen: Sequence[ColumnElement[bool]],
    urgent: Urgent,
) -> tuple[tuple[CallEntry, ...], set[tuple[str, str]], set[str]]:
    """The calls about an emergency sign.

    Beside them are all that are in no page, those and handovers alone, by case and finder; and the
    ids of damaged cases. A case is opened only if a call may be about a sign.
    """
    asked, damaged = _ask_glances(session, seen, urgent)
    may_be_signs = {pair for pair, found in asked.items() if found & {None, *urgent.signs}}
    read, lost = _read(records, session, days, [*seen, _among(may_be_signs)])
    signs = tuple(each for each in read if urgent.signs & set(each.questions))
    apart = {pair for pair, found in asked.items() if found == {HANDOVER}}
    apart |= {each.pair for each in (*signs, *(each for each in read if not each.questions))}
    return signs, apart, damaged | lost


def _ask_glances(
    session: Session, seen: Sequence[ColumnElement[bool]], urgent: Urgent
) -> tuple[dict[tuple[str, str], set[str | None]], set[str]]:
    """The questions of calls as glances tell them; None for one that they do not tell.

    The ids of cases with a row that cannot be read are beside them, or without the row of a sign
    that somebody finds out.
    """
    query = select(CaseRow.id, ChaseRow.owner, ChaseRow.link_id)
    query = query.join(ChaseRow, ChaseRow.case_id == CaseRow.id)
    rows, damaged = read_rows(session, query.where(*seen, CaseRow.id.in_(urgent.cases)))
    asked: dict[tuple[str, str], set[str | None]] = {}
    for case_id, owner, token in rows:
        question = urgent.cases[case_id].chased.get(token)
        asked.setdefault((case_id, owner), set()).add(question)
    found = {(case_id, question) for (case_id, _), some in asked.items() for question in some}
    lost = {
        case_id
        for case_id, glance in urgent.cases.items()
        for question in set(glance.chased.values()) & urgent.signs
        if (case_id, question) not in found
    }
    return asked, _unchanged(session, urgent, lost).union(damaged)


def _unchanged(session: Session, urgent: Urgent, ids: Collection[str]) -> set[str]:
    """The ids of the cases, out of some, that nobody has changed since they were looked at."""
    if not ids:
        return set()
    query = select(CaseRow.id, CaseRow.version).where(CaseRow.id.in_(ids))
    return {each for each, now in session.execute(query) if now == urgent.cases[each].version}


def _find_damaged(session: Session, seen: Sequence[ColumnElement[bool]]) -> set[str]:
    """The cases with a row that shows from outside that it was changed."""
    query = select(CaseRow.id).join(ChaseRow, ChaseRow.case_id == CaseRow.id)
    return set(session.scalars(query.where(*seen, has_damage())))


def _among(pairs: Collection[tuple[str, str]]) -> ColumnElement[bool]:
    return _PAIR.in_(sorted(pairs)) if pairs else false()


def _visible(actor: Actor) -> list[ColumnElement[bool]]:
    return [
        (CaseRow.site_id + 0).in_(sorted(actor.sites)),  # a sum, or SQLite reads every case first
        CaseRow.erased_at.is_(None),
        CaseRow.state != State.CLOSED.value,
    ]


def _calls(
    conditions: Iterable[ColumnElement[bool]], before: ColumnElement[dt.date] | None
) -> "Select[str, str]":
    """The cases and finders of calls; if a day is given, of those that are due before it."""
    found = select(CaseRow.id, ChaseRow.owner).join(ChaseRow, ChaseRow.case_id == CaseRow.id)
    found = found.where(*conditions).group_by(CaseRow.id, ChaseRow.owner)
    return found if before is None else found.having(func.min(ChaseRow.due) < before)


def _read(
    records: Records,
    session: Session,
    days: Mapping[int, dt.date],
    where: Sequence[ColumnElement[bool]],
) -> tuple[tuple[CallEntry, ...], set[str]]:
    """The calls whose rows some conditions choose, the earliest due first; each case opened once.

    The ids of the cases of which a row cannot be read are beside them, and none of their calls is.

    Raises:
        ErasedError: if the key of a case is gone, though the case was not erased.
    """
    chosen = case_select().add_columns(ChaseRow).join(ChaseRow, ChaseRow.case_id == CaseRow.id)
    rows, lost = read_rows(session, chosen.where(*where).order_by(CaseRow.id))
    opened, damaged = [], set(lost)
    for case_id, found in groupby(rows, key=lambda row: row[0].id):
        try:
            opened.append(_OpenedCase.of(records.keyring(), list(found)))
        except (SealError, ValueError):  # of no known finder, a ValueError
            damaged.add(case_id)
    calls = read_calls(session, {each.key: each.case.calls for each in opened})
    entries = [entry for each in opened for entry in each.entries(days, calls)]
    entries.sort(key=lambda each: (each.due, each.case.referral.priority.value, *each.pair))
    return tuple(entries), damaged


@dataclass(frozen=True, slots=True, kw_only=True)
class _OpenedCase:
    """A case with the chases of some of its calls by the finders that their rows name."""

    key: DataKey
    case: Case
    chases: Mapping[Finder, Sequence[Chase]]

    @classmethod
    def of(cls, ring: Keyring, rows: Sequence[Sequence[Any]]) -> "_OpenedCase":
        """Open a case once, for all its rows.

        Raises:
            SealError: if it or one of the rows was changed.
        """
        *found, _ = rows[0]
        key, summary = unseal_case(ring, found)
        if key is None:
            raise ErasedError
        chases: dict[Finder, list[Chase]] = {}
        for *_, row in rows:
            chase = read_chase(question_of_row(key, summary.chased, row), row)
            chases.setdefault(chase.owner, []).append(chase)
        return cls(key=key, case=case_of(found, summary), chases=chases)

    def entries(
        self, days: Mapping[int, dt.date], calls: Mapping[tuple[str, Finder], LastCall]
    ) -> Iterator[CallEntry]:
        """Its calls."""
        for finder, found in self.chases.items():
            chases = sorted(found, key=lambda each: (each.due, each.link_id))
            yield CallEntry(
                case=self.case,
                finder=finder,
                chases=tuple(chases),
                days_over=(days[self.case.site_id] - chases[0].due).days,
                last=calls.get((self.case.id, finder)),
            )
