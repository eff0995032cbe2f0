"""Sign-in through an organisation's own provider by OpenID Connect.

It opens accounts that are there, and makes none: an administrator decides who works here. A person
is known by issuer and subject. These are linked to the account when the person first comes with the
account's verified email address, or by the one-time link that an administrator makes.
"""

import logging
from collections.abc import Mapping
from typing import Any, cast

from authlib.common.errors import AuthlibBaseError
from authlib.integrations.flask_client import FlaskOAuth2App, OAuth
from authlib.integrations.requests_client import OAuth2Session
from flask import Blueprint, Flask, current_app, flash, request, session, url_for
from flask_security.proxies import _datastore, _security
from flask_security.recoverable import reset_password_token_status
from flask_security.utils import login_user, validate_redirect_url
from joserfc.errors import JoseError
from requests import RequestException
from sqlalchemy.orm import object_session
from werkzeug.wrappers import Response

from screening.records.people.identities import (
    Identity,
    LinkedError,
    find_account,
    link_invited,
    link_verified,
)
from screening.records.storage.account_tables import User
from screening.translation import gettext, mark
from screening.web.accounts import authorization
from screening.web.accounts.oidc_claims import identity_of, verified_address
from screening.web.shell.context import records
from screening.web.shell.responses import see_other

SECONDS = 10
FAILURES = (AuthlibBaseError, JoseError, RequestException, ValueError, KeyError)
"""The errors of its library if a provider is down, strange or not the one we know."""
NEXT, INVITED = "oidc_next", "oidc_invited"
log = logging.getLogger(__name__)


class WithoutRedirects(OAuth2Session):  # type: ignore[misc]  # the library has no types
    """Asks the provider at the addresses that it named, and is led nowhere else."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 - as inherited
        """Take what the library gives."""
        super().__init__(*args, **kwargs)
        self.max_redirects = 0


class OneIssuer(FlaskOAuth2App):  # type: ignore[misc]  # the same
    """The provider of the settings, who cannot pass for another one."""

    client_cls = WithoutRedirects

    def load_server_metadata(self) -> dict[str, Any]:
        """The provider's description of itself.

        Raises:
            ValueError: if it names another issuer than the settings do.
        """
        found: dict[str, Any] = super().load_server_metadata()
        wanted = str(current_app.config["OIDC_ISSUER"]).rstrip("/")
        if str(found.get("issuer")).rstrip("/") != wanted:
            raise ValueError(wanted)
        return found


def init_app(app: Flask, issuer: str) -> None:
    """Let people sign in through a provider."""
    OAuth(app).register(
        "oidc",
        client_cls=OneIssuer,
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
    blueprint.get("/back")(come_back)
    blueprint.post("/link/<token>")(accept)
    return blueprint


@authorization.public
def leave() -> Response:
    """Lead to the provider."""
    session[INVITED] = ""
    return _leave(request.args.get("next", ""))


@authorization.public
def accept(token: str) -> Response:
    """Lead to the provider by a one-time link, which then belongs to the person who comes back."""
    if _find_invited(token) is None:
        return _refuse("the link does not work")
    session[INVITED] = token
    return _leave("")


@authorization.public
def come_back() -> Response:
    """Sign in whom the provider vouches for, if there is an active account."""
    following, token = session.pop(NEXT, ""), session.pop(INVITED, "")
    try:
        answer = _provider().authorize_access_token()
    except FAILURES as error:
        return _refuse(type(error).__name__)
    try:
        user = _account(answer.get("userinfo") or {}, token)
    except LinkedError:
        return _refuse("linked otherwise")
    if user is None or not user.active:
        return _refuse("no active account")
    asked = _security.two_factor_plugins.tf_enter(
        user, remember_me=False, primary_authn_via="oidc", next_loc=following or None
    )
    if asked:
        return cast("Response", asked)
    login_user(user, remember=False, authn_via=["oidc"])
    return see_other(following or url_for("own_account.start"))


def _leave(following: str) -> Response:
    session[NEXT] = following if following and validate_redirect_url(following) else ""
    try:
        return cast("Response", _provider().authorize_redirect(_address()))
    except FAILURES as error:
        return _refuse(type(error).__name__)


def _account(claims: Mapping[str, Any], token: str) -> User | None:
    """The account that an identity is linked to, or is linked to from now on.

    Raises:
        LinkedError: if the account or the identity is linked to another.
    """
    identity = identity_of(claims)
    if identity is None:
        return None
    if token:
        invited = _find_invited(token)
        if invited is not None:
            link_invited(records(), identity, invited)
        return _user(invited)
    linked = find_account(records(), identity)
    return _user(linked) if linked else _link_first_time(identity, claims)


def _link_first_time(identity: Identity, claims: Mapping[str, Any]) -> User | None:
    """The active account with the verified address, which is linked by that."""
    address = verified_address(claims, current_app.config["OIDC_DOMAINS"])
    user = _datastore.find_user(email=address) if address else None
    if user is None or not user.active:
        return None
    link_verified(records(), identity, user.id)
    return cast("User", user)


def _find_invited(token: str) -> int | None:
    """The number of the active account that a one-time link is for."""
    expired, invalid, user = reset_password_token_status(token)  # type: ignore[no-untyped-call]  # no types
    return user.id if user and user.active and not (expired or invalid) else None


def _user(number: int | None) -> User | None:
    """An account as it is now, whatever this request has read of it before."""
    found = cast("User | None", _datastore.find_user(id=number) if number else None)
    if found is not None and (held := object_session(found)):
        held.refresh(found)
    return found


def _provider() -> Any:  # noqa: ANN401 - the library has no types
    return current_app.extensions["authlib.integrations.flask_client"].oidc


def _address() -> str:
    return url_for("oidc.come_back", _external=True)


def _refuse(reason: str) -> Response:
    """Say no more than that it did not work, and keep the reason for the log."""
    log.warning("sign-in through the provider failed: %s", reason)
    message = mark(
        "That sign-in did not work here. If it should, ask an administrator of this service."
    )
    flash(gettext(message), "error")
    return see_other(url_for("security.login"))
