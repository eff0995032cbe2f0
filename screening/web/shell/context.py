"""The context of every page: the ruleset, its form, and the day."""

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, cast

from flask import current_app, g

from screening.core.compiled.model import model_of
from screening.core.rules.ruleset import Ruleset
from screening.proof.explanation.reasons import Explainer
from screening.records.ledger.records import Records
from screening.web.forms.form import FormClass, questionnaire_form


@dataclass(frozen=True, slots=True)
class PageContext:
    """The ruleset that an application screens by, what explains it, its form, and the clock."""

    ruleset: Ruleset
    explainer: Explainer
    form: FormClass
    today: Callable[[], dt.date]

    @classmethod
    def of(cls, ruleset: Ruleset, config: Mapping[str, Any]) -> "PageContext":
        """The context of an application with these settings."""
        explainer = Explainer(model_of(ruleset))
        return cls(ruleset, explainer, questionnaire_form(ruleset), config["TODAY"])

    def in_words_of(self, ruleset: Ruleset) -> "PageContext":
        """The same in the words of a translation of its ruleset."""
        return replace(self, ruleset=ruleset, form=questionnaire_form(ruleset))


def page_context() -> PageContext:
    """The context of the current request: that of its application, in the reader's words."""
    return cast("PageContext", g.get("page_context") or current_app.extensions["page_context"])


def records() -> Records:
    """The records of the application that serves the current request, which has some."""
    return cast("Records", current_app.extensions["records"])
