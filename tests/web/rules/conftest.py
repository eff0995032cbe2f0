"""The ruleset as a document, from the shipped rules and from small ones."""

from collections.abc import Callable

import pytest
from flask import Flask
from support.pages.page_reader import Page
from support.rulesets import shipped

from screening.core.rules.ruleset import Ruleset
from screening.resources import rules_folder
from screening.web import create_app


@pytest.fixture(scope="session")
def app() -> Flask:
    return create_app(shipped.ruleset(), TODAY=shipped.as_of, RULES=rules_folder())


@pytest.fixture(scope="session")
def html(app: Flask) -> str:
    return app.test_client().get("/rules").text


@pytest.fixture(scope="session")
def page(html: str) -> Page:
    return Page(html)


@pytest.fixture
def page_of() -> Callable[..., Page]:
    """The document of any ruleset, on the day of the shipped cases unless another is named."""

    def made(ruleset: Ruleset, **config: object) -> Page:
        app = create_app(ruleset, None, **{"TODAY": shipped.as_of, **config})
        return Page(app.test_client().get("/rules").text)

    return made
