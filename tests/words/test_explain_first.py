"""What is said first: the standing of rules and day, a patient's advice, doubts about signs."""

import datetime as dt
from dataclasses import replace

import pytest
from support.rulesets import shipped

from screening.core.results.assess import Assessment, assess
from screening.core.results.needs import advice_criteria, find_needs, unsure_items
from screening.core.rules.ruleset import Status, Tier
from screening.core.values.answer import EARLIEST_DAY, AbsentReason, Answer
from screening.errors import EarlyDayError
from screening.words.nurse.criteria import strength_words
from screening.words.nurse.needs import EFFECT_WORDS, words_of_needs
from screening.words.nurse.result import words_of_cautions, words_of_older_signs
from screening.words.patient.advice import IN_DOUBT, words_of_advice

TODAY = dt.date(2026, 11, 20)
RULES = shipped.ruleset()
MET = shipped.examples()["everything_met"]
NOT_SURE = Answer(absent=AbsentReason.ASKED_UNKNOWN)


def judged(**changes: Answer) -> Assessment:
    return assess(RULES, {**MET.answers, **changes}, MET.as_of)


def words_for(outcome_id: str) -> str:
    return next(each.say.patient for each in RULES.outcomes if each.id == outcome_id)


def test_rules_in_use_and_a_screening_of_today_need_no_word() -> None:
    assert words_of_cautions(RULES, TODAY, TODAY) == ()


def test_an_earlier_day_retired_rules_and_an_overdue_review_are_each_said() -> None:
    old = replace(RULES.parts[0], status=Status.RETIRED, review_by=dt.date(2026, 1, 1))
    rules = replace(RULES, parts=(old, *RULES.parts[1:]))
    assert words_of_cautions(rules, dt.date(2026, 11, 2), TODAY) == (
        "The screening date is 2 November 2026, not today: ask about the signs again for today.",
        "The rules “documented” are marked retired: not for use.",
        "The review of the rules “documented” was due on 1 January 2026.",
    )


def test_only_an_answer_about_a_sign_older_than_the_screening_date_is_said() -> None:
    assert words_of_older_signs(None, TODAY) == ()
    assert words_of_older_signs(TODAY, TODAY) == ()
    (said,) = words_of_older_signs(TODAY - dt.timedelta(days=1), TODAY)
    assert said.startswith(
        "An answer about an emergency sign was given on 19 November 2026, before"
    )


def test_a_grave_sign_has_its_own_advice_and_the_gravest_is_said_alone() -> None:
    yes = Answer(value=True)
    assert words_of_advice(judged(leg_weakness=yes)) == (words_for("emergency"),)
    both = words_of_advice(judged(leg_weakness=yes, fever_chills=yes))
    assert both == (words_for("emergency"),)
    assert words_of_advice(judged(fever_chills=yes)) == (words_for("clinician_first"),)


def test_every_other_result_has_the_same_neutral_advice() -> None:
    assert RULES.open_outcome
    neutral = (RULES.open_outcome.say.patient, IN_DOUBT)
    assert words_of_advice(judged()) == neutral
    assert words_of_advice(judged(scoliosis=Answer(value=True))) == neutral
    assert words_of_advice(judged(fever_chills=NOT_SURE)) == neutral
    bare = replace(RULES, open_outcome=None)
    assert words_of_advice(assess(bare, MET.answers, MET.as_of)) == ()


def test_what_to_do_in_doubt_is_said_with_the_signs_that_are_in_doubt() -> None:
    assert RULES.open_outcome
    assert words_of_advice(judged(leg_weakness=NOT_SURE)) == (RULES.open_outcome.say.patient,)


def test_doubts_are_listed_by_tier_and_only_for_questions_that_are_put() -> None:
    imaging = {"imaging_result": NOT_SURE, "imaging_kind": NOT_SURE}
    found = judged(leg_weakness=NOT_SURE, fever_chills=NOT_SURE, **imaging)
    emergency = [item.link_id for item in unsure_items(found, Tier.EMERGENCY)]
    urgent = [item.link_id for item in unsure_items(found, Tier.URGENT)]
    assert emergency == ["leg_weakness"]
    assert urgent == ["fever_chills"]


NO_IMAGING = {"imaging_result": NOT_SURE, "imaging_kind": NOT_SURE}
YES = Answer(value=True)
ALLERGIES = ["allergy_cement", "allergy_contrast"]


