"""Flask-Security's messages, in our words. None of them shows that an account exists."""

from screening.translation import mark

WRONG = mark("The email address or the password is not right, or the account is not active")
APP_SET_UP = mark(
    "The authenticator app is set up. When you sign in with your password, you also need a code"
    " from the app."
)
MESSAGES: dict[str, tuple[str, str]] = {
    "GENERIC_AUTHN_FAILED": (WRONG, "error"),
    "DISABLED_ACCOUNT": (WRONG, "error"),
    "USER_DOES_NOT_EXIST": (WRONG, "error"),
    "INVALID_PASSWORD": (mark("The password is not right"), "error"),
    "PASSWORD_NOT_PROVIDED": (mark("Enter a password"), "error"),
    "PASSWORD_INVALID_LENGTH": (mark("Enter a password of at least 12 characters"), "error"),
    "PASSWORD_IS_THE_SAME": (mark("Enter a password that differs from the one you have"), "error"),
    "RETYPE_PASSWORD_MISMATCH": (mark("Enter the same password in both fields"), "error"),
    "EMAIL_NOT_PROVIDED": (mark("Enter your email address"), "error"),
    "INVALID_EMAIL_ADDRESS": (mark("Enter an email address"), "error"),
    "INVALID_REDIRECT": (mark("That page is on another site, so we did not open it"), "error"),
    "PASSWORD_CHANGE": (
        mark("Your password is changed. You are signed out everywhere else."),
        "success",
    ),
    "PASSWORD_RESET_NO_LOGIN": (mark("Your password is set. Sign in with it."), "success"),
    "PASSWORD_RESET_EXPIRED": (
        mark("This link is too old. Ask an administrator for a new one."),
        "error",
    ),
    "INVALID_RESET_PASSWORD_TOKEN": (
        mark("This link does not work, or was used already. Ask an administrator for a new one."),
        "error",
    ),
    "TWO_FACTOR_INVALID_TOKEN": (
        mark("The code is not right, is too old, or was used already. Enter the code shown now"),
        "error",
    ),
    "TWO_FACTOR_LOGIN_SUCCESSFUL": (mark("You are signed in."), "success"),
    "TWO_FACTOR_CHANGE_METHOD_SUCCESSFUL": (APP_SET_UP, "success"),
    "TWO_FACTOR_PERMISSION_DENIED": (mark("Start again with your password."), "error"),
    "TWO_FACTOR_METHOD_NOT_AVAILABLE": (mark("Choose one of the ways on the page"), "error"),
    "TWO_FACTOR_DISABLED": (
        mark("You no longer need a code to sign in. Only your password protects your account."),
        "success",
    ),
    "TWO_FACTOR_SETUP_EXPIRED": (mark("That took longer than %(within)s. Start again."), "error"),
    "INVALID_RECOVERY_CODE": (mark("The recovery code is not right, or was used already"), "error"),
    "NO_RECOVERY_CODES_SETUP": (mark("You have no recovery codes"), "info"),
    "REAUTHENTICATION_REQUIRED": (mark("Show that it is still you."), "info"),
    "REAUTHENTICATION_SUCCESSFUL": (mark("Thank you."), "info"),
    "UNAUTHENTICATED": (mark("Sign in to open that page."), "info"),
    "ANONYMOUS_USER_REQUIRED": (mark("You are signed in already."), "info"),
    "WEBAUTHN_EXPIRED": (mark("That took longer than %(within)s. Start again."), "error"),
    "WEBAUTHN_NAME_REQUIRED": (mark("Enter a name for the passkey"), "error"),
    "WEBAUTHN_NAME_INUSE": (mark("You have a passkey with this name; enter another"), "error"),
    "WEBAUTHN_NAME_NOT_FOUND": (mark("You have no passkey with this name"), "error"),
    "WEBAUTHN_CREDENTIAL_DELETED": (mark("The passkey “%(name)s” is removed."), "success"),
    "WEBAUTHN_REGISTER_SUCCESSFUL": (mark("The passkey “%(name)s” is added."), "success"),
    "WEBAUTHN_CREDENTIAL_ID_INUSE": (mark("This passkey was added before."), "error"),
    "WEBAUTHN_UNKNOWN_CREDENTIAL_ID": (mark("This passkey opens no account here."), "error"),
    "WEBAUTHN_ORPHAN_CREDENTIAL_ID": (mark("This passkey opens no account here."), "error"),
    "WEBAUTHN_NO_VERIFY": (mark("The passkey was not accepted. Try again."), "error"),
    "WEBAUTHN_CREDENTIAL_WRONG_USAGE": (mark("The passkey was not accepted. Try again."), "error"),
    "WEBAUTHN_MISMATCH_USER_HANDLE": (mark("The passkey was not accepted. Try again."), "error"),
    "API_ERROR": (mark("We could not read what your browser sent. Try again."), "error"),
}
