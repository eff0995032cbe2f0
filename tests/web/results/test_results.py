"""A result is kept as it was computed; what people decide upon it stands apart from it."""

import datetime as dt
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from support.casework.counted_cases import days_later
from support.casework.handovers import hand_over
from support.pages.page_reader import Page
from support.people import worklist_people
from support.people.case_people import Nurse, assessed, form_with
from support.people.typed_answers import typed, typed_day
from support.people.web_people import casework_app
from support.rulesets import shipped
from support.storage.databases import clock
from werkzeug.test import TestResponse

from screening.formats.answers.day_text import written_day
from screening.records.access import Role
from screening.records.case.case_view import open_case
from screening.records.casework.cases import find_case
from screening.records.casework.chases import set_chases
from screening.records.results.assessments import record_assessment
from screening.records.rules.recorded import load_recorded_ruleset
from screening.records.storage.tables import EventRow
from screening.web.results import assessment
from screening.web.shell import pdf
from screening.web.shell.context import PageContext

Hire = Callable[..., Nurse]
DECIDE = "Record the decision"


@pytest.fixture
def met(nora: Nurse) -> Nurse:
    """Somebody whose case has a favourable result."""
    return assessed(nora)


def decide(
    nurse: Nurse, choice: str, note: str = "", number: int = 1, seen: Iterable[str] = ()
) -> TestResponse:
    data = form_with(nurse.page(f"assessments/{number}"), DECIDE)
    data["choice"], data["note"] = choice, note
    data.setlist("seen", list(seen))
    return nurse.post(f"assessments/{number}/review", data)


@pytest.mark.parametrize("name", ["everything_met", *sorted(shipped.examples())[:6]])
def test_the_kept_result_tells_the_whole_assessment(nora: Nurse, name: str) -> None:
    example = shipped.examples()[name]
    data = nora.sheet()
    for key, values in typed(shipped.ruleset(), example.answers).lists():
        data.setlist(key, values)
    assert nora.post("assess", data).status_code == 303
    page = nora.page("assessments/1")
    records = nora.client.application.extensions["records"]
    (stored,) = open_case(records, nora.actor, nora.case_id).assessments
    for flag in stored.content["assessment"]["flags"]:
        assert flag["text"] in page.text
    for criterion in shipped.ruleset().criteria:
        assert f"{criterion.ruleset}/{criterion.id}" in page.text
    assert shipped.ruleset().digest in page.text
    assert "Replayed today" not in page.text, "only auditors see that it was replayed"


def test_a_double_click_makes_one_result(nora: Nurse) -> None:
    data = nora.sheet()
    data["q-leg_weakness"] = "no"
    first, second = nora.post("assess", data), nora.post("assess", data)
    assert first.location == second.location
    records = nora.client.application.extensions["records"]
    assert len(open_case(records, nora.actor, nora.case_id).assessments) == 1


def test_a_press_within_another_press_leads_to_the_same_result(
    nora: Nurse, monkeypatch: pytest.MonkeyPatch
) -> None:
    data, within = nora.sheet(), list[TestResponse]()
    data["q-leg_weakness"] = "no"

    def slowly(*told: Any, **more: Any) -> int:  # noqa: ANN401 - passed on
        monkeypatch.setattr(assessment, "record_assessment", record_assessment)
        within.append(nora.post("assess", data))
        return record_assessment(*told, **more)

    monkeypatch.setattr(assessment, "record_assessment", slowly)
    around = nora.post("assess", data)
    places = [each.location.rpartition("/")[2] for each in (around, *within)]
    assert places == ["1", "1"]


def test_the_result_of_a_case_that_has_not_changed_is_shown_again(met: Nurse) -> None:
    decide(met, "refer:requirements-met")
    assert met.answer("assess").location.endswith("/assessments/1")
    assert "What the documents ask for is met" in met.page("assessments/1").text


def test_a_result_for_another_day_is_recorded(met: Nurse) -> None:
    data = met.sheet()
    for name, values in typed_day(shipped.as_of() - dt.timedelta(days=1)).items():
        data.setlist(name, values)
    assert met.post("assess", data).location.endswith("/assessments/2")


def test_a_result_that_is_shown_again_chases_what_nobody_finds_out(nora: Nurse) -> None:
    assessed(nora, cause="")
    records, actor, case_id = (
        nora.client.application.extensions["records"],
        nora.actor,
        nora.case_id,
    )
    version = find_case(records, actor, case_id).version
    set_chases(open_case(records, actor, case_id), version, {"cause": None}, "chase-0001")
    assert nora.answer("assess").location.endswith("/assessments/1")
    assert "cause" in open_case(records, actor, case_id).chases


