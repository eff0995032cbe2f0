"""Limits on wrong tries to sign in, which keep nobody from their work.

Wrong tries in a known browser, which the person has signed in with before, count for that browser
alone. Tries in all other browsers count together for the account. So guessing is slow, however many
places it comes from, and people with a known browser or a passkey can still sign in. A passkey
cannot be guessed, and is not counted.

Tries from one place count together too, against guessing one password at many accounts. Once that
limit is reached, all tries but right ones are refused, and few are let through at each account
are judged. So nobody at the address of a hospital keeps the others there out, and a guesser learns
nothing from a refusal: every wrong try is refused alike and costs the same, whether it was judged,
and whether there is such an account.

At a link for a password, only its code can be guessed. Wrong tries there count for the link alone,
wherever they come from, so that nobody keeps others at the same address from their own links. A
link that nobody made cannot be guessed either, and is not counted.
"""

import datetime as dt
import hashlib
import hmac
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial, wraps
from http import HTTPStatus
from typing import cast

from flask import Flask, current_app, g, request, session
from flask_security.utils import hash_password
from itsdangerous import BadSignature, Signer
from sqlalchemy import ColumnElement, select
from werkzeug.exceptions import TooManyRequests
from werkzeug.wrappers import Response

from screening.records.people.known_browsers import KEPT, find_known, know_browser
from screening.records.people.people import normal_email
from screening.records.people.tries import (
    Limit,
    Rate,
    TooOftenError,
    count_try,
    forget_tries,
    withdraw,
)
from screening.records.storage.account_tables import User
from screening.translation import gettext, mark, ngettext
from screening.web.accounts.authorization import View
from screening.web.accounts.client_address import place_of_request
from screening.web.accounts.flask_security import MOST_READ, derive_key
from screening.web.accounts.sessions import prefixed
from screening.web.shell.context import records

COOKIE = "screening-browser"
MINUTE, HOUR, DAY = (dt.timedelta(minutes=each) for each in (1, 60, 24 * 60))
FOR_ONE_BROWSER = (Rate(5, MINUTE), Rate(20, HOUR), Rate(100, DAY))
"""For one account in a browser that it is known in; also for one account from one place."""
FOR_ONE_ACCOUNT = (Rate(30, HOUR), Rate(100, DAY))
"""From all other browsers and all places together."""
FROM_ONE_PLACE = (Rate(60, MINUTE), Rate(600, HOUR))
"""For all accounts: a hospital has one address, and some of its people mistype."""
FROM_A_FULL_PLACE = (Rate(3, HOUR), Rate(10, DAY))
"""For one account, once the limit of its place is reached; earlier tries there count as well."""
FOR_ONE_LINK = (Rate(30, MINUTE), Rate(300, HOUR))
"""Wherever the tries come from; its code has 31 to the power of 10 possible values."""
WITH_PASSWORD = ("security.login", "security.verify", "security.change_password")
WITH_CODE = (
    "security.two_factor_token_validation",
    "security.two_factor_setup_validate",
    "security.mf_recovery",
)
WITH_LINK = ("security.reset_password", "own_account.make_first_account", "own_account.open_link")
FAILURES = frozenset({HTTPStatus.OK, HTTPStatus.UNPROCESSABLE_ENTITY})
"""The answer to a try that failed: the same page again. One that succeeded leads elsewhere."""
WAIT = mark("There were too many wrong tries. Try again in {minutes}.")
OTHER_WAYS = mark(
    "You can sign in now with a passkey, or in a browser that you have signed in with before."
)
FULL = {
    "password": mark(
        "Too many wrong passwords were typed on your network. You can still sign in here, but only"
        " {hourly} tries an hour and {daily} a day at your account are judged. After that, even the"
        " right password is refused until the hour or the day is over."
    ),
    "code": mark(
        "Too many wrong codes were typed on your network. You can still sign in here, but only"
        " {hourly} tries an hour and {daily} a day at your account are judged. After that, even the"
        " right code is refused until the hour or the day is over."
    ),
}
LINK = mark("If you cannot wait, ask an administrator for a link.")


@dataclass(frozen=True, slots=True)
class Account:
    """The account of a try: the address as it is kept, and the number if there is an account."""

    email: str
    id: int | None


def init_app(app: Flask) -> None:
    """Limit the pages of an application on which something can be guessed."""
    app.config.setdefault("COUNT_TRIES", True)
    for kind, endpoints in (("password", WITH_PASSWORD), ("code", WITH_CODE), ("link", WITH_LINK)):
        for endpoint in endpoints:
            app.view_functions[endpoint] = _limit(app.view_functions[endpoint], kind)
    app.after_request(_name_browser)


def know_this_browser(user: User) -> None:
    """Know the browser for a person from now on, and forget the person's wrong tries in it.

    Until now, those of a new browser were counted with those of others at its address. Those of a
    known one were not: somebody who guesses beside it gains nothing when its person signs in.
    """
    browser = _browser()
    is_new = browser is None or find_known(records(), browser, user.id) is None
    g.known_browser = know_browser(records(), browser, user.id)
    known = find_known(records(), g.known_browser, user.id)
    places = (known, place_of_request()) if is_new else (known,)
    tried = [(kind, where) for kind in ("password", "code") for where in places]
    forget_tries(records(), [limit_key(kind, where, user.email) for kind, where in tried])


