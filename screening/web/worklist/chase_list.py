"""The chase list: what is still to be found out, by whom and until when, across all cases."""

from dataclasses import dataclass
from itertools import groupby
from typing import Any

from flask import Blueprint, render_template, request, url_for

from screening.core.rules.item import Finder
from screening.core.rules.ruleset import Ruleset, Tier
from screening.records.access import Permission
from screening.records.casework.chase_list import ChaseEntry, chase_list
from screening.records.casework.chase_rows import HANDOVER, Chase
from screening.records.worklist.pending_handovers import find_pending_handovers
from screening.records.worklist.urgency import MOST
from screening.translation import gettext, mark
from screening.web.accounts.authorization import actor, actor_sites, allowed
from screening.web.case.links import case_address, question_address
from screening.web.shell.clock import today_at
from screening.web.shell.context import page_context, records
from screening.web.shell.dates import words_of_due, words_of_window
from screening.web.worklist.query import read_member, read_page
from screening.web.worklist.worklist import Line
from screening.words.shared.days import words_of_day
from screening.words.shared.labels import PRIORITY_LABELS, WHO_WORDS

blueprint = Blueprint("chase_list", __name__, url_prefix="/worklist")
GONE_QUESTION = mark("a question that is no longer asked")
HANDED_OVER = mark("Who was told about the emergency")


@dataclass(frozen=True, slots=True, kw_only=True)
class ChaseLine:
    """One thing to find out."""

    chased: ChaseEntry
    question: str
    sign: bool
    address: str
    priority: str
    until: str
    due: str
    overdue: bool
    window: str

    @classmethod
    def of(cls, chased: ChaseEntry, ruleset: Ruleset) -> "ChaseLine":
        """A chase in words."""
        chase, item = chased.chase, ruleset.items.get(chased.chase.link_id)
        there, closes = today_at(chased.case.site_id), chased.case.closes
        return cls(
            chased=chased,
            question=item.name if item else _question(chase),
            sign=chase.link_id in {*ruleset.items_of(Tier.EMERGENCY), HANDOVER},
            address=(
                question_address(chased.case.id, item) if item else case_address(chased.case.id)
            ),
            priority=PRIORITY_LABELS[chased.case.referral.priority],
            until=words_of_day(chase.due),
            due=words_of_due(chase.due, there),
            overdue=chase.due < there,
            window=words_of_window(closes, there) if closes else "",
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ChaseQuery:
    """The query of the address."""

    owner: Finder | None
    overdue: bool
    page: int

    def address(self, **changes: object) -> str:
        """The address of the same list with some of it changed; by default from page 1."""
        said: dict[str, object] = {
            "owner": self.owner.value if self.owner else None,
            "overdue": "1" if self.overdue else None,
            **changes,
        }
        values: dict[str, Any] = {name: str(value) for name, value in said.items() if value}
        return url_for("chase_list.page", **values)


@blueprint.get("/chase")
@allowed(Permission.VIEW)
def page() -> str:
    """The list, as its address says."""
    asked = ChaseQuery(
        owner=read_member(Finder, request.args.get("owner")),
        overdue=request.args.get("overdue") == "1",
        page=read_page(request.args.get("page")),
    )
    found = chase_list(
        records(), actor(), owner=asked.owner, overdue=asked.overdue, page=asked.page
    )
    lines = [ChaseLine.of(each, page_context().ruleset) for each in found.entries]
    untold = find_pending_handovers(records(), actor())
    return render_template(
        "worklist/chase.html",
        untold=[
            Line.of(each, page_context().ruleset, page_context().today()) for each in untold.cases
        ],
        all_searched=untold.all_searched,
        searched=MOST,
        may_screen=actor().may(Permission.SCREEN),
        asked=asked,
        found=found,
        groups=_by_owner(lines),
        finders=WHO_WORDS,
        several_sites=len(actor_sites()) > 1,
    )


def _question(chase: Chase) -> str:
    return gettext(HANDED_OVER if chase.link_id == HANDOVER else GONE_QUESTION)


def _by_owner(lines: list[ChaseLine]) -> list[tuple[str, list[ChaseLine]]]:
    """The lines by finder, in the order of the whole list within each."""
    order = list(Finder)

    def rank(line: ChaseLine) -> int:
        return order.index(line.chased.chase.owner)

    grouped = groupby(sorted(lines, key=rank), key=rank)
    return [(WHO_WORDS[order[at]], list(group)) for at, group in grouped]
