"""A known emergency is said on every page of its case until somebody records who was told."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from flask import Flask
from playwright.sync_api import Page as BrowserPage
from playwright.sync_api import expect
from support.pages.page_reader import Page
from support.people.case_people import Nurse, assessed, form_with, rows
from werkzeug.test import TestResponse

from screening.formats.answers.day_text import written_day
from screening.records.access import Role
from screening.records.case.case_rows import State
from screening.records.case.case_summary import Summary
from screening.records.case.case_view import open_case
from screening.records.casework.cases import find_case
from screening.records.casework.emergency_notes import emergency_notes

TASK = "Emergency: nobody has recorded who was told"
RECORD = "Record who was told"
MISTAKE = "Record the mistake"
SIGN = "New or progressive leg weakness"
WHAT_WAS_DONE = (
    "An emergency sign was answered yes for this patient: what was done about it",
    f"{SIGN}: Dr Hill, on call was told on 20 November 2026, ",
)
LONGEST_DAY = "30 September 2026"
WAYS = ("", "missing", "history", "assessments/", "assessments/1", "referral", "close")


@pytest.fixture
def weak(nora: Nurse) -> Nurse:
    """Somebody whose case has an emergency sign, and a result."""
    return assessed(nora, leg_weakness="yes")


def state(nurse: Nurse) -> State:
    records = nurse.client.application.extensions["records"]
    return find_case(records, nurse.actor, nurse.case_id).state


def tell(nurse: Nurse, **changes: str) -> TestResponse:
    data = form_with(nurse.page("handover"), RECORD)
    data["told"] = "Dr Hill, on call"
    for name, text in changes.items():
        data[name] = text
    return nurse.post("handover", data)


def visible_task(nurse: Nurse, way: str) -> bool:
    html = nurse.get(way).text
    return TASK in html and 'aria-labelledby="task" hidden' not in html


@pytest.mark.parametrize("way", WAYS)
def test_every_page_of_the_case_says_it_until_it_is_done(weak: Nurse, way: str) -> None:
    assert visible_task(weak, way)
    assert f"/case/{weak.case_id}/handover" in weak.page(way).links
    assert tell(weak).status_code == 303
    assert not visible_task(weak, way)
    assert WHAT_WAS_DONE[way == "assessments/1"] in weak.page(way).text


def test_the_form_shows_the_signs_and_begins_with_now_and_oneself(weak: Nurse) -> None:
    page = weak.page("handover")
    assert "emergency sign New or progressive leg weakness" in page.text
    data = form_with(page, RECORD)
    assert (data["told"], data["told_by"]) == ("", "Nora Nurse")
    assert data["day"] == "20 November 2026"
    assert data["time"]


@pytest.mark.parametrize("time", ["08:05", "08.05", "0805", "8:05 am", "8:05am", "8.05 a.m."])
def test_a_time_is_read_as_people_write_it(weak: Nurse, time: str) -> None:
    assert tell(weak, day="20 Nov 2026", time=time).status_code == 303
    assert "20 November 2026, 08:05" in weak.page("history").text


@pytest.mark.parametrize(("time", "shown"), [("12:10 am", "00:10"), ("0.10", "00:10")])
def test_midnight_is_not_noon(weak: Nurse, time: str, shown: str) -> None:
    assert tell(weak, time=time).status_code == 303
    assert f"20 November 2026, {shown}" in weak.page("history").text


@pytest.mark.parametrize("time", ["2:30", "2.30", "230"])
def test_a_time_by_either_clock_is_asked_for_and_nothing_is_lost(weak: Nurse, time: str) -> None:
    answer = tell(weak, day="19 Nov 2026", time=time, told_by="Otto Other")
    page = Page(answer.text)
    assert answer.status_code == 422
    assert f"“{time}” can mean 02:30 or 14:30: enter the one you mean" in page.text
    assert "#time" in page.links
    kept = form_with(page, RECORD)
    assert (kept["told"], kept["told_by"]) == ("Dr Hill, on call", "Otto Other")
    assert (kept["day"], kept["time"]) == ("19 November 2026", time)
    assert tell(weak, day="19 Nov 2026", time="14:30").status_code == 303


@pytest.mark.parametrize(
    "time", ["13:10 pm", "0:10 am", "9", "07", "25:00", "8:75", "07:00Z", "07:00+02:00"]
)
def test_what_is_no_time_is_refused(weak: Nurse, time: str) -> None:
    answer = tell(weak, time=time)
    assert answer.status_code == 422
    assert "Enter the time when they were told" in answer.text
    assert "Enter the date" not in answer.text


@pytest.mark.parametrize(
    ("day", "said"),
    [
        ("", "Enter the date when they were told"),
        ("the other day", "Enter the date when they were told"),
        ("3/4/2026", "can mean 3 April 2026 or 4 March 2026"),
        ("31 November 2026", "31 November 2026 does not exist; November has 30 days"),
        ("31 Nov", "31 November does not exist; November has 30 days"),
    ],
)
def test_a_day_and_a_time_each_have_their_own_error(weak: Nurse, day: str, said: str) -> None:
    answer = tell(weak, day=day, time="noon")
    page = Page(answer.text)
    assert answer.status_code == 422
    assert said in page.text
    assert {"#day", "#time"} <= set(page.links)
    assert 'value="noon"' in answer.text


def test_what_was_recorded_stands_in_the_history(weak: Nurse) -> None:
    tell(weak, time="08:05", told_by="Otto Other")
    text = weak.page("history").text
    assert "Dr Hill, on call , 20 November 2026, 08:05" in text
    assert "Told by Otto Other about: New or progressive leg weakness" in text
    assert "Recorded by Nora Nurse" in text


def test_a_sign_that_no_longer_says_yes_after_its_handover_is_said_on_every_paper(
    weak: Nurse,
) -> None:
    """Somebody was told that it is there, and nothing else says that it was taken back."""
    tell(weak)
    assert "answered yes, then changed" not in weak.page("assessments/1").text
    weak.answer(leg_weakness="no")
    assert weak.post("assess", weak.sheet()).status_code == 303
    for way in ("assessments/2", "assessments/2/letter"):
        said = weak.page(way).text
        assert f"{SIGN}: answered yes, then changed. Ask again before" in said
        assert f"{SIGN}: Dr Hill, on call was told on" in said
    assert f"{SIGN}: answered yes, then changed." in weak.page("history").text


def test_the_reader_of_the_letter_is_asked_to_ask_about_such_a_sign_again(weak: Nurse) -> None:
    tell(weak)
    assert "Please ask this patient again about" not in weak.page("assessments/1/letter").text
    saved = form_with(weak.page("assessments/1/letter"), "Save the letter")
    saved["letter-request"] = "Please see her."
    assert weak.post("assessments/1/letter", saved).status_code == 303
    weak.answer(leg_weakness="no")
    weak.post("assess", weak.sheet())
    asked = f"Please ask this patient again about: {SIGN} (answered yes, then changed)."
    for number in "12":  # what was saved before does not hide it
        assert asked in weak.page(f"assessments/{number}/letter").text
    again = form_with(weak.page("assessments/2/letter"), "Save the letter")
    again["letter-request"] = f"{again['letter-request']} And soon."
    assert weak.post("assessments/2/letter", again).status_code == 303
    assert "And soon." in weak.page("assessments/2/letter").text


def test_an_auditor_reads_it_beside_the_trace(app: Flask, hire: Callable[..., Nurse]) -> None:
    nora, ada = hire(), hire("Ada Auditor", Role.AUDITOR)
    assessed(nora, leg_weakness="yes")
    tell(nora)
    trace = Page(ada.client.get(f"/audit/{nora.case_id}/1/").text)
    assert "What was done about the emergency signs Dr Hill, on call" in trace.text
    assert ada.get("handover").status_code == 403


@pytest.mark.parametrize(
    ("changes", "said", "place"),
    [
        ({"told": " "}, "Enter who was told", "#told"),
        ({"told": "-"}, "Enter who was told", "#told"),
        ({"day": "2026-11-18"}, "earlier than the day before the sign was answered here", "#day"),
        ({"told_by": ""}, "Enter who told them", "#told_by"),
        ({"day": "2026-11-21"}, "cannot be in the future", "#day"),
        ({"time": "half past"}, "Enter the time when", "#time"),
        ({"day": ""}, "Enter the date when", "#day"),
    ],
)
def test_what_is_missing_is_asked_for_and_the_rest_is_kept(
    weak: Nurse, changes: dict[str, str], said: str, place: str
) -> None:
    answer = tell(weak, **changes)
    page = Page(answer.text)
    assert answer.status_code == 422
    assert said in page.text
    assert place in page.links
    kept = form_with(page, RECORD)
    assert {name: kept[name] for name in changes} == {
        name: written_day(text.strip()) for name, text in changes.items()
    }
    assert visible_task(weak, "")


def test_a_change_meanwhile_is_said_and_what_was_typed_is_kept(weak: Nurse) -> None:
    data = form_with(weak.page("handover"), RECORD)
    data["told"] = "Dr Hill"
    weak.answer(saddle_numbness="yes")
    answer = weak.post("handover", data)
    assert answer.status_code == 409
    page = Page(answer.text)
    assert "Another emergency sign was answered in the meantime" in page.text
    assert "Saddle numbness" in page.text
    kept = form_with(page, RECORD)
    assert kept["told"] == "Dr Hill"
    assert weak.post("handover", kept).status_code == 303


def test_a_double_click_records_it_once(weak: Nurse) -> None:
    data = form_with(weak.page("handover"), RECORD)
    data["told"] = "Dr Hill"
    assert [weak.post("handover", data).status_code for _ in range(2)] == [303, 303]
    records = weak.client.application.extensions["records"]
    assert len(emergency_notes(open_case(records, weak.actor, weak.case_id))) == 1


def test_only_asking_for_more_is_offered_before(weak: Nurse) -> None:
    page = weak.page("assessments/1")
    assert (
        "Only “Ask for more information” is offered until somebody records who was told"
        in page.text
    )
    assert "do-not-refer:" not in page.html
    data = form_with(page, "Record the decision")
    data["choice"] = "do-not-refer:emergency-care"
    answer = weak.post("assessments/1/review", data)
    assert answer.status_code == 422
    assert "nobody has recorded who was told about it" in Page(answer.text).text
    assert state(weak) is State.ASSESSED
    tell(weak)
    data = form_with(weak.page("assessments/1"), "Record the decision")
    data["choice"] = "do-not-refer:emergency-care"
    assert weak.post("assessments/1/review", data).status_code == 303
    assert state(weak) is State.DECIDED


def test_the_case_cannot_be_closed_before(nora: Nurse) -> None:
    data = form_with(nora.page("close"), "Close the case")
    nora.answer(leg_weakness="yes")
    assert "Close the case" not in nora.page("close").html
    data["version"] = str(find_version(nora))
    answer = nora.post("close", data)
    assert answer.status_code == 409
    assert "cannot be closed until somebody records who was told" in Page(answer.text).text
    assert state(nora) is State.SCREENING
    tell(nora)
    data = form_with(nora.page("close"), "Close the case")
    assert nora.post("close", data).status_code == 303
    assert state(nora) is State.CLOSED


def test_nor_where_it_was_not_kept_yet_who_was_told(
    weak: Nurse, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of such a case no task is shown before its answers are saved again."""
    data = form_with(tell_first(weak), "Close the case")
    monkeypatch.setattr(Summary, "read", classmethod(read_as_before))
    answer = weak.post("close", data)
    assert answer.status_code == 409
    page = Page(answer.text)
    assert "cannot be closed until somebody records who was told" in page.text
    assert f"/case/{weak.case_id}/handover" in page.links