def test_what_is_still_needed_gets_somebody_and_a_day(nora: Nurse) -> None:
    assessed(nora, cause="")
    records = nora.client.application.extensions["records"]
    assert "cause" in open_case(records, nora.actor, nora.case_id).chases


def test_a_result_is_told_under_the_rules_that_were_recorded(app: Flask, met: Nurse) -> None:
    was: PageContext = app.extensions["page_context"]
    words = dict.fromkeys(("nurse", "patient"), "reworded")
    criteria = tuple(replace(each, say=replace(each.say, **words)) for each in was.ruleset.criteria)
    newer = replace(was.ruleset, version="9.9.9", digest="f" * 64, criteria=criteria)
    app.extensions["page_context"] = replace(was, ruleset=newer)
    try:
        page = met.page("assessments/1")
        letter = met.page("assessments/1/letter")
    finally:
        app.extensions["page_context"] = was
    records = app.extensions["records"]
    recorded = load_recorded_ruleset(records, was.ruleset.digest)
    assert recorded.criteria[-1].say.nurse in page.text
    for told in (page, letter):
        assert "reworded" not in told.text
        assert "9.9.9" not in told.text.partition("application")[0]
        assert was.ruleset.digest in told.text


def test_a_person_decides_beside_the_computed_outcome(met: Nurse) -> None:
    assert decide(met, "refer:requirements-met", "Seen\nin clinic").status_code == 303
    page = met.page("assessments/1")
    assert "Recorded your decision: Refer." in page.text
    assert "What the documents ask for is met" in page.text
    assert "Seen in clinic" in page.text
    assert "Documented requirements met" in page.headings_of("h2")
    assert "Change the decision" in page.text


def test_a_second_decision_stands_above_the_first_and_both_are_kept(met: Nurse) -> None:
    decide(met, "refer:requirements-met")
    decide(met, "do-not-refer:patient-declined")
    text = met.page("assessments/1").text
    assert text.index("The patient does not want it") < text.index("is met Nora Nurse")


@pytest.mark.parametrize(
    ("choice", "note", "said"),
    [
        ("", "", "Choose what you decide"),
        ("refer:reason-against", "", "Choose what you decide"),
        ("ask-more:other", "", "Say in a few words why"),
        ("override:against-not-asked", "", "Say in a few words why"),
        ("override:refer-newer-knowledge", "as computed", "The computed outcome says the same"),
        ("do-not-refer:reason-against", "", "This goes against the computed outcome"),
        ("ask-more:other", "x" * 4001, "4,000 characters"),
    ],
)
def test_an_incomplete_or_contradictory_decision_is_refused_and_kept_as_typed(
    hire: Hire, choice: str, note: str, said: str
) -> None:
    lead = assessed(hire("Lea Lead", Role.LEAD_NURSE))
    answer = decide(lead, choice, note)
    page = Page(answer.text)
    assert answer.status_code in {409, 422}
    assert said in page.text
    assert note in answer.text
    records = lead.client.application.extensions["records"]
    assert open_case(records, lead.actor, lead.case_id).assessments[0].reviews == ()


def test_no_browser_cuts_a_long_note_and_its_field_says_what_is_wrong(nora: Nurse) -> None:
    assessed(nora)
    assert "maxlength" not in nora.get("assessments/1").text
    answer = decide(nora, "ask-more:other", "x" * 4001)
    page = Page(answer.text)
    assert answer.status_code == 422
    assert "#note" in page.links
    assert "note-error" in page.ids
    assert "choice" not in [link.removeprefix("#") for link in page.links]


def test_a_nurse_cannot_refer_against_the_computed_outcome(nora: Nurse) -> None:
    assessed(nora, scoliosis="yes")
    page = nora.page("assessments/1")
    assert "“Refer” is not offered" in page.text
    assert decide(nora, "refer:requirements-met").status_code == 422
    answer = decide(nora, "override:refer-newer-knowledge", "really")
    assert answer.status_code == 422
    assert "Only a lead nurse can decide against the computed outcome" in Page(answer.text).text
    assert "really" in answer.text


def test_nor_while_it_is_undecided(nora: Nurse) -> None:
    assessed(nora, cause="")
    assert decide(nora, "refer:requirements-met").status_code == 422
    assert decide(nora, "ask-more:answers-missing").status_code == 303


