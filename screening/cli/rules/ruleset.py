"""``screening rules``: a ruleset to read, or whole as data."""

from collections.abc import Iterable
from pathlib import Path

import click

from screening.cli.rules.ruleset_lines import write_facts
from screening.cli.terminal.citations import source_name, write_citations
from screening.cli.terminal.options import json_option, rules_option
from screening.cli.terminal.paper import Paper, print_json
from screening.core.rules.condition import ALWAYS
from screening.core.rules.ruleset import Criterion, Outcome, Ruleset, Tier
from screening.core.values.truth import Truth
from screening.core.values.wording import Audience
from screening.files.rule_cache import load_kept_ruleset
from screening.files.rule_texts import ruleset_names
from screening.formats.documents.ruleset_json import write_ruleset
from screening.words.auditor.checks import words_of_check
from screening.words.nurse.criteria import words_of_strength
from screening.words.shared.conditions import words_of_condition
from screening.words.shared.days import words_of_day
from screening.words.shared.labels import BASIS_WORDS, TIER_WORDS


@click.command()
@click.argument("name", default="documented")
@rules_option
@json_option
def rules(name: str, folder: Path | None, *, as_json: bool) -> None:
    """Read a ruleset: criteria, sources, outcomes. NAME is documented if left out.

    \b
    screening rules
    screening rules safety
    screening rules --json
    """  # noqa: D301 - click reads \b as "do not wrap"
    ruleset = load_kept_ruleset(name, folder)
    if as_json:
        print_json(write_ruleset(ruleset))
        return
    paper = Paper()
    _write_head(paper, ruleset, ruleset_names(folder))
    _write_criteria(paper, ruleset)
    _write_outcomes(paper, ruleset)
    _write_consistency(paper, ruleset)
    write_facts(paper, ruleset, folder)
    _write_doctor_questions(paper, ruleset)
    _write_disagreements(paper, ruleset)
    _write_silence(paper, ruleset)
    _write_sources(paper, ruleset)


def _write_head(paper: Paper, ruleset: Ruleset, names: Iterable[str]) -> None:
    paper.title(f"{ruleset.title.nurse} ({ruleset.id} {ruleset.version})")
    for part in ruleset.parts:
        paper.text(
            f"{part.id} {part.version}: {part.status.value}, {BASIS_WORDS[part.basis]},"
            f" in effect from {words_of_day(part.effective_from)},"
            f" review by {words_of_day(part.review_by)}"
        )
    paper.text(f"SHA-256 {ruleset.digest}")
    others = [each for each in names if each != ruleset.id]
    if others:
        paper.text(f"Also here: {', '.join(others)}")


def _write_criteria(paper: Paper, ruleset: Ruleset) -> None:
    for tier in Tier:
        listed = [each for each in ruleset.criteria if each.tier is tier]
        if listed:
            paper.heading(f"Criteria: {TIER_WORDS[tier]} ({len(listed)})")
        for criterion in listed:
            _write_criterion(paper, ruleset, criterion)


def _write_criterion(paper: Paper, ruleset: Ruleset, criterion: Criterion) -> None:
    when = words_of_condition(criterion.condition, ruleset.items, Audience.NURSE)
    paper.gap()
    strength = words_of_strength(criterion)
    paper.text(f"{criterion.id} ({strength})" if strength else criterion.id, 2, bold=True)
    paper.text(criterion.say.nurse, 4)
    if criterion.unmet:
        paper.text(f"When not met: {criterion.unmet.nurse}", 4)
    paper.text(f"Met when: {when}", 4)
    write_citations(paper, ruleset, criterion.citations, 6)


def _write_outcomes(paper: Paper, ruleset: Ruleset) -> None:
    paper.heading("Outcomes: the first that applies")
    if not ruleset.outcomes:
        paper.text("None: this is a part for other rule files to include.", 2)
    for number, outcome in enumerate(ruleset.outcomes, start=1):
        good = ", favourable" if outcome.id in ruleset.favourable else ""
        head = f"{outcome.name} ({outcome.id}{good}): {_trigger(outcome)}"
        paper.text(head, 2, f"{number}. ", bold=True)
        paper.text(outcome.say.nurse, 5)
    if ruleset.open_outcome:
        outcome = ruleset.open_outcome
        head = f"{outcome.name} ({outcome.id}): while more than one is possible"
        paper.text(head, 2, "-  ", bold=True)
        paper.text(outcome.say.nurse, 5)
    if ruleset.contradiction_outcome:
        outcome = ruleset.contradiction_outcome
        head = f"{outcome.name} ({outcome.id}): while answers break a rule of consistency"
        paper.text(head, 2, "-  ", bold=True)
        paper.text(outcome.say.nurse, 5)


def _trigger(outcome: Outcome) -> str:
    tier = outcome.looks_at
    if tier is None:
        return "otherwise"
    verb = "not met" if tier.raises_flag_when is Truth.FALSE else "met"
    return f"a criterion is {verb} (tier: {TIER_WORDS[tier]})"


def _write_consistency(paper: Paper, ruleset: Ruleset) -> None:
    if ruleset.consistency:
        paper.heading(f"Answers that cannot all be true ({len(ruleset.consistency)})")
    for rule in ruleset.consistency:
        paper.gap()
        paper.text(rule.id, 2, bold=True)
        paper.text(rule.say.nurse, 4)
        paper.text(f"To the patient: {rule.say.patient}", 4)
        paper.text(words_of_check(rule.check, ruleset.items), 4)


def _write_doctor_questions(paper: Paper, ruleset: Ruleset) -> None:
    if ruleset.doctor_questions:
        paper.heading(f"Questions for the doctor ({len(ruleset.doctor_questions)})")
    for question in ruleset.doctor_questions:
        paper.gap()
        paper.text(question.say.patient, 2, bold=True)
        if question.condition != ALWAYS:
            when = words_of_condition(question.condition, ruleset.items, Audience.NURSE)
            paper.text(f"Asked if: {when}", 4)
        if question.if_unknown:
            paper.text(f"While not known: {question.if_unknown}", 4)
        write_citations(paper, ruleset, question.citations, 6)


def _write_disagreements(paper: Paper, ruleset: Ruleset) -> None:
    if ruleset.disagreements:
        paper.heading(f"Where the sources differ ({len(ruleset.disagreements)})")
    for disagreement in ruleset.disagreements:
        paper.gap()
        paper.text(disagreement.topic.nurse, 2, bold=True)
        for position in disagreement.positions:
            paper.text(position.say.nurse, 4, "- ")
            write_citations(paper, ruleset, position.citations, 8)


def _write_silence(paper: Paper, ruleset: Ruleset) -> None:
    if ruleset.silent_on:
        paper.heading(f"What the sources say nothing about ({len(ruleset.silent_on)})")
    for silence in ruleset.silent_on.values():
        paper.text(silence.say.nurse, 2, "- ")
        write_citations(paper, ruleset, silence.citations, 6)


def _write_sources(paper: Paper, ruleset: Ruleset) -> None:
    paper.heading(f"Sources ({len(ruleset.sources)}); `screening sources` says more")
    for source in ruleset.sources.values():
        paper.text(f"{source_name(source)}: {source.kind}, {BASIS_WORDS[source.basis]}", 2, "- ")
