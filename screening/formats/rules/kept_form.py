"""A ruleset with its compiled form as JSON data, to be kept and read back quickly.

To be read back only where it is sure that this program wrote it: nothing is proved again.
"""

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import fields
from enum import Enum
from functools import cache
from typing import Any, cast

from screening.core.compiled.diagram import Diagram
from screening.core.compiled.model import Model, keep_model, model_of
from screening.core.compiled.variable import Variable, levels_of
from screening.core.rules.condition import (
    AtLeast,
    Compare,
    Comparison,
    Not,
    OneOf,
    Unit,
    Within,
)
from screening.core.rules.consistency import Age, Consistency, Never, Order
from screening.core.rules.item import Finder, Item, ItemType, Section
from screening.core.rules.option import Option, Statement, Writer
from screening.core.rules.patient_path import PatientPath
from screening.core.rules.ruleset import (
    Criterion,
    Disagreement,
    DoctorQuestion,
    Matter,
    Outcome,
    Part,
    Position,
    Ruleset,
    Silence,
    Status,
    Strength,
    Tier,
    Trigger,
)
from screening.core.rules.term import Term
from screening.core.values.citation import Basis, Citation, Source
from screening.core.values.truth import Truth
from screening.core.values.wording import Wording

KINDS: tuple[type[Any], ...] = (
    *(AtLeast, Compare, Not, OneOf, Within, Age, Consistency, Never, Order, Item, Section),
    *(Criterion, Disagreement, DoctorQuestion, Outcome, Part, Position, Ruleset, Silence),
    *(Citation, Source, Wording, Term, PatientPath, Option, Statement, Writer),
)
CHOICES: tuple[type[Enum], ...] = (
    *(Comparison, Unit, Finder, ItemType, Matter, Status, Strength, Tier, Trigger, Basis, Truth),
)
_KIND: dict[type[Any], int] = {kind: place for place, kind in enumerate(KINDS)}
_MEMBERS = [cast("dict[str, Enum]", {**kind.__members__}) for kind in CHOICES]
_CHOICE: dict[type[Enum], int] = {kind: place for place, kind in enumerate(CHOICES)}


def write_kept(ruleset: Ruleset) -> list[Any]:
    """A ruleset as data, with its compiled form if it has outcomes."""
    return [_plain(ruleset), _plain_model(model_of(ruleset)) if ruleset.outcomes else None]


def read_kept(data: list[Any]) -> Ruleset:
    """The ruleset that was written; ``model_of`` gives its compiled form without compiling."""
    ruleset = cast("Ruleset", _value(data[0]))
    if data[1] is not None:
        keep_model(_model(data[1], ruleset))
    return ruleset


def _plain_model(model: Model) -> list[Any]:
    complete = [*model.exact.values(), model.outcome, model.valid]
    partial = [*model.kleene.values(), model.possible]
    return [
        [[each.item.link_id, *map(_plain, _rest(each))] for each in model.variables],
        _plain(model.pairs),
        [*model.exact],
        _plain_nodes(model.complete, complete),
        _plain_nodes(model.partial, partial),
    ]


def _model(data: list[Any], ruleset: Ruleset) -> Model:
    variables = tuple(_variable(ruleset.items[link_id], *rest) for link_id, *rest in data[0])
    complete = Diagram([len(each.cells) for each in variables])
    partial = Diagram([each.width for each in variables])
    *exact, outcome, valid = _nodes(complete, data[3])
    *kleene, possible = _nodes(partial, data[4])
    return Model(
        ruleset=ruleset,
        decision_list=ruleset.outcomes,
        variables=variables,
        complete=complete,
        partial=partial,
        exact=dict(zip(data[2], exact, strict=True)),
        kleene=dict(zip(data[2], kleene, strict=True)),
        levels=levels_of(variables),
        pairs=_value(data[1]),
        valid=valid,
        outcome=outcome,
        possible=possible,
    )


def _rest(variable: Variable) -> tuple[object, ...]:
    return variable.tests, variable.cells, variable.spans


def _variable(item: Item, tests: object, cells: object, spans: object) -> Variable:
    return Variable(item=item, tests=_value(tests), cells=_value(cells), spans=_value(spans))


def _plain_nodes(diagram: Diagram, roots: list[int]) -> list[Any]:
    """The nodes below roots as ``Diagram.fill`` takes them, and the roots by their new numbers."""
    order = sorted(diagram.reach(*roots))
    number = {node: place for place, node in enumerate(order)}
    ends = [node for node in order if diagram.level(node) == diagram.bottom]
    return [
        [diagram.level(node) for node in order],
        [number[each] for node in order for each in diagram.children(node)],
        [_plain(diagram.value(node)) for node in ends],
        [number[root] for root in roots],
    ]


def _nodes(diagram: Diagram, data: list[Any]) -> list[int]:
    levels, below, values, roots = data
    diagram.fill(levels, below, [_value(each) for each in values])
    return list(roots)


def _plain(value: object) -> Any:  # noqa: ANN401 - JSON data has no narrower type
    """Any part of a ruleset as data: a list begins with what kind of value it is."""
    match value:
        case None | str() | int():
            data: Any = value
        case Enum():
            data = ["e", _CHOICE[type(value)], value.name]
        case dt.date():
            data = ["d", value.isoformat()]
        case Mapping():
            pairs = cast("Mapping[str, object]", value).items()
            data = ["m", *(each for key, value in pairs for each in (key, _plain(value)))]
        case frozenset():
            data = ["s", *sorted(map(_plain, cast("frozenset[object]", value)), key=repr)]
        case tuple():
            data = ["t", *map(_plain, cast("tuple[object, ...]", value))]
        case _:
            place = _KIND[type(value)]
            data = [place, *(_plain(getattr(value, name)) for name in _names(place))]
    return data


def _value(data: Any) -> Any:  # noqa: ANN401 - the same
    if not isinstance(data, list):
        return data
    whole: list[Any] = cast("Any", data)
    tag, given = whole[0], whole[1:]
    rest: list[Any] = [_value(each) if isinstance(each, list) else each for each in given]
    if isinstance(tag, int):
        return KINDS[tag](**dict(zip(_names(tag), rest, strict=True)))
    return _READERS[tag](rest)


def _member(rest: list[Any]) -> Enum:
    place, name = int(rest[0]), str(rest[1])
    return _MEMBERS[place][name]


def _day(rest: list[Any]) -> dt.date:
    return dt.date.fromisoformat(str(rest[0]))


def _mapping(rest: list[Any]) -> dict[str, Any]:
    return dict(zip(rest[::2], rest[1::2], strict=True))


_READERS: dict[str, Callable[[list[Any]], object]] = {
    "e": _member,
    "d": _day,
    "m": _mapping,
    "s": frozenset,
    "t": tuple,
}


@cache
def _names(kind: int) -> tuple[str, ...]:
    return tuple(each.name for each in fields(KINDS[kind]))
