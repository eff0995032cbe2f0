"""Every text field of every form takes a hostile text, and every form fields that it has not.

The forms are found by a crawler, as a lead nurse, an administrator and an auditor find them.
"""

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from pypdf import PdfReader
from support.casework.case_writes import once
from support.casework.screened_cases import screen
from support.pages.form_crawler import TYPED as TEXTS
from support.pages.form_crawler import Crawler, Reader
from support.people import worklist_people
from support.people.case_people import Nurse
from support.people.web_people import add_site, casework_app
from support.rulesets import shipped
from support.storage import databases
from support.storage.made_up_rows import read_rows
from werkzeug.test import TestResponse

from screening.records.access import Actor, Role
from screening.records.casework.cases import add_case
from screening.records.casework.emergency_access import EmergencyRequest, open_emergency_access
from screening.records.ledger.records import Records
from screening.records.ledger.signed_head import Signer
from screening.records.storage.tables import Base
from screening.records.witness.heads import LedgerSigner

TYPED = "\"'><zqx onzqx=1>{{70000001*70000003}}"
"""Breaks out of an element and of an attribute of either quotes, and would be computed."""
FORMULA = "=1+1+cmd|' /C calc'!A0"
COMPUTED = str(70000001 * 70000003)  # long enough to stand in no token or digest by chance
NUMBER, WORD = "987654321", "zqmassassigned"
PASSED_OVER = re.compile(
    r"/account/(?!(passkeys|changes)$)|/people/(?P<who>\d+)/|/static/|/(patient|nurse)/"
)
CAREFUL = re.compile(
    r"q-.*|next_day|as_of.*|birth_year|date_received|due-.*|told_at.*|.*-(day|month|year)"
)
FIXED = {
    ("emergency_access.open_access", "reference"): TYPED,
    ("emergency_access.open_access", "note"): f"{TYPED} fell at home",
    ("handover.record", "day"): "2026-11-19",  # in every time zone in the past of the records
    ("handover.record", "time"): "22:00",
}
DECIDES = ("role", "is_admin", "admin", "state", "actor", "user", "permission", "status", "owner")
TAKEN = {200, 303}
OK = 200
ELSEWHERE = (
    *("security.", "own_account.", "oidc.", "own_sessions."),  # by their tests
    *("patient.", "sheet_file.", "answer_file.", "nurse."),  # by their tests
    "answers.section",  # a script sends it
    "import_file.columns",  # follows a file with foreign headings, see its own tests
    # only where there is something to forget; no text
    *("people.propose_factor_removal", "people.propose_unlinked"),
)
STARTS_A_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


def extra_fields() -> dict[str, str]:
    """Every column of every table as a field, with a value that nobody else gives."""
    fields = dict.fromkeys(DECIDES, WORD) | {"site": NUMBER, "sites": NUMBER}
    for table in Base.metadata.tables.values():
        for column in table.columns:
            kind = column.type.python_type
            fields[column.name] = NUMBER if kind in {int, bool} else WORD
    return fields


EXTRA = extra_fields()


@dataclass
class Attacked:
    """The application after every form was sent, and what its people's browsers saw."""

    records: Records
    crawlers: dict[Role, Crawler]
    administrators: set[int]

    @cached_property
    def answers(self) -> list[tuple[str, TestResponse, str]]:
        """Every answer, with what it answers and its words."""
        return [
            (f"{role.value} {address}", answer, words_of(answer))
            for role, crawler in self.crawlers.items()
            for address, answer in crawler.answers
        ]


@pytest.fixture(scope="module")
def attacked(sqlite_pattern: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Attacked]:
    address = databases.sqlite_copy(sqlite_pattern, tmp_path_factory.mktemp("forms"))
    with databases.open_records(address) as records:
        yield attack(records)


