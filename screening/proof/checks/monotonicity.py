"""Proofs about missing answers: what is settled stays so, and is settled as soon as it can be."""

from collections.abc import Callable, Sequence
from itertools import permutations
from typing import Any

from screening.core.compiled.diagram import Diagram
from screening.core.compiled.functions import common_truth
from screening.core.compiled.model import Possible, lift
from screening.core.compiled.variable import Variable
from screening.core.values.truth import Truth
from screening.proof.checks.proof_context import ProofContext
from screening.proof.checks.weakness import CheckResult, Fault, Weakness


def check_monotone(context: ProofContext) -> CheckResult:
    """A further answer contradicts nothing that was settled without it."""
    partial, found = context.model.partial, list[Weakness]()
    steps = [_steps(variable) for variable in context.model.variables]
    for criterion_id, function in context.model.kleene.items():
        if not _settles(partial, steps, function, _truth_lost):
            found.append(Weakness("not-monotone", Fault.TRUTH_REVERSED, criterion_id))
    if not _settles(partial, steps, context.model.possible, _outcome_lost):
        outcome = context.model.decision_list[0].id
        found.append(Weakness("not-monotone", Fault.OUTCOME_REVERSED, outcome, kind="outcome"))
    return len(context.model.kleene) + 1, found


def check_exact(context: ProofContext) -> CheckResult:
    """A criterion is settled wherever all completions of the answers agree on it."""
    model = context.model
    found: list[Weakness] = []
    for criterion_id, function in context.exact.items():
        lifted = lift(model, function, common_truth)
        gap = model.partial.apply(_differ, lifted, model.kleene[criterion_id])
        patient = context.patient(gap)
        if patient is not None:
            fault = Fault.OPEN_THOUGH_SETTLED
            found.append(Weakness("not-exact", fault, criterion_id, patient))
    return len(model.exact), found


def _settles(
    partial: Diagram,
    steps: Sequence[list[tuple[int, int]]],
    function: int,
    lost: Callable[[Any, Any], bool],
) -> bool:
    """True if each answer keeps what was settled while less was known of its item."""
    pairs = (
        (below[wide], below[narrow])
        for node in partial.reach(function)
        if (below := partial.children(node))
        for wide, narrow in steps[partial.level(node)]
    )
    return not partial.is_ever(lost, pairs)


def _steps(variable: Variable) -> list[tuple[int, int]]:
    """Pairs of branches of which the second stands for some of the first one's cells alone.

    Pairs with a branch between them are left out: what is kept at each step is kept.
    """
    cells = [frozenset(variable.cells_of(branch)) for branch in range(variable.width)]
    return [
        (wide, narrow)
        for wide, narrow in permutations(range(variable.width), 2)
        if cells[narrow] < cells[wide]
        and not any(cells[narrow] < between < cells[wide] for between in cells)
    ]


def _truth_lost(unknown: Truth, known: Truth) -> bool:
    return unknown is not Truth.UNKNOWN and unknown is not known


def _outcome_lost(unknown: Possible, known: Possible) -> bool:
    return not known <= unknown


def _differ(one: object, other: object) -> bool:
    return one != other
