import datetime as dt
from collections.abc import Callable, Mapping

import pytest
from flask.testing import FlaskClient
from support.pages.page_reader import Page
from support.people.typed_answers import typed
from support.rulesets import shipped
from support.rulesets.builders import UNKNOWN, given

from screening.core.compiled.model import model_of
from screening.core.results.assess import assess
from screening.core.results.result import disagreements_touched
from screening.core.values.answer import AbsentReason, Answer
from screening.formats.examples.example_file import Example
from screening.proof.explanation.reasons import Explainer
from screening.words.nurse.needs import words_of_needed
from screening.words.nurse.reasons import words_of_idle_answers

Answers = Mapping[str, Answer]
Press = Callable[..., Page]
Result = Callable[..., Page]
PENDING = Answer(absent=AbsentReason.TEMP_UNKNOWN)
EXPLAINER = Explainer(model_of(shipped.ruleset()))


@pytest.fixture
def met() -> Answers:
    return shipped.favourable()


@pytest.fixture
def blank(client: FlaskClient) -> Page:
    return Page(client.get("/nurse/").text)


def posted_error(client: FlaskClient, blank: Page, **fields: str) -> Page:
    _, data = blank.press("Show result")
    for name, text in fields.items():
        data[name] = text
    answer = client.post("/nurse/result", data=data)
    assert answer.status_code == 422
    return Page(answer.text)


def test_every_question_is_on_the_page_by_section(blank: Page) -> None:
    for section in shipped.ruleset().sections:
        assert section.title.nurse in blank.text
    for item in shipped.ruleset().items.values():
        assert item.ask.nurse in blank.text


def test_a_follow_up_says_when_it_applies(blank: Page) -> None:
    assert "Only if Disc herniation: yes." in blank.text


def test_the_screening_date_is_today_and_can_be_set(
    client: FlaskClient, blank: Page, met: Answers
) -> None:
    assert ("as_of-day", "20") in blank.form.fields
    _, data = blank.press("Show result")
    data["as_of-day"] = "1"
    for name, values in typed(shipped.ruleset(), met).lists():
        data.setlist(name, values)
    assert "1 November 2026" in Page(client.post("/nurse/result", data=data).text).text


@pytest.mark.parametrize(
    ("day", "said"),
    [
        ("21", "today or in the past"),
        ("32", "32 November 2026 does not exist"),
        ("", "must have a day"),
    ],
)
def test_a_screening_date_that_cannot_be_is_refused(
    client: FlaskClient, blank: Page, day: str, said: str
) -> None:
    page = posted_error(client, blank, **{"as_of-day": day})
    assert said in page.text
    assert "#as_of-day" in page.links


@pytest.mark.parametrize("parts", [("3rd", "Sept.", "2026"), ("٣", "٩", "٢٠٢٦")])
def test_the_month_may_be_a_word_and_digits_those_of_any_script(
    client: FlaskClient, blank: Page, parts: tuple[str, ...]
) -> None:
    _, data = blank.press("Show result")
    for name, text in zip(("day", "month", "year"), parts, strict=True):
        data[f"as_of-{name}"] = text
    assert "3 September 2026" in Page(client.post("/nurse/result", data=data).text).text


def test_a_day_after_the_screening_date_is_refused(client: FlaskClient, blank: Page) -> None:
    wrong = {"as_of-day": "1", "q-onset_date-day": "2"}
    later = {"q-onset_date-month": "11", "q-onset_date-year": "2026"}
    assert "not after the screening date" in posted_error(client, blank, **wrong, **later).text


def test_errors_are_listed_with_links_and_everything_typed_is_kept(
    client: FlaskClient, blank: Page
) -> None:
    fields = {"q-age": "seventy", "q-levels": "0", "q-leg_weakness": "no"}
    page = posted_error(client, blank, **fields)
    assert page.title.startswith("Error: ")
    assert {"#q-age", "#q-levels"} <= set(page.links)
    assert fields.items() <= set(page.form.fields)


def test_a_red_flag_stands_at_the_top_although_other_answers_cannot_be_read(
    client: FlaskClient, blank: Page
) -> None:
    page = posted_error(client, blank, **{"q-age": "seventy", "q-leg_weakness": "yes"})
    flag = shipped.ruleset().criterion("leg_weakness").say.nurse
    assert "Red flag" in page.text
    assert page.text.index(flag) < page.text.index("Screening date")


def test_checking_the_page_names_what_matters_most(press: Press, blank: Page, met: Answers) -> None:
    page = press(blank, "Check the page so far", {**met, "gait_change": PENDING})
    assert "1 missing answer could still change the result. Ask about every other" in page.text
    assert "#q-gait_change" in page.links
    assert "Red flag" not in page.text


def test_a_checked_page_without_missing_answers_is_no_all_clear(
    press: Press, blank: Page, met: Answers
) -> None:
    page = press(blank, "Check the page so far", met)
    assert "No missing answer can change the result now. That is not an all-clear" in page.text


