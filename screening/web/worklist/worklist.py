"""The worklist: every case that the person may see, filtered, searched, sorted and paged.

What is searched for may be a patient's name, so it is posted and is never readable in an
address; see ``sealed_search``.
"""

import datetime as dt
from dataclasses import dataclass

from flask import Blueprint, render_template, request
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from screening.core.results.decision import Decision
from screening.core.rules.item import Finder
from screening.core.rules.ruleset import Ruleset
from screening.core.values.referral import Priority
from screening.records.access import Permission, Role
from screening.records.case.case_rows import Case, State
from screening.records.casework.assignments import find_assignees
from screening.records.worklist.pending_handovers import count_pending_handovers
from screening.records.worklist.urgency import MOST, Group, group_of
from screening.records.worklist.worklist import URGENCY, WINDOW, WorkPage, clinics, counts, worklist
from screening.translation import Phrases, gettext, mark, ngettext
from screening.web.accounts.authorization import actor, actor_sites, allowed
from screening.web.case.frame import words_of_assignee
from screening.web.case.links import case_address
from screening.web.case.red_flags import RedFlag, red_flags
from screening.web.shell import sealed_search
from screening.web.shell.clock import today_at
from screening.web.shell.context import page_context, records
from screening.web.shell.dates import words_of_due, words_of_moment, words_of_window
from screening.web.shell.responses import see_other
from screening.web.worklist.query import ME, NOBODY, WorkQuery, read_query
from screening.words.nurse.decision import DECISION_WORDS
from screening.words.nurse.result import SETTLED_WORDS
from screening.words.shared.labels import PRIORITY_LABELS, WHO_WORDS

blueprint = Blueprint("worklist", __name__, url_prefix="/worklist")

STATE_WORDS = Phrases(
    {
        State.NEW: "New",
        State.SCREENING: "Being screened",
        State.ASSESSED: "Assessed",
        State.DECIDED: "Decided",
        State.CLOSED: "Closed",
    }
)
OVERRIDDEN = mark("Overridden")
MYSELF, NO_ONE = mark("me"), mark("nobody")
HAND_OVER = mark("an emergency handover")


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One case as the list shows it."""

    case: Case
    address: str
    state: str
    came_of: str
    window: str
    priority: str
    waits_for: str
    due: str
    overdue: bool
    group: Group
    red_flags: tuple[RedFlag, ...]
    added: str
    touched: str
    assignee: str

    @classmethod
    def of(cls, case: Case, ruleset: Ruleset, today: dt.date) -> "Line":
        """A case in words; a closed one waits for nothing."""
        open_still, there = case.state is not State.CLOSED, today_at(case.site_id)
        due = case.due if open_still else None
        return cls(
            case=case,
            address=case_address(case.id),
            state="" if case.damaged else STATE_WORDS[case.state],
            came_of=words_of_decision(case) or words_of_outcome(case),
            window=words_of_window(case.closes, there) if case.closes and open_still else "",
            priority="" if case.damaged else PRIORITY_LABELS[case.referral.priority],
            waits_for=_waits_for(case) if due else "",
            due=words_of_due(due, there) if due else "",
            overdue=bool(due and due < there),
            group=Group.UNTOLD if case.damaged else group_of(case, case.state),
            red_flags=red_flags(ruleset, case),
            added="" if case.damaged else words_of_moment(case.created_at, today),
            touched="" if case.damaged else words_of_moment(case.touched_at, today),
            assignee=words_of_assignee(case),
        )


def _assignees() -> list[tuple[str, str]]:
    """The people by whom the list can be filtered, as the address names them: oneself first."""
    others = [each for each in find_assignees(records(), actor()) if each.id != actor().id]
    own = [(ME, gettext(MYSELF))] if actor().may(Permission.SCREEN) else []
    return [*own, (NOBODY, gettext(NO_ONE)), *((str(each.id), each.name) for each in others)]


def _waits_for(case: Case) -> str:
    if case.waits_for:
        return WHO_WORDS[case.waits_for]
    return gettext(HAND_OVER) if case.needs_handover else ""


def _count_untold(asked: WorkQuery, found: WorkPage) -> int:
    """The cases with an emergency without a handover, where they need not come first."""
    if asked.query.sort == URGENCY and asked.query.page == 1 and not asked.narrowed:
        return 0
    return count_pending_handovers(records(), actor(), found.glances)


def words_of_outcome(case: Case) -> str:
    """The computed outcome, and how it can only come out; empty once answers changed."""
    settled = "" if case.settled is None else SETTLED_WORDS[case.settled]
    return ". ".join(filter(None, (case.outcome_name, settled)))


def words_of_decision(case: Case) -> str:
    """The last decision of a person, if any."""
    if case.decision is None:
        return ""
    decision = Decision(case.decision)
    return gettext(OVERRIDDEN) if decision is Decision.OVERRIDE else DECISION_WORDS[decision]


@blueprint.get("/")
@allowed(Permission.VIEW)
def page() -> str:
    """The list, as its address says."""
    asked = read_query(request.args)
    found = worklist(records(), actor(), asked.query)
    counted = counts(records(), actor())
    states = counted.states
    today, ruleset = page_context().today(), page_context().ruleset
    return render_template(
        "worklist/list.html",
        asked=asked,
        found=found,
        lines=[Line.of(case, ruleset, today) for case in found.cases],
        CLOSED=State.CLOSED,
        states=[(state, STATE_WORDS[state], states[state]) for state in State],
        open_count=states.total() - states[State.CLOSED],
        mine=asked.query.assigned_to == actor().id,
        mine_count=counted.mine,
        assignees=_assignees(),
        chosen_assignee=asked.values().get("assigned", ""),
        summary=_summary(found),
        urgent=asked.query.sort == URGENCY,
        untold=_count_untold(asked, found),
        by_window=asked.query.sort == WINDOW,
        searched=MOST,
        clinics=[(each, each) for each in clinics(records(), actor())],
        sites=actor_sites(),
        priorities={each.name.lower(): PRIORITY_LABELS[each] for each in Priority},
        finders={each.value: WHO_WORDS[each] for each in Finder},
        may_screen=actor().may(Permission.SCREEN),
        may_open=Role.ADMINISTRATOR not in actor().roles,
        may_export=actor().may(Permission.EXPORT),
    )


@blueprint.post("/find")
@allowed(Permission.VIEW)
def find() -> Response:
    """Take a searched text, and lead to the list of what it finds; filters stay as they are."""
    sealed = sealed_search.seal_text(request.form.get("text", ""))
    values = MultiDict(request.form.items())
    values["find"] = sealed
    return see_other(read_query(values).address())


def _summary(found: WorkPage) -> str:
    """The number of cases, and which of them are shown."""
    return ngettext("{count} case", "{count:,} cases", found.total)