def test_a_lead_nurse_can_and_says_why(hire: Hire) -> None:
    lead = assessed(hire("Lea Lead", Role.LEAD_NURSE), scoliosis="yes")
    answer = decide(lead, "override:refer-clinician-judged", "Dr Hill examined her")
    assert answer.status_code == 303
    text = lead.page("assessments/1").text
    assert "Refer (override) A clinician examined the patient and judges otherwise" in text
    assert "A documented reason against" in text


SEEN = "I have seen the red flag: New or progressive leg weakness"
NOT_RULED_OUT = "I have seen that this emergency sign is not ruled out: Saddle numbness"


@pytest.mark.parametrize("ticked", [[], ["leg_weakness"], ["saddle_numbness", "cause"]])
def test_nobody_is_referred_against_an_emergency_sign_that_was_not_seen(
    hire: Hire, ticked: list[str]
) -> None:
    lead = assessed(
        hire("Lea Lead", Role.LEAD_NURSE), leg_weakness="yes", saddle_numbness="asked-unknown"
    )
    hand_over(lead.client.application.extensions["records"], lead.actor, lead.case_id)
    page = lead.page("assessments/1")
    assert SEEN in page.text
    assert NOT_RULED_OUT in page.text
    choice, note = "override:refer-clinician-judged", "Dr Hill examined her"
    answer = decide(lead, choice, note, seen=ticked)
    assert answer.status_code == 422
    again = Page(answer.text)
    assert "tick each emergency sign" in again.text
    assert "#seen" in again.links
    kept = form_with(again, DECIDE)
    assert kept["choice"] == choice
    assert f">{note}</textarea>" in answer.text
    assert set(kept.getlist("seen")) == set(ticked) & {"leg_weakness", "saddle_numbness"}
    records = lead.client.application.extensions["records"]
    assert open_case(records, lead.actor, lead.case_id).assessments[0].reviews == ()
    kept["note"] = note
    kept.setlist("seen", ["leg_weakness", "saddle_numbness"])
    assert lead.post("assessments/1/review", kept).status_code == 303


def test_any_other_decision_needs_no_such_tick(hire: Hire) -> None:
    lead = assessed(hire("Lea Lead", Role.LEAD_NURSE), leg_weakness="yes")
    hand_over(lead.client.application.extensions["records"], lead.actor, lead.case_id)
    assert decide(lead, "do-not-refer:emergency-care").status_code == 303


def test_without_an_emergency_sign_there_is_nothing_to_tick(hire: Hire) -> None:
    lead = assessed(hire("Lea Lead", Role.LEAD_NURSE), scoliosis="yes")
    assert "I have seen" not in lead.page("assessments/1").text
    nora = hire()
    nora.answer("assess", leg_weakness="yes")
    assert "I have seen" not in nora.page("assessments/2").text  # she cannot override


def test_an_old_result_cannot_be_decided_upon(met: Nurse) -> None:
    met.answer(scoliosis="yes")
    page = met.page("assessments/1")
    assert "There have been new answers since this result" in page.text
    assert DECIDE not in page.html
    met.answer("assess")
    assert "There is a newer result of this case, number 2" in met.page("assessments/1").text


def test_a_decision_upon_what_changed_meanwhile_is_refused_and_kept_as_typed(met: Nurse) -> None:
    data = form_with(met.page("assessments/1"), DECIDE)
    data["choice"], data["note"] = "ask-more:other", "call the ward"
    met.answer(scoliosis="yes")
    answer = met.post("assessments/1/review", data)
    assert answer.status_code == 409
    told = Page(answer.text).text
    assert "Nothing was recorded" in told
    assert "The note that you typed, which was not recorded: call the ward" in told


def test_two_results_are_compared(met: Nurse) -> None:
    met.answer("assess", scoliosis="yes")
    text = met.page("compare?before=1&after=2").text
    assert "Outcome Documented requirements met A documented reason against" in text
    assert "Scoliosis no yes" in text
    assert "not met met" in text
    assert (
        "Result 2 A documented reason against No decision has been recorded"
        in met.page("assessments/").text
    )


def test_nobody_is_asked_for_what_is_not_shown(nora: Nurse) -> None:
    """Its task ends; what was answered stays and is shown."""
    records = nora.client.application.extensions["records"]
    assessed(nora, imaging_date="", fracture_healing="")
    data = nora.sheet()
    for part in ("day", "month", "year"):
        data[f"q-onset_date-{part}"] = ""
        data[f"q-diagnosis_date-{part}"] = ""
    nora.post("assess", data)
    assert "fracture_healing" in open_case(records, nora.actor, nora.case_id).chases
    data = nora.sheet()
    data["q-onset_date-words"] = "about 3 weeks ago"
    nora.post("assess", data)
    assert "fracture_healing" not in open_case(records, nora.actor, nora.case_id).chases
    assert 'data-item="fracture_healing" data-section="fracture" hidden' in nora.page().html
    nora.answer(fracture_healing="healed")
    assert 'data-item="fracture_healing" data-section="fracture" hidden' not in nora.page().html


