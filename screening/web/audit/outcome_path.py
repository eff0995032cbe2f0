"""The way to one outcome, drawn: the ladder of its rules with what was found at each step."""

from dataclasses import dataclass
from enum import Enum

from screening.core.assess import Assessment
from screening.core.ruleset import Outcome, Trigger
from screening.core.truth import Truth
from screening.translation import Phrases, gettext, mark, mark_plural, ngettext
from screening.web.rules.outcome_diagram import Ladder, Rung, ladder


class Way(Enum):
    """The fate of an outcome's step."""

    REACHED = "reached"
    PASSED = "passed"  # it does not apply, and the next one is looked at
    OPEN = "open"  # missing answers leave it possible
    BEYOND = "beyond"  # an outcome before it was reached


WAY_WORDS = Phrases(
    {
        Way.REACHED: "Yes: this is the outcome.",
        Way.PASSED: "No.",
        Way.OPEN: "Not known: this outcome is still possible.",
        Way.BEYOND: "Not looked at any more.",
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A step of the ladder with what was found at it."""

    rung: Rung
    way: Way
    found: str

    @property
    def words(self) -> str:
        """The fate in words."""
        return WAY_WORDS[self.way]


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """The whole picture, of which the words are the equivalent."""

    ladder: Ladder
    steps: tuple[Step, ...]
    end: str


def picture(assessment: Assessment) -> Picture:
    """The picture of how an assessment came to its outcome."""
    drawn = ladder(assessment.ruleset)
    reached = [rung.outcome.id in assessment.possible for rung in drawn.rungs]
    first = reached.index(True) if True in reached else len(reached)
    steps = tuple(
        Step(
            rung=rung,
            way=_way(assessment, rung.outcome, before=place < first),
            found=_found(assessment, rung.outcome),
        )
        for place, rung in enumerate(drawn.rungs)
    )
    outcome = assessment.outcome
    return Picture(
        ladder=drawn, steps=steps, end=outcome.name if outcome else gettext("no outcome yet")
    )


def _way(assessment: Assessment, outcome: Outcome, *, before: bool) -> Way:
    if assessment.decided is outcome:
        return Way.REACHED
    if outcome.id in assessment.possible:
        return Way.OPEN
    return Way.PASSED if before or assessment.decided is None else Way.BEYOND


def _found(assessment: Assessment, outcome: Outcome) -> str:
    """The number of the step's criteria that speak for its outcome, in words."""
    if outcome.trigger is Trigger.OTHERWISE:
        return gettext("It applies if no other step does")
    tier = outcome.looks_at
    listed = [each for each in assessment.findings if each.criterion.tier is tier]
    speaking = sum(each.speaks for each in listed)
    unknown = sum(each.truth is Truth.UNKNOWN for each in listed)
    unmet = tier is not None and tier.speaks_when is Truth.FALSE
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
