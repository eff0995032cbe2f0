"""The web application: a patient's questions, a nurse's page, and what all of it rests on."""

import os
import secrets
from importlib import import_module

from flask import Flask
from flask_wtf.csrf import CSRFProtect
from jinja2 import StrictUndefined

from screening.core.ruleset import Ruleset
from screening.errors import NoOutcomesError
from screening.records.demonstration import is_demonstration
from screening.records.rulefiles import load_ruleset
from screening.records.store import Records
from screening.resources import rules_folder, templates_folder
from screening.web import (
    addresses,
    clock,
    headers,
    logs,
    nurse,
    pages,
    patient,
    problems,
    reference,
    rulebook,
    viewing,
)
from screening.web.desk import Desk

MAX_BODY = 64 * 1024  # a questionnaire fills about 5 KiB
LONG = 365 * 24 * 3600
CASEWORK = (
    *("people", "proposing", "rightschanges", "accessreviewing", "health", "metrics"),
    *("worklist", "referral", "closing", "handingover", "chase", "importing", "export"),
    *("case", "casehistory", "missing", "assessing", "letter"),
    *("audit", "audittrace", "auditledger", "auditimpact"),
    *("numbers", "breakglass", "versions", "ownsessions"),
)
"""The modules with a ``blueprint`` that need records. Without records none of them is loaded."""


def create_app(
    ruleset: Ruleset | None = None, records: Records | None = None, **config: object
) -> Flask:
    """Build the application.

    Args:
        ruleset: what to screen by; the shipped ruleset if none is given.
        records: where casework is kept. Without them there is none, and nothing is stored.
        config: Flask settings that replace ours, ``TODAY``, a function that gives the day, and
            ``RULES``, the folder that a given ruleset's file and its cases lie in.

    Raises:
        DocumentError: if a rule file has problems. A server must not start with them.
        NoOutcomesError: if the ruleset is a part for others to include.
    """
    chosen = ruleset or load_ruleset()
    if not chosen.outcomes:
        raise NoOutcomesError(chosen.id)
    app = Flask(__name__, template_folder=str(templates_folder()))
    app.config.update(
        SECRET_KEY=os.environ.get("SCREENING_SECRET_KEY") or secrets.token_hex(),
        MAX_CONTENT_LENGTH=MAX_BODY,
        SEND_FILE_MAX_AGE_DEFAULT=LONG,  # their addresses change with their content
        SESSION_COOKIE_NAME="screening",
        SESSION_COOKIE_SAMESITE="Lax",  # Strict would cost a form its token once a link leads here
        RULES=None if ruleset else rules_folder(),
        WTF_CSRF_TIME_LIMIT=None,  # people are interrupted; a page left open still works
    )
    app.config.update({"TODAY": clock.today} | config)
    app.extensions["desk"] = Desk.of(chosen, app.config)
    addresses.init_app(app)
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    if records is not None:  # before the forms' tokens are looked at: no session, no token
        app.extensions["records"] = records
        app.config["DEMONSTRATION"] = is_demonstration(records)
        logs.init_app(app)  # first, so that what is refused is told and counted too
        import_module("screening.web.metrics").init_app(app)
        viewing.init_app(app)  # before the gate, whose refusals end a request
        import_module("screening.web.accounts").init_app(app, records)
    CSRFProtect(app)
    for part in (headers, pages, problems, rulebook):
        part.init_app(app)
    for blueprint in (reference.blueprint, patient.blueprint, nurse.blueprint):
        app.register_blueprint(blueprint)
    for name in CASEWORK if records is not None else ():
        app.register_blueprint(import_module(f"screening.web.{name}").blueprint)
    return app
