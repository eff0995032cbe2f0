"""Every row of the red-flag table that the gate cites is asked, or the source says why not."""

import pytest
from support.rulesets.shipped import flags, judged, outcome, ruleset

from screening.core.rules.ruleset import Tier
from screening.core.values.answer import Value
from screening.core.values.truth import Truth

ASKED = {
    "Major trauma, such as vehicle accident or fall from height": "serious_accident",
    "Age over 50 or under 20": "under_20",
    "History of cancer": "cancer_history",
    "Constitutional symptoms, such as recent fever or chills": "fever_chills",
    "unexplained weight loss": "weight_loss",
    "recent bacterial infection (e.g., urinary tract infection)": "recent_infection",
    "IV drug abuse": "iv_drug_use",
    "immune suppression (from steroids, transplant, or HIV)": "weak_immunity",
    "Pain that worsens when supine; severe nighttime pain": "night_pain",
    "Saddle anesthesia": "saddle_numbness",
    "Recent onset of bladder dysfunction, such as urinary retention": "bladder_bowel",
    "overflow incontinence": "bladder_bowel",
    "Severe or progressive neurologic deficit in the lower extremity": "deficit_found",
    "Unexpected laxity of the anal sphincter": "deficit_found",
    "Perianal/perineal sensory loss": "deficit_found",
    "Major motor weakness: quadriceps (knee extension weakness)": "deficit_found",
    "ankle plantar flexors, evertors, and dorsiflexors (foot drop)": "deficit_found",
}
LEFT_OUT = ("age over 50", "minor trauma", "chest pain")


@pytest.mark.parametrize(("row", "criterion_id"), ASKED.items())
def test_each_row_of_the_table_is_cited_by_a_warning_sign(row: str, criterion_id: str) -> None:
    criterion = ruleset().criterion(criterion_id)
    assert criterion.tier in {Tier.EMERGENCY, Tier.URGENT}
    assert ("ahcpr", row) in {(each.source, each.quote) for each in criterion.citations}


@pytest.mark.parametrize("words", LEFT_OUT)
def test_what_is_left_out_is_said_with_the_source(words: str) -> None:
    note = ruleset().sources["ahcpr"].note
    assert note
    assert words in note


def test_a_history_of_cancer_comes_first_unless_cancer_is_the_confirmed_cause() -> None:
    assert outcome(cancer_history=True) == "clinician_first"
    for cause in ("cancer_spread", "myeloma"):
        assert "cancer_history" not in flags(cancer_history=True, cause=cause)
    for cause in ("haemangioma", "injury", "other"):
        assert outcome(cancer_history=True, cause=cause) == "clinician_first"


@pytest.mark.parametrize(
    "changes", [{"cancer_history": None}, {"cancer_history": True, "cause": None}]
)
def test_a_history_of_cancer_that_is_not_settled_stays_open(changes: dict[str, Value]) -> None:
    result = judged(**changes)
    assert result.finding("cancer_history").truth is Truth.UNKNOWN
    assert not result.favourable
    assert "clinician_first" in result.possible


@pytest.mark.parametrize(
    ("age", "expected"), [(19, "clinician_first"), (20, "met"), (17, "clinician_first")]
)
def test_an_age_under_20_comes_first(age: int, expected: str) -> None:
    assert outcome(age=age) == expected


def test_a_deficit_found_on_examination_is_an_emergency_and_unknown_keeps_it_possible() -> None:
    assert outcome(deficit_found=True, scoliosis=True) == "emergency"
    assert "emergency" in judged(deficit_found=None).possible


@pytest.mark.parametrize("shown", ["shows_none", "not_done", None])
def test_a_serious_accident_comes_first_until_imaging_shows_a_fracture(shown: Value) -> None:
    result = judged(serious_accident=True, imaging_result=shown)
    assert "clinician_first" in result.possible
    assert not result.favourable
    assert "serious_accident" not in flags(serious_accident=True)


def test_imaging_suspicious_of_infection_counts_as_infection() -> None:
    asked = ruleset().items["active_infection"].ask
    assert "suspect" in asked.nurse
    assert "our choice" in ruleset().criterion("active_infection").say.nurse
    assert "chest_pain" in ruleset().silent_on
