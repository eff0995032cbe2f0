"""Numbers over many cases: how often questions stay open, what is found, what is decided and when.

Each case counts once, by its newest assessment. Small groups are not shown, see ``small_groups``;
what a person sees of one site is made beside the other sites that the person sees. Memory does not
grow with the number of cases.
"""

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Select, case, func, select
from sqlalchemy.orm import defer

from screening.core.results.decision import REASONS, Decision
from screening.core.values.truth import Truth
from screening.records.access import Actor, Permission
from screening.records.case.assessment_rows import open_review
from screening.records.case.case_rows import State, check_permission, check_visible
from screening.records.case.odd_times import as_text, is_whole, read_moment
from screening.records.errors import ErasedError
from screening.records.ledger import events
from screening.records.ledger.events import EventKind
from screening.records.ledger.records import Records
from screening.records.ledger.site_days import installation_day, site_zones
from screening.records.results.content import SealedContent, sealed_portions
from screening.records.results.small_groups import SafeCounts, show_part, show_whole
from screening.records.sealing.case_keys import open_key
from screening.records.sealing.vault import SealError
from screening.records.storage.tables import AssessmentRow, CaseKeyRow, CaseRow, ChaseRow, ReviewRow

PORTION = 500
MONTHS = 12
EARLIER = "earlier"
OPEN = "open"
"""Stands for the open outcome of rules that declare none."""
BANDS = (0, 2, 7, 14, 28)
"""Whole days up to which a time belongs to a band; the last band is everything longer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Some cases of a whole. ``count`` is None where it is not shown."""

    key: tuple[str, ...]
    count: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Whole:
    """Cases by groups that have none in common. ``total`` is None where it is not shown."""

    groups: tuple[Group, ...]
    total: int | None

    def count(self, *key: str) -> int | None:
        """The size of a group."""
        return next(each.count for each in self.groups if each.key == key)


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """The number of cases that something is so of, and of those that it can be so of."""

    id: str
    count: int | None
    of: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Numbers:
    """All of them, for all of a person's sites or for one.

    ``unknown`` are questions without a known answer, ``hit`` criteria that hold. ``outcomes`` are
    by month (``2026-11``, or ``EARLIER``) and outcome; ``overrides`` by the code of the reason;
    ``deciding`` the days from referral to decision and ``chasing`` those since the oldest open
    chase of a case was set, by the place of their band in ``BANDS``. ``unreadable`` is the number
    of cases that are missing from some of them, because somebody changed a row of theirs.
    """

    unknown: tuple[Share, ...]
    hit: tuple[Share, ...]
    outcomes: Whole
    overrides: Whole
    deciding: Whole
    chasing: Whole
    unreadable: int


class Tally:
    """Counts cases by group and site."""

    def __init__(self, keys: Iterable[tuple[str, ...]] = ()) -> None:
        """Name the groups that are told even if nobody is in them, in their order."""
        self._counts: dict[tuple[str, ...], Counter[int]] = {key: Counter() for key in keys}

    def add(self, site: int, *key: str) -> None:
        """Count a case."""
        self._counts.setdefault(key, Counter())[site] += 1

    def whole(self, view: "View") -> Whole:
        """The part of it that may be shown."""
        shown = view.show([self._counts[key] for key in self._counts])
        groups = zip(self._counts, shown.groups, strict=True)
        return Whole(
            groups=tuple(Group(key=key, count=count) for key, count in groups), total=shown.total
        )

    def share(self, name: str, cases: Mapping[int, int], view: "View") -> Share:
        """The group that it is so of, as a share of those of whom that can be said.

        All other ``cases`` are a group too: the whole that is seen elsewhere tells its size.
        """
        counted = sum(self._counts.values(), Counter[int]())
        rest = Counter({site: count - counted[site] for site, count in cases.items()})
        shown = view.show([*self._counts.values(), rest])
        yes, _, others = shown.groups
        total = shown.total
        of = None if total is None or others is None else total - others
        return Share(id=name, count=yes, of=of)


@dataclass(frozen=True, slots=True)
class View:
    """The choice of the numbers to show: of one of the sites, or of all of them."""

    sites: tuple[int, ...]
    site: int | None

    def show(self, groups: Sequence[Mapping[int, int]]) -> SafeCounts:
        """The groups as they may be shown."""
        table = [[group.get(site, 0) for site in self.sites] for group in groups]
        if self.site is None or len(self.sites) == 1:
            return show_whole([sum(group) for group in table])
        return show_part(table, self.sites.index(self.site))


