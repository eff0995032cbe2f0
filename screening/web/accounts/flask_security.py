"""Flask-Security, set up for us: passwords, second factors, passkeys; nobody registers."""

import datetime as dt
import hashlib
import hmac
import os
import unicodedata
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from functools import cache
from typing import Any, cast

import segno
from flask import Flask, g, session
from flask_security.babel import FsDomain
from flask_security.core import Security, UserMixin
from flask_security.datastore import SQLAlchemySessionUserDatastore
from flask_security.forms import LoginForm, TwoFactorRescueForm, TwoFactorSetupForm
from flask_security.mail_util import MailUtil
from flask_security.password_util import PasswordUtil
from flask_security.recovery_codes import MfRecoveryCodesUtil
from flask_security.totp import Totp
from flask_security.webauthn import WebAuthnRegisterForm
from flask_security.webauthn_util import WebauthnUtil
from markupsafe import Markup
from sqlalchemy import Select, bindparam, select
from sqlalchemy.orm import Session, joinedload, scoped_session, sessionmaker
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)
from wtforms import RadioField

from screening.records.ledger.events import NOBODY, EventKind, record_event
from screening.records.ledger.records import Records
from screening.records.people.passwords import HASHER, password_problem
from screening.records.people.people import normal_email
from screening.records.people.totp_replay import use_code
from screening.records.storage.account_tables import Role, User, WebAuthn
from screening.records.verification.accounts import check_account
from screening.translation import gettext, mark
from screening.web.accounts.authenticator_setup import CodeForm, RecoveryForm, pending_key
from screening.web.accounts.messages import MESSAGES
from screening.web.accounts.sessions import OurSession
from screening.web.shell.context import records
from screening.web.shell.templating import NAME

CODE_SECONDS = 30
LONGEST_NAME = 64
MOST_READ = 4_000
"""Of what is typed as a password; more cannot be hashed, and no password is as long."""


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


class PasswordRules(PasswordUtil):
    """The rule for a new password."""

    def normalize(self, password: str) -> str:
        """The form in which a password is compared; the end of an endless one is left out."""
        return str(super().normalize(password[:MOST_READ]))

    def validate(
        self,
        password: str,
        is_register: bool,  # noqa: ARG002, FBT001 - as inherited
        **kwargs: Any,  # noqa: ANN401 - the same
    ) -> tuple[list[str] | None, str]:
        """The fault of a password, and its kept form."""
        kept, user = self.normalize(password), kwargs.get("user")
        person = (user.email, user.name) if isinstance(user, User) else ("", "")
        problem = password_problem(kept, *person)
        return ([problem] if problem else None), kept


class Codes(Totp):
    """Codes of an authenticator app, each of which opens the door once."""

    def generate_totp_secret(self) -> str:
        """A new key, or the one whose set-up was begun and not finished."""
        return pending_key() or str(super().generate_totp_secret())

    def verify_totp(self, token: str, totp_secret: str, user: UserMixin, window: int = 0) -> bool:
        """True if a code is right, and was not used before."""
        try:
            match = self._totp.verify(token, totp_secret, window=window)
        except ValueError:  # passlib's errors are such, whatever is wrong
            return False
        mark = hashlib.sha256(self.get_totp_b32_key(totp_secret).encode()).hexdigest()
        return use_code(records(), user.id, f"totp-{mark[:32]}", match.counter)

    def generate_qrcode(self, username: str, totp: str) -> str:
        """The address of a secret as a drawing, to stand in the page itself."""
        code = segno.make(self.get_totp_uri(username, totp), error="m")
        drawn: str = code.svg_inline(scale=5, border=4, svgclass="qr", lineclass="qr__line")
        return Markup(drawn)  # noqa: S704 - a drawing of ours, of nothing but squares


