"""Proofs about a ruleset: walks over its diagrams; a nearest patient shows each failure."""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass

from screening.core.compiled.model import Model
from screening.proof.checks import dates, monotonicity, reach, redundancy, safety
from screening.proof.checks.proof_context import ProofContext
from screening.proof.checks.weakness import CheckResult, Weakness

CHECKS: dict[str, Callable[[ProofContext], CheckResult]] = {
    "unsafe-outcome": safety.check_safety,
    "broken-limit": safety.check_limits,
    "contradiction": safety.check_contradictions,
    "hidden-sign": safety.check_hidden,
    "worse-is-better": safety.check_worse,
    "not-monotone": monotonicity.check_monotone,
    "not-exact": monotonicity.check_exact,
    "no-outcome": reach.check_one_outcome,
    "unreachable": reach.check_reachable,
    "stuck-criterion": reach.check_three_ways,
    "idle-item": redundancy.check_items,
    "same-criterion": redundancy.check_implied,
    "dead-branch": redundancy.check_branches,
    "idle-threshold": redundancy.check_thresholds,
    "span": dates.check_spans,
    "window": dates.check_windows,
}
"""By code, what is proved, the safety of a patient first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """Something proved of all answers, and how many cases it comprises."""

    code: str
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """The proofs that hold of a ruleset, and the weaknesses where one fails."""

    proofs: tuple[Proof, ...]
    weaknesses: tuple[Weakness, ...]


def prove(model: Model, as_of: dt.date) -> Report:
    """Prove all that is asked of a ruleset.

    Time is linear in the sizes of the diagrams, but for implication, which takes a product of sizes
    for each pair of criteria that share an item.

    Args:
        model: the compiled ruleset.
        as_of: the screening date of the patients that show weaknesses.
    """
    context = ProofContext(model, as_of)
    checked = {code: check(context) for code, check in CHECKS.items()}
    return Report(
        proofs=tuple(
            Proof(code=code, count=count) for code, (count, found) in checked.items() if not found
        ),
        weaknesses=tuple(each for _, found in checked.values() for each in found),
    )
