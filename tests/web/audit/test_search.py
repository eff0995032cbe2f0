"""An auditor finds a result: by every filter, by its reference, page by page; at her sites only."""

import datetime as dt
from urllib.parse import unquote
from uuid import uuid4

import pytest
from flask import Flask
from flask.testing import FlaskClient
from support.casework.screened_cases import SOME, Screened
from support.pages.page_reader import Page
from support.people import worklist_people
from support.people.web_people import add_site
from support.rulesets import shipped
from support.storage.databases import clock
from support.storage.forgery import remove_rules
from werkzeug.datastructures import MultiDict

from screening.core.results.decision import Choice, Decision
from screening.core.rules.ruleset import Tier
from screening.records.access import Actor, Role
from screening.records.case.case_view import open_case
from screening.records.casework.cases import find_case
from screening.records.errors import NotAllowedError
from screening.records.ledger.records import Records
from screening.records.results import search
from screening.records.results.decisions import NewDecision, record_review
from screening.records.results.search import AuditQuery, audit_list

SIGNS = shipped.ruleset().items_of(Tier.EMERGENCY)


def override(records: Records, lead: Actor, case_id: str) -> None:
    """Decide otherwise than computed."""
    favourable = (
        open_case(records, lead, case_id)
        .assessment(1)
        .content["assessment"]["outcome"]["favourable"]
    )
    reason = "against-not-asked" if favourable else "refer-newer-knowledge"
    version = find_case(records, lead, case_id).version
    decided = NewDecision(choice=Choice(Decision.OVERRIDE, reason), note="Why not", seen=SIGNS)
    record_review(
        open_case(records, lead, case_id), 1, version, decided, shipped.ruleset(), uuid4().hex
    )


def found(client: FlaskClient, **asked: str) -> list[str]:
    """The addresses of the results that are listed."""
    page = Page(client.get("/audit/", query_string=asked).text)
    return [link for link in page.links if link.startswith("/audit/") and link.endswith("/1/")]


def address(case_id: str) -> str:
    return f"/audit/{case_id}/1/"


def test_the_results_of_ones_sites_are_listed_the_newest_first(
    client: FlaskClient, screened: Screened, elsewhere: Screened
) -> None:
    assert elsewhere.cases
    assert found(client) == [address(each) for each in reversed(screened.cases)]


def test_results_whose_rules_were_removed_are_listed(
    client: FlaskClient, screened: Screened, records: Records
) -> None:
    remove_rules(records)
    assert found(client) == [address(each) for each in reversed(screened.cases)]


def test_each_filter_narrows_the_list(
    client: FlaskClient, screened: Screened, nora: Actor, site: int, records: Records
) -> None:
    first, second = screened.cases[:2]
    override(records, nora, first)
    outcome = str(find_case(records, nora, second).outcome)
    same = [each for each in screened.cases if find_case(records, nora, each).outcome == outcome]
    day = (clock(records).moment + dt.timedelta(days=1)).date().isoformat()
    assert found(client, override="yes") == [address(first)]
    assert address(first) not in found(client, override="no")
    assert set(found(client, outcome=outcome)) == {address(each) for each in same}
    assert 0 < len(same) < SOME
    assert found(client, outcome="nothing") == []
    assert len(found(client, by=str(nora.id))) == SOME
    assert found(client, by=str(nora.id + 1000)) == []
    assert len(found(client, site=str(site))) == SOME
    assert found(client, site=str(site + 1000)) == []
    assert len(found(client, rules=shipped.ruleset().digest)) == SOME
    assert found(client, rules="0" * 64) == []
    assert found(client, since=day) == []
    assert len(found(client, until=day)) == SOME
    assert found(client, since="2 Jan 2099") == []
    assert len(found(client, since="1000-01-01", until="9999-12-31")) == SOME
    assert len(found(client, site="y", by="-1", rules="z", outcome="'", page="q")) == SOME


