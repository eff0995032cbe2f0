import datetime as dt
import re
from collections.abc import Callable, Mapping

import pytest
from flask.testing import FlaskClient
from support.pages.page_reader import Page
from support.rulesets import shipped
from support.rulesets.builders import UNKNOWN, given
from werkzeug.datastructures import MultiDict

from screening.core.results.assess import assess
from screening.core.rules.patient_path import REPORT
from screening.core.rules.ruleset import Tier
from screening.core.values.answer import AbsentReason, Answer
from screening.web.shell.templating import warning_signs

Answers = Mapping[str, Answer]
Walk = Callable[..., list[Page]]
Press = Callable[..., Page]
Result = Callable[[Answers], Page]

GRAVE = (Tier.EMERGENCY, Tier.URGENT)
WITHOUT = "This address shows nothing without your answers"
SHOW = "Show my sheet for the doctor"
FREE_OF_VERDICTS = [
    *(
        "candidate",
        "candidacy",
        "eligible",
        "suitable",
        "favourable",
        "exclusion",
        "reason against",
    ),
    *("requirement", "criterion", "outcome", "critical", "unmet", "met_with_cautions"),
]


def asked_at(page: Page) -> str:
    (at,) = page.hidden("at")
    return at


def at_question(walk: Walk, answers: Answers, link_id: str) -> Page:
    return next(page for page in walk(answers) if page.hidden("at") == [link_id])


@pytest.fixture
def met() -> Answers:
    return shipped.favourable()


def without_links(page: Page) -> str:
    """The words of a page apart from titles of documents and quotations, which are not ours."""
    ours = re.sub(
        r"<(cite|blockquote|p class=\"passage__place\")[^>]*>.*?</\w+>",
        "",
        page.html,
        flags=re.DOTALL,
    )
    return Page(ours).text.lower()


def test_every_question_of_the_path_is_put_once_and_in_order(walk: Walk, met: Answers) -> None:
    asked = [asked_at(page) for page in walk(met) if page.form.buttons.keys() >= {"Continue"}]
    order = [link_id for link_id in shipped.ruleset().items if link_id in asked]
    order.remove("imaging_result")
    place = order.index("fever_chills")
    assert asked == [*order[:place], "imaging_result", REPORT, *order[place:]]
    assert "lung_disease" in asked
    assert "disc_pain" not in asked


def test_a_question_that_cannot_change_the_page_is_not_put_and_is_listed(
    walk: Walk, met: Answers
) -> None:
    helping = {"care_bracing": Answer(value="somewhat"), "care_medicines": Answer(value="helping")}
    pages = list(walk({**met, **helping}))
    idle = shipped.ruleset().items["care_judged"]
    assert idle.link_id not in [asked_at(p) for p in pages if "Continue" in p.form.buttons]
    check = next(page for page in pages if page.headings[0] == "Check your answers")
    assert "What we did not ask" in check.text
    assert idle.ask.patient in check.text[check.text.index("What we did not ask") :]


def test_a_question_that_can_change_the_page_is_put(walk: Walk, met: Answers) -> None:
    partial = {**met, "care_bracing": Answer(value="somewhat")}
    assert "care_judged" in [asked_at(p) for p in walk(partial) if "Continue" in p.form.buttons]


def test_a_question_shows_its_words_its_place_and_why_it_is_asked(walk: Walk, met: Answers) -> None:
    item = shipped.ruleset().items["scoliosis"]
    page = at_question(walk, met, "scoliosis")
    assert page.headings == [item.ask.patient]
    assert item.why.patient in page.text
    assert "Section 7 of 9" in page.text
    for criterion in shipped.ruleset().readers("scoliosis"):
        for citation in criterion.citations:
            assert citation.quote in page.text
            assert shipped.ruleset().sources[citation.source].kind in page.text


def test_nothing_is_preselected(client: FlaskClient, walk: Walk, met: Answers) -> None:
    for page in (Page(client.get("/nurse/").text), *walk({})[1:2]):
        assert not re.search(r"<(?:input|option)[^>]* (?:checked|selected)", page.html)


def test_every_page_says_what_to_do_in_an_emergency(
    walk: Walk, patient_result: Result, met: Answers
) -> None:
    for page in (*walk(met), patient_result(met)):
        assert "emergency number" in page.text
        for sign in warning_signs(shipped.ruleset()):
            assert sign in page.text


