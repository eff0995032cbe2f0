"""Setting up the authenticator app: one key until its first code is right, then recovery codes.

The library makes a new key for each try. The app on the phone then keeps the key that it has
scanned, and no code of it is ever right.
"""

from functools import wraps
from typing import Any, cast

from flask import (
    Flask,
    flash,
    g,
    make_response,
    render_template,
    request,
    session,
    url_for,
)
from flask_login import user_logged_in
from flask_security.forms import TwoFactorVerifyCodeForm
from flask_security.proxies import _security
from flask_security.recovery_codes import MfRecoveryForm
from flask_security.utils import get_message, validate_redirect_url
from werkzeug.wrappers import Response

from screening.records.storage.account_tables import User
from screening.translation import mark
from screening.web.accounts.authorization import View, person
from screening.web.accounts.forms import RequiredField
from screening.web.shell.responses import see_other

AT_SIGN_IN = "security.two_factor_token_validation"
IN_ACCOUNT = "security.two_factor_setup_validate"
PENDING = "validating_profile"
_PART = 4
"""Letters and digits between the hyphens of a recovery code."""


def _plain_code(typed: object) -> object:
    """A recovery code as it is kept, in whatever way somebody typed it."""
    if not isinstance(typed, str):
        return typed
    letters = "".join(each for each in typed.casefold() if each.isalnum())
    return "-".join(letters[at : at + _PART] for at in range(0, len(letters), _PART))


class RecoveryForm(MfRecoveryForm):
    """The form that takes a recovery code."""

    code = RequiredField(mark("Enter a recovery code"), filters=[_plain_code])


class CodeForm(TwoFactorVerifyCodeForm):
    """The form with a code of the app; what it found is for the view around the library's."""

    code = RequiredField(mark("Enter the code from the app"))

    def validate(self, **kwargs: Any) -> bool:  # noqa: ANN401 - as inherited
        """True if the code is right."""
        g.code_form = self
        return bool(super().validate(**kwargs))


def init_app(app: Flask) -> None:
    """Let the library's views keep the key of a set-up, and lead to the recovery codes after it."""
    for endpoint in (AT_SIGN_IN, IN_ACCOUNT):
        app.view_functions[endpoint] = _keep_key(app.view_functions[endpoint])
    app.jinja_env.globals["after_recovery_codes"] = _page_after_recovery_codes
    user_logged_in.connect(_forget_key, app)


def pending_key() -> str | None:
    """The key of the set-up that was begun in this session and not finished, encrypted."""
    return session.get("tf_totp_secret") if session.get("tf_state") == PENDING else None


def _keep_key(view: View) -> View:
    """A view that takes a code; at a set-up a wrong one is answered by the same key again."""

    @wraps(view)
    def keep(*args: object, **kwargs: object) -> object:
        setting_up = pending_key() is not None or request.endpoint == IN_ACCOUNT
        answer = make_response(cast("Response", view(*args, **kwargs)))
        form = g.pop("code_form", None)
        if form is None or not setting_up:
            return answer
        return _show_same_key(form) if form.errors else _lead_to_recovery_codes(answer)

    return cast("View", keep)


def _show_same_key(form: CodeForm) -> str:
    """The page of the set-up with what is wrong, which the library says elsewhere."""
    session.pop("_flashes", None)
    values = _security.totp_factory.fetch_setup_values(form.tf_totp_secret, cast("User", form.user))
    return render_template(
        "accounts/codes.html",
        two_factor_verify_code_form=form,
        chosen_method=form.primary_method,
        changing=person() is not None,
        state_token=(request.view_args or {}).get("token"),
        authr_qrcode=values["image"],
        authr_key=values["key"],
        authr_username=values["username"],
    )


def _lead_to_recovery_codes(answer: Response) -> Response:
    """The next page after setting up the app; from there on to where the person was going."""
    session.pop("_flashes", None)  # it may only say that they are signed in
    flash(*get_message("TWO_FACTOR_CHANGE_METHOD_SUCCESSFUL"))
    return see_other(url_for("security.mf_recovery_codes", next=answer.location))


def _page_after_recovery_codes() -> str:
    """The page after the recovery codes: a place of ours, by default one's own account."""
    wanted = request.args.get("next", "")
    ours = wanted.startswith("/") and validate_redirect_url(wanted)
    return wanted if ours else url_for("own_account.page")


def _forget_key(*_: object, **__: object) -> None:
    """At sign-in: the key that somebody else has seen in this session is nobody's."""
    session.pop("tf_totp_secret", None)
