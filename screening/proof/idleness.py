"""Proofs that nothing in a ruleset is without effect, or said twice."""

from collections.abc import Iterator
from itertools import combinations, pairwise, permutations

from screening.core.condition import OneOf, tests_in
from screening.core.model import differ_somewhere
from screening.core.ruleset import Criterion
from screening.core.truth import Truth
from screening.core.variable import rising
from screening.proof.edits import edits
from screening.proof.proving import Proving
from screening.proof.weakness import Checked, Fault, Weakness


def check_items(proving: Proving) -> Checked:
    """Every question that criteria read can change one of them."""
    complete = proving.model.complete
    used = {level for f in proving.model.exact.values() for level in complete.support(f)}
    used |= {proving.model.levels[each] for pair in proving.model.pairs for each in pair}
    found = [
        Weakness("idle-item", Fault.ITEM_IDLE, link_id, kind="item")
        for link_id, level in proving.model.levels.items()
        if level not in used
    ]
    return len(proving.model.levels), found


def check_implied(proving: Proving) -> Checked:
    """No two criteria are equal, and none follows from another unsaid."""
    complete, exact = proving.model.complete, proving.exact
    support = {each: complete.support(function) for each, function in exact.items()}
    sharing = [
        (a, b) for a, b in combinations(proving.criteria, 2) if support[a.id] & support[b.id]
    ]
    found = [w for a, b in sharing for w in _equal(proving, a, b)]
    found += [w for pair in sharing for a, b in permutations(pair) for w in _follows(proving, a, b)]
    found += [w for a in proving.criteria for b in a.implies for w in _escaping(proving, a.id, b)]
    return len(sharing), found


def _escaping(proving: Proving, one: str, other: str) -> Iterator[Weakness]:
    """A declared implication that some answers contradict."""
    kleene = proving.model.kleene
    patient = proving.patient(proving.model.partial.apply(_escapes, kleene[one], kleene[other]))
    if patient is not None:
        yield Weakness("same-criterion", Fault.NOT_IMPLIED, one, patient, other=other)


def _equal(proving: Proving, one: Criterion, other: Criterion) -> Iterator[Weakness]:
    if proving.exact[one.id] == proving.exact[other.id]:
        yield Weakness("same-criterion", Fault.SAME_TRUTH, other.id, other=one.id)


def _follows(proving: Proving, one: Criterion, other: Criterion) -> Iterator[Weakness]:
    complete, exact = proving.model.complete, proving.exact
    # An included file does not know the criteria of the files that include it.
    unknowable = one.ruleset not in (other.ruleset, proving.model.ruleset.id)
    declared = other.id in (*one.implies, one.limit_of)
    if unknowable or declared or exact[one.id] == exact[other.id]:
        return
    if True not in complete.values(complete.apply(_escapes, exact[one.id], exact[other.id])):
        yield Weakness("same-criterion", Fault.IMPLIED_UNSAID, one.id, other=other.id)


def check_branches(proving: Proving) -> Checked:
    """Every part of every condition can decide it."""
    found: list[Weakness] = []
    count = 0
    for criterion in proving.criteria:
        whole = proving.exact[criterion.id]
        for edited, fault in edits(criterion.condition):
            count += 1
            if proving.masked(edited) == whole:
                found.append(Weakness("dead-branch", fault, criterion.id))
    return count, found


def check_thresholds(proving: Proving) -> Checked:
    """Every threshold makes a difference."""
    found: list[Weakness] = []
    count = 0
    tested = {test for each in proving.criteria for test in tests_in(each.condition)}
    for level, variable in enumerate(proving.model.variables):
        for which, test in enumerate(variable.tests):
            if isinstance(test, OneOf) or test not in tested:
                continue
            count += 1
            if not _visible(proving, level, which):
                link_id = variable.item.link_id
                fault = Fault.THRESHOLD_IDLE
                found.append(Weakness("idle-threshold", fault, link_id, kind="item"))
    return count, found


def _visible(proving: Proving, level: int, which: int) -> bool:
    """Whether some criterion changes between the two neighbouring cells that a test divides."""
    complete, variable = proving.model.complete, proving.model.variables[level]
    values = variable.values(proving.as_of)
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
        for node in complete.reach(*proving.exact.values())
    )


def _escapes(one: Truth, other: Truth) -> bool:
    return one is Truth.TRUE and other is Truth.FALSE