class Passkeys(WebauthnUtil):
    """Passkeys that find their person by themselves, and ask for a finger or a PIN."""

    def authenticator_selection(
        self,
        user: UserMixin,  # noqa: ARG002 - as inherited
        usage: str,  # noqa: ARG002 - the same
    ) -> AuthenticatorSelectionCriteria:
        """The kind of passkey that may be added."""
        return AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED,
            user_verification=UserVerificationRequirement.REQUIRED,
        )

    def user_verification(
        self,
        user: UserMixin | None,  # noqa: ARG002 - as inherited
        usage: list[str],  # noqa: ARG002 - the same
    ) -> UserVerificationRequirement:
        """A passkey replaces password and second factor, so it has to know its person."""
        return UserVerificationRequirement.REQUIRED

    def name_svn(self, value: str) -> tuple[str | None, str | None]:
        """The fault of a passkey's name, and its kept form."""
        kept = " ".join(unicodedata.normalize("NFKC", value).split())
        if not kept.isprintable():
            return gettext("Enter a name of letters and digits"), None
        if len(kept) > LONGEST_NAME:
            message = mark("Enter a name of at most {most} characters")
            return gettext(message, most=LONGEST_NAME), None
        return None, kept


class SignInForm(LoginForm):
    """The form of the sign-in page."""

    def validate(self, **kwargs: Any) -> bool:  # noqa: ANN401 - as inherited
        """Sign in; no more of a password is read than can be hashed."""
        self.password.data = (self.password.data or "")[:MOST_READ]
        valid = bool(super().validate(**kwargs))
        if not valid and self.ifield is not None:
            self._record_unheard()
        if valid:
            user = cast("User", self.user)
            check_account(records(), user.id)
        return valid

    def _record_unheard(self) -> None:
        """Record failures that the library does not report: no such account, or an inactive one.

        Every wrong try then takes the same time: one hash of a password, and one event. From where
        there were too many, tries at no account are not recorded: they would fill the ledger.
        """
        if self.user is None and not g.get("from_a_full_place"):
            record_event(records(), NOBODY, EventKind.SIGN_IN_FAILED)
        elif self.user is not None and self.user_authenticated:
            record_event(records(), self.user.id, EventKind.SIGN_IN_FAILED)


class CodesForm(TwoFactorSetupForm):
    """The form on which codes are set up; an authenticator app is the only way."""

    setup = RadioField(choices={"authenticator": "", "disable": ""}, validate_choice=False)


class NoRescueForm(TwoFactorRescueForm):
    """A form that is on no page of ours: its ways are messages by email."""

    help_setup = RadioField(choices=[])


class PasskeyForm(WebAuthnRegisterForm):
    """The form on which a passkey is added, which is always one that opens the door alone."""

    usage = RadioField(choices={"first": ""}, default="first")


class RecoveryCodes(MfRecoveryCodesUtil):
    """Recovery codes, which are shown once: right after they are made."""

    def get_recovery_codes(self, user: UserMixin) -> list[str]:  # noqa: ARG002 - as inherited
        """None, because the library only shows what this gives; it checks codes without it."""
        return []


class Translations(FsDomain):
    """The library's messages, in the language of the request."""

    def gettext(self, string: str, **facts: Any) -> str:  # noqa: ANN401 - as inherited
        """A message with its facts, which it names as ``%(name)s``."""
        said = gettext(string)
        return said % facts if facts else said


class OurSecurity(Security):
    """Flask-Security without the modules that we do by others."""

    def _check_modules(self, module: str, config_name: str) -> bool:  # noqa: ARG002 - as inherited
        """Segno draws QR codes, and names of passkeys are escaped where they are shown."""
        return True


class Accounts(SQLAlchemySessionUserDatastore):
    """The accounts; that of a session comes in one statement, with its roles and sites."""

    def find_user(self, case_insensitive: bool = False, **kwargs: Any) -> User | None:  # noqa: ANN401, FBT001, FBT002 - as inherited
        """Find an account by one of its columns."""
        if case_insensitive or kwargs.keys() != {"fs_uniquifier"}:
            return cast("User | None", super().find_user(case_insensitive, **kwargs))
        found = self.db.session.scalars(_of_session(), kwargs).unique().first()
        return None if found is None or _is_of_another(found) else found


