"""Requests that cannot be served: the one table of statuses, and pages that say what to do."""

import logging
from collections.abc import Iterator
from dataclasses import dataclass, replace
from http import HTTPStatus

from flask import Flask, Response, current_app, g, jsonify, render_template, request
from flask.globals import request_ctx
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException, SecurityError, TooManyRequests

from screening.core.values.wording import Audience
from screening.errors import ScreeningError
from screening.formats.documents.answers_json import NewerFormatError
from screening.log_lines import where
from screening.records.errors import (
    AlteredAccountError,
    ClosedError,
    ErasedError,
    IdempotencyKeyError,
    NoAssessmentError,
    NobodyError,
    NoCaseError,
    NotAllowedError,
    StaleError,
    UnfitFieldError,
)
from screening.records.rules.recorded import RulesetTextsError
from screening.records.sealing.key_command import KeyCommandError
from screening.records.sealing.vault import SealError
from screening.records.storage.database import DatabaseUnavailableError
from screening.translation import gettext, mark
from screening.web.forms.form import read_form, read_screening_date
from screening.web.shell.context import page_context
from screening.web.shell.language import is_of_patients

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Trouble:
    """An event, and what the person can do."""

    status: HTTPStatus
    happened: str
    to_do: str
    signing_in: bool = False

    def said(self) -> "Trouble":
        """The same in the reader's language."""
        return replace(self, happened=gettext(self.happened), to_do=gettext(self.to_do))


TROUBLES: dict[int, Trouble] = {
    trouble.status: trouble
    for trouble in (
        Trouble(
            HTTPStatus.BAD_REQUEST,
            mark("We could not read what your browser sent"),
            mark("Go back to the page before and try again. If it happens again, begin again."),
        ),
        Trouble(
            HTTPStatus.FORBIDDEN,
            mark("This page is not for you"),
            mark(
                "Your account does not open it. If you need it, ask the people who run this"
                " service."
            ),
        ),
        Trouble(
            HTTPStatus.NOT_FOUND,
            mark("There is no such page"),
            mark("Check the address, or start from the first page."),
        ),
        Trouble(
            HTTPStatus.METHOD_NOT_ALLOWED,
            mark("This page cannot be opened in that way"),
            mark("Start from the first page and use the buttons there."),
        ),
        Trouble(
            HTTPStatus.CONFLICT,
            mark("The case changed while you had it open"),
            mark("Your change was not saved. Open the case again to see what changed."),
        ),
        Trouble(
            HTTPStatus.GONE,
            mark("This case was erased"),
            mark("Nothing that was known of the person is kept, and nobody can bring it back."),
        ),
        Trouble(
            HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
            mark("Your browser sent more than a questionnaire can hold"),
            mark("Go back to the page before, shorten what you typed and try again."),
        ),
        Trouble(
            HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
            mark("We could not read what your browser sent"),
            mark("Pages here read forms. Go back to the page before and use its buttons."),
        ),
        Trouble(
            HTTPStatus.TOO_MANY_REQUESTS,
            mark("That was too often"),
            mark("We limit tries, so that nobody can guess a password. Try again later."),
        ),
        Trouble(
            HTTPStatus.INTERNAL_SERVER_ERROR,
            mark("Something went wrong on our side"),
            mark(
                "Go back to the page before and try again. If it happens again, tell the people who"
                " run this service when it happened. If you feel unwell, do not wait for this page."
            ),
        ),
        Trouble(
            HTTPStatus.NOT_IMPLEMENTED,
            mark("A newer version of this service recorded this result"),
            mark(
                "This version cannot read it. Tell the people who run this service: the newer"
                " version has to be started again."
            ),
        ),
        Trouble(
            HTTPStatus.SERVICE_UNAVAILABLE,
            mark("The records cannot be reached just now"),
            mark("Wait a moment and try again. Nothing that was saved before is lost."),
        ),
    )
}
UNREADABLE = Trouble(
    HTTPStatus.CONFLICT,
    mark("This page cannot be shown"),
    mark(
        "A record that this page needs cannot be read: it was changed outside the application, or"
        " its key is missing. If it is about a patient, do not decide until it has been checked."
        " If there is an emergency sign, do not wait: tell the emergency or spinal team now. Tell"
        " the people who run this service."
    ),
)
ALTERED_ACCOUNT = Trouble(
    HTTPStatus.CONFLICT,
    mark("This account cannot be used now"),
    mark(
        "Its password, second factor or rights were changed outside the application. Nothing was"
        " saved. Tell the people who run this service: it may be an attack."
    ),
)
SCREENING_PAGES = frozenset(
    {
        *("patient.question", "patient.matters", "patient.result"),
        *("sheet_file.pdf", "sheet_file.text", "answer_file.save", "answer_file.load"),
        *("nurse.check", "nurse.result"),
    }
)
SIGN_IN_PAGES = frozenset(
    {"security.login", "security.two_factor_token_validation", "security.mf_recovery"}
)
STEPS = {"at", "action", "change", "changing", "report", "matters", "own", "print"} | {
    *("language", "doubt", "opened"),
}
"""Fields of patient pages besides the answers: what to do next, and what no page may lose."""
STATUSES: dict[type[ScreeningError], HTTPStatus] = {
    NotAllowedError: HTTPStatus.FORBIDDEN,
    NoCaseError: HTTPStatus.NOT_FOUND,
    NobodyError: HTTPStatus.NOT_FOUND,
    NoAssessmentError: HTTPStatus.NOT_FOUND,
    StaleError: HTTPStatus.CONFLICT,
    ClosedError: HTTPStatus.CONFLICT,
    IdempotencyKeyError: HTTPStatus.BAD_REQUEST,
    ErasedError: HTTPStatus.GONE,
    UnfitFieldError: HTTPStatus.BAD_REQUEST,
    NewerFormatError: HTTPStatus.NOT_IMPLEMENTED,
}
"""The refusals of records, where a page does not say it better itself."""
OUT_OF_REACH = (DatabaseUnavailableError, KeyCommandError)
"""The failures that will pass: the database, or the store of the keys, cannot be reached."""
CHANGED = (SealError, RulesetTextsError)
"""The failures of a record, or of its rules, that somebody changed."""
UNKEPT = "unkept"
"""The field by which browsers write no form to disk; a page has it of its own."""
RETRY_AFTER = "10"
NEVER_GIVEN_BACK = frozenset({"security", "own_account", "people"})
"""The parts whose forms hold passwords, which no page repeats."""


