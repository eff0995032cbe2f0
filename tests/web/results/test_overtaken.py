"""A result that time, other answers or other rules have overtaken says so, and refers nobody."""

import datetime as dt
import io
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from uuid import uuid4

import pytest
from flask import Flask
from pypdf import PdfReader
from support.casework.case_writes import nothing
from support.pages.page_reader import Page
from support.people.case_people import Nurse, form_with
from support.people.typed_answers import typed, typed_day
from support.people.worklist_people import referral
from support.rulesets import shipped
from support.storage.databases import clock
from werkzeug.test import TestResponse

from screening.core.rules.ruleset import Ruleset, Tier
from screening.core.values.answer import Answer
from screening.records.access import Role
from screening.records.case.case_view import open_case
from screening.records.case.history import EntryMethod
from screening.records.casework.answers import Submission, save_answers
from screening.records.casework.cases import add_case, find_case
from screening.web.shell import pdf
from screening.web.shell.context import PageContext

DECIDE = "Record the decision"
REFER = "refer:requirements-met"
CHANGED = "Superseded: there have been new answers since this result. Do not send this letter."
REBORN = "Superseded: the birth year has changed since this result. Do not send this letter."
AGAIN = "Superseded: the case has been assessed again since this result. Do not send this letter."


@pytest.fixture
def met(nora: Nurse) -> Nurse:
    """Somebody whose case has a favourable result."""
    return assessed(nora)


def assessed(nurse: Nurse, day: dt.date | None = None) -> Nurse:
    data = nurse.sheet()
    for name, values in typed(shipped.ruleset(), shipped.favourable()).lists():
        data.setlist(name, values)
    if day is not None:
        for name, values in typed_day(day).items():
            data.setlist(name, values)
    assert nurse.post("assess", data).status_code == 303
    return nurse


def decide(nurse: Nurse, choice: str, note: str = "") -> TestResponse:
    data = form_with(nurse.page("assessments/1"), DECIDE)
    data["choice"], data["note"] = choice, note
    return nurse.post("assessments/1/review", data)


def choices(nurse: Nurse) -> set[str]:
    html = nurse.page("assessments/1").html
    return {each.partition(":")[0] for each in re.findall(r'type="radio" value="([^"]+)"', html)}


@contextmanager
def ruled(app: Flask, rules: Ruleset) -> Iterator[None]:
    """The application as if it had been started with other rules."""
    was: PageContext = app.extensions["page_context"]
    app.extensions["page_context"] = replace(was, ruleset=rules)
    try:
        yield
    finally:
        app.extensions["page_context"] = was


def letters(nurse: Nurse) -> list[str]:
    """The letter of the first result on the screen, and on paper where that can be made."""
    told = [nurse.page("assessments/1/letter").text]
    if pdf.can_write_pdf():
        data = nurse.get("assessments/1/letter.pdf").data
        pages = PdfReader(io.BytesIO(data)).pages
        told.append(" ".join(" ".join(page.extract_text() for page in pages).split()))
    return told


def test_a_letter_that_nothing_overtook_says_nothing_of_it(met: Nurse) -> None:
    decide(met, REFER)
    for text in letters(met):
        assert "Superseded" not in text
        assert "Decision Refer" in text


def test_a_letter_upon_other_answers_is_not_to_be_sent(met: Nurse) -> None:
    decide(met, REFER)
    met.answer(saddle_numbness="yes")
    for text in letters(met):
        assert CHANGED in text
        assert text.index(CHANGED) < text.index("Reference")
        assert "Decision, made before new answers were given Refer" in text


def test_nor_is_that_of_an_earlier_result(met: Nurse) -> None:
    decide(met, REFER)
    met.answer("assess", saddle_numbness="yes")
    for text in letters(met):
        assert AGAIN in text
        assert "Decision, made before the case was assessed again Refer" in text
    assert "Superseded" not in met.page("assessments/2/letter").text


def test_a_withdrawn_answer_and_one_changed_to_and_fro_overtake_too(met: Nurse) -> None:
    met.answer(saddle_numbness="")
    assert CHANGED in letters(met)[0]
    met.answer(saddle_numbness="no")
    assert CHANGED in letters(met)[0]
    assert DECIDE not in met.page("assessments/1").html


def test_the_worklist_no_longer_says_what_was_decided(met: Nurse) -> None:
    decide(met, REFER)
    assert "Refer" in line(met)
    met.answer(saddle_numbness="yes")
    assert "Refer" not in line(met)
    assert "requirements met" not in line(met)
    assert "Being screened" in line(met)


def line(nurse: Nurse) -> str:
    """The text of the case's line in the worklist."""
    html = nurse.client.get("/worklist/?sort=touched&order=down").text
    (found,) = (row for row in html.split("<tr")[1:] if nurse.case_id in row)
    return Page(f"<table><tr{found}").text


