"""Referrals from a file: shown whole before anything is written, then written all at once."""

import base64
import tempfile
import zlib
from dataclasses import replace
from io import BytesIO

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text
from support.pages.imports import HEADING, confirm, confirmation, lines, stored, upload
from support.pages.page_reader import Page
from support.people import worklist_people
from support.people.web_people import add_site

from screening.formats.referrals.csv_table import MAX_ROWS
from screening.records.access import Actor, Role
from screening.records.ledger import events
from screening.records.ledger.records import Records
from screening.records.people.administration import COMMAND_LINE
from screening.records.people.people import set_rights
from screening.records.worklist.worklist import Query, worklist
from screening.web.worklist import import_file

CANARY = "Quillfeather"


def test_nothing_is_written_before_it_is_confirmed_then_everything(
    client: FlaskClient, sqlite_records: Records, nurse_actor: Actor
) -> None:
    shown = upload(client, HEADING + lines(25))
    page = Page(shown.text)
    assert "25 referrals read, no problems" in page.text
    assert "5 more follow" in page.text
    assert stored(sqlite_records, nurse_actor) == []
    answer = confirm(client, confirmation(shown.text))
    assert answer.headers["Location"] == "/worklist/?sort=created"
    assert "25 referrals were added." in client.get(answer.headers["Location"]).text
    assert len(stored(sqlite_records, nurse_actor)) == 25


