"""A client, and people who answer questions with it."""

import datetime as dt
from collections.abc import Callable, Mapping

import pytest
from flask import Flask
from flask.testing import FlaskClient
from support.fixtures.public import app, client
from support.pages.page_reader import Page
from support.people.typed_answers import typed, typed_day
from support.rulesets import shipped
from support.rulesets.builders import UNKNOWN

from screening.core.results.assess import meets_shown_if
from screening.core.rules.patient_path import REPORT
from screening.core.values.answer import Answer
from screening.web import create_app

__all__ = ["app", "client"]
Answers = Mapping[str, Answer]


@pytest.fixture
def today() -> dt.date:
    return shipped.as_of()


@pytest.fixture
def press(client: FlaskClient) -> Callable[..., Page]:
    """Presses a button of a page, after typing into it."""

    def pressed(
        page: Page, words: str, answers: Answers | None = None, report: str | None = None
    ) -> Page:
        address, data = page.press(words)
        if report:
            data["report"] = report
        for name, values in typed(shipped.ruleset(), answers or {}).lists():
            data.setlist(name, values)
        return Page(client.post(address, data=data).text)

    return pressed


@pytest.fixture
def walk(client: FlaskClient, press: Callable[..., Page]) -> Callable[..., list[Page]]:
    """Walks a patient's way from the first page to the page to check; gives every page seen.

    The report of the scan is at hand unless it is said not to be.
    """

    def walked(answers: Answers, report: str = "yes") -> list[Page]:
        pages = [Page(client.get("/patient/").text)]
        pages.append(press(pages[-1], "Start now"))
        while "Show my page for the doctor" not in pages[-1].form.buttons:
            page = pages[-1]
            if "Continue with the questions" in page.form.buttons:
                pages.append(press(page, "Continue with the questions"))
                continue
            (at,) = page.hidden("at")
            if at == REPORT:
                pages.append(press(page, "Continue", report=report))
                continue
            given = {at: answers.get(at, UNKNOWN)}
            pages.append(press(page, "Continue", given))
        return pages

    return walked


@pytest.fixture
def patient_result(client: FlaskClient) -> Callable[[Answers], Page]:
    """The patient's result for answers; what else is shown with them is not known.

    The report of the scan is at hand unless it is said not to be.
    """

    def posted(answers: Answers, report: str = "yes") -> Page:
        items, day = shipped.ruleset().items, shipped.as_of()
        rest = (link_id for link_id, item in items.items() if meets_shown_if(item, answers, day))
        complete = dict.fromkeys(rest, UNKNOWN) | dict(answers)
        data = typed(shipped.ruleset(), complete)
        data["report"] = report
        return Page(client.post("/patient/result", data=data).text)

    return posted


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