@pytest.mark.parametrize(("days", "refers"), [(0, True), (7, True), (8, False), (30, False)])
def test_a_result_for_an_earlier_day_refers_for_a_week(
    nora: Nurse, days: int, *, refers: bool
) -> None:
    assessed(nora, shipped.as_of() - dt.timedelta(days=days))
    assert ("refer" in choices(nora)) == refers
    assert {"ask-more", "do-not-refer"} <= choices(nora)
    said = "“Refer” is not offered: this result is for"
    assert (said in nora.page("assessments/1").text) != refers


@contextmanager
def set_back(app: Flask, days: int) -> Iterator[None]:
    """The application with a clock that somebody set back."""
    records = app.extensions["records"]
    clock(records).advance(days=-days)
    try:
        yield
    finally:
        clock(records).advance(days=days)


def test_by_a_clock_that_was_set_back_no_result_refers(
    app: Flask, site: int, hire: Callable[..., Nurse], met: Nurse
) -> None:
    """Without that, an old result would seem new."""
    add_case(app.extensions["records"], met.actor, site, referral(), uuid4().hex)
    with set_back(app, days=1):
        later = hire("Later Nurse")  # sessions from before are refused
        page, offered = later.page("assessments/1"), choices(later)
        refused, letter = decide(later, REFER), letters(later)[0]
    assert "“Refer” is not offered: the last update of a case at this site is dated in" in page.text
    assert offered == {"ask-more", "do-not-refer"}
    assert refused.status_code == 422
    assert "Do not refer on the strength of this result: the last update of a case" in letter
    assert "refer" in choices(met)


def test_what_is_not_offered_is_refused_with_the_reason(nora: Nurse) -> None:
    assessed(nora, shipped.as_of() - dt.timedelta(days=8))
    answer = decide(nora, REFER, "typed")
    assert answer.status_code == 422
    assert "show the result again for today" in Page(answer.text).text.lower()
    assert "typed" in answer.text
    assert decide(nora, "ask-more:clinician-asked").status_code == 303


def test_a_result_by_other_rules_than_those_in_use_refers_nobody(app: Flask, met: Nurse) -> None:
    with ruled(app, replace(shipped.ruleset(), version="9.9.9", digest="f" * 64)):
        page, offered = met.page("assessments/1"), choices(met)
        refused = decide(met, REFER)
        declined = decide(met, "do-not-refer:patient-declined")
    assert "computed by different rules from those in use now" in page.text
    assert offered == {"ask-more", "do-not-refer"}
    assert (refused.status_code, declined.status_code) == (422, 303)


def test_nobody_is_referred_by_override_upon_an_old_result_either(
    app: Flask, hire: Callable[..., Nurse]
) -> None:
    lead = hire("Lea Lead", Role.LEAD_NURSE)
    data = lead.sheet()
    answers = {**shipped.favourable(), "scoliosis": Answer(value=True)}
    for name, values in typed(shipped.ruleset(), answers).lists():
        data.setlist(name, values)
    assert lead.post("assess", data).status_code == 303
    assert "override:refer-clinician-judged" in lead.page("assessments/1").html
    with ruled(app, replace(shipped.ruleset(), digest="f" * 64)):
        page = lead.page("assessments/1")
        assert "override:refer-clinician-judged" not in page.html
        assert "computed by different rules from those in use now" in page.text
        assert decide(lead, "override:refer-clinician-judged", "Seen").status_code == 422


def test_a_result_that_comes_out_differently_now_refers_nobody(app: Flask, met: Nurse) -> None:
    """As after an update that computes otherwise, by the same rules."""
    rules, criteria = shipped.ruleset(), list(shipped.ruleset().criteria)
    criteria[0] = replace(criteria[0], tier=Tier.INFO)
    with ruled(app, replace(rules, criteria=tuple(criteria))):
        assert "refer" not in choices(met)
        assert "give a different result" in met.page("assessments/1").text
        assert decide(met, REFER).status_code == 422
        assert "Do not refer on the strength of this result: computed again" in letters(met)[0]


def test_a_letter_by_other_rules_says_so(app: Flask, met: Nurse) -> None:
    decide(met, REFER)
    with ruled(app, replace(shipped.ruleset(), digest="f" * 64)):
        said = letters(met)
    for text in said:
        assert "of this result: this result was computed by different rules" in text


def test_the_list_of_results_marks_what_later_answers_overtook(met: Nurse) -> None:
    decide(met, REFER)
    assert "overtaken" not in met.page("assessments/").text
    met.answer(saddle_numbness="yes")
    assert "superseded: new answers" in met.page("assessments/").text


def test_every_older_result_of_the_list_is_marked(met: Nurse) -> None:
    met.answer("assess", saddle_numbness="yes")
    met.answer("assess", saddle_numbness="no")
    rows = met.page("assessments/").html.split("<tr>")[2:]
    assert ["superseded: there is a newer result" in row for row in rows] == [False, True, True]
    met.answer(saddle_numbness="yes")
    newest = met.page("assessments/").html.split("<tr>")[2]
    assert "superseded: new answers" in newest


