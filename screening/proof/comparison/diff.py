"""Two rulesets compared: whose outcome changes, and by what.

Exact: outcomes and criteria are equal if and only if their diagrams are. The nearest patient of a
transition is a shortest path.
"""

import datetime as dt
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from itertools import product
from math import inf

from screening.core.compiled.variable import Variable
from screening.core.rules.ruleset import Ruleset
from screening.core.values.answer import Answer
from screening.proof.comparison.alterations import Alteration, alterations
from screening.proof.comparison.model_pair import NEWER, Cells, Ids, ModelPair, compile_pair

OPEN = "open"
"""Stands for the open outcome of a ruleset that declares none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Transition:
    """One outcome that becomes another, with the fewest answers that show it.

    ``before`` and ``after`` are ids; that of the open outcome (or ``OPEN``) where several
    are possible. ``answers_before`` and ``answers_after`` are the same patient,
    as far as each ruleset asks; they differ only in items that have the id alone in common.
    """

    before: str
    after: str
    answers_before: Mapping[str, Answer]
    answers_after: Mapping[str, Answer]


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """The difference between two rulesets.

    ``identical`` is whether they agree in every word. The others compare what they do: outcomes,
    and the flags that criteria raise, for all complete answers and for all partial ones that both
    admit. They hold for every screening date if ``for_any_day``, else for ``as_of``.
    """

    as_of: dt.date
    for_any_day: bool
    identical: bool
    outcomes_equal: bool
    flags_equal: bool
    outcomes_equal_partly: bool
    flags_equal_partly: bool
    transitions: tuple[Transition, ...]
    alterations: tuple[Alteration, ...]

    @property
    def equal(self) -> bool:
        """True if no answers, complete or partial, are assessed differently."""
        return self.outcomes_equal_partly and self.flags_equal_partly


def compare(old: Ruleset, new: Ruleset, as_of: dt.date) -> Difference:
    """Compare two rulesets.

    Time that of compiling both, and O(size²) for each pair of outcomes.

    Args:
        old: a ruleset with outcomes.
        new: another, or another version of it.
        as_of: the screening date of the patients that are shown.

    Raises:
        BudgetError: if they are too entangled to be compared.
    """
    models = compile_pair(old, new, as_of)
    flags = [_flags(models, partly=partly) for partly in (False, True)]
    return Difference(
        as_of=as_of,
        for_any_day=models.for_any_day,
        identical=bool(old.digest) and old.digest == new.digest,
        outcomes_equal=models.outcomes[0] == models.outcomes[1],
        flags_equal=flags[0],
        outcomes_equal_partly=models.possible[0] == models.possible[1],
        flags_equal_partly=flags[1],
        transitions=tuple(_transitions(models, (old, new), as_of)),
        alterations=tuple(alterations(models, old, new)),
    )


def _flags(models: ModelPair, *, partly: bool) -> bool:
    """True if the same criteria raise flags under all answers."""
    one, other = (
        {
            each.id: (each.tier, (model.kleene if partly else model.exact)[each.id])
            for each in model.ruleset.criteria
        }
        for model in (models.old, models.new)
    )
    return one == other


def _transitions(
    models: ModelPair, rulesets: tuple[Ruleset, Ruleset], as_of: dt.date
) -> Iterator[Transition]:
    """Each pair of outcomes that some answers have, dates that are known as spans among them."""
    partial = models.old.partial
    one, other = (
        partial.map(_shown(_open(ruleset), _outcome_ids(ruleset)[-1]), possible)
        for ruleset, possible in zip(rulesets, models.possible, strict=True)
    )
    pairs = partial.apply(_pair, one, other)
    costs = [
        [_cost(each, own, branch) for branch in range(each.width)]
        for each, own in zip(models.old.variables, models.cells, strict=True)
    ]
    found = partial.values(pairs)
    for pair in product(_outcome_ids(rulesets[0]), _outcome_ids(rulesets[1])):
        if pair[0] != pair[1] and pair in found:
            way = partial.cheapest(pairs, costs, _equals(pair))
            if way is not None:
                answers = _answers(models, way[1], as_of)
                yield _transition(pair, answers, rulesets, models.reused_ids)


def _cost(variable: Variable, own: Cells, branch: int) -> float:
    """The cost of an answer: none is the nearest, and a day is nearer than a span of days."""
    if branch == variable.unknown:
        return 0.0
    if not own.keys() >= set(variable.cells_of(branch)):
        return inf
    return 1.0 if branch < variable.unknown else 1.0 + _VAGUE


_VAGUE = 0.001
"""So small that no number of spans outweighs one more answer."""


def _answers(models: ModelPair, path: Mapping[int, int], as_of: dt.date) -> dict[str, Answer]:
    variables = models.old.variables
    return {
        variables[level].item.link_id: Answer(
            value=models.cells[level][branch]
            if branch < variables[level].unknown
            else variables[level].days(branch, as_of)
        )
        for level, branch in sorted(path.items())
        if branch != variables[level].unknown
    }


def _transition(
    pair: tuple[str, str],
    answers: Mapping[str, Answer],
    rulesets: tuple[Ruleset, Ruleset],
    apart: frozenset[str],
) -> Transition:
    old, new = rulesets
    newer = {key.removesuffix(NEWER): a for key, a in answers.items() if key.endswith(NEWER)}
    same = new.items.keys() - apart
    return Transition(
        before=pair[0],
        after=pair[1],
        answers_before={key: a for key, a in answers.items() if key in old.items},
        answers_after={key: a for key, a in answers.items() if key in same} | newer,
    )


def _open(ruleset: Ruleset) -> str:
    return ruleset.open_outcome.id if ruleset.open_outcome else OPEN


def _outcome_ids(ruleset: Ruleset) -> list[str]:
    said = ruleset.contradiction_outcome
    return [*(each.id for each in ruleset.outcomes), _open(ruleset), *([said.id] if said else [])]


@cache
def _shown(opened: str, contradictory: str) -> Callable[[Ids], str]:
    """The outcome that is shown while the ids are possible; of a contradiction none is."""

    def shown(ids: Ids) -> str:
        if not ids:
            return contradictory
        return min(ids) if len(ids) == 1 else opened

    return shown


def _pair(one: str, other: str) -> tuple[str, str]:
    return one, other


@cache
def _equals(pair: tuple[str, str]) -> Callable[[object], bool]:
    return lambda value: value == pair
