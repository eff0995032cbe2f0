"""Two people, clicks that come twice, connections that go: in a real browser."""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from flask import Flask
from playwright.sync_api import Dialog, Locator, Page, Route, expect
from support.casework.case_writes import nothing
from support.people.case_people import Nurse, form_with
from support.rulesets import shipped

from screening.core.rules.ruleset import Tier
from screening.core.values.answer import Answer
from screening.records.case.case_view import open_case
from screening.records.case.history import EntryMethod
from screening.records.casework.answers import Submission, save_answers

Hire = Callable[..., Nurse]
Look = Callable[..., Page]
SAVED = ".saving--done"
RED = "rgb(159, 28, 28)"
NO_SIGN = "2" * len(shipped.ruleset().items_of(Tier.EMERGENCY))
"""The keys that rule out every emergency sign, which are asked about first."""


def kept(nurse: Nurse) -> dict[str, Answer]:
    records = nurse.client.application.extensions["records"]
    given = open_case(records, nurse.actor, nurse.case_id).history.current()
    return {link_id: each.answer for link_id, each in given.items()}


def ready(page: Page) -> Page:
    page.wait_for_selector(".intake--keys")
    return page


def press(page: Page, keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


def test_the_first_open_question_has_the_focus_and_no_tab_is_needed(
    nora: Nurse, look: Look
) -> None:
    nora.answer(leg_weakness="no")
    page = ready(look(nora))
    page.wait_for_function("document.activeElement.name === 'q-saddle_numbness'")


def test_a_section_that_is_left_is_saved_by_itself(nora: Nurse, look: Look) -> None:
    page = ready(look(nora))
    press(page, NO_SIGN)
    expect(page.locator("[data-open=emergency]")).to_have_text("all answered")
    page.wait_for_selector(SAVED)
    assert len(kept(nora)) == len(NO_SIGN)
    records = nora.client.application.extensions["records"]
    assert {each.how for each in open_case(records, nora.actor, nora.case_id).history.changes} == {
        EntryMethod.AUTOSAVE
    }


def test_a_red_flag_is_said_at_the_key_before_anything_is_saved(nora: Nurse, look: Look) -> None:
    page = ready(look(nora))
    page.route("**/section", lambda route: route.abort())
    press(page, "1")
    flag = shipped.ruleset().criterion("leg_weakness").say.nurse
    banner = page.locator("[data-alarm]")
    expect(banner).to_be_visible()
    expect(banner).to_contain_text(flag)
    expect(banner.locator("h2")).to_have_css("background-color", RED)
    expect(banner.locator(".tag")).to_have_css("background-color", RED)
    press(page, "b2")
    expect(banner).to_be_hidden()


def test_the_bar_covers_neither_the_sections_nor_what_has_the_focus(
    nora: Nurse, look: Look
) -> None:
    page = ready(look(nora))
    page.set_viewport_size({"width": 1280, "height": 700})
    press(page, "11111")
    page.evaluate("window.scrollTo(0, document.body.scrollHeight / 2)")
    bar = page.locator(".case-bar").bounding_box()
    beside = page.locator(".intake__aside").bounding_box()
    assert bar
    assert beside
    assert bar["y"] == 0
    assert bar["height"] <= 48
    assert beside["y"] >= bar["height"]
    page.locator("[name=q-age]").scroll_into_view_if_needed()
    page.locator("[name=q-age]").focus()
    page.keyboard.press("Shift+Tab")
    top = page.evaluate("document.activeElement.getBoundingClientRect().top")
    assert top >= bar["height"]


def test_a_lost_connection_is_said_and_everything_is_saved_once_it_is_back(
    nora: Nurse, look: Look
) -> None:
    page = ready(look(nora))
    page.context.set_offline(True)
    press(page, NO_SIGN)
    expect(page.locator(".saving--lost")).to_contain_text("no connection")
    press(page, "22s")
    expect(page.locator(".saving--lost")).to_be_visible()
    assert kept(nora) == {}
    page.context.set_offline(False)
    page.wait_for_selector(SAVED)
    page.wait_for_function("!document.querySelector('.saving--lost')")
    page.keyboard.press("s")
    expect(page.locator("[data-words]")).to_have_text("Saved. Nothing on this page is unsaved.")
    assert len(kept(nora)) == len(NO_SIGN) + 2


def test_an_answer_of_the_server_that_is_lost_on_its_way_is_not_written_twice(
    nora: Nurse, look: Look
) -> None:
    page = ready(look(nora))
    lost: list[str] = []

    def once_lost(route: Route) -> None:
        if lost:
            route.continue_()
        else:
            lost.append(route.request.url)
            route.fetch()  # the server has done it
            route.abort()

    page.route("**/section", once_lost)
    press(page, NO_SIGN)
    page.wait_for_selector(".saving--lost")
    page.locator("[data-fold=emergency] > summary").click()  # it is finished, and folded
    page.locator("[name=q-leg_weakness][value=yes]").check()  # no conflict with oneself
    page.locator("[data-retry]").dispatch_event("click")  # it may be trying by itself already
    page.wait_for_selector(SAVED)
    page.locator("[data-save]").click()
    expect(page.locator("[data-words]")).to_have_text("Saved. Nothing on this page is unsaved.")
    records = nora.client.application.extensions["records"]
    assert len(open_case(records, nora.actor, nora.case_id).history.changes) == len(NO_SIGN) + 1
    assert kept(nora)["leg_weakness"] == Answer(value=True)


def test_what_another_person_changed_meanwhile_is_shown_and_kept(
    nora: Nurse, hire: Hire, look: Look
) -> None:
    page = ready(look(nora))
    hire("Omar Other").answer(weight_loss="yes")
    press(page, NO_SIGN)
    page.wait_for_selector(SAVED)
    row = page.locator("[data-item=weight_loss]")
    expect(row).to_contain_text("Omar Other changed it from not answered to yes")
    expect(row.locator("[value=yes]")).to_be_checked()
    press(page, "s")
    page.wait_for_selector(SAVED)
    assert kept(nora)["weight_loss"] == Answer(value=True)


def test_the_second_of_two_people_chooses_and_loses_nothing(
    nora: Nurse, hire: Hire, look: Look
) -> None:
    page = ready(look(nora))
    hire("Omar Other").answer(leg_weakness="yes")
    press(page, NO_SIGN)
    expect(page.locator(".saving--stopped")).to_contain_text("New or progressive leg weakness")
    with page.expect_navigation():
        page.keyboard.press("s")
    expect(page.locator("h1")).to_contain_text("Changed by two people")
    page.get_by_label("Mine: no").check()
    page.get_by_role("button", name="Save these choices").click()
    page.wait_for_url("**/?since=*")
    assert set(kept(nora).values()) == {Answer(value=False)}
    assert len(kept(nora)) == len(NO_SIGN)


@pytest.mark.parametrize("way", ["mouse", "keyboard"])
def test_a_sheet_whose_case_was_closed_leads_to_where_it_is_reopened(
    nora: Nurse, hire: Hire, look: Look, way: str
) -> None:
    page = ready(look(nora))
    other = hire("Omar Other")
    other.post("close", form_with(other.page("close"), "Close the case"))
    press(page, "1")
    expect(page.locator(".saving--stopped")).to_contain_text("Then reopen the case and save.")
    with page.expect_navigation():
        button = page.get_by_role("button", name="Go to Reopen")
        if way == "mouse":
            button.click(delay=200)  # a saving that begins in between must not hide it
        else:
            button.focus()
            page.wait_for_timeout(200)
            page.keyboard.press("Enter")
    expect(page.locator("h1")).to_contain_text("Closed while you were working on it")
    expect(page.get_by_role("link", name="Close this case")).to_have_count(0)
    with page.expect_popup():
        page.get_by_role("button", name="Reopen (in a new tab)").click()
    page.get_by_role("button", name="Save what I typed").click()
    page.wait_for_url("**/?since=*")
    assert kept(nora) == {"leg_weakness": Answer(value=True)}


def test_a_lost_connection_does_not_offer_to_reopen(nora: Nurse, look: Look) -> None:
    page = ready(look(nora))
    page.context.set_offline(True)
    press(page, "1")
    expect(page.locator(".saving--lost")).to_be_visible()
    expect(page.locator("[data-reopen]")).to_be_hidden()


PRESSES: dict[str, Callable[[Locator], None]] = {
    "click": lambda button: button.click(),
    "Space": lambda button: button.press("Space"),
    "Enter": lambda button: button.press("Enter"),
}


@pytest.mark.parametrize("press_once", PRESSES.values(), ids=PRESSES)
def test_one_press_shows_the_result_where_nothing_is_unsaved(
    nora: Nurse, look: Look, press_once: Callable[[Locator], None]
) -> None:
    nora.answer(leg_weakness="no")
    page = ready(look(nora))
    press_once(page.locator("[data-show]"))
    page.wait_for_url("**/assessments/1")


def test_one_press_shows_the_result_of_a_case_without_answers(nora: Nurse, look: Look) -> None:
    page = ready(look(nora))
    page.locator("[data-show]").click()
    page.wait_for_url("**/assessments/1")


@pytest.mark.parametrize("stored", [{}, {"age": "70"}], ids=["none", "stored"])
def test_what_could_not_be_read_and_is_taken_back_is_saved(
    nora: Nurse, look: Look, stored: dict[str, str]
) -> None:
    nora.answer(**stored)
    page = ready(look(nora))
    age, said = page.locator("[name=q-age]"), page.locator("[data-words]")
    age.fill("old")
    page.locator("[data-save]").focus()
    page.wait_for_selector(".saving--stopped")
    age.fill("")
    page.locator("[data-save]").click()
    expect(said).to_have_text("Saved. Nothing on this page is unsaved.")
    expect(page.locator(".nhsuk-error-message")).to_have_count(0)
    assert kept(nora) == {}


def test_a_double_click_makes_one_result(app: Flask, nora: Nurse, look: Look) -> None:
    page = ready(look(nora))
    press(page, "2")
    page.locator("[data-show]").dblclick()
    page.wait_for_url("**/assessments/1")
    page.wait_for_load_state()
    assert len(open_case(app.extensions["records"], nora.actor, nora.case_id).assessments) == 1


def test_without_scripts_a_double_click_makes_one_result(
    app: Flask, nora: Nurse, look: Look
) -> None:
    page = look(nora, java_script_enabled=False)
    page.locator("[name=q-leg_weakness][value=no]").check()
    page.locator("[data-show]").dblclick()
    page.wait_for_url("**/assessments/1")
    assert len(open_case(app.extensions["records"], nora.actor, nora.case_id).assessments) == 1


def test_the_whole_work_on_a_case_needs_no_scripts(nora: Nurse, look: Look) -> None:
    page = look(nora, java_script_enabled=False)
    expect(page.locator("[data-saving]")).to_be_hidden()
    page.locator("[name=q-leg_weakness][value=no]").check()
    page.locator("[data-save]").click()
    expect(page.get_by_text("Saved.", exact=True)).to_be_visible()
    page.locator("[data-show]").click()
    page.get_by_label("Answers are missing").check()
    page.get_by_role("button", name="Record the decision").click()
    expect(page.locator(".reviews__words")).to_have_text("Ask for more information")
    page.get_by_role("link", name="Missing answers").first.click()
    page.get_by_role("button", name="Save", exact=True).click()
    page.get_by_role("link", name="History", exact=True).click()
    expect(page.locator("tbody tr")).to_have_count(1)


def test_single_keys_can_be_switched_off(nora: Nurse, look: Look) -> None:
    page = ready(look(nora))
    page.locator("#number-keys").uncheck()
    page.locator("[name=q-leg_weakness]").first.focus()
    press(page, "1nswr")
    expect(page.locator(":checked[name^=q-]")).to_have_count(0)
    assert "/assessments/" not in page.url


def test_who_answered_is_shown_at_a_key(nora: Nurse, look: Look) -> None:
    nora.answer(leg_weakness="no")
    page = ready(look(nora))
    line = page.locator("[data-item=leg_weakness] [data-given]")
    expect(line).to_be_hidden()
    page.keyboard.press("w")
    expect(line).to_have_text("no: Nora Nurse, today 09:00, typed and saved")


def test_keys_pass_over_questions_that_are_not_called_for(nora: Nurse, look: Look) -> None:
    page = ready(look(nora))
    expect(page.locator("[data-item=disc_pain]")).to_be_hidden()
    page.locator("[name=q-disc_herniation]").first.focus()
    press(page, "2")
    page.wait_for_function("!document.activeElement.name.startsWith('q-disc')")
    press(page, "b1")
    page.wait_for_function("document.activeElement.name === 'q-disc_pain'")


def test_a_question_that_is_not_needed_is_shown_while_it_has_an_answer(
    nora: Nurse, look: Look
) -> None:
    nora.answer(arthritis="no")
    page = ready(look(nora))
    row = page.locator("[data-item=arthritis_pain]")
    expect(row).to_be_hidden()
    page.locator("[name=q-arthritis][value=yes]").check()
    page.locator("[name=q-arthritis_pain][value=yes]").check()
    page.locator("[name=q-arthritis][value=no]").check()
    said = "Not needed with your other answers; saved but not used."
    expect(row.get_by_text(said, exact=True)).to_be_visible()


def test_a_question_that_another_answer_makes_pointless_is_hidden_at_once(
    nora: Nurse, look: Look
) -> None:
    page = ready(look(nora))
    row = page.locator("[data-item=imaging_date]")
    expect(row).to_be_visible()
    page.locator("[name=q-imaging_result][value=not_done]").check()
    expect(row).to_be_hidden()
    page.locator("[data-item=imaging_result] summary").click()
    page.locator("[name=q-imaging_result][value=asked-unknown]").check()
    expect(row).to_be_visible()
    page.locator("[name=q-imaging_date-year]").fill("2026")
    page.locator("[name=q-imaging_result][value=not_done]").check()
    expect(row).to_be_visible()


def test_days_that_settle_a_question_hide_it_once_they_are_saved(nora: Nurse, look: Look) -> None:
    page = ready(look(nora))
    row = page.locator("[data-item=fracture_healing]")
    expect(row).to_be_visible()
    page.locator("[name=q-onset_date-words]").fill("about 3 weeks ago")
    page.locator("[name=q-age]").focus()
    page.wait_for_selector(SAVED)
    expect(row).to_be_hidden()
    page.locator("[name=q-onset_date-words]").fill("more than a year ago")
    page.locator("[name=q-age]").focus()
    expect(row).to_be_visible()


def test_without_scripts_a_rough_date_is_saved_and_hides_what_it_settles(
    nora: Nurse, look: Look
) -> None:
    page = look(nora, java_script_enabled=False)
    page.locator("[name=q-onset_date-words]").fill("about 3 weeks ago")
    page.locator("[data-save]").click()
    words = page.locator("[name=q-onset_date-words]")
    expect(words).to_have_value("between 23 October 2026 and 6 November 2026")
    expect(page.locator("[data-item=fracture_healing]")).to_be_hidden()


def test_a_closed_tab_warns_while_something_is_unsaved(nora: Nurse, look: Look) -> None:
    page = ready(look(nora))
    page.route("**/section", lambda route: route.abort())
    press(page, NO_SIGN)
    page.wait_for_selector(".saving--lost")
    asked: list[str] = []

    def accept(dialog: Dialog) -> None:
        asked.append(dialog.type)
        dialog.accept()

    page.on("dialog", accept)
    page.goto("about:blank")
    assert asked == ["beforeunload"]


def test_a_session_that_ended_is_said_and_the_answers_are_saved_after_sign_in(
    nora: Nurse, look: Look
) -> None:
    page = ready(look(nora))
    cookies: list[Any] = list(page.context.cookies())
    page.context.clear_cookies()
    page.locator("[name=q-weight_loss][value=no]").check()
    page.locator("[name=q-leg_weakness][value=no]").check()
    page.wait_for_selector(".session__over[open]")
    page.context.add_cookies(cookies)  # signed in again, in another tab
    page.evaluate("dispatchEvent(new Event('focus'))")
    page.wait_for_selector(SAVED, timeout=20_000)
    assert kept(nora) == dict.fromkeys(("weight_loss", "leg_weakness"), Answer(value=False))


def test_imported_answers_are_there_to_go_on_with(app: Flask, nora: Nurse, look: Look) -> None:
    answers = dict(shipped.favourable())
    del answers["cause"]
    records = app.extensions["records"]
    save_answers(
        open_case(records, nora.actor, nora.case_id),
        Submission(version=1, answers=answers, how=EntryMethod.FORM, idempotency_key=uuid4().hex),
        find_warnings=nothing,
    )
    page = ready(look(nora))
    page.wait_for_function("document.activeElement.name === 'q-cause'")


def test_answers_that_cannot_all_be_true_are_named_while_they_are_given(
    nora: Nurse, look: Look
) -> None:
    page = ready(look(nora))
    named = page.get_by_role("region", name="Check these answers: they cannot all be true")
    expect(named).to_have_count(0)
    page.locator("#q-age").fill("59")
    page.locator("#q-leg_weakness").focus()
    expect(named).to_contain_text("recorded birth year: 1952")
    expect(named.get_by_role("link", name="Birth year on the referral")).to_be_visible()
    named.get_by_role("link", name="Check: Age").click()
    page.wait_for_function("document.activeElement.name === 'q-age' || location.hash === '#q-age'")
    page.locator("#q-age").fill("74")
    page.locator("#q-leg_weakness").focus()
    expect(named).to_have_count(0)
