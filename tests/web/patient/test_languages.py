"""Patients read in their language, on every page, and keep their answers as they change it."""

import re
from http import HTTPStatus
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from support.pages.english_words import english_words
from support.pages.page_reader import Page
from support.pages.pseudo_language import Pseudo
from support.pages.pseudo_words import write_words
from support.pages.web_states import State, states
from support.rulesets import shipped

from screening.files.languages import load_translations
from screening.translation import BEGIN_ENGLISH
from screening.web import create_app
from screening.web.shell.language import UNCHECKED

LEFT, RIGHT = "el", "he"
"""Two languages that nobody translates to here: one of each direction."""
NOT_ALLOWED = HTTPStatus.METHOD_NOT_ALLOWED
SAID = Pseudo().gettext
PATIENT = {name: each for name, each in states().items() if each.address.startswith("/patient/")}
PATIENT = {name: each for name, each in PATIENT.items() if each.status != NOT_ALLOWED}
POSTED = {
    name: each
    for name, each in PATIENT.items()
    if each.fields and name not in {"error", "error-report"}
}
"""Pages with answers. That nothing was chosen is no longer said once the language changes."""
ALONE = "What to bring"
"""A message that no emergency needs."""


def application(place: Path) -> Flask:
    return create_app(
        shipped.ruleset(),
        RULES=place,
        LOCALE=place,
        TODAY=shipped.as_of,
        WTF_CSRF_ENABLED=False,
    )


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("words")
    for tag in (LEFT, RIGHT):
        write_words(folder, tag)
    return folder


@pytest.fixture(scope="module")
def visitor(place: Path) -> FlaskClient:
    return application(place).test_client()


@pytest.fixture(scope="module")
def sources() -> re.Pattern[str]:
    """What stays in the language of the sources, and the names of the product and its rules."""
    rules = shipped.ruleset()
    said = {"Vertebra Screening", "English", *(part.id for part in rules.parts)}
    said |= {text for each in rules.sources.values() for text in (each.title, each.publisher)}
    said |= {text for each in shipped.citations() for text in (each.quote, each.heading)}
    longest = sorted(said, key=len, reverse=True)
    return re.compile(rf"(?<![A-Za-z])(?:{'|'.join(map(re.escape, longest))})(?![A-Za-z])")


def asked(visitor: FlaskClient, state: State, tag: str) -> str:
    if state.fields is None:
        answer = visitor.get(state.address, query_string={"language": tag})
    else:
        fields = state.fields.copy()
        fields["language"] = tag
        answer = visitor.post(state.address, data=fields)
    assert answer.status_code == state.status
    return answer.text


@pytest.mark.parametrize("state", PATIENT.values(), ids=PATIENT)
def test_every_page_of_a_patient_is_in_their_language(
    state: State, visitor: FlaskClient, sources: re.Pattern[str]
) -> None:
    html = asked(visitor, state, LEFT)
    assert english_words(html, sources) == []
    assert f'<html lang="{LEFT}">' in html


@pytest.mark.parametrize("state", POSTED.values(), ids=POSTED)
def test_changing_the_language_shows_the_same_page(state: State, visitor: FlaskClient) -> None:
    """From English to another language and back, by the buttons of the page."""
    before = asked(visitor, state, "en")
    there = switched(visitor, before, LEFT)
    assert f'<html lang="{LEFT}"' in there
    assert Page(switched(visitor, there, "en")).text == Page(before).text


def switched(visitor: FlaskClient, html: str, tag: str) -> str:
    address, data = Page(html).switch(tag)
    return visitor.post(address, data=data).text


def test_what_was_typed_and_not_sent_stays_on_the_page(visitor: FlaskClient) -> None:
    html = asked(visitor, PATIENT["question-number"], "en")
    address, data = Page(html).switch(RIGHT)
    data["q-age"] = "81"
    assert 'value="81"' in visitor.post(address, data=data).text


def test_what_was_said_above_a_question_is_said_again(visitor: FlaskClient) -> None:
    fields = {"at": "leg_weakness", "q-leg_weakness": "asked-unknown"}
    html = visitor.post("/patient/question", data=fields).text
    doubt = "You were not sure: Has a leg become weak, or is one getting weaker?"
    assert doubt in Page(html).text
    there = switched(visitor, html, LEFT)
    assert SAID("Has a leg become weak, or is one getting weaker?") in Page(there).text
    assert Page(switched(visitor, there, "en")).text == Page(html).text


def test_enter_in_a_field_does_not_change_the_language(visitor: FlaskClient) -> None:
    """The first button that belongs to the form of the question is the one that goes on."""
    html = asked(visitor, PATIENT["question-number"], LEFT)
    assert html.index('value="continue"') < html.index('form="question"')


