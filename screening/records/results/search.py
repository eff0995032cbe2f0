"""Every kept assessment of one's sites, found by an auditor: filtered, searched, page by page.

The database narrows by all that it can read. Outcomes are sealed: that of a case's newest
assessment is in the case's small summary, only older ones have to be opened whole.
"""

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Select, exists, func, or_, select, union
from sqlalchemy.orm import Session

from screening.core.results.decision import Decision
from screening.records.access import Actor, Permission
from screening.records.case.assessment_content import open_content
from screening.records.case.case_rows import (
    Case,
    case_select,
    check_permission,
    clamp_page,
    load_names,
    read_listed_case,
    unseal_summary,
)
from screening.records.case.search_index import matching, visible
from screening.records.case.unreadable import UNREADABLE_OUTCOME
from screening.records.ledger.records import Records
from screening.records.ledger.site_days import by_site, site_zones
from screening.records.sealing.case_keys import open_key
from screening.records.sealing.vault import Keyring, SealError
from screening.records.storage.tables import (
    AssessmentRow,
    CaseKeyRow,
    CaseRow,
    Instant,
    ReviewRow,
    RulesetRow,
)
from screening.translation import gettext

SIZE = 25
_PORTION = 500
_OVERRIDE = Decision.OVERRIDE.value


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditQuery:
    """A search of an auditor.

    ``since`` and ``until`` are days on which it was computed, both included; ``by`` is the number
    of the person who computed it or decided on it; ``override`` is whether somebody overrode it.
    """

    text: str = ""
    site: int | None = None
    since: dt.date | None = None
    until: dt.date | None = None
    digest: str | None = None
    outcome: str | None = None
    override: bool | None = None
    by: int | None = None
    page: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditEntry:
    """One kept assessment as the list shows it. ``outcome`` is an id of its own ruleset."""

    case: Case
    number: int
    digest: str
    ruleset_version: str
    outcome: str | None
    at: dt.datetime
    by: str
    decision: Decision | None
    override: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditPage:
    """One page of them. ``page`` is the one that was asked for, or the nearest that exists."""

    found: tuple[AuditEntry, ...]
    total: int
    page: int
    pages: int


@dataclass(frozen=True, slots=True, kw_only=True)
class UsedRuleset:
    """A ruleset that results were computed by."""

    digest: str
    id: str
    version: str
    at: dt.datetime


def audit_list(records: Records, actor: Actor, query: AuditQuery) -> AuditPage:
    """The assessments that a person asks for, the newest first.

    Raises:
        NotAllowedError: if the person is no auditor.
    """
    check_permission(actor, Permission.AUDIT)
    ring = records.keyring()
    with records.database.reading() as session:
        chosen = _chosen(session, records, actor, query)
        if query.outcome is None:
            total = session.scalar(select(func.count()).select_from(chosen.subquery())) or 0
            page, pages = clamp_page(query.page, SIZE, total)
            shown = chosen.limit(SIZE).offset((page - 1) * SIZE)
            ids = list(session.scalars(shown))
        else:
            found = _of_outcome(session, ring, chosen, query.outcome)
            total = len(found)
            page, pages = clamp_page(query.page, SIZE, total)
            ids = found[(page - 1) * SIZE : page * SIZE]
        lines = _lines(session, ring, ids)
    return AuditPage(found=lines, total=total, page=page, pages=pages)


def audit_people(records: Records, actor: Actor) -> list[tuple[int, str]]:
    """The people who computed or decided something at one's sites, by name."""
    check_permission(actor, Permission.AUDIT)
    mine = select(CaseRow.id).where(*visible(actor))
    computed = select(AssessmentRow.by).where(AssessmentRow.case_id.in_(mine))
    decided = select(ReviewRow.by).where(ReviewRow.case_id.in_(mine))
    with records.database.reading() as session:
        numbers = set(session.scalars(union(computed, decided)))
        names = load_names(session, numbers)
    return sorted(((each, names.get(each, "")) for each in numbers), key=lambda each: each[1])


