"""A case is assigned to a colleague, to oneself, or to nobody."""

from http import HTTPStatus

from flask import Blueprint, flash, render_template, request

from screening.records.access import Permission
from screening.records.case.case_view import CaseView
from screening.records.case.view_events import record_view_of
from screening.records.casework.assignments import (
    NotAColleagueError,
    assign_case,
    find_colleagues,
)
from screening.records.errors import ClosedError, StaleError
from screening.translation import gettext, mark
from screening.web.accounts.authorization import actor, allowed
from screening.web.case.frame import (
    case_context,
    is_writable,
    open_to_write,
    show_case,
    words_of_assignee,
)
from screening.web.case.links import case_address
from screening.web.shell.responses import Page, see_other
from screening.web.shell.write_keys import posted_key

blueprint = Blueprint("assignment", __name__, url_prefix="/case/<case_id>/assign")
NOBODY = ""
SAVED = mark("This case is now {words}.")
SAVED_NOBODY = mark("This case is not assigned to anyone.")
MEANWHILE = mark(
    "Somebody changed who this case is assigned to while you had this page open. Check who has"
    " it now, then save again."
)
CLOSED = mark("Not assigned: this case was closed in the meantime.")
NO_COLLEAGUE = mark("This person cannot work on cases at this site. Choose somebody else")


@blueprint.get("")
@allowed(Permission.SCREEN)
def page(case_id: str) -> Page:
    """The form; the case instead if it is closed."""
    view = show_case(case_id)
    return _page(view) if is_writable(view.case) else see_other(case_address(case_id))


@blueprint.post("")
@allowed(Permission.SCREEN)
def assign(case_id: str) -> Page:
    """Assign the case."""
    once, view = posted_key(), open_to_write(case_id)
    seen = request.form.get("seen", type=int)
    typed = str(actor().id) if request.form.get("me") else request.form.get("person", NOBODY)
    try:
        assign_case(view, seen, _read(typed), once)
    except NotAColleagueError:
        return _again(view, error=gettext(NO_COLLEAGUE)), HTTPStatus.UNPROCESSABLE_ENTITY
    except StaleError:
        return _again(view, changed=gettext(MEANWHILE), typed=typed), HTTPStatus.CONFLICT
    except ClosedError:
        flash(gettext(CLOSED), "error")
    else:
        words = words_of_assignee(view.case)
        flash(gettext(SAVED, words=words) if words else gettext(SAVED_NOBODY), "success")
    return see_other(case_address(case_id))


def _read(typed: str) -> int | None:
    """The number of an account, or None for nobody.

    Raises:
        NotAColleagueError: if it is no number.
    """
    if typed == NOBODY:
        return None
    if not (typed.isascii() and typed.isdecimal() and len(typed) < len(str(2**31))):
        raise NotAColleagueError
    return int(typed)


def _again(view: CaseView, *, error: str = "", changed: str = "", typed: str | None = None) -> str:
    record_view_of(view)
    return _page(view, error=error, changed=changed, typed=typed)


def _page(view: CaseView, *, error: str = "", changed: str = "", typed: str | None = None) -> str:
    case, me = view.case, actor().id
    names = {each.id: each.name for each in find_colleagues(view)}
    if case.assigned_to is not None:  # who cannot work on it any more is still who has it
        names.setdefault(case.assigned_to, case.assignee)
    seen = NOBODY if case.assigned_to is None else str(case.assigned_to)
    return render_template(
        "case/assign.html",
        **case_context(case),
        people=[(str(each), name, each == me) for each, name in names.items()],
        seen=seen,
        chosen=seen if typed is None else typed,
        now=words_of_assignee(case),
        mine=case.assigned_to == me,
        error=error,
        changed=changed,
        back=case_address(case.id),
    )
