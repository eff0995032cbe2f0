"""One's own account, the very first one, and how long a session still lasts."""

from functools import wraps
from http import HTTPStatus
from typing import Any, cast

from flask import (
    Blueprint,
    Flask,
    current_app,
    flash,
    render_template,
    request,
    session,
    url_for,
)
from flask_login import user_logged_in, user_logged_out
from flask_security import signals
from flask_wtf.csrf import generate_csrf
from sqlalchemy import delete
from werkzeug.wrappers import Response

from screening.records.access import Permission, Role
from screening.records.errors import AlteredAccountError
from screening.records.ledger.events import EventKind, record_event
from screening.records.ledger.records import Records
from screening.records.people import first_account, link_codes
from screening.records.people.known_browsers import forget_browsers
from screening.records.people.passwords import hash_password
from screening.records.rights import proposal_links
from screening.records.rights.proposal_links import LinkState
from screening.records.storage.account_tables import User
from screening.records.storage.tables import SessionRow
from screening.records.verification.accounts import check_account
from screening.translation import gettext, mark
from screening.web.accounts import (
    authenticator_setup,
    authorization,
    flask_security,
    organisation,
    own_sessions,
    rate_limits,
    resume,
)
from screening.web.accounts.authorization import Mark
from screening.web.accounts.forms import ROLE_WORDS, FirstForm, password_hint
from screening.web.accounts.password_links import make_link
from screening.web.accounts.sessions import DEVICE, OurSession, Sessions
from screening.web.shell.context import records
from screening.web.shell.problems import wants_json
from screening.web.shell.responses import Page, form_page, see_other

blueprint = Blueprint("own_account", __name__, url_prefix="/account")

MARKS = {
    **dict.fromkeys(
        (
            "security.login",
            "security.logout",
            "security.forgot_password",
            "security.reset_password",
            "security.two_factor_setup",  # also for people who must set it up to sign in
            "security.two_factor_token_validation",
            "security.mf_recovery",
            "security.wan_signin",
            "security.wan_signin_response",
        ),
        Mark.PUBLIC,
    ),
    **dict.fromkeys(
        (
            "security.verify",
            "security.change_password",
            "security.two_factor_setup_validate",
            "security.mf_recovery_codes",
            "security.wan_register",
            "security.wan_register_response",
            "security.wan_delete",
            "security.wan_verify",
            "security.wan_verify_response",
        ),
        Mark.SIGNED_IN,
    ),
    # One sends email, which nobody would get; one chooses among second factors, of which there is
    # one, because a passkey is both factors; one has files that no page of ours loads.
    **dict.fromkeys(
        ("security.two_factor_rescue", "security.tf_select", "security.static"), Mark.NOT_SERVED
    ),
}
PLACES = (
    ("/worklist/", mark("Worklist"), Permission.VIEW),
    ("/worklist/chase", mark("Chase list"), Permission.VIEW),
    ("/worklist/import", mark("Import"), Permission.SCREEN),
    ("/audit/", mark("Audit"), Permission.AUDIT),
    ("/audit/statistics", mark("Numbers"), Permission.NUMBERS),
    ("/rules/versions", mark("Rules"), Permission.ACTIVATE),
    ("/people/", mark("People"), Permission.ADMINISTER),
    ("/people/review", mark("Access review"), Permission.REVIEW_ACCESS),
)
NO_CODE = mark("Enter the code for this link")
WRONG_CODE = mark(
    "This code is not right. It looks like {example}. Ask the person who approved the change for it"
)


def init_app(app: Flask, records: Records) -> None:
    """Give an application accounts and sessions."""
    app.session_interface = Sessions(app, records)
    authorization.init_app(app, MARKS)
    flask_security.init_app(app, records)
    app.view_functions["security.forgot_password"] = _no_link
    code = "security.two_factor_token_validation"
    app.view_functions[code] = _serve_signed_out_only(app.view_functions[code])
    authenticator_setup.init_app(app)
    app.register_blueprint(blueprint)
    rate_limits.init_app(app)
    organisation.init_app(app)
    resume.init_app(app)
    app.after_request(_forget_pages)
    _listen(app)
    app.jinja_env.filters["role_words"] = lambda name: ROLE_WORDS[Role(name)]
    app.jinja_env.globals.update(
        signed_in_as=_person_name,
        casework_door=lambda: [("security.login", gettext("Sign in"))],
        casework_links=_casework_links,
        session_of=_session_data,
        LINK_CODE=link_codes.EXAMPLE,
        password_hint=password_hint,
        oidc_name=organisation.provider_name,
    )


@blueprint.get("/")
@authorization.signed_in
def page() -> str:
    """One's own account."""
    return render_template("accounts/own.html", person=authorization.person())


@blueprint.get("/start")
@authorization.signed_in
def start() -> Response:
    """The first page after sign-in: the first place in the header."""
    links = _casework_links()
    return see_other(links[0][0] if links else url_for("own_account.page"))


@blueprint.get("/back")
@authorization.signed_in
def show_second_tab() -> str:
    """The page of a second tab, in which somebody signed in to go on in the first."""
    return render_template("accounts/back.html")


@blueprint.get("/session")
@authorization.public
def session_time_left() -> dict[str, object]:
    """The rest of the session, for the script that warns; asking does not prolong it."""
    person = authorization.person()
    if person is None:
        return {"seconds": 0}
    return {**_session_data(), "token": generate_csrf()}


@blueprint.post("/session")
@authorization.signed_in
def prolong_session() -> Response:
    """Stay signed in; without scripts one comes back to where one was."""
    if wants_json():
        return Response(status=HTTPStatus.NO_CONTENT)
    return see_other(url_for("own_account.page"))


