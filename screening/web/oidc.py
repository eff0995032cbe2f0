"""Sign-in through an organisation's own provider by OpenID Connect, where the settings name one.

It opens accounts that are there, and makes none: an administrator decides who works here. A person
is known by the e-mail address, which the provider must have verified.
"""

import logging
import os
from typing import Any, cast

from authlib.common.errors import AuthlibBaseError
from authlib.integrations.flask_client import OAuth
from flask import Blueprint, Flask, current_app, flash, redirect, request, session, url_for
from flask_security.proxies import _datastore, _security
from flask_security.utils import login_user, validate_redirect_url
from joserfc.errors import JoseError
from requests import RequestException
from werkzeug.wrappers import Response

from screening.records.people import normal_email
from screening.web import gate

SETTINGS = ("OIDC_ISSUER", "OIDC_CLIENT_ID", "OIDC_CLIENT_SECRET", "OIDC_NAME")
SECONDS = 10
FAILURES = (AuthlibBaseError, JoseError, RequestException, ValueError, KeyError)
"""What a provider that is down, strange or not the one we know makes its library raise."""
NEXT = "oidc_next"
log = logging.getLogger(__name__)


def init_app(app: Flask) -> None:
    """Let people sign in through the provider that the settings name, if they do."""
    for name in SETTINGS:
        app.config.setdefault(name, os.environ.get(f"SCREENING_{name}"))
    if not app.config["OIDC_ISSUER"]:
        app.config["OIDC_NAME"] = None
        return
    app.config["OIDC_NAME"] = app.config["OIDC_NAME"] or "your organisation"
    issuer = str(app.config["OIDC_ISSUER"]).rstrip("/")
    OAuth(app).register(
        "oidc",
        client_id=app.config["OIDC_CLIENT_ID"],
        client_secret=app.config["OIDC_CLIENT_SECRET"],
        server_metadata_url=f"{issuer}/.well-known/openid-configuration",
        client_kwargs={
            "scope": "openid email",
            "code_challenge_method": "S256",
            "timeout": SECONDS,
        },
    )
    app.register_blueprint(_blueprint())


def _blueprint() -> Blueprint:
    """The pages, made for each application: without a provider there are none."""
    blueprint = Blueprint("oidc", __name__, url_prefix="/account/oidc")
    blueprint.get("/")(leave)
    blueprint.get("/back")(back)
    return blueprint


@gate.public
def leave() -> Response:
    """Lead to the provider."""
    following = request.args.get("next", "")
    session[NEXT] = following if following and validate_redirect_url(following) else ""
    try:
        return cast("Response", _provider().authorize_redirect(_address()))
    except FAILURES as error:
        return _refuse(type(error).__name__)


@gate.public
def back() -> Response:
    """Sign in whom the provider vouches for, if there is an active account with the address."""
    following = session.pop(NEXT, "")
    try:
        token = _provider().authorize_access_token()
    except FAILURES as error:
        return _refuse(type(error).__name__)
    claims: dict[str, Any] = token.get("userinfo") or {}
    if claims.get("email_verified") is not True or not claims.get("email"):
        return _refuse("address not verified")
    user = _datastore.find_user(email=normal_email(str(claims["email"])))
    if user is None or not user.active:
        return _refuse("no active account")
    asked = _security.two_factor_plugins.tf_enter(
        user, remember_me=False, primary_authn_via="oidc", next_loc=following or None
    )
    if asked:
        return cast("Response", asked)
    login_user(user, remember=False, authn_via=["oidc"])
    return redirect(following or url_for("accounts.start"), 303)


def _provider() -> Any:  # noqa: ANN401 - the library has no types
    return current_app.extensions["authlib.integrations.flask_client"].oidc


def _address() -> str:
    return url_for("oidc.back", _external=True)


def _refuse(reason: str) -> Response:
    """Say no more than that it did not work, and keep the reason for the log."""
    log.warning("sign-in through the provider failed: %s", reason)
    flash(
        "That sign-in did not work here. If it should, ask an administrator of this service.",
        "error",
    )
    return redirect(url_for("security.login"), 303)
