"""The main pages, as people find them on one day after the same work, and their words."""

import datetime as dt
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from gettext import NullTranslations
from http import HTTPStatus

from flask import Flask
from flask.testing import FlaskClient
from support.pages.page_text import words_of
from support.pages.web_states import Fields, nurse, patient
from support.people import worklist_people
from support.people.case_people import Nurse, assessed, form_with
from support.people.web_people import add_person, add_site, casework_app, enter
from werkzeug.test import TestResponse

from screening.records.access import Actor, Role
from screening.records.ledger.records import Records
from screening.translation import ENGLISH, reading_in

PUBLIC = {
    "start": "/",
    "about": "/about",
    "sources": "/sources/",
    "rules": "/rules",
    "nurse": "/nurse/",
    "patient": "/patient/",
}
NUMBERS = {"numbers": "/audit/statistics"}
LEAD = {
    "worklist": "/worklist/",
    "chase": "/worklist/chase",
    "case": "/case/{met}/",
    "missing": "/case/{open}/missing",
    "history": "/case/{met}/history",
    "result": "/case/{met}/assessments/1",
    "letter": "/case/{met}/assessments/1/letter",
}
AUDITOR = {"audit": "/audit/"}
ADMINISTRATOR = {"people": "/people/"}
POSTED: dict[str, tuple[str, Fields]] = {
    "nurse-result": ("/nurse/result", nurse(patient(scoliosis="yes"))),
    "patient-question": ("/patient/question", Fields()),
    "patient-result": ("/patient/result", patient(blood_thinners="yes")),
}
NAMES = (*PUBLIC, *POSTED, *NUMBERS, *LEAD, *AUDITOR, *ADMINISTRATOR)
WHOLE = re.compile(".+", re.DOTALL)
OWN = re.compile(r"<title>.*?</title>|<main.*?</main>", re.DOTALL)
LETTER = re.compile(r"<article.*?</article>", re.DOTALL)
PARTS = {"start": WHOLE, "worklist": WHOLE, "letter": LETTER}
"""Two pages show what stands around all. What stands above a letter depends on the fonts here."""


def application(records: Records) -> Flask:
    """The application with casework, whose clock shows the same day in any time zone."""
    return casework_app(replace(records, zone=dt.UTC), WTF_CSRF_ENABLED=False)


def texts(app: Flask, language: NullTranslations = ENGLISH) -> Iterator[tuple[str, str]]:
    """The name and the words of each main page in a language, after the same work in English."""
    visitor = app.test_client()
    for name, address in PUBLIC.items():
        with reading_in(language):
            answer = visitor.get(address)
        yield name, read(name, answer)
    for name, (address, fields) in POSTED.items():
        with reading_in(language):
            answer = visitor.post(address, data=fields)
        yield name, read(name, answer)
    site = add_site(app.extensions["records"], "North")
    lead = hired(app, Role.LEAD_NURSE, "Lea Lead", site)
    met, open_still = worklist_people.fill(app.extensions["records"], lead.actor, site, 2)
    decide(assessed(replace(lead, case_id=met)))
    yield from seen(
        lead.client, NUMBERS, language
    )  # of one result: lines of equal length stand in any order
    assessed(replace(lead, case_id=open_still), cause="")
    yield from seen(lead.client, LEAD, language, met=met, open=open_still)
    auditor = hired(app, Role.AUDITOR, "Aude Auditor", site)
    yield from seen(auditor.client, AUDITOR, language)
    administrator = hired(app, Role.ADMINISTRATOR, "Adam Admin", site)
    yield from seen(administrator.client, ADMINISTRATOR, language)


def hired(app: Flask, role: Role, name: str, site: int) -> Nurse:
    """A person who is signed in."""
    email = f"{name.replace(' ', '.').lower()}@clinic.localhost"
    number, _ = add_person(app.extensions["records"], role, sites=[site], name=name, email=email)
    client = app.test_client()
    enter(client, email)
    roles, sites = frozenset({role}), frozenset({site})
    return Nurse(client, Actor(id=number, name=name, roles=roles, sites=sites), "")


def decide(lead: Nurse) -> None:
    """Refer the patient whose case meets everything."""
    data = form_with(lead.page("assessments/1"), "Record the decision")
    data["choice"] = "refer:requirements-met"
    assert lead.post("assessments/1/review", data).status_code == HTTPStatus.SEE_OTHER


def seen(
    client: FlaskClient, pages: Mapping[str, str], language: NullTranslations, **cases: str
) -> Iterator[tuple[str, str]]:
    """The name and the words of pages that a person opens."""
    for name, address in pages.items():
        with reading_in(language):
            answer = client.get(address.format(**cases))
        yield name, read(name, answer)


def read(name: str, answer: TestResponse) -> str:
    """The words of a page; its status stands in front of them if there is no such page."""
    parts = PARTS.get(name, OWN)
    refused = "" if answer.status_code == HTTPStatus.OK else f"{answer.status}\n"
    return refused + words_of("".join(parts.findall(answer.text)))
