"""The sheet that a doctor would read, on the page, as text and as PDF."""

import io
from collections.abc import Callable, Iterator, Mapping
from threading import BoundedSemaphore
from typing import Any, cast

import pypdf
import pytest
from flask.testing import FlaskClient
from support.pages.page_reader import Page
from support.people.typed_answers import typed
from support.rulesets import shipped
from support.rulesets.builders import UNKNOWN, given
from werkzeug.datastructures import MultiDict
from werkzeug.http import parse_options_header

from screening.core.results.assess import meets_shown_if
from screening.core.values.answer import AbsentReason, Answer
from screening.web.patient import sheet_file
from screening.web.shell import pdf
from screening.web.shell.language import UNCHECKED
from screening.web.shell.templating import warning_signs

Answers = Mapping[str, Answer]
Result = Callable[[Answers], Page]
MET = shipped.favourable()
ITEMS = shipped.ruleset().items
SECOND = "Other questions to ask"


def posted(answers: Answers, *printed: str, **more: str) -> MultiDict[str, str]:
    day = shipped.as_of()
    rest = [link_id for link_id, item in ITEMS.items() if meets_shown_if(item, answers, day)]
    data = typed(shipped.ruleset(), dict.fromkeys(rest, UNKNOWN) | dict(answers))
    data.update({"report": "yes"} | more)
    data.setlist("print", list(printed))
    return data


def text_of(client: FlaskClient, answers: Answers, *printed: str) -> str:
    return client.post("/patient/sheet/text", data=posted(answers, *printed)).text


@pytest.fixture(autouse=True)
def empty_shelf() -> Iterator[None]:
    pdf.shelf.clear()
    yield
    pdf.shelf.clear()


def test_three_questions_lead_and_the_rest_is_on_page_two(patient_result: Result) -> None:
    page = patient_result({**MET, **given(blood_thinners=True)})
    first, _, second = page.text.partition(SECOND)
    asked = first.partition("Questions to ask my doctor")[2].partition("What I have tried")[0]
    assert asked.strip().startswith("I take blood thinners.")
    assert page.html.count('class="sheet__line"></span></li>') == 3
    assert "Will I be fully asleep" in second


def test_signs_are_in_the_first_person(patient_result: Result) -> None:
    page = patient_result({**MET, **given(fever_chills=True), "weight_loss": UNKNOWN})
    said = page.text.partition("What my doctor should know first")[2]
    assert said.strip().startswith("I have had a fever or shivering chills lately.")
    assert "I am not sure if I have lost weight without trying." in page.text


def test_what_was_tried_is_in_the_first_person(patient_result: Result) -> None:
    page = patient_result({**MET, "care_bracing": Answer(value="not_possible")})
    assert "I cannot use a brace" in page.text.partition("What I have tried")[2]


@pytest.mark.parametrize("absent", [AbsentReason.ASKED_UNKNOWN, AbsentReason.ASKED_DECLINED])
def test_nobody_who_answered_is_told_that_they_did_not(
    patient_result: Result, absent: AbsentReason
) -> None:
    gone = Answer(absent=absent)
    page = patient_result(dict.fromkeys(MET, gone) | {"imaging_result": UNKNOWN})
    assert "not answered" not in page.text.lower()


def test_what_only_others_can_tell_is_found_out_together(client: FlaskClient) -> None:
    """No such question is in doubt: nobody is told to phone this week for what nobody asked."""
    links = ("cord_compression", "canal_fragment")
    needed = {"report", "clinician", "operator"}
    asked = {
        link: each for link, each in MET.items() if ITEMS[link].usual_finder.value not in needed
    }
    signs = {link: MET[link] for link in ("deficit_found", "imaging_result")}
    data = typed(shipped.ruleset(), asked | signs)
    data["report"] = "no"
    page = Page(client.post("/patient/result", data=data).text)
    said = page.text.partition("What a scan report or a doctor can tell")[2]
    listed = said.partition("What my doctor said")[0]
    assert [link for link in links if ITEMS[link].ask.patient not in listed] == []
    assert "You were not sure about these signs." not in page.text
    assert "Things to tell a doctor or nurse this week." not in page.text


