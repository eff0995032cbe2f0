"""The questions on a patient's sheet: those that the answers call for, in their order."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from screening.core.results.assess import Assessment
from screening.core.rules.condition import items_in
from screening.core.rules.finding import evaluate
from screening.core.rules.ruleset import DoctorQuestion, Matter
from screening.core.values.truth import Truth

_LAST = 10**9


@dataclass(frozen=True, slots=True, kw_only=True)
class SheetQuestion:
    """A question for the doctor; ``missing`` are the unknown answers that raise it, if any do."""

    question: DoctorQuestion
    missing: frozenset[str] = frozenset()

    @property
    def text(self) -> str:
        """The patient's words."""
        return self.question.if_unknown if self.missing else self.question.say.patient

    @property
    def rank(self) -> int:
        """Its place by the rules."""
        return self.question.first or _LAST

    @property
    def is_general(self) -> bool:
        """True if everybody asks it, whatever the answers."""
        return not items_in(self.question.condition)


def sheet_questions(
    assessment: Assessment, matters: Sequence[Matter] = ()
) -> tuple[SheetQuestion, ...]:
    """The questions that hold, and those that an unknown answer raises, the first ones first.

    The first is the one of the best rank that the answers call for. Then comes one for each thing
    that matters most to the person, then all others by their rank.
    """
    left = sorted(_raised(assessment), key=lambda each: each.rank)
    specific = [each for each in left if not each.is_general][:1]
    ordered = _without(left, specific)
    chosen = [*specific]
    for matter in matters:
        found = [each for each in ordered if matter in each.question.matters][:1]
        chosen += found
        ordered = _without(ordered, found)
    return (*chosen, *ordered)


def _raised(assessment: Assessment) -> Iterable[SheetQuestion]:
    for question in assessment.ruleset.doctor_questions:
        found = evaluate(question.condition, assessment.answers, assessment.as_of)
        if found.truth is Truth.TRUE:
            yield SheetQuestion(question=question)
            continue
        read = items_in(question.condition)  # not what only decides if these are asked
        missing = read & found.needs & assessment.answers.keys()  # what was not put raises nothing
        if found.truth is Truth.UNKNOWN and question.if_unknown and missing:
            yield SheetQuestion(question=question, missing=frozenset(missing))


def _without(
    questions: Iterable[SheetQuestion], gone: Sequence[SheetQuestion]
) -> list[SheetQuestion]:
    return [each for each in questions if each not in gone]
