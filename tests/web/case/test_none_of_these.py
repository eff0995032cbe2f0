"""Questions answered together with "none of these": which, how they are kept, what is never one."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page as BrowserPage
from playwright.sync_api import expect
from support.people.case_people import Nurse, assessed
from support.rulesets import shipped

from screening.core.rules.item import Finder
from screening.core.rules.ruleset import Tier
from screening.core.values.answer import Answer
from screening.records.case.case_view import open_case
from screening.records.case.history import EntryMethod
from screening.web.case.none_of_these import groups_of, may_be_answered_together

Hire = Callable[..., Nurse]
Look = Callable[..., BrowserPage]
RULESET = shipped.ruleset()
GROUPS = {
    section: [item.link_id for item in items] for section, items in groups_of(RULESET).items()
}
URGENT = GROUPS["urgent"]
NO = Answer(value=False)


def ways(nurse: Nurse) -> dict[str, EntryMethod]:
    """The way in which each current answer of the case came in."""
    records = nurse.client.application.extensions["records"]
    given = open_case(records, nurse.actor, nurse.case_id).history.current()
    return {link_id: each.how for link_id, each in given.items()}


def kept(nurse: Nurse) -> dict[str, Answer]:
    records = nurse.client.application.extensions["records"]
    return open_case(records, nurse.actor, nurse.case_id).history.answers()


def tick(nurse: Nurse, way: str = "", **fields: str) -> int:
    """Post the sheet with fields that are changed; gives the status."""
    data = nurse.sheet()
    for name, text in fields.items():
        data.setlist(name.replace("__", "-"), [text] if text else [])
    return nurse.post(way, data).status_code


def test_no_group_has_a_sign_that_must_be_ruled_out_by_itself() -> None:
    grouped = {link for links in GROUPS.values() for link in links}
    assert grouped.isdisjoint(RULESET.items_of(Tier.EMERGENCY))
    urgent = RULESET.items_of(Tier.URGENT) & grouped
    assert urgent
    assert {RULESET.items[link].usual_finder for link in urgent} == {Finder.PATIENT}
    assert {RULESET.items[link].worse for link in grouped} == {"yes"}
    assert all(RULESET.items[link].ask_if is None for link in grouped)
    assert GROUPS.keys() == {"urgent", "other_pain", "health", "procedure"}


def test_without_scripts_a_ticked_box_answers_each_listed_question_and_says_how(
    nora: Nurse,
) -> None:
    assert tick(nora, none="urgent") == 303
    assert kept(nora) == dict.fromkeys(URGENT, NO)
    assert set(ways(nora).values()) == {EntryMethod.NONE_OF_THESE}
    assert "answered with “none of these”" in nora.page("history").text
    assert f"{RULESET.items[URGENT[0]].name} not answered no" in nora.page("history").text


def test_what_was_answered_by_itself_stays_so(nora: Nurse) -> None:
    assert tick(nora, none="urgent", q__weight_loss="yes", q__fever_chills="no") == 303
    assert kept(nora)["weight_loss"] == Answer(value=True)
    assert ways(nora)["weight_loss"] is ways(nora)["fever_chills"] is EntryMethod.FORM
    assert ways(nora)["night_pain"] is EntryMethod.NONE_OF_THESE


def test_the_history_tells_which_answers_of_one_saving_were_given_so(nora: Nurse) -> None:
    name = RULESET.items["fever_chills"].name, RULESET.items["night_pain"].name
    assert tick(nora, none="urgent", q__fever_chills="no", q__leg_weakness="no") == 303
    text = nora.page("history").text
    assert "typed and saved" in text
    assert f"{name[0]} not answered no {RULESET.items['recent_infection'].name}" in text
    assert f"{name[1]} not answered no (answered with “none of these”)" in text
    assert text.count("answered with") == len(URGENT) - 1


def test_a_tick_overwrites_no_stored_answer(nora: Nurse) -> None:
    nora.answer(weak_immunity="yes")
    assert tick(nora, none="urgent", **{"none-listed": "weak_immunity"}, q__weak_immunity="") == 303
    assert kept(nora)["weak_immunity"] == Answer(value=True)


def test_unknown_stays_unknown(nora: Nurse) -> None:
    tick(nora, none="urgent", q__weight_loss="asked-unknown")
    assert not kept(nora)["weight_loss"].known


@pytest.mark.parametrize("named", ["leg_weakness", "spine_unstable", "disc_pain", "can_lie_prone"])
def test_a_forged_list_answers_no_question_that_may_not_be_in_a_group(
    nora: Nurse, named: str
) -> None:
    item = RULESET.items[named]
    assert not may_be_answered_together(item, RULESET)
    data = nora.sheet()
    data.setlist("none", [item.section])
    data.setlist("none-listed", [named])
    data.setlist("none-given", [named])
    assert nora.post("", data).status_code == 303
    assert kept(nora) == {}


def test_a_forged_mark_on_an_emergency_sign_leaves_it_answered_by_itself(nora: Nurse) -> None:
    assert tick(nora, q__leg_weakness="no", none__given="leg_weakness") == 303
    assert ways(nora) == {"leg_weakness": EntryMethod.FORM}


def test_a_question_that_was_not_on_the_page_is_not_answered(nora: Nurse) -> None:
    data = nora.sheet()
    data.setlist("none", ["urgent"])
    data.setlist("only", [each for each in data.getlist("only") if each != "weight_loss"])
    nora.post("", data)
    assert "weight_loss" not in kept(nora)
    assert "night_pain" in kept(nora)


def test_a_question_that_the_page_did_not_list_is_not_answered(nora: Nurse) -> None:
    nora.answer(weight_loss="no")
    data = nora.sheet()
    nora.answer(weight_loss="")
    data.setlist("none", ["urgent"])
    data.setlist("q-weight_loss", [])
    nora.post("", data)
    assert "weight_loss" not in kept(nora)


def test_of_two_who_differ_the_choice_keeps_how_it_was_given(hire: Hire) -> None:
    from support.pages.page_reader import Page  # noqa: PLC0415
    from support.people.case_people import form_with  # noqa: PLC0415

    nora, omar = hire(), hire("Omar Other")
    data = omar.sheet()
    nora.answer(weight_loss="yes")
    data.setlist("none", ["urgent"])
    answer = omar.post("", data)
    assert answer.status_code == 409
    form = form_with(Page(answer.text), "Save these choices")
    form["choice-weight_loss"] = "mine"
    assert omar.post("", form).status_code == 303
    assert kept(omar)["weight_loss"] == NO
    assert ways(omar)["weight_loss"] is EntryMethod.NONE_OF_THESE


def test_the_trace_of_a_result_says_how_each_was_given(hire: Hire) -> None:
    nora = hire()
    tick(nora, none="urgent")
    assessed(nora)
    from screening.records.access import Role  # noqa: PLC0415

    auditor = hire("Ada Auditor", Role.AUDITOR)
    trace = auditor.client.get(f"/audit/{nora.case_id}/1/").text
    assert "answered with “none of these”" in trace


def ready(page: BrowserPage) -> BrowserPage:
    page.wait_for_selector(".intake--keys")
    return page


def test_one_key_answers_the_group_and_again_takes_it_back(nora: Nurse, look: Look) -> None:
    page = ready(look(nora))
    names = page.locator("[data-none=urgent] [data-none-names]")
    expect(names).to_have_text("; ".join(RULESET.items[link].name for link in URGENT))
    page.locator("[name=q-weight_loss][value=yes]").check()
    expect(names).not_to_contain_text("weight loss")
    page.keyboard.press("x")
    page.wait_for_function("document.activeElement.id === 'none-urgent'")
    page.wait_for_selector(".saving--done")
    assert ways(nora) == dict.fromkeys(URGENT, EntryMethod.NONE_OF_THESE) | {
        "weight_loss": EntryMethod.AUTOSAVE
    }
    expect(page.locator("[data-item=night_pain] [data-none-note]")).to_be_visible()
    expect(page.locator("[data-item=weight_loss] [data-none-note]")).to_be_hidden()
    with page.expect_response("**/section"):
        page.keyboard.press("x")
    page.wait_for_selector(".saving--done")
    assert kept(nora) == {"weight_loss": Answer(value=True)}
    expect(page.locator("[data-none-note]:visible")).to_have_count(0)
    page.keyboard.press("x")
    page.keyboard.press("Enter")
    page.wait_for_function("document.activeElement.name === 'q-active_infection'")


def test_pressed_twice_it_answers_nothing_of_the_next_section(nora: Nurse, look: Look) -> None:
    page = ready(look(nora))
    page.locator("[name=q-lung_disease]").first.focus()
    page.keyboard.press("x")
    with page.expect_response("**/section"):
        page.keyboard.press("x")
    page.wait_for_selector(".saving--done")
    assert kept(nora) == {}


@pytest.mark.parametrize("key", ["ArrowDown", "ArrowRight", "ArrowUp"])
def test_an_arrow_answers_no_question(nora: Nurse, look: Look, key: str) -> None:
    page = ready(look(nora))
    page.wait_for_function("document.activeElement.name === 'q-leg_weakness'")
    page.keyboard.press(key)
    assert page.locator("[name=q-leg_weakness]:checked").count() == 0
    assert page.evaluate("document.activeElement.name") == "q-leg_weakness"
    page.keyboard.press("Space")
    assert page.locator("[name=q-leg_weakness]:checked").count() == 1


def test_a_digit_that_is_held_answers_one_question(nora: Nurse, look: Look) -> None:
    page = ready(look(nora))
    page.wait_for_function("document.activeElement.name === 'q-leg_weakness'")
    page.keyboard.down("2")
    page.keyboard.down("2")  # the browser tells of a repeat
    page.keyboard.up("2")
    assert page.locator(".intake :checked[value=no]").count() == 1


def test_an_answer_that_is_changed_after_is_one_by_itself(nora: Nurse, look: Look) -> None:
    page = ready(look(nora))
    page.locator("[name=q-fever_chills]").first.focus()
    page.keyboard.press("x")
    page.locator("[name=q-night_pain][value=yes]").check()
    expect(page.locator("[data-item=night_pain] [data-none-note]")).to_be_hidden()
    page.locator("[name=q-age]").focus()
    page.locator("[name=q-pain_from_fracture]").first.focus()
    page.wait_for_function("!document.querySelector('.saving:not([hidden])')")
    page.wait_for_selector(".saving--done")
    assert ways(nora)["night_pain"] is EntryMethod.AUTOSAVE
    page.reload()
    ready(page)
    expect(page.locator("[data-item=fever_chills] [data-none-note]")).to_be_visible()


def test_the_key_answers_no_emergency_sign(nora: Nurse, look: Look) -> None:
    page = ready(look(nora))
    page.locator("[name=q-leg_weakness]").first.focus()
    page.keyboard.press("x")
    expect(page.locator("[name^=q-]:checked")).to_have_count(0)