def test_the_paper_says_where_it_comes_from(client: FlaskClient) -> None:
    text = text_of(client, MET)
    rules = shipped.ruleset()
    for said in (
        "It is not a decision aid, and it gives no diagnosis.",
        f"{rules.id} {rules.version}",
        "20 November 2026",
        rules.sources["spinenation"].publisher,
    ):
        assert said in text
        assert said in Page(client.post("/patient/result", data=posted(MET)).text).text


def test_the_text_is_whole_in_an_emergency_and_leads_with_it(client: FlaskClient) -> None:
    weak = {**MET, **given(leg_weakness=True), "gait_change": UNKNOWN}
    text = text_of(client, weak)
    assert text.index("Get emergency help now.") < text.index("What to bring")
    assert text.index("What to bring") < text.index("For later, once you have been seen")
    assert "Read these out too when you get help." in text
    assert ITEMS["gait_change"].unsure in text
    assert [sign for sign in warning_signs(shipped.ruleset()) if sign not in text] == []


def test_signs_in_doubt_come_first_in_the_text(client: FlaskClient) -> None:
    text = text_of(client, {**MET, "gait_change": UNKNOWN, "weight_loss": UNKNOWN})
    first = text.partition("What to do first")[2].partition("\n\n")[0]
    assert first.startswith(
        "\n- You were not sure about these signs.\n- Phone a doctor or nurse today"
    )
    assert ITEMS["gait_change"].unsure in first
    assert "Things to tell a doctor or nurse this week." in text


def test_the_text_on_the_page_is_the_file(client: FlaskClient) -> None:
    answer = client.post("/patient/sheet/text", data=posted(MET))
    assert answer.mimetype == "text/plain"
    assert "questions-for-my-doctor.txt" in answer.headers["Content-Disposition"]
    html = client.post("/patient/result", data=posted(MET)).text
    shown = html.partition('data-sheet-text="')[2].partition('"')[0]
    assert shown.replace("&#39;", "'").replace("&#34;", '"').replace(
        "&amp;", "&"
    ) == answer.text.rstrip(" ")


PRIVATE = {**MET, **given(iv_drug_use=True, weak_immunity=True), "pregnancy": UNKNOWN}


def private_words() -> set[str]:
    rules = shipped.ruleset()
    links = ("iv_drug_use", "weak_immunity", "pregnancy")
    said = {text for i in links for text in (ITEMS[i].sign, ITEMS[i].unsure, ITEMS[i].name)}
    return said | {rules.criterion(link).say.patient for link in ("iv_drug_use", "weak_immunity")}


def test_private_answers_are_in_no_form_unless_ticked(client: FlaskClient) -> None:
    made = pdf_text(client.post("/patient/sheet/pdf", data=posted(PRIVATE)).data)
    html = client.post("/patient/result", data=posted(PRIVATE)).text
    shared = html.partition('data-sheet-text="')[2].partition('"')[0]
    for form in (text_of(client, PRIVATE), " ".join(made.split()), shared):
        assert [words for words in private_words() if words in form] == []
    assert ITEMS["iv_drug_use"].sign in text_of(client, PRIVATE, "iv_drug_use")
    assert ITEMS["weak_immunity"].sign not in text_of(client, PRIVATE, "iv_drug_use")
    chosen = client.post("/patient/result", data=posted(PRIVATE, "iv_drug_use", "age", "x")).text
    kept_in = '<input type="hidden" name="print" value="iv_drug_use">'
    assert chosen.count(kept_in) == 2, "the form that makes files, and that of the languages"
    assert '<input type="hidden" name="print" value="age">' not in chosen


def test_the_page_says_that_files_leave_private_answers_out(patient_result: Result) -> None:
    said = "Private answers are left out unless you tick them below."
    assert said in patient_result(PRIVATE).text
    assert "What you save or share tells others about your health." in patient_result(MET).text


def pdf_text(data: bytes) -> str:
    return "\n".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(data)).pages)