def init_app(app: Flask) -> None:
    """Answer every failure of an application with a page of the same design."""
    app.register_error_handler(SecurityError, _unknown_host)
    app.register_error_handler(CSRFError, _expired)
    app.register_error_handler(HTTPException, _refused)
    for passing in OUT_OF_REACH:
        app.register_error_handler(passing, _unavailable)
    for kind in STATUSES:
        app.register_error_handler(kind, _denied)
    for changed in CHANGED:
        app.register_error_handler(changed, _unreadable)
    app.register_error_handler(AlteredAccountError, _altered)
    app.register_error_handler(Exception, _failed)


def _refused(error: HTTPException) -> ResponseReturnValue | HTTPException:
    if error.code is not None and error.code < HTTPStatus.BAD_REQUEST:  # a redirect is no failure
        return error
    # What fails before a page is chosen, or after it was made, comes wrapped.
    cause = getattr(error, "original_exception", None)
    if isinstance(cause, OUT_OF_REACH):
        return _unavailable(cause)
    if isinstance(error, TooManyRequests):
        return _too_often(error)
    return _failed(cause) if cause else _page(error.code or HTTPStatus.INTERNAL_SERVER_ERROR)


def _unknown_host(_: SecurityError) -> Response:
    """Refuse a foreign host name without a page, which could not build its links."""
    refusal = f"{gettext('This address is not served here.')}\n"
    return Response(refusal, HTTPStatus.BAD_REQUEST, mimetype="text/plain")


def _too_often(error: TooManyRequests) -> ResponseReturnValue:
    """Say for how long, and what can be done meanwhile."""
    waits = {"Retry-After": str(error.retry_after)}
    trouble = replace(TROUBLES[HTTPStatus.TOO_MANY_REQUESTS].said(), to_do=error.description or "")
    return *_answer(replace(trouble, signing_in=request.endpoint in SIGN_IN_PAGES)), waits


def _denied(error: ScreeningError) -> ResponseReturnValue:
    return _page(next(status for kind, status in STATUSES.items() if isinstance(error, kind)))


def _unreadable(error: ScreeningError) -> ResponseReturnValue:
    """Warn of what somebody changed, where no part of the page can be shown without it."""
    _log(error)
    return _answer(UNREADABLE.said())


def _altered(error: ScreeningError) -> ResponseReturnValue:
    """Refuse an account that somebody changed in the database."""
    _log(error)
    return _answer(ALTERED_ACCOUNT.said())


def _failed(error: Exception) -> ResponseReturnValue:
    """Log where it happened and of what kind it was; its message could hold an answer."""
    _log(error)
    return _page(HTTPStatus.INTERNAL_SERVER_ERROR)


