"""Each numbered point of the collected criteria, as the shipped rules behave."""

import datetime as dt

import pytest
from support.rulesets.shipped import flags, judged, outcome, ruleset

from screening.core.results.result import disagreements_touched, doctor_questions
from screening.core.rules.finding import evaluate
from screening.core.rules.ruleset import Strength, Tier
from screening.core.values.answer import Value
from screening.core.values.span import month_of, year_of
from screening.core.values.truth import Truth


def test_1_imaging_must_show_the_fracture() -> None:
    assert outcome(imaging_result="not_done") == "differs"
    assert "imaging_confirms" in flags(imaging_result="not_done")
    assert outcome(imaging_result=None) == "more_information"
    kinds = ruleset().items["imaging_kind"].choices
    assert set(kinds) == {"xray", "ct", "mri", "bone_scan"}
    assert "imaging_date" in ruleset().items


def test_2_the_pain_must_come_from_the_fracture() -> None:
    assert outcome(pain_from_fracture=False) == "requirement_unmet"
    assert ruleset().criterion("pain_from_fracture").strength is Strength.MUST


@pytest.mark.parametrize("severity", ["mild", "moderate"])
def test_3_the_pain_is_severe(severity: str) -> None:
    assert outcome(pain_severity=severity) == "differs"
    assert ruleset().criterion("severe_pain").strength is Strength.GOOD_CANDIDATES


def test_3_function_is_limited_and_progressive_pain_is_only_noted() -> None:
    assert outcome(function_limited=False) == "differs"
    assert flags(pain_course="worse") == {"pain_progressive"}
    assert outcome(pain_course="worse") == "met"
    assert ruleset().criterion("pain_progressive").tier is Tier.INFO


MEASURES = ("care_bracing", "care_medicines", "care_other")


@pytest.mark.parametrize("measure", MEASURES)
def test_4_a_measure_that_helps_means_that_care_has_not_failed(measure: str) -> None:
    failed: dict[str, Value | None] = dict.fromkeys(MEASURES, "failed")
    assert outcome(**failed) == "met"
    assert outcome(**(failed | {measure: "helping"})) == "differs"
    assert set(ruleset().items[measure].choices) == {
        "failed",
        "somewhat",
        "helping",
        "not_tried",
        "not_possible",
    }


@pytest.mark.parametrize("answer", ["not_tried", "not_possible"])
def test_4_failed_care_without_bracing_is_met_with_a_caution(answer: str) -> None:
    assert outcome(care_bracing=answer) == "met_with_cautions"
    assert flags(care_bracing=answer) == {"care_not_both"}


def test_4_care_that_was_never_tried_has_not_failed() -> None:
    never: dict[str, Value | None] = dict.fromkeys(MEASURES, "not_tried")
    assert outcome(**never) == "differs"


@pytest.mark.parametrize(
    ("diagnosed", "expected"),
    [("2026-09-20", "met"), ("2026-09-19", "differs"), ("2026-11-20", "met")],
)
def test_5_two_calendar_months_count_from_the_diagnosis(diagnosed: str, expected: str) -> None:
    assert outcome(diagnosis_date=dt.date.fromisoformat(diagnosed)) == expected


def test_5_the_day_is_clamped_to_the_end_of_the_month() -> None:
    test = ruleset().criterion("recent_fracture").condition
    for as_of, truth in ((dt.date(2026, 2, 28), Truth.TRUE), (dt.date(2026, 3, 1), Truth.FALSE)):
        answers = judged(diagnosis_date=dt.date(2025, 12, 31)).answers
        assert evaluate(test, answers, as_of).truth is truth


@pytest.mark.parametrize(
    ("healing", "expected"),
    [
        (None, "more_information"),
        ("healed", "differs"),
        ("unhealed", "met_with_cautions"),
    ],
)
def test_5_an_old_fracture_is_not_recent_however_late_it_was_found(
    healing: str | None, expected: str
) -> None:
    for onset in (dt.date(2020, 1, 1), year_of(1996), dt.date(2026, 9, 19)):
        assert outcome(onset_date=onset, fracture_healing=healing) == expected