def test_a_language_from_right_to_left_says_so(visitor: FlaskClient) -> None:
    for state in PATIENT.values():
        html = asked(visitor, state, RIGHT)
        assert f'<html lang="{RIGHT}" dir="rtl">' in html
        quotes = re.findall(r"<blockquote><p>(.*?)</p>", html)
        assert all(each.startswith('<bdi lang="en" dir="ltr">') for each in quotes)


def test_the_switch_names_each_language_in_itself(visitor: FlaskClient) -> None:
    html = asked(visitor, PATIENT["start"], RIGHT)
    choices = re.findall(r'<a href="([^"]*)" lang="(\w+)" dir="(\w+)"[^>]*>(.*?)</a>', html)
    assert choices == [
        ("/patient/?language=en", "en", "ltr", "English"),
        ("/patient/?language=el", LEFT, "ltr", "Ελληνικά"),
        ("/patient/?language=he", RIGHT, "rtl", "עברית"),
    ]


def test_the_first_page_is_in_the_language_that_the_browser_likes_best(
    visitor: FlaskClient,
) -> None:
    answer = visitor.get("/patient/", headers={"Accept-Language": "xx, he;q=0.8, en;q=0.5"})
    assert f'<html lang="{RIGHT}" dir="rtl">' in answer.text
    assert answer.headers["Content-Language"] == RIGHT
    assert "Accept-Language" in answer.vary
    chosen = visitor.get("/patient/?language=en", headers={"Accept-Language": "he"})
    assert '<html lang="en">' in chosen.text


def test_who_chose_english_stays_in_it(visitor: FlaskClient) -> None:
    html = visitor.get("/patient/?language=en", headers={"Accept-Language": "he"}).text
    address, data = Page(html).press("Start now")
    answer = visitor.post(address, data=data, headers={"Accept-Language": "he"})
    assert '<html lang="en">' in answer.text


def test_no_page_but_the_patients_has_another_language(visitor: FlaskClient) -> None:
    for address in ("/", "/about", "/nurse/", "/rules", "/no-such-page"):
        answer = visitor.get(f"{address}?language=he", headers={"Accept-Language": "he"})
        assert '<html lang="en">' in answer.text


def test_a_page_that_is_refused_has_the_language_too(visitor: FlaskClient) -> None:
    answer = visitor.post(
        "/patient/question", data={"q-age": "9" * 70_000}, headers={"Accept-Language": "el"}
    )
    assert answer.status_code == HTTPStatus.REQUEST_ENTITY_TOO_LARGE
    assert f'<html lang="{LEFT}"' in answer.text


def test_a_translation_that_nobody_checked_says_so_on_every_page(
    visitor: FlaskClient, tmp_path: Path
) -> None:
    for state in PATIENT.values():
        html = asked(visitor, state, LEFT)
        assert SAID(UNCHECKED) in html
        assert f'<span lang="en" dir="ltr" translate="no">{UNCHECKED}</span>' in html
    assert UNCHECKED not in asked(visitor, PATIENT["start"], "en")
    write_words(tmp_path, LEFT, checked_by="Μαρία")
    assert UNCHECKED not in asked(application(tmp_path).test_client(), PATIENT["start"], LEFT)


GRAVE = (
    "items.leg_weakness.ask",
    "outcomes.emergency.say",
    "Do not wait to finish these questions.",
)


@pytest.mark.parametrize("key", GRAVE)
def test_a_language_without_an_emergency_text_is_not_offered(
    key: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    write_words(tmp_path, LEFT, without=[key])
    visitor = application(tmp_path).test_client()
    html = visitor.get("/patient/?language=el", headers={"Accept-Language": "el"}).text
    assert '<html lang="en">' in html
    assert "Ελληνικά" not in html
    (told,) = (each.getMessage() for each in caplog.records)
    assert told.startswith("el is not offered: emergency texts missing or not reviewed: 1, first ")
    assert key in told


def test_other_words_that_are_missing_are_in_english_and_marked_so(tmp_path: Path) -> None:
    write_words(tmp_path, RIGHT, without=["items.age.ask", "items.leg_weakness.name", ALONE])
    visitor = application(tmp_path).test_client()
    html = asked(visitor, PATIENT["question-number"], RIGHT)
    assert '<span lang="en" dir="ltr">How old are you?</span>' in html
    assert "<title>How old are you?" in html
    html = asked(visitor, PATIENT["result"], RIGHT)
    assert f'><span lang="en" dir="ltr">{ALONE}</span></h' in html
    assert BEGIN_ENGLISH not in html


def test_nothing_that_is_recorded_or_proved_depends_on_the_language(place: Path) -> None:
    english = shipped.ruleset()
    for each in load_translations([english], place, place):
        translated = each.ruleset(english)
        assert translated.digest == english.digest
        assert translated.logic is english
