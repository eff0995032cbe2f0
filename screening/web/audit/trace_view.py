"""The trace of a kept assessment by criterion, with its answers and their givers."""

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from screening.core.results.assess import Assessment
from screening.core.results.findings import CriterionFinding
from screening.core.results.result import deciding_criteria
from screening.core.rules.condition import AtLeast, Not, items_in
from screening.core.rules.finding import Finding
from screening.core.rules.ruleset import Tier
from screening.core.values.truth import Truth
from screening.core.values.wording import Audience
from screening.records.case.history import EntryMethod
from screening.translation import Phrases
from screening.web.case.wording import HOW_WORDS
from screening.web.questionnaire.result_view import CriterionView
from screening.web.rules.recorded import RecordedResult
from screening.web.shell.dates import words_of_instant
from screening.words.shared.answers import words_of_known
from screening.words.shared.conditions import words_of_condition
from screening.words.shared.labels import TRUTH_WORDS

WHY_WORDS = Phrases(
    {
        Truth.TRUE: "Why it is met",
        Truth.FALSE: "Why it is not met",
        Truth.UNKNOWN: "Why it is not known",
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class UsedAnswer:
    """An answer as it was used: of what question, who gave it, when, and how."""

    name: str
    answer: str
    who: str
    when: str
    how: str

    @property
    def given(self) -> str:
        """The person who gave it, the time and the way; empty if nobody did."""
        return f"{self.who}, {self.when}, {self.how}" if self.who else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DecidingTest:
    """One test that settles a criterion: what it asks, what came of it, and the answer it read."""

    words: str
    truth: str
    used: UsedAnswer | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CriterionTrace:
    """A criterion with all that its truth came from. ``because`` are the tests that settle it."""

    view: CriterionView
    condition: str
    used: tuple[UsedAnswer, ...]
    because: tuple[DecidingTest, ...]
    decides: bool

    @property
    def why(self) -> str:
        """The question that ``because`` answers."""
        return WHY_WORDS[self.view.found.truth]


def trace_criteria(recalled: RecordedResult) -> list[CriterionTrace]:
    """Every criterion of an assessment, the gravest tier first."""
    assessment, given = recalled.assessment, recalled.stored.content["given"]
    rank = list(Tier)
    found = sorted(assessment.findings, key=lambda each: rank.index(each.criterion.tier))
    decisive = deciding_criteria(assessment)
    return [_criterion_trace(assessment, given, each, decides=each in decisive) for each in found]


def used_answers(recalled: RecordedResult) -> list[UsedAnswer]:
    """Every answer that the assessment was computed from, in the order of the questionnaire."""
    assessment, given = recalled.assessment, recalled.stored.content["given"]
    items = assessment.ruleset.items
    return [
        _used_answer(assessment, given, link_id)
        for link_id in items
        if link_id in assessment.answers
    ]


def _criterion_trace(
    assessment: Assessment, given: Mapping[str, Any], found: CriterionFinding, *, decides: bool
) -> CriterionTrace:
    items, condition = assessment.ruleset.items, found.criterion.condition
    read = items_in(condition)
    tests = (_deciding_test(assessment, given, test) for test in _deciding_findings(found.finding))
    return CriterionTrace(
        view=CriterionView(assessment, found),
        condition=words_of_condition(condition, items, Audience.NURSE),
        used=tuple(
            _used_answer(assessment, given, link_id) for link_id in items if link_id in read
        ),
        because=tuple(dict.fromkeys(tests)),
        decides=decides,
    )


def _deciding_findings(finding: Finding) -> Iterator[Finding]:
    """The single tests that make a finding what it is; of an unknown one, those that are open."""
    if not finding.parts:
        yield finding
    for part in finding.parts:
        if isinstance(finding.condition, Not) or part.truth is finding.truth:
            yield from _deciding_findings(part)


def _deciding_test(assessment: Assessment, given: Mapping[str, Any], test: Finding) -> DecidingTest:
    condition, items = test.condition, assessment.ruleset.items
    return DecidingTest(
        words=words_of_condition(condition, items, Audience.NURSE),
        truth=TRUTH_WORDS[test.truth],
        used=None
        if isinstance(condition, Not | AtLeast)  # without parts: it always holds
        else _used_answer(assessment, given, condition.item),
    )


def _used_answer(assessment: Assessment, given: Mapping[str, Any], link_id: str) -> UsedAnswer:
    item, words = assessment.ruleset.items[link_id], words_of_known(assessment, link_id)
    if link_id not in given:
        return UsedAnswer(name=item.name, answer=words, who="", when="", how="")
    told = given[link_id]
    return UsedAnswer(
        name=item.name,
        answer=words,
        who=told["by"],
        when=words_of_instant(dt.datetime.fromisoformat(told["at"])),
        how=HOW_WORDS[EntryMethod(told["how"])],
    )