@pytest.mark.parametrize("example", shipped.examples().values(), ids=shipped.examples())
def test_the_result_tells_the_whole_assessment(nurse_result: Result, example: Example) -> None:
    page = nurse_result(example.answers, example.as_of)
    assessment = assess(shipped.ruleset(), example.answers, example.as_of)
    assert assessment.outcome
    assert assessment.outcome.name in page.text
    assert assessment.outcome.say.nurse in page.text
    for flag in assessment.flags:
        assert flag.text.nurse in page.text
    explanation = EXPLAINER.explain(example.answers, example.as_of)
    for need in words_of_needed(assessment, explanation):
        assert f"{need.item.name} {need.missing} {need.effect}" in page.text
    assert words_of_idle_answers(assessment, explanation) in page.text
    for disagreement in disagreements_touched(assessment):
        assert disagreement.topic.nurse in page.text
    for topic in shipped.ruleset().silent_on.values():
        assert topic.say.nurse in page.text
    for criterion in shipped.ruleset().criteria:
        assert f"{criterion.ruleset}/{criterion.id}" in page.text
    assert shipped.ruleset().digest in page.text


@pytest.mark.parametrize("link_id", shipped.ruleset().items)
def test_an_unknown_answer_that_leaves_the_result_open_never_looks_favourable(
    nurse_result: Result, met: Answers, link_id: str
) -> None:
    answers = shipped.changed(met, {link_id: UNKNOWN})
    page = nurse_result(answers)
    assessment = assess(shipped.ruleset(), answers, shipped.as_of())
    is_open = len(assessment.possible) > 1
    assert ("More information needed" in page.text) is is_open
    assert ('class="outcome outcome--open"' in page.html) is is_open
    assert ("outcome--favourable" in page.html) is assessment.favourable
    assert not (is_open and assessment.favourable)


def test_an_empty_page_is_open_and_lists_every_outcome_it_may_have(nurse_result: Result) -> None:
    page = nurse_result({})
    assert "More information needed" in page.headings_of("h2")
    for outcome in shipped.ruleset().outcomes:
        assert outcome.name in page.text


def test_what_decides_the_result_is_told_before_other_points(
    nurse_result: Result, met: Answers
) -> None:
    page = nurse_result({**met, **given(scoliosis=True, can_lie_prone=False)})
    rules = shipped.ruleset()
    deciding = page.text.index(rules.criterion("scoliosis").say.nurse)
    decided = page.text.index("What decides the result")
    further = page.text.index("Further points")
    assert decided < page.text.index(rules.criterion("scoliosis").say.nurse, decided) < further
    assert deciding
    assert "strength in the source: usually" in page.text


def test_an_answer_that_is_set_aside_is_shown_as_such(nurse_result: Result, met: Answers) -> None:
    page = nurse_result({**met, **given(cause="injury", bone_medicines=True)})
    item = shipped.ruleset().items["bone_medicines"]
    assert "Answers set aside" in page.text
    assert f"{item.name}: yes" in page.text


def test_the_way_back_from_the_result_keeps_every_answer(
    press: Press, nurse_result: Result, met: Answers
) -> None:
    answers = {**met, "scoliosis": PENDING}
    page = press(nurse_result(answers), "Back to the answers")
    kept = set(page.form.fields)
    assert set(typed(shipped.ruleset(), answers).items(multi=True)) <= kept


def test_a_visit_to_the_result_without_answers_says_where_they_are(client: FlaskClient) -> None:
    said = "This address shows nothing without your answers"
    assert said not in Page(client.get("/nurse/").text).text
    answer = client.get("/nurse/result")
    assert answer.status_code == 200
    assert said in Page(answer.text).text


def test_what_is_missing_says_who_can_tell(nurse_result: Result, met: Answers) -> None:
    asked = {key: answer for key, answer in met.items() if key not in ("imaging_kind", "levels")}
    page = nurse_result(
        {**asked, "fever_chills": PENDING, "lung_disease": UNKNOWN},
        shipped.examples()["everything_met"].as_of,
    )
    for who in ("the patient", "the imaging report", "the procedure team"):
        assert who in page.text


def test_every_shipped_question_says_who_can_tell() -> None:
    assert [item.link_id for item in shipped.ruleset().items.values() if item.who is None] == []


def test_the_trace_says_what_follows_from_the_order_of_events(
    nurse_result: Result, met: Answers
) -> None:
    dates = given(onset_date=dt.date(2026, 10, 5))
    page = nurse_result({**met, **dates, "diagnosis_date": UNKNOWN})
    said = (
        "not known; on or after 5 October 2026, because “Onset of the fracture” was answered"
        " “5 October 2026”"
    )
    assert f"(answer: {said})" in page.text


def test_which_tests_are_met_is_shown_only_on_demand(nurse_result: Result, met: Answers) -> None:
    html = nurse_result({**met, "cause": UNKNOWN, **given(blood_thinners=True)}).html
    before = html.split('<ul class="trace">')
    assert len(before) > len(shipped.ruleset().criteria)
    for end in range(1, len(before)):
        outside = "".join(before[:end])
        assert outside.count("<details") > outside.count("</details>")


def test_answers_that_cannot_all_be_true_stand_above_the_outcome_with_ways_back(
    nurse_result: Result, met: Answers
) -> None:
    page = nurse_result({**met, **given(disc_herniation=False, disc_pain=True)})
    words = "Pain cannot come from a disc herniation that is not there."
    assert page.text.index(words) < page.text.index("Answers contradict each other")
    assert 'formaction="/nurse/#q-disc_pain"' in page.html
    assert "outcome--favourable" not in page.html