def test_the_line_of_a_superseded_result_names_the_red_flags_of_now(met: Nurse) -> None:
    def line_of_page() -> str:
        lines = re.findall(
            r'<p class="standing">.*?</p>', met.page("assessments/1").html, re.DOTALL
        )
        return Page(next(each for each in lines if "since this result" in each)).text

    met.answer(fever_chills="yes")
    assert line_of_page().startswith("Red flag by the answers now: Fever or chills.")
    met.answer(saddle_numbness="yes")
    both = "Red flags by the answers now: Saddle numbness; Fever or chills."
    assert line_of_page().startswith(both)
    met.answer(saddle_numbness="no", fever_chills="no")
    assert "by the answers now" not in met.page("assessments/1").text


def test_a_result_that_is_not_superseded_names_its_own_red_flags_alone(nora: Nurse) -> None:
    nora.answer("assess", fever_chills="yes")
    page = nora.page("assessments/1")
    assert "Red flag: act on this" in page.text
    assert "by the answers now" not in page.text


def pdf_link(page: Page) -> str:
    """The classes of the link to the PDF of a letter."""
    (classes,) = re.findall(r'class="([^"]*)" href="[^"]*/letter\.pdf"', page.html)
    return str(classes)


def test_a_superseded_letter_dates_what_was_missing_and_does_not_offer_itself(
    nora: Nurse, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pdf, "can_write_pdf", lambda: True)
    nora.answer("assess", gait_change="asked-unknown")
    missing, sign = (
        "Missing answers when this result was computed",
        "(When this result was computed.)",
    )
    current = nora.page("assessments/1/letter")
    assert missing not in current.text
    assert sign not in current.text
    assert pdf_link(current) == "nhsuk-button"
    nora.answer(gait_change="yes")
    page = nora.page("assessments/1/letter")
    assert missing in page.text
    assert sign in page.text
    assert pdf_link(page) == "nhsuk-button nhsuk-button--secondary"


def test_who_may_override_still_can(app: Flask, hire: Callable[..., Nurse]) -> None:
    lead = assessed(hire("Lea Lead", Role.LEAD_NURSE), shipped.as_of() - dt.timedelta(days=8))
    with ruled(app, replace(shipped.ruleset(), digest="f" * 64)):
        assert choices(lead) == {"ask-more", "do-not-refer", "override"}
        assert decide(lead, "override:against-not-asked", "A pacemaker").status_code == 303


def test_an_answer_to_a_question_that_is_gone_does_not_stop_a_decision(nora: Nurse) -> None:
    records = nora.client.application.extensions["records"]
    version = find_case(records, nora.actor, nora.case_id).version
    gone = {"asked_no_more": Answer(value=True)}
    save_answers(
        open_case(records, nora.actor, nora.case_id),
        Submission(
            version=version, answers=gone, how=EntryMethod.FORM, idempotency_key=uuid4().hex
        ),
        find_warnings=nothing,
    )
    assessed(nora)
    assert "Superseded" not in nora.page("assessments/1/letter").text
    assert decide(nora, REFER).status_code == 303


def correct(nurse: Nurse, **fields: str) -> None:
    """Change the referral on its page."""
    form = form_with(nurse.page("referral"), "Save")
    for name, text in fields.items():
        form[name] = text
    assert nurse.post("referral", form).status_code == 303


@pytest.mark.parametrize("year", ["1940", ""])
def test_a_birth_year_changed_on_the_referral_overtakes_a_result(met: Nurse, year: str) -> None:
    decide(met, REFER)
    before = met.page("assessments/1")
    correct(met, birth_year=year)
    page = met.page("assessments/1")
    assert "The birth year on the referral has changed since this result." in page.text
    assert DECIDE not in page.html
    assert "superseded: birth year changed" in met.page("assessments/").text
    form = form_with(before, DECIDE)
    form["choice"], form["version"] = REFER, form_with(met.page("referral"), "Save")["version"]
    assert met.post("assessments/1/review", form).status_code == 409
    for text in letters(met):
        assert REBORN in text
        assert "Decision, made before the birth year changed Refer" in text
    assert "Being screened" in line(met)
    assert "requirements met" not in line(met)


def test_a_result_by_the_birth_year_as_it_is_now_is_not_overtaken(met: Nurse) -> None:
    correct(met, birth_year="1940")
    assert met.answer("assess").location.endswith("/assessments/2")
    page = met.page("assessments/2")
    assert "has changed since" not in page.text
    assert DECIDE in page.html
    assert AGAIN in met.page("assessments/1/letter").text


def test_other_data_of_the_referral_overtake_nothing(met: Nurse) -> None:
    decide(met, REFER)
    correct(met, person="A. N. Other", clinic="East")
    assert "has changed since" not in met.page("assessments/1").text
    assert "Superseded" not in letters(met)[0]
    assert "Refer" in line(met)