def tell_first(nurse: Nurse) -> Page:
    """The page to close a case whose emergency was handed over."""
    tell(nurse)
    return nurse.page("close")


read_now = Summary.read


def read_as_before(_: type[Summary], data: bytes) -> Summary:
    return replace(read_now(data), handed_over=None, noted=False)


def find_version(nurse: Nurse) -> int:
    records = nurse.client.application.extensions["records"]
    return find_case(records, nurse.actor, nurse.case_id).version


def test_without_an_emergency_there_is_nothing_to_record(nora: Nurse) -> None:
    assert nora.get("handover").status_code == 303
    assert not visible_task(nora, "")


@pytest.mark.parametrize("later", ["no", "asked-unknown", ""])
@pytest.mark.parametrize("way", WAYS)
def test_a_sign_that_is_taken_back_still_waits(weak: Nurse, way: str, later: str) -> None:
    weak.answer(leg_weakness=later)
    assert visible_task(weak, way)
    assert f"{SIGN}: answered yes, then changed." in weak.page(way).text


def test_who_was_told_can_be_recorded_of_a_sign_that_was_taken_back_meanwhile(weak: Nurse) -> None:
    data = form_with(weak.page("handover"), RECORD)
    data["told"] = "Dr Hill"
    weak.answer(leg_weakness="no")
    assert weak.post("handover", data).status_code == 303
    assert not visible_task(weak, "")
    assert f"{SIGN}: Dr Hill was told on" in weak.page("assessments/1").text


