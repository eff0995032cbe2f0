"""When a request cannot be served: the one table of statuses, and pages that say what to do."""

import logging
import traceback
from collections.abc import Iterator
from dataclasses import dataclass

from flask import Flask, render_template, request
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException

from screening.core.wording import Audience
from screening.web.desk import desk
from screening.web.forms import read_form, read_screening_date

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Trouble:
    """What happened, and what the person can do."""

    status: int
    happened: str
    to_do: str


TROUBLES = {
    trouble.status: trouble
    for trouble in (
        Trouble(
            400,
            "We could not read what your browser sent",
            "Go back to the page before and try again. If it happens again, start anew.",
        ),
        Trouble(
            403,
            "This page is not for you",
            "Your account does not open it. If you need it, ask the people who run this service.",
        ),
        Trouble(
            404,
            "There is no such page",
            "Check the address, or start from the first page.",
        ),
        Trouble(
            405,
            "This page cannot be opened in that way",
            "Start from the first page and use the buttons there.",
        ),
        Trouble(
            413,
            "Your browser sent more than a questionnaire can hold",
            "Go back to the page before, shorten what you typed and try again.",
        ),
        Trouble(
            429,
            "That was too often",
            "To keep others from guessing a password, we wait a little. Try again in a minute.",
        ),
        Trouble(
            500,
            "Something went wrong on our side",
            "Go back to the page before and try again. If it happens again, tell the people who"
            " run this service when it happened. If you feel unwell, do not wait for this page.",
        ),
    )
}
SCREENING_PAGES = frozenset({"patient.question", "patient.result", "nurse.check", "nurse.result"})
STEPS = {"at", "action", "change", "changing"}
CLIENT, SERVER = 400, 500


def init_app(app: Flask) -> None:
    """Answer every failure of an application with a page of the same design."""
    app.register_error_handler(CSRFError, _expired)
    app.register_error_handler(HTTPException, _refused)
    app.register_error_handler(Exception, _failed)


def _refused(error: HTTPException) -> tuple[str, int] | HTTPException:
    if error.code is not None and error.code < CLIENT:  # a redirect is no failure
        return error
    return _page(error.code or SERVER)


def _failed(error: Exception) -> tuple[str, int]:
    """Log where it happened and of what kind it was; its message could hold an answer."""
    frames = traceback.extract_tb(error.__traceback__)
    where = " < ".join(f"{f.name} ({f.filename}:{f.lineno})" for f in reversed(frames))
    log.error("%s at %s: %s", type(error).__name__, request.endpoint, where)
    return _page(SERVER)


def _expired(_: CSRFError) -> tuple[str, int]:
    """Give every typed answer back, on a page with a fresh token; nothing is acted on before."""
    if request.endpoint not in SCREENING_PAGES or _foreign():
        return _page(CLIENT)
    return render_template("problems/expired.html", carried=list(_typed())), CLIENT


def _foreign() -> bool:
    """Whether the browser says that another site sent the form: its answers are not given back."""
    site = request.headers.get("Sec-Fetch-Site", "same-origin")
    origin = request.headers.get("Origin", request.host_url.rstrip("/"))
    return site not in ("same-origin", "none") or origin != request.host_url.rstrip("/")


def _typed() -> Iterator[tuple[str, str]]:
    """Everything in the posted form that is ours."""
    today = desk().today()
    form = read_form(desk().form, None, audience=Audience.NURSE, as_of=today)
    fields = (*form.fields, read_screening_date(None, today))
    known = {name for field in fields for name in field.names} | STEPS
    return ((name, value) for name, value in request.form.items(multi=True) if name in known)


def _page(code: int) -> tuple[str, int]:
    trouble = TROUBLES.get(code, TROUBLES[CLIENT if code < SERVER else SERVER])
    return render_template("problems/problem.html", trouble=trouble), trouble.status
