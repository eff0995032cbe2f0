"""A case as it is opened on a page: one event in the ledger, with the tabs within it."""

from flask import request, url_for

from screening.core.values.referral import Referral
from screening.records.access import Permission
from screening.records.case import case_view
from screening.records.case.case_rows import Case, State, check_visible
from screening.records.case.case_view import CaseView
from screening.records.case.view_events import record_view_of
from screening.records.casework.emergency_list import open_until
from screening.translation import Phrases, gettext, mark
from screening.web.accounts.authorization import actor
from screening.web.case.red_flags import waiting_words
from screening.web.shell.clock import date_by
from screening.web.shell.context import page_context, records
from screening.web.shell.dates import words_of_due, words_of_moment, words_of_time_and_day
from screening.words.nurse.needs import words_of_open_signs
from screening.words.shared.days import words_of_day
from screening.words.shared.labels import PRIORITY_LABELS, WHO_WORDS

STATE_WORDS = Phrases(
    {
        State.NEW: "new",
        State.SCREENING: "being screened",
        State.ASSESSED: "assessed, not decided",
        State.DECIDED: "decided",
        State.CLOSED: "closed",
    }
)
TABS = (
    ("answers.page", mark("Answers")),
    ("missing.page", mark("Missing answers")),
    ("assessment.list_assessments", mark("Results")),
    ("history.page", mark("History")),
)
ASSIGNED, ASSIGNED_TO_YOU = mark("assigned to {name}"), mark("assigned to you")
NONE_ASKED = mark("Nobody has asked about the emergency signs yet. Ask about them first.")
REFERRAL_TAB = ("referral.edit", mark("Referral"))


def open_case(case_id: str) -> CaseView:
    """The case of a request, as the person who sends it sees it.

    Raises:
        NoCaseError: if the person may not see it, or there is none.
    """
    view = case_view.open_case(records(), actor(), case_id)
    date_by(view.case.site_id)
    return view


def open_to_write(case_id: str) -> CaseView:
    """The same for a form: what is wrong with it is said to those alone who may send it.

    Raises:
        NoCaseError: if the case is at none of the person's sites, or there is none.
    """
    view = open_case(case_id)
    check_visible(actor(), view.case.site_id)
    return view


def show_case(case_id: str) -> CaseView:
    """The same for a page that shows it, which the ledger keeps.

    Raises:
        NoCaseError: if the person may not see it, or there is none.
    """
    view = open_case(case_id)
    record_view_of(view)
    return view


def case_context(case: Case) -> dict[str, object]:
    """The values that every template of a case needs, by name."""
    return {
        "case": case,
        "case_facts": _facts(case),
        "case_links": _links(case),
        "emergency": _emergency_words(case),
        "closed": _closed_words(case),
        "waiting": waiting_words(page_context().ruleset, case),
        "open_signs": _open_sign_words(case),
        "version": case.version,
        "may_screen": is_writable(case),
        "may_reopen": _may_screen(case) and case.state is State.CLOSED,
    }


def is_writable(case: Case) -> bool:
    """True if the case is open and the person may change it."""
    return _may_screen(case) and case.state is not State.CLOSED


def _open_sign_words(case: Case) -> str:
    """The emergency signs that nobody has ruled out, as the case was saved last."""
    items, signs = page_context().ruleset.items, case.open_signs or ()
    if case.open_signs is None and case.state is State.NEW:
        return gettext(NONE_ASKED)
    return words_of_open_signs([items[each].name for each in signs if each in items])


def words_of_assignee(case: Case) -> str:
    """The person whom a case is assigned to; empty for nobody."""
    if case.assigned_to is None:
        return ""
    if case.assigned_to == actor().id:
        return gettext(ASSIGNED_TO_YOU)
    return gettext(ASSIGNED, name=case.assignee)


def _may_screen(case: Case) -> bool:
    """True if the person works on cases of its site."""
    return case.site_id in actor().sites and actor().may(Permission.SCREEN)


def _closed_words(case: Case) -> str:
    """The time when the case was closed, which is its last change; empty for an open one."""
    closed = case.state is State.CLOSED
    return words_of_moment(case.touched_at, page_context().today()) if closed else ""


def _emergency_words(case: Case) -> str:
    """Until when a case of another site is open; empty for the person's own."""
    until = open_until(records(), actor(), case)
    return words_of_time_and_day(until) if until else ""


def _facts(case: Case) -> list[str]:
    today, referral = page_context().today(), case.referral
    born, year = gettext("born {year}", year=referral.birth_year), referral.birth_year
    # The name comes last: it may hold what turns the text after it around.
    updated = gettext(
        "last updated {when} by {name}",
        when=words_of_moment(case.touched_at, today),
        name=case.touched_by,
    )
    known, waiting = _referral_facts(referral), _waiting_facts(case)
    facts = [born if year else "", *known, STATE_WORDS[case.state], *waiting, updated]
    return list(filter(None, facts))


def wait_facts(case: Case) -> list[str]:
    """The facts of a referral, what its case waits for and until when, and whose it is."""
    return list(filter(None, [*_referral_facts(case.referral), *_waiting_facts(case)]))


def _referral_facts(referral: Referral) -> list[str]:
    number, received = referral.hospital_number, referral.date_received
    return [
        gettext("hospital number {number}", number=number) if number else "",
        referral.clinic,
        PRIORITY_LABELS[referral.priority],
        gettext("received {day}", day=words_of_day(received)) if received else "",
    ]


def _waiting_facts(case: Case) -> list[str]:
    waits, today = case.state is not State.CLOSED, page_context().today()
    who, due = case.waits_for if waits else None, case.due if waits else None
    return [
        gettext("waiting for {who}", who=WHO_WORDS[who]) if who else "",
        words_of_due(due, today) if due else "",
        words_of_assignee(case),
    ]


def _links(case: Case) -> list[tuple[str, str, bool]]:
    tabs = [*TABS, REFERRAL_TAB] if is_writable(case) else TABS
    return [
        (url_for(point, case_id=case.id), gettext(words), request.endpoint == point)
        for point, words in tabs
    ]
