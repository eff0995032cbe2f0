"""Proofs about dates: spans of days, and the closing days of lengths of time.

The evaluator itself is asked, so that the diagrams are held against it.
"""

import datetime as dt

from screening.core.compiled.model import Model
from screening.core.compiled.variable import Variable
from screening.core.rules.condition import Test, Within, add_time
from screening.core.rules.finding import evaluate
from screening.core.rules.item import ItemType
from screening.core.values.answer import Answer
from screening.core.values.truth import Truth
from screening.proof.checks.proof_context import ProofContext
from screening.proof.checks.weakness import CheckResult, Fault, Weakness

_LEAP_CYCLE = range(dt.date(2027, 1, 1).toordinal(), dt.date(2031, 1, 1).toordinal())


def check_spans(context: ProofContext) -> CheckResult:
    """Each test of a date on each span of neighbouring cells, by evaluator and by diagram."""
    model, as_of = context.model, context.as_of
    dated = [each for each in model.variables if each.item.type is ItemType.DATE]
    found = [
        _weakness("span", Fault.SPAN_MISJUDGED, each)
        for each in dated
        if not all(_judged_by_every_day(model, each, test, as_of) for test in each.tests)
    ]
    return sum(each.width * len(each.tests) for each in dated), found


def _judged_by_every_day(model: Model, variable: Variable, test: Test, as_of: dt.date) -> bool:
    link_id, level = variable.item.link_id, model.levels[variable.item.link_id]
    function = model.criterion_in(model.partial, test)
    path, which = [0] * model.partial.bottom, variable.tests.index(test)
    for branch in range(variable.width):
        days = variable.days(branch, as_of)
        truth = evaluate(test, {link_id: Answer(value=days)}, as_of).truth
        cells = {variable.cells[cell][which] for cell in variable.cells_of(branch)}
        expected = Truth.of(value=cells == {True}) if len(cells) == 1 else Truth.UNKNOWN
        path[level] = branch
        if not truth is expected is model.partial.at(function, path):
            return False
    return True


def check_windows(context: ProofContext) -> CheckResult:
    """Each length of time from each day of a cycle of leap years: all other years are alike."""
    lengths = {
        (test.length, test.unit): variable
        for variable in context.model.variables
        for test in variable.tests
        if isinstance(test, Within)
    }
    found = [
        _weakness("window", Fault.WINDOW_MISJUDGED, variable)
        for (length, unit), variable in lengths.items()
        if not all(
            _closes(Within(item=variable.item.link_id, length=length, unit=unit), day)
            for day in map(dt.date.fromordinal, _LEAP_CYCLE)
        )
    ]
    return len(lengths), found


def _closes(test: Within, day: dt.date) -> bool:
    closing = add_time(day, test.length, test.unit)
    answers = {test.item: Answer(value=day)}
    truths = [evaluate(test, answers, closing + dt.timedelta(days=after)).truth for after in (0, 1)]
    return truths == [Truth.TRUE, Truth.FALSE]


def _weakness(code: str, fault: Fault, variable: Variable) -> Weakness:
    return Weakness(code, fault, variable.item.link_id, kind="item")
