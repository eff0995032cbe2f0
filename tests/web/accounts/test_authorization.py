"""Default deny: every page, by every role and nobody, at the own site and another one.

The table says who may open which page. A page that is not in it fails the test, so that nobody adds
one without saying who may open it.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from support.people.typed_answers import typed_day
from support.people.web_people import add_person, add_site, casework_app, enter
from support.people.worklist_people import person, referral
from support.rulesets import shipped
from support.storage import databases
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from screening.records.access import Role
from screening.records.casework.cases import add_case
from screening.records.ledger.records import Records
from screening.records.storage.tables import EventRow
from screening.web.accounts import authorization

NOBODY = "nobody"
NURSE, LEAD, AUDITOR, ADMIN = (role.value for role in Role)
EVERYBODY = frozenset({NOBODY, NURSE, LEAD, AUDITOR, ADMIN})
SIGNED_IN = EVERYBODY - {NOBODY}
READERS = frozenset({NURSE, LEAD, AUDITOR})
NURSES = frozenset({NURSE, LEAD})
EXPORTERS = frozenset({LEAD, AUDITOR})
NONE: frozenset[str] = frozenset()

PAGES: dict[frozenset[str], tuple[str, ...]] = {
    EVERYBODY: (
        *("static", "sources.home", "sources.sources", "sources.source"),
        *("sources.disagreements", "sources.silence", "sources.about", "rulebook.rules"),
        "options.compare",
        *("patient.start", "patient.restart", "patient.question", "patient.result"),
        *("patient.matters", "patient.cleared", "sheet_file.pdf", "sheet_file.text"),
        *("answer_file.save", "answer_file.load"),
        *("nurse.start", "nurse.restart", "nurse.check", "nurse.result"),
        *("security.login", "security.logout", "security.forgot_password"),
        *("security.reset_password", "security.two_factor_setup", "security.mf_recovery"),
        *("security.two_factor_token_validation", "security.wan_signin"),
        *("security.wan_signin_response", "own_account.session_time_left"),
        *("own_account.make_first_account", "own_account.open_link"),
        *("health.health", "health.ready", "metrics.read", "contact.security_txt"),
    ),
    SIGNED_IN: (
        *("security.verify", "security.change_password", "security.wan_register"),
        *("security.two_factor_setup_validate", "security.mf_recovery_codes"),
        *("security.wan_register_response", "security.wan_delete", "security.wan_verify"),
        *("security.wan_verify_response", "own_account.page", "own_account.start"),
        "own_account.show_second_tab",
        *("own_account.prolong_session", "rights_notices.page", "rights_notices.mark_seen"),
        *("own_sessions.page", "own_sessions.end"),
    ),
    frozenset({ADMIN}): (
        *("people.page", "people.add", "people.show_person", "people.change_rights"),
        *("people.set_active", "people.propose_factor_removal", "people.propose_link"),
        *("people.propose_unlinked", "people.sites", "people.site"),
        *("proposals.page", "proposals.decide"),
    ),
    frozenset({ADMIN, AUDITOR}): (
        *("access_review.page", "access_review.sign", "access_review.export"),
    ),
    READERS: (
        *("worklist.page", "worklist.find", "chase_list.page", "answers.page"),
        *("history.page", "missing.page", "assessment.list_assessments", "assessment.show"),
        *("assessment.compare", "letter.page", "letter.pdf_file"),
        *("emergency_access.page", "emergency_access.open_access"),
    ),
    NURSES: (
        *("referral.new", "referral.add", "referral.edit", "referral.change"),
        *("import_file.start", "import_file.template_file", "import_file.preview"),
        "import_file.columns",
        *("import_file.confirm", "answers.save", "answers.section", "missing.save"),
        *("call.page", "call.record"),
        *("assessment.assess_case", "assessment.review", "letter.save"),
        *("closing.page", "closing.close", "closing.reopen"),
        *("assignment.page", "assignment.assign"),
        *("handover.page", "handover.record", "handover.mark_entered_in_error"),
        *("emergency_access.notices", "emergency_access.record_check"),
    ),
    EXPORTERS: (
        *("export_file.export", "statistics.page", "statistics.export"),
        *(
            "versions.page",
            "versions.propose_version",
            "versions.approve_version",
            "versions.compare_versions",
        ),
    ),
    frozenset({AUDITOR}): (
        *("search.page", "search.find", "trace.page", "trace.views"),
        *("trace.evidence", "trace.pdf_file", "ledger.page", "ledger.verify"),
        *("ledger.head", "impact.page", "impact.table"),
        "emergency_access.list_openings",
    ),
    NONE: ("security.two_factor_rescue", "security.tf_select", "security.static"),
}
WHO_MAY = {endpoint: who for who, endpoints in PAGES.items() for endpoint in endpoints}
ENDS_THE_SESSION = {"security.logout", "security.change_password"}
TOKEN = re.compile(r'name="csrf_token" value="[^"]*"')
BY_LINK = {"own_account.make_first_account", "own_account.open_link"}
"""Open to everybody who has the link; without it there is no such page."""
REFUSALS = {401, 403, 404, 405, 500}


@dataclass(frozen=True)
class House:
    """The application with a case at each of two sites, and a browser of each role at the first."""

    app: Flask
    records: Records
    clients: dict[str, FlaskClient]
    own: str
    other: str
    spare: int

    def address(self, rule: Rule, case_id: str) -> str:
        """An address of a page."""
        values: dict[str, Any] = {"case_id": case_id, "filename": "mark.svg", "token": "x"}
        values["number"] = self.spare if rule.endpoint.startswith("people.") else 1
        values["source_id"] = "tpic"
        if rule.endpoint == "people.site":
            values["number"] = 1
        needed = {name: values.get(name, "x") for name in rule.arguments}
        if rule.endpoint == "versions.compare_versions":
            digest = shipped.ruleset().digest
            needed |= {"before": digest, "after": digest}
        if rule.endpoint == "assessment.compare":
            needed |= {"before": 1, "after": 1}
        with self.app.test_request_context():
            return self.app.url_for(rule.endpoint, **needed)

    def events(self) -> int:
        """How many there are."""
        with self.records.database.reading() as session:
            return session.scalar(select(func.count()).select_from(EventRow)) or 0


@pytest.fixture(scope="module")
def house(sqlite_pattern: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    folder = tmp_path_factory.mktemp("gate")
    with databases.open_records(databases.sqlite_copy(sqlite_pattern, folder)) as records:
        yield furnished(records)


def furnished(records: Records) -> House:
    app = casework_app(records, WTF_CSRF_ENABLED=False, COUNT_TRIES=False)
    north, south = add_site(records, "North"), add_site(records, "South")
    cases = [
        add_case(
            records,
            person(records, Role.NURSE, sites=[site], name="Adder"),
            site,
            referral(site),
            uuid4().hex,
        )
        for site in (north, south)
    ]
    clients = {NOBODY: app.test_client()}
    for role in Role:
        clients[role.value] = app.test_client()
        _, email = add_person(records, role, sites=[north])
        enter(clients[role.value], email)
    spare, _ = add_person(records, Role.NURSE)
    house = House(app, records, clients, cases[0], cases[1], spare)
    assess(house)
    return house


def assess(house: House) -> None:
    """Make the first assessment of the own case."""
    data = typed_day(shipped.as_of()) | {"version": ["1"], "once": [uuid4().hex]}
    answer = house.clients[LEAD].post(f"/case/{house.own}/assess", data=data)
    assert answer.status_code == 303, answer.text


def rules(app: Flask) -> list[tuple[str, Rule]]:
    """Every way to ask for something; what ends the session comes last."""
    found = [
        (method, rule)
        for rule in app.url_map.iter_rules()
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"})
    ]
    return sorted(found, key=lambda each: each[1].endpoint in ENDS_THE_SESSION)


def test_the_table_says_of_every_page_who_may_open_it(house: House) -> None:
    assert {rule.endpoint for _, rule in rules(house.app)} == set(WHO_MAY)


def test_nobody_gets_beyond_the_door(house: House) -> None:
    got = []
    for method, rule in rules(house.app):
        answer = house.clients[NOBODY].open(
            house.address(rule, house.own), method=method, buffered=True
        )
        led_to_the_door = (answer.location or "").startswith("/account/sign-in")
        kept_out = answer.status_code in {401, 404} or led_to_the_door
        if NOBODY not in WHO_MAY[rule.endpoint] and not kept_out:
            got.append((method, rule.endpoint, answer.status_code))
    assert got == []


@pytest.mark.parametrize("role", sorted(SIGNED_IN))
def test_a_role_opens_what_the_table_says_and_nothing_else(house: House, role: str) -> None:
    wrong = []
    for method, rule in rules(house.app):
        if rule.endpoint == "security.logout":
            continue
        status = asked(house, role, method, rule, house.own).status_code
        who = WHO_MAY[rule.endpoint]
        if not who:
            right = status == 404
        elif role in who:
            right = status not in REFUSALS or rule.endpoint in BY_LINK
        else:
            right = status == 403
        if not right:
            wrong.append((method, rule.endpoint, status))
    assert wrong == []


@pytest.fixture(autouse=True)
def contact(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without an address there is no security.txt."""
    monkeypatch.setenv("SCREENING_SECURITY_CONTACT", "mailto:security@hospital.example")


