"""The sheet in one view: a line a question, finished sections folded, the bar, single keys."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, Route, expect
from support.people.case_people import Nurse, assessed
from support.rulesets import shipped

from screening.core.rules.ruleset import Tier
from screening.records.case.case_view import open_case

Look = Callable[..., Page]
WIDE = {"width": 1280, "height": 720}
NARROW = {"width": 360, "height": 740}
SIGNS = dict.fromkeys(shipped.ruleset().items_of(Tier.EMERGENCY), "no")
SCREENS = 3
CHOSEN = ("leg_weakness", "yes")
LOOK = """label => {
  const box = getComputedStyle(label, "::before");
  return [`${box.backgroundColor} ${box.borderTopWidth}`, getComputedStyle(label).outlineStyle];
}"""
"""The look of the round box before a label, and the frame around both."""


def opened(page: Page) -> Page:
    page.wait_for_selector(".intake--keys")
    return page


def height(page: Page) -> int:
    return int(page.evaluate("document.documentElement.scrollHeight"))


def test_an_empty_sheet_takes_three_screens_at_most(nora: Nurse, look: Look) -> None:
    page = opened(look(nora, viewport=WIDE))
    assert page.locator("[data-item]:visible").count() >= 46
    assert height(page) <= SCREENS * WIDE["height"]
    assert page.evaluate("document.documentElement.scrollWidth") <= WIDE["width"]


def test_a_question_with_few_answers_takes_one_line(nora: Nurse, look: Look) -> None:
    page = opened(look(nora, viewport=WIDE))
    for link_id in ("leg_weakness", "fever_chills", "age", "pain_severity", "care_bracing"):
        row = page.locator(f"[data-item={link_id}]")
        answers = row.locator("input[type=radio]:visible, input[type=text]:visible")
        places = {round(box["y"]) for each in answers.all() if (box := each.bounding_box())}
        assert len(places) == 1
        assert (row.bounding_box() or {"height": 99})["height"] < 30


def test_what_there_is_to_know_about_a_question_is_beside_it(nora: Nurse, look: Look) -> None:
    page = opened(look(nora, viewport=WIDE))
    item = shipped.ruleset().items["recent_infection"]
    assert item.help
    page.locator("[name=q-recent_infection]").first.focus()
    expect(page.locator("[data-about-words]")).to_contain_text(item.help.nurse)


def test_what_has_the_focus_does_not_look_chosen(nora: Nurse, look: Look) -> None:
    nora.answer(leg_weakness="yes")
    page = opened(look(nora, viewport=WIDE))
    page.locator("[name=q-saddle_numbness][value=yes]").focus()
    looks = [
        page.locator(f"[name=q-{link_id}][value={value}] + label").evaluate(LOOK)
        for link_id, value in (("saddle_numbness", "no"), ("saddle_numbness", "yes"), CHOSEN)
    ]
    (box, unframed), (focused_box, framed), (chosen_box, still_unframed) = looks
    assert box == focused_box
    assert box != chosen_box
    assert (unframed, framed, still_unframed) == ("none", "solid", "none")
    page.locator("[name=q-leg_weakness][value=yes]").focus()
    expect(page.locator("[name=q-leg_weakness]:focus")).to_be_checked()
    both = page.locator("[name=q-leg_weakness][value=yes] + label").evaluate(LOOK)
    assert both == [chosen_box, framed]


def test_finished_sections_are_folded_and_links_open_them(nora: Nurse, look: Look) -> None:
    nora.answer(**SIGNS)
    page = opened(look(nora))
    fold = page.locator("[data-fold=emergency]")
    expect(fold.locator("[data-item]").first).to_be_hidden()
    expect(fold).to_contain_text("all answered")
    page.evaluate("location.hash = '#q-gait_change'")
    expect(page.locator("[data-item=gait_change]")).to_be_visible()


@pytest.mark.parametrize("answer", ["", "asked-unknown", "yes"])
def test_a_section_with_a_sign_that_is_not_ruled_out_is_never_folded(
    nora: Nurse, look: Look, answer: str
) -> None:
    nora.answer(**SIGNS | {"gait_change": answer})
    page = opened(look(nora))
    page.locator("[data-fold=emergency] > summary").click()
    expect(page.locator("[data-item=gait_change]")).to_be_visible()
    page = look(nora, java_script_enabled=False)
    expect(page.locator("[data-item=gait_change]")).to_be_visible()


def test_a_section_with_an_error_is_never_folded(nora: Nurse, look: Look) -> None:
    assessed(nora)
    page = opened(look(nora))
    fold = page.locator("[data-fold=urgent]")
    expect(fold.locator("[data-item]").first).to_be_hidden()
    fold.locator("summary").first.click()
    page.locator("[name=q-age]").fill("old")
    with page.expect_response("**/section"):
        page.locator("[data-save]").focus()
    expect(page.locator(".saving--stopped")).to_be_visible()
    fold.locator("summary").first.click()
    expect(page.locator("[name=q-age]")).to_be_visible()


def test_the_section_that_keys_finish_is_folded_behind_them(nora: Nurse, look: Look) -> None:
    page = opened(look(nora))
    for _ in SIGNS:
        page.keyboard.press("2")
    expect(page.locator("[data-item=leg_weakness]")).to_be_hidden()
    page.keyboard.press("b")
    page.wait_for_function("document.activeElement.name === 'q-deficit_found'")
    expect(page.locator("[data-item=leg_weakness]")).to_be_visible()


def test_one_word_opens_the_three_reasons_and_says_the_one_that_is_chosen(
    nora: Nurse, look: Look
) -> None:
    page = opened(look(nora))
    row = page.locator("[data-item=cancer_history]")
    expect(row.get_by_label("Result pending")).to_be_hidden()
    row.get_by_text("Unknown").click()
    for words in ("Not known", "Result pending", "Declined"):
        expect(row.get_by_label(words)).to_be_visible()
    row.get_by_label("Result pending").check()
    expect(row.locator("summary")).to_have_text("UnknownNot knownResult pendingDeclined")
    said = row.locator("summary > span:visible")
    expect(said).to_have_text("Result pending")


def test_a_number_gives_a_reason_and_opens_it(nora: Nurse, look: Look) -> None:
    page = opened(look(nora))
    page.locator("[name=q-cancer_history]").first.focus()
    page.keyboard.press("4")
    expect(page.locator("[name=q-cancer_history][value=temp-unknown]")).to_be_checked()


def test_without_scripts_every_reason_can_be_reached(nora: Nurse, look: Look) -> None:
    page = look(nora, java_script_enabled=False)
    row = page.locator("[data-item=age]")
    row.get_by_text("Unknown").click()
    row.get_by_label("Declined").check()
    page.locator("[data-save]").click()
    records = nora.client.application.extensions["records"]
    answers = open_case(records, nora.actor, nora.case_id).history.answers()
    assert answers["age"].absent is not None


def test_after_the_last_answer_the_focus_is_on_show_result(nora: Nurse, look: Look) -> None:
    page = opened(look(nora))
    page.locator("[name=q-hunched_posture]").first.focus()
    page.keyboard.press("2")
    expect(page.locator("[data-show]")).to_be_focused()


@pytest.mark.parametrize("name", ["q-age", "q-onset_date-words", "q-onset_date-month"])
def test_letters_that_are_typed_in_a_field_are_letters(nora: Nurse, look: Look, name: str) -> None:
    page = opened(look(nora))
    field = page.locator(f"[name={name}]")
    field.focus()
    typed = "nbsrwx0123"
    page.keyboard.type(typed)
    expect(field).to_have_value(typed)
    expect(field).to_be_focused()
    expect(page.locator("[name^=q-]:checked")).to_have_count(0)
    assert "/assessments/" not in page.url


def test_a_key_gives_the_day_above_once_more(nora: Nurse, look: Look) -> None:
    page = opened(look(nora))
    page.locator("[name=q-imaging_date-day]").focus()
    page.keyboard.type("12 10 2026")
    page.keyboard.press("Enter")
    page.wait_for_function("document.activeElement.name === 'q-diagnosis_date-day'")
    page.keyboard.press("=")
    expect(page.locator("[name=q-diagnosis_date-year]")).to_have_value("2026")
    page.keyboard.type("=")
    expect(page.locator("[name=q-diagnosis_date-day]")).to_have_value("12=")


@pytest.mark.parametrize("size", [WIDE, NARROW], ids=["wide", "narrow"])
def test_the_bar_stays_and_says_whose_sheet_it_is_and_how_it_stands(
    nora: Nurse, look: Look, size: dict[str, int]
) -> None:
    page = opened(look(nora, viewport=size))
    page.locator("[name=q-hunched_posture]").first.focus()
    page.evaluate("scrollTo(0, document.body.scrollHeight / 2)")
    bar = page.locator(".case-bar")
    records = nora.client.application.extensions["records"]
    referral = open_case(records, nora.actor, nora.case_id).case.referral
    for words in (referral.person, referral.reference, f"born {referral.birth_year}", "new"):
        expect(bar).to_contain_text(words)
    box = bar.bounding_box()
    assert box
    assert box["y"] == 0
    assert box["height"] <= (48 if size == WIDE else 74)
    expect(bar.locator("[data-flag-now]")).to_be_hidden()
    page.locator("[name=q-leg_weakness][value=yes]").check()
    expect(bar.locator("[data-flag-now]")).to_have_text("1 red flag: act first")
    expect(bar.locator("[data-saved]")).to_contain_text("Saved")


def test_the_bar_says_that_something_is_not_saved(nora: Nurse, look: Look) -> None:
    page = opened(look(nora))
    page.route("**/section", lambda route: route.abort())
    page.locator("[name=q-leg_weakness][value=no]").check()
    expect(page.locator("[data-saved]")).to_have_text("Not saved")
    expect(page.locator(".saving--lost")).to_contain_text("no connection")


def test_keys_lead_from_the_result_to_the_closed_case(nora: Nurse, look: Look) -> None:
    assessed(nora)
    page = look(nora)
    page.goto(f"/case/{nora.case_id}/assessments/1")
    keyed = "[aria-keyshortcuts]"
    page.wait_for_selector(keyed)
    page.keyboard.press("d")
    expect(page.locator("[name=choice]").first).to_be_focused()
    page.keyboard.press("2")
    expect(page.locator("[name=choice]").nth(1)).to_be_checked()
    page.locator("[name=note]").focus()
    page.keyboard.type("lcd")
    expect(page.locator("[name=note]")).to_have_value("lcd")
    page.locator("[name=choice]").nth(1).focus()
    page.keyboard.press("l")
    page.wait_for_url("**/letter")
    page.wait_for_selector(keyed)
    page.keyboard.press("b")
    page.wait_for_url("**/assessments/1")
    page.wait_for_selector(keyed)
    page.keyboard.press("c")
    page.wait_for_url("**/close")
    page.wait_for_selector(keyed)
    page.keyboard.press("c")
    page.keyboard.press("Enter")
    expect(page.locator(".closed")).to_be_visible()


@pytest.mark.parametrize("viewport", [WIDE, NARROW])
def test_a_sheet_opens_at_an_emergency_that_nobody_was_told_about(
    nora: Nurse, look: Look, viewport: dict[str, int]
) -> None:
    nora.answer(leg_weakness="yes")
    page = opened(look(nora, viewport=viewport))
    page.wait_for_timeout(300)
    expect(page.locator("[data-task] .task__heading")).to_be_in_viewport()


def test_the_keys_are_not_listed_where_there_is_no_keyboard(nora: Nurse, look: Look) -> None:
    phone = opened(look(nora, viewport=NARROW, has_touch=True, is_mobile=True))
    expect(phone.locator(".key-list")).to_be_hidden()
    expect(opened(look(nora, viewport=NARROW)).locator(".key-list")).to_be_visible()


def test_a_question_that_is_no_longer_needed_stays_while_it_has_the_focus(
    nora: Nurse, look: Look
) -> None:
    """The server tells after the save. A key that is pressed then must not answer the next one."""
    page = opened(look(nora))

    def hide(route: Route) -> None:
        told = route.fetch().json()
        route.fulfill(json=told | {"hidden": [*told["hidden"], "scoliosis"]})

    page.route("**/section", hide)
    page.locator("[name=q-leg_weakness][value=no]").check()
    page.locator("[name=q-scoliosis]").first.focus()
    expect(page.locator("[data-saving]")).to_contain_text("Saved")
    assert page.evaluate("document.activeElement.name") == "q-scoliosis"
    expect(page.locator("[data-item=scoliosis]")).to_be_visible()
    page.keyboard.press("Enter")
    expect(page.locator("[data-item=scoliosis]")).to_be_hidden()
    assert page.evaluate("document.activeElement.closest('[data-item]') !== null")