NO_SIGNS = frozenset(
    item.link_id for item in ITEMS.values() if item.section in ("emergency", "urgent")
)
CASES: dict[str, Answers] = {
    "met": {**MET, **given(blood_thinners=True)},
    "no scan": {**MET, "imaging_result": Answer(value="not_done")},
    "urgent": {**MET, **given(fever_chills=True, night_pain=True), "weight_loss": UNKNOWN},
    "emergency": {**MET, **given(leg_weakness=True), "gait_change": UNKNOWN},
    "unknown": {},
}


@pytest.mark.parametrize("name", CASES)
def test_the_pdf_is_tagged_and_its_first_page_is_one_page(client: FlaskClient, name: str) -> None:
    data = posted(CASES[name])
    data.setlist("matters", ["pain", "home"])
    data.add("own", "Being able to look after my grandson on Fridays")
    answer = client.post("/patient/sheet/pdf", data=data)
    assert answer.mimetype == "application/pdf"
    assert "questions-for-my-doctor.pdf" in answer.headers["Content-Disposition"]
    read = pypdf.PdfReader(io.BytesIO(answer.data))
    root = cast("pypdf.generic.DictionaryObject", read.trailer["/Root"].get_object())
    assert cast("pypdf.generic.DictionaryObject", root["/MarkInfo"])["/Marked"]
    assert str(root["/Lang"]) == "en"
    first, second = read.pages[0].extract_text(), read.pages[1].extract_text()
    assert "Name of the doctor" in first
    assert "It is not a decision aid" in first
    assert SECOND in second
    assert len(read.pages) == 2


NAMES = {
    "en": ("questions-for-my-doctor", "my-answers.json"),
    "es": ("preguntas-para-mi-medico", "mis-respuestas.json"),
    "ar": ("أسئلة-للطبيب", "إجاباتي.json"),
}
TITLES = {
    "en": "Your sheet for the doctor",
    "es": "Su hoja para el médico",
    "ar": "ورقتكم للطبيب",
}


@pytest.mark.parametrize("language", NAMES)
def test_a_file_has_its_name_in_the_language_and_the_pages_say_it(
    client: FlaskClient, language: str
) -> None:
    sheet, answers = NAMES[language]
    ways = {"sheet/text": f"{sheet}.txt", "answers/save": answers}
    for way, name in ways.items():
        answer = client.post(f"/patient/{way}", data=posted(MET, language=language))
        said = answer.headers["Content-Disposition"]
        assert said.isascii()
        assert name in parse_options_header(said)[1]["filename"]
        assert "; filename=" in said, "a browser that reads no filename* has a name too"
    start = client.get(f"/patient/?language={language}").text
    assert answers in start


@pytest.mark.parametrize("language", TITLES)
def test_a_pdf_has_structure_language_title_and_order(client: FlaskClient, language: str) -> None:
    data = posted(MET, language=language)
    read = pypdf.PdfReader(io.BytesIO(client.post("/patient/sheet/pdf", data=data).data))
    root = cast("pypdf.generic.DictionaryObject", read.trailer["/Root"].get_object())
    assert str(root["/Lang"]) == language
    assert read.metadata
    assert read.metadata.title == TITLES[language]
    shown = cast("pypdf.generic.DictionaryObject", root["/ViewerPreferences"])
    assert shown["/DisplayDocTitle"]
    kinds = list(structure(root["/StructTreeRoot"]))
    headings = [kind for kind in kinds if kind in ("/H1", "/H2", "/H3")]
    assert headings[:2] == ["/H1", "/H2"]
    assert headings.count("/H1") == 1
    assert {"/P", "/L", "/LI"} <= {*kinds}


def structure(node: Any) -> Iterator[str]:  # noqa: ANN401
    """The kinds of the parts of a tagged PDF, in reading order."""
    node = node.get_object()
    if isinstance(node, list):
        for each in node:
            yield from structure(each)
    elif isinstance(node, dict):
        if "/S" in node:
            yield str(node["/S"])
        if "/K" in node:
            yield from structure(node["/K"])


