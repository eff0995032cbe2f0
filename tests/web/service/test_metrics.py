"""Figures of several processes, and what happens when one of them ends or the database is away."""

import re

import pytest
from flask import Flask
from support.people.web_people import casework_app
from support.storage import databases

from screening.records.ledger.records import Records
from screening.records.operation.processes import figures_of_others, report_figures
from screening.records.storage.database import Database, DatabaseUnavailableError


@pytest.fixture
def app(records: Records) -> Flask:
    return casework_app(records)


def ready(app: Flask) -> dict[str, float]:
    """How often each process was asked for its health, as one tells it."""
    text = app.test_client().get("/metrics").text
    found = re.findall(r'_total\{.*page="health.health",process="(\w+)".*\} (\S+)', text)
    return {process: float(value) for process, value in found}


def test_a_process_that_has_ended_is_told_for_a_minute(records: Records, app: Flask) -> None:
    other = casework_app(records)
    for each in (app, other, other):
        each.test_client().get("/health")
    figures = other.extensions["figures"]
    report_figures(records, figures.process, figures.text())
    assert sorted(ready(app).values()) == [1.0, 2.0]
    databases.clock(records).advance(seconds=61)
    assert list(ready(app).values()) == [1.0]
    report_figures(records, "third", "")
    databases.clock(records).advance(seconds=-30)
    assert list(figures_of_others(records, "")) == ["third"]


def test_without_the_database_a_process_tells_its_own(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    app.test_client().get("/health")

    def fail(_: Database) -> None:
        raise DatabaseUnavailableError

    monkeypatch.setattr(Database, "reading", fail)
    assert list(ready(app).values()) == [1.0]


def test_no_figure_is_about_a_person(records: Records, app: Flask) -> None:
    app.test_client().get("/nobody@clinic.example?q=nobody@clinic.example")
    figures = app.extensions["figures"]
    report_figures(records, figures.process, figures.text())
    assert "nobody" not in figures_of_others(records, "")[figures.process]