@dataclass(slots=True)
class _Lost:
    """The cases with a row that somebody changed so that it cannot be counted."""

    cases: dict[str, int] = field(default_factory=dict[str, int])

    def add(self, case_id: str, site: int) -> None:
        """Count a case of a site, once."""
        self.cases[case_id] = site

    def count(self, view: View) -> int:
        """The number of them that a person sees."""
        return sum(view.site in (None, site) for site in self.cases.values())


@dataclass(slots=True)
class _AssessmentCounts:
    """The counts of the newest assessments."""

    months: Sequence[str]
    zones: Mapping[int, dt.tzinfo | None]
    cases: Counter[int] = field(default_factory=Counter[int])
    unknown: defaultdict[str, Tally] = field(default_factory=lambda: defaultdict(_yes_no))
    hit: defaultdict[str, Tally] = field(default_factory=lambda: defaultdict(_yes_no))
    outcomes: Tally = field(default_factory=Tally)

    def add(self, site: int, at: dt.datetime, content: Mapping[str, Any]) -> None:
        """Count an assessment."""
        self.cases[site] += 1
        for link_id, known in _questions(content):
            self.unknown[link_id].add(site, "no" if known else "yes")
        assessment = content["assessment"]
        for each in assessment["criteria"]:
            holds = each["truth"] == Truth.TRUE.value
            self.hit[each["id"]].add(site, "yes" if holds else "no")
        month = f"{at.astimezone(self.zones[site]):%Y-%m}"
        month = month if month in self.months else EARLIER
        self.outcomes.add(site, month, assessment["outcome"]["id"] or OPEN)


def read_numbers(records: Records, actor: Actor, site: int | None = None) -> Numbers:
    """The numbers of all sites that a person sees, or of one of them; one event says so.

    Raises:
        NotAllowedError: if no role of the person allows it.
        NoCaseError: if the person does not work at the site.
    """
    check_permission(actor, Permission.NUMBERS)
    if site is not None:
        check_visible(actor, site)
    row = "" if site is None else f"sites/{site}"
    events.record_event(records, actor.id, EventKind.NUMBERS_READ, row=row)
    view = View(tuple(sorted(actor.sites)), site)
    lost = _Lost()
    assessed = _assessed(records, view, lost)
    overrides, deciding, chasing = (
        count(records, view, lost) for count in (_overrides, _deciding, _chasing)
    )
    return Numbers(
        unknown=_shares(assessed.unknown, assessed.cases, view),
        hit=_shares(assessed.hit, assessed.cases, view),
        outcomes=assessed.outcomes.whole(view),
        overrides=overrides.whole(view),
        deciding=deciding.whole(view),
        chasing=chasing.whole(view),
        unreadable=lost.count(view),
    )


def _shares(
    tallies: Mapping[str, Tally], cases: Mapping[int, int], view: View
) -> tuple[Share, ...]:
    return tuple(each.share(name, cases, view) for name, each in tallies.items())


def months_until(day: dt.date) -> list[str]:
    """The last months up to a day's, the first first."""
    number = day.year * 12 + day.month - 1
    numbers = range(number - MONTHS + 1, number + 1)
    return [f"{each // 12:04}-{each % 12 + 1:02}" for each in numbers]


def _assessed(records: Records, view: View, lost: _Lost) -> _AssessmentCounts:
    with records.database.reading() as session:
        zones = site_zones(session, records, view.sites)
    found = _AssessmentCounts(months_until(installation_day(records)), zones)
    keyring = records.keyring()
    for portion in sealed_portions(records):
        newest = _newest(records, view, portion)
        for kept in portion:
            if kept.id not in newest:
                continue
            site, at = newest[kept.id]
            try:
                content = kept.open(keyring)
            except ErasedError:
                continue
            except SealError:
                content = None
            if content is None or at is None:
                lost.add(kept.case_id, site)
            else:
                found.add(site, at, content)
    return found


def _newest(
    records: Records, view: View, portion: Sequence[SealedContent]
) -> dict[str, tuple[int, dt.datetime | None]]:
    """Site and moment of those assessments of a portion that are their case's newest."""
    cases = {kept.case_id for kept in portion}
    last = (
        select(AssessmentRow.case_id, func.max(AssessmentRow.number).label("number"))
        .where(AssessmentRow.case_id.in_(cases))
        .group_by(AssessmentRow.case_id)
        .subquery()
    )
    query = (
        select(AssessmentRow.id, CaseRow.site_id, as_text(AssessmentRow.at).label("at"))
        .join(last, AssessmentRow.case_id == last.c.case_id)
        .join(CaseRow, CaseRow.id == AssessmentRow.case_id)
        .where(AssessmentRow.number == last.c.number, CaseRow.site_id.in_(view.sites))
    )
    with records.database.reading() as session:
        found = session.execute(query)
        return {row.id: (row.site_id, read_moment(row.at)) for row in found}


