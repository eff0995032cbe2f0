"""A lesion without a fracture: two documents treat it, and none lets it come out favourable."""

import re

import pytest
from support.rulesets.shipped import flags, judged, outcome, ruleset, wordings

from screening.core.results.result import doctor_questions
from screening.core.rules.ruleset import Strength
from screening.core.values.answer import Value
from screening.core.values.truth import Truth
from screening.words.nurse.criteria import strength_words

TUMOURS = ("cancer_spread", "myeloma", "haemangioma")
FAVOURABLE = {"met", "met_with_cautions"}


def lesion(**changes: Value | None) -> dict[str, Value | None]:
    """A lesion in a patient of whom all else is as the documents describe."""
    return {"imaging_result": "lesion", "cause": "cancer_spread", **changes}


@pytest.mark.parametrize("cause", TUMOURS)
def test_a_lesion_without_a_fracture_is_never_favourable(cause: str) -> None:
    result = judged(**lesion(cause=cause))
    assert not FAVOURABLE & set(result.possible)
    assert result.finding("imaging_confirms").truth is Truth.FALSE
    assert result.finding("prevention").truth is Truth.FALSE


def test_a_lesion_shown_by_x_ray_alone_goes_to_a_clinician_first() -> None:
    assert outcome(**lesion(imaging_kind=frozenset({"xray"}))) == "clinician_first"
    assert "xray_only" not in flags(**lesion(imaging_kind=frozenset({"mri"})))
    assert judged(**lesion(imaging_kind=None)).finding("xray_only").truth is Truth.UNKNOWN


@pytest.mark.parametrize("place", [{"fracture_at_level": False}, {"imaging_result": "shows_none"}])
def test_prevention_is_a_level_without_a_fracture_and_no_tumour(place: dict[str, Value]) -> None:
    assert "prevention" in flags(**place)
    for cause in TUMOURS:
        result = judged(**place, cause=cause)
        assert result.finding("prevention").truth is Truth.FALSE
        assert not FAVOURABLE & set(result.possible)
    assert judged(**place, cause=None).finding("prevention").truth is Truth.UNKNOWN


def test_a_lesion_of_which_no_tumour_is_the_cause_is_prevention() -> None:
    assert outcome(**lesion(cause="osteoporosis")) == "reason_against"


def test_prevention_has_the_flat_strength_of_its_source() -> None:
    assert ruleset().criterion("prevention").strength is Strength.NOT_USED
    assert (
        strength_words(ruleset().criterion("prevention")) == "strength in the source: are not used"
    )


def test_nothing_says_that_the_documents_treat_fractures_only() -> None:
    said = [(name, words.nurse) for name, words in wordings() if words]
    assert [each for each in said if re.search(r"that fracture only", each[1])] == []
    unmet = ruleset().criterion("imaging_confirms").unmet
    assert unmet
    assert "two also name tumours without asking for one" in unmet.nurse


def test_a_lesion_puts_a_question_for_the_doctor() -> None:
    shown = {each.id for each in doctor_questions(judged(**lesion()))}
    assert "lesion" in shown
    assert "scan_needed" not in shown
