"""A change of an emergency sign is saved at the key, and not when its section is left."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, Route, expect
from support.people.case_people import Nurse, row_of

from screening.records.case.case_rows import Case
from screening.records.case.case_view import open_case
from screening.records.casework.cases import find_case

Look = Callable[..., Page]
TASK = "Emergency: nobody has recorded who was told"
A_FRAME, A_MOMENT, A_WHILE = 100, 1000, 3000


def case_of(nurse: Nurse) -> Case:
    records = nurse.client.application.extensions["records"]
    return find_case(records, nurse.actor, nurse.case_id)


def kept_links(nurse: Nurse) -> set[str]:
    records = nurse.client.application.extensions["records"]
    return set(open_case(records, nurse.actor, nurse.case_id).history.current())


@pytest.fixture
def sheet(nora: Nurse, look: Look) -> Page:
    page = look(nora)
    page.wait_for_selector(".intake--keys")
    return page


@pytest.mark.parametrize("way", ["", "assessments/", "close"])
def test_the_page_after_a_yes_knows_of_it(nora: Nurse, sheet: Page, way: str) -> None:
    sheet.keyboard.press("1")
    sheet.wait_for_timeout(A_MOMENT)
    sheet.goto(f"/case/{nora.case_id}/{way}")
    expect(sheet.get_by_role("heading", name=TASK)).to_be_visible()


def test_the_head_of_the_page_follows_the_first_answer(nora: Nurse, sheet: Page) -> None:
    facts = sheet.locator(".case-bar__facts"), sheet.locator(".case-bar + .case-head__facts")
    expect(facts[0]).to_contain_text("new")
    sheet.keyboard.press("1")
    expect(facts[0]).to_contain_text("being screened")
    said = [each.inner_text() for each in facts]
    sheet.wait_for_selector(".saving--done")
    sheet.goto(f"/case/{nora.case_id}/")
    assert said == [each.inner_text() for each in facts]


def test_the_worklist_after_a_yes_knows_of_it(nora: Nurse, sheet: Page) -> None:
    sheet.keyboard.press("1")
    sheet.wait_for_timeout(A_MOMENT)
    assert "nobody told yet" in row_of(nora)


def test_a_yes_that_is_taken_back_leaves_its_task(nora: Nurse, sheet: Page) -> None:
    sheet.keyboard.press("1")
    sheet.wait_for_timeout(A_WHILE)
    sheet.keyboard.press("b")
    sheet.keyboard.press("2")
    expect(sheet.locator("[data-waiting]")).to_contain_text("answered yes, then changed")
    assert case_of(nora).taken_back == ("leg_weakness",)


def test_saving_it_leaves_the_focus_where_the_keys_put_it(sheet: Page) -> None:
    sheet.keyboard.press("1")
    sheet.wait_for_selector(".saving--done")
    sheet.wait_for_function("document.activeElement.name === 'q-saddle_numbness'")


@pytest.mark.parametrize("scrolled", [0, 120])
def test_a_clicked_sign_stays_under_the_pointer(sheet: Page, scrolled: int) -> None:
    """What appears above, at the click and once it is saved, moves no question on the screen."""
    sheet.set_viewport_size({"width": 1280, "height": 900})
    sheet.evaluate(f"scrollTo(0, {scrolled})")
    row = sheet.locator("[data-item=saddle_numbness]")
    before = row.bounding_box()
    assert before
    for value, box in (("yes", "[data-alarm]"), ("no", "[data-task]")):
        with sheet.expect_response("**/section"):
            row.locator(f"[value={value}] + label").click()
        expect(sheet.locator(box)).to_be_visible()
        sheet.wait_for_selector(".saving--done")
        sheet.wait_for_timeout(A_FRAME)
        after = row.bounding_box()
        assert after
        assert abs(after["y"] - before["y"]) <= 1, value


@pytest.fixture
def taken_back(nora: Nurse, look: Look) -> tuple[Page, float]:
    """A sheet at its very top whose "yes" was made a "no" by two fast clicks; where it was."""
    nora.answer(saddle_numbness="yes")
    page = look(nora, viewport={"width": 1280, "height": 900})
    page.wait_for_selector(".intake--keys")
    page.evaluate("scrollTo(0, 0)")
    no = page.locator("[data-item=saddle_numbness] [value=no] + label")
    before = no.bounding_box()
    assert before
    page.mouse.dblclick(before["x"] + 8, before["y"] + before["height"] / 2)
    expect(page.locator("[data-alarm]")).to_be_hidden()
    page.wait_for_selector(".saving--done")
    page.wait_for_timeout(A_FRAME)
    return page, before["y"]


def test_a_double_click_at_the_very_top_answers_one_question(
    nora: Nurse, taken_back: tuple[Page, float]
) -> None:
    """There the page cannot scroll up by what disappears above."""
    page, before = taken_back
    assert page.locator("[name^=q-]:checked").evaluate_all("all => all.map((one) => one.name)") == [
        "q-saddle_numbness"
    ]
    assert kept_links(nora) == {"saddle_numbness"}
    after = page.locator("[data-item=saddle_numbness] [value=no] + label").bounding_box()
    assert after
    assert abs(after["y"] - before) <= 1


def test_the_room_it_leaves_goes_once_it_is_out_of_sight(taken_back: tuple[Page, float]) -> None:
    page, _ = taken_back
    room = "parseFloat(getComputedStyle(document.querySelector('.intake')).paddingTop)"
    assert page.evaluate(room) > 0
    row = page.locator("[data-item=weight_loss]")
    row.evaluate("row => scrollBy({ top: row.getBoundingClientRect().top - 200 })")
    before = row.bounding_box()
    page.wait_for_function(f"{room} === 0")
    page.wait_for_timeout(A_FRAME)
    after = row.bounding_box()
    assert before
    assert after
    assert abs(after["y"] - before["y"]) <= 1


def test_the_room_it_leaves_is_used_again(taken_back: tuple[Page, float]) -> None:
    page, before = taken_back
    label = page.locator("[data-item=saddle_numbness] [value=yes] + label")
    label.click()
    expect(page.locator("[data-alarm]")).to_be_visible()
    page.wait_for_selector(".saving--done")
    page.wait_for_timeout(A_FRAME)
    after = label.bounding_box()
    assert after
    assert abs(after["y"] - before) <= 1
    assert page.evaluate("scrollY") == 0


def test_no_other_answer_of_its_section_waits_longer_than_before(nora: Nurse, sheet: Page) -> None:
    sheet.locator("[name=q-weight_loss][value=yes]").check()
    sheet.wait_for_timeout(A_MOMENT)
    assert case_of(nora).version == 1
    sheet.locator("[data-save]").focus()
    sheet.wait_for_selector(".saving--done")
    assert case_of(nora).version == 2


def test_a_yes_while_a_refused_saving_is_under_way_is_saved(
    nora: Nurse, hire: Callable[..., Nurse], sheet: Page
) -> None:
    held: list[Route] = []

    def hold_first(route: Route) -> None:
        if held:
            route.continue_()
        else:
            held.append(route)

    hire("Omar Other").answer(weight_loss="yes")
    sheet.route("**/section", hold_first)
    sheet.locator("[name=q-weight_loss][value=no]").check()
    with sheet.expect_request("**/section"):
        sheet.locator("[name=q-leg_weakness]").first.focus()
    sheet.keyboard.press("1")
    held[0].continue_()
    expect(sheet.locator("[data-waiting]")).to_contain_text("answered yes")
    expect(sheet.locator(".saving--stopped")).to_contain_text("“yes” is saved: New or progressive")
    assert case_of(nora).needs_handover
