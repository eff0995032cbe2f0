"""Facts about a ruleset, in lines: its thresholds, its proofs, the findings of its examples."""

from pathlib import Path

from screening.cli.terminal.paper import Paper
from screening.core.rules.ruleset import Criterion, Ruleset
from screening.files.example_coverage import read_coverage
from screening.proof.checks.proof_run import run_proofs
from screening.words.auditor.proofs import proof_lines, scope_sentences
from screening.words.auditor.thresholds import thresholds


def write_facts(paper: Paper, ruleset: Ruleset, folder: Path | None) -> None:
    """Write thresholds, and for a ruleset that can be assessed its proofs and examples."""
    _write_thresholds(paper, ruleset)
    if ruleset.outcomes:
        _write_proofs(paper, ruleset)
        _write_examples(paper, ruleset, folder)


def _write_thresholds(paper: Paper, ruleset: Ruleset) -> None:
    lines = thresholds(ruleset)
    if lines:
        paper.heading(f"Thresholds ({len(lines)})")
    for line in lines:
        paper.text(line.item.name, 2, bold=True)
        paper.text(line.lower + _towards(line.for_lower), 4, "- ")
        paper.text(line.upper + _towards(line.for_upper), 4, "- ")


def _towards(criteria: list[Criterion]) -> str:
    return f": towards {', '.join(each.id for each in criteria)}" if criteria else ""


def _write_proofs(paper: Paper, ruleset: Ruleset) -> None:
    found = run_proofs(ruleset)
    lines = proof_lines(found)
    paper.heading(f"What is proved ({len(lines)}); `screening prove` says more")
    for line in lines:
        paper.text(line.statement, 2, "- ")
    paper.text(scope_sentences(found)[0], 2)


def _write_examples(paper: Paper, ruleset: Ruleset, folder: Path | None) -> None:
    examples = read_coverage(ruleset, folder)
    total = examples.written + examples.generated
    paper.heading(f"Examples ({examples.written} written, {examples.generated} generated)")
    paper.text(f"{total - examples.differing} of {total} come out as expected.", 2)
    listed = ruleset.results
    reached = sum(each.id in examples.outcomes for each in listed)
    paper.text(f"{reached} of {len(listed)} outcomes are reached.", 2)
    total = len(ruleset.criteria)
    paper.text(f"{examples.covered} of {total} criteria have examples of every finding.", 2)
