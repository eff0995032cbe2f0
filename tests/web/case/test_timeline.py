"""The timeline of a case: answers, results, decisions, calls, referral, letters and handovers."""

import datetime as dt
import re
from collections.abc import Callable
from dataclasses import replace

import pytest
from support.people.case_people import Nurse, assessed, form_with

from screening.records.access import Role
from screening.records.case.case_view import open_case
from screening.records.casework.chases import set_chases


@pytest.fixture
def busy(hire: Callable[..., Nurse]) -> Nurse:
    """A case in which everything was done once, and somebody else opened the letter."""
    nora, lena = hire(), hire("Lena Lead", Role.LEAD_NURSE)
    assessed(nora, pain_severity="asked-unknown")
    page = nora.page("call?finder=patient")
    name = next(each for form in page.forms for each in form.buttons if each.startswith("No reply"))
    call = form_with(page, name)
    call["note"] = "after three"
    assert nora.post("call", call).status_code == 303
    nora.answer("assess", leg_weakness="yes")
    told = form_with(nora.page("handover"), "Record who was told")
    told["told"] = "Dr Hill"
    assert nora.post("handover", told).status_code == 303
    edit = form_with(nora.page("referral"), "Save")
    edit["clinic"] = "Another clinic"
    assert nora.post("referral", edit).status_code == 303
    nora.answer("assess", leg_weakness="no")
    decided = form_with(nora.page("assessments/3"), "Record the decision")
    decided["choice"], decided["note"] = "ask-more:answers-missing", "ask about the pain"
    assert nora.post("assessments/3/review", decided).status_code == 303
    for _ in range(2):
        assert lena.get("assessments/3/letter").status_code == 200
    return nora


def heads(nurse: Nurse, way: str = "history") -> list[str]:
    """The first lines of the entries, without who and when."""
    html = nurse.get(way).text
    found = re.findall(r'<(?:summary|p class="saved__what")>(.*?)</(?:summary|p)>', html)
    plain = [re.sub("<[^>]*>", "", each) for each in found]
    return [each.partition(": ")[2] for each in plain]


def test_everything_that_was_done_is_on_it(busy: Nurse) -> None:
    found = heads(busy)
    for words in (
        "Added the referral",
        "Result 1",
        "Recorded who was told about an emergency sign",
        "No reply: the patient",
        "Changed the referral",
        "Result 3",
        "Decision on result 3: Ask for more information",
        "Opened the letter",
    ):
        assert found.count(words) == 1, words
    assert found.count("1 answer") == 2
    text = busy.page("history").text
    assert "Severity of the pain" in text
    assert "after three" in text
    assert "ask about the pain" in text


@pytest.mark.parametrize(
    ("show", "words"),
    [
        ("answers", ["1 answer", "1 answer"]),
        ("results", ["Decision on result 3: Ask for more information"]),
        ("calls", ["No reply: the patient"]),
        ("emergencies", ["Recorded who was told about an emergency sign"]),
        ("referral", ["Changed the referral", "Added the referral"]),
        ("letters", ["Opened the letter"]),
    ],
)
def test_one_kind_is_shown_alone(busy: Nurse, show: str, words: list[str]) -> None:
    found, everything = heads(busy, f"history?show={show}"), heads(busy)
    assert [each for each in found if each in words] == words
    assert 0 < len(found) < len(everything)
    assert set(found) <= set(everything)
    assert busy.get(f"history?show={show}").text.count('aria-current="true"') == 1


def test_an_unknown_kind_shows_everything(busy: Nurse) -> None:
    assert heads(busy, "history?show=nothing") == heads(busy)


def test_a_kind_of_which_nothing_was_done_says_so(nora: Nurse) -> None:
    assert "There is nothing to show yet" in nora.page("history?show=calls").text


def test_due_dates_changed_by_hand_are_on_it_with_the_emergency_signs_first(nora: Nurse) -> None:
    assessed(nora, bladder_bowel="asked-unknown", pain_severity="asked-unknown")
    view = open_case(nora.client.application.extensions["records"], nora.actor, nora.case_id)
    put_off = {
        link: replace(view.chases[link], due=view.chases[link].due + dt.timedelta(days=3))
        for link in ("bladder_bowel", "pain_severity")  # no page puts off that of a sign
    }
    set_chases(view, view.case.version, put_off, "by-hand-0001")
    assert heads(nora, "history?show=calls") == ["Changed due dates"]
    first, second = re.findall(
        r"saved__more.*?<bdi>(.*?)</bdi>", nora.get("history?show=calls").text
    )
    assert first.startswith("Emergency sign. ")
    assert "due date changed from" in first
    assert re.search(r"Severity of the pain: due date changed from .* to ", second)