def test_5_an_onset_that_nobody_knows_leaves_the_age_of_the_fracture_open() -> None:
    assert outcome(onset_date=None) == "more_information"


def test_5_a_recent_onset_settles_the_diagnosis_too() -> None:
    assert outcome(diagnosis_date=None) == "met"
    assert outcome(diagnosis_date=None, imaging_date=None, onset_date=month_of(2026, 10)) == "met"
    assert ruleset().criterion("recent_fracture").strength is Strength.MORE_LIKELY


@pytest.mark.parametrize(
    ("cause", "expected"),
    [
        ("osteoporosis", set()),
        ("cancer_spread", {"tumour_cause"}),
        ("myeloma", {"tumour_cause"}),
        ("haemangioma", {"tumour_cause"}),
        ("injury", {"injury_cause"}),
        ("other", {"treated_cause", "cause_left_open"}),
    ],
)
def test_6_11_and_12_the_cause_is_one_that_is_treated_some_with_a_caution(
    cause: str, expected: set[str]
) -> None:
    assert flags(cause=cause) == expected
    known = {"other": "differs", "osteoporosis": "met"}
    assert outcome(cause=cause) == known.get(cause, "met_with_cautions")


def test_6_a_cause_that_one_document_leaves_open_is_shown_with_both_halves_of_its_sentence() -> (
    None
):
    result = judged(cause="other")
    assert not result.favourable
    assert flags(cause="other") == {"treated_cause", "cause_left_open"}
    halves = {
        "Some patients with other vertebral conditions are candidates",
        "not all people with vertebral fractures qualify",
    }
    assert {each.quote for each in ruleset().criterion("cause_left_open").citations} == halves
    assert "other_cause" in {each.id for each in doctor_questions(result)}


@pytest.mark.parametrize("disease", ["disc_herniation", "arthritis", "stenosis"])
def test_7_only_another_source_of_the_pain_is_a_reason_against(disease: str) -> None:
    name = disease.removesuffix("_herniation")
    source = with_answers({disease: True, f"{name}_pain": True})
    assert source == ("reason_against", {f"{name}_is_source"})
    assert ruleset().criterion(f"{name}_is_source").strength is Strength.MUST


@pytest.mark.parametrize(
    ("disease", "expected"),
    [
        ("disc_herniation", ("met_with_cautions", {"disc_present"})),
        ("arthritis", ("met_with_cautions", {"arthritis_present"})),
        ("stenosis", ("met", set[str]())),
    ],
)
def test_7_presence_alone_excludes_nobody(disease: str, expected: tuple[str, set[str]]) -> None:
    pain = f"{disease.removesuffix('_herniation')}_pain"
    assert with_answers({disease: True, pain: False}) == expected
    assert with_answers({disease: True})[0] == "more_information"


@pytest.mark.parametrize("disease", ["disc_herniation", "arthritis", "stenosis"])
def test_7_the_second_question_is_put_only_where_the_disease_is_present(disease: str) -> None:
    pain = f"{disease.removesuffix('_herniation')}_pain"
    assert with_answers({disease: False, pain: True}) == ("contradiction", set())


def with_answers(answers: dict[str, Value | None]) -> tuple[str, set[str]]:
    """The outcome and flags of the favourable case with these answers, given or added."""
    return outcome(**answers), flags(**answers)


def test_8_scoliosis_is_a_reason_against_of_the_strength_usually() -> None:
    assert outcome(scoliosis=True) == "reason_against"
    assert ruleset().criterion("scoliosis").strength is Strength.USUALLY


def test_9_a_level_without_a_fracture_is_prevention_and_a_reason_against() -> None:
    assert outcome(fracture_at_level=False) == "reason_against"
    assert outcome(imaging_result="shows_none") == "reason_against"
    assert outcome(fracture_at_level=None) == "more_information"


BROKEN_LIMIT = ("severe_lung_disease", "severe_lung_disease.limit")


