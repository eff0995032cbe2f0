"""In another language no page says anything in English but what is data or is typed."""

import re
from collections.abc import Iterator
from gettext import NullTranslations
from http import HTTPStatus
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from support.casework.screened_cases import screen
from support.pages.english_words import english_words, own_words
from support.pages.form_crawler import Crawler
from support.pages.pseudo_language import Pseudo
from support.pages.web_states import State, states
from support.people.case_people import Nurse
from support.people.web_people import add_site, casework_app
from support.people.worklist_people import person, signed_in
from support.rulesets import shipped
from support.storage import databases
from werkzeug.test import TestResponse

from screening.records.access import Actor, Role
from screening.records.ledger.records import Records
from screening.records.ledger.signed_head import Signer
from screening.records.ledger.site_days import zone_names
from screening.records.people.administration import COMMAND_LINE
from screening.records.witness.heads import LedgerSigner
from screening.translation import ENGLISH
from screening.web import create_app

STATES = states()
NAMES = (
    "Vertebra Screening",
    "SHA-256",
    "Ann Example",
    "Spine clinic",
    COMMAND_LINE.name,
    "the command line",
)
"""The product, a standard, what a referral holds, and by whom what a command did is recorded."""
ENGLISH_ONLY = {"/audit/ledger/verify"}
"""What a verification finds is the report of ``screening ledger verify``, for who runs servers."""
ROLES = {each.value for each in Role}
"""The list of roles is in the ledger, by their codes."""
RECOVERY = re.compile(r"(?:[0-9A-Z]{4}-)+[0-9A-Z]{4}")
"""Recovery codes are random letters, and now and then like a word."""
MANY = 100
SITE, NAME, TYPED = "Ωμέγα", "Ηλέκτρα", "Ξένη λέξη και άλλη"
TABLE = "Reference,Patient,Birth year,Referring clinic,Priority\n1,Ξ,,Ω,soon\n".encode()
PASSED_OVER = re.compile(
    r"/account/(?!(passkeys|changes|sessions|password|codes)?$)|/people/\d+/|/static/"
    r"|/(patient|nurse)/|.*\.(pdf|csv|json)"
)
CAREFUL = re.compile(r"q-.*|as_of.*|birth_year|due-.*|told_at.*|.*-(day|month|year)")
FIXED = {("handover.record", "day"): "2026-11-19", ("handover.record", "time"): "22:00"}


@pytest.fixture(scope="module")
def own() -> re.Pattern[str]:
    zones = (each.replace("_", " ") for each in zone_names())
    return own_words(shipped.ruleset(), *NAMES, *zones)


@pytest.fixture(scope="module")
def visitor() -> FlaskClient:
    app = create_app(
        shipped.ruleset(), LANGUAGE=Pseudo, TODAY=shipped.as_of, WTF_CSRF_ENABLED=False
    )
    return app.test_client()


@pytest.mark.parametrize("state", STATES.values(), ids=STATES)
def test_a_page_without_an_account_is_in_the_readers_language(
    state: State, visitor: FlaskClient, own: re.Pattern[str]
) -> None:
    address, data = state.address, state.fields
    answer = visitor.get(address) if data is None else visitor.post(address, data=data)
    assert answer.status_code == state.status
    assert english_words(answer.text, own) == []


def test_the_language_ends_with_the_request(visitor: FlaskClient) -> None:
    said = Pseudo().gettext
    assert said("Skip to main content") in visitor.get("/").text
    english = create_app(shipped.ruleset()).test_client().get("/").text
    assert "Skip to main content" in english
    assert '<html lang="en">' in english


@pytest.fixture(scope="module")
def casework(
    sqlite_pattern: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[list[tuple[str, TestResponse]]]:
    """Every page of casework that a lead nurse, an administrator and an auditor come to."""
    address = databases.sqlite_copy(sqlite_pattern, tmp_path_factory.mktemp("languages"))
    with databases.open_records(address) as records:
        yield [*visited(records)]


def visited(records: Records) -> Iterator[tuple[str, TestResponse]]:
    """What is prepared is done in English; then the language changes."""
    spoken: list[NullTranslations] = [ENGLISH]
    signer = LedgerSigner(records, Signer.make())
    app = casework_app(
        records,
        TODAY=shipped.as_of,
        WTF_CSRF_ENABLED=False,
        LANGUAGE=lambda: spoken[-1],
        SIGNER=lambda: signer,
    )
    ways = [(signed_in(app, actor), ways) for actor, ways in prepared(app, records)]
    spoken.append(Pseudo())
    for client, addresses in ways:
        crawler = Crawler(client, TYPED, TABLE, CAREFUL, FIXED, {}, passed_over)
        crawler.crawl(*addresses)
        yield from crawler.answers


def prepared(app: Flask, records: Records) -> Iterator[tuple[Actor, tuple[str, ...]]]:
    """People with cases, and the addresses at which each of them begins."""
    site = add_site(records, SITE)
    lead = person(records, Role.NURSE, Role.LEAD_NURSE, sites=[site], name=NAME)
    cases = screen(records, lead).cases
    spare = person(records, Role.NURSE, sites=[site], name=NAME)
    taken_back = Nurse(signed_in(app, lead), lead, cases[1])
    for each in ("yes", "no"):
        assert taken_back.answer(leg_weakness=each).status_code == HTTPStatus.SEE_OTHER
    yield (
        lead,
        (
            *("/worklist/", "/worklist/new", "/worklist/import", "/worklist/chase", "/emergency/"),
            *(f"/case/{case}/{way}" for way in ("handover", "", "missing") for case in cases[:2]),
            *("/account/", "/account/passkeys", "/account/changes", "/no-such-page"),
        ),
    )
    administrator = person(records, Role.ADMINISTRATOR, sites=[site], name=NAME)
    yield administrator, (f"/people/{spare.id}", f"/people/sites/{site}", "/people/")
    auditor = person(records, Role.AUDITOR, sites=[site], name=NAME)
    yield auditor, ("/audit/", f"/audit/{cases[0]}/1/", "/rules/versions")


def is_code(text: str) -> bool:
    return text in ROLES or RECOVERY.fullmatch(text) is not None


def passed_over(address: str) -> bool:
    return PASSED_OVER.match(address) is not None


def test_no_page_of_casework_has_english_left(
    casework: list[tuple[str, TestResponse]], own: re.Pattern[str]
) -> None:
    pages = [(name, each.text) for name, each in casework if is_read(name, each)]
    assert len(pages) > MANY
    left = {text: name for name, html in pages for text in english_words(html, own)}
    assert {text: name for text, name in left.items() if not is_code(text)} == {}


def is_read(name: str, answer: TestResponse) -> bool:
    """True for a page; one that leads elsewhere, or is in English for a reason, is left out."""
    elsewhere = HTTPStatus.MULTIPLE_CHOICES <= answer.status_code < HTTPStatus.BAD_REQUEST
    return answer.mimetype == "text/html" and not elsewhere and name not in ENGLISH_ONLY
