"""What may be decided on which result: pages offer just what records would keep."""

import datetime as dt
from dataclasses import replace
from functools import partial
from itertools import product
from typing import Any

import pytest
from support.rulesets import shipped

from screening.core.results.assess import Assessment, assess, has_missing_answers
from screening.core.results.decision import (
    CHOICES,
    REASONS,
    VALID_FOR,
    Choice,
    Decision,
    Grounds,
    Refusal,
    SignAges,
    allowed_choices,
    find_outdated_refusal,
    find_refusal,
)
from screening.core.rules.ruleset import Tier
from screening.core.values.answer import AbsentReason, Answer, Value
from screening.core.values.span import Span
from screening.core.values.truth import Truth
from screening.words.nurse.decision import words_of_choice, words_of_refusal

DAY = dt.date(2026, 11, 20)
SIGNS = {"leg_weakness": Truth.TRUE, "gait_change": Truth.UNKNOWN}


def grounds(  # noqa: PLR0913 - each ground by its name
    *,
    favourable: bool = True,
    days: int = 0,
    in_use: bool = True,
    same: bool = True,
    same_today: bool = True,
    asked: int = 0,
    ahead: bool = False,
    behind: bool = False,
    untold: bool = False,
    speaks: frozenset[Tier] = frozenset(),
    contradictory: bool = False,
    missing: bool = True,
) -> Grounds:
    return Grounds(
        favourable=favourable,
        as_of=DAY,
        day=DAY + dt.timedelta(days=days),
        in_use=in_use,
        same_result=same,
        same_today=same_today,
        needs_handover=untold,
        signs={} if favourable else SIGNS,
        sign_ages=SignAges(DAY - dt.timedelta(days=asked), ahead),
        clock_behind=behind,
        flagged_tiers=speaks,
        contradictory=contradictory,
        missing=missing,
    )


def grounds_by(assessment: Assessment, day: dt.date) -> Grounds:
    return Grounds.of(
        assessment,
        day=day,
        same_result=True,
        needs_handover=False,
        sign_ages=SignAges(day),
        clock_behind=False,
    )


ALL = [
    grounds(favourable=favourable, days=days, in_use=in_use, same=same, untold=untold)
    for favourable, days, in_use, same, untold in product(
        (True, False), (0, 8), (True, False), (True, False), (True, False)
    )
]
ALL += [grounds(favourable=favourable, same_today=False) for favourable in (True, False)]
ALL += [grounds(favourable=favourable, asked=8) for favourable in (True, False)]
ALL += [grounds(favourable=favourable, ahead=True) for favourable in (True, False)]
ALL += [grounds(favourable=False, speaks=frozenset({tier})) for tier in Tier]
ALL += [
    grounds(speaks=frozenset({Tier.CAUTION})),
    grounds(favourable=False, contradictory=True),
    grounds(missing=False),
]
CLAIMS = {
    "do-not-refer:reason-against": {Tier.EXCLUSION},
    "do-not-refer:requirement-unmet": {Tier.REQUIRED},
    "do-not-refer:not-as-described": {Tier.DESCRIBED},
    "override:refer-reason-treated": {
        *(Tier.EMERGENCY, Tier.URGENT, Tier.EXCLUSION, Tier.REQUIRED, Tier.DESCRIBED)
    },
}
"""By reason, the tiers of which it claims that a criterion speaks."""


@pytest.mark.parametrize("found", ALL)
def test_what_is_offered_is_what_can_be_kept(found: Grounds) -> None:
    offered = set(allowed_choices(found, may_override=True))
    kept = {
        each
        for each in CHOICES.values()
        if find_refusal(found, each, may_override=True, note="because", seen=SIGNS.keys()) is None
    }
    assert offered == kept


@pytest.mark.parametrize("choice", [each for each in CHOICES.values() if each.overrides])
def test_nobody_overrides_who_may_not(choice: Choice) -> None:
    found = grounds(favourable=not choice.refers_against)
    assert choice not in allowed_choices(found, may_override=False)
    refused = find_refusal(found, choice, note="because", seen=SIGNS.keys())
    assert refused is Refusal.OVERRIDE_NOT_ALLOWED


@pytest.mark.parametrize("found", ALL)
def test_some_decision_is_always_possible_and_without_the_right_none_overrides(
    found: Grounds,
) -> None:
    offered = allowed_choices(found, may_override=False)
    assert Decision.ASK_MORE in {each.decision for each in offered}
    assert not any(each.overrides for each in offered)


@pytest.mark.parametrize("found", [each for each in ALL if find_outdated_refusal(each)])
def test_an_outdated_result_refers_nobody(found: Grounds) -> None:
    assert not any(each.refers for each in allowed_choices(found, may_override=True))


