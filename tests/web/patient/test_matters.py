"""Up to three things that matter most: picked or in own words, carried on, and never stored."""

from collections.abc import Callable, Mapping

import pytest
from flask.testing import FlaskClient
from support.pages.page_reader import Page
from support.people.typed_answers import typed
from support.rulesets import shipped
from support.rulesets.builders import given
from werkzeug.datastructures import MultiDict

from screening.core.rules.ruleset import Matter
from screening.core.values.answer import Answer
from screening.web.patient.matters import LONGEST
from screening.words.patient.matters import MATTER_WORDS

Answers = Mapping[str, Answer]
Walk = Callable[[Answers], list[Page]]
Press = Callable[..., Page]
SHOW = "Show my sheet for the doctor"
HEADING = "What matters most to you?"
ON_THE_SHEET = "What matters most to me"


def filled(answers: Answers, *picked: Matter, own: tuple[str, ...] = ()) -> MultiDict[str, str]:
    data = typed(shipped.ruleset(), answers)
    data["report"] = "yes"
    for each in picked:
        data.add("matters", each.value)
    for text in own:
        data.add("own", text)
    return data


def sheet(client: FlaskClient, *picked: Matter, own: tuple[str, ...] = ()) -> Page:
    data = filled(shipped.favourable(), *picked, own=own)
    return Page(client.post("/patient/result", data=data).text)


def test_the_page_comes_between_the_check_and_the_sheet(press: Press, walk: Walk) -> None:
    page = press(walk(shipped.favourable())[-1], SHOW)
    assert page.headings == [HEADING]
    assert [words for words in MATTER_WORDS.values() if words not in page.text] == []
    result = press(page, "Continue")
    assert result.headings == ["Your sheet for the doctor"]
    assert ON_THE_SHEET not in result.text


def test_in_an_emergency_the_page_is_not_put(press: Press, walk: Walk, client: FlaskClient) -> None:
    weak = {**shipped.favourable(), **given(leg_weakness=True)}
    assert press(walk(weak)[-1], SHOW).headings == ["Your sheet to hand over"]
    page = Page(client.post("/patient/matters", data=filled(weak)).text)
    assert page.headings == ["Your sheet to hand over"]


def test_an_open_question_comes_first(client: FlaskClient) -> None:
    page = Page(client.post("/patient/matters", data={"q-leg_weakness": "no"}).text)
    assert page.hidden("at") == ["saddle_numbness"]


def test_what_was_picked_and_written_leads_the_sheet_and_its_questions(
    client: FlaskClient,
) -> None:
    page = sheet(client, Matter.HOSPITAL, own=("Feeding   my\tcat",))
    said = page.text.partition(ON_THE_SHEET)[2].partition("What I have tried")[0]
    assert said.strip().startswith("Staying out of hospital Feeding my cat")
    assert "would I stay the night" in said
    assert "would I stay the night" not in first_questions(sheet(client))


def first_questions(page: Page) -> str:
    return page.text.partition("Questions to ask my doctor")[2].partition("What to bring")[0]


def test_every_later_page_carries_it_on(client: FlaskClient) -> None:
    data = filled(shipped.favourable(), Matter.RISKS, own=("My garden",))
    for address, step in (
        ("/patient/question", {"action": "check"}),
        ("/patient/question", {"change": "scoliosis"}),
        ("/patient/question", {"at": "saddle_numbness", "action": "back"}),
        ("/patient/question", {"at": "leg_weakness", "action": "back"}),
        ("/patient/result", {"action": "result"}),
    ):
        html = client.post(address, data=MultiDict([*data.items(multi=True), *step.items()])).text
        assert '<input type="hidden" name="matters" value="risks">' in html, step
        assert '<input type="hidden" name="own" value="My garden">' in html, step


def test_an_alarm_carries_it_on_too(client: FlaskClient) -> None:
    data = filled({**shipped.favourable(), **given(leg_weakness=True)}, own=("My garden",))
    data.update({"at": "leg_weakness", "action": "continue"})
    assert 'name="own" value="My garden"' in client.post("/patient/question", data=data).text


def test_skip_leaves_nothing_of_it(client: FlaskClient) -> None:
    data = filled(shipped.favourable(), *Matter, own=("My garden",))
    data["action"] = "skip"
    page = client.post("/patient/result", data=data)
    assert page.status_code == 200
    assert ON_THE_SHEET not in page.text
    assert "My garden" not in page.text


@pytest.mark.parametrize(
    ("picked", "own", "said"),
    [
        (tuple(Matter)[:4], (), "Choose up to three in all"),
        (tuple(Matter)[:2], ("One", "Two"), "Choose up to three in all"),
        ((), ("x" * (LONGEST + 1),), f"Shorten this to {LONGEST} letters or fewer"),
    ],
)
def test_a_mistake_is_said_and_loses_nothing(
    client: FlaskClient, picked: tuple[Matter, ...], own: tuple[str, ...], said: str
) -> None:
    answer = client.post("/patient/result", data=filled(shipped.favourable(), *picked, own=own))
    page = Page(answer.text)
    assert answer.status_code == 422
    assert page.title.startswith("Error: ")
    assert said in page.text
    ticked = [each for each in Matter if f'value="{each.value}" checked' in page.html]
    assert ticked == list(picked)
    assert [value for name, value in page.form.fields if name == "own" and value] == list(own)
    assert ("q-scoliosis", "no") in page.form.fields


def test_in_an_emergency_a_mistake_keeps_nobody_from_the_sheet(client: FlaskClient) -> None:
    weak = {**shipped.favourable(), **given(leg_weakness=True)}
    answer = client.post("/patient/result", data=filled(weak, *Matter, own=("x" * 2000,)))
    assert answer.status_code == 200
    assert Page(answer.text).headings == ["Your sheet to hand over"]


def test_odd_letters_and_unknown_lines_say_nothing(client: FlaskClient) -> None:
    data = filled(shipped.favourable(), own=("<b>\u202eME\u0000</b>", " ", "\n"))
    data.add("matters", "no_such_thing")
    html = client.post("/patient/result", data=data).text
    assert "&lt;b&gt; ME &lt;/b&gt;" in html
    assert "no_such_thing" not in html
