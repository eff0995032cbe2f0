"""Quoted passages are remembered by what they show: pages stay the same, and private."""

import re
from collections.abc import Callable
from dataclasses import replace

import pytest
from flask import Flask
from flask.testing import FlaskClient
from support.pages.pseudo_language import Pseudo
from support.people.typed_answers import typed, typed_day
from support.rulesets import shipped

from screening.core.values.citation import Citation
from screening.translation import ENGLISH
from screening.web import create_app
from screening.web.shell.quotations import Cited, Quotations

TOKEN = re.compile(r'name="csrf_token" value="[^"]*"')


@pytest.fixture
def app() -> Flask:
    """An application that remembers nothing yet."""
    return create_app(shipped.ruleset(), TODAY=shipped.as_of, WTF_CSRF_ENABLED=False)


@pytest.fixture(params=["quotations", "quotes"])
def quotations(app: Flask, request: pytest.FixtureRequest) -> Quotations:
    found = app.jinja_env.globals[request.param]
    assert isinstance(found, Quotations)
    return found


def cited(citation: Citation) -> Cited:
    return ((citation, shipped.ruleset().sources[citation.source]),)


def pages(client: FlaskClient, **changes: str) -> list[str]:
    """The pages that quote, with these answers."""
    form = typed(shipped.ruleset(), shipped.favourable()) | typed_day(shipped.as_of())
    for name, text in changes.items():
        form.setlist(f"q-{name}", [text])
    answers = [client.post(f"/{way}/result", data=form) for way in ("nurse", "patient")]
    answers += [client.get("/disagreements"), client.get("/silent")]
    assert {each.status_code for each in answers} == {200}
    return [TOKEN.sub("", each.text) for each in answers]


def test_pages_are_the_same_with_and_without_remembering(
    app: Flask, quotations: Quotations, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = app.test_client()
    with monkeypatch.context() as patch:
        patch.setattr(quotations, "render", quotations.render.__wrapped__)
        plain = pages(client)
    assert "<figure" in plain[0]
    assert quotations.render.cache_info().currsize == 0
    assert pages(client) == plain
    missed = quotations.render.cache_info().misses
    assert pages(client) == plain
    assert quotations.render.cache_info().misses == missed > 0


def test_each_language_has_its_own(quotations: Quotations) -> None:
    citation = shipped.ruleset().criteria[0].citations[0]
    quotations.render(ENGLISH, cited(citation))
    quotations.render(Pseudo(), cited(citation))
    assert quotations.render.cache_info().currsize == 2


def test_the_same_words_of_another_document_are_others(app: Flask, quotations: Quotations) -> None:
    citation, source = cited(shipped.ruleset().criteria[0].citations[0])[0]
    other = replace(source, publisher="Another publisher")
    with app.test_request_context():
        assert source.publisher in quotations.render(ENGLISH, ((citation, source),))
        assert "Another publisher" in quotations.render(ENGLISH, ((citation, other),))


def test_what_is_remembered_says_nothing_of_answers(
    app: Flask, quotations: Quotations, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[object] = []
    real: Callable[..., str] = quotations.render

    def noted(*given: object) -> str:
        seen.extend(given)
        return real(*given)

    monkeypatch.setattr(quotations, "render", noted)
    pages(app.test_client(), scoliosis="yes", leg_weakness="yes")
    known = set(shipped.ruleset().sources.values())
    tuples = [each for each in seen if isinstance(each, tuple)]
    assert tuples
    assert all(source in known for each in tuples for _, source in each)
    assert all(type(citation) is Citation for each in tuples for citation, _ in each)