@pytest.mark.parametrize("found", [each for each in ALL if not each.favourable])
def test_an_unfavourable_result_refers_by_override_alone(found: Grounds) -> None:
    offered = allowed_choices(found, may_override=True)
    assert all(each.overrides for each in offered if each.refers)


@pytest.mark.parametrize("found", [each for each in ALL if each.needs_handover])
def test_an_emergency_that_nobody_was_told_of_leaves_only_to_ask_for_more(found: Grounds) -> None:
    offered = allowed_choices(found, may_override=True)
    assert {each.decision for each in offered} == {Decision.ASK_MORE}


@pytest.mark.parametrize(("days", "expected"), [(0, None), (7, None), (8, Refusal.TOO_OLD)])
def test_a_result_refers_for_a_week(days: int, expected: Refusal | None) -> None:
    assert find_outdated_refusal(grounds(days=days)) is expected


@pytest.mark.parametrize(("asked", "expected"), [(0, None), (7, None), (8, Refusal.SIGNS_TOO_OLD)])
@pytest.mark.parametrize("favourable", [True, False])
def test_answers_about_signs_refer_for_a_week(
    asked: int, expected: Refusal | None, *, favourable: bool
) -> None:
    """By override, too, and whatever day the result is for."""
    found = grounds(asked=asked, favourable=favourable)
    assert find_outdated_refusal(found) is expected
    refers = [each for each in allowed_choices(found, may_override=True) if each.refers]
    assert bool(refers) is (expected is None)


@pytest.mark.parametrize("favourable", [True, False])
def test_an_answer_about_a_sign_that_is_still_to_come_refers_nobody(*, favourable: bool) -> None:
    found = grounds(ahead=True, favourable=favourable)
    assert find_outdated_refusal(found) is Refusal.SIGNS_AHEAD
    assert not any(each.refers for each in allowed_choices(found, may_override=True))


@pytest.mark.parametrize("favourable", [True, False])
def test_by_a_clock_that_was_set_back_nobody_is_referred(*, favourable: bool) -> None:
    """A result and its answers then seem younger than they are."""
    found = grounds(behind=True, favourable=favourable)
    assert find_outdated_refusal(found) is Refusal.CLOCK_BEHIND
    assert not any(each.refers for each in allowed_choices(found, may_override=True))


def test_a_result_without_any_answer_about_a_sign_is_not_too_old_for_that() -> None:
    assert find_outdated_refusal(replace(grounds(), sign_ages=SignAges())) is None


def test_the_grounds_of_an_assessment_have_its_open_signs() -> None:
    assessment = shipped.judged(leg_weakness=True, gait_change=None)
    found = grounds_by(assessment, DAY)
    assert (found.favourable, found.as_of) == (False, shipped.as_of())
    assert dict(found.signs) == {"leg_weakness": Truth.TRUE, "gait_change": Truth.UNKNOWN}


@pytest.mark.parametrize(("later", "expected"), [(-1, None), (0, None), (1, Refusal.OTHER_TODAY)])
def test_a_result_refers_nobody_once_the_same_answers_give_another(
    later: int, expected: Refusal | None
) -> None:
    """Also where its screening date was set back."""
    dates = ("onset_date", "diagnosis_date", "imaging_date")
    assessment = shipped.judged(**dict.fromkeys(dates, dt.date(2026, 9, 20)))
    assert assessment.favourable
    day = assessment.as_of + dt.timedelta(days=later)
    found = grounds_by(assessment, day)
    assert find_outdated_refusal(found) is expected


def test_nothing_is_missing_where_every_question_has_an_answer() -> None:
    claimed = CHOICES["ask-more:answers-missing"]
    assert find_refusal(grounds(missing=False), claimed) is Refusal.NOT_FOUND
    assert find_refusal(grounds(), claimed) is None


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, False),
        ({"gait_change": None}, True),
        ({"onset_date": Span(first=dt.date(2000, 1, 1), last=dt.date(2026, 11, 1))}, True),
    ],
)
def test_a_question_without_a_known_answer_is_missing(
    changes: dict[str, Any], *, expected: bool
) -> None:
    found = grounds_by(shipped.judged(**changes), DAY)
    assert found.missing is expected


def test_an_answer_that_nobody_knows_is_missing() -> None:
    told = shipped.judged(arthritis=None)
    answers = {**told.answers, "arthritis": Answer(absent=AbsentReason.ASKED_UNKNOWN)}
    assert has_missing_answers(assess(told.ruleset, answers, told.as_of))


