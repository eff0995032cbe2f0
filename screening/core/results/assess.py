"""Assessments: one person's answers judged by one ruleset on one day."""

import datetime as dt
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from enum import Enum
from functools import cached_property, partial

from screening.core.compiled.program import TRUTHS
from screening.core.compiled.straight import Trace
from screening.core.results.evaluation import evaluator_of, judge_of
from screening.core.results.findings import CriterionFinding, findings_of
from screening.core.rules.consistency import Contradiction, narrow, resolve
from screening.core.rules.finding import NO_BOUNDS, Answers, Bounds, evaluate
from screening.core.rules.item import Item
from screening.core.rules.ruleset import Criterion, Outcome, Ruleset, Tier
from screening.core.values.answer import EARLIEST_DAY
from screening.core.values.truth import Truth
from screening.core.values.wording import Wording
from screening.errors import EarlyDayError, EvaluationError, NoOutcomesError


class Severity(Enum):
    """The urgency of a flag."""

    CRITICAL = "critical"
    WARNING = "warning"
    INFO = "info"


_SEVERITY = {
    Tier.EMERGENCY: Severity.CRITICAL,
    Tier.URGENT: Severity.CRITICAL,
    Tier.EXCLUSION: Severity.CRITICAL,
    Tier.REQUIRED: Severity.WARNING,
    Tier.DESCRIBED: Severity.WARNING,
    Tier.CAUTION: Severity.WARNING,
    Tier.INFO: Severity.INFO,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Flag:
    """Something to look at, with the criterion that raised it."""

    criterion: Criterion
    severity: Severity
    text: Wording


@dataclass(frozen=True, kw_only=True)
class Assessment:
    """The result of a screening, with its whole trace.

    ``possible`` holds the ids of the outcomes that the unknown answers leave open, in order of
    priority. ``needs`` are the items that are not answered, or not to the day, and could still
    decide a criterion; ``set_aside`` are answers to questions that the other answers no longer call
    for. Both are in the order of the questionnaire.

    ``contradictions`` name answers that cannot all be true. They count as unknown, and nothing is
    favourable. ``find`` makes the findings when they are first asked for.
    """

    ruleset: Ruleset
    as_of: dt.date
    answers: Answers
    find: "Callable[[Assessment], tuple[CriterionFinding, ...]]" = field(repr=False, compare=False)
    possible: tuple[str, ...]
    flags: tuple[Flag, ...]
    needs: tuple[str, ...]
    set_aside: tuple[str, ...]
    birth_year: int | None = None
    contradictions: tuple[Contradiction, ...] = ()

    @cached_property
    def findings(self) -> tuple[CriterionFinding, ...]:
        """The finding of each criterion, in the order of the ruleset.

        Raises:
            EvaluationError: if the two evaluators do not agree.
        """
        return self.find(self)

    @cached_property
    def bounds(self) -> Mapping[str, Bounds]:
        """The days that the order of events leaves to dates."""
        return narrow(findings_of(self.ruleset.logic).pairs, self.used_answers, self.as_of)

    @property
    def decided(self) -> Outcome | None:
        """The outcome if the answers so far settle it; over a contradiction no favourable one."""
        settled = settle_outcome(
            self.ruleset, self.possible, contradictory=bool(self.contradictions)
        )
        listed = (each for each in self.ruleset.outcomes if each.id == settled)
        return next(listed, None)

    @property
    def outcome(self) -> Outcome | None:
        """The decided outcome, else that of a contradiction, else the open one if declared."""
        if self.decided is not None:
            return self.decided
        if self.contradictions:
            return self.ruleset.contradiction_outcome
        return self.ruleset.open_outcome

    @cached_property
    def used_answers(self) -> Answers:
        """The answers that took part: those that no contradiction names."""
        if not self.contradictions:
            return self.answers
        doubted = {link_id for each in self.contradictions for link_id in each.items}
        return {link_id: each for link_id, each in self.answers.items() if link_id not in doubted}

    @property
    def settled(self) -> bool | None:
        """True if the outcome will be favourable, where all that are possible agree on it.

        None while favourable and unfavourable ones are possible, and over a contradiction unless it
        cannot come out favourable any more.
        """
        kinds = {each in self.ruleset.favourable for each in self.possible}
        if len(kinds) > 1 or (kinds == {True} and self.contradictions):
            return None
        return kinds == {True}

    @property
    def favourable(self) -> bool:
        """True if the outcome is decided and one of the favourable ones."""
        return self.decided is not None and self.decided.id in self.ruleset.favourable

    def finding(self, criterion_id: str) -> CriterionFinding:
        """The finding of one criterion.

        Raises:
            KeyError: if the ruleset has no such criterion.
        """
        for found in self.findings:
            if found.criterion.id == criterion_id:
                return found
        raise KeyError(criterion_id)


def settle_outcome(
    ruleset: Ruleset, possible: Collection[str], *, contradictory: bool
) -> str | None:
    """The id of the settled outcome, if there is one.

    Over a contradiction only an unfavourable one does: it holds however the contradiction is
    resolved, while a favourable one would rest on answers of which some are wrong.
    """
    if len(possible) != 1:
        return None
    (only,) = possible
    return None if contradictory and only in ruleset.favourable else only


def assess(
    ruleset: Ruleset, answers: Answers, as_of: dt.date, birth_year: int | None = None
) -> Assessment:
    """Assess answers by a ruleset.

    Args:
        ruleset: a ruleset with outcomes.
        answers: link id to answer, values fitting their items; what is left out is unknown.
        as_of: the screening date.
        birth_year: of the patient, where it is recorded apart from the answers.

    Raises:
        NoOutcomesError: if the ruleset is a part for others to include.
        EarlyDayError: if the screening date is before ``answer.EARLIEST_DAY``.
        KeyError: if an answer belongs to no item of the ruleset.
        TypeError: if a value does not fit its item (see ``finding.evaluate``).
        BudgetError: if the ruleset is too entangled to be compiled, which one that was read is not.
    """
    if not ruleset.outcomes:
        raise NoOutcomesError(ruleset.id)
    if as_of < EARLIEST_DAY:
        raise EarlyDayError(EARLIEST_DAY.isoformat())
    found = evaluator_of(ruleset.logic, as_of).evaluate(answers, birth_year)
    return Assessment(
        ruleset=ruleset,
        as_of=as_of,
        answers=dict(answers),
        find=partial(_find, found.trace),
        possible=found.possible,
        flags=tuple(_flag(ruleset.criteria[place]) for place in found.flags),
        needs=found.needs,
        set_aside=found.set_aside,
        birth_year=birth_year,
        contradictions=_worded(ruleset, found.contradictions),
    )


def _worded(
    ruleset: Ruleset, contradictions: tuple[Contradiction, ...]
) -> tuple[Contradiction, ...]:
    """Contradictions of the original in the words of a ruleset."""
    if not contradictions or not ruleset.original:
        return contradictions
    rules = {each.id: each for each in ruleset.consistency}
    return tuple(replace(each, rule=rules[each.rule.id]) for each in contradictions)


def _find(trace: Trace, assessment: Assessment) -> tuple[CriterionFinding, ...]:
    """The findings by the readable evaluator, held against the trace of the quick one.

    A reason that is shown, and an assessment that is recorded, has so been evaluated twice.
    """
    ruleset, used, bounds = assessment.ruleset, assessment.used_answers, assessment.bounds
    findings = findings_of(ruleset.logic).find(used, assessment.as_of, bounds)
    steps = judge_of(ruleset.logic).program.criteria
    differing = [
        found.criterion.id
        for found, step in zip(findings, steps, strict=True)
        if found.finding.truth is not TRUTHS[trace[step]]
    ]
    if differing or _needs(ruleset, findings) != assessment.needs:
        raise EvaluationError(", ".join(differing))
    if not ruleset.original:
        return findings
    worded = zip(findings, ruleset.criteria, strict=True)
    return tuple(replace(found, criterion=criterion) for found, criterion in worded)


def _flag(criterion: Criterion) -> Flag:
    severity = _SEVERITY[criterion.tier]
    return Flag(criterion=criterion, severity=severity, text=criterion.flag_text)


def evaluate_ask_if(
    item: Item, answers: Answers, as_of: dt.date, bounds: Mapping[str, Bounds] = NO_BOUNDS
) -> Truth:
    """The truth of an item's ``ask_if`` under the answers so far."""
    if item.ask_if is None:
        return Truth.TRUE
    return evaluate(item.ask_if, answers, as_of, bounds).truth


def meets_shown_if(item: Item, answers: Answers, as_of: dt.date) -> bool:
    """True if an item's question is worth showing; one with an answer always is.

    Only answers that rule it out hide it, and hiding it says nothing: its answer stays unknown.
    They are taken as they were given, so that every page shows the same questions.
    """
    if item.shown_if is None or item.link_id in answers:
        return True
    return evaluate(item.shown_if, answers, as_of).truth is not Truth.FALSE


def is_put_to_patients(item: Item, answers: Answers, as_of: dt.date) -> bool:
    """True if an item's question may be put to patients; one with an answer always is.

    Unlike ``meets_shown_if`` it has to hold: a patient who does not know is not asked on. Not to be
    asked says nothing: the answer stays unknown.
    """
    if item.patient_shown_if is None or item.link_id in answers:
        return True
    return evaluate(item.patient_shown_if, answers, as_of).truth is Truth.TRUE


def is_called_for(item: Item, answers: Answers, as_of: dt.date) -> bool:
    """True if an item's question is called for, and shown."""
    return evaluate_ask_if(item, answers, as_of) is Truth.TRUE and meets_shown_if(
        item, answers, as_of
    )


def has_missing_answers(assessment: Assessment) -> bool:
    """True if a question that is called for has no known answer, or a rough one is not enough."""
    answers, as_of = assessment.answers, assessment.as_of
    return bool(assessment.needs) or any(
        item.link_id not in answers or not answers[item.link_id].known
        for item in assessment.ruleset.items.values()
        if is_called_for(item, answers, as_of)
    )


def find_deciding_items(
    ruleset: Ruleset, answers: Answers, as_of: dt.date, birth_year: int | None = None
) -> frozenset[str]:
    """The items without an exact answer that could still decide something that is shown.

    That is a criterion or a question for the doctor. Any other question can be left out: whatever
    its answer, neither would change.
    """
    resolved = resolve(ruleset.consistency, answers, as_of, birth_year)
    conditions = [each.condition for each in ruleset.criteria]
    conditions += [each.condition for each in ruleset.doctor_questions]
    findings = (
        evaluate(condition, resolved.answers, as_of, resolved.bounds) for condition in conditions
    )
    return frozenset(link_id for finding in findings for link_id in finding.needs)


def _needs(ruleset: Ruleset, findings: tuple[CriterionFinding, ...]) -> tuple[str, ...]:
    needed = frozenset[str]().union(*[each.finding.needs for each in findings])
    return tuple(link_id for link_id in ruleset.items if link_id in needed)
