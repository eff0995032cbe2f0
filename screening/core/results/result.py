"""The criteria that an outcome rests on, and what of a ruleset an assessment touches."""

from screening.core.results.assess import Assessment
from screening.core.results.findings import CriterionFinding
from screening.core.rules.finding import evaluate
from screening.core.rules.ruleset import Disagreement, DoctorQuestion, Trigger
from screening.core.values.truth import Truth


def deciding_criteria(assessment: Assessment) -> tuple[CriterionFinding, ...]:
    """The criteria that make the outcome what it is; while it is open, those that keep it open.

    For an outcome that nothing triggers (`otherwise`) these are the requirements and descriptions,
    which all hold.
    """
    outcome = assessment.decided
    if outcome is None:
        return _keeping_open(assessment)
    found = assessment.findings
    if outcome.trigger is Trigger.OTHERWISE:
        return tuple(f for f in found if f.criterion.tier.raises_flag_when is Truth.FALSE)
    return tuple(f for f in found if f.criterion.tier is outcome.looks_at and f.raises_flag)


def doctor_questions(assessment: Assessment) -> tuple[DoctorQuestion, ...]:
    """The questions for the doctor whose condition holds."""
    return tuple(
        question
        for question in assessment.ruleset.doctor_questions
        if evaluate(question.condition, assessment.answers, assessment.as_of).truth is Truth.TRUE
    )


def disagreements_touched(assessment: Assessment) -> tuple[Disagreement, ...]:
    """The topics on which sources differ and that bear on a reason which is shown.

    A reason is a criterion that raises a flag, or that an outcome rests on which is decided.
    """
    reasons = {found.criterion.id for found in assessment.findings if found.raises_flag}
    if assessment.decided is not None:
        reasons |= {found.criterion.id for found in deciding_criteria(assessment)}
    return tuple(d for d in assessment.ruleset.disagreements if not d.touches.isdisjoint(reasons))


def _keeping_open(assessment: Assessment) -> tuple[CriterionFinding, ...]:
    """The undecided criteria whose tier triggers one of the possible outcomes.

    Where a criterion of the tier speaks already, the others of it decide nothing any more.
    """
    tiers = {
        outcome.looks_at
        for outcome in assessment.ruleset.outcomes
        if outcome.id in assessment.possible
    }
    tiers -= {found.criterion.tier for found in assessment.findings if found.raises_flag}
    return tuple(
        found
        for found in assessment.findings
        if found.truth is Truth.UNKNOWN and found.criterion.tier in tiers
    )
