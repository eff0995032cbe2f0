"""The criteria as plain code: what a programmer would write by hand for one ruleset and one day.

The yardstick of every benchmark, and independent of the product's own generated code. It takes
settled rows (``answer_rows.settled``), asks each test once, and gives the truth of every criterion
as a small number, so that "and" and "or" are ``&`` and ``|`` in Kleene's logic, too.
"""

import datetime as dt
from collections.abc import Callable, Mapping

from support.bench.answer_rows import AS_OF, Row, first_key, last_key

from screening.core.compiled.representatives import last_day_outside
from screening.core.rules.condition import (
    AtLeast,
    Compare,
    Comparison,
    Condition,
    Not,
    OneOf,
    Test,
    Within,
    tests_in,
)
from screening.core.rules.item import ItemType
from screening.core.rules.ruleset import Ruleset
from screening.core.values.truth import Truth

FALSE, UNKNOWN, TRUE = 0, 1, 3
CODES: Mapping[Truth, int] = {Truth.FALSE: FALSE, Truth.UNKNOWN: UNKNOWN, Truth.TRUE: TRUE}

Judge = Callable[[Row], tuple[int, ...]]


def plain_judge(rules: Ruleset, as_of: dt.date = AS_OF) -> Judge:
    """A function from a settled row to the truths of the criteria, in the order of the ruleset."""
    made: dict[str, Judge] = {}
    exec(plain_source(rules, as_of), made)  # noqa: S102 - our own text, made of a ruleset's tests
    return made["judge"]


def plain_source(rules: Ruleset, as_of: dt.date = AS_OF) -> str:
    """The text of that function."""
    return _Writer(rules, as_of).source()


def last_ordinal_outside(test: Within, as_of: dt.date) -> int:
    """The ordinal of the last day that is too long ago; 0 if there is none."""
    day = last_day_outside(test, as_of)
    return day.toordinal() if day else 0


class _Writer:
    def __init__(self, rules: Ruleset, as_of: dt.date) -> None:
        self._rules, self._as_of = rules, as_of
        self._names: dict[tuple[Test, bool], str] = {}
        self._lines: list[str] = []

    def source(self) -> str:
        columns = self._columns()
        truths = [self._truth(each.condition, holds=True) for each in self._rules.criteria]
        read = [f"{each} = row[{each!r}]" for each in columns]
        body = [*read, *self._lines, f"return ({', '.join(truths)},)"]
        return "\n    ".join(["def judge(row):", *body]) + "\n"

    def _columns(self) -> list[str]:
        tests = [test for each in self._rules.criteria for test in tests_in(each.condition)]
        named = (
            (first_key(test.item), last_key(test.item))
            if isinstance(test, Within)
            else (test.item,)
            for test in tests
        )
        return list(dict.fromkeys(column for columns in named for column in columns))

    def _truth(self, condition: Condition, *, holds: bool) -> str:
        """The expression for the truth that a condition holds, or that it does not."""
        match condition:
            case Not(part=part):
                return self._truth(part, holds=not holds)
            case AtLeast(count=count, parts=parts):
                enough = count if holds else len(parts) - count + 1
                return _at_least(enough, [self._truth(part, holds=holds) for part in parts])
            case _:
                return self._name(condition, holds=holds)

    def _name(self, test: Test, *, holds: bool) -> str:
        """The variable of a test, which is asked once."""
        if (test, holds) not in self._names:
            self._names[test, holds] = name = f"t{len(self._names)}"
            self._lines.append(f"{name} = {self._tested(test, holds=holds)}")
        return self._names[test, holds]

    def _tested(self, test: Test, *, holds: bool) -> str:
        yes, no = (TRUE, FALSE) if holds else (FALSE, TRUE)
        if isinstance(test, Within):
            first, last = first_key(test.item), last_key(test.item)
            out = last_ordinal_outside(test, self._as_of)
            return f"{yes} if {first} > {out} else {UNKNOWN} if {last} > {out} else {no}"
        passed = self._passed(test)
        return f"{UNKNOWN} if {test.item} is None else {yes} if {passed} else {no}"

    def _passed(self, test: Compare | OneOf) -> str:
        name = test.item
        if isinstance(test, Compare):
            return f"{name} {'>=' if test.comparison is Comparison.AT_LEAST else '<='} {test.bound}"
        kind = self._rules.items[name].type
        if kind is ItemType.CHOICES:
            codes = ", ".join(map(repr, sorted(map(str, test.values))))
            return f"not {{{codes}}}.isdisjoint({name})"
        if kind is ItemType.YES_NO and len(test.values) == 1:
            return name if True in test.values else f"not {name}"
        codes = ", ".join(map(repr, sorted(test.values, key=str)))
        return f"{name} == {codes}" if len(test.values) == 1 else f"{name} in ({codes},)"


def _at_least(count: int, parts: list[str]) -> str:
    if count <= 0 or count > len(parts):
        return str(TRUE if count <= 0 else FALSE)
    if count in (1, len(parts)):
        return f"({(' & ' if count == len(parts) else ' | ').join(parts)})"
    listed = f"({', '.join(parts)})"
    sure, left = f"{listed}.count({TRUE}) >= {count}", len(parts) - count
    return f"({TRUE} if {sure} else {UNKNOWN} if {listed}.count({FALSE}) <= {left} else {FALSE})"
