"""Answers stay in the body of a post: the words of these tests must turn up nowhere else."""

import logging
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from support.pages.page_reader import Page
from support.people.typed_answers import typed, typed_day
from support.rulesets import shipped
from support.rulesets.builders import UNKNOWN
from werkzeug.datastructures import MultiDict

from screening.web import create_app
from screening.web.shell.problems import SCREENING_PAGES

CANARY = "canary-7f3a"
ADDRESSES = [
    *("/patient/question", "/patient/matters", "/patient/result"),
    *(
        "/patient/sheet/pdf",
        "/patient/sheet/text",
        "/patient/answers/save",
        "/patient/answers/load",
    ),
    *("/nurse/", "/nurse/result"),
]
GETS = [
    "/",
    "/patient/",
    "/patient/cleared",
    "/nurse/",
    "/sources/",
    "/disagreements",
    "/silent",
    "/about",
    "/options/",
    "/nope",
]
INLINE = {"/", "/patient/", "/patient/cleared", "/options/"}
"""They hold the file of the style, which the policy allows by its digest."""


@pytest.fixture
def guarded() -> Flask:
    """The application as it is served: every form needs its token."""
    return create_app(shipped.ruleset(), TODAY=shipped.as_of)


def canaries() -> MultiDict[str, str]:
    """An odd word in every field of every form."""
    fields = typed(shipped.ruleset(), shipped.favourable())
    for item in shipped.ruleset().items:
        for name in (f"q-{item}", f"q-{item}-absent", f"q-{item}-day"):
            fields.add(name, CANARY)
    steps = ("at", "action", "as_of-day", "free", "matters", "own", "print")
    fields.update(dict.fromkeys(steps, CANARY))
    return fields


@pytest.mark.parametrize("address", ADDRESSES)
def test_no_answer_is_in_a_cookie_an_address_or_a_log(
    guarded: Flask, address: str, caplog: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    caplog.set_level(logging.DEBUG)
    client = guarded.test_client()
    for data in (canaries(), with_token(client, canaries())):
        answer = client.post(address, data=data)
        headers = str(answer.headers)
        assert CANARY not in headers
        assert "osteoporosis" not in headers
    assert CANARY not in caplog.text
    assert "osteoporosis" not in caplog.text


def with_token(client: FlaskClient, data: MultiDict[str, str]) -> MultiDict[str, str]:
    (token,) = Page(client.get("/patient/").text).hidden("csrf_token")
    return MultiDict([*data.items(multi=True), ("csrf_token", token)])


def test_the_session_holds_the_token_and_nothing_else(guarded: Flask) -> None:
    client = guarded.test_client()
    client.post("/nurse/result", data=with_token(client, canaries()))
    with client.session_transaction() as session:
        assert set(session) == {"csrf_token"}


def test_the_cookie_is_kept_from_scripts_and_other_sites(guarded: Flask) -> None:
    cookie = guarded.test_client().get("/patient/").headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie


def test_no_form_sends_its_fields_in_the_address(client: FlaskClient) -> None:
    for address in GETS:
        assert all(form.method == "post" for form in Page(client.get(address).text).forms)


def test_nothing_is_written_to_the_disk(
    client: FlaskClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    for address in ADDRESSES:
        client.post(address, data=canaries())
    assert list(tmp_path.iterdir()) == []


def post_rules(app: Flask) -> list[str]:
    return sorted(
        rule.endpoint for rule in app.url_map.iter_rules() if "POST" in (rule.methods or ())
    )


def test_every_page_that_takes_a_form_is_known(guarded: Flask) -> None:
    assert post_rules(guarded) == sorted(SCREENING_PAGES)


@pytest.mark.parametrize("endpoint", sorted(SCREENING_PAGES))
@pytest.mark.parametrize("token", [None, "", "forged"])
def test_a_form_without_its_token_is_not_acted_on_and_gives_every_answer_back(
    guarded: Flask, endpoint: str, token: str | None
) -> None:
    client = guarded.test_client()
    with guarded.test_request_context():
        address = guarded.url_for(endpoint)
    data = typed(shipped.ruleset(), {**shipped.favourable(), "scoliosis": UNKNOWN})
    data.update({"at": "age", "action": "continue", "as_of-day": "3", "foreign": "field"})
    if token is not None:
        data["csrf_token"] = token
    answer = client.post(address, data=data)
    page = Page(answer.text)
    assert answer.status_code == 400
    assert page.headings == ["Your answers are still here"]
    kept = set(page.form.fields)
    expected = {pair for pair in data.items(multi=True) if pair[0] not in {"csrf_token", "foreign"}}
    assert expected <= kept
    assert ("foreign", "field") not in kept


def test_the_page_with_the_answers_leads_on_with_a_fresh_token(guarded: Flask) -> None:
    client = guarded.test_client()
    data = typed(shipped.ruleset(), shipped.favourable())
    data.update(typed_day(shipped.as_of()))
    page = Page(client.post("/nurse/result", data=data).text)
    address, kept = page.press("Continue")
    assert "Documented requirements met" in client.post(address, data=kept).text


@pytest.mark.parametrize("address", [*GETS, "/sources/tpic", "/sources/nope"])
def test_every_page_forbids_what_it_does_not_need(client: FlaskClient, address: str) -> None:
    headers = client.get(address).headers
    policy = headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["Cache-Control"] == "no-store"


def test_a_page_has_no_script_and_no_style_of_its_own(client: FlaskClient) -> None:
    for address in GETS:
        html = client.get(address).text
        assert html.count("<style") == (1 if address in INLINE else 0)
        assert " style=" not in html
        assert "<script>" not in html
        assert " onclick=" not in html


def test_static_files_are_kept_and_their_addresses_follow_their_content(
    client: FlaskClient,
) -> None:
    page = client.get("/about").text
    address = page.split('rel="stylesheet" href="')[2].split('"')[0]
    assert "screening.css?v=" in address
    with client.get(address) as answer:
        assert "max-age=31536000" in answer.headers["Cache-Control"]