def test_pressing_twice_adds_once(
    client: FlaskClient, sqlite_records: Records, nurse_actor: Actor
) -> None:
    data = confirmation(upload(client, HEADING + lines(3)).text)
    answers = [confirm(client, data) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [303, 303]
    assert len(stored(sqlite_records, nurse_actor)) == 3


def test_a_file_that_cannot_be_read_to_its_end_shows_every_problem_and_adds_nothing(
    client: FlaskClient, sqlite_records: Records, nurse_actor: Actor
) -> None:
    wrong = "R-1,,50,Hill,low\n=1,A,,Hill,soon\n" + lines(2) + '"N-9,A,,Hill,soon\n'
    answer = upload(client, HEADING + wrong)
    page = Page(answer.text)
    assert answer.status_code == 422
    assert "The file has 5 problems" in page.text
    for words in ("Enter initials", "four digits", "Priority is one of", "for a formula"):
        assert words in page.text
    assert "/worklist/import/confirm" not in [form.action for form in page.forms]
    good = confirmation(upload(client, HEADING + lines(1)).text)
    good["packed"] = base64.b64encode(zlib.compress((HEADING + wrong).encode())).decode()
    assert confirm(client, good).status_code == 422
    assert stored(sqlite_records, nurse_actor) == []


def test_patients_who_are_here_or_stand_twice_are_left_out_unless_ticked(
    client: FlaskClient, sqlite_records: Records, nurse_actor: Actor, case_id: str
) -> None:
    known = "r00001,Somebody,,Hill,soon\nX-1,B. A. Made-up1,1952,Hill,soon\n"
    text = HEADING + "N-1,One,1950,Hill,soon\n" + known + "N-1,Two,1951,Hill,soon\n"
    shown = upload(client, text)
    page = Page(shown.text)
    assert "3 referrals may be for patients who already have a case" in page.text
    assert "row 2 of this file" in page.text
    assert page.links.count(f"/case/{case_id}/") == 2
    assert "1 referral is new" in page.text
    data = confirmation(shown.text)
    data.setlist("row", ["5"])
    assert confirm(client, data).status_code == 303
    assert stored(sqlite_records, nurse_actor) == ["N-1", "N-1", "R-00001"]


def test_a_file_of_known_patients_alone_adds_nothing_unasked(
    client: FlaskClient, sqlite_records: Records, nurse_actor: Actor, case_id: str
) -> None:
    shown = upload(client, HEADING + "R-00001,Somebody,,Hill,soon\n")
    answer = confirm(client, confirmation(shown.text))
    assert answer.status_code == 422
    assert "You have not chosen any referrals" in answer.text
    assert stored(sqlite_records, nurse_actor) == ["R-00001"]


def test_patients_who_came_in_since_the_preview_are_shown_first(
    client: FlaskClient, sqlite_records: Records, nurse_actor: Actor, site: int
) -> None:
    shown = upload(client, HEADING + "R-00001,Somebody,,Hill,soon\n" + lines(2))
    data = confirmation(shown.text)
    worklist_people.fill(sqlite_records, nurse_actor, site, 1)
    answer = confirm(client, data)
    assert answer.status_code == 200
    assert "Some of these rows may be for a patient" in answer.text
    assert stored(sqlite_records, nurse_actor) == ["R-00001"]
    assert confirm(client, confirmation(answer.text)).status_code == 303
    assert stored(sqlite_records, nurse_actor) == ["N-0", "N-1", "R-00001"]


def test_a_write_that_fails_midway_leaves_nothing(
    client: FlaskClient,
    sqlite_records: Records,
    nurse_actor: Actor,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    data = confirmation(upload(client, HEADING + lines(9)).text)
    real, calls = events.append_row, []

    def failing(*args: object, **named: object) -> None:
        calls.append(1)
        if len(calls) == 7:
            raise OSError
        real(*args, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(events, "append_row", failing)
    client.application.config["PROPAGATE_EXCEPTIONS"] = False
    assert confirm(client, data).status_code == 500
    assert len(calls) == 7
    assert stored(sqlite_records, nurse_actor) == []
    monkeypatch.undo()
    assert confirm(client, data).status_code == 303
    assert len(stored(sqlite_records, nurse_actor)) == 9


@pytest.mark.parametrize("packed", ["", "x", "eA==", "AAAA" * 10])
def test_what_did_not_arrive_whole_is_asked_for_again(client: FlaskClient, packed: str) -> None:
    data = confirmation(upload(client, HEADING + lines(2)).text)
    data["packed"] = packed or data["packed"][:-8]
    answer = confirm(client, data)
    assert answer.status_code == 422
    assert "Choose the file once more" in answer.text


def test_a_small_page_does_not_unpack_to_a_large_file() -> None:
    bomb = base64.b64encode(zlib.compress(bytes(200 * import_file.MAX_UPLOAD), 9)).decode()
    assert len(bomb) < import_file.MAX_UPLOAD
    assert import_file.unpack(bomb) is None


def test_a_file_that_was_checked_for_another_site_is_not_added(
    client: FlaskClient, sqlite_records: Records, nurse_actor: Actor
) -> None:
    data = confirmation(upload(client, HEADING + lines(2)).text)
    south = add_site(sqlite_records, "South")
    at_south = frozenset({south})
    worklist_people.person(sqlite_records, Role.ADMINISTRATOR, sites=[], name="Ada Admin")
    set_rights(sqlite_records, COMMAND_LINE, nurse_actor.id, nurse_actor.roles, at_south)
    for answer in (confirm(client, data), upload(client, HEADING + lines(2))):
        page = Page(answer.text)
        assert answer.status_code == 422
        assert "for a site where you no longer work" in page.text
        assert "#site" in page.links
    assert stored(sqlite_records, replace(nurse_actor, sites=at_south)) == []
    assert upload(client, HEADING + lines(2), south).status_code == 200


def test_no_file_is_said(client: FlaskClient) -> None:
    for data in ({}, {"file": (BytesIO(), "")}):
        answer = client.post("/worklist/import", data=data)
        assert answer.status_code == 422
        assert "Choose a file" in Page(answer.text).text


@pytest.mark.parametrize("data", ["", "\ufeff", " \r\n\r\n"])
def test_an_empty_file_is_said_to_be_empty(client: FlaskClient, data: str) -> None:
    answer = upload(client, data)
    page = Page(answer.text)
    assert answer.status_code == 422
    assert "The file is empty" in page.text
    assert "#file" in page.links


def test_as_many_rows_as_the_limit_are_previewed_and_more_are_refused(client: FlaskClient) -> None:
    shown = upload(client, HEADING + lines(MAX_ROWS))
    assert shown.status_code == 200
    assert f"{MAX_ROWS:,} referrals read" in Page(shown.text).text
    assert len(confirmation(shown.text)["packed"]) < import_file.MAX_UPLOAD / 2
    more = upload(client, HEADING + lines(MAX_ROWS + 1))
    assert f"more than {MAX_ROWS:,} referrals" in Page(more.text).text


def test_a_file_that_is_too_large_gets_a_page_that_says_what_to_do(client: FlaskClient) -> None:
    answer = upload(client, b"x" * (import_file.MAX_UPLOAD + 10_000))
    assert answer.status_code == 413
    page = Page(answer.text)
    assert page.headings == ["This file is too large"]
    assert "Nothing was added" in page.text
    assert "Split a long table" in page.text
    assert "/worklist/import" in page.links
    client.post("/account/sign-out")
    assert upload(client, b"x" * (import_file.MAX_UPLOAD + 10_000)).status_code == 413


def test_only_this_route_takes_a_large_body(client: FlaskClient) -> None:
    assert upload(client, b"x" * 200_000).status_code == 422
    large = {"text": "x" * 100_000}
    assert client.post("/worklist/find", data=large).status_code == 413
    assert client.post("/worklist/new", data={"person": "x" * 100_000}).status_code == 413


def test_what_is_uploaded_lies_in_no_file_and_no_row(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch, sqlite_records: Records
) -> None:
    """A temporary file would be taken for a file of this size, were it not for our own request."""

    def refused(*args: object, **named: object) -> object:
        raise AssertionError("a temporary file was made")

    filler = "".join(f"{CANARY}-{n},{CANARY},,{'x' * 79},soon\n" for n in range(4999))
    assert len(filler) > 500_000
    with monkeypatch.context() as patched:
        for name in ("TemporaryFile", "SpooledTemporaryFile", "NamedTemporaryFile", "mkstemp"):
            patched.setattr(tempfile, name, refused)
        patched.setattr("werkzeug.formparser.SpooledTemporaryFile", refused)
        shown = upload(client, HEADING + filler)
    assert shown.status_code == 200
    with sqlite_records.database.reading() as session:
        names = session.scalars(text("SELECT name FROM sqlite_master WHERE type='table'")).all()
        assert names
        for name in names:
            rows = session.execute(text(f"SELECT * FROM {name}")).all()
            assert CANARY not in repr(rows)


def test_a_file_is_not_refused_for_its_encoding_without_saying_so(client: FlaskClient) -> None:
    page = Page(upload(client, (HEADING + "R-1,Zoë,,Hill,soon\n").encode("cp1252")).text)
    assert "not UTF-8" in page.text
    assert "CSV UTF-8" in page.text


def test_the_template_is_downloaded_and_read(client: FlaskClient) -> None:
    answer = client.get("/worklist/import/template.csv")
    assert "attachment" in answer.headers["Content-Disposition"]
    assert answer.data.startswith(b"\xef\xbb\xbfReference,")
    page = Page(upload(client, answer.data + lines(1).encode()).text)
    assert "1 referral read, no problems" in page.text


def test_referrals_go_to_ones_own_site_only(
    app: Flask, client: FlaskClient, sqlite_records: Records, nurse_actor: Actor
) -> None:
    data = confirmation(upload(client, HEADING + lines(1)).text)
    other = worklist_people.person(sqlite_records, Role.NURSE, sites=[], name="Otto Other")
    stranger = worklist_people.signed_in(app, other)
    assert confirm(stranger, data).status_code == 422
    assert upload(stranger, HEADING + lines(1)).status_code == 422
    assert stored(sqlite_records, nurse_actor) == []


def test_a_session_that_ended_between_preview_and_press_loses_nothing(
    app: Flask, client: FlaskClient, sqlite_records: Records, nurse_actor: Actor
) -> None:
    data = confirmation(upload(client, HEADING + lines(300)).text)
    signed_out = app.test_client()
    answer = confirm(signed_out, data)
    assert answer.status_code == 401
    carried = confirmation(answer.text)
    assert carried["packed"] == data["packed"]
    again = worklist_people.signed_in(app, nurse_actor)
    assert confirm(again, carried).status_code == 303
    assert worklist(sqlite_records, nurse_actor, Query()).total == 300