def test_my_answers_name_the_question_as_it_was_asked(client: FlaskClient) -> None:
    """A nurse's short name can turn an answer round: “The doctor's view of the care: yes”."""
    said = text_of(client, MET).partition("My answers")[2].partition("About this sheet")[0]
    assert ITEMS["imaging_result"].ask.patient in said
    assert ITEMS["imaging_result"].name not in said


def test_a_pdf_is_kept_nowhere(client: FlaskClient) -> None:
    client.post("/patient/sheet/pdf", data=posted(MET))
    assert len(pdf.shelf) == 0


@pytest.mark.parametrize("reason", ["none", "failed", "busy"])
def test_where_no_pdf_can_be_made_the_sheet_says_so(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch, reason: str
) -> None:
    if reason == "none":
        monkeypatch.setattr(pdf, "can_write_pdf", lambda: False)
    elif reason == "failed":
        pdf.can_write_pdf()  # it asks once, and needs the usual time for that
        monkeypatch.setattr(pdf, "WITHIN", 0.001)
    else:
        taken = BoundedSemaphore(1)
        assert taken.acquire()
        monkeypatch.setattr(sheet_file, "PATIENCE", 0.01)
        monkeypatch.setattr(sheet_file, "_turns", taken)
    answer = client.post("/patient/sheet/pdf", data=posted(MET))
    assert answer.status_code == 503
    assert "We could not make a PDF just now. Print this page instead" in answer.text
    assert ("Save as PDF" in answer.text) is (reason != "none")


def test_clear_and_leave_is_on_every_page_after_the_first(
    client: FlaskClient, walk: Callable[[Answers], list[Page]]
) -> None:
    start, *pages = walk(MET)
    assert not any(each.startswith("/patient/cleared") for each in start.links)
    result = Page(client.post("/patient/result", data=posted(MET)).text)
    matters = Page(client.post("/patient/matters", data=posted(MET)).text)
    for page in [*pages, matters, result]:
        assert "/patient/cleared?language=en" in page.links
    cleared = Page(client.get("/patient/cleared").text)
    assert cleared.headings == ["Your answers are gone from this page"]
    assert cleared.forms == []


@pytest.mark.parametrize("way", ["pdf", "text"])
def test_no_file_is_made_while_a_question_is_open_but_in_an_emergency(
    client: FlaskClient, way: str
) -> None:
    asked = client.post(f"/patient/sheet/{way}", data={"q-leg_weakness": "no"})
    assert asked.mimetype == "text/html"
    assert Page(asked.text).hidden("at") == ["saddle_numbness"]
    alarm = client.post(f"/patient/sheet/{way}", data={"q-leg_weakness": "yes"})
    assert alarm.mimetype != "text/html"


def test_a_pdf_has_the_direction_of_its_language_and_says_who_translated(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    laid_out: list[str] = []

    def keep_html(html: str, *_: object, **__: object) -> bytes:
        laid_out.append(html)
        return b"%PDF"

    monkeypatch.setattr(pdf, "write_pdf", keep_html)
    for language in ("ar", "en"):
        client.post("/patient/sheet/pdf", data=posted(MET, language=language))
    arabic, english = laid_out
    assert '<html lang="ar" dir="rtl">' in arabic
    assert UNCHECKED in arabic
    assert '<html lang="en" dir="ltr">' in english
    assert UNCHECKED not in english


LONGER = {
    **CASES,
    "signs ruled out": {link_id: Answer(value=False) for link_id in ITEMS if link_id in NO_SIGNS}
    | {"imaging_result": Answer(value="not_done"), "age": Answer(value=76)},
}


@pytest.mark.parametrize("language", ["es", "ar"])
@pytest.mark.parametrize("name", LONGER)
def test_the_paper_has_two_pages_in_longer_languages_too(
    client: FlaskClient, name: str, language: str
) -> None:
    data = posted(LONGER[name], language=language)
    data.setlist("matters", ["pain", "home"])
    data.add("own", "Being able to look after my grandson on Fridays")
    answer = client.post("/patient/sheet/pdf", data=data)
    assert len(pypdf.PdfReader(io.BytesIO(answer.data)).pages) == 2
