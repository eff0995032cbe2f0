"""Proofs that every outcome and every truth of a criterion is reached."""

from screening.core.model import where
from screening.core.ruleset import Trigger
from screening.core.truth import Truth
from screening.proof.proving import Proving
from screening.proof.weakness import Checked, Fault, Weakness

_NEVER = {
    Truth.TRUE: Fault.NEVER_TRUE,
    Truth.FALSE: Fault.NEVER_FALSE,
    Truth.UNKNOWN: Fault.NEVER_OPEN,
}


def check_one_outcome(proving: Proving) -> Checked:
    """The first outcome that holds wins, so one must hold for those whom none concerns."""
    ladder = proving.model.ladder
    ends = [place for place, each in enumerate(ladder) if each.trigger is Trigger.OTHERWISE]
    if ends == [len(ladder) - 1]:
        return len(ladder), []
    last = ladder[-1].id
    return 0, [Weakness("no-outcome", Fault.NO_LAST_OUTCOME, last, kind="outcome")]


def check_reachable(proving: Proving) -> Checked:
    """Every outcome is reached by some answers."""
    reached = proving.model.complete.values(proving.model.outcome)
    found = [
        Weakness("unreachable", Fault.UNREACHED, outcome.id, kind="outcome")
        for place, outcome in enumerate(proving.model.ladder)
        if place not in reached
    ]
    return len(proving.model.ladder), found


def check_three_ways(proving: Proving) -> Checked:
    """Every criterion holds, fails and is open for some answers."""
    partial = proving.model.partial
    found = [
        Weakness("stuck-criterion", fault, each)
        for each, function in proving.model.kleene.items()
        for truth, fault in _NEVER.items()
        if truth not in partial.values(partial.apply(where, function, proving.narrowed))
    ]
    return len(proving.model.kleene), found
