"""A patient with an emergency sign reads one thing on every page, and can hand the answers over."""

import re
from collections.abc import Callable, Mapping

import pytest
from flask.testing import FlaskClient
from support.pages.page_reader import Page
from support.people.typed_answers import typed
from support.rulesets import shipped
from support.rulesets.builders import UNKNOWN, given

from screening.core.rules.ruleset import Criterion, Tier
from screening.core.values.answer import Answer

Answers = Mapping[str, Answer]
Walk = Callable[[Answers], list[Page]]
Press = Callable[..., Page]
Result = Callable[[Answers], Page]

FINISH = "Finish now and hand this over"
HELP = next(o.say.patient for o in shipped.ruleset().outcomes if o.tier is Tier.EMERGENCY)


@pytest.fixture
def weak() -> Answers:
    return {**shipped.favourable(), **given(leg_weakness=True)}


def title(page: Page) -> str:
    found = re.search(r"<title>(.*?)</title>", page.html, re.DOTALL)
    assert found
    return " ".join(found[1].split())


def first_part(page: Page) -> str:
    """What stands on the result before the card with the signs."""
    return page.text.partition("What to do first")[2].partition("Get help now if any of these")[0]


def paper(page: Page) -> str:
    """What the print shows: the page without what is kept off the paper."""
    html = re.sub(
        r'<(section|form|p|li|div|h3)[^>]*class="[^"]*\bno-print\b.*?</\1>',
        "",
        page.html,
        flags=re.DOTALL,
    )
    return Page(html).text


def test_every_page_after_the_answer_keeps_the_alarm(
    press: Press, walk: Walk, weak: Answers
) -> None:
    pages = walk(weak)
    alarm = next(n for n, page in enumerate(pages) if page.headings == ["Get help now"])
    criterion = shipped.ruleset().criterion("leg_weakness")
    assert len(pages[alarm:]) > 10
    for page in pages[alarm:]:
        assert title(page).startswith("Get help now")
        assert HELP in page.text
        assert criterion.say.patient in page.text
        assert FINISH in page.text
    begun = press(press(pages[alarm], "Change my answer"), "Back")
    assert begun.form.buttons.keys() == {"Start now"}
    assert title(begun).startswith("Get help now")
    assert FINISH in begun.text
    for page in pages[:alarm]:
        assert "Get help now" not in title(page)
        assert FINISH not in page.text


def test_without_an_emergency_sign_there_is_no_alarm(walk: Walk, patient_result: Result) -> None:
    for page in [*walk(shipped.favourable()), patient_result(shipped.favourable())]:
        assert FINISH not in page.text
        assert not title(page).startswith("Get help now")


def test_an_alarm_ends_when_its_answer_is_changed(
    press: Press, client: FlaskClient, walk: Walk, weak: Answers
) -> None:
    check = walk(weak)[-1]
    data = {**dict(check.form.fields), "change": "leg_weakness"}
    changed = Page(client.post("/patient/question", data=data).text)
    assert FINISH in changed.text
    assert FINISH not in press(changed, "Continue", given(leg_weakness=False)).text


@pytest.mark.parametrize("at", ["leg_weakness", "saddle_numbness", "age"])
def test_the_answers_so_far_can_be_handed_over_at_once(
    walk: Walk, client: FlaskClient, weak: Answers, at: str
) -> None:
    page = next(p for p in walk(weak) if FINISH in p.text and p.hidden("at") == [at])
    (form,) = (each for each in page.forms if FINISH in each.buttons)
    assert form.action == "/patient/result"
    result = Page(client.post(form.action, data={**dict(form.fields), "action": "finish"}).text)
    assert result.headings[0] == "Your sheet to hand over"
    assert title(result).startswith("Get help now: your sheet to hand over")
    assert HELP in first_part(result)
    answers = result.text.partition("My answers")[2]
    assert f"{shipped.ruleset().items['leg_weakness'].ask.patient} yes" in answers
    assert shipped.ruleset().items["cause"].ask.patient not in answers


def test_a_question_that_was_an_alarm_is_handed_over_too_when_it_is_shown_again(
    client: FlaskClient,
) -> None:
    data = {"q-leg_weakness": "yes", "at": "saddle_numbness", "action": "back"}
    page = Page(client.post("/patient/question", data=data).text)
    assert page.hidden("at") == ["leg_weakness"]
    (form,) = (each for each in page.forms if FINISH in each.buttons)
    assert ("q-leg_weakness", "yes") in form.fields


def test_without_an_emergency_unfinished_answers_make_no_page(client: FlaskClient) -> None:
    data = {"q-leg_weakness": "no", "action": "finish"}
    assert Page(client.post("/patient/result", data=data).text).hidden("at") == ["saddle_numbness"]


def test_beside_now_nothing_says_later(patient_result: Result) -> None:
    answers = {**shipped.favourable(), **given(leg_weakness=True, fever_chills=True)}
    page = patient_result({**answers, "age": UNKNOWN, "gait_change": UNKNOWN})
    first = first_part(page)
    assert HELP in first
    assert not re.search(r"\b(soon|today|this week)\b", first)
    assert "Read these out too when you get help" in first


def test_a_doubt_beside_an_alarm_does_not_soften_it(walk: Walk) -> None:
    answers = {**shipped.favourable(), **given(leg_weakness=True), "saddle_numbness": UNKNOWN}
    told = [page for page in walk(answers) if "You were not sure:" in page.text]
    assert told
    for page in told:
        assert "Tell them about this too when you get help" in page.text
        assert "phone a doctor or nurse today" not in page.text


