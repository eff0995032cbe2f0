"""An answer of the patient path has the same length, whatever a person answered."""

from collections.abc import Callable, Iterator

import pytest
from flask.testing import FlaskClient
from support.pages.web_states import Fields, patient, states
from support.people.typed_answers import typed
from support.rulesets import shipped
from support.rulesets.builders import UNKNOWN
from werkzeug.test import TestResponse

from screening.core.rules.condition import items_in
from screening.core.rules.ruleset import Tier
from screening.web.patient.even_length import (
    BLOCK,
    CHECK_BLOCK,
    FILE_BLOCK,
    PDF_BLOCK,
    SHEET_BLOCK,
    pad,
)

QUESTION, SHEET = "/patient/question", "/patient/result"
SIGNS = sorted(
    link_id
    for criterion in shipped.ruleset().criteria
    if criterion.tier is Tier.EMERGENCY
    for link_id in items_in(criterion.condition)
)
LONG = {"check": CHECK_BLOCK, "result": SHEET_BLOCK}
"""The blocks of long pages, by how the names of their states begin."""
GIVEN = ("yes", "no", "asked-unknown")


@pytest.fixture
def client(client: FlaskClient) -> FlaskClient:
    """A browser that has opened the first page, which gives it its one cookie."""
    client.get("/patient/")
    return client


def sent(answer: TestResponse) -> int:
    """The bytes that a server sends for an answer: the status, the headers and the body."""
    return len(answer.status) + len(str(answer.headers)) + len(answer.data)


def early(sign: str, value: str) -> Fields:
    """A form on which only the signs up to one are answered, all others of them with no."""
    before = SIGNS[: SIGNS.index(sign)]
    fields = Fields({f"q-{link_id}": "no" for link_id in before})
    fields.update({"at": sign, "action": "continue", f"q-{sign}": value})
    return fields


def late(sign: str, value: str) -> Fields:
    """A form on which everything else is answered."""
    return patient(at=sign, **{sign: value})


@pytest.mark.parametrize("sign", SIGNS)
@pytest.mark.parametrize("form", [early, late])
def test_a_sign_does_not_show_in_the_length_of_the_answer(
    client: FlaskClient, sign: str, form: Callable[[str, str], Fields]
) -> None:
    answers = {value: client.post(QUESTION, data=form(sign, value)) for value in GIVEN}
    assert answers["yes"].text.count("Get help now") > answers["no"].text.count("Get help now")
    assert {sent(each) for each in answers.values()} == {sent(answers["no"])}
    assert {each.status for each in answers.values()} == {"200 OK"}


@pytest.mark.parametrize("sign", SIGNS)
@pytest.mark.parametrize("action", ["show", "check"])
def test_nor_on_a_page_that_comes_later(client: FlaskClient, sign: str, action: str) -> None:
    forms = (patient(at="cause", action=action, **{sign: value}) for value in GIVEN)
    assert len({sent(client.post(QUESTION, data=each)) for each in forms}) == 1


def answer_sets() -> Iterator[Fields]:
    rules = shipped.ruleset()
    yield from (typed(rules, each.answers) for each in shipped.examples().values())
    yield typed(rules, dict.fromkeys(rules.items, UNKNOWN))


def test_the_sheet_of_every_example_fills_its_blocks(client: FlaskClient) -> None:
    pages = [client.post(SHEET, data=each) for each in answer_sets()]
    sheets = [len(each.data) for each in pages if 'name="at"' not in each.text]
    assert len(sheets) > 10
    assert set(sheets) == {SHEET_BLOCK}
    asked = [len(each.data) for each in pages if 'name="at"' in each.text]
    assert {length % BLOCK for length in asked} <= {0}


@pytest.mark.parametrize("language", ["en", "es", "ar"])
@pytest.mark.parametrize(
    ("address", "block"),
    [
        (SHEET, SHEET_BLOCK),
        ("/patient/sheet/text", FILE_BLOCK),
        ("/patient/answers/save", FILE_BLOCK),
        ("/patient/sheet/pdf", PDF_BLOCK),
    ],
)
def test_an_alarm_does_not_show_in_the_sheet_and_its_files(
    client: FlaskClient, language: str, address: str, block: int
) -> None:
    forms = [patient(leg_weakness=value) for value in GIVEN]
    for each in forms:
        each["language"] = language
    answers = [client.post(address, data=each) for each in forms]
    assert {len(each.data) for each in answers} == {block}


@pytest.mark.parametrize("name", [name for name, each in states().items() if each.fields])
def test_every_page_that_takes_a_patients_form_fills_its_blocks(
    client: FlaskClient, name: str
) -> None:
    state = states()[name]
    if state.address.startswith("/patient"):
        answer = client.post(state.address, data=state.fields)
        block = next((LONG[each] for each in LONG if name.startswith(each)), BLOCK)
        assert len(answer.data) % block == 0
        assert int(answer.headers["Content-Length"]) == len(answer.data)
        assert "Content-Encoding" not in answer.headers


def test_a_page_that_is_the_same_for_all_is_not_filled(client: FlaskClient) -> None:
    assert len(client.get("/patient/").data) < BLOCK


def test_what_is_added_is_blank_and_at_the_end() -> None:
    assert pad(b"abc", 8) == b"abc     "
    assert pad(b"12345678", 8) == b"12345678"
