"""``screening prove``: what holds of a ruleset for all answers, in sentences."""

from pathlib import Path
from time import perf_counter
from typing import Any

import click

from screening.cli.terminal.options import json_option, rules_option
from screening.cli.terminal.paper import Paper, print_json
from screening.core.rules.ruleset import Ruleset
from screening.errors import NoOutcomesError
from screening.files.rule_files import load_ruleset
from screening.proof.checks.proof_run import ProofRun, run_proofs
from screening.words.auditor.proofs import ProofLine, proof_lines, scope_sentences


@click.command()
@click.argument("name", default="documented")
@rules_option
@json_option
def prove(name: str, folder: Path | None, *, as_json: bool) -> None:
    """Show what is proved of a ruleset. NAME is documented if left out.

    Every rule file is proved before it loads. If a proof fails, its place is shown with the
    simplest patient who shows the fault, and the exit status is 1.

    \b
    screening prove
    screening prove clinic --rules my-rules/
    """  # noqa: D301 - click reads \b as "do not wrap"
    ruleset = load_ruleset(name, folder)
    if not ruleset.outcomes:
        raise NoOutcomesError(ruleset.id)
    started = perf_counter()
    found = run_proofs(ruleset)
    seconds = perf_counter() - started
    if as_json:
        print_json(_data(ruleset, found, seconds))
    else:
        _write(ruleset, found, seconds)


def _write(ruleset: Ruleset, found: ProofRun, seconds: float) -> None:
    paper, lines = Paper(), proof_lines(found)
    paper.title(f"What is proved of {ruleset.id} {ruleset.version}")
    paper.text(f"SHA-256 {ruleset.digest}")
    paper.gap()
    for sentence in scope_sentences(found):
        paper.text(sentence)
    paper.text(f"This took {seconds:.2f} seconds.")
    _write_lines(paper, "What protects the patient", [each for each in lines if each.safety])
    _write_lines(paper, "What keeps the rules sound", [each for each in lines if not each.safety])
    paper.gap()
    paper.text(f"All {len(lines)} statements are proved.", fg="green")


def _write_lines(paper: Paper, title: str, lines: list[ProofLine]) -> None:
    paper.heading(title)
    for line in lines:
        paper.text(line.statement, 2, "- ")
        paper.text(f"{line.count} {line.cases}", 4, dim=True)


def _data(ruleset: Ruleset, found: ProofRun, seconds: float) -> dict[str, Any]:
    return {
        "ruleset": ruleset.id,
        "version": ruleset.version,
        "digest": ruleset.digest,
        "complete_answer_sets": str(found.complete),
        "partial_answer_sets": str(found.partial),
        "nodes": found.nodes,
        "seconds": round(seconds, 3),
        "proofs": [
            {"code": each.code, "statement": each.statement, "count": each.count, "of": each.cases}
            for each in proof_lines(found)
        ],
    }