@pytest.mark.parametrize(
    ("levels", "expected", "flagged"),
    [
        (1, "met_with_cautions", {"severe_lung_disease"}),
        (2, "met_with_cautions", {"several_levels", "severe_lung_disease", "lung_two_levels"}),
        *((n, "reason_against", {"several_levels", *BROKEN_LIMIT}) for n in (3, 24)),
        (None, "more_information", {"severe_lung_disease"}),
    ],
)
def test_10_severe_lung_disease_limits_the_number_of_levels(
    levels: int | None, expected: str, flagged: set[str]
) -> None:
    severe: dict[str, Value | None] = {"lung_disease": True, "lung_grade": "severe"}
    assert with_answers({**severe, "levels": levels}) == (expected, flagged)


@pytest.mark.parametrize("lungs", [{}, {"lung_disease": True, "lung_grade": "mild_or_moderate"}])
def test_10_the_limit_is_for_severe_lung_disease_alone(lungs: dict[str, Value | None]) -> None:
    assert with_answers({**lungs, "levels": 24}) == ("met_with_cautions", {"several_levels"})


@pytest.mark.parametrize(("levels", "expected"), [(1, False), (2, True), (3, True), (24, True)])
def test_10_several_levels_are_a_caution_for_everybody(levels: int, *, expected: bool) -> None:
    assert ("several_levels" in flags(levels=levels)) is expected
    assert outcome(levels=levels) == ("met_with_cautions" if expected else "met")
    quotes = [each.quote for each in ruleset().criterion("several_levels").citations]
    assert quotes == ["deaths associated with multilevel vertebroplasty and kyphoplasty"]


@pytest.mark.parametrize("levels", [1, 2, 3])
def test_10_lung_disease_of_which_nobody_knows_the_grade_stays_unknown(levels: int) -> None:
    result = judged(lung_disease=True, levels=levels)
    assert result.finding("severe_lung_disease").truth is Truth.UNKNOWN
    assert "lung_grade" in result.needs
    assert "lungs" in {each.id for each in doctor_questions(result)}
    assert ("reason_against" in result.possible) is (levels > 2)


@pytest.mark.parametrize("link_id", ["bone_density_scan", "bone_medicines"])
def test_13_osteoporosis_calls_for_preparation_and_nothing_more(link_id: str) -> None:
    assert flags(**{link_id: False}) == {f"no_{link_id}"}
    assert outcome(**{link_id: False}) == outcome(**{link_id: None}) == "met"
    set_aside = judged(cause="injury", **{link_id: False}).set_aside
    assert link_id in set_aside


@pytest.mark.parametrize(
    ("link_id", "value", "criterion_id"),
    [
        ("can_lie_prone", False, "cannot_lie_prone"),
        ("bleeding_tendency", True, "bleeding_tendency"),
        ("blood_thinners", True, "blood_thinners"),
    ],
)
def test_14_and_16_position_and_bleeding_are_cautions(
    link_id: str, value: Value, criterion_id: str
) -> None:
    assert with_answers({link_id: value}) == ("met_with_cautions", {criterion_id})
    assert outcome(**{link_id: None}) == "more_information"


@pytest.mark.parametrize("link_id", ["allergy_cement", "allergy_contrast"])
def test_15_an_allergy_is_a_caution_of_the_documents_and_urgent_for_the_gate(link_id: str) -> None:
    assert with_answers({link_id: True}) == ("clinician_first", {link_id, "material_allergy"})
    assert ruleset().criterion(link_id).tier is Tier.CAUTION
    assert outcome(**{link_id: None}) == "more_information"


def test_15_a_caution_of_the_documents_claims_no_more_than_it_cites() -> None:
    for name in ("allergy_cement", "allergy_contrast"):
        assert "contraindication" not in ruleset().criterion(name).say.nurse
    assert "absolute contraindication" in ruleset().criterion("material_allergy").say.nurse


def test_16_the_rules_say_that_the_document_does_not_name_blood_thinners() -> None:
    assert "not name" in ruleset().criterion("blood_thinners").say.nurse
    assert "not of these medicines" in ruleset().criterion("blood_thinners").say.patient