def take_back(nurse: Nurse, why: str) -> TestResponse:
    """Say why the answer was a mistake."""
    data = form_with(nurse.page("handover"), MISTAKE)
    data["why"] = why
    return nurse.post("handover/entered-in-error", data)


def test_a_mistake_is_recorded_with_its_reason_and_stays_on_every_paper(weak: Nurse) -> None:
    weak.answer(leg_weakness="no")
    assert weak.post("assess", weak.sheet()).status_code == 303
    result = weak.page("assessments/2")
    assert "Only “Ask for more information” is offered" in result.text
    letter = weak.page("assessments/2/letter").text
    assert f"{SIGN}: answered yes, then changed. Nobody has recorded who was told." in letter
    assert take_back(weak, "I pressed the wrong key").status_code == 303
    called = "Nora Nurse recorded that the “yes” was a mistake: I pressed the wrong key"
    said = f"{SIGN}: answered yes, then changed. {called}"
    for way in ("assessments/2", "assessments/2/letter"):
        assert said in weak.page(way).text, way
    assert not visible_task(weak, "")
    assert f"{SIGN}: the “yes” was a mistake I pressed the wrong key" in weak.page("history").text
    assert "refer:requirements-met" in weak.page("assessments/2").html


@pytest.mark.parametrize("why", ["", " ", ".", "no idea", "x" * 501])
def test_a_mistake_without_a_reason_is_asked_for_it(weak: Nurse, why: str) -> None:
    weak.answer(leg_weakness="no")
    answer = take_back(weak, why)
    page = Page(answer.text)
    assert answer.status_code == 422
    assert "Say in a few words how you know that the answer was a mistake" in page.text
    assert "#why" in page.links
    assert form_with(page, MISTAKE)["why"] == why.strip()
    assert visible_task(weak, "")


