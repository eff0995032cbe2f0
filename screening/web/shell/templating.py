"""The shared parts of templates: components, words, and addresses of files."""

import hashlib
from collections.abc import Callable, Iterable
from functools import cache
from pathlib import Path

from flask import Flask, g, url_for
from jinja2 import pass_context
from jinja2.runtime import Context

from screening import __version__
from screening.core.rules.condition import items_in
from screening.core.rules.ruleset import Criterion, Ruleset, Tier
from screening.core.rules.term import Term, terms_in
from screening.formats.answers.day_text import written_day
from screening.web.forms.components import component
from screening.web.forms.error_summary import error_summary, named_mistakes
from screening.web.shell.context import page_context
from screening.web.shell.emergency_number import emergency_address, emergency_number
from screening.web.shell.page_messages import PageMessages
from screening.web.shell.quotations import Quotations, passages_of, rules_of
from screening.web.shell.write_keys import fresh_key
from screening.words.nurse import criteria
from screening.words.nurse.criteria import put_action_first, strength_words, words_of_strength
from screening.words.nurse.decision import words_of_choice
from screening.words.shared.days import words_of_day
from screening.words.shared.labels import (
    BASIS_WORDS,
    PRIORITY_LABELS,
    STATUS_WORDS,
    STRENGTH_WORDS,
    TIER_WORDS,
    TRUTH_WORDS,
)
from screening.words.shared.lists import join_clauses_or

NAME = "Vertebra Screening"
STATIC = Path(__file__).parents[1] / "static"
WITHOUT_RECORDS: dict[str, Callable[[], object]] = {"signed_in_as": str, "casework_door": list}
"""The header's words about people, where nobody can sign in."""


def init_app(app: Flask) -> None:
    """Give the templates of an application what they share."""
    app.jinja_env.add_extension(PageMessages)
    app.jinja_env.globals.update(
        NAME=NAME,
        VERSION=__version__,
        asset=asset,
        component=component,
        error_summary=error_summary,
        named_mistakes=named_mistakes,
        emergency_address=emergency_address,
        emergency_number=emergency_number,
        explained_terms=explained_terms,
        fresh_key=fresh_key,
        passages_of=passages_of,
        quotations=Quotations(app.jinja_env, "shell/parts/quoted.html"),
        folded_quotations=Quotations(app.jinja_env, "shell/parts/folded.html"),
        quotes=Quotations(app.jinja_env, "shell/parts/quotes.html"),
        warning_signs=warning_signs,
        BASIS_WORDS=BASIS_WORDS,
        PRIORITY_LABELS=PRIORITY_LABELS,
        STATUS_WORDS=STATUS_WORDS,
        STRENGTH_WORDS=STRENGTH_WORDS,
        strength_words=strength_words,
        words_of_strength=words_of_strength,
        support_words=support_words,
        action_first=put_action_first,
        TIER_WORDS=TIER_WORDS,
        TRUTH_WORDS=TRUTH_WORDS,
        words_of_choice=words_of_choice,
        join_clauses_or=join_clauses_or,
    )
    for name, nothing in WITHOUT_RECORDS.items():
        app.jinja_env.globals.setdefault(name, nothing)
    app.jinja_env.filters["day"] = words_of_day
    app.jinja_env.filters["written_day"] = written_day
    app.context_processor(lambda: {"ruleset": page_context().ruleset})


def asset(name: str) -> str:
    """The address of a static file, with a mark of its content, so that it may be kept for long.

    The page of a failure has to be readable when a file is missing, which may be the failure.

    Raises:
        OSError: if there is no such file, on every other page.
    """
    try:
        mark = _mark(name)
    except OSError:
        if not g.get("failing"):
            raise
        return url_for("static", filename=name)
    return url_for("static", filename=name, v=mark)


@pass_context
def support_words(context: Context, criterion: Criterion) -> str:
    """The number of documents that ask for a described criterion, by the page's ruleset."""
    return criteria.words_of_support(criterion, rules_of(context))


@pass_context
def explained_terms(context: Context, texts: Iterable[str]) -> tuple[Term, ...]:
    """The words in texts that the page's ruleset explains to patients."""
    return terms_in(rules_of(context).terms, texts)


def warning_signs(ruleset: Ruleset) -> list[str]:
    """The questions to which "yes" is an emergency, in the patient's words."""
    read = {
        link_id
        for criterion in ruleset.criteria
        if criterion.tier is Tier.EMERGENCY
        for link_id in items_in(criterion.condition)
    }
    return [item.ask.patient for link_id, item in ruleset.items.items() if link_id in read]


@cache
def _mark(name: str) -> str:
    return hashlib.sha256((STATIC / name).read_bytes()).hexdigest()[:12]
