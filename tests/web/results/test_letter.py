"""The letter: one tagged page that says what the result page says, and loads nothing."""

import io
import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from pypdf import PdfReader
from support.casework.handovers import hand_over
from support.pages.page_reader import Page
from support.pages.pdf_checker import pdf_ua_faults
from support.people.case_people import Nurse, assessed, form_with
from support.rulesets import shipped
from werkzeug.test import TestResponse

from screening.records.access import Role
from screening.records.casework.cases import find_case
from screening.records.people import sites
from screening.records.people.administration import COMMAND_LINE
from screening.web.shell import pdf

Hire = Callable[..., Nurse]
LEAST_POINTS = 8.5
MADE_UP = "Demonstration: every case here is made up. Enter nothing about real people."
NOT_ACTIVATED = (
    f"These rules are not activated here. Before documented {shipped.ruleset().version} is used for"
    " patients, a lead nurse or an auditor has to activate it under Rules; two people are needed."
)
SAVE = "Save the letter"
needs_pango = pytest.mark.skipif(not pdf.can_write_pdf(), reason="this machine has no Pango")


def paper(nurse: Nurse) -> PdfReader:
    answer = nurse.get("assessments/1/letter.pdf")
    assert answer.mimetype == "application/pdf"
    assert "R-0" not in answer.headers["Content-Disposition"]
    return PdfReader(io.BytesIO(answer.data))


def squeezed(text: str) -> str:
    """A text without what layout changes in it."""
    return re.sub(r"[\s\u00ad-]+", "", text)


@needs_pango
@pytest.mark.parametrize(
    "changes",
    [{}, {"scoliosis": "yes"}, {"leg_weakness": "yes"}, {"cause": "", "blood_thinners": "yes"}],
)
def test_the_paper_is_one_tagged_page_with_language_and_title(
    nora: Nurse, changes: dict[str, str]
) -> None:
    read = paper(assessed(nora, **changes))
    root: Any = read.trailer["/Root"]
    assert len(read.pages) == 1
    assert root["/MarkInfo"]["/Marked"]
    assert root["/StructTreeRoot"]["/K"]
    assert root["/Lang"] == "en"
    assert root["/ViewerPreferences"]["/DisplayDocTitle"]
    assert read.metadata
    assert "Screening, result 1" in str(read.metadata.title)
    assert b"pdfuaid" in root["/Metadata"].get_data()


ORDINARY = {
    "met": ({}, "refer:requirements-met"),
    "met, with a point to prepare": ({"bone_medicines": "no"}, "refer:requirements-met"),
    "with cautions": ({"blood_thinners": "yes"}, "refer:cautions-weighed"),
    "differs": ({"pain_severity": "mild"}, "do-not-refer:not-as-described"),
    "requirement unmet": ({"pain_from_fracture": "no"}, "do-not-refer:requirement-unmet"),
    "reason against": ({"scoliosis": "yes"}, "do-not-refer:reason-against"),
    "needs clinician review": ({"fever_chills": "yes"}, "do-not-refer:other-care-first"),
    "emergency": ({"leg_weakness": "yes"}, "do-not-refer:emergency-care"),
    "open": ({"cause": "", "blood_thinners": "", "imaging_kind": ""}, "ask-more:answers-missing"),
}


@needs_pango
@pytest.mark.parametrize(("changes", "choice"), ORDINARY.values(), ids=ORDINARY)
def test_an_ordinary_case_of_each_outcome_is_one_page_with_its_decision_and_a_note(
    nora: Nurse, changes: dict[str, str], choice: str
) -> None:
    assessed(nora, **changes)
    if "leg_weakness" in changes:
        hand_over(nora.client.application.extensions["records"], nora.actor, nora.case_id)
    data = form_with(nora.page("assessments/1"), "Record the decision")
    data["choice"], data["note"] = choice, "Spoke with the ward; the report follows by post. " * 4
    assert nora.post("assessments/1/review", data).status_code == 303
    read = paper(nora)
    assert len(read.pages) == 1
    assert "Signature" in read.pages[0].extract_text()


