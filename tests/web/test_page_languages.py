"""In another language no page says anything in English but what is data or is typed."""

import re

import pytest
from flask.testing import FlaskClient
from support.pages.english_words import english_words, own_words
from support.pages.pseudo_language import Pseudo
from support.pages.web_states import State, states
from support.rulesets import shipped

from screening.web import create_app

STATES = states()
NAMES = ("Vertebra Screening", "SHA-256", "Ann Example", "Spine clinic")
"""The product's name, the name of a standard, and what a referral holds."""


@pytest.fixture(scope="module")
def own() -> re.Pattern[str]:
    return own_words(shipped.ruleset(), *NAMES)


@pytest.fixture(scope="module")
def visitor() -> FlaskClient:
    app = create_app(
        shipped.ruleset(), LANGUAGE=Pseudo, TODAY=shipped.as_of, WTF_CSRF_ENABLED=False
    )
    return app.test_client()


@pytest.mark.parametrize("state", STATES.values(), ids=STATES)
def test_a_page_without_an_account_is_in_the_readers_language(
    state: State, visitor: FlaskClient, own: re.Pattern[str]
) -> None:
    address, data = state.address, state.fields
    answer = visitor.get(address) if data is None else visitor.post(address, data=data)
    assert answer.status_code == state.status
    assert english_words(answer.text, own) == []


def test_the_language_ends_with_the_request(visitor: FlaskClient) -> None:
    said = Pseudo().gettext
    assert said("Skip to main content") in visitor.get("/").text
    english = create_app(shipped.ruleset()).test_client().get("/").text
    assert "Skip to main content" in english
    assert '<html lang="en">' in english
