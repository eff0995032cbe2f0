"""Many cases at once: the pages of the worklist, found, filtered and in order.

A page takes two queries, however many cases there are: one counts, one reads the page's cases with
their keys and names. Order and letters are compared alike by every database.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from screening.core.rules.item import Finder
from screening.core.values.referral import Priority, Referral
from screening.records.access import Actor, Permission
from screening.records.case.case_rows import (
    Case,
    State,
    case_select,
    check_permission,
    check_visible,
    clamp_page,
    read_listed_case,
)
from screening.records.case.damaged_rows import (
    damaged_cases,
    read_listed_cases,
    read_rows,
)
from screening.records.case.search_index import has_term, matching, visible
from screening.records.ledger.records import Records
from screening.records.ledger.site_days import days_of_cases, latest_day
from screening.records.sealing.case_keys import find_index_key
from screening.records.sealing.search_tokens import hospital_terms, same_terms
from screening.records.storage.tables import CaseRow
from screening.records.worklist.urgency import CaseUrgency, Glances, UrgencyOrder
from screening.records.worklist.windows import TimeWindows

LARGEST_PAGE = 1000
URGENCY, WINDOW = "urgency", "window"
UNASSIGNED = 0
"""In place of the number of an account: the cases that are nobody's."""
_MOST_CLINICS = 500
_CLOSED = State.CLOSED.value
_ORDERS: Mapping[str, InstrumentedAttribute[Any]] = {
    "touched": CaseRow.touched_at,
    "created": CaseRow.created_at,
    "priority": CaseRow.priority,
    "due": CaseRow.due,
    "clinic": CaseRow.clinic,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """The query of a list of cases.

    ``text`` is searched for; ``assigned_to`` is the number of an account, or ``UNASSIGNED``;
    ``updated_by_me`` are those that the person touched last; ``closed`` adds the closed ones, which
    else are listed only where ``state`` asks for them. Cases that come to the same in the order
    ``sort`` stand with the one touched last first; those without a due date last. ``sort`` may be
    ``URGENCY`` or ``WINDOW``, which have one direction only, and ``closing`` leaves those whose
    time window ends soon; see ``urgency`` and ``windows``.
    """

    text: str = ""
    state: State | None = None
    priority: Priority | None = None
    site: int | None = None
    clinic: str | None = None
    waits_for: Finder | None = None
    assigned_to: int | None = None
    updated_by_me: bool = False
    overdue: bool = False
    closed: bool = False
    closing: bool = False
    sort: str = "touched"
    descending: bool = True
    page: int = 1
    size: int = 25


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """The number of cases in each state; ``mine`` are the open ones assigned to the person.

    Those whose state was changed to none that there is are counted under None.
    """

    states: Counter[State | None]
    mine: int


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkPage:
    """One page of cases. ``page`` is the one that was asked for, or the nearest that exists.

    ``all_searched`` is false where the list depends on what is sealed, and more cases were to be
    opened for it than are; ``glances`` has what was seen of those that were.
    """

    cases: tuple[Case, ...]
    total: int
    page: int
    pages: int
    all_searched: bool
    glances: Mapping[str, CaseUrgency]


def worklist(records: Records, actor: Actor, query: Query) -> WorkPage:
    """The cases that a person may see and asks for, page by page.

    Raises:
        NotAllowedError: if the person may see none at all.
    """
    check_permission(actor, Permission.VIEW)
    ring = records.keyring()
    with records.database.reading() as session:
        conditions = _conditions(session, records, actor, query)
        glances = Glances(session, ring)
        windows = _windows(glances, records, actor, query, conditions)
        if query.closing and windows is not None:
            conditions.append(windows.soon(latest_day(records.now())))
        total = session.scalar(select(func.count()).select_from(CaseRow).where(*conditions)) or 0
        size = max(1, min(query.size, LARGEST_PAGE))
        page, pages = clamp_page(query.page, size, total)
        start, all_searched = (page - 1) * size, windows is None or windows.all_searched
        if query.sort == URGENCY:
            day = days_of_cases(session, records, actor.sites)
            listed = UrgencyOrder.of(glances, conditions, day)
            ids = listed.ids(session, start, size, total)
            all_searched = all_searched and listed.all_searched
        else:
            order: list[ColumnElement[Any]] = (
                [windows.order()] if windows and query.sort == WINDOW else []
            )
            order += _order(query)
            chosen = select(CaseRow.id).where(*conditions).order_by(*order)
            ids = list(session.scalars(chosen.limit(size).offset(start)))
        cases = read_listed_cases(session, ring, ids)
    return WorkPage(
        cases=cases,
        total=total,
        page=page,
        pages=pages,
        all_searched=all_searched,
        glances=glances.seen,
    )


def _windows(
    glances: Glances,
    records: Records,
    actor: Actor,
    query: Query,
    conditions: Sequence[ColumnElement[bool]],
) -> TimeWindows | None:
    """The ends of the time windows that the list depends on; None if it depends on none."""
    if not (query.closing or query.sort == WINDOW):
        return None
    day = days_of_cases(glances.session, records, actor.sites)
    return TimeWindows.of(glances, conditions, day)


def clinics(records: Records, actor: Actor) -> list[str]:
    """The clinics that the cases of the person's sites come from, in order."""
    check_permission(actor, Permission.VIEW)
    chosen = select(CaseRow.clinic).where(*visible(actor)).distinct()
    with records.database.reading() as session:
        rows, _ = read_rows(session, chosen)
    found = {clinic for (clinic,) in rows if isinstance(clinic, str)}
    return sorted(found, key=lambda clinic: (clinic.casefold(), clinic))[:_MOST_CLINICS]


def counts(records: Records, actor: Actor) -> Counts:
    """The number of cases of the person's sites in each state, and of open ones that are theirs."""
    check_permission(actor, Permission.VIEW)
    each = [func.count().filter(CaseRow.state == state.value) for state in State]
    own = func.count().filter(CaseRow.assigned_to == actor.id, CaseRow.state != _CLOSED)
    chosen = select(*each, func.count(), own).where(*visible(actor))
    with records.database.reading() as session:
        *numbers, total, mine = session.execute(chosen).one()
    states: Counter[State | None] = Counter(dict(zip(State, numbers, strict=True)))
    states[None] = total - states.total()
    return Counts(states=+states, mine=mine)


def find_duplicates(
    records: Records, actor: Actor, site_id: int, referral: Referral
) -> tuple[Case, ...]:
    """The cases that may be of the same patient: equal reference, or person and birth year.

    All of the person's sites are searched, since patients move between them. An equal hospital
    number counts at the site alone, since each hospital has numbers of its own.

    Raises:
        NoCaseError: if the person does not work at the site.
    """
    check_visible(actor, site_id)
    ring = records.keyring()
    with records.database.reading() as session:
        index = find_index_key(session, ring)
        same = has_term(index, actor.sites, *same_terms(referral))
        same |= has_term(index, [site_id], *hospital_terms(referral))
        chosen = case_select().where(*visible(actor), same).order_by(*_order(Query()))
        rows, damaged = read_rows(session, chosen.limit(LARGEST_PAGE))
        known = tuple(read_listed_case(ring, row) for row in rows)
        return (*damaged_cases(session, damaged), *known)


def _conditions(
    session: Session, records: Records, actor: Actor, query: Query
) -> list[ColumnElement[bool]]:
    found = visible(actor)
    if query.state is not None:
        found.append(CaseRow.state == query.state.value)
    elif not query.closed:
        found.append(CaseRow.state != _CLOSED)
    if query.overdue:
        day = days_of_cases(session, records, actor.sites)
        found += [CaseRow.due < day, CaseRow.state != _CLOSED]
    if query.assigned_to == UNASSIGNED:
        found.append(CaseRow.assigned_to.is_(None))
    if query.updated_by_me:
        found.append(CaseRow.touched_by == actor.id)
    found += _equal(query)
    if query.text.strip():
        found.append(matching(session, records.keyring(), actor, query.text))
    return found


def _equal(query: Query) -> list[ColumnElement[bool]]:
    wanted = {
        CaseRow.priority: query.priority.value if query.priority else None,
        CaseRow.site_id: query.site,
        CaseRow.clinic: None if query.clinic is None else query.clinic.replace("\0", ""),
        CaseRow.waits_for: query.waits_for.value if query.waits_for else None,
        CaseRow.assigned_to: query.assigned_to or None,
    }
    return [column == value for column, value in wanted.items() if value is not None]


def _order(query: Query) -> list[ColumnElement[Any]]:
    column = _ORDERS.get(query.sort, CaseRow.touched_at)
    order: list[ColumnElement[Any]] = [CaseRow.due.is_(None)] if query.sort == "due" else []
    order.append(column.desc() if query.descending else column.asc())
    if column is not CaseRow.touched_at:
        order.append(CaseRow.touched_at.desc())
    return [*order, CaseRow.id.desc() if query.descending else CaseRow.id.asc()]
