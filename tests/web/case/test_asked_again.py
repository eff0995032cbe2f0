"""Emergency signs that were asked about on an earlier day: asked again, with the same answer."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page as BrowserPage
from playwright.sync_api import expect
from support.casework.case_writes import saved
from support.casework.handovers import answered_yes, hand_over
from support.pages.page_reader import Page
from support.people.case_people import Nurse, assessed, form_with
from support.rulesets import shipped
from support.storage.databases import BEGIN, clock

from screening.core.rules.ruleset import Tier
from screening.core.values.answer import AbsentReason, Answer
from screening.records.case.case_view import open_case
from screening.records.case.history import AnswerEntry, EntryMethod
from screening.records.ledger.records import Records

Look = Callable[..., BrowserPage]
SIGNS = tuple(
    each for each in shipped.ruleset().items if each in shipped.ruleset().items_of(Tier.EMERGENCY)
)
EARLIER = 8
REFER = 'value="refer:requirements-met"'
BOX = "Asked again, same as on 12 Nov"
TOO_OLD = (
    "“Refer” is not offered: an answer about an emergency sign was given on 12 November 2026, more"
    " than 7 days ago. Ask about the signs again, then show the result again for today."
)


def records_of(nurse: Nurse) -> Records:
    records: Records = nurse.client.application.extensions["records"]
    return records


def current(nurse: Nurse) -> dict[str, AnswerEntry]:
    return open_case(records_of(nurse), nurse.actor, nurse.case_id).history.current()


def ways(nurse: Nurse) -> dict[str, EntryMethod]:
    return {link_id: each.how for link_id, each in current(nurse).items() if link_id in SIGNS}


@pytest.fixture(autouse=True)
def _on_the_day(nora: Nurse) -> Iterator[None]:
    """On the day of the page; other tests share the clock, and have it back."""
    time = clock(records_of(nora))
    now = time.moment
    time.moment = BEGIN
    yield
    time.moment = max(now, time.moment)


@pytest.fixture
def earlier(nora: Nurse) -> Nurse:
    """Somebody whose case has an answer to each sign from more than a week ago, one not known."""
    records = records_of(nora)
    told: dict[str, Answer | None] = dict.fromkeys(SIGNS, Answer(value=False))
    clock(records).advance(days=-EARLIER)
    saved(records, nora.actor, nora.case_id, 1, told)
    clock(records).advance(days=EARLIER)
    return nora


def tick(nurse: Nurse, *links: str, way: str = "") -> None:
    sheet = nurse.sheet()
    for link_id in links:
        sheet[f"again-{link_id}"] = "yes"
    assert nurse.post(way, sheet).status_code == 303


def test_a_sign_answered_earlier_has_a_box_and_its_section_is_open(earlier: Nurse) -> None:
    html = earlier.get().text
    assert html.count(BOX) == len(SIGNS)
    assert 'data-fold="emergency" open' in html


def test_a_sign_asked_about_yesterday_says_so_in_one_line(nora: Nurse, look: Look) -> None:
    records = records_of(nora)
    clock(records).advance(days=-1)
    saved(records, nora.actor, nora.case_id, 1, {SIGNS[0]: Answer(value=False)})
    clock(records).advance(days=1)
    page = ready(look(nora, viewport={"width": 1280, "height": 720}))
    box = page.locator("[data-again]")
    expect(box).to_contain_text("Asked again, same as yesterday")
    row = page.locator(f"[data-item={SIGNS[0]}]").bounding_box() or {"height": 99}
    assert row["height"] < 30


def test_an_answer_of_today_has_none(nora: Nurse) -> None:
    nora.answer(**dict.fromkeys(SIGNS, "no"))
    html = nora.get().text
    assert "Asked again" not in html
    assert 'data-fold="emergency">' in html


def test_no_other_question_has_one(nora: Nurse) -> None:
    records = records_of(nora)
    clock(records).advance(days=-EARLIER)
    saved(records, nora.actor, nora.case_id, 1, {"scoliosis": Answer(value=False)})
    clock(records).advance(days=EARLIER)
    assert "Asked again" not in nora.get().text
    sheet = nora.sheet()
    sheet["again-scoliosis"] = "yes"
    assert nora.post("", sheet).status_code == 303
    assert current(nora)["scoliosis"].how is EntryMethod.FORM


def test_a_tick_makes_the_answer_as_old_as_today_and_the_history_says_so(earlier: Nurse) -> None:
    tick(earlier, "leg_weakness", "gait_change")
    assert ways(earlier) == dict.fromkeys(SIGNS, EntryMethod.FORM) | dict.fromkeys(
        ("leg_weakness", "gait_change"), EntryMethod.ASKED_AGAIN
    )
    assert earlier.get().text.count(BOX) == len(SIGNS) - 2
    assert "asked again, same answer" in earlier.page("history").text


def test_without_a_tick_the_answer_stays_as_old_as_it_is(earlier: Nurse) -> None:
    before = current(earlier)
    tick(earlier)
    assert current(earlier) == before


def test_nobody_is_referred_on_older_answers_until_each_was_asked_again(earlier: Nurse) -> None:
    assessed(earlier)
    assert REFER not in earlier.get("assessments/1").text
    result, letter = earlier.page("assessments/1"), earlier.page("assessments/1/letter")
    assert TOO_OLD in result.text
    assert "An answer about an emergency sign was given on 12 November 2026" in letter.text
    assert "Do not refer on the strength of this result: an answer about" in letter.text
    tick(earlier, *SIGNS[1:], way="assess")
    assert TOO_OLD in earlier.page("assessments/2").text
    tick(earlier, SIGNS[0], way="assess")
    assert "is not offered" not in earlier.page("assessments/3").text
    assert REFER in earlier.get("assessments/3").text


def test_a_result_is_superseded_once_a_sign_was_asked_about_again(earlier: Nurse) -> None:
    assessed(earlier)
    tick(earlier, "leg_weakness")
    assert "There have been new answers since this result." in earlier.page("assessments/1").text


def test_ticks_wait_while_somebody_chooses_between_two_answers(
    earlier: Nurse, hire: Callable[..., Nurse]
) -> None:
    sheet = earlier.sheet()
    hire("Omar Other").answer(gait_change="yes")
    sheet["again-gait_change"] = sheet["again-leg_weakness"] = "yes"
    answer = earlier.post("", sheet)
    assert answer.status_code == 409
    assert ways(earlier)["leg_weakness"] is EntryMethod.FORM
    choice = form_with(Page(answer.text), "Save these choices")
    choice["choice-gait_change"] = "theirs"
    assert earlier.post("", choice).status_code == 303
    assert ways(earlier)["leg_weakness"] is EntryMethod.ASKED_AGAIN
    assert current(earlier)["gait_change"].answer == Answer(value=True)


def ready(page: BrowserPage) -> BrowserPage:
    page.wait_for_selector(".intake--keys")
    return page


def test_the_key_of_the_same_answer_ticks_the_box_and_goes_on(earlier: Nurse, look: Look) -> None:
    page = ready(look(earlier))
    page.locator(f"[name=q-{SIGNS[0]}]:checked").focus()
    for _ in SIGNS:
        page.keyboard.press("2")
    page.wait_for_selector("[data-again]", state="detached")
    page.wait_for_selector(".saving--done")
    assert ways(earlier) == dict.fromkeys(SIGNS, EntryMethod.ASKED_AGAIN)
    assert page.locator("[data-saving]").is_hidden()


@pytest.mark.parametrize("flags", [0, 1])
@pytest.mark.parametrize("way", ["key", "box"])
def test_a_no_that_is_asked_about_again_raises_no_red_flag(
    earlier: Nurse, look: Look, way: str, flags: int
) -> None:
    if flags:
        earlier.answer(**{SIGNS[1]: "yes"})
    page = ready(look(earlier))
    told = watch_flags(page)
    if way == "key":
        page.locator(f"[name=q-{SIGNS[0]}]:checked").focus()
        page.keyboard.press("2")
    else:
        page.locator(f"label[for=again-{SIGNS[0]}]").click()
    expect(page.locator(f"[data-item={SIGNS[0]}] [data-again]")).to_have_count(0)
    page.wait_for_selector(".saving--done")
    expect(page.locator("[data-alarm] li")).to_have_count(flags)
    assert told() == []
    assert page.locator("[data-unsaved-sign]").count() == 0


def watch_flags(page: BrowserPage) -> Callable[[], list[int]]:
    """The numbers of red flags that were shown from now on, when they change."""
    page.evaluate("""() => {
      window.shown = [];
      const box = document.querySelector("[data-alarm]");
      new MutationObserver(() => shown.push(box.querySelectorAll("li").length))
        .observe(box, { childList: true });
    }""")
    return lambda: page.evaluate("shown")


def test_a_click_on_the_same_answer_ticks_nothing_and_the_box_is_clicked(
    earlier: Nurse, look: Look
) -> None:
    page = ready(look(earlier))
    page.locator(f"[data-item={SIGNS[0]}] label", has_text="No").first.click()
    page.locator(f"[name=q-{SIGNS[0]}]:checked").click()
    expect(page.locator("[data-again]")).to_have_count(len(SIGNS))
    page.locator(f"label[for=again-{SIGNS[1]}]").click()
    expect(page.locator("[data-again]")).to_have_count(len(SIGNS) - 1)
    assert ways(earlier)[SIGNS[1]] is EntryMethod.ASKED_AGAIN
    assert ways(earlier)[SIGNS[0]] is EntryMethod.FORM


def test_another_answer_takes_the_box_away(earlier: Nurse, look: Look) -> None:
    page = ready(look(earlier))
    page.locator(f"[name=q-{SIGNS[0]}]:checked").focus()
    page.keyboard.press("1")
    expect(page.locator(f"[data-item={SIGNS[0]}] [data-again]")).to_have_count(0)
    assert current(earlier)[SIGNS[0]].answer == Answer(value=True)


def test_a_sign_that_is_still_not_known_stays_open(nora: Nurse, look: Look) -> None:
    records, unknown = records_of(nora), Answer(absent=AbsentReason.ASKED_UNKNOWN)
    clock(records).advance(days=-EARLIER)
    saved(records, nora.actor, nora.case_id, 1, {SIGNS[0]: unknown})
    clock(records).advance(days=EARLIER)
    page = ready(look(nora))
    mark = page.locator(f"[data-item={SIGNS[0]}] [data-sign-open]")
    expect(mark).to_be_visible()
    page.locator(f"label[for=again-{SIGNS[0]}]").click()
    expect(page.locator("[data-again]")).to_have_count(0)
    expect(mark).to_be_visible()
    assert current(nora)[SIGNS[0]].answer == unknown


def test_a_sign_that_is_there_on_a_later_day_too_has_to_be_handed_over_again(nora: Nurse) -> None:
    """The handover of an earlier day was about how the patient was then."""
    records, sign = records_of(nora), "leg_weakness"
    clock(records).advance(days=-EARLIER)
    answered_yes(records, nora.actor, nora.case_id)
    hand_over(records, nora.actor, nora.case_id)
    clock(records).advance(days=EARLIER)
    assert not open_case(records, nora.actor, nora.case_id).case.needs_handover
    tick(nora, sign)
    assert open_case(records, nora.actor, nora.case_id).case.needs_handover
    hand_over(records, nora.actor, nora.case_id)
    assert not open_case(records, nora.actor, nora.case_id).case.needs_handover
    tick(nora, *(each for each in SIGNS if f'name="again-{each}"' in nora.get().text))
    assert not open_case(records, nora.actor, nora.case_id).case.needs_handover