@needs_pango
@pytest.mark.parametrize(("changes", "choice"), ORDINARY.values(), ids=ORDINARY)
def test_a_made_up_letter_and_one_of_rules_not_activated_say_so_on_its_one_page(
    nora: Nurse, changes: dict[str, str], choice: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(nora.client.application.config, "DEMONSTRATION", value=True)
    assessed(nora, **changes)
    data = form_with(nora.page("assessments/1"), "Record the decision")
    data["choice"], data["note"] = choice, "Spoke with the ward; the report follows by post. " * 4
    nora.post("assessments/1/review", data)
    words = f"{MADE_UP} {NOT_ACTIVATED}"
    letter = nora.page("assessments/1/letter").html.partition('<article class="letter"')[2]
    assert words in Page(letter).text
    read = paper(nora)
    assert len(read.pages) == 1
    assert squeezed(words) in squeezed(read.pages[0].extract_text())


def test_a_letter_of_activated_rules_about_a_real_patient_has_no_such_words(
    nora: Nurse, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(nora.client.application.extensions, "rules_activated", value=True)
    text = assessed(nora).page("assessments/1/letter").text
    assert "Demonstration" not in text
    assert "not activated" not in text


@needs_pango
@pytest.mark.parametrize("changes", [changes for changes, _ in ORDINARY.values()], ids=ORDINARY)
def test_a_checker_of_its_own_finds_that_every_letter_is_accessible(
    nora: Nurse, changes: dict[str, str]
) -> None:
    written(assessed(nora, **changes), message="She walks with a frame.\n\nPlease call first.")
    assert pdf_ua_faults(nora.get("assessments/1/letter.pdf").data) == []


@pytest.mark.parametrize("changes", [changes for changes, _ in ORDINARY.values()], ids=ORDINARY)
def test_no_advertising_is_quoted_at_a_clinician(nora: Nurse, changes: dict[str, str]) -> None:
    text = assessed(nora, **changes).page("assessments/1/letter").text
    rules = shipped.ruleset()
    quotes = {each.quote for criterion in rules.criteria for each in criterion.citations}
    assert not [quote for quote in quotes if quote in text]


def written(nurse: Nurse, **words: str) -> TestResponse:
    data = form_with(nurse.page("assessments/1/letter"), SAVE)
    for name, text in words.items():
        data[f"letter-{name}"] = text
    return nurse.post("assessments/1/letter", data)


def test_the_usual_letter_goes_to_the_clinic_that_referred(nora: Nurse) -> None:
    text = assessed(nora).page("assessments/1/letter").text
    clinic = form_with(nora.page("assessments/1/letter"), SAVE)["letter-addressee"]
    patient = find_case(
        nora.client.application.extensions["records"], nora.actor, nora.case_id
    ).referral.person
    assert f"{clinic} Patient : {patient}" in text, "the addressee comes before the patient"
    assert "Dear colleague, Decision No decision has been recorded" in text
    assert "What we ask you to do Please keep this letter for your information." in text
    assert "This is the standard text." in text


@pytest.mark.parametrize(
    ("changes", "choice", "words"),
    [
        ({}, "refer:requirements-met", "decide with them whether the procedure is right"),
        ({"cause": ""}, "ask-more:answers-missing", "Please send us what is missing"),
        ({"scoliosis": "yes"}, "do-not-refer:reason-against", "We are not referring this patient"),
    ],
)
def test_what_is_asked_follows_the_decision(
    nora: Nurse, changes: dict[str, str], choice: str, words: str
) -> None:
    assessed(nora, **changes)
    data = form_with(nora.page("assessments/1"), "Record the decision")
    data["choice"] = choice
    assert nora.post("assessments/1/review", data).status_code == 303
    assert words in nora.page("assessments/1/letter").text
    nora.answer(pain_severity="mild")
    assert "do not rely on this result" in nora.page("assessments/1/letter").text


@pytest.mark.parametrize("choice", ["", "do-not-refer:emergency-care"])
def test_with_a_red_flag_the_reader_is_asked_to_act_on_it_first(nora: Nurse, choice: str) -> None:
    assessed(nora, leg_weakness="yes")
    if choice:
        hand_over(nora.client.application.extensions["records"], nora.actor, nora.case_id)
        data = form_with(nora.page("assessments/1"), "Record the decision")
        data["choice"] = choice
        assert nora.post("assessments/1/review", data).status_code == 303
    text = nora.page("assessments/1/letter").text
    assert "What we ask you to do Please act on the red flag above first." in text


def test_a_referral_is_addressed_to_the_procedure_team(nora: Nurse) -> None:
    assessed(nora)
    data = form_with(nora.page("assessments/1"), "Record the decision")
    data["choice"] = "refer:requirements-met"
    nora.post("assessments/1/review", data)
    fields = form_with(nora.page("assessments/1/letter"), SAVE)
    assert fields["letter-addressee"] == "Procedure team"
    nora.answer(pain_severity="mild")
    fields = form_with(nora.page("assessments/1/letter"), SAVE)
    assert fields["letter-addressee"] != "Procedure team", "nobody is referred on this result"


def test_a_letter_names_the_hospital_number_after_the_reference(nora: Nurse) -> None:
    assert "Hospital number" not in assessed(nora).page("assessments/1/letter").text
    form = form_with(nora.page("referral"), "Save")
    form["hospital_number"], form["date_received"] = "H-4711", "2026-11-02"
    assert nora.post("referral", form).status_code == 303
    text = nora.page("assessments/1/letter").text
    assert f"Reference {form['reference']} · Hospital number H-4711 · Referring clinic" in text


def test_a_letter_gives_every_date_that_was_answered(nora: Nurse) -> None:
    """The receiving team asks for that of the imaging first, whether or not it decides anything."""
    assessed(nora, scoliosis="yes")
    said = nora.page("assessments/1/letter").text
    for name in ("Date of the imaging: ", "Date of diagnosis: ", "Onset of the fracture: "):
        assert re.search(f"{name}[0-9]+ [A-Z][a-z]+ 2026", said)


def test_a_letter_that_asks_for_more_lists_all_that_is_missing(nora: Nurse) -> None:
    assert nora.post("assess", nora.sheet()).status_code == 303
    assert "Ask us for the full list." in nora.page("assessments/1/letter").text
    data = form_with(nora.page("assessments/1"), "Record the decision")
    data["choice"] = "ask-more:answers-missing"
    assert nora.post("assessments/1/review", data).status_code == 303
    text = nora.page("assessments/1/letter").text
    assert "Ask us for the full list." not in text
    asked = [item.name for item in shipped.ruleset().items.values() if item.ask_if is None]
    result = nora.page("assessments/1").text
    assert [
        name for name in asked if f"{name}:" not in text and f"{name} not answered" in result
    ] == []


@needs_pango
def test_what_a_nurse_writes_is_on_the_page_and_on_the_paper(nora: Nurse) -> None:
    assessed(nora)
    words = {
        "addressee": "Dr A. Example\r\n1 Low Street",
        "salutation": "Dear Anna",
        "message": "She walks with a frame.",
        "request": "",
    }
    assert written(nora, **words).status_code == 303
    text = nora.page("assessments/1/letter").text
    read = " ".join(page.extract_text() for page in paper(nora).pages)
    for said in ("Dr A. Example", "1 Low Street", "Dear Anna,", "She walks with a frame."):
        assert said in text
        assert said in read
    assert "What we ask you to do" not in read
    assert "Saved by Nora Nurse, today" in text
    history = nora.page("history").text
    assert "Nora Nurse : Wrote the letter of result 1 Dr A. Example 1 Low Street" in history


def test_a_letter_that_cannot_be_kept_stays_in_its_form(nora: Nurse) -> None:
    assessed(nora)
    answer = written(nora, salutation="Dear Anna", message="x" * 2_001)
    page = Page(answer.text)
    assert answer.status_code == 422
    assert "at most 2,000 characters" in page.text
    assert form_with(page, SAVE)["letter-message"] == "x" * 2_001
    assert form_with(page, SAVE)["letter-salutation"] == "Dear Anna"
    assert "Dear Anna" not in nora.page("assessments/1/letter").text


def test_of_two_letters_at_once_the_second_stays_in_its_form(nora: Nurse) -> None:
    assessed(nora)
    first, second = (form_with(nora.page("assessments/1/letter"), SAVE) for _ in "12")
    first["letter-message"], second["letter-message"] = "the first", "the second"
    assert nora.post("assessments/1/letter", first).status_code == 303
    answer = nora.post("assessments/1/letter", second)
    page = Page(answer.text)
    assert answer.status_code == 409
    assert "somebody has saved another letter since you opened this page" in page.text
    assert form_with(page, SAVE)["letter-message"] == "the second"
    assert nora.post("assessments/1/letter", form_with(page, SAVE)).status_code == 303
    assert "the second" in nora.page("assessments/1/letter").text


def test_a_comma_after_the_salutation_is_not_doubled(nora: Nurse) -> None:
    written(assessed(nora), salutation="Dear Dr Example,")
    assert "Dear Dr Example, Decision" in nora.page("assessments/1/letter").text


def test_saved_words_do_not_outlive_the_decision(nora: Nurse) -> None:
    assessed(nora, scoliosis="yes")
    words = {"addressee": "Procedure team", "request": "Please see her.", "message": "By train."}
    assert written(nora, **words).status_code == 303
    assert "Please see her." in nora.page("assessments/1/letter").text
    data = form_with(nora.page("assessments/1"), "Record the decision")
    data["choice"] = "do-not-refer:reason-against"
    assert nora.post("assessments/1/review", data).status_code == 303
    page = nora.page("assessments/1/letter")
    assert "Please see her." not in page.text
    assert "We are not referring this patient" in page.text
    assert "By train." in page.text
    assert "the request are the standard text again" in page.text
    assert written(nora, request="Please plan her care.").status_code == 303
    assert "Please plan her care." in nora.page("assessments/1/letter").text


def test_a_message_cannot_look_like_what_the_product_says(nora: Nurse) -> None:
    marks = "a" + "\u0333" * 50
    bold = "\U0001d403\U0001d41e\U0001d41c\U0001d422\U0001d42c\U0001d422\U0001d428\U0001d427"
    lines = "up" + "\n" * 30 + "down"
    assert written(assessed(nora), message=f"{bold}\n{marks}\u202e\n{lines}").status_code == 303
    page = nora.page("assessments/1/letter")
    kept = form_with(page, SAVE)["letter-message"]
    assert kept == "Decision\na" + "\u0333" * 3 + "\nup\n\ndown"
    assert page.text.index("No decision has been recorded") < page.text.index("Message from Nora")
    many = written(nora, message="a line\n" * 41)
    assert many.status_code == 422
    assert "it may have 40 lines; this has 41" in Page(many.text).text


def test_a_person_who_only_reads_has_no_form(nora: Nurse, hire: Hire) -> None:
    assessed(nora)
    auditor = hire("Ada Auditor", Role.AUDITOR)
    page = Page(auditor.client.get(f"/case/{nora.case_id}/assessments/1/letter").text)
    assert "What we ask you to do" in page.text
    assert SAVE not in page.text


def test_the_site_prints_its_own_head_and_foot(nora: Nurse) -> None:
    records = nora.client.application.extensions["records"]
    (number,) = nora.actor.sites
    before = sites.find_site(records, number)
    assert before is not None
    wanted = replace(
        before, letter_head="1 Example Way\nTelephone 555 0100", letter_foot="Charity 1"
    )
    sites.change_site(records, COMMAND_LINE, wanted)
    try:
        text = assessed(nora).page("assessments/1/letter").text
    finally:
        sites.change_site(records, COMMAND_LINE, before)
    assert f"{before.name} 1 Example Way Telephone 555 0100" in text
    assert text.index("Charity 1") > text.index("Signature")


@needs_pango
def test_nothing_on_the_paper_is_printed_smaller_than_can_be_read(nora: Nurse) -> None:
    sizes: set[float] = set()
    page = paper(assessed(nora)).pages[0]

    def seen(text: str, outer: list[float], inner: list[float], _: Any, size: float) -> None:  # noqa: ANN401
        if text.strip():
            sizes.add(round(size * abs(outer[3] * inner[3]), 2))

    page.extract_text(visitor_text=seen)
    assert min(sizes) >= LEAST_POINTS


@needs_pango
def test_the_paper_flows_onto_further_pages_where_it_must(nora: Nurse) -> None:
    data = nora.sheet()
    nora.post("assess", data)
    assert len(paper(nora).pages) == 1
    written(nora, message=("A line of words. " * 3 + "\n") * 38)
    read = paper(nora)
    assert 1 < len(read.pages) <= 3
    assert "Signature" in read.pages[-1].extract_text()


@needs_pango
def test_it_says_the_outcome_the_decision_the_sources_and_the_rules(hire: Hire) -> None:
    lead = assessed(hire("Lea Lead", Role.LEAD_NURSE), scoliosis="yes")
    data = form_with(lead.page("assessments/1"), "Record the decision")
    data["choice"], data["note"] = "override:refer-clinician-judged", "Examined on the ward"
    lead.post("assessments/1/review", data)
    text = squeezed(" ".join(page.extract_text() for page in paper(lead).pages))
    criterion = shipped.ruleset().criterion("scoliosis")
    for words in (
        criterion.say.nurse,
        *(shipped.ruleset().sources[each.source].publisher for each in criterion.citations),
        "A documented reason against",
        "Refer (override)",
        "Examined on the ward",
        "Lea Lead",
        shipped.ruleset().digest,
    ):
        assert squeezed(words) in text


@pytest.mark.parametrize("way", ["assessments/1", "assessments/1/letter"])
def test_each_point_says_how_strongly_its_source_words_it(nora: Nurse, way: str) -> None:
    assessed(nora, pain_severity="mild", blood_thinners="yes")
    text = nora.page(way).text
    point = "The pain is not severe; one document describes severe pain."
    assert "strength in the source: good candidates" in text.partition(point)[2][:90]
    assert "wording in the source: “can”" in text.partition("Blood thinners; the document")[2][:130]
    marks = "strength in the source: good candidates; 1 of 5 sources asks for it"
    assert f"(Severity of the pain: Mild; {marks})" in text


def test_a_red_flag_is_weakened_by_no_such_word(nora: Nurse) -> None:
    text = assessed(nora, leg_weakness="yes").page("assessments/1/letter").text
    assert not re.search("(wording|strength|fact) in the source", text)


def test_an_undecided_letter_says_that_nobody_decided(nora: Nurse) -> None:
    text = assessed(nora).page("assessments/1/letter").text
    assert "No person has reviewed this result" in text


@pytest.mark.parametrize("changes", [{}, {"scoliosis": "yes"}, {"cause": ""}])
def test_the_letter_says_no_more_than_the_result(nora: Nurse, changes: dict[str, str]) -> None:
    letter = assessed(nora, **changes).page("assessments/1/letter").text
    result = nora.page("assessments/1").text
    for criterion in shipped.ruleset().criteria:
        for words in (criterion.say.nurse, criterion.unmet and criterion.unmet.nurse):
            assert not words or words not in letter or words in result
    for outcome in shipped.ruleset().outcomes:
        assert outcome.name not in letter or outcome.name in result


@needs_pango
@pytest.mark.parametrize(
    "html",
    [
        '<link rel="stylesheet" href="file:///etc/passwd">',
        '<img src="http://127.0.0.1:1/x.png">',
        '<object data="file:///etc/hostname"></object>',
        "<style>@import 'http://127.0.0.1:1/x.css'; p { background: url(file:///etc/x) }</style>",
        '<a rel="attachment" href="file:///etc/passwd">x</a>',
    ],
)
def test_a_document_for_paper_loads_nothing(html: str) -> None:
    asked: list[str] = []
    document = f"<html lang=en><title>x</title>{html}<p>text</p>"
    made = pdf.write_pdf(document, "letter.css", note=asked.append)
    assert asked
    assert b"root:" not in made
    assert "/EmbeddedFiles" not in str(PdfReader(io.BytesIO(made)).trailer["/Root"])


@needs_pango
def test_the_letter_asks_for_nothing(nora: Nurse, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    real = pdf.write_pdf
    monkeypatch.setattr(pdf, "write_pdf", lambda html, style: real(html, style, note=asked.append))
    paper(assessed(nora))
    assert asked == []


def test_without_pango_the_page_says_so_and_nothing_fails(
    nora: Nurse, monkeypatch: pytest.MonkeyPatch
) -> None:
    assessed(nora)
    monkeypatch.setattr(pdf, "can_write_pdf", lambda: False)
    answer = nora.get("assessments/1/letter.pdf")
    assert answer.status_code == 303
    page = Page(nora.client.get(answer.location).text)
    assert "Pango is missing" in page.text
    assert "Open as PDF" not in page.text
