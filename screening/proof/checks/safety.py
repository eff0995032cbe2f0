"""Proofs that protect a patient: nothing favourable over something grave, and no sign hidden."""

from collections.abc import Callable, Iterator
from functools import cache
from typing import cast

from screening.core.compiled.model import Possible, lift
from screening.core.compiled.variable import Variable
from screening.core.results.assess import settle_outcome
from screening.core.rules.consistency import Consistency
from screening.core.rules.ruleset import GRAVE, Criterion, Tier
from screening.core.values.answer import Answer
from screening.core.values.truth import Truth
from screening.proof.checks.proof_context import ProofContext, both_true
from screening.proof.checks.weakness import CheckResult, Fault, Weakness

_AGAINST = (*GRAVE, Tier.EXCLUSION, Tier.REQUIRED, Tier.DESCRIBED)


def check_safety(context: ProofContext) -> CheckResult:
    """No favourable outcome is reached while anything grave holds, or is open."""
    grave = [c for c in context.criteria if c.tier in _AGAINST and c.limit_of is None]
    return len(grave), [w for c in grave for w in _unsafe(context, "unsafe-outcome", c)]


def check_limits(context: ProofContext) -> CheckResult:
    """No favourable outcome is reached while a limit is broken or might be."""
    limits = [c for c in context.criteria if c.limit_of]
    return len(limits), [w for c in limits for w in _unsafe(context, "broken-limit", c)]


def _unsafe(context: ProofContext, code: str, criterion: Criterion) -> Iterator[Weakness]:
    unmet = criterion.tier.raises_flag_when is Truth.FALSE
    alarming = _is_not_true if unmet else _is_not_false
    patient = _patient_whose(context, alarming, criterion, context.model.favourable)
    if patient is not None:
        fault = Fault.FAVOURABLE_WHILE_UNMET if unmet else Fault.FAVOURABLE_WHILE_TRUE
        yield Weakness(code, fault, criterion.id, patient)


def check_contradictions(context: ProofContext) -> CheckResult:
    """No favourable outcome is reached over a contradiction."""
    rules = context.model.ruleset.consistency
    found: list[Weakness] = []
    for rule in rules:
        if _favourable_over(context, rule):
            fault = Fault.FAVOURABLE_OVER_CONTRADICTION
            found.append(Weakness("contradiction", fault, rule.id, kind="consistency"))
    return len(rules), found


def _favourable_over(context: ProofContext, rule: Consistency) -> bool:
    """True if what is left once the rule's answers are unknown can pass for favourable."""
    model = context.model
    named = {model.levels[each] for each in rule.items if each in model.levels}
    unknown = {level: model.variables[level].unknown for level in named}
    ids = (
        [model.decision_list[place].id for place in sorted(cast("Possible", possible))]
        for possible in model.partial.values(model.possible, unknown)
    )
    settled = (settle_outcome(model.ruleset, each, contradictory=True) for each in ids)
    return any(each in model.ruleset.favourable for each in settled)


def check_hidden(context: ProofContext) -> CheckResult:
    """While a sign holds, its own outcome is reached, or that of a graver one."""
    signs = [c for c in context.criteria if c.tier in GRAVE]
    return len(signs), [w for c in signs for w in _hidden(context, c)]


def _hidden(context: ProofContext, criterion: Criterion) -> Iterator[Weakness]:
    graver = GRAVE[: GRAVE.index(criterion.tier) + 1]
    lesser = frozenset(i for i, o in enumerate(context.model.decision_list) if o.tier not in graver)
    patient = _patient_whose(context, _is_certain, criterion, lesser)
    if patient is not None:
        yield Weakness("hidden-sign", Fault.HIDDEN, criterion.id, patient)


def _patient_whose(
    context: ProofContext, truth_is: Callable[[Truth], bool], criterion: Criterion, places: Possible
) -> dict[str, Answer] | None:
    """The fewest answers with a certain truth and no other outcomes than some."""
    partial, model = context.model.partial, context.model
    holding = partial.map(truth_is, model.kleene[criterion.id])
    return context.patient(
        partial.apply(both_true, holding, partial.map(_only_of(places), model.possible))
    )


def check_worse(context: ProofContext) -> CheckResult:
    """No answer that is marked as worse leads to a better outcome."""
    marked = [v for v in context.model.variables if v.item.worse]
    return len(marked), [w for variable in marked for w in _improving(context, variable)]


def _improving(context: ProofContext, variable: Variable) -> Iterator[Weakness]:
    level, link_id = context.model.levels[variable.item.link_id], variable.item.link_id
    values = variable.values(context.as_of)
    shown = [
        (len(patient), worse, patient)
        for better, worse in variable.worse_pairs(context.as_of)
        if (patient := _improved(context, level, better, worse)) is not None
    ]
    if shown:
        _, worse, patient = min(shown, key=lambda each: each[:2])
        patient[link_id] = Answer(value=values[worse][0])
        yield Weakness("worse-is-better", Fault.WORSE_IS_BETTER, link_id, patient, kind="item")


def _improved(
    context: ProofContext, level: int, better: int, worse: int
) -> dict[str, Answer] | None:
    """The fewest answers to the others for which the worse answer surely does better."""
    complete, model = context.model.complete, context.model
    join = _improves(tuple(each.id for each in model.decision_list), model.ruleset.best)
    below = map(complete.children, context.asking(level))
    if not complete.is_ever(join, ((each[better], each[worse]) for each in below)):
        return None
    one, other = (complete.restrict(model.outcome, {level: cell}) for cell in (better, worse))
    return context.patient(lift(model, complete.apply(join, one, other), both_true))


def _is_certain(truth: Truth) -> bool:
    return truth is Truth.TRUE


def _is_not_true(truth: Truth) -> bool:
    return truth is not Truth.TRUE


def _is_not_false(truth: Truth) -> bool:
    return truth is not Truth.FALSE


@cache
def _only_of(places: Possible) -> Callable[[Possible], bool]:
    return lambda possible: bool(possible) and possible <= places


@cache
def _improves(
    decision_list: tuple[str, ...], best: tuple[str, ...]
) -> Callable[[int | None, int | None], bool | None]:
    rank = {place: best.index(outcome) for place, outcome in enumerate(decision_list)}

    def improves(better: int | None, worse: int | None) -> bool | None:
        return None if better is None or worse is None else rank[worse] < rank[better]

    return improves
