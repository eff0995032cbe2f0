"""A case as it is opened on a page: told to the ledger once, with the ways within it."""

from flask import request, url_for

from screening.records.access import Permission
from screening.records.casework import case_view
from screening.records.casework.case_rows import Case, State, check_visible
from screening.records.casework.case_view import CaseView
from screening.records.casework.emergency_access import open_until
from screening.records.casework.view_events import record_view_of
from screening.translation import Phrases, gettext, mark
from screening.web.accounts.authorization import actor
from screening.web.case.red_flags import waiting_words
from screening.web.shell.context import desk, records
from screening.web.shell.dates import words_of_due, words_of_moment, words_of_time_and_day
from screening.words.nurse.needs import words_of_open_signs
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
WAYS = (
    ("answers.page", mark("Answers")),
    ("missing.page", mark("Missing answers")),
    ("assessment.list_assessments", mark("Results")),
    ("history.page", mark("History")),
)
NONE_ASKED = mark("Nobody has asked about the emergency signs yet. Ask about them first.")
REFERRAL = ("referral.edit", mark("Referral"))


def open_case(case_id: str) -> CaseView:
    """The case of a request, as the person who sends it sees it.

    Raises:
        NoCaseError: if the person may not see it, or there is none.
    """
    return case_view.open_case(records(), actor(), case_id)


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


def shell(case: Case) -> dict[str, object]:
    """What every template of a case needs."""
    return {
        "case": case,
        "case_facts": _facts(case),
        "case_links": _links(case),
        "emergency": _emergency(case),
        "closed": _closed(case),
        "waiting": waiting_words(desk().ruleset, case),
        "open_signs": _open_signs(case),
        "version": case.version,
        "may_screen": writable(case),
        "may_reopen": _screens(case) and case.state is State.CLOSED,
    }


def writable(case: Case) -> bool:
    """Whether the person may change the case as it is."""
    return _screens(case) and case.state is not State.CLOSED


def _open_signs(case: Case) -> str:
    """The emergency signs that nobody has ruled out, as the case was saved last."""
    items, signs = desk().ruleset.items, case.open_signs or ()
    if case.open_signs is None and case.state is State.NEW:
        return gettext(NONE_ASKED)
    return words_of_open_signs([items[each].name for each in signs if each in items])


def _screens(case: Case) -> bool:
    """Whether the person works on cases of its site."""
    return case.site_id in actor().sites and actor().may(Permission.SCREEN)


def _closed(case: Case) -> str:
    """When a closed case was closed, which is the last that happened to it; else empty."""
    closed = case.state is State.CLOSED
    return words_of_moment(case.touched_at, desk().today()) if closed else ""


def _emergency(case: Case) -> str:
    """Until when a case of another site is open; empty for the person's own."""
    until = open_until(records(), actor(), case)
    return words_of_time_and_day(until) if until else ""


def _facts(case: Case) -> list[str]:
    today, referral = desk().today(), case.referral
    waits = case.state is not State.CLOSED
    facts = [
        gettext("born {year}", year=referral.birth_year) if referral.birth_year else "",
        referral.clinic,
        PRIORITY_LABELS[referral.priority],
        STATE_WORDS[case.state],
        gettext("waiting for {who}", who=WHO_WORDS[case.waits_for])
        if waits and case.waits_for
        else "",
        words_of_due(case.due, today) if waits and case.due else "",
        # The name comes last: it may hold what turns the text after it around.
        gettext(
            "last updated {when} by {name}",
            when=words_of_moment(case.touched_at, today),
            name=case.touched_by,
        ),
    ]
    return list(filter(None, facts))


def _links(case: Case) -> list[tuple[str, str, bool]]:
    ways = [*WAYS, REFERRAL] if writable(case) else WAYS
    return [
        (url_for(point, case_id=case.id), gettext(words), request.endpoint == point)
        for point, words in ways
    ]