def attack(records: Records) -> Attacked:
    site = add_site(records, f"={TYPED}")
    lead = worklist_people.person(
        records, Role.NURSE, Role.LEAD_NURSE, sites=[site], name=f"@{TYPED}"
    )
    cases = screen(records, lead).cases
    signer = Signer.make()
    app = casework_app(
        records,
        TODAY=shipped.as_of,
        WTF_CSRF_ENABLED=False,
        OIDC_ISSUER="http://127.0.0.1:9",
        OIDC_NAME=TYPED,
        SIGNER=lambda: LedgerSigner(records, signer),
    )
    spare = worklist_people.person(records, Role.NURSE, sites=[site], name=f"Spare {TYPED}")
    otto = add_to_another_site(records)
    wanted = EmergencyRequest(reference="R-1", reason="patient-here", note=f"{TYPED} fell at home")
    assert open_emergency_access(records, otto, wanted, once())
    admin = worklist_people.person(records, Role.ADMINISTRATOR, sites=[site], name=f"Adm {TYPED}")
    auditor = worklist_people.person(records, Role.AUDITOR, sites=[site], name=f"Aud {TYPED}")
    taken_back = Nurse(worklist_people.signed_in(app, lead), lead, cases[1])
    for each in ("yes", "no"):
        assert taken_back.answer(leg_weakness=each).status_code == 303
    assert taken_back.answer(cause="asked-unknown").status_code == 303  # so that there is a call
    ways = {
        Role.LEAD_NURSE: (
            lead,
            (
                *(
                    "/worklist/",
                    "/worklist/new",
                    "/worklist/import",
                    "/emergency/",
                    f"/case/{cases[0]}/missing",
                    f"/case/{cases[1]}/call?finder=records",
                ),
                *(f"/case/{case}/{way}" for way in ("handover", "") for case in cases[:2]),
            ),
        ),
        Role.ADMINISTRATOR: (
            admin,
            (f"/people/{spare.id}", f"/people/sites/{site}", "/people/", "/account/"),
        ),
        Role.AUDITOR: (auditor, ("/audit/", f"/audit/{cases[0]}/1/", "/rules/versions")),
    }
    before = administrators(records)
    kept = {str(actor.id) for actor, _ in ways.values()}
    crawlers = {role: crawled(app, kept, *way) for role, way in ways.items()}
    return Attacked(records, crawlers, before)


def crawled(app: Flask, kept: set[str], actor: Actor, addresses: tuple[str, ...]) -> Crawler:
    def passed_over(address: str) -> bool:
        found = PASSED_OVER.match(address)
        return found is not None and found["who"] in {None, *kept}

    cell = '"' + TYPED.replace('"', '""') + '"'
    heads = "Reference,Patient,Birth year,Referring clinic,Priority"
    table = f"{heads}\nI-1,{cell},,{cell},soon\n".encode()
    crawler = Crawler(
        worklist_people.signed_in(app, actor), TYPED, table, CAREFUL, FIXED, EXTRA, passed_over
    )
    crawler.crawl(*addresses, f"/{TYPED}", f"/worklist/?clinic={TYPED}")
    return crawler


def add_to_another_site(records: Records) -> Actor:
    """A case that can be opened in an emergency alone; gives a nurse of its site."""
    site = add_site(records, "Other")
    nurse = worklist_people.person(records, Role.NURSE, sites=[site], name=f"Otto {TYPED}")
    add_case(records, nurse, site, worklist_people.referral(reference=TYPED, person=TYPED), once())
    return nurse


def administrators(records: Records) -> set[int]:
    with records.database.reading() as session:
        rows = read_rows(session.connection())
    roles = {row["id"] for row in rows["roles"] if row["name"] == Role.ADMINISTRATOR.value}
    return {row["user_id"] for row in rows["roles_users"] if row["role_id"] in roles}


def test_every_form_of_casework_was_taken(attacked: Attacked) -> None:
    """Else the other tests would see nothing. What is left out is tried where it belongs."""
    (client, *_) = [each.client for each in attacked.crawlers.values()]
    takes = {
        rule.endpoint
        for rule in client.application.url_map.iter_rules()
        if "POST" in (rule.methods or ())
    }
    taken = {
        name
        for each in attacked.crawlers.values()
        for name, statuses in each.sent.items()
        if statuses & TAKEN
    }
    assert {name for name in takes - taken if not name.startswith(ELSEWHERE)} == set()


