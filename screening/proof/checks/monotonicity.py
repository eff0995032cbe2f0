"""Proofs about missing answers: what is settled stays so, and is settled as soon as it can be."""

from collections.abc import Callable, Iterator, Sequence
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
    partial = context.model.partial
    found: list[Weakness] = []
    for criterion_id, function in context.model.kleene.items():
        if not _settles(partial, context.model.variables, function, _truth_kept):
            found.append(Weakness("not-monotone", Fault.TRUTH_REVERSED, criterion_id))
    if not _settles(partial, context.model.variables, context.model.possible, _outcome_kept):
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
    variables: Sequence[Variable],
    function: int,
    kept: Callable[[Any, Any], bool],
) -> bool:
    """True if each answer keeps what was settled while less was known of its item."""
    for node in partial.reach(function):
        if partial.level(node) == partial.bottom:
            continue
        children, variable = partial.children(node), variables[partial.level(node)]
        for wide, narrow in _narrower(variable):
            if False in partial.values(partial.apply(kept, children[wide], children[narrow])):
                return False
    return True


def _narrower(variable: Variable) -> Iterator[tuple[int, int]]:
    """Pairs of branches of which the second stands for some of the first one's cells alone."""
    for wide in range(variable.unknown, variable.width):
        cells = set(variable.cells_of(wide))
        for narrow in range(variable.width):
            if set(variable.cells_of(narrow)) < cells:
                yield wide, narrow


def _truth_kept(unknown: Truth, known: Truth) -> bool:
    return unknown is Truth.UNKNOWN or unknown is known


def _outcome_kept(unknown: Possible, known: Possible) -> bool:
    return known <= unknown


def _differ(one: object, other: object) -> bool:
    return one != other