def test_a_sign_that_is_there_cannot_be_called_a_mistake(weak: Nurse) -> None:
    assert MISTAKE not in weak.page("handover").html
    data = form_with(weak.page("handover"), RECORD)
    data["why"] = "there was no time"
    assert weak.post("handover/entered-in-error", data).status_code == 303
    assert "There is no such emergency sign on this case now" in weak.page().text
    assert visible_task(weak, "")


@pytest.mark.parametrize("later", ["asked-unknown", ""])
def test_nor_can_one_that_nobody_has_answered_no_to(weak: Nurse, later: str) -> None:
    weak.answer(leg_weakness="no")
    data = form_with(weak.page("handover"), MISTAKE)
    data["why"] = "I pressed the wrong key"
    weak.answer(leg_weakness=later)
    page = weak.page("handover")
    assert f"{SIGN}: its answer is not “no”" in page.text
    assert MISTAKE not in page.html
    assert weak.post("handover/entered-in-error", data).status_code == 303
    assert "Not recorded: answer “no” to this sign first" in weak.page().text
    assert visible_task(weak, "")


def test_of_several_signs_each_is_chosen_and_explained(weak: Nurse) -> None:
    weak.answer(leg_weakness="no", saddle_numbness="yes")
    weak.answer(saddle_numbness="no")
    page = Page(take_back(weak, "I pressed the wrong key").text)
    assert "Choose which sign was answered yes by mistake" in page.text
    data = form_with(page, MISTAKE)
    assert data["why"] == "I pressed the wrong key"
    data["sign"] = "saddle_numbness"
    assert weak.post("handover/entered-in-error", data).status_code == 303
    assert visible_task(weak, "")
    assert take_back(weak, "I pressed the wrong key").status_code == 303
    assert not visible_task(weak, "")


def test_a_sign_that_was_taken_back_is_marked_in_the_lists(weak: Nurse) -> None:
    weak.answer(leg_weakness="no")
    assert "emergency sign answered yes, then changed" in row_of(weak)
    assert "nobody told yet" in row_of(weak)
    assert f"/case/{weak.case_id}/handover" in Page(weak.client.get("/worklist/chase").text).links