def test_no_element_or_attribute_comes_of_what_was_typed(attacked: Attacked) -> None:
    for name, answer, _ in attacked.answers:
        assert answer.status_code < 500, name
        if answer.mimetype == "text/html":
            page = Reader(answer.text)
            assert "zqx" not in page.elements, name
            assert not {each for each in page.attributes if "zqx" in each}, name
            assert not {each for each in page.links if "zqx" in each and ":" in each[:12]}, name


def test_nothing_that_was_typed_is_computed(attacked: Attacked) -> None:
    shown = set()
    for name, answer, words in attacked.answers:
        assert COMPUTED not in words, name
        if "zqx" in words and "Location" not in answer.headers:
            assert TYPED in words or TYPED.replace("'", "") in words, name
            shown.add(answer.mimetype)
    assert shown == {"text/html", "text/csv", "application/pdf", "application/json"}


def test_no_cell_of_a_file_starts_a_formula(attacked: Attacked) -> None:
    tables = [each for _, each, _ in attacked.answers if each.mimetype == "text/csv"]
    cells = [
        cell
        for each in tables
        for row in csv.reader(io.StringIO(each.data.decode("utf-8-sig")))
        for cell in row
    ]
    assert f"'@{TYPED}" in cells
    assert [cell for cell in cells if cell.startswith(STARTS_A_FORMULA)] == []


def test_a_field_that_a_form_has_not_changes_nothing(attacked: Attacked) -> None:
    with attacked.records.database.reading() as session:
        rows = read_rows(session.connection())
    assert len(rows["reviews"]) >= 1
    for table, each in rows.items():
        values = [f"{table}.{name}" for row in each for name, value in row.items() if odd(value)]
        assert values == []
    assert administrators(attacked.records) == attacked.administrators


def test_nor_anything_that_is_sealed(attacked: Attacked) -> None:
    for name, answer, words in attacked.answers:
        if "?" not in name and answer.status_code == OK:  # a search keeps filters in its address
            assert WORD not in words, name
            assert NUMBER not in words, name


def test_forms_before_the_crawler_show_what_was_typed_as_text(attacked: Attacked) -> None:
    """Those that open an account, those of one's own account, and those that need none."""
    lead = attacked.crawlers[Role.LEAD_NURSE].client
    stranger = lead.application.test_client()
    shown = set()
    for client, address in (
        *((stranger, each) for each in ("/account/sign-in", "/nurse/", "/patient/")),
        *((lead, each) for each in ("/account/passkeys", "/account/password")),
    ):
        for answer in typed_into(client, address):
            page = Reader(answer.text)
            assert answer.status_code < 500, address
            assert "zqx" not in page.elements | page.attributes, address
            assert COMPUTED not in page.text, address
            shown |= {address} if TYPED in page.text else set()
    assert {"/account/sign-in", "/nurse/"} <= shown


def typed_into(client: FlaskClient, address: str) -> Iterator[TestResponse]:
    """The answers to each form of a page, when a text stands in each of its text fields."""
    forms = Reader(client.get(address).text).forms
    for form in (each for each in forms if each.action != "/account/sign-out"):
        data = {
            each.name: TYPED if each.kind in TEXTS else each.value
            for each in form.controls
            if each.kind not in {"radio", "checkbox"}
        }
        for name, value, action in form.buttons:
            yield client.post(
                action or form.action or address, data=data | ({name: value} if name else {})
            )


def odd(value: object) -> bool:
    return WORD in str(value) or NUMBER in str(value)


def words_of(answer: TestResponse) -> str:
    """What can be read of an answer."""
    match answer.mimetype:
        case "text/html":
            return Reader(answer.text).text
        case "application/pdf":
            pages = PdfReader(io.BytesIO(answer.data)).pages
            return " ".join("".join(page.extract_text() for page in pages).split())
        case "application/json":
            return answer.text.replace('\\"', '"')
        case "text/csv":
            return answer.text.replace('""', '"')
    return ""


def test_every_page_has_a_way_to_sign_out(attacked: Attacked) -> None:
    for name, answer, _ in attacked.answers:
        if answer.mimetype == "text/html" and answer.status_code == OK:
            actions = {form.action for form in Reader(answer.text).forms}
            assert "/account/sign-out" in actions, name
