"""The web application: a patient's questions, a nurse's page, and what all of it rests on."""

import os
import secrets
from importlib import import_module

from flask import Flask
from flask_wtf.csrf import CSRFProtect
from jinja2 import StrictUndefined

from screening.core.rules.ruleset import Ruleset
from screening.errors import NoOutcomesError
from screening.files.languages import LOCALE, load_translations
from screening.files.rule_files import load_ruleset
from screening.records.installation.settings import read_emergency_number
from screening.records.ledger.records import Records
from screening.records.operation.demonstration import is_demonstration
from screening.resources import rules_folder, templates_folder
from screening.web.patient import answer_file, even_length, patient, sheet_file
from screening.web.questionnaire import nurse, options, sources
from screening.web.rules import rulebook
from screening.web.service import compression, security_headers, view_events
from screening.web.shell import (
    addresses,
    clock,
    inline_style,
    language,
    logs,
    problems,
    templating,
)
from screening.web.shell.context import PageContext

MAX_BODY = 64 * 1024  # a questionnaire fills about 5 KiB
LONG = 365 * 24 * 3600
CASEWORK = (
    *("people.people", "people.proposals", "people.rights_notices", "people.access_review"),
    *("service.health", "service.metrics", "service.contact"),
    *("worklist.worklist", "worklist.referral"),
    *("case.assignment", "case.closing", "case.handover"),
    *("worklist.chase_list", "worklist.import_file", "worklist.export_file"),
    *("case.answers", "case.history", "case.missing", "case.call"),
    *("results.assessment", "results.letter"),
    *("audit.search", "audit.trace", "audit.ledger", "audit.impact", "audit.statistics"),
    *("case.emergency_access",),
    *("rules.versions",),
    *("accounts.own_sessions",),
)
"""The modules with a ``blueprint`` that need records. Without records they are not loaded."""


def create_app(
    ruleset: Ruleset | None = None, records: Records | None = None, **config: object
) -> Flask:
    """Build the application.

    Args:
        ruleset: what to screen by; the shipped ruleset if none is given.
        records: where casework is kept. Without them there is none, and nothing is stored.
        config: Flask settings that replace ours, ``TODAY``, a function that gives the day,
            ``RULES``, the folder that a given ruleset's file and its cases lie in, ``LOCALE``, the
            folder of the catalogues, and ``LANGUAGE``, a function that gives the catalogue of a
            request's language.

    Raises:
        DocumentError: if a rule file has problems. A server must not start with them.
        NoOutcomesError: if the ruleset is a part for others to include.
        SettingsError: if a setting that pages show has no possible value.
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
        LOCALE=LOCALE,
        EMERGENCY_NUMBER=read_emergency_number(os.environ),
        WTF_CSRF_TIME_LIMIT=None,  # people are interrupted; a page left open still works
    )
    app.config.update({"TODAY": clock.today} | config)
    app.extensions["page_context"] = PageContext.of(chosen, app.config)
    addresses.init_app(app)
    translations = load_translations([chosen], app.config["RULES"], app.config["LOCALE"])
    language.init_app(app, translations)  # before anything that may say a word
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    if records is not None:  # before the forms' tokens are looked at: no session, no token
        app.extensions["records"] = records
        app.config["DEMONSTRATION"] = is_demonstration(records)
        logs.init_app(app)  # first, so that what is refused is told and counted too
        import_module("screening.web.service.metrics").init_app(app)
        view_events.init_app(app)  # before the gate, whose refusals end a request
        import_module("screening.web.accounts.own_account").init_app(app, records)
        import_module("screening.web.people.notices").init_app(app)
    CSRFProtect(app)
    for part in (compression, security_headers, templating, inline_style, problems, rulebook):
        part.init_app(app)
    for finish in (even_length.fill_answer, language.finish):  # the last is the first to be run
        app.after_request(finish)
    public = (sources, options, patient, sheet_file, answer_file, nurse)
    for blueprint in (each.blueprint for each in public):
        app.register_blueprint(blueprint)
    for name in CASEWORK if records is not None else ():
        app.register_blueprint(import_module(f"screening.web.{name}").blueprint)
    return app
