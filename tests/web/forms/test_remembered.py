"""Components are remembered by their parameters: a page stays the same, and private."""

import itertools
import re
from collections.abc import Iterator

import pytest
from flask.testing import FlaskClient
from markupsafe import Markup
from support.people.typed_answers import typed, typed_day
from support.rulesets import shipped
from werkzeug.datastructures import MultiDict

from screening.core.values.answer import Answer
from screening.web.forms import controls
from screening.web.forms.blanks import TEXT_BLANK, fill_blanks
from screening.web.forms.components import cached_component, component, render_cached

TOKEN = re.compile(r'name="csrf_token" value="[^"]*"')
CODES = ("yes", "no", "unknown")


@pytest.fixture(autouse=True)
def _nothing_remembered() -> None:
    render_cached.cache_clear()


@pytest.fixture
def remembers_nothing(monkeypatch: pytest.MonkeyPatch) -> Iterator[pytest.MonkeyPatch]:
    with monkeypatch.context() as patch:
        patch.setattr(controls, "cached_component", component)
        yield patch


def filled(**texts: str) -> MultiDict[str, str]:
    """The nurse's page with every question answered, and with these texts as they are."""
    form = typed(shipped.ruleset(), shipped.favourable())
    form.update(typed_day(shipped.as_of()))
    for name, text in texts.items():
        form.setlist(name, [text])
    return form


def answered_pages(client: FlaskClient) -> list[str]:
    """The nurse's page empty, answered and with mistakes; then every question of a patient's."""
    nurse = [client.get("/nurse/"), client.post("/nurse/", data=filled())]
    nurse.append(client.post("/nurse/", data=filled(**{"q-age": "<b>", "q-imaging_date-day": "x"})))
    steps = [filled() | {"at": each, "action": "show"} for each in shipped.ruleset().items]
    patient = [client.post("/patient/question", data=step) for step in steps]
    return [TOKEN.sub("", answer.text) for answer in (*nurse, *patient)]


def test_pages_are_the_same_with_and_without_remembering(
    client: FlaskClient, remembers_nothing: pytest.MonkeyPatch
) -> None:
    plain = answered_pages(client)
    assert render_cached.cache_info().currsize == 0
    remembers_nothing.undo()
    assert answered_pages(client) == plain
    assert answered_pages(client) == plain
    assert render_cached.cache_info().hits > len(plain)


def test_a_second_page_renders_no_question_again(client: FlaskClient) -> None:
    client.get("/nurse/")
    missed = render_cached.cache_info().misses
    client.get("/nurse/")
    assert render_cached.cache_info().misses == missed > len(shipped.ruleset().items)


def test_what_people_answer_is_not_remembered(client: FlaskClient) -> None:
    client.get("/nurse/")
    before = render_cached.cache_info()
    client.post("/nurse/", data=filled())
    client.post("/nurse/", data=filled(**{"q-age": "Qzyxvuwq", "q-imaging_date-day": "Qzyxvuwq"}))
    after = render_cached.cache_info()
    assert (after.misses, after.currsize) == (before.misses, before.currsize)
    assert after.hits > before.hits


def test_what_is_remembered_is_bounded() -> None:
    most = render_cached.cache_info().maxsize
    assert most is not None
    for number in range(most + 5):
        cached_component("hint", text=str(number))
    assert render_cached.cache_info().currsize == most


@pytest.mark.parametrize("name", ["radios", "checkboxes"])
@pytest.mark.parametrize("ticked", list(itertools.product([True, False], repeat=3)))
def test_filling_ticks_what_the_component_itself_would(name: str, ticked: tuple[bool, ...]) -> None:
    def printed(marks: tuple[bool, ...]) -> Markup:
        items = [
            {
                "value": code,
                "label": {"text": '" checked >'},
                "checked": mark,
                "behaviour": "exclusive",
            }
            for code, mark in zip(CODES, marks, strict=True)
        ]
        return component(name, name="q", idPrefix="q", items=items, hint={"text": '"x" checked '})

    assert fill_blanks(printed((True,) * 3), ticked) == printed(ticked)


@pytest.mark.parametrize("text", ["", "7", '"><script>', "' checked", TEXT_BLANK, "&amp;"])
def test_filling_writes_what_the_component_itself_would(text: str) -> None:
    def printed(value: str) -> Markup:
        return component("input", id="q", name="q", label={"text": TEXT_BLANK}, value=value)

    assert fill_blanks(printed(TEXT_BLANK), [text]) == printed(text)


def test_an_answer_too_many_or_too_few_is_refused() -> None:
    blank = component("input", id="q", name="q", label={"text": "Age"}, value=TEXT_BLANK)
    for answers in ([], ["1", "2"]):
        with pytest.raises(ValueError, match="zip"):
            fill_blanks(blank, answers)


def test_marked_and_plain_text_are_remembered_apart() -> None:
    marked = cached_component("hint", text=Markup("<b>x</b>"))
    assert "&lt;b&gt;" in cached_component("hint", text="<b>x</b>")
    assert "<b>" in marked


def test_an_answered_question_is_ticked_after_another_persons(client: FlaskClient) -> None:
    yes = {"q-scoliosis": "yes"} | typed_day(shipped.as_of())
    ticked = client.post("/nurse/", data=yes).text
    assert 'name="q-scoliosis" type="radio" value="yes" checked>' in ticked
    assert " checked>" not in client.get("/nurse/").text


def test_a_mistake_of_one_person_is_not_shown_to_another(client: FlaskClient) -> None:
    wrong = client.post("/nurse/", data={"q-age": "-3"} | typed_day(shipped.as_of()))
    assert 'id="q-age-error"' in wrong.text
    assert 'id="q-age-error"' not in client.get("/nurse/").text


def test_answers_of_the_shipped_questions_are_all_filled_in(client: FlaskClient) -> None:
    page = client.post("/nurse/", data=filled()).text
    answers: dict[str, Answer] = dict(shipped.favourable())
    for name, value in typed(shipped.ruleset(), answers).items(multi=True):
        if f'name="{name}" type="text"' in page:
            assert f'name="{name}" type="text" value="{value}"' in page
        else:
            assert any(
                f'name="{name}" type="{kind}" value="{value}" checked' in page
                for kind in ("radio", "checkbox")
            ), name