def used_rulesets(records: Records) -> list[UsedRuleset]:
    """The rulesets that are kept, the newest first."""
    columns = (RulesetRow.digest, RulesetRow.ruleset_id, RulesetRow.ruleset_version, RulesetRow.at)
    with records.database.reading() as session:
        rows = session.execute(select(*columns).order_by(RulesetRow.at.desc(), RulesetRow.digest))
        return [
            UsedRuleset(digest=digest, id=name, version=version, at=at)
            for digest, name, version, at in rows
        ]


def visible_cases(records: Records, actor: Actor) -> frozenset[str]:
    """The ids of all cases of one's sites."""
    check_permission(actor, Permission.AUDIT)
    with records.database.reading() as session:
        return frozenset(session.scalars(select(CaseRow.id).where(*visible(actor))))


def references(records: Records, actor: Actor, case_ids: set[str]) -> dict[str, str]:
    """The references of cases, of those that one may see."""
    ring = records.keyring()
    with records.database.reading() as session:
        chosen = case_select().where(*visible(actor), CaseRow.id.in_(case_ids))
        cases = (read_listed_case(ring, row) for row in session.execute(chosen))
        return {case.id: case.referral.reference for case in cases}


def _chosen(session: Session, records: Records, actor: Actor, query: AuditQuery) -> "Select[str]":
    """The ids of all that matches, but for the outcome."""
    zones = site_zones(session, records, actor.sites)
    conditions = [*visible(actor), *_conditions(query, zones)]
    if query.text.strip():
        conditions.append(matching(session, records.keyring(), actor, query.text))
    return (
        select(AssessmentRow.id)
        .join(CaseRow, CaseRow.id == AssessmentRow.case_id)
        .where(*conditions)
        .order_by(AssessmentRow.at.desc(), AssessmentRow.id)
    )


def _conditions(
    query: AuditQuery, zones: Mapping[int, dt.tzinfo | None]
) -> Iterator[ColumnElement[bool]]:
    reviewed = ReviewRow.assessment_id == AssessmentRow.id
    if query.site is not None:
        yield CaseRow.site_id == query.site
    if query.since is not None:
        yield AssessmentRow.at >= _begin(query.since, zones)
    if query.until is not None and query.until < dt.date.max:
        yield AssessmentRow.at < _begin(query.until + dt.timedelta(days=1), zones)
    if query.digest is not None:
        yield AssessmentRow.ruleset_digest == query.digest
    if query.override is not None:
        overridden = exists().where(reviewed, ReviewRow.decision == _OVERRIDE)
        yield overridden if query.override else ~overridden
    if query.by is not None:
        decided = exists().where(reviewed, ReviewRow.by == query.by)
        yield or_(AssessmentRow.by == query.by, decided)


def _begin(day: dt.date, zones: Mapping[int, dt.tzinfo | None]) -> ColumnElement[dt.datetime]:
    """The moment when a day begins at each case's site."""
    return by_site({site: _midnight(day, zone) for site, zone in zones.items()}, Instant())


def _midnight(day: dt.date, zone: dt.tzinfo | None) -> dt.datetime:
    try:
        here = dt.datetime.combine(day, dt.time(), zone)
        return here.astimezone(dt.UTC)  # without a zone it is this machine's time
    except (OverflowError, ValueError):  # the first and the last days that there are
        return dt.datetime.combine(day, dt.time(), dt.UTC)


