"""The page of numbers: charts beside tables, for everybody, and the same as a file."""

import csv
import io
from collections.abc import Callable, Mapping

import pytest
from axe_playwright_python.sync_playwright import Axe
from flask.testing import FlaskClient
from playwright.sync_api import Page as BrowserPage
from support.casework import counted_cases
from support.rulesets import shipped

from screening.core.results.decision import Decision
from screening.records.access import Actor, Role
from screening.records.ledger.records import Records

Look = Callable[..., BrowserPage]
UNKNOWN = "Questions without a known answer"


@pytest.fixture
def auditor(
    sqlite_records: Records,
    employ: Callable[..., Actor],
    enter: Callable[[Actor], FlaskClient],
) -> FlaskClient:
    """An auditor of two sites, of which one has few cases."""
    lead = employ(Role.LEAD_NURSE, "North")
    cases = counted_cases.results(sqlite_records, lead, 7)
    counted_cases.results(sqlite_records, lead, 6, counted_cases.unknown("pain_severity"))
    counted_cases.results(sqlite_records, employ(Role.LEAD_NURSE, "South"), 2)
    for case_id in cases:
        counted_cases.decide(
            sqlite_records, lead, case_id, Decision.OVERRIDE, "against-clinician-judged"
        )
    return enter(employ(Role.AUDITOR, "North", "South"))


def test_numbers_stand_in_charts_and_in_tables(auditor: FlaskClient) -> None:
    html = auditor.get("/audit/statistics").text
    assert "Severity of the pain: 6 of 15 (40%)" in html
    assert '<td class="numbers__count">6</td><td class="numbers__count">15</td>' in html


def test_the_file_says_what_the_page_says(auditor: FlaskClient) -> None:
    answer = auditor.get("/audit/statistics/numbers.csv")
    assert answer.mimetype == "text/csv"
    rows = list(csv.DictReader(io.StringIO(answer.data.decode("utf-8-sig"))))
    overrides = {row["Group"]: row["Cases"] for row in rows if row["Table"].startswith("Overr")}
    assert sorted(overrides.values()) == ["0", "0", "0", "0", "0", "7"]
    unknown = {row["Group"]: (row["Cases"], row["Of"]) for row in rows if "known" in row["Table"]}
    assert ("6", "15") in unknown.values()


def test_equal_numbers_stand_in_the_order_of_the_rules(auditor: FlaskClient) -> None:
    text = auditor.get("/audit/statistics/numbers.csv").data.decode("utf-8-sig")
    rows = [row for row in csv.DictReader(io.StringIO(text)) if row["Table"] == UNKNOWN]
    hidden = [row["Group"] for row in rows if row["Cases"] in {"not shown", "0"}]
    names = [each.name for each in shipped.ruleset().items.values()]
    assert len(hidden) > 20
    assert hidden == sorted(hidden, key=names.index)


def test_of_a_site_with_few_cases_nothing_is_told(auditor: FlaskClient) -> None:
    text = auditor.get("/audit/statistics/numbers.csv?site=2").data.decode("utf-8-sig")
    cells = {row["Cases"] for row in csv.DictReader(io.StringIO(text))}
    assert cells <= {"not shown", "0"}


def test_a_site_of_others_is_as_good_as_none(auditor: FlaskClient) -> None:
    assert auditor.get("/audit/statistics?site=99").status_code == 404


def test_the_page_is_valid_html(
    auditor: FlaskClient, html_problems: Callable[[Mapping[str, str]], list[str]]
) -> None:
    assert html_problems({"numbers": auditor.get("/audit/statistics").text}) == []


@pytest.mark.parametrize("width", [1280, 360])
def test_the_page_is_accessible_and_fits(auditor: FlaskClient, browse: Look, width: int) -> None:
    page = browse(auditor, "/audit/statistics", viewport={"width": width, "height": 900})
    assert Axe().run(page).response["violations"] == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
