"""Two rulesets over the same answers, so that their functions can be compared.

They are compared on the answers that both admit; what an unanswered item may turn out to be is each
ruleset's own affair. Where no answer to an item is admitted by both, as when its type has changed,
what is answered to the one says nothing of the other: the newer is then an item of its own, marked
by ``NEWER``. An item that one ruleset asks leaves the other unmoved.
"""

import datetime as dt
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache

from screening.core.compiled.diagram import Diagram
from screening.core.compiled.functions import join_functions
from screening.core.compiled.model import Model, compile_ruleset, valid_in
from screening.core.compiled.representatives import representatives
from screening.core.compiled.variable import Variable
from screening.core.rules.condition import (
    AtLeast,
    Compare,
    Condition,
    Not,
    OneOf,
    Unit,
    Within,
)
from screening.core.rules.consistency import pairs_of
from screening.core.rules.item import Item
from screening.core.rules.ruleset import Ruleset
from screening.core.values.answer import Value
from screening.proof.examples.edit_effects import refine_model

NEWER = "'"
"""Marks the link id of a newer item; no id of a rule file holds it."""

Ids = frozenset[str]
"""Ids of outcomes that partial answers leave possible."""

Cells = Mapping[int, Value]
"""The cells of an item that admitted answers have, each with one answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelPair:
    """Two rulesets compiled into the same stores, with equal functions where they are equal.

    ``outcomes`` (over complete answers) hold the id of the outcome, ``possible`` (over partial
    answers) the ids of those that are left; the older ruleset's first. ``cells`` are, for each
    level, those that both admit. ``reused_ids`` are the ids that both use for different items.
    ``for_any_day`` is whether what is found holds for any screening date: cells depend on it where
    one date is counted in days here and in months there.
    """

    old: Model
    new: Model
    reused_ids: frozenset[str]
    cells: tuple[Cells, ...]
    outcomes: tuple[int, int]
    possible: tuple[int, int]
    for_any_day: bool


def compile_pair(old: Ruleset, new: Ruleset, as_of: dt.date) -> ModelPair:
    """Compile two rulesets into the same stores; time that of compiling both.

    Args:
        old: a ruleset with outcomes.
        new: another, or another version of it.
        as_of: the screening date that dates are counted from, where that matters.

    Raises:
        BudgetError: if they are too entangled.
    """
    shared = frozenset(old.items) & frozenset(new.items)
    apart = frozenset(each for each in shared if _common(old.items[each], new.items[each]) is None)
    new = _marked(new, apart)
    one, any_day = _compiled(old, new, as_of)
    other = _loaded(one, new)
    cells = [
        [_cells(variable, items.get(variable.item.link_id), as_of) for variable in one.variables]
        for items in (old.items, new.items, _items(old, new, _common))
    ]
    possible = (_possible(one, cells[0]), _possible(other, cells[1]))
    kept = _RestrictedCells(one, cells[2])
    for model in (one, other):
        for functions, store in ((model.exact, model.complete), (model.kleene, model.partial)):
            functions.update({key: kept.of(store, each) for key, each in functions.items()})
    return ModelPair(
        old=one,
        new=other,
        reused_ids=apart,
        cells=tuple(cells[2]),
        outcomes=(kept.of(one.complete, _outcomes(one)), kept.of(one.complete, _outcomes(other))),
        possible=(kept.of(one.partial, possible[0]), kept.of(one.partial, possible[1])),
        for_any_day=any_day,
    )


def _compiled(old: Ruleset, new: Ruleset, as_of: dt.date) -> tuple[Model, bool]:
    """The older ruleset in the shared cells, and whether these suit any screening date."""
    wide = replace(old, items=_items(old, new, _either))
    conditions = [each.condition for each in new.criteria]
    model = compile_ruleset(wide, conditions, new.consistency)
    if not any(_mixed(each.tests) for each in model.variables):
        return model, True
    return _loaded(refine_model(model, (), as_of), wide), False


def _items(
    old: Ruleset, new: Ruleset, join: Callable[[Item, Item], Item | None]
) -> dict[str, Item]:
    """The items of both rulesets, joined where both have them."""
    joined = {each: join(i, new.items[each]) for each, i in old.items.items() if each in new.items}
    every = {**new.items, **old.items, **joined}
    return {link_id: item for link_id, item in every.items() if item}


def _common(one: Item, other: Item) -> Item | None:
    """The item with the answers that both admit, if there are any."""
    low, high = max(one.minimum, other.minimum), min(one.maximum, other.maximum)
    codes = {code: words for code, words in one.choices.items() if code in other.choices}
    nothing = (one.choices and not codes) or low > high
    if one.type is not other.type or nothing:
        return None
    return replace(one, minimum=low, maximum=high, choices=codes)


def _either(one: Item, other: Item) -> Item:
    """The item with the answers that one or the other admits."""
    low, high = min(one.minimum, other.minimum), max(one.maximum, other.maximum)
    return replace(one, minimum=low, maximum=high, choices={**other.choices, **one.choices})


def _cells(variable: Variable, item: Item | None, as_of: dt.date) -> Cells:
    """The cells that an item's own answers lie in; all, where it is not asked."""
    asked = item or variable.item
    found: dict[int, Value] = {}
    for value in representatives(asked, variable.tests, as_of):
        if not isinstance(value, frozenset) or value <= asked.choices.keys():
            found.setdefault(variable.locate(value, as_of), value)
    return found


