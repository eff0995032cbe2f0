"""How often one may try to sign in. What fails is counted, so that nobody is kept from work."""

from collections.abc import Callable
from typing import TYPE_CHECKING, cast

from flask import Flask, request, session
from flask_limiter import Limiter
from werkzeug.wrappers import Response

from screening.records.people import normal_email
from screening.web.places import place_of_request

if TYPE_CHECKING:
    from flask.typing import RouteCallable

Key = Callable[[], str]

FROM_ONE_PLACE = "30 per minute; 300 per hour"
FOR_ONE_ACCOUNT = "5 per minute; 20 per hour"
FOR_ONE_ACCOUNT_FROM_ANYWHERE = "60 per hour"
"""Guessing from many places is slow too, and yet nobody can be kept out for long."""

_WITH_PASSWORD = ("security.login", "security.verify", "security.change_password")
_WITH_CODE = (
    "security.two_factor_token_validation",
    "security.two_factor_setup_validate",
    "security.mf_recovery",
)
_WITH_LINK = ("security.reset_password", "accounts.first", "security.wan_signin_response")
FAILURES = frozenset({200, 404, 422})
"""What answers a try that failed: the same page again. One that succeeded leads elsewhere."""


def init_app(app: Flask) -> None:
    """Limit the pages of an application on which something can be guessed."""
    app.config.setdefault("RATELIMIT_STORAGE_URI", "memory://")
    limiter = Limiter(place_of_request, app=app)
    app.extensions["our_limiter"] = limiter  # its limits hold it by a weak reference only
    for endpoint in (*_WITH_PASSWORD, *_WITH_CODE, *_WITH_LINK):
        _limit(app, limiter, endpoint, FROM_ONE_PLACE, place_of_request)
    for endpoint in (*_WITH_PASSWORD, *_WITH_CODE):
        _limit(app, limiter, endpoint, FOR_ONE_ACCOUNT, lambda: f"{place_of_request()} {_who()}")
        _limit(app, limiter, endpoint, FOR_ONE_ACCOUNT_FROM_ANYWHERE, _who)


def _limit(app: Flask, limiter: Limiter, endpoint: str, often: str, key: Key) -> None:
    limit = limiter.shared_limit(
        often,
        scope=f"{endpoint} {often}",
        key_func=key,
        methods=["POST"],
        deduct_when=_failed,
    )
    app.view_functions[endpoint] = cast("RouteCallable", limit(app.view_functions[endpoint]))


def _failed(response: Response) -> bool:
    return response.status_code in FAILURES


def _who() -> str:
    """Whose account is tried: by the address on the form, else by what the session knows."""
    known = session.get("_user_id") or session.get("tf_user_id")
    return str(known or normal_email(request.form.get("email", "")))
