"""The letter: one tagged page that says what the result page says, and loads nothing."""

import io
import re
from collections.abc import Callable
from typing import Any

import pytest
from pypdf import PdfReader
from support.casework.handovers import hand_over
from support.pages.page_reader import Page
from support.people.case_people import Nurse, assessed, form_with
from support.rulesets import shipped

from screening.records.access import Role
from screening.web.shell import pdf

Hire = Callable[..., Nurse]
LEAST_POINTS = 8.5
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
    read = paper(nora)
    assert 1 < len(read.pages) <= 3
    assert "Signature" in read.pages[-1].extract_text()


@needs_pango
def test_it_says_the_outcome_the_decision_the_quotes_and_the_rules(hire: Hire) -> None:
    lead = assessed(hire("Lea Lead", Role.LEAD_NURSE), scoliosis="yes")
    data = form_with(lead.page("assessments/1"), "Record the decision")
    data["choice"], data["note"] = "override:refer-clinician-judged", "Examined on the ward"
    lead.post("assessments/1/review", data)
    text = squeezed(" ".join(page.extract_text() for page in paper(lead).pages))
    criterion = shipped.ruleset().criterion("scoliosis")
    for words in (
        criterion.say.nurse,
        *(citation.quote for citation in criterion.citations),
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
