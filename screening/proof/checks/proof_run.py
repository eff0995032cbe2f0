"""A ruleset proved as a whole, with the figures that tell an auditor how much was looked at."""

from dataclasses import dataclass
from math import prod

from screening.core.compiled.model import model_of
from screening.core.rules.ruleset import Ruleset
from screening.proof.checks.prove import Report, prove


@dataclass(frozen=True, slots=True, kw_only=True)
class ProofRun:
    """The proofs of a ruleset, and the number of answers that they cover.

    ``complete`` and ``partial`` are the numbers of answer sets that the rules can tell apart,
    without and with unanswered questions; ``nodes`` is the size of the diagrams that stand for all
    of them.
    """

    report: Report
    complete: int
    partial: int
    nodes: int


def run_proofs(ruleset: Ruleset) -> ProofRun:
    """Compile a ruleset and prove all that is asked of it; time that of ``prove``.

    Args:
        ruleset: one with outcomes.

    Raises:
        BudgetError: if the rules are too entangled to be proved.
    """
    model = model_of(ruleset)
    report = prove(model, ruleset.parts[0].effective_from)
    return ProofRun(
        report=report,
        complete=prod(model.complete.arities),
        partial=prod(model.partial.arities),
        nodes=len(model.complete) + len(model.partial),
    )