def test_days_the_wrong_way_round_are_said_at_the_field(
    client: FlaskClient, screened: Screened
) -> None:
    days = {"since": "2026-03-02", "until": "2026-03-01"}
    answer = client.get("/audit/", query_string=days)
    page = Page(answer.text)
    assert answer.status_code == 422
    assert page.title.startswith("Error: ")
    assert "“Computed until” is before “Computed from”" in page.text
    assert "#until" in page.links
    assert "until-error" in page.ids
    assert "No result matches" not in page.text
    assert 'value="2 March 2026"' in answer.text
    one_day = {"since": "2026-03-02", "until": "2026-03-02"}
    assert client.get("/audit/", query_string=one_day).status_code == 200


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("x", "“Computed from”: enter a date such as 27 March 2026"),
        ("3/4/2026", "can mean"),
        ("29 February 2027", "29 February 2027 does not exist; February 2027 has 28 days"),
        ("2026", "enter a date"),
    ],
)
def test_a_day_that_cannot_be_read_filters_nothing_silently(
    client: FlaskClient, screened: Screened, typed: str, said: str
) -> None:
    answer = client.get("/audit/", query_string={"since": typed})
    page = Page(answer.text)
    assert answer.status_code == 422
    assert said in page.text
    assert "#since" in page.links
    assert f'value="{typed}"' in answer.text
    assert "/audit/" not in {link[:7] for link in page.links if link.endswith("/1/")}


def test_the_outcome_of_an_older_result_is_found_too(
    client: FlaskClient, screened: Screened, nora: Actor, records: Records
) -> None:
    """Of a case's newest result the summary tells the outcome; an older one has to be opened."""
    case_id = screened.cases[0]
    outcome = str(find_case(records, nora, case_id).outcome)
    nurse = worklist_people.signed_in(client.application, nora)
    page = Page(nurse.get(f"/case/{case_id}/").text)
    (form,) = (each for each in page.forms if "Show result" in each.buttons)
    data = MultiDict([pair for pair in form.fields if not pair[0].startswith("q-")])
    data["q-leg_weakness"] = "yes"
    assert nurse.post(f"/case/{case_id}/assess", data=data).status_code == 303
    assert find_case(records, nora, case_id).outcome != outcome
    assert address(case_id) in found(client, outcome=outcome)


def test_a_reference_is_posted_and_stands_in_no_address(
    client: FlaskClient, screened: Screened
) -> None:
    answer = client.post("/audit/find", data={"text": "R-2", "override": "no"})
    assert answer.status_code == 303
    assert "R-2" not in unquote(answer.location)
    page = Page(client.get(answer.location).text)
    assert "1 result," in page.text
    assert address(screened.cases[2]) in page.links
    assert not [link for link in page.links if "R-2" in unquote(link)]


def test_a_search_of_an_earlier_sign_in_is_said_to_be_lost(
    client: FlaskClient, screened: Screened
) -> None:
    page = Page(client.get("/audit/", query_string={"find": "bm90aGluZw"}).text)
    assert "Search again" in page.text
    assert f"{len(screened.cases)} results" in page.text


def test_pages_follow_each_other(
    client: FlaskClient, screened: Screened, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search, "SIZE", 2)
    pages = [found(client, page=str(number)) for number in (1, 2, 3, 99)]
    assert [len(each) for each in pages] == [2, 2, 1, 1]
    assert {each for listed in pages for each in listed} == {address(e) for e in screened.cases}
    outcomes = [found(client, page=str(number), override="no") for number in (1, 2, 3)]
    assert outcomes == pages[:3]


def test_an_auditor_without_a_site_finds_nothing(app: Flask, screened: Screened) -> None:
    records = screened.records
    west = add_site(records, "West")
    alone = worklist_people.person(records, Role.AUDITOR, sites=[west], name="Alone")
    assert found(worklist_people.signed_in(app, alone)) == []


def test_only_who_may_audit_is_given_a_list(records: Records, nora: Actor) -> None:
    with pytest.raises(NotAllowedError):
        audit_list(records, nora, AuditQuery())
