"""The organisation's own provider of sign-in, where the settings name one.

Without one, nothing of what speaks to a provider is loaded.
"""

import os
from importlib import import_module

from flask import Flask, current_app

from screening.translation import gettext, mark
from screening.web.accounts.oidc_claims import read_domains

SETTINGS = (
    *("OIDC_ISSUER", "OIDC_CLIENT_ID", "OIDC_CLIENT_SECRET", "OIDC_NAME"),
    "OIDC_DOMAINS",  # whose addresses an issuer of one organisation need not call verified
)
YOURS = mark("your organisation")


def provider_name() -> str:
    """The name of the provider on pages; empty if there is none."""
    name = current_app.config.get("OIDC_NAME") or ""
    return gettext(name) if name == YOURS else str(name)


def init_app(app: Flask) -> None:
    """Let people sign in through the provider that the settings name, if they do."""
    for name in SETTINGS:
        app.config.setdefault(name, os.environ.get(f"SCREENING_{name}"))
    if not app.config["OIDC_ISSUER"]:
        app.config["OIDC_NAME"] = None
        return
    app.config["OIDC_NAME"] = app.config["OIDC_NAME"] or YOURS
    issuer = str(app.config["OIDC_ISSUER"]).rstrip("/")
    app.config["OIDC_DOMAINS"] = read_domains(app.config["OIDC_DOMAINS"] or "", issuer)
    import_module("screening.web.accounts.oidc").init_app(app, issuer)
