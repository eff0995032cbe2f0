"""How many questions patients are asked, and that nothing presumes a break that nobody knows of."""

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from random import Random

import pytest
from hypothesis import given as for_all
from hypothesis import settings
from hypothesis import strategies as st
from support.pages.page_reader import Page
from support.rulesets import shipped
from support.rulesets.builders import UNKNOWN, given

from screening.core.rules.condition import items_in
from screening.core.rules.item import Finder, Item, ItemType
from screening.core.rules.patient_path import REPORT
from screening.core.rules.ruleset import Tier
from screening.core.values.answer import Answer
from screening.web.patient.journey import Journey
from screening.web.patient.lane import Gap
from screening.web.patient.lengths import Lengths, find_lengths

Answers = Mapping[str, Answer]
Walk = Callable[..., list[Page]]

YES, NO = Answer(value=True), Answer(value=False)
NO_SCAN, NONE_SHOWN, BREAK, GROWTH = (
    Answer(value=code) for code in ("not_done", "shows_none", "shows_fracture", "lesion")
)
SHORT = [NO_SCAN, NONE_SHOWN, UNKNOWN]
NEEDS_PAPERS = {Finder.REPORT, Finder.CLINICIAN, Finder.OPERATOR}


def asked_of(would_say: Answers, report: Answer = NO) -> tuple[list[str], Journey]:
    """The questions that somebody is asked from the beginning, and the way at its end."""
    answers: dict[str, Answer] = {}
    asked: list[str] = []
    while True:
        told = report if REPORT in asked else None
        journey = Journey(shipped.ruleset(), answers, shipped.as_of(), told)
        link_id = journey.first_open()
        if link_id is None:
            return asked, journey
        asked.append(link_id)
        if link_id != REPORT:
            answers[link_id] = would_say.get(link_id, UNKNOWN)


def usual(imaging: Answer) -> dict[str, Answer]:
    """A person of the clear case, of whose spine a scan has shown this."""
    return {**shipped.favourable(), "imaging_result": imaging}


PATIENTS = {
    "no scan yet": (usual(NO_SCAN), NO, 25),
    "does not know of a scan": (usual(UNKNOWN), NO, 25),
    "a scan that shows nothing": (usual(NONE_SHOWN), NO, 25),
    "knows nothing at all": ({}, NO, 25),
    "a break, without the report": (usual(BREAK), NO, 31),
    "a break, with the report": (usual(BREAK), YES, 50),
    "a growth, without the report": (usual(GROWTH), NO, 30),
    "a growth, with the report": (usual(GROWTH), YES, 47),
}


@pytest.mark.parametrize("name", PATIENTS)
def test_simulated_patients_are_asked_so_many_questions(name: str) -> None:
    would_say, report, count = PATIENTS[name]
    asked, _ = asked_of(would_say, report)
    assert len(asked) == count
    assert len(set(asked)) == count


def test_the_bounds_are_those_of_the_start_page() -> None:
    assert find_lengths(shipped.ruleset(), shipped.as_of()) == Lengths(25, 31, 56)


def any_answer(rng: Random, item: Item) -> Answer:
    match item.type:
        case ItemType.YES_NO:
            values: list[object] = [True, False]
        case ItemType.CHOICE:
            values = list(item.choices)
        case ItemType.CHOICES:
            values = [frozenset({code}) for code in item.choices]
        case ItemType.NUMBER:
            values = [item.minimum, rng.randint(item.minimum, item.maximum), item.maximum]
        case ItemType.DATE:
            values = [shipped.as_of()]
    return Answer(value=rng.choice(values)) if rng.random() < 0.8 else UNKNOWN  # type: ignore[arg-type]


@settings(max_examples=60, derandomize=True, deadline=None)
@for_all(seed=st.integers(0, 2**32), report=st.sampled_from([YES, NO, UNKNOWN]))
def test_whatever_is_answered_no_lane_is_longer_than_its_bound(seed: int, report: Answer) -> None:
    rng = Random(seed)
    items = shipped.ruleset().items
    would_say = {link_id: any_answer(rng, item) for link_id, item in items.items()}
    asked, _ = asked_of(would_say, report)
    bounds = find_lengths(shipped.ruleset(), shipped.as_of())
    if REPORT not in asked:
        assert len(asked) <= bounds.short <= 25
    elif report.value is True:
        assert len(asked) <= bounds.with_report
    else:
        assert len(asked) <= bounds.without_report


@pytest.mark.parametrize("imaging", [*SHORT, BREAK, GROWTH], ids=str)
def test_every_warning_sign_that_a_patient_can_tell_is_asked_in_every_lane(imaging: Answer) -> None:
    rules = shipped.ruleset()
    asked, _ = asked_of({"imaging_result": imaging})
    signs = rules.items_of(Tier.EMERGENCY) | {
        link_id
        for link_id in rules.items_of(Tier.URGENT)
        if rules.items[link_id].who is Finder.PATIENT
    }
    assert signs <= set(asked)


