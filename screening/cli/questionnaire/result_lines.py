"""The nurse's result in lines."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import groupby
from typing import Any

from screening.cli.terminal.citations import write_citations, write_sources
from screening.cli.terminal.paper import Paper
from screening.core.results.assess import Assessment, Severity
from screening.core.results.findings import CriterionFinding
from screening.core.results.result import deciding_criteria
from screening.core.rules.ruleset import Ruleset, Trigger
from screening.core.values.wording import Audience
from screening.files.clock import today
from screening.formats.documents.answers_json import write_assessment, write_explanation
from screening.proof.explanation.reasons import Explanation
from screening.proof.explanation.unanswered import idle_items
from screening.words.nurse.criteria import put_action_first, strength_words, words_of_support
from screening.words.nurse.needs import words_of_needed, words_of_signs_not_ruled_out
from screening.words.nurse.reasons import (
    words_of_changes,
    words_of_idle_answers,
    words_of_open_questions,
    words_of_reason,
)
from screening.words.nurse.result import (
    closing_sentence,
    reason_sentence,
    settled_sentence,
    words_of_cautions,
)
from screening.words.shared.answers import narrowed_dates, words_of_answer, words_of_known
from screening.words.shared.contradictions import words_of_contradictions
from screening.words.shared.days import words_of_day
from screening.words.shared.labels import SEVERITY_WORDS, TIER_WORDS

SEVERITY_COLOURS = {Severity.CRITICAL: "red", Severity.WARNING: "yellow", Severity.INFO: None}


def result_data(assessment: Assessment, explanation: Explanation) -> dict[str, Any]:
    """The nurse's result as data."""
    shown = replace(explanation, idle=idle_items(assessment, explanation))
    return write_assessment(assessment) | write_explanation(shown)


def write_result(
    paper: Paper, assessment: Assessment, explanation: Explanation, *, in_full: bool = False
) -> None:
    """The nurse's result: outcome, reasons, flags, what is missing, and what it rests on.

    In full it also says what would change the result, and what follows from the order of events.
    """
    outcome = assessment.outcome
    paper.title(f"Screening of {words_of_day(assessment.as_of)}")
    if doubt := words_of_signs_not_ruled_out(assessment):
        paper.text(doubt, fg="red", bold=True)
    for words in words_of_contradictions(assessment, Audience.NURSE):
        paper.text(words, fg="red", bold=True)
    _write_standing(paper, assessment)
    paper.gap()
    paper.text(f"Result: {outcome.name if outcome else 'the outcome is still open'}", bold=True)
    if settled := settled_sentence(assessment):
        paper.text(settled, bold=True)
    if outcome:
        paper.text(outcome.say.nurse)
    if closing := closing_sentence(assessment, today()):
        paper.text(closing)
    reasons = deciding_criteria(assessment) if assessment.decided else ()
    told = [*(found.criterion for found in reasons), *(f.criterion for f in assessment.flags)]
    _write_why(paper, assessment, explanation, reasons)
    _write_flags(paper, assessment, {found.criterion.id for found in reasons})
    _write_needed(paper, assessment, explanation)
    if in_full:
        _write_changes(paper, assessment, explanation)
    if in_full:
        _write_order(paper, assessment)
    _write_disagreements(paper, assessment, frozenset(each.id for each in told))
    _write_set_aside(paper, assessment)
    if told:
        write_sources(paper, assessment.ruleset, (c for each in told for c in each.citations))
    write_versions(paper, assessment.ruleset)


def _write_standing(paper: Paper, assessment: Assessment) -> None:
    for words in words_of_cautions(assessment.ruleset, assessment.as_of, today()):
        paper.text(words, fg="yellow", bold=True)


def write_versions(paper: Paper, ruleset: Ruleset) -> None:
    """The basis of the result, so that it can be repeated."""
    paper.heading("Rules")
    parts = [f"{part.id} {part.version}" for part in ruleset.parts]
    paper.text(", ".join([*parts, f"questions {ruleset.questions_version}"]), 2)
    paper.text(f"SHA-256 {ruleset.digest}", 2)


