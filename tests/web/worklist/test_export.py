"""The worklist as a file: by whom, what of it, and that no spreadsheet runs any of it."""

import csv
import io

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text
from support.people import worklist_people

from screening.records.access import Actor, Role
from screening.records.ledger.records import Records


def table(data: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"))))


def test_a_list_is_taken_out_as_it_is_filtered(
    lead: FlaskClient, sqlite_records: Records, nurse_actor: Actor, site: int
) -> None:
    worklist_people.fill(sqlite_records, nurse_actor, site, 60)
    answer = lead.get("/worklist/export.csv")
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert answer.headers["Content-Disposition"] == "attachment; filename=cases-2026-11-20.csv"
    assert answer.headers["Cache-Control"] == "no-store"
    rows = table(answer.data)
    assert [row["Reference"] for row in rows] == [f"R-{n:05d}" for n in range(1, 61)]
    assert rows[0]["Patient"] == "B. A. Made-up1"
    assert (rows[0]["Birth year"], rows[0]["State"], rows[0]["Site"]) == ("1952", "New", "North")
    urgent = table(lead.get("/worklist/export.csv?priority=urgent&page=2").data)
    assert len(urgent) == 20


def test_what_is_searched_for_can_be_taken_out_too(
    lead: FlaskClient, sqlite_records: Records, nurse_actor: Actor, site: int
) -> None:
    worklist_people.fill(sqlite_records, nurse_actor, site, 3)
    address = lead.post("/worklist/find", data={"text": "R-00002"}).headers["Location"]
    rows = table(lead.get(address.replace("/worklist/?", "/worklist/export.csv?")).data)
    assert [row["Reference"] for row in rows] == ["R-00002"]


def test_every_export_is_an_event(
    lead: FlaskClient, sqlite_records: Records, nurse_actor: Actor
) -> None:
    for _ in range(2):
        lead.get("/worklist/export.csv")
    with sqlite_records.database.reading() as session:
        chosen = text("SELECT count(*) FROM events WHERE kind = 'cases-exported'")
        assert session.scalar(chosen) == 2


@pytest.mark.parametrize("role", [Role.NURSE, Role.ADMINISTRATOR])
def test_who_may_not_export_is_refused_and_offered_nothing(
    app: Flask, sqlite_records: Records, site: int, role: Role
) -> None:
    person = worklist_people.person(sqlite_records, role, sites=[site], name="Otto Other")
    client = worklist_people.signed_in(app, person)
    assert client.get("/worklist/export.csv").status_code == 403
    assert "export.csv" not in client.get("/worklist/").text


def test_an_auditor_may(app: Flask, sqlite_records: Records, site: int) -> None:
    person = worklist_people.person(sqlite_records, Role.AUDITOR, sites=[site], name="Ada Auditor")
    client = worklist_people.signed_in(app, person)
    assert client.get("/worklist/export.csv").status_code == 200
