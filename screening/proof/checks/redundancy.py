"""Proofs that nothing in a ruleset is without effect, or said twice."""

from collections.abc import Iterator
from itertools import combinations, pairwise, permutations

from screening.core.compiled.model import differ_somewhere
from screening.core.compiled.variable import rising
from screening.core.rules.condition import OneOf, tests_in
from screening.core.rules.ruleset import Criterion
from screening.core.values.truth import Truth
from screening.proof.checks.edits import edits
from screening.proof.checks.proof_context import ProofContext
from screening.proof.checks.weakness import CheckResult, Fault, Weakness


def check_items(context: ProofContext) -> CheckResult:
    """Every question that criteria read can change one of them."""
    complete = context.model.complete
    used = {level for f in context.model.exact.values() for level in complete.support(f)}
    used |= {context.model.levels[each] for pair in context.model.pairs for each in pair}
    found = [
        Weakness("idle-item", Fault.ITEM_IDLE, link_id, kind="item")
        for link_id, level in context.model.levels.items()
        if level not in used
    ]
    return len(context.model.levels), found


def check_implied(context: ProofContext) -> CheckResult:
    """No two criteria are equal, and none follows from another unsaid."""
    complete, exact = context.model.complete, context.exact
    support = {each: complete.support(function) for each, function in exact.items()}
    sharing = [
        (a, b) for a, b in combinations(context.criteria, 2) if support[a.id] & support[b.id]
    ]
    found = [w for a, b in sharing for w in _equal(context, a, b)]
    found += [w for pair in sharing for a, b in permutations(pair) for w in _follows(context, a, b)]
    found += [w for a in context.criteria for b in a.implies for w in _escaping(context, a.id, b)]
    return len(sharing), found


def _escaping(context: ProofContext, one: str, other: str) -> Iterator[Weakness]:
    """A declared implication that some answers contradict."""
    kleene = context.model.kleene
    patient = context.patient(context.model.partial.apply(_escapes, kleene[one], kleene[other]))
    if patient is not None:
        yield Weakness("same-criterion", Fault.NOT_IMPLIED, one, patient, other=other)


def _equal(context: ProofContext, one: Criterion, other: Criterion) -> Iterator[Weakness]:
    if context.exact[one.id] == context.exact[other.id]:
        yield Weakness("same-criterion", Fault.SAME_TRUTH, other.id, other=one.id)


def _follows(context: ProofContext, one: Criterion, other: Criterion) -> Iterator[Weakness]:
    complete, exact = context.model.complete, context.exact
    # An included file does not know the criteria of the files that include it.
    unknowable = one.ruleset not in (other.ruleset, context.model.ruleset.id)
    declared = other.id in (*one.implies, one.limit_of)
    if unknowable or declared or exact[one.id] == exact[other.id]:
        return
    if not complete.is_ever(_escapes, [(exact[one.id], exact[other.id])]):
        yield Weakness("same-criterion", Fault.IMPLIED_UNSAID, one.id, other=other.id)


def check_branches(context: ProofContext) -> CheckResult:
    """Every part of every condition can decide it."""
    found: list[Weakness] = []
    count = 0
    for criterion in context.criteria:
        whole = context.exact[criterion.id]
        for edited, fault in edits(criterion.condition):
            count += 1
            if context.mask(edited) == whole:
                found.append(Weakness("dead-branch", fault, criterion.id))
    return count, found


def check_thresholds(context: ProofContext) -> CheckResult:
    """Every threshold makes a difference."""
    found: list[Weakness] = []
    count = 0
    tested = {test for each in context.criteria for test in tests_in(each.condition)}
    for level, variable in enumerate(context.model.variables):
        for which, test in enumerate(variable.tests):
            if isinstance(test, OneOf) or test not in tested:
                continue
            count += 1
            if not _visible(context, level, which):
                link_id = variable.item.link_id
                fault = Fault.THRESHOLD_IDLE
                found.append(Weakness("idle-threshold", fault, link_id, kind="item"))
    return count, found


def _visible(context: ProofContext, level: int, which: int) -> bool:
    """True if some criterion changes between the two neighbouring cells that a test divides."""
    complete, variable = context.model.complete, context.model.variables[level]
    values = variable.values(context.as_of)
    across = [
        (i, j)
        for i, j in pairwise(rising(values))
        if variable.cells[i][which] != variable.cells[j][which]
    ]
    return any(
        complete.level(node) == level
        and any(
            differ_somewhere(complete, complete.children(node)[i], complete.children(node)[j])
            for i, j in across
        )
        for node in complete.reach(*context.exact.values())
    )


def _escapes(one: Truth, other: Truth) -> bool:
    return one is Truth.TRUE and other is Truth.FALSE