@pytest.mark.parametrize("role", sorted(SIGNED_IN))
def test_a_case_of_another_site_is_as_good_as_none(house: House, role: str) -> None:
    wrong = []
    for method, rule in rules(house.app):
        if "case_id" not in rule.arguments:
            continue
        foreign = asked(house, role, method, rule, house.other)
        made_up = asked(house, role, method, rule, uuid4().hex)
        expected = 404 if role in WHO_MAY[rule.endpoint] else 403
        if (foreign.status_code, made_up.status_code) != (expected, expected):
            wrong.append((method, rule.endpoint, foreign.status_code, made_up.status_code))
        elif TOKEN.sub("", foreign.text) != TOKEN.sub("", made_up.text):
            wrong.append((method, rule.endpoint, 0, 0))  # they differ
    assert wrong == []


def asked(house: House, role: str, method: str, rule: Rule, case_id: str) -> TestResponse:
    posted = {"version": "999", "once": uuid4().hex, "finder": "records"}  # of a call
    data = posted if method == "POST" else None
    return house.clients[role].open(
        house.address(rule, case_id), method=method, data=data, buffered=True
    )


def test_each_look_at_a_case_is_one_event_and_a_look_in_vain_is_none(house: House) -> None:
    wrong = []
    for method, rule in rules(house.app):
        if method != "GET" or "case_id" not in rule.arguments:
            continue
        role = LEAD if LEAD in WHO_MAY[rule.endpoint] else AUDITOR
        for case_id, expected in ((house.own, 1), (house.other, 0)):
            before = house.events()
            asked(house, role, method, rule, case_id)
            if house.events() - before != expected:
                wrong.append((rule.endpoint, expected, house.events() - before))
    assert wrong == []


