"""The page of versions: who activated what, what differs, and what is said until then."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import pytest
from axe_playwright_python.sync_playwright import Axe
from click.testing import CliRunner
from flask import Flask
from flask.testing import FlaskClient
from playwright.sync_api import Page as BrowserPage
from support.casework.recorded_assessments import answered, texts
from support.pages.page_reader import Page
from support.people.typed_answers import typed_day
from support.rulesets import shipped
from support.rulesets.shipped import held
from support.storage.databases import clock

from screening.cli import main
from screening.core.rules.ruleset import Ruleset
from screening.files.rule_files import load_ruleset
from screening.files.rule_texts import load_texts
from screening.records.access import Actor, Role
from screening.records.casework.cases import find_case
from screening.records.installation.opening import open_records
from screening.records.installation.settings import Settings
from screening.records.ledger.records import Records
from screening.records.rules.activation import propose
from screening.records.rules.recorded import read_recorded

Look = Callable[..., BrowserPage]
NOT_ACTIVATED = "These rules are not activated here."
PAGE = "/rules/versions"
SHIPPED = f"documented {shipped.ruleset().version}"


@dataclass(frozen=True, slots=True)
class Staff:
    """Two people who may activate rules, and their browsers."""

    records: Records
    actor: Actor
    lead: FlaskClient
    auditor: FlaskClient


@pytest.fixture
def later(sqlite_records: Records) -> None:
    """It is a month later."""
    clock(sqlite_records).advance(days=30)


@pytest.fixture
def staff(
    sqlite_records: Records, employ: Callable[..., Actor], enter: Callable[[Actor], FlaskClient]
) -> Staff:
    lead = employ(Role.LEAD_NURSE, name="Lena Lead")
    auditor = employ(Role.AUDITOR, name="Aud Itor")
    return Staff(sqlite_records, lead, enter(lead), enter(auditor))


def press(client: FlaskClient, button: str) -> Page:
    """Press a button of the page; gives the page that follows."""
    forms = Page(client.get(PAGE).text).forms
    (form,) = (each for each in forms if button in each.buttons)
    return Page(client.post(form.action, data=dict(form.fields), follow_redirects=True).text)


def activate(staff: Staff) -> None:
    press(staff.lead, f"Propose {SHIPPED}")
    press(staff.auditor, f"Approve {SHIPPED}")


def other_rules(folder: Path) -> tuple[Ruleset, dict[str, str]]:
    """The shipped rules with another version, a changed word and a review that is overdue."""
    for name, text in texts().items():
        changed = text
        if name == "documented":
            changed = text.replace(f"version: {shipped.ruleset().version}", "version: 0.9.0", 1)
            days = "{from: 2026-11-20, review_by: 2027-11-20}"
            changed = changed.replace(days, "{from: 2026-11-20, review_by: 2026-11-21}")
            changed = changed.replace("The pain is severe.", "The pain is very strong.")
        (folder / f"{name}.yaml").write_text(changed, encoding="utf-8")
    told = {name: each.data.decode() for name, each in load_texts(folder).items()}
    return load_ruleset("documented", folder), told


def test_two_people_activate_the_rules_of_the_server(staff: Staff) -> None:
    assert "draft, not activated" in Page(staff.lead.get(PAGE).text).text
    page = press(staff.lead, f"Propose {SHIPPED}")
    assert "Proposed. Somebody else has to approve them now." in page.text
    assert "Approve documented" not in page.text
    page = press(staff.auditor, f"Approve {SHIPPED}")
    for words in ("Lena Lead", "Aud Itor", "active", "in use on this server"):
        assert words in page.text


def test_who_proposed_cannot_approve_by_hand_either(staff: Staff) -> None:
    press(staff.lead, f"Propose {SHIPPED}")
    digest = shipped.ruleset().digest
    page = Page(staff.lead.post(f"{PAGE}/{digest}/approve", follow_redirects=True).text)
    assert "somebody else has to approve them" in page.text
    assert NOT_ACTIVATED in page.text


def test_until_then_every_page_says_so_and_screening_works(
    staff: Staff, enter: Callable[[Actor], FlaskClient], employ: Callable[..., Actor]
) -> None:
    nurse = employ(Role.NURSE)
    client, case_id = enter(nurse), answered(staff.records, nurse)
    for address in ("/worklist/", "/worklist/chase", f"/case/{case_id}/"):
        assert NOT_ACTIVATED in Page(client.get(address).text).text
    assert judge(client, staff.records, nurse, case_id) == 303
    activate(staff)
    assert NOT_ACTIVATED not in Page(client.get("/worklist/").text).text


def test_each_role_is_told_what_it_can_do_about_rules_that_are_not_activated(
    staff: Staff, enter: Callable[[Actor], FlaskClient], employ: Callable[..., Actor]
) -> None:
    page = Page(enter(employ(Role.NURSE)).get("/worklist/").text)
    assert f"{NOT_ACTIVATED} Before {SHIPPED} is used for patients, a lead nurse or an" in page.text
    assert "has to activate it under Rules; two people are needed." in page.text
    link = f'activate it under <a href="{PAGE}">Rules</a>; two people'
    assert link not in page.html
    assert link in Page(staff.lead.get("/worklist/").text).html
    assert link in Page(staff.auditor.get("/audit/ledger").text).html
    administrator = enter(employ(Role.ADMINISTRATOR))
    page = Page(administrator.get("/people/").text)
    assert page.title.startswith("People")
    assert NOT_ACTIVATED not in page.text


def test_where_real_patients_are_served_nothing_is_recorded_until_then(
    casework: Flask, staff: Staff
) -> None:
    casework.config["REQUIRE_ACTIVATION"] = True
    case_id = answered(staff.records, staff.actor)
    assert judge(staff.lead, staff.records, staff.actor, case_id) == 409

    activate(staff)
    assert judge(staff.lead, staff.records, staff.actor, case_id) == 303


def judge(client: FlaskClient, records: Records, actor: Actor, case_id: str) -> int:
    data = typed_day(shipped.as_of())
    version = find_case(records, actor, case_id).version
    data |= {"version": [str(version)], "once": [uuid4().hex]}
    return client.post(f"/case/{case_id}/assess", data=data).status_code


@pytest.mark.usefixtures("later")
def test_two_versions_are_compared_in_deeds_and_words(staff: Staff, tmp_path: Path) -> None:
    older, told = other_rules(tmp_path)
    propose(staff.records, staff.actor, older, told)
    assert held(read_recorded("documented", told, older.digest)) == held(older)
    page = Page(staff.lead.get(PAGE).text)
    assert "past its review" in page.text
    ways = f"before={older.digest}&after={shipped.ruleset().digest}"
    text = Page(staff.lead.get(f"{PAGE}/compare?{ways}").text).text
    assert "equal on all complete answers" in text
    assert "it said: “The pain is very strong.”; it says: “The pain is severe.”" in text


def test_what_is_judged_otherwise_is_shown_with_the_nearest_patient(
    staff: Staff, tmp_path: Path
) -> None:
    later = {
        name: text.replace("within: 2 months", "within: 3 months") for name, text in texts().items()
    }
    for name, text in later.items():
        (tmp_path / f"{name}.yaml").write_text(text, encoding="utf-8")
    other = load_ruleset("documented", tmp_path)
    propose(staff.records, staff.actor, other, later)
    ways = f"before={other.digest}&after={shipped.ruleset().digest}"
    text = Page(staff.lead.get(f"{PAGE}/compare?{ways}").text).text
    change = "“Documented requirements met” becomes “Differs from the patients described”"
    assert change in text
    assert "the simplest such patient has" in text


def test_an_unknown_version_is_not_compared(staff: Staff) -> None:
    answer = staff.lead.get(f"{PAGE}/compare?before=x&after={shipped.ruleset().digest}")
    assert answer.status_code == 404


@pytest.mark.usefixtures("later")
def test_the_pages_are_valid_html(
    staff: Staff, html_problems: Callable[[Mapping[str, str]], list[str]], tmp_path: Path
) -> None:
    assert html_problems(dict(enumerated(staff, tmp_path))) == []


def enumerated(staff: Staff, folder: Path) -> list[tuple[str, str]]:
    return [
        (f"page{at}", staff.lead.get(each).text) for at, each in enumerate(pages(staff, folder))
    ]


def pages(staff: Staff, folder: Path) -> list[str]:
    older, told = other_rules(folder)
    propose(staff.records, staff.actor, older, told)
    return [PAGE, f"{PAGE}/compare?before={older.digest}&after={shipped.ruleset().digest}"]


@pytest.mark.usefixtures("later")
@pytest.mark.parametrize("width", [1280, 360])
def test_the_pages_are_accessible_and_fit(
    staff: Staff, browse: Look, width: int, tmp_path: Path
) -> None:
    for address in pages(staff, tmp_path):
        page = browse(staff.auditor, address, viewport={"width": width, "height": 900})
        assert Axe().run(page).response["violations"] == []
        assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_the_command_line_says_that_there_are_no_rules_yet(tmp_path: Path) -> None:
    environment = {"SCREENING_DATA": str(tmp_path / "data")}
    open_records(Settings.read(environment)).database.close()
    run = CliRunner(env=environment).invoke
    says = "o rules were used or proposed here yet; `screening versions propose` proposes the rules"
    listed = run(main, ["versions", "list"])
    assert (listed.exit_code, f"N{says}" in listed.stdout) == (0, True)
    refused = run(main, ["versions", "approve", "0123"])
    assert (refused.exit_code, f"n{says}" in refused.stderr) == (2, True)
    assert run(main, ["versions", "propose"]).exit_code == 0
    refused = run(main, ["versions", "approve", "xyz"])
    assert (refused.exit_code, "begins with “xyz”" in refused.stderr) == (2, True)


def test_the_command_line_lists_and_proposes_and_cannot_approve_its_own(tmp_path: Path) -> None:
    environment = {"SCREENING_DATA": str(tmp_path / "data")}
    open_records(Settings.read(environment)).database.close()
    run = CliRunner(env=environment).invoke
    digest = shipped.ruleset().digest[:12]
    assert run(main, ["versions", "propose"]).exit_code == 0
    listed = run(main, ["versions", "list"]).output
    assert listed.startswith(f"{digest}  {SHIPPED}  proposed by the command line")
    refused = run(main, ["versions", "approve", digest])
    assert refused.exit_code != 0
    assert "somebody else has to approve" in refused.output