def _of_outcome(session: Session, ring: Keyring, chosen: "Select[str]", outcome: str) -> list[str]:
    """Those of the chosen ids that have an outcome, in their order."""
    newest = (
        select(AssessmentRow.case_id, func.max(AssessmentRow.number).label("number"))
        .group_by(AssessmentRow.case_id)
        .subquery()
    )
    columns = chosen.add_columns(
        AssessmentRow.number == newest.c.number, CaseRow, CaseKeyRow.key_id, CaseKeyRow.wrapped
    )
    columns = columns.join(newest, newest.c.case_id == CaseRow.id)
    columns = columns.join(CaseKeyRow, CaseKeyRow.case_id == CaseRow.id)
    rows = session.execute(columns).all()
    outcomes = {
        row_id: _summed_up(ring, *of_case) for row_id, is_newest, *of_case in rows if is_newest
    }
    older = [row_id for row_id, is_newest, *_ in rows if not is_newest]
    outcomes |= dict(_opened(session, ring, older))
    return [row_id for row_id, *_ in rows if outcomes[row_id] == outcome]


def _summed_up(ring: Keyring, case: CaseRow, key_id: str, wrapped: bytes | None) -> str | None:
    """The last outcome of a case, as its summary has it."""
    try:
        return unseal_summary(open_key(ring, case.id, key_id, wrapped), case).outcome
    except SealError:
        return gettext(UNREADABLE_OUTCOME)


def _opened(
    session: Session, ring: Keyring, ids: Sequence[str]
) -> Iterator[tuple[str, str | None]]:
    """The outcomes of assessments, each opened whole; a warning for one that cannot be read."""
    query = select(AssessmentRow, CaseKeyRow.key_id, CaseKeyRow.wrapped).join(
        CaseKeyRow, CaseKeyRow.case_id == AssessmentRow.case_id
    )
    for start in range(0, len(ids), _PORTION):
        portion = ids[start : start + _PORTION]
        for row, key_id, wrapped in session.execute(query.where(AssessmentRow.id.in_(portion))):
            try:
                key = open_key(ring, row.case_id, key_id, wrapped)
                content = open_content(key, row.sealed, row.id, row.case_version)
            except SealError:
                yield row.id, gettext(UNREADABLE_OUTCOME)
            else:
                yield row.id, content["assessment"]["outcome"]["id"]
        session.expunge_all()


def _lines(session: Session, ring: Keyring, ids: Sequence[str]) -> tuple[AuditEntry, ...]:
    query = select(AssessmentRow, RulesetRow.ruleset_version).outerjoin(
        RulesetRow, RulesetRow.digest == AssessmentRow.ruleset_digest
    )
    rows = session.execute(query.where(AssessmentRow.id.in_(ids))).all()
    cases = _cases(session, ring, {row.case_id for row, _ in rows})
    decisions = _decisions(session, ids)
    names = load_names(session, {row.by for row, _ in rows})
    outcomes = dict(_opened(session, ring, ids))
    lines = {
        row.id: AuditEntry(
            case=cases[row.case_id],
            number=row.number,
            digest=row.ruleset_digest,
            ruleset_version=version or "",
            outcome=outcomes[row.id],
            at=row.at,
            by=names.get(row.by, ""),
            decision=decisions.get(row.id, [None])[-1],
            override=Decision.OVERRIDE in decisions.get(row.id, ()),
        )
        for row, version in rows
    }
    return tuple(lines[each] for each in ids)


def _cases(session: Session, ring: Keyring, ids: set[str]) -> Mapping[str, Case]:
    rows = session.execute(case_select().where(CaseRow.id.in_(ids)))
    cases = (read_listed_case(ring, row) for row in rows)
    return {case.id: case for case in cases}


def _decisions(session: Session, ids: Sequence[str]) -> dict[str, list[Decision | None]]:
    """The decisions on each, in order."""
    columns = select(ReviewRow.assessment_id, ReviewRow.decision)
    rows = session.execute(
        columns.where(ReviewRow.assessment_id.in_(ids)).order_by(ReviewRow.number)
    )
    found: dict[str, list[Decision | None]] = {}
    for row_id, decision in rows:
        found.setdefault(row_id, []).append(Decision(decision))
    return found