def test_a_sign_that_was_changed_after_its_handover_stays_in_the_lists(weak: Nurse) -> None:
    """Otherwise nothing in the row would say that this patient ever had one."""
    tell(weak)
    assert "answered yes earlier" not in row_of(weak)
    weak.answer(leg_weakness="no")
    row = row_of(weak)
    assert "emergency sign answered yes earlier" in row
    assert "nobody told yet" not in row


def row_of(nurse: Nurse) -> str:
    """The case's row of the worklist, which was touched last."""
    html = nurse.client.get("/worklist/?sort=touched&order=down").text
    (row,) = (each for each in html.split("<tr")[1:] if nurse.case_id in each)
    return row


def test_lists_say_that_nobody_was_told(weak: Nurse) -> None:
    listed = weak.client.get("/worklist/").text
    assert "nobody told yet" in Page(listed).text
    assert "handed over</span>" not in row_of(weak)
    chased = Page(weak.client.get("/worklist/chase").text)
    assert "Emergencies to hand over now" in chased.headings_of("h2")
    assert f"/case/{weak.case_id}/handover" in chased.links
    tell(weak)
    assert "handed over</span>" in row_of(weak)
    chased = Page(weak.client.get("/worklist/chase").text)
    assert f"/case/{weak.case_id}/handover" not in chased.links


def test_the_chase_list_has_a_line_for_it_until_it_is_done(weak: Nurse) -> None:
    assert handing_over_is_chased(weak)
    tell(weak)
    assert not handing_over_is_chased(weak)


def handing_over_is_chased(nurse: Nurse) -> bool:
    return any(RECORD in row and nurse.case_id in row for row in rows(nurse, "chase"))


def test_an_answer_makes_the_task_appear_at_once(
    nora: Nurse, look: Callable[..., BrowserPage]
) -> None:
    page = look(nora)
    task = page.get_by_role("heading", name=TASK)
    expect(task).to_be_hidden()
    page.locator('[data-item="leg_weakness"] [value=yes]').check()
    page.locator('[data-item="fever_chills"] [value=no]').check()
    page.locator('[data-item="age"] input').first.focus()
    expect(task).to_be_visible()
    page.get_by_role("link", name=RECORD).click()
    page.get_by_label("Who was told", exact=True).fill("Dr Hill")
    page.get_by_role("button", name=RECORD).click()
    expect(page.get_by_text("Recorded who was told about the emergency.")).to_be_visible()
    expect(page.get_by_role("heading", name=TASK)).to_be_hidden()


@pytest.mark.parametrize("way", ["?sort=window", "?sort=touched&order=down", "?overdue=1"])
def test_no_order_or_filter_of_the_worklist_hides_that_nobody_was_told(
    weak: Nurse, way: str
) -> None:
    page = Page(weak.client.get(f"/worklist/{way}").text)
    assert "that nobody has been told about. Hand over now" in page.text
    assert "/worklist/chase" in page.links
    first = weak.client.get("/worklist/").text
    assert "that nobody has been told about. Hand over now" not in Page(first).text


def test_the_file_of_a_list_says_who_was_not_told(hire: Callable[..., Nurse]) -> None:
    nora, lea = hire(), hire("Lea Lead", Role.LEAD_NURSE)
    assessed(nora, leg_weakness="yes")

    def counted() -> tuple[int, int]:
        """How many cases were not handed over, and how many were; other tests' cases too."""
        text = lea.client.get("/worklist/export.csv").text
        said = ("nobody told yet", "handed over")
        waiting, done = (text.count(f"emergency sign: {SIGN} ({each})") for each in said)
        return waiting, done

    waiting, done = counted()
    tell(nora)
    assert counted() == (waiting - 1, done + 1)


@pytest.mark.parametrize("way", ["handover", "missing", "call?finder=patient", "referral"])
def test_the_longest_day_fits_into_its_field(
    weak: Nurse, look: Callable[..., BrowserPage], way: str
) -> None:
    weak.answer(cause="asked-unknown")
    field = look(weak, way).locator(".day-field:visible").first
    field.fill(LONGEST_DAY)
    assert field.evaluate("field => field.scrollWidth - field.clientWidth") <= 0
