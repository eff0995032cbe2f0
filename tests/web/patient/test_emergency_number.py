"""The number to call in an emergency: one tap on every page that tells a patient to call it."""

from collections.abc import Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient
from support.pages.page_reader import Page
from support.people.typed_answers import typed
from support.rulesets import shipped
from support.rulesets.builders import given

from screening.records.installation.settings import SettingsError
from screening.web import create_app

NUMBER = "+44 20 7946-0000"
ADDRESS = "tel:+442079460000"
NO_NUMBER = "your local emergency number"
WEAK = {**shipped.favourable(), **given(leg_weakness=True)}


@pytest.fixture
def with_number() -> Flask:
    return create_app(
        shipped.ruleset(), TODAY=shipped.as_of, WTF_CSRF_ENABLED=False, EMERGENCY_NUMBER=NUMBER
    )


def pages_of(client: FlaskClient) -> Iterator[Page]:
    """Every kind of page that says how to get help."""
    yield Page(client.get("/").text)
    yield Page(client.get("/about").text)
    yield Page(client.get("/patient/").text)
    data = typed(shipped.ruleset(), WEAK)
    for at in ("leg_weakness", "arthritis"):
        data["at"], data["action"] = at, "next"
        yield Page(client.post("/patient/question", data=data).text)
    data["action"] = "check"
    yield Page(client.post("/patient/question", data=data).text)
    yield Page(client.post("/patient/result", data=data).text)


def test_one_tap_calls_it_wherever_a_patient_is_told_to_call(with_number: Flask) -> None:
    for page in pages_of(with_number.test_client()):
        assert ADDRESS in page.links, page.headings
        assert NUMBER in page.text
    alarm = list(pages_of(with_number.test_client()))[3]
    assert alarm.headings == ["Get help now"]
    assert f"Call {NUMBER} now" in alarm.text


def test_without_one_no_page_pretends_to_know_it(client: FlaskClient) -> None:
    for page in pages_of(client):
        assert NO_NUMBER in page.text
        assert not [each for each in page.links if each.startswith("tel:")]


@pytest.mark.parametrize("number", ["999", "112", "911", "+1 555 0100", " 999 "])
def test_a_number_is_read_from_the_setting(number: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SCREENING_EMERGENCY_NUMBER", number)
    app = create_app(shipped.ruleset())
    assert f"Call {number.strip()} now" in app.test_client().get("/").text


@pytest.mark.parametrize("number", ["call us", "1", "999;ext=1", "<b>", "+", "1" * 20, "٩٩٩"])
def test_what_no_phone_can_call_stops_the_start(
    number: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SCREENING_EMERGENCY_NUMBER", number)
    with pytest.raises(SettingsError, match="SCREENING_EMERGENCY_NUMBER"):
        create_app(shipped.ruleset())