@pytest.mark.parametrize("answer", [True, False, None])
def test_17_posture_is_a_question_for_the_doctor_and_never_a_criterion(answer: Value) -> None:
    result = judged(hunched_posture=answer)
    assert result.outcome
    assert result.outcome.id == "met"
    assert result.flags == ()
    assert list(ruleset().readers("hunched_posture")) == []
    shown = {question.id for question in doctor_questions(result)}
    assert ("posture" in shown) is (answer is True)


ALWAYS_ASKED = (
    *("evidence", "decide_together", "which_procedure", "how_many_levels", "operator_experience"),
    *("anaesthesia", "leak_and_embolism", "new_fractures", "bone_health", "aftercare"),
)


@pytest.mark.parametrize("question", ALWAYS_ASKED)
def test_a_question_that_everyone_may_ask_is_shown_whatever_the_answers(question: str) -> None:
    for result in (judged(), judged(leg_weakness=True), judged(scoliosis=True)):
        assert question in {each.id for each in doctor_questions(result)}


@pytest.mark.parametrize(
    "sign",
    [
        *("leg_weakness", "saddle_numbness", "bladder_bowel", "gait_change", "both_legs_weak"),
        "deficit_found",
    ],
)
def test_an_emergency_sign_comes_before_everything_else(sign: str) -> None:
    worst: dict[str, Value | None] = {sign: True, "fever_chills": True, "scoliosis": True}
    assert outcome(**worst) == "emergency"
    assert outcome(**(worst | {sign: None})) == "more_information"


@pytest.mark.parametrize(
    ("link_id", "value"),
    [
        *((sign, True) for sign in ("fever_chills", "recent_infection", "iv_drug_use")),
        *((sign, True) for sign in ("weak_immunity", "weight_loss", "night_pain")),
        *((sign, True) for sign in ("active_infection", "pregnancy", "clotting_problem")),
        *((sign, True) for sign in ("spine_unstable", "cord_compression", "canal_fragment")),
        *((allergy, True) for allergy in ("allergy_cement", "allergy_contrast")),
        ("imaging_kind", frozenset({"xray"})),
        ("cancer_history", True),
        ("age", 19),
    ],
)
def test_an_urgent_finding_calls_for_a_clinician_before_the_documents_are_asked(
    link_id: str, value: Value
) -> None:
    assert outcome(**{link_id: value}) == "clinician_first"
    assert outcome(**{link_id: value, "scoliosis": True}) == "clinician_first"


def test_improving_pain_has_no_favourable_outcome() -> None:
    assert outcome(pain_course="better") == "differs"


def test_how_great_the_risk_is_said_to_be_is_the_seventeenth_disagreement() -> None:
    assert len(ruleset().disagreements) == 17
    (risk,) = (each for each in ruleset().disagreements if each.id == "risk")
    assert risk in disagreements_touched(judged(blood_thinners=True))
    assert risk not in disagreements_touched(judged()), "no reason of a plain result is about it"
    assert "several_levels" in risk.touches


@pytest.mark.parametrize(
    ("question", "claims"),
    [
        (
            "aftercare",
            {
                ("bapd", "you should be feeling better within 48 hours"),
                ("colorado", "provide pain relief usually within 48 hours"),
            },
        ),
        (
            "preparation",
            {
                ("bapd", "they can be done without a hospital stay"),
                ("colorado", "some people must stay overnight for observation"),
                ("practice", "outpatients or inpatients under conscious sedation"),
                ("bapd", "pain and anti-nausea medications, as well as antibiotics"),
                ("practice", "IV antibiotics just prior to the procedure"),
            },
        ),
    ],
)
def test_relief_stay_and_antibiotics_are_shown_as_what_each_source_claims(
    question: str, claims: set[tuple[str, str]]
) -> None:
    (asked,) = (each for each in ruleset().doctor_questions if each.id == question)
    assert {(each.source, each.quote) for each in asked.citations} >= claims