def also(page: Page) -> str:
    """What the people who help are to hear besides the emergency."""
    heading = "What my doctor should know first"
    return page.text.partition(heading)[2].partition("For later, once you")[0]


def test_the_emergency_sheet_names_every_urgent_yes_first(patient_result: Result) -> None:
    yes = given(fever_chills=True, canal_fragment=True, allergy_cement=True, pregnancy=True)
    answers = {**shipped.favourable(), **given(leg_weakness=True), **yes, "weight_loss": UNKNOWN}
    told = also(patient_result(answers))
    items = shipped.ruleset().items
    lines = [item.sign for link_id, item in items.items() if link_id in {"leg_weakness", *yes}]
    assert len(lines) == len(yes) + 1
    assert told.strip().startswith(" ".join(lines))
    assert items["weight_loss"].unsure in told
    assert not re.search(r"\b(soon|today|this week)\b", told)


def test_an_urgent_age_and_an_undecided_accident_are_named_too(patient_result: Result) -> None:
    answers = {**shipped.favourable(), **given(leg_weakness=True, age=19, serious_accident=True)}
    told = also(patient_result({**answers, "imaging_result": UNKNOWN}))
    items = shipped.ruleset().items
    assert items["age"].sign in told
    assert items["serious_accident"].sign in told


def test_a_private_urgent_yes_is_printed_only_when_chosen(client: FlaskClient) -> None:
    sign = shipped.ruleset().items["iv_drug_use"].sign
    assert sign in also(with_printed(client, leg_weakness=True))
    assert sign not in paper(with_printed(client, leg_weakness=True))
    assert sign in paper(with_printed(client, "iv_drug_use", leg_weakness=True))


def test_without_an_emergency_the_reasons_are_said_once(patient_result: Result) -> None:
    fever = {**shipped.favourable(), **given(fever_chills=True), "weight_loss": UNKNOWN}
    page = patient_result(fever)
    assert "Things to tell a doctor or nurse this week." in page.text
    assert page.text.count(shipped.ruleset().items["fever_chills"].sign) == 1


URGENT: list[Criterion] = [each for each in shipped.ruleset().criteria if each.tier is Tier.URGENT]


@pytest.mark.parametrize("criterion", URGENT, ids=lambda each: each.id)
def test_no_advice_says_soon_without_saying_how_soon(criterion: Criterion) -> None:
    words = criterion.say.patient
    assert not re.search(r"\bsoon\b", words)
    assert re.search(r"\b(today|this week)\b", words)


def test_how_soon_is_said_to_be_ours(patient_result: Result) -> None:
    whence = (
        "How soon to act is our own advice. The published pages name the signs but give no time."
    )
    fever = {**shipped.favourable(), **given(fever_chills=True)}
    assert whence in first_part(patient_result(fever))
    assert whence in first_part(patient_result({**shipped.favourable(), "weight_loss": UNKNOWN}))
    assert whence not in patient_result(shipped.favourable()).text
    assert whence not in patient_result({**fever, **given(leg_weakness=True)}).text


PRIVATE = {**shipped.favourable(), **given(iv_drug_use=True), "pregnancy": UNKNOWN}
FLAG = shipped.ruleset().criterion("iv_drug_use").say.patient


def with_printed(client: FlaskClient, *links: str, **changes: bool) -> Page:
    """The result after the person chose what the paper shows."""
    complete = dict.fromkeys(shipped.ruleset().items, UNKNOWN) | PRIVATE | given(**changes)
    data = typed(shipped.ruleset(), complete)
    data["report"] = "yes"
    data.setlist("print", list(links))
    return Page(client.post("/patient/result", data=data).text)


def test_the_paper_shows_no_private_line_and_no_gap(client: FlaskClient) -> None:
    items = shipped.ruleset().items
    page = with_printed(client)
    assert FLAG in page.text
    printed = paper(page)
    assert FLAG not in printed
    private = [item for item in items.values() if item.sensitive]
    assert private
    words = {text for i in private for text in (i.name, i.ask.patient, i.sign, i.unsure)}
    assert not [each for each in words if each in printed]
    assert not re.search(r"left out|withheld|private|on purpose", printed, re.IGNORECASE)
    assert "Because of what you said" not in printed  # a heading without a line would show it


def test_each_private_line_is_printed_as_the_person_chooses(client: FlaskClient) -> None:
    items = shipped.ruleset().items
    printed = paper(with_printed(client, "iv_drug_use"))
    assert FLAG in printed
    assert f"{items['iv_drug_use'].ask.patient} yes" in printed
    assert items["pregnancy"].unsure not in printed
    both = paper(with_printed(client, "iv_drug_use", "pregnancy"))
    assert items["pregnancy"].unsure in both


def test_the_choice_is_offered_for_private_answers_alone_and_is_kept(client: FlaskClient) -> None:
    page = with_printed(client, "pregnancy", "leg_weakness")
    form = next(each for each in page.forms if "Update the printed page" in each.buttons)
    offered = re.findall(r'name="print" type="checkbox" value="(\w+)"( checked)?', page.html)
    assert {link: bool(ticked) for link, ticked in offered} == {
        item.link_id: item.link_id == "pregnancy"
        for item in shipped.ruleset().items.values()
        if item.sensitive
    }
    assert ("q-iv_drug_use", "yes") in form.fields