def test_an_empty_answer_is_asked_for_again(press: Press, walk: Walk) -> None:
    first = walk({})[1]
    again = press(first, "Continue")
    assert again.title.startswith("Error: ")
    assert "There is a problem" in again.text
    assert f"#q-{asked_at(first)}" in again.links


def test_what_was_typed_is_kept_and_the_error_says_what_to_type(
    client: FlaskClient, walk: Walk, met: Answers
) -> None:
    address, data = at_question(walk, met, "age").press("Continue")
    data["q-age"] = "seventy"
    page = Page(client.post(address, data=data).text)
    assert ("q-age", "seventy") in page.form.fields
    assert "Enter a whole number" in page.text


def test_an_answer_together_with_do_not_know_is_an_error(
    client: FlaskClient, walk: Walk, met: Answers
) -> None:
    address, data = at_question(walk, met, "age").press("Continue")
    data.update({"q-age": "70", "q-age-absent": "asked-unknown"})
    page = Page(client.post(address, data=data).text)
    assert "but not both" in page.text
    assert ("q-age", "70") in page.form.fields


def test_a_choice_together_with_do_not_know_is_an_error(
    client: FlaskClient, walk: Walk, met: Answers
) -> None:
    address, data = at_question(walk, met, "imaging_kind").press("Continue")
    data.setlist("q-imaging_kind", ["xray", "asked-unknown"])
    assert "but not both" in client.post(address, data=data).text


@pytest.mark.parametrize(
    ("day", "said"),
    [
        ("31 2 2026", "31 February 2026 does not exist; February 2026 has 28 days"),
        ("1 x 2026", "real date"),
        ("1 10 26", "real date"),
        ("3  2026", "must have a month"),
        ("3 10 ", "must have a year"),
        (" 10 ", "must have a year"),
        ("3  ", "must have a month and a year"),
        (" 12 2026", "today or in the past"),
        ("  2027", "today or in the past"),
        ("21 11 2026", "today or in the past"),
    ],
)
def test_a_day_that_cannot_be_is_refused(client: FlaskClient, day: str, said: str) -> None:
    parts = zip(("day", "month", "year"), day.split(" "), strict=True)
    data = {f"q-onset_date-{part}": text for part, text in parts}
    data |= {"at": "onset_date", "action": "continue"}
    page = client.post("/patient/question", data=data)
    assert page.status_code == 422
    assert said in page.text


def test_back_goes_to_the_question_before_with_its_answer(
    press: Press, walk: Walk, met: Answers
) -> None:
    page = at_question(walk, met, "gait_change")
    before = press(page, "Back")
    assert asked_at(before) == "bladder_bowel"
    assert ("q-bladder_bowel", "no") in before.form.fields
    assert asked_at(press(before, "Continue")) == "gait_change"


def test_back_from_the_first_question_keeps_the_answers(press: Press, walk: Walk) -> None:
    _, first, second = walk(given(leg_weakness=False))[:3]
    start = press(press(second, "Back"), "Back")
    assert "Start now" in start.form.buttons
    assert ("q-leg_weakness", "no") in start.form.fields
    assert asked_at(press(start, "Start now")) == asked_at(first)


def test_back_keeps_what_could_not_be_read(client: FlaskClient, press: Press, walk: Walk) -> None:
    address, data = at_question(walk, shipped.favourable(), "age").press("Back")
    data["q-age"] = "seventy"
    before = Page(client.post(address, data=data).text)
    assert ("q-age", "seventy") in press(before, "Continue").form.fields


def test_a_change_returns_to_the_page_to_check(press: Press, walk: Walk, met: Answers) -> None:
    check = walk(met)[-1]
    words = next(
        words for words in check.form.buttons if "face down" in words or "stomach" in words
    )
    question = press(check, words)
    assert asked_at(question) == "can_lie_prone"
    changed = press(question, "Continue", given(can_lie_prone=False))
    assert SHOW in changed.form.buttons
    assert ("q-can_lie_prone", "no") in changed.form.fields


def test_a_question_that_a_change_opens_is_asked_before_the_page_to_check(
    press: Press, walk: Walk, met: Answers
) -> None:
    check = walk(met)[-1]
    words = f"Change your answer: {shipped.ruleset().items['arthritis'].ask.patient}"
    opened = press(press(check, words), "Continue", given(arthritis=True))
    assert asked_at(opened) == "arthritis_pain"
    assert SHOW in press(opened, "Continue", given(arthritis_pain=False)).form.buttons


