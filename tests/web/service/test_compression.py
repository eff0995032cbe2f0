"""Files and pages that are alike for everybody are compressed, and nothing that shows a person."""

import gzip
from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from support.fixtures.public import app, client
from werkzeug.test import TestResponse

from screening.records.access import Actor, Role
from screening.web.patient.even_length import BLOCK

__all__ = ["app", "client"]
ASKS = {"Accept-Encoding": "gzip, deflate, br"}
STYLES = "/static/screening.css"
ALIKE = ["/", "/patient/", "/nurse/", "/sources/", "/rules"]
Enter = Callable[[Actor], FlaskClient]
Hire = Callable[..., Actor]


@pytest.fixture
def anybody(casework: Flask) -> FlaskClient:
    return casework.test_client()


def is_packed(response: TestResponse) -> bool:
    return response.headers.get("Content-Encoding") == "gzip"


@pytest.mark.parametrize("path", [*ALIKE, STYLES, "/static/screening.js"])
def test_what_is_alike_for_everybody_is_compressed(anybody: FlaskClient, path: str) -> None:
    plain = anybody.get(path, follow_redirects=True, buffered=True)
    packed = anybody.get(path, headers=ASKS, follow_redirects=True, buffered=True)
    assert (is_packed(plain), is_packed(packed)) == (False, True)
    assert len(packed.data) < 0.7 * len(plain.data)
    assert int(packed.headers["Content-Length"]) == len(packed.data)
    for each in (plain, packed):
        assert "Accept-Encoding" in each.headers["Vary"]
    if path.startswith("/static/"):
        assert gzip.decompress(packed.data) == plain.data
        assert "ETag" not in packed.headers  # it would name other bytes


def test_it_is_compressed_without_casework_too(client: FlaskClient) -> None:
    assert is_packed(client.get("/nurse/", headers=ASKS))


def test_whoever_asks_for_it_plain_gets_it_plain(anybody: FlaskClient) -> None:
    for asked in ({}, {"Accept-Encoding": "gzip;q=0"}, {"Accept-Encoding": "identity"}):
        assert not is_packed(anybody.get(STYLES, headers=asked, buffered=True))


def test_a_file_that_has_not_changed_is_not_sent_again(anybody: FlaskClient) -> None:
    seen = anybody.get(STYLES, headers=ASKS, buffered=True)
    since = {"If-Modified-Since": seen.headers["Last-Modified"]}
    again = anybody.get(STYLES, headers=ASKS | since, buffered=True)
    assert (again.status_code, again.data) == (304, b"")


def test_a_head_has_the_length_of_what_a_get_sends(anybody: FlaskClient) -> None:
    lengths = {
        method: anybody.open(STYLES, method=method, headers=ASKS, buffered=True).headers[
            "Content-Length"
        ]
        for method in ("GET", "HEAD")
    }
    assert lengths["GET"] == lengths["HEAD"]


def test_a_part_of_a_file_is_sent_as_it_is(anybody: FlaskClient) -> None:
    part = anybody.get(STYLES, headers=ASKS | {"Range": "bytes=0-999"}, buffered=True)
    assert (part.status_code, is_packed(part), len(part.data)) == (206, False, 1000)


def test_an_answer_to_a_form_is_not_compressed(anybody: FlaskClient) -> None:
    answered = anybody.post("/nurse/", data={"q-age": "74"}, headers=ASKS)
    assert answered.mimetype == "text/html"
    assert (len(answered.data) > 1000, is_packed(answered)) == (True, False)


@pytest.mark.parametrize("path", ["/patient/question", "/patient/result"])
def test_but_for_those_that_are_filled_up_to_one_length(anybody: FlaskClient, path: str) -> None:
    answers = [
        anybody.post(path, data={"q-leg_weakness": value}, headers=ASKS) for value in ("yes", "no")
    ]
    assert [is_packed(each) for each in answers] == [True, True]
    assert {len(each.data) for each in answers} == {BLOCK}


def test_a_page_that_could_repeat_the_request_is_not_compressed(anybody: FlaskClient) -> None:
    assert not is_packed(anybody.get("/patient/?q=guess", headers=ASKS))
    missing = anybody.get("/guess", headers=ASKS)
    assert (missing.status_code, is_packed(missing)) == (404, False)


def test_nothing_is_compressed_for_somebody_who_is_signed_in(employ: Hire, enter: Enter) -> None:
    nurse = enter(employ(Role.NURSE))
    for path in ("/worklist/", "/account/", "/rules", "/sources/"):
        page = nurse.get(path, headers=ASKS)
        assert (page.status_code, is_packed(page)) == (200, False), path
    assert is_packed(nurse.get(STYLES, headers=ASKS, buffered=True))
