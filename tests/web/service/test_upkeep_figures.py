"""Figures of the whole installation, and the example of alerts that reads them."""

import datetime as dt
import re
from pathlib import Path

import pytest
import yaml
from flask import Flask
from prometheus_client.parser import text_string_to_metric_families
from support.people.web_people import casework_app
from support.rulesets import shipped
from support.storage import databases

from screening.records.ledger.events import EventKind, record_event
from screening.records.ledger.records import Records
from screening.records.storage.database import Database, DatabaseUnavailableError
from screening.web.service import upkeep_figures

ALERTS = Path(__file__).parents[3] / "deploy" / "alerts.yaml"
KEPT_FOR = upkeep_figures.KEPT_FOR


@pytest.fixture
def app(sqlite_records: Records, monkeypatch: pytest.MonkeyPatch) -> Flask:
    monkeypatch.setattr(upkeep_figures, "KEPT_FOR", -1.0)
    return casework_app(sqlite_records)


def figures(app: Flask) -> dict[str, float]:
    """The figures of the installation, which have no label."""
    families = text_string_to_metric_families(app.test_client().get("/metrics").text)
    return {s.name: s.value for each in families for s in each.samples if not s.labels}


def test_what_was_not_done_yet_has_no_figure(app: Flask) -> None:
    found = figures(app)
    assert "screening_last_backup_timestamp_seconds" not in found
    assert "screening_last_verification_timestamp_seconds" not in found
    assert found["screening_tasks_overdue"] == 0


def test_what_was_done_has_the_moment(app: Flask, sqlite_records: Records) -> None:
    record_event(sqlite_records, 0, EventKind.BACKUP_MADE)
    at = sqlite_records.now().timestamp()
    found = figures(app)["screening_last_backup_timestamp_seconds"]
    assert at - 1 < found <= at


def test_a_failed_sign_in_is_counted(app: Flask) -> None:
    data = {"email": "nobody@clinic.localhost", "password": "a wrong one"}
    app.config["WTF_CSRF_ENABLED"] = False
    assert app.test_client().post("/account/sign-in", data=data).status_code == 200
    assert figures(app)["screening_sign_ins_failed_total"] == 1


def test_rules_are_past_review_after_their_day(app: Flask, sqlite_records: Records) -> None:
    assert figures(app)["screening_rules_past_review"] == 0
    parts = shipped.ruleset().parts
    last = max(part.review_by for part in parts)
    ahead = last - sqlite_records.now().date() + dt.timedelta(days=1)
    databases.clock(sqlite_records).advance(days=ahead.days)
    assert figures(app)["screening_rules_past_review"] == len(parts)


def test_without_the_database_those_of_the_rules_are_left(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_: Database) -> None:
        raise DatabaseUnavailableError

    monkeypatch.setattr(Database, "reading", fail)
    assert set(figures(app)) == {"screening_rules_past_review"}


def test_what_was_read_is_kept_for_a_moment(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[Records] = []
    monkeypatch.setattr(upkeep_figures, "read_upkeep", read.append)
    monkeypatch.setattr(upkeep_figures, "KEPT_FOR", KEPT_FOR)
    for _ in range(3):
        figures(app)
    assert len(read) == 1


def test_every_alert_reads_figures_that_there_are(app: Flask, sqlite_records: Records) -> None:
    for kind in (EventKind.BACKUP_MADE, EventKind.LEDGER_VERIFIED):
        record_event(sqlite_records, 0, kind)
    browser = app.test_client()
    browser.get("/health")  # so that a request has been counted
    known = set(re.findall(r"^(\w+)[ {]", browser.get("/metrics").text, re.MULTILINE))
    ((group,),) = (yaml.safe_load(ALERTS.read_text("utf-8"))[each] for each in ("groups",))
    named: set[str] = set()
    for rule in group["rules"]:
        assert set(rule) <= {"alert", "expr", "for", "labels", "annotations"}
        assert rule["annotations"]["summary"].endswith(".")
        of_rule = set(re.findall(r"\bscreening_\w+", rule["expr"]))
        assert of_rule or rule["expr"].startswith("up{")
        named |= of_rule
    assert named <= known
    installation = {name for name in known if name in figures(app)}
    assert installation <= named  # each figure of the installation has an alert
