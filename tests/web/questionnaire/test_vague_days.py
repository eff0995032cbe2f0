"""A date that is known roughly: a month, a year, or words, for nurses and patients."""

import re
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from support.pages.page_reader import Page

from screening.formats.answers.days import read_days
from screening.words.shared.days import words_of_days

MONTH = {"q-onset_date-month": "10", "q-onset_date-year": "2026"}
WORDS = "q-onset_date-words"
THREE_WEEKS = "between 23 October 2026 and 6 November 2026"
PROBLEM_AND_ADVICE = re.compile(r"(have a [a-z ]+|27 3 2026)\. A month and a year are enough")
Press = Callable[..., Page]


@pytest.fixture
def ask(client: FlaskClient) -> Callable[..., Page]:
    """Answers the patient's question for the onset with what is typed, and nothing else."""

    def posted(**fields: str) -> Page:
        step = {"at": "onset_date", "action": "continue", "changing": "yes"}
        return Page(client.post("/patient/question", data=step | fields).text)

    return posted


def checked(client: FlaskClient, page: Page) -> Page:
    """The page to check the answers that a page carries."""
    carried = [pair for pair in page.form.fields if pair[0].startswith("q-")]
    data = {name: value for name, value in carried if value} | {"action": "check"}
    return Page(client.post("/patient/question", data=data).text)


@pytest.mark.parametrize(
    ("fields", "days"),
    [
        (MONTH, "2026-10"),
        (MONTH | {"q-onset_date-month": "Nov"}, "2026-11"),
        ({"q-onset_date-year": "1996"}, "1996"),
        ({WORDS: "October 2026"}, "2026-10"),
        ({WORDS: "yesterday"}, "2026-11-19"),
        ({WORDS: "about 3 weeks ago"}, "2026-10-23/2026-11-06"),
        ({WORDS: "chronic, more than a year"}, "1900-01-01/2025-11-20"),
        ({WORDS: "between 3 and 20 October 2026"}, "2026-10-03/2026-10-20"),
    ],
)
def test_a_patients_date_may_be_rough_and_is_shown_in_words(
    client: FlaskClient, ask: Callable[..., Page], fields: dict[str, str], days: str
) -> None:
    asked = ask(**fields)
    assert asked.hidden("at") != ["onset_date"]
    assert f'<dd class="answers__value">{words_of_days(read_days(days))}</dd>' in (
        checked(client, asked).html
    )


def test_words_are_fixed_by_the_day_on_which_they_were_typed(ask: Callable[..., Page]) -> None:
    """A page that is posted again tomorrow carries the days, not the words."""
    assert ask(**{WORDS: "about 3 weeks ago"}).hidden(WORDS) == [THREE_WEEKS]


@pytest.mark.parametrize(
    ("fields", "said", "leads_to"),
    [
        ({WORDS: "long ago"}, "how long ago it was, such as about 3 weeks ago", WORDS),
        ({WORDS: "3/4/2026"}, "can mean 3 April 2026 or 4 March 2026", WORDS),
        ({WORDS: "31 June 2026"}, "31 June 2026 does not exist; June has 30 days", WORDS),
        ({WORDS: "December 2026"}, "Enter a date that is today or in the past", WORDS),
        (MONTH | {WORDS: "about 3 weeks ago"}, "but not both", "q-onset_date-day"),
        (
            {WORDS: "about 3 weeks ago", "q-onset_date-absent": "asked-unknown"},
            "but not both",
            WORDS,
        ),
    ],
)
def test_what_cannot_be_read_comes_back_as_it_was_typed(
    ask: Callable[..., Page], fields: dict[str, str], said: str, leads_to: str
) -> None:
    page = ask(**fields)
    assert page.hidden("at") == ["onset_date"]
    assert said in page.text
    assert f"#{leads_to}" in page.links
    assert set(fields.items()) <= set(page.form.fields)


@pytest.mark.parametrize(
    ("day", "month", "year"),
    [
        *(("", "October", ""), ("", "October 2026", ""), ("", "Octember", "2026")),
        *(("3", "", "2026"), ("3", "", ""), ("3", "October", "26"), ("about 3", "10", "2026")),
    ],
)
def test_a_date_that_lacks_a_part_says_what_is_enough(
    client: FlaskClient, ask: Callable[..., Page], day: str, month: str, year: str
) -> None:
    typed = {"q-onset_date-day": day, "q-onset_date-month": month, "q-onset_date-year": year}
    _, data = Page(client.get("/nurse/").text).press("Check the page so far")
    data.update(typed)
    pages = {
        "Or say roughly when it was": ask(**typed),
        "Or roughly, in words": Page(client.post("/nurse/", data=data).text),
    }
    for label, page in pages.items():
        assert PROBLEM_AND_ADVICE.search(page.text)
        assert f"use the box “{label}”, for example: about 3 weeks ago" in page.text
        assert label in page.text.replace(f"“{label}”", ""), "the box has that label"


def test_a_nurses_rough_dates_stay_on_the_page(client: FlaskClient) -> None:
    _, data = Page(client.get("/nurse/").text).press("Check the page so far")
    data.update({WORDS: "about three weeks ago"})
    data.update({name.replace("onset", "diagnosis"): text for name, text in MONTH.items()})
    page = Page(client.post("/nurse/", data=data).text)
    assert (WORDS, THREE_WEEKS) in page.form.fields
    assert ("q-diagnosis_date-month", "10") in page.form.fields
    assert ("q-diagnosis_date-day", "") in page.form.fields
    _, again = page.press("Show result")
    result = Page(client.post("/nurse/result", data=again).text)
    assert f"(answer: {THREE_WEEKS}; " in result.text
    assert "(answer: October 2026; " in result.text


def test_both_pages_say_that_less_than_a_day_will_do(
    client: FlaskClient, ask: Callable[..., Page]
) -> None:
    nurse = Page(client.get("/nurse/").text)
    assert "The day, or the day and the month, may be left empty." in nurse.text
    patient = ask()
    assert "If you do not know the day, leave it empty." in patient.text
    assert "Or say roughly when it was" in patient.text


def test_the_screening_date_is_a_whole_day(client: FlaskClient) -> None:
    page = Page(client.get("/nurse/").text)
    assert "as_of-words" not in dict(page.form.fields)
    _, data = page.press("Show result")
    data["as_of-day"], data["as_of-words"] = "", "yesterday"
    answer = client.post("/nurse/result", data=data)
    assert answer.status_code == 422
    assert "The date must have a day" in answer.text
    assert "must have a day. A month" not in answer.text
