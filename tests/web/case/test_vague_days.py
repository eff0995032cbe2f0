"""A date that is known roughly is stored as a span, and comes back with every page of its case."""

from uuid import uuid4

import pytest
from support.casework.case_writes import nothing
from support.people.case_people import Nurse, assessed

from screening.core.values.answer import Answer, Value
from screening.formats.answers.days import read_days
from screening.records.case.case_view import open_case
from screening.records.case.history import EntryMethod
from screening.records.casework.answers import Submission, save_answers
from screening.records.ledger.records import Records
from screening.web.case.wording import answer_words

ONSET = "q-onset_date-words"
SPANS = ["2026-10", "1996", "2026-10-03/2026-10-20", "1900-01-01/2025-11-20", "2026-10-03"]
THREE_WEEKS = "between 23 October 2026 and 6 November 2026"


def records_of(nurse: Nurse) -> Records:
    records: Records = nurse.client.application.extensions["records"]
    return records


def onset(nurse: Nurse) -> Value | None:
    given = open_case(records_of(nurse), nurse.actor, nurse.case_id).history.current()
    return given["onset_date"].answer.value if "onset_date" in given else None


@pytest.mark.parametrize("days", SPANS)
def test_an_edit_of_another_question_leaves_days_as_they_are(nora: Nurse, days: str) -> None:
    """However they came into the case, the sheet shows them and sends them back."""
    version, given = int(nora.sheet()["version"]), {"onset_date": Answer(value=read_days(days))}
    save_answers(
        open_case(records_of(nora), nora.actor, nora.case_id),
        Submission(
            version=version, answers=given, how=EntryMethod.FORM, idempotency_key=uuid4().hex
        ),
        find_warnings=nothing,
    )
    nora.answer(leg_weakness="no")
    assert onset(nora) == read_days(days)
    assert nora.page("history").text.count("Onset of the fracture") == 1


@pytest.mark.parametrize(
    ("days", "words"), [("2026-10", "October 2026"), ("2026-10-03", "3 October 2026")]
)
def test_days_are_in_words_though_their_question_is_not_asked_any_more(
    days: str, words: str
) -> None:
    assert answer_words(None, Answer(value=read_days(days))) == words


def test_words_become_days_and_the_history_tells_them(nora: Nurse) -> None:
    data = nora.sheet()
    data[ONSET] = "about 3 weeks ago"
    assert nora.post("", data).status_code == 303
    assert onset(nora) == read_days("2026-10-23/2026-11-06")
    assert nora.sheet()[ONSET] == THREE_WEEKS
    assert f"Onset of the fracture not answered {THREE_WEEKS}" in nora.page("history").text


def test_a_month_may_become_a_day(nora: Nurse) -> None:
    data = nora.sheet()
    data["q-onset_date-month"], data["q-onset_date-year"] = "10", "2026"
    nora.post("", data)
    assert onset(nora) == read_days("2026-10")
    data = nora.sheet()
    assert (data["q-onset_date-day"], data["q-onset_date-month"]) == ("", "10")
    data["q-onset_date-day"] = "3"
    nora.post("", data)
    assert onset(nora) == read_days("2026-10-03")
    assert "Onset of the fracture October 2026 3 October 2026" in nora.page("history").text


def test_words_that_say_no_days_come_back_and_the_rest_is_saved(nora: Nurse) -> None:
    data = nora.sheet()
    data[ONSET], data["q-leg_weakness"] = "ages ago", "no"
    answer = nora.post("", data)
    assert answer.status_code == 422
    assert 'value="ages ago"' in answer.text
    assert f'href="#{ONSET}"' in answer.text
    assert onset(nora) is None
    assert nora.sheet()["q-leg_weakness"] == "no"


def test_a_script_learns_the_days_that_another_person_gave(nora: Nurse) -> None:
    data = nora.sheet()
    old = data["version"]
    data[ONSET] = "about 3 weeks ago"
    nora.post("", data)
    data = nora.sheet()
    data["version"], data["q-leg_weakness"], data["only"] = old, "no", "leg_weakness"
    said = nora.post("section", data).json
    assert said is not None
    (merged,) = said["merged"]
    assert merged["fields"][ONSET] == [THREE_WEEKS]
    assert THREE_WEEKS in merged["words"]


def test_the_letter_tells_days_in_words(nora: Nurse) -> None:
    data = assessed(nora).sheet()
    for part in ("day", "month", "year"):
        data[f"q-onset_date-{part}"] = ""
    data[ONSET] = "about 3 weeks ago"
    assert nora.post("assess", data).status_code == 303
    assert THREE_WEEKS in nora.page("assessments/2").text
    assert THREE_WEEKS in nora.page("assessments/2/letter").text