@pytest.mark.parametrize("imaging", [*SHORT, BREAK, GROWTH], ids=str)
def test_without_the_report_nothing_is_asked_that_only_it_or_a_clinician_can_tell(
    imaging: Answer,
) -> None:
    rules = shipped.ruleset()
    asked, journey = asked_of({"imaging_result": imaging})
    signs = rules.items_of(Tier.EMERGENCY)
    others = set(asked) - signs - {"imaging_result", REPORT}
    assert {rules.items[link_id].who for link_id in others}.isdisjoint(NEEDS_PAPERS)
    not_asked = {item.link_id for item in journey.not_asked}
    assert {"spine_unstable", "cord_compression", "canal_fragment"} <= not_asked
    assert not_asked.isdisjoint(asked)


def test_what_was_not_asked_has_a_reason_and_is_told_from_what_cannot_matter() -> None:
    _, journey = asked_of(usual(NO_SCAN))
    for_report = {item.link_id for item in journey.not_asked_for(Gap.REPORT)}
    for_scan = {item.link_id for item in journey.not_asked_for(Gap.SCAN)}
    assert {"canal_fragment", "levels", "can_lie_prone"} <= for_report
    assert {"onset_date", "cause", "function_limited"} <= for_scan
    assert for_report.isdisjoint(for_scan)
    assert not {item.link_id for item in journey.left_out} & (for_report | for_scan)


def test_a_question_with_an_answer_is_put_in_every_lane() -> None:
    answers = {**shipped.favourable(), "imaging_result": NO_SCAN}
    journey = Journey(shipped.ruleset(), answers, shipped.as_of())
    assert {"onset_date", "spine_unstable"} <= {item.link_id for item in journey.path}


def test_the_report_counts_only_while_a_scan_shows_something() -> None:
    answers = {"imaging_result": NO_SCAN}
    journey = Journey(shipped.ruleset(), answers, shipped.as_of(), YES)
    assert "canal_fragment" not in {item.link_id for item in journey.path}
    assert REPORT not in {item.link_id for item in journey.steps}


def test_the_answer_about_the_report_is_read_by_no_condition() -> None:
    rules = shipped.ruleset()
    assert rules.patient_path is not None
    conditions = [each.condition for each in rules.criteria]
    conditions += [each.condition for each in rules.doctor_questions]
    conditions += [each.ask_if for each in rules.items.values() if each.ask_if]
    assert REPORT not in {link_id for each in conditions for link_id in items_in(each)}
    assert REPORT not in rules.items


def test_rules_without_a_way_of_their_own_ask_everything_in_their_order() -> None:
    rules = replace(shipped.ruleset(), patient_path=None)
    journey = Journey(rules, {"imaging_result": BREAK}, shipped.as_of())
    asked = [item.link_id for item in journey.steps]
    assert asked == [link_id for link_id in rules.items if link_id in asked]
    assert "canal_fragment" in asked
    assert journey.section_of("leg_weakness").total == 8
    short, full, most = find_lengths(rules, shipped.as_of())
    assert short == full == most


def main_words(page: Page) -> str:
    """The words of a page without what others say, its head and its foot."""
    html = re.sub(r"<(cite|blockquote|p class=\"passage__place\")[^>]*>.*?</\w+>", "", page.html)
    return Page(html.partition("<main")[2].partition("</main>")[0]).text


@pytest.mark.parametrize("imaging", SHORT, ids=str)
def test_no_page_of_the_short_lane_takes_a_break_for_a_fact(walk: Walk, imaging: Answer) -> None:
    signs = given(leg_weakness=True)
    pages = walk({**usual(imaging), **signs})
    for page in pages:
        words = main_words(page).partition("What we did not ask")[0]
        assert not re.search(
            r"\b(the|your) (break|broken bone|fracture)\b", words, re.IGNORECASE
        ), words
    assert not [p for p in pages if "Your broken bone" in p.text]


def test_sections_are_counted_once_the_lane_is_known(walk: Walk) -> None:
    def captions(imaging: Answer, report: str) -> list[str]:
        pages = walk(usual(imaging), report)
        found = (re.search(r"Section \d( of \d)?: [A-Z][\w ]*?(?= [A-Z])", p.text) for p in pages)
        return list(dict.fromkeys(each[0] for each in found if each))

    short = captions(NO_SCAN, "no")
    assert [each.partition(":")[0] for each in short] == [
        *("Section 1", "Section 2"),
        *(f"Section {number} of 6" for number in (3, 4, 5, 6)),
    ]
    assert len(captions(BREAK, "no")) == len(captions(BREAK, "yes")) - 1
