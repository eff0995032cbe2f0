"""Where the operator takes reports of weaknesses: /.well-known/security.txt, by RFC 9116."""

import datetime as dt

import pytest
from flask import Flask
from support.people.web_people import casework_app

from screening.records.installation.settings import Settings, SettingsError
from screening.records.ledger.records import Records

ADDRESS = "/.well-known/security.txt"
SETTING = "SCREENING_SECURITY_CONTACT"


@pytest.fixture
def app(sqlite_records: Records) -> Flask:
    return casework_app(sqlite_records)


def test_without_an_address_there_is_no_such_page(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(SETTING, raising=False)
    assert app.test_client().get(ADDRESS).status_code == 404


def test_it_names_the_address_and_a_day_that_is_to_come(
    app: Flask, sqlite_records: Records, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(SETTING, "mailto:security@hospital.example")
    page = app.test_client().get(ADDRESS)
    assert (page.status_code, page.content_type) == (200, "text/plain; charset=utf-8")
    fields = dict(line.split(": ", 1) for line in page.text.splitlines())
    assert fields.keys() == {"Contact", "Expires", "Preferred-Languages"}
    assert fields["Contact"] == "mailto:security@hospital.example"
    left = dt.datetime.fromisoformat(fields["Expires"]) - sqlite_records.now()
    assert dt.timedelta(days=80) < left < dt.timedelta(days=365)


@pytest.mark.parametrize(
    "address", ["security@hospital.example", "http://hospital.example", "mailto:a@b\nExpires: x"]
)
def test_what_is_no_address_is_refused_at_the_start(address: str) -> None:
    with pytest.raises(SettingsError, match=SETTING):
        Settings.read({SETTING: address})