def _is_of_another(found: User) -> bool:
    """True if the session of this request was begun by somebody else, which its MAC covers.

    Somebody may have given the name of one account to another one in the database.
    """
    row = session.row if isinstance(session, OurSession) else None
    if row is None or row.user_id is None or session.get("_user_id") != found.fs_uniquifier:
        return False
    return row.user_id != found.id


@cache
def _of_session() -> Select[User]:
    """The account that a session names, with what every page asks of it."""
    everything = joinedload(User.roles), joinedload(User.sites)
    named = User.fs_uniquifier == bindparam("fs_uniquifier")
    return select(User).options(*everything).where(named)


def init_app(app: Flask, records: Records) -> None:
    """Give an application accounts."""
    for name, value in _settings(app).items():
        app.config.setdefault(name, value)
    for name, message in MESSAGES.items():
        app.config.setdefault(f"SECURITY_MSG_{name}", message)
    store = Accounts(_session(app, records), User, Role, WebAuthn)
    security = OurSecurity(
        mail_util_cls=NoMail,
        password_util_cls=PasswordRules,
        totp_cls=Codes,
        mf_recovery_codes_util_cls=RecoveryCodes,
        webauthn_util_cls=Passkeys,
        login_form=SignInForm,
        two_factor_setup_form=CodesForm,
        two_factor_verify_code_form=CodeForm,
        mf_recovery_form=RecoveryForm,
        two_factor_rescue_form=NoRescueForm,
        wan_register_form=PasskeyForm,
    )
    security.init_app(app, store)
    security.i18n_domain = Translations(app)  # type: ignore[no-untyped-call]  # the library's
    security.want_json(lambda _: False)
    security.login_manager.request_loader(lambda _: None)  # nobody is let in by a token


def _session(app: Flask, records: Records) -> "scoped_session[Session]":
    """One session for each request, which holds no transaction until it commits."""
    making = cast("sessionmaker[Session]", records.database.for_accounts)
    sessions = scoped_session(making, lambda: id(g._get_current_object()))  # noqa: SLF001 - a proxy
    app.teardown_appcontext(lambda _: sessions.remove())
    return sessions


def _settings(app: Flask) -> Mapping[str, object]:
    hasher = app.config.get("ARGON2", HASHER)
    secret = str(app.config["SECRET_KEY"])
    return {
        **_addresses(),
        **_templates(),
        "SESSION_PROTECTION": None,  # it compares addresses, which change on a mobile network
        "SECURITY_PASSWORD_SCHEMES": ["argon2"],
        "SECURITY_DEPRECATED_PASSWORD_SCHEMES": [],
        "SECURITY_PASSWORD_SINGLE_HASH": {"argon2"},  # a lost secret then costs no password
        "SECURITY_PASSWORD_HASH_PASSLIB_OPTIONS": {
            "argon2__type": "ID",
            "argon2__time_cost": hasher.time_cost,
            "argon2__memory_cost": hasher.memory_cost,
            "argon2__parallelism": hasher.parallelism,
        },
        "SECURITY_RETURN_GENERIC_RESPONSES": True,
        "SECURITY_API_ENABLED_METHODS": ["session"],
        "SECURITY_LOGOUT_CSRF": True,
        "SECURITY_CHANGEABLE": True,
        "SECURITY_RECOVERABLE": True,
        "SECURITY_RESET_PASSWORD_WITHIN": dt.timedelta(hours=24),
        "SECURITY_SEND_PASSWORD_CHANGE_EMAIL": False,
        "SECURITY_SEND_PASSWORD_RESET_EMAIL": False,
        "SECURITY_SEND_PASSWORD_RESET_NOTICE_EMAIL": False,
        "SECURITY_FRESHNESS": dt.timedelta(minutes=30),
        "SECURITY_FRESHNESS_GRACE_PERIOD": dt.timedelta(minutes=10),
        "SECURITY_TWO_FACTOR": True,
        "SECURITY_TWO_FACTOR_REQUIRED": _requires_second_factor(app),
        "SECURITY_TWO_FACTOR_ENABLED_METHODS": ["authenticator"],
        "SECURITY_TWO_FACTOR_RESCUE_EMAIL": False,
        "SECURITY_TWO_FACTOR_AUTHENTICATOR_VALIDITY": CODE_SECONDS,  # clocks may differ so much
        "SECURITY_TOTP_SECRETS": {"1": derive_key(secret, "totp").hex()},
        "SECURITY_TOTP_ISSUER": NAME,
        "SECURITY_MULTI_FACTOR_RECOVERY_CODES": True,
        "SECURITY_MULTI_FACTOR_RECOVERY_CODES_N": 8,
        "SECURITY_MULTI_FACTOR_RECOVERY_CODES_KEYS": [
            urlsafe_b64encode(derive_key(secret, "recovery"))
        ],
        "SECURITY_WEBAUTHN": True,
        "SECURITY_WAN_RP_NAME": NAME,
        "SECURITY_WAN_ALLOW_USER_HINTS": False,
        "SECURITY_WAN_SIGNIN_WITHIN": dt.timedelta(minutes=2),
    }


