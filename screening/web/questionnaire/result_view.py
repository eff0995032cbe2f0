"""The content of a result page, for a page that stores nothing and for a case.

Everything is shown under the assessment's own ruleset, which for a stored assessment need not be
the one that this application screens by now.
"""

import datetime as dt
from dataclasses import dataclass
from functools import cached_property

from screening.core.results.assess import Assessment, Flag
from screening.core.results.findings import CriterionFinding
from screening.core.results.result import deciding_criteria, disagreements_touched, doctor_questions
from screening.core.rules.item import Item
from screening.core.rules.ruleset import GRAVE, Criterion, Tier
from screening.core.values.truth import Truth
from screening.core.values.wording import Audience
from screening.proof.explanation.reasons import Explanation
from screening.translation import gettext
from screening.web.questionnaire.contradictions import AnswerLinks, contradiction_views
from screening.words.auditor.trace import TraceLine, trace_lines
from screening.words.nurse.needs import words_of_needed, words_of_signs_not_ruled_out
from screening.words.nurse.reasons import words_of_changes, words_of_idle_answers, words_of_reason
from screening.words.nurse.result import closing_sentence, settled_sentence, words_of_cautions
from screening.words.shared.answers import words_of_answer

NEEDS_SHOWN = 5
"""The missing answers that a page shows unfolded."""


@dataclass(frozen=True)
class CriterionView:
    """A finding with all that is said about it."""

    assessment: Assessment
    found: CriterionFinding

    @property
    def criterion(self) -> Criterion:
        """The criterion."""
        return self.found.criterion

    @property
    def text(self) -> str:
        """The meaning of its truth, in the words of the rule file; while open, what is missing."""
        if self.found.truth is Truth.UNKNOWN:
            items, needs = self.assessment.ruleset.items, self.found.finding.needs
            names = (item.name for link_id, item in items.items() if link_id in needs)
            return gettext("Not known yet: {names}", names=", ".join(names))
        unmet = self.criterion.unmet if self.found.raises_flag else None
        return (unmet or self.criterion.say).nurse

    @cached_property
    def lines(self) -> tuple[TraceLine, ...]:
        """Its trace."""
        items, answers = self.assessment.ruleset.items, self.assessment.answers
        return trace_lines(self.found.finding, items, answers)


def result_context(
    assessment: Assessment,
    explanation: Explanation,
    today: dt.date,
    answer_links: AnswerLinks | None = None,
) -> dict[str, object]:
    """The names that the templates in ``templates/questionnaire/result`` know, with their values.

    Args:
        assessment: what is shown.
        explanation: its reasons.
        today: the reader's day.
        answer_links: where the answers can be put right, if the page leads there.
    """
    ruleset, grounds = assessment.ruleset, deciding_criteria(assessment)
    further = [f for f in _by_gravity(assessment) if f.raises_flag and f not in grounds]
    views = {_name(found): CriterionView(assessment, found) for found in assessment.findings}
    return {
        "ruleset": ruleset,
        "assessment": assessment,
        "decided": assessment.decided,
        "possible": [o for o in ruleset.outcomes if o.id in assessment.possible],
        "because": words_of_reason(assessment, explanation),
        "settled": settled_sentence(assessment),
        "closing": closing_sentence(assessment, today),
        "changes": words_of_changes(assessment, explanation),
        "idle": words_of_idle_answers(assessment, explanation),
        "deciding": [views[_name(found)] for found in grounds],
        "flagged": [views[_name(found)] for found in further],
        "red_flags": red_flags(assessment),
        "not_ruled_out": words_of_signs_not_ruled_out(assessment),
        "standing": words_of_cautions(ruleset, assessment.as_of, today),
        "contradictions": contradiction_views(assessment, answer_links),
        "needs": words_of_needed(assessment, explanation),
        "NEEDS_SHOWN": NEEDS_SHOWN,
        "disagreements": disagreements_touched(assessment),
        "questions": doctor_questions(assessment),
        "set_aside": answers_set_aside(assessment),
        "trace_of": list(views.values()),
    }


def red_flags(assessment: Assessment) -> list[Flag]:
    """The flags that come before everything else."""
    return [flag for flag in assessment.flags if flag.criterion.tier in GRAVE]


def answers_set_aside(assessment: Assessment) -> list[tuple[Item, str]]:
    """The answers to questions that the other answers no longer call for, in words."""
    items = (assessment.ruleset.items[link_id] for link_id in assessment.set_aside)
    answers = assessment.answers
    return [(item, words_of_answer(item, answers[item.link_id], Audience.NURSE)) for item in items]


def _name(found: CriterionFinding) -> tuple[str, str]:
    return found.criterion.ruleset, found.criterion.id


def _by_gravity(assessment: Assessment) -> list[CriterionFinding]:
    return sorted(assessment.findings, key=lambda found: list(Tier).index(found.criterion.tier))
