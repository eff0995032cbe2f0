"""Proofs that every outcome and every truth of a criterion is reached."""

from screening.core.compiled.model import mask_invalid
from screening.core.rules.ruleset import Trigger
from screening.core.values.truth import Truth
from screening.proof.checks.proof_context import ProofContext
from screening.proof.checks.weakness import CheckResult, Fault, Weakness

_NEVER = {
    Truth.TRUE: Fault.NEVER_TRUE,
    Truth.FALSE: Fault.NEVER_FALSE,
    Truth.UNKNOWN: Fault.NEVER_OPEN,
}


def check_one_outcome(context: ProofContext) -> CheckResult:
    """The first outcome that holds wins, so one must hold for those whom none concerns."""
    decision_list = context.model.decision_list
    ends = [place for place, each in enumerate(decision_list) if each.trigger is Trigger.OTHERWISE]
    if ends == [len(decision_list) - 1]:
        return len(decision_list), []
    last = decision_list[-1].id
    return 0, [Weakness("no-outcome", Fault.NO_LAST_OUTCOME, last, kind="outcome")]


def check_reachable(context: ProofContext) -> CheckResult:
    """Every outcome is reached by some answers."""
    reached = context.model.complete.values(context.model.outcome)
    found = [
        Weakness("unreachable", Fault.UNREACHED, outcome.id, kind="outcome")
        for place, outcome in enumerate(context.model.decision_list)
        if place not in reached
    ]
    return len(context.model.decision_list), found


def check_three_ways(context: ProofContext) -> CheckResult:
    """Every criterion holds, fails and is open for some answers."""
    partial = context.model.partial
    found = [
        Weakness("stuck-criterion", fault, each)
        for each, function in context.model.kleene.items()
        for truth, fault in _NEVER.items()
        if truth not in partial.values(partial.apply(mask_invalid, function, context.narrowed))
    ]
    return len(context.model.kleene), found
