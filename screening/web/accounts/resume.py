"""Nothing typed is lost to a session that ended: the answer to the form is a page that holds it.

Signing in happens in another tab, by whatever way the person has, while the page with the typed
answers stays where it is. They lie in that page alone, and are sent with one press.
"""

from collections.abc import Iterator
from http import HTTPStatus

from flask import Flask, current_app, flash, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from itsdangerous import BadSignature, URLSafeSerializer
from werkzeug.wrappers import Response

from screening.translation import gettext, mark
from screening.web.accounts.sessions import OurSession
from screening.web.shell.problems import NEVER_GIVEN_BACK, asked_by_script, foreign
from screening.web.shell.responses import see_other

TYPED_BY = "typed_by"
TRIED = "tried"
NOT_CARRIED = frozenset({"csrf_token", "unkept", TYPED_BY, TRIED})


def init_app(app: Flask) -> None:
    """Let the guard of forms in an application give typed answers back."""
    app.extensions["resume"] = return_form


def return_form(*, signed_in: bool) -> ResponseReturnValue:
    """The answer to a form that cannot be taken now.

    Args:
        signed_in: whether only the form's token was too old.
    """
    if asked_by_script():
        return {"signed_in": signed_in}, HTTPStatus.UNAUTHORIZED
    if request.blueprint in NEVER_GIVEN_BACK or foreign():
        return _begin_again(signed_in=signed_in)
    page = render_template(
        "accounts/typed.html",
        signed_in=signed_in,
        tried=TRIED in request.form,
        carried=list(_hidden_inputs()),
        files=bool(request.files),
        address=request.full_path.rstrip("?"),
    )
    return page, HTTPStatus.UNAUTHORIZED


def refuse_form_of_another(person: int) -> ResponseReturnValue | None:
    """The answer to a form that was typed by somebody else, before that session ended."""
    typed_by = _read_typed_by()
    if typed_by in (None, person):
        return None
    return render_template("accounts/another.html"), HTTPStatus.CONFLICT


def _begin_again(*, signed_in: bool) -> Response:
    """Nothing is given back where passwords are typed, or another site sent the form."""
    message = mark("The page was open for too long, so nothing was done. Please try again.")
    flash(gettext(message), "error")
    back = url_for("own_account.page") if signed_in else url_for("security.login")
    return see_other(back)


def _hidden_inputs() -> Iterator[tuple[str, str]]:
    """The typed form, and the sealed number of the person who typed it."""
    for name, value in request.form.items(multi=True):
        if name not in NOT_CARRIED:
            yield name, value
    typed_by = _read_typed_by() or _expired_person()
    if typed_by is not None:
        yield TYPED_BY, _seal().dumps(typed_by)


def _expired_person() -> int | None:
    """The person whose session ended, if that is still known."""
    found = session._get_current_object()  # type: ignore[attr-defined]  # noqa: SLF001 - a proxy
    expired = found.expired if isinstance(found, OurSession) else None
    return expired.user_id if expired else None


def _read_typed_by() -> int | None:
    sealed = request.form.get(TYPED_BY)
    try:
        return int(_seal().loads(sealed)) if sealed else None
    except (BadSignature, ValueError):
        return None


def _seal() -> URLSafeSerializer:
    return URLSafeSerializer(str(current_app.secret_key), "typed-by")
