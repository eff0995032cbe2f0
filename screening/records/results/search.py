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
from screening.records.case.case_rows import Case, check_permission, clamp_page, load_names
from screening.records.case.case_summary import unseal_summary
from screening.records.case.damaged_rows import read_listed_cases, read_rows
from screening.records.case.odd_times import as_text
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
    """One kept assessment as the list shows it. ``outcome`` is an id of its own ruleset.

    Of one whose row was changed so that it cannot be read, ``number`` and ``at`` are None.
    ``unreadable_decision`` says that a decision on it cannot be read.
    """

    case: Case
    number: int | None
    digest: str
    ruleset_version: str
    outcome: str | None
    at: dt.datetime | None
    by: str
    decision: Decision | None
    override: bool
    unreadable_decision: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditPage:
    """One page of them. ``page`` is the one that was asked for, or the nearest that exists.

    ``unreadable`` counts those of which nobody can tell whether they have the wanted outcome.
    """

    found: tuple[AuditEntry, ...]
    total: int
    page: int
    pages: int
    unreadable: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class UsedRuleset:
    """A ruleset that results were computed by."""

    digest: str
    id: str
    version: str


def audit_list(records: Records, actor: Actor, query: AuditQuery) -> AuditPage:
    """The assessments that a person asks for, the newest first.

    Raises:
        NotAllowedError: if the person is no auditor.
    """
    check_permission(actor, Permission.AUDIT)
    ring = records.keyring()
    unreadable = 0
    with records.database.reading() as session:
        chosen = _chosen(session, records, actor, query)
        if query.outcome is None:
            total = session.scalar(select(func.count()).select_from(chosen.subquery())) or 0
            page, pages = clamp_page(query.page, SIZE, total)
            shown = chosen.limit(SIZE).offset((page - 1) * SIZE)
            places = [(row_id, case_id) for row_id, case_id in session.execute(shown)]
        else:
            found, unreadable = _of_outcome(session, ring, chosen, query.outcome)
            total = len(found)
            page, pages = clamp_page(query.page, SIZE, total)
            places = found[(page - 1) * SIZE : page * SIZE]
        lines = _lines(session, ring, places)
    return AuditPage(found=lines, total=total, page=page, pages=pages, unreadable=unreadable)


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
    columns = RulesetRow.digest, RulesetRow.ruleset_id, RulesetRow.ruleset_version
    newest = as_text(RulesetRow.at).desc()
    with records.database.reading() as session:
        rows = session.execute(select(*columns).order_by(newest, RulesetRow.digest))
        return [
            UsedRuleset(digest=digest or "", id=name or "", version=version or "")
            for digest, name, version in rows
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
        mine = session.scalars(select(CaseRow.id).where(*visible(actor), CaseRow.id.in_(case_ids)))
        return {
            case.id: case.referral.reference
            for case in read_listed_cases(session, ring, list(mine))
        }


def _chosen(
    session: Session, records: Records, actor: Actor, query: AuditQuery
) -> "Select[str, str]":
    """The ids of all that matches, but for the outcome, with those of their cases."""
    zones = site_zones(session, records, actor.sites)
    conditions = [*visible(actor), *_conditions(query, zones)]
    if query.text.strip():
        conditions.append(matching(session, records.keyring(), actor, query.text))
    return (
        select(AssessmentRow.id, AssessmentRow.case_id)
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
        known = exists().where(reviewed, ReviewRow.decision == _OVERRIDE)
        yield or_(known, exists().where(reviewed, _odd_decision())) if query.override else ~known
    if query.by is not None:
        decided = exists().where(reviewed, ReviewRow.by == query.by)
        yield or_(AssessmentRow.by == query.by, decided)


def _odd_decision() -> ColumnElement[bool]:
    """Choose the decisions that cannot be read, because somebody changed them."""
    return ReviewRow.decision.not_in([each.value for each in Decision])


def _begin(day: dt.date, zones: Mapping[int, dt.tzinfo | None]) -> ColumnElement[dt.datetime]:
    """The moment when a day begins at each case's site."""
    return by_site({site: _midnight(day, zone) for site, zone in zones.items()}, Instant())


def _midnight(day: dt.date, zone: dt.tzinfo | None) -> dt.datetime:
    try:
        here = dt.datetime.combine(day, dt.time(), zone)
        return here.astimezone(dt.UTC)  # without a zone it is this machine's time
    except (OverflowError, ValueError):  # the first and the last days that there are
        return dt.datetime.combine(day, dt.time(), dt.UTC)


def _of_outcome(
    session: Session, ring: Keyring, chosen: "Select[str, str]", outcome: str
) -> tuple[list[tuple[str, str]], int]:
    """Those of the chosen that have an outcome, in their order; and how many may have it."""
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
    rows, lost = read_rows(session, columns, AssessmentRow.id)
    unreadable = gettext(UNREADABLE_OUTCOME)
    outcomes = {
        row_id: _summed_up(ring, *of_case) for row_id, _, is_newest, *of_case in rows if is_newest
    }
    older = [row_id for row_id, _, is_newest, *_ in rows if not is_newest]
    outcomes |= dict(_opened(session, ring, older))
    told = [(row_id, case_id, outcomes.get(row_id, unreadable)) for row_id, case_id, *_ in rows]
    found = [(row_id, case_id) for row_id, case_id, each in told if each == outcome]
    return found, len(lost) + sum(each == unreadable for *_, each in told)


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
        among = query.where(AssessmentRow.id.in_(portion))
        rows, lost = read_rows(session, among, AssessmentRow.id)
        yield from ((each, gettext(UNREADABLE_OUTCOME)) for each in lost)
        for row, key_id, wrapped in rows:
            try:
                key = open_key(ring, row.case_id, key_id, wrapped)
                content = open_content(key, row.sealed, row.id, row.case_version)
            except SealError:
                yield row.id, gettext(UNREADABLE_OUTCOME)
            else:
                yield row.id, content["assessment"]["outcome"]["id"]
        session.expunge_all()


def _lines(
    session: Session, ring: Keyring, places: Sequence[tuple[str, str]]
) -> tuple[AuditEntry, ...]:
    """The lines of assessments, by their ids and those of their cases."""
    ids = [row_id for row_id, _ in places]
    query = select(AssessmentRow, RulesetRow.ruleset_version).outerjoin(
        RulesetRow, RulesetRow.digest == AssessmentRow.ruleset_digest
    )
    rows, _ = read_rows(session, query.where(AssessmentRow.id.in_(ids)), AssessmentRow.id)
    read = {row.id: (row, version) for row, version in rows if isinstance(row.number, int)}
    listed = read_listed_cases(session, ring, sorted({case_id for _, case_id in places}))
    cases = {case.id: case for case in listed}
    decisions = _decisions(session, ids)
    names = load_names(session, {row.by for row, _ in read.values()})
    outcomes = dict(_opened(session, ring, list(read)))
    lines = []
    for each, case_id in places:
        row, version = read.get(each, (None, ""))
        decided = decisions.get(each, [])
        lines.append(
            AuditEntry(
                case=cases[case_id],
                number=row.number if row else None,
                digest=row.ruleset_digest if row else "",
                ruleset_version=version or "",
                outcome=outcomes[each] if row else gettext(UNREADABLE_OUTCOME),
                at=row.at if row else None,
                by=names.get(row.by, "") if row else "",
                decision=decided[-1] if decided else None,
                override=Decision.OVERRIDE in decided,
                unreadable_decision=None in decided,
            )
        )
    return tuple(lines)


def _decisions(session: Session, ids: Sequence[str]) -> dict[str, list[Decision | None]]:
    """The decisions on each, in order; None for one that cannot be read."""
    columns = select(ReviewRow.assessment_id, ReviewRow.decision)
    rows = session.execute(
        columns.where(ReviewRow.assessment_id.in_(ids)).order_by(ReviewRow.number)
    )
    known = {each.value: each for each in Decision}
    found: dict[str, list[Decision | None]] = {}
    for row_id, decision in rows:
        found.setdefault(row_id, []).append(known.get(decision))
    return found