def test_back_from_a_change_leads_to_the_page_to_check(
    press: Press, walk: Walk, met: Answers
) -> None:
    check = walk(met)[-1]
    words = f"Change your answer: {shipped.ruleset().items['arthritis'].ask.patient}"
    assert SHOW in press(press(check, words), "Back to your answers").form.buttons


def test_the_result_asks_for_what_is_missing_first(client: FlaskClient) -> None:
    page = Page(client.post("/patient/result", data={"q-leg_weakness": "no"}).text)
    assert asked_at(page) == "saddle_numbness"


@pytest.mark.parametrize(
    "link_id", ["leg_weakness", "saddle_numbness", "bladder_bowel", "gait_change", "both_legs_weak"]
)
def test_an_emergency_sign_is_answered_at_once(walk: Walk, met: Answers, link_id: str) -> None:
    pages = walk({**met, link_id: Answer(value=True)})
    position = next(n for n, page in enumerate(pages) if page.hidden("at") == [link_id])
    alarm = pages[position + 1]
    assert alarm.headings == ["Get help now"]
    for criterion in shipped.ruleset().readers(link_id):
        if criterion.tier is Tier.EMERGENCY:
            assert criterion.say.patient in alarm.text
            assert all(citation.quote in alarm.text for citation in criterion.citations)


def test_no_patient_page_passes_a_verdict(walk: Walk, patient_result: Result) -> None:
    for example in shipped.examples().values():
        result = without_links(patient_result(example.answers))
        assert [word for word in FREE_OF_VERDICTS if word in result] == [], example.name
    for page in walk(shipped.favourable()):
        assert [word for word in FREE_OF_VERDICTS if word in without_links(page)] == []


def test_no_outcome_is_named_on_the_patients_page(patient_result: Result) -> None:
    rules = shipped.ruleset()
    for example in shipped.examples().values():
        page = patient_result(example.answers)
        for outcome in rules.outcomes:
            assert outcome.name not in page.text
            assert "_" not in outcome.id or outcome.id not in page.html


def test_the_result_shows_every_flag_in_the_patients_words_with_its_quotations(
    patient_result: Result,
) -> None:
    for example in shipped.examples().values():
        page = patient_result(example.answers)
        for flag in assess(shipped.ruleset(), example.answers, shipped.as_of()).flags:
            assert flag.text.patient in page.text, example.name
            assert all(citation.quote in page.text for citation in flag.criterion.citations)


def test_the_gravest_advice_stands_first_and_alone(patient_result: Result, met: Answers) -> None:
    advice = {outcome.tier: outcome.say.patient for outcome in shipped.ruleset().outcomes}
    both = patient_result({**met, **given(leg_weakness=True, fever_chills=True)})
    assert advice[Tier.EMERGENCY] in both.text
    assert advice[Tier.URGENT] not in both.text
    assert both.text.index(advice[Tier.EMERGENCY]) < both.text.index("Questions to ask my doctor")


def test_an_urgent_sign_is_said_although_an_emergency_answer_is_missing(
    patient_result: Result, met: Answers
) -> None:
    page = patient_result({**met, **given(fever_chills=True), "gait_change": UNKNOWN})
    urgent = next(o for o in shipped.ruleset().outcomes if o.tier is Tier.URGENT)
    assert urgent.say.patient in page.text


@pytest.mark.parametrize("changes", [{"leg_weakness": True}, {"fever_chills": True}])
def test_the_sheet_says_why_it_says_what_to_do_first(
    patient_result: Result, met: Answers, changes: dict[str, bool]
) -> None:
    answers = {**met, **given(**changes)}
    page = patient_result(answers)
    why = page.text.partition("Because of what you said:")[2].partition("Questions to ask")[0]
    for flag in assess(shipped.ruleset(), answers, shipped.as_of()).flags:
        if flag.criterion.tier in GRAVE:
            assert flag.text.patient in why


def test_a_sheet_without_a_grave_point_gives_no_reason(
    patient_result: Result, met: Answers
) -> None:
    assert "Because of what you said" not in patient_result(met).text


def test_after_an_emergency_the_questions_for_the_doctor_are_for_later(
    patient_result: Result, met: Answers
) -> None:
    later = "For later, once you have been seen"
    emergency = patient_result({**met, **given(leg_weakness=True)})
    assert emergency.text.index("Because of what you said:") < emergency.text.index(later)
    assert emergency.text.index(later) < emergency.text.index("Questions to ask my doctor")
    assert later not in patient_result({**met, **given(fever_chills=True)}).text