@pytest.mark.parametrize(
    ("answers", "urgent"),
    [
        (dict.fromkeys(("age", "pregnancy", "serious_accident"), NOT_SURE), []),
        (NO_IMAGING, []),
        (NO_IMAGING | {"serious_accident": NOT_SURE}, []),
        (NO_IMAGING | {"serious_accident": YES}, ["imaging_result"]),
        ({"cancer_history": NOT_SURE}, ["cancer_history"]),
        ({"cancer_history": NOT_SURE, "cause": NOT_SURE}, []),
        ({"cancer_history": YES, "cause": NOT_SURE}, ["cause"]),
        (dict.fromkeys(ALLERGIES, NOT_SURE), ALLERGIES),
        ({"imaging_kind": NOT_SURE}, ["imaging_kind"]),
    ],
)
def test_what_nobody_knows_is_urgent_only_if_an_answer_to_it_alone_could_be(
    answers: dict[str, Answer], urgent: list[str]
) -> None:
    found = unsure_items(judged(**answers), Tier.URGENT)
    assert [each.link_id for each in found] == urgent


@pytest.mark.parametrize(
    ("answers", "named"),
    [
        (NO_IMAGING | {"serious_accident": YES}, ["serious_accident"]),
        (
            {"imaging_result": Answer(value="not_done"), "serious_accident": YES},
            ["serious_accident"],
        ),
        ({"serious_accident": YES}, []),
        ({"cancer_history": YES, "cause": NOT_SURE}, ["cancer_history"]),
        ({"cancer_history": NOT_SURE, "cause": Answer(value="other")}, []),
        ({"cancer_history": NOT_SURE, "cause": NOT_SURE}, []),
        (NO_IMAGING | {"serious_accident": NOT_SURE}, []),
        ({"imaging_kind": NOT_SURE}, []),
        (NO_IMAGING | {"serious_accident": YES, "leg_weakness": YES}, ["leg_weakness"]),
    ],
)
def test_what_was_said_is_a_reason_also_while_another_answer_is_missing(
    answers: dict[str, Answer], named: list[str]
) -> None:
    found = judged(**answers)
    reasons = [each.id for each in advice_criteria(found) if each.id != "xray_only"]
    assert reasons == named
    if named:
        tier = RULES.criterion(named[0]).tier
        outcome = next(each for each in RULES.outcomes if each.tier is tier)
        assert words_of_advice(found) == (outcome.say.patient,)


def test_the_nurse_reads_why_a_missing_answer_can_be_urgent() -> None:
    def effects(**answers: Answer) -> dict[str, str]:
        found = judged(**NO_IMAGING, **answers)
        needs = words_of_needs(found, find_needs(found))
        return {need.item.link_id: need.effect for need in needs}

    urgent = EFFECT_WORDS[Tier.URGENT]
    said = effects(serious_accident=YES)["imaging_result"]
    assert said == f"{urgent}, because “Major trauma” was answered “yes”"
    assert effects()["imaging_result"] == urgent
    several = effects(serious_accident=YES, age=NOT_SURE, weight_loss=NOT_SURE)
    assert next(iter(several)) == "imaging_result"
    assert several["weight_loss"] == urgent


@pytest.mark.parametrize("link_id", sorted(RULES.items_of(Tier.EMERGENCY)))
@pytest.mark.parametrize("others", [{}, NO_IMAGING, {"fever_chills": YES}], ids=str)
def test_an_emergency_sign_that_nobody_knows_is_always_listed(
    link_id: str, others: dict[str, Answer]
) -> None:
    found = unsure_items(judged(**{link_id: NOT_SURE}, **others), Tier.EMERGENCY)
    assert [each.link_id for each in found] == [link_id]
    assert not RULES.items[link_id].can_wait


def test_no_word_of_a_source_weakens_a_warning_sign() -> None:
    assert strength_words(RULES.criterion("leg_weakness")) == ""
    assert strength_words(RULES.criterion("fever_chills")) == ""
    assert strength_words(RULES.criterion("scoliosis")) == "strength in the source: usually"


def test_no_screening_lies_before_the_earliest_day() -> None:
    assert assess(RULES, {}, EARLIEST_DAY).decided is None
    with pytest.raises(EarlyDayError, match="1900-01-01"):
        assess(RULES, {}, EARLIEST_DAY - dt.timedelta(1))


def test_a_sign_that_nobody_asked_about_is_not_in_doubt() -> None:
    assert RULES.open_outcome
    found = judged(deficit_found=NOT_SURE)
    assert words_of_advice(found) == (RULES.open_outcome.say.patient,)
    neutral = (RULES.open_outcome.say.patient, IN_DOUBT)
    assert words_of_advice(found, frozenset({"deficit_found"})) == neutral