def test_what_is_refused_is_one_event(house: House) -> None:
    before = house.events()
    assert house.clients[ADMIN].get("/worklist/").status_code == 403
    assert house.events() == before + 1


def test_a_page_without_a_mark_is_refused_to_everybody(sqlite_records: Records) -> None:
    app = casework_app(sqlite_records)
    app.add_url_rule("/forgotten", "forgotten", lambda: "secret")
    assert authorization.mark_of(app, "forgotten") is None
    answer = app.test_client().get("/forgotten")
    assert answer.status_code == 403
    assert "secret" not in answer.text


def test_no_form_is_taken_without_its_token(sqlite_records: Records) -> None:
    """Each page that takes a form is sent one without a token, by somebody who may do it all."""
    app = casework_app(sqlite_records)
    north = add_site(sqlite_records, "North")
    everything = person(sqlite_records, *Role, sites=[north], name="All")
    _, email = add_person(sqlite_records, *Role, sites=[north])
    client = app.test_client()
    enter(client, email)
    case_id = add_case(sqlite_records, everything, north, referral(), uuid4().hex)
    house = House(app, sqlite_records, {"all": client}, case_id, case_id, everything.id)
    taken = []
    for method, rule in rules(app):
        if method == "POST" and WHO_MAY[rule.endpoint]:
            before = house.events()
            answer = asked(house, "all", method, rule, case_id)
            if house.events() != before or answer.status_code not in {303, 400, 401}:
                taken.append((rule.endpoint, answer.status_code))
            if answer.status_code == 303 and answer.location != "/account/":
                taken.append((rule.endpoint, 303))
    assert taken == []
    assert client.get("/account/").status_code == 200