def test_nobody_is_asked_for_what_is_not_or_no_longer_called_for(nora: Nurse) -> None:
    records = nora.client.application.extensions["records"]
    assessed(nora, arthritis="", arthritis_pain="")
    assert open_case(records, nora.actor, nora.case_id).chases.keys() == {"arthritis"}
    nora.answer("assess", arthritis="yes")
    assert open_case(records, nora.actor, nora.case_id).chases.keys() == {"arthritis_pain"}
    nora.answer("assess", arthritis="no")
    assert open_case(records, nora.actor, nora.case_id).chases == {}


@pytest.mark.parametrize("due", ["2026-12-01", "1 Dec 2026", "२०२६-१२-०१"])
def test_missing_answers_can_be_given_to_somebody_until_a_day(nora: Nurse, due: str) -> None:
    assessed(nora, cause="")
    data = form_with(nora.page("missing"), "Save")
    data["owner-cause"], data["due-cause"] = "clinician", due
    assert nora.post("missing", data).status_code == 303
    assert "waiting for the examining clinician · due in 11 days" in nora.page("missing").text


@pytest.mark.parametrize("due", ["2026-11-19", "2029-01-01", "soon", "2026-13-01", "2026-12"])
def test_a_day_that_cannot_be_is_refused_and_kept(nora: Nurse, due: str) -> None:
    assessed(nora, cause="")
    data = form_with(nora.page("missing"), "Save")
    data["due-cause"] = due
    answer = nora.post("missing", data)
    assert answer.status_code == 422
    assert f'value="{written_day(due)}"' in answer.text
    assert "#due-cause" in Page(answer.text).links


def test_a_day_that_can_be_two_is_refused_with_both(nora: Nurse) -> None:
    assessed(nora, cause="")
    data = form_with(nora.page("missing"), "Save")
    data["due-cause"] = "1/12/2026"
    answer = nora.post("missing", data)
    assert answer.status_code == 422
    assert "can mean 1 December 2026 or 12 January 2026" in Page(answer.text).text


def test_an_emptied_day_ends_the_chase_and_the_usual_one_brings_it_back(nora: Nurse) -> None:
    assessed(nora, cause="")
    records = nora.client.application.extensions["records"]
    data = form_with(nora.page("missing"), "Save")
    data["due-cause"] = ""
    nora.post("missing", data)
    assert open_case(records, nora.actor, nora.case_id).chases == {}
    data = form_with(nora.page("missing"), "Save")
    data["usual"] = "all"
    nora.post("missing", data)
    assert list(open_case(records, nora.actor, nora.case_id).chases) == ["cause"]


@pytest.mark.parametrize(
    "way",
    [
        *("", "missing", "history", "assessments/", "assessments/1", "compare?before=1&after=1"),
    ],
)
def test_every_view_is_one_event(met: Nurse, way: str) -> None:
    before = events(met)
    assert met.get(way).status_code == 200
    assert events(met)[len(before) :] == [("case-viewed", f"cases/{met.case_id}")]


@pytest.mark.parametrize("way", ["assessments/1/letter", "assessments/1/letter.pdf"])
def test_a_letter_is_one_event_that_names_its_result(met: Nurse, way: str) -> None:
    if way.endswith(".pdf") and not pdf.can_write_pdf():
        pytest.skip("no Pango")
    ((_, result),) = [each for each in events(met) if each[0] == "assessment-recorded"]
    before = events(met)
    assert met.get(way).status_code == 200
    assert events(met)[len(before) :] == [("letter-made", result)]


@pytest.mark.parametrize("way", ["assessments/9/letter", "assessments/9/letter.pdf"])
def test_a_letter_of_no_result_is_no_event(met: Nurse, way: str) -> None:
    before = events(met)
    assert met.get(way).status_code == 404
    assert events(met) == before


def events(nurse: Nurse) -> list[tuple[str, str]]:
    """The kinds of the case's events and what each concerns, in order."""
    with nurse.client.application.extensions["records"].database.reading() as session:
        found = select(EventRow).filter_by(case_id=nurse.case_id).order_by(EventRow.seq)
        return [(each.kind, each.row) for each in session.scalars(found)]


