"""A case is closed, and opened again. Nothing of it is deleted by either."""

from http import HTTPStatus

from flask import Blueprint, flash, render_template, url_for
from werkzeug.wrappers import Response

from screening.records.access import Permission
from screening.records.case.case_rows import State
from screening.records.case.case_view import CaseView
from screening.records.case.view_events import record_view_of
from screening.records.casework.cases import close_case, reopen_case
from screening.records.casework.handovers import NotHandedOverError
from screening.records.errors import ClosedError, StaleError
from screening.translation import gettext, mark
from screening.web.accounts.authorization import actor, allowed
from screening.web.case.frame import case_context, is_writable, open_to_write, show_case
from screening.web.case.links import case_address
from screening.web.case.red_flags import red_flag
from screening.web.shell.context import page_context
from screening.web.shell.dates import words_of_moment
from screening.web.shell.responses import Page, see_other
from screening.web.shell.write_keys import posted_key, posted_version

blueprint = Blueprint("closing", __name__, url_prefix="/case/<case_id>")
REOPENED = mark("The case is open again, as it was before it was closed.")
YOU = mark("you, in another window")
MEANWHILE = mark("This case has changed since you opened the page. This is how it is now.")


@blueprint.get("/close")
@allowed(Permission.SCREEN)
def page(case_id: str) -> Page:
    """Explain what closing means; show the case instead if it cannot be closed."""
    view = show_case(case_id)
    return _page(view) if is_writable(view.case) else see_other(case_address(case_id))


@blueprint.post("/close")
@allowed(Permission.SCREEN)
def close(case_id: str) -> Page:
    """Close the case; where it was changed meanwhile, that is looked at first."""
    version, once = posted_version(), posted_key()
    view = open_to_write(case_id)
    try:
        close_case(view, version, page_context().ruleset, once)
    except NotHandedOverError:
        record_view_of(view)
        return _page(view, untold=True), HTTPStatus.CONFLICT
    except (StaleError, ClosedError):
        if view.case.state is not State.CLOSED:
            record_view_of(view)
            return _page(view, meanwhile=True), HTTPStatus.CONFLICT
    return see_other(case_address(case_id))


@blueprint.post("/reopen")
@allowed(Permission.SCREEN)
def reopen(case_id: str) -> Response:
    """Open a closed case again; one that somebody else has opened is open, and that is all."""
    version, once = posted_version(), posted_key()
    view = open_to_write(case_id)
    was = view.case.state
    try:
        reopen_case(view, version, once)
    except StaleError:
        flash(gettext(MEANWHILE), "error")
    else:
        if was is State.CLOSED:  # of a double click one press says it
            flash(gettext(REOPENED))
    return see_other(case_address(case_id))


def _page(view: CaseView, *, meanwhile: bool = False, untold: bool = False) -> str:
    case = view.case
    return render_template(
        "case/close.html",
        **case_context(case),
        meanwhile=meanwhile,
        untold=untold or case.needs_handover,
        touched=words_of_moment(case.touched_at, page_context().today()),
        by=gettext(YOU) if case.touched_by_id == actor().id else case.touched_by,
        flags=[red_flag(page_context().ruleset, each) for each in case.red_flags],
        decided=case.decision is not None,
        chased=len(view.chases),
        back=url_for("answers.page", case_id=case.id),
    )