def _write_why(
    paper: Paper,
    assessment: Assessment,
    explanation: Explanation,
    reasons: Sequence[CriterionFinding],
) -> None:
    paper.heading("Why")
    decided = assessment.decided
    if not reasons or decided is None or decided.trigger is Trigger.OTHERWISE:
        said = f"{reason_sentence(assessment)} {words_of_open_questions(assessment, explanation)}"
        paper.text(said.strip(), 2)
    else:
        paper.text(words_of_reason(assessment, explanation), 2)
    for found in reasons:
        _write_reason(paper, assessment, found)


def _write_flags(paper: Paper, assessment: Assessment, told: set[str]) -> None:
    others = [flag for flag in assessment.flags if flag.criterion.id not in told]
    if others:
        paper.heading("Further points" if told else "Points to note already")
    for flag in others:
        _write_reason(paper, assessment, assessment.finding(flag.criterion.id))


def _write_reason(paper: Paper, assessment: Assessment, found: CriterionFinding) -> None:
    """One criterion: how grave, its words, the answers it rests on, its passages."""
    criterion, ruleset = found.criterion, assessment.ruleset
    flag = next((each for each in assessment.flags if each.criterion is criterion), None)
    severity = [SEVERITY_WORDS[flag.severity]] if flag else []
    marks = strength_words(criterion), words_of_support(criterion, ruleset)
    head = [*severity, TIER_WORDS[criterion.tier], *filter(None, marks)]
    colour = SEVERITY_COLOURS[flag.severity] if flag else "green"
    paper.gap()
    paper.text(" · ".join(head).capitalize(), 2, fg=colour)
    text = flag.text.nurse if flag else criterion.say.nurse
    paper.text(put_action_first(criterion, text), 4)
    evidence = found.finding.evidence()
    answers = [
        f"{item.name}: {words_of_known(assessment, link_id)}"
        for link_id, item in ruleset.items.items()
        if link_id in evidence
    ]
    if answers:
        paper.text(f"Answered: {'; '.join(answers)}", 4)
    write_citations(paper, ruleset, criterion.citations, 6)


def _write_needed(paper: Paper, assessment: Assessment, explanation: Explanation) -> None:
    """The missing answers, by effect, and those that make no difference any more."""
    needs = words_of_needed(assessment, explanation)
    if needs:
        paper.heading("Missing answers, the most important first")
    for effect, group in groupby(needs, key=lambda need: need.effect):
        paper.text(f"It {effect}:", 2)
        for need in group:
            ask = f"; ask {need.who}" if need.who else ""
            paper.text(f"{need.item.name} ({need.missing}{ask})", 4, "- ")
    idle = words_of_idle_answers(assessment, explanation)
    if idle:
        paper.heading("Answers that cannot change the result")
        paper.text(idle, 2)


def _write_changes(paper: Paper, assessment: Assessment, explanation: Explanation) -> None:
    changes = words_of_changes(assessment, explanation)
    if changes:
        paper.heading("What would change it")
    for words in changes:
        paper.text(words, 2, "- ")


def _write_order(paper: Paper, assessment: Assessment) -> None:
    narrowed = narrowed_dates(assessment)
    if narrowed:
        paper.heading("What follows from the order of events")
    for words in narrowed:
        paper.text(words, 2, "- ")


def _write_disagreements(paper: Paper, assessment: Assessment, told: frozenset[str]) -> None:
    """The topics that touch the result; of the others, only that there are some."""
    touched = [each for each in assessment.ruleset.disagreements if each.touches & told]
    if touched:
        paper.heading("Where the sources disagree on this")
    for disagreement in touched:
        paper.text(disagreement.topic.nurse, 2, bold=True)
        for position in disagreement.positions:
            paper.text(position.say.nurse, 4, "- ")
    others = len(assessment.ruleset.disagreements) - len(touched)
    if others:
        more = "more topic" if others == 1 else "more topics"
        see = f"`screening rules {assessment.ruleset.id}` shows them with their quoted words."
        paper.gap()
        paper.text(f"The sources disagree on {others} {more if touched else more[5:]}: {see}", 2)


def _write_set_aside(paper: Paper, assessment: Assessment) -> None:
    if assessment.set_aside:
        paper.heading("Set aside: not needed with the other answers")
    for link_id in assessment.set_aside:
        item = assessment.ruleset.items[link_id]
        words = words_of_answer(item, assessment.answers[link_id], Audience.NURSE)
        paper.text(f"{item.name}: {words}", 2, "- ")
