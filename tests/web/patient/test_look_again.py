"""A patient is asked calmly to look at answers that do not fit together, and gets no verdict."""

import datetime as dt
from collections.abc import Mapping

import pytest
from flask.testing import FlaskClient
from support.pages.page_reader import Page
from support.people.typed_answers import typed
from support.rulesets import shipped
from support.rulesets.builders import UNKNOWN, given

from screening.core.values.answer import Answer

AGAIN = "Please look at these answers again"
LATE = given(onset_date=dt.date(2026, 10, 9), diagnosis_date=dt.date(2026, 10, 5))
QUESTION = "/patient/question"
RESULT = "/patient/result"


def post(client: FlaskClient, address: str, answers: Mapping[str, Answer], **more: str) -> Page:
    data = typed(shipped.ruleset(), answers)
    data.update({"report": "yes"} | more)
    return Page(client.post(address, data=data).text)


def complete(**changes: object) -> dict[str, Answer]:
    """The favourable case with changes; what is not among them is not known."""
    unknown = dict.fromkeys(shipped.ruleset().items, UNKNOWN)
    return {**unknown, **shipped.favourable(), **given(**changes)}  # type: ignore[arg-type]


@pytest.mark.parametrize(("address", "action"), [(QUESTION, "check"), (RESULT, "result")])
def test_answers_that_do_not_fit_together_are_shown_with_the_way_to_each(
    client: FlaskClient, address: str, action: str
) -> None:
    page = post(client, address, complete() | LATE, action=action)
    said = page.text.partition(AGAIN)[2]
    assert "A break cannot be found before it happens." in said
    buttons = [value for each in page.forms for _, value, _ in each.buttons.values()]
    assert {"onset_date", "diagnosis_date"} <= set(buttons)
    for verdict in ("contradict", "favourable", "candidate", "requirement"):
        assert verdict not in page.text.partition("What published pages")[0]


def test_nothing_is_to_look_at_again_where_all_fits(client: FlaskClient) -> None:
    assert AGAIN not in post(client, QUESTION, complete(), action="check").text
    assert AGAIN not in post(client, RESULT, complete(), action="result").text


def test_the_button_leads_to_the_question_and_back(client: FlaskClient) -> None:
    page = post(client, QUESTION, complete() | LATE, change="onset_date")
    assert page.hidden("at") == ["onset_date"]
    right = complete() | LATE | given(onset_date=dt.date(2026, 10, 5))
    page = post(client, QUESTION, right, at="onset_date", action="continue", changing="yes")
    assert page.headings[0] == "Check your answers"
    assert AGAIN not in page.text


def test_a_changed_answer_takes_the_answers_with_it_that_it_no_longer_calls_for(
    client: FlaskClient,
) -> None:
    before = complete(disc_herniation=True, disc_pain=True)
    page = post(client, QUESTION, before, action="check")
    assert page.hidden("q-disc_pain") == ["yes"]
    changed = complete(disc_herniation=False, disc_pain=True)
    page = post(client, QUESTION, changed, at="disc_herniation", action="continue", changing="yes")
    assert page.hidden("q-disc_herniation") == ["no"]
    assert page.hidden("q-disc_pain") == []
    assert AGAIN not in page.text
    assert AGAIN not in post(client, RESULT, changed, action="result").text


def test_an_answer_is_kept_while_its_question_may_still_be_called_for(client: FlaskClient) -> None:
    unsure = complete(disc_pain=True) | {"disc_herniation": UNKNOWN}
    page = post(client, QUESTION, unsure, action="check")
    assert page.hidden("q-disc_pain") == ["yes"]


def test_the_answer_on_the_page_is_kept_whatever_the_others_say(client: FlaskClient) -> None:
    changed = complete(disc_herniation=False, disc_pain=True)
    page = post(client, QUESTION, changed, change="disc_pain")
    assert page.hidden("at") == ["disc_pain"]
    page = post(client, QUESTION, changed, at="disc_pain", action="continue", changing="yes")
    assert AGAIN in page.text
