"""Proofs that protect a patient: nothing favourable over something grave, and no sign hidden."""

from collections.abc import Callable, Iterator
from functools import cache
from typing import cast

from screening.core.answer import Answer
from screening.core.assess import settled_id
from screening.core.consistency import Consistency
from screening.core.model import Possible, lift
from screening.core.ruleset import GRAVE, Criterion, Tier
from screening.core.truth import Truth
from screening.core.variable import Variable
from screening.proof.proving import Proving, both_true
from screening.proof.weakness import Checked, Fault, Weakness

_AGAINST = (*GRAVE, Tier.EXCLUSION, Tier.REQUIRED, Tier.DESCRIBED)


def check_safety(proving: Proving) -> Checked:
    """No favourable outcome is reached while anything grave holds, or is open."""
    grave = [c for c in proving.criteria if c.tier in _AGAINST and c.limit_of is None]
    return len(grave), [w for c in grave for w in _unsafe(proving, "unsafe-outcome", c)]


def check_limits(proving: Proving) -> Checked:
    """No favourable outcome is reached while a limit is broken or might be."""
    limits = [c for c in proving.criteria if c.limit_of]
    return len(limits), [w for c in limits for w in _unsafe(proving, "broken-limit", c)]


def _unsafe(proving: Proving, code: str, criterion: Criterion) -> Iterator[Weakness]:
    unmet = criterion.tier.speaks_when is Truth.FALSE
    alarming = _is_not_true if unmet else _is_not_false
    patient = _patient_whose(proving, alarming, criterion, proving.model.favourable)
    if patient is not None:
        fault = Fault.FAVOURABLE_WHILE_UNMET if unmet else Fault.FAVOURABLE_WHILE_TRUE
        yield Weakness(code, fault, criterion.id, patient)


def check_contradictions(proving: Proving) -> Checked:
    """No favourable outcome is reached over a contradiction."""
    rules = proving.model.ruleset.consistency
    found: list[Weakness] = []
    for rule in rules:
        if _favourable_over(proving, rule):
            fault = Fault.FAVOURABLE_OVER_CONTRADICTION
            found.append(Weakness("contradiction", fault, rule.id, kind="consistency"))
    return len(rules), found


def _favourable_over(proving: Proving, rule: Consistency) -> bool:
    """Whether what is left once the rule's answers are unknown can pass for favourable."""
    model = proving.model
    named = {model.levels[each] for each in rule.items if each in model.levels}
    unknown = {level: model.variables[level].unknown for level in named}
    left = model.partial.restrict(model.possible, unknown)
    ids = (
        [model.ladder[place].id for place in sorted(cast("Possible", possible))]
        for possible in model.partial.values(left)
    )
    settled = (settled_id(model.ruleset, each, contradictory=True) for each in ids)
    return any(each in model.ruleset.favourable for each in settled)


def check_hidden(proving: Proving) -> Checked:
    """While a sign holds, its own outcome is reached, or that of a graver one."""
    signs = [c for c in proving.criteria if c.tier in GRAVE]
    return len(signs), [w for c in signs for w in _hidden(proving, c)]


def _hidden(proving: Proving, criterion: Criterion) -> Iterator[Weakness]:
    graver = GRAVE[: GRAVE.index(criterion.tier) + 1]
    lesser = frozenset(i for i, o in enumerate(proving.model.ladder) if o.tier not in graver)
    patient = _patient_whose(proving, _is_certain, criterion, lesser)
    if patient is not None:
        yield Weakness("hidden-sign", Fault.HIDDEN, criterion.id, patient)


def _patient_whose(
    proving: Proving, truth_is: Callable[[Truth], bool], criterion: Criterion, places: Possible
) -> dict[str, Answer] | None:
    """The fewest answers with a certain truth and no other outcomes than some."""
    partial, model = proving.model.partial, proving.model
    holding = partial.map(truth_is, model.kleene[criterion.id])
    return proving.patient(
        partial.apply(both_true, holding, partial.map(_only_of(places), model.possible))
    )


def check_worse(proving: Proving) -> Checked:
    """No answer that is marked as worse leads to a better outcome."""
    marked = [v for v in proving.model.variables if v.item.worse]
    return len(marked), [w for variable in marked for w in _improving(proving, variable)]


def _improving(proving: Proving, variable: Variable) -> Iterator[Weakness]:
    level, link_id = proving.model.levels[variable.item.link_id], variable.item.link_id
    values = variable.values(proving.as_of)
    shown = [
        (len(patient), worse, patient)
        for better, worse in variable.worse_pairs(proving.as_of)
        if (patient := proving.patient(_improvement(proving, level, better, worse))) is not None
    ]
    if shown:
        _, worse, patient = min(shown, key=lambda each: each[:2])
        patient[link_id] = Answer(value=values[worse][0])
        yield Weakness("worse-is-better", Fault.WORSE_IS_BETTER, link_id, patient, kind="item")


def _improvement(proving: Proving, level: int, better: int, worse: int) -> int:
    """Whether, over partial answers to the others, the worse answer surely does better."""
    complete, model = proving.model.complete, proving.model
    one, other = (complete.restrict(model.outcome, {level: cell}) for cell in (better, worse))
    join = _improves(tuple(each.id for each in model.ladder), model.ruleset.best)
    return lift(model, complete.apply(join, one, other), both_true)


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
    ladder: tuple[str, ...], best: tuple[str, ...]
) -> Callable[[int | None, int | None], bool | None]:
    rank = {place: best.index(outcome) for place, outcome in enumerate(ladder)}

    def improves(better: int | None, worse: int | None) -> bool | None:
        return None if better is None or worse is None else rank[worse] < rank[better]

    return improves
