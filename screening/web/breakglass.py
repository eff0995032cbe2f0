"""Opening a case of another site in an emergency, and who did so."""

from flask import Blueprint, current_app, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from screening.records.access import Permission, Role
from screening.records.breakglass import (
    LONGEST_NOTE,
    MINUTES,
    REASONS,
    Emergency,
    Wanted,
    emergencies,
    open_cases,
)
from screening.records.cases import Case
from screening.records.refusals import NotAllowedError, UnfitFieldError
from screening.web.caselinks import case_address
from screening.web.casewords import words_of_instant
from screening.web.desk import records
from screening.web.gate import actor, allowed
from screening.web.posted import fresh_once, posted_once

blueprint = Blueprint("breakglass", __name__, url_prefix="/emergency")
UNPROCESSABLE = 422
IN_VAIN = (
    "No case of another site has this reference. Check how it is written; cases of your own sites"
    " are in the worklist. That you looked for it is recorded."
)
SAYS = {
    "reference": "Enter the whole reference of the case",
    "reason": "Choose why you open the case",
    "note": f"Say in a few words what happens, at most {LONGEST_NOTE:,} characters",
}


@blueprint.get("/")
@allowed(Permission.VIEW)
def ask() -> str:
    """Ask for the reference and the reason."""
    if Role.ADMINISTRATOR in actor().roles:
        raise NotAllowedError(Permission.VIEW)
    return _form(Wanted(reference="", reason="", note=""), fresh_once())


@blueprint.post("/")
@allowed(Permission.VIEW)
def open_up() -> str | tuple[str, int] | Response:
    """Open what has the reference, and lead to it."""
    wanted = Wanted(**{name: request.form.get(name, "") for name in SAYS})
    once = posted_once(request.form)
    try:
        cases = open_cases(records(), actor(), wanted, once, _minutes())
    except UnfitFieldError as unfit:
        return _form(wanted, once, {unfit.field: SAYS[unfit.field]}), UNPROCESSABLE
    if not cases:
        return _form(wanted, fresh_once(), {"reference": IN_VAIN}), UNPROCESSABLE
    if len(cases) > 1:
        return render_template("breakglass/several.html", addresses=list(map(case_address, cases)))
    return redirect(case_address(cases[0]), 303)


@blueprint.get("/list")
@allowed(Permission.AUDIT)
def listed() -> str:
    """Every such opening of a case of the auditor's sites."""
    found = emergencies(records(), actor())
    return render_template("breakglass/list.html", found=[_line(*each) for each in found])


def _form(wanted: Wanted, once: str, errors: dict[str, str] | None = None) -> str:
    return render_template(
        "breakglass/ask.html",
        wanted=wanted,
        once=once,
        errors=errors or {},
        choices=[{"value": code, "text": words} for code, words in REASONS.items()],
        minutes=_minutes(),
        may_list=actor().may(Permission.AUDIT),
    )


def _minutes() -> int:
    """How long a case stays open: as the installation is set, else an hour."""
    return current_app.config.get("EMERGENCY_MINUTES") or MINUTES


def _line(found: Emergency, case: Case) -> dict[str, str]:
    return {
        "when": words_of_instant(found.at),
        "until": words_of_instant(found.expires_at),
        "by": found.by,
        "reason": REASONS.get(found.reason, found.reason),
        "note": found.note,
        "reference": case.referral.reference or "erased",
        "site": case.site_name,
        "address": url_for("casehistory.page", case_id=case.id),
    }