def _limit(view: View, kind: str) -> View:
    """A view whose failures are counted, by all of its kind together."""

    @wraps(view)
    def limit(*args: object, **kwargs: object) -> object:
        counts = current_app.config["COUNT_TRIES"] and request.method == "POST"
        if not counts or _is_empty():
            return view(*args, **kwargs)
        limits = _limits(kind)
        judged = partial(view, *args, **kwargs)
        try:
            tried = count_try(records(), limits)
        except TooOftenError as error:
            if kind != "link" and limit_key(kind, place_of_request()) in error.keys:
                return _answer_full_place(judged, kind, limits, error.wait)
            raise _refusal(error.wait, kind, known=len(limits) == 1) from error
        return _count_result(judged, tried)

    return cast("View", limit)


def _is_empty() -> bool:
    """True if somebody sent the form of a code without one: that guesses nothing."""
    code = request.endpoint in WITH_CODE or request.endpoint == "own_account.open_link"
    return code and not request.form.get("code", "").strip()


def _count_result(judged: Callable[[], object], tried: str) -> Response:
    """The answer of a view; a try that was right is counted no longer."""
    response = current_app.make_response(cast("Response", judged()))
    if response.status_code not in FAILURES:
        withdraw(records(), tried)
    return response


def _answer_full_place(
    judged: Callable[[], object], kind: str, limits: Sequence[Limit], wait: dt.timedelta
) -> Response:
    """The answer to a try from where too many were wrong: the view's if it is right.

    Raises:
        TooManyRequests: if it is wrong, or is one too many at this account.
    """
    place, here, everywhere = limits
    try:
        tried = count_try(records(), [Limit(here.key, FROM_A_FULL_PLACE), everywhere])
    except TooOftenError:
        _cost_the_same(place)
    else:
        g.from_a_full_place = True
        response = _count_result(judged, tried)
        if response.status_code not in FAILURES:
            return response
        if _account().id is None:
            withdraw(records(), tried)
    raise _refusal(wait, kind, known=False, said=_full(kind))


def _cost_the_same(place: Limit) -> None:
    """Do for a try that is not judged what is done for one that is: hash, and write twice."""
    withdraw(records(), count_try(records(), [Limit(place.key, ())]))
    hash_password(request.form.get("password", "")[:MOST_READ])


def _limits(kind: str) -> Sequence[Limit]:
    """The limits of a try that is made now; one alone if it is made in a known browser."""
    if kind == "link":
        return [Limit(limit_key(kind, *(request.view_args or {}).values()), FOR_ONE_LINK)]
    place = place_of_request()
    account, browser = _account(), _browser()
    if account.id is not None and browser is not None:
        known = find_known(records(), browser, account.id)
        if known is not None:
            return [Limit(limit_key(kind, known, account.email), FOR_ONE_BROWSER)]
    return [
        Limit(limit_key(kind, place), FROM_ONE_PLACE),
        Limit(limit_key(kind, place, account.email), FOR_ONE_BROWSER),
        Limit(limit_key(kind, "", account.email), FOR_ONE_ACCOUNT),
    ]


def _refusal(wait: dt.timedelta, kind: str, *, known: bool, said: str = "") -> TooManyRequests:
    """Says how long to wait, and what can be done meanwhile."""
    seconds = math.ceil(wait.total_seconds())
    sentences = [said or _wait(math.ceil(seconds / 60))]
    if kind != "link":
        sentences += [gettext(each) for each in ((LINK,) if known else (OTHER_WAYS, LINK))]
    return TooManyRequests(" ".join(sentences), retry_after=seconds)


def _wait(minutes: int) -> str:
    return gettext(WAIT, minutes=ngettext("a minute", "{count} minutes", minutes))


def _full(kind: str) -> str:
    hour, day = FROM_A_FULL_PLACE
    return gettext(FULL[kind], hourly=hour.most, daily=day.most)


def _account() -> Account:
    """The tried account: on the sign-in page the one typed, else the one the session knows."""
    if request.endpoint == "security.login":
        email = normal_email(request.form.get("email", ""))
        found = _account_of(User.email == email)
        return found or Account(email, None)
    known = str(session.get("_user_id") or session.get("tf_user_id") or "")
    return _account_of(User.fs_uniquifier == known) or Account("", None)


def _account_of(condition: ColumnElement[bool]) -> Account | None:
    with records().database.reading() as reading:
        found = reading.execute(select(User.email, User.id).where(condition)).first()
    return Account(found.email, found.id) if found else None


def _browser() -> str | None:
    """The content of the cookie of a browser of ours; None without one that we signed."""
    if "known_browser" in g:
        return cast("str", g.known_browser)
    try:
        signed = request.cookies.get(prefixed(current_app, COOKIE), "")
        return _signer().unsign(signed).decode()
    except BadSignature:
        return None


def _name_browser(response: Response) -> Response:
    """Give a browser that somebody has just signed in with its new name."""
    name = g.pop("known_browser", None)
    if name is not None:
        response.set_cookie(
            prefixed(current_app, COOKIE),
            _signer().sign(name).decode(),
            max_age=KEPT,
            httponly=True,
            secure=current_app.config["SESSION_COOKIE_SECURE"],
            samesite="Lax",
        )
    return response


def _signer() -> Signer:
    secret = derive_key(str(current_app.config["SECRET_KEY"]), "browser")
    return Signer(secret, digest_method=hashlib.sha256)


def limit_key(*parts: str | None) -> str:
    """A keyed hash, from which nobody can find an address without the secret."""
    secret = derive_key(str(current_app.config["SECRET_KEY"]), "tries")
    return hmac.digest(
        secret, "\0".join(map(str, parts)).encode("utf-8", "surrogatepass"), "sha256"
    ).hex()
