"""Rule files are text that people write: what stands in them is shown, and nothing of it runs."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import fields, is_dataclass, replace
from enum import Enum

import pytest
from flask.testing import FlaskClient
from support.pages.page_reader import Page
from support.people.typed_answers import typed
from support.rulesets import shipped
from support.rulesets.builders import UNKNOWN
from werkzeug.datastructures import MultiDict

from screening.core.rules.ruleset import Ruleset
from screening.core.values.answer import Answer
from screening.web import create_app

POISON = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>{{ 70000001 * 70000003 }}"
COMPUTED = str(70000001 * 70000003)  # long enough to stand in no token or digest by chance
NAMES = {
    *("id", "link_id", "section", "source", "item", "worse", "limit_of", "ruleset", "address"),
    "first",
}
NOT_TEXT = {
    *("condition", "ask_if", "best", "favourable", "touches", "sources", "implies", "codes"),
    *("dates", "shown_if", "patient_shown_if", "with_report"),
}


def poisoned(value: object) -> object:
    """A value with poison in every text of it that is not a name."""
    match value:
        case str():
            return value + POISON
        case Enum() | bool() | int() | dt.date() | None:
            return value
        case tuple() | frozenset():
            return type(value)(poisoned(each) for each in value)
        case Mapping():
            return {key: poisoned(each) for key, each in value.items()}
        case _ if is_dataclass(value) and not isinstance(value, type):
            return replace(value, **{f.name: kept(value, f.name) for f in fields(value)})
    raise TypeError(type(value))


def kept(value: object, name: str) -> object:
    """A field of a value: what names, orders or computes stays as it is."""
    found = getattr(value, name)
    sources = isinstance(value, Ruleset) and name == "sources"
    same = name in NAMES | NOT_TEXT and not sources
    return found if same else poisoned(found)


@pytest.fixture(scope="module")
def client() -> FlaskClient:
    rules = poisoned(shipped.ruleset())
    assert isinstance(rules, Ruleset)
    source = next(iter(rules.sources))
    hostile = replace(rules.sources[source], address="javascript:alert(3)")
    rules = replace(rules, sources={**rules.sources, source: hostile})
    return create_app(rules, TODAY=shipped.as_of, WTF_CSRF_ENABLED=False).test_client()


def everything() -> MultiDict[str, str]:
    answers = dict.fromkeys(shipped.ruleset().items, UNKNOWN) | dict(shipped.favourable())
    grave = {"leg_weakness": Answer(value=True), "disc_pain": Answer(value=True)}
    return typed(shipped.ruleset(), answers | grave)


def test_text_of_rule_files_is_shown_and_inert_on_every_page(client: FlaskClient) -> None:
    addresses = [
        "/",
        "/patient/",
        "/nurse/",
        "/sources/",
        "/disagreements",
        "/silent",
        "/about",
        "/options/",
        "/rules",
    ]
    addresses += [f"/sources/{source}" for source in shipped.ruleset().sources]
    pages = {address: client.get(address) for address in addresses}
    steps = [{"at": link, "action": "show"} for link in shipped.ruleset().items]
    steps += [{"action": "check"}, {"at": "leg_weakness", "action": "continue"}]
    for step in steps:
        data = MultiDict([*everything().items(multi=True), *step.items()])
        pages[str(step)] = client.post("/patient/question", data=data)
    for address in ("/patient/result", "/nurse/", "/nurse/result"):
        pages[f"POST {address}"] = client.post(address, data=everything())
    for name, answer in pages.items():
        assert answer.status_code < 500, name
        html = answer.text
        page = Page(html)
        assert "<script>alert" not in html, name
        assert "img" not in page.tags, name
        assert COMPUTED not in html, name
        assert all(not link.startswith("javascript:") for link in page.links), name
    assert all(
        "<script>alert(1)</script>" in Page(answer.text).text
        for answer in pages.values()
        if len(answer.text) > 9000
    )


@pytest.mark.parametrize("address", ["/patient/question", "/patient/result", "/nurse/result"])
def test_what_is_typed_is_shown_and_inert(client: FlaskClient, address: str) -> None:
    html = client.post(address, data={"q-age": POISON, "at": "age", "action": "continue"}).text
    assert "<script>alert" not in html
    assert "onerror=alert" not in html.replace("&gt;&lt;img src=x onerror=alert", "")
