"""The chase list: the calls to make across all cases, each with all that one finder is asked."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from flask import Blueprint, render_template, request, url_for

from screening.core.rules.item import Finder
from screening.core.rules.ruleset import Tier
from screening.core.values.note import CALL_NOTE
from screening.records.access import Permission
from screening.records.case.case_rows import Case
from screening.records.case.unreadable import UNREADABLE_TASK
from screening.records.worklist.chase_list import CallEntry, Urgent, chase_list
from screening.records.worklist.pending_handovers import find_pending_handovers
from screening.records.worklist.urgency import MOST
from screening.translation import gettext
from screening.web.accounts.authorization import actor, actor_sites, allowed
from screening.web.case.call_card import CallCard
from screening.web.case.links import case_address
from screening.web.case.red_flags import RedFlag, red_flags
from screening.web.shell.clock import today_at
from screening.web.shell.context import page_context, records
from screening.web.shell.dates import words_of_due, words_of_window
from screening.web.worklist.query import read_member, read_page
from screening.words.shared.days import words_of_day
from screening.words.shared.labels import PRIORITY_LABELS, WHO_WORDS

blueprint = Blueprint("chase_list", __name__, url_prefix="/worklist")


@dataclass(frozen=True, slots=True, kw_only=True)
class CallLine:
    """One call as the list shows it; ``handover`` says that an emergency waits for one."""

    card: CallCard
    address: str
    priority: str
    until: str
    due: str
    overdue: bool
    window: str
    handover: bool

    @classmethod
    def of(cls, entry: CallEntry) -> "CallLine":
        """A call in words."""
        case = entry.case
        there = today_at(case.site_id)
        return cls(
            card=CallCard.of(case, entry.finder, entry.questions, entry.last),
            address=case_address(case.id),
            priority=PRIORITY_LABELS[case.referral.priority],
            until=words_of_day(entry.due),
            due=words_of_due(entry.due, there),
            overdue=entry.due < there,
            window=words_of_window(case.closes, there) if case.closes else "",
            handover=len(entry.questions) < len(entry.chases),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class UntoldLine:
    """An emergency that waits for its handover; one that may be, if something was ``damaged``."""

    case: Case
    address: str
    flags: tuple[RedFlag, ...]
    due: str
    overdue: bool
    damaged: str

    @classmethod
    def of(cls, case: Case, *, damaged: bool = False) -> "UntoldLine":
        """A case in words."""
        there = today_at(case.site_id)
        flags = () if damaged else red_flags(page_context().ruleset, case)
        return cls(
            case=case,
            address=case_address(case.id),
            flags=tuple(each for each in flags if each.tier == Tier.EMERGENCY.value),
            due=words_of_due(case.due, there) if case.due else "",
            overdue=bool(case.due and case.due < there),
            damaged=gettext(UNREADABLE_TASK) if damaged else "",
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ChaseQuery:
    """The query of the address."""

    owner: Finder | None
    overdue: bool
    mine: bool
    page: int

    def values(self) -> dict[str, str]:
        """Everything in the address."""
        said = {
            "owner": self.owner.value if self.owner else "",
            "overdue": "1" if self.overdue else "",
            "mine": "1" if self.mine else "",
            "page": str(self.page) if self.page > 1 else "",
        }
        return {name: value for name, value in said.items() if value}

    def address(self, **changes: object) -> str:
        """The address of the same list with some of it changed; by default from page 1."""
        said: dict[str, object] = {**self.values(), "page": None, **changes}
        values: dict[str, Any] = {name: str(value) for name, value in said.items() if value}
        return url_for("chase_list.page", **values)


@blueprint.get("/chase")
@allowed(Permission.VIEW)
def page() -> str:
    """The list, as its address says."""
    asked = ChaseQuery(
        owner=read_member(Finder, request.args.get("owner")),
        overdue=request.args.get("overdue") == "1",
        mine=request.args.get("mine") == "1",
        page=read_page(request.args.get("page")),
    )
    pending = find_pending_handovers(records(), actor(), decided=True)
    urgent = Urgent(page_context().ruleset.items_of(Tier.EMERGENCY), pending.urgent)
    found = chase_list(
        records(),
        actor(),
        owner=asked.owner,
        overdue=asked.overdue,
        mine=asked.mine,
        page=asked.page,
        urgent=urgent,
    )
    today = page_context().today()
    return render_template(
        "worklist/chase.html",
        untold=_untold(pending.cases, found.damaged),
        signs=[CallLine.of(each) for each in found.signs],
        all_searched=pending.all_searched,
        searched=MOST,
        may_screen=actor().may(Permission.SCREEN),
        asked=asked,
        listed=[("back", "list"), *asked.values().items()],
        found=found,
        groups=_by_finder([CallLine.of(each) for each in found.entries]),
        finders=WHO_WORDS,
        longest=CALL_NOTE.longest,
        printed=words_of_day(today),
        several_sites=len(actor_sites()) > 1,
    )


def _untold(pending: Sequence[Case], damaged: Sequence[Case]) -> list[UntoldLine]:
    """The cases that cannot be read, then the others whose emergency has no handover."""
    first = {case.id: UntoldLine.of(case, damaged=True) for case in damaged}
    first |= {case.id: UntoldLine.of(case, damaged=True) for case in pending if case.unreadable}
    rest = {case.id: UntoldLine.of(case) for case in pending if case.id not in first}
    return [*first.values(), *rest.values()]


def _by_finder(lines: list[CallLine]) -> list[tuple[str, list[CallLine]]]:
    """The lines by finder, in the order of the whole list within each."""
    order = list(Finder)

    def rank(line: CallLine) -> int:
        return order.index(line.card.finder)

    grouped = groupby(sorted(lines, key=rank), key=rank)
    return [(WHO_WORDS[order[at]], list(group)) for at, group in grouped]