def test_scripts_and_turned_letters_stay_text_everywhere(app: Flask, hire: Hire) -> None:
    poison = "<script>alert(1)</script>\"'\u202e<img src=x onerror=alert(2)>"
    lead = assessed(hire(f"Lea {poison}", Role.LEAD_NURSE), scoliosis="yes")
    decide(lead, "override:refer-clinician-judged", poison)
    ways = ("", "missing", "history", "assessments/", "assessments/1", "assessments/1/letter")
    for way in ways:
        html = lead.get(way).text
        assert "<script>alert" not in html
        assert "<img src=x" not in html
    assert "&lt;script&gt;alert(1)" in lead.get("assessments/1").text


@pytest.mark.parametrize("role", [Role.NURSE, Role.LEAD_NURSE])
def test_a_contradiction_bars_a_referral_for_everybody(hire: Hire, role: Role) -> None:
    somebody = assessed(hire("Ann Other", role), cancer_history="no", cause="myeloma")
    text = somebody.page("assessments/1").text
    assert "“Refer” and overrides are not offered while answers contradict each other." in text
    assert "To refer all the same is an override" not in text


def test_an_emergency_sign_is_not_taken_off_the_chase_list_by_hand(nora: Nurse) -> None:
    assessed(nora, bladder_bowel="asked-unknown")
    data = form_with(nora.page("missing"), "Save")
    data["due-bladder_bowel"] = ""
    answer = nora.post("missing", data)
    assert answer.status_code == 422
    assert "An emergency sign stays on the chase list until it is answered" in answer.text
    assert nora.post("missing", data | {"usual": "all"}).status_code == 303


def test_who_saves_late_undoes_no_due_date_that_they_left_alone(nora: Nurse, hire: Hire) -> None:
    assessed(nora, cause="", levels="")
    anna = hire("Anna Later")
    late = form_with(anna.page("missing"), "Save")
    first = form_with(nora.page("missing"), "Save")
    first["due-cause"], late["due-levels"] = "1 Dec 2026", "2 Dec 2026"
    assert nora.post("missing", first).status_code == 303
    answer = anna.post("missing", late)
    assert answer.status_code == 422
    again = form_with(Page(answer.text), "Save")
    assert again["due-cause"] == "1 December 2026"
    assert again["due-levels"] == "2 December 2026"
    assert anna.post("missing", again).status_code == 303
    kept = form_with(anna.page("missing"), "Save")
    assert (kept["due-cause"], kept["due-levels"]) == ("1 December 2026", "2 December 2026")


@pytest.fixture
def clocked(nora: Nurse) -> Iterator[Nurse]:
    """Somebody in whose test time passes; other tests share the clock, and have it back."""
    time = clock(nora.client.application.extensions["records"])
    now = time.moment
    yield nora
    time.moment = now


def test_a_result_for_today_says_that_its_signs_were_asked_about_earlier(clocked: Nurse) -> None:
    nora, records = clocked, clocked.client.application.extensions["records"]
    assessed(nora)
    assert "An answer about an emergency sign" not in nora.page("assessments/1").text
    later = casework_app(records, TODAY=lambda: shipped.as_of() + dt.timedelta(days=8))
    days_later(records, 8)
    tomorrow = replace(nora, client=worklist_people.signed_in(later, nora.actor))
    assert tomorrow.post("assess", tomorrow.sheet()).status_code == 303
    said = tomorrow.page("assessments/2").text
    assert (
        "An answer about an emergency sign was given on 20 November 2026, before the screening"
        " date: ask about the signs again." in said
    )


def test_a_result_for_today_on_signs_of_last_week_refers_nobody(clocked: Nurse) -> None:
    nora, records = clocked, clocked.client.application.extensions["records"]
    assessed(nora)
    later = casework_app(records, TODAY=lambda: shipped.as_of() + dt.timedelta(days=8))
    days_later(records, 8)
    after = replace(nora, client=worklist_people.signed_in(later, nora.actor))
    assert after.post("assess", after.sheet()).status_code == 303
    page, letter = after.page("assessments/2"), after.page("assessments/2/letter")
    asked = "an answer about an emergency sign was given on 20 November 2026, more than 7 days ago"
    assert 'value="refer:' not in page.html
    assert f"“Refer” is not offered: {asked}. Ask about the signs again" in page.text
    assert f"Do not refer on the strength of this result: {asked}" in letter.text


def test_a_reason_to_ask_for_a_report_claims_nothing_of_a_favourable_result(nora: Nurse) -> None:
    page = assessed(nora).page("assessments/1")
    assert 'value="ask-more:report-missing"' in page.html
    assert "An imaging report has to be obtained first" in page.text
    assert "too old" not in page.text
