"""Emergency access to a case of another site, and the lists of it."""

from http import HTTPStatus

from flask import Blueprint, current_app, flash, render_template, request, url_for
from werkzeug.wrappers import Response

from screening.core.values.note import EMERGENCY_NOTE
from screening.formats.referrals.text import clean_lines
from screening.records.access import Permission, Role
from screening.records.case.case_rows import Case
from screening.records.casework.emergency_access import (
    REASONS,
    EmergencyRequest,
    Limits,
    TooManyError,
    open_emergency_access,
)
from screening.records.casework.emergency_list import (
    AccessCheck,
    EmergencyAccess,
    emergency_accesses,
)
from screening.records.errors import NotAllowedError, UnfitFieldError
from screening.records.operation.emergency_watch import (
    FINDINGS,
    FailedSearch,
    failed_searches,
    followed_up_accesses,
    record_access_check,
    unchecked_accesses,
)
from screening.translation import gettext, mark
from screening.web.accounts.authorization import actor, allowed
from screening.web.case.links import case_address
from screening.web.shell.context import records
from screening.web.shell.dates import words_of_instant, words_of_kept_instant
from screening.web.shell.responses import see_other
from screening.web.shell.write_keys import posted_key

blueprint = Blueprint("emergency_access", __name__, url_prefix="/emergency")
IN_VAIN = mark(
    "No other site has a case with this reference. Check the spelling. Cases of your own sites are"
    " in the worklist. We have recorded this search."
)
SAYS = {
    "reference": mark("Enter the whole reference of the case"),
    "reason": mark("Choose why you need to open the case"),
    "note": mark(
        "Say what is happening, in at least {words} words and at most {longest:,} characters"
    ),
}
LIMITED = mark(
    "You have reached the limit of emergency access for 24 hours. Telephone the site of the"
    " patient, or ask a colleague to open the case. Cases of your own sites are in the"
    " worklist."
)
ENDED = mark("cannot be read: it was changed outside the application, so this access has ended")
NOT_LOOKED = mark(
    "Nothing was recorded. Choose what you found. A colleague may have checked it already."
)


@blueprint.get("/")
@allowed(Permission.VIEW)
def page() -> str:
    """Ask for the reference and the reason."""
    if Role.ADMINISTRATOR in actor().roles:
        raise NotAllowedError(Permission.VIEW)
    return _form(EmergencyRequest(reference="", reason="", note=""))


@blueprint.post("/")
@allowed(Permission.VIEW)
def open_access() -> str | tuple[str, int] | Response:
    """Open what has the reference, and lead to it."""
    typed = {name: request.form.get(name, "") for name in SAYS}
    wanted = EmergencyRequest(**typed | {"note": clean_lines(typed["note"])})
    once = posted_key()
    try:
        cases = open_emergency_access(records(), actor(), wanted, once, _limits())
    except UnfitFieldError:
        errors = {name: _says(name) for name in wanted.unfit()}
        return _form(wanted, errors), HTTPStatus.UNPROCESSABLE_ENTITY
    except TooManyError:
        return _form(wanted, {"reference": gettext(LIMITED)}), HTTPStatus.TOO_MANY_REQUESTS
    if not cases:
        return _form(wanted, {"reference": gettext(IN_VAIN)}), HTTPStatus.UNPROCESSABLE_ENTITY
    if len(cases) > 1:
        return render_template(
            "case/emergency_access/several.html", addresses=list(map(case_address, cases))
        )
    return see_other(case_address(cases[0]))


@blueprint.get("/list")
@allowed(Permission.AUDIT)
def list_openings() -> str:
    """Every emergency access to the auditor's sites, and the searches that opened no case."""
    found = emergency_accesses(records(), actor())
    sought = failed_searches(records(), actor())
    return render_template(
        "case/emergency_access/list.html",
        found=[_line(*each) for each in found],
        sought=[_sought_line(each) for each in sought],
    )


@blueprint.get("/notices")
@allowed(Permission.SCREEN)
def notices() -> str:
    """The emergency accesses to the person's sites that nobody has checked."""
    return _notices()


@blueprint.post("/notices")
@allowed(Permission.SCREEN)
def record_check() -> str | tuple[str, int] | Response:
    """Record that somebody checked an emergency access."""
    once = posted_key()
    opening, finding = (request.form.get(name, "") for name in ("opening", "finding"))
    try:
        record_access_check(records(), actor(), opening, finding, once)
    except UnfitFieldError:
        return _notices(gettext(NOT_LOOKED)), HTTPStatus.UNPROCESSABLE_ENTITY
    flash(gettext("Recorded: you have checked this emergency access."), "success")
    return see_other(url_for("emergency_access.notices"))


def _says(name: str) -> str:
    """The error of a field."""
    return gettext(SAYS[name], words=EMERGENCY_NOTE.words, longest=EMERGENCY_NOTE.longest)


def _form(wanted: EmergencyRequest, errors: dict[str, str] | None = None) -> str:
    return render_template(
        "case/emergency_access/ask.html",
        wanted=wanted,
        errors=errors or {},
        choices=[{"value": code, "text": words} for code, words in REASONS.items()],
        minutes=_limits().minutes,
        least_words=EMERGENCY_NOTE.words,
        may_list=actor().may(Permission.AUDIT),
    )


def _limits() -> Limits:
    """The limits of the settings, or the usual ones."""
    names = ("minutes", "cases", "tries")
    given = {name: current_app.config.get(f"EMERGENCY_{name.upper()}") for name in names}
    return Limits(**{name: value for name, value in given.items() if value})


def _notices(error: str = "") -> str:
    found = [_line(*each) for each in unchecked_accesses(records(), actor())]
    return render_template(
        "case/emergency_access/notices.html",
        found=found,
        followed=[_line(*each) for each in followed_up_accesses(records(), actor())],
        error=error,
        findings=FINDINGS,
    )


def _sought_line(found: FailedSearch) -> dict[str, str]:
    erased = gettext("erased")
    return {
        "when": words_of_kept_instant(found.at),
        "by": found.by,
        "reason": REASONS.get(found.reason, found.reason),
        "reference": erased if found.reference is None else found.reference,
        "note": erased if found.note is None else found.note,
        "result": _result(found),
    }


def _result(found: FailedSearch) -> str:
    if found.reference is None:
        return gettext("erased")
    if found.refused is None:
        return gettext("Cannot be read")
    return gettext("Refused: limit reached") if found.refused else gettext("Not found")


def _line(found: EmergencyAccess, case: Case) -> dict[str, str]:
    return {
        "when": words_of_kept_instant(found.at),
        "until": words_of_end(found),
        "by": found.by,
        "reason": REASONS.get(found.reason, found.reason),
        "note": found.note,
        "reference": case.referral.reference or gettext("erased"),
        "site": case.site_name,
        "address": url_for("history.page", case_id=case.id),
        "id": found.id,
        "look": look_words(found.check),
    }


def words_of_end(found: EmergencyAccess) -> str:
    """Until when the case is open by an access."""
    if found.at is None or found.expires_at is None:
        return gettext(ENDED)
    return words_of_instant(found.expires_at)


def look_words(look: AccessCheck | None) -> str:
    """The check of an emergency access: the person, the time and the finding."""
    if look is None:
        return gettext("Nobody yet")
    finding = FINDINGS.get(look.finding, look.finding)
    when = words_of_kept_instant(look.at)
    return gettext("{name}, {when}: {finding}", name=look.by, when=when, finding=finding)