def test_the_printed_sheet_carries_every_emergency_sign(
    patient_result: Result, met: Answers
) -> None:
    card = re.search(
        r'(<[^>]*>)\s*<section class="help-card".*?</section>', patient_result(met).html, re.DOTALL
    )
    assert card
    assert "no-print" not in card[1]
    signs = re.findall(r"<li>(.*?)</li>", card[0])
    assert signs == warning_signs(shipped.ruleset())


def test_an_unsure_emergency_answer_comes_first_and_is_listed_once(
    patient_result: Result, met: Answers
) -> None:
    asked = shipped.ruleset().items["gait_change"].unsure
    neutral = shipped.open_outcome().say.patient
    page = patient_result({**met, "gait_change": UNKNOWN})
    first = page.text.partition("You were not sure about these signs.")[2]
    assert first.startswith(" Phone a doctor or nurse today and read these out.")
    assert "Do not wait to finish these questions" not in page.text
    assert neutral in first
    assert f'<p class="first__advice">{neutral}' not in page.html
    assert f'<p class="first__advice">{neutral}' in patient_result(met).html
    assert "I did not know" not in page.text
    body = re.sub(r'<section class="help-card".*?</section>', "", page.html, flags=re.DOTALL)
    assert body.count(f"<li>{asked}</li>") == 1


@pytest.mark.parametrize(
    ("link_id", "absent", "said"),
    [
        ("weight_loss", AbsentReason.ASKED_UNKNOWN, "What I am not sure about:"),
        ("iv_drug_use", AbsentReason.ASKED_DECLINED, "What I would rather not say:"),
        ("age", AbsentReason.ASKED_UNKNOWN, "What I did not know"),
        (
            "pregnancy",
            AbsentReason.ASKED_DECLINED,
            "What I would rather not say, to talk about",
        ),
    ],
)
def test_a_question_without_an_answer_stands_under_what_was_said_to_it(
    patient_result: Result, met: Answers, link_id: str, absent: AbsentReason, said: str
) -> None:
    page = patient_result({**met, link_id: Answer(absent=absent)})
    item = shipped.ruleset().items[link_id]
    unknown = absent is AbsentReason.ASKED_UNKNOWN
    asked = (item.unsure if unknown else "") or item.ask.patient
    body, _, private = page.text.partition("Private answers:")
    assert asked in body.partition(said)[2]
    assert body.count(asked) == 1
    assert private.count(item.ask.patient) == (1 if item.sensitive else 0)
    others = {
        "did not know",
        "not sure about:",
        "rather not",
        "still open",
        "gave no answer",
    }
    (own,) = (each for each in others if each in said)
    assert not [each for each in others - {own} if each in body]


def test_signs_that_were_not_asked_are_told_from_those_in_doubt(client: FlaskClient) -> None:
    items = shipped.ruleset().items
    data = {
        "q-leg_weakness": "yes",
        "q-saddle_numbness": "asked-unknown",
        "action": "finish",
    }
    text = Page(client.post("/patient/result", data=data).text).text
    doubt, _, not_asked = text.partition("These questions about emergency signs are still open.")
    sure = doubt.partition("You were not sure about these signs.")[2]
    assert items["saddle_numbness"].unsure in sure
    assert items["bladder_bowel"].ask.patient not in sure
    assert items["bladder_bowel"].ask.patient in not_asked.partition("Show this sheet")[0]
    assert items["saddle_numbness"].unsure not in not_asked.partition("Show this sheet")[0]
    assert text.count("Read these out too when you get help.") == 1


@pytest.mark.parametrize("link_id", ["age", "pregnancy", "serious_accident"])
def test_what_can_wait_is_found_out_together_and_not_told_this_week(
    patient_result: Result, met: Answers, link_id: str
) -> None:
    item = shipped.ruleset().items[link_id]
    asked = item.unsure or item.ask.patient
    page = patient_result({**met, link_id: UNKNOWN})
    body, _, private = page.text.partition("Private answers:")
    assert "Things to tell a doctor or nurse this week" not in page.text
    assert body.partition("To find out together")[2].count(asked) == 1
    assert body.count(asked) == 1
    assert private.count(item.ask.patient) == (1 if item.sensitive else 0)


