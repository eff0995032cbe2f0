"""Authorization: a page is open to the people whom its mark names, and to nobody without one.

A view function carries its mark by a decorator: ``@public``, ``@signed_in``, ``@allowed(…)``. What
holds for views of others, such as Flask-Security's, is given to ``init_app``.
"""

from collections.abc import Callable, Mapping
from enum import Enum
from http import HTTPStatus
from typing import Any, TypeVar, cast

from flask import Flask, abort, current_app, g, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from screening.records.access import Actor, Permission
from screening.records.casework.emergency_list import with_emergency_access
from screening.records.ledger.events import EventKind, record_event
from screening.records.storage.account_tables import User
from screening.web.accounts import resume
from screening.web.shell.context import records
from screening.web.shell.problems import asked_by_script
from screening.web.shell.responses import see_other

View = TypeVar("View", bound=Callable[..., Any])


class Mark(Enum):
    """The mark of a page, where no single permission decides."""

    PUBLIC = "public"
    SIGNED_IN = "signed-in"  # one's own account
    NOT_SERVED = "not-served"  # a library has the page, we do not want it


PUBLIC_PARTS = frozenset(
    {"sources", "options", "patient", "sheet_file", "answer_file", "nurse", "rulebook"}
)
"""The blueprints that store nothing."""
_NAME = "screening_mark"


def allowed(permission: Permission) -> Callable[[View], View]:
    """Open a view to those whose roles permit something."""
    return _marking(permission)


def public(view: View) -> View:
    """Open a view to everybody."""
    return _marking(Mark.PUBLIC)(view)


def signed_in(view: View) -> View:
    """Open a view to everybody who is signed in, whatever their roles."""
    return _marking(Mark.SIGNED_IN)(view)


FORMS = {"", "application/x-www-form-urlencoded", "multipart/form-data"}
"""The types in which browsers send forms; without a body they name nothing."""


def init_app(app: Flask, by_name: Mapping[str, Mark | Permission]) -> None:
    """Guard an application.

    Args:
        app: the application.
        by_name: the marks of views that are not ours, by endpoint.
    """
    app.extensions["marks"] = dict(by_name)
    app.before_request(_guard)


def mark_of(app: Flask, endpoint: str) -> Mark | Permission | None:
    """The mark of a page; None means that nobody may open it."""
    if endpoint == "static" or endpoint.partition(".")[0] in PUBLIC_PARTS:
        return Mark.PUBLIC
    named: dict[str, Mark | Permission] = app.extensions["marks"]
    return named.get(endpoint) or getattr(app.view_functions[endpoint], _NAME, None)


def person() -> User | None:
    """The account of the person who sent the request, if anybody is signed in."""
    found = current_user._get_current_object()  # noqa: SLF001 - how a proxy is asked
    return found if isinstance(found, User) and found.is_authenticated else None


def actor() -> Actor:
    """The sender of the request, for the records; only behind the gate."""
    if "actor" not in g:
        found = cast("User", person()).actor()
        at_a_case = "case_id" in (request.view_args or {})
        g.actor = with_emergency_access(records(), found) if at_a_case else found
    return cast("Actor", g.actor)


def actor_sites() -> list[tuple[int, str]]:
    """The sites of the person who sent the request, by name."""
    return [(site.id, site.name) for site in cast("User", person()).sites]


def _marking(mark: Mark | Permission) -> Callable[[View], View]:
    def marked(view: View) -> View:
        setattr(view, _NAME, mark)
        return view

    return marked


def _guard() -> ResponseReturnValue | None:
    # What limits and checks read is the form: nothing may come in beside it.
    if request.method == "POST" and request.mimetype not in FORMS:
        abort(HTTPStatus.UNSUPPORTED_MEDIA_TYPE)
    if request.endpoint is None:  # no such page, which Flask says by itself
        return None
    mark = mark_of(current_app, request.endpoint)
    if mark is Mark.PUBLIC:
        return None
    if mark is None:
        abort(HTTPStatus.FORBIDDEN)
    if mark is Mark.NOT_SERVED:
        abort(HTTPStatus.NOT_FOUND)
    if person() is None:
        return _sign_in_first()
    if isinstance(mark, Permission) and not actor().may(mark):
        record_event(records(), actor().id, EventKind.ACCESS_REFUSED)
        abort(HTTPStatus.FORBIDDEN)
    return resume.refuse_form_of_another(actor().id)


def _sign_in_first() -> ResponseReturnValue:
    """Lead to the sign-in page, and from there back."""
    if request.method not in ("GET", "HEAD"):
        return resume.return_form(signed_in=False)
    if asked_by_script():
        return {"signed_in": False}, HTTPStatus.UNAUTHORIZED
    here = request.full_path.rstrip("?")
    return see_other(url_for("security.login", next=here))
