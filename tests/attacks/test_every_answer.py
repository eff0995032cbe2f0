"""Every answer, of every page and to every method, limits what a browser does with it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from support.pages.form_crawler import Reader
from support.people.visitor import Visitor
from support.people.web_people import add_person, add_site, casework_app, enter
from support.storage import databases
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from screening.records.access import Role

VALUES = {"number": 1, "token": "x", "filename": "none.css", "source_id": "tpic", "digest": "x"}
WITHOUT_A_BODY = {204, 304}
DIRECTIVES = ("default-src 'none'", "base-uri 'none'", "frame-ancestors 'none'", "form-action")


@pytest.fixture(scope="module")
def client(sqlite_pattern: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[FlaskClient]:
    address = databases.sqlite_copy(sqlite_pattern, tmp_path_factory.mktemp("answers"))
    with databases.open_records(address) as records:
        app = casework_app(records, SESSION_COOKIE_SECURE=True)
        site = add_site(records, "North")
        roles = (Role.LEAD_NURSE, Role.AUDITOR, Role.ADMINISTRATOR)
        _, email = add_person(records, *roles, sites=[site])
        client = app.test_client()
        client.environ_base["wsgi.url_scheme"] = "https"
        enter(client, email)
        yield client


def addresses(app: Flask) -> Iterator[tuple[Rule, str]]:
    with app.test_request_context():
        adapter = app.url_map.bind("localhost")
        for rule in app.url_map.iter_rules():
            values = {name: VALUES.get(name, "0" * 32) for name in rule.arguments}
            yield rule, adapter.build(rule.endpoint, values, method=min(rule.methods or ()))


@pytest.fixture(scope="module")
def answers(client: FlaskClient) -> list[tuple[str, TestResponse]]:
    found = [
        (f"{method} {address}", client.open(address, method=method))
        for rule, address in addresses(client.application)
        for method in sorted((rule.methods or set()) - {"HEAD"})
    ]
    odd = ["/nothing", "/static/", "/static/../settings.py", "/.git/config", "/static/vendor"]
    return [*found, *((each, client.get(each)) for each in odd)]


def test_every_answer_limits_what_a_browser_does_with_it(
    answers: list[tuple[str, TestResponse]],
) -> None:
    assert len(answers) > 100
    for name, answer in answers:
        headers = answer.headers
        assert answer.status_code < 500, name
        for directive in DIRECTIVES:
            assert directive in headers["Content-Security-Policy"], name
        assert "unsafe" not in headers["Content-Security-Policy"], name
        assert headers["X-Content-Type-Options"] == "nosniff", name
        assert headers["Referrer-Policy"] == "no-referrer", name
        assert headers["Cross-Origin-Opener-Policy"] == "same-origin", name
        assert headers["Cross-Origin-Resource-Policy"] == "same-origin", name
        assert headers["Strict-Transport-Security"] == "max-age=31536000; includeSubDomains", name
        assert not [each for each in dict(headers) if each.startswith("Access-Control")], name


def test_every_body_has_its_type_and_encoding(answers: list[tuple[str, TestResponse]]) -> None:
    for name, answer in answers:
        if answer.data and answer.status_code not in WITHOUT_A_BODY:
            kind = answer.headers["Content-Type"]
            assert kind.endswith("charset=utf-8") or not kind.startswith("text/"), name


def test_no_answer_but_a_file_of_ours_is_kept(answers: list[tuple[str, TestResponse]]) -> None:
    for name, answer in answers:
        if "/static/" not in name:
            assert answer.headers["Cache-Control"] == "no-store", name


def test_every_field_for_a_password_hides_it(answers: list[tuple[str, TestResponse]]) -> None:
    pages = [Reader(answer.text) for _, answer in answers if answer.mimetype == "text/html"]
    controls = [each for page in pages for form in page.forms for each in form.controls]
    kinds = {each.kind for each in controls if "password" in each.name}
    assert kinds == {"password"}


def test_no_folder_is_listed_and_no_source_is_served(
    answers: list[tuple[str, TestResponse]],
) -> None:
    found = dict(answers)
    for name in ("/static/", "/static/../settings.py", "/.git/config", "/static/vendor"):
        assert found[name].status_code in {404, 405}, name


@pytest.mark.parametrize("method", ["TRACE", "CONNECT", "PUT", "PATCH", "DELETE", "PROPFIND", "X"])
def test_no_page_takes_a_method_that_it_does_not_need(client: FlaskClient, method: str) -> None:
    for _, address in addresses(client.application):
        answer = client.open(address, method=method, headers={"X-Secret": "echo-me"})
        assert answer.status_code in {401, 403, 404, 405}, address
        assert "echo-me" not in answer.text


def test_every_cookie_is_tied_to_this_host_and_to_https(client: FlaskClient) -> None:
    visitor = Visitor(client.application.test_client())
    visitor.client.environ_base["wsgi.url_scheme"] = "https"
    before = visitor.client.get("/account/sign-in")
    _, email = add_person(client.application.extensions["records"], Role.AUDITOR)
    after = visitor.enter(email)
    cookies = [*before.headers.getlist("Set-Cookie"), *after.headers.getlist("Set-Cookie")]
    assert {"__Host-screening", "__Host-screening-session"} <= {c.split("=")[0] for c in cookies}
    for cookie in cookies:
        name, _, rest = cookie.partition("=")
        assert name.startswith("__Host-"), cookie
        assert {"Secure", "HttpOnly", "Path=/"} <= {part.strip() for part in rest.split(";")}
        assert "SameSite=" in cookie
        assert "Domain=" not in cookie