@pytest.mark.parametrize("unsure", [(), ("gait_change",), ("gait_change", "weight_loss")])
def test_whom_to_phone_today_is_said_once(
    patient_result: Result, met: Answers, unsure: tuple[str, ...]
) -> None:
    page = patient_result({**met, **dict.fromkeys(unsure, UNKNOWN)})
    assert len(re.findall(r"(?i)phone a doctor or nurse today", page.text)) == 1


@pytest.mark.parametrize("shown", ["shows_fracture", "lesion", "shows_none", "not_done"])
def test_a_serious_accident_is_something_to_tell_whatever_imaging_shows(
    patient_result: Result, met: Answers, shown: str
) -> None:
    imaging = {"imaging_result": Answer(value=shown)}
    page = patient_result({**met, **imaging, **given(serious_accident=True)})
    asked = page.text.partition("Questions to ask my doctor")[2].partition("What to bring")[0]
    assert "My pain began with a serious accident." in asked
    without = patient_result({**met, **imaging, **given(serious_accident=False)})
    assert "My pain began with a serious accident." not in without.text


@pytest.mark.parametrize("imaging", [UNKNOWN, Answer(value="not_done")], ids=str)
def test_a_serious_accident_is_named_in_what_to_do_first_unless_a_break_is_shown(
    patient_result: Result, met: Answers, imaging: Answer
) -> None:
    page = patient_result({**met, "imaging_result": imaging, **given(serious_accident=True)})
    first = page.text.partition("What to do first")[2].partition("Questions to ask my doctor")[0]
    assert "speak with a doctor or nurse this week, or today where a point says so" in first
    said = first.partition("Because of what you said:")[2]
    assert "Ask a doctor or nurse today to check your back." in said
    asked = page.text.partition("Questions to ask my doctor")[2]
    assert asked.index("My pain began with a serious accident.") < asked.index("Experts disagree")


def test_a_doubt_beside_an_emergency_sign_stands_below_it_and_does_not_soften_it(
    patient_result: Result, met: Answers
) -> None:
    page = patient_result({**met, **given(leg_weakness=True), "gait_change": UNKNOWN})
    said = "You were not sure about these signs."
    first, _, doubt = page.text.partition(said)
    assert "Because of what you said:" in first
    assert doubt.startswith(" Read these out too when you get help.")
    assert "Phone a doctor or nurse today" not in page.text


def test_any_unanswered_urgent_question_reads_well_and_is_listed_once(
    patient_result: Result, met: Answers
) -> None:
    asked = shipped.ruleset().items["weight_loss"].unsure
    page = patient_result({**met, "weight_loss": UNKNOWN})
    assert f"What I am not sure about: {asked}" in page.text
    assert page.text.count(asked) == 1


def test_the_name_of_the_site_leads_nowhere_from_a_page_with_answers(
    walk: Walk, patient_result: Result, press: Press, met: Answers
) -> None:
    start, first, *others = walk(met)
    begun = press(press(others[0], "Back"), "Back")
    assert begun.headings == start.headings
    for page in (first, *others, begun, patient_result(met)):
        assert "/" not in page.links
        assert "/nurse/" not in page.links
    assert "/" in start.links


def test_the_start_does_not_promise_fewer_questions_than_there_can_be(
    client: FlaskClient, walk: Walk, met: Answers
) -> None:
    text = Page(client.get("/patient/").text).text
    short = re.search(r"at most (\d+) questions if no scan has shown a break", text)
    full = re.search(r"at most (\d+) questions if a scan has shown a break", text)
    most = re.search(r"With the report of the scan at hand, you can answer up to (\d+)", text)
    assert short
    assert full
    assert most
    many = {
        **met,
        **given(disc_herniation=True, arthritis=True, stenosis=True),
        **given(lung_disease=True),
        "care_bracing": Answer(value="somewhat"),
    }
    for changes, report, found in (
        ({"imaging_result": UNKNOWN}, "no", short),
        ({}, "no", full),
        ({}, "yes", most),
    ):
        asked = [p for p in walk({**many, **changes}, report) if "Continue" in p.form.buttons]
        assert len(asked) <= int(found[1]) <= len(shipped.ruleset().items) + 1