def _unavailable(error: Exception) -> ResponseReturnValue:
    """Give the typed answers back, to be sent again as they are; nothing is asked of the records.

    The form keeps its token and its key, so that it is still accepted, and written only once.
    """
    _log(error)
    _ask_nothing()
    if is_of_patients():  # patients' pages use no records, so they do not mention them
        trouble = replace(
            TROUBLES[HTTPStatus.INTERNAL_SERVER_ERROR], status=HTTPStatus.SERVICE_UNAVAILABLE
        )
        return *_answer(trouble.said()), {"Retry-After": RETRY_AFTER}
    carried = [] if request.blueprint in NEVER_GIVEN_BACK or foreign() else _posted()
    trouble = TROUBLES[HTTPStatus.SERVICE_UNAVAILABLE].said()
    page = (
        _as_json(trouble)
        if wants_json()
        else render_template("shell/problems/unavailable.html", trouble=trouble, carried=carried)
    )
    return page, trouble.status, {"Retry-After": RETRY_AFTER}


def _have_session() -> None:
    """Let templates find an empty session where none could be read; nothing is kept in it.

    From here on it is the page of a failure that is made, which must not fail again.
    """
    g.failing = True
    if request_ctx._session is None:  # noqa: SLF001 - it has no public name
        interface = current_app.session_interface
        request_ctx._session = interface.make_null_session(current_app)  # noqa: SLF001 - the same


def _ask_nothing() -> None:
    """Let templates take who is not known yet for nobody, so that no page asks the records."""
    _have_session()
    manager = getattr(current_app, "login_manager", None)
    if manager is not None and "_login_user" not in g:
        g._login_user = manager.anonymous_user()  # noqa: SLF001 - where Flask-Login keeps it


def _posted() -> list[tuple[str, str]]:
    return list(request.form.items(multi=True)) if request.method == "POST" else []


def _log(error: BaseException) -> None:
    log.error("%s at %s: %s", type(error).__name__, request.endpoint, where(error))


def _expired(_: CSRFError) -> ResponseReturnValue:
    """Give every typed answer back, on a page with a fresh token; nothing is acted on before."""
    resume = current_app.extensions.get("resume")
    if resume and request.endpoint not in SCREENING_PAGES and not foreign():
        answer: ResponseReturnValue = resume(signed_in=True)
        return answer
    if request.endpoint not in SCREENING_PAGES or foreign():
        return _page(HTTPStatus.BAD_REQUEST)
    page = render_template("shell/problems/expired.html", carried=list(_typed()))
    return page, HTTPStatus.BAD_REQUEST


def foreign() -> bool:
    """True if the browser says that another site sent the form: its answers are not given back.

    Browsers that say whose page sent it are believed; their Origin is "null", as we ask them to
    show no page of ours to anybody. Older ones say their Origin.
    """
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site not in ("same-origin", "none")
    own = request.host_url.rstrip("/")
    return request.headers.get("Origin", own) != own


def _typed() -> Iterator[tuple[str, str]]:
    """Everything in the posted form that is ours."""
    today = page_context().today()
    form = read_form(page_context().form, None, audience=Audience.NURSE, as_of=today)
    fields = (*form.fields, read_screening_date(None, today))
    known = {name for field in fields for name in field.names} | STEPS
    return ((name, value) for name, value in request.form.items(multi=True) if name in known)


def wants_json() -> bool:
    """True if a script asked, which cannot show a page."""
    accepted = request.accept_mimetypes
    return request.is_json or accepted.best == "application/json"


def asked_by_script() -> bool:
    """True if a script of a page asks, which cannot follow to a page to sign in."""
    return wants_json() or request.headers.get("Sec-Fetch-Dest") == "empty"


def _as_json(trouble: Trouble) -> Response:
    """The trouble as RFC 9457 writes it."""
    told = {"title": trouble.happened, "detail": trouble.to_do, "status": trouble.status}
    answer = jsonify(told)
    answer.mimetype = "application/problem+json"
    return answer


def _page(code: int) -> ResponseReturnValue:
    ours = code >= HTTPStatus.INTERNAL_SERVER_ERROR
    other = HTTPStatus.INTERNAL_SERVER_ERROR if ours else HTTPStatus.BAD_REQUEST
    return _answer(TROUBLES.get(code, TROUBLES[other]).said())


def _answer(trouble: Trouble) -> tuple[Response | str, int]:
    _have_session()
    if wants_json():
        return _as_json(trouble), trouble.status
    if is_of_patients():
        page = render_template("patient/problem.html", trouble=trouble, carried=_kept(trouble))
    else:
        page = render_template("shell/problems/problem.html", trouble=trouble)
    return page, trouble.status


def _kept(trouble: Trouble) -> list[tuple[str, str]]:
    """The form of a patient, to be sent again as it is, if the fault is ours and it was read."""
    ours = trouble.status >= HTTPStatus.INTERNAL_SERVER_ERROR
    if not ours or request.endpoint not in SCREENING_PAGES or request.files or foreign():
        return []
    return [(name, value) for name, value in _posted() if name != UNKEPT]
