"""A page of the patient's way that cannot be shown: in its looks and language, with the advice."""

from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from support.pages.page_reader import Page
from support.pages.web_states import patient
from support.rulesets import shipped
from werkzeug.test import TestResponse

from screening.records.storage.database import DatabaseUnavailableError
from screening.web import create_app
from screening.web.patient.even_length import BLOCK
from screening.web.shell.problems import TROUBLES

SMALL = 25_000
QUESTION = "/patient/question"
HELP = {
    "en": "Get help now if any of these is new",
    "es": "Pida ayuda ahora",
    "ar": "اطلبوا المساعدة الآن",
}
Ask = Callable[[FlaskClient], TestResponse]
ASKED: dict[int, Ask] = {
    404: lambda client: client.get("/patient/nothing-here"),
    405: lambda client: client.get("/patient/sheet/pdf"),
    413: lambda client: client.post(QUESTION, data={"own": "9" * 70_000}),
    500: lambda client: client.post(QUESTION, data=patient(at="cause", action="continue")),
}


def fail() -> None:
    raise KeyError


@pytest.fixture
def broken() -> FlaskClient:
    """A browser of an application whose patient's pages fail."""
    app = create_app(shipped.ruleset(), TODAY=fail, WTF_CSRF_ENABLED=False)
    app.config["PROPAGATE_EXCEPTIONS"] = False
    return app.test_client()


def ask(status: int, client: FlaskClient, broken: FlaskClient, language: str) -> TestResponse:
    chosen = broken if status == 500 else client
    chosen.environ_base["HTTP_ACCEPT_LANGUAGE"] = language
    answer = ASKED[status](chosen)
    assert answer.status_code == status
    return answer


@pytest.mark.parametrize("language", HELP)
@pytest.mark.parametrize("status", ASKED)
def test_it_has_the_patients_looks_their_language_and_the_emergency_advice(
    client: FlaskClient, broken: FlaskClient, status: int, language: str
) -> None:
    answer = ask(status, client, broken, language)
    page = Page(answer.text)
    assert f'<html lang="{language}"' in answer.text
    assert answer.headers["Content-Language"] == language
    assert "nhsuk-frontend" not in answer.text.replace("nhsuk-frontend-supported", "")
    assert ("<style>" in answer.text) == (status in {404, 405})
    assert HELP[language] in page.text
    assert len(answer.text.rstrip().encode()) < SMALL
    if language == "en":
        assert page.headings[0] == TROUBLES[status].happened


def test_an_address_that_only_begins_like_theirs_is_not_one(client: FlaskClient) -> None:
    assert "screening.css" in client.get("/patients").text


def test_a_page_that_fails_has_the_answers_to_send_again(broken: FlaskClient) -> None:
    fields = patient(at="cause", action="continue", leg_weakness="yes")
    page = Page(broken.post(QUESTION, data=fields).text)
    address, kept = page.press("Try again")
    assert address == QUESTION
    assert set(fields.items(multi=True)) <= set(kept.items(multi=True))


def test_it_gives_nothing_back_that_another_site_sent(broken: FlaskClient) -> None:
    answer = broken.post(QUESTION, data=patient(), headers={"Sec-Fetch-Site": "cross-site"})
    assert answer.status_code == 500
    assert "osteoporosis" not in answer.text


def test_an_answer_in_a_page_that_fails_is_inert(broken: FlaskClient) -> None:
    answer = broken.post(QUESTION, data={"q-age": '"><script>x</script>'})
    assert "<script>x" not in answer.text


def test_records_that_cannot_be_reached_are_nothing_to_a_patient(app: Flask) -> None:
    def unreachable() -> None:
        raise DatabaseUnavailableError

    broken = create_app(shipped.ruleset(), TODAY=unreachable, WTF_CSRF_ENABLED=False).test_client()
    answer = broken.post(QUESTION, data=patient())
    assert answer.status_code == 503
    assert answer.headers["Retry-After"]
    page = Page(answer.text)
    assert page.headings[0] == TROUBLES[500].happened
    assert page.press("Try again")[0] == QUESTION


@pytest.mark.parametrize("address", [QUESTION, "/patient/sheet/text", "/patient/nothing-here"])
def test_a_form_that_fails_is_answered_in_the_same_length(
    broken: FlaskClient, address: str
) -> None:
    for sign in ("yes", "no"):
        form = patient(leg_weakness=sign)
        answer = broken.post(address, data=form, headers={"Accept-Encoding": "gzip"})
        assert len(answer.data) == BLOCK


def test_an_expired_page_of_a_file_has_the_patients_looks_too() -> None:
    guarded = create_app(shipped.ruleset(), TODAY=shipped.as_of).test_client()
    text = guarded.post("/patient/sheet/text", data=patient()).text
    assert "patient.css" in text
    assert "screening.css" not in text
    assert "data-leave" in text
    assert "leave.js" in text
    assert HELP["en"] in text
