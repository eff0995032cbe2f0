"""A ruleset as a short program: the one form that straight code, tables and columns are made from.

A program reads *inputs*, each an item with the cells of answers that the tests of all conditions
tell apart, and *days*, each a date as a first and a last day. Its *steps* are in post-order: a test
of an input, a comparison of days with a cut-off, or a connective of earlier steps. Equal conditions
share one step. A date in an order of events is read in two ways: as it was answered, which the
rules of consistency look at, and as the order leaves it, which the criteria look at.

Truths are numbers of which ``&`` and ``|`` are Kleene's connectives: false 0, unknown 1, true 3.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar, assert_never, cast

from screening.core.compiled.model import Model, model_of
from screening.core.compiled.variable import Variable, variable_of
from screening.core.rules.condition import (
    AtLeast,
    Compare,
    Condition,
    Not,
    OneOf,
    Test,
    Unit,
    Within,
    tests_in,
)
from screening.core.rules.consistency import Never, pairs_of
from screening.core.rules.item import ItemType
from screening.core.rules.ruleset import Ruleset
from screening.core.values.truth import Truth

FALSE, UNKNOWN, TRUE = 0, 1, 3
CODES = {Truth.FALSE: FALSE, Truth.UNKNOWN: UNKNOWN, Truth.TRUE: TRUE}
TRUTHS = {code: truth for truth, code in CODES.items()}
OPPOSITE = (TRUE, UNKNOWN, UNKNOWN, FALSE)
"""The negation of a truth, by its number; 2 is no truth."""

_Entry = TypeVar("_Entry")

Length = tuple[int, Unit]
"""A length of calendar time before the screening date; a *cut* is the place of one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Days:
    """A date as a program reads it: its first and its last day.

    ``ordered`` is true of a date as the order of events leaves it.
    """

    link_id: str
    ordered: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class TestStep:
    """A test of an input: the truth under each branch of its answer."""

    at: int
    truths: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RecentStep:
    """True if every day that a date can be is after a cut-off, false if none is."""

    days: int
    cut: int


@dataclass(frozen=True, slots=True, kw_only=True)
class NotStep:
    """The negation of a step."""

    part: int


@dataclass(frozen=True, slots=True, kw_only=True)
class GatherStep:
    """True if ``count`` or more of the steps are: 1 is any, all of them is all."""

    count: int
    parts: tuple[int, ...]


Step = TestStep | RecentStep | NotStep | GatherStep


