"""Accounts: Flask-Security, dressed in our pages. Nobody registers, and no e-mail is ever sent."""

import datetime as dt
from typing import Any

from argon2 import PasswordHasher
from flask import Blueprint, Flask, g, redirect, render_template, session, url_for
from flask_login import user_logged_in
from flask_security.core import Security
from flask_security.datastore import SQLAlchemySessionUserDatastore
from flask_security.mail_util import MailUtil
from sqlalchemy.orm import Session, scoped_session, sessionmaker
from werkzeug.wrappers import Response

from screening.records.access import Permission
from screening.records.accounts import Role, User, WebAuthn
from screening.records.people import HASHER, normal_email
from screening.records.store import Records
from screening.web import gate
from screening.web.gate import Mark
from screening.web.sessions import Sessions

blueprint = Blueprint("accounts", __name__, url_prefix="/account")

MARKS = {
    "security.login": Mark.PUBLIC,
    "security.logout": Mark.PUBLIC,
    "security.static": Mark.NOT_SERVED,
}


PLACES = (
    ("/work/", "Worklist", Permission.VIEW),
    ("/work/chase", "Chase list", Permission.VIEW),
    ("/work/import", "Import", Permission.SCREEN),
    ("/people/", "People", Permission.ADMINISTER),
)


class NoMail(MailUtil):
    """Reads addresses, and sends nothing."""

    def send_mail(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 - as inherited
        """Send nothing."""

    def normalize(self, email: str) -> str:
        """The form in which an address is kept."""
        return normal_email(email)

    def validate(self, email: str) -> str:
        """The form in which an address is kept."""
        return normal_email(email)


def init_app(app: Flask, records: Records) -> None:
    """Give an application accounts, sessions and the gate."""
    app.config.update({**_settings(app), **{k: v for k, v in app.config.items() if v is not None}})
    app.session_interface = Sessions(app, records)
    gate.init_app(app, MARKS)
    people = _people(app, records)
    store = SQLAlchemySessionUserDatastore(people, User, Role, WebAuthn)
    security = Security(mail_util_cls=NoMail)
    security.init_app(app, store)
    security.want_json(lambda _: False)
    security.login_manager.request_loader(lambda _: None)  # no token but a session's
    user_logged_in.connect(_rename, app)
    app.jinja_env.globals.update(
        signed_in_as=_signed_in_as,
        casework_door=lambda: [("security.login", "Sign in")],
        casework_links=_casework_links,
        session_ends=lambda: "",
    )


@blueprint.get("/")
@gate.signed_in
def own() -> str:
    """One's own account."""
    return render_template("account/own.html")


@blueprint.get("/start")
@gate.signed_in
def start() -> Response:
    """Where work begins after sign-in: the first place in the header."""
    links = _casework_links()
    return redirect(links[0][0] if links else url_for("accounts.own"), 303)


def _signed_in_as() -> str:
    found = gate.person()
    return found.name if found else ""


def _casework_links() -> list[tuple[str, str]]:
    """The places that are open to who is signed in."""
    return [(at, words) for at, words, permission in PLACES if gate.actor().may(permission)]


def _rename(*_: object, **__: object) -> None:
    """Give the session a new name at sign-in, so that nobody can know it from before."""
    session.fresh_name = True


def _people(app: Flask, records: Records) -> "scoped_session[Session]":
    """One session for each request, which holds no transaction between its statements."""
    engine = records.database.engine.execution_options(isolation_level="AUTOCOMMIT")
    people = scoped_session(
        sessionmaker(engine, expire_on_commit=False), lambda: id(g._get_current_object())
    )
    app.teardown_appcontext(lambda _: people.remove())
    return people


def _settings(app: Flask) -> dict[str, Any]:
    hasher: PasswordHasher = app.config.get("ARGON2", HASHER)
    return {
        "SESSION_IDLE": dt.timedelta(minutes=15),
        "SESSION_LONGEST": dt.timedelta(hours=8),
        "SESSION_PROTECTION": None,  # its mark of the browser's address fails on a mobile network
        "SECURITY_URL_PREFIX": "/account",
        "SECURITY_LOGIN_URL": "/sign-in",
        "SECURITY_LOGOUT_URL": "/sign-out",
        "SECURITY_POST_LOGIN_VIEW": "/account/start",
        "SECURITY_POST_LOGOUT_VIEW": "/account/sign-in",
        "SECURITY_LOGIN_USER_TEMPLATE": "account/sign_in.html",
        "SECURITY_PASSWORD_SCHEMES": ["argon2"],
        "SECURITY_PASSWORD_SINGLE_HASH": {"argon2"},
        "SECURITY_DEPRECATED_PASSWORD_SCHEMES": [],
        "SECURITY_PASSWORD_HASH_PASSLIB_OPTIONS": {
            "argon2__time_cost": hasher.time_cost,
            "argon2__memory_cost": hasher.memory_cost,
            "argon2__parallelism": hasher.parallelism,
        },
        "SECURITY_RETURN_GENERIC_RESPONSES": True,
        "SECURITY_LOGOUT_CSRF": True,
    }
