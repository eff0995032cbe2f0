"""One's own sessions: the browsers in which one is signed in, and a way to end each."""

from typing import cast

from flask import (
    Blueprint,
    current_app,
    flash,
    render_template,
    request,
    session,
    url_for,
)
from flask_security.decorators import auth_required
from werkzeug.wrappers import Response

from screening.records.ledger.events import EventKind, record_event
from screening.translation import gettext, mark
from screening.web.accounts.authorization import View, actor, signed_in
from screening.web.accounts.sessions import DEVICE, OurSession, Sessions
from screening.web.shell.context import records
from screening.web.shell.dates import words_of_instant
from screening.web.shell.responses import see_other

blueprint = Blueprint("own_sessions", __name__, url_prefix="/account/sessions")
BROWSERS = (("Edg", "Edge"), ("Firefox", "Firefox"), ("Chrom", "Chrome"), ("Safari", "Safari"))
SYSTEMS = (
    *(("iPhone", "iPhone"), ("iPad", "iPad"), ("Android", "Android"), ("Windows", "Windows")),
    *(("Mac OS", "Mac"), ("CrOS", "Chromebook"), ("Linux", "Linux")),
)

"""Marks in a browser's name for itself, the more special first, and our words for them."""
UNKNOWN = mark("Unknown browser")
"""As sessions keep it."""


def _fresh(view: View) -> View:
    """A view for people who have proved not long ago that it is still them."""
    asked = auth_required(
        "session",
        within=lambda: current_app.config["SECURITY_FRESHNESS"],
        grace=lambda: current_app.config["SECURITY_FRESHNESS_GRACE_PERIOD"],
    )
    return cast("View", asked(view))


@blueprint.get("")
@signed_in
@_fresh
def page() -> str:
    """Show the person's sessions."""
    return render_template("accounts/sessions.html", lines=_lines())


@blueprint.post("")
@signed_in
@_fresh
def end() -> Response:
    """End one session of the person, or all but this one."""
    devices = {str(line["id"]): str(line["device"]) for line in _lines() if not line["here"]}
    wanted = request.form.get("end", "")
    ids = set(devices) if wanted == "others" else devices.keys() & {wanted}
    ended = Sessions.of_app().end(actor().id, ids)
    for _ in range(ended):
        record_event(records(), actor().id, EventKind.SIGNED_OUT)
    if ended:
        flash(_ended(devices.get(wanted, "")))
    return see_other(url_for("own_sessions.page"))


def _ended(device: str) -> str:
    """Words about a browser that is signed out; without one, about all others."""
    if not device:
        return gettext("You have been signed out everywhere else.")
    device = device.replace(gettext(UNKNOWN), gettext("an unknown browser"))
    return gettext("You have been signed out of {browser}.", browser=device)


def _in_words(device: str) -> str:
    """A browser as a session keeps it, in the reader's language."""
    browser, on, system = device.partition(" on ")
    named = gettext(UNKNOWN) if browser == UNKNOWN else browser
    return gettext("{browser} on {system}", browser=named, system=system) if on else named


def note_device() -> None:
    """Keep, at sign-in, what the browser calls itself, in words."""
    session[DEVICE] = device_words(request.user_agent.string)


def device_words(named: str) -> str:
    """The browser and the system, such as “Firefox on Windows”; nothing else is kept."""
    browser = next((words for part, words in BROWSERS if part in named), UNKNOWN)
    system = next((words for part, words in SYSTEMS if part in named), "")
    return f"{browser} on {system}" if system else browser


def _lines() -> list[dict[str, object]]:
    sessions = Sessions.of_app()
    here = cast("OurSession", session._get_current_object()).row  # type: ignore[attr-defined]  # noqa: SLF001 - a proxy
    return [
        {
            "id": row.id,
            "here": here is not None and row.id == here.id,
            "device": _in_words(device or UNKNOWN),
            "since": words_of_instant(row.started_at),
            "used": words_of_instant(sessions.last_used(row)),
        }
        for row, device in sessions.of_person(actor().id)
    ]
