"""The way to one outcome: the diagram of its rules with the finding at each step."""

from dataclasses import dataclass
from enum import Enum

from screening.core.results.assess import Assessment
from screening.core.rules.ruleset import Outcome, Trigger
from screening.core.values.truth import Truth
from screening.translation import Phrases, gettext, mark, mark_plural, ngettext
from screening.web.rules.outcome_diagram import DiagramStep, OutcomeDiagram, draw_outcomes


class StepFate(Enum):
    """The fate of an outcome's step."""

    REACHED = "reached"
    PASSED = "passed"  # it does not apply, and the next one is looked at
    OPEN = "open"  # missing answers leave it possible
    BEYOND = "beyond"  # an outcome before it was reached


FATE_WORDS = Phrases(
    {
        StepFate.REACHED: "Yes: this is the outcome.",
        StepFate.PASSED: "No.",
        StepFate.OPEN: "Not known: this outcome is still possible.",
        StepFate.BEYOND: "Not looked at any more.",
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A step of the diagram with the finding at it."""

    drawn: DiagramStep
    fate: StepFate
    found: str

    @property
    def words(self) -> str:
        """The fate in words."""
        return FATE_WORDS[self.fate]


@dataclass(frozen=True, slots=True, kw_only=True)
class OutcomePath:
    """The whole path, drawn and in words."""

    diagram: OutcomeDiagram
    steps: tuple[Step, ...]
    end: str


def outcome_path(assessment: Assessment) -> OutcomePath:
    """Show how an assessment came to its outcome."""
    diagram = draw_outcomes(assessment.ruleset)
    reached = [drawn.outcome.id in assessment.possible for drawn in diagram.steps]
    first = reached.index(True) if True in reached else len(reached)
    steps = tuple(
        Step(
            drawn=drawn,
            fate=_fate(assessment, drawn.outcome, before=place < first),
            found=_criteria_count(assessment, drawn.outcome),
        )
        for place, drawn in enumerate(diagram.steps)
    )
    outcome = assessment.outcome
    return OutcomePath(
        diagram=diagram, steps=steps, end=outcome.name if outcome else gettext("no outcome yet")
    )


def _fate(assessment: Assessment, outcome: Outcome, *, before: bool) -> StepFate:
    if assessment.decided is outcome:
        return StepFate.REACHED
    if outcome.id in assessment.possible:
        return StepFate.OPEN
    return StepFate.PASSED if before or assessment.decided is None else StepFate.BEYOND


def _criteria_count(assessment: Assessment, outcome: Outcome) -> str:
    """The number of the step's criteria that speak for its outcome, in words."""
    if outcome.trigger is Trigger.OTHERWISE:
        return gettext("It applies if no other step does")
    tier = outcome.looks_at
    listed = [each for each in assessment.findings if each.criterion.tier is tier]
    speaking = sum(each.raises_flag for each in listed)
    unknown = sum(each.truth is Truth.UNKNOWN for each in listed)
    unmet = tier is not None and tier.raises_flag_when is Truth.FALSE
    said = _counted(speaking, len(listed), unmet=unmet)
    if not unknown:
        return said
    return gettext("{found}, {count} not known", found=said, count=unknown)


def _counted(count: int, of: int, *, unmet: bool) -> str:
    if not count:
        return gettext(_NONE_UNMET if unmet else _NONE_MET, of=of)
    one, many = _UNMET if unmet else _MET
    return ngettext(one, many, count, of=of)


_NONE_UNMET, _NONE_MET = mark("None of {of} is not met"), mark("None of {of} is met")
_UNMET = mark_plural("{count} of {of} is not met", "{count} of {of} are not met")
_MET = mark_plural("{count} of {of} is met", "{count} of {of} are met")