def _addresses() -> Mapping[str, object]:
    at = {
        "LOGIN": "sign-in",
        "LOGOUT": "sign-out",
        "VERIFY": "again",
        "CHANGE": "password",
        "RESET": "link",
        "TWO_FACTOR_SETUP": "codes",
        "TWO_FACTOR_TOKEN_VALIDATION": "code",
        "TWO_FACTOR_RESCUE": "rescue",
        "TWO_FACTOR_SELECT": "second",
        "MULTI_FACTOR_RECOVERY_CODES": "recovery-codes",
        "MULTI_FACTOR_RECOVERY": "recovery",
        "WAN_REGISTER": "passkeys",
        "WAN_SIGNIN": "passkey",
        "WAN_DELETE": "passkeys/remove",
        "WAN_VERIFY": "again/passkey",
    }
    after = {
        "POST_LOGIN": "/account/start",
        "POST_LOGOUT": "/account/sign-in",
        "POST_CHANGE": "/account/",
        "POST_RESET": "/account/sign-in",
        "POST_VERIFY": "/account/",
        "TWO_FACTOR_POST_SETUP": "/account/",
        "WAN_POST_REGISTER": "/account/",
    }
    return {
        "SECURITY_URL_PREFIX": "/account",
        **{f"SECURITY_{name}_URL": f"/{path}" for name, path in at.items()},
        **{f"SECURITY_{name}_VIEW": path for name, path in after.items()},
    }


def _templates() -> Mapping[str, object]:
    named = {
        "LOGIN_USER": "sign_in",
        "LOGOUT_USER": "sign_out",
        "VERIFY": "again",
        "CHANGE_PASSWORD": "password",
        "RESET_PASSWORD": "link",
        "TWO_FACTOR_SETUP": "codes",
        "TWO_FACTOR_VERIFY_CODE": "code",
        "MULTI_FACTOR_RECOVERY_CODES": "recovery_codes",
        "MULTI_FACTOR_RECOVERY": "recovery",
        "WAN_REGISTER": "passkeys",
        "WAN_SIGNIN": "passkey",
        "WAN_VERIFY": "again_passkey",
    }
    return {f"SECURITY_{name}_TEMPLATE": f"accounts/{file}.html" for name, file in named.items()}


def _requires_second_factor(app: Flask) -> bool:
    said = os.environ.get("SCREENING_REQUIRE_SECOND_FACTOR", "") not in ("", "0")
    return bool(app.config.get("REQUIRE_SECOND_FACTOR", said))


def derive_key(secret: str, purpose: str) -> bytes:
    """A key of its own for each purpose, so that none serves for another."""
    return hmac.digest(secret.encode(), f"screening {purpose}".encode(), "sha256")