def _overrides(records: Records, view: View, lost: _Lost) -> Tally:
    """Cases by the reason of their newest override.

    The reason is sealed, so the review of each such case is opened, which takes some 20 µs.
    """
    tally = Tally((reason,) for reason in REASONS[Decision.OVERRIDE])
    overridden = ReviewRow.decision == Decision.OVERRIDE.value
    last = as_text(func.max(ReviewRow.at))
    newest = select(ReviewRow.case_id, last.label("at")).where(overridden)
    each = newest.group_by(ReviewRow.case_id).subquery()
    query = (
        select(CaseRow.id, CaseRow.site_id, ReviewRow, CaseKeyRow.key_id, CaseKeyRow.wrapped)
        .join(CaseKeyRow, CaseKeyRow.case_id == CaseRow.id)
        .join(each, each.c.case_id == CaseRow.id)
        .join(ReviewRow, (ReviewRow.case_id == CaseRow.id) & (as_text(ReviewRow.at) == each.c.at))
        .where(overridden)
        .options(defer(ReviewRow.at))
    )
    keyring = records.keyring()
    for case_id, site, row, key_id, wrapped in _rows(records, view, query):
        try:
            tally.add(site, open_review(open_key(keyring, case_id, key_id, wrapped), row)["reason"])
        except (ErasedError, SealError):  # a key that is gone without an erasure was taken away
            lost.add(case_id, site)
    return tally


def _deciding(records: Records, view: View, lost: _Lost) -> Tally:
    """Cases by the time from their referral to the first decision that settles them."""
    settled = ReviewRow.decision != Decision.ASK_MORE.value
    known = ReviewRow.decision.in_([each.value for each in Decision])
    moments = as_text(CaseRow.created_at), as_text(func.min(ReviewRow.at))
    sound = func.min(case((known & is_whole(ReviewRow.at), 1), else_=0))
    query = (
        select(CaseRow.id, CaseRow.site_id, sound, *moments)
        .join(ReviewRow, ReviewRow.case_id == CaseRow.id)
        .where(settled)
        .group_by(CaseRow.id)
    )
    tally = _bands()
    for case_id, site, each_sound, *texts in _rows(records, view, query):
        begun, ended = map(read_moment, texts)
        if each_sound and begun and ended:
            tally.add(site, _band(ended - begun))
        else:
            lost.add(case_id, site)
    return tally


def _chasing(records: Records, view: View, lost: _Lost) -> Tally:
    """Open cases by the age of their oldest open chase."""
    sound = func.min(case((is_whole(ChaseRow.at), 1), else_=0))
    query = (
        select(CaseRow.id, CaseRow.site_id, sound, as_text(func.min(ChaseRow.at)))
        .join(ChaseRow, ChaseRow.case_id == CaseRow.id)
        .where(CaseRow.state != State.CLOSED.value)
        .group_by(CaseRow.id)
    )
    tally, now = _bands(), records.now()
    for case_id, site, each_sound, text in _rows(records, view, query):
        begun = read_moment(text)
        if each_sound and begun:
            tally.add(site, _band(now - begun))
        else:
            lost.add(case_id, site)
    return tally


def _rows(records: Records, view: View, query: "Select[*tuple[Any, ...]]") -> Iterator[Any]:
    """The rows of cases that are not erased, by the ids of the cases, read in portions."""
    seen = query.where(CaseRow.site_id.in_(view.sites), CaseRow.erased_at.is_(None))
    seen, after = seen.order_by(CaseRow.id).limit(PORTION), ""
    while True:
        with records.database.reading() as session:
            portion = session.execute(seen.where(CaseRow.id > after)).all()
        yield from portion
        if len(portion) < PORTION:
            return
        after = portion[-1][0]


def _questions(content: Mapping[str, Any]) -> Iterator[tuple[str, bool]]:
    """The questions that an assessment took in or still needs, and whether each has an answer."""
    assessment, given = content["assessment"], content["answers"]["answers"]
    aside, needs = set(assessment["set_aside"]), assessment["needs"]
    known = {link_id: not isinstance(answer, dict) for link_id, answer in given.items()}
    for link_id in dict.fromkeys([*known, *needs]):
        if link_id not in aside:
            yield link_id, known.get(link_id, False)


def _bands() -> Tally:
    return Tally((str(place),) for place in range(len(BANDS) + 1))


def _band(length: dt.timedelta) -> str:
    return str(sum(length.days > limit for limit in BANDS))


def _yes_no() -> Tally:
    return Tally([("yes",), ("no",)])