class _RestrictedCells:
    """Functions of which no more is kept than what they are in some cells.

    Other cells are given the function of one that is kept, so that two functions that agree in all
    that is kept become equal.
    """

    def __init__(self, model: Model, cells: Sequence[Cells]) -> None:
        self._variables, self._cells = model.variables, cells
        sizes = model.complete.arities
        self._all = all(len(own) == n for own, n in zip(cells, sizes, strict=True))
        self._known: dict[tuple[Diagram, int], int] = {}

    def of(self, diagram: Diagram, function: int) -> int:
        level = diagram.level(function)
        if self._all or level == diagram.bottom:
            return function
        key = (diagram, function)
        if key not in self._known:
            below = [self.of(diagram, child) for child in diagram.children(function)]
            own, variable = self._cells[level], self._variables[level]
            cells = {b for b in range(variable.width) if own.keys() >= set(variable.cells_of(b))}
            cells.add(variable.unknown)
            spare = below[min(cells)]
            kept = [each if cell in cells else spare for cell, each in enumerate(below)]
            self._known[key] = diagram.node(level, kept)
        return self._known[key]


def _marked(ruleset: Ruleset, link_ids: frozenset[str]) -> Ruleset:
    """The ruleset with some of its items under marked link ids."""
    names = {each: f"{each}{NEWER}" if each in link_ids else each for each in ruleset.items}
    items = {names[each]: replace(i, link_id=names[each]) for each, i in ruleset.items.items()}
    criteria = (
        replace(each, condition=_renamed(each.condition, names)) for each in ruleset.criteria
    )
    rules = (rule for rule in ruleset.consistency if rule.items.isdisjoint(link_ids))
    return replace(ruleset, items=items, criteria=tuple(criteria), consistency=tuple(rules))


def _renamed(condition: Condition, names: Mapping[str, str]) -> Condition:
    match condition:
        case Not(part=part):
            return Not(part=_renamed(part, names))
        case AtLeast(parts=parts):
            return replace(condition, parts=tuple(_renamed(part, names) for part in parts))
        case Compare() | OneOf() | Within():
            return replace(condition, item=names[condition.item])


def _mixed(tests: Iterable[Compare | OneOf | Within]) -> bool:
    """True if a date is counted in days (or weeks) and in months (or years) as well."""
    units = {test.unit in (Unit.DAYS, Unit.WEEKS) for test in tests if isinstance(test, Within)}
    return len(units) > 1


def _loaded(model: Model, ruleset: Ruleset) -> Model:
    """A ruleset compiled into the stores and cells of a model."""
    known = (pair for pair in pairs_of(ruleset.consistency) if set(pair) <= model.levels.keys())
    loaded = replace(
        model,
        ruleset=ruleset,
        decision_list=ruleset.outcomes,
        exact={},
        kleene={},
        pairs=tuple(known),
        _located={},
    )
    loaded.valid = valid_in(loaded)
    for each in ruleset.criteria:
        loaded.exact[each.id] = loaded.criterion_in(loaded.complete, each.condition)
        loaded.kleene[each.id] = loaded.criterion_in(loaded.partial, each.condition)
    loaded.outcome = loaded.outcome_with(loaded.exact)
    return loaded


def _outcomes(model: Model) -> int:
    return model.complete.map(_named(tuple(each.id for each in model.decision_list)), model.outcome)


def _possible(model: Model, cells: Sequence[Cells]) -> int:
    """The outcomes that are left when "unknown" stands for the answers that one ruleset admits.

    As ``model.lift``, but for cells that the ruleset does not know of.
    """
    complete, partial = model.complete, model.partial
    memo: dict[int, int] = {}

    def lifted(f: int) -> int:
        if f not in memo:
            level = complete.level(f)
            if level == complete.bottom:
                ids = complete.value(f)
                memo[f] = partial.constant(frozenset[object](() if ids is None else (ids,)))
            else:
                below, variable = list(map(lifted, complete.children(f))), model.variables[level]
                spans = map(variable.cells_of, range(variable.unknown, variable.width))
                wide = ([below[cell] for cell in span if cell in cells[level]] for span in spans)
                nobody = partial.constant(frozenset[object]())
                joins = (join_functions(partial, _union, [nobody, *each]) for each in wide)
                memo[f] = partial.node(level, [*below, *joins])
        return memo[f]

    return lifted(_outcomes(model))


@cache
def _named(ids: tuple[str, ...]) -> Callable[[int | None], str | None]:
    return lambda place: None if place is None else ids[place]


def _union(one: Ids, other: Ids) -> Ids:
    return one | other