@pytest.mark.parametrize("found", Refusal)
def test_every_refusal_has_words(found: Refusal) -> None:
    words = words_of_refusal(found, grounds())
    assert words
    assert "{" not in words


def test_words_say_when_the_oldest_sign_was_asked_about() -> None:
    words = words_of_refusal(Refusal.SIGNS_TOO_OLD, grounds(asked=8))
    assert f"given on 12 November 2026, more than {VALID_FOR.days} days ago" in words


def test_words_say_for_which_day_a_result_is() -> None:
    words = words_of_refusal(Refusal.TOO_OLD, grounds())
    assert f"for 20 November 2026, more than {VALID_FOR.days} days ago" in words


def test_every_choice_has_a_code_of_its_own() -> None:
    assert len(CHOICES) == sum(map(len, REASONS.values()))
    assert all(CHOICES[each.code] is each for each in CHOICES.values())


def test_a_note_and_a_tick_for_each_sign_are_asked_for_where_a_decision_needs_them() -> None:
    override = next(each for each in CHOICES.values() if each.needs_note and each.refers_against)
    result = grounds(favourable=False)
    signed = replace(result, signs=SIGNS)
    by_lead = partial(find_refusal, signed, override, may_override=True)
    assert by_lead(note=" ", seen=frozenset(SIGNS)) is Refusal.NO_NOTE
    assert by_lead(note="why", seen=frozenset()) is Refusal.SIGNS_NOT_SEEN
    assert by_lead(note="why", seen=frozenset(SIGNS)) is None


@pytest.mark.parametrize("choice", CHOICES.values())
def test_every_choice_has_words_that_say_what_an_override_decides(choice: Choice) -> None:
    said = words_of_choice(choice)
    assert said[0].isupper()
    assert said.startswith("Refer: ") is choice.refers_against
    assert said.startswith("Do not refer: ") is (choice.overrides and not choice.refers_against)


def test_every_decision_has_reasons() -> None:
    assert REASONS.keys() == set(Decision)
    assert all(REASONS.values())


def test_a_reason_of_another_decision_is_none() -> None:
    (reason, *_) = REASONS[Decision.ASK_MORE]
    wrong = Choice(Decision.REFER, reason)
    assert find_refusal(grounds(), wrong, note="", seen=frozenset()) is Refusal.NO_SUCH_REASON


@pytest.mark.parametrize("code", CLAIMS)
@pytest.mark.parametrize("tier", Tier)
def test_a_reason_that_claims_a_finding_needs_one_of_its_kind(code: str, tier: Tier) -> None:
    found = grounds(favourable=False, speaks=frozenset({tier}))
    expected = None if tier in CLAIMS[code] else Refusal.NOT_FOUND
    refused = find_refusal(found, CHOICES[code], may_override=True, note="why", seen=SIGNS.keys())
    assert refused is expected


def test_cautions_are_weighed_where_there_are_some() -> None:
    weighed = CHOICES["refer:cautions-weighed"]
    assert find_refusal(grounds(), weighed) is Refusal.NOT_FOUND
    assert find_refusal(grounds(speaks=frozenset({Tier.CAUTION, Tier.INFO})), weighed) is None


def test_answers_contradict_each_other_where_they_do() -> None:
    claimed = CHOICES["ask-more:answers-contradict"]
    assert find_refusal(grounds(favourable=False), claimed) is Refusal.NOT_FOUND
    assert find_refusal(grounds(favourable=False, contradictory=True), claimed) is None


ORPHAN = {"disc_herniation": False, "disc_pain": True}


@pytest.mark.parametrize(
    ("changes", "claimed"),
    [
        ({}, set[str]()),
        ({"blood_thinners": True}, {"refer:cautions-weighed"}),
        ({"scoliosis": True}, {"do-not-refer:reason-against"}),
        ({"pain_from_fracture": False}, {"do-not-refer:requirement-unmet"}),
        ({"pain_severity": "mild"}, {"do-not-refer:not-as-described"}),
        (ORPHAN, {"ask-more:answers-contradict"}),
        (
            {**ORPHAN, "scoliosis": True},
            {"ask-more:answers-contradict", "do-not-refer:reason-against"},
        ),
    ],
)
def test_claims_are_offered_as_the_rules_found(
    changes: dict[str, Value], claimed: set[str]
) -> None:
    answers = {link_id: Answer(value=value) for link_id, value in changes.items()}
    assessment = assess(shipped.ruleset(), {**shipped.favourable(), **answers}, DAY)
    found = grounds_by(assessment, DAY)
    offered = {each.code for each in allowed_choices(found, may_override=False)}
    claims = {*CLAIMS, "refer:cautions-weighed", "ask-more:answers-contradict"}
    assert offered & claims == claimed
