"""A client, and people who answer questions with it."""

import datetime as dt
from collections.abc import Callable, Mapping

import pytest
from flask import Flask
from support.fixtures.public import app, client
from support.fixtures.visits import patient_result, press, today, walk
from support.pages.page_reader import Page
from support.people.typed_answers import typed, typed_day
from support.rulesets import shipped

from screening.core.values.answer import Answer
from screening.web import create_app

__all__ = ["app", "client", "patient_result", "press", "today", "walk"]
Answers = Mapping[str, Answer]


@pytest.fixture
def nurse_result(app: Flask) -> Callable[..., Page]:
    """The nurse's result for answers, by default on the day of the shipped examples."""

    def posted(answers: Answers, as_of: dt.date | None = None) -> Page:
        day = as_of or shipped.as_of()
        data = typed(shipped.ruleset(), answers)
        data.update(typed_day(day))
        return Page(late(app, day).test_client().post("/nurse/result", data=data).text)

    return posted


def late(app: Flask, day: dt.date) -> Flask:
    """The application, or one whose clock has reached a later day."""
    if day <= shipped.as_of():
        return app
    return create_app(shipped.ruleset(), TODAY=lambda: day, WTF_CSRF_ENABLED=False)
