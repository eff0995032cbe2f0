"""Two rulesets in one space of answers, so that their functions can be compared.

An item that both ask is one variable, with the answers that both admit. Where there are none, as
when its type has changed, what is answered to the one says nothing of the other: the newer is then
an item of its own, marked by ``NEWER``. An item that one ruleset asks leaves the other unmoved.
"""

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cache

from screening.core.condition import (
    AtLeast,
    Compare,
    Condition,
    Not,
    OneOf,
    Unit,
    Within,
)
from screening.core.item import Item, ItemType
from screening.core.ruleset import Ruleset
from screening.proof.model import Model, compile_ruleset, lift
from screening.proof.sight import refined

NEWER = "'"
"""Marks the link id of a newer item; no id of a rule file holds it."""

Ids = frozenset[str]
"""Ids of outcomes that partial answers leave possible."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Space:
    """Two rulesets compiled into the same stores.

    ``outcomes`` (over complete answers) hold the id of the outcome, ``possible`` (over partial
    answers) the ids of those that are left; the older ruleset's first. ``for_any_day`` is whether
    what is found holds for any screening date: cells depend on it where one date is counted in
    days here and in months there. ``apart`` are the ids that both use for different items.
    """

    old: Model
    new: Model
    apart: frozenset[str]
    outcomes: tuple[int, int]
    possible: tuple[int, int]
    for_any_day: bool


def shared_space(old: Ruleset, new: Ruleset, as_of: dt.date) -> Space:
    """Compile two rulesets into one space; time that of compiling both.

    Args:
        old: a ruleset with outcomes.
        new: another, or another version of it.
        as_of: the screening date that dates are counted from, where that matters.

    Raises:
        BudgetError: if they are too entangled.
    """
    shared = frozenset(old.items) & frozenset(new.items)
    apart = frozenset(each for each in shared if not _joint(old, new, each))
    new = _marked(new, apart)
    items = {
        each: _joint(old, new, each) or item for each, item in {**new.items, **old.items}.items()
    }
    old, new = replace(old, items=items), replace(new, items=items)
    one = compile_ruleset(old, [each.condition for each in new.criteria])
    any_day = not any(_mixed(each.tests) for each in one.variables)
    if not any_day:
        one = _loaded(refined(one, (), as_of), old)
    other = _loaded(one, new)
    outcomes = _outcomes(one), _outcomes(other)
    possible = _possible(one, outcomes[0]), _possible(other, outcomes[1])
    return Space(
        old=one,
        new=other,
        apart=apart,
        outcomes=outcomes,
        possible=possible,
        for_any_day=any_day,
    )


def _joint(old: Ruleset, new: Ruleset, link_id: str) -> Item | None:
    """The item with the answers that both rulesets admit, if both ask it and there are any."""
    one, other = old.items.get(link_id), new.items.get(link_id)
    if one is None or other is None or one.type is not other.type:
        return None
    low, high = max(one.minimum, other.minimum), min(one.maximum, other.maximum)
    codes = {code: words for code, words in one.choices.items() if code in other.choices}
    if (one.choices and not codes) or (one.type is ItemType.NUMBER and low > high):
        return None
    return replace(one, minimum=low, maximum=high, choices=codes)


def _marked(ruleset: Ruleset, link_ids: frozenset[str]) -> Ruleset:
    """The ruleset with some of its items under marked link ids."""
    names = {each: f"{each}{NEWER}" if each in link_ids else each for each in ruleset.items}
    items = {names[each]: replace(i, link_id=names[each]) for each, i in ruleset.items.items()}
    criteria = (
        replace(each, condition=_renamed(each.condition, names)) for each in ruleset.criteria
    )
    return replace(ruleset, items=items, criteria=tuple(criteria))


def _renamed(condition: Condition, names: Mapping[str, str]) -> Condition:
    match condition:
        case Not(part=part):
            return Not(part=_renamed(part, names))
        case AtLeast(parts=parts):
            return replace(condition, parts=tuple(_renamed(part, names) for part in parts))
        case Compare() | OneOf() | Within():
            return replace(condition, item=names[condition.item])


def _mixed(tests: Iterable[Compare | OneOf | Within]) -> bool:
    """Whether a date is counted in days (or weeks) and in months (or years) as well."""
    units = {test.unit in (Unit.DAYS, Unit.WEEKS) for test in tests if isinstance(test, Within)}
    return len(units) > 1


def _loaded(model: Model, ruleset: Ruleset) -> Model:
    """A ruleset compiled into the stores and cells of a model."""
    loaded = replace(
        model, ruleset=ruleset, ladder=ruleset.outcomes, exact={}, kleene={}, _located={}
    )
    for each in ruleset.criteria:
        loaded.exact[each.id] = loaded.criterion_in(loaded.complete, each.condition)
        loaded.kleene[each.id] = loaded.criterion_in(loaded.partial, each.condition)
    loaded.outcome = loaded.outcome_with(loaded.exact)
    return loaded


def _outcomes(model: Model) -> int:
    return model.complete.map(_named(tuple(each.id for each in model.ladder)), model.outcome)


def _possible(model: Model, outcomes: int) -> int:
    return lift(model, model.complete.map(_alone, outcomes), _union)


@cache
def _named(ids: tuple[str, ...]) -> Callable[[int], str]:
    return ids.__getitem__


def _alone(outcome: str) -> Ids:
    return frozenset({outcome})


def _union(one: Ids, other: Ids) -> Ids:
    return one | other
