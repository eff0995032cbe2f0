"""An emergency sign that is changed does not lose its alarm without a word."""

from collections.abc import Callable, Mapping

import pytest
from flask.testing import FlaskClient
from support.pages.page_reader import Page
from support.rulesets import shipped
from support.rulesets.builders import UNKNOWN, given

from screening.core.values.answer import Answer

Answers = Mapping[str, Answer]
Walk = Callable[[Answers], list[Page]]
Press = Callable[..., Page]

CHANGED = f"You changed your answer: {shipped.ruleset().items['leg_weakness'].ask.patient}"
STILL_THERE = "So this sign may still be there."
TODAY = "phone a doctor or nurse today"
AFTER_ALL = "If you do have it, get emergency help now."
UNSURE = {"leg_weakness": UNKNOWN}
NO = given(leg_weakness=False)


@pytest.fixture
def alarm(press: Press, walk: Walk) -> Page:
    pages = walk({**shipped.favourable(), **given(leg_weakness=True)})
    return next(page for page in pages if page.headings == ["Get help now"])


@pytest.fixture
def checked(walk: Walk) -> Page:
    return walk({**shipped.favourable(), **given(leg_weakness=True)})[-1]


def changing(client: FlaskClient, checked: Page) -> Page:
    data = {**dict(checked.form.fields), "change": "leg_weakness"}
    return Page(client.post("/patient/question", data=data).text)


@pytest.mark.parametrize("button", ["Continue", "Back to your answers"])
def test_a_change_to_not_known_says_that_nothing_is_ruled_out(
    client: FlaskClient, press: Press, checked: Page, button: str
) -> None:
    page = press(changing(client, checked), button, UNSURE)
    assert page.headings[0] == "Check your answers"
    for words in (CHANGED, STILL_THERE, TODAY):
        assert words in page.text
    assert "You were not sure:" not in page.text


@pytest.mark.parametrize("button", ["Continue", "Back to your answers"])
def test_a_change_to_no_is_said_in_one_line(
    client: FlaskClient, press: Press, checked: Page, button: str
) -> None:
    page = press(changing(client, checked), button, NO)
    assert CHANGED in page.text
    assert AFTER_ALL in page.text
    assert STILL_THERE not in page.text


def test_a_change_at_the_alarm_is_said_on_the_next_page(press: Press, alarm: Page) -> None:
    again = press(alarm, "Change my answer")
    unsure = press(again, "Continue", UNSURE)
    assert unsure.hidden("at") == ["saddle_numbness"]
    for words in (CHANGED, STILL_THERE, TODAY):
        assert words in unsure.text
    assert CHANGED in press(again, "Continue", NO).text
    assert CHANGED in press(again, "Back", NO).text


def test_a_change_is_said_once_and_in_another_language_too(
    client: FlaskClient, press: Press, alarm: Page
) -> None:
    page = press(press(alarm, "Change my answer"), "Continue", UNSURE)
    data = {**dict(page.form.fields), "switch": "es"}
    spanish = Page(client.post("/patient/question", data=data).text)
    assert spanish.hidden("eased") == ["leg_weakness"]
    following = press(page, "Continue", given(saddle_numbness=False))
    assert "You changed your answer" not in following.text


def test_an_answer_that_stays_or_was_never_a_sign_is_no_change(
    client: FlaskClient, press: Press, checked: Page, walk: Walk
) -> None:
    again = press(changing(client, checked), "Continue")
    assert "You changed your answer" not in again.text
    calm = walk({**shipped.favourable(), "leg_weakness": UNKNOWN})[-1]
    for answers in (NO, UNSURE):
        page = press(changing(client, calm), "Continue", answers)
        assert "You changed your answer" not in page.text


def test_beside_another_alarm_a_doubt_is_told_to_those_who_help(
    client: FlaskClient, press: Press, walk: Walk
) -> None:
    signs = given(leg_weakness=True, saddle_numbness=True)
    checked = walk({**shipped.favourable(), **signs})[-1]
    page = press(changing(client, checked), "Continue", UNSURE)
    assert CHANGED in page.text
    assert "Tell them about this too when you get help." in page.text
    assert TODAY not in page.text


def test_the_sheet_lists_a_sign_that_was_changed_to_not_known(
    client: FlaskClient, press: Press, checked: Page
) -> None:
    page = press(changing(client, checked), "Continue", UNSURE)
    sheet = Page(client.post("/patient/result", data=dict(page.form.fields)).text)
    assert shipped.ruleset().items["leg_weakness"].unsure in sheet.text
    assert "Phone a doctor or nurse today and read these out." in sheet.text