@blueprint.route("/first/<token>", methods=["GET", "POST"])
@authorization.public
def make_first_account(token: str) -> Page:
    """Make the first account, an administrator's, by the link that the first start printed."""
    if not first_account.is_open(records(), token):
        return render_template("accounts/first_closed.html"), HTTPStatus.NOT_FOUND
    form = FirstForm()
    if not form.validate_on_submit():
        page = render_template("accounts/first.html", form=form)
        return form_page(page, form.errors)
    hashed = hash_password(form.password.data or "")
    first_account.make_first(records(), token, form.name.data or "", form.email.data or "", hashed)
    flash(gettext("Your account is ready. Sign in with it."), "success")
    return see_other(url_for("security.login"))


@blueprint.route("/open/<handle>", methods=["GET", "POST"])
@authorization.public
def open_link(handle: str) -> Page:
    """Open the link that two administrators made, with its code."""
    secret = current_app.config["SECRET_KEY"]
    number = link_codes.number_of(secret, handle)
    state = LinkState.CLOSED if number is None else proposal_links.read_link(records(), number)
    if number is None or state is not LinkState.WORKS:
        return _closed_link(state)
    if request.method == "GET":
        return render_template("accounts/open.html", handle=handle, problem="")
    typed = request.form.get("code", "").strip()
    if not link_codes.is_code(secret, number, typed):
        problem = gettext(WRONG_CODE if typed else NO_CODE, example=link_codes.EXAMPLE)
        page = render_template("accounts/open.html", handle=handle, problem=problem)
        return form_page(page, problem)
    person = proposal_links.open_link(records(), number)
    if person is None:
        return _closed_link(proposal_links.read_link(records(), number))
    return see_other(make_link(person, person))


def _closed_link(state: LinkState) -> Page:
    used = state is LinkState.USED
    return render_template("accounts/open_closed.html", used=used), HTTPStatus.NOT_FOUND


def _no_link(*_: object, **__: object) -> Response:
    """Links for a password come from an administrator, so there is no form that asks for one."""
    return see_other(url_for("security.login"))


def _serve_signed_out_only(view: authorization.View) -> authorization.View:
    """A view for people who are not signed in; the library's signs out others, even by a link."""

    @wraps(view)
    def serve(*args: object, **kwargs: object) -> object:
        return (
            see_other(url_for("own_account.page"))
            if authorization.person()
            else view(*args, **kwargs)
        )

    return cast("authorization.View", serve)


def _person_name() -> str:
    found = authorization.person()
    return found.name if found else ""


def _casework_links() -> list[tuple[str, str]]:
    """The places that are open to the person."""
    return [
        (at, gettext(words))
        for at, words, permission in PLACES
        if authorization.actor().may(permission)
    ]


def _session_data() -> dict[str, object]:
    """The data for the script that warns."""
    left = Sessions.of_app().left(session_now())
    return {"seconds": left, "who": authorization.actor().id}


def session_now() -> OurSession:
    """The session of the request, not its proxy."""
    found = session._get_current_object()  # type: ignore[attr-defined]  # noqa: SLF001 - a proxy
    assert isinstance(found, OurSession)  # noqa: S101 - no other is opened
    return found


def _forget_pages(response: Response) -> Response:
    """At sign-out, have the browser drop every page that it keeps of us."""
    if request.endpoint == "security.logout":
        response.headers["Clear-Site-Data"] = '"cache"'
    return response


def _listen(app: Flask) -> None:
    """Record sign-ins and sign-outs, and end what has to end; changes record themselves."""
    user_logged_in.connect(_rename_session, app)
    user_logged_out.connect(_record_sign_out, app)
    signals.user_authenticated.connect(_record_sign_in, app)
    signals.user_failed_authn.connect(_record_failed_sign_in, app)
    signals.password_changed.connect(_end_sessions, app)
    signals.password_reset.connect(_end_sessions, app)


def _rename_session(*_: object, **__: object) -> None:
    """Give the session a new name at sign-in, so that nobody can know it from before."""
    session_now().fresh_name = True
    own_sessions.note_device()


def _record_sign_in(_: Flask, user: User, authn_via: list[str] | None = None, **__: Any) -> None:  # noqa: ANN401 - a signal's
    _check_account(user)
    rate_limits.know_this_browser(user)
    if authn_via != ["change"]:
        record_event(records(), user.id, EventKind.SIGNED_IN)


def _check_account(user: User) -> None:
    """Let nobody in by a password or second factor that the application did not write."""
    try:
        check_account(records(), user.id)
    except AlteredAccountError:
        session.clear()
        raise


def _record_sign_out(_: Flask, user: User | None = None, **__: Any) -> None:  # noqa: ANN401 - a signal's
    session.pop(DEVICE, None)  # with it, the server would keep a session of nobody's
    if user is not None and user.is_authenticated:
        record_event(records(), user.id, EventKind.SIGNED_OUT)


def _record_failed_sign_in(_: Flask, user: User, **__: Any) -> None:  # noqa: ANN401 - a signal's
    record_event(records(), user.id, EventKind.SIGN_IN_FAILED)


def _end_sessions(_: Flask, user: User, **__: Any) -> None:  # noqa: ANN401 - a signal's
    """All sessions of the person end; the one that changed the password is just getting a name."""
    with records().database.writing() as writing:
        writing.execute(delete(SessionRow).where(SessionRow.user_id == user.id))
        forget_browsers(writing, user.id)
    rate_limits.know_this_browser(user)  # by the old password, or by a link of an administrator's
    session_now().fresh_name = True