def test_a_question_that_was_left_open_is_put_without_reproach_and_leads_back(
    press: Press, walk: Walk, met: Answers
) -> None:
    check = walk(met)[-1]
    words = f"Change your answer: {shipped.ruleset().items['arthritis'].ask.patient}"
    opened = press(press(check, words), "Continue", given(arthritis=True))
    again = press(press(opened, "Back to your answers"), SHOW)
    assert asked_at(again) == "arthritis_pain"
    assert "Error" not in again.title
    assert "There is a problem" not in again.text
    assert "One of your answers leads to this question." in again.text
    answered = press(again, "Continue", given(arthritis_pain=False))
    assert answered.headings == ["Check your answers"]
    assert press(again, "Continue").title.startswith("Error: ")


def test_doubt_about_an_emergency_sign_is_answered_on_the_next_page(
    press: Press, walk: Walk, met: Answers
) -> None:
    said = "If this may be true, phone a doctor or nurse today"
    item = shipped.ruleset().items["leg_weakness"]
    pages = walk({**met, "leg_weakness": UNKNOWN, "scoliosis": UNKNOWN})
    (after,) = [page for page in pages if said in page.text]
    assert asked_at(after) == "saddle_numbness"
    assert f"You were not sure: {item.ask.patient}" in after.text
    change = press(pages[-1], f"Change your answer: {item.ask.patient}")
    check = press(change, "Continue", {"leg_weakness": UNKNOWN})
    assert check.headings == ["Check your answers"]
    assert said in check.text


def test_an_unsure_emergency_answer_is_listed_as_one(patient_result: Result, met: Answers) -> None:
    asked = shipped.ruleset().items["gait_change"].unsure
    page = patient_result({**met, "gait_change": UNKNOWN})
    after = page.text.partition("You were not sure about these signs.")[2]
    assert "get emergency help now" in after
    assert asked in after.split("Questions to ask my doctor")[0]


def test_what_the_patient_did_not_know_becomes_something_to_find_out(
    patient_result: Result, met: Answers
) -> None:
    page = patient_result({**met, "levels": UNKNOWN})
    listed = page.text.partition("What I did not know")[2].partition("Keep this sheet")[0]
    assert shipped.ruleset().items["levels"].ask.patient in listed


def test_what_a_question_of_the_sheet_asks_about_is_not_listed_again(
    patient_result: Result, met: Answers
) -> None:
    page = patient_result({**met, "scoliosis": UNKNOWN})
    assert "Does my spine curve to the side?" in page.text
    assert shipped.ruleset().items["scoliosis"].ask.patient not in page.text


def test_the_patient_may_decline_what_is_sensitive_and_only_that(client: FlaskClient) -> None:
    answers = {f"q-{each}": "asked-declined" for each in ("iv_drug_use", "leg_weakness")}
    data = MultiDict([*answers.items(), ("action", "check")])
    page = Page(client.post("/patient/question", data=data).text)
    injected, weak = (
        shipped.ruleset().items[i].ask.patient for i in ("iv_drug_use", "leg_weakness")
    )
    assert f"{injected} I would rather not say" in page.text
    assert f"{weak} not answered" in page.text


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"at": "no_such_question", "action": "continue"},
        {"at": "leg_weakness", "action": "fly"},
        {"change": "no_such_question"},
        {"at": "leg_weakness", "q-leg_weakness": "perhaps", "action": "continue"},
        {"at": "disc_pain", "action": "continue", "q-disc_pain": "yes"},
        {"at": "disc_pain", "action": "back"},
        {"at": "age", "q-age": "9" * 5000, "action": "continue"},
        {"at": "age", "q-age": "NaN", "action": "continue"},
        {"at": "onset_date", "q-onset_date-day": "٣", "action": "continue"},
        {"q-no_such": "yes", "no-such-field": "x\x00y", "action": "check"},
        {"q-imaging_kind": "no_such_kind", "action": "check"},
    ],
)
def test_no_posted_form_is_a_failure(client: FlaskClient, data: dict[str, str]) -> None:
    for address in ("/patient/question", "/patient/result", "/nurse/", "/nurse/result"):
        assert client.post(address, data=data).status_code in {200, 422}


def test_a_visit_without_answers_shows_the_first_page_and_says_where_they_are(
    client: FlaskClient,
) -> None:
    first = Page(client.get("/patient/").text)
    assert WITHOUT not in first.text
    for address in ("/patient/question", "/patient/result"):
        answer = client.get(address)
        assert answer.status_code == 200
        assert WITHOUT in Page(answer.text).text
        assert Page(answer.text).headings == first.headings


def test_today_is_the_screening_date(patient_result: Result, met: Answers, today: dt.date) -> None:
    assert f"{today.day} November {today.year}" in patient_result(met).text