@dataclass(frozen=True, slots=True, kw_only=True)
class InputLevel:
    """A variable of the model: for each branch of an input, the branch of the variable."""

    at: int
    branches: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DaysLevel:
    """A date of the model, whose cells are between cut-offs.

    The place of a day is the number of ``cuts``, the latest first, that it is not after;
    ``branches`` has the branch of the variable by the places of the last and the first day.
    """

    days: int
    cuts: tuple[int, ...]
    branches: tuple[tuple[int, ...], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """A ruleset compiled to steps.

    ``criteria`` are the steps of the criteria, in their order; ``gates`` those of the conditions
    under which items are asked; ``nevers`` those of the conditions that a rule of consistency
    forbids, by its place in ``ruleset.consistency``. The first ``own`` steps are those of criteria
    and gates, and make a trace; the others are of rules of consistency alone. ``levels`` tell for
    each variable of the ``model`` how its branch is found. ``pairs`` are the dates in an order, the
    earlier first.
    """

    ruleset: Ruleset
    model: Model
    inputs: tuple[Variable, ...]
    days: tuple[Days, ...]
    cuts: tuple[Length, ...]
    steps: tuple[Step, ...]
    criteria: tuple[int, ...]
    gates: Mapping[str, int]
    nevers: Mapping[int, int]
    own: int
    levels: tuple[InputLevel | DaysLevel, ...]
    pairs: tuple[tuple[str, str], ...]


def program_of(ruleset: Ruleset) -> Program:
    """The program of a ruleset that has outcomes; time O(size of the conditions · cells).

    Raises:
        BudgetError: if the ruleset is too entangled to be compiled.
    """
    writer, model = _Writer(ruleset), model_of(ruleset)
    criteria = tuple(writer.step(each.condition) for each in ruleset.criteria)
    asked = ((link_id, item.ask_if) for link_id, item in ruleset.items.items())
    gates = {link_id: writer.step(ask_if) for link_id, ask_if in asked if ask_if is not None}
    own = len(writer.steps)
    nevers = {
        place: writer.step(rule.check.condition, ordered=False)
        for place, rule in enumerate(ruleset.consistency)
        if isinstance(rule.check, Never)
    }
    levels = tuple(writer.level(variable) for variable in model.variables)
    return Program(
        ruleset=ruleset,
        model=model,
        inputs=tuple(writer.variables[link_id] for link_id in writer.inputs),
        days=tuple(writer.days),
        cuts=tuple(writer.cuts),
        steps=tuple(writer.steps),
        criteria=criteria,
        gates=gates,
        nevers=nevers,
        own=own,
        levels=levels,
        pairs=pairs_of(ruleset.consistency),
    )


def all_conditions(ruleset: Ruleset) -> Iterator[Condition]:
    """Every condition that a program of the ruleset tests."""
    yield from (each.condition for each in ruleset.criteria)
    yield from (item.ask_if for item in ruleset.items.values() if item.ask_if is not None)
    checks = (rule.check for rule in ruleset.consistency)
    yield from (check.condition for check in checks if isinstance(check, Never))


@dataclass(slots=True)
class _Writer:
    """Writes the steps of conditions, each once; a dictionary keeps the place of what is in it."""

    ruleset: Ruleset
    inputs: dict[str, int] = field(default_factory=dict[str, int])
    days: dict[Days, int] = field(default_factory=dict[Days, int])
    cuts: dict[Length, int] = field(default_factory=dict[Length, int])
    steps: dict[Step, int] = field(default_factory=dict[Step, int])
    variables: dict[str, Variable] = field(init=False)
    _ordered: frozenset[str] = field(init=False)

    def __post_init__(self) -> None:
        tests: dict[str, dict[Test, None]] = {}
        for condition in all_conditions(self.ruleset):
            for test in tests_in(condition):
                tests.setdefault(test.item, {})[test] = None
        items = self.ruleset.items
        self.variables = {
            link_id: variable_of(items[link_id], tuple(own))
            for link_id, own in tests.items()
            if items[link_id].type is not ItemType.DATE
        }
        self._ordered = frozenset(
            link_id for pair in pairs_of(self.ruleset.consistency) for link_id in pair
        )

    def step(self, condition: Condition, *, ordered: bool = True) -> int:
        """The step of a condition.

        Args:
            condition: what to write.
            ordered: read dates as the order of events leaves them.
        """
        match condition:
            case Not(part=part):
                step: Step = NotStep(part=self.step(part, ordered=ordered))
            case AtLeast(count=count, parts=parts):
                below = tuple(self.step(part, ordered=ordered) for part in parts)
                step = GatherStep(count=count, parts=below)
            case Within(item=link_id, length=length, unit=unit):
                days = self._days(link_id, ordered=ordered)
                step = RecentStep(days=days, cut=_place(self.cuts, (length, unit)))
            case Compare() | OneOf():
                variable = self.variables[condition.item]
                truths = tuple(_truths(variable, condition))
                step = TestStep(at=_place(self.inputs, condition.item), truths=truths)
            case _:
                assert_never(condition)
        return _place(self.steps, step)

    def level(self, variable: Variable) -> InputLevel | DaysLevel:
        """The way to find the branch of a variable of the model."""
        if variable.item.type is ItemType.DATE:
            return self._days_level(variable)
        own = self.variables[variable.item.link_id]
        which = [own.tests.index(test) for test in variable.tests]
        cells = [variable.cells.index(tuple(cell[i] for i in which)) for cell in own.cells]
        return InputLevel(
            at=_place(self.inputs, own.item.link_id), branches=(*cells, variable.unknown)
        )

    def _days_level(self, variable: Variable) -> DaysLevel:
        places = range(len(variable.cells))
        cuts = [_place(self.cuts, _length_between(variable, newer)) for newer in places[:-1]]
        return DaysLevel(
            days=self._days(variable.item.link_id, ordered=True),
            cuts=tuple(cuts),
            branches=tuple(
                tuple(variable.branch_of(newest, max(newest, oldest)) for oldest in places)
                for newest in places
            ),
        )

    def _days(self, link_id: str, *, ordered: bool) -> int:
        return _place(
            self.days, Days(link_id=link_id, ordered=ordered and link_id in self._ordered)
        )


def _place(places: dict[_Entry, int], entry: _Entry) -> int:
    """The place of an entry, which becomes the last one if it is new."""
    return places.setdefault(entry, len(places))


def _truths(variable: Variable, test: Test) -> Iterator[int]:
    """The truth of a test under each cell, and where there is no answer."""
    which = variable.tests.index(test)
    yield from (TRUE if cell[which] else FALSE for cell in variable.cells)
    yield UNKNOWN


def _length_between(variable: Variable, newer: int) -> Length:
    """The length after which a day is in the next older cell."""
    passed, failed = variable.cells[newer], variable.cells[newer + 1]
    tests = cast("Sequence[Within]", variable.tests)  # which all tests of a date are
    test = next(t for t, p, f in zip(tests, passed, failed, strict=True) if p and not f)
    return test.length, test.unit
